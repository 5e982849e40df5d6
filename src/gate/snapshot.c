/* SPDX-License-Identifier: Apache-2.0 */
/* Trust policy and stores as the gate read them, at most a few at a time: what was decided by an
 * older one is finished by it. */
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

/* Under updates.reload. */
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

void gate_reload(struct gate *g)
{
	pthread_mutex_lock(&g->updates.reload);
	reload_snapshot(g);
	pthread_mutex_unlock(&g->updates.reload);
}

void gate_snapshots_done(struct gate *g)
{
	for (size_t i = 0; i < GATE_SNAPSHOTS; i++)
		drop_snapshot(&g->snapshots[i]);
}
