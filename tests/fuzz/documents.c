/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "trust/trust.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Each document that is found has a type, and bytes that read again as what they are. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(32 << 20);
	struct trust_document *d;
	size_t n;
	if (trust_documents_parse(&cx, hm_bytes(data, size), &d, &n))
		return 0;
	if (!n)
		abort();
	for (size_t i = 0; i < n; i++) {
		struct trust_document *again;
		size_t again_n;
		if (!d[i].media_type.n ||
		    trust_documents_parse(&cx, d[i].bytes, &again, &again_n) || again_n != 1 ||
		    !hm_eq(again->media_type, d[i].media_type))
			abort();
	}
	return 0;
}
