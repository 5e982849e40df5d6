/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/ship.h"

struct copy {
	bool recursive, from_layout, to_layout, from_plain, to_plain;
	const char *platform;
	struct hm_strs output;
};

/* One of two registries may be without TLS. */
static hm_err open_end(struct hm_cx *cx, struct cli *cli, const char *text, enum oci_mode mode,
		       bool plain, struct oci_target *out_target, struct oci_place **out)
{
	const struct oci_access *access = NULL;
	HM_TRY(oci_target_parse(cx, hm_cstr(text), out_target));
	if (out_target->kind == OCI_REGISTRY)
		HM_TRY(cli_access(cx, cli, &access));
	struct oci_access *own = hm_new(cx, struct oci_access, 1);
	if (access)
		*own = *access;
	own->plain_http = own->plain_http || plain;
	return oci_open(cx, own, out_target, mode, out);
}

static hm_err run(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		  size_t args_n)
{
	const struct copy *o = opts;
	struct oci_target from_t, to_t;
	struct oci_descriptor d;
	struct hm_strs tags = { 0 };
	OCI_AUTO_PLACE from = NULL;
	OCI_AUTO_PLACE to = NULL;
	(void)args_n;
	HM_TRY(cli_ship_check(cx, &o->output));
	const char *source = cli_ship_text(cx, args[0], o->from_layout);
	const char *dest = cli_ship_tags(cx, cli_ship_text(cx, args[1], o->to_layout), &tags);
	HM_TRY(open_end(cx, cli, source, OCI_READ, o->from_plain, &from_t, &from));
	HM_TRY(open_end(cx, cli, dest, OCI_WRITE, o->to_plain, &to_t, &to));
	HM_TRY(cli_ship_resolve(cx, from, o->platform, &d));
	if (to_t.digest.n && !hm_eq(to_t.digest, d.digest))
		return hm_fail(cx, HM_USAGE, "\"%s\" has digest \"%.*s\", not the destination's",
			       args[0], HM_FMT(d.digest));
	struct hm_progress *bar = hm_progress_start("copying", 0);
	hm_err err = oci_copy(cx, from, &d, to, to_t.tag, o->recursive, bar);
	hm_progress_end(bar);
	HM_TRY_IN(cx, err, "copy \"%s\" to \"%s\"", args[0], args[1]);
	HM_TRY(cli_ship_tag(cx, to, &d, &tags));
	return cli_ship_tell(cx, &o->output, "copy", &to_t, &d);
}

extern const struct cli_command cli_copy;
const struct cli_command cli_copy = {
	.name = "copy",
	.group = "Shipping",
	.alias = "cp",
	.args = "SOURCE DESTINATION[:TAG,TAG...]",
	.help = "copy an image or artifact between registries, layouts and archives",
	.about =
		"Copies everything below the source, and with --recursive everything that refers to it:\n"
		"signatures, SBOMs, reports, attestations. What the destination already holds is not sent\n"
		"again, so that an interrupted copy is finished by the same command. Every digest is\n"
		"verified on the way; the manifest comes last.\n"
		"\n"
		"--plain-http is about both ends; where only one registry is without TLS, --from-plain-http or\n"
		"--to-plain-http names it. The JSON (hullmark.copy/1) has \"reference\", \"mediaType\", \"digest\",\n"
		"\"size\" and \"artifactType\" of what was copied.",
	.examples = "  $ hullmark copy registry.example.com/shop/web:1 oci:mirror:1 --recursive\n"
		    "  $ hullmark copy docker-archive:web.tar registry.example.com/shop/web:1",
	.opts_size = sizeof(struct copy),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_OPT(copy, from_layout, "from-oci-layout", CLI_FLAG, 0, NULL,
			"the source is the path of an OCI layout: the same as oci:PATH"),
		CLI_OPT(copy, from_plain, "from-plain-http", CLI_FLAG, 0, NULL,
			"talk HTTP without TLS to the source"),
		CLI_OPT(copy, output, "output", CLI_LIST, 'o', "FORMAT[=FILE]", "table or json"),
		CLI_OPT(copy, platform, "platform", CLI_TEXT, 0, "OS/ARCH[/VARIANT]",
			"only the image of one platform"),
		CLI_OPT(copy, recursive, "recursive", CLI_FLAG, 'r', NULL,
			"with all that refers to it"),
		CLI_OPT(copy, to_layout, "to-oci-layout", CLI_FLAG, 0, NULL,
			"the destination is the path of an OCI layout: the same as oci:PATH"),
		CLI_OPT(copy, to_plain, "to-plain-http", CLI_FLAG, 0, NULL,
			"talk HTTP without TLS to the destination"),
		{ 0 },
	},
	/* clang-format on */
	.least = 2,
	.most = 2,
	.run = run,
};
