/* SPDX-License-Identifier: Apache-2.0 */
/* Formats of documents: each with what it says; and the names of kinds. */
#include "unit.h"

#include "graph/doc.h"

#define DIGEST "sha256:0000000000000000000000000000000000000000000000000000000000000001"

/* "fact subject object detail", a line each; nouns by their last part. */
static struct hm_str told(struct hm_cx *cx, const struct graph_doc *d)
{
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	for (size_t i = 0; i < d->facts.n; i++) {
		const struct graph_fact *f = &d->facts.p[i];
		struct hm_str object = f->object ? d->nouns.p[f->object - 1].key : HM_STR("-");
		struct hm_str detail = f->detail ? d->nouns.p[f->detail - 1].key : HM_STR("-");
		hm_buf_fmt(&b, "%s %.*s %.*s %.*s", graph_fact_names[f->kind],
			   HM_FMT(d->nouns.p[f->subject - 1].key), HM_FMT(object),
			   HM_FMT(hm_sub(detail, 0, 9)));
		for (size_t k = 0; k < f->links_n; k++)
			hm_buf_fmt(&b, " %d:%.*s", f->links[k].role,
				   HM_FMT(d->nouns.p[f->links[k].noun - 1].key));
		hm_buf_char(&b, '\n');
	}
	return hm_dup(cx, hm_buf_str(&b));
}

#define SPDX(rest)                                                                        \
	"{\"spdxVersion\":\"SPDX-2.3\",\"name\":\"a b\",\"documentNamespace\":\"urn:x\"," \
	"\"creationInfo\":{\"created\":\"2026-01-01T00:00:00Z\"}," rest "}"
#define PACKAGE(id, purl, more)                                                         \
	"{\"SPDXID\":\"SPDXRef-" id "\",\"name\":\"" id "\",\"versionInfo\":\"1\"" more \
	",\"externalRefs\":[{\"referenceType\":\"purl\",\"referenceLocator\":\"" purl "\"}]}"
#define RELATION(a, type, b)                                                \
	"{\"spdxElementId\":\"SPDXRef-" a "\",\"relationshipType\":\"" type \
	"\",\"relatedSpdxElement\":\"SPDXRef-" b "\"}"
#define BOM(rest)                                                                                    \
	"{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.5\",\"serialNumber\":\"urn:uuid:1\"," rest \
	"}"

