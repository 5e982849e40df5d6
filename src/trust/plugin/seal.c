/* SPDX-License-Identifier: Apache-2.0 */
/* Envelopes that a plugin makes, which are held against what was asked for
 * (plugin-extensibility.md, "Signature Envelope Generator"). */
#include "trust/plugin/seal.h"

#include "codec/json.h"

/* A later minor version of a descriptor is not what was asked to be signed. */
static hm_err check_members(struct hm_cx *cx, struct hm_str payload)
{
	static const char *const top_members[] = { "targetArtifact", NULL };
	static const char *const members[] = { "mediaType",    "digest",      "size",
					       "urls",         "data",        "platform",
					       "artifactType", "annotations", NULL };
	struct json top;
	HM_TRY(json_parse(cx, payload, JSON_STRICT, &top));
	HM_TRY(json_only(cx, top, top_members));
	return json_only(cx, json_get(top, "targetArtifact"), members);
}

/* "Plugins MAY append additional annotations but MUST NOT replace/override existing" ones. */
static hm_err check_target(struct hm_cx *cx, const struct trust_claim *claim,
			   const struct trust_sealing *want)
{
	struct oci_descriptor asked, got;
	HM_TRY(trust_payload_parse(cx, want->payload, &asked));
	HM_TRY(trust_claim_target(cx, claim, &got));
	if (!trust_same_target(&asked, &got))
		return hm_fail(cx, HM_TRUST, "it signed something else (%.*s)", HM_FMT(got.digest));
	for (size_t i = 0; i < asked.annotations.n; i++) {
		struct hm_str key = asked.annotations.p[i].key;
		if (!hm_eq(oci_annotation_get(&got.annotations, key.p),
			   asked.annotations.p[i].value))
			return hm_fail(cx, HM_TRUST,
				       "it did not sign the metadata \"%.*s\" as given",
				       HM_FMT(key));
	}
	hm_err err = check_members(cx, claim->envelope.payload);
	return err ? hm_fail(cx, HM_TRUST, "it added to what is signed: %s", err->why) : NULL;
}

/* The digest of a blob is of the algorithm that its key has, by which verifiers compute it, too. */
static hm_err check_algorithm(struct hm_cx *cx, const struct trust_claim *claim,
			      const struct trust_sealing *want)
{
	enum crypto_alg got = claim->signature->alg;
	if (!want->alg || got == want->alg)
		return NULL;
	return hm_fail(cx, HM_TRUST, "it signed with %s, and said that its key is for %s",
		       crypto_alg_rows[got].name, crypto_alg_rows[want->alg].name);
}

static hm_err check_expiry(struct hm_cx *cx, const struct trust_claim *claim,
			   const struct trust_sealing *want)
{
	int64_t latest = want->now + want->expiry_seconds + CRYPTO_CLOCK_SKEW;
	if (!want->expiry_seconds)
		return NULL;
	if (!claim->notary->expiry)
		return hm_fail(cx, HM_TRUST, "its signature never expires, which was asked for");
	if (claim->notary->expiry > latest)
		return hm_fail(cx, HM_TRUST, "its signature expires later than was asked for");
	return NULL;
}

hm_err trust_check_sealed(struct hm_cx *cx, const struct trust_sealing *want, struct hm_str bytes,
			  struct crypto_chain *out_chain, int64_t *out_time)
{
	TRUST_AUTO_CLAIM claim = { 0 };
	HM_TRY(trust_claim_read(cx, hm_cstr(want->media_type), bytes, &claim));
	HM_TRY(check_target(cx, &claim, want));
	HM_TRY(check_algorithm(cx, &claim, want));
	HM_TRY(check_expiry(cx, &claim, want));
	const struct crypto_chain *chain = &claim.signature->chain;
	HM_TRY(crypto_chain_valid_at(cx, chain, want->now));
	HM_TRY(crypto_chain_from_der(cx, chain->der, chain->n, out_chain));
	*out_time = claim.notary->signing_time;
	return NULL;
}
