/* SPDX-License-Identifier: Apache-2.0 */
/* A report of whatever scanner, from which is taken what to patch. */
#include "repair/repair.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct repair_report r;
	if (repair_report_read(&cx, hm_bytes(data, size), &r))
		return 0;
	for (size_t i = 0; i < r.wanted.n; i++)
		if (!r.wanted.p[i].id.n || !r.wanted.p[i].name.n)
			abort();
	return 0;
}
