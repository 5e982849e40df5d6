/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/crypto.h"

#include <openssl/x509.h>

#include "crypto/chain.h"
#include "crypto/key.h"

static bool add_name(X509_NAME *name, const char *field, struct hm_str value)
{
	return X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8,
					  (const unsigned char *)value.p, (int)value.n, -1, 0);
}

/* The subject of notation's test certificates, in its order. */
static bool set_names(X509 *x, struct hm_str cn)
{
	X509_NAME *name = X509_get_subject_name(x);
	return add_name(name, "C", HM_STR("US")) && add_name(name, "ST", HM_STR("WA")) &&
	       add_name(name, "L", HM_STR("Seattle")) && add_name(name, "O", HM_STR("Notary")) &&
	       add_name(name, "CN", cn) && X509_set_issuer_name(x, name);
}

static bool add_extension(X509 *x, int nid, const char *value)
{
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
	bool ok = e && X509_add_ext(x, e, -1);
	X509_EXTENSION_free(e);
	return ok;
}

/* RFC 5280, 4.1.2.2: positive, hard to guess. */
static bool set_serial(X509 *x)
{
	BIGNUM *n = BN_new();
	bool ok = n && BN_rand(n, 127, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) &&
		  BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x));
	BN_free(n);
	return ok;
}

static bool fill_certificate(X509 *x, const struct crypto_key *k, struct hm_str cn, int64_t now,
			     int64_t until)
{
	enum crypto_digest digest = crypto_alg_rows[k->alg].digest;
	const EVP_MD *md = digest == CRYPTO_DIGESTS
				   ? NULL
				   : EVP_get_digestbyname(crypto_digest_rows[digest].name);
	return X509_set_version(x, X509_VERSION_3) && set_serial(x) && set_names(x, cn) &&
	       ASN1_TIME_set(X509_getm_notBefore(x), now) &&
	       ASN1_TIME_set(X509_getm_notAfter(x), until) && X509_set_pubkey(x, k->pkey) &&
	       add_extension(x, NID_key_usage, "critical,digitalSignature") &&
	       add_extension(x, NID_ext_key_usage, "codeSigning") &&
	       add_extension(x, NID_basic_constraints, "critical,CA:FALSE") &&
	       X509_sign(x, k->pkey, md);
}

hm_err crypto_self_signed(struct hm_cx *cx, const struct crypto_key *k, struct hm_str cn,
			  int64_t now, int64_t days, struct crypto_chain *out)
{
	if (!crypto_alg_rows[k->alg].cli)
		return hm_fail(cx, HM_USAGE, "there are no test certificates for algorithm %s",
			       crypto_alg_rows[k->alg].name);
	if (cn.n < 1 || cn.n > 64)
		return hm_fail(cx, HM_USAGE, "a common name has 1 to 64 characters");
	X509 *x = X509_new();
	unsigned char *der = NULL;
	int n = x && fill_certificate(x, k, cn, now, now + days * 86400) ? i2d_X509(x, &der) : 0;
	X509_free(x);
	if (n <= 0)
		return crypto_fail(cx, HM_SYSTEM, "could not make a certificate");
	struct hm_str bytes = hm_dup(cx, hm_bytes(der, (size_t)n));
	OPENSSL_free(der);
	return crypto_chain_from_der(cx, &bytes, 1, out);
}
