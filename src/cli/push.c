/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/ship.h"

struct push {
	struct ship_opts ship;
};

static hm_err run(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		  size_t args_n)
{
	const struct ship_opts *o = &((const struct push *)opts)->ship;
	struct oci_target t;
	struct oci_descriptor d;
	struct ship_answer answer = { .layout = o->layout, .tagged = true };
	OCI_AUTO_PLACE p = NULL;
	HM_TRY(cli_ship_check(cx, cli, &o->output, o->template, &answer));
	HM_TRY(cli_ship_concurrency(cx, cli, o->concurrency));
	const char *to = cli_ship_tags(cx, cli_ship_text(cx, args[0], o->layout), &answer.tags);
	HM_TRY(cli_ship_open(cx, cli, to, OCI_WRITE, &t, &p));
	if (t.digest.n)
		return hm_fail(cx, HM_USAGE, "\"%s\": what is pushed has the digest of its content",
			       args[0]);
	struct ship_artifact a = {
		.opts = o, .files = args + 1, .files_n = args_n - 1, .tag = t.tag
	};
	HM_TRY_IN(cx, cli_ship_push(cx, p, &a, &d), "push to \"%s\"", args[0]);
	HM_TRY(cli_ship_tag(cx, p, &d, &answer.tags));
	return cli_ship_tell(cx, cli, &answer, &t, &d);
}

extern const struct cli_command cli_push;
const struct cli_command cli_push = {
	.name = "push",
	.group = "Shipping",
	.args = "TARGET[:TAG,TAG...] [FILE[:TYPE] | FOLDER[:TYPE] | -[:TYPE]]...",
	.help = "store files as an artifact in a registry or layout",
	.about =
		"Makes one manifest whose layers are the files, each under its name, and tags it when the\n"
		"target has a tag, or several with commas between them. TYPE is the media type of a file; -\n"
		"is standard input, under the name \"stdin\". What the target already holds is not sent again.\n"
		"\n"
		"A folder becomes one layer, tar and gzip, that `pull` and `oras pull` unpack again. Owners\n"
		"and times are left out of it; a link that leads out of it is refused. The same files give the\n"
		"same digest: the time of creation is only recorded when SOURCE_DATE_EPOCH or --annotation\n"
		"says it.\n"
		"\n"
		"The JSON (hullmark.push/1) has \"reference\", \"mediaType\", \"digest\", \"size\" and\n"
		"\"artifactType\" of the manifest.",
	.examples =
		"  $ hullmark push registry.example.com/reports:2026 report.pdf:application/pdf\n"
		"  $ hullmark push registry.example.com/site:1.2,latest html:application/vnd.example.site\n"
		"  $ hullmark push oci:out:v1 model.bin --artifact-type application/vnd.example.model",
	.formats = CLI_AS_ANSWER | CLI_AS_TEMPLATE,
	.opts_size = sizeof(struct push),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_SHIP_CONTENT(push, ship),
		CLI_SHIP_ANSWER(push, ship),
		CLI_TEMPLATE(push, ship.template),
		{ 0 },
	},
	/* clang-format on */
	.least = 1,
	.most = UINT32_MAX,
	.run = run,
};
