/* SPDX-License-Identifier: Apache-2.0 */
/* A RECORD: what was read is written, and then reads the same; no path leads out. And a console
 * script, from which another is made. */
#include <stdlib.h>

#include "repair/python/python.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	HM_AUTO_BUF b = HM_BUF(64 * HM_MIB);
	struct python_entries one = { 0 }, two = { 0 };
	struct hm_str text = hm_bytes(data, size), place;
	(void)repair_python_script(&cx, text, HM_STR("a.b:c"), &place);
	if (repair_python_record_parse(&cx, text, &one))
		return 0;
	for (size_t i = 0; i < one.n; i++) {
		repair_python_record_put(&b, &one.p[i]);
		if (repair_python_record_place(&cx, HM_STR("a/b"), one.p[i].path, &place) &&
		    (hm_starts(place, HM_STR("/")) || hm_starts(place, HM_STR("../"))))
			abort();
	}
	if (repair_python_record_parse(&cx, hm_buf_str(&b), &two) || one.n != two.n)
		abort();
	for (size_t i = 0; i < one.n; i++)
		if (!hm_eq(one.p[i].path, two.p[i].path) || !hm_eq(one.p[i].hash, two.p[i].hash))
			abort();
	return 0;
}
