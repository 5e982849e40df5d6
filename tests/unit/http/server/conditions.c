/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "http/server/server.h"

/* 1994-11-06T08:49:37Z */
#define WHEN 784111777
#define DATE "Sun, 06 Nov 1994 08:49:37 GMT"

static const struct date_case {
	const char *label, *text;
	int64_t want; /* 0: none */
} date_cases[] = {
	{ "as it is written today", DATE, WHEN },
	{ "as it was by RFC 850", "Sunday, 06-Nov-94 08:49:37 GMT", WHEN },
	{ "as asctime() writes it", "Sun Nov  6 08:49:37 1994", WHEN },
	{ "another zone", "Sun, 06 Nov 1994 08:49:37 CET", 0 },
	{ "half of it", "Sun, 06 Nov 1994", 0 },
	{ "more behind it", DATE " x", 0 },
	{ "a number", "784111777", 0 },
	{ "nothing", "", 0 },
};

static void date(void **state)
{
	const struct date_case *t = *state;
	int64_t got = 0;
	assert_int_equal(http_date_parse(hm_cstr(t->text), &got), t->want != 0);
	assert_int_equal(got, t->want);
	HM_AUTO_CX cx = HM_CX(4096);
	if (t->want)
		assert_strz(http_date_format(&cx, got), DATE);
}

#define ETAG "\"sha256:a\""

static const struct condition_case {
	const char *label;
	const char *fields[4]; /* name, value, name, value */
	bool reads, absent;
	enum http_condition want;
} condition_cases[] = {
	{ "none", { NULL }, true, false, HTTP_GO_ON },
	{ "what the client has", { "If-None-Match", ETAG }, true, false, HTTP_STATE_KNOWN },
	{ "the name in capitals", { "IF-NONE-MATCH", ETAG }, true, false, HTTP_STATE_KNOWN },
	{ "a weak tag of it", { "If-None-Match", "W/" ETAG }, true, false, HTTP_STATE_KNOWN },
	{ "in a list",
	  { "If-None-Match", "\"b\", \"c,d\" ," ETAG },
	  true,
	  false,
	  HTTP_STATE_KNOWN },
	{ "in the second field",
	  { "If-None-Match", "\"b\"", "If-None-Match", ETAG },
	  true,
	  false,
	  HTTP_STATE_KNOWN },
	{ "anything at all", { "If-None-Match", "*" }, true, false, HTTP_STATE_KNOWN },
	{ "a digest without quotes",
	  { "If-None-Match", "sha256:a" },
	  true,
	  false,
	  HTTP_STATE_KNOWN },
	{ "another", { "If-None-Match", "\"sha256:b\"" }, true, false, HTTP_GO_ON },
	{ "one that goes on", { "If-None-Match", "\"sha256:ab\"" }, true, false, HTTP_GO_ON },
	{ "one without end", { "If-None-Match", "\"sha256:a" }, true, false, HTTP_GO_ON },
	{ "a tag with it inside",
	  { "If-None-Match", "\"x, \"sha256:a" },
	  true,
	  false,
	  HTTP_STATE_KNOWN },
	{ "nothing that is there", { "If-None-Match", "*" }, true, true, HTTP_GO_ON },
	{ "only what is new", { "If-None-Match", "*" }, false, false, HTTP_STATE_DIFFERS },
	{ "and it is new", { "If-None-Match", "*" }, false, true, HTTP_GO_ON },
	{ "write over anything but this",
	  { "If-None-Match", ETAG },
	  false,
	  false,
	  HTTP_STATE_DIFFERS },
	{ "write over this", { "If-Match", ETAG }, false, false, HTTP_GO_ON },
	{ "write over one of these", { "If-Match", "\"x\", " ETAG }, false, false, HTTP_GO_ON },
	{ "a weak tag names no state",
	  { "If-Match", "W/" ETAG },
	  false,
	  false,
	  HTTP_STATE_DIFFERS },
	{ "write over another", { "If-Match", "\"x\"" }, false, false, HTTP_STATE_DIFFERS },
	{ "write over what is there", { "If-Match", "*" }, false, false, HTTP_GO_ON },
	{ "but nothing is", { "If-Match", "*" }, false, true, HTTP_STATE_DIFFERS },
	{ "a list of nothing", { "If-Match", "," }, false, false, HTTP_STATE_DIFFERS },
	{ "read another", { "If-Match", "\"x\"" }, true, false, HTTP_STATE_DIFFERS },
	{ "both hold", { "If-Match", ETAG, "If-None-Match", "\"x\"" }, false, false, HTTP_GO_ON },
	{ "the second does not",
	  { "If-Match", ETAG, "If-None-Match", ETAG },
	  false,
	  false,
	  HTTP_STATE_DIFFERS },
	{ "not changed since", { "If-Modified-Since", DATE }, true, false, HTTP_STATE_KNOWN },
	{ "changed since",
	  { "If-Modified-Since", "Sun, 06 Nov 1994 08:49:36 GMT" },
	  true,
	  false,
	  HTTP_GO_ON },
	{ "no date", { "If-Modified-Since", "yesterday" }, true, false, HTTP_GO_ON },
	{ "a date counts for reading alone",
	  { "If-Modified-Since", DATE },
	  false,
	  false,
	  HTTP_GO_ON },
	{ "a tag goes before a date",
	  { "If-None-Match", "\"x\"", "If-Modified-Since", DATE },
	  true,
	  false,
	  HTTP_GO_ON },
	{ "unchanged since", { "If-Unmodified-Since", DATE }, false, false, HTTP_GO_ON },
	{ "changed behind the client's back",
	  { "If-Unmodified-Since", "Sun, 06 Nov 1994 08:49:36 GMT" },
	  false,
	  false,
	  HTTP_STATE_DIFFERS },
	{ "a tag goes before that too",
	  { "If-Match", ETAG, "If-Unmodified-Since", "Sun, 06 Nov 1994 08:49:36 GMT" },
	  false,
	  false,
	  HTTP_GO_ON },
};

