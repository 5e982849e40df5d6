/* SPDX-License-Identifier: Apache-2.0 */
/* What a registry, a layout or an archive holds, as it is: a manifest's bytes, the tags. */
#include "cli/ship.h"
#include "codec/template.h"

struct fetch {
	bool descriptor, exclude_digest_tags, layout, pretty;
	const char *file, *platform, *format, *last, *template;
	struct hm_strs output, media_types;
};

/* "-" is standard output. */
static struct cli_output output_of(const struct fetch *o)
{
	bool standard = o->file && strcmp(o->file, "-") == 0;
	return (struct cli_output){ .file = standard ? NULL : o->file };
}

static hm_err write_descriptor(struct hm_cx *cx, const struct fetch *o,
			       const struct oci_descriptor *d)
{
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct json_out j = json_out(&b, true);
	struct cli_output to = output_of(o);
	json_open(&j, NULL, '{');
	json_putz(&j, "schema", "hullmark.manifest-fetch/1");
	json_put_str(&j, "mediaType", d->media_type);
	json_put_str(&j, "digest", d->digest);
	json_put_int(&j, "size", (int64_t)d->size);
	json_close(&j, '}');
	return cli_output_end(cx, &to, &b);
}

/* For people and for programs that want JSON; what has the digest is what is fetched without. */
static hm_err write_pretty(struct hm_cx *cx, const struct fetch *o, struct hm_str bytes)
{
	HM_AUTO_BUF b = HM_BUF(8 * HM_MAX_MANIFEST);
	struct json_out j = json_out(&b, true);
	struct cli_output to = output_of(o);
	struct json doc;
	HM_TRY(json_parse(cx, bytes, JSON_PLAIN, &doc));
	json_put_json(&j, NULL, doc);
	return cli_output_end(cx, &to, &b);
}

/* --media-type TYPE,TYPE: each once more, as the Accept header has it. */
static hm_err accept_types(struct hm_cx *cx, struct cli *cli, const struct hm_strs *given,
			   struct hm_strs *out)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_HTTP_HEADERS / 2);
	for (size_t i = 0; i < given->n; i++)
		for (struct hm_str rest = given->p[i]; rest.n;) {
			struct hm_str type = hm_trim(hm_cut(&rest, ','));
			if (hm_find_char(type, '/') == SIZE_MAX || hm_has_control(type))
				return hm_fail(cx, HM_USAGE,
					       "--media-type \"%.*s\" is not a valid media type",
					       HM_FMT(type));
			hm_buf_fmt(&b, "%s%.*s", b.n ? ", " : "", HM_FMT(type));
			*hm_push(cx, out) = type;
		}
	struct hm_str all;
	HM_TRY(hm_buf_end(cx, &b, "--media-type", &all));
	cli->access.accept = hm_dup(cx, all);
	return NULL;
}

/* Registries may send another type than those that were asked for, and layouts are asked nothing.
 */
static hm_err check_type(struct hm_cx *cx, const struct hm_strs *types, struct hm_str type)
{
	for (size_t i = 0; i < types->n; i++)
		if (hm_eq(types->p[i], type))
			return NULL;
	return types->n ? hm_fail(cx, HM_ABSENT, "it is \"%.*s\", none of the --media-type",
				  HM_FMT(type))
			: NULL;
}

static hm_err check_format(struct hm_cx *cx, const struct fetch *o, const struct template **out)
{
	struct hm_str format = hm_cstr(o->format ? o->format : "text"), name, rest;
	struct hm_strs given = { .p = &format, .n = 1, .cap = 1 };
	HM_TRY(cli_with_template(cx, &given, o->template, &given));
	rest = given.p[0];
	name = hm_cut(&rest, '=');
	*out = NULL;
	if (hm_eqz(given.p[0], "text") || hm_eqz(given.p[0], "json"))
		return NULL;
	if (!hm_eqz(name, "go-template"))
		return hm_fail(cx, HM_USAGE,
			       "--format is text, json or go-template=TEMPLATE, not \"%s\"",
			       o->format);
	if (o->descriptor || o->pretty || (o->file && strcmp(o->file, "-") == 0))
		return hm_fail(cx, HM_USAGE,
			       "go-template does not go with --descriptor, --pretty or -o -");
	return template_parse(cx, rest, out);
}

