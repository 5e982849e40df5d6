/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/ship.h"

struct copy {
	bool recursive;
	const char *platform;
	struct hm_strs output;
};

static hm_err run(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		  size_t args_n)
{
	const struct copy *o = opts;
	struct oci_target from_t, to_t;
	struct oci_descriptor d;
	OCI_AUTO_PLACE from = NULL;
	OCI_AUTO_PLACE to = NULL;
	(void)args_n;
	HM_TRY(cli_ship_open(cx, cli, args[0], OCI_READ, &from_t, &from));
	HM_TRY(cli_ship_open(cx, cli, args[1], OCI_WRITE, &to_t, &to));
	HM_TRY(cli_ship_resolve(cx, from, o->platform, &d));
	if (to_t.digest.n && !hm_eq(to_t.digest, d.digest))
		return hm_fail(cx, HM_USAGE, "\"%s\" has digest \"%.*s\", not the destination's",
			       args[0], HM_FMT(d.digest));
	HM_AUTO_PROGRESS bar = hm_progress_start("copying", 0);
	HM_TRY_IN(cx, oci_copy(cx, from, &d, to, to_t.tag, o->recursive, bar),
		  "copy \"%s\" to \"%s\"", args[0], args[1]);
	return cli_ship_tell(cx, &o->output, "copy", &to_t, &d);
}

extern const struct cli_command cli_copy;
const struct cli_command cli_copy = {
	.name = "copy",
	.group = "Shipping",
	.args = "SOURCE DESTINATION",
	.help = "copy an image or artifact between registries, layouts and archives",
	.about =
		"Copies everything below the source, and with --recursive everything that refers to it:\n"
		"signatures, SBOMs, reports, attestations. What the destination already holds is not sent\n"
		"again, so that an interrupted copy is finished by the same command. Every digest is\n"
		"verified on the way; the manifest comes last.",
	.examples = "  $ hullmark copy registry.example.com/shop/web:1 oci:mirror:1 --recursive\n"
		    "  $ hullmark copy docker-archive:web.tar registry.example.com/shop/web:1",
	.opts_size = sizeof(struct copy),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_OPT(copy, output, "output", CLI_LIST, 'o', "FORMAT[=FILE]", "table or json"),
		CLI_OPT(copy, platform, "platform", CLI_TEXT, 0, "OS/ARCH[/VARIANT]",
			"only the image of one platform"),
		CLI_OPT(copy, recursive, "recursive", CLI_FLAG, 'r', NULL,
			"with all that refers to it"),
		{ 0 },
	},
	/* clang-format on */
	.least = 2,
	.most = 2,
	.run = run,
};
