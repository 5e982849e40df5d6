/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/sigstore/sign.h"
#include "trust/trust.h"

/* One search. */
struct own_run {
	const struct sigstore_sealing *by;
	const struct sigstore_wanted *w; /* NULL: a signature in Cosign's older form */
	struct oci_place *place;
	const struct oci_descriptor *subject;
	struct sigstore_known digest;
	struct crypto_key key; /* public; of a signer with a key of its own */
};

static void run_done(struct own_run *r)
{
	crypto_key_done(&r->key);
}

/* In the form that bundles have, as seal.c reads it. */
static hm_err read_key(struct hm_cx *cx, const struct crypto_signer *signer, struct crypto_key *out)
{
	CRYPTO_AUTO_KEY own = { 0 };
	struct hm_str der;
	HM_TRY(signer->public(cx, signer, &own));
	HM_TRY(crypto_public_key_der(cx, &own, &der));
	return crypto_public_key_any(cx, der, out);
}

/* Is it that the place could not be asked, and not that what it gave is no good? */
static bool is_in_doubt(hm_err err)
{
	return err->code == HM_BUSY || err->code == HM_SYSTEM || err->code == HM_FULL;
}

/* What the annotations say of other claims saves reading those. */
static hm_err fetch_bundle(struct hm_cx *cx, const struct own_run *r,
			   const struct oci_descriptor *d, struct hm_str *out)
{
	struct oci_manifest m;
	HM_TRY(oci_fetch_manifest(cx, r->place, d, &m));
	struct hm_str type = oci_annotation_get(&m.annotations, SIGSTORE_PREDICATE_TYPE);
	if (m.layers_n != 1 || !hm_eqz(m.layers[0].media_type, ENVELOPE_BUNDLE_TYPE) ||
	    !hm_eq(m.subject.digest, r->subject->digest) ||
	    (type.n && !hm_eq(type, r->w->predicate_type)))
		return hm_fail(cx, HM_INPUT, "it is not the bundle that is looked for");
	return oci_fetch(cx, r->place, &m.layers[0], HM_MAX_ENVELOPE, out);
}

/* It verifies against what is asked for now, and this signer made it. */
static hm_err check_signer(struct hm_cx *cx, const struct own_run *r,
			   const struct envelope_bundle *b, struct sigstore_artifact about,
			   struct sigstore_answer *out)
{
	const struct sigstore_sealing *by = r->by;
	struct sigstore_question q = { .root = by->services ? by->root : NULL,
				       .key = by->token ? NULL : &r->key,
				       .artifact = about,
				       .allow_no_log = !by->services || !by->services->logs.n };
	HM_TRY(trust_sigstore_verify(cx, b, &q, out));
	return by->token ? trust_sigstore_token_named(cx, by->token, out) : NULL;
}

/* A claim about the subject, and the same. */
static hm_err check_bundle(struct hm_cx *cx, const struct own_run *r, struct hm_str text)
{
	ENVELOPE_AUTO_BUNDLE b = { 0 };
	struct sigstore_answer a;
	struct statement s;
	HM_TRY(envelope_bundle_parse(cx, text, &b));
	if (!b.dsse)
		return hm_fail(cx, HM_INPUT, "it is not an attestation");
	HM_TRY(check_signer(cx, r, &b, trust_sigstore_known_artifact(&r->digest), &a));
	HM_TRY(statement_parse(cx, a.payload, &s));
	if (!hm_eq(s.predicate_type, r->w->predicate_type) ||
	    (r->w->is_same && !r->w->is_same(cx, r->w->arg, &s, a.payload)))
		return hm_fail(cx, HM_INPUT, "it claims something else");
	return NULL;
}

static hm_err look_through(struct hm_cx *cx, const struct own_run *r, struct oci_descriptor *out,
			   bool *out_found)
{
	struct oci_referrer_list list; /* one of ours that cannot be read is made again */
	HM_TRY(oci_referrers(cx, r->place, r->subject, HM_STR(ENVELOPE_BUNDLE_TYPE), &list));
	for (size_t i = 0; i < list.n && i < HM_MAX_SIGNATURES_TRIED; i++) {
		struct hm_str text;
		hm_err err = fetch_bundle(cx, r, &list.p[i], &text);
		if (err && is_in_doubt(err))
			return err;
		if (err || check_bundle(cx, r, text))
			continue;
		*out = list.p[i];
		*out_found = true;
		return NULL;
	}
	return NULL;
}

