/* SPDX-License-Identifier: Apache-2.0 */
#include "advisory/assess.h"

const struct advisory_assessor *const advisory_assessors[] = {
	&advisory_assessor_origin, &advisory_assessor_owner,      &advisory_assessor_vex,
	&advisory_assessor_ignore, &advisory_assessor_only_fixed, NULL,
};

void advisory_assess_init(struct hm_cx *cx, const struct advisory_db *db,
			  const struct inventory *inv, const struct advisory_told *told,
			  struct advisory_assess *out)
{
	*out = (struct advisory_assess){ .db = db, .inventory = inv, .told = told };
	out->vex = advisory_vex_matching_new(cx, told, inv);
	advisory_owners_of(cx, inv, &out->owners);
}

/* The first that says anything. */
static struct advisory_assessment ask_assessors(struct hm_cx *cx, const struct advisory_assess *a,
						const struct advisory_match *m, bool of_component)
{
	struct advisory_assessment out = { 0 };
	for (const struct advisory_assessor *const *row = advisory_assessors;
	     *row && out.status == ADVISORY_AFFECTED; row++) {
		if ((*row)->of_component != of_component)
			continue;
		(*row)->assess(cx, a, m, &out);
		if (out.status != ADVISORY_AFFECTED)
			out.assessor = (*row)->name;
	}
	return out;
}

void advisory_assess_match(struct hm_cx *cx, struct advisory_assess *a, struct advisory_match *m)
{
	if (!a->is_known || a->component != m->component) {
		a->of_component = ask_assessors(cx, a, m, true);
		a->component = m->component;
		a->is_known = true;
	}
	m->assessment = a->of_component;
	if (m->assessment.status == ADVISORY_AFFECTED)
		m->assessment = ask_assessors(cx, a, m, false);
}
