/* SPDX-License-Identifier: Apache-2.0 */
/* A database file whose size and digest are made right, so that what is behind them is reached:
 * all packages, entries, records and ids of it. */
#include <stdlib.h>

#include "advisory/db.h"
#include "crypto/crypto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROWS_MAX = 200 };

static void walk(struct hm_cx *cx, const struct advisory_db *db)
{
	struct advisory_beside beside;
	const struct hm_strs none = { 0 };
	(void)!advisory_db_beside(cx, db, &beside);
	(void)advisory_db_exploitation(db, HM_STR("CVE-2021-44228"), &none);
	struct advisory_package_row row;
	struct advisory_affected a;
	struct advisory_record r;
	uint32_t number;
	for (size_t i = 0; i < ROWS_MAX && advisory_db_package_at(db, i, &row); i++) {
		(void)advisory_db_package(db, row.ecosystem, row.name);
		struct advisory_rows same =
			advisory_db_artifact(db, advisory_artifact_of(row.name));
		for (uint32_t k = 0; k < same.n && k < ROWS_MAX; k++)
			(void)advisory_db_artifact_at(db, same.first + k);
		for (uint32_t k = 0; k < row.entries.n && k < ROWS_MAX; k++)
			if (!advisory_db_entry(cx, db, row.entries.first + k, &a, &number))
				(void)!advisory_db_record(cx, db, number, &r);
	}
	for (uint32_t i = 0; i < ROWS_MAX && i < advisory_db_records(db); i++) {
		if (advisory_db_record(cx, db, i, &r))
			continue;
		struct advisory_rows rows = advisory_db_id(db, r.id);
		for (uint32_t k = 0; k < rows.n && k < ROWS_MAX; k++)
			(void)advisory_db_posting(db, rows.first + k);
	}
	for (size_t i = 0; i < ROWS_MAX && i < advisory_db_ecosystems(db); i++)
		(void)advisory_db_ecosystem(db, i, &number);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct advisory_db db;
	struct advisory_db_status status;
	if (size < ADVISORY_DB_HEAD)
		return 0;
	char *p = hm_dupz(&cx, hm_bytes(data, size));
	for (size_t i = 0; i < 8; i++)
		p[16 + i] = (char)((uint64_t)size >> (8 * i));
	struct hm_str digest =
		crypto_digest_raw(&cx, CRYPTO_SHA256,
				  hm_bytes(p + ADVISORY_DB_HEAD, size - ADVISORY_DB_HEAD));
	memcpy(p + ADVISORY_DB_DIGEST_AT, digest.p, digest.n);
	if (advisory_db_of(&cx, hm_bytes(p, size), &db))
		return 0;
	walk(&cx, &db);
	if (advisory_db_ecosystems(&db) < ROWS_MAX)
		(void)!advisory_db_status(&cx, &db, &status);
	return 0;
}
