/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/key.h"

#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <stdlib.h>

/* clang-format off */
static const struct crypto_primitive primitives[CRYPTO_ALGS] = {
	[CRYPTO_PS256]     = { CRYPTO_PSS,       "RSA",       2048, NULL,    0  },
	[CRYPTO_PS384]     = { CRYPTO_PSS,       "RSA",       3072, NULL,    0  },
	[CRYPTO_PS512]     = { CRYPTO_PSS,       "RSA",       4096, NULL,    0  },
	[CRYPTO_ES256]     = { CRYPTO_ECDSA_RAW, "EC",        256,  "P-256", 32 },
	[CRYPTO_ES384]     = { CRYPTO_ECDSA_RAW, "EC",        384,  "P-384", 48 },
	[CRYPTO_ES512]     = { CRYPTO_ECDSA_RAW, "EC",        521,  "P-521", 66 },
	[CRYPTO_ES256_DER] = { CRYPTO_ECDSA_DER, "EC",        256,  "P-256", 0  },
	[CRYPTO_ES384_DER] = { CRYPTO_ECDSA_DER, "EC",        384,  "P-384", 0  },
	[CRYPTO_ES512_DER] = { CRYPTO_ECDSA_DER, "EC",        521,  "P-521", 0  },
	[CRYPTO_ED25519]   = { CRYPTO_PURE,      "ED25519",   256,  NULL,    0  },
	[CRYPTO_RS256]     = { CRYPTO_PKCS1,     "RSA",       2048, NULL,    0  },
	[CRYPTO_RS384]     = { CRYPTO_PKCS1,     "RSA",       2048, NULL,    0  },
	[CRYPTO_RS512]     = { CRYPTO_PKCS1,     "RSA",       2048, NULL,    0  },
	[CRYPTO_RS1]       = { CRYPTO_PKCS1,     "RSA",       2048, NULL,    0  },
	[CRYPTO_MLDSA44]   = { CRYPTO_PURE,      "ML-DSA-44", 0,    NULL,    0  },
	[CRYPTO_MLDSA65]   = { CRYPTO_PURE,      "ML-DSA-65", 0,    NULL,    0  },
	[CRYPTO_MLDSA87]   = { CRYPTO_PURE,      "ML-DSA-87", 0,    NULL,    0  },
	[CRYPTO_SLHDSA_SHA2_128S] = { CRYPTO_PURE, "SLH-DSA-SHA2-128s", 0, NULL, 0 },
	[CRYPTO_SLHDSA_SHA2_128F] = { CRYPTO_PURE, "SLH-DSA-SHA2-128f", 0, NULL, 0 },
	[CRYPTO_SLHDSA_SHA2_192S] = { CRYPTO_PURE, "SLH-DSA-SHA2-192s", 0, NULL, 0 },
	[CRYPTO_SLHDSA_SHA2_192F] = { CRYPTO_PURE, "SLH-DSA-SHA2-192f", 0, NULL, 0 },
	[CRYPTO_SLHDSA_SHA2_256S] = { CRYPTO_PURE, "SLH-DSA-SHA2-256s", 0, NULL, 0 },
	[CRYPTO_SLHDSA_SHA2_256F] = { CRYPTO_PURE, "SLH-DSA-SHA2-256f", 0, NULL, 0 },
	[CRYPTO_SLHDSA_SHAKE_128S] = { CRYPTO_PURE, "SLH-DSA-SHAKE-128s", 0, NULL, 0 },
	[CRYPTO_SLHDSA_SHAKE_128F] = { CRYPTO_PURE, "SLH-DSA-SHAKE-128f", 0, NULL, 0 },
	[CRYPTO_SLHDSA_SHAKE_192S] = { CRYPTO_PURE, "SLH-DSA-SHAKE-192s", 0, NULL, 0 },
	[CRYPTO_SLHDSA_SHAKE_192F] = { CRYPTO_PURE, "SLH-DSA-SHAKE-192f", 0, NULL, 0 },
	[CRYPTO_SLHDSA_SHAKE_256S] = { CRYPTO_PURE, "SLH-DSA-SHAKE-256s", 0, NULL, 0 },
	[CRYPTO_SLHDSA_SHAKE_256F] = { CRYPTO_PURE, "SLH-DSA-SHAKE-256f", 0, NULL, 0 },
};
/* clang-format on */

