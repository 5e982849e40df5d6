/* SPDX-License-Identifier: Apache-2.0 */
/* Nouns by name and by words, and what is said of them. */
#include "fixture.h"

static const char first[] =
	"hasSBOM;package:pkg:oci/web@sha256%3Aab;artifact:sha256:ffff;{\"uri\":\"urn:x\"}\n"
	"isDependency;package:pkg:oci/web@sha256%3Aab;package:pkg:npm/%40a/left-pad@1.2.3;\n"
	"isDependency;package:pkg:npm/%40a/left-pad@1.2.3;package:pkg:deb/debian/zlib@1?arch=amd64;x\n"
	"certifyLegal;package:pkg:npm/%40a/left-pad@1.2.3;license:MIT@3.20;\n"
	"taggedAs;image:r.example/team/web:1;artifact:sha256:abababababababababababababababababababababababababababababababab;\n";
static const char second[] =
	"isDependency;package:pkg:oci/other@1;package:pkg:npm/%40a/left-pad@2.0.0;\n"
	"certifyVuln;package:pkg:npm/%40a/left-pad@2.0.0;vulnerability:cve/cve-2021-44228;{}\n"
	"signedBy;artifact:sha256:cdcd;identity:oidc:https://issuer.example|alice@example.org;{}\n"
	"hasSLSA;artifact:sha256:cdcd;builder:https://builder.example/1;\n";

static struct graph *made(struct hm_cx *cx)
{
	struct graph *g = fixture_open(cx);
	fixture_say(cx, g, &fixture_file, first);
	fixture_say(cx, g, &fixture_believed, second);
	return g;
}

static struct hm_str keys(struct hm_cx *cx, const struct graph_nodes *nodes)
{
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	for (size_t i = 0; i < nodes->n; i++)
		hm_buf_fmt(&b, "%s%.*s", i ? " " : "", HM_FMT(nodes->p[i].key));
	return hm_dup(cx, hm_buf_str(&b));
}

/* ------------------------------------------------------------------ names */

#define WEB "sha256:abababababababababababababababababababababababababababababababab"
static const struct name_case {
	const char *label, *name, *want;
} names[] = {
	{ "a purl is that package", "pkg:npm/%40a/left-pad@1.2.3", "pkg:npm/%40a/left-pad@1.2.3" },
	{ "however it is written", "pkg:NPM/@a/left-pad@1.2.3", "pkg:npm/%40a/left-pad@1.2.3" },
	{ "without version it is the package and all versions", "pkg:npm/%40a/left-pad",
	  "pkg:npm/%40a/left-pad pkg:npm/%40a/left-pad@1.2.3 pkg:npm/%40a/left-pad@2.0.0" },
	{ "qualifiers may be left out", "pkg:deb/debian/zlib@1",
	  "pkg:deb/debian/zlib@1?arch=amd64" },
	{ "a digest", WEB, WEB },
	{ "in capitals", "SHA256:CDCD", "sha256:cdcd" },
	{ "a vulnerability", "CVE-2021-44228", "cve/cve-2021-44228" },
	{ "as it stands in the graph", "cve/cve-2021-44228", "cve/cve-2021-44228" },
	{ "an image", "r.example/team/web:1", "r.example/team/web:1" },
	{ "an image by digest", "r.example/team/web@" WEB, WEB },
	{ "a licence without its list", "mit", "MIT@3.20" },
	{ "a builder", "https://builder.example/1", "https://builder.example/1" },
};

static void name_is(void **state)
{
	const struct name_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct graph *g = made(&cx);
	struct graph_nodes nodes = { 0 };
	assert_ok(graph_resolve(&cx, g, hm_cstr(t->name), 0, &nodes));
	assert_strz(keys(&cx, &nodes), t->want);
	graph_close(g);
}

