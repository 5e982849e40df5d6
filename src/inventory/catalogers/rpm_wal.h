/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rpm_wal.h - SQLite's write-ahead log, read as SQLite reads it: what was committed last holds.
 * Source: sqlite.org/fileformat2.html, 4, "The Write-Ahead Log".
 */
#ifndef INVENTORY_CATALOGERS_RPM_WAL_H
#define INVENTORY_CATALOGERS_RPM_WAL_H

#include "base/base.h"

struct rpm_wal {
	struct hm_str frames; /* up to the last commit; empty: nothing is in the log */
	size_t page;          /* bytes */
	uint64_t pages;       /* of the database after the last commit */
};

/* What is damaged at its end, or was left from before, is not part of a log. HM_INPUT: a version
 * that is not known. Slices of `wal`. */
HM_MUST hm_err inventory_rpm_wal(struct hm_cx *cx, struct hm_str wal, struct rpm_wal *out);
/* The database `db` with the log put into it: a copy. HM_INPUT: they do not fit together. HM_LIMIT:
 * HM_MAX_KEPT_FILE. */
HM_MUST hm_err inventory_rpm_wal_apply(struct hm_cx *cx, const struct rpm_wal *wal,
				       struct hm_str db, struct hm_str *out);

#endif
