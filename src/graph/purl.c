/* SPDX-License-Identifier: Apache-2.0 */
/* Purls as names of nouns: one spelling for each, with all qualifiers. */
#include <stdlib.h>

#include "graph/doc.h"
#include "inventory/inventory.h"

/* ------------------------------------------------------------------ parts */

enum { PLAIN = 1, SLASH = 2 };
/* What stands for itself. */
static const uint8_t marks[256] = {
	['0' ... '9'] = PLAIN, ['A' ... 'Z'] = PLAIN, ['a' ... 'z'] = PLAIN, ['.'] = PLAIN,
	['-'] = PLAIN,         ['_'] = PLAIN,         ['~'] = PLAIN,         [':'] = PLAIN,
	['+'] = PLAIN,         ['/'] = SLASH,
};

struct hm_str graph_purl_part(struct hm_cx *cx, struct hm_str text, bool slashes)
{
	static const char hex[] = "0123456789ABCDEF";
	const uint8_t plain = slashes ? PLAIN | SLASH : PLAIN;
	size_t n = 0;
	while (n < text.n && (marks[(uint8_t)text.p[n]] & plain))
		n++;
	if (n == text.n)
		return text;
	char *out = hm_room(cx, text.n * 3 + 1, 1);
	n = 0;
	for (size_t i = 0; i < text.n; i++) {
		uint8_t c = (uint8_t)text.p[i];
		if (marks[c] & plain) {
			out[n++] = text.p[i];
			continue;
		}
		out[n++] = '%';
		out[n++] = hex[c >> 4];
		out[n++] = hex[c & 15];
	}
	return hm_bytes(out, n);
}

struct hm_str graph_purl_decode(struct hm_cx *cx, struct hm_str s)
{
	if (hm_find_char(s, '%') == SIZE_MAX)
		return s;
	char *out = hm_alloc(cx, s.n + 1, 1, 1);
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		int high = i + 2 < s.n && s.p[i] == '%' ? hm_hex_digit(s.p[i + 1]) : -1;
		int low = high >= 0 ? hm_hex_digit(s.p[i + 2]) : -1;
		if (low < 0) {
			out[n++] = s.p[i];
			continue;
		}
		out[n++] = (char)(high * 16 + low);
		i += 2;
	}
	return hm_bytes(out, n);
}

/* ------------------------------------------------------------------ the whole */

struct parts {
	struct hm_str type, namespace, name, version, subpath;
	struct hm_strs qualifiers; /* "key=value", decoded, sorted */
};

static void read_qualifiers(struct hm_cx *cx, struct hm_str text, struct parts *p)
{
	while (text.n) {
		struct hm_str value = hm_cut(&text, '&'), key = hm_cut(&value, '=');
		if (key.n && value.n)
			*hm_push(cx, &p->qualifiers) =
				hm_fmt(cx, "%.*s=%.*s", HM_FMT(hm_lower(cx, key)),
				       HM_FMT(graph_purl_decode(cx, value)));
	}
	hm_strs_sort(&p->qualifiers);
}

static struct hm_str take_qualifier(struct parts *p, struct hm_str name)
{
	for (size_t i = 0; i < p->qualifiers.n; i++) {
		struct hm_str value = p->qualifiers.p[i], key = hm_cut(&value, '=');
		if (!hm_eq(key, name))
			continue;
		memmove(&p->qualifiers.p[i], &p->qualifiers.p[i + 1],
			(p->qualifiers.n - i - 1) * sizeof(*p->qualifiers.p));
		p->qualifiers.n--;
		return value;
	}
	return HM_STR("");
}

/* Where an image is stored is its namespace: one name, whichever way it is written. */
static void settle_image(struct hm_cx *cx, struct parts *p)
{
	struct hm_str url = take_qualifier(p, HM_STR("repository_url"));
	struct hm_str tail = hm_fmt(cx, "/%.*s", HM_FMT(p->name));
	if (hm_eqz(p->type, "docker")) {
		p->namespace = url.n && p->namespace.n
				       ? hm_fmt(cx, "%.*s/%.*s", HM_FMT(url), HM_FMT(p->namespace))
			       : url.n ? url
				       : p->namespace;
		return;
	}
	if (url.n)
		p->namespace = url;
	if (hm_ends(p->namespace, tail))
		p->namespace.n -= tail.n;
}

static void spell(struct hm_cx *cx, struct parts *p)
{
	if (inventory_type_has(p->type, INVENTORY_LOWER_NAMESPACE))
		p->namespace = hm_lower(cx, p->namespace);
	if (inventory_type_has(p->type, INVENTORY_LOWER_NAME))
		p->name = hm_lower(cx, p->name);
	if (inventory_type_has(p->type, INVENTORY_DASH_NAME)) {
		char *name = hm_dupz(cx, p->name);
		for (size_t i = 0; i < p->name.n; i++)
			name[i] = name[i] == '_' ? '-' : name[i];
		p->name.p = name;
	}
	if (hm_eqz(p->type, "oci") || hm_eqz(p->type, "docker"))
		settle_image(cx, p);
}