static const struct no_name_case {
	const char *label, *name;
	enum hm_code code;
	const char *words;
} no_names[] = {
	{ "a package that is not there", "pkg:npm/nothing@1", HM_ABSENT, "knows nothing of" },
	{ "a version that is not there", "pkg:npm/%40a/left-pad@9", HM_ABSENT, "knows nothing of" },
	{ "qualifiers that are not those", "pkg:deb/debian/zlib@1?arch=arm64", HM_ABSENT,
	  "knows nothing of" },
	{ "a word cut in two", "mi", HM_ABSENT, "knows nothing of" },
	{ "no purl", "pkg:npm", HM_USAGE, "is not a purl" },
	{ "an empty name", " ", HM_USAGE, "a name is empty" },
	{ "a name with a line feed", "a\nb", HM_USAGE, "is not a name" },
	{ "SQL is a name like any", "x' OR '1'='1", HM_ABSENT, "knows nothing of" },
	{ "a number that is none of a node", "987654321", HM_ABSENT, "knows nothing of" },
};

static void name_is_not(void **state)
{
	const struct no_name_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct graph *g = made(&cx);
	struct graph_nodes nodes = { 0 };
	assert_fault(graph_resolve(&cx, g, hm_cstr(t->name), 0, &nodes), t->code, t->words);
	graph_close(g);
}

static void name_is_suggested(void **state)
{
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct graph *g = made(&cx);
	struct graph_nodes nodes = { 0 };
	(void)state;
	hm_err err = graph_resolve(&cx, g, HM_STR("pkg:npm/%40a/left-pad@9"), 0, &nodes);
	assert_fault(err, HM_ABSENT, "left-pad@9");
	assert_true(err->hint && strstr(err->hint, "pkg:npm/%40a/left-pad@1.2.3"));
	err = graph_resolve(&cx, g, HM_STR("CVE-2021-44229"), 0, &nodes);
	assert_fault(err, HM_ABSENT, "CVE-2021-44229");
	assert_true(err->hint && strstr(err->hint, "cve-2021-44228"));
	graph_close(g);
}

/* ------------------------------------------------------------------ words */

static const struct word_case {
	const char *label, *words, *want;
} words[] = {
	{ "a word of a name", "left", "pkg:npm/%40a/left-pad" },
	{ "the beginning of one", "lef", "pkg:npm/%40a/left-pad" },
	{ "several", "pad left npm", "pkg:npm/%40a/left-pad" },
	{ "a purl with an escape", "pkg:npm/%40a/left-pad", "pkg:npm/%40a/left-pad" },
	{ "with a version", "pkg:npm/%40a/left-pad@1.2.3", "pkg:npm/%40a/left-pad@1.2.3" },
	{ "as people write it", "@a/left-pad", "pkg:npm/%40a/left-pad" },
	{ "with its version", "@a/left-pad@1.2.3", "pkg:npm/%40a/left-pad@1.2.3" },
	{ "a word behind an escape", "a left-pad", "pkg:npm/%40a/left-pad" },
	{ "a name and a version", "left-pad 2.0.0", "pkg:npm/%40a/left-pad@2.0.0" },
	{ "a name and the beginning of a version", "left-pad@1.", "pkg:npm/%40a/left-pad@1.2.3" },
	{ "a version alone", "1.2.3", "pkg:npm/%40a/left-pad@1.2.3" },
	{ "an image", "team web", "r.example/team/web:1" },
	{ "the beginning of a digest", "sha256:ababab", WEB },
	{ "a vulnerability", "CVE-2021", "cve/cve-2021-44228" },
	{ "a person", "alice", "oidc:https://issuer.example" },
	{ "one of them is nowhere", "left nowhere", "" },
	{ "the middle of a word", "eft", "" },
	{ "none", "", "" },
	{ "wild cards are none", "%", "" },
};

static void word_finds(void **state)
{
	const struct word_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct graph *g = made(&cx);
	struct graph_found found;
	assert_ok(graph_search(&cx, g, hm_cstr(t->words), NULL, &found));
	struct hm_str got = keys(&cx, &found.nodes);
	if (t->want[0])
		assert_true(hm_find(got, hm_cstr(t->want)) != SIZE_MAX);
	else
		assert_strz(got, "");
	assert_int_equal(found.cut, GRAPH_UNCUT);
	graph_close(g);
}

