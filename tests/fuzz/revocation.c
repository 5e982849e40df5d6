/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/x509v3.h>
#include <stdlib.h>

#include "crypto/crypto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct hm_str answer;

static hm_err fetch(struct hm_cx *cx, void *arg, const struct crypto_question *q,
		    struct hm_str *out)
{
	(void)arg;
	if (answer.n > q->max)
		return hm_fail(cx, HM_LIMIT, "too large");
	*out = answer;
	return NULL;
}

static void extend(X509 *x, int nid, const char *value)
{
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
	if (!e || !X509_add_ext(x, e, -1))
		abort();
	X509_EXTENSION_free(e);
}

/* A certificate that can be asked about both ways, and its issuer; made once. */
static void make(struct hm_str *out)
{
	static struct hm_cx kept = { .budget = SIZE_MAX };
	EVP_PKEY *key = EVP_EC_gen("P-256");
	for (int i = 0; i < 2; i++) {
		X509 *x = X509_new();
		unsigned char *der = NULL;
		X509_set_version(x, X509_VERSION_3);
		ASN1_INTEGER_set(X509_get_serialNumber(x), 7);
		X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
					   (const unsigned char *)(i ? "root" : "leaf"), -1, -1, 0);
		X509_NAME_add_entry_by_txt(X509_get_issuer_name(x), "CN", MBSTRING_ASC,
					   (const unsigned char *)"root", -1, -1, 0);
		ASN1_TIME_set(X509_getm_notBefore(x), 1600000000);
		ASN1_TIME_set(X509_getm_notAfter(x), 1800000000);
		X509_set_pubkey(x, key);
		extend(x, NID_key_usage,
		       i ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature");
		if (i)
			extend(x, NID_basic_constraints, "critical,CA:TRUE");
		extend(x, NID_crl_distribution_points, "URI:http://crl.test/");
		extend(x, NID_info_access, "OCSP;URI:http://ocsp.test/");
		X509_sign(x, key, EVP_sha256());
		int n = i2d_X509(x, &der);
		out[i] = hm_dup(&kept, hm_bytes(der, (size_t)n));
		OPENSSL_free(der);
		X509_free(x);
	}
	EVP_PKEY_free(key);
}

/* Nobody but the issuer, whose key is not known here, can call the certificate good or revoked, or
 * make a list. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct hm_str der[2];
	HM_AUTO_CX cx = HM_CX(64 << 20);
	CRYPTO_AUTO_CHAIN c = { 0 };
	enum crypto_revocation state;
	struct hm_str why;
	if (!der[0].n)
		make(der);
	answer = hm_bytes(data, size);
	if (crypto_chain_from_der(&cx, der, 2, &c))
		abort();
	struct crypto_revocation_terms terms = { .fetch = { fetch, NULL }, .now = 1700000000 };
	if (crypto_revocation_check(&cx, &c, &terms, &state, &why))
		return 0;
	if (state != CRYPTO_UNKNOWN)
		abort();
	struct crypto_revocation_list list;
	if (!crypto_revocation_list(&cx, answer, &c, 1700000000, &list))
		abort();
	return 0;
}
