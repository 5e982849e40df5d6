/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

/* The bytes of docs/trust-policy.schema.json, which the build puts here. */
static const char schema[] =
#include "trust-policy.schema.inc"
	;

static hm_err run(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		  size_t args_n)
{
	(void)cli;
	(void)opts;
	(void)args;
	(void)args_n;
	return cli_print(cx, (struct hm_str){ schema, sizeof(schema) - 1 });
}

extern const struct cli_command cli_policy_schema;
const struct cli_command cli_policy_schema = {
	.name = "policy schema",
	.group = "Trust",
	.args = "",
	.help = "print the JSON schema of trust policies",
	.about =
		"Prints the JSON schema (draft 2020-12) of both dialects of trust policies, for editors and\n"
		"pipelines. What a schema cannot say is checked by \"hullmark policy check --file FILE\". The members\n"
		"are described in \"hullmark manual trust-policy\".",
	.examples = "  $ hullmark policy schema > trust-policy.schema.json",
	.opts = (const struct cli_opt[]){ { 0 } },
	.run = run,
};
