/* SPDX-License-Identifier: Apache-2.0 */
/* The threads that run handlers. */
#include "http/server/exchange.h"
#include "http/server/server.h"

static void run_handler(struct http_exchange *x)
{
	const struct http_route *r = x->route;
	hm_err err = hm_alive(&x->cx);
	http_exchange_move(x, EXCHANGE_RUNNING);
	if (!err)
		err = r->run(&x->cx, r->arg, x);
	if (!err && !x->status)
		err = hm_fail(&x->cx, HM_SYSTEM, "the request was not answered");
	if (err && !x->status)
		http_answer_fault(x, err);
}

static void *run_worker(void *arg)
{
	struct http_server *s = arg;
	for (struct http_exchange *x; (x = http_queue_pop(s));) {
		bool streams = x->streams;
		run_handler(x);
		http_queue_post(x, true);
		if (streams)
			http_queue_end_streaming(s);
	}
	return NULL;
}

hm_err http_workers_start(struct hm_cx *cx, struct http_server *s)
{
	s->workers = hm_new(cx, pthread_t, s->config.workers);
	for (unsigned i = 0; i < s->config.workers; i++, s->workers_n++)
		if (pthread_create(&s->workers[i], NULL, run_worker, s) != 0)
			return hm_fail(cx, HM_SYSTEM, "could not start a thread");
	return NULL;
}

void http_workers_stop(struct http_server *s)
{
	pthread_mutex_lock(&s->lock);
	s->workers_stop = true;
	pthread_cond_broadcast(&s->work);
	pthread_mutex_unlock(&s->lock);
	for (unsigned i = 0; i < s->workers_n; i++)
		pthread_join(s->workers[i], NULL);
	s->workers_n = 0;
}
