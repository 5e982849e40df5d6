/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "trust/sigstore/sigstore.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whoever is in a root that was read can be asked: a log has a key, an authority certificates. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(16 << 20);
	SIGSTORE_AUTO_ROOT r = { 0 };
	if (trust_sigstore_root_parse(&cx, hm_bytes(data, size), &r))
		return 0;
	for (size_t i = 0; i < r.logs_n; i++)
		if (!r.logs[i].key.pkey || !r.logs[i].id.n)
			abort();
	for (size_t i = 0; i < r.authorities_n; i++)
		if (!r.authorities[i].chain.n)
			abort();
	return 0;
}