static const struct good_case {
	const char *label, *text, *format, *want;
} good[] = {
	{ "SPDX: what it describes, and what that needs",
	  SPDX("\"packages\":[" PACKAGE("a", "pkg:npm/a@1", "") "," PACKAGE(
		  "b", "pkg:npm/b@2",
		  "") "],"
		      "\"relationships\":[" RELATION("DOCUMENT", "DESCRIBES", "a") "," RELATION(
			      "a", "DEPENDS_ON", "b") "," RELATION("a", "OTHER", "b") "]"),
	  "SPDX 2.3",
	  "hasSBOM pkg:npm/a@1 " DIGEST " urn:x\n"
	  "isDependency pkg:npm/a@1 pkg:npm/b@2 UNKNOWN: \n" },
	{ "SPDX: the other direction",
	  SPDX("\"packages\":[" PACKAGE("a", "pkg:npm/a@1", "") "," PACKAGE(
		  "b", "pkg:npm/b@2",
		  "") "],"
		      "\"documentDescribes\":[\"SPDXRef-a\"],\"relationships\":[" RELATION(
			      "b", "DEPENDENCY_OF", "a") "]"),
	  "SPDX 2.3",
	  "hasSBOM pkg:npm/a@1 " DIGEST " urn:x\n"
	  "isDependency pkg:npm/a@1 pkg:npm/b@2 UNKNOWN: \n" },
	{ "SPDX: what it is about is not said, a package has no purl",
	  SPDX("\"packages\":[{\"SPDXID\":\"SPDXRef-p\",\"name\":\"p\",\"versionInfo\":\"1\","
	       "\"checksums\":[{\"algorithm\":\"SHA1\",\"checksumValue\":\"AB\"}]}]"),
	  "SPDX 2.3",
	  "isDependency pkg:guac/spdx/a%20b pkg:guac/pkg/p@1 UNKNOWN: \n"
	  "hasSBOM pkg:guac/spdx/a%20b " DIGEST " urn:x\n"
	  "isOccurrence pkg:guac/pkg/p@1 sha1:ab spdx pack\n" },
	{ "SPDX: files, but not empty ones; licences",
	  SPDX("\"packages\":[" PACKAGE(
		  "a", "pkg:npm/a@1",
		  ",\"licenseDeclared\":\"(MIT OR LicenseRef-x) AND "
		  "LicenseRef-y\"") "],"
				    "\"hasExtractedLicensingInfos\":[{\"licenseId\":\"LicenseRef-x\",\"extractedText\":\"text\"}],"
				    "\"documentDescribes\":[\"SPDXRef-a\"],"
				    "\"files\":[{\"SPDXID\":\"SPDXRef-f\",\"fileName\":\"/f\",\"checksums\":[{\"algorithm\":\"MD5\","
				    "\"checksumValue\":\"d41d8cd98f00b204e9800998ecf8427e\"},{\"algorithm\":\"SHA1\","
				    "\"checksumValue\":\"12\"}]}]"),
	  "SPDX 2.3",
	  "hasSBOM pkg:npm/a@1 " DIGEST " urn:x\n"
	  "isOccurrence pkg:guac/files/sha1:12?filename=/f sha1:12 spdx file\n"
	  "certifyLegal pkg:npm/a@1 - (MIT OR L 1:MIT@UNKNOWN 1:LicenseRef-982d9e3eb996f559\n" },
	{ "CycloneDX: an image, direct and indirect",
	  BOM("\"metadata\":{\"component\":{\"type\":\"container\",\"name\":\"r.example/web:1\",\"version\":"
	      "\"sha256:ab\",\"bom-ref\":\"t\"}},\"components\":[{\"purl\":\"pkg:npm/a@1\",\"bom-ref\":\"a\"},"
	      "{\"purl\":\"pkg:npm/b@1\",\"bom-ref\":\"b\"},{\"type\":\"operating-system\",\"name\":\"x\"},"
	      "{\"purl\":\"pkg:npm/c@1\",\"bom-ref\":\"c\"}],\"dependencies\":[{\"ref\":\"t\",\"dependsOn\":"
	      "[\"a\"]},{\"ref\":\"a\",\"dependsOn\":[\"b\"]}]"),
	  "CycloneDX 1.5",
	  "hasSBOM sha256:ab " DIGEST " urn:uuid:\n"
	  "isOccurrence pkg:guac/cdx/r.example/web@sha256:ab?tag=1 sha256:ab cdx packa\n"
	  "isDependency pkg:guac/cdx/r.example/web@sha256:ab?tag=1 pkg:npm/a@1 DIRECT: C\n"
	  "isDependency pkg:npm/a@1 pkg:npm/b@1 DIRECT: C\n"
	  "isDependency pkg:guac/cdx/r.example/web@sha256:ab?tag=1 pkg:npm/b@1 INDIRECT:\n"
	  "isDependency pkg:guac/cdx/r.example/web@sha256:ab?tag=1 pkg:npm/c@1 UNKNOWN: \n" },
	{ "CycloneDX: components within components",
	  BOM("\"metadata\":{\"component\":{\"type\":\"application\",\"name\":\"x\",\"bom-ref\":\"t\"}},"
	      "\"components\":[{\"purl\":\"pkg:npm/a@1\",\"bom-ref\":\"a\",\"components\":[{\"name\":\"n\","
	      "\"version\":\"2\",\"bom-ref\":\"n\"}]}]"),
	  "CycloneDX 1.5",
	  "hasSBOM pkg:guac/cdx/x " DIGEST " urn:uuid:\n"
	  "isDependency pkg:guac/cdx/x pkg:npm/a@1 UNKNOWN: \n"
	  "isDependency pkg:guac/cdx/x pkg:guac/pkg/n@2 UNKNOWN: \n" },
	{ "SLSA: who built what, of what",
	  "{\"predicateType\":\"https://slsa.dev/provenance/v1\",\"subject\":[{\"name\":\"pkg\",\"digest\":"
	  "{\"sha256\":\"'ab'\"}}],\"predicate\":{\"buildDefinition\":{\"buildType\":\"t\",\"resolvedDependencies\":"
	  "[{\"uri\":\"git+https://github.com/o/r.git@refs/heads/main\",\"digest\":{\"gitCommit\":\"cd\"}}]},"
	  "\"runDetails\":{\"builder\":{\"id\":\"https://b\"}}}}",
	  "SLSA v1",
	  "isOccurrence pkg:guac/generic/pkg sha256:ab from SLSA\n"
	  "isOccurrence git+github.com/o/r#refs/heads/main gitcommit:cd from SLSA\n"
	  "hasSLSA sha256:ab https://b t\n\n 3:gitcommit:cd\n" },
	{ "Scorecard",
	  "{\"date\":\"2026-01-01\",\"repo\":{\"name\":\"github.com/o/r\",\"commit\":\"ab\"},\"score\":7.5,"
	  "\"scorecard\":{\"version\":\"v5\"},\"checks\":[{\"name\":\"A\",\"score\":10}]}",
	  "Scorecard", "certifyScorecard git+github.com/o/r@ab - 2026-01-0\n" },
};

