/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "trust/sigstore/seal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte says the version. An entry that is read has a proof with a checkpoint, and is
 * written into a bundle that can be read. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(64 << 20);
	struct bundle_entry e;
	struct hm_str text = hm_from(hm_bytes(data, size), 1), bundle;
	bool first = size && data[0] == 1;
	if (first ? trust_sigstore_log_answer_parse(&cx, text, "dsse", &e)
		  : envelope_bundle_entry_parse(&cx, text, &e))
		return 0;
	struct envelope_bundle b = { .material = BUNDLE_KEY,
				     .key_hint = HM_STR("k"),
				     .entries = &e,
				     .entries_n = 1,
				     .digest = HM_STR("01234567890123456789012345678901"),
				     .signature = HM_STR("s") };
	ENVELOPE_AUTO_BUNDLE again = { 0 };
	if (!e.has_proof || !e.checkpoint.n)
		abort();
	if (e.integrated_time < 0 || envelope_bundle_write(&cx, &b, &bundle))
		return 0;
	if (!envelope_bundle_parse(&cx, bundle, &again) && again.entries[0].index != e.index)
		abort();
	return 0;
}
