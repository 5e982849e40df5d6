/* SPDX-License-Identifier: Apache-2.0 */
/*
 * feeds.h - what is known of the exploitation of vulnerabilities: CISA's catalog of known exploited
 * vulnerabilities (KEV), and FIRST's exploit prediction scores (EPSS). Private to the room.
 *
 * A catalog is its date and rows in the order of their CVEs. All integers are little endian; a CVE
 * is its year in the high and its number in the low half of 64 bits.
 *
 *     KEV   u64 CVE, u32 days since 1970 on which it was added, the highest bit: used by ransomware
 *     EPSS  u64 CVE, u32 score, u32 percentile, both in millionths
 */
#ifndef ADVISORY_FEEDS_H
#define ADVISORY_FEEDS_H

#include "advisory/advisory.h"

enum { ADVISORY_KEV_ROW = 12, ADVISORY_EPSS_ROW = 16 };

struct advisory_feed {
	int64_t date; /* seconds since 1970; 0: no catalog */
	struct hm_str rows;
};

struct advisory_feeds {
	struct advisory_feed kev, epss;
	struct advisory_source *sources; /* sorted by name */
	size_t sources_n;
};

/* "CVE-2021-44228"; false: not a CVE. */
bool advisory_cve_key(struct hm_str id, uint64_t *out);

/* In the worker: the catalog in a JSON document, as u64 date and rows. *out_is is false where it is
 * another kind of document. HM_INPUT: a catalog that is damaged. */
HM_MUST hm_err advisory_kev_parse(struct hm_cx *cx, struct hm_str text, bool *out_is,
				  struct hm_buf *out);
/* A file of scores as FIRST offers it, CSV or gzip of it. HM_INPUT, HM_LIMIT. */
HM_MUST hm_err advisory_epss_parse(struct hm_cx *cx, struct hm_str bytes, struct hm_buf *out);
/* Reads what these wrote. HM_INPUT: anything that they would not have written. */
HM_MUST hm_err advisory_get_feed(struct hm_cx *cx, struct hm_str bytes, size_t row,
				 struct advisory_feed *out);
/* The row of a CVE; empty: not listed. */
struct hm_str advisory_feed_row(struct hm_str rows, size_t row, uint64_t cve);

#endif
