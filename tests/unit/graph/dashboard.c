/* SPDX-License-Identifier: Apache-2.0 */
/* What needs somebody: which vulnerabilities hit, how old evidence is, whose keys end, what runs.
 */
#include "graph/dashboard.h"

#include "fixture.h"
#include "graph/graph.h"

static void finds(void **state)
{
	(void)state;
	HM_AUTO_CX memory = HM_CX(64 * HM_MIB);
	struct hm_cx *cx = &memory;
	struct graph *g = fixture_open(cx);
	struct graph_dashboard d;
	int64_t now = hm_now(), later = now + 40 * (int64_t)24 * 60 * 60;
	assert_ok(graph_dashboard(cx, g, now, &d));
	assert_int_equal(d.worst.n + d.newest.n + d.endings.n + d.running, 0);
	fixture_say(cx, g, &fixture_file,
		    "certifyVuln;package:pkg:npm/a@1;vulnerability:cve/cve-1;\n"
		    "certifyVuln;package:pkg:npm/b@1;vulnerability:cve/cve-1;\n"
		    "certifyVuln;package:pkg:npm/c@1;vulnerability:novuln/;\n"
		    "certifyVuln;package:pkg:npm/d@1;vulnerability:novuln/;\n"
		    "certifyVuln;package:pkg:npm/e@1;vulnerability:novuln/;\n");
	fixture_say(cx, g, &fixture_file,
		    "certifyVuln;package:pkg:npm/a@1;vulnerability:cve/cve-1;again\n"
		    "certifyVuln;package:pkg:npm/a@1;vulnerability:cve/cve-2;\n"
		    "hasSBOM;package:pkg:npm/a@1;;\n");
	fixture_say(cx, g, &fixture_file,
		    "signedBy;artifact:sha256:00;identity:key:1;\n"
		    "signedBy;artifact:sha256:00;identity:key:2;\n"
		    "signedBy;artifact:sha256:00;identity:key:3;\n"
		    "hasMetadata;identity:key:1;;{\"key\":\"notAfter\",\"value\":\"2031-01-01\"}\n"
		    "hasMetadata;identity:key:2;;{\"key\":\"notAfter\",\"value\":\"2030-01-01\"}\n"
		    "hasMetadata;identity:key:3;;{\"key\":\"other\",\"value\":\"2029-01-01\"}\n");
	fixture_pod(cx, g, 1, "sha256:00", 0);
	fixture_pod(cx, g, 2, "sha256:00", 0);
	fixture_pod(cx, g, 3, "sha256:00", 5);

	assert_ok(graph_dashboard(cx, g, now, &d));
	assert_int_equal(d.worst.n, 2);
	assert_strz(d.worst.p[0].vulnerability.key, "cve/cve-1");
	assert_int_equal(d.worst.p[0].packages, 2);
	assert_int_equal(d.worst.p[0].witness->id, 1);
	assert_int_equal(d.newest.n, 2);
	assert_strz(d.newest.p[0].vulnerability.key, "cve/cve-2");
	assert_int_equal(d.ages[0].kind, GRAPH_HAS_SBOM);
	assert_int_equal(d.ages[0].documents, 1);
	assert_int_equal(d.ages[1].documents, 2);
	assert_int_equal(d.ages[1].old, 0);
	assert_int_equal(d.ages[2].documents, 0);
	assert_int_equal(d.endings.n, 2);
	assert_strz(d.endings.p[0].identity.key, "key:2");
	assert_strz(d.endings.p[0].ends, "2030-01-01");
	assert_int_equal(d.running, 2);
	assert_int_equal(d.images, 1);
	assert_int_equal(d.cut, 0);
	/* what VEX says is not affected is not the worst */
	fixture_say(cx, g, &fixture_file,
		    "certifyVEXStatement;package:pkg:npm/a@1;vulnerability:cve/cve-1;"
		    "{\"status\":\"NOT_AFFECTED\"}\n"
		    "certifyVEXStatement;package:pkg:npm/a@1;vulnerability:cve/cve-2;"
		    "{\"status\":\"FIXED\"}\n");
	assert_ok(graph_dashboard(cx, g, now, &d));
	assert_int_equal(d.worst.n, 1);
	assert_strz(d.worst.p[0].vulnerability.key, "cve/cve-1");
	assert_int_equal(d.worst.p[0].packages, 1);
	assert_ok(graph_dashboard(cx, g, later, &d));
	assert_int_equal(d.ages[1].old, 2);
	graph_close(g);
}

int main(void)
{
	UNIT(finds);
	return unit_run("graph/dashboard");
}
