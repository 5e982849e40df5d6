/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An OS package answers for the vulnerabilities of what it owns (its distribution mends them under
 * the old version), but only where somebody asks it: which package owns a file is the image's own
 * word, and a package that no advisory can match answers for nothing. What came from git, a folder
 * or a file is not what the registry's advisories speak of; that, too, is the image's own word, so
 * what would match is suppressed and listed.
 */
#include "advisory/owner.h"

#include "advisory/candidate.h"

static bool is_matched(struct hm_cx *cx, const struct advisory_db *db, const struct inventory *inv,
		       const struct inventory_component *c)
{
	struct advisory_candidate can;
	struct hm_str why;
	advisory_candidate_of(cx, db, inv, c, &can, &why);
	return !why.n && can.distribution;
}

struct hm_str advisory_origin_text(struct hm_cx *cx, const struct inventory_component *c)
{
	return hm_fmt(cx, "it comes from %.*s, and is not matched as the registry's",
		      HM_FMT(c->origin));
}

void advisory_owners_of(struct hm_cx *cx, const struct inventory *inv, struct advisory_owners *out)
{
	*out = (struct advisory_owners){
		.next = hm_new(cx, const struct inventory_component *, inv->n),
		.inventory = inv,
	};
	for (size_t i = inv->n; i > 0; i--) {
		struct inventory_component *c = &inv->components[i - 1];
		void **slot = hm_map_slot(cx, &out->by_purl, c->purl);
		out->next[i - 1] = *slot;
		*slot = c;
	}
}

struct hm_str advisory_suppression(struct hm_cx *cx, const struct advisory_db *db,
				   const struct advisory_owners *owners,
				   const struct inventory_component *c)
{
	const struct inventory *inv = owners->inventory;
	if (c->origin.n)
		return advisory_origin_text(cx, c);
	const struct inventory_component *owner =
		c->owner.n ? hm_map_get(&owners->by_purl, c->owner) : NULL;
	for (; owner; owner = owners->next[owner - inv->components])
		if (owner != c && is_matched(cx, db, inv, owner))
			return hm_fmt(
				cx,
				"it belongs to %.*s, which the advisories of its distribution "
				"are compared with",
				HM_FMT(c->owner));
	return HM_STR("");
}
