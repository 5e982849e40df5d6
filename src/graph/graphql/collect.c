/* SPDX-License-Identifier: Apache-2.0 */
/* What is selected of an object (October 2021, 6.3.2): fields by their keys, those of fragments
 * that are for its type among them, and without what @skip and @include leave out. */
#include "graph/graphql/graphql.h"

struct selections {
	uint32_t *p;
	size_t n, cap;
};
struct collecting {
	struct gql_run *r;
	struct gql_set *set;
	struct hm_map keys, fragments; /* keys: place + 1; fragments that were looked at */
	struct hm_atoms places;
	struct selections todo; /* nodes, the next one last */
};

static const struct graphql_node *node_at(const struct gql_run *r, uint32_t at)
{
	return &r->document->p[at];
}

/* Is it left out? */
static hm_err is_left_out(struct gql_run *r, const struct graphql_node *n, bool *out)
{
	*out = false;
	for (uint32_t at = n->directives; at; at = node_at(r, at)->next) {
		const struct graphql_node *d = node_at(r, at);
		bool is_skip = hm_eqz(d->name, "skip");
		struct json args;
		for (size_t i = 0; i < r->schema->directives.n; i++) {
			const struct gql_directive *known = &r->schema->directives.p[i];
			if (!hm_eq(known->name, d->name))
				continue;
			HM_TRY(graph_gql_arguments(r, d->arguments, &known->inputs, &args));
			*out |= json_bool(json_get(args, "if")) == is_skip;
		}
	}
	return NULL;
}

static hm_err fail_at(struct gql_run *r, const struct graphql_node *n, const char *why)
{
	return hm_fail(r->cx, HM_INPUT, "line %u, column %u: %s", n->line, n->column, why);
}

/* "__typename" is there of every type. */
static const struct gql_field typename_field = { .name = HM_STR_INIT("__typename") };

static hm_err add_field(struct collecting *c, uint32_t at)
{
	struct gql_run *r = c->r;
	const struct graphql_node *n = node_at(r, at);
	size_t place = hm_atom(r->cx, &c->places, n->alias);
	const struct gql_field *f = hm_eqz(n->name, "__typename")
					    ? &typename_field
					    : graph_gql_field(c->set->type, n->name);
	if (!f)
		return fail_at(r, n, "there is no such field");
	if (place > c->set->n) {
		struct gql_picked *p = hm_push(r->cx, c->set);
		p->key = n->alias;
		p->call.field = f;
		if (f != &typename_field)
			HM_TRY(graph_gql_arguments(r, n->arguments, &f->inputs, &p->call.args));
	}
	struct gql_picked *p = &c->set->p[place - 1];
	if (p->call.field != f ||
	    (p->nodes.n && !graph_gql_same_arguments(r->document, n->arguments,
						     node_at(r, p->nodes.p[0])->arguments)))
		return fail_at(r, n, "two fields have the same key, and differ");
	*hm_push(r->cx, &p->nodes) = at;
	return NULL;
}

/* Its selection comes next, in its order. */
static void add_selection(struct collecting *c, uint32_t first)
{
	size_t from = c->todo.n;
	for (uint32_t at = first; at; at = node_at(c->r, at)->next)
		*hm_push(c->r->cx, &c->todo) = at;
	for (size_t i = from, k = c->todo.n; i + 1 < k; i++, k--) {
		uint32_t other = c->todo.p[i];
		c->todo.p[i] = c->todo.p[k - 1];
		c->todo.p[k - 1] = other;
	}
}

static bool is_for(const struct collecting *c, struct hm_str condition)
{
	const struct gql_type *t = graph_gql_type(c->r->schema, condition);
	return !condition.n || (t && graph_gql_is(c->set->type, t));
}

static void add_fragment(struct collecting *c, struct hm_str name)
{
	if (hm_map_has(&c->fragments, name))
		return;
	hm_map_put(c->r->cx, &c->fragments, name, c);
	for (uint32_t at = c->r->document->first; at; at = node_at(c->r, at)->next) {
		const struct graphql_node *f = node_at(c->r, at);
		if (f->kind == GRAPHQL_FRAGMENT && hm_eq(f->name, name) && is_for(c, f->type))
			add_selection(c, f->children);
	}
}

hm_err graph_gql_collect(struct gql_run *r, const uint32_t *nodes, size_t nodes_n,
			 const struct gql_type *type, struct gql_set **out)
{
	struct collecting c = { .r = r, .set = hm_new(r->cx, struct gql_set, 1) };
	c.set->type = type;
	for (size_t i = nodes_n; i > 0; i--)
		add_selection(&c, node_at(r, nodes[i - 1])->children);
	while (c.todo.n) {
		uint32_t at = c.todo.p[--c.todo.n];
		const struct graphql_node *n = node_at(r, at);
		bool left_out;
		HM_TRY(is_left_out(r, n, &left_out));
		if (left_out)
			continue;
		if (n->kind == GRAPHQL_FIELD)
			HM_TRY(add_field(&c, at));
		else if (n->kind == GRAPHQL_SPREAD)
			add_fragment(&c, n->name);
		else if (is_for(&c, n->type))
			add_selection(&c, n->children);
	}
	*out = c.set;
	return NULL;
}
