/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "envelope/envelope.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The same bytes as each of the annotations: what is read has what it was read for. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hm_str text = hm_bytes(data, size);
	struct envelope_cosign all[] = { { .signature = HM_STR("AA=="), .bundle = text },
					 { .signature = HM_STR("AA=="), .timestamp = text },
					 { .signature = HM_STR("AA=="), .certificate = text },
					 { .signature = text } };
	for (size_t i = 0; i < HM_LEN(all); i++) {
		HM_AUTO_CX cx = HM_CX(16 << 20);
		ENVELOPE_AUTO_BUNDLE b = { 0 };
		if (envelope_cosign_read(&cx, HM_STR(ENVELOPE_SIMPLE_TYPE), text, &all[i], &b))
			continue;
		if (!b.signature.n || b.entries_n != (all[i].bundle.n > 0) ||
		    b.timestamps_n != (all[i].timestamp.n > 0) ||
		    (b.material == BUNDLE_CHAIN) != (all[i].certificate.n > 0))
			abort();
		for (size_t k = 0; k < b.entries_n; k++)
			if (!b.entries[k].promise.n || !b.entries[k].kind.n)
				abort();
	}
	return 0;
}
