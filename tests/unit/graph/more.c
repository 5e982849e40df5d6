/* SPDX-License-Identifier: Apache-2.0 */
/* What releases are made of, the order of rebuilding, who made what, and what runs unproven. */
#include "fixture.h"

static const char one[] = "hasSBOM;artifact:sha256:aa;artifact:sha256:d1;{}\n"
			  "isOccurrence;package:pkg:oci/base@1;artifact:sha256:aa;{}\n"
			  "isDependency;package:pkg:oci/base@1;package:pkg:npm/a@1.0.0;{}\n"
			  "isDependency;package:pkg:oci/base@1;package:pkg:npm/same@1;{}\n"
			  "isDependency;package:pkg:npm/a@1.0.0;package:pkg:npm/gone@1;{}\n"
			  "taggedAs;image:r.example/base:1;artifact:sha256:aa;{}\n";
static const char two[] = "hasSBOM;artifact:sha256:bb;artifact:sha256:d2;{}\n"
			  "isOccurrence;package:pkg:oci/web@1;artifact:sha256:bb;{}\n"
			  "isDependency;package:pkg:oci/web@1;package:pkg:npm/a@2.0.0;{}\n"
			  "isDependency;package:pkg:oci/web@1;package:pkg:npm/same@1;{}\n"
			  "isDependency;package:pkg:oci/web@1;package:pkg:npm/new@1;{}\n"
			  "basedOn;artifact:sha256:bb;artifact:sha256:aa;{}\n";
static const char proof[] =
	"certifyVuln;package:pkg:npm/gone@1;vulnerability:cve/cve-2024-1;{}\n"
	"isOccurrence;package:pkg:oci/web@1;artifact:sha256:bb;{}\n"
	"signedBy;artifact:sha256:bb;identity:key:sha256:01;{\"verified\":true}\n"
	"hasSLSA;artifact:sha256:bb;builder:https://builder.example;{}\n";

static struct graph *made(struct hm_cx *cx)
{
	struct graph *g = fixture_open(cx);
	fixture_say(cx, g, &fixture_file, one);
	fixture_say(cx, g, &fixture_file, two);
	fixture_say(cx, g, &fixture_believed, proof);
	return g;
}

static void diff_has_three_kinds(void **state)
{
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct graph *g = made(&cx);
	struct graph_two names = { HM_STR("r.example/base:1"), HM_STR("sha256:bb") };
	struct graph_diff d;
	(void)state;
	assert_ok(graph_diff(&cx, g, NULL, &names, NULL, &d));
	assert_int_equal(d.added, 1);
	assert_int_equal(d.removed, 1);
	assert_int_equal(d.changed, 1);
	assert_strz(d.changes.p[0].before.package.key, "pkg:npm/a@1.0.0");
	assert_strz(d.changes.p[0].after.package.key, "pkg:npm/a@2.0.0");
	assert_int_equal(d.vulnerabilities[0].n, 1);
	assert_strz(d.vulnerabilities[0].p[0], "CVE-2024-1");
	assert_int_equal(d.vulnerabilities[1].n, 0);
	names.b = names.a;
	assert_ok(graph_diff(&cx, g, NULL, &names, NULL, &d));
	assert_int_equal(d.changes.n, 0);
	names.b = HM_STR("pkg:npm/new");
	assert_fault(graph_diff(&cx, g, NULL, &names, NULL, &d), HM_ABSENT, "no SBOM of");
	graph_close(g);
}

