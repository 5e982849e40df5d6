/* SPDX-License-Identifier: Apache-2.0 */
/* Releases that contain a package, what they are exposed to, and ways between things. */
#include "fixture.h"

#define WEB  "artifact:sha256:aa"
#define SHOP "package:pkg:oci/shop@sha256%3Aaa"
static const char web[] =
	"hasSBOM;" WEB ";artifact:sha256:d1;{}\n"
	"isOccurrence;" SHOP ";" WEB ";{}\n"
	"isDependency;" SHOP ";package:pkg:npm/a@1.0.0;{\"dependencyType\":\"DIRECT\"}\n"
	"isDependency;" SHOP ";package:pkg:npm/b@1.0.0;{\"dependencyType\":\"INDIRECT\"}\n"
	"isDependency;package:pkg:npm/a@1.0.0;package:pkg:npm/b@1.0.0;"
	"{\"dependencyType\":\"DIRECT\"}\n"
	"isDependency;" SHOP ";package:pkg:npm/lost@1.0.0;{\"dependencyType\":\"INDIRECT\"}\n"
	"taggedAs;image:r.example/web:1;" WEB ";{}\n";
static const char api[] = "hasSBOM;package:pkg:oci/api@1;artifact:sha256:d2;{}\n"
			  "isDependency;package:pkg:oci/api@1;package:pkg:npm/b@2.0.0;"
			  "{\"dependencyType\":\"DIRECT\"}\n"
			  "basedOn;artifact:sha256:bb;" WEB ";{}\n"
			  "hasSLSA;" WEB ";builder:https://builder.example;{}\n"
			  "signedBy;" WEB ";identity:key:sha256:01;{}\n";
static const char report[] =
	"certifyVuln;package:pkg:npm/b@1.0.0;vulnerability:cve/cve-2024-1;{\"timeScanned\":\"2026-01-01T00:00:00Z\"}\n"
	"vulnEqual;vulnerability:cve/cve-2024-1;vulnerability:ghsa/ghsa-aaaa-bbbb-cccc;{}\n";
#define VEX(subject, status, since)                                                          \
	"certifyVEXStatement;" subject ";vulnerability:cve/cve-2024-1;{\"status\":\"" status \
	"\",\"knownSince\":\"" since "\"}\n"

static struct graph *made(struct hm_cx *cx)
{
	struct graph *g = fixture_open(cx);
	fixture_say(cx, g, &fixture_file, web);
	fixture_say(cx, g, &fixture_believed, api);
	fixture_say(cx, g, &fixture_file, report);
	return g;
}

/* "RELEASE PACKAGE direct by LABEL > LABEL", a line each. */
static void tell(struct hm_cx *cx, const struct graph_release *r, struct hm_buf *b)
{
	hm_buf_fmt(b, "%.*s %.*s%s", HM_FMT(r->release.key), HM_FMT(r->package.key),
		   r->is_direct ? " direct" : "");
	for (size_t i = 0; i < r->path.n; i++)
		hm_buf_fmt(b, "%s%.*s", i ? " > " : " by ", HM_FMT(graph_label(cx, &r->path.p[i])));
	for (size_t i = 0; i < r->pods.n; i++)
		hm_buf_fmt(b, " in %.*s", HM_FMT(r->pods.p[i].cluster));
	hm_buf_char(b, '\n');
}

/* ------------------------------------------------------------------ contains */

static const struct contains_case {
	const char *label, *what, *want;
} contains[] = {
	{ "what the release needs itself", "pkg:npm/a",
	  "sha256:aa pkg:npm/a@1.0.0 direct by shop@sha256:aa > a@1.0.0\n" },
	{ "what that needs, by the way that leads there", "pkg:npm/b@1.0.0",
	  "sha256:aa pkg:npm/b@1.0.0 by shop@sha256:aa > a@1.0.0 > b@1.0.0\n" },
	{ "in any version", "pkg:npm/b",
	  "pkg:oci/api@1 pkg:npm/b@2.0.0 direct by api@1 > b@2.0.0\n"
	  "sha256:aa pkg:npm/b@1.0.0 by shop@sha256:aa > a@1.0.0 > b@1.0.0\n" },
	{ "in a range", "pkg:npm/b@>=1.5",
	  "pkg:oci/api@1 pkg:npm/b@2.0.0 direct by api@1 > b@2.0.0\n" },
	{ "in npm's own range", "pkg:npm/b@^1.0.0 || ^7",
	  "sha256:aa pkg:npm/b@1.0.0 by shop@sha256:aa > a@1.0.0 > b@1.0.0\n" },
	{ "in a range that nobody is in", "pkg:npm/b@>7", "" },
	{ "with a blank behind the sign", "pkg:npm/b@>= 1.5 < 3",
	  "pkg:oci/api@1 pkg:npm/b@2.0.0 direct by api@1 > b@2.0.0\n" },
	{ "with commas", "pkg:npm/b@>=0.5,<1.5",
	  "sha256:aa pkg:npm/b@1.0.0 by shop@sha256:aa > a@1.0.0 > b@1.0.0\n" },
	{ "in an interval", "pkg:npm/b@[1.5,)",
	  "pkg:oci/api@1 pkg:npm/b@2.0.0 direct by api@1 > b@2.0.0\n" },
	{ "to which no way is told", "pkg:npm/lost", "sha256:aa pkg:npm/lost@1.0.0\n" },
};

