/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/ship.h"

struct push {
	const char *artifact_type;
	struct hm_strs annotations, output;
};

static hm_err run(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		  size_t args_n)
{
	const struct push *o = opts;
	struct oci_target t;
	struct oci_descriptor d;
	OCI_AUTO_PLACE p = NULL;
	HM_TRY(cli_ship_open(cx, cli, args[0], OCI_WRITE, &t, &p));
	if (t.digest.n)
		return hm_fail(cx, HM_USAGE, "\"%s\": what is pushed has the digest of its content",
			       args[0]);
	struct ship_artifact a = { .type = o->artifact_type,
				   .annotations = &o->annotations,
				   .files = args + 1,
				   .files_n = args_n - 1,
				   .tag = t.tag };
	HM_TRY_IN(cx, cli_ship_push(cx, p, &a, &d), "push to \"%s\"", args[0]);
	return cli_ship_tell(cx, &o->output, "push", &t, &d);
}

extern const struct cli_command cli_push;
const struct cli_command cli_push = {
	.name = "push",
	.group = "Shipping",
	.args = "TARGET [FILE[:TYPE]...]",
	.help = "store files as an artifact in a registry or layout",
	.about =
		"Makes one manifest whose layers are the files, each under its name, and tags it when the\n"
		"target has a tag. TYPE is the media type of a file. What the target already holds is not\n"
		"sent again. The same files give the same digest: the time of creation is only recorded\n"
		"when SOURCE_DATE_EPOCH or --annotation says it.",
	.examples =
		"  $ hullmark push registry.example.com/reports:2026 report.pdf:application/pdf\n"
		"  $ hullmark push oci:out:v1 model.bin --artifact-type application/vnd.example.model",
	.opts_size = sizeof(struct push),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_OPT(push, annotations, "annotation", CLI_LIST, 'a', "KEY=VALUE",
			"annotation of the manifest"),
		CLI_OPT(push, artifact_type, "artifact-type", CLI_TEXT, 0, "TYPE",
			"what the artifact is, as a media type"),
		CLI_OPT(push, output, "output", CLI_LIST, 'o', "FORMAT[=FILE]", "table or json"),
		{ 0 },
	},
	/* clang-format on */
	.least = 1,
	.most = UINT32_MAX,
	.run = run,
};
