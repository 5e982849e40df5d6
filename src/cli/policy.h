/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy.h - what the commands for both kinds of trust policy share: for images and for blobs.
 */
#ifndef CLI_POLICY_H
#define CLI_POLICY_H

#include "cli/cli.h"
#include "codec/json.h"
#include "trust/trust.h"

/* The options of those commands. */
struct cli_policy {
	bool force, global;
	uint64_t number;
	const char *name, *level;
	struct hm_strs scopes, stores, identities;
};

/* clang-format off */
#define CLI_POLICY_FORCE \
	CLI_OPT(cli_policy, force, "force", CLI_FLAG, 0, NULL, "replace the policy that is there")
#define CLI_POLICY_LEVEL \
	CLI_OPT(cli_policy, level, "level", CLI_TEXT, 0, "LEVEL", "strict (the default), permissive, audit or skip")
#define CLI_POLICY_STORES \
	CLI_OPT(cli_policy, stores, "trust-store", CLI_LIST, 0, "TYPE:NAME", "a trust store")
#define CLI_POLICY_IDENTITIES \
	CLI_OPT(cli_policy, identities, "trusted-identity", CLI_LIST, 0, "ID", "a signer; any where none is given")
/* clang-format on */

struct cli_policy_kind {
	const char *what; /* "trust policy" */
	HM_MUST hm_err (*read)(struct hm_cx *cx, const char *config_dir, struct hm_str *out_text,
			       struct hm_str *out_path);
	HM_MUST hm_err (*check)(struct hm_cx *cx, struct hm_str text);
	HM_MUST hm_err (*import)(struct hm_cx *cx, const char *config_dir, struct hm_str text);
	/* What is valid but probably a mistake; or NULL. */
	HM_MUST hm_err (*warnings)(struct hm_cx *cx, struct hm_str text, struct hm_strs *out);
	/* The members that only this kind of statement has, for `init`. */
	void (*put_own)(struct json_out *o, const struct cli_policy *p);
};

/* Check the policy in `file` and use it. HM_USAGE: somebody at a terminal would lose one. */
HM_MUST hm_err cli_policy_run_import(struct hm_cx *cx, struct cli *cli,
				     const struct cli_policy_kind *kind, const struct cli_policy *o,
				     const char *file);
/* Print the one that is in force; then HM_INPUT where it is not valid. */
HM_MUST hm_err cli_policy_run_show(struct hm_cx *cx, const struct cli *cli,
				   const struct cli_policy_kind *kind);
/* Write a policy with one statement of that name. HM_USAGE: there is a policy already, or no trust
 * store is given. */
HM_MUST hm_err cli_policy_run_init(struct hm_cx *cx, struct cli *cli,
				   const struct cli_policy_kind *kind, const struct cli_policy *o,
				   const char *name);
/* A list as a member; `standard` alone where it is empty, or nothing where that is NULL. */
void cli_policy_put_list(struct json_out *o, const char *key, const struct hm_strs *v,
			 const char *standard);

#endif
