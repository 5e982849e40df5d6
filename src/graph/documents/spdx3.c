/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SPDX 3.0 as JSON-LD (spdx.github.io/spdx-spec/v3.0): elements in "@graph", each with an id, that
 * relationships refer to. What becomes of them is what becomes of SPDX 2 in GUAC.
 */
#include "graph/documents/documents.h"

struct spdx3 {
	struct graph_doc *d;
	struct json graph;
	struct graph_items items;
	struct hm_map roots;           /* ids that the document is about */
	struct hm_map licences;        /* id -> struct hm_str, an expression */
	struct hm_map vulnerabilities; /* id -> a noun */
	struct hm_map legals;          /* id -> struct graph_legal */
	HM_VEC(graph_ref) top, top_artifacts;
	struct hm_str uri, created, name;
};

bool graph_is_spdx3(struct json doc)
{
	struct json context = json_get(doc, "@context");
	if (json_is_array(context))
		context = json_at(context, 0);
	return hm_starts(json_str(context), HM_STR("https://spdx.org/rdf/3.")) &&
	       json_is_array(json_get(doc, "@graph"));
}

/* "software_Package" */
static struct hm_str type_of(struct json element)
{
	return json_str(graph_either(element, "type", "@type"));
}

static struct hm_str id_of(struct json element)
{
	return json_str(graph_either(element, "spdxId", "@id"));
}

/* One text, or several. */
static void add_ids(struct hm_cx *cx, struct json v, struct hm_strs *out)
{
	if (json_is_string(v))
		*hm_push(cx, out) = json_str(v);
	for (struct json_iter it = json_iter(v); json_next(&it);)
		if (json_str(it.value).n)
			*hm_push(cx, out) = json_str(it.value);
}

static void keep(struct hm_cx *cx, struct hm_map *map, struct hm_str id, struct hm_str value)
{
	struct hm_str *kept = hm_new(cx, struct hm_str, 1);
	*kept = value;
	if (id.n && value.n)
		hm_map_put(cx, map, id, kept);
}

/* ------------------------------------------------------------------ what it is about */

static void find_roots(struct hm_cx *cx, struct spdx3 *s)
{
	for (struct json_iter it = json_iter(s->graph); json_next(&it);) {
		struct hm_str type = type_of(it.value);
		struct hm_strs ids = { 0 };
		bool is_document = hm_eqz(type, "SpdxDocument");
		bool describes = hm_eqz(type, "Relationship") &&
				 hm_eqz(graph_text(it.value, "relationshipType"), "describes");
		if (is_document || hm_eqz(type, "software_Sbom") || hm_eqz(type, "Bom"))
			add_ids(cx, json_get(it.value, "rootElement"), &ids);
		if (describes)
			add_ids(cx, json_get(it.value, "to"), &ids);
		for (size_t i = 0; i < ids.n; i++)
			hm_map_put(cx, &s->roots, ids.p[i], s);
		if (is_document) {
			s->uri = id_of(it.value);
			s->name = graph_text(it.value, "name");
		}
		if (hm_eqz(type, "CreationInfo"))
			s->created = graph_text(it.value, "created");
	}
}

/* ------------------------------------------------------------------ packages and files */

static bool add_purl(struct hm_cx *cx, struct spdx3 *s, struct hm_str purl, struct graph_item *item)
{
	graph_ref ref = purl.n ? graph_doc_package(cx, s->d, purl) : 0;
	for (size_t i = 0; i < item->packages.n; i++)
		if (item->packages.p[i] == ref)
			return true;
	if (ref)
		*hm_push(cx, &item->packages) = ref;
	return ref || !purl.n;
}

