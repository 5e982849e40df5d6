/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "http/parts.h"

static const struct parse_case {
	const char *label, *url, *host, *path, *query;
	unsigned port;
} parse_cases[] = {
	{ "a host alone gets the root as its path", "http://a", "a", "/", "", 80 },
	{ "https has its own port", "https://a.b/c", "a.b", "/c", "", 443 },
	{ "a port is a number", "http://a:5000/v2/", "a", "/v2/", "", 5000 },
	{ "the query stands after the question mark", "http://a/x?y=z&w", "a", "/x", "y=z&w", 80 },
	{ "a query needs no path", "http://a?y", "a", "/", "y", 80 },
	{ "the fragment is dropped", "http://a/x?y#z", "a", "/x", "y", 80 },
	{ "an IPv6 address loses its brackets", "http://[::1]:8/x", "::1", "/x", "", 8 },
	{ "the scheme has no case", "HTTP://a/", "a", "/", "", 80 },
};

static void parses(void **state)
{
	const struct parse_case *t = *state;
	HM_AUTO_CX cx = HM_CX(1 << 20);
	struct http_url u;
	assert_ok(http_url_parse(&cx, hm_cstr(t->url), &u));
	assert_strz(u.host, t->host);
	assert_strz(u.path, t->path);
	assert_strz(u.query, t->query);
	assert_int_equal(u.port, t->port);
}

static const struct bad_case {
	const char *label, *url, *words;
} bad_cases[] = {
	{ "nothing", "", "neither http nor https" },
	{ "a file", "file:///etc/passwd", "neither http nor https" },
	{ "another protocol", "gopher://a/", "neither http nor https" },
	{ "no scheme", "a/b", "neither http nor https" },
	{ "no host", "http:///x", "host" },
	{ "no slashes", "http:a", "no host" },
	{ "a user name", "http://u:p@a/", "user name" },
	{ "a space", "http://a/x y", "space" },
	{ "a line feed", "http://a/x\ny", "space or control" },
	{ "port zero", "http://a:0/", "port" },
	{ "a port too large", "http://a:65536/", "port" },
	{ "a port that is no number", "http://a:8x/", "port" },
	{ "an open bracket", "http://[::1/", "bracket" },
	{ "something behind the bracket", "http://[::1]x/", "host" },
	{ "a percent sign in the host", "http://a%41/", "host" },
	{ "an IPv6 address without brackets", "http://::1/", "host" },
	{ "an address in two parts", "http://127.1/", "IPv4" },
	{ "an address in hexadecimal", "http://0x7f.0.0.1/", "IPv4" },
	{ "an address as one number", "http://2130706433/", "IPv4" },
	{ "an IPv4 address as IPv6", "http://[::ffff:127.0.0.1]/", "as such" },
	{ "no host in particular", "http://0.0.0.0/", "the unspecified address" },
};

static void refuses(void **state)
{
	const struct bad_case *t = *state;
	HM_AUTO_CX cx = HM_CX(1 << 20);
	struct http_url u;
	assert_fault(http_url_parse(&cx, hm_cstr(t->url), &u), HM_INPUT, t->words);
}

static const struct resolve_case {
	const char *label, *base, *reference, *want;
} resolve_cases[] = {
	{ "an absolute one replaces all", "http://a/b", "https://c/d?e", "https://c/d?e" },
	{ "two slashes keep the scheme", "https://a/b", "//c/d", "https://c/d" },
	{ "a slash keeps the host", "http://a:1/b/c?d", "/e?f", "http://a:1/e?f" },
	{ "a name replaces the last segment", "http://a/b/c?d", "e", "http://a/b/e" },
	{ "a query replaces the query", "http://a/b/c?d", "?e", "http://a/b/c?e" },
	{ "nothing is the same document", "http://a/b?c", "", "http://a/b" },
	{ "a name under a bare host", "http://a", "b", "http://a/b" },
	{ "a slash in the query is no segment", "http://a/b/c?d/e", "f", "http://a/b/f" },
};

static void resolves(void **state)
{
	const struct resolve_case *t = *state;
	HM_AUTO_CX cx = HM_CX(1 << 20);
	struct hm_str got;
	assert_ok(http_url_resolve(&cx, hm_cstr(t->base), hm_cstr(t->reference), &got));
	assert_strz(got, t->want);
}

