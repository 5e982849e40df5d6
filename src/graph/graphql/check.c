/* SPDX-License-Identifier: Apache-2.0 */
/* Is a document of the schema? Each operation and fragment is walked once, and so is the graph of
 * which fragment uses which (October 2021, 5). */
#include "graph/graphql/graphql.h"

struct place {
	uint32_t first; /* of a selection */
	const struct gql_type *type;
	uint32_t depth;
};
struct places {
	struct place *p;
	size_t n, cap;
};

static const struct graphql_node *node_at(const struct gql_run *r, uint32_t at)
{
	return &r->document->p[at];
}

static hm_err refuse(struct gql_run *r, const struct graphql_node *n, struct hm_str why)
{
	return hm_fail(r->cx, HM_INPUT, "line %u, column %u: %.*s", n->line, n->column,
		       HM_FMT(why));
}

static bool is_composite(const struct gql_type *t)
{
	return t->kind == GQL_OBJECT || t->kind == GQL_UNION;
}

/* Do objects of both types overlap? */
static bool may_meet(const struct gql_type *a, const struct gql_type *b)
{
	if (a == b || graph_gql_is(a, b) || graph_gql_is(b, a))
		return true;
	for (size_t i = 0; i < a->words.n && a->kind == GQL_UNION && b->kind == GQL_UNION; i++)
		if (hm_strs_has(&b->words, a->words.p[i]))
			return true;
	return false;
}

/* ------------------------------------------------------------------ parts of a selection */

static hm_err check_arguments(struct gql_run *r, const struct graphql_node *n,
			      const struct gql_inputs *wanted)
{
	struct hm_map seen = { 0 };
	for (uint32_t at = n->arguments; at; at = node_at(r, at)->next) {
		const struct graphql_node *a = node_at(r, at);
		if (!graph_gql_input(wanted, a->name))
			return refuse(r, a,
				      hm_fmt(r->cx, "\"%.*s\" has no argument \"%.*s\"",
					     HM_FMT(n->name), HM_FMT(a->name)));
		if (hm_map_has(&seen, a->name))
			return refuse(r, a,
				      hm_fmt(r->cx, "the argument \"%.*s\" stands there twice",
					     HM_FMT(a->name)));
		hm_map_put(r->cx, &seen, a->name, r);
	}
	for (size_t i = 0; i < wanted->n; i++)
		if (wanted->p[i].ref.is_needed && !wanted->p[i].preset.n &&
		    !hm_map_has(&seen, wanted->p[i].name))
			return refuse(r, n,
				      hm_fmt(r->cx, "\"%.*s\" needs the argument \"%.*s\"",
					     HM_FMT(n->name), HM_FMT(wanted->p[i].name)));
	return NULL;
}

static hm_err check_directives(struct gql_run *r, const struct graphql_node *n)
{
	for (uint32_t at = n->directives; at; at = node_at(r, at)->next) {
		const struct graphql_node *d = node_at(r, at);
		const struct gql_directive *known = NULL;
		for (size_t i = 0; i < r->schema->directives.n; i++)
			if (hm_eq(r->schema->directives.p[i].name, d->name))
				known = &r->schema->directives.p[i];
		if (!known)
			return refuse(r, d,
				      hm_fmt(r->cx, "there is no directive \"@%.*s\"",
					     HM_FMT(d->name)));
		HM_TRY(check_arguments(r, d, &known->inputs));
	}
	return NULL;
}

static hm_err check_field(struct gql_run *r, const struct graphql_node *n, const struct place *in,
			  struct places *todo)
{
	const struct gql_field *f = graph_gql_field(in->type, n->name);
	if (hm_eqz(n->name, "__typename"))
		return n->children || n->arguments
			       ? refuse(r, n, HM_STR("\"__typename\" has no fields"))
			       : NULL;
	if (!f)
		return refuse(r, n,
			      hm_fmt(r->cx, "\"%.*s\" has no field \"%.*s\"",
				     HM_FMT(in->type->name), HM_FMT(n->name)));
	HM_TRY(check_arguments(r, n, &f->inputs));
	if (is_composite(f->ref.type) != (n->children != 0))
		return refuse(r, n,
			      hm_fmt(r->cx,
				     n->children ? "\"%.*s\" has no fields"
						 : "\"%.*s\" needs a selection of its fields",
				     HM_FMT(n->name)));
	if (n->children)
		*hm_push(r->cx, todo) = (struct place){ n->children, f->ref.type, in->depth + 1 };
	return NULL;
}

