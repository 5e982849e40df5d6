/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/gate.h"

#include <time.h>

#include "gate/kept.h"
#include "gate/pipeline.h"

static void save_verdicts(struct gate *g)
{
	if (!g->tables || gate_cache_changes(g->cache) == g->saved)
		return;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	hm_err err = gate_kept_save(&cx, g->tables, hm_now(), g->cache, &g->saved);
	if (err)
		hm_log(&cx, HM_LOG_DEBUG, "verdicts were not saved", "why", err->why, NULL);
}

/* Every second: has the trust policy changed, are there verdicts to save? */
static void *run_keeper(void *arg)
{
	struct gate *g = arg;
	pthread_mutex_lock(&g->lock);
	for (unsigned tick = 1; !g->stop; tick++) {
		struct timespec at;
		clock_gettime(CLOCK_MONOTONIC, &at);
		at.tv_sec++;
		while (!g->stop && pthread_cond_timedwait(&g->wake, &g->lock, &at) == 0)
			;
		if (g->stop)
			break;
		pthread_mutex_unlock(&g->lock);
		if (tick % GATE_RELOAD_SECONDS == 0)
			gate_reload(g);
		save_verdicts(g);
		pthread_mutex_lock(&g->lock);
	}
	pthread_mutex_unlock(&g->lock);
	return NULL;
}

void gate_start_keeper(struct gate *g)
{
	if (!g->kept)
		g->kept = pthread_create(&g->keeper, NULL, run_keeper, g) == 0;
	gate_updates_start(g);
}

/* Without tables it works, and begins empty. */
static hm_err open_verdicts(struct hm_cx *cx, struct gate *g)
{
	g->cache = gate_cache_open(cx);
	if (!g->config.cache_dir)
		return NULL;
	hm_err err = gate_kept_open(cx, g->config.cache_dir, hm_now(), g->cache, &g->tables);
	if (err)
		hm_log(cx, HM_LOG_DEBUG, "verdicts are not kept", "why", err->why, NULL);
	g->saved = gate_cache_changes(g->cache);
	return NULL;
}

static hm_err read_seen(struct hm_cx *cx, struct gate *g)
{
	if (!g->config.cache_dir)
		return NULL;
	HM_TRY(hm_mkdirs(cx, g->config.cache_dir, 0700));
	return gate_seen_read(&g->seen_cx, g->config.cache_dir, &g->seen);
}

hm_err gate_open(struct hm_cx *cx, const struct gate_config *config, struct gate **out)
{
	struct gate *g = hm_new(cx, struct gate, 1);
	g->config = *config;
	if (!g->config.policies)
		g->config.policies = GATE_SIGNED | GATE_EVIDENCE;
	pthread_mutex_init(&g->lock, NULL);
	pthread_condattr_t attr;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&g->wake, &attr);
	pthread_condattr_destroy(&attr);
	gate_updates_open(g);
	g->seen_cx = HM_CX(HM_MIB);
	hm_err err = read_seen(cx, g);
	if (!err) {
		gate_reload(g);
		err = g->current->err;
	}
	err = hm_fault_copy(cx, err);
	if (!err)
		err = open_verdicts(cx, g);
	if (err) {
		gate_close(g);
		return err;
	}
	*out = g;
	return NULL;
}

void gate_close(struct gate *g)
{
	if (!g)
		return;
	gate_updates_close(g);
	if (g->kept) {
		pthread_mutex_lock(&g->lock);
		g->stop = true;
		pthread_cond_signal(&g->wake);
		pthread_mutex_unlock(&g->lock);
		pthread_join(g->keeper, NULL);
	}
	if (g->cache)
		save_verdicts(g);
	store_close(g->tables);
	gate_cache_close(g->cache);
	gate_snapshots_done(g);
	hm_cx_done(&g->seen_cx);
	pthread_cond_destroy(&g->wake);
	pthread_mutex_destroy(&g->lock);
}
