/* SPDX-License-Identifier: Apache-2.0 */
#include "http/url.h"

#include "http/parts.h"

static bool is_scheme(struct hm_str s)
{
	if (s.n == 0 || !hm_is_alpha(s.p[0]))
		return false;
	for (size_t i = 1; i < s.n; i++)
		if (!hm_is_alpha(s.p[i]) && !hm_is_digit(s.p[i]) && !hm_is_one_of(s.p[i], "+-."))
			return false;
	return true;
}

/* Where "scheme:" ends; 0 where there is none. */
static size_t find_scheme_end(struct hm_str url)
{
	size_t colon = hm_find_char(url, ':');
	return colon != SIZE_MAX && is_scheme(hm_sub(url, 0, colon)) ? colon : 0;
}

static bool is_host(struct hm_str host, bool bracketed)
{
	if (host.n == 0 || host.n > 255)
		return false;
	for (size_t i = 0; i < host.n; i++) {
		char c = host.p[i];
		bool good = hm_is_alpha(c) || hm_is_digit(c);
		if (!good && !hm_is_one_of(c, bracketed ? ":." : "-._~"))
			return false;
	}
	return true;
}

static hm_err parse_authority(struct hm_cx *cx, struct hm_str authority, struct http_url *out)
{
	struct hm_str host = authority, port = { "", 0 };
	bool bracketed = host.n && host.p[0] == '[';
	if (hm_find_char(authority, '@') != SIZE_MAX)
		return hm_fail(cx, HM_INPUT, "a URL with a user name in it is not accepted");
	if (bracketed) {
		size_t end = hm_find_char(authority, ']');
		if (end == SIZE_MAX)
			return hm_fail(cx, HM_INPUT, "the host of the URL has no closing bracket");
		host = hm_sub(authority, 1, end - 1);
		port = hm_from(authority, end + 1);
		if (port.n && port.p[0] != ':')
			return hm_fail(cx, HM_INPUT, "the host of the URL is not valid");
		port = hm_from(port, 1);
	} else if (hm_find_char(authority, ':') != SIZE_MAX) {
		port = authority;
		host = hm_cut(&port, ':');
	}
	uint64_t number = hm_eqz(out->scheme, "https") ? 443 : 80;
	if (!is_host(host, bracketed))
		return hm_fail(cx, HM_INPUT, "the host of the URL is not valid");
	if (port.n && (!hm_u64(port, 65535, &number) || number == 0))
		return hm_fail(cx, HM_INPUT, "the port of the URL is not valid");
	HM_TRY_IN(cx, http_host_parse(cx, host, &out->host), "the host of the URL");
	out->port = (unsigned)number;
	return NULL;
}

hm_err http_url_parse(struct hm_cx *cx, struct hm_str url, struct http_url *out)
{
	struct http_url u = { 0 };
	for (size_t i = 0; i < url.n; i++)
		if ((unsigned char)url.p[i] <= 0x20 || url.p[i] == 0x7f)
			return hm_fail(cx, HM_INPUT, "the URL has a space or control character");
	size_t end = find_scheme_end(url);
	u.scheme = hm_lower(cx, hm_sub(url, 0, end));
	if (!hm_eqz(u.scheme, "http") && !hm_eqz(u.scheme, "https"))
		return hm_fail(cx, HM_INPUT, "the URL is neither http nor https");
	struct hm_str rest = hm_from(url, end + 1);
	if (!hm_starts(rest, HM_STR("//")))
		return hm_fail(cx, HM_INPUT, "the URL has no host");
	rest = hm_from(rest, 2);
	rest = hm_sub(rest, 0, hm_find_char(rest, '#'));
	size_t path = 0;
	while (path < rest.n && rest.p[path] != '/' && rest.p[path] != '?')
		path++;
	HM_TRY(parse_authority(cx, hm_sub(rest, 0, path), &u));
	u.query = hm_from(rest, path);
	u.path = hm_dup(cx, hm_cut(&u.query, '?'));
	u.query = hm_dup(cx, u.query);
	if (u.path.n == 0)
		u.path = HM_STR("/");
	*out = u;
	return NULL;
}