static hm_err add_names(struct hm_cx *cx, struct spdx3 *s, struct json element,
			struct graph_item *item)
{
	struct hm_str purl = graph_text(element, "software_packageUrl");
	if (!add_purl(cx, s, purl, item))
		return hm_fail(cx, HM_INPUT, "\"%.*s\" is not a purl", HM_FMT(purl));
	for (struct json_iter it = json_iter(json_get(element, "externalIdentifier"));
	     json_next(&it);) {
		purl = graph_text(it.value, "identifier");
		if (hm_eqz(graph_text(it.value, "externalIdentifierType"), "packageUrl") &&
		    !add_purl(cx, s, purl, item))
			return hm_fail(cx, HM_INPUT, "\"%.*s\" is not a purl", HM_FMT(purl));
	}
	return NULL;
}

static void add_hashes(struct hm_cx *cx, struct spdx3 *s, struct json element,
		       struct graph_item *item)
{
	for (struct json_iter it = json_iter(json_get(element, "verifiedUsing")); json_next(&it);) {
		graph_ref artifact = graph_doc_artifact(cx, s->d, graph_text(it.value, "algorithm"),
							graph_text(it.value, "hashValue"));
		if (artifact)
			*hm_push(cx, &item->artifacts) = artifact;
	}
}

/* A file is called by its digest, as in GUAC. */
static void name_file(struct hm_cx *cx, struct spdx3 *s, struct json element,
		      struct graph_item *item)
{
	for (size_t i = 0; i < item->artifacts.n; i++) {
		struct hm_str digest = s->d->nouns.p[item->artifacts.p[i] - 1].key;
		graph_ref ref = graph_doc_package(
			cx, s->d,
			hm_fmt(cx, "pkg:guac/files/%.*s?filename=%.*s", HM_FMT(digest),
			       HM_FMT(graph_purl_part(cx, graph_text(element, "name"), true))));
		if (ref)
			*hm_push(cx, &item->packages) = ref;
	}
}

static hm_err add_element(struct hm_cx *cx, struct spdx3 *s, struct json element, bool is_file)
{
	struct hm_str id = id_of(element), name = graph_text(element, "name");
	struct hm_str version = graph_text(element, "software_packageVersion");
	struct graph_item *item = graph_item_make(cx, &s->items, id);
	HM_TRY(add_names(cx, s, element, item));
	add_hashes(cx, s, element, item);
	if (is_file && !item->packages.n)
		name_file(cx, s, element, item);
	if (!is_file && !item->packages.n &&
	    (!name.n || !add_purl(cx, s, graph_purl_of_name(cx, name, version), item)))
		return hm_fail(cx, HM_INPUT, "a package has no name");
	bool is_top = hm_map_has(&s->roots, id);
	for (size_t i = 0; is_top && i < item->packages.n; i++)
		*hm_push(cx, &s->top) = item->packages.p[i];
	for (size_t i = 0; is_top && i < item->artifacts.n; i++)
		*hm_push(cx, &s->top_artifacts) = item->artifacts.p[i];
	return NULL;
}

static hm_err add_elements(struct hm_cx *cx, struct spdx3 *s)
{
	for (struct json_iter it = json_iter(s->graph); json_next(&it);) {
		struct hm_str type = type_of(it.value);
		bool is_file = hm_eqz(type, "software_File");
		if (is_file || hm_eqz(type, "software_Package") || hm_eqz(type, "ai_AIPackage") ||
		    hm_eqz(type, "dataset_DatasetPackage"))
			HM_TRY(add_element(cx, s, it.value, is_file));
		if (hm_eqz(type, "simplelicensing_LicenseExpression"))
			keep(cx, &s->licences, id_of(it.value),
			     graph_text(it.value, "simplelicensing_licenseExpression"));
		if (hm_eqz(type, "expandedlicensing_ListedLicense"))
			keep(cx, &s->licences, id_of(it.value), graph_text(it.value, "name"));
		if (hm_eqz(type, "security_Vulnerability"))
			keep(cx, &s->vulnerabilities, id_of(it.value),
			     graph_text(it.value, "name"));
	}
	return NULL;
}

/* ------------------------------------------------------------------ relations */

