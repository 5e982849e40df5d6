/* SPDX-License-Identifier: Apache-2.0 */
/* Fields of facts, of nouns and of pages: one function each. */
#include "graph/graphql/fields.h"

#define FIELD(name)                                                           \
	hm_err graph_gql_##name(struct gql_run *r, const struct gql_thing *t, \
				const struct gql_call *c, struct gql_value *out)
#define UNUSED ((void)r, (void)t, (void)c)

/* ------------------------------------------------------------------ facts */

static const struct gql_fact *fact_of(const struct gql_thing *t)
{
	return t->of;
}

FIELD(id_of_fact)
{
	UNUSED;
	*out = graph_gql_text(graph_gql_fact_id(r, fact_of(t)->id));
	return NULL;
}

FIELD(subject)
{
	UNUSED;
	return graph_gql_noun(r, &fact_of(t)->subject, out);
}

FIELD(object)
{
	UNUSED;
	return graph_gql_noun(r, &fact_of(t)->object, out);
}

FIELD(both)
{
	struct gql_values *list = hm_new(r->scratch, struct gql_values, 1);
	struct gql_value v;
	UNUSED;
	HM_TRY(graph_gql_noun(r, &fact_of(t)->subject, &v));
	*hm_push(r->scratch, list) = v;
	HM_TRY(graph_gql_noun(r, &fact_of(t)->object, &v));
	*hm_push(r->scratch, list) = v;
	*out = graph_gql_list(list);
	return NULL;
}

/* What a document does not say, where it may not be missing. */
static struct gql_value default_of(const struct gql_type *type)
{
	struct hm_str text = HM_STR("");
	if (hm_eqz(type->name, "Time"))
		text = HM_STR("0001-01-01T00:00:00Z");
	else if (hm_eqz(type->name, "DependencyType"))
		text = HM_STR("UNKNOWN");
	else if (hm_eqz(type->name, "VexJustification"))
		text = HM_STR("NOT_PROVIDED");
	else if (type->kind == GQL_ENUM)
		text = type->words.p[0];
	return hm_eqz(type->name, "Float") ? (struct gql_value){ .kind = GQL_REAL }
	       : hm_eqz(type->name, "Int") ? (struct gql_value){ .kind = GQL_INT }
					   : graph_gql_text(text);
}

/* A value of JSON as one of the field's type. */
static struct gql_value value_of(struct json v, const struct gql_ref *ref)
{
	struct gql_value out = { .kind = GQL_NULL };
	struct hm_str text = json_str(v);
	bool fits = json_is_string(v) &&
		    (ref->type->kind != GQL_ENUM || hm_strs_has(&ref->type->words, text));
	if (hm_eqz(ref->type->name, "Float") && json_is_number(v))
		return (struct gql_value){ .kind = GQL_REAL, .real = json_real(v) };
	if (hm_eqz(ref->type->name, "Int") && json_int(v, &out.number)) {
		out.kind = GQL_INT;
		return out;
	}
	if (fits && (text.n || !hm_eqz(ref->type->name, "Time")))
		return graph_gql_text(text);
	return ref->is_needed ? default_of(ref->type) : out;
}

FIELD(detail)
{
	UNUSED;
	*out = value_of(json_get_str(fact_of(t)->detail, c->field->name), &c->field->ref);
	return NULL;
}

/* A list of objects in the detail: checks, predicates. */
static hm_err list_of(struct gql_run *r, struct json list, const struct gql_call *c,
		      struct gql_value *out)
{
	struct gql_values *all = hm_new(r->scratch, struct gql_values, 1);
	for (struct json_iter it = json_iter(list); json_next(&it);) {
		struct json *own = hm_new(r->scratch, struct json, 1);
		*own = it.value;
		*hm_push(r->scratch, all) =
			graph_gql_thing(r, hm_dupz(r->scratch, c->field->ref.type->name), own);
	}
	*out = graph_gql_list(all);
	return NULL;
}

FIELD(checks)
{
	return list_of(r, json_get(fact_of(t)->detail, "checks"), c, out);
}

FIELD(predicate)
{
	return list_of(r, json_get(fact_of(t)->detail, "predicate"), c, out);
}

FIELD(member)
{
	const struct json *v = t->of;
	UNUSED;
	*out = value_of(json_get_str(*v, c->field->name), &c->field->ref);
	return NULL;
}

