/* SPDX-License-Identifier: Apache-2.0 */
/* The schema, out of its tables. */
#include "graph/graphql/edges.h"
#include "graph/graphql/fields.h"

struct building {
	struct hm_cx *cx;
	struct gql_schema *s;
	hm_err err; /* a name that no table has: a defect of ours, which a test finds */
};

static struct gql_type *add_type(struct building *b, struct hm_str name, enum gql_kind kind)
{
	struct gql_type *t = hm_map_get(&b->s->by_name, name);
	if (t)
		return t;
	t = hm_new(b->cx, struct gql_type, 1);
	t->name = name;
	t->kind = kind;
	hm_map_put(b->cx, &b->s->by_name, name, t);
	return t;
}

/* "[Package!]!" */
static struct gql_ref read_ref(struct building *b, struct hm_str text)
{
	struct gql_ref ref = { 0 };
	struct hm_str name = text;
	if (hm_ends(name, HM_STR("!"))) {
		ref.is_needed = true;
		name.n--;
	}
	if (hm_starts(name, HM_STR("["))) {
		ref.is_list = true;
		name = hm_sub(name, 1, name.n - 2);
		if (hm_ends(name, HM_STR("!"))) {
			ref.items_needed = true;
			name.n--;
		}
	}
	ref.type = hm_map_get(&b->s->by_name, name);
	if (!ref.type && !b->err)
		b->err = hm_fail(b->cx, HM_SYSTEM, "there is no type \"%.*s\"", HM_FMT(name));
	return ref;
}

/* "id:ID name:String=[]" */
static void read_inputs(struct building *b, const char *text, struct gql_inputs *out)
{
	struct hm_str rest = hm_cstr(text);
	while (rest.n) {
		struct hm_str preset = hm_cut(&rest, ' '), type = hm_cut(&preset, '=');
		struct hm_str name = hm_cut(&type, ':');
		*hm_push(b->cx, out) = (struct gql_input){ .name = name,
							   .preset = preset,
							   .ref = read_ref(b, type) };
	}
}

static void add_field(struct building *b, const char *of, const struct gql_field_row *row,
		      const struct gql_search *search)
{
	struct gql_type *t = hm_map_get(&b->s->by_name, hm_cstr(of));
	struct gql_field *f = hm_push(b->cx, &t->fields);
	*f = (struct gql_field){ .name = hm_cstr(row->name),
				 .ref = read_ref(b, hm_cstr(row->type)),
				 .value = row->value,
				 .search = search };
	read_inputs(b, row->arguments, &f->inputs);
}

/* All names before anything refers to them. */
static void name_types(struct building *b)
{
	for (const struct gql_type_row *t = graph_gql_types; t->name; t++)
		add_type(b, hm_cstr(t->name), t->kind);
	for (const struct gql_search *s = graph_gql_searches; s->type; s++) {
		add_type(b, hm_cstr(s->type), GQL_OBJECT)->search = s;
		add_type(b, hm_cstr(s->connection), GQL_OBJECT);
		add_type(b, hm_cstr(s->edge), GQL_OBJECT);
	}
	for (const struct gql_field_row *f = graph_gql_fields; f->of; f++)
		add_type(b, hm_cstr(f->of), GQL_OBJECT);
}

static void read_types(struct building *b)
{
	for (const struct gql_type_row *row = graph_gql_types; row->name; row++) {
		struct gql_type *t = hm_map_get(&b->s->by_name, hm_cstr(row->name));
		struct hm_str rest = hm_cstr(row->words);
		if (row->kind == GQL_INPUT)
			read_inputs(b, row->words, &t->inputs);
		else
			while (rest.n)
				*hm_push(b->cx, &t->words) = hm_cut(&rest, ' ');
		for (size_t i = 0; !row->words && graph_gql_edges[i].name; i++)
			*hm_push(b->cx, &t->words) = hm_cstr(graph_gql_edges[i].name);
	}
}

/* Two fields of Query, and the types of their pages. */
static void add_search(struct building *b, const struct gql_search *s)
{
	const char *spec = hm_fmt(b->cx, "%s:%s!", s->argument, s->spec).p;
	const struct gql_field_row rows[] = {
		{ "Query", s->all, hm_fmt(b->cx, "[%s!]!", s->type).p, graph_gql_all, spec },
		{ "Query", s->list, s->connection, graph_gql_page,
		  hm_fmt(b->cx, "%s after:ID first:Int", spec).p },
		{ s->connection, "totalCount", "Int!", graph_gql_total, NULL },
		{ s->connection, "pageInfo", "PageInfo!", graph_gql_same, NULL },
		{ s->connection, "edges", hm_fmt(b->cx, "[%s!]!", s->edge).p, graph_gql_page_edges,
		  NULL },
		{ s->edge, "cursor", "ID!", graph_gql_edge_cursor, NULL },
		{ s->edge, "node", hm_fmt(b->cx, "%s!", s->type).p, graph_gql_edge_node, NULL },
	};
	for (size_t i = 0; i < HM_LEN(rows); i++)
		add_field(b, rows[i].of, &rows[i], s);
}

hm_err graph_gql_schema(struct hm_cx *cx, struct gql_schema *out)
{
	static const struct {
		struct hm_str name, locations;
	} directives[] = {
		{ HM_STR_INIT("include"), HM_STR_INIT("FIELD FRAGMENT_SPREAD INLINE_FRAGMENT") },
		{ HM_STR_INIT("skip"), HM_STR_INIT("FIELD FRAGMENT_SPREAD INLINE_FRAGMENT") },
	};
	struct building b = { .cx = cx, .s = out };
	*out = (struct gql_schema){ 0 };
	name_types(&b);
	read_types(&b);
	for (const struct gql_search *s = graph_gql_searches; s->type; s++)
		add_search(&b, s);
	for (const struct gql_field_row *f = graph_gql_fields; f->of; f++)
		add_field(&b, f->of, f, NULL);
	out->query = graph_gql_type(out, HM_STR("Query"));
	for (size_t i = 0; i < HM_LEN(directives); i++) {
		struct gql_directive *d = hm_push(cx, &out->directives);
		*d = (struct gql_directive){ .name = directives[i].name,
					     .locations = directives[i].locations };
		read_inputs(&b, "if:Boolean!", &d->inputs);
	}
	return b.err;
}
