/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "crypto/crypto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Of the log whose key tests/fuzz/make-certificates has. */
static const char log_pem[] = "-----BEGIN PUBLIC KEY-----\n"
			      "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEhNnoH+2slalBLdoWR+Gt7pPZsa1G\n"
			      "XSgfW9qNXAaKDj0pbMHqIlSNLNs+gVAVN1YazrsCHJmnPjBWpprgF9Apqw==\n"
			      "-----END PUBLIC KEY-----\n";

/* Certificates, the issuer's behind the leaf's: has the log seen the leaf? Where no log is known,
 * none has. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(16 << 20);
	CRYPTO_AUTO_CHAIN c = { 0 };
	CRYPTO_AUTO_KEY key = { 0 };
	struct hm_str der;
	if (crypto_chain_parse(&cx, hm_bytes(data, size), &c))
		return 0;
	if (crypto_public_key_any(&cx, hm_cstr(log_pem), &key) ||
	    crypto_public_key_der(&cx, &key, &der))
		abort();
	struct crypto_ct_log log = { .id = crypto_digest_raw(&cx, CRYPTO_SHA256, der),
				     .key = &key,
				     .from = INT64_MIN,
				     .until = INT64_MAX };
	(void)!crypto_sct_verify(&cx, &c, &log, 1);
	if (!crypto_sct_verify(&cx, &c, NULL, 0))
		abort();
	return 0;
}
