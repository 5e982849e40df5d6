/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "crypto/crypto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever parses can be described, judged, and written again. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(16 << 20);
	CRYPTO_AUTO_CHAIN c = { 0 };
	CRYPTO_AUTO_CHAIN again = { 0 };
	if (crypto_chain_parse(&cx, hm_bytes(data, size), &c))
		return 0;
	for (size_t i = 0; i < c.n; i++) {
		struct crypto_certificate_info info;
		struct crypto_attribute *a, *dn;
		size_t n, dn_n;
		if (crypto_certificate_info(&cx, &c, i, &info))
			continue;
		/* A subject of text is read back from its text as what it was. */
		if (!crypto_certificate_subject(&cx, &c, i, &a, &n) && n &&
		    !crypto_dn_parse(&cx, info.subject, &dn, &dn_n) && dn_n != n)
			abort();
	}
	if (crypto_chain_check(&cx, &c) || crypto_chain_valid_at(&cx, &c, 1700000000))
		return 0;
	if (crypto_chain_parse(&cx, crypto_chain_pem(&cx, &c), &again))
		abort();
	return 0;
}
