/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "http/server/h1_parse.h"

#define HOST "Host: a\r\n"

static const struct head_case {
	const char *label, *head;
	int status;
	const char *method, *target;
	int64_t length;
	bool chunked, keep_alive, expects;
} head_cases[] = {
	{ "the least", "GET / HTTP/1.1\r\n" HOST "\r\n", 200, "GET", "/", -1, false, true, false },
	{ "an old version closes", "GET / HTTP/1.0\r\n\r\n", 200, "GET", "/", -1, false, false,
	  false },
	{ "an old version may stay", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 200, "GET",
	  "/", -1, false, true, false },
	{ "a new one may close", "GET / HTTP/1.1\r\n" HOST "Connection: foo, Close\r\n\r\n", 200,
	  "GET", "/", -1, false, false, false },
	{ "a body with a length", "PUT /a?b HTTP/1.1\r\n" HOST "Content-Length: 12\r\n\r\n", 200,
	  "PUT", "/a?b", 12, false, true, false },
	{ "a body in chunks", "PATCH /a HTTP/1.1\r\n" HOST "Transfer-Encoding: Chunked\r\n\r\n",
	  200, "PATCH", "/a", -1, true, true, false },
	{ "it waits for a 100",
	  "PUT /a HTTP/1.1\r\n" HOST "Content-Length: 1\r\nExpect: 100-continue\r\n\r\n", 200,
	  "PUT", "/a", 1, false, true, true },
	{ "an empty line before it", "\r\nGET / HTTP/1.1\r\n" HOST "\r\n", 200, "GET", "/", -1,
	  false, true, false },
	{ "the absolute form", "GET http://a:1/b HTTP/1.1\r\n" HOST "\r\n", 200, "GET", "/b", -1,
	  false, true, false },
	{ "the absolute form of the root", "GET http://a HTTP/1.1\r\n" HOST "\r\n", 200, "GET", "/",
	  -1, false, true, false },
	{ "no host", "GET / HTTP/1.1\r\n\r\n", 400, NULL, NULL, 0, false, false, false },
	{ "two hosts", "GET / HTTP/1.1\r\n" HOST HOST "\r\n", 400, NULL, NULL, 0, false, false,
	  false },
	{ "two lengths", "PUT / HTTP/1.1\r\n" HOST "Content-Length: 1\r\nContent-Length: 1\r\n\r\n",
	  400, NULL, NULL, 0, false, false, false },
	{ "a negative length", "PUT / HTTP/1.1\r\n" HOST "Content-Length: -1\r\n\r\n", 400, NULL,
	  NULL, 0, false, false, false },
	{ "a length with a plus", "PUT / HTTP/1.1\r\n" HOST "Content-Length: +1\r\n\r\n", 400, NULL,
	  NULL, 0, false, false, false },
	{ "a length that overflows",
	  "PUT / HTTP/1.1\r\n" HOST "Content-Length: 99999999999999999999\r\n\r\n", 400, NULL, NULL,
	  0, false, false, false },
	{ "a list of lengths", "PUT / HTTP/1.1\r\n" HOST "Content-Length: 1, 1\r\n\r\n", 400, NULL,
	  NULL, 0, false, false, false },
	{ "a length and chunks",
	  "PUT / HTTP/1.1\r\n" HOST "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400,
	  NULL, NULL, 0, false, false, false },
	{ "chunks in an old version", "PUT / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400,
	  NULL, NULL, 0, false, false, false },
	{ "another coding", "PUT / HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip, chunked\r\n\r\n",
	  501, NULL, NULL, 0, false, false, false },
	{ "chunks twice",
	  "PUT / HTTP/1.1\r\n" HOST
	  "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
	  400, NULL, NULL, 0, false, false, false },
	{ "a bare line feed", "GET / HTTP/1.1\nHost: a\r\n\r\n", 400, NULL, NULL, 0, false, false,
	  false },
	{ "a bare carriage return", "GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n", 400, NULL, NULL, 0,
	  false, false, false },
	{ "a folded header", "GET / HTTP/1.1\r\n" HOST " b\r\n\r\n", 400, NULL, NULL, 0, false,
	  false, false },
	{ "a space before the colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400, NULL, NULL, 0,
	  false, false, false },
	{ "no colon", "GET / HTTP/1.1\r\n" HOST "abc\r\n\r\n", 400, NULL, NULL, 0, false, false,
	  false },
	{ "a control character in a value", "GET / HTTP/1.1\r\n" HOST "A: b\001c\r\n\r\n", 400,
	  NULL, NULL, 0, false, false, false },
	{ "a coding behind a vertical tab",
	  "PUT / HTTP/1.1\r\n" HOST "Transfer-Encoding: \vchunked\r\n\r\n", 400, NULL, NULL, 0,
	  false, false, false },
	{ "a length before a form feed", "PUT / HTTP/1.1\r\n" HOST "Content-Length: 1\f\r\n\r\n",
	  400, NULL, NULL, 0, false, false, false },
	{ "no version", "GET /\r\n\r\n", 400, NULL, NULL, 0, false, false, false },
	{ "another version", "GET / HTTP/2.0\r\n" HOST "\r\n", 505, NULL, NULL, 0, false, false,
	  false },
	{ "lower-case version", "GET / http/1.1\r\n" HOST "\r\n", 400, NULL, NULL, 0, false, false,
	  false },
	{ "three words", "GET / / HTTP/1.1\r\n" HOST "\r\n", 400, NULL, NULL, 0, false, false,
	  false },
	{ "no method", " / HTTP/1.1\r\n" HOST "\r\n", 400, NULL, NULL, 0, false, false, false },
	{ "a target without a slash", "GET a HTTP/1.1\r\n" HOST "\r\n", 400, NULL, NULL, 0, false,
	  false, false },
	{ "an asterisk", "OPTIONS * HTTP/1.1\r\n" HOST "\r\n", 400, NULL, NULL, 0, false, false,
	  false },
	{ "a control character in the target", "GET /\001 HTTP/1.1\r\n" HOST "\r\n", 400, NULL,
	  NULL, 0, false, false, false },
	{ "UTF-8 in the target", "GET /\xc3\xa4 HTTP/1.1\r\n" HOST "\r\n", 400, NULL, NULL, 0,
	  false, false, false },
};