FIELD(origin)
{
	UNUSED;
	*out = graph_gql_text(fact_of(t)->origin);
	return NULL;
}

/* Where an SBOM was found, unless it says where it can be had. */
FIELD(location)
{
	UNUSED;
	struct hm_str said = json_str(json_get_str(fact_of(t)->detail, c->field->name));
	*out = graph_gql_text(said.n ? said : fact_of(t)->origin);
	return NULL;
}

FIELD(collector)
{
	UNUSED;
	*out = graph_gql_text(fact_of(t)->collector);
	return NULL;
}

FIELD(reference)
{
	UNUSED;
	*out = graph_gql_text(
		hm_fmt(r->scratch, "sha256_%.*s", HM_FMT(hm_from(fact_of(t)->digest, 7))));
	return NULL;
}

/* What a type of its own says of the same fact. */
FIELD(same)
{
	UNUSED;
	*out = graph_gql_thing(r, hm_dupz(r->scratch, c->field->ref.type->name), t->of);
	return NULL;
}

static hm_err links_of(struct gql_run *r, const struct gql_thing *t, int role,
		       struct gql_value *out)
{
	struct gql_values *list = hm_new(r->scratch, struct gql_values, 1);
	*out = graph_gql_list(list);
	return graph_gql_links(r, fact_of(t)->id, role, list);
}

FIELD(declared)
{
	UNUSED;
	return links_of(r, t, GRAPH_DECLARED, out);
}

FIELD(discovered)
{
	UNUSED;
	return links_of(r, t, GRAPH_DISCOVERED, out);
}

FIELD(materials)
{
	UNUSED;
	return links_of(r, t, GRAPH_MATERIAL, out);
}

/* --- what an SBOM includes --- */

struct included {
	struct gql_run *r;
	struct gql_values *out;
};

static hm_err add_fact(struct gql_run *r, void *arg, const struct gql_fact *f)
{
	struct included *w = arg;
	if (w->out->n >= HM_MAX_GRAPHQL_ROWS)
		return hm_fail(r->scratch, HM_LIMIT, "an SBOM includes more than %u",
			       (unsigned)HM_MAX_GRAPHQL_ROWS);
	*hm_push(r->scratch, w->out) = graph_gql_fact_thing(r, f);
	return NULL;
}

static hm_err facts_of(struct gql_run *r, const struct gql_thing *t, enum graph_fact_kind kind,
		       struct gql_value *out)
{
	struct included w = { r, hm_new(r->scratch, struct gql_values, 1) };
	*out = graph_gql_list(w.out);
	return graph_gql_facts(r,
			       &(struct gql_where){ .by = GQL_BY_DOCUMENT,
						    .number = fact_of(t)->document,
						    .kind = kind },
			       add_fact, &w);
}

FIELD(dependencies)
{
	UNUSED;
	return facts_of(r, t, GRAPH_IS_DEPENDENCY, out);
}

FIELD(occurrences)
{
	UNUSED;
	return facts_of(r, t, GRAPH_IS_OCCURRENCE, out);
}

static hm_err add_noun(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	struct included *w = arg;
	struct gql_noun n = { row[0].number, (enum graph_noun_kind)row[1].number,
			      hm_dup(w->r->scratch, row[2].text) };
	struct gql_value v;
	(void)cx;
	HM_TRY(graph_gql_noun(w->r, &n, &v));
	*hm_push(w->r->scratch, w->out) = v;
	return NULL;
}

FIELD(included)
{
	struct included w = { r, hm_new(r->scratch, struct gql_values, 1) };
	UNUSED;
	*out = graph_gql_list(w.out);
	return store_run(r->scratch, r->use, GQL_INCLUDED_SOFTWARE,
			 STORE_VALUES(store_int(fact_of(t)->document)), add_noun, &w);
}

/* ------------------------------------------------------------------ parts of paths */

static const struct gql_tree *tree_of(const struct gql_thing *t)
{
	return t->of;
}

/* Absent where it may be, and is empty. */
static struct gql_value text_or_null(const struct gql_call *c, struct hm_str text)
{
	return text.n || c->field->ref.is_needed ? graph_gql_text(text)
						 : (struct gql_value){ .kind = GQL_NULL };
}

FIELD(part_id)
{
	UNUSED;
	*out = graph_gql_text(tree_of(t)->id);
	return NULL;
}

