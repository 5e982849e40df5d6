/* SPDX-License-Identifier: Apache-2.0 */
/* What a gate said of images, as documents and as rows that count. */
#include "graph/room.h"

/* ------------------------------------------------------------------ one as a document */

/* What makes two of them the same. */
static struct hm_str key_of(struct hm_cx *cx, const struct graph_decision *d)
{
	const struct hm_str answer = d->allowed   ? HM_STR("allowed")
				     : d->unknown ? HM_STR("unknown")
						  : HM_STR("denied");
	return HM_KEY(cx, 'd', d->digest, d->image, d->policy, d->revision, d->namespace,
		      d->workload, answer, d->reason);
}

static graph_ref say_detail(struct hm_cx *cx, struct graph_doc *doc, const struct graph_decision *d)
{
	struct graph_detail t = { 0 };
	graph_detail_begin(&t);
	json_put_bool(&t.o, "allowed", d->allowed);
	if (d->unknown)
		json_put_bool(&t.o, "unknown", true);
	graph_detail_str(cx, &t, "reason", d->reason);
	graph_detail_str(cx, &t, "image", d->image);
	graph_detail_str(cx, &t, "namespace", d->namespace);
	graph_detail_str(cx, &t, "workload", d->workload);
	graph_detail_str(cx, &t, "revision", d->revision);
	return graph_detail_end(cx, doc, &t);
}

/* False: it names nothing. */
static bool say_decided(struct hm_cx *cx, const struct graph_decision *d, struct graph_parsed *out)
{
	struct graph_doc *doc = &out->doc;
	struct hm_str hex = d->digest, algorithm = hm_cut(&hex, ':'), key = key_of(cx, d);
	graph_ref subject = d->digest.n ? graph_doc_artifact(cx, doc, algorithm, hex)
					: graph_doc_noun(cx, doc, GRAPH_IMAGE, d->image, 0);
	graph_ref policy = graph_doc_noun(cx, doc, GRAPH_POLICY, d->policy, 0);
	if (!subject || !policy)
		return false;
	doc->format = HM_STR("admission decision");
	graph_doc_fact(cx, doc,
		       &(struct graph_fact){ .kind = GRAPH_DECIDED_BY,
					     .subject = subject,
					     .object = policy,
					     .detail = say_detail(cx, doc, d) });
	out->taken = (struct graph_taken){ .format = doc->format,
					   .digest = crypto_digest_text(cx, CRYPTO_SHA256, key),
					   .size = key.n,
					   .nouns = doc->nouns.n,
					   .facts = doc->facts.n };
	out->from = (struct graph_source){ .origin = d->policy, .collector = HM_STR(GRAPH_GATE) };
	if (d->namespace.n || d->workload.n)
		out->from.origin =
			hm_fmt(cx, "%.*s/%.*s", HM_FMT(d->namespace), HM_FMT(d->workload));
	return true;
}

/* ------------------------------------------------------------------ what is there */

struct kept {
	int64_t document, subject; /* 0: it is not there */
	int64_t of_one, of_all;    /* decisions: of its image, of all */
	int64_t place;             /* the document whose place it takes; 0: there is room */
	int64_t ended;             /* the decision that has the place */
};

/* document, ended */
static hm_err read_oldest(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	struct kept *k = arg;
	(void)cx;
	k->place = row[0].number;
	k->ended = row[1].number;
	return NULL;
}

static hm_err find_oldest(struct hm_cx *cx, const struct graph *g, struct store_use *use,
			  struct kept *k)
{
	if (k->of_one >= GRAPH_DECISIONS_OF_ONE)
		return store_run(cx, use,
				 "SELECT document, ended FROM decision WHERE subject = $1 "
				 "ORDER BY ended, document LIMIT 1",
				 STORE_VALUES(store_int(k->subject)), read_oldest, k);
	if (k->of_all >= g->decisions_most)
		return store_run(cx, use,
				 "SELECT document, ended FROM decision "
				 "ORDER BY ended, document LIMIT 1",
				 STORE_NO_VALUES, read_oldest, k);
	return NULL;
}

