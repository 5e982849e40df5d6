/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "codec/json.h"
#include "trust/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A file that Notation and Hullmark keep lists in: what is read from it is not longer than it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct crypto_lists lists = { 0 };
	if (trust_lists_parse(&cx, hm_bytes(data, size), &lists))
		return 0;
	if (lists.base.n + lists.delta.n > size)
		abort();
	return 0;
}
