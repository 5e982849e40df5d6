/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Package URLs. Source: the purl specification (ECMA-427) and its type definitions; qualifiers
 * "upstream" and "distro" as Syft and Grype use them.
 */
#include "inventory/inventory.h"

#include "inventory/cataloger.h"

/* Everything but letters, digits, '.', '-', '_', '~' and ':' is written as %XX. */
static void add_encoded(struct hm_buf *b, struct hm_str s)
{
	static const char digits[] = "0123456789ABCDEF";
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (hm_is_alpha(c) || hm_is_digit(c) || c == '.' || c == '-' || c == '_' ||
		    c == '~' || c == ':') {
			hm_buf_char(b, c);
			continue;
		}
		hm_buf_char(b, '%');
		hm_buf_char(b, digits[(unsigned char)c >> 4]);
		hm_buf_char(b, digits[(unsigned char)c & 15]);
	}
}

/* Segments between '/', empty ones left out. */
static void add_path(struct hm_buf *b, struct hm_str path)
{
	bool first = true;
	while (path.n) {
		struct hm_str segment = hm_cut(&path, '/');
		if (!segment.n)
			continue;
		if (!first)
			hm_buf_char(b, '/');
		add_encoded(b, segment);
		first = false;
	}
}

static void add_qualifier(struct hm_buf *b, char *separator, const char *name, struct hm_str value)
{
	if (!value.n)
		return;
	hm_buf_char(b, *separator);
	*separator = '&';
	hm_buf_addz(b, name);
	hm_buf_char(b, '=');
	add_encoded(b, value);
}

/* Can a qualifier say it? "@" stands between name and version, and "src.rpm" behind a file's. */
static bool is_sayable(struct hm_str name, struct hm_str version)
{
	return hm_find_char(name, '@') == SIZE_MAX && hm_find_char(version, '@') == SIZE_MAX &&
	       !hm_ends(name, HM_STR("src.rpm"));
}

/* What the package was built from, as the upstream qualifier says it. */
static struct hm_str format_upstream(struct hm_cx *cx, const struct inventory_component *c)
{
	struct hm_str name = c->source_name, version = c->source_version;
	if (!name.n || !is_sayable(name, version))
		return HM_STR("");
	size_t dash = hm_find_char(version, '-'); /* of an rpm: one, between version and release */
	if (inventory_type_has(c->type, INVENTORY_SOURCE_FILE) && dash != SIZE_MAX &&
	    dash == hm_rfind_char(version, '-'))
		return hm_fmt(cx, "%.*s-%.*s.src.rpm", HM_FMT(name), HM_FMT(version));
	if (version.n && !hm_eq(version, c->version))
		return hm_fmt(cx, "%.*s@%.*s", HM_FMT(name), HM_FMT(version));
	return hm_eq(name, c->name) ? HM_STR("") : name;
}

static bool is_number(struct hm_str s)
{
	uint64_t v;
	return hm_u64(s, UINT32_MAX, &v);
}

/* An epoch of zero is none. */
static struct hm_str without_zero_epoch(struct hm_str version)
{
	while (hm_starts(version, HM_STR("0:")))
		version = hm_from(version, 2);
	return version;
}

/* "1:2.0" is "1" and "2.0". */
static void split_epoch(struct hm_str version, struct hm_str *out_epoch, struct hm_str *out_rest)
{
	struct hm_str rest = without_zero_epoch(version);
	size_t colon = hm_find_char(rest, ':');
	bool has_epoch = colon != SIZE_MAX && is_number(hm_sub(rest, 0, colon));
	*out_epoch = has_epoch ? hm_cut(&rest, ':') : HM_STR("");
	*out_rest = without_zero_epoch(rest);
}

static bool is_go_library(const struct inventory_component *c)
{
	return inventory_type_has(c->type, INVENTORY_GO_LIBRARY) && hm_eqz(c->name, "stdlib");
}

/* Where else it comes from, as far as a qualifier can say it: a folder has none. A revision stands
 * behind '@' there (SPDX 2.3, 7.7). */
static void add_origin(struct hm_cx *cx, struct hm_buf *b, char *separator, struct hm_str origin)
{
	static const struct {
		const char *head, *name;
	} kinds[] = {
		{ "git+", "vcs_url" },
		{ "hg+", "vcs_url" },
		{ "svn+", "vcs_url" },
		{ "bzr+", "vcs_url" },
		{ "registry+", "repository_url" },
		{ "sparse+", "repository_url" },
		{ "https://", "download_url" },
		{ "http://", "download_url" },
	};
	for (size_t i = 0; i < HM_LEN(kinds); i++) {
		if (!hm_starts(origin, hm_cstr(kinds[i].head)))
			continue;
		char *url = hm_dupz(cx, origin);
		size_t mark = hm_find_char(origin, '#');
		if (mark != SIZE_MAX && i < 4)
			url[mark] = '@';
		if (hm_eqz(hm_cstr(kinds[i].name), "repository_url"))
			hm_cut(&origin, '+');
		add_qualifier(b, separator, kinds[i].name,
			      i < 4 ? hm_bytes(url, origin.n) : origin);
		return;
	}
}

