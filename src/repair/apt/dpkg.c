/* SPDX-License-Identifier: Apache-2.0 */
/* dpkg's records, read: status, diversions, overrides, lists of files. */
#include "repair/apt/dpkg.h"

static hm_err add_package(struct hm_cx *cx, struct hm_str text, struct dpkg *d)
{
	struct stanza s = { 0 };
	struct hm_str rest = text;
	struct hm_mark mark = hm_mark(cx);
	if (!stanza_next(cx, &rest, &s))
		return NULL;
	struct dpkg_package p = { .text = text,
				  .name = stanza_get(&s, "Package"),
				  .arch = stanza_get(&s, "Architecture"),
				  .version = stanza_get(&s, "Version"),
				  .multi_arch = stanza_get(&s, "Multi-Arch") };
	struct hm_str status = stanza_get(&s, "Status");
	p.is_installed =
		hm_ends(status, HM_STR(" installed")) && !hm_ends(status, HM_STR("not-installed"));
	hm_release(cx, mark);
	if (!p.name.n)
		return hm_fail(cx, HM_INPUT, "dpkg's status has a package without a name");
	struct hm_str state = hm_from(status, hm_rfind_char(status, ' ') + 1);
	if (status.n && !p.is_installed && !hm_eqz(state, "not-installed") &&
	    !hm_eqz(state, "config-files"))
		return hm_fail(cx, HM_DENIED,
			       "package \"%.*s\" of the image is half installed (\"%.*s\"): "
			       "`dpkg --configure -a` in it first",
			       HM_FMT(p.name), HM_FMT(status));
	p.in_status = true;
	*hm_push(cx, &d->packages) = p;
	return NULL;
}

static hm_err read_status(struct hm_cx *cx, const struct repair_root *root, struct dpkg *d)
{
	struct hm_str text;
	bool there;
	HM_TRY(repair_root_file(cx, root, "var/lib/dpkg/status", &text, &there));
	d->has_status = there;
	while (text.n) {
		struct hm_str stanza = hm_cut_str(&text, HM_STR("\n\n"));
		while (hm_starts(stanza, HM_STR("\n")))
			stanza = hm_from(stanza, 1);
		while (hm_ends(stanza, HM_STR("\n")))
			stanza.n--;
		if (stanza.n)
			HM_TRY(add_package(cx, stanza, d));
	}
	return NULL;
}

static struct hm_str without_slash(struct hm_str path)
{
	return hm_starts(path, HM_STR("/")) ? hm_from(path, 1) : path;
}

/* Three lines each: what is diverted, whereto, by which package. */
static hm_err read_diversions(struct hm_cx *cx, const struct repair_root *root, struct dpkg *d)
{
	struct hm_str text;
	bool there;
	HM_TRY(repair_root_file(cx, root, "var/lib/dpkg/diversions", &text, &there));
	while (text.n) {
		struct dpkg_diversion v = { .from = without_slash(hm_line(&text)) };
		v.to = without_slash(hm_line(&text));
		v.by = hm_line(&text);
		if (v.from.n && v.to.n)
			*hm_push(cx, &d->diversions) = v;
	}
	return NULL;
}

/* "USER GROUP MODE PATH"; numbers as "#0". */
static bool read_id(const struct repair_root *root, struct hm_str text,
		    bool (*find)(const struct repair_root *, struct hm_str, uint32_t *),
		    uint32_t *out)
{
	uint64_t n;
	if (!hm_starts(text, HM_STR("#")))
		return find(root, text, out);
	if (!hm_u64(hm_from(text, 1), UINT32_MAX, &n))
		return false;
	*out = (uint32_t)n;
	return true;
}

