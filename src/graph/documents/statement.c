/* SPDX-License-Identifier: Apache-2.0 */
/* Predicates of in-toto statements: scans, end of life, references, reviews, summaries. */
#include "statement/statement.h"
#include "graph/documents/documents.h"

static hm_err need_packages(struct hm_cx *cx, const struct graph_statement *s,
			    const struct graph_doc *d)
{
	for (size_t i = 0; i < s->subjects_n; i++)
		if (!s->subjects[i].is || d->nouns.p[s->subjects[i].is - 1].kind != GRAPH_PACKAGE)
			return hm_fail(cx, HM_INPUT, "subject %zu is not a package", i + 1);
	return NULL;
}

/* ------------------------------------------------------------------ vulnerabilities */

static void read_result(struct hm_cx *cx, struct json one, const struct graph_statement *s,
			const struct graph_scan *scan, struct graph_doc *d)
{
	struct hm_str id = graph_text(one, "id");
	graph_ref osv = graph_doc_vulnerability_of(cx, d, HM_STR("osv"), id);
	graph_ref same = graph_doc_vulnerability(cx, d, id);
	for (size_t i = 0; i < s->subjects_n; i++)
		graph_say_vuln(cx, d, s->subjects[i].is, osv, scan);
	graph_say_same_vuln(cx, d, osv, same, "Decoded OSV data");
	for (struct json_iter it = json_iter(json_get(one, "severity")); json_next(&it);) {
		struct graph_score score = { .type = graph_text(it.value, "method") };
		if (graph_read_score(graph_text(it.value, "score"), &score.value) && score.type.n)
			graph_say_score(cx, d, same, &score);
	}
}

hm_err graph_predicate_vulns(struct hm_cx *cx, const struct graph_statement *s, struct graph_doc *d)
{
	struct json scanner = json_get(s->predicate, "scanner");
	struct json db = graph_either(scanner, "db", "database");
	struct json results = json_get(scanner, "result");
	struct json meta = json_get(s->predicate, "metadata");
	struct graph_scan scan = { graph_text(meta, "scanFinishedOn"), graph_text(db, "uri"),
				   graph_text(db, "version"), graph_text(scanner, "uri"),
				   graph_text(scanner, "version") };
	HM_TRY(need_packages(cx, s, d));
	if (!json_is_object(scanner))
		return hm_fail(cx, HM_INPUT, "it names no scanner");
	for (struct json_iter it = json_iter(results); json_next(&it);) {
		if (!graph_text(it.value, "id").n)
			return hm_fail(cx, HM_INPUT, "a result has no \"id\"");
		read_result(cx, it.value, s, &scan, d);
	}
	graph_ref none = json_size(results)
				 ? 0
				 : graph_doc_noun(cx, d, GRAPH_VULNERABILITY, HM_STR("novuln/"), 0);
	for (size_t i = 0; i < s->subjects_n; i++)
		graph_say_vuln(cx, d, s->subjects[i].is, none, &scan);
	return NULL;
}

/* Cosign's: the report of a scanner stands in it, of whatever format. */
hm_err graph_predicate_cosign_vuln(struct hm_cx *cx, const struct graph_statement *s,
				   struct graph_doc *d)
{
	struct json scanner = json_get(s->predicate, "scanner");
	return graph_read_within(cx, json_get(scanner, "result"), s->digest, "in-toto", d);
}

/* ------------------------------------------------------------------ end of life, references */

static struct hm_str word_of(struct hm_cx *cx, struct json v)
{
	struct hm_str text;
	if (json_is_string(v))
		return json_str(v);
	return !json_is_there(v) || json_text(cx, v, &text) ? HM_STR("false") : text;
}

