/* SPDX-License-Identifier: Apache-2.0 */
/*
 * envelope.h - what the fuzz targets of the formats of envelopes check.
 */
#ifndef TESTS_FUZZ_ENVELOPE_H
#define TESTS_FUZZ_ENVELOPE_H

#include <stdlib.h>

#include "envelope/envelope.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An envelope that can be read has a certificate, a payload and a signature. Verifying it may fail,
 * with a reason, but never crashes. */
static inline void fuzz_envelope(const char *media_type, struct hm_str bytes)
{
	HM_AUTO_CX cx = HM_CX(16 << 20);
	ENVELOPE_AUTO e = { 0 };
	if (envelope_parse(&cx, hm_cstr(media_type), bytes, &e))
		return;
	const struct envelope_signature *s = e.signatures;
	if (e.signatures_n != 1 || !s->notary || !s->chain.n || !e.payload.n || !s->value.n ||
	    !s->signed_bytes.n)
		abort();
	hm_err err = envelope_verify_own(&cx, s);
	if (err && !err->why)
		abort();
}

#endif