static bool is_type(struct hm_str s)
{
	if (!s.n || !hm_is_alpha(s.p[0]))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!hm_is_alpha(s.p[i]) && !hm_is_digit(s.p[i]) && !hm_is_one_of(s.p[i], ".+-"))
			return false;
	return true;
}

static hm_err read_parts(struct hm_cx *cx, struct hm_str purl, struct parts *p)
{
	struct hm_str rest = hm_trim(purl), qualifiers;
	if (!hm_starts(rest, HM_STR("pkg:")))
		return hm_fail(cx, HM_INPUT, "\"%.*s\" is not a purl", HM_FMT(purl));
	rest = hm_from(rest, 4);
	while (hm_starts(rest, HM_STR("/")))
		rest = hm_from(rest, 1);
	size_t subpath = hm_rfind_char(rest, '#');
	if (subpath != SIZE_MAX) {
		p->subpath = graph_purl_decode(cx, hm_from(rest, subpath + 1));
		rest.n = subpath;
	}
	qualifiers = rest;
	rest = hm_cut(&qualifiers, '?');
	read_qualifiers(cx, qualifiers, p);
	p->type = hm_lower(cx, hm_cut(&rest, '/'));
	size_t at = hm_rfind_char(rest, '@'), slash = hm_rfind_char(rest, '/');
	if (at != SIZE_MAX && (slash == SIZE_MAX || at > slash)) {
		p->version = graph_purl_decode(cx, hm_from(rest, at + 1));
		rest.n = at;
		slash = hm_rfind_char(rest, '/');
	}
	while (hm_ends(rest, HM_STR("/"))) {
		rest.n--;
		slash = hm_rfind_char(rest, '/');
	}
	if (slash != SIZE_MAX && slash < rest.n) {
		/* "pkg:guac/spdx//a" has the namespace "spdx" (purl-spec: empty segments do not
		 * count; GUAC's client asks for it so) */
		p->namespace = graph_purl_decode(cx, hm_sub(rest, 0, slash));
		while (hm_ends(p->namespace, HM_STR("/")))
			p->namespace.n--;
		rest = hm_from(rest, slash + 1);
	}
	p->name = graph_purl_decode(cx, rest);
	if (!is_type(p->type) || !p->name.n)
		return hm_fail(cx, HM_INPUT, "\"%.*s\" is not a purl", HM_FMT(purl));
	spell(cx, p);
	return NULL;
}

hm_err graph_purl(struct hm_cx *cx, struct hm_str purl, struct hm_str *out_key,
		  struct hm_str *out_name)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_GRAPH_KEY);
	struct parts p = { 0 };
	struct hm_str text;
	HM_TRY(read_parts(cx, purl, &p));
	hm_buf_fmt(&b, "pkg:%.*s/", HM_FMT(p.type));
	if (p.namespace.n)
		hm_buf_fmt(&b, "%.*s/", HM_FMT(graph_purl_part(cx, p.namespace, true)));
	hm_buf_add(&b, graph_purl_part(cx, p.name, false));
	size_t name = b.n;
	if (p.version.n)
		hm_buf_fmt(&b, "@%.*s", HM_FMT(graph_purl_part(cx, p.version, false)));
	for (size_t i = 0; i < p.qualifiers.n; i++) {
		struct hm_str value = p.qualifiers.p[i], key = hm_cut(&value, '=');
		hm_buf_fmt(&b, "%c%.*s=%.*s", i ? '&' : '?', HM_FMT(key),
			   HM_FMT(graph_purl_part(cx, value, true)));
	}
	if (p.subpath.n)
		hm_buf_fmt(&b, "#%.*s", HM_FMT(graph_purl_part(cx, p.subpath, true)));
	HM_TRY(hm_buf_end(cx, &b, "a purl", &text));
	*out_key = hm_dup(cx, text);
	*out_name = hm_sub(*out_key, 0, name);
	return NULL;
}

struct hm_str graph_purl_version(struct hm_cx *cx, struct hm_str key)
{
	struct hm_str rest = key, all = hm_cut(&rest, '?');
	rest = all;
	all = hm_cut(&rest, '#');
	size_t at = hm_rfind_char(all, '@'), slash = hm_rfind_char(all, '/');
	return at != SIZE_MAX && (slash == SIZE_MAX || at > slash)
		       ? graph_purl_decode(cx, hm_from(all, at + 1))
		       : HM_STR("");
}
