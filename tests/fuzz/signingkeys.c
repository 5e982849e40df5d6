/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "trust/trust.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every key that is read has a name. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(16 << 20);
	struct trust_key *k;
	size_t n;
	if (trust_keys_parse(&cx, hm_bytes(data, size), &k, &n))
		return 0;
	for (size_t i = 0; i < n; i++)
		if (!k[i].name.n)
			abort();
	return 0;
}
