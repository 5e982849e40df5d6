/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/crypto.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "base/pool.h"
#include "codec/base64.h"
#include "codec/json.h"

#include "keys.h"

/* RSA of 2048 bits; or of 1024, which nobody takes. */
static EVP_PKEY *make_rsa(struct hm_cx *cx, const char *bits)
{
	struct hm_str pem = unit_find_primes(cx, bits);
	if (!pem.n)
		return EVP_RSA_gen(strcmp(bits, "1024") == 0 ? 1024 : 2048);
	BIO *b = BIO_new_mem_buf(pem.p, (int)pem.n);
	EVP_PKEY *pkey = PEM_read_bio_PrivateKey(b, NULL, NULL, NULL);
	BIO_free(b);
	assert_non_null(pkey);
	return pkey;
}

static void sign_and_verify(void **state)
{
	enum crypto_alg alg = (enum crypto_alg)(uintptr_t)*state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	CRYPTO_AUTO_KEY key = { 0 };
	CRYPTO_AUTO_KEY other = { 0 };
	CRYPTO_AUTO_KEY again = { 0 };
	HM_AUTO_SECRET pem = { 0 };
	struct hm_str sig, text = HM_STR("ship"), tampered = HM_STR("shin");
	unit_make_key(&cx, alg, &key);
	unit_make_key(&cx, alg, &other);
	assert_int_equal(key.alg, alg);
	assert_ok(crypto_sign(&cx, &key, text, &sig));
	assert_ok(crypto_verify(&cx, &key, alg, text, sig));
	assert_fault(crypto_verify(&cx, &key, alg, tampered, sig), HM_TRUST, "does not match");
	assert_fault(crypto_verify(&cx, &other, alg, text, sig), HM_TRUST, "does not match");
	/* OpenSSL looks at the length of an RSA signature, and this room at that of an ECDSA one */
	bool raw = alg >= CRYPTO_ES256 && alg <= CRYPTO_ES512;
	const char *length = raw ? "bytes instead of" : "does not match";
	assert_fault(crypto_verify(&cx, &key, alg, text, hm_sub(sig, 1, SIZE_MAX)), HM_TRUST,
		     length);
	assert_fault(crypto_verify(&cx, &key, alg, text, HM_STR("")), HM_TRUST, length);
	enum crypto_alg wrong = alg == CRYPTO_ES256 ? CRYPTO_PS256 : CRYPTO_ES256;
	assert_fault(crypto_verify(&cx, &key, wrong, text, sig), HM_TRUST, "the key is for");
	/* what this room writes of a public key is what OpenSSL would */
	unsigned char *wanted = NULL;
	struct hm_str der;
	int n = i2d_PUBKEY(key.pkey, &wanted);
	assert_ok(crypto_public_key_der(&cx, &key, &der));
	assert_true(n > 0);
	assert_str(der, hm_bytes(wanted, (size_t)n));
	OPENSSL_free(wanted);
	if (!crypto_alg_rows[alg].cli)
		return; /* key files are the Notary Project's */
	assert_ok(crypto_key_pem(&cx, &key, &pem));
	assert_ok(crypto_key_parse(&cx, hm_secret_str(&pem), &again));
	assert_int_equal(again.alg, alg);
	assert_ok(crypto_sign(&cx, &again, text, &sig));
	assert_ok(crypto_verify(&cx, &key, alg, text, sig));
}

/* RFC 7518, 3.4: two numbers of fixed length, even where they begin with zeros. */
/* What is kept ready for one key and algorithm answers for nothing else, whoever asks and in
 * whatever order: threads ask about signatures of another text and by another key, too. */
struct asked {
	struct crypto_key keys[3];
	struct hm_str signatures[3]; /* of "ship", each by its key */
	enum crypto_alg alg;
};

