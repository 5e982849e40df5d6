/* SPDX-License-Identifier: Apache-2.0 */
/* What goes between the socket thread and the workers: requests one way, posts the other. Any
 * thread. */
#include <unistd.h>

#include "http/server/exchange.h"
#include "http/server/server.h"

static struct http_exchange *cut_from_queue(struct http_queue *q, struct http_exchange **at)
{
	struct http_exchange *x = *at;
	*at = x->next;
	if (!x->next)
		q->end = at;
	return x;
}

/* The first whose client is not slow: many slow ones would block it. */
static struct http_exchange **find_first_in_turn(struct http_queue *q)
{
	for (struct http_exchange **at = &q->first; *at; at = &(*at)->next)
		if (!atomic_load(&(*at)->slow))
			return at;
	return &q->first;
}

/* The one that has waited longer, as long as bodies that are still coming leave a few workers to
 * others; NULL: nothing is to be done now. The lock is held. */
static struct http_exchange *take_next_in_turn(struct http_server *s)
{
	unsigned most = s->config.workers - s->config.workers / 4;
	struct http_exchange **at = find_first_in_turn(&s->streaming), *whole = s->whole.first;
	if (*at && s->streaming_n < most && (!whole || (*at)->queued < whole->queued)) {
		s->streaming_n++;
		return cut_from_queue(&s->streaming, at);
	}
	return whole ? cut_from_queue(&s->whole, &s->whole.first) : NULL;
}

struct http_exchange *http_queue_pop(struct http_server *s)
{
	struct http_exchange *x = NULL;
	pthread_mutex_lock(&s->lock);
	while (!(x = take_next_in_turn(s)) && !s->workers_stop)
		pthread_cond_wait(&s->work, &s->lock);
	s->queue_n -= x != NULL;
	pthread_mutex_unlock(&s->lock);
	return x;
}

void http_queue_end_streaming(struct http_server *s)
{
	pthread_mutex_lock(&s->lock);
	s->streaming_n--;
	if (s->streaming.first)
		pthread_cond_signal(&s->work);
	pthread_mutex_unlock(&s->lock);
}

bool http_queue_push(struct http_exchange *x)
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

unsigned http_queue_waiting(struct http_server *s, int64_t *out_since)
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

void http_queue_wake(struct http_server *s)
{
	uint64_t one = 1;
	/* fails only when the thread has been woken 2^64 times already */
	if (write(s->wake, &one, sizeof(one)) < 0)
		return;
}

void http_queue_post(struct http_exchange *x, bool done)
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
		http_queue_wake(s);
}

struct http_exchange *http_queue_take_post(struct http_server *s, bool *out_done)
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
