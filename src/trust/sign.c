/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/trust.h"

#include "codec/json.h"
#include "trust/stamp.h"

static hm_err format_thumbprints(struct hm_cx *cx, const struct crypto_chain *c, struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(64 * HM_KIB);
	struct json_out o = json_out(&b, false);
	struct hm_str text;
	json_open(&o, NULL, '[');
	for (size_t i = 0; i < c->n; i++)
		json_put_str(&o, NULL, hm_hex(cx, crypto_digest_raw(cx, CRYPTO_SHA256, c->der[i])));
	json_close(&o, ']');
	HM_TRY(hm_buf_end(cx, &b, "thumbprints", &text));
	*out = hm_dup(cx, text);
	return NULL;
}

static struct oci_descriptor describe_bytes(struct hm_cx *cx, const char *media_type,
					    struct hm_str bytes)
{
	return (struct oci_descriptor){ .media_type = hm_cstr(media_type),
					.digest = crypto_digest_text(cx, CRYPTO_SHA256, bytes),
					.size = bytes.n };
}

/*
 * The form of Notation 1.x, whose configuration's media type says what the manifest is: verifiers
 * of that age know no other, and all later ones know it too.
 */
static hm_err push_signature(struct hm_cx *cx, struct oci_place *p,
			     const struct oci_descriptor *subject,
			     const struct oci_annotations *annotations,
			     const struct trust_sealed *made, struct oci_descriptor *out)
{
	struct oci_descriptor layer = describe_bytes(cx, made->format->media_type, made->bytes);
	struct oci_manifest m = { .kind = OCI_IS_MANIFEST,
				  .media_type = HM_STR(OCI_MANIFEST),
				  .config = describe_bytes(cx, TRUST_SIGNATURE_TYPE,
							   HM_STR(OCI_EMPTY_BYTES)),
				  .layers = &layer,
				  .layers_n = 1,
				  .annotations = *annotations };
	struct hm_str bytes;
	/* What the subject's descriptor says beside these three is not the signature's business. */
	m.subject = (struct oci_descriptor){ .media_type = subject->media_type,
					     .digest = subject->digest,
					     .size = subject->size };
	HM_TRY(oci_manifest_format(cx, &m, &bytes));
	HM_TRY(oci_push_bytes(cx, p, &m.config, HM_STR(OCI_EMPTY_BYTES)));
	HM_TRY(oci_push_new_bytes(cx, p, &layer, made->bytes)); /* it was just made */
	return oci_push_manifest(cx, p, bytes, m.media_type, HM_STR(""), out);
}

/* A chain that comes with the signature is known only behind it. */
static hm_err seal_in(struct hm_cx *cx, const struct envelope_signing *s, struct trust_sealed *made)
{
	HM_TRY(crypto_chain_valid_at(cx, s->chain, s->signing_time));
	HM_TRY(made->format->sign(cx, s, &made->bytes));
	return s->signer->chain ? crypto_chain_valid_at(cx, s->chain, s->signing_time) : NULL;
}

/* The signer makes the whole envelope: nothing can be added to it, not even a timestamp. */
static hm_err let_seal(struct hm_cx *cx, const struct trust_signer *signer,
		       const struct trust_sign_options *o, const struct envelope_signing *s,
		       struct trust_sealed *out)
{
	struct trust_sealing want = { .media_type = out->format->media_type,
				      .payload = s->payload,
				      .expiry_seconds = o->expiry_seconds,
				      .now = s->signing_time,
				      .alg = signer->signer->alg };
	if (s->stamp)
		return hm_fail(cx, HM_USAGE,
			       "its plugin makes whole envelopes, to which no timestamp is added");
	return signer->kind->seal(cx, signer->signer, &want, out);
}

