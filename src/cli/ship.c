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

hm_err cli_ship_spec(struct hm_cx *cx, struct cli *cli, const char *spec)
{
	if (!spec || strcmp(spec, "v1.1-referrers-api") == 0)
		return NULL;
	if (strcmp(spec, "v1.1-referrers-tag") != 0)
		return hm_fail(
			cx, HM_USAGE,
			"--distribution-spec is v1.1-referrers-api or v1.1-referrers-tag, not \"%s\"",
			spec);
	cli->access.referrers_tag = true;
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

static const char *const tell_formats[] = { "table", "json", NULL };

hm_err cli_ship_check(struct hm_cx *cx, const struct hm_strs *output)
{
	struct cli_output *outputs;
	size_t n;
	return cli_outputs(cx, output, tell_formats, "table", &outputs, &n);
}

hm_err cli_ship_tell(struct hm_cx *cx, const struct hm_strs *output, const char *verb,
		     const struct oci_target *t, const struct oci_descriptor *d)
{
	struct cli_output *outputs;
	size_t n;
	HM_TRY(cli_outputs(cx, output, tell_formats, "table", &outputs, &n));
	struct hm_str full = oci_target_with_digest(cx, t, d->digest);
	for (size_t i = 0; i < n; i++) {
		HM_AUTO_BUF b = HM_BUF(HM_MIB);
		if (hm_eqz(outputs[i].format, "json")) {
			struct json_out o = json_out(&b, true);
			json_open(&o, NULL, '{');
			json_put_str(&o, "schema", hm_fmt(cx, "hullmark.%s/1", verb));
			json_put_str(&o, "reference", full);
			json_put_str(&o, "mediaType", d->media_type);
			json_put_str(&o, "digest", d->digest);
			json_put_int(&o, "size", (int64_t)d->size);
			json_put_given(&o, "artifactType", d->artifact_type);
			json_close(&o, '}');
		} else {
			hm_buf_fmt(&b, "%.*s\n", HM_FMT(full));
		}
		HM_TRY(cli_output_end(cx, &outputs[i], &b));
	}
	return NULL;
}