static void release_contains(void **state)
{
	const struct contains_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct graph *g = made(&cx);
	struct graph_asked asked = { .explain = true };
	struct graph_releases found;
	assert_ok(graph_contains(&cx, g, hm_cstr(t->what), &asked, &found));
	for (size_t i = 0; i < found.n; i++)
		tell(&cx, &found.p[i], &b);
	assert_strz(hm_buf_str(&b), t->want);
	graph_close(g);
}

/* Several documents about one release are one row, with the best of them as its witness. */
static void release_is_named_once(void **state)
{
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct graph *g = made(&cx);
	struct graph_asked asked = { .explain = true };
	struct graph_releases found;
	(void)state;
	fixture_say(&cx, g, &fixture_doubted,
		    "hasSBOM;artifact:sha256:aa;artifact:sha256:d1\n"
		    "isOccurrence;package:pkg:npm/b@1.0.0;artifact:sha256:bb\n");
	fixture_say(&cx, g, &fixture_believed,
		    "hasSBOM;artifact:sha256:aa;artifact:sha256:d2\n"
		    "isOccurrence;package:pkg:npm/b@1.0.0;artifact:sha256:bb\n"
		    "certifyGood;artifact:sha256:bb;;{}\n");
	assert_ok(graph_contains(&cx, g, HM_STR("pkg:npm/b@1.0.0"), &asked, &found));
	assert_int_equal(found.n, 1);
	assert_int_equal(found.p[0].others, 2);
	assert_int_equal(found.p[0].source->belief, GRAPH_BELIEVED);
	graph_close(g);
}

/* A purl means all packages that have its qualifiers, and its subpath, whatever else they have. */
static void qualifiers_and_subpath_are_found(void **state)
{
	static const struct {
		const char *what;
		size_t n; /* 0: nothing of that name */
	} asked_for[] = {
		{ "pkg:maven/g/q", 2 },
		{ "pkg:maven/g/q@1", 2 },
		{ "pkg:maven/g/q@1?type=jar", 2 },
		{ "pkg:maven/g/q@1?classifier=x&type=jar", 1 },
		{ "pkg:maven/g/q@1?type=jar&classifier=x#sub/path", 1 },
		{ "pkg:maven/g/q?type=jar#sub/path", 1 },
		{ "pkg:maven/g/q@>=1?type=jar#sub/path", 1 },
		{ "pkg:maven/g/q?classifier=x@>=1", 1 },
		{ "pkg:maven/g/q@1#other/path", 0 },
		{ "pkg:maven/g/q@1?type=war", 0 },
	};
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct graph *g = made(&cx);
	struct graph_asked asked = { .explain = true };
	struct graph_releases found;
	(void)state;
	fixture_say(&cx, g, &fixture_file,
		    "hasSBOM;" SHOP ";artifact:sha256:d3;{}\n"
		    "isDependency;" SHOP
		    ";package:pkg:maven/g/q@1?classifier=x&type=jar#sub/path;{}\n"
		    "isDependency;" SHOP ";package:pkg:maven/g/q@1?type=jar;{}\n");
	for (size_t i = 0; i < HM_LEN(asked_for); i++) {
		hm_err err = graph_contains(&cx, g, hm_cstr(asked_for[i].what), &asked, &found);
		if (asked_for[i].n ? err != NULL || found.n != asked_for[i].n : !err)
			print_error("%s: %zu\n", asked_for[i].what, found.n);
		if (asked_for[i].n)
			assert_ok(err);
		else
			assert_fault(err, HM_ABSENT, "knows nothing of");
		assert_true(!asked_for[i].n || found.n == asked_for[i].n);
	}
	graph_close(g);
}

