/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/signers/cosign_key.h"

#include <dlfcn.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "codec/base64.h"
#include "codec/json.h"

#define BEGIN     "-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----"
#define END       "-----END ENCRYPTED SIGSTORE PRIVATE KEY-----"
#define BEGIN_OLD "-----BEGIN ENCRYPTED COSIGN PRIVATE KEY-----"
#define END_OLD   "-----END ENCRYPTED COSIGN PRIVATE KEY-----"

/* crypto_secretbox_xsalsa20poly1305, and what Cosign asks of scrypt (RFC 7914). */
enum { KEY = 32, NONCE = 24, MAC = 16, SALT = 32, COST = 65536, BLOCK = 8, LANES = 1 };
enum { SCRYPT_MEMORY = 128 * TRUST_SCRYPT_MAX + 32 * 1024 * 1024 };

bool trust_cosign_key_is(struct hm_str text)
{
	return hm_starts(text, HM_STR(BEGIN)) || hm_starts(text, HM_STR(BEGIN_OLD));
}

/* --- libsodium --- */

struct sodium {
	int (*init)(void);
	int (*seal)(unsigned char *c, const unsigned char *m, unsigned long long n,
		    const unsigned char *nonce, const unsigned char *key);
	int (*open)(unsigned char *m, const unsigned char *c, unsigned long long n,
		    const unsigned char *nonce, const unsigned char *key);
};

/* POSIX has it that a function's address fits there; ISO C does not. */
static bool find_function(void *lib, const char *name, void *to)
{
	void *at = dlsym(lib, name);
	memcpy(to, &at, sizeof(at));
	return at;
}

static hm_err load_sodium(struct hm_cx *cx, struct sodium *out)
{
	void *lib = dlopen("libsodium.so.23", RTLD_NOW | RTLD_LOCAL);
	if (!lib)
		lib = dlopen("libsodium.so.26", RTLD_NOW | RTLD_LOCAL);
	if (!lib)
		return hm_hint(cx,
			       hm_fail(cx, HM_SYSTEM,
				       "Cosign's key files need libsodium, which is not here"),
			       "install the package libsodium23");
	if (find_function(lib, "sodium_init", &out->init) &&
	    find_function(lib, "crypto_secretbox_easy", &out->seal) &&
	    find_function(lib, "crypto_secretbox_open_easy", &out->open) && out->init() >= 0)
		return NULL;
	return hm_fail(cx, HM_SYSTEM, "libsodium cannot be used");
}

/* --- the file --- */

static hm_err need_number(struct hm_cx *cx, struct json v, const char *key, uint64_t *out)
{
	int64_t n;
	HM_TRY(json_need_int(cx, v, key, &n));
	if (n <= 0)
		return hm_fail(cx, HM_INPUT, "\"%s\" is not a positive number", key);
	*out = (uint64_t)n;
	return NULL;
}

static hm_err need_bytes(struct hm_cx *cx, struct json v, const char *key, struct hm_str *out)
{
	struct hm_str text;
	HM_TRY(json_need_str(cx, v, key, &text));
	HM_TRY_IN(cx, base64_parse(cx, BASE64_STD, text, out), "\"%s\"", key);
	return NULL;
}

static hm_err read_box(struct hm_cx *cx, struct json top, struct trust_cosign_box *b)
{
	struct json kdf = json_get(top, "kdf"), how = json_get(kdf, "params");
	struct json cipher = json_get(top, "cipher");
	if (!hm_eqz(json_str(json_get(kdf, "name")), "scrypt") ||
	    !hm_eqz(json_str(json_get(cipher, "name")), "nacl/secretbox"))
		return hm_fail(cx, HM_INPUT, "it is sealed in a way that is not supported");
	HM_TRY(need_number(cx, how, "N", &b->cost));
	HM_TRY(need_number(cx, how, "r", &b->block));
	HM_TRY(need_number(cx, how, "p", &b->lanes));
	HM_TRY(need_bytes(cx, kdf, "salt", &b->salt));
	HM_TRY(need_bytes(cx, cipher, "nonce", &b->nonce));
	HM_TRY(need_bytes(cx, top, "ciphertext", &b->sealed));
	if (b->nonce.n != NONCE || b->sealed.n <= MAC)
		return hm_fail(cx, HM_INPUT, "its parts are too short");
	if (b->cost > TRUST_SCRYPT_MAX || b->block > 64 || b->lanes > 16 ||
	    b->cost * b->block * b->lanes > TRUST_SCRYPT_MAX)
		return hm_fail(cx, HM_LIMIT, "its passphrase takes too much work to try");
	return NULL;
}

