/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/vex.h"

struct vex_merge {
	struct cli_vex_head head;
	struct hm_strs output;
};

static void log_lost(struct hm_cx *cx, size_t superseded, size_t nameless)
{
	if (superseded)
		hm_log(cx, HM_LOG_INFO, "statements that a later one replaces", "statements",
		       hm_fmt(cx, "%zu", superseded).p, NULL);
	if (nameless)
		hm_log(cx, HM_LOG_WARN,
		       "statements that are left out, for they name no product that another "
		       "format could name",
		       "statements", hm_fmt(cx, "%zu", nameless).p, NULL);
}

static hm_err run(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		  size_t args_n)
{
	const struct vex_merge *o = opts;
	struct advisory_told told = { 0 };
	struct advisory_vex_draft draft = { 0 };
	struct cli_outputs outputs;
	size_t superseded, nameless;
	HM_TRY(cli_read_outputs(cx, cli->command->formats, &o->output, &outputs));
	if (!o->head.author)
		return hm_fail(cx, HM_USAGE, "--author is needed: who says so");
	for (size_t i = 0; i < args_n; i++) {
		struct hm_str bytes;
		HM_TRY(hm_read_file(cx, args[i], HM_MAX_JSON, &bytes));
		HM_TRY_IN(cx, advisory_vex_read(cx, hm_cstr(args[i]), bytes, &told), "\"%s\"",
			  args[i]);
	}
	advisory_vex_gather(cx, &told, &draft, &superseded, &nameless);
	cli_vex_head(&o->head, &draft);
	HM_TRY(advisory_vex_complete(cx, &draft));
	log_lost(cx, superseded, nameless);
	return cli_answer_write(cx, &outputs, &cli_vex_answer, &draft);
}

extern const struct cli_command cli_vex_merge;
const struct cli_command cli_vex_merge = {
	.name = "vex merge",
	.group = "Evidence",
	.args = "FILE...",
	.help = "make one VEX document of several, or the same in another format",
	.about =
		"Reads OpenVEX, CSAF (profile VEX) and CycloneDX with vulnerabilities, and writes what they say\n"
		"together. Of one vulnerability in one thing the statement with the latest time counts, of several at\n"
		"the same time the worst status; the others are left out. Each statement keeps its time. What names no\n"
		"product that every format can name (a BOM-Link, a range of versions) is left out, and counted.",
	.examples =
		"  $ hullmark vex merge supplier.csaf.json web.openvex.json --author \"Shop team\" -o openvex=all.vex.json",
	.formats = CLI_AS_VEX,
	.opts_size = sizeof(struct vex_merge),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_VEX_AUTHOR(vex_merge, head),
		CLI_VEX_ROLE(vex_merge, head),
		CLI_VEX_URL(vex_merge, head),
		CLI_VEX_ID(vex_merge, head),
		CLI_OUTPUT(vex_merge, output),
		{ 0 },
	},
	/* clang-format on */
	.least = 1,
	.most = UINT_MAX,
	.run = run,
};