/* Refused: it would look like a range that contains nothing. */
static const struct no_range {
	const char *label, *what, *why;
} no_ranges[] = {
	{ "a type without order", "pkg:generic/openssl@<3.0", "have no order" },
	{ "words of npm, of another type", "pkg:maven/a/b@^2", "is not a range" },
	{ "a sign that is none", "pkg:maven/a/b@<>2", "is not a range" },
	{ "no version", "pkg:maven/a/b@>=", "is not a range" },
	{ "no sign before the second", "pkg:maven/a/b@>=1 2", "is not a range" },
	{ "two signs in one", "pkg:maven/a/b@>=1<2", "is not a range" },
};

static void range_is_refused(void **state)
{
	const struct no_range *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct graph *g = made(&cx);
	struct graph_asked asked = { .explain = true };
	struct graph_releases found;
	assert_fault(graph_contains(&cx, g, hm_cstr(t->what), &asked, &found), HM_USAGE, t->why);
	graph_close(g);
}

/* Whether a version without order is in a range nobody knows, and the answer says so. */
static void unordered_are_named(void **state)
{
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct graph *g = made(&cx);
	struct graph_asked asked = { .explain = true };
	struct graph_releases found;
	(void)state;
	fixture_say(&cx, g, &fixture_file,
		    "isDependency;" SHOP ";package:pkg:npm/b@workspace;{}\n"
		    "isDependency;" SHOP ";package:pkg:npm/b;{}\n");
	assert_ok(graph_contains(&cx, g, HM_STR("pkg:npm/b@<1.5"), &asked, &found));
	assert_int_equal(found.n, 1);
	assert_int_equal(found.unordered.n, 2);
	assert_ok(graph_contains(&cx, g, HM_STR("pkg:npm/b"), &asked, &found));
	assert_int_equal(found.unordered.n, 0);
	graph_close(g);
}

static void release_has_names_and_witness(void **state)
{
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct graph *g = made(&cx);
	struct graph_asked asked = { .explain = true };
	struct graph_releases found;
	(void)state;
	assert_ok(graph_contains(&cx, g, HM_STR("pkg:npm/a"), &asked, &found));
	assert_strz(found.p[0].images.p[0].key, "r.example/web:1");
	assert_strz(found.p[0].source->origin, "docs/sbom.json");
	assert_ok(graph_contains(&cx, g, HM_STR("pkg:npm/b@2.0.0"), &asked, &found));
	assert_int_equal(found.p[0].source->belief, GRAPH_BELIEVED);
	graph_close(g);
}

static void running_is_what_runs(void **state)
{
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct graph *g = made(&cx);
	struct graph_asked asked = { .running = true };
	struct graph_releases found;
	(void)state;
	assert_ok(graph_contains(&cx, g, HM_STR("pkg:npm/b"), &asked, &found));
	assert_int_equal(found.n, 0);
	fixture_pod(&cx, g, 1, "sha256:aa", 77);
	assert_ok(graph_contains(&cx, g, HM_STR("pkg:npm/b"), &asked, &found));
	assert_int_equal(found.n, 0);
	fixture_pod(&cx, g, 2, "sha256:aa", 0);
	assert_ok(graph_contains(&cx, g, HM_STR("pkg:npm/b"), &asked, &found));
	assert_int_equal(found.n, 1);
	tell(&cx, &found.p[0], &b);
	assert_strz(hm_buf_str(&b),
		    "sha256:aa pkg:npm/b@1.0.0 by shop@sha256:aa > a@1.0.0 > b@1.0.0 in prod\n");
	graph_close(g);
}

/* Which digest a runtime tells of an image: its manifest's, the index's, the configuration's. */
static const struct related_case {
	const char *label, *pod;
	size_t running;
} related[] = {
	{ "the manifest", "sha256:aa", 1 },
	{ "the index that it is a part of", "sha256:f0", 1 },
	{ "its configuration", "sha256:c0", 1 },
	{ "another platform of the index", "sha256:f1", 0 },
	{ "another configuration", "sha256:c1", 0 },
	{ "an image that only its purl names", "sha256:0123", 1 },
};

