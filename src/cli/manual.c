/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/parse.h"

static hm_err list_commands(struct hm_cx *cx)
{
	for (const struct cli_command *const *c = cli_commands; *c; c++)
		HM_TRY(cli_print(cx, hm_fmt(cx, "%s\n", (*c)->name)));
	return NULL;
}

static hm_err list_topics(struct hm_cx *cx)
{
	for (const struct cli_topic *t = cli_topics; t->name; t++)
		HM_TRY(cli_print(cx, hm_fmt(cx, "%s\n", t->name)));
	return NULL;
}

struct manual {
	bool list, topics;
};

static hm_err manual_run(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
			 size_t args_n)
{
	const struct manual *o = opts;
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	size_t used = 0;
	(void)cli;
	if (o->list)
		return list_commands(cx);
	if (o->topics)
		return list_topics(cx);
	for (const struct cli_topic *t = cli_topics; t->name && args_n == 1; t++)
		if (strcmp(args[0], t->name) == 0) {
			cli_manual_topic(t, &b);
			return cli_print(cx, hm_buf_str(&b));
		}
	const struct cli_command *c =
		args_n ? cli_find((struct cli_words){ args, args_n }, &used) : NULL;
	if (used != args_n)
		return hm_hint(cx, hm_fail(cx, HM_USAGE, "no command or topic \"%s\"", args[0]),
			       "hullmark manual --list, hullmark manual --topics");
	cli_manual(cx, c, &b);
	return cli_print(cx, hm_buf_str(&b));
}

extern const struct cli_command cli_manual_command;
const struct cli_command cli_manual_command = {
	.name = "manual",
	.group = "Hullmark",
	.args = "[COMMAND|TOPIC]",
	.help = "print the manual page of a command or topic, for man(1)",
	.about = "Topics that are not commands: trust-policy.",
	.examples = "  $ hullmark manual verify | man -l -\n"
		    "  $ hullmark manual trust-policy | man -l -",
	.most = CLI_NAME_WORDS,
	.opts_size = sizeof(struct manual),
	.opts =
		(const struct cli_opt[]){
			CLI_OPT(manual, list, "list", CLI_FLAG, 0, NULL,
				"list the commands, one a line"),
			CLI_OPT(manual, topics, "topics", CLI_FLAG, 0, NULL,
				"list the topics, one a line"),
			{ 0 },
		},
	.run = manual_run,
};
