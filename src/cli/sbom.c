/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"
#include "inventory/inventory.h"

struct sbom {
	const char *platform;
	struct hm_strs output;
	bool no_cache;
};

static hm_err write_table(struct hm_cx *cx, const struct inventory *inv, struct hm_buf *out)
{
	static const char *const columns[] = { "NAME", "VERSION", "TYPE", "LOCATION", NULL };
	struct cli_table t = { .columns = columns, .columns_n = 4 };
	for (size_t i = 0; i < inv->n; i++) {
		const struct inventory_component *c = &inv->components[i];
		*hm_push(cx, &t.cells) = inventory_component_name(cx, c);
		*hm_push(cx, &t.cells) = c->version.n ? c->version : c->range;
		*hm_push(cx, &t.cells) = c->type;
		*hm_push(cx, &t.cells) = c->locations_n ? c->locations[0].path : HM_STR("");
	}
	cli_table_format(cx, &t, out);
	if (inv->unknown.n)
		hm_buf_char(out, '\n');
	cli_unknown_format(cx, inv, out);
	return NULL;
}

/* --- hullmark.sbom/1 --- */

static void put_target(struct json_out *o, const struct inventory *inv)
{
	json_open(o, "target", '{');
	json_put_str(o, "name", inv->target.n ? inv->target : inv->name);
	json_put_given(o, "digest", inv->digest);
	json_put_given(o, "mediaType", inv->media_type);
	if (inv->platform.os.n) {
		json_open(o, "platform", '{');
		json_put_str(o, "os", inv->platform.os);
		json_put_given(o, "architecture", inv->platform.architecture);
		json_put_given(o, "variant", inv->platform.variant);
		json_close(o, '}');
	}
	json_put_strs(o, "layers", &inv->layers);
	json_close(o, '}');
	if (!inv->distro.id.n)
		return;
	json_open(o, "distribution", '{');
	json_put_str(o, "id", inv->distro.id);
	json_put_given(o, "versionID", inv->distro.version_id);
	json_put_given(o, "versionCodename", inv->distro.version_codename);
	json_put_given(o, "name", inv->distro.name);
	json_close(o, '}');
}

static void put_package(struct hm_cx *cx, struct json_out *o, const struct inventory *inv, size_t i,
			size_t *edge)
{
	const struct inventory_component *c = &inv->components[i];
	json_open(o, NULL, '{');
	json_put_str(o, "name", inventory_component_name(cx, c));
	json_put_str(o, "version", c->version);
	json_put_str(o, "type", c->type);
	json_put_str(o, "purl", c->purl);
	json_put_given(o, "range", c->range);
	json_put_given(o, "architecture", c->arch);
	if (c->source_name.n) {
		json_open(o, "source", '{');
		json_put_str(o, "name", c->source_name);
		json_put_str(o, "version", c->source_version);
		json_close(o, '}');
	}
	json_put_strs(o, "licenses", &c->licenses);
	json_put_given(o, "supplier", c->supplier);
	json_put_given(o, "homepage", c->homepage);
	json_put_strs(o, "hashes", &c->hashes);
	json_putz(o, "evidence", c->evidence == INVENTORY_DECLARED ? "declared" : "installed");
	json_put_given(o, "cataloger", c->cataloger);
	json_put_given(o, "owner", c->owner);
	if (c->dev)
		json_put_bool(o, "dev", true);
	if (c->group_guessed)
		json_put_bool(o, "groupGuessed", true);
	if (c->main_module)
		json_put_bool(o, "mainModule", true);
	json_put_given(o, "origin", c->origin);
	inventory_put_locations(o, c);
	json_open(o, "dependsOn", '[');
	for (; *edge < inv->edges_n && inv->edges[*edge].from == i; (*edge)++)
		json_put_str(o, NULL, inv->components[inv->edges[*edge].to].purl);
	json_close(o, ']');
	json_close(o, '}');
}

static void describe_inventory(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct inventory *inv = data;
	size_t edge = 0;
	put_target(o, inv);
	json_open(o, "packages", '[');
	for (size_t i = 0; i < inv->n; i++)
		put_package(cx, o, inv, i, &edge);
	json_close(o, ']');
	inventory_put_unknown(o, "unknownContent", &inv->unknown);
	json_open(o, "warnings", '[');
	for (size_t i = 0; i < inv->unknown.n; i++)
		json_put_str(o, NULL, inventory_unknown_text(cx, &inv->unknown.p[i]));
	json_close(o, ']');
}

