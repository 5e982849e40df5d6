/* SPDX-License-Identifier: Apache-2.0 */
/* Types and fields by name, and values. */
#include "graph/graphql/graphql.h"

const struct gql_type *graph_gql_type(const struct gql_schema *s, struct hm_str name)
{
	return hm_map_get(&s->by_name, name);
}

const struct gql_field *graph_gql_field(const struct gql_type *t, struct hm_str name)
{
	for (size_t i = 0; i < t->fields.n; i++)
		if (hm_eq(t->fields.p[i].name, name))
			return &t->fields.p[i];
	return NULL;
}

const struct gql_input *graph_gql_input(const struct gql_inputs *list, struct hm_str name)
{
	for (size_t i = 0; i < list->n; i++)
		if (hm_eq(list->p[i].name, name))
			return &list->p[i];
	return NULL;
}

struct gql_value graph_gql_thing(struct gql_run *r, const char *type, const void *of)
{
	struct gql_thing *t = hm_new(r->scratch, struct gql_thing, 1);
	t->type = graph_gql_type(r->schema, hm_cstr(type));
	t->of = of;
	return (struct gql_value){ .kind = GQL_THING, .thing = t };
}

struct gql_value graph_gql_list(const struct gql_values *list)
{
	return (struct gql_value){ .kind = GQL_LIST, .list = list };
}

bool graph_gql_is(const struct gql_type *t, const struct gql_type *of)
{
	return t == of || (of->kind == GQL_UNION && hm_strs_has(&of->words, t->name));
}