static hm_err check_condition(struct gql_run *r, const struct graphql_node *n, struct hm_str name,
			      const struct gql_type *in, const struct gql_type **out)
{
	*out = graph_gql_type(r->schema, name);
	if (!*out || !is_composite(*out))
		return refuse(r, n,
			      hm_fmt(r->cx, "there is no type \"%.*s\" of objects", HM_FMT(name)));
	if (in && !may_meet(*out, in))
		return refuse(r, n,
			      hm_fmt(r->cx, "nothing is \"%.*s\" and \"%.*s\"", HM_FMT(in->name),
				     HM_FMT(name)));
	return NULL;
}

static hm_err check_place(struct gql_run *r, const struct place *in, struct places *todo,
			  const struct hm_map *fragments)
{
	for (uint32_t at = in->first; at; at = node_at(r, at)->next) {
		const struct graphql_node *n = node_at(r, at);
		const struct gql_type *type = in->type;
		HM_TRY(check_directives(r, n));
		if (n->kind == GRAPHQL_FIELD) {
			HM_TRY(check_field(r, n, in, todo));
		} else if (n->kind == GRAPHQL_SPREAD) {
			const struct graphql_node *f = hm_map_get(fragments, n->name);
			if (!f)
				return refuse(r, n,
					      hm_fmt(r->cx, "there is no fragment \"%.*s\"",
						     HM_FMT(n->name)));
			HM_TRY(check_condition(r, n, f->type, in->type, &type));
		} else {
			if (n->type.n)
				HM_TRY(check_condition(r, n, n->type, in->type, &type));
			*hm_push(r->cx, todo) = (struct place){ n->children, type, in->depth };
		}
	}
	return NULL;
}

static hm_err check_definition(struct gql_run *r, const struct graphql_node *d,
			       const struct hm_map *fragments)
{
	const struct gql_type *type = r->schema->query;
	struct places todo = { 0 };
	if (d->kind == GRAPHQL_FRAGMENT)
		HM_TRY(check_condition(r, d, d->type, NULL, &type));
	HM_TRY(check_directives(r, d));
	*hm_push(r->cx, &todo) = (struct place){ d->children, type, 1 };
	while (todo.n) {
		struct place in = todo.p[--todo.n];
		HM_TRY(hm_alive(r->cx));
		HM_TRY(check_place(r, &in, &todo, fragments));
	}
	return NULL;
}

/* ------------------------------------------------------------------ fragments in fragments */

/* A fragment, and how deep what it selects lies below it when all fragments are in their places. */
struct fragment {
	uint32_t node;
	size_t at;                 /* the use that is looked at */
	HM_VEC(struct place) uses; /* type unused: first is the fragment's number + 1 */
	uint32_t depth;
	bool is_open, is_done;
};
struct fragments {
	struct fragment *p;
	size_t n, cap;
	struct hm_atoms names; /* of fragments: they come first, the n-th with the number n */
};

/* Which fragments a definition uses, at which depth below it; its own depth. */
static void list_uses(struct gql_run *r, struct fragments *all, struct fragment *f)
{
	struct places todo = { 0 };
	*hm_push(r->cx, &todo) = (struct place){ node_at(r, f->node)->children, NULL, 1 };
	while (todo.n) {
		struct place in = todo.p[--todo.n];
		if (in.depth > f->depth)
			f->depth = in.depth;
		for (uint32_t at = in.first; at; at = node_at(r, at)->next) {
			const struct graphql_node *n = node_at(r, at);
			bool deeper = n->kind == GRAPHQL_FIELD;
			if (n->kind == GRAPHQL_SPREAD)
				*hm_push(r->cx, &f->uses) =
					(struct place){ hm_atom_find(&all->names, n->name), NULL,
							in.depth };
			else if (n->children)
				*hm_push(r->cx, &todo) =
					(struct place){ n->children, NULL,
							in.depth + (deeper ? 1 : 0) };
		}
	}
}