static void resolve_refuses_other_schemes(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(1 << 20);
	struct hm_str got;
	assert_fault(http_url_resolve(&cx, HM_STR("http://a/"), HM_STR("file:///x"), &got),
		     HM_INPUT, "neither");
	assert_fault(http_url_resolve(&cx, HM_STR("http://a/"), HM_STR("//u@b/"), &got), HM_INPUT,
		     "user name");
	assert_fault(http_url_resolve(&cx, HM_STR("http://a/"), HM_STR("/\r\nX: y"), &got),
		     HM_INPUT, "space or control");
}

static const struct loop_case {
	const char *label, *host;
	bool want;
} loop_cases[] = {
	{ "localhost", "localhost", true },
	{ "127.0.0.1", "127.0.0.1", true },
	{ "all of 127/8", "127.3.2.1", true },
	{ "IPv6", "::1", true },
	{ "a name that begins like one", "127.evil.example", false },
	{ "a name that goes on", "127.0.0.1.example", false },
	{ "too few parts", "127.1", false },
	{ "any address", "0.0.0.0", false },
	{ "any IPv6 address", "::", false },
	{ "a number too large", "127.0.0.256", false },
};

static void loopback(void **state)
{
	const struct loop_case *t = *state;
	assert_int_equal(http_is_loopback(hm_cstr(t->host)), t->want);
}

static const struct host_case {
	const char *label, *field;
	bool want;
} host_cases[] = {
	{ "localhost", "localhost", true },
	{ "a port", "localhost:5000", true },
	{ "an empty port", "localhost:", true },
	{ "upper case", "LocalHost:5000", true },
	{ "the dot of the root", "localhost.:5000", true },
	{ "a name below localhost", "registry.localhost:5000", true },
	{ "below it, upper case and dot", "Registry.LOCALHOST.", true },
	{ "loopback", "127.0.0.1:5000", true },
	{ "all of 127/8", "127.9.8.7", true },
	{ "IPv6", "[::1]:5000", true },
	{ "IPv6 without port", "[::1]", true },
	{ "a name that is allowed", "host.docker.internal:5000", true },
	{ "that name in upper case with a dot", "Host.Docker.Internal.", true },
	{ "an address that is allowed", "[fd00::5]:80", true },
	{ "nothing", "", false },
	{ "a port alone", ":5000", false },
	{ "a name of somebody", "evil.example:5000", false },
	{ "that ends like ours", "evillocalhost", false },
	{ "or begins like it", "localhost.evil.example", false },
	{ "or like an address", "127.0.0.1.evil.example", false },
	{ "below a name that is allowed", "x.host.docker.internal", false },
	{ "nothing below localhost", ".localhost", false },
	{ "two dots", "localhost..", false },
	{ "dots alone", "..", false },
	{ "another address", "192.168.1.1:5000", false },
	{ "any address", "0.0.0.0:5000", false },
	{ "another IPv6 address", "[::2]:5000", false },
	{ "IPv6 without brackets", "::1", false },
	{ "brackets that stay open", "[::1", false },
	{ "something behind the brackets", "[::1]x", false },
	{ "a name in brackets", "[localhost]", false },
	{ "a port that is none", "localhost:evil", false },
	{ "two ports", "localhost:80:80", false },
	{ "a port too large", "localhost:65536", false },
	{ "a user", "localhost@evil.example", false },
	{ "a list", "localhost,evil.example", false },
	{ "white space", "localhost evil.example", false },
};

static void hosts_that_are_ours(void **state)
{
	static const struct hm_str allowed[] = { HM_STR_INIT("host.docker.INTERNAL"),
						 HM_STR_INIT("[fd00::5]") };
	const struct host_case *t = *state;
	assert_int_equal(http_host_is_ours(hm_cstr(t->field), allowed, HM_LEN(allowed)), t->want);
}

