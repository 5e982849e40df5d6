/* SPDX-License-Identifier: Apache-2.0 */
/* The schema about itself (October 2021, 4). A type as it is asked about is a reference: what is
 * wrapped around its name comes off layer by layer. */
#include "graph/graphql/fields.h"

#define FIELD(name)                                                              \
	hm_err graph_gql_in_##name(struct gql_run *r, const struct gql_thing *t, \
				   const struct gql_call *c, struct gql_value *out)
#define UNUSED ((void)r, (void)t, (void)c)

static struct gql_value type_thing(struct gql_run *r, struct gql_ref ref)
{
	struct gql_ref *own = hm_new(r->scratch, struct gql_ref, 1);
	*own = ref;
	return graph_gql_thing(r, "__Type", own);
}

static const struct gql_ref *ref_of(const struct gql_thing *t)
{
	return t->of;
}

static bool is_wrapped(const struct gql_thing *t)
{
	return ref_of(t)->is_needed || ref_of(t)->is_list;
}

/* Nothing, unless it is a named type of this kind. */
static struct gql_values *list_for(struct gql_run *r, const struct gql_thing *t, enum gql_kind kind,
				   struct gql_value *out)
{
	*out = (struct gql_value){ .kind = GQL_NULL };
	if (is_wrapped(t) || ref_of(t)->type->kind != kind)
		return NULL;
	struct gql_values *list = hm_new(r->scratch, struct gql_values, 1);
	*out = graph_gql_list(list);
	return list;
}

/* ------------------------------------------------------------------ Query */

FIELD(schema)
{
	UNUSED;
	*out = graph_gql_thing(r, "__Schema", r->schema);
	return NULL;
}

FIELD(type)
{
	const struct gql_type *type =
		graph_gql_type(r->schema, json_str(json_get(c->args, "name")));
	UNUSED;
	*out = (struct gql_value){ .kind = GQL_NULL };
	if (type)
		*out = type_thing(r, (struct gql_ref){ .type = type });
	return NULL;
}

/* ------------------------------------------------------------------ __Schema */

FIELD(types)
{
	struct gql_values *list = hm_new(r->scratch, struct gql_values, 1);
	UNUSED;
	for (size_t i = 0; i < r->schema->by_name.n; i++)
		*hm_push(r->scratch, list) =
			type_thing(r,
				   (struct gql_ref){ .type = r->schema->by_name.entries[i].value });
	*out = graph_gql_list(list);
	return NULL;
}

FIELD(query_type)
{
	UNUSED;
	*out = type_thing(r, (struct gql_ref){ .type = r->schema->query });
	return NULL;
}

FIELD(directives)
{
	struct gql_values *list = hm_new(r->scratch, struct gql_values, 1);
	UNUSED;
	for (size_t i = 0; i < r->schema->directives.n; i++)
		*hm_push(r->scratch, list) =
			graph_gql_thing(r, "__Directive", &r->schema->directives.p[i]);
	*out = graph_gql_list(list);
	return NULL;
}

/* ------------------------------------------------------------------ __Type */

FIELD(kind)
{
	static const char *const kinds[] = { [GQL_SCALAR] = "SCALAR",
					     [GQL_OBJECT] = "OBJECT",
					     [GQL_UNION] = "UNION",
					     [GQL_ENUM] = "ENUM",
					     [GQL_INPUT] = "INPUT_OBJECT" };
	UNUSED;
	*out = graph_gql_text(hm_cstr(ref_of(t)->is_needed ? "NON_NULL"
				      : ref_of(t)->is_list ? "LIST"
							   : kinds[ref_of(t)->type->kind]));
	return NULL;
}

FIELD(type_name)
{
	UNUSED;
	*out = is_wrapped(t) ? (struct gql_value){ .kind = GQL_NULL }
			     : graph_gql_text(ref_of(t)->type->name);
	return NULL;
}

FIELD(of)
{
	struct gql_ref ref = *ref_of(t);
	UNUSED;
	*out = (struct gql_value){ .kind = GQL_NULL };
	if (ref.is_needed)
		ref.is_needed = false;
	else if (ref.is_list)
		ref = (struct gql_ref){ .type = ref.type, .is_needed = ref.items_needed };
	else
		return NULL;
	*out = type_thing(r, ref);
	return NULL;
}

