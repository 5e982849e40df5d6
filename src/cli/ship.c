/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/ship.h"

hm_err cli_ship_open(struct hm_cx *cx, struct cli *cli, const char *text, enum oci_mode mode,
		     struct oci_target *out_target, struct oci_place **out)
{
	const struct oci_access *access = NULL;
	struct oci_target t;
	HM_TRY(oci_target_parse(cx, hm_cstr(text), &t));
	HM_TRY(cli_secret_for(cx, cli, &t));
	if (t.kind == OCI_REGISTRY)
		HM_TRY(cli_access(cx, cli, &access));
	HM_TRY(oci_open(cx, access, &t, mode, out));
	*out_target = t;
	return NULL;
}

hm_err cli_ship_resolve(struct hm_cx *cx, struct oci_place *p, const char *platform,
			struct oci_descriptor *out)
{
	struct oci_descriptor d;
	struct oci_manifest m;
	struct oci_platform want;
	if (platform)
		HM_TRY(oci_platform_parse(cx, hm_cstr(platform), &want));
	HM_TRY(oci_resolve(cx, p, HM_STR(""), &d));
	if (platform)
		HM_TRY(oci_image(cx, p, &d, &want, &d, &m));
	*out = d;
	return NULL;
}

const char *cli_ship_text(struct hm_cx *cx, const char *text, bool layout)
{
	return layout ? hm_fmt(cx, "oci:%s", text).p : text;
}

hm_err cli_ship_spec(struct hm_cx *cx, const char *option, const char *spec, bool *out_tag)
{
	if (!spec || strcmp(spec, "v1.1-referrers-api") == 0)
		return NULL;
	if (strcmp(spec, "v1.1-referrers-tag") != 0)
		return hm_fail(cx, HM_USAGE,
			       "--%s is v1.1-referrers-api or v1.1-referrers-tag, not \"%s\"",
			       option, spec);
	*out_tag = true;
	return NULL;
}

hm_err cli_ship_concurrency(struct hm_cx *cx, struct cli *cli, uint64_t n)
{
	if (n > HM_MAX_CONCURRENCY)
		return hm_fail(cx, HM_USAGE, "--concurrency is %llu at most",
			       (unsigned long long)HM_MAX_CONCURRENCY);
	cli->access.concurrency = (unsigned)n;
	return NULL;
}

/* A comma is in no tag, so that what stands behind the first one can only be more of them. */
const char *cli_ship_tags(struct hm_cx *cx, const char *text, struct hm_strs *out)
{
	struct hm_str all = hm_cstr(text);
	size_t colon = hm_rfind_char(all, ':'), slash = hm_rfind_char(all, '/');
	bool scheme = colon != SIZE_MAX && hm_find_char(all, ':') == colon &&
		      hm_starts(all, HM_STR("oci:"));
	if (colon == SIZE_MAX || scheme || (slash != SIZE_MAX && slash > colon))
		return text;
	struct hm_str rest = hm_from(all, colon + 1), first = hm_cut(&rest, ',');
	while (rest.n)
		*hm_push(cx, out) = hm_cut(&rest, ',');
	return hm_dupz(cx, hm_sub(all, 0, colon + 1 + first.n));
}

hm_err cli_ship_tag(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
		    const struct hm_strs *tags)
{
	for (size_t i = 0; i < tags->n; i++)
		HM_TRY_IN(cx, oci_tag(cx, p, d, tags->p[i]), "tag \"%.*s\"", HM_FMT(tags->p[i]));
	return NULL;
}

hm_err cli_ship_check(struct hm_cx *cx, const struct cli *cli, const struct hm_strs *output,
		      const char *template, struct ship_answer *out)
{
	struct hm_strs given;
	HM_TRY(cli_with_template(cx, output, template, &given));
	return cli_read_outputs(cx, cli->command->formats, &given, &out->outputs);
}

