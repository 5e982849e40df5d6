/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/ship.h"

struct attach {
	const char *artifact_type, *platform;
	struct hm_strs annotations, output;
};

static hm_err run(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		  size_t args_n)
{
	const struct attach *o = opts;
	struct oci_target t;
	struct oci_descriptor subject, d;
	OCI_AUTO_PLACE p = NULL;
	if (!o->artifact_type)
		return hm_hint(cx, hm_fail(cx, HM_USAGE, "what is attached needs a type"),
			       "give --artifact-type, as in application/spdx+json");
	if (args_n < 2 && o->annotations.n == 0)
		return hm_fail(cx, HM_USAGE, "there is neither a file nor an annotation to attach");
	HM_TRY(cli_ship_open(cx, cli, args[0], OCI_WRITE, &t, &p));
	HM_TRY(cli_ship_resolve(cx, p, o->platform, &subject));
	struct ship_artifact a = { .type = o->artifact_type,
				   .annotations = &o->annotations,
				   .files = args + 1,
				   .files_n = args_n - 1,
				   .subject = subject };
	HM_TRY_IN(cx, cli_ship_push(cx, p, &a, &d), "attach to \"%s\"", args[0]);
	return cli_ship_tell(cx, &o->output, "attach", &t, &d);
}

extern const struct cli_command cli_attach;
const struct cli_command cli_attach = {
	.name = "attach",
	.group = "Shipping",
	.args = "REF [FILE[:TYPE]...]",
	.help = "store files as an artifact that refers to another",
	.about =
		"What is attached is found again by `discover`, and moves with its subject in\n"
		"`copy --recursive`. Where a registry does not list referrers itself, the list is kept\n"
		"under the fallback tag of the distribution specification.",
	.examples =
		"  $ hullmark attach registry.example.com/shop/web:1 notes.md:text/markdown \\\n"
		"        --artifact-type application/vnd.example.notes",
	.opts_size = sizeof(struct attach),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_OPT(attach, annotations, "annotation", CLI_LIST, 'a', "KEY=VALUE",
			"annotation of the manifest"),
		CLI_OPT(attach, artifact_type, "artifact-type", CLI_TEXT, 0, "TYPE",
			"what the artifact is, as a media type"),
		CLI_OPT(attach, output, "output", CLI_LIST, 'o', "FORMAT[=FILE]", "table or json"),
		CLI_OPT(attach, platform, "platform", CLI_TEXT, 0, "OS/ARCH[/VARIANT]",
			"attach to the image of one platform"),
		{ 0 },
	},
	/* clang-format on */
	.least = 1,
	.most = UINT32_MAX,
	.run = run,
};
