/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/crypto.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include "unit.h"

enum form { PEM_PLAIN, PEM_SEALED, PEM_OLD, DER_PLAIN, DER_SEALED, BUNDLE, BUNDLE_OPEN, FORMS };

static struct hm_str taken(struct hm_cx *cx, BIO *b)
{
	char *p;
	long n = BIO_get_mem_data(b, &p);
	struct hm_str s = hm_dup(cx, hm_bytes(p, (size_t)n));
	BIO_free(b);
	return s;
}

static struct crypto_key key, ca_key;
static struct crypto_chain leaf, ca;

/* A bundle has a stranger's certificate before and behind the issuer's, which is the leaf itself.
 */
static struct hm_str write_bundle(struct hm_cx *cx, const char *passphrase)
{
	STACK_OF(X509) *others = sk_X509_new_null();
	sk_X509_push(others, ca.x509[0]);
	PKCS12 *p =
		PKCS12_create(passphrase, "release", key.pkey, leaf.x509[0], others, 0, 0, 0, 0, 0);
	BIO *b = BIO_new(BIO_s_mem());
	assert_non_null(p);
	assert_int_equal(i2d_PKCS12_bio(b, p), 1);
	PKCS12_free(p);
	sk_X509_free(others);
	return taken(cx, b);
}

static struct hm_str write_key(struct hm_cx *cx, enum form form)
{
	char *pass = (char *)(uintptr_t) "open sesame";
	const EVP_CIPHER *aes = EVP_aes_256_cbc();
	BIO *b = BIO_new(BIO_s_mem());
	int n = (int)strlen(pass), ok = 1;
	if (form == PEM_PLAIN)
		ok = PEM_write_bio_PKCS8PrivateKey(b, key.pkey, NULL, NULL, 0, NULL, NULL);
	else if (form == PEM_SEALED)
		ok = PEM_write_bio_PKCS8PrivateKey(b, key.pkey, aes, pass, n, NULL, NULL);
	else if (form == PEM_OLD)
		ok = PEM_write_bio_PrivateKey_traditional(b, key.pkey, aes, (unsigned char *)pass,
							  n, NULL, NULL);
	else if (form == DER_PLAIN)
		ok = i2d_PKCS8PrivateKey_bio(b, key.pkey, NULL, NULL, 0, NULL, NULL);
	else if (form == DER_SEALED)
		ok = i2d_PKCS8PrivateKey_bio(b, key.pkey, aes, pass, n, NULL, NULL);
	assert_true(ok);
	if (form == BUNDLE || form == BUNDLE_OPEN) {
		BIO_free(b);
		return write_bundle(cx, form == BUNDLE ? pass : "");
	}
	return taken(cx, b);
}

static const struct form_case {
	const char *label;
	enum form form;
	bool sealed, certificates;
} forms[] = {
	{ "PKCS#8 in PEM", PEM_PLAIN, false, false },
	{ "encrypted PKCS#8 in PEM", PEM_SEALED, true, false },
	{ "PEM's own encryption", PEM_OLD, true, false },
	{ "PKCS#8 in DER", DER_PLAIN, false, false },
	{ "encrypted PKCS#8 in DER", DER_SEALED, true, false },
	{ "PKCS#12", BUNDLE, true, true },
	{ "PKCS#12 with the empty passphrase", BUNDLE_OPEN, false, true },
};

static void opened(void **state)
{
	const struct form_case *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	HM_AUTO_SECRET right = hm_secret_of(HM_STR("open sesame"));
	HM_AUTO_SECRET wrong = hm_secret_of(HM_STR("open barley"));
	CRYPTO_AUTO_KEY k = { 0 };
	CRYPTO_AUTO_CHAIN chain = { 0 };
	struct hm_str bytes = write_key(&cx, t->form), signature;
	hm_err err = crypto_key_open(&cx, bytes, NULL, &k, &chain);
	if (t->sealed) {
		assert_fault(err, HM_ABSENT, "needs a passphrase");
		assert_fault(crypto_key_open(&cx, bytes, &wrong, &k, &chain), HM_DENIED,
			     "not the right one");
		err = crypto_key_open(&cx, bytes, &right, &k, &chain);
	}
	assert_ok(err);
	assert_int_equal(k.alg, CRYPTO_ES256);
	assert_int_equal(chain.n, t->certificates);
	if (chain.n)
		assert_true(hm_eq(chain.der[0], leaf.der[0]));
	assert_ok(crypto_sign(&cx, &k, HM_STR("ship"), &signature));
	assert_ok(crypto_verify(&cx, &key, CRYPTO_ES256, HM_STR("ship"), signature));
}

