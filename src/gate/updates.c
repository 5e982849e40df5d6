/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trust stores that TUF keeps are brought up to date: before they are too old, by a thread of their
 * own, and where one is too old, for whoever asks and may wait. Its requests share one update: the
 * mirror is asked once, and one that does not answer holds nobody up for longer than he has time.
 */
#include <time.h>

#include "gate/pipeline.h"

static const size_t UPDATE_BUDGET = 64 * HM_MIB;

/* Three quarters of the time for which it is believed are over. */
static bool is_due_soon(const struct trust_sigstore_age *s, int64_t now)
{
	return s->by_tuf && (now >= s->end || s->end - now < (s->end - s->updated) / 4);
}

static bool is_too_old(const struct trust_sigstore_age *s, int64_t now)
{
	return s->by_tuf && now >= s->end;
}

typedef bool (*age_test)(const struct trust_sigstore_age *s, int64_t now);

/* Names of stores that fail a test of their age, each once. */
static struct hm_strs find_old(struct hm_cx *cx, struct gate *g, struct hm_str scope, age_test test)
{
	struct hm_strs names = { 0 };
	struct trust_sigstore_ages stores = { 0 };
	int64_t now = hm_now();
	struct gate_snapshot *s = gate_hold(g);
	if (s->trust)
		trust_config_sigstores(cx, s->trust, scope, &stores);
	for (size_t i = 0; i < stores.n; i++)
		if (test(&stores.p[i], now) && !hm_strs_has(&names, stores.p[i].name))
			*hm_push(cx, &names) = hm_dup(cx, stores.p[i].name);
	gate_let_go(g, s);
	return names;
}

/* All of them, each whatever became of the others. */
static bool update(struct hm_cx *cx, struct gate *g, const struct hm_strs *names)
{
	bool good = true;
	for (size_t i = 0; i < names->n; i++) {
		hm_err err = trust_tuf_update(cx, g->config.config_dir, names->p[i],
					      g->config.updates, hm_now());
		gate_count(g, err ? GATE_N_UPDATE_FAILURES : GATE_N_UPDATES);
		if (err)
			hm_log(cx, HM_LOG_WARN, "a trust store could not be brought up to date",
			       "store", hm_dupz(cx, names->p[i]), "why", err->why, NULL);
		good = good && !err;
	}
	if (names->n)
		gate_reload(g);
	return good;
}

/* --- the thread --- */

/* Under the lock. What nobody waits for is tried once in a while. */
static bool is_time(const struct gate *g)
{
	const struct gate_updates *u = &g->updates;
	return u->wanted || u->ended == INT64_MIN ||
	       hm_mono() - u->ended >= (int64_t)GATE_UPDATE_SECONDS * HM_SECOND;
}

static void wait_a_second(struct gate *g)
{
	struct timespec at;
	clock_gettime(CLOCK_MONOTONIC, &at);
	at.tv_sec++;
	while (!g->stop && !g->updates.wanted &&
	       pthread_cond_timedwait(&g->updates.asked, &g->lock, &at) == 0)
		;
}

static void *run_updates(void *arg)
{
	struct gate *g = arg;
	struct gate_updates *u = &g->updates;
	pthread_mutex_lock(&g->lock);
	while (!g->stop) {
		if (!is_time(g)) {
			wait_a_second(g);
			continue;
		}
		u->wanted = false;
		u->busy = true;
		pthread_mutex_unlock(&g->lock);
		HM_AUTO_CX cx = HM_CX(UPDATE_BUDGET);
		cx.cancel = &u->ends;
		struct hm_strs names = find_old(&cx, g, HM_STR(""), is_due_soon);
		bool good = update(&cx, g, &names);
		pthread_mutex_lock(&g->lock);
		u->busy = false;
		u->failed = !good;
		u->ended = hm_mono();
		u->rounds++;
		pthread_cond_broadcast(&u->done);
	}
	pthread_mutex_unlock(&g->lock);
	return NULL;
}

static void open_condition(pthread_cond_t *c)
{
	pthread_condattr_t attr;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(c, &attr);
	pthread_condattr_destroy(&attr);
}

void gate_updates_open(struct gate *g)
{
	pthread_mutex_init(&g->updates.reload, NULL);
	open_condition(&g->updates.asked);
	open_condition(&g->updates.done);
	g->updates.ended = INT64_MIN;
}

void gate_updates_start(struct gate *g)
{
	if (g->config.updates && !g->updates.runs)
		g->updates.runs = pthread_create(&g->updates.thread, NULL, run_updates, g) == 0;
}

void gate_updates_close(struct gate *g)
{
	if (g->updates.runs) {
		atomic_store(&g->updates.ends, true);
		pthread_mutex_lock(&g->lock);
		g->stop = true;
		pthread_cond_broadcast(&g->updates.done);
		pthread_cond_signal(&g->updates.asked);
		pthread_mutex_unlock(&g->lock);
		pthread_join(g->updates.thread, NULL);
	}
	pthread_cond_destroy(&g->updates.asked);
	pthread_cond_destroy(&g->updates.done);
	pthread_mutex_destroy(&g->updates.reload);
}

/* --- whoever needs one --- */

/* A quarter of what is left is for the verdict itself. */
static int64_t find_patience(const struct hm_cx *cx)
{
	int64_t now = hm_mono();
	if (!cx->deadline)
		return now + (int64_t)GATE_UPDATE_WAIT_SECONDS * HM_SECOND;
	return cx->deadline - (cx->deadline - now) / 4;
}

static void wait_for_thread(struct gate *g, int64_t until)
{
	struct gate_updates *u = &g->updates;
	struct timespec at = { .tv_sec = until / HM_SECOND, .tv_nsec = until % HM_SECOND };
	pthread_mutex_lock(&g->lock);
	uint64_t round = u->rounds;
	bool rests = u->failed && !u->busy &&
		     hm_mono() - u->ended < (int64_t)GATE_UPDATE_AGAIN_SECONDS * HM_SECOND;
	if (!rests && !u->busy) {
		u->wanted = true;
		pthread_cond_signal(&u->asked);
	}
	while (!rests && !g->stop && u->rounds == round &&
	       pthread_cond_timedwait(&u->done, &g->lock, &at) == 0)
		;
	pthread_mutex_unlock(&g->lock);
}

/* Without a thread (`hullmark admit`) it is made here, once. */
static void update_here(struct hm_cx *cx, struct gate *g, const struct hm_strs *names)
{
	if (g->updates.failed)
		return;
	g->updates.failed = !update(cx, g, names);
}

void gate_updates_wait(struct hm_cx *cx, struct gate *g, const struct oci_target *t)
{
	struct hm_str scope = hm_fmt(cx, "%.*s/%.*s", HM_FMT(t->registry), HM_FMT(t->repository));
	if (!g->config.updates)
		return;
	struct hm_strs names = find_old(cx, g, scope, is_too_old);
	if (names.n && g->updates.runs)
		wait_for_thread(g, find_patience(cx));
	else if (names.n)
		update_here(cx, g, &names);
}