hm_err graph_predicate_eol(struct hm_cx *cx, const struct graph_statement *s, struct graph_doc *d)
{
	struct json p = s->predicate;
	struct hm_str date = graph_text(p, "eolDate");
	struct hm_str value = hm_fmt(
		cx,
		"product:%.*s,cycle:%.*s,version:%.*s,isEOL:%.*s,eolDate:%.*s,lts:%.*s,latest:%.*s,"
		"releaseDate:%.*s",
		HM_FMT(graph_text(p, "product")), HM_FMT(graph_text(p, "cycle")),
		HM_FMT(graph_text(p, "version")), HM_FMT(word_of(cx, json_get(p, "isEOL"))),
		HM_FMT(date), HM_FMT(word_of(cx, json_get(p, "lts"))),
		HM_FMT(graph_text(p, "latest")), HM_FMT(graph_text(p, "releaseDate")));
	HM_TRY(need_packages(cx, s, d));
	if (!graph_text(p, "product").n)
		return hm_fail(cx, HM_INPUT, "it names no product");
	for (size_t i = 0; i < s->subjects_n; i++)
		graph_say_metadata(cx, d, s->subjects[i].is,
				   &(struct graph_metadata){ "endoflife", value, date,
							     "Retrieved from endoflife.date" });
	return NULL;
}

hm_err graph_predicate_reference(struct hm_cx *cx, const struct graph_statement *s,
				 struct graph_doc *d)
{
	HM_TRY(need_packages(cx, s, d));
	for (struct json_iter it = json_iter(json_get(s->predicate, "references"));
	     json_next(&it);) {
		struct hm_str hex = graph_text(json_get(it.value, "digest"), "sha256");
		graph_ref artifact = graph_doc_artifact(cx, d, HM_STR("sha256"), hex);
		if (!artifact)
			return hm_fail(cx, HM_INPUT, "a reference has no digest");
		for (size_t i = 0; i < s->subjects_n; i++) {
			struct graph_entity e = { .is = s->subjects[i].is };
			*hm_push(cx, &e.artifacts) = artifact;
			graph_say_occurrence(cx, d, &e, "Retrieved from reference predicate");
		}
	}
	return NULL;
}

/* ------------------------------------------------------------------ reviews */

struct review {
	enum graph_fact_kind kind;
	struct hm_str why, when;
};

static void say_review(struct hm_cx *cx, const struct graph_statement *s, const struct review *r,
		       struct graph_doc *d)
{
	struct graph_detail t = { 0 };
	graph_detail_begin(&t);
	graph_detail_str(cx, &t, "justification", r->why);
	graph_detail_time(cx, &t, "knownSince", r->when);
	graph_ref detail = graph_detail_end(cx, d, &t);
	for (size_t i = 0; i < s->subjects_n; i++)
		graph_doc_fact(cx, d,
			       &(struct graph_fact){ .kind = r->kind,
						     .subject = s->subjects[i].is,
						     .detail = detail });
}

/* Ratings are "strong", "positive", "neutral", "negative" and "dangerous" (crev's proof format). */
hm_err graph_predicate_crev(struct hm_cx *cx, const struct graph_statement *s, struct graph_doc *d)
{
	struct json p = s->predicate, who = json_get(p, "reviewer-id");
	struct hm_str rating = graph_text(p, "rating");
	struct review r = { .when = graph_text(p, "date") };
	if (!rating.n)
		return hm_fail(cx, HM_INPUT, "it has no \"rating\"");
	bool bad = hm_eqz(rating, "negative") || hm_eqz(rating, "dangerous");
	r.kind = bad ? GRAPH_CERTIFY_BAD : GRAPH_CERTIFY_GOOD;
	r.why = hm_fmt(cx,
		       "crev review by %.*s: rating %.*s, thoroughness %.*s, understanding %.*s",
		       HM_FMT(graph_text(who, "url").n ? graph_text(who, "url")
						       : graph_text(who, "id")),
		       HM_FMT(rating), HM_FMT(graph_text(p, "thoroughness")),
		       HM_FMT(graph_text(p, "understanding")));
	if (!hm_eqz(rating, "neutral"))
		say_review(cx, s, &r, d);
	return NULL;
}

