/* SPDX-License-Identifier: Apache-2.0 */
#include "http/server/server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { SPARE_MAX = 64, ROOM_FOR_HEAD = 128 * 1024 };

/* ---- life, on the loop's thread */

/* Its buffers grow on this thread alone; the worker only swaps them. */
static void hold(struct http_exchange *x)
{
	http_memory_set(x->s, &x->held, EXCHANGE_COST + x->inbox.cap + x->reading.cap);
}

static const unsigned may_follow[EXCHANGE_STATES] = {
	[EXCHANGE_HEAD] = 1U << EXCHANGE_COLLECTING | 1U << EXCHANGE_FAST | 1U << EXCHANGE_QUEUED |
			  1U << EXCHANGE_ANSWERING,
	[EXCHANGE_COLLECTING] =
		1U << EXCHANGE_FAST | 1U << EXCHANGE_QUEUED | 1U << EXCHANGE_ANSWERING,
	[EXCHANGE_FAST] = 1U << EXCHANGE_QUEUED | 1U << EXCHANGE_ANSWERING,
	/* answered by the loop where the queue is full */
	[EXCHANGE_QUEUED] = 1U << EXCHANGE_RUNNING | 1U << EXCHANGE_ANSWERING,
	[EXCHANGE_RUNNING] = 1U << EXCHANGE_DONE,
	[EXCHANGE_DONE] = 1U << EXCHANGE_ANSWERING,
};

void http_exchange_move(struct http_exchange *x, enum exchange_state to)
{
	if (!(may_follow[x->state] & 1U << to))
		abort();
	x->state = to;
}

bool http_exchange_is_away(const struct http_exchange *x)
{
	enum exchange_state state = x->state;
	return state == EXCHANGE_QUEUED || state == EXCHANGE_RUNNING || state == EXCHANGE_DONE;
}

struct http_exchange *http_exchange_new(struct http_conn *c)
{
	struct http_server *s = c->s;
	struct http_exchange *x = s->spare, old = { 0 };
	if (x) {
		s->spare = x->next;
		s->spare_n--;
		old = *x;
	} else {
		old.cx = HM_CX(0);
		x = hm_new(&old.cx, struct http_exchange, 1);
		old.base = hm_mark(&old.cx);
	}
	*x = (struct http_exchange){ .cx = old.cx,
				     .base = old.base,
				     .inbox = old.inbox,
				     .reading = old.reading,
				     .s = s,
				     .conn = c,
				     .listener = c->on->config,
				     .began = s->now,
				     .fed = s->now,
				     .pace = { .since = s->now },
				     .length = -1,
				     .file = -1 };
	x->inbox.max = INBOX_HIGH + SCRATCH;
	x->reading.max = INBOX_HIGH + SCRATCH;
	x->cx.budget = ROOM_FOR_HEAD;
	x->cx.deadline = 0;
	x->cx.cancel = &x->gone;
	x->cx.request_id = NULL;
	memcpy(x->peer, c->peer, sizeof(x->peer));
	pthread_mutex_init(&x->lock, NULL);
	pthread_condattr_t clock;
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(&x->more, &clock);
	pthread_condattr_destroy(&clock);
	hold(x);
	return x;
}

static void empty(struct hm_buf *b)
{
	if (b->cap > KEEP_BUFFER)
		hm_buf_done(b);
	else
		hm_buf_clear(b);
}

static void observe(struct http_exchange *x)
{
	struct http_server *s = x->s;
	struct http_record r = { .method = x->method,
				 .path = x->path,
				 .id = x->id,
				 .traceparent = x->traceparent,
				 .peer = hm_cstr(x->peer),
				 .route = x->route ? x->route->prefix : "",
				 .status = atomic_load(&x->gone) ? 0 : x->status,
				 .received = x->received,
				 .sent = http_exchange_sends_body(x) ? x->size : 0,
				 .nanoseconds = hm_mono() - x->began };
	http_metrics_count(s, &r);
	if (s->config.observe)
		s->config.observe(s->config.observe_arg, &r);
}

