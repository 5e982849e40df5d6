/* SPDX-License-Identifier: Apache-2.0 */
/* What was read is written and read again, and then written the same. */
#include <stdlib.h>

#include "oci/oci.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(256 * HM_MIB);
	struct oci_manifest m, again;
	struct hm_str one, two;
	if (oci_manifest_parse(&cx, hm_bytes(data, size), HM_STR(""), &m) ||
	    oci_manifest_format(&cx, &m, &one))
		return 0;
	if (oci_manifest_parse(&cx, one, m.media_type, &again) ||
	    oci_manifest_format(&cx, &again, &two) || !hm_eq(one, two))
		abort();
	return 0;
}