static void plan_is_in_order(void **state)
{
	static const struct {
		const char *key;
		unsigned level;
		enum graph_task task;
	} want[] = {
		{ "pkg:npm/gone@1", 0, GRAPH_FIX },
		{ "pkg:npm/a@1.0.0", 1, GRAPH_UPDATE },
		{ "pkg:oci/base@1", 2, GRAPH_REBUILD },
		{ "sha256:bb", 3, GRAPH_REBUILD },
	};
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct graph *g = made(&cx);
	struct graph_plan p;
	struct graph_asked explained = { .explain = true };
	(void)state;
	assert_ok(graph_plan(&cx, g, NULL, HM_STR("CVE-2024-1"), NULL, &p));
	assert_int_equal(p.n, HM_LEN(want));
	for (size_t i = 0; i < p.n; i++) {
		assert_strz(p.p[i].nodes.p[0].key, want[i].key);
		assert_int_equal(p.p[i].level, want[i].level);
		assert_int_equal(p.p[i].task, want[i].task);
		assert_false(p.p[i].in_circle);
	}
	assert_ok(graph_plan(&cx, g, NULL, HM_STR("CVE-2024-1"), &explained, &p));
	assert_int_equal(p.p[0].said.n, 1);
	assert_int_equal(p.p[0].said.p[0].kind, GRAPH_CERTIFY_VULN);
	for (size_t i = 1; i < p.n; i++) {
		assert_true(p.p[i].said.n >= 1);
		assert_non_null(p.p[i].said.p[0].source);
	}
	fixture_say(&cx, g, &fixture_file,
		    "isDependency;package:pkg:npm/gone@1;package:pkg:npm/a@1.0.0;{}\n");
	assert_ok(graph_plan(&cx, g, NULL, HM_STR("CVE-2024-1"), NULL, &p));
	assert_true(p.p[0].in_circle);
	graph_close(g);
}

/* Releases that are not affected, as VEX says, are not made again. */
static void plan_hears_vex(void **state)
{
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct graph *g = made(&cx);
	struct graph_plan p;
	bool has_base = false, has_web = false;
	(void)state;
	fixture_say(&cx, g, &fixture_doubted,
		    "certifyVEXStatement;package:pkg:npm/gone@1;vulnerability:cve/cve-2024-1;"
		    "{\"status\":\"NOT_AFFECTED\",\"knownSince\":\"2026-01-01T00:00:00Z\"}\n");
	assert_ok(graph_plan(&cx, g, NULL, HM_STR("CVE-2024-1"), NULL, &p));
	assert_int_equal(p.n, 4);
	fixture_say(&cx, g, &fixture_file,
		    "hasSBOM;artifact:sha256:ee;artifact:sha256:d9;{}\n"
		    "isOccurrence;package:pkg:oci/other@1;artifact:sha256:ee;{}\n"
		    "isDependency;package:pkg:oci/other@1;package:pkg:npm/gone@1;{}\n");
	fixture_say(&cx, g, &fixture_file,
		    "certifyVEXStatement;package:pkg:oci/base@1;vulnerability:cve/cve-2024-1;"
		    "{\"status\":\"NOT_AFFECTED\",\"knownSince\":\"2026-01-01T00:00:00Z\"}\n");
	assert_ok(graph_plan(&cx, g, NULL, HM_STR("CVE-2024-1"), NULL, &p));
	for (size_t i = 0; i < p.n; i++)
		for (size_t k = 0; k < p.p[i].nodes.n; k++) {
			has_base |= hm_eqz(p.p[i].nodes.p[k].key, "pkg:oci/base@1");
			has_web |= hm_eqz(p.p[i].nodes.p[k].key, "pkg:oci/other@1");
		}
	assert_false(has_base);
	assert_true(has_web);
	fixture_say(&cx, g, &fixture_file,
		    "certifyVEXStatement;package:pkg:npm/gone@1;vulnerability:cve/cve-2024-1;"
		    "{\"status\":\"NOT_AFFECTED\",\"knownSince\":\"2026-01-02T00:00:00Z\"}\n");
	assert_ok(graph_plan(&cx, g, NULL, HM_STR("CVE-2024-1"), NULL, &p));
	assert_int_equal(p.n, 0);
	graph_close(g);
}

