/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "oci/remote/headers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct hm_str text;
	if (oci_warning_parse(&cx, hm_bytes(data, size), &text) &&
	    (text.n == 0 || text.n > HM_MAX_WARNING))
		abort();
	return 0;
}