void http_exchange_free(struct http_exchange *x)
{
	struct http_server *s = x->s;
	observe(x);
	http_files_drop(x);
	hm_close_fd(&x->file);
	pthread_mutex_destroy(&x->lock);
	pthread_cond_destroy(&x->more);
	empty(&x->inbox);
	empty(&x->reading);
	http_memory_set(s, &x->held, 0);
	http_memory_set(s, &x->work_held, 0);
	hm_release(&x->cx, x->base);
	if (s->spare_n < SPARE_MAX) {
		x->next = s->spare;
		s->spare = x;
		s->spare_n++;
		return;
	}
	hm_buf_done(&x->inbox);
	hm_buf_done(&x->reading);
	struct hm_cx cx = x->cx;
	hm_cx_done(&cx);
}

bool http_exchange_is_late(const struct http_exchange *x)
{
	if (x->state != EXCHANGE_COLLECTING)
		return false; /* a worker may have it, and with it .cx */
	int64_t until =
		x->cx.deadline ? x->cx.deadline : x->began + (int64_t)HM_MAX_HTTP_STALL * HM_SECOND;
	return x->s->now > until;
}

/* Is it up to the client to give more of the body? What a few bytes wait for is not the worker. */
static bool is_givers_turn(struct http_exchange *x)
{
	pthread_mutex_lock(&x->lock);
	bool begun = x->state == EXCHANGE_RUNNING || x->state == EXCHANGE_DONE;
	bool gives = !x->body_end && (!http_exchange_is_away(x) || (begun && x->inbox.n < SMALL));
	pthread_mutex_unlock(&x->lock);
	return gives;
}

bool http_exchange_is_slow(struct http_exchange *x)
{
	struct http_server *s = x->s;
	bool takes = x->state == EXCHANGE_ANSWERING;
	uint64_t moved = takes ? x->sent : x->received;
	if (!takes) {
		http_pace_tick(&x->pace, moved);
		x->slow = http_pace_is_in_the_way(&x->pace);
	}
	if (!takes && !is_givers_turn(x)) {
		http_pace_begin(&x->pace, s->now, moved);
		return false;
	}
	if (http_exchange_is_away(x) && x->slow && s->wanted > 0) {
		s->wanted--; /* no more than are needed */
		return true;
	}
	return http_pace_is_slow(&x->pace, s->now, moved);
}

void http_exchange_gone(struct http_exchange *x)
{
	pthread_mutex_lock(&x->lock);
	http_files_drop(x);
	x->conn = NULL;
	atomic_store(&x->gone, true);
	pthread_cond_signal(&x->more);
	pthread_mutex_unlock(&x->lock);
	if (!http_exchange_is_away(x))
		http_exchange_free(x);
}

/* ---- from request to handler */

void http_exchange_target(struct http_exchange *x, struct hm_str target)
{
	x->query = target;
	x->path = hm_cut(&x->query, '?');
	x->query = hm_sub(x->query, 0, hm_find_char(x->query, '#'));
}

static bool serves(struct hm_str prefix, struct hm_str path)
{
	return hm_ends(prefix, HM_STR("/")) ? hm_starts(path, prefix) : hm_eq(path, prefix);
}

static const struct http_route *choose(const struct http_exchange *x, bool *out_known)
{
	const struct http_route *best = NULL;
	size_t best_n = 0;
	*out_known = false;
	for (const struct http_route *r = x->listener->routes; r->prefix; r++) {
		struct hm_str prefix = hm_cstr(r->prefix);
		if (!serves(prefix, x->path) || (best && prefix.n < best_n))
			continue;
		*out_known = true;
		bool get = x->is_head && strcmp(r->method, "GET") == 0;
		if (!get && strcmp(r->method, "*") != 0 && !hm_eqz(x->method, r->method))
			continue;
		best = r;
		best_n = prefix.n;
	}
	return best;
}