struct relation {
	struct hm_str type, from, to, comment;
};

static void say_depends(struct hm_cx *cx, struct spdx3 *s, const struct relation *r)
{
	static const char *const forward[] = { "contains",
					       "dependsOn",
					       "hasStaticLink",
					       "hasDynamicLink",
					       "hasProvidedDependency",
					       "hasOptionalDependency" };
	bool is_forward = false, is_backward = hm_eqz(r->type, "generates");
	for (size_t i = 0; i < HM_LEN(forward); i++)
		is_forward = is_forward || hm_eqz(r->type, forward[i]);
	if (!is_forward && !is_backward)
		return;
	const struct graph_item *on = hm_map_get(&s->items.at, is_backward ? r->to : r->from);
	graph_ref what = graph_item_package(&s->items, is_backward ? r->from : r->to);
	struct hm_str why = hm_fmt(cx, "Derived from SPDX %.*s relationship%s%.*s", HM_FMT(r->type),
				   r->comment.n ? " with comment: " : "", HM_FMT(r->comment));
	for (size_t i = 0; on && i < on->packages.n; i++)
		graph_say_depends(cx, s->d, on->packages.p[i], what, "UNKNOWN", why);
}

static void note_licence(struct hm_cx *cx, struct spdx3 *s, const struct relation *r)
{
	const struct hm_str *expression = hm_map_get(&s->licences, r->to);
	bool is_declared = hm_eqz(r->type, "hasDeclaredLicense");
	if (!expression || (!is_declared && !hm_eqz(r->type, "hasConcludedLicense")))
		return;
	void **slot = hm_map_slot(cx, &s->legals, r->from);
	if (!*slot)
		*slot = hm_new(cx, struct graph_legal, 1);
	struct graph_legal *legal = *slot;
	*(is_declared ? &legal->declared : &legal->discovered) = *expression;
}

static bool vex_status(struct hm_str type, enum advisory_vex_status *out)
{
	static const struct {
		const char *type;
		enum advisory_vex_status status;
	} types[] = {
		{ "affects", ADVISORY_VEX_AFFECTED },
		{ "doesNotAffect", ADVISORY_VEX_NOT_AFFECTED },
		{ "fixedIn", ADVISORY_VEX_FIXED },
		{ "underInvestigationFor", ADVISORY_VEX_UNDER_INVESTIGATION },
	};
	for (size_t i = 0; i < HM_LEN(types); i++)
		if (hm_eqz(type, types[i].type)) {
			*out = types[i].status;
			return true;
		}
	return false;
}

/* CamelCase, as the profile has it: "vulnerableCodeNotPresent". */
static struct hm_str reason_of(struct hm_cx *cx, struct hm_str word)
{
	HM_AUTO_BUF b = HM_BUF(HM_KIB);
	for (size_t i = 0; i < word.n; i++) {
		bool is_upper = word.p[i] >= 'A' && word.p[i] <= 'Z';
		hm_buf_fmt(&b, "%s%c", is_upper ? "_" : "", hm_lower_char(word.p[i]));
	}
	return hm_dup(cx, hm_buf_str(&b));
}

static void say_vex(struct hm_cx *cx, struct spdx3 *s, const struct relation *r, struct json one)
{
	const struct hm_str *id = hm_map_get(&s->vulnerabilities, r->from);
	const struct graph_item *item = hm_map_get(&s->items.at, r->to);
	struct graph_vex v = { .reason =
				       reason_of(cx, graph_text(one, "security_justificationType")),
			       .statement = graph_text(one, "security_impactStatement"),
			       .notes = graph_text(one, "security_statusNotes"),
			       .since = graph_text(one, "security_publishedTime") };
	if (!id || !item || !vex_status(r->type, &v.status))
		return;
	if (v.status == ADVISORY_VEX_AFFECTED)
		v.statement = graph_text(one, "security_actionStatement");
	graph_ref vuln = graph_doc_vulnerability(cx, s->d, *id);
	for (size_t i = 0; i < item->packages.n; i++) {
		graph_say_vex(cx, s->d, item->packages.p[i], vuln, &v);
		if (graph_is_affected(v.status))
			graph_say_vuln(cx, s->d, item->packages.p[i], vuln,
				       &(struct graph_scan){ .time = v.since });
	}
}

