/* SPDX-License-Identifier: Apache-2.0 */
/* What needs somebody. Facts are found by their documents, for which there is an index. */
#include "graph/dashboard.h"

#include "graph/graph.h"
#include "graph/questions/exposed.h"

enum { SHOWN = 10, LOOKED_AT = 32, IDENTITIES = 1000 };

/* ------------------------------------------------------------------ vulnerabilities */

struct found {
	int64_t vulnerability, packages, document;
};
struct founds {
	struct found *p;
	size_t n, cap;
};

static hm_err take_hit(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	struct founds *all = arg;
	*hm_push(cx, all) = (struct found){ row[0].number, row[1].number, row[2].number };
	return NULL;
}

static int compare_hits(const void *a, const void *b)
{
	const struct graph_hit *x = a, *y = b;
	if (x->packages != y->packages)
		return x->packages > y->packages ? -1 : 1;
	return (x->vulnerability.id > y->vulnerability.id) -
	       (x->vulnerability.id < y->vulnerability.id);
}

/* Packages that are affected, when what VEX says is heard: the numbers are those of
 * graph_exposed()'s packages. */
static hm_err count_loud(struct graph_ask *a, const struct graph_node *vulnerability,
			 uint64_t *packages)
{
	struct graph_vulnerability v;
	struct graph_affected_list affected = { 0 };
	struct graph_statements statements = { 0 };
	struct graph_quiet quiet;
	HM_TRY(graph_vulnerability_find(a, NULL, vulnerability->key, &v));
	HM_TRY(graph_statements_read(a, &v, &statements));
	if (!statements.n)
		return NULL;
	HM_TRY(graph_affected_find(a, NULL, &v, &affected));
	HM_TRY(graph_quiet_find(a, &statements, &affected, &quiet));
	uint64_t loud = affected.n - quiet.packages_n;
	*packages = loud < *packages ? loud : *packages;
	return NULL;
}

/* Without those that say "there is none", or of which VEX says that nothing is affected. */
static hm_err complete_hits(struct graph_ask *a, const struct founds *found, bool by_packages,
			    struct graph_hits *out)
{
	for (size_t i = 0; i < found->n && (out->n < SHOWN || by_packages); i++) {
		const struct found *f = &found->p[i];
		struct graph_hit hit = { .packages = (uint64_t)f->packages };
		HM_TRY(graph_ask_node(a, f->vulnerability, &hit.vulnerability));
		if (!hit.vulnerability.id || hm_starts(hit.vulnerability.key, HM_STR("novuln")))
			continue;
		HM_TRY(count_loud(a, &hit.vulnerability, &hit.packages));
		if (!hit.packages)
			continue;
		HM_TRY(graph_ask_witness(a, f->document, &hit.witness));
		*hm_push(a->cx, out) = hit;
	}
	if (out->n && by_packages)
		qsort(out->p, out->n, sizeof(*out->p), compare_hits);
	if (out->n > SHOWN)
		out->n = SHOWN;
	return NULL;
}

static hm_err find_worst(struct graph_ask *a, struct graph_hits *out)
{
	struct founds found = { 0 };
	HM_TRY(graph_ask_run(a,
			     "SELECT fact.object, COUNT(DISTINCT fact.subject), MIN(document.id) "
			     "FROM document CROSS JOIN fact WHERE fact.document = document.id AND "
			     "fact.kind = $1 GROUP BY fact.object ORDER BY 2 DESC, 1 LIMIT $2",
			     STORE_VALUES(store_int(GRAPH_CERTIFY_VULN), store_int(LOOKED_AT)),
			     take_hit, &found));
	return complete_hits(a, &found, true, out);
}

