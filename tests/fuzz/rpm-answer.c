/* SPDX-License-Identifier: Apache-2.0 */
/* What was read is written and read again, and then written the same. */
#include <stdlib.h>

#include "repair/rpm/rpm.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	HM_AUTO_BUF one = HM_BUF(64 * HM_MIB);
	HM_AUTO_BUF two = HM_BUF(64 * HM_MIB);
	struct rpm_answer a, again;
	if (repair_rpm_answer_read(&cx, hm_bytes(data, size), &a))
		return 0;
	repair_rpm_answer_put(&one, &a);
	if (repair_rpm_answer_read(&cx, hm_buf_str(&one), &again))
		abort();
	repair_rpm_answer_put(&two, &again);
	if (!hm_eq(hm_buf_str(&one), hm_buf_str(&two)))
		abort();
	return 0;
}
