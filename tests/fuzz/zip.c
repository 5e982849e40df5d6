/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "codec/zip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(32 << 20);
	struct zip z;
	if (zip_open(&cx, hm_bytes(data, size), &z))
		return 0;
	for (size_t i = 0; i < z.n && i < 64; i++) {
		struct hm_str got;
		if (!zip_read(&cx, &z, &z.entries[i], 1 << 20, &got) && got.n != z.entries[i].size)
			abort();
	}
	return 0;
}
