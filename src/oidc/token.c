/* SPDX-License-Identifier: Apache-2.0 */
/* A token: its three parts, what it must say, and whom it names. */
#include "oidc/token.h"

#include "codec/base64.h"

enum { SKEW = 60 /* seconds by which the issuer's clock may differ */, MOST_NAME = 512 };

/* ------------------------------------------------------------------ reading */

static hm_err read_part(struct hm_cx *cx, struct hm_str part, const char *what, struct json *out)
{
	struct hm_str bytes;
	if (base64_parse(cx, BASE64_URL_RAW, part, &bytes) ||
	    json_parse(cx, bytes, JSON_STRICT | JSON_ANY_NUMBER, out) || !json_is_object(*out))
		return hm_fail(cx, HM_TRUST, "the token's %s is not a JSON object in base64url",
			       what);
	return NULL;
}

static bool is_allowed(const struct oidc_terms *t, struct hm_str name)
{
	return !t->algorithms.n || hm_strs_has(&t->algorithms, name);
}

static hm_err read_header(struct hm_cx *cx, const struct oidc_terms *t, struct json header,
			  struct oidc_token *out)
{
	struct hm_str alg = json_str(json_get(header, "alg"));
	struct hm_str type = json_str(json_get(header, "typ"));
	for (const struct oidc_algorithm *a = oidc_algorithms; a->name; a++)
		if (hm_eqz(alg, a->name) && is_allowed(t, alg))
			out->algorithm = a;
	if (!out->algorithm)
		return hm_fail(cx, HM_TRUST, "the token's algorithm \"%.*s\" is not allowed",
			       HM_FMT(alg));
	/* RFC 7515, 4.1.11: what must be understood, and is not */
	if (json_is_there(json_get(header, "crit")))
		return hm_fail(cx, HM_TRUST, "the token's header has \"crit\"");
	/* RFC 8725, 3.11: other kinds of tokens (logout+jwt, secevent+jwt) are no logins */
	if (json_is_there(json_get(header, "typ")) && hm_cmp_nocase(type, HM_STR("JWT")) != 0 &&
	    hm_cmp_nocase(type, HM_STR("at+jwt")) != 0)
		return hm_fail(cx, HM_TRUST,
			       "the token is of type \"%.*s\", not one that says who somebody is",
			       HM_FMT(type));
	out->kid = json_str(json_get(header, "kid"));
	return NULL;
}

hm_err oidc_token_read(struct hm_cx *cx, const struct oidc_terms *t, struct hm_str text,
		       struct oidc_token *out)
{
	struct hm_str rest = text, header, payload;
	struct oidc_token k = { 0 };
	struct json head;
	if (text.n > HM_MAX_OIDC_TOKEN)
		return hm_fail(cx, HM_TRUST, "the token has more than %u bytes",
			       (unsigned)HM_MAX_OIDC_TOKEN);
	header = hm_cut(&rest, '.');
	payload = hm_cut(&rest, '.');
	HM_TRY(read_part(cx, header, "header", &head));
	HM_TRY(read_header(cx, t, head, &k));
	if (!payload.n || !rest.n || hm_find_char(rest, '.') != SIZE_MAX)
		return hm_fail(cx, HM_TRUST, "it is not a token of three parts");
	k.signed_bytes = hm_sub(text, 0, header.n + 1 + payload.n);
	HM_TRY(read_part(cx, payload, "payload", &k.claims));
	if (base64_parse(cx, BASE64_URL_RAW, rest, &k.signature))
		return hm_fail(cx, HM_TRUST, "the token's signature is not in base64url");
	*out = k;
	return NULL;
}

/* ------------------------------------------------------------------ what it must say */

/* RFC 7519, 4.1.3: one, or a list. */
static bool is_for(struct json aud, struct hm_str audience)
{
	if (json_is_string(aud))
		return hm_eq(json_str(aud), audience);
	for (struct json_iter it = json_iter(aud); json_is_array(aud) && json_next(&it);)
		if (json_is_string(it.value) && hm_eq(json_str(it.value), audience))
			return true;
	return false;
}

/* A NumericDate (RFC 7519, 2): seconds, perhaps with a fraction. False: it is none. */
static bool read_time(struct json v, int64_t *out)
{
	static const double LATEST = 253402300800.0; /* of year 9999 */
	double seconds = json_real(v);
	if (!json_is_number(v) || !(seconds >= 0 && seconds < LATEST))
		return false;
	*out = (int64_t)seconds;
	return true;
}

