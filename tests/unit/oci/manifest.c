/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/oci.h"

#include "unit.h"

#define HEX            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define D(type)        "{\"mediaType\":\"" type "\",\"digest\":\"sha256:" HEX "\",\"size\":0}"
#define MANIFEST(more) "{\"schemaVersion\":2,\"config\":" D("a/b") ",\"layers\":[]" more "}"

static const struct good {
	const char *label, *type, *text, *artifact_type;
	enum oci_manifest_kind kind;
} good[] = {
	{ "the least manifest", OCI_MANIFEST, MANIFEST(""), "a/b", OCI_IS_MANIFEST },
	{ "a type with parameters", OCI_MANIFEST "; charset=utf-8", MANIFEST(""), "a/b",
	  OCI_IS_MANIFEST },
	{ "no type from the transport", "", MANIFEST(",\"mediaType\":\"" DOCKER_MANIFEST "\""),
	  "a/b", OCI_IS_MANIFEST },
	{ "a type that says nothing", "application/json", MANIFEST(""), "a/b", OCI_IS_MANIFEST },
	{ "an artifact type", OCI_MANIFEST, MANIFEST(",\"artifactType\":\"c/d\""), "c/d",
	  OCI_IS_MANIFEST },
	{ "layers that Go never made", OCI_MANIFEST,
	  "{\"schemaVersion\":2,\"config\":" D("a/b") ",\"layers\":null}", "a/b", OCI_IS_MANIFEST },
	{ "an index", OCI_INDEX, "{\"schemaVersion\":2,\"manifests\":[" D(OCI_MANIFEST) "]}", "",
	  OCI_IS_INDEX },
	{ "an index of Docker's", DOCKER_INDEX,
	  "{\"schemaVersion\":2,\"mediaType\":\"" DOCKER_INDEX "\",\"manifests\":[]}", "",
	  OCI_IS_INDEX },
	{ "an index known by its members", "text/plain", "{\"schemaVersion\":2,\"manifests\":[]}",
	  "", OCI_IS_INDEX },
	{ "a subject", OCI_MANIFEST, MANIFEST(",\"subject\":" D(OCI_MANIFEST)), "a/b",
	  OCI_IS_MANIFEST },
	{ "an artifact manifest", OCI_ARTIFACT,
	  "{\"mediaType\":\"" OCI_ARTIFACT
	  "\",\"artifactType\":\"c/d\",\"blobs\":[" D("e/f") "],"
							     "\"subject\":" D(OCI_MANIFEST) "}",
	  "c/d", OCI_IS_MANIFEST },
	{ "one without blobs, known by its word", "",
	  "{\"mediaType\":\"" OCI_ARTIFACT "\",\"artifactType\":\"c/d\"}", "c/d", OCI_IS_MANIFEST },
	{ "members nobody knows", OCI_MANIFEST, MANIFEST(",\"x\":[{\"y\":1}]"), "a/b",
	  OCI_IS_MANIFEST },
};

static void parses(void **state)
{
	const struct good *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct oci_manifest m;
	assert_ok(oci_manifest_parse(&cx, hm_cstr(t->text), hm_cstr(t->type), &m));
	assert_int_equal(m.kind, t->kind);
	assert_strz(oci_manifest_artifact_type(&m), t->artifact_type);
}

/* Its blobs are what layers are elsewhere. It is not written. */
static void reads_artifact_manifests(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct oci_manifest m;
	struct hm_str text;
	assert_ok(oci_manifest_parse(&cx,
				     HM_STR("{\"artifactType\":\"c/d\",\"blobs\":[" D("e/f") "]}"),
				     HM_STR(OCI_ARTIFACT), &m));
	assert_int_equal(m.layers_n, 1);
	assert_strz(m.layers[0].media_type, "e/f");
	assert_int_equal(m.config.digest.n, 0);
	assert_fault(oci_manifest_format(&cx, &m, &text), HM_USAGE, "withdrawn");
}

