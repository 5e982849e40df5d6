/* SPDX-License-Identifier: Apache-2.0 */
#include "http/server/h1_parse.h"

#include "http/parts.h"

enum { SKIPPED_MAX = 16384, EMPTY_LINES_MAX = 2 };

size_t http_h1_head_end(struct hm_str bytes)
{
	size_t skip = 0;
	while (skip < 2 * EMPTY_LINES_MAX && skip < bytes.n &&
	       (bytes.p[skip] == '\r' || bytes.p[skip] == '\n'))
		skip++;
	size_t at = hm_find(hm_from(bytes, skip), HM_STR("\r\n\r\n"));
	return at == SIZE_MAX ? 0 : skip + at + 4;
}

bool http_h1_is_plausible(struct hm_str bytes)
{
	size_t i = 0;
	while (i < 2 * EMPTY_LINES_MAX && i < bytes.n && (bytes.p[i] == '\r' || bytes.p[i] == '\n'))
		i++;
	return i == bytes.n || http_is_token(hm_sub(bytes, i, 1));
}

/* Up to the next CRLF; false where a line feed or carriage return stands alone, or there is
 * none. */
static bool cut_line(struct hm_str *rest, struct hm_str *out)
{
	size_t at = hm_find_char(*rest, '\n');
	if (at == SIZE_MAX || at == 0 || rest->p[at - 1] != '\r')
		return false;
	*out = hm_sub(*rest, 0, at - 1);
	*rest = hm_from(*rest, at + 1);
	return hm_find_char(*out, '\r') == SIZE_MAX;
}

static bool is_visible(struct hm_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= 0x20 || (unsigned char)s.p[i] >= 0x7f)
			return false;
	return s.n > 0;
}

/* RFC 9110, 5.5: visible, space, tab and what is not ASCII. */
static bool is_value(struct hm_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (((unsigned char)s.p[i] < 0x20 && s.p[i] != '\t') || s.p[i] == 0x7f)
			return false;
	return true;
}

/* "http://host/path" (absolute form) becomes "/path". */
static struct hm_str make_origin_form(struct hm_str target)
{
	static const struct hm_str schemes[] = { HM_STR_INIT("http://"), HM_STR_INIT("https://") };
	for (size_t i = 0; i < HM_LEN(schemes); i++) {
		if (!hm_starts(target, schemes[i]))
			continue;
		struct hm_str rest = hm_from(target, schemes[i].n);
		size_t slash = hm_find_char(rest, '/');
		return slash == SIZE_MAX ? HM_STR("/") : hm_from(rest, slash);
	}
	return target;
}

static int parse_request_line(struct hm_str line, struct h1_head *h, bool *out_new)
{
	struct hm_str rest = line;
	h->method = hm_cut(&rest, ' ');
	h->target = hm_cut(&rest, ' ');
	if (h->target.n > H1_TARGET_MAX)
		return 414;
	if (!http_is_token(h->method) || h->method.n > 32 || !is_visible(h->target))
		return 400;
	if (!hm_starts(rest, HM_STR("HTTP/")) || rest.n != 8)
		return 400;
	if (!hm_eqz(rest, "HTTP/1.1") && !hm_eqz(rest, "HTTP/1.0"))
		return 505;
	*out_new = hm_eqz(rest, "HTTP/1.1");
	h->target = make_origin_form(h->target);
	return h->target.p[0] == '/' ? 200 : 400;
}

/* Is `word` in a comma-separated list, without case? */
static bool list_has_word(struct hm_str value, struct hm_str word)
{
	while (value.n)
		if (hm_cmp_nocase(hm_trim(hm_cut(&value, ',')), word) == 0)
			return true;
	return false;
}

static int parse_framing(struct h1_head *h, const struct http_header *f, unsigned *lengths)
{
	uint64_t length;
	if (hm_cmp_nocase(f->name, HM_STR("content-length")) == 0) {
		if (++*lengths > 1 || !hm_u64(f->value, INT64_MAX, &length))
			return 400;
		h->length = (int64_t)length;
	} else if (hm_cmp_nocase(f->name, HM_STR("transfer-encoding")) == 0) {
		if (h->chunked)
			return 400;
		if (hm_cmp_nocase(f->value, HM_STR("chunked")) != 0)
			return 501;
		h->chunked = true;
	} else if (hm_cmp_nocase(f->name, HM_STR("connection")) == 0) {
		if (list_has_word(f->value, HM_STR("close")))
			h->keep_alive = false;
		else if (list_has_word(f->value, HM_STR("keep-alive")))
			h->keep_alive = true;
	} else if (hm_cmp_nocase(f->name, HM_STR("expect")) == 0) {
		h->expects = hm_cmp_nocase(f->value, HM_STR("100-continue")) == 0;
	}
	return 200;
}

