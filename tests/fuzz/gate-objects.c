/* SPDX-License-Identifier: Apache-2.0 */
/* Kubernetes objects: whatever JSON comes in, its images are listed or a fault says why not. */
#include "gate/gate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct json doc;
	struct hm_strs images;
	struct hm_str space;
	if (json_parse(&cx, hm_bytes(data, size), JSON_NO_DUPLICATES, &doc) ||
	    gate_images(&cx, doc, &images, &space))
		return 0;
	for (size_t i = 0; i < images.n; i++)
		if (!images.p[i].n)
			__builtin_trap();
	return 0;
}