static hm_err read_doc(struct hm_cx *cx, const char *text, struct graph_doc *d)
{
	struct json doc;
	HM_TRY(json_parse(cx, hm_cstr(text), JSON_NO_NUL, &doc));
	for (const struct graph_format *f = graph_formats; f->name; f++)
		if (f->is(doc))
			return f->read(cx, doc, HM_STR(DIGEST), d);
	return hm_fail(cx, HM_INPUT, "of no format that is known");
}

static void says(void **state)
{
	const struct good_case *t = *state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct graph_doc d = { 0 };
	assert_ok(read_doc(&cx, t->text, &d));
	assert_strz(d.format, t->format);
	assert_strz(told(&cx, &d), t->want);
}

static const struct bad_case {
	const char *text, *why;
} bad[] = {
	{ "{}", "of no format" },
	{ "{\"spdxVersion\":\"SPDX-2.3\"}", "created" },
	{ SPDX("\"packages\":[" PACKAGE("a", "npm", "") "]"), "\"npm\" is no purl" },
	{ SPDX("\"packages\":[{\"SPDXID\":\"x\"}]"), "no name" },
	{ BOM("\"metadata\":{}"), "what it is about" },
	{ BOM("\"metadata\":{\"timestamp\":\"x\"}"), "metadata.timestamp" },
	{ BOM("\"components\":[{\"purl\":\"x\"}]"), "is no purl" },
	{ "{\"predicateType\":\"https://slsa.dev/provenance/v9\"}", "\"v9\" is not known" },
	{ "{\"predicateType\":\"https://slsa.dev/provenance/v1\"}", "no builder" },
	{ "{\"scorecard\":{\"version\":\"v5\"}}", "\"date\"" },
	{ "{\"scorecard\":{\"version\":\"v5\"},\"date\":\"x\"}", "no repository" },
};

static void refuses(void **state)
{
	(void)state;
	for (size_t i = 0; i < HM_LEN(bad); i++) {
		HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
		struct graph_doc d = { 0 };
		assert_fault(read_doc(&cx, bad[i].text, &d), HM_INPUT, bad[i].why);
	}
}

/* Each row, by its own example. */
static void every_format_has_a_case(void **state)
{
	(void)state;
	for (const struct graph_format *f = graph_formats; f->name; f++) {
		bool found = false;
		assert_non_null(f->is);
		assert_non_null(f->read);
		for (size_t i = 0; i < HM_LEN(good); i++)
			found = found || strncmp(good[i].format, f->name, strlen(f->name)) == 0;
		assert_true(found);
	}
}

static void every_kind_has_a_name(void **state)
{
	(void)state;
	for (int i = 1; i < GRAPH_NOUN_KINDS; i++)
		assert_non_null(graph_noun_names[i]);
	for (int i = 1; i < GRAPH_FACT_KINDS; i++)
		assert_non_null(graph_fact_names[i]);
}

int main(void)
{
	UNIT_TABLE(says, good);
	UNIT(refuses);
	UNIT(every_format_has_a_case);
	UNIT(every_kind_has_a_name);
	return unit_run("graph/formats");
}