static void word_rows_are_bounded(void **state)
{
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct graph *g = made(&cx);
	struct graph_found found;
	struct graph_limits one = { .rows = 1 };
	(void)state;
	assert_ok(graph_search(&cx, g, HM_STR("a"), &one, &found));
	assert_int_equal(found.nodes.n, 1);
	assert_int_equal(found.cut, GRAPH_CUT_ROWS);
	graph_close(g);
}

/* ------------------------------------------------------------------ one noun */

static int64_t id_of(struct hm_cx *cx, struct graph *g, const char *name)
{
	struct graph_nodes nodes = { 0 };
	assert_ok(graph_resolve(cx, g, hm_cstr(name), 0, &nodes));
	return nodes.p[0].id;
}

/* A word that very many have does not hide what another word of the question names; where the names
 * are too many to look at all their versions, the nearest are, and that is said. */
static void rare_words_lead(void **state)
{
	enum { MANY = 6000 };
	static const struct {
		const char *words, *want;
		bool is_cut;
	} cases[] = {
		{ "lib-x5999", "pkg:npm/lib-x5999", false },
		{ "x5999 lib", "pkg:npm/lib-x5999", false },
		{ "lib 7.7", "pkg:npm/lib@7.7", true },
	};
	HM_AUTO_CX cx = HM_CX(256 * HM_MIB);
	HM_AUTO_BUF b = HM_BUF(4 * HM_MIB);
	struct graph *g = fixture_open(&cx);
	(void)state;
	hm_buf_addz(&b, "hasMetadata;package:pkg:npm/lib@7.7;;{}\n");
	for (int i = 0; i < MANY; i++)
		hm_buf_fmt(&b, "hasMetadata;packageName:pkg:npm/lib-x%d;;{}\n", i);
	for (int i = 0; i < MANY; i++) /* so that "7" is no rarer word */
		hm_buf_fmt(&b, "hasMetadata;package:pkg:npm/q@7%d;;{}\n", i);
	fixture_say(&cx, g, &fixture_file, hm_dupz(&cx, hm_buf_str(&b)));
	for (size_t i = 0; i < HM_LEN(cases); i++) {
		struct graph_found found;
		assert_ok(graph_search(&cx, g, hm_cstr(cases[i].words), NULL, &found));
		assert_true(found.nodes.n > 0);
		assert_strz(found.nodes.p[0].key, cases[i].want);
		assert_int_equal(found.cut != GRAPH_UNCUT, cases[i].is_cut);
	}
	graph_close(g);
}

static void view_has_all(void **state)
{
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct graph *g = made(&cx);
	struct graph_view v;
	(void)state;
	assert_ok(graph_view(&cx, g, id_of(&cx, g, "pkg:npm/%40a/left-pad@1.2.3"), NULL, &v));
	assert_strz(v.parent.key, "pkg:npm/%40a/left-pad");
	assert_int_equal(v.facts[GRAPH_IS_DEPENDENCY], 2);
	assert_int_equal(v.facts[GRAPH_CERTIFY_LEGAL], 1);
	assert_strz(graph_label(&cx, &v.node), "left-pad@1.2.3");
	assert_ok(graph_view(&cx, g, id_of(&cx, g, "pkg:npm/%40a/left-pad"), NULL, &v));
	assert_int_equal(v.versions.n, 2);
	fixture_pod(&cx, g, 1, WEB, 0);
	fixture_pod(&cx, g, 2, WEB, 2000);
	assert_ok(graph_view(&cx, g, id_of(&cx, g, WEB), NULL, &v));
	assert_int_equal(v.pods.n, 1);
	assert_strz(v.pods.p[0].owner, "Deployment/web");
	assert_strz(graph_label(&cx, &v.node), "sha256:abababababab");
	assert_fault(graph_view(&cx, g, 4711, NULL, &v), HM_ABSENT, "no node 4711");
	graph_close(g);
}