FIELD(part_text)
{
	UNUSED;
	*out = graph_gql_text(tree_of(t)->text);
	return NULL;
}

FIELD(below)
{
	UNUSED;
	*out = graph_gql_list(&tree_of(t)->below);
	return NULL;
}

FIELD(purl)
{
	UNUSED;
	*out = graph_gql_text(tree_of(t)->purl);
	return NULL;
}

FIELD(subpath)
{
	UNUSED;
	*out = graph_gql_text(tree_of(t)->subpath);
	return NULL;
}

FIELD(tag)
{
	UNUSED;
	*out = text_or_null(c, tree_of(t)->tag);
	return NULL;
}

FIELD(commit)
{
	UNUSED;
	*out = text_or_null(c, tree_of(t)->commit);
	return NULL;
}

FIELD(qualifiers)
{
	struct gql_values *all = hm_new(r->scratch, struct gql_values, 1);
	UNUSED;
	for (size_t i = 0; i < tree_of(t)->qualifiers.n; i++)
		*hm_push(r->scratch, all) =
			graph_gql_thing(r, "PackageQualifier", &tree_of(t)->qualifiers.p[i]);
	*out = graph_gql_list(all);
	return NULL;
}

FIELD(qualifier_key)
{
	struct hm_str rest = *(const struct hm_str *)t->of;
	UNUSED;
	*out = graph_gql_text(hm_cut(&rest, '='));
	return NULL;
}

FIELD(qualifier_value)
{
	struct hm_str rest = *(const struct hm_str *)t->of;
	UNUSED;
	hm_cut(&rest, '=');
	*out = graph_gql_text(rest);
	return NULL;
}

/* ------------------------------------------------------------------ other nouns */

static const struct gql_noun *noun_of(const struct gql_thing *t)
{
	return t->of;
}

FIELD(noun_id_of)
{
	UNUSED;
	*out = graph_gql_text(graph_gql_noun_id(r, noun_of(t)->id));
	return NULL;
}

FIELD(key)
{
	UNUSED;
	*out = graph_gql_text(noun_of(t)->key);
	return NULL;
}

/* Before the mark and behind it: of "sha256:ab" and of "MIT@3.20". */
static hm_err half_of(const struct gql_thing *t, char mark, bool second, const struct gql_call *c,
		      struct gql_value *out)
{
	struct hm_str rest = noun_of(t)->key, head = hm_cut(&rest, mark);
	*out = text_or_null(c, second ? rest : head);
	return NULL;
}

FIELD(algorithm)
{
	UNUSED;
	return half_of(t, ':', false, c, out);
}

FIELD(digest)
{
	UNUSED;
	return half_of(t, ':', true, c, out);
}

FIELD(licence_name)
{
	UNUSED;
	return half_of(t, '@', false, c, out);
}

FIELD(licence_list)
{
	UNUSED;
	return half_of(t, '@', true, c, out);
}

FIELD(nothing)
{
	UNUSED;
	*out = (struct gql_value){ .kind = GQL_NULL };
	return NULL;
}

/* ------------------------------------------------------------------ pages */

static const struct gql_page *page_of(const struct gql_thing *t)
{
	return t->of;
}

FIELD(total)
{
	UNUSED;
	*out = (struct gql_value){ .kind = GQL_INT, .number = (int64_t)page_of(t)->total };
	return NULL;
}

FIELD(page_edges)
{
	UNUSED;
	*out = graph_gql_list(&page_of(t)->nodes);
	return NULL;
}

FIELD(has_next)
{
	UNUSED;
	*out = (struct gql_value){ .kind = GQL_BOOL, .number = page_of(t)->has_next };
	return NULL;
}

FIELD(start)
{
	UNUSED;
	*out = graph_gql_text(page_of(t)->cursors.p[0]);
	return NULL;
}

FIELD(end)
{
	UNUSED;
	*out = graph_gql_text(page_of(t)->cursors.p[page_of(t)->cursors.n - 1]);
	return NULL;
}

FIELD(edge_cursor)
{
	UNUSED;
	*out = graph_gql_text(((const struct gql_edge *)t->of)->cursor);
	return NULL;
}

FIELD(edge_node)
{
	UNUSED;
	*out = ((const struct gql_edge *)t->of)->node;
	return NULL;
}
