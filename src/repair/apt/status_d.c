/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Images without dpkg (distroless, rules_distroless): var/lib/dpkg/status.d has a file a package,
 * which is the package's control file, and NAME.md5sums beside it. Which links and folders belong
 * to a package, nobody wrote down there.
 */
#include "repair/apt/dpkg.h"

static const char folder[] = "var/lib/dpkg/status.d";

static const struct repair_node *first_file(const struct repair_root *root)
{
	const struct repair_node *dir = repair_root_at(root, hm_cstr(folder));
	return dir && dir->type == TAR_DIR ? dir->first : NULL;
}

/* A control file's kind beside the stanza: "NAME.md5sums". */
static bool is_beside(struct hm_str name)
{
	static const char *const ends[] = { ".conffiles", ".config",  ".list",      ".md5sums",
					    ".postinst",  ".postrm",  ".preinst",   ".prerm",
					    ".shlibs",    ".symbols", ".templates", ".triggers" };
	for (size_t i = 0; i < HM_LEN(ends); i++)
		if (hm_ends(name, hm_cstr(ends[i])))
			return true;
	return false;
}

static bool is_stanza_file(const struct repair_node *n)
{
	return !n->is_gone && n->type == TAR_FILE && !is_beside(hm_basename(n->path));
}

bool repair_status_d_is_there(const struct repair_root *root)
{
	for (const struct repair_node *n = first_file(root); n; n = n->next)
		if (is_stanza_file(n))
			return true;
	return false;
}

/* ------------------------------------------------------------------ read */

static hm_err add_file(struct hm_cx *cx, struct hm_str file, struct hm_str text, struct dpkg *d)
{
	struct stanza s = { 0 }, more = { 0 };
	struct hm_str rest = text;
	while (hm_starts(text, HM_STR("\n")))
		text = hm_from(text, 1);
	while (hm_ends(text, HM_STR("\n")))
		text.n--;
	if (!stanza_next(cx, &rest, &s))
		return NULL;
	struct dpkg_package p = { .text = text,
				  .name = stanza_get(&s, "Package"),
				  .arch = stanza_get(&s, "Architecture"),
				  .version = stanza_get(&s, "Version"),
				  .multi_arch = stanza_get(&s, "Multi-Arch"),
				  .file = file,
				  .is_installed = true };
	if (!p.name.n || !p.arch.n || !p.version.n)
		return hm_fail(cx, HM_INPUT, "it has no Package, Version or Architecture");
	if (stanza_next(cx, &rest, &more))
		return hm_fail(cx, HM_INPUT, "it has more than one package");
	struct dpkg_package *other = repair_dpkg_find(d, p.name, p.arch);
	if (other && other->file.n)
		return hm_fail(cx, HM_INPUT, "\"%.*s\" is in \"%.*s\", too", HM_FMT(p.name),
			       HM_FMT(other->file));
	if (other && (!hm_eq(other->version, p.version) || !hm_eq(other->arch, p.arch)))
		return hm_fail(cx, HM_DENIED,
			       "it says that \"%.*s\" is %.*s, and dpkg's status says %.*s: one of "
			       "them is wrong, and nobody can tell which",
			       HM_FMT(p.name), HM_FMT(p.version), HM_FMT(other->version));
	if (other)
		other->file = file;
	else
		*hm_push(cx, &d->packages) = p;
	return NULL;
}

hm_err repair_status_d_read(struct hm_cx *cx, const struct repair_root *root, struct dpkg *d)
{
	for (const struct repair_node *n = first_file(root); n; n = n->next) {
		if (!is_stanza_file(n))
			continue;
		d->has_folder = true;
		if (!n->is_kept)
			return hm_fail(cx, HM_LIMIT, "\"/%.*s\" is too large", HM_FMT(n->path));
		HM_TRY_IN(cx, add_file(cx, hm_basename(n->path), n->content, d), "\"/%.*s\"",
			  HM_FMT(n->path));
	}
	return NULL;
}

static struct hm_str path_of(struct hm_cx *cx, struct hm_str file, const char *end)
{
	return hm_fmt(cx, "%s/%.*s%s", folder, HM_FMT(file), end);
}

/* ------------------------------------------------------------------ its paths */

