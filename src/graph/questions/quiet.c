/* SPDX-License-Identifier: Apache-2.0 */
/* What need not be done, for VEX that counts says so: of packages, and of releases. */
#include "graph/questions/exposed.h"

/* Of a release: how many of its affected packages there are, and how many of them count. */
struct tally {
	struct graph_ids all, loud;
};

static hm_err judge_release(struct graph_releasing *r, const struct graph_statements *statements,
			    const struct graph_release *release, struct tally *t, bool *out_quiet)
{
	struct graph_exposure e = { .release = *release };
	const struct graph_whole *whole;
	bool is_new;
	HM_TRY(graph_releasing_whole(r, release->release.id, &whole));
	graph_statements_judge(r->a->cx, statements, whole, &e);
	*out_quiet = e.is_suppressed;
	++*graph_ids_slot(r->a->cx, &t->all, release->release.id, &is_new);
	if (!e.is_suppressed)
		++*graph_ids_slot(r->a->cx, &t->loud, release->release.id, &is_new);
	return NULL;
}

/* A package that no SBOM has stands for itself. */
static hm_err judge_package(struct graph_releasing *r, const struct graph_statements *statements,
			    const struct graph_node *package, struct tally *t, bool *out_quiet)
{
	struct graph_releases found = { 0 };
	HM_TRY(graph_releasing_add(r, package, &found));
	if (!found.n)
		*hm_push(r->a->cx, &found) =
			(struct graph_release){ .release = *package, .package = *package };
	*out_quiet = true;
	for (size_t i = 0; i < found.n; i++) {
		bool quiet;
		HM_TRY(judge_release(r, statements, &found.p[i], t, &quiet));
		*out_quiet = *out_quiet && quiet;
	}
	/* releases that were not looked at may be exposed */
	*out_quiet = *out_quiet && !r->is_full;
	return NULL;
}

hm_err graph_quiet_find(struct graph_ask *a, const struct graph_statements *statements,
			const struct graph_affected_list *affected, struct graph_quiet *out)
{
	static const struct graph_asked asked;
	struct graph_releasing r;
	struct tally t = { 0 };
	bool is_new;
	*out = (struct graph_quiet){ 0 };
	if (!statements->n)
		return NULL;
	graph_releasing_begin(a, &asked, &r);
	for (size_t i = 0; i < affected->n && graph_ask_goes_on(a); i++) {
		bool quiet;
		HM_TRY(judge_package(&r, statements, &affected->p[i].package, &t, &quiet));
		if (!quiet)
			continue;
		*graph_ids_slot(a->cx, &out->packages, affected->p[i].package.id, &is_new) = 1;
		out->packages_n++;
	}
	/* what was not looked at in time may be exposed */
	for (size_t i = 0; i < t.all.cap && a->cut != GRAPH_CUT_TIME && !r.is_full; i++)
		if (t.all.p[i].key && !graph_ids_get(&t.loud, t.all.p[i].key))
			*graph_ids_slot(a->cx, &out->releases, t.all.p[i].key, &is_new) = 1;
	return NULL;
}