/* The descriptor, and the manifest as "content"; what is written to a file is the manifest. */
static hm_err write_template(struct hm_cx *cx, const struct fetch *o, const struct template *t,
			     const struct oci_target *target, const struct oci_descriptor *d,
			     struct hm_str bytes)
{
	HM_AUTO_BUF b = HM_BUF(8 * HM_MAX_MANIFEST);
	struct json_out j = json_out(&b, false);
	struct cli_output to = output_of(o);
	struct json doc;
	HM_TRY(json_parse(cx, bytes, JSON_PLAIN, &doc));
	json_open(&j, NULL, '{');
	cli_ship_put(cx, &j, target, o->layout, d);
	json_put_json(&j, "content", doc);
	json_close(&j, '}');
	if (to.file)
		HM_TRY(cli_output_write(cx, &to, bytes));
	return cli_output_template(cx, t, &b);
}

static hm_err manifest(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		       size_t args_n)
{
	const struct fetch *o = opts;
	struct cli_output to = output_of(o);
	struct oci_target t;
	struct oci_descriptor d;
	struct oci_manifest m;
	const struct template *template;
	struct hm_strs types = { 0 };
	OCI_AUTO_PLACE p = NULL;
	(void)args_n;
	HM_TRY(check_format(cx, o, &template));
	HM_TRY(accept_types(cx, cli, &o->media_types, &types));
	HM_TRY(cli_ship_open(cx, cli, cli_ship_text(cx, args[0], o->layout), OCI_READ, &t, &p));
	HM_TRY(cli_ship_resolve(cx, p, o->platform, &d));
	HM_TRY_IN(cx, check_type(cx, &types, d.media_type), "\"%s\"", args[0]);
	if (o->descriptor)
		return write_descriptor(cx, o, &d);
	HM_TRY_IN(cx, oci_fetch_manifest(cx, p, &d, &m), "\"%s\"", args[0]);
	if (template)
		return write_template(cx, o, template, &t, &d, m.bytes);
	if (o->pretty || (o->format && strcmp(o->format, "json") == 0))
		return write_pretty(cx, o, m.bytes);
	return cli_output_write(cx, &to, m.bytes);
}

/* "sha256-<hex>", and what Cosign puts behind it (".sig"): tags that stand for what refers to an
 * image, where the registry has no referrers API. */
static bool is_digest_tag(struct hm_str tag)
{
	struct hm_str name = hm_cut(&tag, '-'), hex = hm_cut(&tag, '.');
	size_t wanted = hm_eqz(name, "sha256") ? 64 : hm_eqz(name, "sha512") ? 128 : 0;
	if (!wanted || hex.n != wanted)
		return false;
	for (size_t i = 0; i < hex.n; i++)
		if (hm_hex_digit(hex.p[i]) < 0 || hm_lower_char(hex.p[i]) != hex.p[i])
			return false;
	return true;
}

static void drop_digest_tags(struct hm_strs *tags)
{
	size_t kept = 0;
	for (size_t i = 0; i < tags->n; i++)
		if (!is_digest_tag(tags->p[i]))
			tags->p[kept++] = tags->p[i];
	tags->n = kept;
}

/* Those that are sorted behind `last`, whether it is there or not. */
static void drop_until(struct hm_strs *tags, struct hm_str last)
{
	size_t kept = 0;
	for (size_t i = 0; i < tags->n; i++)
		if (hm_cmp(tags->p[i], last) > 0)
			tags->p[kept++] = tags->p[i];
	tags->n = kept;
}