bool http_url_same_origin(const struct http_url *a, const struct http_url *b)
{
	return hm_eq(a->scheme, b->scheme) && a->port == b->port &&
	       hm_cmp_nocase(a->host, b->host) == 0;
}

static struct hm_str join_parts(struct hm_cx *cx, struct hm_str a, struct hm_str b, struct hm_str c)
{
	char *p = hm_new(cx, char, a.n + b.n + c.n + 1);
	memcpy(p, a.p, a.n);
	memcpy(p + a.n, b.p, b.n);
	memcpy(p + a.n + b.n, c.p, c.n);
	return hm_bytes(p, a.n + b.n + c.n);
}

/* How much of the base stays before the reference (RFC 3986, 5.2.2); `path`: where its path begins.
 */
static struct hm_str cut_base(struct hm_str base, struct hm_str reference, size_t path)
{
	struct hm_str tail = hm_from(base, path);
	tail = hm_sub(tail, 0, hm_find_char(tail, '?'));
	if (hm_starts(reference, HM_STR("//")))
		return hm_sub(base, 0, hm_find(base, HM_STR("//")));
	if (hm_starts(reference, HM_STR("/")))
		return hm_sub(base, 0, path);
	if (reference.n == 0 || hm_is_one_of(reference.p[0], "?#"))
		return hm_sub(base, 0, path + tail.n);
	return hm_sub(base, 0, path + (tail.n ? hm_rfind_char(tail, '/') + 1 : 0));
}

hm_err http_url_resolve(struct hm_cx *cx, struct hm_str base, struct hm_str reference,
			struct hm_str *out)
{
	struct http_url u;
	if (find_scheme_end(reference)) {
		HM_TRY(http_url_parse(cx, reference, &u));
		*out = hm_dup(cx, reference);
		return NULL;
	}
	HM_TRY(http_url_parse(cx, base, &u));
	base = hm_sub(base, 0, hm_find_char(base, '#'));
	size_t path = hm_find(base, HM_STR("//")) + 2;
	while (path < base.n && base.p[path] != '/' && base.p[path] != '?')
		path++;
	struct hm_str keep = cut_base(base, reference, path);
	bool joins = reference.n && !hm_is_one_of(reference.p[0], "/?#");
	const char *slash = keep.n == path && joins ? "/" : "";
	struct hm_str joined = join_parts(cx, keep, hm_cstr(slash), reference);
	HM_TRY(http_url_parse(cx, joined, &u));
	*out = joined;
	return NULL;
}

bool http_is_loopback(struct hm_str host)
{
	uint64_t part;
	struct hm_str rest = host;
	if (hm_cmp_nocase(host, HM_STR("localhost")) == 0 || hm_eqz(host, "::1"))
		return true;
	if (!hm_starts(host, HM_STR("127.")))
		return false;
	for (int i = 0; i < 4; i++)
		if (!hm_u64(hm_cut(&rest, '.'), 255, &part))
			return false;
	return rest.n == 0;
}

struct hm_str http_host_of(struct hm_str field)
{
	static const struct hm_str none = { "", 0 };
	bool bracketed = hm_starts(field, HM_STR("["));
	size_t end = hm_find_char(field, bracketed ? ']' : ':');
	uint64_t port;
	if (bracketed && end == SIZE_MAX)
		return none;
	struct hm_str host = bracketed ? hm_sub(field, 1, end - 1) : hm_sub(field, 0, end);
	struct hm_str rest = hm_from(field, bracketed ? end + 1 : end);
	if (!bracketed && hm_ends(host, HM_STR(".")))
		host.n--;
	if (rest.n && (rest.p[0] != ':' || (rest.n > 1 && !hm_u64(hm_from(rest, 1), 65535, &port))))
		return none;
	if (!is_host(host, bracketed) || bracketed != (hm_find_char(host, ':') != SIZE_MAX) ||
	    hm_ends(host, HM_STR("."))) /* there were two dots at its end */
		return none;
	return host;
}

