/* SPDX-License-Identifier: Apache-2.0 */
/*
 * catalog.h - what feeds say of single vulnerabilities, whatever package they are in: a date, and a
 * row for each CVE. Private to the room.
 *
 * A row is its CVE in 64 bits, the year in the high and the number in the low half, and what the
 * feed says of it in one or two numbers of 32 bits, which only the feed (feeds/) understands. Rows
 * are in the order of their CVEs. All integers are little endian.
 */
#ifndef ADVISORY_CATALOG_H
#define ADVISORY_CATALOG_H

#include "advisory/advisory.h"

struct advisory_catalog {
	int64_t date; /* seconds since 1970; 0: no catalog */
	struct hm_str rows;
};

/* "CVE-2021-44228"; false: not a CVE. */
bool advisory_cve_key(struct hm_str id, uint64_t *out);
/* "2021-12-10", and whatever stands behind it. */
bool advisory_catalog_date(struct hm_str text, int64_t *out);

/* --- in the worker: making one --- */

struct advisory_catalog_row {
	uint64_t cve;
	uint32_t said[2];
};
struct advisory_catalog_rows {
	struct advisory_catalog_row *p;
	size_t n, cap;
};
/* Sorts them, and writes date and rows of `size` bytes. Of two rows of one CVE the last stays. */
void advisory_catalog_write(struct advisory_catalog_rows *rows, size_t size, int64_t date,
			    struct hm_buf *out);

/* --- in the parent --- */

/* Reads what that wrote. HM_INPUT: anything that it would not have written. */
HM_MUST hm_err advisory_catalog_read(struct hm_cx *cx, struct hm_str bytes, size_t size,
				     struct advisory_catalog *out);
/* What is said of a CVE; empty: it is not listed. */
struct hm_str advisory_catalog_find(struct hm_str rows, size_t size, uint64_t cve);

#endif
