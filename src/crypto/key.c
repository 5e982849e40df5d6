/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/key.h"

#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <pthread.h>
#include <stdlib.h>

/* What a row of crypto_alg_rows[] is to OpenSSL. */
struct primitive {
	int bits;          /* of the modulus or the group */
	const char *group; /* NULL: RSA */
	size_t half;       /* bytes of r and of s */
};

/* clang-format off */
static const struct primitive primitives[CRYPTO_ALGS] = {
	[CRYPTO_PS256] = { 2048, NULL,    0  },
	[CRYPTO_PS384] = { 3072, NULL,    0  },
	[CRYPTO_PS512] = { 4096, NULL,    0  },
	[CRYPTO_ES256] = { 256,  "P-256", 32 },
	[CRYPTO_ES384] = { 384,  "P-384", 48 },
	[CRYPTO_ES512] = { 521,  "P-521", 66 },
};
/* clang-format on */

hm_err crypto_fail(struct hm_cx *cx, enum hm_code code, const char *what)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());
	ERR_clear_error();
	return reason ? hm_fail(cx, code, "%s: %s", what, reason) : hm_fail(cx, code, "%s", what);
}

struct hm_str crypto_bio_bytes(struct hm_cx *cx, BIO *bio)
{
	char *p = NULL;
	long n = BIO_get_mem_data(bio, &p);
	return hm_dup(cx, hm_bytes(p, n > 0 ? (size_t)n : 0));
}

hm_err crypto_key_alg(struct hm_cx *cx, EVP_PKEY *pkey, enum crypto_alg *out)
{
	bool rsa = EVP_PKEY_is_a(pkey, "RSA"), ec = EVP_PKEY_is_a(pkey, "EC");
	char group[32] = "";
	if (!rsa && !ec)
		return hm_fail(cx, HM_INPUT, "the key is neither RSA nor elliptic-curve");
	if (ec && !EVP_PKEY_get_group_name(pkey, group, sizeof(group), NULL))
		return crypto_fail(cx, HM_INPUT, "the key has no named curve");
	int bits = (EVP_PKEY_get_bits(pkey) + 7) / 8 * 8;
	for (size_t i = 1; i < CRYPTO_ALGS; i++) {
		const struct primitive *p = &primitives[i];
		if (rsa && !p->group && p->bits == bits) {
			*out = (enum crypto_alg)i;
			return NULL;
		}
		if (ec && p->group && OBJ_sn2nid(group) == EC_curve_nist2nid(p->group)) {
			*out = (enum crypto_alg)i;
			return NULL;
		}
	}
	if (ec)
		return hm_fail(cx, HM_INPUT, "keys on curve \"%s\" are not supported", group);
	return hm_fail(cx, HM_INPUT, "RSA keys of %d bits are not supported", bits);
}

void crypto_key_done(struct crypto_key *k)
{
	EVP_PKEY_free(k->pkey);
	k->pkey = NULL;
}

/* OpenSSL would ask the terminal for a passphrase. */
static int no_passphrase(char *room, int n, int writing, void *arg)
{
	(void)writing;
	(void)arg;
	hm_wipe(room, n > 0 ? (size_t)n : 0);
	return -1;
}

static bool is_encrypted(struct hm_str pem)
{
	return hm_find(pem, HM_STR("ENCRYPTED")) != SIZE_MAX;
}

hm_err crypto_private_key_parse(struct hm_cx *cx, struct hm_str pem, void **out)
{
	if (pem.n > HM_MAX_CERTIFICATE_FILE)
		return hm_fail(cx, HM_LIMIT, "the key file is too large");
	CRYPTO_AUTO_BIO bio = BIO_new_mem_buf(pem.n ? pem.p : "", (int)pem.n);
	EVP_PKEY *pkey = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL) : NULL;
	if (!pkey && is_encrypted(pem)) {
		ERR_clear_error();
		return hm_fail(cx, HM_INPUT,
			       "the key is encrypted; keys with a passphrase are not supported");
	}
	if (!pkey)
		return crypto_fail(cx, HM_INPUT, "not a private key in PEM");
	*out = pkey;
	return NULL;
}

