/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/crypto.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "unit.h"

static void sign_and_verify(void **state)
{
	enum crypto_alg alg = (enum crypto_alg)(uintptr_t)*state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	CRYPTO_AUTO_KEY key = { 0 };
	CRYPTO_AUTO_KEY other = { 0 };
	CRYPTO_AUTO_KEY again = { 0 };
	HM_AUTO_SECRET pem = { 0 };
	struct hm_str sig, text = HM_STR("ship"), tampered = HM_STR("shin");
	assert_ok(crypto_key_generate(&cx, alg, &key));
	assert_ok(crypto_key_generate(&cx, alg, &other));
	assert_int_equal(key.alg, alg);
	assert_ok(crypto_sign(&cx, &key, text, &sig));
	assert_ok(crypto_verify(&cx, &key, alg, text, sig));
	assert_fault(crypto_verify(&cx, &key, alg, tampered, sig), HM_TRUST, "does not match");
	assert_fault(crypto_verify(&cx, &other, alg, text, sig), HM_TRUST, "does not match");
	/* OpenSSL looks at the length of an RSA signature, and this room at that of an ECDSA one */
	const char *length = alg < CRYPTO_ES256 ? "does not match" : "bytes instead of";
	assert_fault(crypto_verify(&cx, &key, alg, text, hm_sub(sig, 1, SIZE_MAX)), HM_TRUST,
		     length);
	assert_fault(crypto_verify(&cx, &key, alg, text, HM_STR("")), HM_TRUST, length);
	enum crypto_alg wrong = alg == CRYPTO_ES256 ? CRYPTO_PS256 : CRYPTO_ES256;
	assert_fault(crypto_verify(&cx, &key, wrong, text, sig), HM_TRUST, "the key is for");
	assert_ok(crypto_key_pem(&cx, &key, &pem));
	assert_ok(crypto_key_parse(&cx, hm_secret_str(&pem), &again));
	assert_int_equal(again.alg, alg);
	assert_ok(crypto_sign(&cx, &again, text, &sig));
	assert_ok(crypto_verify(&cx, &key, alg, text, sig));
}

/* RFC 7518, 3.4: two numbers of fixed length, even where they begin with zeros. */
static void ecdsa_lengths(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	CRYPTO_AUTO_KEY key = { 0 };
	assert_ok(crypto_key_generate(&cx, CRYPTO_ES512, &key));
	for (int i = 0; i < 8; i++) {
		struct hm_str sig;
		assert_ok(crypto_sign(&cx, &key, HM_STR("x"), &sig));
		assert_int_equal(sig.n, 132);
	}
}

static struct hm_str pem_of(struct hm_cx *cx, EVP_PKEY *pkey, bool traditional, const EVP_CIPHER *c)
{
	BIO *b = BIO_new(BIO_s_mem());
	char *p;
	int ok = traditional
			 ? PEM_write_bio_PrivateKey_traditional(b, pkey, c, NULL, 0, NULL,
								c ? (char *)(uintptr_t) "pw" : NULL)
			 : PEM_write_bio_PKCS8PrivateKey(b, pkey, c, NULL, 0, NULL,
							 c ? (char *)(uintptr_t) "pw" : NULL);
	assert_true(ok);
	long n = BIO_get_mem_data(b, &p);
	struct hm_str s = hm_dup(cx, hm_bytes(p, (size_t)n));
	BIO_free(b);
	return s;
}

static void forms(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	EVP_PKEY *rsa = EVP_RSA_gen(2048), *ec = EVP_EC_gen("P-384"), *small = EVP_RSA_gen(1024),
		 *odd = EVP_EC_gen("secp256k1"), *ed = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	const struct {
		struct hm_str pem;
		enum crypto_alg want; /* 0: refused */
		const char *why;
	} cases[] = {
		{ pem_of(&cx, rsa, true, NULL), CRYPTO_PS256, NULL },
		{ pem_of(&cx, rsa, false, NULL), CRYPTO_PS256, NULL },
		{ pem_of(&cx, ec, true, NULL), CRYPTO_ES384, NULL },
		{ pem_of(&cx, ec, false, NULL), CRYPTO_ES384, NULL },
		{ pem_of(&cx, ec, false, EVP_aes_128_cbc()), 0, "encrypted" },
		{ pem_of(&cx, rsa, true, EVP_aes_128_cbc()), 0, "encrypted" },
		{ pem_of(&cx, small, false, NULL), 0, "1024 bits" },
		{ pem_of(&cx, odd, false, NULL), 0, "curve" },
		{ pem_of(&cx, ed, false, NULL), 0, "neither RSA" },
		{ HM_STR(""), 0, "PEM" },
		{ HM_STR("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"), 0,
		  "PEM" },
		{ HM_STR("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"), 0,
		  "PEM" },
	};
	for (size_t i = 0; i < HM_LEN(cases); i++) {
		CRYPTO_AUTO_KEY key = { 0 };
		hm_err err = crypto_key_parse(&cx, cases[i].pem, &key);
		if (!cases[i].want) {
			assert_fault(err, HM_INPUT, cases[i].why);
			continue;
		}
		assert_ok(err);
		assert_int_equal(key.alg, cases[i].want);
	}
	EVP_PKEY_free(rsa);
	EVP_PKEY_free(ec);
	EVP_PKEY_free(small);
	EVP_PKEY_free(odd);
	EVP_PKEY_free(ed);
}