static hm_err tags(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		   size_t args_n)
{
	static const char *const columns[] = { "TAG", NULL };
	static const char *const keys[] = { "tag" };
	const struct fetch *o = opts;
	struct cli_list l = { .schema = "hullmark.repo-tags/1",
			      .name = "tags",
			      .keys = keys,
			      .table = { .columns = columns, .columns_n = 1 },
			      .bare = true,
			      .templates = true };
	struct hm_strs given;
	struct oci_target t;
	OCI_AUTO_PLACE p = NULL;
	(void)args_n;
	HM_TRY(cli_with_template(cx, &o->output, o->template, &given));
	HM_TRY(cli_list_check(cx, &given, &l));
	HM_TRY(cli_ship_open(cx, cli, cli_ship_text(cx, args[0], o->layout), OCI_READ, &t, &p));
	if (t.tag.n || t.digest.n)
		return hm_fail(cx, HM_USAGE, "\"%s\" names one image, not a repository", args[0]);
	HM_TRY_IN(cx, oci_tags(cx, p, &l.table.cells), "\"%s\"", args[0]);
	if (o->exclude_digest_tags)
		drop_digest_tags(&l.table.cells);
	if (o->last)
		drop_until(&l.table.cells, hm_cstr(o->last));
	return cli_list_tell(cx, &given, &l);
}

extern const struct cli_command cli_manifest_fetch, cli_repo_tags;
const struct cli_command cli_manifest_fetch = {
	.name = "manifest fetch",
	.alias = "manifest get",
	.group = "Shipping",
	.args = "TARGET",
	.help = "print the manifest of an image or artifact, as it is",
	.about =
		"The bytes are those that were hashed: their SHA-256 is the digest. With --descriptor it is JSON\n"
		"(hullmark.manifest-fetch/1) with \"mediaType\", \"digest\" and \"size\".",
	.examples =
		"  $ hullmark manifest fetch registry.example.com/shop/web:1 --platform linux/arm64",
	.opts_size = sizeof(struct fetch),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_OPT(fetch, descriptor, "descriptor", CLI_FLAG, 0, NULL,
			"print media type, digest and size instead"),
		CLI_OPT(fetch, format, "format", CLI_TEXT, 0, "FORMAT",
			"text: as it is; json: as --pretty; go-template=TEMPLATE"),
		CLI_OPT(fetch, media_types, "media-type", CLI_LIST, 0, "TYPE[,TYPE]",
			"ask for these types; another is an error"),
		CLI_OPT(fetch, layout, "oci-layout", CLI_FLAG, 0, NULL,
			"the target is the path of an OCI layout: the same as oci:PATH"),
		CLI_OPT(fetch, file, "output", CLI_TEXT, 'o', "FILE",
			"write it to FILE; - is standard output"),
		CLI_OPT(fetch, platform, "platform", CLI_TEXT, 0, "OS/ARCH[/VARIANT]",
			"the manifest of one platform"),
		CLI_OPT(fetch, pretty, "pretty", CLI_FLAG, 0, NULL,
			"indent it; the bytes are not those of the digest any more"),
		CLI_TEMPLATE(fetch, template),
		{ 0 },
	},
	/* clang-format on */
	.least = 1,
	.most = 1,
	.run = manifest,
};

const struct cli_command cli_repo_tags = {
	.name = "repo tags",
	.alias = "repo show-tags",
	.group = "Shipping",
	.args = "REPOSITORY",
	.help = "list the tags of a repository, a layout or an archive",
	.about = "The JSON (hullmark.repo-tags/1) has \"tags\", each with \"tag\".",
	.examples = "  $ hullmark repo tags registry.example.com/shop/web\n"
		    "  $ hullmark repo tags oci:out -o json",
	.opts_size = sizeof(struct fetch),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_OPT(fetch, exclude_digest_tags, "exclude-digest-tags", CLI_FLAG, 0, NULL,
			"without those that stand for what refers to an image (sha256-...)"),
		CLI_OPT(fetch, output, "format", CLI_LIST, 0, "FORMAT[=FILE]", "the same as -o"),
		CLI_OPT(fetch, last, "last", CLI_TEXT, 0, "TAG", "those behind TAG, in the order of the list"),
		CLI_OPT(fetch, layout, "oci-layout", CLI_FLAG, 0, NULL,
			"the target is the path of an OCI layout: the same as oci:PATH"),
		CLI_OPT(fetch, output, "output", CLI_LIST, 'o', "FORMAT[=FILE]",
			"table, json or go-template=TEMPLATE"),
		CLI_TEMPLATE(fetch, template),
		{ 0 },
	},
	/* clang-format on */
	.least = 1,
	.most = 1,
	.run = tags,
};
