/* SPDX-License-Identifier: Apache-2.0 */
/*
 * assess.h - between match and report: what else is known of a match, whether it concerns the
 * subject after all. Private to the room.
 *
 * A match says that advisories have the version of a component. An assessor may know better: the
 * distribution fixes what its packages own, a package is not the registry's, a supplier has said
 * so in a VEX document, the user has decided. Each is a file and a row. Whatever an assessor says
 * is listed in reports, with why and by whom: nothing vanishes.
 */
#ifndef ADVISORY_ASSESS_H
#define ADVISORY_ASSESS_H

#include "advisory/db.h"

/* The components of an inventory by their purls. */
struct advisory_owners {
	struct hm_map by_purl;                   /* to a struct inventory_component */
	const struct inventory_component **next; /* of each, the next one with its purl */
};

/* What all matches of one scan share. */
struct advisory_assess {
	const struct advisory_db *db;
	const struct inventory *inventory;
	struct advisory_owners owners;
	const struct advisory_told *told;  /* or NULL */
	struct advisory_vex_matching *vex; /* NULL: no VEX document */
	/* What is said of all matches of the component that was asked for last. */
	struct advisory_assessment of_component;
	uint32_t component;
	bool is_known;
};

struct advisory_assessor {
	const char *name;  /* "owner": as in reports */
	bool of_component; /* it says the same of all matches of a component, and is asked once */
	/* *out is "affected", and stays so where the assessor knows nothing. */
	void (*assess)(struct hm_cx *cx, const struct advisory_assess *a,
		       const struct advisory_match *m, struct advisory_assessment *out);
};
/* The first that says anything counts, those of components before those of single matches. Ended by
 * NULL. */
extern const struct advisory_assessor *const advisory_assessors[];

void advisory_assess_init(struct hm_cx *cx, const struct advisory_db *db,
			  const struct inventory *inv, const struct advisory_told *told,
			  struct advisory_assess *out);
/* Of one match: id, aliases and component are read. Matches of one component come in a row. */
void advisory_assess_match(struct hm_cx *cx, struct advisory_assess *a, struct advisory_match *m);

/* --- the rows --- */

extern const struct advisory_assessor advisory_assessor_origin, advisory_assessor_owner,
	advisory_assessor_vex, advisory_assessor_ignore, advisory_assessor_only_fixed;

/* vex_match.c; NULL: no VEX document */
struct advisory_vex_matching *advisory_vex_matching_new(struct hm_cx *cx,
							const struct advisory_told *told,
							const struct inventory *inv);
/* Statements that are about nothing of the inventory. */
void advisory_vex_unapplied(struct hm_cx *cx, const struct advisory_assess *a, struct hm_strs *out);
/* ignore.c: rules that have ended, or that ask what is not known. */
void advisory_ignores_unapplied(struct hm_cx *cx, const struct advisory_told *told,
				struct hm_strs *out);

/* owner.c */
void advisory_owners_of(struct hm_cx *cx, const struct inventory *inv, struct advisory_owners *out);

#endif