FIELD(fields)
{
	struct gql_values *list = list_for(r, t, GQL_OBJECT, out);
	UNUSED;
	for (size_t i = 0; list && i < ref_of(t)->type->fields.n; i++) {
		const struct gql_field *f = &ref_of(t)->type->fields.p[i];
		if (!hm_starts(f->name, HM_STR("__")))
			*hm_push(r->scratch, list) = graph_gql_thing(r, "__Field", f);
	}
	return NULL;
}

FIELD(interfaces)
{
	UNUSED;
	list_for(r, t, GQL_OBJECT, out);
	return NULL;
}

FIELD(possible)
{
	struct gql_values *list = list_for(r, t, GQL_UNION, out);
	UNUSED;
	for (size_t i = 0; list && i < ref_of(t)->type->words.n; i++)
		*hm_push(r->scratch, list) = type_thing(
			r, (struct gql_ref){ .type = graph_gql_type(r->schema,
								    ref_of(t)->type->words.p[i]) });
	return NULL;
}

FIELD(words)
{
	struct gql_values *list = list_for(r, t, GQL_ENUM, out);
	UNUSED;
	for (size_t i = 0; list && i < ref_of(t)->type->words.n; i++)
		*hm_push(r->scratch, list) =
			graph_gql_thing(r, "__EnumValue", &ref_of(t)->type->words.p[i]);
	return NULL;
}

static struct gql_value list_inputs(struct gql_run *r, const struct gql_inputs *inputs,
				    struct gql_values *list)
{
	for (size_t i = 0; i < inputs->n; i++)
		*hm_push(r->scratch, list) = graph_gql_thing(r, "__InputValue", &inputs->p[i]);
	return graph_gql_list(list);
}

FIELD(inputs)
{
	struct gql_values *list = list_for(r, t, GQL_INPUT, out);
	UNUSED;
	if (list)
		list_inputs(r, &ref_of(t)->type->inputs, list);
	return NULL;
}

/* ------------------------------------------------------------------ what types have */

/* All of them begin with their name. */
_Static_assert(offsetof(struct gql_field, name) == 0 && offsetof(struct gql_input, name) == 0 &&
		       offsetof(struct gql_directive, name) == 0,
	       "their name stands first");

FIELD(name)
{
	UNUSED;
	*out = graph_gql_text(*(const struct hm_str *)t->of);
	return NULL;
}

FIELD(args)
{
	UNUSED;
	*out = list_inputs(r, &((const struct gql_field *)t->of)->inputs,
			   hm_new(r->scratch, struct gql_values, 1));
	return NULL;
}

FIELD(directive_args)
{
	UNUSED;
	*out = list_inputs(r, &((const struct gql_directive *)t->of)->inputs,
			   hm_new(r->scratch, struct gql_values, 1));
	return NULL;
}

FIELD(field_type)
{
	UNUSED;
	*out = type_thing(r, ((const struct gql_field *)t->of)->ref);
	return NULL;
}

FIELD(input_type)
{
	UNUSED;
	*out = type_thing(r, ((const struct gql_input *)t->of)->ref);
	return NULL;
}

FIELD(preset)
{
	struct hm_str preset = ((const struct gql_input *)t->of)->preset;
	UNUSED;
	*out = preset.n ? graph_gql_text(preset) : (struct gql_value){ .kind = GQL_NULL };
	return NULL;
}

FIELD(false)
{
	UNUSED;
	*out = (struct gql_value){ .kind = GQL_BOOL };
	return NULL;
}

FIELD(locations)
{
	struct gql_values *list = hm_new(r->scratch, struct gql_values, 1);
	struct hm_str rest = ((const struct gql_directive *)t->of)->locations;
	UNUSED;
	while (rest.n)
		*hm_push(r->scratch, list) = graph_gql_text(hm_cut(&rest, ' '));
	*out = graph_gql_list(list);
	return NULL;
}