hm_err graph_predicate_review(struct hm_cx *cx, const struct graph_statement *s,
			      struct graph_doc *d)
{
	struct json p = s->predicate, who = json_get(p, "certifier");
	struct review r = { GRAPH_CERTIFY_GOOD, { "", 0 }, graph_text(p, "date") };
	if (!json_is_object(who))
		return hm_fail(cx, HM_INPUT, "it names no certifier");
	r.why = hm_fmt(cx, "certified by %.*s (%.*s): %.*s", HM_FMT(graph_text(who, "name")),
		       HM_FMT(graph_text(who, "url")), HM_FMT(graph_text(p, "full_review")));
	say_review(cx, s, &r, d);
	return NULL;
}

/* ------------------------------------------------------------------ summaries */

static hm_err say_summary(struct hm_cx *cx, const struct graph_statement *s,
			  const struct slsa_summary *sum, struct graph_doc *d)
{
	struct graph_detail t = { 0 };
	HM_AUTO_BUF why = HM_BUF(HM_MAX_GRAPH_KEY);
	graph_ref policy =
		graph_doc_noun(cx, d, GRAPH_POLICY, sum->policy.n ? sum->policy : sum->verifier, 0);
	hm_buf_fmt(&why, "verified by %.*s:", HM_FMT(sum->verifier));
	for (size_t i = 0; i < sum->levels.n; i++)
		hm_buf_fmt(&why, " %.*s", HM_FMT(sum->levels.p[i]));
	graph_detail_begin(&t);
	json_put_bool(&t.o, "allowed", sum->passed);
	graph_detail_str(cx, &t, "reason", hm_buf_str(&why));
	graph_detail_time(cx, &t, "time", sum->verified);
	graph_ref detail = graph_detail_end(cx, d, &t);
	for (size_t i = 0; i < s->subjects_n; i++)
		for (size_t k = 0; policy && k < s->subjects[i].artifacts.n; k++)
			graph_doc_fact(cx, d,
				       &(struct graph_fact){ .kind = GRAPH_DECIDED_BY,
							     .subject =
								     s->subjects[i].artifacts.p[k],
							     .object = policy,
							     .detail = detail });
	return policy ? NULL : hm_fail(cx, HM_INPUT, "it names neither policy nor verifier");
}

hm_err graph_predicate_summary(struct hm_cx *cx, const struct graph_statement *s,
			       struct graph_doc *d)
{
	struct statement about = { .predicate_type = s->type, .predicate = s->predicate };
	struct slsa_summary sum = { 0 };
	HM_TRY(statement_summary_read(cx, &about, &sum));
	return say_summary(cx, s, &sum, d);
}

/* ------------------------------------------------------------------ documents, and the rest */

/* Its own document is what the subjects' SBOM is. */
static void say_sboms(struct hm_cx *cx, const struct graph_statement *s, struct graph_doc *d)
{
	struct graph_sbom sbom = { .uri = s->type, .digest = s->digest };
	for (size_t i = 0; i < s->subjects_n; i++)
		for (size_t k = 0; k < s->subjects[i].artifacts.n; k++)
			graph_say_sbom(cx, d, s->subjects[i].artifacts.p[k], &sbom);
}

hm_err graph_predicate_document(struct hm_cx *cx, const struct graph_statement *s,
				struct graph_doc *d)
{
	/* Cosign once wrote the document as "Data" */
	struct json inner = json_get(s->predicate, "Data");
	size_t before = d->facts.n;
	HM_TRY(graph_read_within(cx, json_is_object(inner) ? inner : s->predicate, s->digest,
				 "in-toto", d));
	for (size_t i = before; i < d->facts.n; i++)
		if (d->facts.p[i].kind == GRAPH_HAS_SBOM) {
			say_sboms(cx, s, d);
			break;
		}
	return NULL;
}

/* That there is such a statement is known; what it says, whoever knows the type must read. */
hm_err graph_predicate_other(struct hm_cx *cx, const struct graph_statement *s, struct graph_doc *d)
{
	struct graph_metadata m = {
		"predicateType", s->type, { "", 0 }, "there is an in-toto statement of this type"
	};
	for (size_t i = 0; i < s->subjects_n; i++) {
		const struct graph_entity *e = &s->subjects[i];
		graph_say_metadata(cx, d, e->artifacts.n ? e->artifacts.p[0] : e->is, &m);
	}
	return NULL;
}
