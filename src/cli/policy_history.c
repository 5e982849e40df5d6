/* SPDX-License-Identifier: Apache-2.0 */
/* The trust policies that were imported, one after the other. */
#include "cli/cli.h"
#include "trust/trust.h"

struct history {
	struct hm_strs output;
};

struct pasts {
	struct trust_past *p;
	size_t n;
};

static void describe(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct pasts *all = data;
	json_open(o, "policies", '[');
	for (size_t i = 0; i < all->n; i++) {
		const struct trust_past *p = &all->p[i];
		json_open(o, NULL, '{');
		json_put_int(o, "number", (int64_t)p->number);
		json_put_bool(o, "current", p->is_current);
		if (p->revision)
			json_put_int(o, "revision", (int64_t)p->revision);
		json_put_str(o, "imported", hm_rfc3339(cx, p->when));
		json_put_str(o, "digest", p->digest);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static hm_err write_table(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			  struct hm_buf *out)
{
	static const char *const columns[] = { "NUMBER", "NOW", "REVISION", "IMPORTED", "DIGEST" };
	const struct pasts *all = data;
	struct cli_table t = { .columns = columns, .columns_n = HM_LEN(columns) };
	(void)format;
	for (size_t i = 0; i < all->n; i++) {
		const struct trust_past *p = &all->p[i];
		*hm_push(cx, &t.cells) = hm_fmt(cx, "%llu", (unsigned long long)p->number);
		*hm_push(cx, &t.cells) = p->is_current ? HM_STR("*") : HM_STR("");
		*hm_push(cx, &t.cells) =
			p->revision ? hm_fmt(cx, "%llu", (unsigned long long)p->revision)
				    : HM_STR("");
		*hm_push(cx, &t.cells) = hm_rfc3339(cx, p->when);
		*hm_push(cx, &t.cells) = p->digest;
	}
	cli_table_format(cx, &t, out);
	return NULL;
}

static const struct cli_answer answer = {
	.schema = "hullmark.policy-history/1",
	.describe = describe,
	.write = write_table,
};

static hm_err run(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		  size_t args_n)
{
	const struct history *o = opts;
	struct cli_outputs outputs;
	struct pasts all;
	(void)args;
	(void)args_n;
	HM_TRY(cli_read_outputs(cx, cli->command->formats, &o->output, &outputs));
	HM_TRY(trust_history(cx, cli->config_dir, &all.p, &all.n));
	return cli_answer_write(cx, &outputs, &answer, &all);
}

extern const struct cli_command cli_policy_history;
const struct cli_command cli_policy_history = {
	.name = "policy history",
	.group = "Trust",
	.args = "",
	.help = "list the trust policies that were imported",
	.about =
		"Lists what \"hullmark policy import\" and \"hullmark policy init\" have put into force, the newest\n"
		"first; a star marks the policy that is in force now. \"hullmark policy show --number N\" prints one.\n"
		"The files are in policy-history/ in the configuration folder.\n"
		"\n"
		"The JSON (hullmark.policy-history/1) has \"policies\": \"number\", \"current\", \"revision\" (of those\n"
		"that have one), \"imported\", \"digest\".",
	.examples = "  $ hullmark policy history",
	.formats = CLI_AS_ANSWER,
	.opts_size = sizeof(struct history),
	.opts = (const struct cli_opt[]){ CLI_OUTPUT(history, output), { 0 } },
	.run = run,
};
