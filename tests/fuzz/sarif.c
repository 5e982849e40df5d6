/* SPDX-License-Identifier: Apache-2.0 */
/* A SARIF report of whatever scanner. */
#include "advisory/advisory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct advisory_summary sum;
	(void)!advisory_sarif_summary(&cx, hm_bytes(data, size), &sum);
	return 0;
}
