/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "envelope/envelope.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An envelope that is read has a leaf, a payload and a signature of some bytes. Verifying it is no
 * matter of its form, and never crashes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(16 << 20);
	ENVELOPE_AUTO e = { 0 };
	if (envelope_parse(&cx, HM_STR(ENVELOPE_COSE_TYPE), hm_bytes(data, size), &e))
		return 0;
	const struct envelope_signature *s = e.signatures;
	if (e.signatures_n != 1 || !s->notary || !s->chain.n || !e.payload.n || !s->value.n ||
	    !s->signed_bytes.n)
		abort();
	hm_err err = envelope_verify_own(&cx, s);
	if (err && !err->why)
		abort();
	return 0;
}