static hm_err ask_in_turn(struct hm_cx *cx, void *arg, size_t i)
{
	const struct asked *a = arg;
	size_t key = i % 3, by = i / 3 % 3;
	bool same = i / 9 % 3;
	hm_err err = crypto_verify(cx, &a->keys[key], a->alg,
				   same ? HM_STR("ship") : HM_STR("shin"), a->signatures[by]);
	if (same && key == by)
		return err;
	return err && err->code == HM_TRUST ? NULL : hm_fail(cx, HM_INPUT, "it is not good");
}

static void ready_for_one_key(void **state)
{
	enum crypto_alg alg = (enum crypto_alg)(uintptr_t)*state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct asked a = { .alg = alg };
	struct hm_str der[3];
	for (size_t i = 0; i < 3; i++) {
		CRYPTO_AUTO_KEY key = { 0 };
		unit_make_key(&cx, alg, &key);
		assert_false(key.is_public);
		assert_ok(crypto_sign(&cx, &key, HM_STR("ship"), &a.signatures[i]));
		assert_ok(crypto_public_key_der(&cx, &key, &der[i]));
		assert_ok(crypto_public_key_parse(&cx, der[i], alg, &a.keys[i]));
		assert_true(a.keys[i].is_public);
	}
	assert_ok(hm_parallel(&cx, 27 * (unit_is_traced() ? 2 : 20), 4, HM_MIB, ask_in_turn, &a));
	/* keys that go, and others, maybe where those were */
	for (size_t i = 0; i < 12; i++) {
		CRYPTO_AUTO_KEY key = { 0 };
		assert_ok(crypto_public_key_parse(&cx, der[i % 3], alg, &key));
		assert_ok(crypto_verify(&cx, &key, alg, HM_STR("ship"), a.signatures[i % 3]));
		assert_fault(crypto_verify(&cx, &key, alg, HM_STR("ship"),
					   a.signatures[(i + 1) % 3]),
			     HM_TRUST, "does not match");
	}
	for (size_t i = 0; i < 3; i++)
		crypto_key_done(&a.keys[i]);
}

/* One key, which signs in several ways. */
static void ready_for_one_algorithm(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	CRYPTO_AUTO_KEY key = { 0 };
	CRYPTO_AUTO_KEY public = { 0 };
	struct hm_str der, sig;
	unit_make_key(&cx, CRYPTO_PS256, &key);
	assert_ok(crypto_sign(&cx, &key, HM_STR("ship"), &sig));
	assert_ok(crypto_public_key_der(&cx, &key, &der));
	assert_ok(crypto_public_key_parse(&cx, der, CRYPTO_PS256, &public));
	for (size_t i = 0; i < 3; i++) {
		struct crypto_key other = public;
		other.alg = CRYPTO_RS256;
		assert_ok(crypto_verify(&cx, &public, CRYPTO_PS256, HM_STR("ship"), sig));
		assert_fault(crypto_verify(&cx, &other, CRYPTO_RS256, HM_STR("ship"), sig),
			     HM_TRUST, "does not match");
	}
}

/* Numbers with zeros in front, with the first bit set, of one byte, of none: as OpenSSL writes
 * them. */
