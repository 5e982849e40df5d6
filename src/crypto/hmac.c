/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/hmac.h>

#include "crypto/key.h"

struct hm_str crypto_hmac(struct hm_cx *cx, enum crypto_digest alg, struct hm_str key,
			  struct hm_str bytes)
{
	unsigned char *out = hm_alloc(cx, EVP_MAX_MD_SIZE, 1, 1);
	unsigned int n = 0;
	if (!HMAC(EVP_get_digestbyname(crypto_digest_rows[alg].name), key.p, (int)key.n,
		  (const unsigned char *)(bytes.n ? bytes.p : ""), bytes.n, out, &n))
		abort(); /* no memory */
	return hm_bytes(out, n);
}
