/* SPDX-License-Identifier: Apache-2.0 */
/* The file of kept verdicts, and a verdict in it. The digest at its end would stop every mutation,
 * so it is made here. */
#include "crypto/crypto.h"
#include "gate/pipeline.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	HM_AUTO_BUF b = HM_BUF(64 * HM_MIB);
	struct hm_str body = hm_bytes(data, size);
	hm_buf_add(&b, body);
	hm_buf_add(&b, crypto_digest_raw(&cx, CRYPTO_SHA256, body));
	struct gate_cache *c = gate_cache_open(&cx);
	hm_err err = gate_cache_load(&cx, c, 1, hm_buf_str(&b));
	if (!err && gate_cache_size(c) > size)
		__builtin_trap();
	gate_cache_close(c);
	struct gate_verdict v;
	struct hm_str again;
	if (!gate_verdict_unpack(&cx, body, &v) && gate_verdict_pack(&cx, &v, &again))
		__builtin_trap();
	return 0;
}
