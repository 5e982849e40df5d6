/* SPDX-License-Identifier: Apache-2.0 */
/* In the worker: what a database says of each package that is installed. */
#include "base/worker.h"
#include "inventory/inventory.h"
#include "repair/repair.h"
#include "repair/rpm/header.h"

static hm_err add_package(struct hm_cx *cx, void *arg, struct hm_str blob)
{
	struct rpm_header h;
	HM_TRY(repair_rpm_header(cx, blob, &h));
	return repair_rpm_record_put(cx, &h, arg);
}

/* Input: the database's file, then the log beside it, each with its length before it. */
hm_err repair_rpm_database_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	struct hm_str all, db;
	(void)args;
	HM_TRY(hm_read_fd(cx, in, "the database", 2 * HM_MAX_REPAIR_FILE + HM_KIB, &all));
	struct hm_cur c = hm_cur(all);
	struct hm_str main = hm_take_str(&c, hm_le(&c, 8)), wal = hm_take_str(&c, hm_le(&c, 8));
	if (c.bad)
		return hm_fail(cx, HM_INPUT, "the input ends early");
	HM_TRY(inventory_rpm_database(cx, main, wal, &db));
	return inventory_rpm_headers(cx, db, (struct inventory_rpm_sink){ add_package, out });
}