/* Namespace and name, as the rules of the type have them. */
static void spell_names(struct hm_cx *cx, const struct inventory_component *c, unsigned rules,
			struct hm_str *out_prefix, struct hm_str *out_name)
{
	struct hm_str prefix = c->namespace, name = c->name;
	if (rules & INVENTORY_PATH_NAME) {
		bool has_path = hm_find_char(c->name, '/') != SIZE_MAX;
		prefix = has_path ? hm_dirname(c->name) : HM_STR("");
		name = hm_basename(c->name);
	}
	*out_prefix = rules & INVENTORY_LOWER_NAMESPACE ? hm_lower(cx, prefix) : prefix;
	if (rules & INVENTORY_LOWER_NAME)
		name = hm_lower(cx, name);
	if (rules & INVENTORY_DASH_NAME) {
		char *dashed = hm_dupz(cx, name);
		for (size_t i = 0; i < name.n; i++)
			if (dashed[i] == '_')
				dashed[i] = '-';
		name = hm_bytes(dashed, name.n);
	}
	*out_name = name;
}

struct hm_str inventory_purl(struct hm_cx *cx, const struct inventory_component *c)
{
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	unsigned rules = inventory_type_of(c->type)->rules;
	struct hm_str prefix, name, version = c->version, epoch = { 0 };
	char separator = '?';

	spell_names(cx, c, rules, &prefix, &name);
	/* "go1.22.3" is the toolchain's spelling of 1.22.3 */
	if (is_go_library(c) && hm_starts(version, HM_STR("go")))
		version = hm_from(version, 2);
	if (rules & INVENTORY_EPOCH)
		split_epoch(version, &epoch, &version);

	hm_buf_addz(&b, "pkg:");
	hm_buf_add(&b, hm_lower(cx, c->type));
	hm_buf_char(&b, '/');
	add_path(&b, prefix);
	if (prefix.n)
		hm_buf_char(&b, '/');
	add_encoded(&b, name);
	if (version.n) {
		hm_buf_char(&b, '@');
		add_encoded(&b, version);
	}
	if (rules & INVENTORY_OS) {
		add_qualifier(&b, &separator, "arch", c->arch);
		add_qualifier(&b, &separator, "distro", c->distro);
		add_qualifier(&b, &separator, "epoch", epoch);
		add_qualifier(&b, &separator, "upstream", format_upstream(cx, c));
	}
	add_origin(cx, &b, &separator, c->origin);
	return hm_dup(cx, hm_buf_str(&b));
}

static hm_err decode_part(struct hm_cx *cx, struct hm_str s, struct hm_str *out)
{
	HM_TRY_IN(cx, http_unescape(cx, s, false, out), "purl");
	return NULL;
}

/* "name-version-release.src.rpm", "name@version" or "name"; what can be read in two ways says
 * nothing. */
static void read_upstream(struct hm_str value, bool is_rpm, struct inventory_component *c)
{
	static const struct hm_str tails[] = { HM_STR_INIT(".src.rpm"), HM_STR_INIT(".nosrc.rpm") };
	struct hm_str name = value, version = is_rpm ? HM_STR("") : c->version;
	bool is_file = false;
	for (size_t i = 0; is_rpm && i < HM_LEN(tails); i++)
		is_file = is_file || hm_ends(value, tails[i]);
	size_t at = hm_rfind_char(value, '@');
	if (is_file) {
		inventory_source_rpm(value, &name, &version);
	} else if (at != SIZE_MAX) {
		name = hm_sub(value, 0, at);
		version = hm_from(value, at + 1);
	}
	if (!is_sayable(name, version) || ((is_file || at != SIZE_MAX) && !version.n))
		name = version = HM_STR("");
	c->source_name = name;
	c->source_version = version;
}

void inventory_source_rpm(struct hm_str file, struct hm_str *out_name, struct hm_str *out_version)
{
	struct hm_str s = file;
	if (hm_ends(s, HM_STR(".rpm")))
		s.n -= 4;
	size_t dot = hm_rfind_char(s, '.');
	if (dot != SIZE_MAX)
		s.n = dot;
	size_t release = hm_rfind_char(s, '-');
	size_t version = release == SIZE_MAX ? SIZE_MAX : hm_rfind_char(hm_sub(s, 0, release), '-');
	*out_name = version == SIZE_MAX ? s : hm_sub(s, 0, version);
	*out_version = version == SIZE_MAX ? HM_STR("") : hm_from(s, version + 1);
}

