/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "trust/sigstore/seal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An answer that is read has a certificate, whose key can be asked for. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(16 << 20);
	CRYPTO_AUTO_CHAIN chain = { 0 };
	CRYPTO_AUTO_KEY key = { 0 };
	if (trust_sigstore_certificate_parse(&cx, hm_bytes(data, size), &chain))
		return 0;
	if (!chain.n || !chain.der[0].n)
		abort();
	return crypto_certificate_key_any(&cx, &chain, 0, &key) && key.pkey ? 1 : 0;
}
