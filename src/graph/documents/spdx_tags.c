/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SPDX 2 as tags and values (spdx.github.io/spdx-spec/v2.3, "Conformance": "tag:value" files) as
 * the JSON that says the same, so that there is one reader. Of tags that nobody reads here nothing
 * is left.
 */
#include "graph/documents/documents.h"

#define TEXT     "<text>"
#define TEXT_END "</text>"

/* What a tag is about: the element that was begun last. */
enum element { ANY, DOCUMENT, PACKAGE, FILE_OF, LICENCE, OTHER };
/* What becomes of its value. */
enum shape { MEMBER, CHECKSUM, REFERENCE, RELATIONSHIP, NOTHING };

static const struct row {
	const char *tag;
	enum element of, begins; /* `begins` ANY: none */
	enum shape shape;
	const char *member;
} rows[] = {
	{ "SPDXVersion", DOCUMENT, ANY, MEMBER, "spdxVersion" },
	{ "DocumentName", DOCUMENT, ANY, MEMBER, "name" },
	{ "DocumentNamespace", DOCUMENT, ANY, MEMBER, "documentNamespace" },
	{ "PackageName", PACKAGE, PACKAGE, MEMBER, "name" },
	{ "FileName", FILE_OF, FILE_OF, MEMBER, "fileName" },
	{ "LicenseID", LICENCE, LICENCE, MEMBER, "licenseId" },
	{ "SnippetSPDXID", OTHER, OTHER, NOTHING, NULL },
	{ "Annotator", OTHER, OTHER, NOTHING, NULL },
	{ "Reviewer", OTHER, OTHER, NOTHING, NULL },
	{ "SPDXID", ANY, ANY, MEMBER, "SPDXID" },
	{ "PackageVersion", PACKAGE, ANY, MEMBER, "versionInfo" },
	{ "PackageLicenseDeclared", PACKAGE, ANY, MEMBER, "licenseDeclared" },
	{ "PackageLicenseConcluded", PACKAGE, ANY, MEMBER, "licenseConcluded" },
	{ "PackageLicenseComments", PACKAGE, ANY, MEMBER, "licenseComments" },
	{ "PackageCopyrightText", PACKAGE, ANY, MEMBER, "copyrightText" },
	{ "PackageChecksum", PACKAGE, ANY, CHECKSUM, NULL },
	{ "ExternalRef", PACKAGE, ANY, REFERENCE, NULL },
	{ "FileChecksum", FILE_OF, ANY, CHECKSUM, NULL },
	{ "ExtractedText", LICENCE, ANY, MEMBER, "extractedText" },
	{ "Relationship", ANY, ANY, RELATIONSHIP, NULL },
};

struct tag {
	struct hm_str name, value;
};

static const struct row *find_row(struct hm_str tag)
{
	for (size_t i = 0; i < HM_LEN(rows); i++)
		if (hm_eqz(tag, rows[i].tag))
			return &rows[i];
	return NULL;
}

/* ------------------------------------------------------------------ tags */

static struct hm_str without_mark(struct hm_str bytes)
{
	return hm_starts(bytes, HM_STR("\xef\xbb\xbf")) ? hm_from(bytes, 3) : bytes;
}

/* The next tag, behind blank lines and comments; none: .name is empty. */
static hm_err next_tag(struct hm_cx *cx, struct hm_str *rest, struct tag *out)
{
	*out = (struct tag){ 0 };
	while (rest->n) {
		struct hm_str from = *rest, line = hm_trim(hm_line(rest)), value = line;
		if (!line.n || line.p[0] == '#')
			continue;
		out->name = hm_trim(hm_cut(&value, ':'));
		if (out->name.n == line.n)
			return hm_fail(cx, HM_INPUT, "\"%.*s\" is not a tag with a value",
				       HM_FMT(hm_sub(line, 0, 64)));
		out->value = hm_trim(value);
		if (!hm_starts(out->value, HM_STR(TEXT)))
			return NULL;
		size_t begin = (size_t)(out->value.p - from.p) + sizeof(TEXT) - 1;
		size_t n = hm_find(hm_from(from, begin), HM_STR(TEXT_END));
		if (n == SIZE_MAX)
			return hm_fail(cx, HM_INPUT, "the " TEXT " of \"%.*s\" has no end",
				       HM_FMT(out->name));
		out->value = hm_sub(from, begin, n);
		*rest = hm_from(from, begin + n + sizeof(TEXT_END) - 1);
		(void)hm_line(rest);
		return NULL;
	}
	return NULL;
}

bool graph_is_spdx_tags(struct hm_str bytes)
{
	struct hm_str rest = without_mark(bytes), line = HM_STR("");
	while (rest.n && (!line.n || line.p[0] == '#'))
		line = hm_trim(hm_line(&rest));
	return hm_starts(line, HM_STR("SPDXVersion:"));
}

/* ------------------------------------------------------------------ elements */

struct writing {
	struct json_out *o;
	HM_VEC(struct hm_str) checksums, references; /* of the element that is written */
};

/* "SHA256: 0a1b" */
static void put_checksum(struct json_out *o, struct hm_str value)
{
	struct hm_str hex = value, alg = hm_cut(&hex, ':');
	json_open(o, NULL, '{');
	json_put_str(o, "algorithm", hm_trim(alg));
	json_put_str(o, "checksumValue", hm_trim(hex));
	json_close(o, '}');
}

