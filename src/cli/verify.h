/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verify.h - what the files of verify share.
 */
#ifndef CLI_VERIFY_H
#define CLI_VERIFY_H

#include "cli/believe.h"
#include "cli/cli.h"
#include "cli/demand.h"
#include "cli/revocation.h"
#include "trust/trust.h"

struct cli_verify {
	const char *scope, *provenance, *npm_keys, *package;
	uint64_t max_signatures, concurrency;
	bool all; /* every tag of each target */
	bool layout;
	struct hm_strs metadata, output, plugin_config;
	struct cli_revocation revocation;
	struct cli_believe given;
	struct cli_demand demand; /* of SLSA provenance */
};

/* What is asked of a provenance, and who is believed: without a name or a key, by a trusted root
 * and for a source, the builders that are known here, or the one that is asked for. Then whose
 * provenance it is decides, and not what it says of itself. */
void cli_verify_whom(const struct cli_verify *o, struct cli_demand *out_demand,
		     struct cli_believe *out_given);
/* The trust policy, or what is given instead of it. To be closed by trust_config_close(). */
HM_MUST hm_err cli_verify_trust(struct hm_cx *cx, const struct cli *cli, const struct cli_verify *o,
				struct trust_config **out);
/* The scope by which a target is judged. */
HM_MUST hm_err cli_verify_scope(struct hm_cx *cx, const struct cli_verify *o,
				const struct oci_target *t, struct hm_str *out);

/* From the flags; without scope and HTTP client. HM_USAGE. */
HM_MUST hm_err cli_verify_options(struct hm_cx *cx, const struct cli_verify *o,
				  struct trust_verify_options *out);
/* Which signatures are listed for the question: claims too, where any are asked for. */
unsigned cli_verify_sorts(const struct cli_verify *o, unsigned sorts);
/* What the policy says of it, and of its SLSA provenance where o->demand asks for any. Without a
 * policy (o->given) the provenance is all that is asked for then, as slsa-verifier asks: its
 * builders attest, and release nothing. */
HM_MUST hm_err cli_verify_judge(struct hm_cx *cx, const struct cli_verify *o,
				const struct trust_config *t, const struct cli_subject *s,
				const struct trust_verify_options *options,
				struct cli_judgement *out);
/* The report on one, and the exit status that follows. */
HM_MUST hm_err cli_verify_answer(struct hm_cx *cx, struct cli *cli, const struct cli_verify *o,
				 const struct cli_judgement *j);
/* o->provenance: does a file of provenance say of `ref`, a file or an artifact in a place, what
 * o->demand asks for? By whom o->given believes, else by builders that are known. */
HM_MUST hm_err cli_verify_provenance(struct hm_cx *cx, struct cli *cli, const struct cli_verify *o,
				     const char *ref);
/* Verify several targets, or with o->all every artifact of each, in parallel; one report on all. */
HM_MUST hm_err cli_verify_many(struct hm_cx *cx, struct cli *cli, const struct cli_verify *o,
			       char *const *args, size_t args_n);

#endif
