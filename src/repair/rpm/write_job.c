/* SPDX-License-Identifier: Apache-2.0 */
/* In the worker: rpm's database after its packages were replaced. */
#include "base/worker.h"
#include "inventory/inventory.h"
#include "repair/repair.h"
#include "repair/rpm/write.h"

static hm_err read_new(struct hm_cx *cx, struct hm_str bytes, struct rpm_writing *w)
{
	struct hm_cur c = hm_cur(bytes);
	struct rpm_new *n = hm_push(cx, &w->new);
	n->when = (uint32_t)hm_le(&c, 4);
	n->color = (uint32_t)hm_le(&c, 4);
	n->signatures = hm_take_str(&c, hm_uvarint(&c));
	n->header = hm_take_str(&c, hm_uvarint(&c));
	n->states = hm_take_str(&c, hm_uvarint(&c));
	return c.bad || c.n ? hm_fail(cx, HM_INPUT, "a package in no known form") : NULL;
}

static hm_err read_frames(struct hm_cx *cx, struct hm_str all, struct rpm_writing *w)
{
	for (struct hm_cur c = hm_cur(all); c.n;) {
		char kind = (char)hm_le(&c, 1);
		struct hm_str bytes = hm_take_str(&c, hm_le(&c, 8));
		struct hm_cur number = hm_cur(bytes);
		if (c.bad)
			return hm_fail(cx, HM_INPUT, "the input ends early");
		if (kind == RPM_WRITE_DATABASE)
			w->database = bytes;
		else if (kind == RPM_WRITE_WAL)
			HM_TRY(inventory_rpm_database(cx, w->database, bytes, &w->database));
		else if (kind == RPM_WRITE_REMOVE)
			*hm_push(cx, &w->removed) = hm_le(&number, 8);
		else if (kind == RPM_WRITE_NEW)
			HM_TRY(read_new(cx, bytes, w));
		else
			return hm_fail(cx, HM_INPUT, "a frame of no known kind");
	}
	return NULL;
}

hm_err repair_rpm_write_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	struct rpm_writing w = { 0 };
	struct hm_str all;
	struct hm_cur c = hm_cur(args);
	uint64_t kind = hm_le(&c, 1);
	w.big_endian = hm_le(&c, 1) == 1;
	HM_TRY(hm_read_fd(cx, in, "the database", HM_MAX_REPAIR_FILES, &all));
	HM_TRY(read_frames(cx, all, &w));
	if (kind == RPM_SQLITE)
		return repair_rpm_write_sqlite(cx, &w, out);
	if (kind == RPM_NDB)
		return repair_rpm_write_ndb(cx, &w, out);
	return hm_fail(cx, HM_INPUT, "a database of this kind is not written");
}
