/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/cose.h"

#include "codec/cbor.h"

/* A map is written in the order of its keys' bytes (RFC 8949, 4.2.1): numbers first, then the
 * shorter text. Other signers write the same bytes. */

hm_err envelope_cose_signed_bytes(struct hm_cx *cx, struct hm_str protected, struct hm_str payload,
				  struct hm_str *out)
{
	enum { ROOM = 64 }; /* the heads and the context */
	HM_AUTO_BUF b = HM_BUF(protected.n + payload.n + ROOM);
	HM_TRY(hm_charge(cx, b.max));
	cbor_open_array(&b, 4);
	cbor_put_text(&b, HM_STR("Signature1"));
	cbor_put_bytes(&b, protected);
	cbor_put_bytes(&b, HM_STR(""));
	cbor_put_bytes(&b, payload);
	*out = hm_dup(cx, hm_buf_str(&b));
	return NULL;
}

static void put_time(struct hm_buf *to, const char *name, int64_t seconds)
{
	cbor_put_text(to, hm_cstr(name));
	cbor_put_tag(to, 1);
	cbor_put_number(to, seconds);
}

static hm_err make_protected(struct hm_cx *cx, const struct envelope_signing *s, struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_ENVELOPE);
	struct hm_str text;
	bool authority = s->scheme == ENVELOPE_SIGNING_AUTHORITY;
	cbor_open_map(&b, s->expiry ? 6 : 5);
	cbor_put_number(&b, COSE_ALG);
	cbor_put_number(&b, crypto_alg_rows[s->signer->alg].cose);
	cbor_put_number(&b, COSE_CRIT);
	cbor_open_array(&b, 1 + (size_t)authority + (s->expiry != 0));
	cbor_put_text(&b, HM_STR(NOTARY_SCHEME));
	if (authority)
		cbor_put_text(&b, HM_STR(NOTARY_AUTHENTIC));
	if (s->expiry)
		cbor_put_text(&b, HM_STR(NOTARY_EXPIRY));
	cbor_put_number(&b, COSE_CONTENT_TYPE);
	cbor_put_text(&b, s->content_type);
	if (s->expiry)
		put_time(&b, NOTARY_EXPIRY, s->expiry);
	if (!authority)
		put_time(&b, NOTARY_SIGNING_TIME, s->signing_time);
	cbor_put_text(&b, HM_STR(NOTARY_SCHEME));
	cbor_put_text(&b, authority ? HM_STR(NOTARY_AUTHORITY) : HM_STR(NOTARY_X509));
	if (authority)
		put_time(&b, NOTARY_AUTHENTIC, s->signing_time);
	HM_TRY(hm_buf_end(cx, &b, "protected header", &text));
	*out = hm_dup(cx, text);
	return NULL;
}

static void put_unprotected(struct hm_buf *to, const struct envelope_signing *s,
			    struct hm_str token)
{
	cbor_open_map(to, 1 + (size_t)(s->signing_agent.n > 0) + (size_t)(token.n > 0));
	cbor_put_number(to, COSE_X5CHAIN);
	cbor_open_array(to, s->chain->n);
	for (size_t i = 0; i < s->chain->n; i++)
		cbor_put_bytes(to, s->chain->der[i]);
	if (s->signing_agent.n) {
		cbor_put_text(to, HM_STR(NOTARY_AGENT));
		cbor_put_text(to, s->signing_agent);
	}
	if (token.n) {
		cbor_put_text(to, HM_STR(NOTARY_TIMESTAMP));
		cbor_put_bytes(to, token);
	}
}

hm_err envelope_cose_sign(struct hm_cx *cx, const struct envelope_signing *s, struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_ENVELOPE);
	struct hm_str protected, input, signature, token, text;
	HM_TRY(make_protected(cx, s, &protected));
	HM_TRY(envelope_cose_signed_bytes(cx, protected, s->payload, &input));
	HM_TRY(envelope_notary_sign(cx, s, input, &signature, &token));
	hm_buf_add(&b, HM_STR(COSE_HEAD));
	cbor_put_bytes(&b, protected);
	put_unprotected(&b, s, token);
	cbor_put_bytes(&b, s->payload);
	cbor_put_bytes(&b, signature);
	HM_TRY(hm_buf_end(cx, &b, "envelope", &text));
	*out = hm_dup(cx, text);
	return NULL;
}