static hm_err find_newest(struct graph_ask *a, struct graph_hits *out)
{
	struct founds found = { 0 };
	HM_TRY(graph_ask_run(a,
			     "SELECT fact.object, COUNT(DISTINCT fact.subject), MIN(document.id) "
			     "FROM document CROSS JOIN fact WHERE fact.document = document.id AND "
			     "fact.kind = $1 GROUP BY fact.object ORDER BY 3 DESC, 1 LIMIT $2",
			     STORE_VALUES(store_int(GRAPH_CERTIFY_VULN), store_int(LOOKED_AT)),
			     take_hit, &found));
	return complete_hits(a, &found, false, out);
}

/* ------------------------------------------------------------------ age */

static hm_err take_age(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	struct graph_age *age = arg;
	(void)cx;
	age->documents = (uint64_t)row[0].number;
	age->oldest = row[1].number;
	age->newest = row[2].number;
	age->old = (uint64_t)row[3].number;
	return NULL;
}

static hm_err find_ages(struct graph_ask *a, int64_t now, struct graph_age *ages)
{
	static const enum graph_fact_kind kinds[GRAPH_AGES] = { GRAPH_HAS_SBOM, GRAPH_CERTIFY_VULN,
								GRAPH_HAS_SLSA, GRAPH_CERTIFY_VEX };
	int64_t old = now - (int64_t)GRAPH_OLD_DAYS * 24 * 60 * 60;
	for (size_t i = 0; i < GRAPH_AGES; i++) {
		ages[i].kind = kinds[i];
		HM_TRY(graph_ask_run(
			a,
			"SELECT COUNT(*), COALESCE(MIN(taken), 0), COALESCE(MAX(taken), 0), "
			"COUNT(CASE WHEN taken < $1 THEN 1 END) FROM document WHERE EXISTS (SELECT 1 "
			"FROM fact WHERE fact.document = document.id AND fact.kind = $2)",
			STORE_VALUES(store_int(old), store_int(kinds[i])), take_age, &ages[i]));
	}
	return NULL;
}

/* ------------------------------------------------------------------ keys that end */

static int compare_endings(const void *a, const void *b)
{
	const struct graph_ending *x = a, *y = b;
	return hm_cmp(x->ends, y->ends);
}

static hm_err find_endings(struct graph_ask *a, struct graph_dashboard *out)
{
	struct graph_numbers identities = { 0 };
	HM_TRY(graph_ask_signers(a, &identities));
	for (size_t i = 0; i < identities.n && graph_ask_goes_on(a); i++) {
		struct graph_ending e;
		HM_TRY(graph_ask_end_of(a, identities.p[i], &e.ends));
		if (!e.ends.n)
			continue;
		HM_TRY(graph_ask_node(a, identities.p[i], &e.identity));
		if (graph_is_short_lived(&e.identity))
			continue;
		*hm_push(a->cx, &out->endings) = e;
	}
	if (out->endings.n)
		qsort(out->endings.p, out->endings.n, sizeof(*out->endings.p), compare_endings);
	if (out->endings.n > SHOWN)
		out->endings.n = SHOWN;
	return NULL;
}

/* ------------------------------------------------------------------ all of it */

static hm_err take_running(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	struct graph_dashboard *d = arg;
	(void)cx;
	d->running = (uint64_t)row[0].number;
	d->images = (uint64_t)row[1].number;
	return NULL;
}

hm_err graph_dashboard(struct hm_cx *cx, struct graph *g, int64_t now, struct graph_dashboard *out)
{
	GRAPH_AUTO_ASK a = { 0 };
	*out = (struct graph_dashboard){ 0 };
	HM_TRY(graph_ask_begin(cx, g, NULL, &a));
	HM_TRY(find_worst(&a, &out->worst));
	HM_TRY(find_newest(&a, &out->newest));
	HM_TRY(find_ages(&a, now, out->ages));
	HM_TRY(find_endings(&a, out));
	HM_TRY(graph_ask_run(&a,
			     "SELECT COUNT(*), COUNT(DISTINCT artifact) FROM pod WHERE gone = $1",
			     STORE_VALUES(store_int(0)), take_running, out));
	out->cut = a.cut;
	return NULL;
}
