/* SPDX-License-Identifier: Apache-2.0 */
#include "http/server/server.h"

#include <nghttp2/nghttp2.h>
#include <unistd.h>

enum {
	FIRST_WINDOW = 2 * FAST_BODY, /* of a stream that no worker has yet */
	STREAM_WINDOW = 1024 * 1024,
	CONNECTION_WINDOW = 8 * 1024 * 1024,
	OUT_HIGH = 256 * 1024, /* bytes made ready to be sent at once */
	ANSWER_HEADERS = 128,
	HPACK_TABLE = 4096, /* bytes, of either side */
};

static struct http_exchange *of_stream(nghttp2_session *h2, int32_t stream)
{
	return nghttp2_session_get_stream_user_data(h2, stream);
}

static void link_stream(struct http_conn *c, struct http_exchange *x)
{
	x->stream_next = c->streams;
	if (c->streams)
		c->streams->stream_prev = x;
	c->streams = x;
}

static void unlink_stream(struct http_conn *c, struct http_exchange *x)
{
	if (x->stream_prev)
		x->stream_prev->stream_next = x->stream_next;
	else
		c->streams = x->stream_next;
	if (x->stream_next)
		x->stream_next->stream_prev = x->stream_prev;
	x->stream_prev = x->stream_next = NULL;
}

/* ---- in */

static void note_stream(struct http_conn *c, int32_t stream)
{
	int32_t expected = c->newest ? c->newest + 2 : 1;
	if (stream > expected) {
		unsigned i = c->passed_n++ % HM_LEN(c->passed);
		c->passed[i].first = expected;
		c->passed[i].last = stream - 2;
	}
	c->newest = stream;
}

static bool was_passed(const struct http_conn *c, int32_t stream)
{
	for (size_t i = 0; i < HM_LEN(c->passed); i++)
		if (c->passed[i].first && stream >= c->passed[i].first &&
		    stream <= c->passed[i].last)
			return true;
	return false;
}

/*
 * A new stream's number is larger than all before (RFC 9113, 5.1.1). nghttp2 ignores headers for
 * smaller ones, because they may be trailers of a stream that was just reset; those for a stream
 * that never was cannot be.
 */
static int on_frame_head(nghttp2_session *h2, const nghttp2_frame_hd *hd, void *arg)
{
	struct http_conn *c = arg;
	if (hd->type != NGHTTP2_HEADERS || hd->stream_id % 2 == 0)
		return 0;
	if (hd->stream_id > c->newest)
		note_stream(c, hd->stream_id);
	else if (was_passed(c, hd->stream_id))
		return nghttp2_session_terminate_session(h2, NGHTTP2_PROTOCOL_ERROR);
	return 0;
}

static int on_begin(nghttp2_session *h2, const nghttp2_frame *f, void *arg)
{
	struct http_conn *c = arg;
	if (f->hd.type != NGHTTP2_HEADERS || f->headers.cat != NGHTTP2_HCAT_REQUEST)
		return 0;
	struct http_exchange *x = http_exchange_new(c);
	x->stream = f->hd.stream_id;
	link_stream(c, x);
	c->h2_active = c->s->now;
	http_h2_count_request(c);
	nghttp2_session_set_stream_user_data(h2, x->stream, x);
	return 0;
}

static int on_header(nghttp2_session *h2, const nghttp2_frame *f, const uint8_t *name,
		     size_t name_n, const uint8_t *value, size_t value_n, uint8_t flags, void *arg)
{
	struct http_exchange *x = of_stream(h2, f->hd.stream_id);
	struct hm_str n = hm_bytes(name, name_n), v = hm_bytes(value, value_n);
	(void)flags, (void)arg;
	if (!x || f->headers.cat != NGHTTP2_HCAT_REQUEST)
		return 0;
	x->size += name_n + value_n;
	if (x->size > HM_MAX_HTTP_HEADERS || x->headers.n == H1_HEADERS_MAX)
		return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
	v = hm_dup(&x->cx, v);
	if (hm_eqz(n, ":method"))
		x->method = v;
	else if (hm_eqz(n, ":path"))
		http_exchange_target(x, v);
	else if (hm_eqz(n, ":authority"))
		*hm_push(&x->cx, &x->headers) = (struct http_header){ HM_STR("host"), v };
	else if (name_n && name[0] != ':')
		*hm_push(&x->cx, &x->headers) = (struct http_header){ hm_dup(&x->cx, n), v };
	return 0;
}

static void begin(struct http_exchange *x, bool whole)
{
	uint64_t length;
	x->size = 0;
	if (hm_u64(http_header_get(&x->headers, "content-length"), INT64_MAX, &length))
		x->length = (int64_t)length;
	if (x->path.n > H1_TARGET_MAX || x->path.n == 0 || x->path.p[0] != '/') {
		bool longer = x->path.n > H1_TARGET_MAX;
		http_exchange_status(x, longer ? 414 : 400,
				     http_exchange_reason(longer ? 414 : 400));
		http_exchange_ready(x);
		return;
	}
	http_exchange_begin(x, whole);
}