/* RFC 9110, 15.5.6: 405 says what there is. */
static void add_allow(struct http_exchange *x)
{
	HM_AUTO_BUF b = HM_BUF(1024);
	for (const struct http_route *r = x->listener->routes; r->prefix; r++) {
		if (!serves(hm_cstr(r->prefix), x->path))
			continue;
		if (b.n)
			hm_buf_addz(&b, ", ");
		hm_buf_addz(&b, r->method);
		if (strcmp(r->method, "GET") == 0)
			hm_buf_addz(&b, ", HEAD");
	}
	http_exchange_add_header(x, "Allow", hm_buf_str(&b));
}

static void identify(struct http_exchange *x)
{
	struct http_server *s = x->s;
	struct hm_str given = http_header_get(&x->headers, "x-request-id");
	if (http_is_request_id(given))
		x->id = hm_dup(&x->cx, given);
	else
		x->id = hm_fmt(&x->cx, "%08llx%08llx", (unsigned long long)(s->id_seed >> 32),
			       (unsigned long long)(s->id_seed + s->ids++) & 0xffffffff);
	x->cx.request_id = x->id.p;
	x->traceparent = http_header_get(&x->headers, "traceparent");
}

static const char no_memory[] = "other requests use all the memory there is";

static void to_worker(struct http_exchange *x)
{
	http_exchange_move(x, EXCHANGE_QUEUED);
	x->streams = !x->body_end;
	if (http_work_push(x))
		return;
	x->s->rejected++;
	http_exchange_add_header(x, "Retry-After", HM_STR("1"));
	http_exchange_status(x, 503, "too many requests wait already");
	http_exchange_ready(x);
}

void http_exchange_turn_away(struct http_exchange *x, int status, const char *why)
{
	empty(&x->inbox);
	hold(x);
	x->s->rejected++;
	if (status == 503)
		http_exchange_add_header(x, "Retry-After", HM_STR("1"));
	http_exchange_status(x, status, why);
	http_exchange_ready(x);
}

static void try_fast(struct http_exchange *x)
{
	const struct http_route *r = x->route;
	http_exchange_move(x, EXCHANGE_FAST);
	bool answered = r->fast(&x->cx, r->arg, x);
	if (answered && !x->status)
		http_exchange_status(x, 500, "the request was not answered");
	if (x->status) {
		http_exchange_ready(x);
		return;
	}
	/* as if nothing had been looked at */
	x->out.n = 0;
	x->reading_at = 0;
	to_worker(x);
}

static void go_on(struct http_exchange *x)
{
	if (x->route->fast)
		try_fast(x);
	else
		to_worker(x);
}

void http_exchange_begin(struct http_exchange *x, bool whole)
{
	bool known;
	x->is_head = hm_eqz(x->method, "HEAD");
	x->body_end = whole;
	identify(x);
	x->route = choose(x, &known);
	if (!x->route) {
		if (known)
			add_allow(x);
		http_exchange_status(x, known ? 405 : 404,
				     known ? "method not allowed" : "no such page");
		http_exchange_ready(x);
		return;
	}
	hm_err err = http_exchange_guard(x);
	if (err) {
		http_exchange_fault(x, err);
		http_exchange_ready(x);
		return;
	}
	x->cx.budget = x->route->budget;
	if (x->route->deadline_ms)
		x->cx.deadline = x->began + (int64_t)x->route->deadline_ms * (HM_SECOND / 1000);
	/* no worker is taken for a body that has hardly begun to come */
	if (whole)
		go_on(x);
	else if (http_memory_is_over(x->s) && !http_memory_relieve(x->s, x->conn))
		http_exchange_turn_away(x, 503, no_memory);
	else
		http_exchange_move(x, EXCHANGE_COLLECTING);
}

bool http_exchange_pause(struct http_exchange *x)
{
	pthread_mutex_lock(&x->lock);
	bool pause = x->inbox.n > 0;
	x->paused = x->paused || pause;
	pthread_mutex_unlock(&x->lock);
	return pause;
}