static int parse_fields(struct hm_cx *cx, struct hm_str rest, bool is_new, struct h1_head *h)
{
	unsigned lengths = 0, hosts = 0;
	struct hm_str line;
	while (rest.n) {
		struct http_header f;
		if (!cut_line(&rest, &line))
			return 400;
		if (line.n == 0)
			break;
		if (h->headers.n == H1_HEADERS_MAX)
			return 431;
		if (!http_header_line(line, &f) || !is_value(f.value))
			return 400;
		int status = parse_framing(h, &f, &lengths);
		if (status != 200)
			return status;
		hosts += hm_cmp_nocase(f.name, HM_STR("host")) == 0;
		*hm_push(cx, &h->headers) = f;
	}
	if (hosts > 1 || (is_new && hosts == 0) || rest.n)
		return 400;
	/* both lengths at once is how requests are smuggled (RFC 9112, 6.1) */
	if (h->chunked && (lengths || !is_new))
		return 400;
	return 200;
}

bool http_h1_is_foreign(struct hm_str bytes)
{
	struct hm_str line = hm_line(&bytes);
	struct hm_str method = hm_cut(&line, ' '), target = hm_cut(&line, ' ');
	return http_is_token(method) && is_visible(target) && is_visible(line) &&
	       !hm_starts(line, HM_STR("HTTP/"));
}

int http_h1_parse(struct hm_cx *cx, struct hm_str bytes, struct h1_head *out)
{
	bool is_new = false;
	struct hm_str line;
	for (int i = 0; i < EMPTY_LINES_MAX && hm_starts(bytes, HM_STR("\r\n")); i++)
		bytes = hm_from(bytes, 2);
	*out = (struct h1_head){ .length = -1 };
	if (!cut_line(&bytes, &line))
		return 400;
	int status = parse_request_line(line, out, &is_new);
	if (status != 200)
		return status;
	out->keep_alive = is_new;
	return parse_fields(cx, bytes, is_new, out);
}

static void on_size(struct h1_chunks *c, char ch)
{
	int v = hm_hex_digit(ch);
	if (v >= 0 && c->digits < 15) {
		c->left = c->left << 4 | (unsigned)v;
		c->digits++;
	} else if (v >= 0 || c->digits == 0) {
		c->state = H1_BAD;
	} else if (ch == '\r') {
		c->state = H1_SIZE_LF;
	} else {
		c->state = ch == ';' || ch == ' ' || ch == '\t' ? H1_EXTENSION : H1_BAD;
	}
}

static void on_skipped(struct h1_chunks *c, char ch)
{
	if (++c->skipped > SKIPPED_MAX || ch == '\n')
		c->state = H1_BAD;
	else if (c->state == H1_EXTENSION)
		c->state = ch == '\r' ? H1_SIZE_LF : H1_EXTENSION;
	else if (ch == '\r')
		c->state = H1_TRAILER_LF;
	else
		c->line++;
}

/* Behind the carriage return of a trailer's line. */
static void on_trailer_end(struct h1_chunks *c, char ch)
{
	if (ch != '\n')
		c->state = H1_BAD;
	else
		c->state = c->line ? H1_TRAILER : H1_END;
	c->line = 0;
}

static void on_char(struct h1_chunks *c, char ch)
{
	switch (c->state) {
	case H1_SIZE:
		on_size(c, ch);
		break;
	case H1_EXTENSION:
	case H1_TRAILER:
		on_skipped(c, ch);
		break;
	case H1_TRAILER_LF:
		on_trailer_end(c, ch);
		break;
	case H1_SIZE_LF:
		c->digits = 0;
		c->state = ch != '\n' ? H1_BAD : c->left ? H1_DATA : H1_TRAILER;
		break;
	case H1_DATA_CR:
		c->state = ch == '\r' ? H1_DATA_LF : H1_BAD;
		break;
	case H1_DATA_LF:
		c->state = ch == '\n' ? H1_SIZE : H1_BAD;
		break;
	case H1_DATA:
	case H1_END:
	case H1_BAD:
		break;
	}
}

struct hm_str http_h1_chunks_next(struct h1_chunks *c, struct hm_str *in)
{
	while (in->n && c->state != H1_END && c->state != H1_BAD) {
		if (c->state != H1_DATA) {
			on_char(c, in->p[0]);
			*in = hm_from(*in, 1);
			continue;
		}
		struct hm_str data =
			hm_sub(*in, 0, c->left < SIZE_MAX ? (size_t)c->left : SIZE_MAX);
		*in = hm_from(*in, data.n);
		c->left -= data.n;
		if (c->left == 0)
			c->state = H1_DATA_CR;
		return data;
	}
	return (struct hm_str){ "", 0 };
}
