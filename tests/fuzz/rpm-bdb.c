/* SPDX-License-Identifier: Apache-2.0 */
/* rpm's database in Berkeley DB. Whatever the pages say, no byte is in two headers. */
#include "inventory/catalogers/rpm_backends.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static hm_err add(struct hm_cx *cx, void *arg, struct hm_str header)
{
	size_t *all = arg;
	(void)cx;
	*all += header.n;
	return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct hm_str db = hm_bytes(data, size);
	size_t all = 0;
	if (!inventory_rpm_is_bdb(db))
		return 0;
	hm_err e = inventory_rpm_bdb(&cx, db, (struct rpm_sink){ add, &all });
	if (all > size || (e && e->code != HM_INPUT && e->code != HM_LIMIT))
		__builtin_trap();
	return 0;
}
