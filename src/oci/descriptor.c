/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/oci.h"

#include <stdlib.h>

#include "codec/base64.h"
#include "oci/ops.h"

struct hm_str oci_annotation_get(const struct oci_annotations *a, const char *key)
{
	for (size_t i = 0; i < a->n; i++)
		if (hm_eqz(a->p[i].key, key))
			return a->p[i].value;
	return HM_STR("");
}

hm_err oci_annotations_parse(struct hm_cx *cx, struct json v, struct oci_annotations *out)
{
	*out = (struct oci_annotations){ 0 };
	if (!json_is_there(v) || json_is_null(v))
		return NULL;
	if (!json_is_object(v))
		return hm_fail(cx, HM_INPUT, "\"annotations\" is not an object");
	if (json_size(v) > HM_MAX_ANNOTATIONS)
		return hm_fail(cx, HM_LIMIT, "more than %llu annotations",
			       (unsigned long long)HM_MAX_ANNOTATIONS);
	struct oci_annotations all = { 0 };
	for (struct json_iter it = json_iter(v); json_next(&it);) {
		if (!json_is_string(it.value))
			return hm_fail(cx, HM_INPUT, "annotation \"%.*s\" is not a string",
				       HM_FMT(it.key));
		*hm_push(cx, &all) = (struct oci_annotation){ it.key, json_str(it.value) };
	}
	*out = all;
	return NULL;
}

static int by_key(const void *a, const void *b)
{
	const struct oci_annotation *x = a, *y = b;
	return hm_cmp(x->key, y->key);
}

void oci_annotations_put(struct hm_cx *cx, struct json_out *o, const struct oci_annotations *a)
{
	if (a->n == 0)
		return;
	struct oci_annotation *sorted = hm_new(cx, struct oci_annotation, a->n);
	memcpy(sorted, a->p, a->n * sizeof(*sorted));
	qsort(sorted, a->n, sizeof(*sorted), by_key);
	json_open(o, "annotations", '{');
	for (size_t i = 0; i < a->n; i++) {
		if (i + 1 < a->n && hm_eq(sorted[i].key, sorted[i + 1].key))
			continue; /* of equal keys one stays */
		json_key(o, sorted[i].key);
		json_put_str(o, NULL, sorted[i].value);
	}
	json_close(o, '}');
}

hm_err oci_text_parse(struct hm_cx *cx, struct json object, const char *key, struct hm_str *out)
{
	struct json v = json_get(object, key);
	if (json_is_there(v) && !json_is_null(v) && !json_is_string(v))
		return hm_fail(cx, HM_INPUT, "\"%s\" is not a string", key);
	struct hm_str s = json_str(v);
	if (s.n > 255)
		return hm_fail(cx, HM_INPUT, "\"%s\" is too long", key);
	if (hm_has_control(s))
		return hm_fail(cx, HM_INPUT, "\"%s\" has control characters", key);
	*out = s;
	return NULL;
}

static hm_err parse_platform(struct hm_cx *cx, struct json v, struct oci_platform *out)
{
	if (!json_is_there(v) || json_is_null(v))
		return NULL;
	if (!json_is_object(v))
		return hm_fail(cx, HM_INPUT, "\"platform\" is not an object");
	struct oci_platform p = { 0 };
	HM_TRY_IN(cx, oci_text_parse(cx, v, "os", &p.os), "platform");
	HM_TRY_IN(cx, oci_text_parse(cx, v, "architecture", &p.architecture), "platform");
	HM_TRY_IN(cx, oci_text_parse(cx, v, "variant", &p.variant), "platform");
	HM_TRY_IN(cx, oci_text_parse(cx, v, "os.version", &p.os_version), "platform");
	*out = p;
	return NULL;
}

