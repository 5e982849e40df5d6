/* SPDX-License-Identifier: Apache-2.0 */
/* dpkg's records, written: what is below info/, and the status file. */
#include "repair/apt/dpkg.h"

static const char info[] = "var/lib/dpkg/info/";

/* "NAME", or "NAME:ARCH" of a package that may be there for several architectures. */
static struct hm_str info_name(struct hm_cx *cx, struct hm_str name, struct hm_str arch,
			       struct hm_str multi_arch)
{
	return hm_eqz(multi_arch, "same") ? hm_fmt(cx, "%.*s:%.*s", HM_FMT(name), HM_FMT(arch))
					  : name;
}

static struct hm_str control_field(struct hm_cx *cx, const struct deb *deb, const char *field)
{
	for (size_t i = 0; i < deb->controls.n; i++) {
		struct stanza s = { 0 };
		struct hm_str text = deb->controls.p[i].bytes;
		if (hm_eqz(deb->controls.p[i].name, "control") && stanza_next(cx, &text, &s))
			return stanza_get(&s, field);
	}
	return HM_STR("");
}

/* ------------------------------------------------------------------ info/ */

static hm_err put_record(struct hm_cx *cx, struct repair_layer *l, struct hm_str path,
			 uint32_t mode, struct hm_str bytes)
{
	struct tar_entry e = { .path = path, .mode = mode, .mtime = l->newest };
	return repair_layer_file(cx, l, &e, bytes);
}

/* Conffiles that the new version does not have stay, marked, and in its list. */
static hm_err put_list(struct hm_cx *cx, struct repair_layer *l, struct hm_str name,
		       const struct deb *deb, const struct dpkg_conffiles *old)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_REPAIR_FILE);
	struct hm_str text;
	for (size_t i = 0; i < deb->paths.n; i++)
		hm_buf_fmt(&b, "/%.*s\n",
			   HM_FMT(deb->paths.p[i].path.n ? deb->paths.p[i].path : HM_STR(".")));
	for (size_t i = 0; i < old->n; i++) {
		bool has = false;
		for (size_t j = 0; j < deb->paths.n; j++)
			has = has || hm_eq(deb->paths.p[j].path, old->p[i].path);
		if (!has)
			hm_buf_fmt(&b, "/%.*s\n", HM_FMT(old->p[i].path));
	}
	HM_TRY(hm_buf_end(cx, &b, "a list of files", &text));
	return put_record(cx, l, hm_fmt(cx, "%s%.*s.list", info, HM_FMT(name)), 0644, text);
}

static hm_err put_controls(struct hm_cx *cx, struct repair_layer *l, struct hm_str name,
			   const struct deb *deb)
{
	for (size_t i = 0; i < deb->controls.n; i++) {
		const struct deb_control *c = &deb->controls.p[i];
		if (hm_eqz(c->name, "control"))
			continue;
		HM_TRY(put_record(cx, l,
				  hm_fmt(cx, "%s%.*s.%.*s", info, HM_FMT(name), HM_FMT(c->name)),
				  c->mode, c->bytes));
	}
	return NULL;
}

/* Records of the old version that the new one does not have. */
static hm_err hide_records(struct hm_cx *cx, const struct dpkg_at *at, struct hm_str old_name)
{
	const struct repair_node *dir = repair_root_at(&at->run->root, HM_STR("var/lib/dpkg/info"));
	struct hm_str head = hm_fmt(cx, "%s%.*s.", info, HM_FMT(old_name));
	for (const struct repair_node *n = dir ? dir->first : NULL; n; n = n->next)
		if (!n->is_gone && hm_starts(n->path, head) &&
		    hm_find_char(hm_from(n->path, head.n), '.') == SIZE_MAX)
			HM_TRY(repair_layer_hide(cx, at->l, n->path));
	return NULL;
}

/* ------------------------------------------------------------------ the stanza */

