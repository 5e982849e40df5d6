/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Logins of browsers. What the issuer answers in the flow is read as a stranger's: the token counts
 * for its signature, and for the nonce that only this login has.
 */
#include "oidc/token.h"

#include "codec/base64.h"

static const int64_t MOST_WAIT = 10 * HM_SECOND;
enum { LOGIN_MEMORY = 4 * 1024 * 1024, FORM = 64 * 1024, MOST_WORD = 64 };

hm_err oidc_client_check(struct hm_cx *cx, const struct oidc_client *c)
{
	struct http_url u;
	if (!c->id.n)
		return hm_fail(cx, HM_USAGE,
			       "the id that the issuer knows this server by is missing");
	if (!oidc_is_private(cx, c->redirect) || http_url_parse(cx, c->redirect, &u))
		return hm_fail(cx, HM_USAGE, "\"%.*s\" is not a URL with https",
			       HM_FMT(c->redirect));
	return NULL;
}

/* An address that the issuer names: what goes there is for nobody else. */
static hm_err need_place(struct hm_cx *cx, const struct oidc_issuer *i, const char *what,
			 struct hm_str place)
{
	struct hm_str issuer = oidc_issuer_terms(i)->issuer;
	if (!place.n)
		return hm_fail(
			cx, HM_SYSTEM,
			"the issuer \"%.*s\" does not log browsers in: its document does not "
			"name the \"%s\"",
			HM_FMT(issuer), what);
	return oidc_is_private(cx, place)
		       ? NULL
		       : hm_fail(cx, HM_SYSTEM,
				 "the \"%s\" of the issuer \"%.*s\" is \"%.*s\", in the clear",
				 what, HM_FMT(issuer), HM_FMT(place));
}

struct field {
	const char *name;
	struct hm_str value; /* empty: left out */
};

static struct hm_str make_form(struct hm_cx *cx, const struct field *fields, size_t n)
{
	HM_AUTO_BUF b = { .max = FORM, .secret = cx->secret };
	for (size_t i = 0; i < n; i++) {
		if (!fields[i].value.n)
			continue;
		if (b.n)
			hm_buf_char(&b, '&');
		hm_buf_addz(&b, fields[i].name);
		hm_buf_char(&b, '=');
		hm_buf_add(&b, http_escape(cx, fields[i].value));
	}
	return hm_dup(cx, hm_buf_str(&b));
}

static struct hm_str format_scopes(struct hm_cx *cx, const struct hm_strs *scopes)
{
	HM_AUTO_BUF b = HM_BUF(FORM);
	hm_buf_addz(&b, "openid");
	for (size_t i = 0; i < scopes->n; i++) {
		hm_buf_char(&b, ' ');
		hm_buf_add(&b, scopes->p[i]);
	}
	return hm_dup(cx, hm_buf_str(&b));
}

hm_err oidc_login_begin(struct hm_cx *cx, struct oidc_issuer *i, const struct oidc_client *c,
			const struct oidc_login *l, struct hm_str *out)
{
	struct oidc_places places;
	struct hm_str digest = crypto_digest_raw(cx, CRYPTO_SHA256, l->verifier);
	const struct field fields[] = {
		{ "response_type", HM_STR("code") },
		{ "client_id", c->id },
		{ "redirect_uri", c->redirect },
		{ "scope", format_scopes(cx, &c->scopes) },
		{ "state", l->state },
		{ "nonce", l->nonce },
		{ "code_challenge", base64_format(cx, BASE64_URL_RAW, digest) },
		{ "code_challenge_method", HM_STR("S256") },
	};
	HM_AUTO_BUF b = HM_BUF(FORM);
	HM_TRY(oidc_issuer_places(cx, i, &places));
	HM_TRY(need_place(cx, i, "authorization_endpoint", places.authorization));
	/* it may have parameters of its own (RFC 6749, 3.1) */
	bool has_query = hm_find_char(places.authorization, '?') != SIZE_MAX;
	hm_buf_add(&b, places.authorization);
	hm_buf_char(&b, has_query ? '&' : '?');
	hm_buf_add(&b, make_form(cx, fields, HM_LEN(fields)));
	HM_TRY(hm_buf_end(cx, &b, "the issuer's address", out));
	*out = hm_dup(cx, *out);
	return NULL;
}

/* ------------------------------------------------------------------ the code */

/* RFC 6749, 5.2: "invalid_grant" and its like. Nothing else of the answer is shown to anybody. */
static struct hm_str word_of_refusal(struct hm_cx *cx, struct hm_str body)
{
	struct json doc;
	if (json_parse(cx, body, JSON_STRICT | JSON_ANY_NUMBER, &doc))
		return HM_STR("no reason given");
	struct hm_str word = json_str(json_get(doc, "error"));
	for (size_t i = 0; i < word.n; i++)
		if (word.p[i] != '_' && (word.p[i] < 'a' || word.p[i] > 'z'))
			return HM_STR("no reason given");
	return word.n && word.n <= MOST_WORD ? word : HM_STR("no reason given");
}

static hm_err explain_refusal(struct hm_cx *cx, const struct http_response *answer)
{
	struct hm_str word = word_of_refusal(cx, answer->body);
	if (hm_eqz(word, "invalid_client") || hm_eqz(word, "unauthorized_client"))
		return hm_fail(cx, HM_SYSTEM, "the issuer does not accept this server (%.*s)",
			       HM_FMT(word));
	if (answer->status >= 400 && answer->status < 500)
		return hm_fail(cx, HM_TRUST, "the issuer does not accept this login (%.*s)",
			       HM_FMT(word));
	return hm_fail(cx, HM_BUSY, "the issuer answered with status %d", answer->status);
}