/* Its decoders leave keys in what they free. */
static void *memory_take(size_t n, const char *file, int line)
{
	(void)file, (void)line;
	return n ? malloc(n) : NULL; /* lint: library memory */
}

static void *memory_resize(void *p, size_t n, const char *file, int line)
{
	(void)file, (void)line;
	if (n)
		return hm_secret_realloc(p, n);
	hm_secret_free(p);
	return NULL;
}

static void memory_give(void *p, const char *file, int line)
{
	(void)file, (void)line;
	hm_secret_free(p);
}

bool crypto_start(void)
{
	return CRYPTO_set_mem_functions(memory_take, memory_resize, memory_give) == 1;
}

/* Room for some dozens of keys and what is computed with them; its smallest piece. */
enum { SECURE_HEAP = 256 * 1024, SECURE_LEAST = 32 };

static void start_secure_heap(void)
{
	hm_secret_hide_process();
	if (CRYPTO_secure_malloc_init(SECURE_HEAP, SECURE_LEAST) != 1)
		hm_log(NULL, HM_LOG_DEBUG, "private keys are not locked in memory", NULL);
}

static void need_secure_heap(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, start_secure_heap);
}

hm_err crypto_key_parse(struct hm_cx *cx, struct hm_str pem, struct crypto_key *out)
{
	struct crypto_key k = { 0 };
	need_secure_heap();
	HM_TRY(crypto_private_key_parse(cx, pem, &k.pkey));
	hm_err err = crypto_key_alg(cx, k.pkey, &k.alg);
	if (err) {
		crypto_key_done(&k);
		return err;
	}
	*out = k;
	return NULL;
}

hm_err crypto_key_generate(struct hm_cx *cx, enum crypto_alg alg, struct crypto_key *out)
{
	const struct primitive *p = &primitives[alg];
	need_secure_heap();
	EVP_PKEY *pkey = p->group ? EVP_EC_gen(p->group) : EVP_RSA_gen((unsigned)p->bits);
	if (!pkey)
		return crypto_fail(cx, HM_SYSTEM, "could not make a key");
	*out = (struct crypto_key){ pkey, alg };
	return NULL;
}

hm_err crypto_key_pem(struct hm_cx *cx, const struct crypto_key *k, struct hm_secret *out)
{
	char *p = NULL;
	CRYPTO_AUTO_BIO bio = BIO_new(BIO_s_secmem());
	if (!bio || !PEM_write_bio_PKCS8PrivateKey(bio, k->pkey, NULL, NULL, 0, NULL, NULL))
		return crypto_fail(cx, HM_SYSTEM, "could not write the key");
	long n = BIO_get_mem_data(bio, &p);
	*out = hm_secret_of(hm_bytes(p, n > 0 ? (size_t)n : 0));
	return NULL;
}

static void free_md_ctx(EVP_MD_CTX **ctx)
{
	EVP_MD_CTX_free(*ctx);
}

/* RFC 7518, 3.5: the salt is as long as the digest, MGF1 with the same digest. */
static bool set_padding(EVP_PKEY_CTX *ctx, enum crypto_alg alg)
{
	if (primitives[alg].group)
		return true;
	return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) > 0 &&
	       EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) > 0;
}

static const char *digest_name(enum crypto_alg alg)
{
	return crypto_digest_rows[crypto_alg_rows[alg].digest].name;
}

/* RFC 7518, 3.4: r and s as unsigned big-endian numbers of the group's size. */
static bool ecdsa_to_raw(struct hm_str der, size_t half, unsigned char *raw)
{
	const unsigned char *at = (const unsigned char *)der.p;
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &at, (long)der.n);
	bool ok = sig && BN_bn2binpad(ECDSA_SIG_get0_r(sig), raw, (int)half) == (int)half &&
		  BN_bn2binpad(ECDSA_SIG_get0_s(sig), raw + half, (int)half) == (int)half;
	ECDSA_SIG_free(sig);
	return ok;
}

