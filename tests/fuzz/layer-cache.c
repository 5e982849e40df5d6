/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "inventory/cache.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hm_str out, file = hm_bytes(data, size);
	if (inventory_cache_decode(file, HM_STR("key"), &out) &&
	    (out.p < file.p || out.p + out.n != file.p + file.n))
		abort();
	return 0;
}