const struct crypto_primitive *crypto_primitive(enum crypto_alg alg)
{
	return &primitives[alg];
}

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

/* Is the key one that the algorithm is for? */
static bool suits_algorithm(EVP_PKEY *pkey, const struct crypto_primitive *p)
{
	char group[32] = "";
	if (!EVP_PKEY_is_a(pkey, p->kind))
		return false;
	if (p->group)
		return EVP_PKEY_get_group_name(pkey, group, sizeof(group), NULL) &&
		       OBJ_sn2nid(group) == EC_curve_nist2nid(p->group);
	if (p->scheme == CRYPTO_PSS)
		return (EVP_PKEY_get_bits(pkey) + 7) / 8 * 8 == p->bits;
	return EVP_PKEY_get_bits(pkey) >= p->bits;
}

hm_err crypto_key_alg(struct hm_cx *cx, EVP_PKEY *pkey, enum crypto_alg *out)
{
	char group[32] = "";
	for (size_t i = 1; i < CRYPTO_ALGS; i++)
		if (crypto_alg_rows[i].cli && suits_algorithm(pkey, &primitives[i])) {
			*out = (enum crypto_alg)i;
			return NULL;
		}
	ERR_clear_error();
	if (EVP_PKEY_is_a(pkey, "RSA"))
		return hm_fail(cx, HM_INPUT, "RSA keys of %d bits are not supported",
			       (EVP_PKEY_get_bits(pkey) + 7) / 8 * 8);
	if (!EVP_PKEY_is_a(pkey, "EC")) {
		const char *kind = EVP_PKEY_get0_type_name(pkey);
		return hm_fail(cx, HM_INPUT, "keys of kind %s are not supported",
			       kind ? kind : "unknown");
	}
	if (!EVP_PKEY_get_group_name(pkey, group, sizeof(group), NULL))
		return crypto_fail(cx, HM_INPUT, "the key has no named curve");
	return hm_fail(cx, HM_INPUT, "keys on curve \"%s\" are not supported", group);
}

void crypto_key_done(struct crypto_key *k)
{
	EVP_PKEY_free(k->pkey);
	k->pkey = NULL;
}

int crypto_no_passphrase(char *room, int n, int writing, void *arg)
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

hm_err crypto_private_key_parse(struct hm_cx *cx, struct hm_str pem, EVP_PKEY **out)
{
	if (pem.n > HM_MAX_CERTIFICATE_FILE)
		return hm_fail(cx, HM_LIMIT, "the key file is too large");
	crypto_need_all();
	CRYPTO_AUTO_BIO bio = BIO_new_mem_buf(pem.n ? pem.p : "", (int)pem.n);
	EVP_PKEY *pkey =
		bio ? PEM_read_bio_PrivateKey(bio, NULL, crypto_no_passphrase, NULL) : NULL;
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
	uint64_t how = OPENSSL_INIT_NO_ATEXIT;
	if (CRYPTO_set_mem_functions(memory_take, memory_resize, memory_give) != 1)
		return false;
	if (!getenv("OPENSSL_CONF"))
		how |= OPENSSL_INIT_NO_LOAD_CONFIG;
	OPENSSL_init_crypto(how, NULL);
	return true;
}

void crypto_start_signing(void)
{
	/* with the usual one, CTR-DRBG, OpenSSL looks up all of its ciphers first */
	if (!getenv("OPENSSL_CONF"))
		(void)RAND_set_DRBG_type(NULL, "HASH-DRBG", NULL, NULL, "SHA256");
	ERR_clear_error();
}

void crypto_start_without_ciphers(void)
{
	if (!getenv("OPENSSL_CONF"))
		OPENSSL_init_crypto(OPENSSL_INIT_NO_ADD_ALL_CIPHERS, NULL);
}

bool crypto_is_fresh(void)
{
	return !getenv("OPENSSL_CONF") && !CRYPTO_secure_malloc_initialized();
}

/* Room for some dozens of keys and what is computed with them; its smallest piece. */
enum { SECURE_HEAP = 256 * 1024, SECURE_LEAST = 32 };

static void start_secure_heap(void)
{
	hm_secret_hide_process();
	if (CRYPTO_secure_malloc_init(SECURE_HEAP, SECURE_LEAST) != 1)
		hm_log(NULL, HM_LOG_DEBUG, "private keys are not locked in memory", NULL);
}

