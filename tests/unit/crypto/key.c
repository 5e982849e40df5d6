/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/crypto.h"

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
	struct hm_str sig, pem, text = HM_STR("ship"), tampered = HM_STR("shin");
	assert_ok(crypto_key_generate(&cx, alg, &key));
	assert_ok(crypto_key_generate(&cx, alg, &other));
	assert_int_equal(key.alg, alg);
	assert_ok(crypto_sign(&cx, &key, text, &sig));
	assert_ok(crypto_verify(&cx, &key, alg, text, sig));
	assert_fault(crypto_verify(&cx, &key, alg, tampered, sig), HM_TRUST, "does not match");
	assert_fault(crypto_verify(&cx, &other, alg, text, sig), HM_TRUST, "does not match");
	assert_fault(crypto_verify(&cx, &key, alg, text, hm_sub(sig, 1, SIZE_MAX)), HM_TRUST, "");
	assert_fault(crypto_verify(&cx, &key, alg, text, HM_STR("")), HM_TRUST, "");
	enum crypto_alg wrong = alg == CRYPTO_ES256 ? CRYPTO_PS256 : CRYPTO_ES256;
	assert_fault(crypto_verify(&cx, &key, wrong, text, sig), HM_TRUST, "the key is for");
	assert_ok(crypto_key_pem(&cx, &key, &pem));
	assert_ok(crypto_key_parse(&cx, pem, &again));
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
	for (uintptr_t i = 1; i < CRYPTO_ALGS; i++)
		unit_add(crypto_alg_rows[i].jws, sign_and_verify, (const void *)i);
	UNIT(ecdsa_lengths);
	UNIT(forms);
	UNIT(table);
	return unit_run("crypto/key");
}