static void running_is_by_any_digest(void **state)
{
	const struct related_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct graph *g = made(&cx);
	struct graph_asked asked = { .running = true };
	struct graph_releases found;
	fixture_say(&cx, g, &fixture_file,
		    "partOf;" WEB ";artifact:sha256:f0;{\"platform\":\"linux/amd64\"}\n"
		    "partOf;artifact:sha256:f1;artifact:sha256:f0;{\"platform\":\"linux/arm64\"}\n"
		    "partOf;artifact:sha256:c0;" WEB ";{\"as\":\"configuration\"}\n"
		    "partOf;artifact:sha256:c1;artifact:sha256:f1;{\"as\":\"configuration\"}\n");
	fixture_say(&cx, g, &fixture_file,
		    "hasSBOM;package:pkg:oci/far@sha256%3A0123?arch=amd64;artifact:sha256:d7;{}\n"
		    "isDependency;package:pkg:oci/far@sha256%3A0123?arch=amd64;"
		    "package:pkg:npm/far@1.0.0;{\"dependencyType\":\"DIRECT\"}\n");
	fixture_pod(&cx, g, 1, t->pod, 0);
	bool is_far = hm_eqz(hm_cstr(t->pod), "sha256:0123");
	assert_ok(graph_contains(&cx, g, is_far ? HM_STR("pkg:npm/far") : HM_STR("pkg:npm/a"),
				 &asked, &found));
	assert_int_equal(found.n, t->running);
	if (found.n)
		assert_int_equal(found.p[0].pods.n, 1);
	graph_close(g);
}

static void rows_are_cut(void **state)
{
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct graph *g = made(&cx);
	struct graph_asked asked = { .limits.rows = 1 };
	struct graph_releases found;
	(void)state;
	assert_ok(graph_contains(&cx, g, HM_STR("pkg:npm/b"), &asked, &found));
	assert_int_equal(found.n, 1);
	assert_int_equal(found.cut, GRAPH_CUT_ROWS);
	assert_fault(graph_contains(&cx, g, HM_STR("pkg:npm/nobody"), &asked, &found), HM_ABSENT,
		     "knows nothing of");
	assert_fault(graph_contains(&cx, g, HM_STR("lodash"), &asked, &found), HM_USAGE,
		     "is not a purl");
	graph_close(g);
}

/* ------------------------------------------------------------------ exposed */

static const struct exposed_case {
	const char *label, *vex;
	const struct graph_source *who;
	size_t exposed, suppressed;
} exposed[] = {
	{ "nobody says otherwise", NULL, NULL, 1, 0 },
	{ "the package is said not to be affected",
	  VEX("package:pkg:npm/b@1.0.0", "NOT_AFFECTED", "2026-01-01T00:00:00Z"), &fixture_file, 0,
	  1 },
	{ "the release is", VEX(WEB, "FIXED", "2026-01-01T00:00:00Z"), &fixture_believed, 0, 1 },
	{ "the package that the release is, too", VEX(SHOP, "NOT_AFFECTED", "2026-01-01T00:00:00Z"),
	  &fixture_file, 0, 1 },
	{ "by somebody who is not believed", VEX(WEB, "FIXED", "2026-01-01T00:00:00Z"),
	  &fixture_doubted, 1, 0 },
	{ "by what lies beside the image, and nobody was asked about",
	  VEX(WEB, "FIXED", "2026-01-01T00:00:00Z"), &fixture_beside, 1, 0 },
	{ "by a believed signer of another repository", VEX(WEB, "FIXED", "2026-01-01T00:00:00Z"),
	  &fixture_elsewhere, 1, 0 },
	{ "who may say that it is", VEX(WEB, "AFFECTED", "2026-01-01T00:00:00Z"),
	  &fixture_elsewhere, 1, 0 },
	{ "of another package",
	  VEX("package:pkg:npm/b@2.0.0", "NOT_AFFECTED", "2026-01-01T00:00:00Z"), &fixture_file, 1,
	  0 },
	{ "of another release", VEX("artifact:sha256:ee", "NOT_AFFECTED", "2026-01-01T00:00:00Z"),
	  &fixture_file, 1, 0 },
	{ "and later that it is",
	  VEX(WEB, "NOT_AFFECTED", "2026-01-01T00:00:00Z")
		  VEX(WEB, "AFFECTED", "2026-02-01T00:00:00Z"),
	  &fixture_file, 1, 0 },
	{ "and later that it is not",
	  VEX(WEB, "AFFECTED", "2026-01-01T00:00:00Z")
		  VEX(WEB, "NOT_AFFECTED", "2026-02-01T00:00:00Z"),
	  &fixture_file, 0, 1 },
	{ "it is looked into", VEX(WEB, "UNDER_INVESTIGATION", "2026-01-01T00:00:00Z"),
	  &fixture_file, 1, 0 },
	{ "of something in it that has no name",
	  "certifyVEXStatement;" WEB ";vulnerability:cve/cve-2024-1;"
	  "{\"status\":\"NOT_AFFECTED\",\"unnamed\":\"libfoo\"}\n",
	  &fixture_file, 1, 0 },
	{ "both at the same time",
	  VEX(WEB, "AFFECTED", "2026-01-01T00:00:00Z")
		  VEX(WEB, "NOT_AFFECTED", "2026-01-01T00:00:00Z"),
	  &fixture_file, 1, 0 },
};

