/* SPDX-License-Identifier: Apache-2.0 */
/* What was read and normalised reads as itself. */
#include <stdlib.h>

#include "oci/oci.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct oci_target t, again;
	if (oci_target_parse(&cx, hm_bytes(data, size), &t) || t.kind != OCI_REGISTRY ||
	    t.digest.n == 0)
		return 0;
	struct hm_str text = oci_target_with_digest(&cx, &t, t.digest);
	if (text.n > HM_MAX_REFERENCE)
		return 0;
	if (oci_target_parse(&cx, text, &again) || !hm_eq(t.registry, again.registry) ||
	    !hm_eq(t.repository, again.repository) || !hm_eq(t.digest, again.digest))
		abort();
	return 0;
}
