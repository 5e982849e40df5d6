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
};

static hm_err find_oldest(struct hm_cx *cx, const struct graph *g, struct store_use *use,
			  struct kept *k)
{
	if (k->of_one >= GRAPH_DECISIONS_OF_ONE)
		return store_run(cx, use,
				 "SELECT document FROM decision WHERE subject = $1 "
				 "ORDER BY ended, document LIMIT 1",
				 STORE_VALUES(store_int(k->subject)), graph_one_number, &k->place);
	if (k->of_all >= g->decisions_most)
		return store_run(cx, use,
				 "SELECT document FROM decision ORDER BY ended, document LIMIT 1",
				 STORE_NO_VALUES, graph_one_number, &k->place);
	return NULL;
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

static hm_err keep_one(struct hm_cx *cx, struct graph *g, const struct graph_decision *d,
		       struct graph_decisions_kept *out)
{
	struct graph_parsed p = { 0 };
	struct graph_parsed *const one = &p;
	struct kept k;
	if (!say_decided(cx, d, &p) || !p.doc.facts.p[0].detail) {
		out->left_out++;
		return NULL;
	}
	HM_TRY(look_for_kept(cx, g, &p, &k));
	bool is_new = !k.document;
	/* where this ends before it is counted, the next time counts it */
	if (is_new && !k.place)
		HM_TRY(graph_write(cx, g, &one, 1));
	STORE_AUTO_USE use = NULL;
	HM_TRY(store_begin(cx, g->tables, STORE_WRITE_LAZY, &use));
	HM_TRY(find_kept(cx, g, use, &p, &k)); /* another program may have written */
	if (!k.document) {
		if (!k.place)
			return hm_fail(cx, HM_BUSY, "the graph has changed meanwhile");
		HM_TRY(take_place(cx, use, &p, k.place));
		k.document = k.place;
	}
	HM_TRY(count(cx, use, &p, k.document, d));
	HM_TRY(store_commit(cx, use));
	out->added += is_new;
	out->counted += !is_new;
	return NULL;
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
	if (out->left_out)
		hm_log(cx, HM_LOG_WARN, "decisions name nothing, and are not in the graph",
		       "left out", hm_fmt(cx, "%zu", out->left_out).p, NULL);
	return NULL;
}
