/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A format of envelopes that Hullmark does not know: lines "NAME: VALUE" in a fixed order, of which
 * the last is an RSA-PSS signature over all before it. It is only read.
 */
#include "codec/base64.h"
#include "envelope/envelope.h"

/* The value of the next line, which must have that name. */
static hm_err read_value(struct hm_cx *cx, struct hm_str *rest, const char *name,
			 struct hm_str *out)
{
	struct hm_str value = hm_line(rest);
	struct hm_str key = hm_cut(&value, ':');
	if (!hm_eqz(key, name))
		return hm_fail(cx, HM_INPUT, "envelope: line \"%s\" is missing", name);
	*out = hm_trim(value);
	return NULL;
}

static hm_err read_base64(struct hm_cx *cx, struct hm_str *rest, const char *name,
			  struct hm_str *out)
{
	struct hm_str text;
	HM_TRY(read_value(cx, rest, name, &text));
	HM_TRY_IN(cx, base64_parse(cx, BASE64_STD, text, out), "envelope: \"%s\"", name);
	return NULL;
}

static hm_err parse_lines(struct hm_cx *cx, struct hm_str bytes, struct envelope *out)
{
	struct envelope_signature *s = hm_new(cx, struct envelope_signature, 1);
	struct envelope_notary *notary = hm_new(cx, struct envelope_notary, 1);
	struct hm_str rest = bytes, time, der;
	uint64_t seconds;
	out->signatures = s;
	out->signatures_n = 1;
	s->alg = CRYPTO_PS256;
	s->material = ENVELOPE_CHAIN;
	s->notary = notary;
	if (!hm_eqz(hm_line(&rest), "lines 1"))
		return hm_fail(cx, HM_INPUT, "envelope: it does not begin with \"lines 1\"");
	HM_TRY(read_value(cx, &rest, "content-type", &out->content_type));
	HM_TRY(read_value(cx, &rest, "signing-time", &time));
	if (!hm_u64(time, INT64_MAX, &seconds))
		return hm_fail(cx, HM_INPUT, "envelope: \"signing-time\" is no number");
	notary->signing_time = (int64_t)seconds;
	HM_TRY(read_base64(cx, &rest, "certificate", &der));
	HM_TRY(read_base64(cx, &rest, "payload", &out->payload));
	s->signed_bytes = hm_sub(bytes, 0, bytes.n - rest.n);
	HM_TRY(read_base64(cx, &rest, "signature", &s->value));
	return crypto_chain_from_der(cx, &der, 1, &s->chain);
}

extern const struct envelope_format envelope_format_lines;
const struct envelope_format envelope_format_lines = { "lines", "application/vnd.example.lines",
						       parse_lines, NULL };
