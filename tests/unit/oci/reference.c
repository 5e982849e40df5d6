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
	{ "REG/x", OCI_REGISTRY, "reg", "x", "", "", "" },
	{ "LOCALHOST:5600/prod/app", OCI_REGISTRY, "localhost:5600", "prod/app", "", "", "" },
	{ "R.Example:0443/x", OCI_REGISTRY, "r.example", "x", "", "", "" },
	{ "r.example:05000/x", OCI_REGISTRY, "r.example:5000", "x", "", "", "" },
	{ "r.example:80/x", OCI_REGISTRY, "r.example:80", "x", "", "", "" },
	{ "INDEX.docker.io:443/alpine", OCI_REGISTRY, "docker.io", "library/alpine", "", "", "" },
	{ "registry-1.docker.io/a/b", OCI_REGISTRY, "docker.io", "a/b", "", "", "" },
	{ "docker.io:5000/a", OCI_REGISTRY, "docker.io:5000", "a", "", "", "" },
	{ "[0:0::1]:443/x", OCI_REGISTRY, "[::1]", "x", "", "", "" },
	{ "[FD00:0:0::5]/x", OCI_REGISTRY, "[fd00::5]", "x", "", "", "" },
	{ "127.0.0.01.example/x", OCI_REGISTRY, "127.0.0.01.example", "x", "", "", "" },
	{ "2130706433/x", OCI_REGISTRY, "docker.io", "2130706433/x", "", "", "" },
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
	bool is_place = t->kind != OCI_DIR && t->kind != OCI_FILE && t->kind != OCI_SBOM;
	assert_int_equal(oci_target_is_place(&got), is_place);
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
	{ "r.example./a", "HOST" },
	{ "localhost./a", "HOST" },
	{ "r_x.example/a", "HOST" },
	{ "127.1/a", "HOST" },
	{ "127.1:5000/a", "IPv4" },
	{ "0x7f.1/a", "IPv4" },
	{ "2130706433:5000/a", "IPv4" },
	{ "0177.0.0.1/a", "IPv4" },
	{ "127.0.0.1.1/a", "IPv4" },
	{ "127.0.0.256:1/a", "IPv4" },
	{ "0x7f000001:5000/a", "IPv4" },
	{ "127.0.0.0X1/a", "IPv4" },
	{ "0.0.0.0:5000/a", "the unspecified address" },
	{ "[::]:5000/a", "the unspecified address" },
	{ "[::ffff:127.0.0.1]:5000/a", "as such" },
	{ "[::ffff:7f00:1]/a", "as such" },
	{ "[::127.0.0.1]/a", "as such" },
	{ "[::1%25eth0]/a", "HOST" },
	{ "[::1/a", "bracket" },
	{ "[localhost]:5000/a", "HOST" },
	{ "user@r.example/a", "is not a valid digest" },
	{ "user:secret@r.example/a@sha256:" HEX, "HOST" },
	{ "r.example:5000:5000/a", "HOST" },
	{ "r.example:99999999999999999999/a", "HOST" },
	{ HEX, "identifier" },
	{ "r.example/a:", "tag" },
	{ "r.example/a:.b", "tag" },
	{ "r.example/a:b/c", "lower-case" },
	{ "r.example/a@sha256:12", "is not a valid digest" },
	{ "r.example/a@md5:" HEX, "is not a valid digest" },
	{ "r.example/a@sha256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
	  "is not a valid digest" },
	{ "https://r.example/a", "URL" },
	{ "r.example/a b", "lower-case" },
	{ "r.example/a\nb", "control" },
	{ "oci:", "empty" },
	{ "oci::tag", "empty" },
	{ "oci:dir:", "tag" },
	{ "oci:dir: x", "tag" },
	{ "dir:", "empty" },
};

/* Others read it, too: what runs the image that the gate pins, and whoever copies a message. */
static void with_its_digest_it_reads_as_itself(void **state)
{
	(void)state;
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "REG/x", "reg:443/x@sha256:" HEX },
		{ "LOSALHOST:0443/pord/app", "losalhost:443/pord/app@sha256:" HEX },
		{ "reg:80/x:1", "reg:80/x@sha256:" HEX },
		{ "localhost:443/x", "localhost/x@sha256:" HEX },
		{ "r.example:443/x", "r.example/x@sha256:" HEX },
		{ "[::1]:443/x", "[::1]/x@sha256:" HEX },
		{ "reg/x", "docker.io/reg/x@sha256:" HEX },
	};
	for (size_t i = 0; i < HM_LEN(rows); i++) {
		HM_AUTO_CX cx = HM_CX(HM_MIB);
		struct oci_target t, again;
		assert_ok(oci_target_parse(&cx, hm_cstr(rows[i].text), &t));
		struct hm_str text = oci_target_with_digest(&cx, &t, HM_STR("sha256:" HEX));
		assert_strz(text, rows[i].want);
		assert_ok(oci_target_parse(&cx, text, &again));
		assert_str(again.registry, t.registry);
		assert_str(again.repository, t.repository);
	}
}

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
	/* with library/ before it */
	struct hm_str hub;
	assert_ok(oci_target_parse(&cx, hm_bytes(text, 247), &got));
	assert_int_equal(got.repository.n, 255);
	assert_fault(oci_target_parse(&cx, hm_bytes(text, 248), &got), HM_USAGE, "255 bytes");
	assert_fault(oci_repository_parse(&cx, hm_fmt(&cx, "docker.io/%.248s", text), &hub),
		     HM_INPUT, "255 bytes");
	assert_fault(oci_repository_parse(&cx, HM_STR("docker.io/"), &hub), HM_INPUT, "lower-case");
}

/* Where to connect to is not always what the name says. */
static const struct address {
	const char *label, *address;
} addresses[] = {
	{ "alpine", "registry-1.docker.io" },   { "Index.Docker.IO/a/b", "registry-1.docker.io" },
	{ "R.example:443/x", "r.example:443" }, { "r.example/x", "r.example" },
	{ "[0::1]:05000/x", "[::1]:5000" },
};

static void connects(void **state)
{
	const struct address *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct oci_target got;
	assert_ok(oci_target_parse(&cx, hm_cstr(t->label), &got));
	assert_strz(got.address, t->address);
}

static const struct name {
	const char *label, *name; /* NULL: it is none */
} names[] = {
	{ "R.example:0443/team/app", "r.example/team/app" },
	{ "index.docker.io/alpine", "docker.io/library/alpine" },
	{ "local/hello-world", "local/hello-world" },
	{ "[0::1]:5000/x", "[::1]:5000/x" },
	{ "r.example", NULL },
	{ "r.example/", NULL },
	{ "/x", NULL },
	{ "", NULL },
	{ "r.example/x:v1", NULL },
	{ "r.example/x/", NULL },
	{ "r.example/X", NULL },
	{ "127.1:5000/x", NULL },
	{ "*", NULL },
};

static void names_a_repository(void **state)
{
	const struct name *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct hm_str got;
	hm_err err = oci_repository_parse(&cx, hm_cstr(t->label), &got);
	assert_int_equal(err == NULL, t->name != NULL);
	if (!err)
		assert_strz(got, t->name);
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
	UNIT(with_its_digest_it_reads_as_itself);
	UNIT_TABLE(refuses, bad);
	UNIT(refuses_endless_names);
	UNIT(names_a_digest);
	UNIT_TABLE(connects, addresses);
	UNIT_TABLE(names_a_repository, names);
	return unit_run("oci/reference");
}