/* Embedded content must be what the digest says; otherwise nobody may use it. */
static hm_err parse_data(struct hm_cx *cx, struct json v, struct oci_descriptor *d)
{
	if (!json_is_there(v) || json_is_null(v))
		return NULL;
	if (!json_is_string(v))
		return hm_fail(cx, HM_INPUT, "\"data\" is not a string");
	HM_TRY_IN(cx, base64_parse(cx, BASE64_STD, json_str(v), &d->data), "data");
	hm_err err = oci_digest_check(cx, d->digest, d->data);
	if (!err && d->data.n != d->size)
		err = hm_fail(cx, HM_INPUT, "it does not have the size of its descriptor");
	return err ? hm_fail(cx, HM_INPUT, "data: %s", err->why) : NULL;
}

hm_err oci_descriptor_parse(struct hm_cx *cx, struct json v, struct oci_descriptor *out)
{
	struct oci_descriptor d = { 0 };
	enum crypto_digest alg;
	struct hm_str hex;
	int64_t size;
	if (!json_is_object(v))
		return hm_fail(cx, HM_INPUT, "it is not a JSON object");
	HM_TRY(oci_text_parse(cx, v, "mediaType", &d.media_type));
	if (d.media_type.n == 0)
		return hm_fail(cx, HM_INPUT, "\"mediaType\" is missing");
	HM_TRY(json_need_str(cx, v, "digest", &d.digest));
	HM_TRY(oci_digest_parse(cx, d.digest, &alg, &hex));
	HM_TRY(json_need_int(cx, v, "size", &size));
	if (size < 0)
		return hm_fail(cx, HM_INPUT, "\"size\" is negative");
	if ((uint64_t)size > HM_MAX_BLOB)
		return hm_fail(cx, HM_LIMIT, "\"size\" is more than %llu bytes",
			       (unsigned long long)HM_MAX_BLOB);
	d.size = (uint64_t)size;
	HM_TRY(oci_text_parse(cx, v, "artifactType", &d.artifact_type));
	HM_TRY(oci_annotations_parse(cx, json_get(v, "annotations"), &d.annotations));
	HM_TRY(parse_platform(cx, json_get(v, "platform"), &d.platform));
	HM_TRY(parse_data(cx, json_get(v, "data"), &d));
	*out = d;
	return NULL;
}

static void put_platform(struct json_out *o, const struct oci_platform *p)
{
	if (p->os.n == 0 && p->architecture.n == 0)
		return;
	json_open(o, "platform", '{');
	json_put_str(o, "architecture", p->architecture);
	json_put_str(o, "os", p->os);
	json_put_given(o, "os.version", p->os_version);
	json_put_given(o, "variant", p->variant);
	json_close(o, '}');
}

void oci_descriptor_put(struct hm_cx *cx, struct json_out *o, const char *key,
			const struct oci_descriptor *d)
{
	json_open(o, key, '{');
	json_put_str(o, "mediaType", d->media_type);
	json_put_str(o, "digest", d->digest);
	json_put_int(o, "size", (int64_t)d->size);
	if (d->data.n)
		json_put_str(o, "data", base64_format(cx, BASE64_STD, d->data));
	oci_annotations_put(cx, o, &d->annotations);
	put_platform(o, &d->platform);
	json_put_given(o, "artifactType", d->artifact_type);
	json_close(o, '}');
}

struct oci_annotations oci_annotations_copy(struct hm_cx *cx, const struct oci_annotations *a)
{
	struct oci_annotations to = { .p = a->n ? hm_new(cx, struct oci_annotation, a->n) : NULL,
				      .n = a->n,
				      .cap = a->n };
	for (size_t i = 0; i < a->n; i++)
		to.p[i] = (struct oci_annotation){ hm_dup(cx, a->p[i].key),
						   hm_dup(cx, a->p[i].value) };
	return to;
}

struct oci_descriptor oci_descriptor_copy(struct hm_cx *cx, const struct oci_descriptor *d)
{
	struct oci_descriptor to = {
		.media_type = hm_dup(cx, d->media_type),
		.digest = hm_dup(cx, d->digest),
		.artifact_type = hm_dup(cx, d->artifact_type),
		.size = d->size,
		.platform = { hm_dup(cx, d->platform.os), hm_dup(cx, d->platform.architecture),
			      hm_dup(cx, d->platform.variant), hm_dup(cx, d->platform.os_version) },
		.annotations = oci_annotations_copy(cx, &d->annotations),
		.data = hm_dup(cx, d->data),
	};
	return to;
}