static void head(void **state)
{
	const struct head_case *t = *state;
	HM_AUTO_CX cx = HM_CX(1 << 20);
	struct h1_head h;
	struct hm_str bytes = hm_cstr(t->head);
	assert_int_equal(http_h1_head_end(bytes), bytes.n);
	assert_int_equal(http_h1_parse(&cx, bytes, &h), t->status);
	if (t->status != 200)
		return;
	assert_strz(h.method, t->method);
	assert_strz(h.target, t->target);
	assert_int_equal(h.length, t->length);
	assert_int_equal(h.chunked, t->chunked);
	assert_int_equal(h.keep_alive, t->keep_alive);
	assert_int_equal(h.expects, t->expects);
}

static void limits(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(1 << 20);
	HM_AUTO_BUF b = HM_BUF(1 << 20);
	struct h1_head h;
	hm_buf_addz(&b, "GET /");
	for (int i = 0; i < H1_TARGET_MAX; i++)
		hm_buf_char(&b, 'a');
	hm_buf_addz(&b, " HTTP/1.1\r\n" HOST "\r\n");
	assert_int_equal(http_h1_parse(&cx, hm_buf_str(&b), &h), 414);
	hm_buf_clear(&b);
	hm_buf_addz(&b, "GET / HTTP/1.1\r\n" HOST);
	for (int i = 0; i < H1_HEADERS_MAX; i++)
		hm_buf_addz(&b, "A: b\r\n");
	hm_buf_addz(&b, "\r\n");
	assert_int_equal(http_h1_parse(&cx, hm_buf_str(&b), &h), 431);
}

