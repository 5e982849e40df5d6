/* SPDX-License-Identifier: Apache-2.0 */
#include "gate-fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(256 * HM_MIB);
	HM_AUTO_BUF b = HM_BUF(64 * HM_MIB);
	if (!gate_provider_verify(&cx, gate_fuzz(), hm_bytes(data, size), &b))
		gate_fuzz_is_json(&cx, &b);
	return 0;
}