bool http_host_is_ours(struct hm_str field, const struct hm_str *names, size_t n)
{
	static const struct hm_str below = HM_STR_INIT(".localhost");
	struct hm_str host = http_host_of(field);
	if (http_is_loopback(host))
		return true;
	if (host.n > below.n && hm_cmp_nocase(hm_from(host, host.n - below.n), below) == 0)
		return true;
	for (size_t i = 0; host.n && i < n; i++)
		if (hm_cmp_nocase(host, http_host_of(names[i])) == 0)
			return true;
	return false;
}

/* "HOST[:PORT]" of "SCHEME://HOST[:PORT]"; empty where there is none, as in "null". */
static struct hm_str cut_origin_host(struct hm_str origin, bool *out_secure)
{
	static const struct hm_str schemes[] = { HM_STR_INIT("http://"), HM_STR_INIT("https://") };
	for (size_t i = 0; i < HM_LEN(schemes); i++) {
		*out_secure = i == 1;
		if (hm_cmp_nocase(hm_sub(origin, 0, schemes[i].n), schemes[i]) == 0)
			return hm_from(origin, schemes[i].n);
	}
	return (struct hm_str){ "", 0 };
}

/* Of a Host field that http_host_of() understands. */
static uint64_t read_port(struct hm_str field, bool tls)
{
	uint64_t port = tls ? 443 : 80;
	size_t colon = hm_rfind_char(field, ':');
	if (colon != SIZE_MAX && colon + 1 < field.n && !hm_ends(field, HM_STR("]")))
		(void)!hm_u64(hm_from(field, colon + 1), 65535, &port);
	return port;
}

bool http_origin_is_same(struct hm_str origin, struct hm_str host, bool tls)
{
	bool secure;
	struct hm_str from = cut_origin_host(origin, &secure), name = http_host_of(from);
	return name.n && secure == tls && hm_cmp_nocase(name, http_host_of(host)) == 0 &&
	       read_port(from, tls) == read_port(host, tls);
}

bool http_origin_is_named(struct hm_str origin, const struct hm_str *names, size_t n)
{
	bool secure;
	struct hm_str name = http_host_of(cut_origin_host(origin, &secure));
	for (size_t i = 0; name.n && i < n; i++)
		if (hm_cmp_nocase(name, http_host_of(names[i])) == 0)
			return true;
	return false;
}

struct hm_str http_escape(struct hm_cx *cx, struct hm_str s)
{
	static const char digits[] = "0123456789ABCDEF";
	char *out = hm_new(cx, char, s.n * 3 + 1);
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (hm_is_alpha(c) || hm_is_digit(c) || hm_is_one_of(c, "-._~")) {
			out[n++] = c;
			continue;
		}
		out[n++] = '%';
		out[n++] = digits[(unsigned char)c >> 4];
		out[n++] = digits[(unsigned char)c & 15];
	}
	return hm_bytes(out, n);
}

hm_err http_unescape(struct hm_cx *cx, struct hm_str s, bool form, struct hm_str *out)
{
	char *p = hm_new(cx, char, s.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (c == '%') {
			int high = i + 1 < s.n ? hm_hex_digit(s.p[i + 1]) : -1;
			int low = i + 2 < s.n ? hm_hex_digit(s.p[i + 2]) : -1;
			if (high < 0 || low < 0)
				return hm_fail(cx, HM_INPUT, "a percent sign without two digits");
			c = (char)(high << 4 | low);
			i += 2;
		} else if (c == '+' && form) {
			c = ' ';
		}
		if (c == '\0')
			return hm_fail(cx, HM_INPUT, "the URL contains a NUL byte");
		p[n++] = c;
	}
	*out = hm_bytes(p, n);
	return NULL;
}