void crypto_need_secure_heap(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, start_secure_heap);
}

hm_err crypto_key_parse(struct hm_cx *cx, struct hm_str pem, struct crypto_key *out)
{
	struct crypto_key k = { 0 };
	crypto_need_secure_heap();
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
	const struct crypto_primitive *p = &primitives[alg];
	if (crypto_alg_rows[alg].status != CRYPTO_ALLOWED)
		return hm_fail(cx, HM_USAGE, "nobody signs with algorithm %s any more",
			       crypto_alg_rows[alg].name);
	crypto_need_all();
	crypto_need_secure_heap();
	EVP_PKEY *pkey = p->group                  ? EVP_EC_gen(p->group)
			 : p->scheme == CRYPTO_PSS ? EVP_RSA_gen((unsigned)p->bits)
						   : EVP_PKEY_Q_keygen(NULL, NULL, p->kind);
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

static EVP_PKEY *parse_spki(struct hm_str der)
{
	const unsigned char *at = (const unsigned char *)der.p, *end = at + der.n;
	EVP_PKEY *pkey = der.n ? d2i_PUBKEY(NULL, &at, (long)der.n) : NULL;
	if (pkey && at == end)
		return pkey;
	EVP_PKEY_free(pkey);
	return NULL;
}

/* The usual PEM, without the decoder for PEM: it is not among the few, and what OpenSSL falls back
 * to makes keys of an older kind. */
static EVP_PKEY *parse_spki_pem(BIO *bio)
{
	char *name = NULL, *header = NULL;
	unsigned char *der = NULL;
	long n = 0;
	EVP_PKEY *pkey = NULL;
	if (PEM_read_bio(bio, &name, &header, &der, &n) == 1 && !*header &&
	    strcmp(name, PEM_STRING_PUBLIC) == 0)
		pkey = parse_spki(hm_bytes(der, (size_t)n));
	OPENSSL_free(name);
	OPENSSL_free(header);
	OPENSSL_free(der);
	return pkey;
}

static EVP_PKEY *parse_public_key(struct hm_str text, bool few)
{
	if (hm_find(text, HM_STR("-----BEGIN ")) == SIZE_MAX)
		return parse_spki(text);
	CRYPTO_AUTO_BIO bio = BIO_new_mem_buf(text.p, (int)text.n);
	if (!bio || few)
		return bio ? parse_spki_pem(bio) : NULL;
	return PEM_read_bio_PUBKEY(bio, NULL, crypto_no_passphrase, NULL);
}

static EVP_PKEY *read_public_key(struct hm_str text)
{
	bool few = crypto_has_few();
	EVP_PKEY *pkey = parse_public_key(text, few);
	if (pkey || !few)
		return pkey;
	crypto_need_all();
	ERR_clear_error();
	return parse_public_key(text, false);
}

hm_err crypto_public_key_own(struct hm_cx *cx, struct hm_str text, struct crypto_key *out)
{
	struct crypto_key k = { .pkey = text.n <= HM_MAX_CERTIFICATE_FILE ? read_public_key(text)
									  : NULL,
				.is_public = true };
	if (!k.pkey)
		return crypto_fail(cx, HM_INPUT, "not a public key");
	hm_err err = crypto_key_alg(cx, k.pkey, &k.alg);
	if (err) {
		crypto_key_done(&k);
		return err;
	}
	*out = k;
	return NULL;
}

hm_err crypto_public_key_parse(struct hm_cx *cx, struct hm_str text, enum crypto_alg alg,
			       struct crypto_key *out)
{
	if (text.n > HM_MAX_CERTIFICATE_FILE)
		return hm_fail(cx, HM_LIMIT, "the key file is too large");
	EVP_PKEY *pkey = read_public_key(text);
	if (!pkey)
		return crypto_fail(cx, HM_INPUT, "not a public key");
	if (!suits_algorithm(pkey, &primitives[alg])) {
		EVP_PKEY_free(pkey);
		return hm_fail(cx, HM_INPUT, "the key is not for algorithm %s",
			       crypto_alg_rows[alg].name);
	}
	*out = (struct crypto_key){ pkey, alg, true };
	return NULL;
}