static void ecdsa_numbers(void **state)
{
	static const struct {
		enum crypto_alg alg;
		size_t half;
	} rows[] = { { CRYPTO_ES256, 32 }, { CRYPTO_ES384, 48 }, { CRYPTO_ES512, 66 } };
	static const unsigned char firsts[] = { 0, 1, 0x7f, 0x80, 0xff };
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	for (size_t i = 0; i < HM_LEN(rows); i++) {
		int half = (int)rows[i].half;
		struct crypto_key key = { .alg = rows[i].alg };
		for (size_t k = 0; k < HM_LEN(firsts) * (rows[i].half + 1); k++) {
			unsigned char raw[132] = { 0 }, *wanted = NULL;
			size_t at = k / HM_LEN(firsts);
			memset(raw + at, 0x5a, rows[i].half - at);
			raw[at] = at < rows[i].half ? firsts[k % HM_LEN(firsts)] : 0;
			memset(raw + rows[i].half, 0xa5, rows[i].half);
			raw[2 * rows[i].half - 1 - at % rows[i].half] = firsts[k % HM_LEN(firsts)];
			memset(raw + rows[i].half, 0, (rows[i].half - at) % rows[i].half);
			ECDSA_SIG *sig = ECDSA_SIG_new();
			assert_int_equal(ECDSA_SIG_set0(sig, BN_bin2bn(raw, half, NULL),
							BN_bin2bn(raw + half, half, NULL)),
					 1);
			int n = i2d_ECDSA_SIG(sig, &wanted);
			ECDSA_SIG_free(sig);
			struct hm_str der, back;
			assert_ok(crypto_signature_to_der(&cx, &key,
							  hm_bytes(raw, 2 * rows[i].half), &der));
			assert_true(n > 0);
			assert_str(der, hm_bytes(wanted, (size_t)n));
			OPENSSL_free(wanted);
			assert_ok(crypto_signature_from_der(&cx, rows[i].alg, der, &back));
			assert_str(back, hm_bytes(raw, 2 * rows[i].half));
		}
		struct hm_str der;
		assert_fault(crypto_signature_to_der(&cx, &key, HM_STR("x"), &der), HM_TRUST,
			     "form");
	}
}

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

