/* SPDX-License-Identifier: Apache-2.0 */
/* What GUAC's programs tell each other: facts as they are put into its graph (IngestPredicates),
 * and what its collector asks of deps.dev. */
#include "graph/documents/documents.h"

/* ------------------------------------------------------------------ nouns */

/* {"type", "namespace", "name", "version", "qualifiers": [{"key", "value"}], "subpath"} */
static graph_ref package(struct hm_cx *cx, struct graph_doc *d, struct json v)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_GRAPH_KEY);
	struct hm_str space = graph_text(v, "namespace"), version = graph_text(v, "version");
	struct hm_str subpath = graph_text(v, "subpath");
	char before = '?';
	hm_buf_fmt(&b, "pkg:%.*s/%.*s%s%.*s", HM_FMT(graph_text(v, "type")),
		   HM_FMT(graph_purl_part(cx, space, true)), space.n ? "/" : "",
		   HM_FMT(graph_purl_part(cx, graph_text(v, "name"), true)));
	if (version.n)
		hm_buf_fmt(&b, "@%.*s", HM_FMT(graph_purl_part(cx, version, false)));
	for (struct json_iter it = json_iter(json_get(v, "qualifiers")); json_next(&it);) {
		hm_buf_fmt(&b, "%c%.*s=%.*s", before, HM_FMT(graph_text(it.value, "key")),
			   HM_FMT(graph_purl_part(cx, graph_text(it.value, "value"), true)));
		before = '&';
	}
	if (subpath.n)
		hm_buf_fmt(&b, "#%.*s", HM_FMT(graph_purl_part(cx, subpath, true)));
	return b.over ? 0 : graph_doc_package(cx, d, hm_buf_str(&b));
}

static graph_ref source(struct hm_cx *cx, struct graph_doc *d, struct json v)
{
	return graph_doc_source(cx, d,
				&(struct graph_source_name){
					graph_text(v, "type"), graph_text(v, "namespace"),
					graph_text(v, "name"), graph_text(v, "commit"),
					graph_text(v, "tag") });
}

static graph_ref artifact(struct hm_cx *cx, struct graph_doc *d, struct json v)
{
	return graph_doc_artifact(cx, d, graph_text(v, "algorithm"), graph_text(v, "digest"));
}

static graph_ref builder(struct hm_cx *cx, struct graph_doc *d, struct json v)
{
	return graph_doc_noun(cx, d, GRAPH_BUILDER, graph_text(v, "uri"), 0);
}

/* Its "vulnerabilityID" has the type in it. */
static graph_ref vulnerability(struct hm_cx *cx, struct graph_doc *d, struct json v)
{
	return graph_doc_vulnerability_of(cx, d, graph_text(v, "type"),
					  graph_text(v, "vulnerabilityID"));
}

/* ------------------------------------------------------------------ facts */