static struct http_headers fields_of(struct http_header room[2], const char *const fields[4])
{
	size_t n = 0;
	for (; n < 2 && fields[2 * n]; n++)
		room[n] =
			(struct http_header){ hm_cstr(fields[2 * n]), hm_cstr(fields[2 * n + 1]) };
	return (struct http_headers){ .p = room, .n = n };
}

static void condition(void **state)
{
	const struct condition_case *t = *state;
	struct http_header room[2];
	struct http_headers h = fields_of(room, t->fields);
	struct http_state now = { .exists = !t->absent };
	if (!t->absent)
		now = (struct http_state){ true, HM_STR(ETAG), WHEN };
	assert_int_equal(http_condition(&h, t->reads, &now), t->want);
}

static void no_date_no_comparison(void **state)
{
	(void)state;
	struct http_header room[2];
	const char *const fields[4] = { "If-Modified-Since", DATE };
	struct http_headers h = fields_of(room, fields);
	struct http_state now = { true, HM_STR(ETAG), 0 };
	assert_int_equal(http_condition(&h, true, &now), HTTP_GO_ON);
}

static const struct range_case {
	const char *label;
	const char *fields[4];
	bool is_get, want;
} range_cases[] = {
	{ "a range", { "Range", "bytes=0-1" }, true, true },
	{ "HEAD has none", { "Range", "bytes=0-1" }, false, false },
	{ "no range", { NULL }, true, false },
	{ "of this state", { "Range", "bytes=0-1", "If-Range", ETAG }, true, true },
	{ "of another", { "Range", "bytes=0-1", "If-Range", "\"x\"" }, true, false },
	{ "of a weak one", { "Range", "bytes=0-1", "If-Range", "W/" ETAG }, true, false },
	{ "of a list", { "Range", "bytes=0-1", "If-Range", "\"x\", " ETAG }, true, false },
	{ "of this date", { "Range", "bytes=0-1", "If-Range", DATE }, true, true },
	{ "of a later one",
	  { "Range", "bytes=0-1", "If-Range", "Sun, 06 Nov 1994 08:49:38 GMT" },
	  true,
	  false },
};

static void range(void **state)
{
	const struct range_case *t = *state;
	struct http_header room[2];
	struct http_headers h = fields_of(room, t->fields);
	struct http_state now = { true, HM_STR(ETAG), WHEN };
	assert_int_equal(http_range_counts(&h, t->is_get, &now), t->want);
}

int main(void)
{
	UNIT_TABLE(date, date_cases);
	UNIT_TABLE(condition, condition_cases);
	UNIT(no_date_no_comparison);
	UNIT_TABLE(range, range_cases);
	return unit_run("http/server/conditions");
}