static void release_is_exposed(void **state)
{
	const struct exposed_case *t = *state;
	static const char *const names[] = { "CVE-2024-1", "GHSA-AAAA-bbbb-cccc" };
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct graph *g = made(&cx);
	struct graph_asked asked = { .explain = true };
	struct graph_exposures found;
	if (t->vex)
		fixture_say(&cx, g, t->who, t->vex);
	for (size_t i = 0; i < HM_LEN(names); i++) {
		assert_ok(graph_exposed(&cx, g, NULL, hm_cstr(names[i]), &asked, &found));
		assert_int_equal(found.n - found.suppressed, t->exposed);
		assert_int_equal(found.suppressed, t->suppressed);
		assert_strz(found.p[0].release.release.key, "sha256:aa");
		assert_int_equal(found.p[0].said.n, 1);
	}
	assert_fault(graph_exposed(&cx, g, NULL, HM_STR("CVE-2024-2"), &asked, &found), HM_ABSENT,
		     "knows nothing of");
	graph_close(g);
}

/* Copied into a repository whose signer is believed there: that hides nothing which runs from where
 * it was. */
static void copy_hides_nothing(void **state)
{
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct graph *g = made(&cx);
	struct graph_asked asked = { 0 };
	struct graph_exposures found;
	(void)state;
	fixture_pod(&cx, g, 1, "sha256:aa", 0);
	fixture_say(&cx, g, &fixture_elsewhere,
		    "taggedAs;image:r.example/other:1;" WEB
		    ";{}\n" VEX(WEB, "FIXED", "2026-01-01T00:00:00Z"));
	assert_ok(graph_exposed(&cx, g, NULL, HM_STR("CVE-2024-1"), &asked, &found));
	assert_int_equal(found.n, 1);
	assert_int_equal(found.suppressed, 0);
	fixture_say(&cx, g, &fixture_believed, VEX(WEB, "FIXED", "2026-01-01T00:00:00Z"));
	assert_ok(graph_exposed(&cx, g, NULL, HM_STR("CVE-2024-1"), &asked, &found));
	assert_int_equal(found.suppressed, 1);
	graph_close(g);
}

/* Whoever had the document first. */
static void owner_is_heard(void **state)
{
	static const char vex[] = VEX(WEB, "NOT_AFFECTED", "2026-01-01T00:00:00Z");
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct graph *g = made(&cx);
	struct graph_asked asked = { 0 };
	struct graph_exposures found;
	(void)state;
	fixture_say(&cx, g, &fixture_doubted, vex);
	assert_ok(graph_exposed(&cx, g, NULL, HM_STR("CVE-2024-1"), &asked, &found));
	assert_int_equal(found.suppressed, 0);
	fixture_say(&cx, g, &fixture_beside, vex);
	assert_ok(graph_exposed(&cx, g, NULL, HM_STR("CVE-2024-1"), &asked, &found));
	assert_int_equal(found.suppressed, 0);
	fixture_say(&cx, g, &fixture_file, vex);
	assert_ok(graph_exposed(&cx, g, NULL, HM_STR("CVE-2024-1"), &asked, &found));
	assert_int_equal(found.suppressed, 1);
	assert_strz(found.p[0].vex.p[0].fact.source->origin, "docs/sbom.json");
	graph_close(g);
}

