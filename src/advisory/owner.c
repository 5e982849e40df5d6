/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An OS package answers for the vulnerabilities of what it owns (its distribution mends them under
 * the old version), but only where somebody asks it: which package owns a file is the image's own
 * word, and a package that no advisory can match answers for nothing.
 */
#include "advisory/assess.h"
#include "advisory/candidate.h"

static bool is_matched(struct hm_cx *cx, const struct advisory_db *db, const struct inventory *inv,
		       const struct inventory_component *c)
{
	struct advisory_candidate can;
	struct hm_str why;
	advisory_candidate_of(cx, db, inv, c, &can, &why);
	return !why.n && can.distribution;
}

void advisory_owners_of(struct hm_cx *cx, const struct inventory *inv, struct advisory_owners *out)
{
	*out = (struct advisory_owners){
		.next = hm_new(cx, const struct inventory_component *, inv->n),
	};
	for (size_t i = inv->n; i > 0; i--) {
		struct inventory_component *c = &inv->components[i - 1];
		void **slot = hm_map_slot(cx, &out->by_purl, c->purl);
		out->next[i - 1] = *slot;
		*slot = c;
	}
}

static void assess_owner(struct hm_cx *cx, const struct advisory_assess *a,
			 const struct advisory_match *m, struct advisory_assessment *out)
{
	const struct inventory *inv = a->inventory;
	const struct inventory_component *c = &inv->components[m->component];
	const struct inventory_component *owner =
		c->owner.n ? hm_map_get(&a->owners.by_purl, c->owner) : NULL;
	while (owner && (owner == c || !is_matched(cx, a->db, inv, owner)))
		owner = a->owners.next[owner - inv->components];
	if (!owner)
		return;
	out->status = ADVISORY_NOT_AFFECTED;
	out->justification = hm_fmt(cx,
				    "it belongs to %.*s, which the advisories of its distribution "
				    "are compared with",
				    HM_FMT(c->owner));
	out->source = c->owner;
}

const struct advisory_assessor advisory_assessor_owner = { "owner", true, assess_owner };
