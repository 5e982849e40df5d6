/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A process that starts with few of OpenSSL's algorithms reads and verifies what any other does.
 * Each question is answered by a process of its own, which has not used OpenSSL before.
 */
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto/crypto.h"
#include "unit.h"

enum { SIGNED = 64 * 1024 };

/* In memory that all processes share: made in one of them, read in others. */
static struct made {
	char key[SIGNED], certificate[SIGNED], public[SIGNED], signature[SIGNED];
	size_t key_n, certificate_n, public_n, signature_n;
	bool has_all; /* after it was read */
	char why[256];
} * made;

static const struct hm_str content = HM_STR_INIT("content");

static void put(char *at, size_t *n, struct hm_str s)
{
	assert_true(s.n <= SIGNED);
	memcpy(at, s.p, s.n);
	*n = s.n;
}

/* Has everything been looked up? A digest that is not among the few says so. */
static bool has_all(void)
{
	EVP_MD *md = EVP_MD_fetch(NULL, "SHA3-256", NULL);
	bool is_there = md != NULL;
	EVP_MD_free(md);
	return is_there;
}

typedef bool answer(struct hm_cx *cx, enum crypto_alg alg);

static bool ask(answer *a, enum crypto_alg alg, bool few)
{
	int status = 0;
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		HM_AUTO_CX cx = HM_CX(SIZE_MAX);
		bool good = crypto_start();
		if (few)
			crypto_start_with_few();
		(void)crypto_digest_text(&cx, CRYPTO_SHA256, content);
		good = good && has_all() == !few && a(&cx, alg);
		made->has_all = has_all();
		_exit(good ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status == 0;
}

static bool make(struct hm_cx *cx, enum crypto_alg alg)
{
	CRYPTO_AUTO_KEY k = { 0 };
	CRYPTO_AUTO_CHAIN c = { 0 };
	HM_AUTO_SECRET pem = { 0 };
	struct hm_str der, signature;
	if (crypto_key_generate(cx, alg, &k) || crypto_key_pem(cx, &k, &pem) ||
	    crypto_public_key_der(cx, &k, &der) || crypto_sign(cx, &k, content, &signature) ||
	    crypto_self_signed(cx, &k, HM_STR("few"), hm_now(), 1, &c))
		return false;
	put(made->key, &made->key_n, hm_secret_str(&pem));
	put(made->certificate, &made->certificate_n, crypto_chain_pem(cx, &c));
	put(made->public, &made->public_n, der);
	put(made->signature, &made->signature_n, signature);
	return true;
}

static bool has_verified(struct hm_cx *cx, const struct crypto_key *k, enum crypto_alg alg)
{
	struct hm_str signature = hm_bytes(made->signature, made->signature_n);
	hm_err other = crypto_verify(cx, k, alg, HM_STR("discontent"), signature);
	return !crypto_verify(cx, k, alg, content, signature) && other && other->code == HM_TRUST;
}

static bool read_certificate(struct hm_cx *cx, enum crypto_alg alg)
{
	CRYPTO_AUTO_CHAIN c = { 0 };
	CRYPTO_AUTO_KEY k = { 0 };
	return !crypto_chain_parse(cx, hm_bytes(made->certificate, made->certificate_n), &c) &&
	       crypto_chain_is_self_signed(&c, 0) && !crypto_chain_check(cx, &c) &&
	       !crypto_chain_key(cx, &c, &k) && k.alg == alg && has_verified(cx, &k, alg);
}

static bool read_public_key(struct hm_cx *cx, enum crypto_alg alg)
{
	CRYPTO_AUTO_KEY k = { 0 };
	return !crypto_public_key_own(cx, hm_bytes(made->public, made->public_n), &k) &&
	       k.alg == alg && has_verified(cx, &k, alg);
}

static bool open_key(struct hm_cx *cx, enum crypto_alg alg)
{
	CRYPTO_AUTO_KEY k = { 0 };
	CRYPTO_AUTO_CHAIN none = { 0 };
	struct hm_str signature;
	crypto_start_signing();
	return !crypto_key_open(cx, hm_bytes(made->key, made->key_n), NULL, &k, &none) &&
	       k.alg == alg && !crypto_sign(cx, &k, content, &signature) &&
	       !crypto_verify(cx, &k, alg, content, signature) && has_verified(cx, &k, alg);
}

static const struct row {
	enum crypto_alg alg;
	bool is_usual; /* all of it is done with the few */
} rows[] = {
	{ CRYPTO_ES256, true },
	{ CRYPTO_ES384, true },
	{ CRYPTO_ES512, true },
	{ CRYPTO_PS256, true },
	{ CRYPTO_MLDSA44, false },
	{ CRYPTO_MLDSA87, false },
	{ CRYPTO_SLHDSA_SHA2_128F, false },
};

static void algorithm(void **state)
{
	const struct row *r = *state;
	static answer *const answers[] = { read_certificate, read_public_key, open_key };
	assert_true(ask(make, r->alg, false));
	for (size_t i = 0; i < HM_LEN(answers); i++) {
		assert_true(ask(answers[i], r->alg, true));
		assert_int_equal(made->has_all, !r->is_usual);
		assert_true(ask(answers[i], r->alg, false));
	}
}

/* RFC 8032, 7.1, TEST 1, as RFC 8410 writes its key. */
static bool verify_ed25519(struct hm_cx *cx, enum crypto_alg alg)
{
	static const unsigned char key[] = {
		0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21,
		0x00, 0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b,
		0xfe, 0xd3, 0xc9, 0x64, 0x07, 0x3a, 0x0e, 0xe1, 0x72, 0xf3, 0xda,
		0xa6, 0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a,
	};
	static const unsigned char signature[] = {
		0xe5, 0x56, 0x43, 0x00, 0xc3, 0x60, 0xac, 0x72, 0x90, 0x86, 0xe2, 0xcc, 0x80,
		0x6e, 0x82, 0x8a, 0x84, 0x87, 0x7f, 0x1e, 0xb8, 0xe5, 0xd9, 0x74, 0xd8, 0x73,
		0xe0, 0x65, 0x22, 0x49, 0x01, 0x55, 0x5f, 0xb8, 0x82, 0x15, 0x90, 0xa3, 0x3b,
		0xac, 0xc6, 0x1e, 0x39, 0x70, 0x1c, 0xf9, 0xb4, 0x6b, 0xd2, 0x5b, 0xf5, 0xf0,
		0x59, 0x5b, 0xbe, 0x24, 0x65, 0x51, 0x41, 0x43, 0x8e, 0x7a, 0x10, 0x0b,
	};
	CRYPTO_AUTO_KEY k = { 0 };
	struct hm_str s = hm_bytes(signature, sizeof(signature));
	if (crypto_public_key_parse(cx, hm_bytes(key, sizeof(key)), alg, &k) ||
	    crypto_verify(cx, &k, alg, HM_STR(""), s))
		return false;
	hm_err err = crypto_verify(cx, &k, alg, HM_STR("x"), s);
	return err && err->code == HM_TRUST && !has_all();
}

static void ed25519(void **state)
{
	(void)state;
	assert_true(ask(verify_ed25519, CRYPTO_ED25519, true));
}

/* As it is in a file; without the decoder for PEM it was a key of OpenSSL's older kind, which has
 * other bits. */
static bool read_ed25519_pem(struct hm_cx *cx, enum crypto_alg alg)
{
	struct hm_str pem = HM_STR("-----BEGIN PUBLIC KEY-----\n"
				   "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
				   "-----END PUBLIC KEY-----\n");
	CRYPTO_AUTO_KEY k = { 0 };
	return !crypto_public_key_parse(cx, pem, alg, &k) && !has_all();
}

/* What stands before the key is passed over, once everything is looked up. */
static bool read_second_block(struct hm_cx *cx, enum crypto_alg alg)
{
	struct hm_str pem = HM_STR("-----BEGIN EC PARAMETERS-----\n"
				   "BggqhkjOPQMBBw==\n"
				   "-----END EC PARAMETERS-----\n"
				   "-----BEGIN PUBLIC KEY-----\n"
				   "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
				   "-----END PUBLIC KEY-----\n");
	CRYPTO_AUTO_KEY k = { 0 };
	return !crypto_public_key_parse(cx, pem, alg, &k) && has_all();
}

static void pem(void **state)
{
	(void)state;
	assert_true(ask(read_ed25519_pem, CRYPTO_ED25519, true));
	assert_true(ask(read_second_block, CRYPTO_ED25519, true));
}

static bool hash_md5(struct hm_cx *cx, enum crypto_alg alg)
{
	struct hm_str hex;
	(void)alg;
	return !crypto_md5_hex(cx, HM_STR("abc"), &hex) &&
	       hm_eqz(hex, "900150983cd24fb0d6963f7d28e17f72");
}

static void an_old_digest(void **state)
{
	(void)state;
	assert_true(ask(hash_md5, CRYPTO_ES256, true));
}

static bool make_key_of_another_kind(struct hm_cx *cx, enum crypto_alg alg)
{
	(void)cx, (void)alg;
	unsigned char *der = NULL;
	EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");
	int n = pkey ? i2d_PUBKEY(pkey, &der) : 0;
	if (n > 0)
		put(made->public, &made->public_n, hm_bytes(der, (size_t)n));
	OPENSSL_free(der);
	EVP_PKEY_free(pkey);
	return n > 0;
}

static bool read_key_of_another_kind(struct hm_cx *cx, enum crypto_alg alg)
{
	CRYPTO_AUTO_KEY k = { 0 };
	(void)alg;
	hm_err err = crypto_public_key_own(cx, hm_bytes(made->public, made->public_n), &k);
	return err && strcmp(err->why, "keys of kind X25519 are not supported") == 0;
}

static void a_kind_of_key_that_is_not_supported_has_its_name(void **state)
{
	(void)state;
	assert_true(ask(make_key_of_another_kind, CRYPTO_ES256, false));
	assert_true(ask(read_key_of_another_kind, CRYPTO_ES256, true));
}

/* Whoever says where OpenSSL's configuration is has it read, and what it activates is used. */
static bool is_as_configured(struct hm_cx *cx, enum crypto_alg alg)
{
	(void)cx, (void)alg;
	setenv("OPENSSL_CONF", "/dev/null", 1);
	crypto_start_with_few();
	return has_all();
}

static void a_configuration_of_ones_own(void **state)
{
	(void)state;
	assert_true(ask(is_as_configured, CRYPTO_ES256, false));
}

int main(void)
{
	made = mmap(NULL, sizeof(*made), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (made == MAP_FAILED)
		return 1;
	for (size_t i = 0; i < HM_LEN(rows); i++)
		unit_add(crypto_alg_rows[rows[i].alg].name, algorithm, &rows[i]);
	UNIT(ed25519);
	UNIT(pem);
	UNIT(an_old_digest);
	UNIT(a_kind_of_key_that_is_not_supported_has_its_name);
	UNIT(a_configuration_of_ones_own);
	return unit_run("crypto/few");
}
