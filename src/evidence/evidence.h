/* SPDX-License-Identifier: Apache-2.0 */
/*
 * evidence.h - the kinds of evidence, and what all of them have in common: how they are found at a
 * subject, read, believed, attached and used again.
 *
 * Evidence is a claim about a subject (an SBOM, a vulnerability report), stored beside it as an OCI
 * referrer and signed there. Who makes it (`release`) and who asks for it (the gate) meet only
 * here. A kind is a row of kinds.list and the file that defines it.
 *
 * The law of the room: a registry's list is only its word. An entry counts when its own manifest
 * names the subject (digest, media type and size) and an artifact type of the kind. The room
 * believes nobody by itself: whose evidence counts is said by the trust policy that the caller
 * brings along.
 */
#ifndef EVIDENCE_EVIDENCE_H
#define EVIDENCE_EVIDENCE_H

#include "advisory/advisory.h"
#include "base/base.h"
#include "oci/oci.h"
#include "trust/trust.h"

/* What the content says, as far as anybody asks for it. A kind leaves the rest zero. */
struct evidence_summary {
	size_t severities[ADVISORY_SEVERITIES]; /* vulnerabilities that are listed */
	struct advisory_findings findings;      /* the same, one by one */
	bool says_unread;                       /* how much of the subject could not be read */
	uint64_t unread;                        /* so many files */
	struct hm_str creation; /* who made it and when, as SPDX says it ("creationInfo",
				 * compact JSON); empty: it does not, or at length */
	const void *own;        /* what only the rules of this kind read */
};

struct evidence_kind {
	const char *name;                   /* "sbom" */
	const char *report_type;            /* in a provider's verifierReports */
	const char *noun;                   /* "vulnerability report", in sentences */
	const char *const *artifact_types;  /* ended by NULL; new evidence has the first of them
					     * unless its maker says otherwise */
	const char *const *predicate_types; /* of in-toto statements; ended by NULL */
	bool is_released;                   /* `release` makes it */
	bool is_dated;                      /* its manifest says when it was made (OCI_CREATED) */
	int64_t reuse_seconds;              /* how long dated evidence of the same content is taken
					     * again; what has no date is the same for ever */
	/* Sums up content of one of its artifact types. HM_INPUT: it is nothing of the kind. */
	HM_MUST hm_err (*read)(struct hm_cx *cx, struct hm_str artifact_type, struct hm_str bytes,
			       struct evidence_summary *out);
};
extern const struct evidence_kind *const evidence_kinds[]; /* ended by NULL */

#define EVIDENCE_KIND(name) extern const struct evidence_kind evidence_kind_##name;
#include "evidence/kinds.list"
#undef EVIDENCE_KIND

/* A piece of evidence as it stands attached. */
struct evidence {
	const struct evidence_kind *kind;
	struct oci_descriptor descriptor;
	struct oci_manifest manifest;
	struct hm_str created; /* OCI_CREATED; empty: none, or no time */
	int64_t when;          /* the same in seconds; INT64_MIN: none */
};

/* Could it be otherwise on another try: a registry that is throttled, does not answer or wants
 * other credentials, a machine that failed? Any other fault is a property of the evidence. */
bool evidence_is_undecided(hm_err err);

struct evidence_list {
	struct evidence *p;
	size_t n;
	struct hm_str unread; /* oci_unread_text(): there may be more; empty: there is not */
};
/* What stands attached to `subject` of one kind, newest first. Nothing is said about signatures.
 * HM_LIMIT: more than HM_MAX_EVIDENCE. */
HM_MUST hm_err evidence_find(struct hm_cx *cx, struct oci_place *p,
			     const struct oci_descriptor *subject, const struct evidence_kind *kind,
			     struct evidence_list *out);

/* Its content, summed up. HM_INPUT: it is nothing of its kind. */
HM_MUST hm_err evidence_read(struct hm_cx *cx, struct oci_place *p, const struct evidence *e,
			     struct evidence_summary *out);

/* Where evidence is looked for, and who is believed. */
struct evidence_source {
	struct oci_place *place;
	const struct trust_config *trust;
	struct trust_verify_options options;
};
/* What came of looking for the newest that is believed. */
struct evidence_choice {
	struct evidence *list; /* as evidence_find() found it */
	size_t n;
	struct hm_str unread;          /* as it says */
	const struct evidence *chosen; /* in list; NULL: none is believed */
	const struct evidence *last;   /* the last one that was looked at; NULL: list is empty */
	struct trust_verdict signers;  /* of the last one */
	struct hm_str why;             /* the newest one is not believed; empty where it is */
};
/* "no SBOM is attached to it", and why there may be one. */
struct hm_str evidence_explain_none(struct hm_cx *cx, const struct evidence_kind *kind,
				    const struct evidence_choice *c);
