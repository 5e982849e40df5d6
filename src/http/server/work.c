/* SPDX-License-Identifier: Apache-2.0 */
#include "http/server/server.h"

#include <signal.h>
#include <unistd.h>

static struct http_exchange *cut(struct http_queue *q, struct http_exchange **at)
{
	struct http_exchange *x = *at;
	*at = x->next;
	if (!x->next)
		q->end = at;
	return x;
}

/* The first whose client is not slow: many slow ones would be a wall before it. */
static struct http_exchange **first_in_turn(struct http_queue *q)
{
	for (struct http_exchange **at = &q->first; *at; at = &(*at)->next)
		if (!atomic_load(&(*at)->slow))
			return at;
	return &q->first;
}

/* The one that has waited longer, as long as bodies that are still coming leave a few workers to
 * others; NULL: nothing is to be done now. The lock is held. */
static struct http_exchange *next_in_turn(struct http_server *s)
{
	unsigned most = s->config.workers - s->config.workers / 4;
	struct http_exchange **at = first_in_turn(&s->streaming), *whole = s->whole.first;
	if (*at && s->streaming_n < most && (!whole || (*at)->queued < whole->queued)) {
		s->streaming_n++;
		return cut(&s->streaming, at);
	}
	return whole ? cut(&s->whole, &s->whole.first) : NULL;
}

static struct http_exchange *pop(struct http_server *s)
{
	struct http_exchange *x = NULL;
	pthread_mutex_lock(&s->lock);
	while (!(x = next_in_turn(s)) && !s->workers_stop)
		pthread_cond_wait(&s->work, &s->lock);
	s->queue_n -= x != NULL;
	pthread_mutex_unlock(&s->lock);
	return x;
}

static void end_streaming(struct http_server *s)
{
	pthread_mutex_lock(&s->lock);
	s->streaming_n--;
	if (s->streaming.first)
		pthread_cond_signal(&s->work);
	pthread_mutex_unlock(&s->lock);
}

static void run(struct http_exchange *x)
{
	const struct http_route *r = x->route;
	hm_err err = hm_alive(&x->cx);
	http_exchange_move(x, EXCHANGE_RUNNING);
	if (!err)
		err = r->run(&x->cx, r->arg, x);
	if (!err && !x->status)
		err = hm_fail(&x->cx, HM_SYSTEM, "the request was not answered");
	if (err && !x->status)
		http_exchange_fault(x, err);
}

static void *worker(void *arg)
{
	struct http_server *s = arg;
	for (struct http_exchange *x; (x = pop(s));) {
		bool streams = x->streams;
		run(x);
		http_work_post(x, true);
		if (streams)
			end_streaming(s);
	}
	return NULL;
}

bool http_work_push(struct http_exchange *x)
{
	struct http_server *s = x->s;
	pthread_mutex_lock(&s->lock);
	bool room = s->queue_n < s->config.queue;
	if (room) {
		struct http_queue *q = x->streams ? &s->streaming : &s->whole;
		x->next = NULL;
		x->queued = s->now;
		*q->end = x;
		q->end = &x->next;
		s->queue_n++;
		pthread_cond_signal(&s->work);
	}
	pthread_mutex_unlock(&s->lock);
	return room;
}

unsigned http_work_waiting(struct http_server *s, int64_t *out_since)
{
	unsigned n = 0;
	pthread_mutex_lock(&s->lock);
	const struct http_exchange *const heads[] = { s->whole.first, s->streaming.first };
	for (size_t i = 0; i < HM_LEN(heads); i++)
		for (const struct http_exchange *x = heads[i]; x; x = x->next) {
			if (atomic_load(&x->slow))
				continue;
			n++;
			if (x->queued < *out_since)
				*out_since = x->queued;
		}
	pthread_mutex_unlock(&s->lock);
	return n;
}

void http_work_wake(struct http_server *s)
{
	uint64_t one = 1;
	/* fails only when the loop has been woken 2^64 times already */
	if (write(s->wake, &one, sizeof(one)) < 0)
		return;
}

void http_work_post(struct http_exchange *x, bool done)
{
	struct http_server *s = x->s;
	pthread_mutex_lock(&s->lock);
	bool first = !s->posts;
	if (done)
		http_exchange_move(x, EXCHANGE_DONE);
	if (!x->posted) {
		x->posted = true;
		x->next = NULL;
		*s->posts_end = x;
		s->posts_end = &x->next;
	}
	pthread_mutex_unlock(&s->lock);
	if (first)
		http_work_wake(s);
}

struct http_exchange *http_work_take_post(struct http_server *s, bool *out_done)
{
	pthread_mutex_lock(&s->lock);
	struct http_exchange *x = s->posts;
	if (x) {
		s->posts = x->next;
		if (!s->posts)
			s->posts_end = &s->posts;
		x->posted = false;
		*out_done = x->state == EXCHANGE_DONE;
	}
	pthread_mutex_unlock(&s->lock);
	return x;
}

hm_err http_work_start(struct hm_cx *cx, struct http_server *s)
{
	s->workers = hm_new(cx, pthread_t, s->config.workers);
	for (unsigned i = 0; i < s->config.workers; i++, s->workers_n++)
		if (pthread_create(&s->workers[i], NULL, worker, s) != 0)
			return hm_fail(cx, HM_SYSTEM, "could not start a thread");
	return NULL;
}

void http_work_stop(struct http_server *s)
{
	pthread_mutex_lock(&s->lock);
	s->workers_stop = true;
	pthread_cond_broadcast(&s->work);
	pthread_mutex_unlock(&s->lock);
	for (unsigned i = 0; i < s->workers_n; i++)
		pthread_join(s->workers[i], NULL);
	s->workers_n = 0;
}
