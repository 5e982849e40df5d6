/* SPDX-License-Identifier: Apache-2.0 */
/* What a gate said of images, as documents and as rows that count. */
#include "graph/room.h"

#define COLLECTOR "gate"

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
	out->from = (struct graph_source){ .origin = d->policy, .collector = HM_STR(COLLECTOR) };
	if (d->namespace.n || d->workload.n)
		out->from.origin =
			hm_fmt(cx, "%.*s/%.*s", HM_FMT(d->namespace), HM_FMT(d->workload));
	return true;
}

/* ------------------------------------------------------------------ what is there */

struct kept {
	int64_t document, subject, policy; /* 0: it is not there */
	int64_t of_one, of_all;            /* decisions: of its image, of all */
	int64_t oldest;                    /* document: of its image, by its policy */
};

static hm_err find_kept(struct hm_cx *cx, struct graph *g, const struct graph_parsed *p,
			struct kept *out)
{
	const struct graph_fact *f = &p->doc.facts.p[0];
	const struct graph_noun *subject = &p->doc.nouns.p[f->subject - 1];
	const struct graph_noun *policy = &p->doc.nouns.p[f->object - 1];
	STORE_AUTO_USE use = NULL;
	*out = (struct kept){ 0 };
	HM_TRY(store_begin(cx, g->tables, STORE_READ, &use));
	HM_TRY(graph_find(cx, use, subject->kind, subject->key, &out->subject));
	HM_TRY(graph_find(cx, use, policy->kind, policy->key, &out->policy));
	HM_TRY(store_run(cx, use, "SELECT id FROM document WHERE digest = $1",
			 STORE_VALUES(store_text(p->taken.digest)), graph_one_number,
			 &out->document));
	HM_TRY(store_run(cx, use, "SELECT COUNT(*) FROM decision WHERE subject = $1",
			 STORE_VALUES(store_int(out->subject)), graph_one_number, &out->of_one));
	HM_TRY(store_run(cx, use, "SELECT COUNT(*) FROM decision", STORE_NO_VALUES,
			 graph_one_number, &out->of_all));
	return store_run(cx, use,
			 "SELECT document FROM decision WHERE subject = $1 AND policy = $2 "
			 "ORDER BY ended, document LIMIT 1",
			 STORE_VALUES(store_int(out->subject), store_int(out->policy)),
			 graph_one_number, &out->oldest);
}

/* ------------------------------------------------------------------ its row */

/* Begun anew, or counted on. */
static hm_err count(struct hm_cx *cx, struct store_use *use, const struct kept *k,
		    const struct graph_decision *d)
{
	HM_TRY(store_run(cx, use,
			 "INSERT INTO decision (document, subject, policy, began, ended, times) "
			 "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (document) DO UPDATE SET "
			 "ended = CASE WHEN excluded.ended > decision.ended THEN excluded.ended "
			 "ELSE decision.ended END, times = decision.times + excluded.times",
			 STORE_VALUES(store_int(k->document), store_int(k->subject),
				      store_int(k->policy), store_int(d->first), store_int(d->last),
				      store_int((int64_t)d->times)),
			 NULL, NULL));
	return store_run(cx, use, "UPDATE document SET taken = $1 WHERE id = $2 AND taken < $1",
			 STORE_VALUES(store_int(d->last), store_int(k->document)), NULL, NULL);
}

/* Facts are not removed: the oldest decision about the image becomes this one. */
static hm_err take_over(struct hm_cx *cx, struct store_use *use, const struct graph_parsed *p,
			struct kept *k)
{
	const struct graph_fact *f = &p->doc.facts.p[0];
	int64_t detail;
	HM_TRY(graph_make(cx, use, GRAPH_TEXT, p->doc.nouns.p[f->detail - 1].key, &detail));
	HM_TRY(store_run(cx, use, "UPDATE fact SET detail = $1 WHERE document = $2",
			 STORE_VALUES(store_int(detail), store_int(k->oldest)), NULL, NULL));
	HM_TRY(store_run(cx, use,
			 "UPDATE document SET digest = $1, origin = $2, size = $3, taken = $4 "
			 "WHERE id = $5",
			 STORE_VALUES(store_text(p->taken.digest), store_text(p->from.origin),
				      store_int((int64_t)p->taken.size), store_int(hm_now()),
				      store_int(k->oldest)),
			 NULL, NULL));
	HM_TRY(store_run(cx, use, "DELETE FROM decision WHERE document = $1",
			 STORE_VALUES(store_int(k->oldest)), NULL, NULL));
	k->document = k->oldest;
	return NULL;
}

/* ------------------------------------------------------------------ all of them */

static hm_err keep_one(struct hm_cx *cx, struct graph *g, const struct graph_decision *d,
		       bool *out_kept)
{
	struct graph_parsed p = { 0 };
	struct graph_parsed *const one = &p;
	struct kept k;
	*out_kept = false;
	if (!say_decided(cx, d, &p) || !p.doc.facts.p[0].detail)
		return NULL;
	HM_TRY(find_kept(cx, g, &p, &k));
	bool has_room = k.of_one < GRAPH_DECISIONS_OF_ONE && k.of_all < GRAPH_DECISIONS_OF_ALL;
	if (!k.document && has_room) {
		/* where this ends before it is counted, the next time counts it */
		HM_TRY(graph_write(cx, g, &one, 1));
		HM_TRY(find_kept(cx, g, &p, &k));
	}
	if (!k.document && !k.oldest)
		return NULL;
	STORE_AUTO_USE use = NULL;
	HM_TRY(store_begin(cx, g->tables, STORE_WRITE_LAZY, &use));
	if (!k.document)
		HM_TRY(take_over(cx, use, &p, &k));
	HM_TRY(count(cx, use, &k, d));
	*out_kept = true;
	return store_commit(cx, use);
}

hm_err graph_decided(struct hm_cx *cx, struct graph *g, const struct graph_decision *all, size_t n,
		     size_t *out_done)
{
	size_t left_out = 0;
	for (*out_done = 0; *out_done < n; ++*out_done) {
		HM_AUTO_CX own = hm_cx_child(cx, cx->budget);
		bool is_kept;
		hm_err err = keep_one(&own, g, &all[*out_done], &is_kept);
		if (err)
			return hm_fault_copy(cx, err);
		left_out += !is_kept;
	}
	if (left_out)
		hm_log(cx, HM_LOG_WARN, "decisions were left out of the graph, which has no room",
		       "left out", hm_fmt(cx, "%zu", left_out).p, NULL);
	return NULL;
}