/* libx.so -> libx.so.1.2.3: links beside a file that lead to it. */
static void put_links(struct hm_buf *b, const struct repair_root *root, struct hm_str place)
{
	const struct repair_node *file = repair_root_at(root, place);
	const struct repair_node *n = file && file->parent ? file->parent->first : NULL;
	for (; n; n = n->next)
		if (!n->is_gone && n->type == TAR_SYMLINK && hm_eq(n->link, hm_basename(place)))
			hm_buf_fmt(b, "/%.*s\n", HM_FMT(n->path));
}

static void put_folders(struct hm_cx *cx, struct hm_buf *b, struct hm_map *seen, struct hm_str path)
{
	for (path = hm_dirname(path); path.n && !hm_map_has(seen, path); path = hm_dirname(path)) {
		hm_map_put(cx, seen, path, seen);
		hm_buf_fmt(b, "/%.*s\n", HM_FMT(path));
	}
}

hm_err repair_status_d_list(struct hm_cx *cx, const struct repair_root *root, const struct dpkg *d,
			    const struct dpkg_package *p, struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_REPAIR_FILE);
	struct hm_map seen = { 0 };
	bool there;
	HM_TRY(repair_root_file(cx, root, path_of(cx, p->file, ".list").p, out, &there));
	if (there)
		return NULL;
	struct hm_str sums;
	HM_TRY(repair_root_file(cx, root, path_of(cx, p->file, ".md5sums").p, &sums, &there));
	while (sums.n) {
		struct hm_str path = hm_line(&sums), place;
		hm_cut(&path, ' ');
		path = hm_trim(path);
		if (hm_starts(path, HM_STR("./")))
			path = hm_from(path, 2);
		if (!path.n)
			continue;
		HM_TRY(repair_dpkg_place(cx, root, d, p->name, path, &place));
		hm_buf_fmt(&b, "/%.*s\n", HM_FMT(path));
		put_links(&b, root, place);
		put_folders(cx, &b, &seen, path);
	}
	HM_TRY(hm_buf_end(cx, &b, "a list of files", out));
	*out = hm_dup(cx, *out);
	return NULL;
}

/* ------------------------------------------------------------------ written */

static hm_err put_file(struct hm_cx *cx, const struct dpkg_at *at, struct hm_str path,
		       struct hm_str bytes)
{
	struct tar_entry e = { .path = path, .mode = 0644, .mtime = at->l->newest };
	const struct repair_node *n = repair_root_at(&at->run->root, path);
	if (n) {
		e.mode = n->mode;
		e.uid = n->uid;
		e.gid = n->gid;
	}
	return repair_layer_file(cx, at->l, &e, bytes);
}

static hm_err put_list(struct hm_cx *cx, const struct dpkg_at *at, struct hm_str path,
		       const struct deb *deb)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_REPAIR_FILE);
	struct hm_str text;
	for (size_t i = 0; i < deb->paths.n; i++)
		hm_buf_fmt(&b, "/%.*s\n",
			   HM_FMT(deb->paths.p[i].path.n ? deb->paths.p[i].path : HM_STR(".")));
	HM_TRY(hm_buf_end(cx, &b, "a list of files", &text));
	return put_file(cx, at, path, text);
}

hm_err repair_status_d_write(struct hm_cx *cx, const struct dpkg_at *at, struct hm_str file,
			     const struct deb *deb)
{
	const struct repair_root *root = &at->run->root;
	struct hm_str head = path_of(cx, file, ".");
	for (size_t i = 0; i < deb->controls.n; i++) {
		const struct deb_control *c = &deb->controls.p[i];
		struct hm_str path = hm_fmt(cx, "%.*s%.*s", HM_FMT(head), HM_FMT(c->name));
		if (hm_eqz(c->name, "control"))
			HM_TRY(put_file(cx, at, path_of(cx, file, ""), c->bytes));
		else if (hm_eqz(c->name, "md5sums") || repair_root_at(root, path))
			HM_TRY(put_file(cx, at, path, c->bytes));
	}
	struct hm_str list = path_of(cx, file, ".list");
	if (repair_root_at(root, list))
		HM_TRY(put_list(cx, at, list, deb));
	/* What the new version does not have. */
	for (const struct repair_node *n = first_file(root); n; n = n->next)
		if (!n->is_gone && hm_starts(n->path, head) && is_beside(n->path) &&
		    hm_find_char(hm_from(n->path, head.n), '.') == SIZE_MAX)
			HM_TRY(repair_layer_hide(cx, at->l, n->path));
	return NULL;
}
