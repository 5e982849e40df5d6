/* SPDX-License-Identifier: Apache-2.0 */
/* SLSA's provenance (slsa.dev, 0.1, 0.2 and 1) as an in-toto statement, and what becomes of it in
 * GUAC. */
#include "graph/documents/documents.h"

#define SLSA "https://slsa.dev/provenance/"

struct slsa {
	struct graph_doc *d;
	HM_VEC(struct graph_entity) subjects, materials;
	HM_VEC(struct graph_link) links;
};

bool graph_is_slsa(struct json doc)
{
	return hm_starts(graph_predicate_type(doc), HM_STR(SLSA));
}

static struct hm_str text(struct json object, const char *key)
{
	return json_str(json_get(object, key));
}

static struct graph_entity read_entity(struct hm_cx *cx, struct slsa *s, struct hm_str name,
				       struct hm_str uri, struct json digests)
{
	struct graph_entity e;
	graph_read_entity(cx, s->d, &(struct graph_named){ name, uri, digests }, &e);
	return e;
}

static void read_materials(struct hm_cx *cx, struct slsa *s, struct json list)
{
	for (struct json_iter it = json_iter(list); json_next(&it);) {
		struct json digests = json_get(it.value, "digest");
		struct graph_entity e = { 0 };
		if (text(it.value, "uri").n)
			e = read_entity(cx, s, text(it.value, "name"), text(it.value, "uri"),
					digests);
		else
			for (struct json_iter d = json_iter(digests); json_next(&d);)
				*hm_push(cx, &e.artifacts) =
					graph_doc_artifact(cx, s->d, d.key, json_str(d.value));
		*hm_push(cx, &s->materials) = e;
		for (size_t i = 0; i < e.artifacts.n; i++)
			if (e.artifacts.p[i])
				*hm_push(cx, &s->links) =
					(struct graph_link){ GRAPH_MATERIAL, e.artifacts.p[i] };
	}
}

static void say_occurrences(struct hm_cx *cx, struct slsa *s, const struct graph_entity *list,
			    size_t n)
{
	for (size_t i = 0; i < n; i++)
		graph_say_occurrence(cx, s->d, &list[i],
				     "from SLSA definition of checksums for subject/materials");
}

/* A value as Go prints it. */
static struct hm_str printed(struct hm_cx *cx, struct json v)
{
	struct hm_str s = json_str(v);
	if (!s.n && json_text(cx, v, &s))
		s = HM_STR("");
	return json_is_string(v) ? json_str(v) : s;
}

struct level {
	struct json_iter it;
	struct hm_str name;
	size_t i;
};

/* Each value of the predicate under the names on the way to it. */
static void put_predicate(struct hm_cx *cx, struct graph_detail *t, struct json predicate)
{
	struct level levels[64];
	size_t n = 1;
	levels[0] = (struct level){ json_iter(predicate), HM_STR("slsa"), 0 };
	json_open(&t->o, "predicate", '[');
	while (n) {
		struct level *l = &levels[n - 1];
		if (!json_next(&l->it)) {
			n--;
			continue;
		}
		struct json v = l->it.value;
		struct hm_str part = l->it.key.n ? l->it.key : hm_fmt(cx, "%zu", l->i++);
		struct hm_str name = hm_fmt(cx, "%.*s.%.*s", HM_FMT(l->name), HM_FMT(part));
		if (json_is_null(v))
			continue;
		if ((json_is_object(v) || json_is_array(v)) && n < HM_LEN(levels)) {
			levels[n++] = (struct level){ json_iter(v), name, 0 };
			continue;
		}
		struct hm_str value = printed(cx, v);
		if (!graph_detail_fits(t, name.n + value.n)) {
			t->is_cut = true;
			continue;
		}
		json_open(&t->o, NULL, '{');
		json_put_str(&t->o, "key", name);
		json_put_str(&t->o, "value", value);
		json_close(&t->o, '}');
	}
	json_close(&t->o, ']');
}

/* Builder, type, and when, by the version of the predicate. */
static graph_ref read_build(struct hm_cx *cx, struct slsa *s, struct json doc, bool is_one,
			    graph_ref *out_detail)
{
	struct json predicate = json_get(doc, "predicate");
	struct graph_detail t = { 0 };
	struct json run = is_one ? json_get(predicate, "runDetails") : predicate;
	struct json definition = json_get(predicate, "buildDefinition");
	struct json metadata = json_get(run, "metadata");
	struct hm_str type = is_one ? text(definition, "buildType") : text(predicate, "buildType");
	if (!type.n)
		type = text(json_get(predicate, "recipe"), "type");
	struct hm_str began = text(metadata, is_one ? "startedOn" : "buildStartedOn");
	struct hm_str ended = text(metadata, is_one ? "finishedOn" : "buildFinishedOn");
	read_materials(cx, s,
		       is_one ? json_get(definition, "resolvedDependencies")
			      : json_get(predicate, "materials"));
	graph_detail_begin(&t);
	graph_detail_str(cx, &t, "buildType", type);
	graph_detail_str(cx, &t, "slsaVersion", graph_predicate_type(doc));
	graph_detail_time(cx, &t, "startedOn", began);
	graph_detail_time(cx, &t, "finishedOn", ended);
	put_predicate(cx, &t, predicate);
	*out_detail = graph_detail_end(cx, s->d, &t);
	return graph_doc_noun(cx, s->d, GRAPH_BUILDER, text(json_get(run, "builder"), "id"), 0);
}

hm_err graph_read_slsa(struct hm_cx *cx, struct json doc, struct hm_str digest, struct graph_doc *d)
{
	struct slsa s = { .d = d };
	struct hm_str version = hm_from(graph_predicate_type(doc), sizeof(SLSA) - 1);
	graph_ref detail;
	(void)digest;
	d->format = hm_fmt(cx, "SLSA %.*s", HM_FMT(version));
	if (!hm_eqz(version, "v0.1") && !hm_eqz(version, "v0.2") && !hm_eqz(version, "v1"))
		return hm_fail(cx, HM_INPUT, "version \"%.*s\" is not known", HM_FMT(version));
	HM_TRY(graph_check_shape(cx, doc, graph_statement_shape));
	HM_TRY(graph_check_shape(cx, doc, graph_slsa_shape));
	for (struct json_iter it = json_iter(json_get(doc, "subject")); json_next(&it);)
		*hm_push(cx, &s.subjects) =
			read_entity(cx, &s, text(it.value, "name"), text(it.value, "uri"),
				    json_get(it.value, "digest"));
	graph_ref builder = read_build(cx, &s, doc, hm_eqz(version, "v1"), &detail);
	if (!builder)
		return hm_fail(cx, HM_INPUT, "it names no builder");
	say_occurrences(cx, &s, s.subjects.p, s.subjects.n);
	say_occurrences(cx, &s, s.materials.p, s.materials.n);
	for (size_t i = 0; i < s.subjects.n; i++)
		for (size_t k = 0; k < s.subjects.p[i].artifacts.n; k++)
			graph_doc_fact(cx, d,
				       &(struct graph_fact){ .kind = GRAPH_HAS_SLSA,
							     .subject =
								     s.subjects.p[i].artifacts.p[k],
							     .object = builder,
							     .detail = detail,
							     .links = s.links.p,
							     .links_n = s.links.n });
	return NULL;
}