/* What several say, one after the other. */
static const struct told_case {
	const char *label;
	struct {
		const struct graph_source *who;
		const char *vex;
	} told[2];
	size_t suppressed;
} told[] = {
	{ "somebody denies later what a believed one says",
	  { { &fixture_believed, VEX(WEB, "AFFECTED", "2026-01-01T00:00:00Z") },
	    { &fixture_file, VEX(WEB, "NOT_AFFECTED", "2026-02-01T00:00:00Z") } },
	  0 },
	{ "the believed one does himself",
	  { { &fixture_believed, VEX(WEB, "AFFECTED", "2026-01-01T00:00:00Z") },
	    { &fixture_believed, VEX(WEB, "NOT_AFFECTED", "2026-02-01T00:00:00Z") } },
	  1 },
	{ "somebody says later that it is, after all",
	  { { &fixture_believed, VEX(WEB, "NOT_AFFECTED", "2026-01-01T00:00:00Z") },
	    { &fixture_file, VEX(WEB, "AFFECTED", "2026-02-01T00:00:00Z") } },
	  0 },
	{ "and so does one who is not believed",
	  { { &fixture_believed, VEX(WEB, "NOT_AFFECTED", "2026-01-01T00:00:00Z") },
	    { &fixture_doubted, VEX(WEB, "AFFECTED", "2026-02-01T00:00:00Z") } },
	  1 },
	{ "a denial of the future counts from when it came, and the worst of that time",
	  { { &fixture_file, VEX(WEB, "AFFECTED", "2998-01-01T00:00:00Z")
				     VEX(WEB, "NOT_AFFECTED", "2999-01-01T00:00:00Z") } },
	  0 },
	{ "a name by which a doubted document calls it hides nothing",
	  { { &fixture_doubted,
	      "vulnEqual;vulnerability:cve/cve-2024-1;vulnerability:cve/cve-2023-9;{}\n" },
	    { &fixture_file,
	      "certifyVEXStatement;" WEB ";vulnerability:cve/cve-2023-9;"
	      "{\"status\":\"NOT_AFFECTED\",\"knownSince\":\"2026-01-01T00:00:00Z\"}\n" } },
	  0 },
	{ "one by which others call it does",
	  { { &fixture_file,
	      "vulnEqual;vulnerability:cve/cve-2024-1;vulnerability:cve/cve-2023-9;{}\n" },
	    { &fixture_file,
	      "certifyVEXStatement;" WEB ";vulnerability:cve/cve-2023-9;"
	      "{\"status\":\"NOT_AFFECTED\",\"knownSince\":\"2026-01-01T00:00:00Z\"}\n" } },
	  1 },
};

static void several_say(void **state)
{
	const struct told_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct graph *g = made(&cx);
	struct graph_asked asked = { .explain = true };
	struct graph_exposures found;
	for (size_t i = 0; i < HM_LEN(t->told) && t->told[i].vex; i++)
		fixture_say(&cx, g, t->told[i].who, t->told[i].vex);
	assert_ok(graph_exposed(&cx, g, NULL, HM_STR("CVE-2024-1"), &asked, &found));
	assert_int_equal(found.n, 1);
	assert_int_equal(found.suppressed, t->suppressed);
	graph_close(g);
}

/* More statements than are read: what is exposed is listed all the same. */
static void many_statements_hide_nothing(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(256 * HM_MIB);
	HM_AUTO_BUF b = HM_BUF(64 * HM_MIB);
	struct graph *g = made(&cx);
	struct graph_asked asked = { .explain = true };
	struct graph_exposures found;
	for (unsigned i = 0; i <= HM_MAX_GRAPH_ROWS; i++)
		hm_buf_fmt(&b,
			   "certifyVEXStatement;artifact:sha256:%x;"
			   "vulnerability:cve/cve-2024-1;{\"status\":\"AFFECTED\"}\n",
			   4096 + i);
	fixture_say(&cx, g, &fixture_doubted, hm_dupz(&cx, hm_buf_str(&b)));
	assert_ok(graph_exposed(&cx, g, NULL, HM_STR("CVE-2024-1"), &asked, &found));
	assert_int_equal(found.n - found.suppressed, 1);
	assert_int_equal(found.cut, GRAPH_CUT_ROWS);
	graph_close(g);
}

/* ------------------------------------------------------------------ ways */

static const struct path_case {
	const char *label, *from, *to, *way, *want;
} paths[] = {
	{ "to a part", "sha256:aa", "CVE-2024-1", "parts",
	  "sha256:aa pkg:oci/shop@sha256:aa pkg:npm/b@1.0.0 cve/cve-2024-1" },
	{ "to a whole", "pkg:npm/b@1.0.0", "sha256:bb", "wholes",
	  "pkg:npm/b@1.0.0 pkg:oci/shop@sha256:aa sha256:aa sha256:bb" },
	{ "another way", "pkg:npm/lost", "pkg:npm/a", "any",
	  "pkg:npm/lost@1.0.0 pkg:oci/shop@sha256:aa pkg:npm/a@1.0.0" },
	{ "none", "sha256:aa", "pkg:oci/api@1", "none", "" },
	{ "to itself", "sha256:aa", "sha256:aa", "parts", "sha256:aa" },
};

