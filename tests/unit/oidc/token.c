/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens that are believed, and those that are not: by their header, their signature, their claims.
 */
#include "oidc/token.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>

#include "codec/base64.h"

#include "keys.h"

enum { NOW = 1800000000 };

static const char claims_of_ci[] =
	"{\"iss\":\"https://issuer.example\",\"aud\":\"graph\",\"sub\":\"ci\","
	"\"exp\":1800000300,\"iat\":1800000000,\"nbf\":1800000000}";

static struct hm_str encode(struct hm_cx *cx, struct hm_str s)
{
	return base64_format(cx, BASE64_URL_RAW, s);
}

static struct hm_str make_token(struct hm_cx *cx, const struct crypto_key *key, const char *header,
				const char *claims)
{
	struct hm_str text = hm_fmt(cx, "%.*s.%.*s", HM_FMT(encode(cx, hm_cstr(header))),
				    HM_FMT(encode(cx, hm_cstr(claims)))),
		      sig;
	if (key->alg == CRYPTO_RS256)
		assert_ok(crypto_sign_login(cx, key, text, &sig));
	else
		assert_ok(crypto_sign(cx, key, text, &sig));
	return hm_fmt(cx, "%.*s.%.*s", HM_FMT(text), HM_FMT(encode(cx, sig)));
}

static struct hm_str number_of(struct hm_cx *cx, EVP_PKEY *pkey, const char *name, int size)
{
	BIGNUM *n = NULL;
	unsigned char room[1024];
	assert_int_equal(EVP_PKEY_get_bn_param(pkey, name, &n), 1);
	if (!size)
		size = BN_num_bytes(n);
	assert_int_equal(BN_bn2binpad(n, room, size), size);
	BN_free(n);
	return encode(cx, hm_bytes(room, (size_t)size));
}

static struct hm_str make_jwk(struct hm_cx *cx, const struct crypto_key *key, const char *more)
{
	unsigned char room[64];
	size_t n = sizeof(room);
	if (EVP_PKEY_is_a(key->pkey, "RSA"))
		return hm_fmt(cx, "{\"kty\":\"RSA\",%s\"n\":\"%.*s\",\"e\":\"%.*s\"}", more,
			      HM_FMT(number_of(cx, key->pkey, OSSL_PKEY_PARAM_RSA_N, 0)),
			      HM_FMT(number_of(cx, key->pkey, OSSL_PKEY_PARAM_RSA_E, 0)));
	if (EVP_PKEY_is_a(key->pkey, "ED25519")) {
		assert_int_equal(EVP_PKEY_get_raw_public_key(key->pkey, room, &n), 1);
		return hm_fmt(cx, "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",%s\"x\":\"%.*s\"}", more,
			      HM_FMT(encode(cx, hm_bytes(room, n))));
	}
	int size = key->alg == CRYPTO_ES256 ? 32 : key->alg == CRYPTO_ES384 ? 48 : 66;
	const char *curve = size == 32 ? "P-256" : size == 48 ? "P-384" : "P-521";
	return hm_fmt(cx, "{\"kty\":\"EC\",\"crv\":\"%s\",%s\"x\":\"%.*s\",\"y\":\"%.*s\"}", curve,
		      more, HM_FMT(number_of(cx, key->pkey, OSSL_PKEY_PARAM_EC_PUB_X, size)),
		      HM_FMT(number_of(cx, key->pkey, OSSL_PKEY_PARAM_EC_PUB_Y, size)));
}

static struct hm_str make_set(struct hm_cx *cx, struct hm_str jwk)
{
	return hm_fmt(cx, "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\"},%.*s]}", HM_FMT(jwk));
}

static struct oidc_terms terms_of(struct hm_cx *cx, const char *name)
{
	struct oidc_terms t = { .issuer = HM_STR("https://issuer.example"),
				.audience = HM_STR("graph") };
	*hm_push(cx, &t.names) = hm_cstr(name);
	return t;
}

static hm_err verify(struct hm_cx *cx, const struct oidc_terms *t, struct hm_str keys,
		     struct hm_str token, struct hm_str *out)
{
	struct oidc_token k;
	HM_TRY(oidc_token_read(cx, t, token, &k));
	HM_TRY(oidc_token_check(cx, t, &k, NOW));
	HM_TRY(oidc_keys_verify(cx, keys, &k));
	return oidc_token_name(cx, t, &k, out);
}