/* A material of what was built as `artifact`. */
static void fixture_link(struct hm_cx *cx, struct graph *g, const char *artifact,
			 const char *material)
{
	STORE_AUTO_USE use = NULL;
	int64_t subject, node;
	assert_ok(store_begin(cx, g->tables, STORE_WRITE, &use));
	assert_ok(graph_make(cx, use, GRAPH_ARTIFACT, hm_cstr(artifact), &subject));
	assert_ok(graph_make(cx, use, GRAPH_ARTIFACT, hm_cstr(material), &node));
	assert_ok(store_run(cx, use,
			    "INSERT INTO link (fact, role, node) SELECT id, $1, $2 FROM fact WHERE "
			    "subject = $3 AND kind = 4",
			    STORE_VALUES(store_int(GRAPH_MATERIAL), store_int(node),
					 store_int(subject)),
			    NULL, NULL));
	assert_ok(store_commit(cx, use));
}

static void makings_are_found(void **state)
{
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct graph *g = made(&cx);
	struct graph_makings m;
	(void)state;
	fixture_pod(&cx, g, 1, "sha256:bb", 0);
	assert_ok(graph_signed_by(&cx, g, HM_STR("key:sha256:01"), NULL, &m));
	assert_int_equal(m.made.n, 1);
	assert_strz(m.made.p[0].artifact.key, "sha256:bb");
	assert_int_equal(m.made.p[0].pods.n, 1);
	assert_int_equal(m.documents.n, 1);
	assert_ok(graph_built_by(&cx, g, HM_STR("https://builder.example"), HM_STR(""), NULL, &m));
	assert_int_equal(m.made.n, 1);
	assert_ok(graph_built_by(&cx, g, HM_STR("https://builder.example"), HM_STR("3f2a"), NULL,
				 &m));
	assert_int_equal(m.made.n, 0);
	/* a revision, or how it begins; not what else stands in a name */
	fixture_say(
		&cx, g, &fixture_file,
		"isOccurrence;source:git+https://beef.example/cafe/app@3f2a99d01c;artifact:sha1:3f2a99d01c\n"
		"hasSLSA;artifact:sha256:cc;builder:https://builder.example;{}\n");
	fixture_link(&cx, g, "sha256:cc", "sha1:3f2a99d01c");
	static const struct {
		const char *commit;
		size_t made;
	} commits[] = { { "3f2a", 1 },     { "3F2A99D01C", 1 }, { "3f2a99d01c0", 0 },
			{ "2a99d01c", 0 }, { "beef", 0 },       { "cafe", 0 } };
	for (size_t i = 0; i < HM_LEN(commits); i++) {
		assert_ok(graph_built_by(&cx, g, HM_STR("https://builder.example"),
					 hm_cstr(commits[i].commit), NULL, &m));
		assert_int_equal(m.made.n, commits[i].made);
	}
	assert_fault(graph_built_by(&cx, g, HM_STR("https://builder.example"), HM_STR("3f2"), NULL,
				    &m),
		     HM_USAGE, "is not a commit");
	assert_fault(graph_built_by(&cx, g, HM_STR("https://builder.example"), HM_STR("main"), NULL,
				    &m),
		     HM_USAGE, "is not a commit");
	assert_fault(graph_signed_by(&cx, g, HM_STR("nobody"), NULL, &m), HM_ABSENT,
		     "knows nothing of");
	graph_close(g);
}

