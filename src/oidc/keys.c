/* SPDX-License-Identifier: Apache-2.0 */
/* A set of keys (RFC 7517), and which of them has signed a token. */
#include "codec/base64.h"
#include "oidc/token.h"

static bool says(struct json key, const char *member, const char *want)
{
	return want && hm_eqz(json_str(json_get(key, member)), want);
}

/* May a token of this algorithm be by the key? What the key says of itself must fit, where it says
 * it (RFC 7517, 4.2, 4.4). */
static bool suits(struct json key, const struct oidc_token *k)
{
	const struct oidc_algorithm *a = k->algorithm;
	if (!says(key, "kty", a->kty) || (a->crv && !says(key, "crv", a->crv)))
		return false;
	if (json_is_there(json_get(key, "use")) && !says(key, "use", "sig"))
		return false;
	return !json_is_there(json_get(key, "alg")) || says(key, "alg", a->name);
}

static hm_err read_number(struct hm_cx *cx, struct json key, const char *name, struct hm_str *out)
{
	struct hm_str text = json_str(json_get(key, name));
	*out = HM_STR("");
	if (text.n)
		HM_TRY_IN(cx, base64_parse(cx, BASE64_URL_RAW, text, out), "\"%s\"", name);
	return NULL;
}

static hm_err verify_by(struct hm_cx *cx, struct json key, const struct oidc_token *k)
{
	CRYPTO_AUTO_KEY public = { 0 };
	struct crypto_key_parts parts;
	HM_TRY(read_number(cx, key, "n", &parts.n));
	HM_TRY(read_number(cx, key, "e", &parts.e));
	HM_TRY(read_number(cx, key, "x", &parts.x));
	HM_TRY(read_number(cx, key, "y", &parts.y));
	HM_TRY(crypto_public_key_join(cx, &parts, k->algorithm->alg, &public));
	return crypto_verify(cx, &public, k->algorithm->alg, k->signed_bytes, k->signature);
}

/* A token that does not name its key may be by any that suits it. */
static bool may_be(struct json key, const struct oidc_token *k)
{
	return suits(key, k) && (!k->kid.n || hm_eq(json_str(json_get(key, "kid")), k->kid));
}

hm_err oidc_keys_verify(struct hm_cx *cx, struct hm_str keys, const struct oidc_token *k)
{
	struct json doc, list;
	size_t n = 0;
	hm_err err = NULL;
	HM_TRY(json_parse(cx, keys, JSON_STRICT | JSON_ANY_NUMBER, &doc));
	list = json_get(doc, "keys");
	if (!json_is_array(list))
		return hm_fail(cx, HM_INPUT, "\"keys\" is not a list");
	if (json_size(list) > HM_MAX_OIDC_KEYS_EACH)
		return hm_fail(cx, HM_LIMIT, "there are more than %u keys",
			       (unsigned)HM_MAX_OIDC_KEYS_EACH);
	for (struct json_iter it = json_iter(list); json_next(&it);) {
		if (!may_be(it.value, k))
			continue;
		err = verify_by(cx, it.value, k);
		if (!err)
			return NULL;
		n++;
	}
	if (!n)
		return hm_fail(cx, HM_ABSENT, "the issuer has no key \"%.*s\" for %s",
			       HM_FMT(k->kid), k->algorithm->name);
	return hm_fail(cx, HM_TRUST, "the token is not signed by the issuer: %s", err->why);
}