static hm_err read_qualifiers(struct hm_cx *cx, struct hm_str text, struct inventory_component *c)
{
	struct hm_str source = { 0 }, epoch = { 0 };
	while (text.n) {
		struct hm_str value = hm_cut(&text, '&');
		struct hm_str key = hm_cut(&value, '=');
		HM_TRY(decode_part(cx, value, &value));
		if (hm_eqz(key, "arch"))
			c->arch = value;
		else if (hm_eqz(key, "distro"))
			c->distro = value;
		else if (hm_eqz(key, "epoch"))
			epoch = value;
		else if (hm_eqz(key, "upstream"))
			source = value;
	}
	unsigned rules = inventory_type_of(c->type)->rules;
	if (rules & INVENTORY_EPOCH && is_number(epoch))
		c->version = hm_fmt(cx, "%.*s:%.*s", HM_FMT(epoch), HM_FMT(c->version));
	if (rules & INVENTORY_EPOCH) {
		struct hm_str rest;
		split_epoch(c->version, &epoch, &rest);
		c->version = epoch.n ? hm_fmt(cx, "%.*s:%.*s", HM_FMT(epoch), HM_FMT(rest)) : rest;
	}
	if (source.n) {
		read_upstream(source, (rules & INVENTORY_SOURCE_FILE) != 0, c);
	} else if (rules & INVENTORY_OS && !(rules & INVENTORY_SOURCE_FILE)) {
		c->source_name = c->name;
		c->source_version = c->version;
	}
	return NULL;
}

static bool is_type(struct hm_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!hm_is_alpha(s.p[i]) && !hm_is_digit(s.p[i]) && !memchr(".-+", s.p[i], 3))
			return false;
	return s.n && !hm_is_digit(s.p[0]);
}

/* A path with an empty part. */
static bool has_gap(struct hm_str path)
{
	return hm_starts(path, HM_STR("/")) || hm_ends(path, HM_STR("/")) ||
	       hm_find(path, HM_STR("//")) != SIZE_MAX;
}

/* namespace/name, each segment decoded by itself. */
static hm_err read_path(struct hm_cx *cx, struct hm_str path, struct inventory_component *c)
{
	HM_AUTO_BUF prefix = HM_BUF(HM_MIB);
	while (hm_ends(path, HM_STR("/")))
		path.n--;
	size_t slash = hm_rfind_char(path, '/');
	struct hm_str head = slash == SIZE_MAX ? HM_STR("") : hm_sub(path, 0, slash);
	HM_TRY(decode_part(cx, slash == SIZE_MAX ? path : hm_from(path, slash + 1), &c->name));
	while (head.n) {
		struct hm_str segment = hm_cut(&head, '/');
		if (!segment.n)
			continue;
		HM_TRY(decode_part(cx, segment, &segment));
		if (hm_find_char(segment, '/') != SIZE_MAX)
			return hm_fail(cx, HM_INPUT, "purl: a part of the namespace holds a slash");
		if (prefix.n)
			hm_buf_char(&prefix, '/');
		hm_buf_add(&prefix, segment);
	}
	HM_TRY(hm_buf_end(cx, &prefix, "the namespace of a purl", &c->namespace));
	c->namespace = hm_dup(cx, c->namespace);
	bool is_path = inventory_type_has(c->type, INVENTORY_PATH_NAME);
	if (!c->name.n || (is_path && has_gap(c->name)))
		return hm_fail(cx, HM_INPUT, "purl: the name is missing");
	if (is_path && c->namespace.n) {
		c->name = hm_fmt(cx, "%.*s/%.*s", HM_FMT(c->namespace), HM_FMT(c->name));
		c->namespace = HM_STR("");
	}
	return NULL;
}

hm_err inventory_purl_parse(struct hm_cx *cx, struct hm_str purl, struct inventory_component *out)
{
	struct inventory_component c = { .purl = hm_dup(cx, purl) };
	struct hm_str rest = c.purl, qualifiers, version = { 0 };

	if (rest.n && memchr(rest.p, '\0', rest.n))
		return hm_fail(cx, HM_INPUT, "purl: a NUL byte");
	if (rest.n < 4 || hm_cmp_nocase(hm_sub(rest, 0, 4), HM_STR("pkg:")))
		return hm_fail(cx, HM_INPUT, "purl: it does not begin with \"pkg:\"");
	rest = hm_from(rest, 4);
	while (hm_starts(rest, HM_STR("/")))
		rest = hm_from(rest, 1);
	size_t subpath = hm_rfind_char(rest, '#');
	if (subpath != SIZE_MAX)
		rest.n = subpath;
	qualifiers = rest;
	rest = hm_cut(&qualifiers, '?');
	c.type = hm_lower(cx, hm_cut(&rest, '/'));
	if (!is_type(c.type))
		return hm_fail(cx, HM_INPUT, "purl: \"%.*s\" is not a valid type", HM_FMT(c.type));
	/* a scope written as "@scope/name" is no version: the version stands after the last '/' */
	size_t at = hm_rfind_char(rest, '@'), slash = hm_rfind_char(rest, '/');
	if (at != SIZE_MAX && at > 0 && (slash == SIZE_MAX || at > slash)) {
		version = hm_from(rest, at + 1);
		rest.n = at;
	}
	HM_TRY(decode_part(cx, version, &c.version));
	HM_TRY(read_path(cx, rest, &c));
	HM_TRY(read_qualifiers(cx, qualifiers, &c));
	if (is_go_library(&c) && c.version.n)
		c.version = hm_fmt(cx, "go%.*s", HM_FMT(c.version));
	*out = c;
	return NULL;
}