/* Each row: a name of its own, a signature by a public key, and a token by it that is believed. */
static void algorithms(void **state)
{
	(void)state;
	for (const struct oidc_algorithm *a = oidc_algorithms; a->name; a++) {
		HM_AUTO_CX cx = HM_CX(SIZE_MAX);
		CRYPTO_AUTO_KEY key = { 0 };
		CRYPTO_AUTO_KEY other = { 0 };
		struct oidc_terms t = terms_of(&cx, "ci");
		struct hm_str who, token, header = hm_fmt(&cx, "{\"alg\":\"%s\"}", a->name);
		for (const struct oidc_algorithm *b = oidc_algorithms; b < a; b++)
			assert_string_not_equal(a->name, b->name);
		assert_true(a->name[0] != 'H' && strcmp(a->name, "none") != 0);
		assert_true(crypto_alg_rows[a->alg].status != CRYPTO_FORBIDDEN);
		if (a->alg == CRYPTO_RS384 || a->alg == CRYPTO_RS512)
			continue; /* nobody signs by these here; RS256 differs in the digest alone
				   */
		unit_make_key(&cx, a->alg == CRYPTO_RS256 ? CRYPTO_PS256 : a->alg, &key);
		unit_make_key(&cx, a->alg == CRYPTO_RS256 ? CRYPTO_PS256 : a->alg, &other);
		if (a->alg == CRYPTO_RS256)
			key.alg = CRYPTO_RS256;
		token = make_token(&cx, &key, header.p, claims_of_ci);
		assert_ok(verify(&cx, &t, make_set(&cx, make_jwk(&cx, &key, "")), token, &who));
		assert_strz(who, "ci");
		if (a->alg != CRYPTO_RS256 && a->alg != CRYPTO_PS256) /* one set of primes */
			assert_fault(verify(&cx, &t, make_set(&cx, make_jwk(&cx, &other, "")),
					    token, &who),
				     HM_TRUST, "not signed by the issuer");
		*hm_push(&cx, &t.algorithms) = HM_STR("nothing");
		assert_fault(verify(&cx, &t, HM_STR("{}"), token, &who), HM_TRUST,
			     "is not allowed");
	}
}

static const struct {
	const char *header, *claims, *why;
} refused[] = {
	{ "{\"alg\":\"none\"}", claims_of_ci, "algorithm \"none\" is not allowed" },
	{ "{\"alg\":\"None\"}", claims_of_ci, "algorithm \"None\" is not allowed" },
	{ "{\"alg\":\"HS256\"}", claims_of_ci, "algorithm \"HS256\" is not allowed" },
	{ "{}", claims_of_ci, "algorithm \"\" is not allowed" },
	{ "{\"alg\":\"ES256\",\"alg\":\"none\"}", claims_of_ci, "not a JSON object" },
	{ "{\"alg\":\"ES384\"}", claims_of_ci, "has no key" },
	{ "{\"alg\":\"ES256\",\"crit\":[\"b64\"]}", claims_of_ci, "crit" },
	{ "{\"alg\":\"ES256\",\"typ\":\"logout+jwt\"}", claims_of_ci, "is of type" },
	{ "{\"alg\":\"ES256\",\"kid\":\"other\"}", claims_of_ci, "has no key \"other\"" },
	{ "{\"alg\":\"ES256\"}", "[]", "not a JSON object" },
	{ "{\"alg\":\"ES256\"}",
	  "{\"iss\":\"https://issuer.example/\",\"aud\":\"graph\",\"exp\":1900000000}",
	  "not of \"https://issuer.example\"" },
	{ "{\"alg\":\"ES256\"}", "{\"aud\":\"graph\",\"sub\":\"ci\",\"exp\":1900000000}",
	  "of the issuer \"\"" },
	{ "{\"alg\":\"ES256\"}",
	  "{\"iss\":\"https://issuer.example\",\"aud\":\"graph2\",\"exp\":1900000000}",
	  "not for the audience" },
	{ "{\"alg\":\"ES256\"}",
	  "{\"iss\":\"https://issuer.example\",\"aud\":[\"a\",7],\"exp\":1900000000}",
	  "not for the audience" },
	{ "{\"alg\":\"ES256\"}",
	  "{\"iss\":\"https://issuer.example\",\"aud\":\"graph\",\"sub\":\"ci\"}",
	  "until when it is good" },
	{ "{\"alg\":\"ES256\"}",
	  "{\"iss\":\"https://issuer.example\",\"aud\":\"graph\",\"exp\":\"1900000000\"}",
	  "until when it is good" },
	{ "{\"alg\":\"ES256\"}",
	  "{\"iss\":\"https://issuer.example\",\"aud\":\"graph\",\"exp\":1e300}",
	  "until when it is good" },
	{ "{\"alg\":\"ES256\"}",
	  "{\"iss\":\"https://issuer.example\",\"aud\":\"graph\",\"exp\":1799999940}",
	  "was good until" },
	{ "{\"alg\":\"ES256\"}",
	  "{\"iss\":\"https://issuer.example\",\"aud\":\"graph\",\"exp\":1900000000,\"nbf\":1800000061}",
	  "not good yet" },
	{ "{\"alg\":\"ES256\"}",
	  "{\"iss\":\"https://issuer.example\",\"aud\":\"graph\",\"exp\":1900000000,\"iat\":1800000061}",
	  "in the future" },
	{ "{\"alg\":\"ES256\"}",
	  "{\"iss\":\"https://issuer.example\",\"aud\":\"graph\",\"exp\":1900000000}",
	  "names nobody" },
	{ "{\"alg\":\"ES256\"}",
	  "{\"iss\":\"https://issuer.example\",\"aud\":\"graph\",\"exp\":1900000000,\"sub\":\"c\\u0000i\"}",
	  "not a JSON object" },
	{ "{\"alg\":\"ES256\"}",
	  "{\"iss\":\"https://issuer.example\",\"aud\":\"graph\",\"exp\":1900000000,\"sub\":\"a\\nb\"}",
	  "names nobody" },
};

