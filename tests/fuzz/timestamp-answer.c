/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "crypto/crypto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever a server says: it is no timestamp when nobody is trusted. What is shown of a token
 * without being believed has its times in their order. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(16 << 20);
	struct crypto_chain nobody = { 0 };
	CRYPTO_AUTO_TIMESTAMP stamp = { 0 }, shown = { 0 };
	struct crypto_timestamp_request q = { .digest = CRYPTO_SHA256,
					      .signature = HM_STR("signature"),
					      .nonce = HM_STR("0123456789abcdef") };
	struct hm_str token;
	struct hm_str bytes = hm_bytes(data, size);
	if (!crypto_timestamp_answer(&cx, &q, bytes, &nobody, &stamp, &token))
		abort();
	/* behind the nine bytes of "granted" and the head of a sequence */
	if (crypto_timestamp_read(&cx, hm_from(bytes, 9), q.signature, &shown))
		return 0;
	if (shown.earliest > shown.time || shown.latest < shown.time)
		abort();
	return 0;
}
