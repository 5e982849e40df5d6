/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "oci/remote/headers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct hm_str next;
	if (!oci_link_next(&cx, hm_bytes(data, size), &next) && next.n > size)
		abort();
	return 0;
}
