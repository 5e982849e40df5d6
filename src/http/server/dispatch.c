/* SPDX-License-Identifier: Apache-2.0 */
/* From request to handler to answer; socket thread. */
#include "http/server/connection.h"

void http_exchange_target(struct http_exchange *x, struct hm_str target)
{
	x->query = target;
	x->path = hm_cut(&x->query, '?');
	x->query = hm_sub(x->query, 0, hm_find_char(x->query, '#'));
}

static void set_request_id(struct http_exchange *x)
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

static const char no_memory[] = "other requests use all available memory";

static void queue_for_worker(struct http_exchange *x)
{
	http_exchange_move(x, EXCHANGE_QUEUED);
	x->streams = !x->body_end;
	if (http_queue_push(x))
		return;
	x->s->rejected++;
	http_exchange_add_header(x, "Retry-After", HM_STR("1"));
	http_answer_status(x, 503, "too many requests wait already");
	http_exchange_ready(x);
}

void http_exchange_turn_away(struct http_exchange *x, int status, const char *why)
{
	http_exchange_drop_body(x);
	x->s->rejected++;
	if (status == 503)
		http_exchange_add_header(x, "Retry-After", HM_STR("1"));
	http_answer_status(x, status, why);
	http_exchange_ready(x);
}

static void ask_fast_handler(struct http_exchange *x)
{
	const struct http_route *r = x->route;
	http_exchange_move(x, EXCHANGE_FAST);
	bool answered = r->fast(&x->cx, r->arg, x);
	if (answered && !x->status)
		http_answer_status(x, 500, "the request was not answered");
	if (x->status) {
		http_exchange_ready(x);
		return;
	}
	/* as if nothing had been looked at */
	x->out.n = 0;
	x->reading_at = 0;
	queue_for_worker(x);
}

static void ask_handler(struct http_exchange *x)
{
	if (x->route->fast)
		ask_fast_handler(x);
	else
		queue_for_worker(x);
}

void http_exchange_begin(struct http_exchange *x, bool whole)
{
	bool known;
	x->is_head = hm_eqz(x->method, "HEAD");
	x->body_end = whole;
	set_request_id(x);
	x->route = http_route_find(x, &known);
	if (!x->route) {
		if (known)
			http_route_add_allow(x);
		http_answer_status(x, known ? 405 : 404,
				   known ? "method not allowed" : "no such page");
		http_exchange_ready(x);
		return;
	}
	int status;
	hm_err err = http_exchange_guard(x, &status);
	if (err) {
		http_answer_fault(x, err);
		if (x->status == hm_code_rows[HM_DENIED].http) /* a route may have one of its own */
			x->status = status;
		http_exchange_ready(x);
		return;
	}
	x->cx.budget = x->route->budget;
	if (x->route->deadline_ms)
		x->cx.deadline = x->began + (int64_t)x->route->deadline_ms * (HM_SECOND / 1000);
	/* no worker is taken for a body that has hardly begun to come */
	if (whole)
		ask_handler(x);
	else if (http_memory_is_over(x->s) && !http_relief_memory(x->s, x->conn))
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
static bool refuse_for_memory(struct http_exchange *x)
{
	if (x->state == EXCHANGE_COLLECTING)
		http_exchange_turn_away(x, 503, no_memory);
	else if (x->conn->protocol->reset)
		x->conn->protocol->reset(x);
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
	http_exchange_hold(x);
	pthread_mutex_unlock(&x->lock);
	if (http_memory_is_over(x->s) && !http_relief_memory(x->s, x->conn))
		return refuse_for_memory(x) && room;
	if (x->state == EXCHANGE_COLLECTING && x->inbox.n > FAST_BODY)
		queue_for_worker(x);
	return room;
}

void http_exchange_feed_end(struct http_exchange *x)
{
	pthread_mutex_lock(&x->lock);
	x->body_end = true;
	if (x->waiting)
		pthread_cond_signal(&x->more);
	pthread_mutex_unlock(&x->lock);
	if (x->state == EXCHANGE_COLLECTING)
		ask_handler(x);
}

/* Its file would be one too many. */
static void answer_too_many_files(struct http_exchange *x)
{
	hm_close_fd(&x->file);
	x->status = 0;
	x->out.n = 0;
	x->offset = 0;
	x->s->rejected++;
	http_exchange_add_header(x, "Retry-After", HM_STR("1"));
	http_answer_status(x, 503, "other requests hold all the files that may be open");
}

void http_exchange_ready(struct http_exchange *x)
{
	http_exchange_move(x, EXCHANGE_ANSWERING);
	if (x->file_coming)
		atomic_fetch_sub(&x->s->files_coming, 1);
	x->file_coming = false;
	if (x->conn && x->file >= 0 && !http_relief_add_file(x))
		answer_too_many_files(x);
	x->pace = (struct http_pace){ .since = x->s->now };
	if (!x->conn)
		http_exchange_free(x);
	else
		x->conn->protocol->answer(x);
}