/* The order in which dpkg writes fields (lib/dpkg/parse.c); others follow as they come. */
static const char *const field_order[] = {
	"Package",      "Essential",      "Protected",   "Status",     "Priority",
	"Section",      "Installed-Size", "Origin",      "Maintainer", "Bugs",
	"Architecture", "Multi-Arch",     "Source",      "Version",    "Replaces",
	"Provides",     "Depends",        "Pre-Depends", "Recommends", "Suggests",
	"Breaks",       "Conflicts",      "Enhances",    "Conffiles",  "Description",
};

static void put_conffiles(struct hm_buf *b, const struct deb *deb, const struct dpkg_conffiles *old)
{
	bool any = false;
	for (size_t i = 0; i < deb->conffiles.n; i++) {
		const struct deb_conffile *c = &deb->conffiles.p[i];
		if (!c->md5.n)
			continue;
		hm_buf_fmt(b, "%s /%.*s %.*s\n", any ? "" : "Conffiles:\n", HM_FMT(c->path),
			   HM_FMT(c->md5));
		any = true;
	}
	for (size_t i = 0; i < old->n; i++) {
		bool has = false;
		for (size_t j = 0; j < deb->conffiles.n; j++)
			has = has || hm_eq(deb->conffiles.p[j].path, old->p[i].path);
		if (has)
			continue;
		hm_buf_fmt(b, "%s /%.*s %.*s obsolete\n", any ? "" : "Conffiles:\n",
			   HM_FMT(old->p[i].path), HM_FMT(old->p[i].md5));
		any = true;
	}
}

static bool is_ordered(struct hm_str name)
{
	for (size_t i = 0; i < HM_LEN(field_order); i++)
		if (hm_cmp_nocase(name, hm_cstr(field_order[i])) == 0)
			return true;
	return false;
}

static void put_field(struct hm_buf *b, struct hm_str name, struct hm_str value)
{
	value = hm_trim(value);
	if (value.n)
		hm_buf_fmt(b, "%.*s: %.*s\n", HM_FMT(name), HM_FMT(value));
}

static hm_err make_stanza(struct hm_cx *cx, const struct deb *deb, bool held,
			  const struct dpkg_conffiles *old, struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_REPAIR_CONTROL * 2);
	struct stanza s = { 0 };
	for (size_t i = 0; i < deb->controls.n; i++) {
		struct hm_str text = deb->controls.p[i].bytes;
		if (hm_eqz(deb->controls.p[i].name, "control") && !stanza_next(cx, &text, &s))
			return hm_fail(cx, HM_INPUT, "its control file is empty");
	}
	for (size_t i = 0; i < HM_LEN(field_order); i++) {
		if (strcmp(field_order[i], "Status") == 0)
			hm_buf_fmt(&b, "Status: %s ok installed\n", held ? "hold" : "install");
		else if (strcmp(field_order[i], "Conffiles") == 0)
			put_conffiles(&b, deb, old);
		else
			put_field(&b, hm_cstr(field_order[i]), stanza_get(&s, field_order[i]));
	}
	for (size_t i = 0; i < s.n; i++)
		if (!is_ordered(s.p[i].name))
			put_field(&b, s.p[i].name, s.p[i].value);
	while (b.n && b.p[b.n - 1] == '\n')
		b.n--;
	HM_TRY(hm_buf_end(cx, &b, "a package's stanza", out));
	*out = hm_dup(cx, *out);
	return NULL;
}

/* dpkg sorts by name, then by architecture. */
static void put_package(struct hm_cx *cx, struct dpkg *d, const struct dpkg_package *new)
{
	size_t at = 0;
	for (size_t i = 0; i < d->packages.n; i++) {
		struct dpkg_package *p = &d->packages.p[i];
		if (hm_eq(p->name, new->name) &&
		    (hm_eq(p->arch, new->arch) || hm_eqz(p->arch, "all") ||
		     hm_eqz(new->arch, "all"))) {
			*p = *new;
			return;
		}
	}
	while (at < d->packages.n && hm_cmp(d->packages.p[at].name, new->name) < 0)
		at++;
	(void)hm_push(cx, &d->packages);
	memmove(d->packages.p + at + 1, d->packages.p + at,
		(d->packages.n - 1 - at) * sizeof(*d->packages.p));
	d->packages.p[at] = *new;
}

