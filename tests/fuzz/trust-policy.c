/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/trust.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(16 << 20);
	hm_err err = trust_policy_check(&cx, hm_bytes(data, size));
	err = trust_blob_policy_check(&cx, hm_bytes(data, size));
	(void)err;
	return 0;
}