static int on_frame(nghttp2_session *h2, const nghttp2_frame *f, void *arg)
{
	struct http_exchange *x = of_stream(h2, f->hd.stream_id);
	bool last = f->hd.flags & NGHTTP2_FLAG_END_STREAM;
	(void)arg;
	if (!x)
		return 0;
	if (f->hd.type == NGHTTP2_HEADERS && f->headers.cat == NGHTTP2_HCAT_REQUEST)
		begin(x, last);
	else if (last && (f->hd.type == NGHTTP2_DATA || f->hd.type == NGHTTP2_HEADERS))
		http_exchange_feed_end(x);
	return 0;
}

static int on_data(nghttp2_session *h2, uint8_t flags, int32_t stream, const uint8_t *p, size_t n,
		   void *arg)
{
	struct http_exchange *x = of_stream(h2, stream);
	struct http_conn *c = arg;
	(void)flags;
	c->since = c->s->now;
	http_h2_count_body(c, n, false);
	if (!x)
		return nghttp2_session_consume(h2, stream, n);
	if (x->state == EXCHANGE_ANSWERING) {
		x->h2_announced += n;
		http_exchange_feed(x, hm_bytes(p, n));
		return nghttp2_session_consume(h2, stream, n);
	}
	http_exchange_feed(x, hm_bytes(p, n));
	return 0;
}

static int on_close(nghttp2_session *h2, int32_t stream, uint32_t code, void *arg)
{
	struct http_exchange *x = of_stream(h2, stream);
	struct http_conn *c = arg;
	if (!x)
		return 0;
	nghttp2_session_set_stream_user_data(h2, stream, NULL);
	unlink_stream(c, x);
	c->h2_active = c->s->now;
	/* what was never announced still counts against the whole connection's window */
	if (x->received > x->h2_announced)
		nghttp2_session_consume_connection(h2, (size_t)(x->received - x->h2_announced));
	if (x->state == EXCHANGE_ANSWERING && code == NGHTTP2_NO_ERROR)
		http_exchange_free(x);
	else
		http_exchange_gone(x);
	return 0;
}

static int on_sent(nghttp2_session *h2, const nghttp2_frame *f, void *arg)
{
	(void)h2;
	if (f->hd.type == NGHTTP2_RST_STREAM)
		http_h2_count_reset(arg);
	return 0;
}

static bool make_session(struct http_conn *c, nghttp2_session **out)
{
	nghttp2_session_callbacks *k;
	nghttp2_option *o;
	if (nghttp2_session_callbacks_new(&k) != 0)
		return false;
	nghttp2_session_callbacks_set_on_begin_frame_callback(k, on_frame_head);
	nghttp2_session_callbacks_set_on_begin_headers_callback(k, on_begin);
	nghttp2_session_callbacks_set_on_header_callback(k, on_header);
	nghttp2_session_callbacks_set_on_frame_recv_callback(k, on_frame);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(k, on_data);
	nghttp2_session_callbacks_set_on_stream_close_callback(k, on_close);
	nghttp2_session_callbacks_set_on_frame_send_callback(k, on_sent);
	bool good = nghttp2_option_new(&o) == 0;
	if (good) {
		nghttp2_option_set_no_auto_window_update(o, 1);
		nghttp2_option_set_max_settings(o, HM_MAX_H2_SETTINGS);
		nghttp2_option_set_max_outbound_ack(o, HM_MAX_H2_QUEUE / 2);
		nghttp2_option_set_max_deflate_dynamic_table_size(o, HPACK_TABLE);
		good = nghttp2_session_server_new2(out, k, c, o) == 0;
		nghttp2_option_del(o);
	}
	nghttp2_session_callbacks_del(k);
	return good;
}

bool http_h2_start(struct http_conn *c)
{
	const nghttp2_settings_entry settings[] = {
		{ NGHTTP2_SETTINGS_HEADER_TABLE_SIZE, HPACK_TABLE },
		{ NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, HM_MAX_H2_STREAMS },
		{ NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, FIRST_WINDOW },
		{ NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, HM_MAX_HTTP_HEADERS },
	};
	nghttp2_session *h2;
	if (!make_session(c, &h2))
		return false;
	c->h2 = h2;
	c->h2_active = c->s->now;
	c->h2_skip = NGHTTP2_CLIENT_MAGIC_LEN;
	return nghttp2_submit_settings(h2, NGHTTP2_FLAG_NONE, settings, HM_LEN(settings)) == 0 &&
	       nghttp2_session_set_local_window_size(h2, NGHTTP2_FLAG_NONE, 0, CONNECTION_WINDOW) ==
		       0;
}

void http_h2_end(struct http_conn *c)
{
	for (struct http_exchange *x; (x = c->streams);) {
		unlink_stream(c, x);
		http_exchange_gone(x);
	}
	nghttp2_session_del(c->h2);
	c->h2 = NULL;
}

