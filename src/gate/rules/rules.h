/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules.h - what an image is judged by: each rule of the gate is a row of rules.list and the file
 * that defines it, with the keys of hullmark.yaml and the flags of `hullmark admit` that set its
 * parameters.
 *
 * A rule says what it needs, and decide.c gets it: the name alone, the signatures of the digest, or
 * a kind of evidence of every image behind the digest. Whatever a rule needs and cannot be had is a
 * denial (or "unknown") before the rule is asked: evidence of a kind that some rule needs must be
 * attached, signed by somebody who is believed, and readable. A rule judges facts and asks nobody.
 */
#ifndef GATE_RULES_RULES_H
#define GATE_RULES_RULES_H

#include "evidence/evidence.h"
#include "gate/gate.h"

enum gate_need {
	GATE_NEEDS_NAME,      /* before anybody is asked; the first finding decides */
	GATE_NEEDS_IMAGE,     /* the digest can be looked at */
	GATE_NEEDS_SIGNATURE, /* of the digest */
	GATE_NEEDS_EVIDENCE,  /* of `kind`, of every image behind the digest */
};

/* What VEX documents say of the findings of a report, where a rule would deny because of them. */
struct gate_vex {
	const struct advisory_findings *findings;
	struct advisory_assessment *assessments; /* of each; affected: it counts */
	size_t suppressed;
	struct hm_str trouble; /* documents that do not count, and why; empty: there are none */
	int64_t valid_until;   /* of the documents that count */
};

/* What rules judge. Each need has its own part; the rest is zero. */
struct gate_facts {
	const struct gate_config *config;
	const struct oci_target *target; /* what the name means; not valid where bad_name is set */
	/* name */
	struct hm_str image, namespace; /* as written */
	bool exempts;                   /* whoever named the namespace may */
	hm_err bad_name;                /* no image in a registry; NULL: target is what it names */
	const struct trust_config *trust; /* NULL: the trust policy cannot be read now */
	const struct hm_strs *wanted;     /* kinds of evidence that the trust policy asks for */
	/* signature and evidence */
	struct hm_str subject; /* "registry/repository@digest" of what is judged */
	const struct trust_verdict *signature;
	const struct evidence *evidence; /* the newest that is believed */
	const struct evidence_summary *summary;
	const struct gate_vex *vex; /* of a report; NULL: nobody was asked */
};

/* What a rule says. */
struct gate_judgement {
	bool good;
	struct hm_str detail, remedy; /* as in a finding; no remedy where it is good */
	int64_t valid_until;          /* INT64_MAX: the rule sets no end */
};

struct gate_rule {
	const char *name; /* "report-age" */
	enum gate_need need;
	const struct evidence_kind *kind;        /* of GATE_NEEDS_EVIDENCE */
	unsigned policy;                         /* asked for by these policies; 0: by all */
	const struct gate_parameter *parameters; /* ended by one without key; NULL: none */
	bool is_optional;   /* asked for only where the first parameter is given */
	const char *remedy; /* where what it needs could not be had */
	/* False: the rule has nothing to report. NULL: what it needs is all that it asks for. */
	bool (*judge)(struct hm_cx *cx, const struct gate_facts *f, struct gate_judgement *out);
};
extern const struct gate_rule *const gate_rules[]; /* ended by NULL */

#define GATE_RULE(name) extern const struct gate_rule gate_rule_##name;
#include "gate/rules/rules.list"
#undef GATE_RULE

/* The value that a parameter has, or what it is otherwise. */
int64_t gate_number(const struct gate_config *c, const struct gate_parameter *p);
/* NULL: it was not given. */
const struct hm_strs *gate_names(const struct gate_config *c, const struct gate_parameter *p);
/* Does the configuration ask for it, or the trust policy, by the kind that the rule is about
 * (`wanted`; NULL: nothing)? */
bool gate_rule_is_asked(const struct gate_rule *r, const struct gate_config *c,
			const struct hm_strs *wanted);

/* Is a report with these findings denied for their severity, and may VEX documents say otherwise?
 */
bool gate_wants_vex(const struct gate_config *c, const size_t severities[ADVISORY_SEVERITIES]);
/* Is this namespace exempt, so that the gate admits whatever runs in it? */
bool gate_exempts(const struct gate_config *c, struct hm_str namespace);
/* The judge of a rule that asks for nothing but that its evidence is there. */
bool gate_judge_attached(struct hm_cx *cx, const struct gate_facts *f, struct gate_judgement *out);
/* How a user makes evidence of `subject` anew. */
struct hm_str gate_release_remedy(struct hm_cx *cx, struct hm_str subject);

#endif
