/* SPDX-License-Identifier: Apache-2.0 */
/* ClearlyDefined (docs.clearlydefined.io): a definition, alone or in an in-toto statement of
 * GUAC's. */
#include "graph/documents/documents.h"

#define WHY "Retrieved from ClearlyDefined"

struct defined {
	struct graph_doc *d;
	graph_ref *subjects;
	size_t n;
	struct hm_str scanned;
};

static struct hm_str join(struct hm_cx *cx, struct json list, const char *between)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_GRAPH_KEY);
	for (struct json_iter it = json_iter(list); json_next(&it);)
		hm_buf_fmt(&b, "%s%.*s", b.n ? between : "", HM_FMT(json_str(it.value)));
	return hm_dup(cx, hm_buf_str(&b));
}

static void say_licences(struct hm_cx *cx, const struct defined *f, struct json licensed)
{
	struct json core = json_get(json_get(licensed, "facets"), "core");
	struct graph_licences none = { 0 };
	struct graph_legal legal = {
		.declared = graph_text(licensed, "declared"),
		.discovered =
			join(cx, json_get(json_get(core, "discovered"), "expressions"), " AND "),
		.attribution = join(cx, json_get(json_get(core, "attribution"), "parties"), ","),
		.justification = HM_STR(WHY),
		.scanned = f->scanned
	};
	for (size_t i = 0; i < f->n && (legal.declared.n || legal.discovered.n); i++) {
		legal.package = f->subjects[i];
		graph_say_legal(cx, f->d, &none, &legal);
	}
}

static bool is_commit(struct hm_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (hm_hex_digit(s.p[i]) < 0)
			return false;
	return s.n == 40;
}

/* Of "coordinates" and "sourceLocation"; "-" is an empty namespace. */
static graph_ref source_at(struct hm_cx *cx, struct graph_doc *d, struct json where)
{
	struct hm_str revision = graph_text(where, "revision");
	struct graph_source_name s = { .type = graph_text(where, "type"),
				       .space = graph_text(where, "namespace"),
				       .name = graph_text(where, "name") };
	if (hm_eqz(s.space, "-"))
		s.space = HM_STR("");
	*(is_commit(revision) ? &s.commit : &s.tag) = revision;
	return graph_doc_source(cx, d, &s);
}

static void say_source(struct hm_cx *cx, const struct defined *f, struct json definition)
{
	struct json where = json_get(json_get(definition, "described"), "sourceLocation");
	struct graph_detail t = { 0 };
	graph_ref source = source_at(cx, f->d, where);
	graph_detail_begin(&t);
	graph_detail_time(cx, &t, "knownSince",
			  graph_text(json_get(definition, "_meta"), "updated"));
	json_putz(&t.o, "justification", WHY);
	graph_ref detail = graph_detail_end(cx, f->d, &t);
	for (size_t i = 0; source && i < f->n; i++)
		if (f->d->nouns.p[f->subjects[i] - 1].kind == GRAPH_PACKAGE)
			graph_doc_fact(cx, f->d,
				       &(struct graph_fact){ .kind = GRAPH_HAS_SOURCE_AT,
							     .subject = f->subjects[i],
							     .object = source,
							     .detail = detail });
}

hm_err graph_predicate_clearlydefined(struct hm_cx *cx, const struct graph_statement *s,
				      struct graph_doc *d)
{
	struct json definition = json_get(s->predicate, "definition");
	struct defined f = { .d = d,
			     .subjects = hm_new(cx, graph_ref, s->subjects_n),
			     .scanned =
				     graph_text(json_get(s->predicate, "metadata"), "scannedOn") };
	if (!json_is_object(definition))
		return hm_fail(cx, HM_INPUT, "it has no definition");
	for (size_t i = 0; i < s->subjects_n; i++)
		if (s->subjects[i].is)
			f.subjects[f.n++] = s->subjects[i].is;
	say_licences(cx, &f, json_get(definition, "licensed"));
	say_source(cx, &f, definition);
	return NULL;
}

/* ------------------------------------------------------------------ a definition alone */

bool graph_is_clearlydefined(struct json doc)
{
	return graph_text(json_get(doc, "coordinates"), "type").n &&
	       graph_text(json_get(doc, "coordinates"), "name").n &&
	       json_is_object(json_get(doc, "licensed"));
}

/* Their types of components, and the purl's. */
static const char *purl_type(struct hm_str type)
{
	static const char *const types[][2] = {
		{ "maven", "maven" },       { "npm", "npm" },     { "pypi", "pypi" },
		{ "nuget", "nuget" },       { "gem", "gem" },     { "crate", "cargo" },
		{ "composer", "composer" }, { "deb", "deb" },     { "go", "golang" },
		{ "pod", "cocoapods" },     { "conda", "conda" },
	};
	for (size_t i = 0; i < HM_LEN(types); i++)
		if (hm_eqz(type, types[i][0]))
			return types[i][1];
	return NULL;
}

static graph_ref component(struct hm_cx *cx, struct graph_doc *d, struct json where)
{
	const char *type = purl_type(graph_text(where, "type"));
	struct hm_str space = graph_text(where, "namespace");
	struct hm_str revision = graph_text(where, "revision");
	if (!type)
		return source_at(cx, d, where);
	if (hm_eqz(space, "-"))
		space = HM_STR("");
	return graph_doc_package(
		cx, d,
		hm_fmt(cx, "pkg:%s/%.*s%s%.*s%s%.*s", type,
		       HM_FMT(graph_purl_part(cx, space, true)), space.n ? "/" : "",
		       HM_FMT(graph_purl_part(cx, graph_text(where, "name"), false)),
		       revision.n ? "@" : "", HM_FMT(graph_purl_part(cx, revision, false))));
}

hm_err graph_read_clearlydefined(struct hm_cx *cx, struct json doc, struct hm_str digest,
				 struct graph_doc *d)
{
	graph_ref subject = component(cx, d, json_get(doc, "coordinates"));
	struct json described = json_get(doc, "described");
	struct graph_entity e = { .is = subject };
	(void)digest;
	d->format = HM_STR("ClearlyDefined");
	if (!subject)
		return hm_fail(cx, HM_INPUT, "its coordinates name nothing");
	struct defined f = { .d = d,
			     .subjects = &subject,
			     .n = 1,
			     .scanned = graph_text(json_get(doc, "_meta"), "updated") };
	for (struct json_iter it = json_iter(json_get(described, "hashes")); json_next(&it);) {
		graph_ref artifact = graph_doc_artifact(cx, d, it.key, json_str(it.value));
		if (artifact)
			*hm_push(cx, &e.artifacts) = artifact;
	}
	graph_say_occurrence(cx, d, &e, WHY);
	say_licences(cx, &f, json_get(doc, "licensed"));
	say_source(cx, &f, doc);
	return NULL;
}
