/* SPDX-License-Identifier: Apache-2.0 */
/* The row of a kept verdict, and the verdict in it. The digest at the row's end would stop every
 * mutation, so it is made here. */
#include "crypto/crypto.h"
#include "gate/kept.h"
#include "gate/pipeline.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	HM_AUTO_BUF b = HM_BUF(64 * HM_MIB);
	struct hm_str body = hm_bytes(data, size);
	hm_buf_add(&b, body);
	hm_buf_add(&b, crypto_digest_raw(&cx, CRYPTO_SHA256, body));
	struct gate_change kept, same;
	if (!gate_kept_unpack(&cx, hm_buf_str(&b), &kept)) {
		struct hm_str packed = gate_kept_pack(&cx, kept.key, &kept.entry);
		if (gate_kept_unpack(&cx, packed, &same) || !hm_eq(kept.key, same.key) ||
		    !hm_eq(kept.entry.text, same.entry.text))
			__builtin_trap();
	}
	struct gate_verdict v;
	struct hm_str again;
	if (!gate_verdict_unpack(&cx, body, &v) && gate_verdict_pack(&cx, &v, &again))
		__builtin_trap();
	return 0;
}