/* Is there no place but that of a decision which was said later? */
static bool is_too_old(const struct kept *k, const struct graph_decision *d)
{
	return !k->document && k->place && k->ended > d->last;
}

static hm_err find_kept(struct hm_cx *cx, const struct graph *g, struct store_use *use,
			const struct graph_parsed *p, struct kept *out)
{
	const struct graph_fact *f = &p->doc.facts.p[0];
	const struct graph_noun *subject = &p->doc.nouns.p[f->subject - 1];
	*out = (struct kept){ 0 };
	HM_TRY(graph_find(cx, use, subject->kind, subject->key, &out->subject));
	HM_TRY(store_run(cx, use, "SELECT id FROM document WHERE digest = $1",
			 STORE_VALUES(store_text(p->taken.digest)), graph_one_number,
			 &out->document));
	HM_TRY(store_run(cx, use, "SELECT COUNT(*) FROM decision WHERE subject = $1",
			 STORE_VALUES(store_int(out->subject)), graph_one_number, &out->of_one));
	HM_TRY(store_run(cx, use, "SELECT COUNT(*) FROM decision", STORE_NO_VALUES,
			 graph_one_number, &out->of_all));
	return find_oldest(cx, g, use, out);
}

/* The same before anything is written. */
static hm_err look_for_kept(struct hm_cx *cx, struct graph *g, const struct graph_parsed *p,
			    struct kept *out)
{
	STORE_AUTO_USE use = NULL;
	HM_TRY(store_begin(cx, g->tables, STORE_READ, &use));
	return find_kept(cx, g, use, p, out);
}

/* ------------------------------------------------------------------ its row */

static hm_err make_ends(struct hm_cx *cx, struct store_use *use, const struct graph_parsed *p,
			int64_t *out_subject, int64_t *out_policy)
{
	const struct graph_fact *f = &p->doc.facts.p[0];
	const struct graph_noun *subject = &p->doc.nouns.p[f->subject - 1];
	const struct graph_noun *policy = &p->doc.nouns.p[f->object - 1];
	HM_TRY(graph_make(cx, use, subject->kind, subject->key, out_subject));
	return graph_make(cx, use, policy->kind, policy->key, out_policy);
}

/* Begun anew, or counted on. */
static hm_err count(struct hm_cx *cx, struct store_use *use, const struct graph_parsed *p,
		    int64_t document, const struct graph_decision *d)
{
	int64_t subject, policy;
	HM_TRY(make_ends(cx, use, p, &subject, &policy));
	HM_TRY(store_run(cx, use,
			 "INSERT INTO decision (document, subject, policy, began, ended, times) "
			 "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (document) DO UPDATE SET "
			 "ended = CASE WHEN excluded.ended > decision.ended THEN excluded.ended "
			 "ELSE decision.ended END, times = decision.times + excluded.times",
			 STORE_VALUES(store_int(document), store_int(subject), store_int(policy),
				      store_int(d->first), store_int(d->last),
				      store_int((int64_t)d->times)),
			 NULL, NULL));
	return store_run(cx, use, "UPDATE document SET taken = $1 WHERE id = $2 AND taken < $1",
			 STORE_VALUES(store_int(d->last), store_int(document)), NULL, NULL);
}

/* Facts are not removed: the oldest decision becomes this one. */
static hm_err take_place(struct hm_cx *cx, struct store_use *use, const struct graph_parsed *p,
			 int64_t document)
{
	const struct graph_fact *f = &p->doc.facts.p[0];
	int64_t detail, subject, policy;
	HM_TRY(make_ends(cx, use, p, &subject, &policy));
	HM_TRY(graph_make(cx, use, GRAPH_TEXT, p->doc.nouns.p[f->detail - 1].key, &detail));
	HM_TRY(store_run(cx, use,
			 "UPDATE fact SET subject = $1, object = $2, detail = $3 "
			 "WHERE document = $4",
			 STORE_VALUES(store_int(subject), store_int(policy), store_int(detail),
				      store_int(document)),
			 NULL, NULL));
	HM_TRY(store_run(cx, use,
			 "UPDATE document SET digest = $1, origin = $2, size = $3, taken = $4 "
			 "WHERE id = $5",
			 STORE_VALUES(store_text(p->taken.digest), store_text(p->from.origin),
				      store_int((int64_t)p->taken.size), store_int(hm_now()),
				      store_int(document)),
			 NULL, NULL));
	return store_run(cx, use, "DELETE FROM decision WHERE document = $1",
			 STORE_VALUES(store_int(document)), NULL, NULL);
}