static void refusals(void **state)
{
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	CRYPTO_AUTO_KEY key = { 0 };
	struct oidc_terms t = terms_of(&cx, "*");
	struct hm_str who;
	(void)state;
	unit_make_key(&cx, CRYPTO_ES256, &key);
	struct hm_str set = make_set(&cx, make_jwk(&cx, &key, "\"kid\":\"one\","));
	for (size_t i = 0; i < HM_LEN(refused); i++) {
		struct hm_str token = make_token(&cx, &key, refused[i].header, refused[i].claims);
		assert_fault(verify(&cx, &t, set, token, &who),
			     strstr(refused[i].why, "has no key") ? HM_ABSENT : HM_TRUST,
			     refused[i].why);
	}
}

static void shapes(void **state)
{
	static const char *const bad[] = {
		"",        ".",           "..",
		"a.b",     "a.b.c",       "e30.e30.AA.AA",
		"e30..AA", "e30=.e30.AA", "eyJhbGciOiJFUzI1NiJ9.e30.A+A"
	};
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct oidc_terms t = terms_of(&cx, "*");
	struct oidc_token k;
	(void)state;
	for (size_t i = 0; i < HM_LEN(bad); i++)
		assert_fault(oidc_token_read(&cx, &t, hm_cstr(bad[i]), &k), HM_TRUST, "token");
	char *large = hm_new(&cx, char, HM_MAX_OIDC_TOKEN + 1);
	memset(large, 'a', HM_MAX_OIDC_TOKEN + 1);
	assert_fault(oidc_token_read(&cx, &t, hm_bytes(large, HM_MAX_OIDC_TOKEN + 1), &k), HM_TRUST,
		     "more than");
}