static void path_is(void **state)
{
	const struct path_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct graph *g = made(&cx);
	struct graph_path p;
	assert_ok(graph_path(&cx, g, hm_cstr(t->from), hm_cstr(t->to), NULL, &p));
	for (size_t i = 0; i < p.steps.n; i++) {
		hm_buf_fmt(&b, "%s%.*s", i ? " " : "", HM_FMT(p.steps.p[i].node.key));
		assert_int_equal(p.steps.p[i].fact.id != 0, i != 0);
	}
	assert_string_equal(graph_way_names[p.way], t->way);
	assert_strz(hm_buf_str(&b), t->want);
	graph_close(g);
}

static void depth_is_bounded(void **state)
{
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct graph *g = made(&cx);
	struct graph_path p;
	struct graph_limits one = { .depth = 1 };
	(void)state;
	assert_ok(graph_path(&cx, g, HM_STR("sha256:aa"), HM_STR("CVE-2024-1"), &one, &p));
	assert_int_equal(p.way, GRAPH_NO_WAY);
	assert_int_equal(p.steps.cut, GRAPH_CUT_DEPTH);
	graph_close(g);
}

/* What was read for an earlier question does not hide what has come since. */
static void what_comes_later_is_seen(void **state)
{
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct graph *g = fixture_open(&cx);
	struct graph_asked asked = { 0 };
	struct graph_releases r;
	(void)state;
	fixture_say(&cx, g, &fixture_file,
		    "hasSBOM;" SHOP ";artifact:sha256:d1;{}\n"
		    "isDependency;" SHOP ";package:pkg:npm/a@1;{}\n");
	assert_ok(graph_contains(&cx, g, HM_STR("pkg:npm/a"), &asked, &r));
	assert_int_equal(r.n, 1);
	assert_int_equal(r.p[0].pods.n + r.p[0].images.n, 0);
	/* the artifact is there now, and runs; no document says anything of it */
	fixture_pod(&cx, g, 1, "sha256:aa", 0);
	assert_ok(graph_contains(&cx, g, HM_STR("pkg:npm/a"), &asked, &r));
	assert_int_equal(r.p[0].pods.n, 1);
	fixture_say(&cx, g, &fixture_file, "taggedAs;image:r.example/web:1;" WEB ";{}\n");
	assert_ok(graph_contains(&cx, g, HM_STR("pkg:npm/a"), &asked, &r));
	assert_int_equal(r.p[0].images.n, 1);
	/* another release, by an SBOM that says no dependency on it */
	fixture_say(&cx, g, &fixture_file,
		    "hasSBOM;package:pkg:oci/api@1;artifact:sha256:d2;{}\n"
		    "isDependency;package:pkg:npm/a@1;package:pkg:npm/b@1;{}\n");
	assert_ok(graph_contains(&cx, g, HM_STR("pkg:npm/a"), &asked, &r));
	assert_int_equal(r.n, 2);
	assert_strz(r.p[0].release.key, "pkg:oci/api@1");
	assert_false(r.p[0].is_direct);
	/* and one that says so of the first release again */
	fixture_say(&cx, g, &fixture_file,
		    "hasSBOM;" SHOP ";artifact:sha256:d3;{}\n"
		    "isDependency;" SHOP ";package:pkg:npm/a@1;{}\n");
	assert_ok(graph_contains(&cx, g, HM_STR("pkg:npm/a"), &asked, &r));
	assert_int_equal(r.n, 2);
	assert_int_equal(r.p[1].others, 1);
	assert_true(r.p[1].is_direct);
	/* an index that it is a part of runs, too */
	fixture_say(&cx, g, &fixture_file, "partOf;" WEB ";artifact:sha256:bb;{}\n");
	fixture_pod(&cx, g, 2, "sha256:bb", 0);
	fixture_pod(&cx, g, 3, "sha256:bb", 77);
	assert_ok(graph_contains(&cx, g, HM_STR("pkg:npm/a"), &asked, &r));
	assert_int_equal(r.p[1].pods.n, 2);
	graph_close(g);
}

