/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_envelope(ENVELOPE_COSE_TYPE, hm_bytes(data, size));
	return 0;
}
