/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "envelope/simplesigning.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A document that is read says the same when it is written and read again. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(64 << 20);
	struct envelope_simple s, again;
	struct hm_str text;
	if (envelope_simple_parse(&cx, hm_bytes(data, size), &s))
		return 0;
	hm_err err = envelope_simple_format(&cx, s.reference, s.digest, s.pairs, s.pairs_n, &text);
	if (err && (err->code == HM_USAGE || err->code == HM_LIMIT))
		return 0;
	if (err || envelope_simple_parse(&cx, text, &again) || again.pairs_n != s.pairs_n ||
	    !hm_eq(again.digest, s.digest) || !hm_eq(again.reference, s.reference))
		abort();
	return 0;
}
