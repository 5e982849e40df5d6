/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/oci.h"

#include "unit.h"

#define HEX "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static const struct good {
	const char *label;
	enum oci_kind kind;
	const char *registry, *repository, *path, *tag, *digest;
} good[] = {
	{ "alpine", OCI_REGISTRY, "docker.io", "library/alpine", "", "", "" },
	{ "alpine:3.19", OCI_REGISTRY, "docker.io", "library/alpine", "", "3.19", "" },
	{ "grafana/loki", OCI_REGISTRY, "docker.io", "grafana/loki", "", "", "" },
	{ "index.docker.io/alpine", OCI_REGISTRY, "docker.io", "library/alpine", "", "", "" },
	{ "docker.io/a/b/c:t", OCI_REGISTRY, "docker.io", "a/b/c", "", "t", "" },
	{ "localhost/x", OCI_REGISTRY, "localhost", "x", "", "", "" },
	{ "localhost:5000/x:1", OCI_REGISTRY, "localhost:5000", "x", "", "1", "" },
	{ "[::1]:5000/x", OCI_REGISTRY, "[::1]:5000", "x", "", "", "" },
	{ "127.0.0.1:5000/a__b/c-d.e", OCI_REGISTRY, "127.0.0.1:5000", "a__b/c-d.e", "", "", "" },
	{ "REG/x", OCI_REGISTRY, "REG", "x", "", "", "" },
	{ "r.example/x@sha256:" HEX, OCI_REGISTRY, "r.example", "x", "", "", "sha256:" HEX },
	{ "r.example/x:v1@sha256:" HEX, OCI_REGISTRY, "r.example", "x", "", "v1", "sha256:" HEX },
	{ "oci:dir", OCI_LAYOUT, "", "", "dir", "", "" },
	{ "oci:/a/b:v1", OCI_LAYOUT, "", "", "/a/b", "v1", "" },
	{ "oci:./a@sha256:" HEX, OCI_LAYOUT, "", "", "./a", "", "sha256:" HEX },
	{ "oci:a:r.example/x:1", OCI_LAYOUT, "", "", "a", "r.example/x:1", "" },
	{ "oci-archive:a.tar:v1", OCI_ARCHIVE, "", "", "a.tar", "v1", "" },
	{ "docker-archive:a.tar:alpine:3", OCI_DOCKER_ARCHIVE, "", "", "a.tar", "alpine:3", "" },
	{ "dir:/a:b", OCI_DIR, "", "", "/a:b", "", "" },
	{ "file:x@y", OCI_FILE, "", "", "x@y", "", "" },
	{ "sbom:a.json", OCI_SBOM, "", "", "a.json", "", "" },
};

static void parses(void **state)
{
	const struct good *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct oci_target got;
	assert_ok(oci_target_parse(&cx, hm_cstr(t->label), &got));
	assert_int_equal(got.kind, t->kind);
	assert_strz(got.registry, t->registry);
	assert_strz(got.repository, t->repository);
	assert_strz(got.path, t->path);
	assert_strz(got.tag, t->tag);
	assert_strz(got.digest, t->digest);
}

static const struct bad {
	const char *label, *words;
} bad[] = {
	{ "", "empty" },
	{ "Alpine", "lower-case" },
	{ "r.example/", "lower-case" },
	{ "r.example/a//b", "lower-case" },
	{ "r.example/a/", "lower-case" },
	{ "r.example/a..b", "lower-case" },
	{ "r.example/a___b", "lower-case" },
	{ "r.example/-a", "lower-case" },
	{ "r.example/../b", "lower-case" },
	{ "r.example:0/a", "HOST" },
	{ "r.example:65536/a", "HOST" },
	{ "r.example:/a", "HOST" },
	{ "r..example/a", "HOST" },
	{ "-r.example/a", "HOST" },
	{ "[zz]:1/a", "HOST" },
	{ "r.example/a:", "tag" },
	{ "r.example/a:.b", "tag" },
	{ "r.example/a:b/c", "lower-case" },
	{ "r.example/a@sha256:12", "no digest" },
	{ "r.example/a@md5:" HEX, "no digest" },
	{ "r.example/a@sha256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
	  "no digest" },
	{ "https://r.example/a", "URL" },
	{ "r.example/a b", "lower-case" },
	{ "r.example/a\nb", "control" },
	{ "oci:", "empty" },
	{ "oci::tag", "empty" },
	{ "oci:dir:", "tag" },
	{ "oci:dir: x", "tag" },
	{ "dir:", "empty" },
};

static void refuses(void **state)
{
	const struct bad *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct oci_target got;
	assert_fault(oci_target_parse(&cx, hm_cstr(t->label), &got), HM_USAGE, t->words);
}

static void refuses_endless_names(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct oci_target got;
	char text[600];
	memset(text, 'a', sizeof(text));
	assert_fault(oci_target_parse(&cx, hm_bytes(text, sizeof(text)), &got), HM_USAGE, "long");
	assert_fault(oci_target_parse(&cx, hm_bytes(text, 300), &got), HM_USAGE, "lower-case");
}

static void names_a_digest(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct oci_target t;
	assert_ok(oci_target_parse(&cx, HM_STR("alpine:3"), &t));
	assert_strz(oci_target_with_digest(&cx, &t, HM_STR("sha256:1")),
		    "docker.io/library/alpine@sha256:1");
	assert_ok(oci_target_parse(&cx, HM_STR("oci:a/b:3"), &t));
	assert_strz(oci_target_with_digest(&cx, &t, HM_STR("sha256:1")), "oci:a/b@sha256:1");
}

int main(void)
{
	UNIT_TABLE(parses, good);
	UNIT_TABLE(refuses, bad);
	UNIT(refuses_endless_names);
	UNIT(names_a_digest);
	return unit_run("oci/reference");
}