struct noun_member {
	const char *key;
	graph_ref (*read)(struct hm_cx *cx, struct graph_doc *d, struct json v);
};
static const struct predicate {
	const char *key;
	enum graph_fact_kind kind;
	struct noun_member subjects[3]; /* the first that is there */
	struct noun_member object;
	const char *detail;
} rows[] = {
	{ "certifyScorecard",
	  GRAPH_CERTIFY_SCORECARD,
	  { { "source", source } },
	  { 0 },
	  "scorecard" },
	{ "isDependency",
	  GRAPH_IS_DEPENDENCY,
	  { { "pkg", package } },
	  { "depPkg", package },
	  "isDependency" },
	{ "isOccurrence",
	  GRAPH_IS_OCCURRENCE,
	  { { "pkg", package }, { "src", source } },
	  { "artifact", artifact },
	  "isOccurrence" },
	{ "hasSlsa",
	  GRAPH_HAS_SLSA,
	  { { "Artifact", artifact }, { "artifact", artifact } },
	  { "Builder", builder },
	  "HasSlsa" },
	{ "certifyVuln",
	  GRAPH_CERTIFY_VULN,
	  { { "pkg", package } },
	  { "vulnerability", vulnerability },
	  "vulnData" },
	{ "vulnEqual",
	  GRAPH_VULN_EQUAL,
	  { { "vulnerability", vulnerability } },
	  { "equalVulnerability", vulnerability },
	  "vulnEqual" },
	{ "hasSourceAt",
	  GRAPH_HAS_SOURCE_AT,
	  { { "pkg", package } },
	  { "src", source },
	  "hasSourceAt" },
	{ "certifyBad",
	  GRAPH_CERTIFY_BAD,
	  { { "pkg", package }, { "src", source }, { "artifact", artifact } },
	  { 0 },
	  "certifyBad" },
	{ "certifyGood",
	  GRAPH_CERTIFY_GOOD,
	  { { "pkg", package }, { "src", source }, { "artifact", artifact } },
	  { 0 },
	  "certifyGood" },
	{ "hasSBOM",
	  GRAPH_HAS_SBOM,
	  { { "pkg", package }, { "artifact", artifact } },
	  { 0 },
	  "hasSbom" },
	{ "hashEqual",
	  GRAPH_HASH_EQUAL,
	  { { "artifact", artifact } },
	  { "equalArtifact", artifact },
	  "hashEqual" },
	{ "pkgEqual",
	  GRAPH_PKG_EQUAL,
	  { { "pkg", package } },
	  { "equalPkg", package },
	  "pkgEqual" },
	{ "vex",
	  GRAPH_CERTIFY_VEX,
	  { { "pkg", package }, { "artifact", artifact } },
	  { "vulnerability", vulnerability },
	  "vexData" },
	{ "contact",
	  GRAPH_POINT_OF_CONTACT,
	  { { "pkg", package }, { "src", source }, { "artifact", artifact } },
	  { 0 },
	  "pointOfContact" },
	{ "vulnMetadata",
	  GRAPH_VULN_METADATA,
	  { { "vulnerability", vulnerability } },
	  { 0 },
	  "vulnData" },
	{ "hasMetadata",
	  GRAPH_HAS_METADATA,
	  { { "pkg", package }, { "src", source }, { "artifact", artifact } },
	  { 0 },
	  "hasMetadata" },
	{ "certifyLegal",
	  GRAPH_CERTIFY_LEGAL,
	  { { "pkg", package }, { "src", source } },
	  { 0 },
	  "certifyLegal" },
};

/* All that is said, but who told GUAC. */
static graph_ref detail_of(struct hm_cx *cx, struct graph_doc *d, struct json data)
{
	static const char *const others[] = { "origin", "collector", "documentRef" };
	struct graph_detail t = { 0 };
	graph_detail_begin(&t);
	for (struct json_iter it = json_iter(data); json_next(&it);) {
		struct hm_str text;
		bool is_other = json_is_null(it.value) ||
				(json_is_string(it.value) && !json_str(it.value).n);
		for (size_t i = 0; i < HM_LEN(others); i++)
			is_other = is_other || hm_eqz(it.key, others[i]);
		if (is_other || json_text(cx, it.value, &text))
			continue;
		if (!graph_detail_fits(&t, text.n)) {
			t.is_cut = true;
			continue;
		}
		json_key(&t.o, hm_eqz(it.key, "slsaPredicate") ? HM_STR("predicate") : it.key);
		json_put_json(&t.o, NULL, it.value);
	}
	return graph_detail_end(cx, d, &t);
}

struct links {
	HM_VEC(struct graph_link) list;
};

static void add_licences(struct hm_cx *cx, struct graph_doc *d, struct json list, uint8_t role,
			 struct links *out)
{
	for (struct json_iter it = json_iter(list); json_next(&it);) {
		struct hm_str name = graph_text(it.value, "name");
		struct hm_str version = graph_text(it.value, "listVersion");
		struct hm_str text = graph_text(it.value, "inline");
		struct hm_str key =
			text.n ? graph_licence_of_text(cx, text)
			       : hm_fmt(cx, "%.*s@%.*s", HM_FMT(name),
					HM_FMT(version.n ? version : HM_STR("UNKNOWN")));
		graph_ref ref = name.n ? graph_doc_noun(cx, d, GRAPH_LICENCE, key, 0) : 0;
		if (ref)
			*hm_push(cx, &out->list) = (struct graph_link){ role, ref };
	}
}

static void add_links(struct hm_cx *cx, struct graph_doc *d, struct json one, struct links *out)
{
	add_licences(cx, d, json_get(one, "declared"), GRAPH_DECLARED, out);
	add_licences(cx, d, json_get(one, "discovered"), GRAPH_DISCOVERED, out);
	for (struct json_iter it = json_iter(graph_either(one, "Materials", "materials"));
	     json_next(&it);) {
		graph_ref ref = artifact(cx, d, it.value);
		if (ref)
			*hm_push(cx, &out->list) = (struct graph_link){ GRAPH_MATERIAL, ref };
	}
}