static const struct origin_case {
	const char *label, *origin, *host;
	bool same, named;
} origin_cases[] = {
	{ "itself", "http://127.0.0.1:5000", "127.0.0.1:5000", true, false },
	{ "in capitals", "HTTP://LocalHost:5000", "localhost:5000", true, false },
	{ "an address in brackets", "http://[::1]:5000", "[::1]:5000", true, false },
	{ "the port that goes without saying", "http://localhost", "localhost:80", true, false },
	{ "the other way round", "http://localhost:80", "localhost", true, false },
	{ "another port", "http://localhost:3000", "localhost:5000", false, false },
	{ "another name of this machine", "http://127.0.0.1:5000", "localhost:5000", false, false },
	{ "with TLS", "https://localhost:5000", "localhost:5000", false, false },
	{ "another host", "https://evil.example", "localhost:5000", false, false },
	{ "a host that goes on", "http://localhost:5000.evil.example", "localhost:5000", false,
	  false },
	{ "a user name", "http://localhost:5000@evil.example", "localhost:5000", false, false },
	{ "a path", "http://localhost:5000/", "localhost:5000", false, false },
	{ "two of them", "http://localhost:5000 http://evil.example", "localhost:5000", false,
	  false },
	{ "nobody's", "null", "localhost:5000", false, false },
	{ "a file", "file://", "localhost:5000", false, false },
	{ "nothing", "", "", false, false },
	{ "no host", "http://", "", false, false },
	{ "one that is allowed", "https://ui.example:8443", "localhost:5000", false, true },
	{ "below it", "https://a.ui.example", "localhost:5000", false, false },
};

static void origin(void **state)
{
	static const struct hm_str allowed[] = { HM_STR_INIT("ui.example") };
	const struct origin_case *t = *state;
	struct hm_str o = hm_cstr(t->origin);
	assert_int_equal(http_origin_is_same(o, hm_cstr(t->host), false), t->same);
	/* with TLS another scheme, and another usual port */
	if (hm_starts(o, HM_STR("http://"))) {
		HM_AUTO_CX cx = HM_CX(HM_MIB);
		assert_false(http_origin_is_same(o, hm_cstr(t->host), true));
		o = hm_fmt(&cx, "https%.*s", HM_FMT(hm_from(o, 4)));
		bool usual = hm_find(o, HM_STR(":80")) != SIZE_MAX ||
			     hm_find(hm_cstr(t->host), HM_STR(":80")) != SIZE_MAX;
		if (!usual)
			assert_int_equal(http_origin_is_same(o, hm_cstr(t->host), true), t->same);
		o = hm_cstr(t->origin);
	}
	assert_int_equal(http_origin_is_named(o, allowed, HM_LEN(allowed)), t->named);
}

static void a_nul_is_in_no_host(void **state)
{
	(void)state;
	assert_int_equal(http_host_of(HM_STR("a\0.example")).n, 0);
	assert_int_equal(http_host_of(HM_STR("[::1\0]")).n, 0);
}

static void escapes_and_back(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(1 << 20);
	struct hm_str raw = HM_STR("a b/c%d+\xff~"), got, s = http_escape(&cx, raw);
	assert_strz(s, "a%20b%2Fc%25d%2B%FF~");
	assert_ok(http_unescape(&cx, s, false, &got));
	assert_str(got, raw);
	assert_ok(http_unescape(&cx, HM_STR("a+b"), true, &got));
	assert_strz(got, "a b");
	assert_fault(http_unescape(&cx, HM_STR("%0"), false, &got), HM_INPUT, "percent");
	assert_fault(http_unescape(&cx, HM_STR("%"), false, &got), HM_INPUT, "percent");
	assert_fault(http_unescape(&cx, HM_STR("%zz"), false, &got), HM_INPUT, "percent");
	assert_fault(http_unescape(&cx, HM_STR("%00"), false, &got), HM_INPUT, "NUL");
}

int main(void)
{
	UNIT_TABLE(parses, parse_cases);
	UNIT_TABLE(refuses, bad_cases);
	UNIT_TABLE(resolves, resolve_cases);
	UNIT(resolve_refuses_other_schemes);
	UNIT_TABLE(loopback, loop_cases);
	UNIT_TABLE(hosts_that_are_ours, host_cases);
	UNIT_TABLE(origin, origin_cases);
	UNIT(a_nul_is_in_no_host);
	UNIT(escapes_and_back);
	return unit_run("http/url");
}