/* There is too little memory for the piece that came. Bytes of a stream cannot wait elsewhere. */
static bool starve(struct http_exchange *x)
{
	if (x->state == EXCHANGE_COLLECTING)
		http_exchange_turn_away(x, 503, no_memory);
	else if (x->stream)
		http_h2_reset(x);
	else
		return !http_exchange_pause(x);
	return false;
}

bool http_exchange_feed(struct http_exchange *x, struct hm_str bytes)
{
	x->received += bytes.n;
	x->fed = x->s->now;
	if (x->state == EXCHANGE_ANSWERING)
		return true; /* dropped: the answer is on its way */
	pthread_mutex_lock(&x->lock);
	hm_buf_add(&x->inbox, bytes);
	bool room = x->inbox.n < INBOX_HIGH;
	x->paused = !room;
	if (x->waiting)
		pthread_cond_signal(&x->more);
	hold(x);
	pthread_mutex_unlock(&x->lock);
	if (http_memory_is_over(x->s) && !http_memory_relieve(x->s, x->conn))
		return starve(x) && room;
	if (x->state == EXCHANGE_COLLECTING && x->inbox.n > FAST_BODY)
		to_worker(x);
	return room;
}

char *http_exchange_feed_room(struct http_exchange *x, size_t n)
{
	pthread_mutex_lock(&x->lock);
	return hm_buf_room(&x->inbox, n);
}

void http_exchange_feed_took(struct http_exchange *x, size_t asked, size_t got)
{
	x->inbox.n -= asked - got;
	x->received += got;
	x->paused = x->inbox.n >= INBOX_HIGH;
	hold(x);
	if (got) {
		x->fed = x->s->now;
		if (x->waiting)
			pthread_cond_signal(&x->more);
	}
	pthread_mutex_unlock(&x->lock);
}

void http_exchange_feed_end(struct http_exchange *x)
{
	pthread_mutex_lock(&x->lock);
	x->body_end = true;
	if (x->waiting)
		pthread_cond_signal(&x->more);
	pthread_mutex_unlock(&x->lock);
	if (x->state == EXCHANGE_COLLECTING)
		go_on(x);
}

/* Its file would be one too many. */
static void answer_busy(struct http_exchange *x)
{
	hm_close_fd(&x->file);
	x->status = 0;
	x->out.n = 0;
	x->offset = 0;
	x->s->rejected++;
	http_exchange_add_header(x, "Retry-After", HM_STR("1"));
	http_exchange_status(x, 503, "other requests keep all the files open that may be");
}

void http_exchange_ready(struct http_exchange *x)
{
	http_exchange_move(x, EXCHANGE_ANSWERING);
	if (x->file_coming)
		atomic_fetch_sub(&x->s->files_coming, 1);
	x->file_coming = false;
	if (x->conn && x->file >= 0 && !http_files_add(x))
		answer_busy(x);
	x->pace = (struct http_pace){ .since = x->s->now };
	if (!x->conn)
		http_exchange_free(x);
	else if (x->conn->state == CONN_H2)
		http_h2_answer(x);
	else
		http_h1_answer(x->conn);
}

void http_exchange_status(struct http_exchange *x, int status, const char *why)
{
	struct hm_str body = hm_fmt(&x->cx, "%s\n", why);
	hm_err err = http_exchange_answer(&x->cx, x, status, "text/plain; charset=utf-8", body);
	if (err)
		hm_log(&x->cx, HM_LOG_DEBUG, "answer dropped", "why", err->why, NULL);
}

void http_exchange_fault(struct http_exchange *x, hm_err err)
{
	const struct http_route *r = x->route;
	if (r->fault && !r->fault(&x->cx, r->arg, x, err) && x->status)
		return;
	if (!x->status)
		http_exchange_status(x, hm_code_rows[err->code].http, err->why);
}

bool http_exchange_sends_body(const struct http_exchange *x)
{
	return !x->is_head && x->status != 204 && x->status != 304 && x->status >= 200;
}
