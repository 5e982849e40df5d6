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
	json_putz(&o, NULL, NOTARY_SCHEME);
	if (authority)
		json_putz(&o, NULL, NOTARY_AUTHENTIC);
	if (s->expiry)
		json_putz(&o, NULL, NOTARY_EXPIRY);
	json_close(&o, ']');
	json_put_str(&o, "cty", s->content_type);
	if (authority)
		json_put_str(&o, NOTARY_AUTHENTIC, hm_rfc3339(cx, s->signing_time));
	if (s->expiry)
		json_put_str(&o, NOTARY_EXPIRY, hm_rfc3339(cx, s->expiry));
	json_putz(&o, NOTARY_SCHEME, authority ? NOTARY_AUTHORITY : NOTARY_X509);
	if (!authority)
		json_put_str(&o, NOTARY_SIGNING_TIME, hm_rfc3339(cx, s->signing_time));
	json_close(&o, '}');
	HM_TRY(hm_buf_end(cx, &b, "protected header", &text));
	*out = base64_format(cx, BASE64_URL_RAW, text);
	return NULL;
}

hm_err envelope_jws_sign(struct hm_cx *cx, const struct envelope_signing *s, struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_ENVELOPE);
	struct json_out o = json_out(&b, false);
	struct hm_str protected, signature, text, token;
	HM_TRY(make_protected(cx, s, &protected));
	struct hm_str payload = base64_format(cx, BASE64_URL_RAW, s->payload);
	struct hm_str input = hm_fmt(cx, "%s.%s", protected.p, payload.p);
	HM_TRY(envelope_notary_sign(cx, s, input, &signature, &token));
	json_open(&o, NULL, '{');
	json_put_str(&o, "payload", payload);
	json_put_str(&o, "protected", protected);
	json_open(&o, "header", '{');
	json_open(&o, "x5c", '[');
	for (size_t i = 0; i < s->chain->n; i++)
		json_put_str(&o, NULL, base64_format(cx, BASE64_STD, s->chain->der[i]));
	json_close(&o, ']');
	if (token.n)
		json_put_str(&o, NOTARY_TIMESTAMP, base64_format(cx, BASE64_STD, token));
	json_put_given(&o, NOTARY_AGENT, s->signing_agent);
	json_close(&o, '}');
	json_put_str(&o, "signature", base64_format(cx, BASE64_URL_RAW, signature));
	json_close(&o, '}');
	HM_TRY(hm_buf_end(cx, &b, "envelope", &text));
	*out = hm_dup(cx, text);
	return NULL;
}
