/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Installed Python packages: METADATA of *.dist-info, PKG-INFO or METADATA of *.egg-info,
 * *.egg-info where it is a file, and EGG-INFO/PKG-INFO in *.egg where that is a zip file. Sources:
 * the core metadata specifications of packaging.python.org, PEP 639; setuptools, "The Internal
 * Structure of Python Eggs".
 */
#include "inventory/catalogers/common.h"

#include "codec/json.h"
#include "codec/zip.h"

/* "charset-normalizer (<4,>=2) ; extra == 'x'": the name, unless only an extra asks for it. */
static void add_requirement(struct hm_cx *cx, struct inventory_component *c, struct hm_str value)
{
	struct hm_str marker = value;
	struct hm_str name = hm_trim(hm_cut(&marker, ';'));
	size_t n = 0;
	if (hm_find(marker, HM_STR("extra")) != SIZE_MAX)
		return;
	while (n < name.n &&
	       (hm_is_alpha(name.p[n]) || hm_is_digit(name.p[n]) || memchr("-_.", name.p[n], 3)))
		n++;
	inventory_list_add(cx, &c->depends, hm_sub(name, 0, n));
}

/* A licence in one line; a whole text in this field is not what it is for. */
static struct hm_str short_licence(struct hm_str s)
{
	bool is_short = s.n <= 200 && hm_find_char(s, '\n') == SIZE_MAX && !hm_eqz(s, "UNKNOWN");
	return is_short ? s : HM_STR("");
}

static void add_licences(struct hm_cx *cx, struct inventory_component *c, const struct stanza *s)
{
	static const struct hm_str head = HM_STR_INIT("License :: ");
	inventory_list_add(cx, &c->licenses, stanza_get(s, "License-Expression"));
	if (!c->licenses.n)
		inventory_list_add(cx, &c->licenses, short_licence(stanza_get(s, "License")));
	for (size_t i = 0; !c->licenses.n && i < s->n; i++) {
		struct hm_str value = hm_trim(s->p[i].value);
		if (hm_cmp_nocase(s->p[i].name, HM_STR("Classifier")) || !hm_starts(value, head))
			continue;
		value = hm_from(value, head.n);
		if (hm_starts(value, HM_STR("OSI Approved :: ")))
			value = hm_from(value, 16);
		inventory_list_add(cx, &c->licenses, value);
	}
}

/* What pip could not remove it has renamed to "~ame-1.0.dist-info", and Python does not see. */
static bool is_leftover(struct hm_str path)
{
	return hm_starts(hm_basename(path), HM_STR("~")) ||
	       hm_starts(hm_basename(hm_dirname(path)), HM_STR("~"));
}

static hm_err read_text(struct hm_cx *cx, const struct inventory_file *file, struct hm_str *out)
{
	struct zip zip;
	*out = file->bytes;
	if (!hm_ends(hm_lower(cx, file->path), HM_STR(".egg")))
		return NULL;
	HM_TRY(zip_open(cx, file->bytes, &zip));
	zip.unchecked = true;
	const struct zip_entry *e = zip_find(&zip, HM_STR("EGG-INFO/PKG-INFO"));
	if (!e)
		return hm_fail(cx, HM_INPUT, "python: an egg without EGG-INFO/PKG-INFO");
	return zip_read(cx, &zip, e, HM_MIB, out);
}

/* A line by which Python's email.parser goes on with headers. */
static bool is_header(struct hm_str line)
{
	size_t n = 0;
	if (hm_starts(line, HM_STR(" ")) || hm_starts(line, HM_STR("\t")))
		return true;
	while (n < line.n && line.p[n] > ' ' && line.p[n] <= '~' && line.p[n] != ':')
		n++;
	return n < line.n && line.p[n] == ':';
}

/* The headers, as that parser has them: a CR alone ends a line, and they end at what is none. What
 * stands before the first is passed over. */
static struct hm_str find_headers(struct hm_cx *cx, struct hm_str text)
{
	char *p = hm_dupz(cx, text);
	struct hm_str rest = hm_bytes(p, text.n);
	for (size_t i = 0; i < rest.n; i++)
		if (p[i] == '\r' && (i + 1 == rest.n || p[i + 1] != '\n'))
			p[i] = '\n';
	bool any = false;
	for (struct hm_str left = rest; left.n;) {
		size_t at = rest.n - left.n;
		bool is = is_header(hm_line(&left));
		if (any && !is)
			return hm_sub(rest, 0, at);
		any |= is;
	}
	return rest;
}

INVENTORY_PARSE(python_installed)
{
	struct stanza s = { 0 };
	struct inventory_component c = { .type = HM_STR("pypi") };
	struct hm_str text;
	if (is_leftover(file->path))
		return NULL;
	HM_TRY(read_text(cx, file, &text));
	if (hm_starts(text, HM_STR("\xef\xbb\xbf")))
		text = hm_from(text, 3);
	text = find_headers(cx, text);
	stanza_next(cx, &text, &s);
	c.name = stanza_get(&s, "Name");
	c.version = stanza_get(&s, "Version");
	if (!c.name.n || !c.version.n)
		return inventory_add_unknown(cx, b, HM_STR(""),
					     HM_STR("python: name or version is missing"));
	c.homepage = stanza_get(&s, "Home-page");
	if (hm_eqz(c.homepage, "UNKNOWN"))
		c.homepage = HM_STR("");
	c.description = short_licence(stanza_get(&s, "Summary"));
	struct hm_str author = stanza_get(&s, "Author");
	struct hm_str mail = stanza_get(&s, "Author-email");
	c.supplier = !author.n || hm_eqz(author, "UNKNOWN") ? mail : author;
	if (author.n && mail.n && !hm_eq(c.supplier, mail))
		c.supplier = hm_fmt(cx, "%.*s <%.*s>", HM_FMT(author), HM_FMT(mail));
	add_licences(cx, &c, &s);
	for (size_t i = 0; i < s.n; i++)
		if (hm_cmp_nocase(s.p[i].name, HM_STR("Requires-Dist")) == 0)
			add_requirement(cx, &c, s.p[i].value);
	return inventory_add(cx, b, &c);
}

/* *.dist-info/direct_url.json (PEP 610): where it was installed from, if not by its name from an
 * index. Of a file of PyPI's own that makes no difference. */
INVENTORY_PARSE(python_origin)
{
	struct json doc;
	HM_TRY(json_parse(cx, file->bytes, JSON_PLAIN, &doc));
	struct hm_str url = json_str(json_get(doc, "url")), folder = hm_dirname(inventory_place(b));
	struct json vcs = json_get(doc, "vcs_info");
	struct hm_str kind = json_str(json_get(vcs, "vcs"));
	struct inventory_location at = { .path = hm_fmt(cx, "%.*s/METADATA", HM_FMT(folder)) };
	struct inventory_component c = { .type = HM_STR("pypi"),
					 .name = hm_basename(folder),
					 .origin = url,
					 .locations = &at,
					 .locations_n = 1 };
	if (kind.n)
		c.origin = hm_fmt(cx, "%.*s+%.*s#%.*s", HM_FMT(kind), HM_FMT(url),
				  HM_FMT(json_str(json_get(vcs, "commit_id"))));
	if (!url.n || inventory_is_pypi(url))
		return NULL;
	return inventory_add(cx, b, &c);
}
