/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/oci.h"

#include "unit.h"

static struct oci_place *fresh(struct hm_cx *cx)
{
	struct oci_target t;
	struct oci_place *p;
	assert_ok(oci_target_parse(cx, hm_fmt(cx, "oci:%s/layout", unit_temp_dir()), &t));
	assert_ok(oci_open(cx, NULL, &t, OCI_WRITE, &p));
	return p;
}

/* An image whose only layer is `text`. */
static struct oci_descriptor image(struct hm_cx *cx, struct oci_place *p, const char *text,
				   const char *platform)
{
	struct oci_platform f = { 0 };
	assert_ok(oci_platform_parse(cx, hm_cstr(platform), &f));
	struct hm_str config = hm_fmt(cx, "{\"os\":\"%.*s\",\"architecture\":\"%.*s\"}",
				      HM_FMT(f.os), HM_FMT(f.architecture)),
		      bytes;
	struct oci_descriptor layer = { .media_type = HM_STR(OCI_LAYER),
					.digest = crypto_digest_text(cx, CRYPTO_SHA256,
								     hm_cstr(text)),
					.size = strlen(text) },
			      d;
	struct oci_manifest m = { .kind = OCI_IS_MANIFEST,
				  .config = { .media_type = HM_STR(OCI_CONFIG),
					      .digest =
						      crypto_digest_text(cx, CRYPTO_SHA256, config),
					      .size = config.n },
				  .layers = &layer,
				  .layers_n = 1 };
	assert_ok(oci_push_bytes(cx, p, &layer, hm_cstr(text)));
	assert_ok(oci_push_bytes(cx, p, &m.config, config));
	assert_ok(oci_manifest_format(cx, &m, &bytes));
	assert_ok(oci_push_manifest(cx, p, bytes, HM_STR(OCI_MANIFEST), HM_STR(""), &d));
	d.platform = f;
	return d;
}

static struct oci_descriptor make_index(struct hm_cx *cx, struct oci_place *p,
					struct oci_descriptor *of, size_t n)
{
	struct oci_manifest m = { .kind = OCI_IS_INDEX, .layers = of, .layers_n = n };
	struct oci_descriptor d;
	struct hm_str bytes;
	assert_ok(oci_manifest_format(cx, &m, &bytes));
	assert_ok(oci_push_manifest(cx, p, bytes, HM_STR(OCI_INDEX), HM_STR(""), &d));
	return d;
}

static void copies_what_is_reached_twice(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	OCI_AUTO_PLACE from = fresh(&cx);
	OCI_AUTO_PLACE to = fresh(&cx);
	struct oci_descriptor a = image(&cx, from, "a", "linux/amd64"),
			      b = image(&cx, from, "b", "linux/arm64");
	struct oci_descriptor inner[] = { a, b };
	struct oci_descriptor outer[] = { a, make_index(&cx, from, inner, 2) };
	struct oci_descriptor top = make_index(&cx, from, outer, 2), got;
	struct oci_manifest m;
	struct hm_strs tags;
	assert_ok(oci_copy(&cx, from, &top, to,
			   &(struct oci_copy_options){ HM_STR("v1"), true, NULL }));
	assert_ok(oci_resolve(&cx, to, HM_STR(""), &got)); /* the children are not listed */
	assert_str(got.digest, top.digest);
	assert_ok(oci_fetch_manifest(&cx, to, &b, &m));
	assert_ok(oci_tags(&cx, to, &tags));
	assert_int_equal(tags.n, 1);
	assert_ok(oci_copy(&cx, from, &top, to,
			   &(struct oci_copy_options){ HM_STR("v1"), true, NULL }));
}

static void ends_on_endless_indexes(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	OCI_AUTO_PLACE from = fresh(&cx);
	OCI_AUTO_PLACE to = fresh(&cx);
	struct oci_descriptor d = image(&cx, from, "a", "linux/amd64"), got;
	struct oci_manifest m;
	for (int i = 0; i < 12; i++)
		d = make_index(&cx, from, &d, 1);
	assert_fault(oci_copy(&cx, from, &d, to,
			      &(struct oci_copy_options){ HM_STR("v1"), false, NULL }),
		     HM_LIMIT, "deeper");
	assert_fault(oci_image(&cx, from, &d, NULL, &got, &m), HM_LIMIT, "deeper");
}

