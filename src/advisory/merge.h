/* SPDX-License-Identifier: Apache-2.0 */
/*
 * merge.h - what hits one component becomes vulnerabilities: ids, severity, fixed versions. Private
 * to the room.
 */
#ifndef ADVISORY_MERGE_H
#define ADVISORY_MERGE_H

#include "advisory/db.h"

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

struct advisory_hits {
	struct advisory_hit *p;
	size_t n, cap;
};
struct advisory_matches {
	struct advisory_match *p;
	size_t n, cap;
};
/* HM_LIMIT: more matches than one scan may have. */
HM_MUST hm_err advisory_merge(struct hm_cx *cx, const struct advisory_db *db, uint32_t component,
			      const struct advisory_scheme *scheme,
			      const struct advisory_hits *hits, struct advisory_matches *out);

#endif
