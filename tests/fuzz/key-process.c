/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "trust/signers/signers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a key's process answers, as its parent reads it, to the certificates and the key. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(16 * HM_MIB);
	CRYPTO_AUTO_CHAIN chain = { 0 };
	CRYPTO_AUTO_KEY leaf = { 0 };
	CRYPTO_AUTO_KEY key = { 0 };
	struct hm_str public;
	struct hm_strs der;
	if (trust_process_read(&cx, hm_bytes(data, size), &public, &der))
		return 0;
	if (der.n > HM_MAX_CERTIFICATES)
		abort();
	if (!der.n || crypto_chain_from_der(&cx, der.p, der.n, &chain) ||
	    crypto_chain_key(&cx, &chain, &leaf))
		return 0;
	if (public.n && !crypto_public_key_parse(&cx, public, leaf.alg, &key) &&
	    crypto_key_match(&cx, &key, &chain))
		return 0;
	return 0;
}