/* A layer under Cosign's tag. */
static hm_err check_layer(struct hm_cx *cx, const struct own_run *r, const struct oci_descriptor *d)
{
	ENVELOPE_AUTO_BUNDLE b = { 0 };
	const struct oci_annotations *a = &d->annotations;
	struct envelope_cosign beside = {
		.signature = oci_annotation_get(a, ENVELOPE_COSIGN_SIGNATURE),
		.certificate = oci_annotation_get(a, ENVELOPE_COSIGN_CERTIFICATE),
		.chain = oci_annotation_get(a, ENVELOPE_COSIGN_CHAIN),
		.bundle = oci_annotation_get(a, ENVELOPE_COSIGN_BUNDLE),
		.timestamp = oci_annotation_get(a, ENVELOPE_COSIGN_TIMESTAMP)
	};
	struct envelope_simple s;
	struct sigstore_answer answer;
	struct hm_str text;
	if (!hm_eqz(d->media_type, ENVELOPE_SIMPLE_TYPE))
		return hm_fail(cx, HM_INPUT, "it is not a signature");
	HM_TRY(oci_fetch(cx, r->place, d, HM_MAX_ENVELOPE, &text));
	HM_TRY(envelope_simple_parse(cx, text, &s));
	if (!hm_eq(s.digest, r->subject->digest))
		return hm_fail(cx, HM_INPUT, "it signs something else");
	HM_TRY(envelope_cosign_read(cx, d->media_type, text, &beside, &b));
	return check_signer(cx, r, &b, trust_sigstore_text_artifact(&text), &answer);
}

static hm_err look_under_tag(struct hm_cx *cx, const struct own_run *r, struct oci_descriptor *out,
			     bool *out_found)
{
	struct hm_str hex = r->subject->digest, alg = hm_cut(&hex, ':');
	struct hm_str tag = hm_fmt(cx, "%.*s-%.*s.sig", HM_FMT(alg), HM_FMT(hex));
	struct oci_manifest m;
	if (tag.n > 128) /* of SHA-512: no tag is so long */
		return NULL;
	hm_err err = oci_resolve(cx, r->place, tag, out);
	if (err)
		return err->code == HM_ABSENT ? NULL : err;
	err = oci_fetch_manifest(cx, r->place, out, &m);
	if (err)
		return is_in_doubt(err) ? err : NULL;
	for (size_t i = 0; i < m.layers_n && i < HM_MAX_SIGNATURES_TRIED && !*out_found; i++) {
		err = check_layer(cx, r, &m.layers[i]);
		if (err && is_in_doubt(err))
			return err;
		*out_found = !err;
	}
	return NULL;
}

static hm_err start(struct hm_cx *cx, struct own_run *r)
{
	struct hm_str hex;
	HM_TRY(oci_digest_parse(cx, r->subject->digest, &r->digest.alg, &hex));
	uint8_t *raw = hm_alloc(cx, CRYPTO_DIGEST_MAX, 1, 1);
	HM_TRY(hm_unhex(cx, hex, raw));
	r->digest.raw = hm_bytes(raw, hex.n / 2);
	return r->by->token ? NULL : read_key(cx, r->by->signer, &r->key);
}

hm_err trust_sigstore_find_own(struct hm_cx *cx, struct oci_place *p,
			       const struct oci_descriptor *subject,
			       const struct sigstore_wanted *w, struct oci_descriptor *out,
			       bool *out_found)
{
	HM_CLEANUP(run_done)
	struct own_run r = { .by = w->by, .w = w, .place = p, .subject = subject };
	*out_found = false;
	HM_TRY(start(cx, &r));
	return look_through(cx, &r, out, out_found);
}

hm_err trust_sigstore_find_tagged(struct hm_cx *cx, struct oci_place *p,
				  const struct oci_descriptor *subject,
				  const struct sigstore_sealing *by, struct oci_descriptor *out,
				  bool *out_found)
{
	HM_CLEANUP(run_done) struct own_run r = { .by = by, .place = p, .subject = subject };
	*out_found = false;
	HM_TRY(start(cx, &r));
	return look_under_tag(cx, &r, out, out_found);
}
