/* SPDX-License-Identifier: Apache-2.0 */
/*
 * match.h - from a component to the vulnerabilities that concern it. Private to the room.
 *
 *   candidate.c  what it is called in which ecosystems, and the scheme of its versions
 *   range.c      whether a version is affected, and why
 *   match.c      all that the database has of it: hits
 *   merge.c      hits into vulnerabilities: ids, severity, fixed versions
 *   assess.h     what else is known of these
 *   scan.c       all components, into a report
 *   explain.c    the same in words, for one id
 */
#ifndef ADVISORY_MATCH_H
#define ADVISORY_MATCH_H

#include "advisory/merge.h"

/* What all components of one scan share. */
struct advisory_matching {
	const struct advisory_db *db;
	const struct inventory *inventory;
	uint32_t *place_of; /* of each record: where its hit may be */
};

/* Adds the matches of component `at`; or a warning, why it cannot be matched. HM_LIMIT. */
HM_MUST hm_err advisory_match_component(struct hm_cx *cx, const struct advisory_matching *matching,
					uint32_t at, struct advisory_matches *out,
					struct hm_strs *warnings);

#endif
