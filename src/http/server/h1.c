/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP/1.1 on a connection (RFC 9112); socket thread. */
#include "http/server/connection.h"

/* ---- in */

static void refuse_head(struct http_conn *c, struct http_exchange *x, int status)
{
	c->keep_alive = false;
	c->h1.unread = true;
	http_h1_enter(c, H1_WAIT);
	http_answer_status(x, status, http_status_words(status));
	http_exchange_ready(x);
}

static void begin_request(struct http_conn *c, struct http_exchange *x, const struct h1_head *h)
{
	bool whole = !h->chunked && h->length <= 0;
	x->method = h->method;
	x->headers = h->headers;
	x->length = h->chunked ? -1 : h->length;
	http_exchange_target(x, h->target);
	c->keep_alive = h->keep_alive && !c->eof && !atomic_load(&c->s->stopping);
	c->h1.chunked = h->chunked;
	c->h1.chunks = (struct h1_chunks){ .state = H1_SIZE };
	c->h1.body_left = whole ? 0 : (uint64_t)h->length;
	http_h1_enter(c, whole ? H1_WAIT : H1_BODY);
	http_exchange_begin(x, whole);
	if (!h->expects || c->dead || c->h1.state != H1_BODY || c->exchanges != x)
		return;
	hm_buf_addz(&c->out, "HTTP/1.1 100 Continue\r\n\r\n");
	if (http_conn_flush(c, false) == IO_FAILED)
		http_conn_close(c);
}

/* A client that knows what is spoken here says so at once (RFC 9113, 3.3). */
static bool switches_protocol(struct http_conn *c)
{
	for (size_t i = 0; !c->ssl && c->s->protocols[i]; i++) {
		struct hm_str preface = c->s->protocols[i]->preface;
		if (preface.n == 0 || !hm_starts(c->data, preface))
			continue;
		if (http_conn_speak(c, c->s->protocols[i]))
			c->protocol->consume(c);
		return true;
	}
	return false;
}

static bool take_head(struct http_conn *c)
{
	struct h1_head h;
	if (c->data.n == 0 || switches_protocol(c))
		return false;
	size_t n = http_h1_head_end(c->data);
	bool plausible = http_h1_is_plausible(c->data);
	if (n == 0 && plausible && c->data.n <= HM_MAX_HTTP_HEADERS)
		return false;
	if (n && http_h1_is_foreign(c->data)) {
		http_conn_close(c);
		return false;
	}
	struct http_exchange *x = http_conn_begin_exchange(c);
	c->h1.unread = false;
	if (!plausible || n == 0 || n > HM_MAX_HTTP_HEADERS) {
		c->data = (struct hm_str){ "", 0 };
		refuse_head(c, x, plausible ? 431 : 400);
		return true;
	}
	struct hm_str head = hm_dup(&x->cx, hm_sub(c->data, 0, n));
	c->data = hm_from(c->data, n);
	int status = http_h1_parse(&x->cx, head, &h);
	if (status == 200)
		begin_request(c, x, &h);
	else
		refuse_head(c, x, status);
	return true;
}

static bool take_chunks(struct http_conn *c)
{
	struct http_exchange *x = c->exchanges;
	struct hm_str piece = http_h1_chunks_next(&c->h1.chunks, &c->data);
	if (piece.n)
		return http_exchange_feed(x, piece);
	if (c->h1.chunks.state == H1_BAD && x->state == EXCHANGE_COLLECTING) {
		refuse_head(c, x, 400);
	} else if (c->h1.chunks.state == H1_BAD) {
		http_conn_close(c);
	} else if (c->h1.chunks.state == H1_END) {
		http_h1_enter(c, H1_WAIT);
		http_exchange_feed_end(x);
		return true;
	}
	return false;
}

static bool take_body_bytes(struct http_conn *c)
{
	struct http_exchange *x = c->exchanges;
	if (x->paused)
		return false;
	if (c->h1.chunked)
		return take_chunks(c);
	if (c->data.n == 0)
		return false;
	struct hm_str piece =
		hm_sub(c->data, 0,
		       c->h1.body_left < c->data.n ? (size_t)c->h1.body_left : c->data.n);
	c->data = hm_from(c->data, piece.n);
	c->h1.body_left -= piece.n;
	bool room = http_exchange_feed(x, piece);
	if (c->h1.body_left == 0 && c->h1.state == H1_BODY) {
		http_h1_enter(c, H1_WAIT);
		http_exchange_feed_end(x);
		return true;
	}
	return room;
}

