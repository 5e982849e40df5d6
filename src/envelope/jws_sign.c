/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/jws.h"

#include "codec/base64.h"
#include "codec/json.h"

/* Members in byte order, as other signers write them. */
static hm_err make_protected(struct hm_cx *cx, const struct envelope_signing *s, struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_ENVELOPE);
	struct json_out o = json_out(&b, false);
	struct hm_str text;
	bool authority = s->scheme == ENVELOPE_SIGNING_AUTHORITY;
	json_open(&o, NULL, '{');
	json_putz(&o, "alg", crypto_alg_rows[s->signer->alg].name);
	json_open(&o, "crit", '[');
	json_putz(&o, NULL, JWS_SCHEME);
	if (authority)
		json_putz(&o, NULL, JWS_AUTHENTIC);
	if (s->expiry)
		json_putz(&o, NULL, JWS_EXPIRY);
	json_close(&o, ']');
	json_put_str(&o, "cty", s->content_type);
	if (authority)
		json_put_str(&o, JWS_AUTHENTIC, hm_rfc3339(cx, s->signing_time));
	if (s->expiry)
		json_put_str(&o, JWS_EXPIRY, hm_rfc3339(cx, s->expiry));
	json_putz(&o, JWS_SCHEME, authority ? JWS_AUTHORITY : JWS_X509);
	if (!authority)
		json_put_str(&o, JWS_SIGNING_TIME, hm_rfc3339(cx, s->signing_time));
	json_close(&o, '}');
	HM_TRY(hm_buf_end(cx, &b, "protected header", &text));
	*out = base64_format(cx, BASE64_URL_RAW, text);
	return NULL;
}

/* A key that is not the chain's would make a signature that nobody can verify. */
static hm_err sign_with(struct hm_cx *cx, const struct envelope_signing *s, struct hm_str input,
			struct hm_str *out)
{
	CRYPTO_AUTO_KEY key = { 0 };
	HM_TRY_IN(cx, crypto_chain_check(cx, s->chain), "certificate chain");
	HM_TRY(s->signer->public(cx, s->signer, &key));
	HM_TRY(crypto_key_match(cx, &key, s->chain));
	return s->signer->sign(cx, s->signer, input, out);
}

hm_err envelope_jws_sign(struct hm_cx *cx, const struct envelope_signing *s, struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_ENVELOPE);
	struct json_out o = json_out(&b, false);
	struct hm_str protected, signature, text, token = HM_STR("");
	if (s->expiry && s->expiry <= s->signing_time)
		return hm_fail(cx, HM_USAGE, "the signature would expire before it is made");
	HM_TRY(make_protected(cx, s, &protected));
	struct hm_str payload = base64_format(cx, BASE64_URL_RAW, s->payload);
	struct hm_str input = hm_fmt(cx, "%s.%s", protected.p, payload.p);
	HM_TRY(sign_with(cx, s, input, &signature));
	if (s->stamp)
		HM_TRY_IN(cx, s->stamp(cx, s->stamp_arg, signature, &token), "timestamp");
	json_open(&o, NULL, '{');
	json_put_str(&o, "payload", payload);
	json_put_str(&o, "protected", protected);
	json_open(&o, "header", '{');
	json_open(&o, "x5c", '[');
	for (size_t i = 0; i < s->chain->n; i++)
		json_put_str(&o, NULL, base64_format(cx, BASE64_STD, s->chain->der[i]));
	json_close(&o, ']');
	if (token.n)
		json_put_str(&o, JWS_TIMESTAMP, base64_format(cx, BASE64_STD, token));
	json_put_given(&o, JWS_AGENT, s->signing_agent);
	json_close(&o, '}');
	json_put_str(&o, "signature", base64_format(cx, BASE64_URL_RAW, signature));
	json_close(&o, '}');
	HM_TRY(hm_buf_end(cx, &b, "envelope", &text));
	*out = hm_dup(cx, text);
	return NULL;
}