static void say_relations(struct hm_cx *cx, struct spdx3 *s)
{
	for (struct json_iter it = json_iter(s->graph); json_next(&it);) {
		struct relation r = { .type = graph_text(it.value, "relationshipType"),
				      .from = graph_text(it.value, "from"),
				      .comment = graph_text(it.value, "comment") };
		struct hm_strs to = { 0 };
		if (!r.type.n)
			continue;
		add_ids(cx, json_get(it.value, "to"), &to);
		for (size_t i = 0; i < to.n; i++) {
			r.to = to.p[i];
			say_depends(cx, s, &r);
			note_licence(cx, s, &r);
			say_vex(cx, s, &r, it.value);
		}
	}
}

static void say_licences(struct hm_cx *cx, struct spdx3 *s)
{
	struct graph_licences none = { 0 };
	for (size_t i = 0; i < s->legals.n; i++) {
		struct graph_legal *legal = s->legals.entries[i].value;
		const struct graph_item *item = hm_map_get(&s->items.at, s->legals.entries[i].key);
		legal->justification = HM_STR("Found in SPDX document.");
		legal->scanned = s->created;
		for (size_t k = 0; item && k < item->packages.n; k++) {
			legal->package = item->packages.p[k];
			graph_say_legal(cx, s->d, &none, legal);
		}
	}
}

/* ------------------------------------------------------------------ the whole */

static void say_guessed_top(struct hm_cx *cx, struct spdx3 *s)
{
	struct hm_str name = s->name.n ? s->name : s->uri;
	graph_ref top = graph_doc_package(cx, s->d,
					  hm_fmt(cx, "pkg:guac/spdx/%.*s",
						 HM_FMT(graph_purl_part(cx, name, true))));
	if (!top)
		return;
	*hm_push(cx, &s->top) = top;
	for (size_t i = 0; i < s->items.at.n; i++) {
		const struct graph_item *item = s->items.at.entries[i].value;
		for (size_t k = 0; k < item->packages.n; k++)
			if (item->packages.p[k] != top)
				graph_say_depends(cx, s->d, top, item->packages.p[k], "UNKNOWN",
						  HM_STR("top-level package GUAC heuristic "
							 "connecting to each file/package"));
	}
}

hm_err graph_read_spdx3(struct hm_cx *cx, struct json doc, struct hm_str digest,
			struct graph_doc *d)
{
	struct spdx3 s = { .d = d, .graph = json_get(doc, "@graph") };
	int64_t when;
	d->format = HM_STR("SPDX 3.0");
	find_roots(cx, &s);
	HM_TRY_IN(cx, hm_rfc3339_parse(cx, s.created, &when), "\"created\"");
	HM_TRY(add_elements(cx, &s));
	if (!s.items.at.n && !s.vulnerabilities.n)
		return hm_fail(cx, HM_INPUT, "it has no packages and no files");
	if (!s.top.n && s.items.at.n)
		say_guessed_top(cx, &s);
	struct graph_sbom sbom = { s.uri, digest, s.created };
	for (size_t i = 0; i < s.top_artifacts.n; i++)
		graph_say_sbom(cx, d, s.top_artifacts.p[i], &sbom);
	for (size_t i = 0; i < s.top.n && !s.top_artifacts.n; i++)
		graph_say_sbom(cx, d, s.top.p[i], &sbom);
	say_relations(cx, &s);
	graph_say_occurrences(cx, d, &s.items, "spdx package with checksum");
	say_licences(cx, &s);
	return NULL;
}