static void parse_input(struct http_conn *c)
{
	bool goes_on = true;
	while (goes_on && !c->dead && c->protocol == &http_h1) {
		if (c->h1.state == H1_HEAD)
			goes_on = take_head(c);
		else if (c->h1.state == H1_BODY)
			goes_on = take_body_bytes(c);
		else
			goes_on = false;
	}
	if (!c->dead && c->protocol == &http_h1 && c->h1.state == H1_LINGER)
		c->data = (struct hm_str){ "", 0 };
}

/* A body of known length, from the socket to where the worker takes it: no copy between. */
static void receive_body(struct http_conn *c)
{
	struct http_exchange *x = c->exchanges;
	bool over = http_memory_is_over(c->s);
	size_t most = over ? SMALL : READ_MAX, got = 0;
	size_t n = c->h1.body_left < most ? (size_t)c->h1.body_left : most;
	if (over && http_exchange_pause(x))
		return;
	enum io io = http_conn_read(c, http_exchange_feed_room(x, n), n, &got);
	http_exchange_feed_took(x, n, got);
	c->h1.body_left -= got;
	if (got)
		c->since = c->s->now;
	if (c->h1.body_left == 0) {
		http_h1_enter(c, H1_WAIT);
		http_exchange_feed_end(x);
	}
	http_conn_received(c, io);
}

static void read_request(struct http_conn *c)
{
	const struct http_exchange *x = c->exchanges;
	bool direct = c->h1.state == H1_BODY && !c->h1.chunked && c->in.n == 0;
	/* more of a head does not extend the time for it, nor do bytes that are dropped */
	if (direct && http_exchange_is_away(x))
		receive_body(c);
	else
		http_conn_receive(c,
				  c->h1.state == H1_HEAD ? c->in.n == 0 : c->h1.state != H1_LINGER);
}

static void close_unless_answering(struct http_conn *c)
{
	/* a client may close its side behind a whole request and still wait for the answer */
	if (c->h1.state != H1_WAIT && c->h1.state != H1_WRITE)
		http_conn_close(c);
}

static void write_rest(struct http_conn *c)
{
	if (c->h1.state == H1_WRITE) {
		http_h1_write(c);
		http_conn_resume(c);
	} else if (http_conn_flush(c, false) == IO_FAILED) {
		http_conn_close(c);
	}
}

/* ---- time */

static bool wants_request(const struct http_conn *c)
{
	switch (c->h1.state) {
	case H1_HEAD:
	case H1_LINGER:
		return !c->eof;
	case H1_BODY:
		return !c->exchanges->paused;
	case H1_WAIT:
		return c->in.n == 0 && !c->eof;
	case H1_WRITE:
		break;
	}
	return false;
}

static void end_slow_exchange(struct http_conn *c)
{
	struct http_exchange *x = c->exchanges;
	if (x && http_exchange_is_late(x))
		http_exchange_turn_away(x, 408, "the request body came too slowly");
	else if (x && http_exchange_is_slow(x))
		http_conn_close(c);
}

static bool awaits_head(const struct http_conn *c)
{
	return c->h1.state == H1_HEAD;
}

static int64_t limit_state(const struct http_conn *c)
{
	switch (c->h1.state) {
	case H1_HEAD:
		return c->in.n || c->blocked ? HEAD_SECONDS : IDLE_SECONDS;
	case H1_BODY:
		return c->exchanges->paused ? 0 : (int64_t)HM_MAX_HTTP_STALL;
	case H1_WAIT:
		return 0;
	case H1_WRITE:
		return (int64_t)HM_MAX_HTTP_STALL;
	case H1_LINGER:
		return LINGER_SECONDS;
	}
	return 0;
}

static int64_t read_idle_time(const struct http_conn *c)
{
	return c->since;
}

static int64_t read_turn_time(const struct http_conn *c)
{
	const struct http_exchange *x = c->exchanges;
	switch (c->h1.state) {
	case H1_HEAD:
	case H1_LINGER:
		return c->since;
	case H1_BODY:
		return x->paused ? -1 : x->began;
	case H1_WAIT:
		return -1;
	case H1_WRITE:
		return c->blocked ? x->began : -1;
	}
	return -1;
}

const struct http_protocol http_h1 = {
	.alpn = "http/1.1",
	.wants_input = wants_request,
	.readable = read_request,
	.consume = parse_input,
	.ended = close_unless_answering,
	.writable = write_rest,
	.answer = http_h1_answer,
	.tick = end_slow_exchange,
	.is_idle = awaits_head,
	.patience = limit_state,
	.idle_since = read_idle_time,
	.turn_since = read_turn_time,
};