static const struct bad {
	const char *label, *type, *text, *words;
} bad[] = {
	{ "nothing", OCI_MANIFEST, "", "manifest" },
	{ "is not a JSON object", OCI_MANIFEST, "[]", "is not a JSON object" },
	{ "no version", OCI_MANIFEST, "{\"layers\":[]}", "schemaVersion" },
	{ "Docker's first version", OCI_MANIFEST, "{\"schemaVersion\":1}", "schema version 1" },
	{ "two kinds at once", OCI_MANIFEST, MANIFEST(",\"manifests\":[]"),
	  "of a manifest and of an index" },
	{ "another type than the transport's", DOCKER_MANIFEST,
	  MANIFEST(",\"mediaType\":\"" OCI_MANIFEST "\""), "but came as" },
	{ "an artifact manifest with the members of an image's", OCI_ARTIFACT, MANIFEST(""),
	  "of an image manifest and of an artifact manifest" },
	{ "one with those of an index", OCI_ARTIFACT,
	  "{\"schemaVersion\":2,\"blobs\":[],\"manifests\":[]}", "of a manifest and of an index" },
	{ "one of another version", OCI_ARTIFACT, "{\"schemaVersion\":1,\"blobs\":[]}",
	  "schema version 1" },
	{ "one whose blobs are no array", OCI_ARTIFACT, "{\"blobs\":{}}", "is not an array" },
	{ "one that says it is an image", OCI_ARTIFACT,
	  "{\"mediaType\":\"" OCI_MANIFEST "\",\"blobs\":[]}", "schemaVersion" },
	{ "blobs in an image manifest alone", OCI_MANIFEST, "{\"schemaVersion\":2,\"blobs\":[]}",
	  "config" },
	{ "a type of no manifest", "application/vnd.oci.other.manifest.v1+json", MANIFEST(""),
	  "is not a known manifest type" },
	{ "an index that says it is a manifest", OCI_MANIFEST,
	  "{\"schemaVersion\":2,\"manifests\":[]}", "members are not" },
	{ "a manifest that says it is an index", OCI_INDEX, MANIFEST(""), "members are not" },
	{ "the same member twice", OCI_MANIFEST, MANIFEST(",\"layers\":[]"), "layers" },
	{ "no layers", OCI_MANIFEST, "{\"schemaVersion\":2,\"config\":" D("a/b") "}",
	  "\"layers\"" },
	{ "no config", OCI_MANIFEST, "{\"schemaVersion\":2,\"layers\":[]}", "\"config\"" },
	{ "layers that are no array", OCI_MANIFEST,
	  "{\"schemaVersion\":2,\"config\":" D("a/b") ",\"layers\":{}}", "is not an array" },
	{ "a layer without type", OCI_MANIFEST,
	  "{\"schemaVersion\":2,\"config\":" D("a/b") ",\"layers\":[{\"digest\":\"sha256:" HEX
						      "\",\"size\":0}]}",
	  "entry 1" },
	{ "a size below zero", OCI_MANIFEST,
	  "{\"schemaVersion\":2,\"layers\":[],\"config\":{\"mediaType\":\"a/b\",\"digest\":\"sha256:" HEX
	  "\",\"size\":-1}}",
	  "negative" },
	{ "a size that is no integer", OCI_MANIFEST,
	  "{\"schemaVersion\":2,\"layers\":[],\"config\":{\"mediaType\":\"a/b\",\"digest\":\"sha256:" HEX
	  "\",\"size\":1.5}}",
	  "size" },
	{ "a digest that would leave the folder", OCI_MANIFEST,
	  "{\"schemaVersion\":2,\"layers\":[],\"config\":{\"mediaType\":\"a/b\",\"digest\":\"sha256:../x"
	  "\",\"size\":1}}",
	  "is not a valid digest" },
	{ "an annotation that is no string", OCI_MANIFEST, MANIFEST(",\"annotations\":{\"a\":1}"),
	  "is not a string" },
	{ "a subject that is no object", OCI_MANIFEST, MANIFEST(",\"subject\":\"x\""), "subject" },
	{ "embedded content of another digest", OCI_MANIFEST,
	  "{\"schemaVersion\":2,\"layers\":[],\"config\":{\"mediaType\":\"a/b\",\"digest\":\"sha256:" HEX
	  "\",\"size\":2,\"data\":\"e30=\"}}",
	  "data" },
	{ "an artifact type that is no string", OCI_MANIFEST, MANIFEST(",\"artifactType\":1"),
	  "artifactType" },
	{ "an artifact type with a line feed", OCI_MANIFEST, MANIFEST(",\"artifactType\":\"a\\n\""),
	  "control characters" },
};

static void refuses(void **state)
{
	const struct bad *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct oci_manifest m;
	assert_fault(oci_manifest_parse(&cx, hm_cstr(t->text), hm_cstr(t->type), &m), HM_INPUT,
		     t->words);
}

