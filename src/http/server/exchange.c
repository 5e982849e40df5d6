/* SPDX-License-Identifier: Apache-2.0 */
/* Socket thread, but for http_exchange_move() and what its handler asks for. */
#include "http/server/exchange.h"

#include <stdlib.h>

#include "http/server/server.h"

enum { SPARE_MAX = 64, ROOM_FOR_HEAD = 128 * 1024 };

static const unsigned may_follow[EXCHANGE_STATES] = {
	[EXCHANGE_HEAD] = 1U << EXCHANGE_COLLECTING | 1U << EXCHANGE_FAST | 1U << EXCHANGE_QUEUED |
			  1U << EXCHANGE_ANSWERING,
	[EXCHANGE_COLLECTING] =
		1U << EXCHANGE_FAST | 1U << EXCHANGE_QUEUED | 1U << EXCHANGE_ANSWERING,
	[EXCHANGE_FAST] = 1U << EXCHANGE_QUEUED | 1U << EXCHANGE_ANSWERING,
	/* answered by the socket thread where the queue is full */
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

void http_exchange_hold(struct http_exchange *x)
{
	http_memory_set(x->s, &x->held, EXCHANGE_COST + x->inbox.cap + x->reading.cap);
}

hm_err http_exchange_hold_work(struct hm_cx *cx, struct http_exchange *x, size_t n)
{
	return http_memory_take(cx, x->s, x->state != EXCHANGE_FAST, n, &x->work_held);
}

struct http_exchange *http_exchange_new(struct http_server *s, const struct http_listener *l)
{
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
				     .listener = l,
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
	pthread_mutex_init(&x->lock, NULL);
	pthread_condattr_t clock;
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(&x->more, &clock);
	pthread_condattr_destroy(&clock);
	http_exchange_hold(x);
	return x;
}

static void empty_buffer(struct hm_buf *b)
{
	if (b->cap > KEEP_BUFFER)
		hm_buf_done(b);
	else
		hm_buf_clear(b);
}

static void record_exchange(struct http_exchange *x)
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

void http_exchange_drop_file(struct http_exchange *x)
{
	if (!x->file_counted)
		return;
	x->file_counted = false;
	x->s->files--;
}

void http_exchange_drop_body(struct http_exchange *x)
{
	empty_buffer(&x->inbox);
	http_exchange_hold(x);
}

void http_exchange_free(struct http_exchange *x)
{
	struct http_server *s = x->s;
	record_exchange(x);
	http_exchange_drop_file(x);
	hm_close_fd(&x->file);
	pthread_mutex_destroy(&x->lock);
	pthread_cond_destroy(&x->more);
	empty_buffer(&x->inbox);
	empty_buffer(&x->reading);
	hm_buf_done(&x->given);
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

void http_exchange_gone(struct http_exchange *x)
{
	pthread_mutex_lock(&x->lock);
	http_exchange_drop_file(x);
	x->conn = NULL;
	atomic_store(&x->gone, true);
	pthread_cond_signal(&x->more);
	pthread_mutex_unlock(&x->lock);
	if (!http_exchange_is_away(x))
		http_exchange_free(x);
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
static bool awaits_client(struct http_exchange *x)
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
	if (!takes && !awaits_client(x)) {
		http_pace_begin(&x->pace, s->now, moved);
		return false;
	}
	if (http_exchange_is_away(x) && x->slow && s->wanted > 0) {
		s->wanted--; /* no more than are needed */
		return true;
	}
	return http_pace_is_slow(&x->pace, s->now, moved);
}

bool http_exchange_sends_body(const struct http_exchange *x)
{
	return !x->is_head && x->status != 204 && x->status != 304 && x->status >= 200;
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
	http_exchange_hold(x);
	if (got) {
		x->fed = x->s->now;
		if (x->waiting)
			pthread_cond_signal(&x->more);
	}
	pthread_mutex_unlock(&x->lock);
}