hm_err trust_cosign_key_parse(struct hm_cx *cx, struct hm_str text, struct trust_cosign_box *out)
{
	HM_AUTO_BUF joined = HM_BUF(HM_MAX_CERTIFICATE_FILE);
	struct hm_str inner;
	struct json top;
	hm_line(&text);
	while (text.n) {
		struct hm_str line = hm_trim(hm_line(&text));
		if (hm_eqz(line, END) || hm_eqz(line, END_OLD))
			break;
		hm_buf_add(&joined, line);
	}
	HM_TRY(base64_parse(cx, BASE64_STD, hm_buf_str(&joined), &inner));
	HM_TRY(json_parse(cx, inner, JSON_STRICT, &top));
	return read_box(cx, top, out);
}

/* --- open and seal --- */

static hm_err derive(struct hm_cx *cx, const struct trust_cosign_box *b, struct hm_str passphrase,
		     unsigned char *key)
{
	if (EVP_PBE_scrypt(passphrase.n ? passphrase.p : "", passphrase.n,
			   (const unsigned char *)b->salt.p, b->salt.n, b->cost, b->block, b->lanes,
			   SCRYPT_MEMORY, key, KEY) == 1)
		return NULL;
	return hm_fail(cx, HM_INPUT, "the parameters of scrypt cannot be used");
}

hm_err trust_cosign_key_open(struct hm_cx *cx, struct hm_str text, struct hm_str passphrase,
			     struct hm_str *out_der)
{
	struct sodium sodium;
	struct trust_cosign_box b = { 0 };
	unsigned char *key = hm_alloc(cx, KEY, 1, 1);
	HM_TRY_IN(cx, trust_cosign_key_parse(cx, text, &b), "Cosign's key file");
	HM_TRY(load_sodium(cx, &sodium));
	HM_TRY_IN(cx, derive(cx, &b, passphrase, key), "Cosign's key file");
	unsigned char *der = hm_alloc(cx, b.sealed.n, 1, 1);
	if (sodium.open(der, (const unsigned char *)b.sealed.p, b.sealed.n,
			(const unsigned char *)b.nonce.p, key))
		return hm_fail(cx, HM_DENIED, "the passphrase is not the right one");
	*out_der = hm_bytes(der, b.sealed.n - MAC);
	return NULL;
}

static struct hm_str write_box(struct hm_cx *cx, const struct trust_cosign_box *b)
{
	HM_AUTO_BUF json = HM_BUF(HM_MAX_CERTIFICATE_FILE);
	HM_AUTO_BUF pem = HM_BUF(HM_MAX_CERTIFICATE_FILE);
	hm_buf_fmt(&json,
		   "{\"kdf\":{\"name\":\"scrypt\",\"params\":{\"N\":%llu,\"r\":%llu,\"p\":%llu},"
		   "\"salt\":\"%.*s\"},\"cipher\":{\"name\":\"nacl/secretbox\",\"nonce\":\"%.*s\"},"
		   "\"ciphertext\":\"%.*s\"}",
		   (unsigned long long)b->cost, (unsigned long long)b->block,
		   (unsigned long long)b->lanes, HM_FMT(base64_format(cx, BASE64_STD, b->salt)),
		   HM_FMT(base64_format(cx, BASE64_STD, b->nonce)),
		   HM_FMT(base64_format(cx, BASE64_STD, b->sealed)));
	struct hm_str text = base64_format(cx, BASE64_STD, hm_buf_str(&json));
	hm_buf_addz(&pem, BEGIN "\n");
	for (size_t i = 0; i < text.n; i += 64)
		hm_buf_fmt(&pem, "%.*s\n", HM_FMT(hm_sub(text, i, 64)));
	hm_buf_addz(&pem, END "\n");
	return hm_dup(cx, hm_buf_str(&pem));
}

hm_err trust_cosign_key_seal(struct hm_cx *cx, struct hm_str der, struct hm_str passphrase,
			     struct hm_str *out_text)
{
	struct sodium sodium;
	unsigned char salt[SALT], nonce[NONCE], *key = hm_alloc(cx, KEY, 1, 1);
	unsigned char *sealed = hm_alloc(cx, der.n + MAC, 1, 1);
	struct trust_cosign_box b = { COST,
				      BLOCK,
				      LANES,
				      hm_bytes(salt, SALT),
				      hm_bytes(nonce, NONCE),
				      hm_bytes(sealed, der.n + MAC) };
	HM_TRY(load_sodium(cx, &sodium));
	if (RAND_bytes(salt, SALT) != 1 || RAND_bytes(nonce, NONCE) != 1)
		return hm_fail(cx, HM_SYSTEM, "could not get random bytes");
	HM_TRY(derive(cx, &b, passphrase, key));
	if (sodium.seal(sealed, (const unsigned char *)der.p, der.n, nonce, key))
		return hm_fail(cx, HM_SYSTEM, "could not seal the key");
	*out_text = write_box(cx, &b);
	return NULL;
}