/* Of a package that is, or is to be, in status.d alone. */
static hm_err replace_in_folder(struct hm_cx *cx, const struct dpkg_at *at,
				const struct repair_change *c, const struct deb *deb)
{
	const struct dpkg_package *old = repair_dpkg_find(at->d, c->name, c->arch);
	struct hm_str list;
	if (old) {
		HM_TRY(repair_status_d_list(cx, &at->run->root, at->d, old, &list));
		HM_TRY(repair_dpkg_note_old(cx, at, c, deb, list));
	}
	return repair_status_d_write(cx, at, old ? old->file : c->name, deb);
}

static hm_err replace_in_status(struct hm_cx *cx, const struct dpkg_at *at,
				const struct repair_change *c, const struct deb *deb)
{
	const struct dpkg_package *old = repair_dpkg_find(at->d, c->name, c->arch);
	struct dpkg_conffiles conffiles = { 0 };
	struct hm_str list = HM_STR(""), old_name = c->name;
	struct dpkg_package new = { .name = c->name,
				    .arch = c->arch,
				    .version = c->to,
				    .multi_arch = control_field(cx, deb, "Multi-Arch"),
				    .is_installed = true,
				    .in_status = true };
	bool there;
	struct hm_str name = info_name(cx, c->name, c->arch, new.multi_arch);
	if (old) {
		repair_dpkg_conffiles(cx, old, &conffiles);
		old_name = info_name(cx, old->name, old->arch, old->multi_arch);
		HM_TRY(repair_root_file(cx, &at->run->root,
					hm_fmt(cx, "%s%.*s.list", info, HM_FMT(old_name)).p, &list,
					&there));
		HM_TRY(repair_dpkg_note_old(cx, at, c, deb, list));
	} else {
		*hm_push(cx, &at->d->auto_installed) =
			hm_fmt(cx, "%.*s %.*s", HM_FMT(c->name), HM_FMT(c->arch));
	}
	HM_TRY(put_list(cx, at->l, name, deb, &conffiles));
	HM_TRY(put_controls(cx, at->l, name, deb));
	if (old)
		HM_TRY(hide_records(cx, at, old_name));
	bool held = old && hm_find(old->text, HM_STR("\nStatus: hold ")) != SIZE_MAX;
	HM_TRY(make_stanza(cx, deb, held, &conffiles, &new.text));
	if (old)
		new.file = old->file;
	put_package(cx, at->d, &new);
	return new.file.n ? repair_status_d_write(cx, at, new.file, deb) : NULL;
}

hm_err repair_dpkg_replace(struct hm_cx *cx, const struct dpkg_at *at,
			   const struct repair_change *c, const struct deb *deb)
{
	const struct dpkg_package *old = repair_dpkg_find(at->d, c->name, c->arch);
	bool in_status = old ? old->in_status : at->d->has_status;
	for (size_t i = 0; i < deb->paths.n; i++)
		repair_dpkg_count(cx, at->d, deb->paths.p[i].path, 1);
	return in_status ? replace_in_status(cx, at, c, deb) : replace_in_folder(cx, at, c, deb);
}

/* ------------------------------------------------------------------ the whole */

static hm_err put_over(struct hm_cx *cx, const struct dpkg_at *at, const char *path,
		       struct hm_str bytes)
{
	struct tar_entry e = { .mode = 0644, .mtime = at->l->newest };
	HM_TRY(repair_root_target(cx, &at->run->root, hm_cstr(path), &e.path));
	const struct repair_node *n = repair_root_at(&at->run->root, e.path);
	if (n) {
		e.mode = n->mode;
		e.uid = n->uid;
		e.gid = n->gid;
	}
	return repair_layer_file(cx, at->l, &e, bytes);
}

