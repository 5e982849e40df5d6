/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/signers/signers.h"

static bool is_scheme(struct hm_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!hm_is_alpha(s.p[i]) && !(i && hm_is_digit(s.p[i])))
			return false;
	return s.n > 0;
}

static hm_err add_query(struct hm_cx *cx, struct hm_str part, struct trust_uri *u)
{
	struct hm_str value = part, name = hm_cut(&value, '=');
	if (hm_find_char(part, '=') == SIZE_MAX || !name.n)
		return hm_fail(cx, HM_INPUT, "\"%.*s\" is not of the form NAME=VALUE",
			       HM_FMT(part));
	if (hm_eqz(name, "pin-value"))
		return hm_fail(cx, HM_USAGE,
			       "a PIN does not stand in a URI, where others can read it; use "
			       "pin-source=file:FILE, pin-source=fd:N or pin-source=prompt");
	if (trust_uri_get(u, hm_dupz(cx, name)).p)
		return hm_fail(cx, HM_INPUT, "\"%.*s\" is given twice", HM_FMT(name));
	if (u->query_n == TRUST_URI_QUERIES)
		return hm_fail(cx, HM_LIMIT, "it has more than %d parameters", TRUST_URI_QUERIES);
	struct trust_uri_query *q = &u->query[u->query_n];
	q->name = name;
	HM_TRY(http_unescape(cx, value, false, &q->value));
	u->query_n++;
	return NULL;
}

hm_err trust_uri_parse(struct hm_cx *cx, struct hm_str text, struct trust_uri *out)
{
	struct hm_str rest = text;
	struct trust_uri u = { .query = hm_new(cx, struct trust_uri_query, TRUST_URI_QUERIES) };
	if (text.n > HM_MAX_KEY_URI)
		return hm_fail(cx, HM_LIMIT, "the URI is longer than %llu bytes",
			       (unsigned long long)HM_MAX_KEY_URI);
	if (hm_has_control(text) || hm_find_char(text, '#') != SIZE_MAX)
		return hm_fail(cx, HM_INPUT, "it is not a URI of a key");
	struct hm_str query = text, main = hm_cut(&query, '?');
	rest = main;
	u.main = main;
	u.scheme = hm_lower(cx, hm_cut(&rest, ':'));
	if (main.n == u.scheme.n || !is_scheme(u.scheme))
		return hm_fail(cx, HM_INPUT, "it is not a URI of a key: it has no scheme");
	if (hm_starts(rest, HM_STR("//"))) {
		rest = hm_from(rest, 2);
		size_t slash = hm_find_char(rest, '/');
		u.authority = hm_sub(rest, 0, slash);
		rest = slash == SIZE_MAX ? HM_STR("") : hm_from(rest, slash);
	}
	u.path = rest;
	if (!hm_eqz(u.scheme, "pkcs11"))
		HM_TRY(http_unescape(cx, rest, false, &u.path));
	while (query.n)
		HM_TRY(add_query(cx, hm_cut(&query, '&'), &u));
	*out = u;
	return NULL;
}

struct hm_str trust_uri_get(const struct trust_uri *u, const char *name)
{
	for (size_t i = 0; i < u->query_n; i++)
		if (hm_eqz(u->query[i].name, name))
			return u->query[i].value;
	return (struct hm_str){ NULL, 0 };
}

bool trust_uri_is(struct hm_str text, const char *scheme)
{
	struct hm_str head = hm_cut(&text, ':');
	return hm_cmp_nocase(head, hm_cstr(scheme)) == 0;
}

struct hm_str trust_uri_path(struct hm_cx *cx, struct hm_str path)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_PATH * 4);
	while (path.n) {
		hm_buf_add(&b, http_escape(cx, hm_cut(&path, '/')));
		if (path.n)
			hm_buf_char(&b, '/');
	}
	return hm_dup(cx, hm_buf_str(&b));
}

hm_err trust_uri_only(struct hm_cx *cx, const struct trust_uri *u, const char *const *known)
{
	for (size_t i = 0; i < u->query_n; i++) {
		const char *const *k = known;
		while (*k && !hm_eqz(u->query[i].name, *k))
			k++;
		if (!*k)
			return hm_fail(cx, HM_INPUT, "a URI \"%.*s:\" has no parameter \"%.*s\"",
				       HM_FMT(u->scheme), HM_FMT(u->query[i].name));
	}
	return NULL;
}
