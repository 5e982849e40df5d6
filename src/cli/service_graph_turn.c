/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Turns. A question has a connection of the tables and memory for its answer: only so many run at a
 * time that connections are left for who waits for news, and for who writes. A document has a
 * process that reads it. Others wait a little, without any of that, and not more of them than there
 * are threads to spare.
 */
#include "cli/service_graph.h"

enum { PATIENCE_MS = 3000 };

void cli_graph_turns_open(struct graph_turns *t, unsigned at_once, unsigned may_wait)
{
	pthread_condattr_t clock;
	t->at_once = at_once;
	t->may_wait = may_wait;
	pthread_mutex_init(&t->lock, NULL);
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(&t->ended, &clock);
	pthread_condattr_destroy(&clock);
}

void cli_graph_turns_close(struct graph_turns *t)
{
	pthread_cond_destroy(&t->ended);
	pthread_mutex_destroy(&t->lock);
}

/* The lock is held. False: nobody has ended in time. */
static bool wait_for_end(struct graph_turns *t, int64_t until)
{
	struct timespec ts = { .tv_sec = until / HM_SECOND, .tv_nsec = until % HM_SECOND };
	t->waiting++;
	while (t->running >= t->at_once && hm_mono() < until)
		pthread_cond_timedwait(&t->ended, &t->lock, &ts);
	t->waiting--;
	return t->running < t->at_once;
}

hm_err cli_graph_turn_begin(struct hm_cx *cx, struct graph_turns *t)
{
	int64_t until = hm_mono() + PATIENCE_MS * (HM_SECOND / 1000);
	if (cx->deadline && cx->deadline < until)
		until = cx->deadline;
	pthread_mutex_lock(&t->lock);
	bool mine = t->running < t->at_once || (t->waiting < t->may_wait && wait_for_end(t, until));
	t->running += mine;
	pthread_mutex_unlock(&t->lock);
	return mine ? NULL : hm_fail(cx, HM_BUSY, "too many requests are under way: ask again");
}

void cli_graph_turn_end(struct graph_turns *t)
{
	pthread_mutex_lock(&t->lock);
	t->running--;
	pthread_cond_signal(&t->ended);
	pthread_mutex_unlock(&t->lock);
}

void cli_graph_say_when(struct http_exchange *x, int status)
{
	if (status == hm_code_rows[HM_BUSY].http)
		http_exchange_add_header(x, "Retry-After", HM_STR("2"));
}
