/* SPDX-License-Identifier: Apache-2.0 */
/*
 * key.h - what the files of crypto/ share about OpenSSL's keys.
 */
#ifndef CRYPTO_KEY_H
#define CRYPTO_KEY_H

#include <openssl/bio.h>
#include <openssl/evp.h>

#include "crypto/crypto.h"

/* The algorithm that a key's kind and size fix. HM_INPUT: none in the table. */
HM_MUST hm_err crypto_key_alg(struct hm_cx *cx, EVP_PKEY *pkey, enum crypto_alg *out);
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
