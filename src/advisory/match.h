/* SPDX-License-Identifier: Apache-2.0 */
/*
 * match.h - from a component to the advisories that concern it. Private to the room.
 *
 *   candidate.c  what a component is called in which ecosystems, and its order
 *   range.c      whether a version is affected, and why
 *   owner.c      whether an OS package answers for what it owns
 *   match.c      all components; what merge.c makes of what they hit
 *   merge.c      hits into vulnerabilities: ids, severity, fixed versions
 *   explain.c    the same in words, for one id
 */
#ifndef ADVISORY_MATCH_H
#define ADVISORY_MATCH_H

#include "advisory/db.h"
#include "base/map.h"

struct advisory_candidate {
	struct hm_strs ecosystems;
	const char *distribution; /* "Debian", or NULL: no OS package */
	const char *what;         /* "source package", "package", "module", ... */
	struct hm_str name, version;
	struct hm_str binary;   /* what it was built from is not known: `name` is its row's */
	struct hm_str artifact; /* its group is not certain: advisories of any group are asked */
	const struct advisory_order *order;
	const struct inventory *inventory; /* for what was built together with it */
};

/* How a component is looked for, whoever owns it. Without a database the ecosystems are those that
 * it would be made of. *out_why is empty, or says why nothing can match it. */
void advisory_candidate_of(struct hm_cx *cx, const struct advisory_db *db,
			   const struct inventory *inv, const struct inventory_component *c,
			   struct advisory_candidate *out, struct hm_str *out_why);

/* Does the database have advisories of one of these? */
bool advisory_has_any(const struct advisory_db *db, const struct hm_strs *ecosystems);

/* "it comes from ORIGIN, and is not matched as the registry's" */
struct hm_str advisory_origin_text(struct hm_cx *cx, const struct inventory_component *c);
/* The components of an inventory by their purls. */
struct advisory_owners {
	struct hm_map by_purl;                   /* to a struct inventory_component */
	const struct inventory_component **next; /* of each, the next one with its purl */
	const struct inventory *inventory;
};
void advisory_owners_of(struct hm_cx *cx, const struct inventory *inv, struct advisory_owners *out);
/* Why the matches of a component that an OS package owns are left to that; empty: they are not. */
struct hm_str advisory_suppression(struct hm_cx *cx, const struct advisory_db *db,
				   const struct advisory_owners *owners,
				   const struct inventory_component *c);

struct advisory_verdict {
	bool affected;
	struct hm_str why;    /* a sentence either way */
	struct hm_strs fixed; /* versions after this one that have the fix */
};
void advisory_judge(struct hm_cx *cx, const struct advisory_candidate *c,
		    const struct advisory_affected *a, struct advisory_verdict *out);
/* Is this a name, as the database has it, by which the candidate goes? */
bool advisory_candidate_is(const struct advisory_candidate *c, struct hm_str name);
/* Kept in order, without equal ones. */
void advisory_add_version(struct hm_cx *cx, const struct advisory_order *order,
			  struct hm_strs *versions, struct hm_str v);

/* What a notification about unknown content is called in a report. */
#define ADVISORY_UNKNOWN_CONTENT "unknown-content"

/* One record that says a component is affected. */
struct advisory_hit {
	uint32_t number; /* in the database */
	struct advisory_record record;
	enum advisory_severity severity; /* of the record, or of the package in it */
	struct hm_str cvss;
	struct hm_strs reasons, fixed;
	bool os;
};

/* The ids of the vulnerabilities that a record is about: the CVEs where there are any. *out_same:
 * they are names of one. */
void advisory_vulnerabilities(struct hm_cx *cx, const struct advisory_db *db,
			      const struct advisory_record *r, bool os, struct hm_strs *out,
			      bool *out_same);

struct advisory_matches {
	struct advisory_match *p;
	size_t n, cap;
};
HM_MUST hm_err advisory_merge(struct hm_cx *cx, const struct advisory_db *db, uint32_t component,
			      const struct advisory_order *order, const struct advisory_hit *hits,
			      size_t n, struct advisory_matches *out);

/* The band of a vector or score; unknown: it is none. */
enum advisory_severity advisory_severity_of_cvss(struct hm_str vector);

#endif
