/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Installed Debian packages: dpkg's status, status.d of images without dpkg, the lists of files,
 * and the licences. Sources: deb-control(5), deb-src-control(5), dpkg's status states (dpkg(1)).
 */
#include "inventory/catalogers/common.h"

/* Third word of Status: not there are "not-installed" and "config-files", of which only
 * configuration is left. All other states have the package's files on disk. */
static bool is_installed(struct hm_str status)
{
	size_t space = hm_rfind_char(status, ' ');
	struct hm_str state = space == SIZE_MAX ? status : hm_from(status, space + 1);
	return !hm_eqz(state, "not-installed") && !hm_eqz(state, "config-files");
}

/* "libc6 (>= 2.36), default-mta | mail-transport-agent, python3:any": the names. Every alternative
 * is one, because whichever is installed is what the package stands on. */
static void add_names(struct hm_cx *cx, struct hm_strs *list, struct hm_str value)
{
	while (value.n) {
		struct hm_str group = hm_cut(&value, ',');
		while (group.n) {
			struct hm_str name = hm_trim(hm_cut(&group, '|'));
			size_t n = 0;
			while (n < name.n && !hm_is_space(name.p[n]) &&
			       !memchr("(:[<", name.p[n], 4))
				n++;
			inventory_list_add(cx, list, hm_sub(name, 0, n));
		}
	}
}

static void set_source(struct inventory_component *c, struct hm_str source)
{
	struct hm_str version = source;
	c->source_name = hm_trim(hm_cut(&version, '('));
	c->source_version = hm_trim(hm_cut(&version, ')'));
	if (!c->source_name.n)
		c->source_name = c->name;
	if (!c->source_version.n)
		c->source_version = c->version;
}

static hm_err add_package(struct hm_cx *cx, const struct stanza *s, struct inventory_builder *b)
{
	struct inventory_component c = {
		.type = HM_STR("deb"),
		.name = stanza_get(s, "Package"),
		.version = stanza_get(s, "Version"),
		.arch = stanza_get(s, "Architecture"),
		.supplier = stanza_get(s, "Maintainer"),
		.homepage = stanza_get(s, "Homepage"),
	};
	struct hm_str description = stanza_get(s, "Description");
	c.description = hm_trim(hm_line(&description));

	if (!c.name.n || !is_installed(stanza_get(s, "Status")))
		return NULL;
	if (!c.version.n)
		return inventory_add_unknown(cx, b, HM_STR(""),
					     hm_say(cx, "dpkg: package \"%.*s\" has no version",
						    HM_FMT(c.name)));
	set_source(&c, stanza_get(s, "Source"));
	add_names(cx, &c.depends, stanza_get(s, "Pre-Depends"));
	add_names(cx, &c.depends, stanza_get(s, "Depends"));
	add_names(cx, &c.provides, stanza_get(s, "Provides"));
	return inventory_add(cx, b, &c);
}

/* dpkg writes whole lines of "Name: value" or " more"; anything else is damage, and what it hides
 * cannot be known. */
static hm_err check_status(struct hm_cx *cx, struct hm_str text)
{
	if (text.n && !hm_ends(text, HM_STR("\n")))
		return hm_fail(cx, HM_INPUT, "dpkg: the last line is cut short");
	for (size_t number = 1; text.n; number++) {
		struct hm_str line = hm_line(&text);
		if (line.n && line.p[0] != ' ' && line.p[0] != '\t' && !stanza_is_field(line))
			return hm_fail(cx, HM_INPUT, "dpkg: line %zu: \"%.*s\" is not a field",
				       number, HM_FMT(hm_sub(line, 0, 80)));
	}
	return NULL;
}

static hm_err read_status(struct hm_cx *cx, struct hm_str text, struct inventory_builder *b)
{
	struct stanza s = { 0 };
	for (;;) {
		struct hm_mark mark = hm_mark(cx);
		HM_TRY(hm_alive(cx));
		s.cap = 0; /* the room of the stanza before is given back */
		s.p = NULL;
		if (!stanza_next(cx, &text, &s))
			return NULL;
		HM_TRY(add_package(cx, &s, b));
		hm_release(cx, mark);
	}
}

/* info/NAME[:ARCH].list: a path a line; status.d/NAME.md5sums: a digest, two spaces, a path. */
static hm_err read_files(struct hm_cx *cx, const struct inventory_file *file, bool is_list,
			 struct inventory_builder *b)
{
	struct hm_str arch = hm_basename(file->path), text = file->bytes;
	arch.n -= is_list ? 5 : 8;
	struct hm_str name = hm_cut(&arch, ':');
	while (text.n) {
		struct hm_str path = hm_line(&text);
		if (!is_list)
			hm_cut(&path, ' ');
		path = is_list ? path : hm_trim(path);
		if (path.n && !hm_eqz(path, "/."))
			HM_TRY(inventory_add_owned(cx, b, "deb", name, arch, path));
	}
	return NULL;
}

/*
 * usr/share/doc/NAME/copyright in its machine-readable form (DEP-5): the first line of each License
 * field. Files in the free form state nothing that could be told apart from their text.
 */
static hm_err read_copyright(struct hm_cx *cx, const struct inventory_file *file,
			     struct inventory_builder *b)
{
	struct stanza s = { 0 };
	struct hm_str text = file->bytes;
	struct inventory_component c = { .type = HM_STR("deb"),
					 .name = hm_basename(hm_dirname(file->path)) };
	if (!stanza_next(cx, &text, &s) || !stanza_get(&s, "Format").n)
		return NULL;
	do {
		struct hm_str value = stanza_get(&s, "License");
		inventory_list_add(cx, &c.licenses, hm_trim(hm_line(&value)));
	} while (stanza_next(cx, &text, &s));
	return c.licenses.n ? inventory_add(cx, b, &c) : NULL;
}

/* status.d holds other files of a package beside its stanza. */
static bool is_stanza_file(struct hm_str name)
{
	static const char *const others[] = { ".conffiles", ".list",      ".md5sums",  ".postinst",
					      ".postrm",    ".preinst",   ".prerm",    ".shlibs",
					      ".symbols",   ".templates", ".triggers", ".config" };
	for (size_t i = 0; i < HM_LEN(others); i++)
		if (hm_ends(name, hm_cstr(others[i])))
			return false;
	return true;
}

/* updates/NUMBER: what a run of dpkg that did not end has not yet put into the status. */
static hm_err read_update(struct hm_cx *cx, const struct inventory_file *file)
{
	uint64_t number;
	if (!file->bytes.n || !hm_u64(hm_basename(file->path), UINT64_MAX, &number))
		return NULL;
	return hm_fail(cx, HM_INPUT,
		       "dpkg was interrupted, and its status is not what is installed: run "
		       "\"dpkg --configure -a\" in the image");
}

INVENTORY_PARSE(dpkg)
{
	if (hm_ends(hm_dirname(file->path), HM_STR("dpkg/updates")))
		return read_update(cx, file);
	bool is_info = hm_find(file->path, HM_STR("/info/")) != SIZE_MAX;
	if (is_info && hm_ends(file->path, HM_STR(".list")))
		return read_files(cx, file, true, b);
	if (hm_ends(file->path, HM_STR(".md5sums")))
		return read_files(cx, file, false, b);
	if (hm_eqz(hm_basename(file->path), "copyright"))
		return read_copyright(cx, file, b);
	if (!is_stanza_file(hm_basename(file->path)))
		return NULL;
	if (hm_ends(file->path, HM_STR("dpkg/status")))
		HM_TRY(check_status(cx, file->bytes));
	return read_status(cx, file->bytes, b);
}
