/* SPDX-License-Identifier: Apache-2.0 */
/*
 * key.h - what the files of crypto/ share about OpenSSL's keys.
 */
#ifndef CRYPTO_KEY_H
#define CRYPTO_KEY_H

#include <openssl/bio.h>
#include <openssl/evp.h>

#include "crypto/crypto.h"

/* How an algorithm signs. */
enum crypto_scheme {
	CRYPTO_PSS,
	CRYPTO_PKCS1,
	CRYPTO_ECDSA_RAW,
	CRYPTO_ECDSA_DER,
	CRYPTO_PURE /* it has its own digest */
};
/* What a row of crypto_alg_rows[] is to OpenSSL. */
struct crypto_primitive {
	enum crypto_scheme scheme;
	const char *kind;  /* of the key */
	int bits;          /* of the modulus or the group; PKCS #1: at the least */
	const char *group; /* NULL: it has none */
	size_t half;       /* of CRYPTO_ECDSA_RAW: bytes of r and of s */
};
const struct crypto_primitive *crypto_primitive(enum crypto_alg alg);

/* The algorithm that a key's kind and size fix in chains that sign content. HM_INPUT: none. */
HM_MUST hm_err crypto_key_alg(struct hm_cx *cx, EVP_PKEY *pkey, enum crypto_alg *out);
/* OpenSSL's digest, looked up once. */
const EVP_MD *crypto_digest_md(enum crypto_digest alg);
/* As the algorithm wants it; nothing where it is not RSA's. */
bool crypto_set_padding(EVP_PKEY_CTX *ctx, enum crypto_alg alg);
/* Is `signature`, in OpenSSL's form, one of that digest? The algorithm is one that hashes first,
 * and the digest its own. HM_TRUST: it is not. */
HM_MUST hm_err crypto_check_digest(struct hm_cx *cx, const struct crypto_key *k,
				   enum crypto_alg alg, struct hm_str digest,
				   struct hm_str signature);
/* For what is read as PEM: OpenSSL would ask the terminal for a passphrase. */
int crypto_no_passphrase(char *room, int n, int writing, void *arg);
/* May what cannot be read now be read after crypto_need_all()? Asked before OpenSSL is used. */
bool crypto_has_few(void);
/* Before a private key is read or made. */
void crypto_need_secure_heap(void);
/* hm_fail() with OpenSSL's reason behind the sentence; empties its error queue. */
HM_MUST hm_err crypto_fail(struct hm_cx *cx, enum hm_code code, const char *what);
/* A memory BIO's bytes, in the arena. */
struct hm_str crypto_bio_bytes(struct hm_cx *cx, BIO *bio);

static inline void crypto_free_bio(BIO **b)
{
	BIO_free_all(*b);
}
#define CRYPTO_AUTO_BIO HM_CLEANUP(crypto_free_bio) BIO *

#endif
