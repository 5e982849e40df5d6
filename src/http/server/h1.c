/* SPDX-License-Identifier: Apache-2.0 */
#include "http/server/server.h"

#include <errno.h>
#include <stdio.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

enum { JOIN_BODY = 32 * 1024 }; /* a body up to here goes out in one piece with its head */

static const struct reason {
	int status;
	const char *words;
} reasons[] = {
	{ 200, "OK" },
	{ 201, "Created" },
	{ 202, "Accepted" },
	{ 204, "No Content" },
	{ 206, "Partial Content" },
	{ 301, "Moved Permanently" },
	{ 302, "Found" },
	{ 304, "Not Modified" },
	{ 307, "Temporary Redirect" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 408, "Request Timeout" },
	{ 409, "Conflict" },
	{ 411, "Length Required" },
	{ 412, "Precondition Failed" },
	{ 413, "Content Too Large" },
	{ 414, "URI Too Long" },
	{ 416, "Range Not Satisfiable" },
	{ 429, "Too Many Requests" },
	{ 431, "Request Header Fields Too Large" },
	{ 500, "Internal Server Error" },
	{ 501, "Not Implemented" },
	{ 503, "Service Unavailable" },
	{ 505, "HTTP Version Not Supported" },
	{ 507, "Insufficient Storage" },
};

const char *http_exchange_reason(int status)
{
	for (size_t i = 0; i < HM_LEN(reasons); i++)
		if (reasons[i].status == status)
			return reasons[i].words;
	return "Status";
}

/* ---- in */

static void bad_head(struct http_conn *c, struct http_exchange *x, int status)
{
	c->keep_alive = false;
	c->unread = true;
	http_conn_state(c, CONN_WAIT);
	http_exchange_status(x, status, http_exchange_reason(status));
	http_exchange_ready(x);
}

static void begin(struct http_conn *c, struct http_exchange *x, const struct h1_head *h)
{
	bool whole = !h->chunked && h->length <= 0;
	x->method = h->method;
	x->headers = h->headers;
	x->length = h->chunked ? -1 : h->length;
	http_exchange_target(x, h->target);
	c->keep_alive = h->keep_alive && !c->eof && !atomic_load(&c->s->stopping);
	c->chunked = h->chunked;
	c->chunks = (struct h1_chunks){ .state = H1_SIZE };
	c->body_left = whole ? 0 : (uint64_t)h->length;
	http_conn_state(c, whole ? CONN_WAIT : CONN_BODY);
	http_exchange_begin(x, whole);
	if (!h->expects || c->dead || c->state != CONN_BODY || c->x != x)
		return;
	hm_buf_addz(&c->out, "HTTP/1.1 100 Continue\r\n\r\n");
	if (http_conn_flush(c) == IO_FAILED)
		http_conn_close(c);
}

static bool take_head(struct http_conn *c)
{
	static const struct hm_str preface = HM_STR_INIT("PRI * HTTP/2.0\r\n");
	struct h1_head h;
	if (c->data.n == 0)
		return false;
	/* HTTP/2 with prior knowledge (RFC 9113, 3.3) */
	if (!c->ssl && hm_starts(c->data, preface)) {
		http_conn_state(c, CONN_H2);
		if (http_h2_start(c))
			http_h2_run(c);
		else
			http_conn_close(c);
		return false;
	}
	size_t n = http_h1_head_end(c->data);
	bool plausible = http_h1_is_plausible(c->data);
	if (n == 0 && plausible && c->data.n <= HM_MAX_HTTP_HEADERS)
		return false;
	if (n && http_h1_is_foreign(c->data)) {
		http_conn_close(c);
		return false;
	}
	struct http_exchange *x = http_exchange_new(c);
	c->x = x;
	c->unread = false;
	if (!plausible || n == 0 || n > HM_MAX_HTTP_HEADERS) {
		c->data = (struct hm_str){ "", 0 };
		bad_head(c, x, plausible ? 431 : 400);
		return true;
	}
	struct hm_str head = hm_dup(&x->cx, hm_sub(c->data, 0, n));
	c->data = hm_from(c->data, n);
	int status = http_h1_parse(&x->cx, head, &h);
	if (status == 200)
		begin(c, x, &h);
	else
		bad_head(c, x, status);
	return true;
}

static bool take_chunks(struct http_conn *c)
{
	struct http_exchange *x = c->x;
	struct hm_str piece = http_h1_chunks_next(&c->chunks, &c->data);
	if (piece.n)
		return http_exchange_feed(x, piece);
	if (c->chunks.state == H1_BAD && x->state == EXCHANGE_COLLECTING) {
		bad_head(c, x, 400);
	} else if (c->chunks.state == H1_BAD) {
		http_conn_close(c);
	} else if (c->chunks.state == H1_END) {
		http_conn_state(c, CONN_WAIT);
		http_exchange_feed_end(x);
		return true;
	}
	return false;
}

static bool take_body(struct http_conn *c)
{
	struct http_exchange *x = c->x;
	if (x->paused)
		return false;
	if (c->chunked)
		return take_chunks(c);
	if (c->data.n == 0)
		return false;
	struct hm_str piece =
		hm_sub(c->data, 0, c->body_left < c->data.n ? (size_t)c->body_left : c->data.n);
	c->data = hm_from(c->data, piece.n);
	c->body_left -= piece.n;
	bool room = http_exchange_feed(x, piece);
	if (c->body_left == 0 && c->state == CONN_BODY) {
		http_conn_state(c, CONN_WAIT);
		http_exchange_feed_end(x);
		return true;
	}
	return room;
}

