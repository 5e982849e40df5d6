/* SPDX-License-Identifier: Apache-2.0 */
/* What a registry, a layout or an archive holds, as it is: a manifest's bytes, the tags. */
#include "cli/ship.h"
#include "codec/yaml.h"

struct fetch {
	bool descriptor, exclude_digest_tags, layout, pretty;
	const char *file, *platform, *last, *template;
	struct hm_strs output, format, media_types;
};

/* "-" is standard output. */
static struct cli_output output_of(const struct fetch *o)
{
	bool standard = o->file && strcmp(o->file, "-") == 0;
	return (struct cli_output){ .file = standard ? NULL : o->file };
}

static struct json_out document_out(struct hm_buf *b, const struct cli_output *form)
{
	return form->format->bit == CLI_AS_YAML ? yaml_out(b) : json_out(b, true);
}

static hm_err write_descriptor(struct hm_cx *cx, const struct fetch *o,
			       const struct cli_output *form, const struct oci_descriptor *d)
{
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct json_out j = document_out(&b, form);
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
static hm_err write_document(struct hm_cx *cx, const struct fetch *o, const struct cli_output *form,
			     struct hm_str bytes)
{
	HM_AUTO_BUF b = HM_BUF(8 * HM_MAX_MANIFEST);
	struct json_out j = document_out(&b, form);
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

/* --format says the form, -o the file. */
static hm_err check_format(struct hm_cx *cx, const struct cli *cli, const struct fetch *o,
			   const struct cli_output **out)
{
	struct cli_outputs outputs;
	struct hm_strs given;
	HM_TRY(cli_with_template(cx, &o->format, o->template, &given));
	HM_TRY(cli_read_outputs(cx, cli->command->formats, &given, &outputs));
	*out = outputs.p;
	if (outputs.n > 1 || outputs.p->file)
		return hm_fail(cx, HM_USAGE,
			       "--format is the form, once and without a file; -o FILE names that");
	if (outputs.p->template &&
	    (o->descriptor || o->pretty || (o->file && strcmp(o->file, "-") == 0)))
		return hm_fail(cx, HM_USAGE,
			       "go-template does not go with --descriptor, --pretty or -o -");
	return NULL;
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

static hm_err fetch_manifest(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
			     size_t args_n)
{
	const struct fetch *o = opts;
	struct cli_output to = output_of(o);
	struct oci_target t;
	struct oci_descriptor d;
	struct oci_manifest m;
	const struct cli_output *form;
	struct hm_strs types = { 0 };
	OCI_AUTO_PLACE p = NULL;
	(void)args_n;
	HM_TRY(check_format(cx, cli, o, &form));
	HM_TRY(accept_types(cx, cli, &o->media_types, &types));
	HM_TRY(cli_ship_open(cx, cli, cli_ship_text(cx, args[0], o->layout), OCI_READ, &t, &p));
	HM_TRY(cli_ship_resolve(cx, p, o->platform, &d));
	HM_TRY_IN(cx, check_type(cx, &types, d.media_type), "\"%s\"", args[0]);
	if (o->descriptor)
		return write_descriptor(cx, o, form, &d);
	HM_TRY_IN(cx, oci_fetch_manifest(cx, p, &d, &m), "\"%s\"", args[0]);
	if (form->template)
		return write_template(cx, o, form->template, &t, &d, m.bytes);
	if (o->pretty || form->format->bit != CLI_AS_TEXT)
		return write_document(cx, o, form, m.bytes);
	return cli_output_write(cx, &to, m.bytes);
}

static void drop_digest_tags(struct hm_strs *tags)
{
	size_t kept = 0;
	for (size_t i = 0; i < tags->n; i++)
		if (!oci_is_digest_tag(tags->p[i]))
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

static void describe_tags(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct hm_strs *all = data;
	(void)cx;
	json_open(o, "tags", '[');
	for (size_t i = 0; i < all->n; i++) {
		json_open(o, NULL, '{');
		json_put_str(o, "tag", all->p[i]);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static hm_err describe_tags_plain(struct hm_cx *cx, const void *data, struct json_out *o)
{
	(void)cx;
	json_put_strs(o, "tags", data);
	return NULL;
}

static hm_err write_tags(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			 struct hm_buf *out)
{
	const struct hm_strs *all = data;
	(void)cx, (void)format;
	for (size_t i = 0; i < all->n; i++) {
		hm_buf_safe(out, all->p[i]);
		hm_buf_char(out, '\n');
	}
	return NULL;
}

static const struct cli_answer tags_answer = {
	.schema = "hullmark.repo-tags/1",
	.describe = describe_tags,
	.describe_plain = describe_tags_plain,
	.write = write_tags,
};

static hm_err list_tags(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
			size_t args_n)
{
	const struct fetch *o = opts;
	struct cli_outputs outputs;
	struct hm_strs given, all;
	struct oci_target t;
	OCI_AUTO_PLACE p = NULL;
	(void)args_n;
	HM_TRY(cli_with_template(cx, &o->output, o->template, &given));
	HM_TRY(cli_read_outputs(cx, cli->command->formats, &given, &outputs));
	HM_TRY(cli_ship_open(cx, cli, cli_ship_text(cx, args[0], o->layout), OCI_READ, &t, &p));
	if (t.tag.n || t.digest.n)
		return hm_fail(cx, HM_USAGE, "\"%s\" names one image, not a repository", args[0]);
	HM_TRY_IN(cx, oci_tags(cx, p, &all), "\"%s\"", args[0]);
	if (o->exclude_digest_tags)
		drop_digest_tags(&all);
	if (o->last)
		drop_until(&all, hm_cstr(o->last));
	return cli_answer_write(cx, &outputs, &tags_answer, &all);
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
	.formats = CLI_AS_TEXT | CLI_AS_JSON | CLI_AS_YAML | CLI_AS_TEMPLATE,
	.opts_size = sizeof(struct fetch),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_OPT(fetch, descriptor, "descriptor", CLI_FLAG, 0, NULL,
			"print media type, digest and size instead"),
		CLI_OPT(fetch, format, "format", CLI_FORMATS, 0, "FORMAT",
			"its form; JSON is that of --pretty"),
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
	.run = fetch_manifest,
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
	.formats = CLI_AS_ANSWER | CLI_AS_TEMPLATE,
	.opts_size = sizeof(struct fetch),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_OPT(fetch, exclude_digest_tags, "exclude-digest-tags", CLI_FLAG, 0, NULL,
			"without those that stand for what refers to an image (sha256-...)"),
		CLI_FORMAT(fetch, output),
		CLI_OPT(fetch, last, "last", CLI_TEXT, 0, "TAG", "those behind TAG, in the order of the list"),
		CLI_OPT(fetch, layout, "oci-layout", CLI_FLAG, 0, NULL,
			"the target is the path of an OCI layout: the same as oci:PATH"),
		CLI_OUTPUT(fetch, output),
		CLI_TEMPLATE(fetch, template),
		{ 0 },
	},
	/* clang-format on */
	.least = 1,
	.most = 1,
	.run = list_tags,
};
