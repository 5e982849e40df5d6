/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chain.h - what the files of crypto/ share about certificates.
 */
#ifndef CRYPTO_CHAIN_H
#define CRYPTO_CHAIN_H

#include <openssl/x509v3.h>

#include "crypto/crypto.h"

static inline X509 *crypto_chain_at(const struct crypto_chain *c, size_t i)
{
	return c->x509[i];
}

/* What the leaf is for decides which rules it must meet. */
enum crypto_purpose { CRYPTO_CODE_SIGNING, CRYPTO_TIMESTAMPING };

HM_MUST hm_err crypto_chain_check_for(struct hm_cx *cx, const struct crypto_chain *c,
				      enum crypto_purpose purpose);

/* Is certificate `by` a CA, and has it signed certificate i, which names it? */
bool crypto_chain_issued_by(const struct crypto_chain *c, size_t i, size_t by);

/* Something about certificates that depends on their bytes alone, by its digest (proven.c). */
enum crypto_statement_kind {
	CRYPTO_IS_SIGNED_BY, /* the first certificate, with the key of the second, by what may be
				used */
	CRYPTO_FITS_KEY_OF,  /* the same by any algorithm that OpenSSL believes */
	CRYPTO_KEEPS_CODE_SIGNING_RULES,
	CRYPTO_KEEPS_TIMESTAMPING_RULES,
};
struct crypto_statement {
	uint8_t digest[32];
};
/* About those certificates, in that order: their DER, or the digests of it, one kind always the
 * same way. */
struct crypto_statement crypto_statement(enum crypto_statement_kind kind,
					 const struct hm_str *certificates, size_t n);
/* Has it been found true by this process, and is still remembered? */
bool crypto_is_proven(const struct crypto_statement *s);
void crypto_keep_proven(const struct crypto_statement *s);

/* The certificate that begins `der`, if it was parsed lately, to be freed by the caller; *out_n is
 * its length. NULL: it is to be parsed. And one that was parsed from exactly these bytes, and stays
 * the caller's: nobody changes it any more. */
X509 *crypto_parsed_recall(struct hm_str der, size_t *out_n);
void crypto_parsed_keep(struct hm_str der, X509 *x);

/* What follows from certificate i's bytes; good as long as the certificate and cx both are. */
struct crypto_details {
	struct crypto_certificate_info info;
	bool has_times;          /* else one of info's times is malformed */
	enum crypto_alg key_alg; /* 0: its key is for none */
	bool has_subject;        /* else the subject names nobody: crypto_subject_read() says why */
	struct crypto_attribute *subject;
	size_t subject_n;
};
const struct crypto_details *crypto_details(struct hm_cx *cx, const struct crypto_chain *c,
					    size_t i);

/* The name of the algorithm of a key that hashes nothing itself (ML-DSA-65, SLH-DSA-...), as chains
 * may have it. NULL: the key is of another kind. */
const char *crypto_pure_kind(const EVP_PKEY *key);

/* What crypto_certificate_subject() is about, read anew. */
HM_MUST hm_err crypto_subject_read(struct hm_cx *cx, const X509_NAME *name,
				   struct crypto_attribute **out, size_t *out_n);

/* A name as text (RFC 4514), most specific first. */
struct hm_str crypto_name_text(struct hm_cx *cx, const X509_NAME *name);
/* Do the two names have the same bytes? */
bool crypto_name_equal(const X509_NAME *a, const X509_NAME *b);
/* A certificate's public key, SubjectPublicKeyInfo in DER. HM_INPUT. */
HM_MUST hm_err crypto_certificate_spki(struct hm_cx *cx, X509 *x, struct hm_str *out);
/* For X509_STORE_set_verify_cb(): a certificate is valid in its last second, too (RFC 5280,
 * 4.1.2.5), which OpenSSL does not think. */
int crypto_allow_last_second(int ok, X509_STORE_CTX *path);
/* Seconds since 1970 of a time. HM_INPUT: malformed. */
HM_MUST hm_err crypto_time(struct hm_cx *cx, const ASN1_TIME *t, int64_t *out);
/* A chain of `stack`'s certificates, which stay the caller's. */
HM_MUST hm_err crypto_chain_from_stack(struct hm_cx *cx, STACK_OF(X509) * stack,
				       struct crypto_chain *out);

/* One certificate's state by either way. *out_why where it is not good. */
struct crypto_asking {
	X509 *certificate, *issuer;
	struct crypto_fetch fetch;
	int64_t now, signing_time;
};
/* What may be taken from the cache: nothing where `anew` is set. `used` becomes true once something
 * was. */
struct crypto_memory {
	bool anew;
	bool used;
};
/*
 * Gets the answer to a question, from the cache or anew, that `take` accepts. A new answer is kept
 * where take() says so. The fault is that of the new answer.
 */
struct crypto_taker {
	HM_MUST hm_err (*take)(struct hm_cx *cx, void *arg, struct hm_str answer, bool *out_keep);
	void *arg;
};
HM_MUST hm_err crypto_ask(struct hm_cx *cx, const struct crypto_fetch *f,
			  const struct crypto_question *q, struct crypto_memory *m,
			  const struct crypto_taker *t);
/* Is it an address that revocation is asked about at? Only http is used: the answers are signed,
 * and whoever asks over TLS would have to ask about that certificate first. */
bool crypto_is_fetchable(struct hm_str url);
HM_MUST hm_err crypto_ocsp_check(struct hm_cx *cx, const struct crypto_asking *a,
				 enum crypto_revocation *out, struct hm_str *out_why);
HM_MUST hm_err crypto_crl_check(struct hm_cx *cx, const struct crypto_asking *a,
				enum crypto_revocation *out, struct hm_str *out_why);

#endif