/* ------------------------------------------------------------------ all of them */

/* So often another program may change the graph between a look at it and the writing. */
enum { TRIES = 5 };

enum outcome { IS_ADDED, IS_COUNTED, IS_TOO_OLD, HAS_CHANGED };

/* HAS_CHANGED: nothing is written, as another program has written meanwhile. */
static hm_err try_to_keep(struct hm_cx *cx, struct graph *g, struct graph_parsed *p,
			  const struct graph_decision *d, enum outcome *out)
{
	STORE_AUTO_USE use = NULL;
	struct kept k;
	HM_TRY(look_for_kept(cx, g, p, &k));
	*out = k.document ? IS_COUNTED : is_too_old(&k, d) ? IS_TOO_OLD : IS_ADDED;
	if (*out == IS_TOO_OLD)
		return NULL;
	/* where this ends before it is counted, the next time counts it */
	if (!k.document && !k.place)
		HM_TRY(graph_write(cx, g, &p, 1));
	HM_TRY(store_begin(cx, g->tables, STORE_WRITE_LAZY, &use));
	HM_TRY(find_kept(cx, g, use, p, &k));
	if (!k.document && (!k.place || is_too_old(&k, d))) {
		*out = HAS_CHANGED;
		return NULL;
	}
	if (!k.document) {
		HM_TRY(take_place(cx, use, p, k.place));
		k.document = k.place;
	}
	HM_TRY(count(cx, use, p, k.document, d));
	return store_commit(cx, use);
}

static hm_err keep_one(struct hm_cx *cx, struct graph *g, const struct graph_decision *d,
		       struct graph_decisions_kept *out)
{
	struct graph_parsed p = { 0 };
	enum outcome outcome = HAS_CHANGED;
	if (!say_decided(cx, d, &p) || !p.doc.facts.p[0].detail) {
		out->nameless++;
		return NULL;
	}
	for (int tries = 0; outcome == HAS_CHANGED && tries < TRIES; tries++)
		HM_TRY(try_to_keep(cx, g, &p, d, &outcome));
	if (outcome == HAS_CHANGED)
		return hm_fail(cx, HM_BUSY, "the graph has changed %d times meanwhile", TRIES);
	out->added += outcome == IS_ADDED;
	out->counted += outcome == IS_COUNTED;
	out->too_old += outcome == IS_TOO_OLD;
	return NULL;
}

static void tell_left_out(struct hm_cx *cx, const struct graph_decisions_kept *k)
{
	if (k->nameless)
		hm_log(cx, HM_LOG_WARN, "decisions name nothing, and are not in the graph",
		       "left out", hm_fmt(cx, "%zu", k->nameless).p, NULL);
	if (k->too_old)
		hm_log(cx, HM_LOG_WARN,
		       "decisions are older than all that are kept, and are not in the graph",
		       "left out", hm_fmt(cx, "%zu", k->too_old).p, NULL);
}

hm_err graph_decided(struct hm_cx *cx, struct graph *g, const struct graph_decision *all, size_t n,
		     struct graph_decisions_kept *out)
{
	*out = (struct graph_decisions_kept){ 0 };
	for (; out->done < n; ++out->done) {
		HM_AUTO_CX own = hm_cx_child(cx, cx->budget);
		hm_err err = keep_one(&own, g, &all[out->done], out);
		if (err)
			return hm_fault_copy(cx, err);
	}
	tell_left_out(cx, out);
	return NULL;
}