static void notices_a_lost_blob(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	OCI_AUTO_PLACE from = fresh(&cx);
	OCI_AUTO_PLACE to = fresh(&cx);
	struct oci_descriptor d = { .media_type = HM_STR(OCI_MANIFEST) }, got;
	struct hm_str text =
		HM_STR("{\"schemaVersion\":2,\"config\":{\"mediaType\":\"a/b\",\"size\":1,"
		       "\"digest\":\"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934c"
		       "a495991b7852b855\"},\"layers\":[]}");
	assert_ok(oci_push_manifest(&cx, from, text, HM_STR(OCI_MANIFEST), HM_STR("v1"), &d));
	assert_fault(oci_copy(&cx, from, &d, to,
			      &(struct oci_copy_options){ HM_STR("v1"), false, NULL }),
		     HM_ABSENT, "has no");
	assert_fault(oci_open(&cx, NULL, &(struct oci_target){ .kind = OCI_DIR }, OCI_READ, &to),
		     HM_USAGE, "is not a registry, layout or archive");
	/* nothing is tagged when something is missing */
	assert_fault(oci_resolve(&cx, to, HM_STR("v1"), &got), HM_INPUT, "has no index.json");
}

static const struct chosen {
	const char *label, *platform, *words;
	int which; /* -1: none */
} chosen[] = {
	{ "the first", "linux/amd64", "", 0 },
	{ "the second", "linux/arm64", "", 1 },
	{ "its variant", "linux/arm64/v8", "", 1 },
	{ "a system that is not there", "windows/amd64", "only linux/amd64, linux/arm64", -1 },
	{ "a variant that is not there", "linux/arm/v6", "no platform \"linux/arm/v6\"", -1 },
};

static void chooses_a_platform(void **state)
{
	const struct chosen *t = *state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	OCI_AUTO_PLACE p = fresh(&cx);
	struct oci_descriptor all[] = { image(&cx, p, "a", "linux/amd64"),
					image(&cx, p, "b", "linux/arm64"),
					image(&cx, p, "c", "unknown/unknown") };
	struct oci_descriptor d = make_index(&cx, p, all, 3), got;
	struct oci_manifest m;
	struct oci_platform want;
	assert_ok(oci_platform_parse(&cx, hm_cstr(t->platform), &want));
	hm_err err = oci_image(&cx, p, &d, &want, &got, &m);
	if (t->which < 0) {
		assert_fault(err, HM_ABSENT, t->words);
		return;
	}
	assert_ok(err);
	assert_str(got.digest, all[t->which].digest);
	assert_ok(oci_image(&cx, p, &got, &want, &got, &m));
}

static void refuses_another_platform(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	OCI_AUTO_PLACE p = fresh(&cx);
	struct oci_descriptor d = image(&cx, p, "a", "linux/arm64"), got;
	struct oci_manifest m;
	struct oci_platform want;
	assert_ok(oci_platform_parse(&cx, HM_STR("linux/amd64"), &want));
	assert_fault(oci_image(&cx, p, &d, &want, &got, &m), HM_ABSENT,
		     "for platform \"linux/arm64\"");
	assert_ok(oci_image(&cx, p, &d, NULL, &got, &m));
	d = make_index(&cx, p, &d, 1);
	assert_ok(oci_image(&cx, p, &d, NULL, &got, &m)); /* the only one */
}

int main(void)
{
	UNIT(copies_what_is_reached_twice);
	UNIT(ends_on_endless_indexes);
	UNIT(notices_a_lost_blob);
	UNIT_TABLE(chooses_a_platform, chosen);
	UNIT(refuses_another_platform);
	return unit_run("oci/copy");
}