void http_h1_run(struct http_conn *c)
{
	bool goes_on = true;
	while (goes_on && !c->dead) {
		if (c->state == CONN_HEAD)
			goes_on = take_head(c);
		else if (c->state == CONN_BODY)
			goes_on = take_body(c);
		else
			goes_on = false;
	}
}

/* ---- out */

static const char *date(struct http_server *s)
{
	int64_t now = hm_now();
	if (now != s->date_at) {
		struct tm tm;
		time_t t = (time_t)now;
		gmtime_r(&t, &tm);
		strftime(s->date, sizeof(s->date), "%a, %d %b %Y %H:%M:%S GMT", &tm);
		s->date_at = now;
	}
	return s->date;
}

static void put(struct hm_buf *b, const char *name, struct hm_str value)
{
	hm_buf_addz(b, name);
	hm_buf_add(b, HM_STR(": "));
	hm_buf_add(b, value);
	hm_buf_add(b, HM_STR("\r\n"));
}

static void put_number(struct hm_buf *b, const char *name, uint64_t v)
{
	char digits[20];
	size_t at = sizeof(digits);
	do
		digits[--at] = (char)('0' + v % 10);
	while (v /= 10);
	put(b, name, hm_bytes(digits + at, sizeof(digits) - at));
}

static void put_head(struct http_conn *c, struct http_exchange *x)
{
	struct hm_buf *b = &c->out;
	char status[] = { (char)('0' + x->status / 100 % 10), (char)('0' + x->status / 10 % 10),
			  (char)('0' + x->status % 10), ' ' };
	hm_buf_add(b, HM_STR("HTTP/1.1 "));
	hm_buf_add(b, hm_bytes(status, sizeof(status)));
	hm_buf_addz(b, http_exchange_reason(x->status));
	hm_buf_add(b, HM_STR("\r\n"));
	put(b, "Date", hm_cstr(date(c->s)));
	if (x->content_type)
		put(b, "Content-Type", hm_cstr(x->content_type));
	if (x->status != 204 && x->status != 304)
		put_number(b, "Content-Length", x->size);
	for (size_t i = 0; i < x->out.n; i++)
		put(b, x->out.p[i].name.p, x->out.p[i].value);
	if (x->id.n)
		put(b, "X-Request-Id", x->id);
	hm_buf_add(b, HM_STR("X-Content-Type-Options: nosniff\r\n"));
	if (!c->keep_alive)
		hm_buf_add(b, HM_STR("Connection: close\r\n"));
	hm_buf_add(b, HM_STR("\r\n"));
}

void http_h1_answer(struct http_conn *c)
{
	struct http_exchange *x = c->x;
	/* whatever is left of the request's body stands before the next request */
	if (c->state == CONN_BODY) {
		c->unread = true;
		c->keep_alive = false;
	}
	put_head(c, x);
	if (x->file < 0 && http_exchange_sends_body(x) && x->size <= JOIN_BODY) {
		hm_buf_add(&c->out, x->body);
		x->sent = x->size;
	}
	http_conn_state(c, CONN_WRITE);
	http_h1_write(c);
	if (!c->dead)
		http_conn_interest(c);
}

static enum io send_file(struct http_conn *c, struct http_exchange *x, uint64_t left, size_t *out_n)
{
	off_t at = (off_t)(x->offset + x->sent);
	size_t n = left < SEND_MAX ? (size_t)left : SEND_MAX;
	*out_n = 0;
	if (c->ssl) {
		ssize_t got = pread(x->file, c->s->sending, n, at);
		return got > 0 ? http_conn_write(c, c->s->sending, (size_t)got, false, out_n)
			       : IO_FAILED;
	}
	ssize_t sent = sendfile(c->fd, x->file, &at, left < TURN_MAX ? (size_t)left : TURN_MAX);
	if (sent < 0)
		return errno == EAGAIN || errno == EINTR ? IO_AGAIN : IO_FAILED;
	*out_n = (size_t)sent;
	c->moved += *out_n;
	return sent ? IO_OK : IO_FAILED; /* the file is shorter than it was */
}

/* IO_AGAIN too when others should have their turn. */
static enum io send_body(struct http_conn *c)
{
	struct http_exchange *x = c->x;
	uint64_t turn = 0;
	while (http_exchange_sends_body(x) && x->sent < x->size) {
		size_t n = 0;
		enum io io;
		if (turn >= TURN_MAX)
			io = IO_AGAIN;
		else if (x->file >= 0)
			io = send_file(c, x, x->size - x->sent, &n);
		else
			io = http_conn_write(c, x->body.p + x->sent, (size_t)(x->size - x->sent),
					     false, &n);
		if (io != IO_OK)
			return io == IO_AGAIN ? io : IO_FAILED;
		x->sent += n;
		turn += n;
		c->since = c->s->now;
	}
	return IO_OK;
}

static void finished(struct http_conn *c)
{
	http_exchange_free(c->x);
	c->x = NULL;
	if (c->keep_alive) {
		http_conn_state(c, CONN_HEAD);
		return;
	}
	if (!c->unread) {
		http_conn_close(c);
		return;
	}
	/* closing with bytes unread would reset the connection, and the answer might be lost with
	 * it */
	http_tls_conn_end(c, true);
	shutdown(c->fd, SHUT_WR);
	http_conn_state(c, CONN_LINGER);
}

void http_h1_write(struct http_conn *c)
{
	enum io io = http_conn_flush(c);
	if (io == IO_OK)
		io = send_body(c);
	c->blocked = io == IO_AGAIN;
	if (io == IO_FAILED)
		http_conn_close(c);
	else if (io == IO_OK)
		finished(c);
}
