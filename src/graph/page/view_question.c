/* SPDX-License-Identifier: Apache-2.0 */
/* Questions: a form, and the answer below it. */
#include "graph/page/parts.h"

#define RUNNING                                             \
	{                                                   \
		"running", "Only what runs now", NULL, NULL \
	}

static const struct question {
	const char *path, *lead, *button;
	struct page_field fields[4];
	const char *icon, *before, *command; /* what stands there before anything is asked */
} questions[] = {
	{ "/contains",
	  "Which releases have a package, directly or through others, and by which path.",
	  "Ask",
	  { { "package", "Package, with a version or a range",
	      "pkg:maven/org.apache.logging.log4j/log4j-core@2.12.3", "package packageName" },
	    RUNNING },
	  "package",
	  "Name a package",
	  "hullmark graph contains 'pkg:npm/lodash@<4.17.21'" },
	{ "/exposed",
	  "Which releases have a package that the vulnerability is about. VEX statements count, and "
	  "are named.",
	  "Ask",
	  { { "vulnerability", "Vulnerability", "CVE-2021-44228", "vulnerability" }, RUNNING },
	  "exposed",
	  "Name a vulnerability",
	  "hullmark graph exposed CVE-2021-44228 --running" },
	{ "/unproven",
	  "What runs without an SBOM, without a signature, or with a report that is old.",
	  "Ask",
	  { { 0 } },
	  "unproven",
	  "Nothing",
	  NULL },
	{ "/expiring",
	  "What hangs on certificates that end within 30 days, have ended, or are revoked.",
	  "Ask",
	  { { 0 } },
	  "identity",
	  "Nothing",
	  NULL },
	{ "/diff",
	  "What one release has that the other has not: components, licences, vulnerabilities.",
	  "Compare",
	  { { "a", "Before", "a digest, a purl or an image", "artifact package image" },
	    { "b", "After", "a digest, a purl or an image", "artifact package image" } },
	  "diff",
	  "Name two releases",
	  "hullmark graph diff BEFORE AFTER" },
	{ "/dependents",
	  "Who depends on a package, directly or through others.",
	  "Ask",
	  { { "package", "Package", "pkg:npm/lodash@4.17.20", "package packageName" } },
	  "dependents",
	  "Name a package",
	  "hullmark graph dependents pkg:npm/lodash@4.17.20" },
	{ "/radius",
	  "What is reached from a package, a key, a builder or a commit, if it has gone bad: "
	  "releases, workloads, clusters.",
	  "Ask",
	  { { "node", "What has gone bad", "a purl, a key, a builder, a commit",
	      "package identity builder source" } },
	  "radius",
	  "Name what has gone bad",
	  "hullmark graph radius NODE" },
	{ "/path",
	  "The shortest chain of facts between two things.",
	  "Ask",
	  { { "from", "From", "a purl, a digest, an identity", "" },
	    { "to", "To", "a purl, a digest, an identity", "" } },
	  "path",
	  "Name two things",
	  "hullmark graph path FROM TO" },
	{ "/plan",
	  "The order in which base images and releases must be built again to be rid of a "
	  "vulnerability.",
	  "Ask",
	  { { "vulnerability", "Vulnerability", "CVE-2021-44228", "vulnerability" } },
	  "plan",
	  "Name a vulnerability",
	  "hullmark graph plan CVE-2021-44228" },
	{ "/signed-by",
	  "What an identity has signed, and what hangs on it.",
	  "Ask",
	  { { "identity", "Identity", "a key, a certificate, an OIDC subject", "identity" } },
	  "identity",
	  "Name an identity",
	  "hullmark graph signed-by IDENTITY" },
	{ "/licences",
	  "Which licences the parts of a release have.",
	  "Ask",
	  { { "name", "Release, or licence", "a digest, a purl, an image; MIT", "" } },
	  "licence",
	  "Name a release",
	  "hullmark graph licences RELEASE" },
};

void graph_page_view_question(struct page *p)
{
	const struct question *q = NULL;
	for (size_t i = 0; i < HM_LEN(questions); i++)
		if (strcmp(questions[i].path, p->r->view->path) == 0)
			q = &questions[i];
	if (!q)
		abort();
	PUT(p, "<div class=\"head\"><h1>$</h1><p class=\"lead\">$</p></div>",
	    hm_cstr(p->r->view->title), hm_cstr(q->lead));
	if (q->fields[0].name)
		graph_page_form(p, q->path, q->fields, q->button);
	if (p->r->fault)
		return;
	if (graph_page_is_asked(p->cx, p->r)) {
		graph_page_answer(p, p->r->answers[0]);
		return;
	}
	PUT(p, "<section class=\"card\">");
	graph_page_empty(p, q->icon, q->before, "The same on the command line:", q->command);
	PUT(p, "</section>");
}
