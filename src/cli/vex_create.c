/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/ship.h"
#include "cli/vex.h"

struct vex_create {
	struct cli_vex_head head;
	const char *from, *status, *justification, *impact, *action, *notes;
	struct hm_strs products, parts, ids, aliases, output;
};

/* An image, by the digest that it has now; of an index the images, too. */
static hm_err name_image(struct hm_cx *cx, struct cli *cli, struct hm_str text, struct hm_strs *out)
{
	struct oci_target t;
	struct oci_descriptor d, *images;
	OCI_AUTO_PLACE place = NULL;
	size_t n;
	HM_TRY(cli_ship_open(cx, cli, hm_dupz(cx, text), OCI_READ, &t, &place));
	HM_TRY(cli_ship_resolve(cx, place, NULL, &d));
	HM_TRY(oci_platforms(cx, place, &d, &images, &n));
	*hm_push(cx, out) = oci_target_purl(cx, &t, d.digest);
	for (size_t i = 0; i < n; i++)
		if (!hm_eq(images[i].digest, d.digest))
			*hm_push(cx, out) = oci_target_purl(cx, &t, images[i].digest);
	return NULL;
}

static bool is_name(struct hm_str text)
{
	return hm_starts(text, HM_STR("pkg:")) || hm_find(text, HM_STR("://")) != SIZE_MAX;
}

static hm_err check_parts(struct hm_cx *cx, const struct vex_create *o)
{
	struct inventory_component c;
	for (size_t i = 0; i < o->parts.n; i++)
		if (inventory_purl_parse(cx, o->parts.p[i], &c))
			return hm_fail(
				cx, HM_USAGE,
				"--subcomponent \"%.*s\" is not a purl, as pkg:deb/debian/zlib1g",
				HM_FMT(o->parts.p[i]));
	return NULL;
}

static hm_err read_status(struct hm_cx *cx, const char *text, enum advisory_vex_status *out)
{
	for (size_t i = 0; i < ADVISORY_VEX_STATUSES; i++)
		if (strcmp(text, advisory_vex_status_names[i]) == 0) {
			*out = (enum advisory_vex_status)i;
			return NULL;
		}
	return hm_fail(cx, HM_USAGE,
		       "--status \"%s\" is not affected, not_affected, fixed or "
		       "under_investigation",
		       text);
}

static hm_err add_given(struct hm_cx *cx, struct cli *cli, const struct vex_create *o,
			const struct cli_vex_say *say, struct advisory_vex_draft *draft)
{
	struct hm_strs products = { 0 };
	if (!o->products.n || !o->ids.n)
		return hm_fail(cx, HM_USAGE,
			       "--product and --vulnerability say what it is about; or --from "
			       "names a report");
	HM_TRY(check_parts(cx, o));
	for (size_t i = 0; i < o->products.n; i++) {
		if (is_name(o->products.p[i]))
			*hm_push(cx, &products) = o->products.p[i];
		else
			HM_TRY_IN(cx, name_image(cx, cli, o->products.p[i], &products),
				  "--product \"%.*s\"", HM_FMT(o->products.p[i]));
	}
	for (size_t i = 0; i < o->ids.n; i++) {
		struct advisory_vex_claim c = { .id = o->ids.p[i],
						.aliases = o->aliases,
						.products = products,
						.parts = o->parts,
						.status = say->status,
						.justification = hm_cstr(say->justification),
						.impact = hm_cstr(say->impact),
						.action = hm_cstr(say->action),
						.notes = hm_cstr(say->notes) };
		advisory_vex_claim_add(cx, draft, &c);
	}
	return NULL;
}

static hm_err add_found(struct hm_cx *cx, const struct vex_create *o, const struct cli_vex_say *say,
			struct advisory_vex_draft *draft)
{
	struct hm_str bytes;
	struct json report;
	if (o->products.n || o->parts.n || o->aliases.n)
		return hm_fail(cx, HM_USAGE,
			       "--product, --subcomponent and --alias do not go with --from: the "
			       "report names them");
	HM_TRY_IN(cx, hm_read_file(cx, o->from, HM_MAX_JSON, &bytes), "--from");
	HM_TRY_IN(cx, json_parse(cx, bytes, JSON_STRICT, &report), "--from \"%s\"", o->from);
	if (cli_vex_is_patch(report) && (o->status || o->justification || o->impact || o->action))
		return hm_fail(cx, HM_USAGE,
			       "--status and what goes with it are for a scan: the report of a "
			       "patch says what became of each");
	HM_TRY_IN(cx, cli_vex_from(cx, report, say, draft), "--from \"%s\"", o->from);
	if (cli_vex_is_patch(report))
		draft->author = HM_STR("Hullmark");
	return NULL;
}