enum { SOME = 24 };

/* Some bytes of a private number as they stand in files and as they stand in memory, masked. */
static void mask_number(EVP_PKEY *pkey, char *in_files, char *in_memory)
{
	BIGNUM *number = BN_secure_new();
	unsigned char *room = hm_secret_map(512);
	const char *name =
		EVP_PKEY_is_a(pkey, "RSA") ? OSSL_PKEY_PARAM_RSA_FACTOR1 : OSSL_PKEY_PARAM_PRIV_KEY;
	assert_true(EVP_PKEY_get_bn_param(pkey, name, &number));
	assert_int_equal(BN_bn2binpad(number, room, 512), 512);
	unit_mask((char *)room, 512);
	memcpy(in_files, room + 512 - SOME, SOME);
	assert_int_equal(BN_bn2lebinpad(number, room, 512), 512);
	unit_mask((char *)room, 512);
	memcpy(in_memory, room, SOME);
	hm_secret_unmap(room, 512);
	BN_clear_free(number);
}

/* Neither the text of a key nor its numbers stay where they may be swapped out or dumped. */
static void nothing_of_a_key_lies_about(void **state)
{
	enum crypto_alg alg = (enum crypto_alg)(uintptr_t)*state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	CRYPTO_AUTO_KEY key = { 0 };
	CRYPTO_AUTO_KEY again = { 0 };
	HM_AUTO_SECRET pem = { 0 };
	struct hm_str sig;
	char bytes[3][SOME];
	struct hm_str text = hm_bytes(bytes[0], SOME), in_files = hm_bytes(bytes[1], SOME),
		      in_memory = hm_bytes(bytes[2], SOME);
	assert_ok(crypto_key_generate(&cx, alg, &key));
	assert_ok(crypto_key_pem(&cx, &key, &pem));
	memcpy(bytes[0], hm_secret_str(&pem).p + 65, SOME); /* the second line */
	unit_mask(bytes[0], SOME);
	mask_number(key.pkey, bytes[1], bytes[2]);
	crypto_key_done(&key);
	assert_ok(crypto_key_parse(&cx, hm_secret_str(&pem), &again));
	assert_int_equal(unit_exposed(text), 0);
	assert_int_equal(unit_exposed(in_files), 0);
	assert_int_equal(unit_exposed(in_memory), 0);
	/* the test sees what is there to be seen */
	struct hm_str copy = hm_dup(&cx, hm_secret_str(&pem));
	assert_int_equal(unit_exposed(text), 1);
	hm_wipe((char *)(uintptr_t)copy.p, copy.n);
	assert_ok(crypto_sign(&cx, &again, HM_STR("ship"), &sig));
	assert_int_equal(unit_exposed(text), 0);
	assert_int_equal(unit_exposed(in_files), 0);
	/* OpenSSL keeps the factors of an RSA key a second time, to compute with, as long as the
	 * key */
	assert_int_equal(unit_exposed(in_memory), EVP_PKEY_is_a(again.pkey, "RSA"));
	crypto_key_done(&again);
	assert_int_equal(unit_exposed(in_memory), 0);
}

/* The table of algorithms is complete, and no name stands in it twice. */
static void table(void **state)
{
	(void)state;
	for (size_t i = 1; i < CRYPTO_ALGS; i++) {
		assert_non_null(crypto_alg_rows[i].jws);
		assert_non_null(crypto_alg_rows[i].cli);
		for (size_t k = 1; k < i; k++) {
			assert_string_not_equal(crypto_alg_rows[i].jws, crypto_alg_rows[k].jws);
			assert_string_not_equal(crypto_alg_rows[i].cli, crypto_alg_rows[k].cli);
			assert_int_not_equal(crypto_alg_rows[i].cose, crypto_alg_rows[k].cose);
		}
	}
}

int main(void)
{
	if (!crypto_start())
		return 1;
	for (uintptr_t i = 1; i < CRYPTO_ALGS; i++)
		unit_add(crypto_alg_rows[i].jws, sign_and_verify, (const void *)i);
	for (uintptr_t i = 1; i < CRYPTO_ALGS; i++)
		unit_add(crypto_alg_rows[i].cli, nothing_of_a_key_lies_about, (const void *)i);
	UNIT(ecdsa_lengths);
	UNIT(forms);
	UNIT(table);
	return unit_run("crypto/key");
}
