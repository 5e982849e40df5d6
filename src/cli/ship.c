/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/ship.h"

#include <unistd.h>

hm_err cli_ship_open(struct hm_cx *cx, struct cli *cli, const char *text, enum oci_mode mode,
		     struct oci_target *out_target, struct oci_place **out)
{
	const struct oci_access *access = NULL;
	struct oci_target t;
	HM_TRY(oci_target_parse(cx, hm_cstr(text), &t));
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

/* The name under which a file is pulled again: relative, inside the folder. */
static struct hm_str title_of(struct hm_str path)
{
	while (hm_starts(path, HM_STR("./")))
		path = hm_from(path, 2);
	bool inside = path.n && path.p[0] != '/' && path.p[path.n - 1] != '/';
	for (struct hm_str rest = path; inside && rest.n;) {
		struct hm_str part = hm_cut(&rest, '/');
		inside = part.n && !hm_eqz(part, "..") && !hm_eqz(part, ".");
	}
	return inside ? path : hm_basename(path);
}

/* FILE[:TYPE]; a file whose name has a colon wins over the type. */
static hm_err push_file(struct hm_cx *cx, struct oci_place *p, const char *text,
			struct oci_descriptor *out)
{
	struct hm_str path = hm_cstr(text), type = HM_STR(OCI_LAYER);
	size_t colon = hm_rfind_char(path, ':');
	if (colon != SIZE_MAX && !hm_exists(text)) {
		type = hm_from(path, colon + 1);
		path = hm_sub(path, 0, colon);
		if (hm_find_char(type, '/') == SIZE_MAX)
			return hm_fail(cx, HM_USAGE, "\"%.*s\" is no media type", HM_FMT(type));
	}
	struct oci_annotation *title = hm_new(cx, struct oci_annotation, 1);
	*title = (struct oci_annotation){ HM_STR(OCI_TITLE), title_of(path) };
	HM_TRY(oci_push_file(cx, p, hm_dupz(cx, path), type, out));
	out->annotations = (struct oci_annotations){ .p = title, .n = 1 };
	return NULL;
}

static hm_err parse_annotations(struct hm_cx *cx, const struct hm_strs *given,
				struct oci_annotations *out)
{
	for (size_t i = 0; i < given->n; i++) {
		struct hm_str value = given->p[i], key = hm_cut(&value, '=');
		if (key.n == 0 || key.n == given->p[i].n)
			return hm_fail(cx, HM_USAGE, "annotation \"%.*s\" is not KEY=VALUE",
				       HM_FMT(given->p[i]));
		if (oci_annotation_get(out, hm_dupz(cx, key)).n)
			return hm_fail(cx, HM_USAGE, "annotation \"%.*s\" is given twice",
				       HM_FMT(key));
		*hm_push(cx, out) = (struct oci_annotation){ key, value };
	}
	int64_t when;
	if (hm_source_date_epoch(&when) && oci_annotation_get(out, OCI_CREATED).n == 0)
		*hm_push(cx, out) =
			(struct oci_annotation){ HM_STR(OCI_CREATED), hm_rfc3339(cx, when) };
	return NULL;
}

hm_err cli_ship_push(struct hm_cx *cx, struct oci_place *p, const struct ship_artifact *a,
		     struct oci_descriptor *out)
{
	struct hm_str empty = HM_STR(OCI_EMPTY_BYTES), bytes;
	struct oci_descriptor nothing = { .media_type = HM_STR(OCI_EMPTY),
					  .digest = crypto_digest_text(cx, CRYPTO_SHA256, empty),
					  .size = empty.n,
					  .data = empty };
	struct oci_manifest m = {
		.kind = OCI_IS_MANIFEST,
		.media_type = HM_STR(OCI_MANIFEST),
		.artifact_type =
			a->type ? hm_cstr(a->type) : HM_STR("application/vnd.unknown.artifact.v1"),
		.config = nothing,
		.layers = &nothing,
		.layers_n = 1,
		.subject = { .media_type = a->subject.media_type,
			     .digest = a->subject.digest,
			     .size = a->subject.size },
	};
	if (a->files_n > HM_MAX_MANIFEST_LAYERS)
		return hm_fail(cx, HM_LIMIT, "more than %llu files",
			       (unsigned long long)HM_MAX_MANIFEST_LAYERS);
	HM_TRY(parse_annotations(cx, a->annotations, &m.annotations));
	struct oci_descriptor *layers = hm_new(cx, struct oci_descriptor, a->files_n);
	for (size_t i = 0; i < a->files_n; i++) {
		HM_TRY(push_file(cx, p, a->files[i], &layers[i]));
		for (size_t k = 0; k < i; k++)
			if (hm_eq(layers[i].annotations.p[0].value,
				  layers[k].annotations.p[0].value))
				return hm_fail(cx, HM_USAGE, "two files would be called \"%.*s\"",
					       HM_FMT(layers[i].annotations.p[0].value));
	}
	if (a->files_n) {
		m.layers = layers;
		m.layers_n = a->files_n;
	}
	HM_TRY(oci_push_bytes(cx, p, &nothing, empty));
	HM_TRY(oci_manifest_format(cx, &m, &bytes));
	return oci_push_manifest(cx, p, bytes, m.media_type, a->tag, out);
}

hm_err cli_ship_tell(struct hm_cx *cx, const struct hm_strs *output, const char *verb,
		     const struct oci_target *t, const struct oci_descriptor *d)
{
	static const char *const known[] = { "table", "json", NULL };
	struct cli_output *outputs;
	size_t n;
	HM_TRY(cli_outputs(cx, output, known, "table", &outputs, &n));
	struct hm_str full = oci_target_with_digest(cx, t, d->digest);
	for (size_t i = 0; i < n; i++) {
		HM_AUTO_BUF b = HM_BUF(HM_MIB);
		struct hm_str text;
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
		HM_TRY(hm_buf_end(cx, &b, "the answer", &text));
		HM_TRY(cli_output_write(cx, &outputs[i], text));
	}
	return NULL;
}
