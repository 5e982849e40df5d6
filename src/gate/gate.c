/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/gate.h"

#include <time.h>

#include "gate/kept.h"
#include "gate/pipeline.h"
#include "gate/rules/rules.h"

/* The rules that a verdict was judged by: another program may have others. */
static void add_rules(struct hm_buf *b, const struct gate_config *c)
{
	hm_buf_counted(b, HM_STR(HULLMARK_VERSION));
	for (const struct gate_rule *const *r = gate_rules; *r; r++) {
		if (!gate_rule_is_asked(*r, c, NULL))
			continue;
		hm_buf_counted(b, hm_cstr((*r)->name));
		hm_buf_counted(b, hm_cstr((*r)->kind ? (*r)->kind->name : ""));
	}
}

/* What of the settings a verdict depends on, hashed with policy and store. */
static struct hm_str hash_settings(struct hm_cx *cx, const struct gate_config *c,
				   struct hm_str trust)
{
	HM_AUTO_BUF values = HM_BUF(SIZE_MAX);
	for (size_t i = 0; i < c->values.n; i++) {
		const struct gate_value *v = &c->values.p[i];
		hm_buf_counted(&values, hm_cstr(v->parameter->key));
		hm_buf_counted(&values, hm_key_number(cx, (uint64_t)v->number));
		hm_buf_counted(&values, hm_key_number(cx, v->names.n));
		for (size_t k = 0; k < v->names.n; k++)
			hm_buf_counted(&values, v->names.p[k]);
	}
	add_rules(&values, c);
	struct hm_str key =
		HM_KEY(cx, '5', trust, hm_key_number(cx, c->policies), hm_buf_str(&values));
	return hm_hex(cx, crypto_digest_raw(cx, CRYPTO_SHA256, key));
}

/* Only the keeper and gate_open() come here. */
static hm_err accept_revision(struct hm_cx *cx, struct gate *g, const struct trust_config *t)
{
	struct gate_seen now = { trust_config_revision(t), trust_config_digest(t) };
	bool is_newer;
	HM_TRY(gate_seen_accept(cx, g->config.cache_dir, &now, &g->seen, &is_newer));
	if (is_newer)
		g->seen = (struct gate_seen){ now.revision, hm_dup(&g->seen_cx, now.digest) };
	return NULL;
}

static void fill_snapshot(struct gate *g, struct gate_snapshot *s)
{
	hm_cx_done(&s->cx);
	*s = (struct gate_snapshot){ .cx = HM_CX(64 * HM_MIB) };
	s->err = trust_config_open(&s->cx, g->config.config_dir, &s->trust);
	if (!s->err)
		s->err = accept_revision(&s->cx, g, s->trust);
	if (s->err && s->trust) {
		trust_config_close(s->trust);
		s->trust = NULL;
	}
	/* another reason is another snapshot: it is what people are told */
	struct hm_str trust = s->err ? hm_cstr(s->err->why) : trust_config_hash(s->trust);
	s->hash = hash_settings(&s->cx, &g->config, trust);
}

static void drop_snapshot(struct gate_snapshot *s)
{
	if (s->trust)
		trust_config_close(s->trust);
	hm_cx_done(&s->cx);
	*s = (struct gate_snapshot){ 0 };
}

struct gate_snapshot *gate_hold(struct gate *g)
{
	pthread_mutex_lock(&g->lock);
	struct gate_snapshot *s = g->current;
	s->refs++;
	pthread_mutex_unlock(&g->lock);
	return s;
}

void gate_let_go(struct gate *g, struct gate_snapshot *s)
{
	pthread_mutex_lock(&g->lock);
	s->refs--;
	pthread_mutex_unlock(&g->lock);
}

bool gate_is_ready(struct hm_cx *cx, struct gate *g, struct hm_str *out_why)
{
	struct gate_snapshot *s = gate_hold(g);
	bool is_ready = !s->err;
	if (!is_ready)
		*out_why = hm_dup(cx, hm_cstr(s->err->why));
	gate_let_go(g, s);
	return is_ready;
}

static struct gate_snapshot *find_free_slot(struct gate *g)
{
	struct gate_snapshot *slot = NULL;
	pthread_mutex_lock(&g->lock);
	for (size_t i = 0; i < GATE_SNAPSHOTS && !slot; i++)
		if (&g->snapshots[i] != g->current && !g->snapshots[i].refs)
			slot = &g->snapshots[i];
	pthread_mutex_unlock(&g->lock);
	return slot;
}

/* Read policy and store again; another content becomes the current snapshot. Only the keeper and
 * gate_open() come here. */
static void reload_snapshot(struct gate *g)
{
	struct gate_snapshot *s = find_free_slot(g);
	if (!s)
		return; /* all are in use: at the next turn */
	drop_snapshot(s);
	fill_snapshot(g, s);
	if (g->current && hm_eq(g->current->hash, s->hash)) {
		drop_snapshot(s);
		return;
	}
	gate_count(g, s->err ? GATE_N_RELOAD_FAILURES : GATE_N_RELOADS);
	s->generation = atomic_load(&g->generation) + 1;
	pthread_mutex_lock(&g->lock);
	g->current = s;
	atomic_store(&g->healthy, s->err == NULL);
	atomic_store(&g->generation, s->generation);
	pthread_mutex_unlock(&g->lock);
}

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
			reload_snapshot(g);
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
	g->seen_cx = HM_CX(HM_MIB);
	hm_err err = read_seen(cx, g);
	if (!err) {
		reload_snapshot(g);
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
	for (size_t i = 0; i < GATE_SNAPSHOTS; i++)
		drop_snapshot(&g->snapshots[i]);
	hm_cx_done(&g->seen_cx);
	pthread_cond_destroy(&g->wake);
	pthread_mutex_destroy(&g->lock);
}