static hm_err write_document(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			     struct hm_buf *out)
{
	const char *name = format == CLI_AS_SPDX ? "spdx-json" : "cyclonedx-json";
	const struct inventory_format *f = inventory_formats;
	if (format == CLI_AS_TABLE)
		return write_table(cx, data, out);
	while (strcmp(f->name, name) != 0)
		f++;
	return f->write(cx, data, out);
}

static const struct cli_answer answer = {
	.schema = "hullmark.sbom/1",
	.describe = describe_inventory,
	.write = write_document,
	.max = 16 * HM_MAX_JSON,
};

static hm_err run(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		  size_t args_n)
{
	const struct sbom *o = opts;
	struct cli_outputs outputs;
	struct inventory inv = { 0 };
	(void)args_n;
	HM_TRY(cli_read_outputs(cx, cli->command->formats, &o->output, &outputs));
	HM_TRY(cli_inventory(cx, cli, args[0], o->platform, o->no_cache, &inv));
	cli_unknown_log(cx, &inv);
	return cli_answer_write(cx, &outputs, &answer, &inv);
}

extern const struct cli_command cli_sbom;
const struct cli_command cli_sbom = {
	.name = "sbom",
	.group = "Evidence",
	.args = "TARGET",
	.help = "list what is in an image, a folder or an SBOM",
	.about =
		"Reads the packages of the distribution (dpkg, apk, rpm with SQLite), installed npm and Python\n"
		"packages, Go programs, Rust programs (built with cargo-auditable) and Java archives; in a folder\n"
		"also what is only declared (package-lock.json, requirements.txt, Cargo.lock). file:PATH is one\n"
		"such file, program or archive. Nothing is unpacked to disk, and what a layer held is kept in the\n"
		"cache by its digest.\n"
		"\n"
		"Of an index of several platforms the image for this machine is read, unless --platform\n"
		"names another. The documents carry no clock: SPDX's creation time is $SOURCE_DATE_EPOCH,\n"
		"else 1970-01-01; the same input gives the same bytes. Path and layer of each package stand in\n"
		"SPDX annotations and in CycloneDX properties.\n"
		"\n"
		"The JSON (hullmark.sbom/1) has \"target\" (name, digest, mediaType, platform, layers),\n"
		"\"distribution\" (id, versionID, versionCodename, name), \"packages\", \"unknownContent\" (path,\n"
		"layer, reason: what may hold packages and could not be read) and \"warnings\" (the same in\n"
		"sentences). A package has \"name\", \"version\" (empty where it is not pinned: then \"range\"),\n"
		"\"type\" and \"purl\", \"architecture\", \"source\" (name, version), \"licenses\", \"supplier\",\n"
		"\"homepage\", \"hashes\", \"evidence\" (installed, declared), \"cataloger\", \"owner\" (purl of the\n"
		"package of the distribution that its files belong to), \"dev\", \"groupGuessed\" (of a Java archive that\n"
		"does not state it), \"mainModule\" (of a Go program), \"origin\" (where it comes from, if not from its registry), \"locations\"\n"
		"(path, layer) and\n"
		"\"dependsOn\" (purls). What is not known is left out; lists are always there.",
	.examples = "  $ hullmark sbom registry.example.com/shop/web:1.4\n"
		    "  $ hullmark sbom oci:web -o spdx-json=web.spdx.json -o table\n"
		    "  $ hullmark sbom dir:. -o cyclonedx-json\n"
		    "  $ hullmark sbom file:target/app.jar\n"
		    "  $ hullmark sbom sbom:web.spdx.json -o json",
	.formats = CLI_AS_ANSWER | CLI_AS_SPDX | CLI_AS_CYCLONEDX,
	.opts_size = sizeof(struct sbom),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_OPT(sbom, no_cache, "no-cache", CLI_FLAG, 0, NULL,
			"read all layers again"),
		CLI_OUTPUT(sbom, output),
		CLI_OPT(sbom, platform, "platform", CLI_TEXT, 0, "OS/ARCH",
			"of an index of several platforms"),
		{ 0 },
	},
	/* clang-format on */
	.least = 1,
	.most = 1,
	.run = run,
};
