/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/dsse.h"

#include "codec/base64.h"
#include "codec/protojson.h"

/* DSSE, protocol.md: PAE = "DSSEv1" SP LEN(type) SP type SP LEN(body) SP body. */
hm_err envelope_dsse_signed_bytes(struct hm_cx *cx, struct hm_str type, struct hm_str payload,
				  struct hm_str *out)
{
	HM_TRY(hm_charge(cx, type.n + payload.n));
	*out = hm_fmt(cx, "DSSEv1 %zu %.*s %zu %.*s", type.n, HM_FMT(type), payload.n,
		      HM_FMT(payload));
	return NULL;
}

static hm_err read_signature(struct hm_cx *cx, struct json v, struct envelope_signature *s)
{
	if (!json_is_object(v))
		return hm_fail(cx, HM_INPUT, "a signature is not an object");
	HM_TRY(protojson_need_bytes(cx, v, "sig", &s->value));
	s->key_id = json_str(json_get(v, "keyid"));
	s->material = ENVELOPE_KEY_ID;
	return NULL;
}

/* What it means is the payload's type's; whose key it is, nobody has asked. */
hm_err envelope_dsse_read(struct hm_cx *cx, struct json top, struct envelope *out)
{
	struct json list = json_get(top, "signatures");
	struct hm_str signed_bytes;
	if (!json_is_object(top))
		return hm_fail(cx, HM_INPUT, "the envelope is not a JSON object");
	HM_TRY(protojson_need_bytes(cx, top, "payload", &out->payload));
	HM_TRY(json_need_str(cx, top, "payloadType", &out->content_type));
	size_t n = json_size(list);
	if (!json_is_array(list) || !n)
		return hm_fail(cx, HM_INPUT, "the envelope has no signatures");
	if (n > HM_MAX_SIGNATURES)
		return hm_fail(cx, HM_LIMIT, "the envelope has too many signatures");
	HM_TRY(envelope_dsse_signed_bytes(cx, out->content_type, out->payload, &signed_bytes));
	out->signatures = hm_new(cx, struct envelope_signature, n);
	for (struct json_iter it = json_iter(list); json_next(&it); out->signatures_n++) {
		struct envelope_signature *s = &out->signatures[out->signatures_n];
		s->signed_bytes = signed_bytes;
		HM_TRY(read_signature(cx, it.value, s));
	}
	return NULL;
}

static hm_err parse_dsse(struct hm_cx *cx, struct hm_str bytes, struct envelope *out)
{
	struct json top;
	HM_TRY_IN(cx, json_parse(cx, bytes, JSON_STRICT, &top), "envelope");
	HM_TRY_IN(cx, envelope_dsse_read(cx, top, out), "envelope");
	return NULL;
}

void envelope_dsse_put(struct hm_cx *cx, struct json_out *o, const struct envelope *e)
{
	json_put_str(o, "payload", base64_format(cx, BASE64_STD, e->payload));
	json_put_str(o, "payloadType", e->content_type);
	json_open(o, "signatures", '[');
	for (size_t i = 0; i < e->signatures_n; i++) {
		json_open(o, NULL, '{');
		json_put_str(o, "sig", base64_format(cx, BASE64_STD, e->signatures[i].value));
		json_put_given(o, "keyid", e->signatures[i].key_id);
		json_close(o, '}');
	}
	json_close(o, ']');
}

hm_err envelope_dsse_write(struct hm_cx *cx, const struct envelope *e, struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_ENVELOPE);
	struct hm_str text;
	struct json_out o = json_out(&b, false);
	json_open(&o, NULL, '{');
	envelope_dsse_put(cx, &o, e);
	json_close(&o, '}');
	HM_TRY(hm_buf_end(cx, &b, "the envelope", &text));
	*out = hm_dup(cx, text);
	return NULL;
}

hm_err envelope_dsse_sign(struct hm_cx *cx, struct hm_str type, struct hm_str payload,
			  const struct crypto_signer *signer, struct hm_str key_id,
			  struct hm_str *out)
{
	struct envelope_signature s = { .key_id = key_id };
	const struct envelope e = { payload, type, &s, 1 };
	HM_TRY(envelope_dsse_signed_bytes(cx, type, payload, &s.signed_bytes));
	HM_TRY(signer->sign(cx, signer, s.signed_bytes, &s.value));
	return envelope_dsse_write(cx, &e, out);
}

extern const struct envelope_format envelope_format_dsse;
const struct envelope_format envelope_format_dsse = { "dsse", ENVELOPE_DSSE_TYPE, parse_dsse,
						      NULL };