/* What apt removes again when nothing needs it any more (apt-mark(8)). */
static hm_err put_auto_installed(struct hm_cx *cx, const struct dpkg_at *at)
{
	static const char path[] = "var/lib/apt/extended_states";
	HM_AUTO_BUF b = HM_BUF(HM_MAX_REPAIR_FILE);
	struct hm_str old, text;
	bool there;
	if (!at->d->auto_installed.n)
		return NULL;
	HM_TRY(repair_root_file(cx, &at->run->root, path, &old, &there));
	hm_buf_add(&b, old);
	for (size_t i = 0; i < at->d->auto_installed.n; i++) {
		struct hm_str arch = at->d->auto_installed.p[i], name = hm_cut(&arch, ' ');
		hm_buf_fmt(&b, "Package: %.*s\nArchitecture: %.*s\nAuto-Installed: 1\n\n",
			   HM_FMT(name), HM_FMT(arch));
	}
	HM_TRY(hm_buf_end(cx, &b, path, &text));
	return put_over(cx, at, path, text);
}

/* ------------------------------------------------------------------ what another has taken */

/* The list of a package without what another has taken over. One that is replaced itself has a new
 * list in the layer already. */
static hm_err put_losses(struct hm_cx *cx, const struct dpkg_at *at, const struct repair_node *list,
			 struct hm_str name)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_REPAIR_FILE);
	struct hm_str bytes;
	bool lost = false;
	for (struct hm_str text = list->content; text.n;) {
		struct hm_str line = hm_line(&text);
		struct hm_mark mark = hm_mark(cx);
		bool taken = hm_map_has(&at->d->taken, hm_fmt(cx, "%.*s\n%.*s", HM_FMT(name),
							      HM_FMT(hm_from(line, 1))));
		hm_release(cx, mark);
		lost = lost || taken;
		if (taken)
			continue;
		hm_buf_add(&b, line);
		hm_buf_char(&b, '\n');
	}
	if (!lost || repair_layer_has(at->l, list->path))
		return NULL;
	HM_TRY(hm_buf_end(cx, &b, "a list of files", &bytes));
	return put_record(cx, at->l, list->path, list->mode, bytes);
}

static hm_err put_all_losses(struct hm_cx *cx, const struct dpkg_at *at)
{
	const struct repair_node *n = repair_root_at(&at->run->root, HM_STR("var/lib/dpkg/info"));
	if (!at->d->taken.n)
		return NULL;
	for (n = n ? n->first : NULL; n; n = n->next) {
		struct hm_str name = hm_basename(n->path);
		if (n->is_gone || !n->is_kept || !hm_ends(name, HM_STR(".list")))
			continue;
		name.n -= strlen(".list");
		HM_TRY(put_losses(cx, at, n, hm_cut(&name, ':')));
	}
	return NULL;
}

hm_err repair_dpkg_write(struct hm_cx *cx, const struct dpkg_at *at)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_REPAIR_FILE);
	struct hm_str text;
	HM_TRY(repair_dpkg_hide(cx, at));
	if (!at->d->has_status)
		return NULL;
	HM_TRY(put_all_losses(cx, at));
	HM_TRY(put_auto_installed(cx, at));
	for (size_t i = 0; i < at->d->packages.n; i++) {
		if (!at->d->packages.p[i].in_status)
			continue;
		hm_buf_add(&b, at->d->packages.p[i].text);
		hm_buf_add(&b, HM_STR("\n\n"));
	}
	HM_TRY(hm_buf_end(cx, &b, "dpkg's status", &text));
	return put_over(cx, at, "var/lib/dpkg/status", text);
}
