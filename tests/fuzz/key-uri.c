/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "trust/signers/signers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A URI that is taken has a scheme and no PIN, and no name of its query twice. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(1 << 20);
	struct trust_uri u;
	if (trust_uri_parse(&cx, hm_bytes(data, size), &u))
		return 0;
	if (!u.scheme.n || trust_uri_get(&u, "pin-value").p)
		abort();
	for (size_t i = 0; i < u.query_n; i++)
		for (size_t k = 0; k < i; k++)
			if (hm_eq(u.query[i].name, u.query[k].name))
				abort();
	return 0;
}