static void a_head_ends_where_it_ends(void **state)
{
	(void)state;
	assert_int_equal(http_h1_head_end(HM_STR("")), 0);
	assert_int_equal(http_h1_head_end(HM_STR("\r\n\r\n")), 0);
	assert_int_equal(http_h1_head_end(HM_STR("GET / HTTP/1.1\r\n")), 0);
	assert_int_equal(http_h1_head_end(HM_STR("G\r\n\r\nbody\r\n\r\n")), 5);
	assert_true(http_h1_is_plausible(HM_STR("\r\nG")));
	assert_true(http_h1_is_plausible(HM_STR("")));
	assert_false(http_h1_is_plausible(HM_STR("\x16\x03\x01")));
	assert_false(http_h1_is_plausible(HM_STR(" GET")));
}

static const struct chunk_case {
	const char *label, *bytes, *body;
	int state;
	const char *rest;
} chunk_cases[] = {
	{ "none", "0\r\n\r\n", "", H1_END, "" },
	{ "one", "3\r\nabc\r\n0\r\n\r\n", "abc", H1_END, "" },
	{ "two, and the next request", "1\r\na\r\n2\r\nbc\r\n0\r\n\r\nGET", "abc", H1_END, "GET" },
	{ "hex of both cases", "a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n",
	  "01234567890123456789", H1_END, "" },
	{ "an extension", "1;a=b\r\nx\r\n0\r\n\r\n", "x", H1_END, "" },
	{ "trailers", "1\r\nx\r\n0\r\nA: b\r\nC: d\r\n\r\n", "x", H1_END, "" },
	{ "not whole", "5\r\nab", "ab", H1_DATA, "" },
	{ "no size", "\r\nab", "", H1_BAD, NULL },
	{ "not hex", "g\r\n", "", H1_BAD, NULL },
	{ "a minus", "-1\r\n", "", H1_BAD, NULL },
	{ "a prefix", "0x1\r\na\r\n", "", H1_BAD, NULL },
	{ "a size that overflows", "1000000000000000\r\n", "", H1_BAD, NULL },
	{ "more than the size", "1\r\nab\r\n", "a", H1_BAD, NULL },
	{ "a bare line feed", "1\na\r\n", "", H1_BAD, NULL },
	{ "a bare line feed in an extension", "1;a\na\r\n", "", H1_BAD, NULL },
	{ "a bare line feed for the end", "0\r\n\nGET", "", H1_BAD, NULL },
	{ "a bare line feed behind a trailer", "0\r\nA: b\n\r\n", "", H1_BAD, NULL },
	{ "a bare line feed in a trailer", "0\r\nA: b\n\nGET / HTTP/1.1\r\n\r\n", "", H1_BAD,
	  NULL },
	{ "a bare carriage return in a trailer", "0\r\nA: b\rC: d\r\n\r\n", "", H1_BAD, NULL },
	{ "two carriage returns for the end", "0\r\n\r\r\n", "", H1_BAD, NULL },
};

static void chunks(void **state)
{
	const struct chunk_case *t = *state;
	for (size_t step = 1; step < 64; step++) { /* however it is cut */
		HM_AUTO_BUF got = HM_BUF(1024);
		struct h1_chunks c = { .state = H1_SIZE };
		struct hm_str all = hm_cstr(t->bytes), in = { all.p, 0 };
		size_t at = 0;
		while (at < all.n && c.state != H1_END && c.state != H1_BAD) {
			in = hm_sub(all, at, step);
			at += in.n;
			struct hm_str piece;
			while ((piece = http_h1_chunks_next(&c, &in)).n)
				hm_buf_add(&got, piece);
			at -= in.n;
		}
		assert_strz(hm_buf_str(&got), t->body);
		assert_int_equal(c.state, t->state);
		if (t->rest)
			assert_strz(hm_from(all, at), t->rest);
	}
}

int main(void)
{
	UNIT_TABLE(head, head_cases);
	UNIT(limits);
	UNIT(a_head_ends_where_it_ends);
	UNIT_TABLE(chunks, chunk_cases);
	return unit_run("http/server/h1_parse");
}
