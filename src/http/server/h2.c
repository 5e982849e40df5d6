/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP/2 on a connection (RFC 9113), by nghttp2; socket thread. */
#include "http/server/h2_limits.h"

#include <nghttp2/nghttp2.h>

enum {
	FIRST_WINDOW = 2 * FAST_BODY, /* of a stream that no worker has yet */
	STREAM_WINDOW = 1024 * 1024,
	CONNECTION_WINDOW = 8 * 1024 * 1024,
	HPACK_TABLE = 4096, /* bytes, of either side */
};

static struct http_exchange *find_exchange(nghttp2_session *h2, int32_t stream)
{
	return nghttp2_session_get_stream_user_data(h2, stream);
}

/* ---- in */

static void note_stream_number(struct http_conn *c, int32_t stream)
{
	int32_t expected = c->h2.newest ? c->h2.newest + 2 : 1;
	if (stream > expected) {
		unsigned i = c->h2.passed_n++ % HM_LEN(c->h2.passed);
		c->h2.passed[i].first = expected;
		c->h2.passed[i].last = stream - 2;
	}
	c->h2.newest = stream;
}

static bool was_stream_passed(const struct http_conn *c, int32_t stream)
{
	for (size_t i = 0; i < HM_LEN(c->h2.passed); i++)
		if (c->h2.passed[i].first && stream >= c->h2.passed[i].first &&
		    stream <= c->h2.passed[i].last)
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
	if (hd->stream_id > c->h2.newest)
		note_stream_number(c, hd->stream_id);
	else if (was_stream_passed(c, hd->stream_id))
		return nghttp2_session_terminate_session(h2, NGHTTP2_PROTOCOL_ERROR);
	return 0;
}

static int on_begin(nghttp2_session *h2, const nghttp2_frame *f, void *arg)
{
	struct http_conn *c = arg;
	if (f->hd.type != NGHTTP2_HEADERS || f->headers.cat != NGHTTP2_HCAT_REQUEST)
		return 0;
	struct http_exchange *x = http_conn_begin_exchange(c);
	x->stream = f->hd.stream_id;
	c->h2.active = c->s->now;
	http_h2_count_request(c);
	nghttp2_session_set_stream_user_data(h2, x->stream, x);
	return 0;
}

