/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP/2: answers, and frames on their way out; socket thread. */
#include <nghttp2/nghttp2.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/server/h2_limits.h"

enum {
	OUT_HIGH = 256 * 1024, /* bytes made ready to be sent at once */
	ANSWER_HEADERS = 128,
};

static ssize_t read_answer_bytes(nghttp2_session *h2, int32_t stream, uint8_t *room, size_t n,
				 uint32_t *flags, nghttp2_data_source *source, void *arg)
{
	struct http_exchange *x = nghttp2_session_get_stream_user_data(h2, stream);
	(void)source, (void)arg;
	if (!x)
		return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
	uint64_t left = x->size - x->sent;
	if (n > left)
		n = (size_t)left;
	if (x->file >= 0) {
		ssize_t got = pread(x->file, room, n, (off_t)(x->offset + x->sent));
		if (got < 0 || (got == 0 && n))
			return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
		n = (size_t)got;
	} else {
		memcpy(room, x->body.p + x->sent, n);
	}
	x->sent += n;
	http_h2_count_body(x->conn, n, true);
	if (x->sent == x->size)
		*flags |= NGHTTP2_DATA_FLAG_EOF;
	return (ssize_t)n;
}

static nghttp2_nv make_header(struct hm_str name, struct hm_str value)
{
	return (nghttp2_nv){ .name = (uint8_t *)(uintptr_t)name.p,
			     .namelen = name.n,
			     .value = (uint8_t *)(uintptr_t)value.p,
			     .valuelen = value.n };
}

void http_h2_answer(struct http_exchange *x)
{
	struct http_conn *c = x->conn;
	nghttp2_nv all[ANSWER_HEADERS];
	size_t n = 0;
	nghttp2_data_provider from = { .read_callback = read_answer_bytes };
	bool body = http_exchange_sends_body(x) && x->size;
	all[n++] = make_header(HM_STR(":status"), hm_fmt(&x->cx, "%d", x->status));
	if (x->content_type)
		all[n++] = make_header(HM_STR("content-type"), hm_cstr(x->content_type));
	if (x->status != 204 && x->status != 304)
		all[n++] = make_header(HM_STR("content-length"),
				       hm_fmt(&x->cx, "%llu", (unsigned long long)x->size));
	for (size_t i = 0; i < x->out.n && n < ANSWER_HEADERS - 2; i++)
		all[n++] = make_header(hm_lower(&x->cx, x->out.p[i].name), x->out.p[i].value);
	all[n++] = make_header(HM_STR("x-request-id"), x->id);
	all[n++] = make_header(HM_STR("x-content-type-options"), HM_STR("nosniff"));
	if (nghttp2_submit_response(c->h2.nghttp2, x->stream, all, n, body ? &from : NULL) != 0)
		nghttp2_submit_rst_stream(c->h2.nghttp2, NGHTTP2_FLAG_NONE, x->stream,
					  NGHTTP2_INTERNAL_ERROR);
}

static bool fill_output(struct http_conn *c)
{
	const uint8_t *p;
	while (c->out.n < OUT_HIGH) {
		ssize_t n = nghttp2_session_mem_send(c->h2.nghttp2, &p);
		if (n < 0)
			return false;
		if (n == 0)
			break;
		hm_buf_add(&c->out, hm_bytes(p, (size_t)n));
	}
	return true;
}

static bool is_finished(const struct http_conn *c)
{
	return c->out.n == 0 && !nghttp2_session_want_read(c->h2.nghttp2) &&
	       !nghttp2_session_want_write(c->h2.nghttp2);
}

/* Closing with bytes unread would reset the connection, and our last frames might be lost with it:
 * a PING behind the client's GOAWAY, say. We wait only for one that has sent GOAWAY. */
static void end_session(struct http_conn *c)
{
	if (!c->h2.leaving || c->h2.calm || c->eof) {
		http_conn_close(c);
		return;
	}
	if (c->ssl)
		http_tls_end(c->ssl);
	shutdown(c->fd, SHUT_WR);
	c->h2.ended = true;
	c->since = c->s->now;
}

void http_h2_write(struct http_conn *c)
{
	if (c->h2.ended)
		return;
	for (size_t turn = 0; turn < TURN_MAX / OUT_HIGH; turn++) {
		enum io io = http_conn_flush(c, false);
		if (io == IO_AGAIN)
			return;
		if (io == IO_FAILED || !fill_output(c)) {
			http_conn_close(c);
			return;
		}
		if (is_finished(c)) {
			end_session(c);
			return;
		}
		if (c->out.n == 0)
			return;
	}
	c->blocked = true; /* others have their turn first */
}
