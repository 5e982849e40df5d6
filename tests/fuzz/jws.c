/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "envelope/envelope.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An envelope that opens has a leaf, a payload and a signature. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(16 << 20);
	ENVELOPE_AUTO e = { 0 };
	if (!envelope_formats[0].open(&cx, hm_bytes(data, size), &e) &&
	    (!e.chain.n || !e.payload.n || !e.signature.n))
		abort();
	return 0;
}