static hm_err run(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		  size_t args_n)
{
	const struct vex_create *o = opts;
	struct cli_vex_say say = { .status = ADVISORY_VEX_UNDER_INVESTIGATION,
				   .justification = o->justification,
				   .impact = o->impact,
				   .action = o->action,
				   .notes = o->notes,
				   .ids = o->ids };
	struct advisory_vex_draft draft = { 0 };
	struct cli_outputs outputs;
	(void)args, (void)args_n;
	HM_TRY(cli_read_outputs(cx, cli->command->formats, &o->output, &outputs));
	if (!o->status && !o->from)
		return hm_fail(cx, HM_USAGE, "--status is needed: what is said of it");
	if (o->status)
		HM_TRY(read_status(cx, o->status, &say.status));
	HM_TRY(o->from ? add_found(cx, o, &say, &draft) : add_given(cx, cli, o, &say, &draft));
	cli_vex_head(&o->head, &draft);
	if (!draft.author.n)
		return hm_fail(cx, HM_USAGE, "--author is needed: who says so");
	hm_err err = advisory_vex_complete(cx, &draft);
	if (err)
		return hm_fail(cx, o->from ? HM_INPUT : HM_USAGE, "%s", err->why);
	return cli_answer_write(cx, &outputs, &cli_vex_answer, &draft);
}

static void put_reasons(struct hm_cx *cx, struct hm_buf *out)
{
	(void)cx;
	hm_buf_addz(out, "\n\nThe justifications:\n");
	for (const struct advisory_vex_reason *r = advisory_vex_reasons; r->name; r++)
		hm_buf_fmt(out, "\n  %s", r->name);
}

extern const struct cli_command cli_vex_create;
const struct cli_command cli_vex_create = {
	.name = "vex create",
	.group = "Evidence",
	.help = "write a VEX document: what is known of vulnerabilities in a product",
	.about =
		"Says of --vulnerability in --product what its --status is: not_affected, with one of the\n"
		"justifications below or --impact, a sentence; affected, with --action: what is to be done about it;\n"
		"fixed; or under_investigation. A product is a purl, another URL, or an image (REF, oci:DIR:TAG), which\n"
		"is named by the digest that it has now. --subcomponent names the packages in it that this is about,\n"
		"by purls; without one it holds for all of the product, whatever is in it.\n"
		"\n"
		"With --from the findings of a report are named instead, or those of them that --vulnerability names:\n"
		"the JSON of `hullmark scan`, each with the status that is given (under_investigation if none is), or that\n"
		"of `hullmark patch`, each with what became of it.\n"
		"\n"
		"The document is OpenVEX 0.2.0, CSAF 2.0 (profile VEX) or CycloneDX 1.6, as -o says, and several at once\n"
		"as -o FORMAT=FILE. Its id is made of its content; its time is that of SOURCE_DATE_EPOCH, or now.\n"
		"`hullmark scan --vex` reads it, `hullmark vex attach` stores it beside the image.",
	.put_about = put_reasons,
	.examples =
		"  $ hullmark vex create --product registry.example.com/shop/web:1.4 \\\n"
		"      --subcomponent pkg:deb/debian/zlib1g --vulnerability CVE-2023-45853 --status not_affected \\\n"
		"      --justification vulnerable_code_not_present --author \"Shop team\" -o openvex=web.vex.json\n"
		"  $ hullmark vex create --from patch.json -o csaf=web.csaf.json",
	.formats = CLI_AS_VEX,
	.opts_size = sizeof(struct vex_create),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_OPT(vex_create, action, "action", CLI_TEXT, 0, "TEXT", "affected: what is to be done about it"),
		CLI_OPT(vex_create, aliases, "alias", CLI_LIST, 0, "ID", "another name of the vulnerability"),
		CLI_VEX_AUTHOR(vex_create, head),
		CLI_VEX_ROLE(vex_create, head),
		CLI_VEX_URL(vex_create, head),
		CLI_OPT(vex_create, from, "from", CLI_TEXT, 0, "FILE", "the JSON of a scan or a patch, whose findings it is about"),
		CLI_VEX_ID(vex_create, head),
		CLI_OPT(vex_create, impact, "impact", CLI_TEXT, 0, "TEXT", "not_affected: why, in a sentence"),
		CLI_OPT(vex_create, justification, "justification", CLI_TEXT, 0, "WORD", "not_affected: why, by one of the words below"),
		CLI_OPT(vex_create, notes, "note", CLI_TEXT, 0, "TEXT", "whatever else is to be said of the status"),
		CLI_OUTPUT(vex_create, output),
		CLI_OPT(vex_create, products, "product", CLI_LIST, 0, "PURL|REF", "what it is about"),
		CLI_OPT(vex_create, status, "status", CLI_TEXT, 0, "STATUS", "affected, not_affected, fixed or under_investigation"),
		CLI_OPT(vex_create, parts, "subcomponent", CLI_LIST, 0, "PURL", "which packages of the product"),
		CLI_OPT(vex_create, ids, "vulnerability", CLI_LIST, 0, "ID", "of which vulnerability: CVE-2023-45853"),
		{ 0 },
	},
	/* clang-format on */
	.run = run,
};
