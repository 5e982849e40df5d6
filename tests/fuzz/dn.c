/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "crypto/crypto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A name is within itself. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(16 << 20);
	struct crypto_attribute *a;
	size_t n;
	if (!crypto_dn_parse(&cx, hm_bytes(data, size), &a, &n) &&
	    (!n || !crypto_dn_within(a, n, a, n)))
		abort();
	return 0;
}
