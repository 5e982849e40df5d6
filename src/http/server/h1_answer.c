/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP/1.1: the answer on its way out; socket thread. */
#include "http/server/connection.h"

#include <errno.h>
#include <stdio.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

enum { JOIN_BODY = 32 * 1024 }; /* a body up to here goes out in one piece with its head */

void http_h1_enter(struct http_conn *c, enum h1_state state)
{
	c->h1.state = state;
	c->since = c->s->now;
}

static const char *format_date(struct http_server *s)
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

static void add_line(struct hm_buf *b, const char *name, struct hm_str value)
{
	hm_buf_addz(b, name);
	hm_buf_add(b, HM_STR(": "));
	hm_buf_add(b, value);
	hm_buf_add(b, HM_STR("\r\n"));
}

static void add_number(struct hm_buf *b, const char *name, uint64_t v)
{
	char digits[20];
	size_t at = sizeof(digits);
	do
		digits[--at] = (char)('0' + v % 10);
	while (v /= 10);
	add_line(b, name, hm_bytes(digits + at, sizeof(digits) - at));
}

static void add_head(struct http_conn *c, struct http_exchange *x)
{
	struct hm_buf *b = &c->out;
	char status[] = { (char)('0' + x->status / 100 % 10), (char)('0' + x->status / 10 % 10),
			  (char)('0' + x->status % 10), ' ' };
	hm_buf_add(b, HM_STR("HTTP/1.1 "));
	hm_buf_add(b, hm_bytes(status, sizeof(status)));
	hm_buf_addz(b, http_status_words(x->status));
	hm_buf_add(b, HM_STR("\r\n"));
	add_line(b, "Date", hm_cstr(format_date(c->s)));
	if (x->content_type)
		add_line(b, "Content-Type", hm_cstr(x->content_type));
	if (x->status != 204 && x->status != 304)
		add_number(b, "Content-Length", x->size);
	for (size_t i = 0; i < x->out.n; i++)
		add_line(b, x->out.p[i].name.p, x->out.p[i].value);
	if (x->id.n)
		add_line(b, "X-Request-Id", x->id);
	hm_buf_add(b, HM_STR("X-Content-Type-Options: nosniff\r\n"));
	if (!c->keep_alive)
		hm_buf_add(b, HM_STR("Connection: close\r\n"));
	hm_buf_add(b, HM_STR("\r\n"));
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

/* IO_AGAIN also when it is the turn of others. */
static enum io send_body(struct http_conn *c)
{
	struct http_exchange *x = c->exchanges;
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

static void end_exchange(struct http_conn *c)
{
	struct http_exchange *x = c->exchanges;
	http_conn_unlink(c, x);
	http_exchange_free(x);
	if (c->keep_alive) {
		http_h1_enter(c, H1_HEAD);
		return;
	}
	if (!c->h1.unread) {
		http_conn_close(c);
		return;
	}
	/* closing with bytes unread would reset the connection, and the answer might be lost with
	 * it */
	if (c->ssl)
		http_tls_end(c->ssl);
	shutdown(c->fd, SHUT_WR);
	http_h1_enter(c, H1_LINGER);
}

void http_h1_write(struct http_conn *c)
{
	const struct http_exchange *x = c->exchanges;
	enum io io = http_conn_flush(c, http_exchange_sends_body(x) && x->sent < x->size);
	if (io == IO_OK)
		io = send_body(c);
	c->blocked = io == IO_AGAIN;
	if (io == IO_FAILED)
		http_conn_close(c);
	else if (io == IO_OK)
		end_exchange(c);
}

void http_h1_answer(struct http_exchange *x)
{
	struct http_conn *c = x->conn;
	/* whatever is left of the request's body stands before the next request */
	if (c->h1.state == H1_BODY) {
		c->h1.unread = true;
		c->keep_alive = false;
	}
	add_head(c, x);
	if (x->file < 0 && http_exchange_sends_body(x) && x->size <= JOIN_BODY) {
		hm_buf_add(&c->out, x->body);
		x->sent = x->size;
	}
	http_h1_enter(c, H1_WRITE);
	http_h1_write(c);
	if (!c->dead)
		http_conn_watch(c);
}