static hm_err read_fact(struct hm_cx *cx, struct graph_doc *d, const struct predicate *row,
			struct json one)
{
	struct graph_fact f = { .kind = row->kind };
	struct links links = { 0 };
	for (size_t i = 0; i < HM_LEN(row->subjects) && row->subjects[i].key && !f.subject; i++)
		if (json_is_object(json_get(one, row->subjects[i].key)))
			f.subject =
				row->subjects[i].read(cx, d, json_get(one, row->subjects[i].key));
	if (row->object.key)
		f.object = row->object.read(cx, d, json_get(one, row->object.key));
	if (!f.subject || (row->object.key && !f.object))
		return hm_fail(cx, HM_INPUT, "\"%s\" is about nothing", row->key);
	if (hm_eqz(graph_text(json_get(one, "pkgMatchFlag"), "pkg"), "ALL_VERSIONS") &&
	    d->nouns.p[f.subject - 1].kind == GRAPH_PACKAGE)
		f.subject = d->nouns.p[f.subject - 1].parent;
	f.detail = detail_of(cx, d, json_get(one, row->detail));
	add_links(cx, d, one, &links);
	f.links = links.list.p;
	f.links_n = links.list.n;
	graph_doc_fact(cx, d, &f);
	return NULL;
}

bool graph_is_predicates(struct json doc)
{
	for (size_t i = 0; i < HM_LEN(rows); i++) {
		struct json first = json_at(json_get(doc, rows[i].key), 0);
		if (json_is_object(json_get(first, rows[i].detail)))
			return true;
	}
	return false;
}

hm_err graph_read_predicates(struct hm_cx *cx, struct json doc, struct hm_str digest,
			     struct graph_doc *d)
{
	(void)digest;
	d->format = HM_STR("GUAC predicates");
	for (size_t i = 0; i < HM_LEN(rows); i++)
		for (struct json_iter it = json_iter(json_get(doc, rows[i].key)); json_next(&it);)
			HM_TRY(read_fact(cx, d, &rows[i], it.value));
	return NULL;
}

/* ------------------------------------------------------------------ deps.dev */

bool graph_is_depsdev(struct json doc)
{
	return graph_text(json_get(doc, "CurrentPackage"), "type").n;
}

static hm_err say_component(struct hm_cx *cx, struct graph_doc *d, struct json one)
{
	graph_ref is = package(cx, d, json_get(one, "CurrentPackage"));
	graph_ref from = source(cx, d, json_get(one, "Source"));
	struct json score = json_get(one, "Scorecard");
	struct graph_detail t = { 0 };
	if (!is)
		return hm_fail(cx, HM_INPUT, "\"CurrentPackage\" is not a package");
	if (!from)
		return NULL;
	graph_detail_begin(&t);
	graph_detail_time(cx, &t, "knownSince", graph_text(one, "UpdateTime"));
	json_putz(&t.o, "justification", "collected via deps.dev");
	graph_doc_fact(cx, d,
		       &(struct graph_fact){ .kind = GRAPH_HAS_SOURCE_AT,
					     .subject = d->nouns.p[is - 1].parent,
					     .object = from,
					     .detail = graph_detail_end(cx, d, &t) });
	if (json_is_object(score))
		graph_doc_fact(cx, d,
			       &(struct graph_fact){ .kind = GRAPH_CERTIFY_SCORECARD,
						     .subject = from,
						     .detail = detail_of(cx, d, score) });
	return NULL;
}

hm_err graph_read_depsdev(struct hm_cx *cx, struct json doc, struct hm_str digest,
			  struct graph_doc *d)
{
	struct graph_sbom sbom = { .digest = digest, .since = graph_text(doc, "UpdateTime") };
	d->format = HM_STR("deps.dev");
	HM_TRY(say_component(cx, d, doc));
	for (struct json_iter it = json_iter(json_get(doc, "DepPackages")); json_next(&it);)
		HM_TRY(say_component(cx, d, it.value));
	for (struct json_iter it = json_iter(json_get(doc, "IsDepPackages")); json_next(&it);) {
		struct graph_fact f = { .kind = GRAPH_IS_DEPENDENCY };
		f.subject = package(cx, d, json_get(it.value, "CurrentPackageInput"));
		f.object = package(cx, d, json_get(it.value, "DepPackageInput"));
		f.detail = detail_of(cx, d, json_get(it.value, "IsDependency"));
		if (f.object)
			graph_doc_fact(cx, d, &f);
	}
	graph_ref top = package(cx, d, json_get(doc, "CurrentPackage"));
	sbom.uri = d->nouns.p[top - 1].key;
	graph_say_sbom(cx, d, top, &sbom);
	return NULL;
}
