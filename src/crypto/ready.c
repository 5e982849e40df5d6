/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Contexts that verify with one key, set up once: a thousand signatures by one key share a few of
 * them. What is kept is only what a context is told before it sees a signature: the key and the
 * algorithm. The digest and the signature are given to it each time, and the answer is that of
 * OpenSSL each time.
 *
 * A context is used by one thread at a time: whoever uses it has taken it out of the table. It
 * holds its key, so that no other key can have that address meanwhile, and nobody changes a key
 * that was read. One that did not say yes is not used again. Only what was read as a public key is
 * kept: a private one is gone when its owner says so.
 */
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <pthread.h>

#include "crypto/key.h"

/* How many are kept; the next one replaces one of them in turn. */
enum { READY = 32 };

struct ready {
	EVP_PKEY_CTX *ctx; /* NULL: an empty place */
	const EVP_PKEY *pkey;
	enum crypto_alg alg;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct ready table[READY];
static size_t turn;

static EVP_PKEY_CTX *take(const EVP_PKEY *pkey, enum crypto_alg alg)
{
	EVP_PKEY_CTX *ctx = NULL;
	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < READY && !ctx; i++)
		if (table[i].ctx && table[i].pkey == pkey && table[i].alg == alg) {
			ctx = table[i].ctx;
			table[i] = (struct ready){ 0 };
		}
	pthread_mutex_unlock(&lock);
	return ctx;
}

static void keep(EVP_PKEY_CTX *ctx, const EVP_PKEY *pkey, enum crypto_alg alg)
{
	pthread_mutex_lock(&lock);
	size_t at = turn;
	for (size_t i = 0; i < READY; i++)
		if (!table[i].ctx)
			at = i;
	if (table[at].ctx)
		turn = (turn + 1) % READY;
	struct ready old = table[at];
	table[at] = (struct ready){ ctx, pkey, alg };
	pthread_mutex_unlock(&lock);
	EVP_PKEY_CTX_free(old.ctx);
}

/* RFC 7518, 3.5: the salt is as long as the digest, MGF1 with the same digest. */
bool crypto_set_padding(EVP_PKEY_CTX *ctx, enum crypto_alg alg)
{
	enum crypto_scheme scheme = crypto_primitive(alg)->scheme;
	if (scheme == CRYPTO_PKCS1)
		return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) > 0;
	return scheme != CRYPTO_PSS ||
	       (EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) > 0 &&
		EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) > 0);
}

static EVP_PKEY_CTX *set_up(EVP_PKEY *pkey, enum crypto_alg alg)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pkey, NULL);
	if (ctx && EVP_PKEY_verify_init(ctx) > 0 && crypto_set_padding(ctx, alg) &&
	    EVP_PKEY_CTX_set_signature_md(ctx, crypto_digest_md(crypto_alg_rows[alg].digest)) > 0)
		return ctx;
	EVP_PKEY_CTX_free(ctx);
	return NULL;
}

hm_err crypto_check_digest(struct hm_cx *cx, const struct crypto_key *k, enum crypto_alg alg,
			   struct hm_str digest, struct hm_str signature)
{
	EVP_PKEY_CTX *ctx = k->is_public ? take(k->pkey, alg) : NULL;
	if (!ctx)
		ctx = set_up(k->pkey, alg);
	if (!ctx)
		return crypto_fail(cx, HM_SYSTEM, "could not verify");
	bool good = EVP_PKEY_verify(ctx, (const unsigned char *)signature.p, signature.n,
				    (const unsigned char *)digest.p, digest.n) == 1;
	if (good && k->is_public)
		keep(ctx, k->pkey, alg);
	else
		EVP_PKEY_CTX_free(ctx);
	if (good)
		return NULL;
	ERR_clear_error();
	return hm_fail(cx, HM_TRUST, "the signature does not match");
}
