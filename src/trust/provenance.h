/* SPDX-License-Identifier: Apache-2.0 */
/*
 * provenance.h - provenance that lies in a file, beside the file or image that it is about.
 */
#ifndef TRUST_PROVENANCE_H
#define TRUST_PROVENANCE_H

#include "trust/sigstore/sigstore.h"

struct trust_config;
struct trust_verdict;
struct trust_verify_options;

/* A signed document in such a file. */
struct trust_document {
	struct hm_str media_type; /* of a bundle, or ENVELOPE_DSSE_TYPE */
	struct hm_str bytes;
	struct hm_str said; /* the predicate's type, as the list has it; empty: it does not say */
	hm_err bad;         /* why it cannot be verified, whatever it says; or NULL */
};
/*
 * The documents of a file as builders and registries give it: a bundle, a DSSE envelope, one of
 * these in each line, npm's or GitHub's list of attestations, or what gcloud says of an image.
 * Nothing of them is verified. HM_INPUT: it is none of these. HM_LIMIT: HM_MAX_SIGNATURES.
 */
HM_MUST hm_err trust_documents_parse(struct hm_cx *cx, struct hm_str text,
				     struct trust_document **out, size_t *out_n);

struct trust_provenance_question {
	struct sigstore_artifact artifact;          /* what it must be about */
	struct hm_str file, text;                   /* name and content of the file */
	const struct trust_verify_options *options; /* as trust_verify()'s */
	struct hm_str demand;                       /* an entry of "attestations", in JSON */
	struct hm_str package;  /* of npm, that it must be: "@scope/name[@1.0.0]"; or empty */
	struct hm_str npm_keys; /* the registry's keys.json: it must have attested it; or empty */
};
/* Is one of its documents a claim that is as the demand says, by whom the statement for the scope
 * believes? Faults and verdict as trust_verify_claim()'s; of a file that cannot be read, too,
 * the verdict is no. */
HM_MUST hm_err trust_verify_provenance(struct hm_cx *cx, const struct trust_config *t,
				       const struct trust_provenance_question *q,
				       struct trust_verdict *out);

#endif
