/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/ship.h"

struct tag {
	bool layout;
	uint64_t concurrency;
};

static hm_err run(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		  size_t args_n)
{
	struct oci_target t;
	struct oci_descriptor d;
	OCI_AUTO_PLACE p = NULL;
	const struct tag *o = opts;
	HM_TRY(cli_ship_concurrency(cx, cli, o->concurrency));
	HM_TRY(cli_ship_open(cx, cli, cli_ship_text(cx, args[0], o->layout), OCI_WRITE, &t, &p));
	HM_TRY(oci_resolve(cx, p, HM_STR(""), &d));
	for (size_t i = 1; i < args_n; i++)
		HM_TRY_IN(cx, oci_tag(cx, p, &d, hm_cstr(args[i])), "tag \"%s\"", args[i]);
	return cli_print(cx,
			 hm_fmt(cx, "%.*s\n", HM_FMT(oci_target_with_digest(cx, &t, d.digest))));
}

extern const struct cli_command cli_tag;
const struct cli_command cli_tag = {
	.name = "tag",
	.group = "Shipping",
	.args = "REF TAG...",
	.help = "give an image or artifact more tags",
	.examples = "  $ hullmark tag registry.example.com/shop/web:1.2.3 1.2 latest",
	.opts_size = sizeof(struct tag),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_SHIP_CONCURRENCY(tag, concurrency),
		CLI_OPT(tag, layout, "oci-layout", CLI_FLAG, 0, NULL,
			"the target is the path of an OCI layout: the same as oci:PATH"),
		{ 0 },
	},
	/* clang-format on */
	.least = 2,
	.most = UINT32_MAX,
	.run = run,
};