/* What stands before the digest or tag. */
static struct hm_str name_of(struct hm_cx *cx, const struct oci_target *t, bool layout)
{
	struct hm_str name = oci_target_with_digest(cx, t, HM_STR(""));
	name = hm_sub(name, 0, name.n ? name.n - 1 : 0); /* the @ */
	return layout && hm_starts(name, HM_STR("oci:")) ? hm_from(name, 4) : name;
}

void cli_ship_put_reference(struct hm_cx *cx, struct json_out *o, const struct oci_target *t,
			    bool layout, struct hm_str digest)
{
	json_put_str(o, "reference",
		     hm_fmt(cx, "%.*s@%.*s", HM_FMT(name_of(cx, t, layout)), HM_FMT(digest)));
}

void cli_ship_put(struct hm_cx *cx, struct json_out *o, const struct oci_target *t, bool layout,
		  const struct oci_descriptor *d)
{
	cli_ship_put_reference(cx, o, t, layout, d->digest);
	json_put_str(o, "mediaType", d->media_type);
	json_put_str(o, "digest", d->digest);
	json_put_int(o, "size", (int64_t)d->size);
	if (d->annotations.n) {
		json_open(o, "annotations", '{');
		for (size_t i = 0; i < d->annotations.n; i++) {
			json_key(o, d->annotations.p[i].key);
			json_put_str(o, NULL, d->annotations.p[i].value);
		}
		json_close(o, '}');
	}
	json_put_given(o, "artifactType", d->artifact_type);
}

static void put_tags(struct hm_cx *cx, struct json_out *o, const struct oci_target *t,
		     const struct ship_answer *a)
{
	struct hm_strs all = { 0 };
	if (t->tag.n)
		*hm_push(cx, &all) = t->tag;
	for (size_t i = 0; i < a->tags.n; i++)
		*hm_push(cx, &all) = a->tags.p[i];
	hm_strs_sort(&all);
	for (size_t i = 0; i < all.n; i++)
		all.p[i] = hm_fmt(cx, "%.*s:%.*s", HM_FMT(name_of(cx, t, a->layout)),
				  HM_FMT(all.p[i]));
	if (all.n)
		json_put_strs(o, "referenceAsTags", &all);
	else
		json_put_null(o, "referenceAsTags");
}

/* What became of the command's artifact. */
struct shipped {
	const struct ship_answer *answer;
	const struct oci_target *target;
	const struct oci_descriptor *descriptor;
};

static hm_err describe_plain(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct shipped *s = data;
	cli_ship_put(cx, o, s->target, s->answer->layout, s->descriptor);
	if (s->answer->tagged)
		put_tags(cx, o, s->target, s->answer);
	return NULL;
}

static void describe_shipped(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct shipped *s = data;
	const struct oci_descriptor *d = s->descriptor;
	json_put_str(o, "reference", oci_target_with_digest(cx, s->target, d->digest));
	json_put_str(o, "mediaType", d->media_type);
	json_put_str(o, "digest", d->digest);
	json_put_int(o, "size", (int64_t)d->size);
	json_put_given(o, "artifactType", d->artifact_type);
}

static hm_err write_line(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			 struct hm_buf *out)
{
	const struct shipped *s = data;
	(void)format;
	hm_buf_fmt(out, "%.*s\n",
		   HM_FMT(oci_target_with_digest(cx, s->target, s->descriptor->digest)));
	return NULL;
}

hm_err cli_ship_tell(struct hm_cx *cx, const struct cli *cli, const struct ship_answer *answer,
		     const struct oci_target *t, const struct oci_descriptor *d)
{
	struct shipped data = { answer, t, d };
	const struct cli_answer a = { .schema = hm_fmt(cx, "hullmark.%s/1", cli->command->name).p,
				      .describe = describe_shipped,
				      .describe_plain = describe_plain,
				      .write = write_line };
	return cli_answer_write(cx, &answer->outputs, &a, &data);
}
