/* SPDX-License-Identifier: Apache-2.0 */
/* An OSV document: what is read of it survives the compact form, which is read as it is written. */
#include <stdlib.h>

#include "advisory/db.h"
#include "advisory/feeds/feeds.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void through_the_database(struct hm_cx *cx, struct advisory_record *r)
{
	HM_AUTO_BUF file = HM_BUF(64 * HM_MIB);
	struct advisory_db db;
	struct advisory_record head;
	const struct advisory_beside none = { 0 };
	if (advisory_db_build(cx, r, 1, &none, &file))
		return;
	if (advisory_db_of(cx, hm_buf_str(&file), &db) || advisory_db_record(cx, &db, 0, &head) ||
	    !hm_eq(head.id, r->id))
		abort();
	for (size_t i = 0; i < r->affected_n; i++) {
		struct advisory_affected a;
		uint32_t number;
		struct advisory_rows rows =
			advisory_db_package(&db, r->affected[i].ecosystem, r->affected[i].name);
		if (!rows.n || advisory_db_entry(cx, &db, rows.first, &a, &number))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	HM_AUTO_BUF one = HM_BUF(64 * HM_MIB);
	HM_AUTO_BUF two = HM_BUF(64 * HM_MIB);
	struct advisory_record r, again;
	bool keep;
	if (advisory_osv_parse(&cx, hm_bytes(data, size), &r, &keep))
		return 0;
	struct advisory_enc e = { .to = &one }, f = { .to = &two };
	advisory_put_record(&e, &r);
	struct advisory_dec d = { .cur = hm_cur(hm_buf_str(&one)) };
	if (advisory_get_record(&cx, &d, &again))
		return 0; /* the budget */
	advisory_put_record(&f, &again);
	if (!hm_eq(hm_buf_str(&one), hm_buf_str(&two)))
		abort();
	through_the_database(&cx, &r);
	return 0;
}