/* Depth first, without recursion: a fragment that is open is used by itself. */
static hm_err measure(struct gql_run *r, struct fragments *all, size_t first)
{
	HM_VEC(size_t) open = { 0 };
	*hm_push(r->cx, &open) = first;
	while (open.n) {
		struct fragment *f = &all->p[open.p[open.n - 1]];
		f->is_open = true;
		if (f->at == f->uses.n) {
			f->is_done = true;
			f->is_open = false;
			open.n--;
			continue;
		}
		struct place use = f->uses.p[f->at];
		struct fragment *used = &all->p[use.first - 1];
		if (used->is_open)
			return refuse(r, node_at(r, used->node),
				      hm_fmt(r->cx, "the fragment \"%.*s\" uses itself",
					     HM_FMT(node_at(r, used->node)->name)));
		if (!used->is_done) {
			*hm_push(r->cx, &open) = use.first - 1;
			continue;
		}
		f->at++;
		if (use.depth + used->depth - 1 > f->depth)
			f->depth = use.depth + used->depth - 1;
		if (f->depth > HM_MAX_GRAPHQL_DEPTH)
			return hm_fail(r->cx, HM_LIMIT,
				       "the query is nested more than %u levels deep",
				       (unsigned)HM_MAX_GRAPHQL_DEPTH);
	}
	return NULL;
}

static hm_err check_fragments(struct gql_run *r)
{
	struct fragments all = { 0 };
	for (uint32_t at = r->document->first; at; at = node_at(r, at)->next) {
		if (node_at(r, at)->kind != GRAPHQL_FRAGMENT)
			continue;
		hm_atom(r->cx, &all.names, node_at(r, at)->name);
		*hm_push(r->cx, &all) = (struct fragment){ .node = at };
	}
	for (uint32_t at = r->document->first; at; at = node_at(r, at)->next)
		if (node_at(r, at)->kind != GRAPHQL_FRAGMENT)
			*hm_push(r->cx, &all) = (struct fragment){ .node = at };
	for (size_t i = 0; i < all.n; i++)
		list_uses(r, &all, &all.p[i]);
	for (size_t i = 0; i < all.n; i++)
		if (!all.p[i].is_done)
			HM_TRY(measure(r, &all, i));
	return NULL;
}

/* ------------------------------------------------------------------ the whole */

hm_err graph_gql_check(struct gql_run *r)
{
	struct hm_map fragments = { 0 };
	for (uint32_t at = r->document->first; at; at = node_at(r, at)->next) {
		const struct graphql_node *d = node_at(r, at);
		if (d->kind == GRAPHQL_MUTATION || d->kind == GRAPHQL_SUBSCRIPTION)
			return hm_hint(
				r->cx,
				refuse(r, d,
				       HM_STR("the graph is only read here: there are no "
					      "mutations and no subscriptions")),
				"documents come in by POST /api/v1/documents, or `hullmark graph "
				"ingest`");
		if (d->kind != GRAPHQL_FRAGMENT)
			continue;
		if (hm_map_has(&fragments, d->name))
			return refuse(r, d,
				      hm_fmt(r->cx, "two fragments \"%.*s\"", HM_FMT(d->name)));
		hm_map_put(r->cx, &fragments, d->name, (void *)(uintptr_t)d);
	}
	for (uint32_t at = r->document->first; at; at = node_at(r, at)->next)
		HM_TRY(check_definition(r, node_at(r, at), &fragments));
	return check_fragments(r);
}
