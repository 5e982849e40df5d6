/* SPDX-License-Identifier: Apache-2.0 */
/* GUAC's schema as tables: each is walked, and the schema that they make is whole. */
#include "graph/graphql/graphql.h"
#include "graph/graphql/edges.h"

#include "unit.h"

static void searches_are_whole(void **state)
{
	(void)state;
	for (const struct gql_search *s = graph_gql_searches; s->type; s++) {
		assert_true(!s->noun != !s->fact);
		assert_true(s->all[0] && s->list[0] && s->argument[0]);
		for (const struct gql_search *t = graph_gql_searches; t < s; t++) {
			assert_string_not_equal(s->type, t->type);
			assert_string_not_equal(s->connection, t->connection);
			assert_true(s->noun != t->noun || s->fact != t->fact);
		}
	}
}

static void edges_are_distinct_and_lead_somewhere(void **state)
{
	size_t n = 0;
	(void)state;
	for (const struct gql_edge_row *e = graph_gql_edges; e->name; e++) {
		assert_true(e->from_noun || e->fact);
		assert_true(!e->noun || e->as);
		for (const struct gql_edge_row *f = graph_gql_edges; f < e; f++)
			assert_string_not_equal(e->name, f->name);
		n++;
	}
	assert_int_equal(n, 86); /* as many as GUAC has */
}

static void fields_have_values_and_types(void **state)
{
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct gql_schema s;
	(void)state;
	assert_ok(graph_gql_schema(&cx, &s));
	for (const struct gql_field_row *f = graph_gql_fields; f->of; f++) {
		const struct gql_type *t = graph_gql_type(&s, hm_cstr(f->of));
		assert_non_null(f->value);
		assert_non_null(t);
		assert_int_equal(t->kind, GQL_OBJECT);
		assert_non_null(graph_gql_field(t, hm_cstr(f->name)));
	}
}

static void types_are_whole(void **state)
{
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct gql_schema s;
	(void)state;
	assert_ok(graph_gql_schema(&cx, &s));
	for (const struct gql_type_row *row = graph_gql_types; row->name; row++) {
		const struct gql_type *t = graph_gql_type(&s, hm_cstr(row->name));
		assert_int_equal(t->kind, row->kind);
		if (t->kind == GQL_INPUT)
			assert_true(t->inputs.n);
		if (t->kind == GQL_ENUM)
			assert_true(t->words.n);
		for (size_t i = 0; i < t->words.n && t->kind == GQL_UNION; i++)
			assert_int_equal(graph_gql_type(&s, t->words.p[i])->kind, GQL_OBJECT);
	}
	for (size_t i = 0; i < s.by_name.n; i++) {
		const struct gql_type *t = s.by_name.entries[i].value;
		if (t->kind == GQL_OBJECT && !t->fields.n)
			fail_msg("%s has no fields", hm_dupz(&cx, t->name));
		for (size_t k = 0; k < t->fields.n; k++)
			assert_true(t->fields.p[k].ref.type->kind != GQL_INPUT);
		for (size_t k = 0; k < t->inputs.n; k++)
			assert_true(t->inputs.p[k].ref.type->kind != GQL_OBJECT &&
				    t->inputs.p[k].ref.type->kind != GQL_UNION);
	}
}

static void ids_stand_for_one_thing(void **state)
{
	static const struct {
		const char *id;
		enum gql_id_kind kind;
		int64_t number;
		const char *text;
	} rows[] = {
		{ "17", GQL_ID_NOUN, 17, "" },
		{ "f17", GQL_ID_FACT, 17, "" },
		{ "t:npm", GQL_ID_PART, 0, "npm" },
		{ "n:npm/@a", GQL_ID_PART, 0, "npm/@a" },
		{ "sn:git/github.com/a", GQL_ID_PART, 0, "git/github.com/a" },
		{ "vt:cve", GQL_ID_PART, 0, "cve" },
		{ "", GQL_ID_NONE, 0, "" },
		{ "f", GQL_ID_NONE, 0, "" },
		{ "-1", GQL_ID_NONE, 0, "" },
		{ "ff1", GQL_ID_NONE, 0, "" },
		{ "9223372036854775808", GQL_ID_NONE, 0, "" },
		{ "1' OR '1'='1", GQL_ID_NONE, 0, "" },
	};
	(void)state;
	for (size_t i = 0; i < HM_LEN(rows); i++) {
		struct gql_id id = graph_gql_id(hm_cstr(rows[i].id));
		assert_int_equal(id.kind, rows[i].kind);
		assert_int_equal(id.number, rows[i].number);
		assert_strz(id.text, rows[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(searches_are_whole),
		cmocka_unit_test(edges_are_distinct_and_lead_somewhere),
		cmocka_unit_test(fields_have_values_and_types),
		cmocka_unit_test(types_are_whole),
		cmocka_unit_test(ids_stand_for_one_thing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