static hm_err check_times(struct hm_cx *cx, struct json claims, int64_t now)
{
	int64_t end, begin = 0;
	struct json nbf = json_get(claims, "nbf"), iat = json_get(claims, "iat");
	if (!read_time(json_get(claims, "exp"), &end))
		return hm_fail(cx, HM_TRUST,
			       "the token does not say until when it is good (\"exp\")");
	if (now >= end + SKEW)
		return hm_fail(cx, HM_TRUST, "the token was good until %.*s",
			       HM_FMT(hm_rfc3339(cx, end)));
	if (json_is_there(nbf) && (!read_time(nbf, &begin) || now + SKEW < begin))
		return hm_fail(cx, HM_TRUST, "the token is not good yet (\"nbf\")");
	if (json_is_there(iat) && (!read_time(iat, &begin) || now + SKEW < begin))
		return hm_fail(cx, HM_TRUST, "the token was made in the future (\"iat\")");
	return NULL;
}

hm_err oidc_token_check(struct hm_cx *cx, const struct oidc_terms *t, const struct oidc_token *k,
			int64_t now)
{
	struct hm_str issuer = json_str(json_get(k->claims, "iss"));
	if (!hm_eq(issuer, t->issuer))
		return hm_fail(cx, HM_TRUST, "the token is of the issuer \"%.*s\", not of \"%.*s\"",
			       HM_FMT(issuer), HM_FMT(t->issuer));
	if (!is_for(json_get(k->claims, "aud"), t->audience))
		return hm_fail(cx, HM_TRUST, "the token is not for the audience \"%.*s\"",
			       HM_FMT(t->audience));
	return check_times(cx, k->claims, now);
}

/* ------------------------------------------------------------------ whom it names */

hm_err oidc_token_name(struct hm_cx *cx, const struct oidc_terms *t, const struct oidc_token *k,
		       struct hm_str *out)
{
	struct hm_str claim = t->claim.n ? t->claim : HM_STR("sub");
	struct hm_str name = json_str(json_get_str(k->claims, claim));
	if (!name.n || name.n > MOST_NAME || hm_has_control(name))
		return hm_fail(cx, HM_TRUST, "the token's \"%.*s\" names nobody", HM_FMT(claim));
	/* OpenID Connect Core 1.0, 5.1: else anybody may have written it */
	if (hm_eqz(claim, "email") && !json_bool(json_get(k->claims, "email_verified")))
		return hm_fail(cx, HM_TRUST, "the issuer has not verified the address \"%.*s\"",
			       HM_FMT(name));
	if (!hm_strs_has(&t->names, name) && !hm_strs_has(&t->names, HM_STR("*")))
		return hm_fail(cx, HM_DENIED, "\"%.*s\" is not among those who are let in",
			       HM_FMT(name));
	*out = name;
	return NULL;
}

/* ------------------------------------------------------------------ terms */

bool oidc_is_private(struct hm_cx *cx, struct hm_str url)
{
	struct http_url u;
	return !http_url_parse(cx, url, &u) &&
	       (hm_eqz(u.scheme, "https") || http_is_loopback(u.host));
}

static bool has_row(struct hm_str name)
{
	for (const struct oidc_algorithm *a = oidc_algorithms; a->name; a++)
		if (hm_eqz(name, a->name))
			return true;
	return false;
}

hm_err oidc_terms_check(struct hm_cx *cx, const struct oidc_terms *t)
{
	if (!oidc_is_private(cx, t->issuer))
		return hm_fail(cx, HM_USAGE, "the issuer \"%.*s\" is not a URL with https",
			       HM_FMT(t->issuer));
	if (!t->audience.n)
		return hm_fail(cx, HM_USAGE, "the audience is missing");
	if (!t->names.n)
		return hm_hint(cx, hm_fail(cx, HM_USAGE, "it does not say who is let in"),
			       "names: [NAME], as the token's claim has it; or [\"*\"] for all of "
			       "the issuer");
	for (size_t i = 0; i < t->algorithms.n; i++)
		if (!has_row(t->algorithms.p[i]))
			return hm_fail(cx, HM_USAGE,
				       "the algorithm \"%.*s\" is not allowed for tokens",
				       HM_FMT(t->algorithms.p[i]));
	return NULL;
}