/* RFC 8017, 8.1.2: one that begins with a zero is none without it. */
static void rsa_lengths(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	CRYPTO_AUTO_KEY key = { 0 };
	struct hm_str sig, text = HM_STR("x");
	unit_make_key(&cx, CRYPTO_PS256, &key);
	do /* the salt is another each time: 256 times on average */
		assert_ok(crypto_sign(&cx, &key, text, &sig));
	while (sig.p[0]);
	assert_ok(crypto_verify(&cx, &key, CRYPTO_PS256, text, sig));
	const struct hm_str others[] = { hm_from(sig, 1),
					 hm_fmt(&cx, "%c%.*s", '\0', HM_FMT(sig)) };
	for (size_t i = 0; i < HM_LEN(others); i++)
		assert_fault(crypto_verify(&cx, &key, CRYPTO_PS256, text, others[i]), HM_TRUST,
			     "does not match");
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
	EVP_PKEY *rsa = make_rsa(&cx, "2048"), *ec = EVP_EC_gen("P-384"),
		 *small = make_rsa(&cx, "1024"), *odd = EVP_EC_gen("secp256k1"),
		 *ed = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
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
		{ pem_of(&cx, ed, false, NULL), 0, "ED25519" },
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

/* The same of a key that is no number: its seed, or all of it where it has none. */
static void mask_octets(EVP_PKEY *pkey, char *in_files, char *in_memory)
{
	size_t n = 0;
	unsigned char *room = hm_secret_map(8192);
	if (!EVP_PKEY_get_octet_string_param(pkey, OSSL_PKEY_PARAM_ML_DSA_SEED, room, 8192, &n))
		assert_true(EVP_PKEY_get_octet_string_param(pkey, OSSL_PKEY_PARAM_PRIV_KEY, room,
							    8192, &n));
	assert_true(n >= SOME);
	unit_mask((char *)room, SOME);
	memcpy(in_files, room, SOME);
	memcpy(in_memory, room, SOME);
	hm_secret_unmap(room, 8192);
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
	bool pure = crypto_alg_rows[alg].digest == CRYPTO_DIGESTS;
	(pure ? mask_octets : mask_number)(key.pkey, bytes[1], bytes[2]);
	crypto_key_done(&key);
	assert_ok(crypto_key_parse(&cx, hm_secret_str(&pem), &again));
	assert_int_equal(unit_exposed(text), 0);
	/* OpenSSL has no locked memory for keys of ML-DSA and SLH-DSA as long as they are there */
	assert_int_equal(unit_exposed(in_files), pure);
	assert_int_equal(unit_exposed(in_memory), pure);
	/* the test sees what is there to be seen */
	struct hm_str copy = hm_dup(&cx, hm_secret_str(&pem));
	assert_int_equal(unit_exposed(text), 1);
	hm_wipe((char *)(uintptr_t)copy.p, copy.n);
	assert_ok(crypto_sign(&cx, &again, HM_STR("ship"), &sig));
	assert_int_equal(unit_exposed(text), 0);
	assert_int_equal(unit_exposed(in_files), pure);
	/* OpenSSL keeps the factors of an RSA key a second time, to compute with, as long as the
	 * key */
	assert_int_equal(unit_exposed(in_memory), pure || EVP_PKEY_is_a(again.pkey, "RSA"));
	crypto_key_done(&again);
	assert_int_equal(unit_exposed(in_files), 0);
	assert_int_equal(unit_exposed(in_memory), 0);
}

static struct hm_str spki(struct hm_cx *cx, EVP_PKEY *pkey)
{
	unsigned char *der = NULL;
	int n = i2d_PUBKEY(pkey, &der);
	assert_true(n > 0);
	struct hm_str s = hm_dup(cx, hm_bytes(der, (size_t)n));
	OPENSSL_free(der);
	return s;
}

/* The SubjectPublicKeyInfo of a raw public key. */
static struct hm_str spki_of_raw(struct hm_cx *cx, const char *kind, struct hm_str raw)
{
	EVP_PKEY *pkey = EVP_PKEY_new_raw_public_key_ex(NULL, kind, NULL,
							(const unsigned char *)raw.p, raw.n);
	assert_non_null(pkey);
	struct hm_str s = spki(cx, pkey);
	EVP_PKEY_free(pkey);
	return s;
}

static struct hm_str from_hex(struct hm_cx *cx, struct hm_str hex)
{
	uint8_t *bytes = hm_alloc(cx, hex.n / 2 + 1, 1, 1);
	assert_ok(hm_unhex(cx, hex, bytes));
	return hm_bytes(bytes, hex.n / 2);
}

/* A signature that another program made: it is good, and no bit of it may change. */
static void check_vector(struct hm_cx *cx, struct hm_str key_text, enum crypto_alg alg,
			 struct hm_str bytes, struct hm_str sig)
{
	CRYPTO_AUTO_KEY key = { 0 };
	assert_ok(crypto_public_key_parse(cx, key_text, alg, &key));
	assert_ok(crypto_verify(cx, &key, alg, bytes, sig));
	char *copy = hm_dupz(cx, sig);
	copy[sig.n / 2] ^= 1;
	assert_fault(crypto_verify(cx, &key, alg, bytes, hm_bytes(copy, sig.n)), HM_TRUST,
		     "does not match");
	copy[sig.n / 2] ^= 1;
	struct hm_str longer = hm_fmt(cx, "%.*s%c", HM_FMT(sig), 'x');
	assert_fault(crypto_verify(cx, &key, alg, bytes, longer), HM_TRUST, "does not match");
	assert_fault(crypto_verify(cx, &key, alg, HM_STR("other"), sig), HM_TRUST,
		     "does not match");
}

/* RFC 8032, 7.1, test 2. */
static void ed25519(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct hm_str raw = from_hex(&cx, HM_STR("3d4017c3e843895a92b70aa74d1b7ebc"
						 "9c982ccf2ec4968cc0cd55f12af4660c"));
	struct hm_str sig = from_hex(
		&cx, HM_STR("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
			    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"));
	check_vector(&cx, spki_of_raw(&cx, "ED25519", raw), CRYPTO_ED25519, HM_STR("r"), sig);
}

/* What cosign signed with a key of its own: ECDSA in DER, the key in PEM. */
static void ecdsa_der(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct hm_str pem, text, bytes, sig;
	struct json top, message;
#define AT "signing/sigstore-conformance/assets/bundle-verify/"
	assert_ok(hm_read_file(&cx, unit_data(&cx, AT "managed-key-happy-path/key.pub"), HM_MIB,
			       &pem));
	assert_ok(hm_read_file(&cx,
			       unit_data(&cx, AT "managed-key-happy-path/bundle.sigstore.json"),
			       HM_MIB, &text));
	assert_ok(hm_read_file(&cx, unit_data(&cx, AT "a.txt"), HM_MIB, &bytes));
#undef AT
	assert_ok(json_parse(&cx, text, JSON_STRICT, &top));
	message = json_get(top, "messageSignature");
	assert_ok(base64_parse(&cx, BASE64_STD, json_str(json_get(message, "signature")), &sig));
	check_vector(&cx, pem, CRYPTO_ES256_DER, bytes, sig);
	/* the same bytes are no signature of the other form */
	CRYPTO_AUTO_KEY key = { 0 };
	assert_ok(crypto_public_key_parse(&cx, pem, CRYPTO_ES256, &key));
	assert_fault(crypto_verify(&cx, &key, CRYPTO_ES256, bytes, sig), HM_TRUST,
		     "bytes instead of 64");
	assert_fault(crypto_verify(&cx, &key, CRYPTO_ES256_DER, bytes, sig), HM_TRUST,
		     "the key is for ES256");
}

/* The examples of RFC 9964, in the form of JOSE and in that of COSE. */
static void check_example(struct hm_cx *cx, enum crypto_alg alg, const char *form)
{
	const char *name = crypto_alg_rows[alg].name;
	struct hm_str text;
	struct json top;
	char *file = hm_dupz(cx, hm_cstr(name));
	file[2] = file[6] = '_';
	struct hm_str path =
		hm_fmt(cx, "graph-log/pqc/cose-dilithium-rfc9964-repo/%s.%s.json", file, form);
	assert_ok(hm_read_file(cx, unit_data(cx, path.p), HM_MIB, &text));
	assert_ok(json_parse(cx, text, JSON_STRICT, &top));
	struct hm_str raw = from_hex(cx, json_str(json_get(top, "raw_public_key")));
	check_vector(cx, spki_of_raw(cx, name, raw), alg,
		     from_hex(cx, json_str(json_get(top, "raw_to_be_signed"))),
		     from_hex(cx, json_str(json_get(top, "raw_signature"))));
}

static void ml_dsa(void **state)
{
	enum crypto_alg alg = (enum crypto_alg)(uintptr_t)*state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	check_example(&cx, alg, "jose");
	check_example(&cx, alg, "cose");
}

/* One more or less than all the bytes of a key or signature is none. */
static void sizes(void **state)
{
	enum crypto_alg alg = (enum crypto_alg)(uintptr_t)*state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	CRYPTO_AUTO_KEY key = { 0 }, none = { 0 };
	struct hm_str sig, text = HM_STR("ship");
	unit_make_key(&cx, alg, &key);
	assert_ok(crypto_sign(&cx, &key, text, &sig));
	const struct hm_str signatures[] = { hm_sub(sig, 0, sig.n - 1),
					     hm_from(sig, 1),
					     hm_fmt(&cx, "%.*sx", HM_FMT(sig)),
					     hm_fmt(&cx, "x%.*s", HM_FMT(sig)),
					     hm_fmt(&cx, "%.*s%.*s", HM_FMT(sig), HM_FMT(sig)),
					     hm_sub(sig, 0, sig.n / 2),
					     hm_sub(sig, 0, 1),
					     HM_STR("") };
	for (size_t i = 0; i < HM_LEN(signatures); i++)
		assert_fault(crypto_verify(&cx, &key, alg, text, signatures[i]), HM_TRUST,
			     "does not match");
	struct hm_str der = spki(&cx, key.pkey);
	for (size_t n = 0; n < der.n; n += n < 40 ? 1 : 97)
		assert_fault(crypto_public_key_parse(&cx, hm_sub(der, 0, n), alg, &none), HM_INPUT,
			     "not a public key");
	assert_fault(crypto_public_key_parse(&cx, hm_fmt(&cx, "%.*sx", HM_FMT(der)), alg, &none),
		     HM_INPUT, "not a public key");
	for (size_t i = 1; i < CRYPTO_ALGS; i++)
		if (i != (size_t)alg)
			assert_fault(crypto_public_key_parse(&cx, der, (enum crypto_alg)i, &none),
				     HM_INPUT, "the key is not for algorithm");
}

/* PKCS#8 in PEM of these bytes. */
static struct hm_str pem_of_der(struct hm_cx *cx, struct hm_str der)
{
	char *p;
	BIO *b = BIO_new(BIO_s_mem());
	assert_true(PEM_write_bio(b, "PRIVATE KEY", "", (const unsigned char *)der.p, (long)der.n) >
		    0);
	long n = BIO_get_mem_data(b, &p);
	struct hm_str s = hm_dup(cx, hm_bytes(p, (size_t)n));
	BIO_free(b);
	return s;
}

/* A private key of ML-DSA has its seed and what follows from it, or one of the two: where both are
 * there and do not belong together, or a byte is missing, it is none. */
static void spoilt_private_key(void **state)
{
	enum crypto_alg alg = (enum crypto_alg)(uintptr_t)*state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	CRYPTO_AUTO_KEY key = { 0 }, again = { 0 }, none = { 0 };
	unsigned char *out = NULL;
	assert_ok(crypto_key_generate(&cx, alg, &key));
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key.pkey);
	int n = i2d_PKCS8_PRIV_KEY_INFO(info, &out);
	PKCS8_PRIV_KEY_INFO_free(info);
	assert_true(n > 2560);
	struct hm_str der = hm_dup(&cx, hm_bytes(out, (size_t)n));
	OPENSSL_clear_free(out, (size_t)n);
	assert_ok(crypto_key_parse(&cx, pem_of_der(&cx, der), &again));
	char *copy = hm_dupz(&cx, der);
	/* in the seed; rho, K, tr, s1 and what follows */
	for (size_t i = der.n - 4; i > 64; i -= i > 200 ? 151 : 13) {
		copy[i] ^= 1;
		assert_fault(crypto_key_parse(&cx, pem_of_der(&cx, hm_bytes(copy, der.n)), &none),
			     HM_INPUT, "not a private key");
		copy[i] ^= 1;
	}
	for (size_t cut = 1; cut < der.n; cut += 251)
		assert_fault(crypto_key_parse(&cx, pem_of_der(&cx, hm_sub(der, 0, cut)), &none),
			     HM_INPUT, "not a private key");
}

/* PKCS #1 v1.5 is verified and not made; with SHA-1 it is not even verified. */
static void rsa_pkcs1(void **state)
{
	enum crypto_alg alg = (enum crypto_alg)(uintptr_t)*state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	const struct crypto_alg_row *row = &crypto_alg_rows[alg];
	EVP_PKEY *pkey = make_rsa(&cx, "2048");
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pctx = NULL;
	unsigned char sig[256];
	size_t n = sizeof(sig);
	struct hm_str text = HM_STR("ship"), out, key_text = spki(&cx, pkey);
	assert_int_equal(EVP_DigestSignInit_ex(ctx, &pctx, crypto_digest_rows[row->digest].name,
					       NULL, NULL, pkey, NULL),
			 1);
	assert_true(EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PADDING) > 0);
	assert_int_equal(EVP_DigestSign(ctx, sig, &n, (const unsigned char *)text.p, text.n), 1);
	EVP_MD_CTX_free(ctx);
	CRYPTO_AUTO_KEY key = { 0 };
	if (row->status == CRYPTO_FORBIDDEN) {
		assert_ok(crypto_public_key_parse(&cx, key_text, alg, &key));
		assert_fault(crypto_verify(&cx, &key, alg, text, hm_bytes(sig, n)), HM_TRUST,
			     "signatures of algorithm RS1 are worth nothing any more");
		/* but an index of packages may still be signed so */
		assert_ok(crypto_verify_repository(&cx, &key, text, hm_bytes(sig, n)));
		assert_fault(crypto_verify_repository(&cx, &key, HM_STR("shop"), hm_bytes(sig, n)),
			     HM_TRUST, "does not match");
		assert_fault(crypto_verify_repository(&cx, &key, text, hm_bytes(sig, n - 1)),
			     HM_TRUST, "does not match");
		struct crypto_key pss = { pkey, CRYPTO_PS256 };
		assert_fault(crypto_verify_repository(&cx, &pss, text, hm_bytes(sig, n)), HM_TRUST,
			     "does not match");
	} else {
		check_vector(&cx, key_text, alg, text, hm_bytes(sig, n));
		/* nor is it a PSS signature by the same key */
		assert_ok(crypto_public_key_parse(&cx, key_text, CRYPTO_PS256, &key));
		assert_fault(crypto_verify(&cx, &key, CRYPTO_PS256, text, hm_bytes(sig, n)),
			     HM_TRUST, "does not match");
	}
	struct crypto_key secret = { pkey, alg };
	assert_fault(crypto_sign(&cx, &secret, text, &out), HM_USAGE,
		     "nobody signs with algorithm");
	CRYPTO_AUTO_KEY none = { 0 };
	assert_fault(crypto_key_generate(&cx, alg, &none), HM_USAGE, "nobody signs with algorithm");
	EVP_PKEY_free(pkey);
}

/* A public key is taken for an algorithm of its kind, and for no other. */
static void public_keys(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	CRYPTO_AUTO_KEY ec = { 0 }, ed = { 0 }, none = { 0 };
	assert_ok(crypto_key_generate(&cx, CRYPTO_ES256, &ec));
	assert_ok(crypto_key_generate(&cx, CRYPTO_ED25519, &ed));
	struct hm_str der = spki(&cx, ec.pkey);
	EVP_PKEY *small = make_rsa(&cx, "1024");
	for (size_t i = 1; i < CRYPTO_ALGS; i++) {
		CRYPTO_AUTO_KEY k = { 0 };
		hm_err err = crypto_public_key_parse(&cx, der, (enum crypto_alg)i, &k);
		if (i == CRYPTO_ES256 || i == CRYPTO_ES256_DER)
			assert_ok(err);
		else
			assert_fault(err, HM_INPUT, "the key is not for algorithm");
		assert_fault(crypto_public_key_parse(&cx, spki(&cx, small), (enum crypto_alg)i, &k),
			     HM_INPUT, "the key is not for algorithm");
	}
	assert_fault(crypto_public_key_parse(&cx, HM_STR(""), CRYPTO_ES256, &none), HM_INPUT,
		     "not a public key");
	struct hm_str longer = hm_fmt(&cx, "%.*s%c", HM_FMT(der), 'x');
	assert_fault(crypto_public_key_parse(&cx, longer, CRYPTO_ES256, &none), HM_INPUT,
		     "not a public key");
	/* a key file of a kind that the Notary Project does not know signs nothing */
	HM_AUTO_SECRET pem = { 0 };
	assert_ok(crypto_key_pem(&cx, &ed, &pem));
	assert_fault(crypto_key_parse(&cx, hm_secret_str(&pem), &none), HM_INPUT,
		     "keys of kind ED25519 are not supported");
	EVP_PKEY_free(small);
}

/* The table of algorithms is complete, and no name stands in it twice. */
static void table(void **state)
{
	(void)state;
	for (size_t i = 1; i < CRYPTO_ALGS; i++) {
		const struct crypto_alg_row *row = &crypto_alg_rows[i];
		assert_non_null(row->name);
		assert_non_null(row->key_spec);
		for (size_t k = 1; k < i; k++) {
			const struct crypto_alg_row *other = &crypto_alg_rows[k];
			assert_string_not_equal(row->name, other->name);
			if (row->cli && other->cli)
				assert_string_not_equal(row->cli, other->cli);
			if (row->cose)
				assert_int_not_equal(row->cose, other->cose);
		}
		/* what chains have is found by its names again, and nothing else is */
		enum crypto_alg found = row->cli ? (enum crypto_alg)i : 0;
		assert_int_equal(crypto_alg_by_name(hm_cstr(row->name)), found);
		assert_int_equal(crypto_alg_by_cose(row->cose), found);
	}
	static const char *const nobodys[] = {
		"",           "none",          "ES256K",          "EdDSA",   "ml-dsa-65",
		"ML-DSA-65 ", "HashML-DSA-65", "ML-DSA-65-ES256", "SLH-DSA", "SLH-DSA-SHA2-128",
		"HS256"
	};
	for (size_t i = 0; i < HM_LEN(nobodys); i++)
		assert_int_equal(crypto_alg_by_name(hm_cstr(nobodys[i])), 0);
	static const int64_t numbers[] = { 0,      -8,        -51,
					   -52,    -53,       -65619,
					   -65632, INT64_MIN, (1LL << 32) - 49 };
	for (size_t i = 0; i < HM_LEN(numbers); i++)
		assert_int_equal(crypto_alg_by_cose(numbers[i]), 0);
}

/* Seconds of computing for one key of these: tests/interop/post-quantum.sh has them. */
static bool is_slow(enum crypto_alg alg)
{
	struct hm_str name = hm_cstr(crypto_alg_rows[alg].name);
	if (unit_is_traced() && alg >= CRYPTO_SLHDSA_SHA2_128S)
		return true;
	return hm_starts(name, HM_STR("SLH-DSA-")) && name.p[name.n - 1] == 's';
}

int main(void)
{
	if (!crypto_start())
		return 1;
	for (uintptr_t i = 1; i < CRYPTO_ALGS; i++) {
		if (is_slow((enum crypto_alg)i))
			continue;
		if (crypto_alg_rows[i].status == CRYPTO_ALLOWED)
			unit_add(crypto_alg_rows[i].name, sign_and_verify, (const void *)i);
		else
			unit_add(crypto_alg_rows[i].name, rsa_pkcs1, (const void *)i);
	}
	for (uintptr_t i = 1; i < CRYPTO_ALGS; i++)
		if (crypto_alg_rows[i].cli && !is_slow((enum crypto_alg)i) &&
		    (!unit_is_traced() || i == CRYPTO_ES256 || i == CRYPTO_MLDSA44))
			unit_add(crypto_alg_rows[i].cli, nothing_of_a_key_lies_about,
				 (const void *)i);
	for (uintptr_t i = CRYPTO_MLDSA44; i <= CRYPTO_MLDSA87; i++)
		unit_add("RFC 9964", ml_dsa, (const void *)i);
	for (uintptr_t i = CRYPTO_MLDSA44; i <= CRYPTO_MLDSA87; i++)
		unit_add("a spoilt private key", spoilt_private_key, (const void *)i);
	for (uintptr_t i = CRYPTO_MLDSA44; i <= CRYPTO_SLHDSA_SHA2_128F; i++)
		if (!is_slow((enum crypto_alg)i))
			unit_add("sizes", sizes, (const void *)i);
	for (uintptr_t i = CRYPTO_PS256; i <= CRYPTO_ES512; i++)
		unit_add("contexts that are ready", ready_for_one_key, (const void *)i);
	UNIT(ready_for_one_algorithm);
	UNIT(ed25519);
	UNIT(ecdsa_der);
	UNIT(public_keys);
	UNIT(ecdsa_numbers);
	UNIT(ecdsa_lengths);
	if (!unit_is_traced()) /* hundreds of signatures, one of which is looked at */
		UNIT(rsa_lengths);
	UNIT(forms);
	UNIT(table);
	int failed = unit_run("crypto/key");
	OPENSSL_cleanup(); /* what it has in locked memory is not seen to point to the rest */
	return failed;
}