/* The newest whose signature the trust policy believes counts. A fault is "could not decide":
 * older evidence never takes the place of what could not be looked at. */
HM_MUST hm_err evidence_choose(struct hm_cx *cx, const struct evidence_source *s,
			       const struct oci_descriptor *subject,
			       const struct evidence_kind *kind, struct evidence_choice *out);

/* The kinds of those names, ended by NULL. HM_INPUT: one is not known. */
HM_MUST hm_err evidence_kinds_named(struct hm_cx *cx, const struct hm_strs *names,
				    const struct evidence_kind ***out);
/* The state of one piece of evidence that a policy requires. */
struct evidence_state {
	const struct evidence_kind *kind;
	struct oci_descriptor subject; /* the image */
	bool is_good;                  /* attached, believed and readable */
	struct hm_str digest;          /* of the one that is believed; empty: none */
	struct hm_str why;             /* where it is not good */
	int64_t valid_until;           /* of the signatures on a good one */
};
struct evidence_states {
	struct evidence_state *p;
	size_t n, cap;
};
/* Looks for evidence of these kinds on every image behind `subject`; on none where that is evidence
 * itself. A fault means "could not decide", or HM_INPUT as evidence_kinds_named(). */
HM_MUST hm_err evidence_require(struct hm_cx *cx, const struct evidence_source *s,
				const struct oci_descriptor *subject, const struct hm_strs *names,
				struct evidence_states *out);
/* What the statement for the source's scope asks for beside the signatures of `subject`, which has
 * the verdict *v: where a piece of evidence is not good, it is not verified any more, and why. */
HM_MUST hm_err evidence_judge(struct hm_cx *cx, const struct evidence_source *s,
			      const struct oci_descriptor *subject, struct trust_verdict *v,
			      struct evidence_states *out);

/*
 * VEX documents that hang at a subject: attached as evidence of kind "vex", or as in-toto
 * statements whose predicate is OpenVEX, as Cosign and vexctl attach them.
 */
struct evidence_vex {
	struct hm_str digest; /* of what holds it */
	const char *form;     /* "evidence", "attestation" */
	bool is_believed;     /* the trust policy believes who signed it, and it can be read */
	struct hm_str why;    /* where not */
	struct hm_str signer; /* the name that the policy believes; may be empty */
	struct hm_str issuer; /* who says that it is that name; may be empty */
	struct hm_str id, author;
	struct hm_str document; /* its bytes, where it is believed */
	int64_t valid_until;    /* of the signatures; INT64_MAX: no end */
};
struct evidence_vexes {
	struct evidence_vex *p;
	size_t n, cap;
	struct hm_str unread; /* there may be more; empty: there is not */
};
/* All of them. A fault is "could not decide": nobody may then say that nothing is said. */
HM_MUST hm_err evidence_vex_find(struct hm_cx *cx, const struct evidence_source *s,
				 const struct oci_descriptor *subject, struct evidence_vexes *out);
/* What those that are believed say, into `told`. One that cannot be read is not believed any more,
 * and says why. */
void evidence_vex_tell(struct hm_cx *cx, struct evidence_vexes *list, struct advisory_told *told);

/* Evidence to be attached. */
struct evidence_new {
	const struct evidence_kind *kind;
	const char *type; /* one of the kind's artifact types; NULL: the first */
	struct hm_str bytes;
	const struct trust_signer
		*signer; /* who is going to sign it; NULL: in no format of Notation's */
	int64_t now;     /* when dated evidence was made */
};
/*
 * Attach it, unless the same is there: the same bytes, and for dated evidence not older than the
 * kind's reuse_seconds. Dated evidence of the same signer that says otherwise must stay older than
 * what is true now: the new one is dated after it. What a killed run left unsigned is taken too:
 * whether it is signed is for the caller to see to.
 */
HM_MUST hm_err evidence_attach(struct hm_cx *cx, struct oci_place *p,
			       const struct oci_descriptor *subject, const struct evidence_new *e,
			       struct oci_descriptor *out, bool *out_reused);

#endif