bool oci_media_type_is_index(struct hm_str t)
{
	return hm_eqz(t, OCI_INDEX) || hm_eqz(t, DOCKER_INDEX);
}

bool oci_media_type_is_foreign(struct hm_str t)
{
	return hm_find(t, HM_STR(".foreign.")) != SIZE_MAX ||
	       hm_find(t, HM_STR(".nondistributable.")) != SIZE_MAX;
}

bool oci_media_type_is_artifact(struct hm_str t)
{
	return hm_eqz(t, OCI_ARTIFACT);
}

bool oci_media_type_is_manifest(struct hm_str t)
{
	return hm_eqz(t, OCI_MANIFEST) || hm_eqz(t, DOCKER_MANIFEST) ||
	       oci_media_type_is_index(t) || oci_media_type_is_artifact(t);
}

/* --- platforms: OS[/ARCHITECTURE[/VARIANT]][:OS_VERSION], as ORAS and containerd spell them --- */

/* What machines call themselves, in Go's words. */
static const struct {
	const char *alias, *architecture, *variant;
} architectures[] = {
	{ "x86_64", "amd64", "" }, { "x86-64", "amd64", "" }, { "aarch64", "arm64", "" },
	{ "armhf", "arm", "v7" },  { "armv7l", "arm", "v7" }, { "armel", "arm", "v6" },
	{ "i386", "386", "" },     { "i686", "386", "" },
};

static void normalise_platform(struct oci_platform *p)
{
	for (size_t i = 0; i < HM_LEN(architectures); i++) {
		if (!hm_eqz(p->architecture, architectures[i].alias))
			continue;
		p->architecture = hm_cstr(architectures[i].architecture);
		if (p->variant.n == 0)
			p->variant = hm_cstr(architectures[i].variant);
	}
	if (hm_eqz(p->architecture, "arm64") && hm_eqz(p->variant, "v8"))
		p->variant = HM_STR("");
	if (hm_eqz(p->architecture, "amd64") && hm_eqz(p->variant, "v1"))
		p->variant = HM_STR("");
	if (hm_eqz(p->architecture, "arm") && p->variant.n == 0)
		p->variant = HM_STR("v7");
}

hm_err oci_platform_parse(struct hm_cx *cx, struct hm_str text, struct oci_platform *out)
{
	struct hm_str version = text, rest = hm_cut(&version, ':');
	struct oci_platform p = { .os_version = version };
	p.os = hm_cut(&rest, '/');
	p.architecture = hm_cut(&rest, '/');
	p.variant = rest;
	bool good = p.os.n && p.architecture.n && hm_find_char(rest, '/') == SIZE_MAX;
	for (size_t i = 0; i < text.n; i++)
		good = good && (hm_is_alpha(text.p[i]) || hm_is_digit(text.p[i]) ||
				hm_find_char(HM_STR("/:._-"), text.p[i]) != SIZE_MAX);
	if (!good)
		return hm_hint(cx,
			       hm_fail(cx, HM_USAGE, "\"%.*s\" is not a valid platform",
				       HM_FMT(hm_sub(text, 0, 100))),
			       "give OS/ARCHITECTURE[/VARIANT], as in linux/arm64");
	normalise_platform(&p);
	*out = p;
	return NULL;
}

struct hm_str oci_platform_text(struct hm_cx *cx, const struct oci_platform *p)
{
	if (p->os.n == 0)
		return HM_STR("");
	return hm_fmt(cx, "%.*s/%.*s%s%.*s", HM_FMT(p->os), HM_FMT(p->architecture),
		      p->variant.n ? "/" : "", HM_FMT(p->variant));
}

bool oci_platform_matches(const struct oci_platform *want, const struct oci_platform *have)
{
	struct oci_platform w = *want, h = *have;
	normalise_platform(&w);
	normalise_platform(&h);
	return hm_eq(w.os, h.os) && hm_eq(w.architecture, h.architecture) &&
	       hm_eq(w.variant, h.variant) &&
	       (w.os_version.n == 0 || hm_eq(w.os_version, h.os_version));
}
