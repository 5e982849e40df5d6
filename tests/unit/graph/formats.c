/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Formats of documents: each with what it says; and the names of kinds.
 *
 * A good one is a file of the fuzz corpus, tests/fuzz/corpus/graph-document/NAME; what it says
 * stands in tests/golden/graph/documents/NAME, a line for each fact. After a wanted change run this
 * program with UPDATE=1.
 */
#include "unit.h"

#include <stdlib.h>

#include "base/file.h"
#include "cli/graph.h"
#include "codec/base64.h"
#include "graph/doc.h"

#define DIGEST "sha256:0000000000000000000000000000000000000000000000000000000000000001"

/* "fact subject object detail role:noun...", a line each. */
static struct hm_str told(struct hm_cx *cx, const struct graph_doc *d)
{
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	hm_buf_fmt(&b, "%.*s\n", HM_FMT(d->format));
	for (size_t i = 0; i < d->facts.n; i++) {
		const struct graph_fact *f = &d->facts.p[i];
		struct hm_str object = f->object ? d->nouns.p[f->object - 1].key : HM_STR("-");
		struct hm_str detail = f->detail ? d->nouns.p[f->detail - 1].key : HM_STR("-");
		hm_buf_fmt(&b, "%s %.*s %.*s %.*s", graph_fact_names[f->kind],
			   HM_FMT(d->nouns.p[f->subject - 1].key), HM_FMT(object), HM_FMT(detail));
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
#define BOM(rest)                                                                                    \
	"{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.5\",\"serialNumber\":\"urn:uuid:1\"," rest \
	"}"

#define STATEMENT(type, subject, predicate)                                    \
	"{\"_type\":\"https://in-toto.io/Statement/v1\",\"subject\":[" subject \
	"],\"predicateType\":\"" type "\",\"predicate\":" predicate "}"
#define NPM "{\"uri\":\"pkg:npm/a@1\"}"
#define GIT "{\"name\":\"git://github.com/o/r\",\"digest\":{\"sha1\":\"ab\"}}"

static const char *path_in(struct hm_cx *cx, const char *folder, const char *name)
{
	return hm_path(cx, hm_path(cx, getenv("HULLMARK_SOURCE"), folder), name);
}

#define DOCUMENTS "tests/fuzz/corpus/graph-document"
#define FACTS     "tests/golden/graph/documents"

static hm_err read_doc(struct hm_cx *cx, struct hm_str text, struct graph_docs *docs)
{
	return graph_read_documents(cx, text, HM_STR(DIGEST), &cli_graph_reports, docs);
}

static void check_details(struct hm_cx *cx, const struct graph_doc *d)
{
	for (size_t i = 0; i < d->facts.n; i++) {
		struct json detail;
		if (!d->facts.p[i].detail)
			continue;
		assert_ok(json_parse(cx, d->nouns.p[d->facts.p[i].detail - 1].key,
				     JSON_NO_DUPLICATES, &detail));
		assert_true(json_is_object(detail));
	}
}

/* The row that reads it. */
static void add_row(struct hm_cx *cx, struct hm_str text, struct hm_strs *rows)
{
	struct json doc;
	if (json_parse(cx, text, JSON_NO_NUL, &doc))
		return;
	for (const struct graph_format *f = graph_formats; f->name; f++)
		if (f->is(doc)) {
			*hm_push(cx, rows) = hm_cstr(f->name);
			return;
		}
}

static void says(struct hm_cx *cx, const char *name, struct hm_strs *rows)
{
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct hm_str text, want;
	struct graph_docs docs = { 0 };
	const char *facts = path_in(cx, FACTS, name);
	assert_ok(hm_read_file(cx, path_in(cx, DOCUMENTS, name), HM_MIB, &text));
	hm_err err = read_doc(cx, text, &docs);
	if (err)
		print_error("%s:\n", name);
	assert_ok(err);
	add_row(cx, text, rows);
	for (size_t i = 0; i < docs.n; i++) {
		check_details(cx, &docs.p[i]);
		hm_buf_add(&b, told(cx, &docs.p[i]));
	}
	struct hm_str got = hm_buf_str(&b);
	if (getenv("UPDATE"))
		assert_ok(hm_write_file(cx, facts, got, 0644));
	assert_ok(hm_read_file(cx, facts, HM_MIB, &want));
	if (!hm_eq(got, want))
		print_error("%s:\n", name);
	assert_str(got, want);
}

/* Each golden, and of each row of the table one at least. */
static void every_document_says(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(512 * HM_MIB);
	struct hm_strs names = { 0 }, rows = { 0 };
	assert_ok(hm_list_dir(&cx, path_in(&cx, FACTS, ""), HM_MAX_TAGS, &names));
	assert_true(names.n > 0);
	for (size_t i = 0; i < names.n; i++)
		says(&cx, hm_dupz(&cx, names.p[i]), &rows);
	for (const struct graph_format *f = graph_formats; f->name; f++) {
		assert_non_null(f->is);
		assert_non_null(f->read);
		if (!hm_strs_has(&rows, hm_cstr(f->name)))
			print_error("no document of %s\n", f->name);
		assert_true(hm_strs_has(&rows, hm_cstr(f->name)));
	}
}

static const struct bad_case {
	const char *text, *why;
} bad[] = {
	{ "{}", "of no format" },
	{ "{\"spdxVersion\":\"SPDX-2.3\"}", "created" },
	{ SPDX("\"packages\":[" PACKAGE("a", "npm", "") "]"), "\"npm\" is not a purl" },
	{ SPDX("\"packages\":[{\"SPDXID\":\"x\"}]"), "no name" },
	{ BOM("\"metadata\":{}"), "what it is about" },
	{ BOM("\"metadata\":{\"timestamp\":\"x\"}"), "metadata.timestamp" },
	{ BOM("\"components\":[{\"purl\":\"x\"}]"), "is not a purl" },
	{ "{\"predicateType\":\"https://slsa.dev/provenance/v9\"}", "\"v9\" is not known" },
	{ "{\"predicateType\":\"https://slsa.dev/provenance/v1\"}", "no builder" },
	{ "{\"scorecard\":{\"version\":\"v5\"}}", "\"date\"" },
	{ "{\"scorecard\":{\"version\":\"v5\"},\"date\":\"x\"}", "no repository" },
	{ "", "the text is empty" },
	{ SPDX("\"packages\":{}"), "\"packages\" is not an array" },
	{ SPDX("\"packages\":[1]"), "\"packages/*\" is not an object" },
	{ SPDX("\"packages\":[{\"name\":1}]"), "\"packages/*/name\" is not a string" },
	{ SPDX("\"packages\":[{\"name\":\"a\",\"externalRefs\":[{\"referenceType\":[]}]}]"),
	  "\"packages/*/externalRefs/*/referenceType\" is not a string" },
	{ SPDX("\"packages\":[],\"packages\":[]"), "twice" },
	{ BOM("\"components\":{}"), "\"components\" is not an array" },
	{ BOM("\"metadata\":[]"), "\"metadata\" is not an object" },
	{ BOM("\"dependencies\":[{\"ref\":1}]"), "\"dependencies/*/ref\" is not a string" },
	{ STATEMENT("https://slsa.dev/provenance/v1", "1", "{}"),
	  "\"subject/*\" is not an object" },
	{ STATEMENT("https://slsa.dev/provenance/v1", GIT, "{\"runDetails\":{\"builder\":[]}}"),
	  "\"predicate/runDetails/builder\" is not an object" },
	{ STATEMENT("https://in-toto.io/attestation/eol/v0.1", NPM, "[]"),
	  "\"predicate\" is not an object" },
	{ "{\"scorecard\":{\"version\":\"v5\"},\"date\":\"x\",\"repo\":[]}",
	  "\"repo\" is not an object" },
	{ "{\"scorecard\":{\"version\":\"v5\"},\"checks\":[{\"score\":\"x\"}]}",
	  "\"checks/*/score\" is not a number" },
	{ "{\"@id\":\"x\",\"statements\":[1]}", "\"statements/*\" is not an object" },
	{ "{\"document\":{\"csaf_version\":\"2.0\",\"tracking\":1}}",
	  "\"document/tracking\" is not an object" },
	{ "<a/>", "no CycloneDX" },
	{ "<bom xmlns='http://cyclonedx.org/schema/bom/1.4'><metadata/></bom>",
	  "what it is about" },
	{ "<bom xmlns='http://cyclonedx.org/schema/bom/1.4'>", "no element found" },
	{ BOM("\"vulnerabilities\":[{}]"), "has no \"id\"" },
	{ BOM("\"vulnerabilities\":[{\"id\":\"CVE-1\",\"analysis\":{\"state\":\"x\"}}]"),
	  "no state \"x\"" },
	{ BOM("\"vulnerabilities\":[{\"id\":\"CVE-1\",\"affects\":[{\"ref\":\"x\"}]}]"),
	  "\"x\" is not a component" },
	{ BOM("\"vulnerabilities\":[{\"id\":\"CVE-1\",\"affects\":[{\"ref\":\"u#x\"}]}]"),
	  "has no versions" },
	{ "{\"@id\":\"x\",\"statements\":[]}", "names no product" },
	{ "{\"@id\":\"x\",\"statements\":[{\"status\":\"x\"}]}", "no status \"x\"" },
	{ "{\"document\":{\"csaf_version\":\"1.0\"}}", "neither 2.0 nor 2.1" },
	{ "{\"document\":{\"csaf_version\":\"2.0\"},\"vulnerabilities\":[]}", "names no product" },
	{ STATEMENT("https://in-toto.io/attestation/vulns/v0.2", "", "{}"), "about nothing" },
	{ STATEMENT("https://in-toto.io/attestation/vulns/v0.2", "{}", "{}"),
	  "neither name nor digest" },
	{ STATEMENT("https://in-toto.io/attestation/vulns/v0.2", NPM, "{}"), "no scanner" },
	{ STATEMENT("https://in-toto.io/attestation/vulns/v0.2", GIT, "{}"),
	  "subject 1 is not a package" },
	{ STATEMENT("https://in-toto.io/attestation/vulns/v0.2", NPM,
		    "{\"scanner\":{\"result\":[{}]}}"),
	  "a result has no \"id\"" },
	{ STATEMENT("https://in-toto.io/attestation/eol/v0.1", NPM, "{}"), "no product" },
	{ STATEMENT("https://in-toto.io/attestation/reference/v0.1", NPM, "{\"references\":[{}]}"),
	  "no digest" },
	{ STATEMENT("https://crev.dev/in-toto-scheme/v-1", GIT, "{}"), "no \"rating\"" },
	{ STATEMENT("https://in-toto.io/attestation/certify/v0.1", GIT, "{}"), "no certifier" },
	{ STATEMENT("https://in-toto.io/attestation/clearlydefined/v0.1", NPM, "{}"),
	  "no definition" },
	{ STATEMENT("https://slsa.dev/verification_summary/v1", GIT, "{}"), "verifier" },
	{ STATEMENT("https://spdx.dev/Document", GIT, "{}"), "of no format" },
	{ "{\"payloadType\":\"t\",\"payload\":\"e30=\",\"signatures\":[]}", "no signatures" },
	{ "{\"payloadType\":\"t\",\"payload\":\"e30=\",\"signatures\":[{\"sig\":\"eA==\"}]}",
	  "of no format" },
	{ "{\"payloadType\":\"t\",\"payload\":\"eA==\",\"signatures\":[{\"sig\":\"eA==\"}]}",
	  "payload: JSON" },
	{ "{\"mediaType\":\"application/vnd.dev.sigstore.bundle.v0.3+json\"}", "envelope" },
	{ "{\"SchemaVersion\":1,\"Results\":[]}", "not version 2" },
	{ "{\"SchemaVersion\":2,\"Results\":[]}", "found nothing" },
	{ "{\"matches\":{},\"descriptor\":{\"name\":\"grype\"}}", "not an array" },
	{ "{\"version\":\"2.1.0\",\"runs\":[{}]}", "no \"results\"" },
	{ "{\"id\":\"GHSA-1\",\"modified\":\"x\",\"affected\":[]}", "\"modified\"" },
	{ "{\"CurrentPackage\":{\"type\":\"npm\"}}", "is not a package" },
	{ "{\"isDependency\":[{\"isDependency\":{}}]}", "about nothing" },
	{ "{\"@context\":\"https://spdx.org/rdf/3.0.1/x\",\"@graph\":[]}", "\"created\"" },
	{ "{\"scorecard\":{\"version\":\"v5\"},\"date\":\"x\",\"repo\":{\"name\":\"a/b\"}}\n{}",
	  "line 2: it is of no format" },
	{ "{\"id\":1}\n{", "line 1: it is of no format" },
	{ "SPDXVersion: SPDX-2.3\nno tag\n", "SPDX: \"no tag\" is not a tag" },
	{ "SPDXVersion: SPDX-2.3\nPackageName: a\nPackageCopyrightText: <text>x\n",
	  "the <text> of \"PackageCopyrightText\" has no end" },
	{ "SPDXVersion: SPDX-2.3\n", "created" },
	{ "SPDXVersion: SPDX-2.3\nPackageName: a\nSPDXID: x\nSPDXID: y\n", "twice" },
	{ "{\"@context\":\"https://openvex.dev/ns\",\"statements\":[{\"status\":\"fixed\","
	  "\"vulnerability\":{\"@id\":\"https://example.com/CVE-1\"},"
	  "\"products\":[\"pkg:npm/a@1\"]}]}",
	  "names no product" },
};

static void refuses(void **state)
{
	(void)state;
	for (size_t i = 0; i < HM_LEN(bad); i++) {
		HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
		struct graph_docs d = { 0 };
		hm_err err = read_doc(&cx, hm_cstr(bad[i].text), &d);
		if (!err || !strstr(err->why, bad[i].why))
			print_error("%s:\n", bad[i].text);
		assert_fault(err, HM_INPUT, bad[i].why);
	}
}

/* An envelope in an envelope in an envelope. */
static void has_a_depth_of_wrappers(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct hm_str text = HM_STR("{\"scorecard\":{\"version\":\"v5\"},\"date\":\"2026-01-01\","
				    "\"repo\":{\"name\":\"a/b\"}}");
	for (size_t n = 0; n <= HM_MAX_GRAPH_WRAPPERS; n++) {
		struct graph_docs d = { 0 };
		assert_ok(read_doc(&cx, text, &d));
		text = hm_fmt(
			&cx,
			"{\"payloadType\":\"t\",\"payload\":\"%.*s\",\"signatures\":[{\"sig\":"
			"\"eA==\"}]}",
			HM_FMT(base64_format(&cx, BASE64_STD, text)));
	}
	struct graph_docs d = { 0 };
	assert_fault(read_doc(&cx, text, &d), HM_LIMIT, "in each other");
}

static void has_a_number_of_lines(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(512 * HM_MIB);
	HM_AUTO_BUF b = HM_BUF(8 * HM_MIB);
	struct graph_docs d = { 0 };
	for (size_t i = 0; i <= HM_MAX_GRAPH_DOCUMENTS; i++)
		hm_buf_addz(&b,
			    "{\"scorecard\":{\"version\":\"v5\"},\"date\":\"2026-01-01\",\"repo\":"
			    "{\"name\":\"a/b\"}}\n");
	assert_fault(read_doc(&cx, hm_buf_str(&b), &d), HM_LIMIT, "10000 documents");
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
	UNIT(every_document_says);
	UNIT(refuses);
	UNIT(has_a_depth_of_wrappers);
	UNIT(has_a_number_of_lines);
	UNIT(every_kind_has_a_name);
	return unit_run("graph/formats");
}
