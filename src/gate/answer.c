/* SPDX-License-Identifier: Apache-2.0 */
/* From a name to an answer: normalise, resolve, ask the cache, decide. */
#include "gate/pipeline.h"

static hm_err make_entry(struct hm_cx *cx, const struct gate_verdict *v, struct gate_entry *out)
{
	struct hm_str text;
	HM_TRY(gate_verdict_pack(cx, v, &text));
	*out = (struct gate_entry){ .until = v->valid_until,
				    .made = v->made,
				    .admitted = v->admitted,
				    .unknown = v->unknown,
				    .digest = v->image,
				    .why = v->why,
				    .text = text };
	return NULL;
}

/* The verdict about a digest: from the cache, or made now and put there. */
static hm_err answer_digest(struct hm_cx *cx, struct gate *g, const struct oci_target *t,
			    struct hm_str digest, struct hm_str namespace, struct gate_entry *out)
{
	struct gate_snapshot *s = gate_hold(g);
	struct hm_str image = oci_target_with_digest(cx, t, digest);
	struct hm_str key = gate_verdict_key(cx, s, namespace, image);
	bool lead;
	struct gate_entry e;
	hm_err err = gate_cache_enter(cx, g->cache, key, &e, &lead);
	if (!err)
		gate_count(g, lead ? GATE_N_MISSES : GATE_N_HITS);
	if (!err && lead) {
		struct gate_verdict v;
		err = gate_decide_digest(cx, g, s, t, digest, &v);
		if (!err)
			err = make_entry(cx, &v, &e);
		if (!err)
			gate_cache_put(g->cache, key, &e);
		gate_cache_leave(g->cache, key);
	}
	gate_let_go(g, s);
	HM_TRY(err);
	*out = e;
	return NULL;
}

static hm_err compute_answer(struct hm_cx *cx, struct gate *g, struct hm_str key,
			     struct gate_entry *out)
{
	struct hm_str digest;
	struct oci_target t = { 0 };
	struct gate_verdict v;
	struct gate_name name = { 0 };
	/* The namespace exempts nothing here: anybody can write any namespace into a key. The
	 * webhook checks the namespace that the API server names before it asks. */
	gate_split_key(key, &name.namespace, &name.image);
	if (gate_decide_name(cx, g, &name, &t, &v))
		return make_entry(cx, &v, out);
	int64_t until = INT64_MAX;
	digest = t.digest;
	if (!digest.n) {
		hm_err err = gate_resolve(cx, g, &t, &digest);
		until = hm_now() + GATE_TAG_SECONDS;
		if (err) {
			gate_decide_unresolved(cx, err, &v);
			return make_entry(cx, &v, out);
		}
	}
	HM_TRY(answer_digest(cx, g, &t, digest, name.namespace, out));
	if (out->until > until)
		out->until = until;
	return NULL;
}

bool gate_find_answer(struct hm_cx *cx, struct gate *g, struct hm_str key, struct gate_entry *out)
{
	struct gate_name name = { 0 };
	struct oci_target t = { 0 };
	struct gate_verdict v;
	int64_t now = hm_now();
	if (gate_cache_get(cx, g->cache, gate_answer_key(cx, atomic_load(&g->generation), key), now,
			   out))
		return true;
	gate_split_key(key, &name.namespace, &name.image);
	if (gate_decide_name(cx, g, &name, &t, &v))
		return !make_entry(cx, &v, out);
	if (!t.digest.n)
		return false;
	/* such as the verdict of an earlier process, which was not asked for by this name yet */
	struct gate_snapshot *s = gate_hold(g);
	struct hm_str image = oci_target_with_digest(cx, &t, t.digest);
	bool found = gate_cache_get(cx, g->cache, gate_verdict_key(cx, s, name.namespace, image),
				    now, out);
	gate_let_go(g, s);
	return found;
}

static hm_err make_answer(struct hm_cx *cx, struct gate *g, struct hm_str key, struct hm_str name,
			  struct gate_entry *out)
{
	bool lead;
	struct gate_entry e;
	HM_TRY(gate_cache_enter(cx, g->cache, name, &e, &lead));
	if (lead) {
		hm_err err = compute_answer(cx, g, key, &e);
		if (!err)
			gate_cache_put(g->cache, name, &e);
		gate_cache_leave(g->cache, name);
		HM_TRY(err);
	} else {
		gate_count(g, GATE_N_HITS);
	}
	if (e.kept)
		hm_log(cx, HM_LOG_DEBUG, "decided by an earlier process", "image", hm_dupz(cx, key),
		       "at", hm_dupz(cx, hm_rfc3339(cx, e.made)), NULL);
	*out = e;
	return NULL;
}

hm_err gate_answer(struct hm_cx *cx, struct gate *g, struct hm_str key, struct gate_entry *out)
{
	/* A new generation of the trust policy has new keys; the old answers age away. */
	struct hm_str name = gate_answer_key(cx, atomic_load(&g->generation), key), namespace,
		      image;
	struct oci_target t;
	struct gate_turn *turn;
	if (gate_cache_get(cx, g->cache, name, hm_now(), out)) {
		gate_count(g, GATE_N_HITS);
		return NULL;
	}
	gate_split_key(key, &namespace, &image);
	if (gate_reference(cx, image, &t))
		return make_answer(cx, g, key, name, out);
	gate_updates_wait(cx, g, &t);
	name = gate_answer_key(cx, atomic_load(&g->generation), key);
	HM_TRY(gate_turn_begin(cx, g, t.registry, &turn));
	hm_err err = make_answer(cx, g, key, name, out);
	gate_turn_end(g, turn, !err && !out->unknown);
	return err;
}

/* Answers to several keys at once, in memory of the caller. */
struct asked {
	struct gate *g;
	const struct hm_str *keys;
	struct hm_cx *cxs; /* one a key, so that an answer outlives the thread that found it */
	struct gate_entry *entries;
	hm_err *errs;
};

static hm_err ask_for_key(struct hm_cx *cx, void *arg, size_t i)
{
	struct asked *a = arg;
	a->cxs[i] = hm_cx_child(cx, GATE_TASK_BUDGET);
	a->errs[i] = gate_answer(&a->cxs[i], a->g, a->keys[i], &a->entries[i]);
	return NULL;
}

hm_err gate_answers(struct hm_cx *cx, struct gate *g, const struct hm_strs *keys,
		    struct gate_entry **out)
{
	struct asked a = { .g = g, .keys = keys->p };
	a.cxs = hm_new(cx, struct hm_cx, keys->n);
	a.entries = hm_new(cx, struct gate_entry, keys->n);
	a.errs = hm_new(cx, hm_err, keys->n);
	hm_err err = hm_parallel(cx, keys->n, GATE_THREADS, GATE_TASK_BUDGET, ask_for_key, &a);
	if (err && err->code == HM_BUSY)
		err = NULL; /* no time left: each key that has no answer says so */
	for (size_t i = 0; i < keys->n; i++) {
		struct gate_entry *e = &a.entries[i];
		const char *why = a.errs[i] ? a.errs[i]->why : "no time was left";
		if (a.errs[i] || !e->text.n) {
			*e = (struct gate_entry){ .unknown = true };
			e->why = hm_say(
				cx,
				"image \"%.*s\" is not admitted: it could not be decided: %s; "
				"remedy: try again",
				HM_FMT(keys->p[i]), why);
		}
		e->why = hm_dup(cx, e->why);
		e->text = hm_dup(cx, e->text);
		e->digest = hm_dup(cx, e->digest);
		hm_cx_done(&a.cxs[i]);
	}
	HM_TRY(err);
	*out = a.entries;
	return NULL;
}
