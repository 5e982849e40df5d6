/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "crypto/crypto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Nothing verifies when nobody is trusted. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(16 << 20);
	struct crypto_chain nobody = { 0 };
	CRYPTO_AUTO_TIMESTAMP t = { 0 };
	if (!crypto_timestamp_verify(&cx, hm_bytes(data, size), HM_STR("signature"), &nobody, &t))
		abort();
	return 0;
}
