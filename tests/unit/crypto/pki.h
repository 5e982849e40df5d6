/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pki.h - a small certificate authority for tests: certificates and revocation lists to measure.
 */
#ifndef TESTS_CRYPTO_PKI_H
#define TESTS_CRYPTO_PKI_H

#include <openssl/evp.h>
#include <openssl/ocsp.h>
#include <openssl/x509v3.h>

#include "crypto/crypto.h"
#include "unit.h"

enum { PKI_NOW = 1700000000 };

struct pki_cert {
	X509 *x;
	EVP_PKEY *key;
};

/* What a certificate is to be; extensions are in OpenSSL's configuration language. */
struct pki_want {
	const char *cn;
	const char *usage, *constraints, *extended, *crl, *ocsp, *freshest; /* NULL: none */
	const char *names, *policy;
	const char *unknown;  /* value of an extension that nobody knows */
	const char *sections; /* of OpenSSL's configuration, which the values may name */
	const char *group;    /* NULL: P-256 */
	const char *kind;     /* of its key, which signs bytes as they are: "ML-DSA-65" */
	const EVP_MD *md;     /* NULL: SHA-256, or none where the key takes none */
	long serial;
	int64_t from, to; /* 0: a day around PKI_NOW */
};

/* An extension in OpenSSL's configuration language. */
static inline X509_EXTENSION *pki_extension(int nid, const char *value, const char *sections)
{
	X509V3_CTX ctx;
	CONF *conf = NCONF_new(NULL);
	BIO *text = BIO_new_mem_buf(sections ? sections : "", -1);
	assert_true(!sections || NCONF_load_bio(conf, text, NULL) == 1);
	X509V3_set_ctx(&ctx, NULL, NULL, NULL, NULL, 0);
	X509V3_set_nconf(&ctx, conf);
	X509_EXTENSION *e = X509V3_EXT_nconf_nid(conf, &ctx, nid, value);
	assert_non_null(e);
	BIO_free(text);
	NCONF_free(conf);
	return e;
}

static inline void pki_extend(X509 *x, int nid, const char *value, const char *sections)
{
	if (!value)
		return;
	X509_EXTENSION *e = pki_extension(nid, value, sections);
	assert_true(X509_add_ext(x, e, -1));
	X509_EXTENSION_free(e);
}

static inline EVP_PKEY *pki_key(const struct pki_want *w)
{
	return w->kind ? EVP_PKEY_Q_keygen(NULL, NULL, w->kind)
		       : EVP_EC_gen(w->group ? w->group : "P-256");
}

/* Issued by `by`, or by itself. */
static inline struct pki_cert pki_make(const struct pki_want *w, const struct pki_cert *by)
{
	struct pki_cert c = { X509_new(), pki_key(w) };
	EVP_PKEY *by_key = by ? by->key : c.key;
	const EVP_MD *md = EVP_PKEY_is_a(by_key, "EC") ? EVP_sha256() : NULL;
	assert_non_null(c.x);
	assert_non_null(c.key);
	X509_set_version(c.x, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(c.x), w->serial ? w->serial : 7);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(c.x), "CN", MBSTRING_UTF8,
				   (const unsigned char *)w->cn, -1, -1, 0);
	X509_set_issuer_name(c.x, X509_get_subject_name(by ? by->x : c.x));
	ASN1_TIME_set(X509_getm_notBefore(c.x), w->from ? w->from : PKI_NOW - 86400);
	ASN1_TIME_set(X509_getm_notAfter(c.x), w->to ? w->to : PKI_NOW + 86400);
	X509_set_pubkey(c.x, c.key);
	pki_extend(c.x, NID_basic_constraints, w->constraints, w->sections);
	pki_extend(c.x, NID_key_usage, w->usage, w->sections);
	pki_extend(c.x, NID_ext_key_usage, w->extended, w->sections);
	pki_extend(c.x, NID_crl_distribution_points, w->crl, w->sections);
	pki_extend(c.x, NID_info_access, w->ocsp, w->sections);
	pki_extend(c.x, NID_freshest_crl, w->freshest, w->sections);
	pki_extend(c.x, NID_name_constraints, w->names, w->sections);
	pki_extend(c.x, NID_policy_constraints, w->policy, w->sections);
	pki_extend(c.x,
		   OBJ_txt2nid("1.2.3.4.5.6") ? OBJ_txt2nid("1.2.3.4.5.6")
					      : OBJ_create("1.2.3.4.5.6", "unknown", "unknown"),
		   w->unknown, w->sections);
	assert_true(X509_sign(c.x, by_key, w->md ? w->md : md));
	return c;
}

static inline void pki_free(struct pki_cert *c)
{
	X509_free(c->x);
	EVP_PKEY_free(c->key);
}

static inline struct hm_str pki_der(struct hm_cx *cx, X509 *x)
{
	unsigned char *der = NULL;
	int n = i2d_X509(x, &der);
	assert_true(n > 0);
	struct hm_str s = hm_dup(cx, hm_bytes(der, (size_t)n));
	OPENSSL_free(der);
	return s;
}

#define PKI_LEAF .usage = "critical,digitalSignature"
#define PKI_CA   .usage = "critical,keyCertSign,cRLSign", .constraints = "critical,CA:TRUE"

#endif
