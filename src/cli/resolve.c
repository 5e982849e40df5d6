/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/ship.h"

struct resolve {
	bool full, layout;
	const char *platform;
};

static hm_err run(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		  size_t args_n)
{
	const struct resolve *o = opts;
	struct oci_target t;
	struct oci_descriptor d;
	OCI_AUTO_PLACE p = NULL;
	(void)args_n;
	HM_TRY(cli_ship_open(cx, cli, cli_ship_text(cx, args[0], o->layout), OCI_READ, &t, &p));
	HM_TRY(cli_ship_resolve(cx, p, o->platform, &d));
	struct hm_str text = o->full ? oci_target_with_digest(cx, &t, d.digest) : d.digest;
	return cli_print(cx, hm_fmt(cx, "%.*s\n", HM_FMT(text)));
}

extern const struct cli_command cli_resolve;
const struct cli_command cli_resolve = {
	.name = "resolve",
	.alias = "digest",
	.group = "Shipping",
	.args = "TARGET",
	.help = "print the digest that a tag refers to now",
	.examples = "  $ hullmark resolve --full-reference registry.example.com/shop/web:1",
	.opts_size = sizeof(struct resolve),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_OPT(resolve, full, "full-reference", CLI_FLAG, 'l', NULL,
			"print the whole reference with the digest"),
		CLI_OPT(resolve, layout, "oci-layout", CLI_FLAG, 0, NULL,
			"the target is the path of an OCI layout: the same as oci:PATH"),
		CLI_OPT(resolve, platform, "platform", CLI_TEXT, 0, "OS/ARCH[/VARIANT]",
			"of the image of one platform"),
		{ 0 },
	},
	/* clang-format on */
	.least = 1,
	.most = 1,
	.run = run,
};