/* Cut short at every place it is no key. */
static void cut(void **state)
{
	const struct form_case *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	HM_AUTO_SECRET right = hm_secret_of(HM_STR("open sesame"));
	struct hm_str bytes = write_key(&cx, t->form);
	for (size_t n = 0; n + 32 < bytes.n; n += n < 32 ? 1 : 37) {
		CRYPTO_AUTO_KEY k = { 0 };
		CRYPTO_AUTO_CHAIN chain = { 0 };
		hm_err err = crypto_key_open(&cx, hm_sub(bytes, 0, n), &right, &k, &chain);
		assert_true(err != NULL && (err->code == HM_INPUT || err->code == HM_DENIED));
	}
}

static void no_keys(void **state)
{
	static const struct {
		struct hm_str bytes;
		const char *why;
	} wanted[] = {
		{ HM_STR_INIT(""), "not a private key in PEM" },
		{ HM_STR_INIT("hello"), "not a private key in PEM" },
		{ HM_STR_INIT("\x30"), "PEM, PKCS#8 or PKCS#12" },
		{ HM_STR_INIT("\x30\x80\x00\x00"), "PEM, PKCS#8 or PKCS#12" },
		{ HM_STR_INIT("\x30\x84\xff\xff\xff\xff"), "PEM, PKCS#8 or PKCS#12" },
	};
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	CRYPTO_AUTO_KEY k = { 0 };
	CRYPTO_AUTO_CHAIN chain = { 0 };
	for (size_t i = 0; i < HM_LEN(wanted); i++)
		assert_fault(crypto_key_open(&cx, wanted[i].bytes, NULL, &k, &chain), HM_INPUT,
			     wanted[i].why);
}

/* RFC 4231, 4.2 and 4.3; FIPS 180-4 by way of RFC 2104 with a key longer than a block is 4.7. */
static void hmac(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	assert_strz(hm_hex(&cx, crypto_hmac(&cx, CRYPTO_SHA256, HM_STR("Jefe"),
					    HM_STR("what do ya want for nothing?"))),
		    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	assert_strz(
		hm_hex(&cx,
		       crypto_hmac(&cx, CRYPTO_SHA256,
				   HM_STR("\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b"
					  "\x0b\x0b\x0b\x0b\x0b\x0b"),
				   HM_STR("Hi There"))),
		"b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
}

static void signatures_of_services(void **state)
{
	static const struct hm_str bad[] = {
		HM_STR_INIT(""),
		HM_STR_INIT("\x30\x00"),
		HM_STR_INIT("\x30\x03\x02\x01\x01"),
		HM_STR_INIT("AAAAAAAA"),
		/* s is longer than the group */
		HM_STR_INIT(
			"\x30\x26\x02\x01\x01\x02\x21\x01\x02\x03\x04\x05\x06\x07\x08\x01\x02\x03\x04\x05\x06"
			"\x07\x08\x01\x02\x03\x04\x05\x06\x07\x08\x01\x02\x03\x04\x05\x06\x07\x08"),
	};
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct hm_str der, out;
	struct crypto_key as_der = { key.pkey, CRYPTO_ES256_DER };
	assert_ok(crypto_sign(&cx, &as_der, HM_STR("ship"), &der));
	assert_ok(crypto_signature_from_der(&cx, CRYPTO_ES256, der, &out));
	assert_ok(crypto_verify(&cx, &key, CRYPTO_ES256, HM_STR("ship"), out));
	assert_ok(crypto_signature_from_der(&cx, CRYPTO_PS256, HM_STR("as it is"), &out));
	assert_strz(out, "as it is");
	for (size_t i = 0; i < HM_LEN(bad); i++)
		assert_fault(crypto_signature_from_der(&cx, CRYPTO_ES256, bad[i], &out), HM_TRUST,
			     "not of the algorithm's form");
}

int main(void)
{
	static struct hm_cx cx = HM_CX(SIZE_MAX);
	assert_ok(crypto_key_generate(&cx, CRYPTO_ES256, &key));
	assert_ok(crypto_key_generate(&cx, CRYPTO_ES256, &ca_key));
	assert_ok(crypto_self_signed(&cx, &key, HM_STR("leaf"), hm_now(), 1, &leaf));
	assert_ok(crypto_self_signed(&cx, &ca_key, HM_STR("stranger"), hm_now(), 1, &ca));
	UNIT_TABLE(opened, forms);
	UNIT_TABLE(cut, forms);
	UNIT(no_keys);
	UNIT(hmac);
	UNIT(signatures_of_services);
	return unit_run("crypto/keyfile");
}
