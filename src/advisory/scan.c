/* SPDX-License-Identifier: Apache-2.0 */
/* A scan: match the components of an inventory, assess the matches, report them in their order. */
#include <stdlib.h>

#include "advisory/assess.h"
#include "advisory/match.h"

static hm_err match_all(struct hm_cx *cx, const struct advisory_db *db, const struct inventory *inv,
			struct advisory_matches *out, struct hm_strs *warnings)
{
	const struct advisory_matching matching = {
		.db = db,
		.inventory = inv,
		.place_of = hm_new(cx, uint32_t, advisory_db_records(db)),
	};
	for (uint32_t i = 0; i < inv->n; i++)
		HM_TRY(advisory_match_component(cx, &matching, i, out, warnings));
	return NULL;
}

static void assess_all(struct hm_cx *cx, struct advisory_assess *a,
		       struct advisory_matches *matches, struct hm_strs *out_unapplied)
{
	for (size_t i = 0; i < matches->n; i++)
		advisory_assess_match(cx, a, &matches->p[i]);
	advisory_vex_unapplied(cx, a, out_unapplied);
	for (size_t i = 0; a->told && i < a->told->ignored.n; i++)
		*hm_push(cx, out_unapplied) = a->told->ignored.p[i];
	advisory_ignores_unapplied(cx, a->told, out_unapplied);
}

static int by_urgency(const void *a, const void *b, void *arg)
{
	const struct advisory_match *x = a, *y = b;
	const struct inventory *inv = arg;
	if (x->assessment.status != y->assessment.status)
		return x->assessment.status > y->assessment.status ? 1 : -1;
	if (x->exploitation.is_known != y->exploitation.is_known)
		return x->exploitation.is_known ? -1 : 1;
	if (x->severity != y->severity)
		return x->severity > y->severity ? -1 : 1;
	if (x->exploitation.score != y->exploitation.score)
		return x->exploitation.score > y->exploitation.score ? -1 : 1;
	int d = hm_cmp(x->id, y->id);
	if (!d)
		d = hm_cmp(inv->components[x->component].purl, inv->components[y->component].purl);
	return d ? d : (x->component > y->component) - (x->component < y->component);
}

hm_err advisory_scan(struct hm_cx *cx, const struct advisory_db *db, const struct inventory *inv,
		     struct advisory_report *out)
{
	return advisory_scan_told(cx, db, inv, NULL, out);
}

hm_err advisory_scan_told(struct hm_cx *cx, const struct advisory_db *db,
			  const struct inventory *inv, const struct advisory_told *told,
			  struct advisory_report *out)
{
	struct advisory_assess a;
	struct advisory_matches matches = { 0 };
	struct advisory_report r = { 0 };
	HM_TRY(match_all(cx, db, inv, &matches, &r.warnings));
	advisory_assess_init(cx, db, inv, told, &a);
	assess_all(cx, &a, &matches, &r.unapplied);
	HM_TRY(advisory_db_status(cx, db, &r.db));
	if (matches.n)
		qsort_r(matches.p, matches.n, sizeof(*matches.p), by_urgency,
			(void *)(uintptr_t)inv);
	while (r.n < matches.n && matches.p[r.n].assessment.status == ADVISORY_AFFECTED)
		r.counts[matches.p[r.n++].severity]++;
	r.matches = matches.p;
	r.suppressed = matches.n ? matches.p + r.n : NULL;
	r.suppressed_n = matches.n - r.n;
	*out = r;
	return NULL;
}