/* What a key says of itself must fit; a signature that was changed, or a token, does not. */
static void keys(void **state)
{
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	CRYPTO_AUTO_KEY key = { 0 };
	struct oidc_terms t = terms_of(&cx, "ci");
	struct hm_str who;
	(void)state;
	unit_make_key(&cx, CRYPTO_ES256, &key);
	struct hm_str token =
		make_token(&cx, &key, "{\"alg\":\"ES256\",\"kid\":\"one\"}", claims_of_ci);
	static const char *const good[] = { "\"kid\":\"one\",", "\"kid\":\"one\",\"use\":\"sig\",",
					    "\"kid\":\"one\",\"alg\":\"ES256\"," };
	static const char *const bad[] = { "", "\"kid\":\"two\",",
					   "\"kid\":\"one\",\"use\":\"enc\",",
					   "\"kid\":\"one\",\"alg\":\"ES384\",", "\"kid\":1," };
	for (size_t i = 0; i < HM_LEN(good); i++)
		assert_ok(
			verify(&cx, &t, make_set(&cx, make_jwk(&cx, &key, good[i])), token, &who));
	for (size_t i = 0; i < HM_LEN(bad); i++)
		assert_fault(verify(&cx, &t, make_set(&cx, make_jwk(&cx, &key, bad[i])), token,
				    &who),
			     HM_ABSENT, "has no key");
	struct hm_str set = make_set(&cx, make_jwk(&cx, &key, good[0]));
	char *changed = hm_dupz(&cx, token);
	changed[token.n - 8] = changed[token.n - 8] == 'A' ? 'B' : 'A';
	assert_fault(verify(&cx, &t, set, hm_bytes(changed, token.n), &who), HM_TRUST,
		     "not signed");
	assert_fault(verify(&cx, &t, HM_STR("[]"), token, &who), HM_INPUT, "keys");
	assert_fault(verify(&cx, &t, HM_STR("{"), token, &who), HM_INPUT, "unexpected end");
	assert_fault(verify(&cx, &t,
			    HM_STR("{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"one\","
				   "\"x\":\"AAAA\",\"y\":\"AAAA\"}]}"),
			    token, &who),
		     HM_TRUST, "not those of a key");
}

static void names(void **state)
{
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	CRYPTO_AUTO_KEY key = { 0 };
	struct hm_str who;
	(void)state;
	unit_make_key(&cx, CRYPTO_ES256, &key);
	struct hm_str set = make_set(&cx, make_jwk(&cx, &key, ""));
	struct oidc_terms t = terms_of(&cx, "other");
	struct hm_str token = make_token(&cx, &key, "{\"alg\":\"ES256\"}", claims_of_ci);
	assert_fault(verify(&cx, &t, set, token, &who), HM_DENIED, "\"ci\" is not among those");
	t = terms_of(&cx, "a@b.example");
	t.claim = HM_STR("email");
	static const char form[] = "{\"iss\":\"https://issuer.example\",\"aud\":[\"x\",\"graph\"],"
				   "\"exp\":1800000000.5,\"email\":\"a@b.example\"%s}";
	token = make_token(&cx, &key, "{\"alg\":\"ES256\"}", hm_fmt(&cx, form, "").p);
	assert_fault(verify(&cx, &t, set, token, &who), HM_TRUST, "has not verified");
	token = make_token(&cx, &key, "{\"alg\":\"ES256\"}",
			   hm_fmt(&cx, form, ",\"email_verified\":\"true\"").p);
	assert_fault(verify(&cx, &t, set, token, &who), HM_TRUST, "has not verified");
	token = make_token(&cx, &key, "{\"alg\":\"ES256\"}",
			   hm_fmt(&cx, form, ",\"email_verified\":true").p);
	assert_ok(verify(&cx, &t, set, token, &who));
	assert_strz(who, "a@b.example");
}

static void terms(void **state)
{
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct oidc_terms t = terms_of(&cx, "ci");
	(void)state;
	assert_ok(oidc_terms_check(&cx, &t));
	t.issuer = HM_STR("http://127.0.0.1:80");
	assert_ok(oidc_terms_check(&cx, &t));
	t.issuer = HM_STR("http://issuer.example");
	assert_fault(oidc_terms_check(&cx, &t), HM_USAGE, "not a URL with https");
	t = terms_of(&cx, "ci");
	t.audience = HM_STR("");
	assert_fault(oidc_terms_check(&cx, &t), HM_USAGE, "audience is missing");
	t = terms_of(&cx, "ci");
	t.names.n = 0;
	assert_fault(oidc_terms_check(&cx, &t), HM_USAGE, "who is let in");
	t = terms_of(&cx, "ci");
	*hm_push(&cx, &t.algorithms) = HM_STR("HS256");
	assert_fault(oidc_terms_check(&cx, &t), HM_USAGE, "\"HS256\" is not allowed");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(algorithms), cmocka_unit_test(refusals), cmocka_unit_test(shapes),
		cmocka_unit_test(keys),       cmocka_unit_test(names),    cmocka_unit_test(terms),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
