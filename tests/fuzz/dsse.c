/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "envelope/bundle.h"
#include "envelope/envelope.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every signature of an envelope that is read is over the same bytes, which its type begins. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(16 << 20);
	ENVELOPE_AUTO e = { 0 };
	if (envelope_parse(&cx, HM_STR(ENVELOPE_DSSE_TYPE), hm_bytes(data, size), &e))
		return 0;
	if (!e.signatures_n || !e.payload.n)
		abort();
	for (size_t i = 0; i < e.signatures_n; i++)
		if (!e.signatures[i].value.n ||
		    !hm_starts(e.signatures[i].signed_bytes, HM_STR("DSSEv1 ")))
			abort();
	return 0;
}