static int on_header(nghttp2_session *h2, const nghttp2_frame *f, const uint8_t *name,
		     size_t name_n, const uint8_t *value, size_t value_n, uint8_t flags, void *arg)
{
	struct http_exchange *x = find_exchange(h2, f->hd.stream_id);
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

static void start_request(struct http_exchange *x, bool whole)
{
	uint64_t length;
	x->size = 0;
	if (hm_u64(http_header_get(&x->headers, "content-length"), INT64_MAX, &length))
		x->length = (int64_t)length;
	if (x->path.n > H1_TARGET_MAX || x->path.n == 0 || x->path.p[0] != '/') {
		bool longer = x->path.n > H1_TARGET_MAX;
		http_answer_status(x, longer ? 414 : 400, http_status_words(longer ? 414 : 400));
		http_exchange_ready(x);
		return;
	}
	http_exchange_begin(x, whole);
}

static int on_frame(nghttp2_session *h2, const nghttp2_frame *f, void *arg)
{
	struct http_exchange *x = find_exchange(h2, f->hd.stream_id);
	struct http_conn *c = arg;
	bool last = f->hd.flags & NGHTTP2_FLAG_END_STREAM;
	if (f->hd.type == NGHTTP2_GOAWAY)
		c->h2.leaving = true;
	if (!x)
		return 0;
	if (f->hd.type == NGHTTP2_HEADERS && f->headers.cat == NGHTTP2_HCAT_REQUEST)
		start_request(x, last);
	else if (last && (f->hd.type == NGHTTP2_DATA || f->hd.type == NGHTTP2_HEADERS))
		http_exchange_feed_end(x);
	return 0;
}

static int on_data(nghttp2_session *h2, uint8_t flags, int32_t stream, const uint8_t *p, size_t n,
		   void *arg)
{
	struct http_exchange *x = find_exchange(h2, stream);
	struct http_conn *c = arg;
	(void)flags;
	c->since = c->s->now;
	http_h2_count_body(c, n, false);
	if (!x)
		return nghttp2_session_consume(h2, stream, n);
	if (x->state == EXCHANGE_ANSWERING) {
		x->announced += n;
		http_exchange_feed(x, hm_bytes(p, n));
		return nghttp2_session_consume(h2, stream, n);
	}
	http_exchange_feed(x, hm_bytes(p, n));
	return 0;
}

static int on_close(nghttp2_session *h2, int32_t stream, uint32_t code, void *arg)
{
	struct http_exchange *x = find_exchange(h2, stream);
	struct http_conn *c = arg;
	if (!x)
		return 0;
	nghttp2_session_set_stream_user_data(h2, stream, NULL);
	http_conn_unlink(c, x);
	c->h2.active = c->s->now;
	/* what was never announced still counts against the whole connection's window */
	if (x->received > x->announced)
		nghttp2_session_consume_connection(h2, (size_t)(x->received - x->announced));
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

static bool start_connection(struct http_conn *c)
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
	c->h2.nghttp2 = h2;
	c->h2.active = c->s->now;
	c->h2.skip = NGHTTP2_CLIENT_MAGIC_LEN;
	return nghttp2_submit_settings(h2, NGHTTP2_FLAG_NONE, settings, HM_LEN(settings)) == 0 &&
	       nghttp2_session_set_local_window_size(h2, NGHTTP2_FLAG_NONE, 0, CONNECTION_WINDOW) ==
		       0;
}

static void end_connection(struct http_conn *c)
{
	nghttp2_session_del(c->h2.nghttp2);
	c->h2.nghttp2 = NULL;
}

/* ---- on the connection */

static void parse_frames(struct http_conn *c)
{
	if (c->h2.ended) {
		c->data = (struct hm_str){ "", 0 };
		return;
	}
	struct hm_str in = http_h2_count_frames(c, c->data);
	ssize_t n = nghttp2_session_mem_recv(c->h2.nghttp2, (const uint8_t *)in.p, in.n);
	c->data = (struct hm_str){ "", 0 };
	http_h2_count_queue(c);
	http_h2_write(c); /* on a protocol error too: it says so in GOAWAY */
	if (n < 0 && !c->dead)
		http_conn_close(c);
}

static void receive_frames(struct http_conn *c)
{
	http_conn_receive(c, !c->h2.ended);
}

static void announce_taken(struct http_exchange *x, size_t taken)
{
	struct http_conn *c = x->conn;
	/* now that a worker takes it: as long as there is memory for more */
	if (!x->wide && !http_memory_is_over(c->s)) {
		x->wide = true;
		nghttp2_session_set_local_window_size(c->h2.nghttp2, NGHTTP2_FLAG_NONE, x->stream,
						      STREAM_WINDOW);
	}
	x->announced += taken;
	if (nghttp2_session_consume(c->h2.nghttp2, x->stream, taken) != 0) {
		http_conn_close(c);
		return;
	}
	http_h2_write(c);
}

static void reset_stream(struct http_exchange *x)
{
	x->s->rejected++;
	nghttp2_submit_rst_stream(x->conn->h2.nghttp2, NGHTTP2_FLAG_NONE, x->stream,
				  NGHTTP2_ENHANCE_YOUR_CALM);
}

static void reset_slow_streams(struct http_conn *c)
{
	bool any = false;
	if (c->h2.calm) {
		http_conn_close(c); /* it does not even take the GOAWAY */
		return;
	}
	for (struct http_exchange *x = c->exchanges; x; x = x->of_next) {
		bool late = !x->body_end && !x->paused &&
			    c->s->now - x->fed > (int64_t)HM_MAX_HTTP_STALL * HM_SECOND;
		late = http_exchange_is_late(x) || http_exchange_is_slow(x) || late;
		if (late)
			nghttp2_submit_rst_stream(c->h2.nghttp2, NGHTTP2_FLAG_NONE, x->stream,
						  NGHTTP2_CANCEL);
		any = any || late;
	}
	if (any)
		http_h2_write(c);
}

static void send_goaway(struct http_conn *c)
{
	if (c->h2.ended)
		return;
	nghttp2_submit_goaway(c->h2.nghttp2, NGHTTP2_FLAG_NONE,
			      nghttp2_session_get_last_proc_stream_id(c->h2.nghttp2),
			      NGHTTP2_NO_ERROR, NULL, 0);
	http_h2_write(c);
}

static bool wants_frames(const struct http_conn *c)
{
	return !c->eof && !c->h2.calm;
}

static bool has_no_streams(const struct http_conn *c)
{
	return !c->exchanges && c->out.n == 0;
}

static int64_t limit_silence(const struct http_conn *c)
{
	if (c->h2.ended)
		return LINGER_SECONDS;
	if (c->blocked)
		return (int64_t)HM_MAX_HTTP_STALL;
	return c->exchanges ? 0 : IDLE_SECONDS;
}

/* PING and the like keep no connection from being the idlest. */
static int64_t read_active_time(const struct http_conn *c)
{
	return c->h2.active;
}

static int64_t find_first_turn(const struct http_conn *c)
{
	int64_t began = c->exchanges ? c->exchanges->began : c->born;
	for (const struct http_exchange *x = c->exchanges; x; x = x->of_next)
		began = x->began < began ? x->began : began;
	return began;
}

const struct http_protocol http_h2 = {
	.alpn = "h2",
	.preface = HM_STR_INIT("PRI * HTTP/2.0\r\n"),
	.cost = H2_COST,
	.start = start_connection,
	.end = end_connection,
	.wants_input = wants_frames,
	.readable = receive_frames,
	.consume = parse_frames,
	.ended = http_conn_close,
	.writable = http_h2_write,
	.answer = http_h2_answer,
	.push = http_h2_write,
	.took = announce_taken,
	.reset = reset_stream,
	.tick = reset_slow_streams,
	.shutdown = send_goaway,
	.is_idle = has_no_streams,
	.patience = limit_silence,
	.idle_since = read_active_time,
	.turn_since = find_first_turn,
};
