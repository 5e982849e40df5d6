/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/trust.h"

#include "trust/config.h"

void trust_claim_done(struct trust_claim *c)
{
	envelope_done(&c->envelope);
}

/* The Notary Project's envelopes have one signature, with a chain and with its attributes. */
static hm_err check_form(struct hm_cx *cx, const struct envelope *e)
{
	if (e->signatures_n != 1 || !e->signatures[0].notary)
		return hm_fail(cx, HM_INPUT,
			       "the envelope does not have one signature of the Notary Project");
	return envelope_verify_own(cx, &e->signatures[0]);
}

hm_err trust_claim_read(struct hm_cx *cx, struct hm_str media_type, struct hm_str bytes,
			struct trust_claim *out)
{
	struct trust_claim c = { 0 };
	HM_TRY(envelope_parse(cx, media_type, bytes, &c.envelope));
	hm_err err = check_form(cx, &c.envelope);
	if (err) {
		trust_claim_done(&c);
		return err;
	}
	c.signature = &c.envelope.signatures[0];
	c.notary = c.signature->notary;
	*out = c;
	return NULL;
}

hm_err trust_claim_target(struct hm_cx *cx, const struct trust_claim *c, struct oci_descriptor *out)
{
	if (!hm_eqz(c->envelope.content_type, ENVELOPE_NOTARY_PAYLOAD))
		return hm_fail(cx, HM_INPUT, "payloads of type \"%.*s\" are not supported",
			       HM_FMT(c->envelope.content_type));
	HM_TRY_IN(cx, trust_payload_parse(cx, c->envelope.payload, out), "payload");
	return NULL;
}

bool trust_same_target(const struct oci_descriptor *a, const struct oci_descriptor *b)
{
	return hm_eq(a->media_type, b->media_type) && hm_eq(a->digest, b->digest) &&
	       a->size == b->size;
}
