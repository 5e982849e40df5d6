/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "crypto/crypto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const oids[] = {
	"1.3.6.1.4.1.57264.1.1",
	"1.3.6.1.4.1.57264.1.8",
	"1.3.6.1.4.1.57264.1.9",
	"1.3.6.1.4.1.57264.1.22",
	"1.3.6.1.4.1.11129.2.4.2",
	"2.5.29.17",
	"2.5.29.37",
};

static void read_certificate(struct hm_cx *cx, const struct crypto_chain *c, size_t i)
{
	enum crypto_name_kind kind;
	struct hm_str text, der;
	CRYPTO_AUTO_KEY key = { 0 };
	/* a name is something that can be compared, and shown */
	if (!crypto_certificate_name(cx, c, i, &kind, &text) &&
	    (!text.n || memchr(text.p, '\0', text.n)))
		abort();
	for (size_t k = 0; k < HM_LEN(oids); k++)
		if (!crypto_certificate_extension(cx, c, i, oids[k], &der) &&
		    !crypto_der_text(cx, der, &text) && !hm_is_utf8(text))
			abort();
	(void)!crypto_certificate_key_any(cx, c, i, &key);
}

/* The certificates' own words; and whether the first leads to the last. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(16 << 20);
	CRYPTO_AUTO_CHAIN c = { 0 };
	CRYPTO_AUTO_CHAIN path = { 0 };
	if (crypto_chain_parse(&cx, hm_bytes(data, size), &c))
		return 0;
	for (size_t i = 0; i < c.n; i++)
		read_certificate(&cx, &c, i);
	if (c.n < 2)
		return 0;
	struct crypto_chain leaf = { c.der, c.x509, 1 };
	struct crypto_chain authority = { c.der + 1, c.x509 + 1, c.n - 1 };
	if (!crypto_chain_path(&cx, &leaf, &authority, 1767312000, &path) && path.n < 2)
		abort();
	return 0;
}
