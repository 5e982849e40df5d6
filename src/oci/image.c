/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/oci.h"

#include "oci/ops.h"

/* BuildKit keeps its attestations in the index, as images of platform unknown/unknown. */
static bool is_image(const struct oci_descriptor *d)
{
	return oci_media_type_is_manifest(d->media_type) && !hm_eqz(d->platform.os, "unknown");
}

static const struct oci_descriptor *choose_platform(const struct oci_manifest *index,
						    const struct oci_platform *want, bool exact)
{
	struct oci_platform any = *want;
	const struct oci_descriptor *only = NULL;
	for (size_t i = 0; i < index->layers_n; i++) {
		const struct oci_descriptor *d = &index->layers[i];
		if (!is_image(d))
			continue;
		if (oci_platform_matches(want, &d->platform))
			return d;
		any.variant = d->platform.variant;
		if (!exact && !only && want->variant.n == 0 &&
		    oci_platform_matches(&any, &d->platform))
			only = d;
	}
	return only;
}

static const struct oci_descriptor *the_only(const struct oci_manifest *index)
{
	const struct oci_descriptor *only = NULL;
	for (size_t i = 0; i < index->layers_n; i++) {
		if (!is_image(&index->layers[i]))
			continue;
		if (only)
			return NULL;
		only = &index->layers[i];
	}
	return only;
}

static hm_err no_platform(struct hm_cx *cx, const struct oci_manifest *index,
			  const struct oci_platform *want)
{
	HM_AUTO_BUF b = HM_BUF(2000);
	for (size_t i = 0; i < index->layers_n; i++) {
		if (!is_image(&index->layers[i]))
			continue;
		struct hm_str text = oci_platform_text(cx, &index->layers[i].platform);
		if (b.n + text.n + 8 > b.max)
			break;
		hm_buf_fmt(&b, "%s%.*s", b.n ? ", " : "", HM_FMT(text));
	}
	struct hm_str all = hm_buf_str(&b);
	return hm_hint(cx,
		       hm_fail(cx, HM_ABSENT, "the image has no platform \"%.*s\", only %.*s",
			       HM_FMT(oci_platform_text(cx, want)),
			       HM_FMT(all.n ? all : HM_STR("none"))),
		       "name one with --platform");
}

static struct oci_platform this_machine(void)
{
#if defined(__x86_64__)
	return (struct oci_platform){ .os = HM_STR("linux"), .architecture = HM_STR("amd64") };
#elif defined(__aarch64__)
	return (struct oci_platform){ .os = HM_STR("linux"), .architecture = HM_STR("arm64") };
#else
	return (struct oci_platform){ .os = HM_STR("linux"), .architecture = HM_STR("unknown") };
#endif
}

/* A single image carries its platform in its configuration. */
static hm_err check_config(struct hm_cx *cx, struct oci_place *p, const struct oci_manifest *m,
			   const struct oci_platform *want)
{
	struct hm_str bytes;
	struct json doc;
	HM_TRY_IN(cx, oci_fetch(cx, p, &m->config, HM_MAX_CONFIG, &bytes), "image configuration");
	HM_TRY_IN(cx, json_parse(cx, bytes, JSON_NO_DUPLICATES, &doc), "image configuration");
	struct oci_platform have = {
		.os = json_str(json_get(doc, "os")),
		.architecture = json_str(json_get(doc, "architecture")),
		.variant = json_str(json_get(doc, "variant")),
		.os_version = json_str(json_get(doc, "os.version")),
	};
	if (oci_platform_matches(want, &have))
		return NULL;
	return hm_fail(cx, HM_ABSENT, "the image is for platform \"%.*s\", not \"%.*s\"",
		       HM_FMT(oci_platform_text(cx, &have)), HM_FMT(oci_platform_text(cx, want)));
}

hm_err oci_image(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
		 const struct oci_platform *platform, struct oci_descriptor *out_d,
		 struct oci_manifest *out)
{
	struct oci_platform want = platform ? *platform : this_machine();
	struct oci_descriptor at = *d;
	struct oci_manifest m;
	HM_TRY(oci_fetch_manifest(cx, p, &at, &m));
	bool chosen = false;
	for (uint64_t depth = 0; m.kind == OCI_IS_INDEX; depth++) {
		if (depth >= HM_MAX_INDEX_DEPTH)
			return hm_fail(cx, HM_LIMIT, "indexes within indexes, deeper than %llu",
				       (unsigned long long)HM_MAX_INDEX_DEPTH);
		const struct oci_descriptor *next = choose_platform(&m, &want, platform != NULL);
		chosen = next != NULL;
		if (!next && (!platform ||
			      (the_only(&m) && oci_media_type_is_index(the_only(&m)->media_type))))
			next = the_only(&m);
		if (!next)
			return no_platform(cx, &m, &want);
		at = *next;
		HM_TRY(oci_fetch_manifest(cx, p, &at, &m));
	}
	if (oci_media_type_is_artifact(m.media_type))
		return hm_fail(cx, HM_INPUT, "it is an artifact, not an image");
	if (platform && !chosen)
		HM_TRY(check_config(cx, p, &m, &want));
	*out_d = at;
	*out = m;
	return NULL;
}