static void facts_come_in_pages(void **state)
{
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct graph *g = made(&cx);
	int64_t id = id_of(&cx, g, "pkg:npm/%40a/left-pad@1.2.3");
	struct graph_neighbours n;
	struct graph_page page = { .limit = 1 };
	size_t seen = 0;
	(void)state;
	do {
		assert_ok(graph_neighbours(&cx, g, id, &page, &n));
		assert_int_equal(n.facts.n, 1);
		assert_strz(n.facts.p[0].source->origin, "docs/sbom.json");
		seen++;
		page.after = n.next;
	} while (n.next && seen < 10);
	assert_int_equal(seen, 3);
	page = (struct graph_page){ .kind = GRAPH_CERTIFY_LEGAL };
	assert_ok(graph_neighbours(&cx, g, id, &page, &n));
	assert_int_equal(n.facts.n, 1);
	assert_strz(n.facts.p[0].object.key, "MIT@3.20");
	page = (struct graph_page){ .after = 4711 };
	assert_fault(graph_neighbours(&cx, g, id, &page, &n), HM_ABSENT, "no fact 4711");
	graph_close(g);
}

static void witness_is_named(void **state)
{
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct graph *g = made(&cx);
	struct graph_neighbours n;
	struct graph_page page = { 0 };
	(void)state;
	assert_ok(graph_neighbours(&cx, g, id_of(&cx, g, "CVE-2021-44228"), &page, &n));
	assert_int_equal(n.facts.n, 1);
	assert_strz(n.facts.p[0].source->signer.key, "key:sha256:01");
	assert_int_equal(n.facts.p[0].source->belief, GRAPH_BELIEVED);
	assert_strz(n.facts.p[0].source->collector, "registry");
	graph_close(g);
}

/* What a thing is called where a line is short. */
static void labels_are_short(void **state)
{
	static const struct {
		enum graph_noun_kind kind;
		const char *key, *label;
	} cases[] = {
		{ GRAPH_PACKAGE, "pkg:npm/%40a/b@1?x=y", "b@1" },
		{ GRAPH_ARTIFACT, "sha256:00112233445566778899", "sha256:001122334455" },
		{ GRAPH_VULNERABILITY, "cve/cve-2021-44228", "CVE-2021-44228" },
		{ GRAPH_VULNERABILITY, "ghsa/ghsa-jfh8-c2jp-5v3q", "GHSA-jfh8-c2jp-5v3q" },
		{ GRAPH_VULNERABILITY, "osv/dsa-5020-1", "dsa-5020-1" },
		{ GRAPH_IDENTITY, "cert:CN=releases,O=Shop|sha256:00112233445566778899",
		  "CN=releases (001122334455)" },
		{ GRAPH_IDENTITY, "cert:C=US,CN=a,O=b|sha256:0011223344556677",
		  "CN=a (001122334455)" },
		{ GRAPH_IDENTITY, "cert:O=b|sha256:0011223344556677", "O=b (001122334455)" },
		{ GRAPH_IDENTITY, "cert:CN=a", "cert:CN=a" },
		{ GRAPH_IDENTITY, "key:sha256:0011", "key:sha256:0011" },
	};
	(void)state;
	for (size_t i = 0; i < HM_LEN(cases); i++) {
		HM_AUTO_CX cx = HM_CX(HM_MIB);
		struct graph_node node = { .kind = cases[i].kind, .key = hm_cstr(cases[i].key) };
		assert_strz(graph_label(&cx, &node), cases[i].label);
	}
}

int main(void)
{
	UNIT(labels_are_short);
	UNIT_TABLE(name_is, names);
	UNIT_TABLE(name_is_not, no_names);
	UNIT(name_is_suggested);
	UNIT_TABLE(word_finds, words);
	UNIT(word_rows_are_bounded);
	UNIT(rare_words_lead);
	UNIT(view_has_all);
	UNIT(facts_come_in_pages);
	UNIT(witness_is_named);
	return unit_run("graph/node");
}
