/* SPDX-License-Identifier: Apache-2.0 */
/* The report on one artifact that was verified. */
#include "cli/verdict.h"
#include "cli/verify.h"

static void describe_one(struct hm_cx *cx, const void *data, struct json_out *o)
{
	cli_judgement_put(cx, o, data);
}

static hm_err write_one(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			struct hm_buf *out)
{
	const struct cli_judgement *j = data;
	(void)format;
	cli_verdict_write(cx, &j->verdict, "artifact", j->name, out);
	return NULL;
}

static const struct cli_answer answer = {
	.schema = "hullmark.verify/1",
	.describe = describe_one,
	.write = write_one,
};

hm_err cli_verify_answer(struct hm_cx *cx, struct cli *cli, const struct cli_verify *o,
			 const struct cli_judgement *j)
{
	struct cli_outputs outputs;
	HM_TRY(cli_read_outputs(cx, cli->command->formats, &o->output, &outputs));
	HM_TRY(cli_answer_write(cx, &outputs, &answer, j));
	cli_verdict_say(cx, cli, &j->verdict, j->name);
	return NULL;
}