static hm_err read_overrides(struct hm_cx *cx, const struct repair_root *root, struct dpkg *d)
{
	struct hm_str text;
	bool there;
	HM_TRY(repair_root_file(cx, root, "var/lib/dpkg/statoverride", &text, &there));
	while (text.n) {
		struct hm_str line = hm_line(&text), user = hm_cut(&line, ' ');
		struct hm_str group = hm_cut(&line, ' '), mode = hm_cut(&line, ' ');
		struct dpkg_override *o = hm_new(cx, struct dpkg_override, 1);
		bool good = mode.n > 0 && mode.n <= 5 && line.n > 1;
		for (size_t i = 0; good && i < mode.n; i++) {
			good = mode.p[i] >= '0' && mode.p[i] <= '7';
			o->mode = o->mode * 8 + (uint32_t)(mode.p[i] - '0');
		}
		if (!user.n && !line.n)
			continue;
		if (!good || !read_id(root, user, repair_root_user, &o->uid) ||
		    !read_id(root, group, repair_root_group, &o->gid))
			return hm_fail(cx, HM_INPUT, "dpkg's statoverride cannot be read");
		hm_map_put(cx, &d->overrides, without_slash(line), o);
	}
	return NULL;
}

static void count_owner(struct hm_cx *cx, struct dpkg *d, struct hm_str name, struct hm_str path)
{
	void **slot = hm_map_slot(cx, &d->owners, path);
	if (!*slot)
		*slot = hm_new(cx, struct dpkg_owners, 1);
	struct dpkg_owners *o = *slot;
	o->n++;
	o->then++;
	o->name = name;
}

void repair_dpkg_count(struct hm_cx *cx, struct dpkg *d, struct hm_str path, int more)
{
	void **slot = hm_map_slot(cx, &d->owners, path);
	if (!*slot)
		*slot = hm_new(cx, struct dpkg_owners, 1);
	struct dpkg_owners *o = *slot;
	if (more > 0)
		o->then++;
	else if (o->then)
		o->then--;
}

/* "NAME" of "var/lib/dpkg/info/NAME:ARCH.list". */
static struct hm_str list_name(struct hm_str path)
{
	struct hm_str name = hm_basename(path);
	name.n -= strlen(".list");
	return hm_cut(&name, ':');
}

static void count_owners(struct hm_cx *cx, const struct repair_root *root, struct dpkg *d)
{
	const struct repair_node *info = repair_root_at(root, HM_STR("var/lib/dpkg/info"));
	for (const struct repair_node *f = info ? info->first : NULL; f; f = f->next) {
		if (f->is_gone || !f->is_kept || !hm_ends(f->path, HM_STR(".list")))
			continue;
		for (struct hm_str text = f->content; text.n;)
			count_owner(cx, d, list_name(f->path), without_slash(hm_line(&text)));
	}
}

static hm_err count_owners_of_folder(struct hm_cx *cx, const struct repair_root *root,
				     struct dpkg *d)
{
	for (size_t i = 0; i < d->packages.n; i++) {
		struct hm_str list;
		if (d->packages.p[i].in_status)
			continue;
		HM_TRY(repair_status_d_list(cx, root, d, &d->packages.p[i], &list));
		while (list.n)
			count_owner(cx, d, d->packages.p[i].name, without_slash(hm_line(&list)));
	}
	return NULL;
}

hm_err repair_dpkg_read(struct hm_cx *cx, const struct repair_root *root, struct dpkg *out)
{
	struct dpkg d = { 0 };
	HM_TRY(read_status(cx, root, &d));
	HM_TRY(repair_status_d_read(cx, root, &d));
	if (!d.has_status && !d.has_folder)
		return hm_fail(cx, HM_INPUT,
			       "the image has neither var/lib/dpkg/status nor status.d");
	HM_TRY(read_diversions(cx, root, &d));
	HM_TRY(read_overrides(cx, root, &d));
	count_owners(cx, root, &d);
	HM_TRY(count_owners_of_folder(cx, root, &d));
	*out = d;
	return NULL;
}

hm_err repair_dpkg_text(struct hm_cx *cx, const struct dpkg *d, struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_REPAIR_FILE);
	for (size_t i = 0; i < d->packages.n; i++) {
		hm_buf_add(&b, d->packages.p[i].text);
		hm_buf_add(&b, HM_STR("\n\n"));
	}
	HM_TRY(hm_buf_end(cx, &b, "the list of installed packages", out));
	*out = hm_dup(cx, *out);
	return NULL;
}
