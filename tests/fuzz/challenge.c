/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "oci/remote/headers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct challenge c;
	hm_err err = oci_challenge_parse(&cx, hm_bytes(data, size), &c);
	if (!err && c.scheme != CHALLENGE_NONE && c.realm.n > size)
		abort();
	return 0;
}
