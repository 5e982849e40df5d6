/* SPDX-License-Identifier: Apache-2.0 */
/* Libraries that the loader finds by /etc/ld.so.cache alone: that is not made again here. */
#include "repair/apt/dpkg.h"

/* Where Debian's loader looks without its cache: lib, usr/lib, and the folder of the architecture.
 */
static bool is_default(struct hm_str folder)
{
	if (hm_starts(folder, HM_STR("usr/")))
		folder = hm_from(folder, strlen("usr/"));
	struct hm_str top = hm_cut(&folder, '/');
	return hm_eqz(top, "lib") && hm_find_char(folder, '/') == SIZE_MAX &&
	       (!folder.n || hm_find(folder, HM_STR("-linux-gnu")) != SIZE_MAX);
}

static hm_err add_folders(struct hm_cx *cx, const struct repair_root *root, struct hm_str text,
			  struct hm_map *out)
{
	while (text.n) {
		struct hm_str line = hm_line(&text), place;
		line = hm_trim(hm_cut(&line, '#'));
		if (!hm_starts(line, HM_STR("/")))
			continue;
		HM_TRY(repair_root_target(cx, root, line, &place));
		if (!is_default(place))
			hm_map_put(cx, out, place, out);
	}
	return NULL;
}

static bool is_config(struct hm_str path)
{
	return hm_eqz(path, "etc/ld.so.conf") ||
	       (hm_eqz(hm_dirname(path), "etc/ld.so.conf.d") && hm_ends(path, HM_STR(".conf")));
}

/* ld.so.conf(5), of the image and of the packages. */
static hm_err read_folders(struct hm_cx *cx, const struct dpkg_at *at, struct hm_map *out)
{
	const struct repair_root *root = &at->run->root;
	for (size_t i = 0; i < root->nodes.n; i++) {
		const struct repair_node *n = root->nodes.entries[i].value;
		if (!n->is_gone && is_config(n->path))
			HM_TRY(add_folders(cx, root, n->content, out));
	}
	for (size_t i = 0; i < at->l->emitted.n; i++) {
		const struct repair_put *p = at->l->emitted.entries[i].value;
		if (!p->is_dropped && is_config(p->e.path))
			HM_TRY(add_folders(cx, root, p->content, out));
	}
	return NULL;
}

hm_err repair_dpkg_libraries(struct hm_cx *cx, const struct dpkg_at *at)
{
	struct hm_map folders = { 0 };
	HM_TRY(read_folders(cx, at, &folders));
	for (size_t i = 0; i < at->l->emitted.n; i++) {
		const struct repair_put *p = at->l->emitted.entries[i].value;
		struct hm_str path = p->e.path;
		if (p->is_dropped || p->e.type == TAR_DIR ||
		    !hm_map_has(&folders, hm_dirname(path)) ||
		    !hm_starts(hm_basename(path), HM_STR("lib")) ||
		    hm_find(hm_basename(path), HM_STR(".so")) == SIZE_MAX ||
		    repair_root_at(&at->run->root, path))
			continue;
		*hm_push(cx, &at->run->result->notes) = hm_fmt(
			cx,
			"/%.*s is new, and the loader finds it by /etc/ld.so.cache alone: run "
			"ldconfig in a layer above, unless a script did",
			HM_FMT(path));
	}
	return NULL;
}