/* RFC 6749, 2.3.1: both are escaped, and then HTTP's own way. */
static struct hm_str format_basic(struct hm_cx *cx, const struct oidc_client *c)
{
	HM_AUTO_BUF pair = { .max = FORM, .secret = cx->secret };
	HM_AUTO_BUF line = { .max = FORM, .secret = cx->secret };
	hm_buf_add(&pair, http_escape(cx, c->id));
	hm_buf_char(&pair, ':');
	hm_buf_add(&pair, http_escape(cx, hm_secret_str(c->secret)));
	hm_buf_addz(&line, "Basic ");
	hm_buf_add(&line, base64_format(cx, BASE64_STD, hm_buf_str(&pair)));
	return hm_dup(cx, hm_buf_str(&line));
}

/* The request for a token (RFC 6749, 4.1.3; RFC 7636, 4.5). */
static struct hm_str make_request(struct hm_cx *cx, const struct oidc_client *c,
				  const struct oidc_login *l, struct hm_str code, bool has_header)
{
	bool tells = c->secret && !has_header;
	const struct field fields[] = {
		{ "grant_type", HM_STR("authorization_code") },
		{ "code", code },
		{ "redirect_uri", c->redirect },
		{ "code_verifier", l->verifier },
		{ "client_id", has_header ? HM_STR("") : c->id },
		{ "client_secret", tells ? hm_secret_str(c->secret) : HM_STR("") },
	};
	return make_form(cx, fields, HM_LEN(fields));
}

static hm_err ask_for_token(struct hm_cx *cx, struct oidc_issuer *i, const struct oidc_client *c,
			    const struct oidc_login *l, struct hm_str code, struct hm_str *out)
{
	static const struct http_header headers[] = {
		{ HM_STR_INIT("Accept"), HM_STR_INIT("application/json") },
		{ HM_STR_INIT("Content-Type"), HM_STR_INIT("application/x-www-form-urlencoded") },
	};
	struct http_header given = { HM_STR("Authorization"), HM_STR("") };
	struct oidc_places places;
	struct http_response answer;
	struct json doc;
	HM_TRY(oidc_issuer_places(cx, i, &places));
	HM_TRY(need_place(cx, i, "token_endpoint", places.token));
	bool has_header = c->secret && !places.secret_in_body;
	struct hm_str body = make_request(cx, c, l, code, has_header);
	if (has_header)
		given.value = format_basic(cx, c);
	struct http_request r = { .method = "POST",
				  .url = places.token,
				  .headers = headers,
				  .headers_n = HM_LEN(headers),
				  .given = &given,
				  .given_n = has_header ? 1 : 0,
				  .body = { .bytes = body, .size = (int64_t)body.n },
				  .has_body = true,
				  .secret_body = true };
	HM_TRY(oidc_issuer_ask(cx, i, &r, &answer));
	if (answer.status != 200)
		return explain_refusal(cx, &answer);
	HM_TRY(json_parse(cx, answer.body, JSON_STRICT | JSON_ANY_NUMBER, &doc));
	return json_need_str(cx, doc, "id_token", out);
}

/* What a token must say besides, when a browser was logged in for it (OpenID Connect Core 1.0,
 * 3.1.3.7: 4, 5, 11). */
static hm_err check_login(struct hm_cx *cx, const struct oidc_client *c, const struct oidc_login *l,
			  const struct oidc_token *k)
{
	struct json azp = json_get(k->claims, "azp"), aud = json_get(k->claims, "aud");
	bool many = json_is_array(aud) && json_size(aud) > 1;
	if (!hm_eq_secret(json_str(json_get(k->claims, "nonce")), l->nonce))
		return hm_fail(cx, HM_TRUST, "the token is not for this login (\"nonce\")");
	if ((many || json_is_there(azp)) && !hm_eq(json_str(azp), c->id))
		return hm_fail(cx, HM_TRUST, "the token was made for somebody else (\"azp\")");
	return NULL;
}

static hm_err end_login(struct hm_cx *cx, struct oidc_issuer *i, const struct oidc_client *c,
			const struct oidc_login *l, struct hm_str code, struct hm_str *out)
{
	struct oidc_terms terms = *oidc_issuer_terms(i);
	struct oidc_token k;
	struct hm_str token;
	terms.audience = c->id;
	HM_TRY(ask_for_token(cx, i, c, l, code, &token));
	HM_TRY(oidc_issuer_verify(cx, i, &terms, token, hm_now(), &k));
	HM_TRY(check_login(cx, c, l, &k));
	return oidc_token_name(cx, &terms, &k, out);
}

hm_err oidc_login_end(struct hm_cx *cx, struct oidc_issuer *i, const struct oidc_client *c,
		      const struct oidc_login *l, struct hm_str code, struct hm_str *out)
{
	HM_AUTO_CX own = hm_secret_cx(cx, LOGIN_MEMORY);
	struct hm_str name;
	int64_t until = hm_mono() + MOST_WAIT;
	if (!own.deadline || own.deadline > until)
		own.deadline = until;
	hm_err err = end_login(&own, i, c, l, code, &name);
	if (err)
		return hm_fault_copy(cx, err);
	*out = hm_dup(cx, name);
	return NULL;
}