void http_h2_run(struct http_conn *c)
{
	struct hm_str in = http_h2_count_frames(c, c->data);
	ssize_t n = nghttp2_session_mem_recv(c->h2, (const uint8_t *)in.p, in.n);
	c->data = (struct hm_str){ "", 0 };
	http_h2_count_queue(c);
	http_h2_write(c); /* on a protocol error too: it says so in GOAWAY */
	if (n < 0 && !c->dead)
		http_conn_close(c);
}

/* ---- out */

static ssize_t read_answer(nghttp2_session *h2, int32_t stream, uint8_t *room, size_t n,
			   uint32_t *flags, nghttp2_data_source *source, void *arg)
{
	struct http_exchange *x = of_stream(h2, stream);
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

static nghttp2_nv pair(struct hm_str name, struct hm_str value)
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
	nghttp2_data_provider from = { .read_callback = read_answer };
	bool body = http_exchange_sends_body(x) && x->size;
	all[n++] = pair(HM_STR(":status"), hm_fmt(&x->cx, "%d", x->status));
	if (x->content_type)
		all[n++] = pair(HM_STR("content-type"), hm_cstr(x->content_type));
	if (x->status != 204 && x->status != 304)
		all[n++] = pair(HM_STR("content-length"),
				hm_fmt(&x->cx, "%llu", (unsigned long long)x->size));
	for (size_t i = 0; i < x->out.n && n < ANSWER_HEADERS - 2; i++)
		all[n++] = pair(hm_lower(&x->cx, x->out.p[i].name), x->out.p[i].value);
	all[n++] = pair(HM_STR("x-request-id"), x->id);
	all[n++] = pair(HM_STR("x-content-type-options"), HM_STR("nosniff"));
	if (nghttp2_submit_response(c->h2, x->stream, all, n, body ? &from : NULL) != 0)
		nghttp2_submit_rst_stream(c->h2, NGHTTP2_FLAG_NONE, x->stream,
					  NGHTTP2_INTERNAL_ERROR);
}

static bool fill(struct http_conn *c)
{
	const uint8_t *p;
	while (c->out.n < OUT_HIGH) {
		ssize_t n = nghttp2_session_mem_send(c->h2, &p);
		if (n < 0)
			return false;
		if (n == 0)
			break;
		hm_buf_add(&c->out, hm_bytes(p, (size_t)n));
	}
	return true;
}

void http_h2_write(struct http_conn *c)
{
	for (size_t turn = 0; turn < TURN_MAX / OUT_HIGH; turn++) {
		enum io io = http_conn_flush(c);
		if (io == IO_AGAIN)
			return;
		if (io == IO_FAILED || !fill(c) ||
		    (c->out.n == 0 && !nghttp2_session_want_read(c->h2) &&
		     !nghttp2_session_want_write(c->h2))) {
			http_conn_close(c);
			return;
		}
		if (c->out.n == 0)
			return;
	}
	c->blocked = true; /* others have their turn first */
}

void http_h2_resume(struct http_exchange *x, size_t taken)
{
	struct http_conn *c = x->conn;
	/* now that a worker takes it: as long as there is memory for more */
	if (!x->h2_wide && !http_memory_is_over(c->s)) {
		x->h2_wide = true;
		nghttp2_session_set_local_window_size(c->h2, NGHTTP2_FLAG_NONE, x->stream,
						      STREAM_WINDOW);
	}
	x->h2_announced += taken;
	if (nghttp2_session_consume(c->h2, x->stream, taken) != 0) {
		http_conn_close(c);
		return;
	}
	http_h2_write(c);
}

void http_h2_reset(struct http_exchange *x)
{
	x->s->rejected++;
	nghttp2_submit_rst_stream(x->conn->h2, NGHTTP2_FLAG_NONE, x->stream,
				  NGHTTP2_ENHANCE_YOUR_CALM);
}

void http_h2_tick(struct http_conn *c)
{
	bool any = false;
	if (c->h2_calm) {
		http_conn_close(c); /* it does not even take the GOAWAY */
		return;
	}
	for (struct http_exchange *x = c->streams; x; x = x->stream_next) {
		bool late = !x->body_end && !x->paused &&
			    c->s->now - x->fed > (int64_t)HM_MAX_HTTP_STALL * HM_SECOND;
		late = http_exchange_is_late(x) || http_exchange_is_slow(x) || late;
		if (late)
			nghttp2_submit_rst_stream(c->h2, NGHTTP2_FLAG_NONE, x->stream,
						  NGHTTP2_CANCEL);
		any = any || late;
	}
	if (any)
		http_h2_write(c);
}

void http_h2_shutdown(struct http_conn *c)
{
	nghttp2_submit_goaway(c->h2, NGHTTP2_FLAG_NONE,
			      nghttp2_session_get_last_proc_stream_id(c->h2), NGHTTP2_NO_ERROR,
			      NULL, 0);
	http_h2_write(c);
}