hm_err trust_seal(struct hm_cx *cx, const struct oci_descriptor *subject,
		  const struct trust_signer *signer, const struct trust_sign_options *o,
		  struct trust_sealed *out)
{
	struct envelope_signing s = { .content_type = HM_STR(ENVELOPE_NOTARY_PAYLOAD),
				      .signing_time = o->now ? o->now : hm_now(),
				      .signing_agent = HM_STR("hullmark/" HULLMARK_VERSION),
				      .signer = signer->signer,
				      .chain = trust_signer_chain(signer) };
	struct trust_sealed made = { .format = o->format,
				     .time = s.signing_time,
				     .chain = s.chain };
	if (!made.format)
		made.format = envelope_format_by_type(HM_STR(ENVELOPE_JWS_TYPE));
	struct trust_stamping stamping = { o->timestamping, s.chain,
					   trust_digest_of(signer->signer->alg), o->now };
	if (o->timestamping && o->timestamping->url.n) {
		s.stamp = trust_stamp;
		s.stamp_arg = &stamping;
	}
	if (o->expiry_seconds < 0)
		return hm_fail(cx, HM_USAGE, "a signature cannot expire before it is made");
	s.expiry = o->expiry_seconds ? s.signing_time + o->expiry_seconds : 0;
	if (signer->agent.n)
		s.signing_agent = hm_fmt(cx, "%s %.*s", s.signing_agent.p, HM_FMT(signer->agent));
	HM_TRY(trust_payload_format(cx, subject, &o->user_metadata, &s.payload));
	HM_TRY_IN(cx,
		  signer->kind && signer->kind->seal ? let_seal(cx, signer, o, &s, &made)
						     : seal_in(cx, &s, &made),
		  "key \"%.*s\"", HM_FMT(signer->name));
	*out = made;
	return NULL;
}

hm_err trust_signer_find_chain(struct hm_cx *cx, const struct trust_signer *signer,
			       const struct crypto_chain **out)
{
	const struct trust_sign_options o = { 0 };
	struct trust_sealed made = { .chain = trust_signer_chain(signer) };
	struct oci_descriptor empty = describe_bytes(cx, OCI_EMPTY, HM_STR(OCI_EMPTY_BYTES));
	if (!made.chain->n)
		HM_TRY(trust_seal(cx, &empty, signer, &o, &made));
	*out = made.chain;
	return NULL;
}

static hm_err store_sealed(struct hm_cx *cx, struct oci_place *p,
			   const struct oci_descriptor *subject, const struct trust_sealed *made,
			   struct oci_descriptor *out)
{
	struct oci_annotations annotations = { 0 };
	struct hm_str prints;
	HM_TRY(format_thumbprints(cx, made->chain, &prints));
	*hm_push(cx, &annotations) = (struct oci_annotation){ HM_STR(TRUST_THUMBPRINTS), prints };
	*hm_push(cx, &annotations) =
		(struct oci_annotation){ HM_STR(OCI_CREATED), hm_rfc3339(cx, made->time) };
	/* none that says what these say */
	for (size_t i = 0; i < made->annotations.n; i++)
		if (!oci_annotation_get(&annotations, made->annotations.p[i].key.p).n)
			*hm_push(cx, &annotations) = made->annotations.p[i];
	return push_signature(cx, p, subject, &annotations, made, out);
}

hm_err trust_sign_all(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *subject,
		      const struct trust_signers *signers, const struct trust_sign_options *o,
		      struct trust_stored *out)
{
	struct trust_sealed *made = hm_new(cx, struct trust_sealed, signers->n);
	bool stamped = o->timestamping && o->timestamping->url.n;
	for (size_t i = 0; i < signers->n; i++) {
		out[i] = (struct trust_stored){ 0 };
		struct trust_own own = { &signers->p[i], stamped ? &o->timestamping->root : NULL };
		if (o->reuse)
			HM_TRY(trust_find_own(cx, p, subject, &own, &out[i].descriptor,
					      &out[i].reused));
		if (!out[i].reused)
			HM_TRY(trust_seal(cx, subject, &signers->p[i], o, &made[i]));
	}
	for (size_t i = 0; o->last && i < signers->n; i++)
		if (signers->p[i].kind && signers->p[i].kind->leave)
			signers->p[i].kind->leave(signers->p[i].signer);
	for (size_t i = 0; i < signers->n; i++)
		if (!out[i].reused)
			HM_TRY(store_sealed(cx, p, subject, &made[i], &out[i].descriptor));
	return NULL;
}

hm_err trust_sign(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *subject,
		  const struct trust_signer *signer, const struct trust_sign_options *o,
		  struct oci_descriptor *out_signature)
{
	struct trust_sealed made;
	HM_TRY(trust_seal(cx, subject, signer, o, &made));
	return store_sealed(cx, p, subject, &made, out_signature);
}
