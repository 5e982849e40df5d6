/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/crypto.h"

#include <pthread.h>
#include <stdlib.h>

#include "crypto/key.h"

/* clang-format off */
const struct crypto_digest_row crypto_digest_rows[CRYPTO_DIGESTS] = {
	[CRYPTO_SHA256] = { "sha256", 32 },
	[CRYPTO_SHA384] = { "sha384", 48 },
	[CRYPTO_SHA512] = { "sha512", 64 },
	[CRYPTO_SHA1]   = { "sha1",   20 },
};
/* clang-format on */

static EVP_MD *fetched[CRYPTO_DIGESTS];
static pthread_once_t fetched_once = PTHREAD_ONCE_INIT;

/* Looking an algorithm up by name on each start costs more than hashing a small file. */
static void fetch_all(void)
{
	(void)crypto_has_few();
	for (size_t i = 0; i < CRYPTO_DIGESTS; i++) {
		fetched[i] = EVP_MD_fetch(NULL, crypto_digest_rows[i].name, NULL);
		if (!fetched[i])
			abort();
	}
}

const EVP_MD *crypto_digest_md(enum crypto_digest alg)
{
	pthread_once(&fetched_once, fetch_all);
	return fetched[alg];
}

void crypto_hash_start(struct crypto_hash *h, enum crypto_digest alg)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	if (!ctx || !EVP_DigestInit_ex2(ctx, crypto_digest_md(alg), NULL))
		abort();
	*h = (struct crypto_hash){ ctx, alg };
}

void crypto_hash_add(struct crypto_hash *h, struct hm_str bytes)
{
	if (bytes.n && !EVP_DigestUpdate(h->state, bytes.p, bytes.n))
		abort();
}

size_t crypto_hash_end(struct crypto_hash *h, uint8_t *out)
{
	unsigned n = 0;
	if (!EVP_DigestFinal_ex(h->state, out, &n) ||
	    !EVP_DigestInit_ex2(h->state, fetched[h->alg], NULL))
		abort();
	return n;
}

void crypto_hash_done(struct crypto_hash *h)
{
	EVP_MD_CTX_free(h->state);
	h->state = NULL;
}

static size_t digest_once(enum crypto_digest alg, struct hm_str bytes, uint8_t *out)
{
	unsigned n = 0;
	if (!EVP_Digest(bytes.n ? bytes.p : "", bytes.n, out, &n, crypto_digest_md(alg), NULL))
		abort();
	return n;
}

static struct hm_str digest_words(struct hm_cx *cx, enum crypto_digest alg, const uint8_t *raw,
				  size_t n)
{
	struct hm_str hex = hm_hex(cx, hm_bytes(raw, n));
	return hm_fmt(cx, "%s:%s", crypto_digest_rows[alg].name, hex.p);
}

void crypto_hash_add_part(struct crypto_hash *h, struct hm_str part)
{
	uint8_t length[8];
	for (size_t i = 0; i < sizeof(length); i++)
		length[i] = (uint8_t)((uint64_t)part.n >> 8 * i);
	crypto_hash_add(h, hm_bytes(length, sizeof(length)));
	crypto_hash_add(h, part);
}

struct hm_str crypto_digest_text(struct hm_cx *cx, enum crypto_digest alg, struct hm_str bytes)
{
	uint8_t raw[CRYPTO_DIGEST_MAX];
	return digest_words(cx, alg, raw, digest_once(alg, bytes, raw));
}

struct hm_str crypto_hash_text(struct hm_cx *cx, struct crypto_hash *h)
{
	uint8_t raw[CRYPTO_DIGEST_MAX];
	return digest_words(cx, h->alg, raw, crypto_hash_end(h, raw));
}

struct hm_str crypto_digest_raw(struct hm_cx *cx, enum crypto_digest alg, struct hm_str bytes)
{
	uint8_t raw[CRYPTO_DIGEST_MAX];
	return hm_dup(cx, hm_bytes(raw, digest_once(alg, bytes, raw)));
}

hm_err crypto_md5_hex(struct hm_cx *cx, struct hm_str bytes, struct hm_str *out)
{
	uint8_t raw[CRYPTO_DIGEST_MAX];
	size_t n = 0;
	crypto_need_all();
	if (!EVP_Q_digest(NULL, "MD5", NULL, bytes.n ? bytes.p : "", bytes.n, raw, &n))
		return hm_fail(cx, HM_SYSTEM, "there is no MD5 in this OpenSSL");
	*out = hm_hex(cx, hm_bytes(raw, n));
	return NULL;
}