static void refuses_too_much(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(256 * HM_MIB);
	struct oci_manifest m;
	HM_AUTO_BUF b = HM_BUF(8 * HM_MIB);
	hm_buf_addz(&b, "{\"schemaVersion\":2,\"manifests\":[");
	for (uint64_t i = 0; i <= HM_MAX_INDEX_MANIFESTS; i++)
		hm_buf_fmt(&b, "%s" D(OCI_MANIFEST), i ? "," : "");
	hm_buf_addz(&b, "]}");
	assert_fault(oci_manifest_parse(&cx, hm_buf_str(&b), HM_STR(OCI_INDEX), &m), HM_LIMIT,
		     "entries");
	hm_buf_clear(&b);
	memset(hm_buf_room(&b, HM_MAX_MANIFEST + 1), ' ', HM_MAX_MANIFEST + 1);
	assert_fault(oci_manifest_parse(&cx, hm_buf_str(&b), HM_STR(OCI_INDEX), &m), HM_LIMIT,
		     "larger");
	hm_buf_clear(&b);
	for (int i = 0; i < 100000; i++)
		hm_buf_char(&b, '[');
	assert_fault(oci_manifest_parse(&cx, hm_buf_str(&b), HM_STR(OCI_INDEX), &m), HM_LIMIT,
		     "nested deeper than");
}

static void formats_the_same_every_time(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct oci_annotation pairs[] = { { HM_STR("z"), HM_STR("1") },
					  { HM_STR("a"), HM_STR("\"") } };
	struct oci_descriptor layer = { .media_type = HM_STR("c/d"),
					.digest = HM_STR("sha256:" HEX),
					.annotations = { .p = pairs, .n = 2 } };
	struct oci_manifest m = { .kind = OCI_IS_MANIFEST,
				  .artifact_type = HM_STR("e/f"),
				  .config = { .media_type = HM_STR("a/b"),
					      .digest = HM_STR("sha256:" HEX) },
				  .layers = &layer,
				  .layers_n = 1 };
	struct hm_str text;
	assert_ok(oci_manifest_format(&cx, &m, &text));
	assert_strz(text, "{\"schemaVersion\":2,\"mediaType\":\"" OCI_MANIFEST
			  "\",\"artifactType\":\"e/f\",\"config\":" D(
				  "a/b") ",\"layers\":[{\"mediaType\":"
					 "\"c/d\",\"digest\":\"sha256:" HEX
					 "\",\"size\":0,\"annotations\":{\"a\":\"\\\"\","
					 "\"z\":\"1\"}}]}");
	assert_ok(oci_manifest_parse(&cx, text, HM_STR(OCI_MANIFEST), &m));
	assert_strz(oci_annotation_get(&m.layers[0].annotations, "a"), "\"");
}

static const struct platforms {
	const char *label, *want, *have;
	bool matches;
} platforms[] = {
	{ "the same", "linux/amd64", "linux/amd64", true },
	{ "arm64 is v8", "linux/arm64", "linux/arm64/v8", true },
	{ "arm is v7", "linux/arm", "linux/arm/v7", true },
	{ "an alias", "linux/x86_64", "linux/amd64", true },
	{ "a version not asked for", "windows/amd64", "windows/amd64:10.0.1", true },
	{ "another variant", "linux/arm/v6", "linux/arm/v7", false },
	{ "another system", "windows/amd64", "linux/amd64", false },
	{ "another architecture", "linux/arm64", "linux/amd64", false },
	{ "another version", "windows/amd64:10.0.2", "windows/amd64:10.0.1", false },
};

static void compares_platforms(void **state)
{
	const struct platforms *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct oci_platform want, have;
	assert_ok(oci_platform_parse(&cx, hm_cstr(t->want), &want));
	assert_ok(oci_platform_parse(&cx, hm_cstr(t->have), &have));
	assert_int_equal(oci_platform_matches(&want, &have), t->matches);
}

static void refuses_platforms(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct oci_platform p;
	static const char *const wrong[] = { "", "linux", "linux/", "/amd64", "a/b/c/d", "a b/c" };
	for (size_t i = 0; i < HM_LEN(wrong); i++)
		assert_fault(oci_platform_parse(&cx, hm_cstr(wrong[i]), &p), HM_USAGE,
			     "is not a valid platform");
}

int main(void)
{
	UNIT_TABLE(parses, good);
	UNIT_TABLE(refuses, bad);
	UNIT_TABLE(compares_platforms, platforms);
	UNIT(reads_artifact_manifests);
	UNIT(refuses_too_much);
	UNIT(formats_the_same_every_time);
	UNIT(refuses_platforms);
	return unit_run("oci/manifest");
}
