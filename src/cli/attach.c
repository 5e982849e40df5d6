/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/ship.h"

struct attach {
	struct ship_opts ship;
	const char *platform, *spec;
};

static hm_err run(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		  size_t args_n)
{
	const struct attach *attach = opts;
	const struct ship_opts *o = &attach->ship;
	struct oci_target t;
	struct oci_descriptor subject, d;
	OCI_AUTO_PLACE p = NULL;
	struct ship_answer answer = { .layout = o->layout };
	HM_TRY(cli_ship_check(cx, cli, &o->output, o->template, &answer));
	HM_TRY(cli_ship_concurrency(cx, cli, o->concurrency));
	HM_TRY(cli_ship_spec(cx, "distribution-spec", attach->spec, &cli->access.referrers_tag));
	if (!o->artifact_type)
		return hm_hint(cx, hm_fail(cx, HM_USAGE, "what is attached needs a type"),
			       "give --artifact-type, as in application/spdx+json");
	if (args_n < 2 && o->annotations.n == 0 && !o->annotation_file)
		return hm_fail(cx, HM_USAGE, "there is neither a file nor an annotation to attach");
	HM_TRY(cli_ship_open(cx, cli, cli_ship_text(cx, args[0], o->layout), OCI_WRITE, &t, &p));
	HM_TRY(cli_ship_resolve(cx, p, attach->platform, &subject));
	struct ship_artifact a = {
		.opts = o, .files = args + 1, .files_n = args_n - 1, .subject = subject
	};
	HM_TRY_IN(cx, cli_ship_push(cx, p, &a, &d), "attach to \"%s\"", args[0]);
	return cli_ship_tell(cx, cli, &answer, &t, &d);
}

extern const struct cli_command cli_attach;
const struct cli_command cli_attach = {
	.name = "attach",
	.group = "Shipping",
	.args = "REF [FILE[:TYPE] | FOLDER[:TYPE] | -[:TYPE]]...",
	.help = "store files as an artifact that refers to another",
	.about =
		"What is attached is found again by `discover`, and moves with its subject in\n"
		"`copy --recursive`. Where a registry does not list referrers itself, the list is kept\n"
		"under the fallback tag of the distribution specification. Files and folders are stored as by\n"
		"`push`. The JSON (hullmark.attach/1) has \"reference\", \"mediaType\", \"digest\", \"size\" and\n"
		"\"artifactType\" of the manifest.",
	.examples =
		"  $ hullmark attach registry.example.com/shop/web:1 notes.md:text/markdown \\\n"
		"        --artifact-type application/vnd.example.notes",
	.formats = CLI_AS_ANSWER | CLI_AS_TEMPLATE,
	.opts_size = sizeof(struct attach),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_SHIP_CONTENT(attach, ship),
		CLI_SHIP_SPEC(attach, spec),
		CLI_SHIP_ANSWER(attach, ship),
		CLI_OPT(attach, platform, "platform", CLI_TEXT, 0, "OS/ARCH[/VARIANT]",
			"attach to the image of one platform"),
		CLI_TEMPLATE(attach, ship.template),
		{ 0 },
	},
	/* clang-format on */
	.least = 1,
	.most = UINT32_MAX,
	.run = run,
};
