/* SPDX-License-Identifier: Apache-2.0 */
/* A signature as a provider's report: under the type of that verifier of Ratify's whose it would
 * be; the attestations of SLSA's have a type of their own. */
#include "envelope/envelope.h"
#include "gate/judge.h"
#include "statement/statement.h"

/* As Ratify names what holds Cosign's older signatures, which may have no such type of their own.
 */
#define COSIGN_TYPE "application/vnd.dev.cosign.artifact.sig.v1+json"

enum { LEVELS = 4 };

static bool is_provenance(struct hm_str predicate)
{
	return hm_eqz(predicate, SLSA_PROVENANCE) || hm_eqz(predicate, SLSA_OLD_PROVENANCE);
}

static const char *type_of(const struct trust_signature *sig)
{
	if (is_provenance(sig->predicate) || hm_eqz(sig->predicate, SLSA_SUMMARY))
		return "slsa";
	return !sig->format || strcmp(sig->format, "notation") == 0 ? "notation" : "cosign";
}

static struct hm_str artifact_type_of(const struct trust_signature *sig)
{
	if (sig->descriptor.artifact_type.n)
		return sig->descriptor.artifact_type;
	if (sig->format && strcmp(sig->format, "bundle") == 0)
		return HM_STR(ENVELOPE_BUNDLE_TYPE);
	return sig->format && strcmp(sig->format, "cosign") == 0 ? HM_STR(COSIGN_TYPE)
								 : HM_STR(TRUST_SIGNATURE_TYPE);
}

/* What a claim says that somebody who is believed has signed. One that cannot be read says nothing:
 * that it is good was decided elsewhere. */
static void add_claim(struct hm_cx *cx, struct hm_str claim, struct gate_report *r)
{
	struct statement s;
	struct slsa_provenance provenance;
	struct slsa_summary summary;
	if (!claim.n || statement_parse(cx, claim, &s))
		return;
	if (is_provenance(s.predicate_type)) {
		if (!statement_provenance_read(cx, &s, &provenance))
			r->builder = hm_dup(cx, provenance.builder);
		return;
	}
	if (!hm_eqz(s.predicate_type, SLSA_SUMMARY) || statement_summary_read(cx, &s, &summary) ||
	    !summary.passed)
		return;
	for (int level = LEVELS; level > 0 && !r->level.n; level--) {
		struct hm_str name = hm_fmt(cx, "SLSA_BUILD_LEVEL_%d", level);
		if (statement_summary_reaches(&summary, name))
			r->level = name;
	}
}

struct gate_report gate_report_signature(struct hm_cx *cx, const struct trust_verdict *v, size_t i,
					 struct hm_str subject)
{
	const struct trust_signature *sig = &v->signatures[i];
	struct trust_identity signer = trust_signature_signer(sig);
	struct gate_report r = {
		.type = hm_cstr(type_of(sig)),
		.artifact_type = artifact_type_of(sig),
		.digest = sig->descriptor.digest,
		.subject = subject,
		.message = sig->good ? hm_fmt(cx, "signed by \"%.*s\"", HM_FMT(signer.value))
				     : sig->why,
		.identity = signer.value,
		.issuer = signer.issuer,
		.policy = v->policy,
		.predicate = sig->predicate,
		.is_signature = true,
		.is_key = signer.kind && strcmp(signer.kind, TRUST_KEY_IDENTITY) == 0,
		.in_log = sig->in_log,
		.good = sig->good,
	};
	if (r.good)
		add_claim(cx, sig->claim, &r);
	return r;
}
