/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run.h - one bundle under verification, as the files of sigstore/ share it.
 */
#ifndef TRUST_SIGSTORE_RUN_H
#define TRUST_SIGSTORE_RUN_H

#include "codec/json.h"
#include "trust/sigstore/sigstore.h"

struct sigstore_run {
	const struct envelope_bundle *bundle;
	const struct sigstore_question *q;
	struct crypto_key key;      /* that signed: of the certificate, or the caller's */
	struct hm_str verifier;     /* the same as the log has it: DER of certificate or key */
	struct hm_str signed_bytes; /* of a DSSE envelope; of an artifact empty */
	HM_VEC(struct sigstore_time) times;
	struct sigstore_answer *out;
};

/* What the log has of a signature (an entry's body). */
struct sigstore_body {
	bool second;             /* of Rekor's second version, which gives no time */
	struct hm_str signature; /* raw */
	struct hm_str verifier;  /* DER of a certificate or a public key */
	struct hm_str digest;    /* raw */
	enum crypto_digest alg;  /* of it */
	bool of_payload;         /* the digest is of a DSSE payload, not of what was signed */
};
/* HM_INPUT: malformed, or of a kind that is not known; HM_TRUST: not of the kind that the bundle
 * says. */
HM_MUST hm_err trust_sigstore_body_read(struct hm_cx *cx, const struct bundle_entry *e,
					struct sigstore_body *out);

/* All entries: each of a known log must be good, and one there must be. Adds the times that they
 * prove. HM_TRUST. */
HM_MUST hm_err trust_sigstore_check_entries(struct hm_cx *cx, struct sigstore_run *r);
/* The timestamps: adds the times of those that a known authority gave. */
HM_MUST hm_err trust_sigstore_check_timestamps(struct hm_cx *cx, struct sigstore_run *r);
/* Certificate, its path at every time, its log, whom it names. HM_TRUST. */
HM_MUST hm_err trust_sigstore_check_certificate(struct hm_cx *cx, struct sigstore_run *r);

/* Does a chain keep the rule of whoever asks? HM_TRUST. */
HM_MUST static inline hm_err sigstore_check_chain(struct hm_cx *cx, const struct sigstore_run *r,
						  const struct crypto_chain *c)
{
	const struct sigstore_chain_rule *rule = &r->q->chains;
	return rule->check ? rule->check(cx, rule->arg, c) : NULL;
}

/* Member "validFor" of `v`. HM_INPUT: malformed, or a start is needed and is not there. */
HM_MUST hm_err trust_sigstore_read_validity(struct hm_cx *cx, struct json v, bool needs_start,
					    struct sigstore_validity *out);
static inline bool sigstore_is_valid_at(const struct sigstore_validity *v, int64_t when)
{
	return when >= v->from && when <= v->until;
}

#endif