static bool ecdsa_from_raw(struct hm_cx *cx, struct hm_str raw, struct hm_str *out)
{
	int half = (int)(raw.n / 2);
	ECDSA_SIG *sig = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn((const unsigned char *)raw.p, half, NULL);
	BIGNUM *s = BN_bin2bn((const unsigned char *)raw.p + half, half, NULL);
	if (!sig || !r || !s || !ECDSA_SIG_set0(sig, r, s)) {
		BN_free(r);
		BN_free(s);
		ECDSA_SIG_free(sig);
		return false;
	}
	unsigned char *der = NULL;
	int n = i2d_ECDSA_SIG(sig, &der);
	ECDSA_SIG_free(sig);
	if (n <= 0)
		return false;
	*out = hm_dup(cx, hm_bytes(der, (size_t)n));
	OPENSSL_free(der);
	return true;
}

hm_err crypto_sign(struct hm_cx *cx, const struct crypto_key *k, struct hm_str bytes,
		   struct hm_str *out)
{
	HM_CLEANUP(free_md_ctx) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pctx = NULL;
	size_t n = 0;
	const unsigned char *p = (const unsigned char *)(bytes.n ? bytes.p : "");
	if (!ctx ||
	    EVP_DigestSignInit_ex(ctx, &pctx, digest_name(k->alg), NULL, NULL, k->pkey, NULL) <=
		    0 ||
	    !set_padding(pctx, k->alg) || EVP_DigestSign(ctx, NULL, &n, p, bytes.n) <= 0)
		return crypto_fail(cx, HM_SYSTEM, "could not sign");
	unsigned char *sig = hm_alloc(cx, n, 1, 1);
	if (EVP_DigestSign(ctx, sig, &n, p, bytes.n) <= 0)
		return crypto_fail(cx, HM_SYSTEM, "could not sign");
	size_t half = primitives[k->alg].half;
	if (!half) {
		*out = hm_bytes(sig, n);
		return NULL;
	}
	unsigned char *raw = hm_alloc(cx, 2 * half, 1, 1);
	if (!ecdsa_to_raw(hm_bytes(sig, n), half, raw))
		return crypto_fail(cx, HM_SYSTEM, "could not sign");
	*out = hm_bytes(raw, 2 * half);
	return NULL;
}

hm_err crypto_verify(struct hm_cx *cx, const struct crypto_key *k, enum crypto_alg alg,
		     struct hm_str bytes, struct hm_str signature)
{
	if (k->alg != alg)
		return hm_fail(cx, HM_TRUST, "the signature is %s, but the key is for %s",
			       crypto_alg_rows[alg].jws, crypto_alg_rows[k->alg].jws);
	size_t half = primitives[alg].half;
	if (half && signature.n != 2 * half)
		return hm_fail(cx, HM_TRUST, "the signature has %zu bytes instead of %zu",
			       signature.n, 2 * half);
	if (half && !ecdsa_from_raw(cx, signature, &signature))
		return crypto_fail(cx, HM_TRUST, "the signature is malformed");
	HM_CLEANUP(free_md_ctx) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pctx = NULL;
	if (!ctx ||
	    EVP_DigestVerifyInit_ex(ctx, &pctx, digest_name(alg), NULL, NULL, k->pkey, NULL) <= 0 ||
	    !set_padding(pctx, alg))
		return crypto_fail(cx, HM_SYSTEM, "could not verify");
	if (EVP_DigestVerify(ctx, (const unsigned char *)signature.p, signature.n,
			     (const unsigned char *)(bytes.n ? bytes.p : ""), bytes.n) != 1) {
		ERR_clear_error();
		return hm_fail(cx, HM_TRUST, "the signature does not match");
	}
	return NULL;
}