/* What is not believed proves nothing. */
static void unproven_by_the_disbelieved(void **state)
{
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct graph *g = fixture_open(&cx);
	struct graph_unproven u;
	(void)state;
	fixture_pod(&cx, g, 1, "sha256:bb", 0);
	fixture_say(&cx, g, &fixture_believed, proof);
	fixture_say(&cx, g, &fixture_doubted, two);
	assert_ok(graph_unproven(&cx, g, 3600, NULL, &u));
	assert_int_equal(u.n, 1);
	assert_int_equal(u.p[0].missing.n, 1);
	assert_strz(u.p[0].missing.p[0], "believed SBOM");
	fixture_say(&cx, g, &fixture_doubted,
		    "isOccurrence;package:pkg:oci/web@1;artifact:sha256:bb;{}\n"
		    "certifyVuln;package:pkg:npm/new@1;vulnerability:novuln/;{}\n");
	assert_ok(graph_unproven(&cx, g, 3600, NULL, &u));
	assert_int_equal(u.p[0].report->belief, GRAPH_BELIEVED);
	fixture_say(&cx, g, &fixture_elsewhere,
		    "signedBy;artifact:sha256:ee;identity:key:sha256:03;{\"verified\":true}\n");
	fixture_pod(&cx, g, 9, "sha256:ee", 0);
	assert_ok(graph_unproven(&cx, g, 3600, NULL, &u));
	assert_int_equal(u.n, 2);
	assert_strz(u.p[1].artifact.key, "sha256:ee");
	assert_strz(u.p[1].missing.p[1], "believed signature");
	fixture_say(&cx, g, &fixture_file, one);
	fixture_say(&cx, g, &fixture_file, "hasSBOM;artifact:sha256:bb;artifact:sha256:d3;{}\n");
	assert_ok(graph_unproven(&cx, g, 3600, NULL, &u));
	assert_int_equal(u.proven, 1);
	graph_close(g);
}

static void unproven_lacks(void **state)
{
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct graph *g = made(&cx);
	struct graph_unproven u;
	(void)state;
	fixture_pod(&cx, g, 1, "sha256:bb", 0);
	fixture_pod(&cx, g, 2, "sha256:cc", 0);
	fixture_pod(&cx, g, 3, "sha256:dd", 5);
	assert_ok(graph_unproven(&cx, g, 3600, NULL, &u));
	assert_int_equal(u.proven, 1);
	assert_int_equal(u.n, 1);
	assert_strz(u.p[0].artifact.key, "sha256:cc");
	assert_int_equal(u.p[0].missing.n, 3);
	assert_ok(graph_unproven(&cx, g, -3600, NULL, &u));
	assert_int_equal(u.n, 2);
	graph_close(g);
}

static void licences_and_frequency(void **state)
{
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct graph *g = made(&cx);
	struct graph_licensed l;
	struct graph_frequency f;
	struct graph_asked few = { .limits.rows = 2 };
	(void)state;
	assert_ok(graph_licences(&cx, g, HM_STR("sha256:bb"), NULL, &l));
	assert_int_equal(l.components.n, 3);
	assert_ok(graph_frequency(&cx, g, &few, &f));
	assert_int_equal(f.n, 2);
	assert_strz(f.p[0].package.key, "pkg:npm/same@1");
	assert_int_equal(f.p[0].documents, 2);
	assert_int_equal(f.cut, GRAPH_CUT_ROWS);
	assert_int_equal(l.components.p[0].said.n, 0);
	assert_int_equal(f.p[0].said.n, 0);
	few.explain = true;
	assert_ok(graph_frequency(&cx, g, &few, &f));
	assert_int_equal(f.p[0].said.n, 2);
	assert_true(f.p[0].said.p[0].source->id > f.p[0].said.p[1].source->id);
	few.limits.rows = 0;
	assert_ok(graph_licences(&cx, g, HM_STR("sha256:bb"), &few, &l));
	for (size_t i = 0; i < l.components.n; i++)
		for (size_t k = 0; k < l.components.p[i].said.n; k++)
			assert_int_equal(l.components.p[i].said.p[k].source->id, l.source->id);
	for (int i = 0; i < GRAPH_TASKS; i++)
		assert_true(graph_task_names[i][0] != 0);
	graph_close(g);
}

int main(void)
{
	UNIT(diff_has_three_kinds);
	UNIT(plan_is_in_order);
	UNIT(plan_hears_vex);
	UNIT(makings_are_found);
	UNIT(unproven_lacks);
	UNIT(unproven_by_the_disbelieved);
	UNIT(licences_and_frequency);
	return unit_run("graph/more");
}
