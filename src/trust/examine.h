/* SPDX-License-Identifier: Apache-2.0 */
/*
 * examine.h - the rows of collecting and examining: a form says where signatures are stored, a
 * profile how those of its sort are read and checked.
 */
#ifndef TRUST_EXAMINE_H
#define TRUST_EXAMINE_H

#include "trust/config.h"

/* One signature under examination. */
struct trust_run {
	const struct trust_examination *x;
	int64_t now;
	struct trust_claim claim;        /* of the notary profile */
	bool trusted;                    /* the chain leads to a root of the statement's stores */
	struct trust_by_plugin *plugin;  /* of a signature that names one; NULL: not looked for */
	struct trust_bundle_run *bundle; /* of the sigstore profile */
	struct trust_signature *out;     /* what is known of it so far */
};

/* A check of a profile. */
struct trust_step {
	enum trust_check check;
	HM_MUST hm_err (*run)(struct hm_cx *cx, struct trust_run *r); /* NULL: the end */
};

struct trust_profile {
	const char *name;
	/* The first check, integrity: read the bytes, and into r->out who signed, what and when.
	 * What else is not good is a fault of HM_INPUT, HM_TRUST, HM_ABSENT, HM_LIMIT or
	 * HM_USAGE; any other fault means that it could not be looked at. */
	HM_MUST hm_err (*read)(struct hm_cx *cx, struct trust_run *r, struct hm_str media_type,
			       struct hm_str bytes);
	const struct trust_step *steps; /* the other checks, in their order, each once */
	const struct trust_step *last;  /* more steps for some of these checks, after all of them */
	/* Until when a good one holds; only what is enforced limits it. */
	HM_MUST hm_err (*find_end)(struct hm_cx *cx, const struct trust_run *r, int64_t *out);
	void (*done)(struct trust_run *r);
};
extern const struct trust_profile trust_notary, trust_sigstore;
extern const struct trust_profile *const trust_profiles[]; /* ended by NULL */

/* A signature before it is examined: the result of every check is "not checked". */
void trust_signature_start(const struct trust_statement *s, struct trust_signature *out);
/* Copies what is known of a signature out of the memory in which it was examined. */
void trust_signature_copy(struct hm_cx *cx, struct trust_signature *s);

/* --- what a signature leaves to a plugin --- */

/* Does the plugin that the signature names make this check? HM_TRUST, HM_ABSENT, HM_INPUT: it
 * cannot be used; any other fault: it could not be asked. */
HM_MUST hm_err trust_by_plugin_does(struct hm_cx *cx, struct trust_run *r,
				    enum trust_capability what, bool *out);
/* Its verdict on revocation. */
HM_MUST hm_err trust_by_plugin_revocation(struct hm_cx *cx, struct trust_run *r);
/* Last steps: its verdict on who signed, if it gives one; and whether it processed the critical
 * attributes that only it knows. */
HM_MUST hm_err trust_by_plugin_identity(struct hm_cx *cx, struct trust_run *r);
HM_MUST hm_err trust_by_plugin_attributes(struct hm_cx *cx, struct trust_run *r);

struct trust_form {
	const char *name;
	const char *format; /* as people call it: "notation", "bundle", "cosign" */
	enum trust_sort sort;
	const struct trust_profile *profile; /* what its envelopes are examined by */
	/* Is a referrer of that artifact type one? NULL: it is found by a tag. */
	bool (*holds)(struct hm_str artifact_type);
	const char *tag;  /* ALGORITHM-HEX.tag, as Cosign names it; NULL: a referrer */
	bool only_claims; /* it holds no releases: looked at where claims are asked for */
	/* Is it such a manifest, of `subject`, whose first layer is the envelope? HM_INPUT. NULL:
	 * each layer of it is one. */
	HM_MUST hm_err (*check)(struct hm_cx *cx, const struct oci_manifest *m,
				const struct oci_descriptor *subject);
};
extern const struct trust_form trust_forms[]; /* ended by a row without name */

/* As they are tried: the first of each manifest, then the second of each. One with many layers,
 * which anybody may attach, must not use up what is tried. */
struct trust_found *trust_take_turns(struct hm_cx *cx, const struct trust_found *found, size_t n);
/* What the list says to be a claim that nobody asks for comes last, so that many of those keep
 * nobody from the others. What it says is only a hint. Else the order stays. */
struct trust_found *trust_sort_found(struct hm_cx *cx, const struct trust_requirement *r,
				     const struct trust_found *found, size_t n);

#endif
