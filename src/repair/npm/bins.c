/* SPDX-License-Identifier: Apache-2.0 */
/* Links to the programs of a package, as npm's bin-links makes them. */
#include "repair/npm/npm.h"

/* "./cli.js" and "cli.js" are the same; what leads out is none. */
static struct hm_str clean(struct hm_cx *cx, struct hm_str path)
{
	struct hm_str out;
	return tar_clean_path(cx, path, &out) ? HM_STR("") : out;
}

struct bin {
	struct hm_str name, path;
};
struct bins {
	struct bin *p;
	size_t n, cap;
};

/* "bin": a path, under the package's own name, or an object. */
static void read_bins(struct hm_cx *cx, struct json manifest, struct bins *out)
{
	struct json bin = json_get(manifest, "bin");
	if (json_is_string(bin))
		*hm_push(cx, out) = (struct bin){ hm_basename(json_str(json_get(manifest, "name"))),
						  clean(cx, json_str(bin)) };
	if (!json_is_object(bin))
		return;
	for (struct json_iter it = json_iter(bin); json_next(&it);)
		*hm_push(cx, out) =
			(struct bin){ hm_basename(it.key), clean(cx, json_str(it.value)) };
}

bool repair_npm_is_bin(struct json manifest, struct hm_str path)
{
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct bins bins = { 0 };
	read_bins(&cx, manifest, &bins);
	for (size_t i = 0; i < bins.n; i++)
		if (hm_eq(bins.p[i].path, path))
			return true;
	return false;
}

/* The folder of links, and what leads from there to the packages: ".bin" and "..", or, of packages
 * that are installed for all, "bin" of the prefix. */
static void find_place(struct hm_cx *cx, const struct npm_place *at, struct hm_str folder,
		       struct hm_str *out_bin, struct hm_str *out_up)
{
	struct hm_str container = repair_npm_container(folder);
	struct hm_str modules = container.n ? hm_fmt(cx, "%.*s/node_modules", HM_FMT(container))
					    : HM_STR("node_modules");
	*out_bin = hm_fmt(cx, "%.*s/.bin", HM_FMT(modules));
	*out_up = HM_STR("..");
	if (hm_eqz(hm_basename(container), "lib") &&
	    !repair_root_at(&at->run->root, hm_fmt(cx, "%.*s/package.json", HM_FMT(container)))) {
		struct hm_str prefix = hm_dirname(container);
		*out_bin = hm_fmt(cx, "%.*s%sbin", HM_FMT(prefix), prefix.n ? "/" : "");
		*out_up = HM_STR("../lib/node_modules");
	}
}

static hm_err put_link(struct hm_cx *cx, const struct npm_place *at, const struct npm_package *p,
		       struct hm_str path, struct hm_str target)
{
	const struct repair_node *n = repair_root_at(&at->run->root, path);
	struct tar_entry e = { .path = path,
			       .link = target,
			       .type = TAR_SYMLINK,
			       .mode = 0777,
			       .uid = p->node->uid,
			       .gid = p->node->gid,
			       .mtime = at->layer->newest };
	HM_TRY(repair_vanish_keep(cx, at->vanish, path));
	if (n && n->type == TAR_SYMLINK && hm_eq(n->link, target))
		return NULL;
	return repair_layer_put(cx, at->layer, &e);
}

hm_err repair_npm_bins(struct hm_cx *cx, const struct npm_place *at,
		       const struct npm_package *package, struct json before, struct json after)
{
	struct bins old = { 0 }, new = { 0 };
	struct hm_str bin, up, name = repair_npm_name(package->folder);
	read_bins(cx, before, &old);
	read_bins(cx, after, &new);
	find_place(cx, at, package->folder, &bin, &up);
	struct hm_str head = hm_fmt(cx, "%.*s/%.*s/", HM_FMT(up), HM_FMT(name));
	for (size_t i = 0; i < new.n; i++) {
		struct hm_str path = hm_fmt(cx, "%.*s/%.*s", HM_FMT(bin), HM_FMT(new.p[i].name));
		const struct repair_node *n = repair_root_at(&at->run->root, path);
		if (!new.p[i].path.n || !new.p[i].name.n)
			return hm_fail(cx, HM_INPUT, "a program of it has no plain path");
		HM_TRY(repair_path_check(cx, path));
		/* another package was there first: so npm leaves it */
		if (n && (n->type != TAR_SYMLINK || !hm_starts(n->link, head)))
			continue;
		HM_TRY(put_link(cx, at, package, path,
				hm_fmt(cx, "%.*s%.*s", HM_FMT(head), HM_FMT(new.p[i].path))));
	}
	for (size_t i = 0; i < old.n; i++) {
		struct hm_str path = hm_fmt(cx, "%.*s/%.*s", HM_FMT(bin), HM_FMT(old.p[i].name));
		const struct repair_node *n = repair_root_at(&at->run->root, path);
		if (n && n->type == TAR_SYMLINK && hm_starts(n->link, head))
			HM_TRY(repair_vanish_add(cx, at->vanish, path));
	}
	return NULL;
}
