/* SPDX-License-Identifier: Apache-2.0 */
/* Which releases are exposed to a vulnerability. */
#include "graph/questions/exposed.h"

struct exposing {
	struct graph_ask *a;
	const struct graph_vulnerability *v;
	const struct graph_statements *statements;
	struct graph_releasing releasing;
	struct graph_exposures *out;
};

static hm_err add_package(struct exposing *x, const struct graph_affected *one)
{
	struct graph_releases releases = { 0 };
	struct graph_facts said = { 0 };
	HM_TRY(graph_releasing_add(&x->releasing, &one->package, &releases));
	for (size_t i = 0; i < one->said.n && releases.n; i++)
		HM_TRY(graph_ask_said(x->a, &one->said.p[i], hm_push(x->a->cx, &said)));
	for (size_t i = 0; i < releases.n; i++) {
		const struct graph_whole *whole;
		if (x->out->n >= x->a->rows) {
			x->a->cut = GRAPH_CUT_ROWS;
			x->releasing.is_full = true;
			return NULL;
		}
		struct graph_exposure *e = hm_push(x->a->cx, x->out);
		*e = (struct graph_exposure){ .release = releases.p[i],
					      .said = said,
					      .advisories = one->advisories,
					      .fixed = one->fixed,
					      .severity = one->severity };
		if (said.n)
			e->vulnerability = said.p[0].object;
		else if (x->v->nodes.n)
			e->vulnerability = x->v->nodes.p[0];
		HM_TRY(graph_releasing_whole(&x->releasing, releases.p[i].release.id, &whole));
		graph_statements_judge(x->a->cx, x->statements, whole, e);
		x->out->suppressed += e->is_suppressed;
	}
	return NULL;
}

static int compare_exposures(const void *a, const void *b)
{
	const struct graph_exposure *x = a, *y = b;
	if (x->is_suppressed != y->is_suppressed)
		return x->is_suppressed ? 1 : -1;
	int d = hm_cmp(x->release.release.key, y->release.release.key);
	if (!d)
		d = hm_cmp(x->release.package.key, y->release.package.key);
	return d ? d
		 : (x->release.source->id > y->release.source->id) -
			       (x->release.source->id < y->release.source->id);
}

hm_err graph_exposed(struct hm_cx *cx, struct graph *g, const struct advisory_db *db,
		     struct hm_str vulnerability, const struct graph_asked *asked,
		     struct graph_exposures *out)
{
	GRAPH_AUTO_ASK a;
	struct graph_vulnerability v;
	struct graph_affected_list affected = { 0 };
	struct graph_statements statements = { 0 };
	struct graph_exposures found = { 0 };
	struct exposing x = { .a = &a, .v = &v, .statements = &statements, .out = &found };
	HM_TRY(graph_ask_begin(cx, g, &asked->limits, &a));
	HM_TRY(graph_vulnerability_find(&a, db, vulnerability, &v));
	HM_TRY(graph_affected_find(&a, db, &v, &affected));
	HM_TRY(graph_statements_read(&a, &v, &statements));
	HM_TRY(graph_statements_affected(&a, &statements, &affected));
	graph_releasing_begin(&a, asked, &x.releasing);
	for (size_t i = 0; i < affected.n && !x.releasing.is_full && graph_ask_goes_on(&a); i++)
		HM_TRY(add_package(&x, &affected.p[i]));
	if (found.n)
		qsort(found.p, found.n, sizeof(*found.p), compare_exposures);
	found.names = v.names;
	if (db) {
		struct advisory_db_status status;
		HM_TRY(advisory_db_status(cx, db, &status));
		found.db = hm_dup(cx, status.digest);
	}
	found.cut = a.cut;
	*out = found;
	return NULL;
}