/* The next of three words. */
static struct hm_str cut_word(struct hm_str *rest)
{
	struct hm_str word = hm_cut(rest, ' ');
	*rest = hm_trim(*rest);
	return word;
}

/* "PACKAGE-MANAGER purl pkg:npm/a@1" */
static void put_reference(struct json_out *o, struct hm_str value)
{
	struct hm_str rest = value;
	json_open(o, NULL, '{');
	json_put_str(o, "referenceCategory", cut_word(&rest));
	json_put_str(o, "referenceType", cut_word(&rest));
	json_put_str(o, "referenceLocator", rest);
	json_close(o, '}');
}

/* "SPDXRef-a DEPENDS_ON SPDXRef-b" */
static void put_relationship(struct json_out *o, struct hm_str value)
{
	struct hm_str rest = value;
	json_open(o, NULL, '{');
	json_put_str(o, "spdxElementId", cut_word(&rest));
	json_put_str(o, "relationshipType", cut_word(&rest));
	json_put_str(o, "relatedSpdxElement", rest);
	json_close(o, '}');
}

static void end_element(struct writing *w)
{
	if (w->checksums.n)
		json_open(w->o, "checksums", '[');
	for (size_t i = 0; i < w->checksums.n; i++)
		put_checksum(w->o, w->checksums.p[i]);
	if (w->checksums.n)
		json_close(w->o, ']');
	if (w->references.n)
		json_open(w->o, "externalRefs", '[');
	for (size_t i = 0; i < w->references.n; i++)
		put_reference(w->o, w->references.p[i]);
	if (w->references.n)
		json_close(w->o, ']');
	w->checksums.n = w->references.n = 0;
	json_close(w->o, '}');
}

static void put_tag(struct hm_cx *cx, struct writing *w, const struct row *row, struct hm_str value)
{
	if (row->shape == MEMBER)
		json_put_str(w->o, row->member, value);
	else if (row->shape == CHECKSUM)
		*hm_push(cx, &w->checksums) = value;
	else if (row->shape == REFERENCE)
		*hm_push(cx, &w->references) = value;
}

static bool is_of(const struct row *row, enum element kind)
{
	return row && (row->of == kind || row->of == ANY);
}

/* All elements of a kind. */
static hm_err put_elements(struct hm_cx *cx, struct json_out *o, struct hm_str bytes,
			   enum element kind)
{
	struct writing w = { .o = o };
	enum element now = DOCUMENT;
	struct tag t;
	do {
		HM_TRY(next_tag(cx, &bytes, &t));
		const struct row *row = t.name.n ? find_row(t.name) : NULL;
		bool begins = row && row->begins != ANY;
		if ((begins || !t.name.n) && now == kind && kind != DOCUMENT)
			end_element(&w);
		if (begins)
			now = row->begins;
		if (begins && now == kind)
			json_open(o, NULL, '{');
		if (now == kind && is_of(row, kind))
			put_tag(cx, &w, row, t.value);
	} while (t.name.n);
	return NULL;
}

static hm_err put_list(struct hm_cx *cx, struct json_out *o, struct hm_str bytes, const char *name,
		       enum element kind)
{
	json_open(o, name, '[');
	HM_TRY(put_elements(cx, o, bytes, kind));
	json_close(o, ']');
	return NULL;
}

/* When it was made, and what is related to what: tags that stand anywhere. */
static hm_err put_rest(struct hm_cx *cx, struct json_out *o, struct hm_str bytes)
{
	struct hm_str rest = bytes, created = HM_STR(""), list = HM_STR("");
	struct tag t;
	json_open(o, "relationships", '[');
	do {
		HM_TRY(next_tag(cx, &rest, &t));
		if (hm_eqz(t.name, "Relationship"))
			put_relationship(o, t.value);
		else if (hm_eqz(t.name, "Created"))
			created = t.value;
		else if (hm_eqz(t.name, "LicenseListVersion"))
			list = t.value;
	} while (t.name.n);
	json_close(o, ']');
	json_open(o, "creationInfo", '{');
	json_put_given(o, "created", created);
	json_put_given(o, "licenseListVersion", list);
	json_close(o, '}');
	return NULL;
}

hm_err graph_spdx_of_tags(struct hm_cx *cx, struct hm_str bytes, struct json *out)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_JSON);
	struct json_out o = json_out(&b, false);
	struct hm_str text;
	bytes = without_mark(bytes);
	json_open(&o, NULL, '{');
	HM_TRY(put_elements(cx, &o, bytes, DOCUMENT));
	HM_TRY(put_list(cx, &o, bytes, "packages", PACKAGE));
	HM_TRY(put_list(cx, &o, bytes, "files", FILE_OF));
	HM_TRY(put_list(cx, &o, bytes, "hasExtractedLicensingInfos", LICENCE));
	HM_TRY(put_rest(cx, &o, bytes));
	json_close(&o, '}');
	HM_TRY(hm_buf_end(cx, &b, "SPDX as JSON", &text));
	return json_parse(cx, text, JSON_STRICT, out);
}
