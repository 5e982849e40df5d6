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

static const char *path_in(struct hm_cx *cx, const char *folder, const char *name)
{
	return hm_path(cx, hm_path(cx, getenv("HULLMARK_SOURCE"), folder), name);
}

#define DOCUMENTS "tests/fuzz/corpus/graph-document"
#define FACTS     "tests/golden/graph/documents"

static hm_err read_doc(struct hm_cx *cx, struct hm_str text, struct graph_doc *d)
{
	struct json doc;
	HM_TRY(json_parse(cx, text, JSON_NO_NUL, &doc));
	for (const struct graph_format *f = graph_formats; f->name; f++)
		if (f->is(doc))
			return f->read(cx, doc, HM_STR(DIGEST), d);
	return hm_fail(cx, HM_INPUT, "of no format that is known");
}

static void says(struct hm_cx *cx, const char *name, struct hm_strs *formats)
{
	struct hm_str text, want;
	struct graph_doc d = { 0 };
	const char *facts = path_in(cx, FACTS, name);
	assert_ok(hm_read_file(cx, path_in(cx, DOCUMENTS, name), HM_MIB, &text));
	assert_ok(read_doc(cx, text, &d));
	*hm_push(cx, formats) = hm_dup(cx, d.format);
	for (size_t i = 0; i < d.facts.n; i++) {
		struct json detail;
		if (d.facts.p[i].detail)
			assert_ok(json_parse(cx, d.nouns.p[d.facts.p[i].detail - 1].key,
					     JSON_NO_DUPLICATES, &detail));
	}
	struct hm_str got = told(cx, &d);
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
	struct hm_strs names = { 0 }, formats = { 0 };
	assert_ok(hm_list_dir(&cx, path_in(&cx, FACTS, ""), HM_MAX_TAGS, &names));
	assert_true(names.n > 0);
	for (size_t i = 0; i < names.n; i++)
		says(&cx, hm_dupz(&cx, names.p[i]), &formats);
	for (const struct graph_format *f = graph_formats; f->name; f++) {
		bool found = false;
		assert_non_null(f->is);
		assert_non_null(f->read);
		for (size_t i = 0; i < formats.n; i++)
			found = found || hm_starts(formats.p[i], hm_cstr(f->name));
		assert_true(found);
	}
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
		assert_fault(read_doc(&cx, hm_cstr(bad[i].text), &d), HM_INPUT, bad[i].why);
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
	UNIT(every_document_says);
	UNIT(refuses);
	UNIT(every_kind_has_a_name);
	return unit_run("graph/formats");
}