/* More nouns lie between than are looked up one by one: all that the document says is read then. */
static void a_long_way_is_found(void **state)
{
	enum { STEPS = 60 };
	HM_AUTO_CX cx = HM_CX(16 * HM_MIB);
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct graph *g = fixture_open(&cx);
	struct graph_asked asked = { .explain = true };
	struct graph_releases r;
	(void)state;
	hm_buf_addz(&b, "hasSBOM;" SHOP ";artifact:sha256:d1;{}\n"
			"isDependency;" SHOP ";package:pkg:npm/s0@1;{}\n");
	for (int i = 0; i < STEPS; i++)
		hm_buf_fmt(&b, "isDependency;package:pkg:npm/s%d@1;package:pkg:npm/s%d@1;{}\n", i,
			   i + 1);
	fixture_say(&cx, g, &fixture_file, hm_dupz(&cx, hm_buf_str(&b)));
	for (int i = 1; i <= STEPS; i += STEPS - 1) { /* near, then far */
		struct hm_str last = hm_fmt(&cx, "pkg:npm/s%d@1", i);
		assert_ok(graph_contains(&cx, g, last, &asked, &r));
		assert_int_equal(r.n, 1);
		assert_int_equal(r.p[0].path.n, i + 2);
		assert_strz(r.p[0].path.p[0].key, "pkg:oci/shop@sha256:aa");
		assert_str(r.p[0].path.p[i + 1].key, last);
	}
	graph_close(g);
}

static void dependents_are_near_first(void **state)
{
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct graph *g = made(&cx);
	struct graph_reach r;
	(void)state;
	assert_ok(graph_dependents(&cx, g, HM_STR("pkg:npm/b"), NULL, &r));
	assert_int_equal(r.n, 3);
	assert_int_equal(r.p[0].distance, 1);
	assert_int_equal(r.p[0].documents, 1);
	assert_int_equal(r.p[2].distance, 1);
	assert_ok(graph_dependents(&cx, g, HM_STR("pkg:npm/a"), NULL, &r));
	assert_int_equal(r.n, 1);
	assert_strz(r.p[0].node.key, "pkg:oci/shop@sha256:aa");
	assert_fault(graph_dependents(&cx, g, HM_STR("pkg:npm/none"), NULL, &r), HM_ABSENT,
		     "knows nothing of");
	graph_close(g);
}

static const struct radius_case {
	const char *label, *name, *reached;
	size_t releases;
} radii[] = {
	{ "of a package", "pkg:npm/b@1.0.0", "sha256:bb", 1 },
	{ "of a builder", "https://builder.example", "sha256:aa", 1 },
	{ "of a key: what it signed, and what its documents are about", "key:sha256:01",
	  "pkg:oci/api@1", 2 },
	{ "of a base", "sha256:aa", "sha256:bb", 0 },
};

static void radius_reaches(void **state)
{
	const struct radius_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct graph *g = made(&cx);
	struct graph_radius r;
	bool is_there = false;
	fixture_pod(&cx, g, 1, "sha256:aa", 0);
	assert_ok(graph_radius(&cx, g, hm_cstr(t->name), NULL, &r));
	for (size_t i = 0; i < r.reached.n; i++)
		is_there |= hm_eqz(r.reached.p[i].node.key, t->reached);
	assert_true(is_there);
	assert_int_equal(r.releases, t->releases);
	assert_int_equal(r.reached.cut, GRAPH_UNCUT);
	graph_close(g);
}

static void names_are_there(void **state)
{
	(void)state;
	for (int i = 0; i < GRAPH_CUTS; i++)
		assert_int_equal(graph_cut_names[i][0] != 0, i != GRAPH_UNCUT);
	for (int i = 0; i < GRAPH_WAYS; i++)
		assert_true(graph_way_names[i][0] != 0);
	for (int i = 0; i < GRAPH_BELIEFS; i++)
		assert_true(graph_belief_names[i][0] != 0);
}

int main(void)
{
	UNIT(names_are_there);
	UNIT_TABLE(release_contains, contains);
	UNIT(release_is_named_once);
	UNIT(qualifiers_and_subpath_are_found);
	UNIT_TABLE(range_is_refused, no_ranges);
	UNIT(unordered_are_named);
	UNIT(release_has_names_and_witness);
	UNIT(running_is_what_runs);
	UNIT_TABLE(running_is_by_any_digest, related);
	UNIT(rows_are_cut);
	UNIT_TABLE(release_is_exposed, exposed);
	UNIT(copy_hides_nothing);
	UNIT(owner_is_heard);
	UNIT_TABLE(several_say, told);
	UNIT(many_statements_hide_nothing);
	UNIT_TABLE(path_is, paths);
	UNIT(depth_is_bounded);
	UNIT(what_comes_later_is_seen);
	UNIT(a_long_way_is_found);
	UNIT(dependents_are_near_first);
	UNIT_TABLE(radius_reaches, radii);
	return unit_run("graph/releases");
}
