/* SPDX-License-Identifier: Apache-2.0 */
/* A request is run: what is open lies on a stack, and each value is written as soon as it is
 * there. */
#include "graph/graphql/graphql.h"

/* An object whose fields are written, or a list whose elements are. */
struct frame {
	struct gql_set *set; /* of an object; NULL: it is a list */
	const struct gql_thing *thing;
	const struct gql_values *list;
	struct gql_picked *picked; /* of a list: what is asked for of its elements */
	size_t at;
	struct hm_mark mark; /* before its value was made */
};
struct running {
	struct gql_run *r;
	struct json_out *o;
	HM_VEC(struct frame) open;
};

/* ------------------------------------------------------------------ values */

static hm_err set_for(struct gql_run *r, struct gql_picked *p, const struct gql_type *type,
		      struct gql_set **out)
{
	for (size_t i = 0; i < p->sets.n; i++)
		if (p->sets.p[i]->type == type) {
			*out = p->sets.p[i];
			return NULL;
		}
	HM_TRY(graph_gql_collect(r, p->nodes.p, p->nodes.n, type, out));
	*hm_push(r->cx, &p->sets) = *out;
	return NULL;
}

/* A value is written; where it is more than a scalar, what is in it comes next. *out: was it? */
static hm_err put_value(struct running *run, const struct gql_value *v, struct gql_picked *p,
			struct hm_mark mark, bool *out_opened)
{
	struct frame f = { .mark = mark, .picked = p };
	*out_opened = v->kind == GQL_THING || v->kind == GQL_LIST;
	switch (v->kind) {
	case GQL_NULL:
		json_put_null(run->o, NULL);
		return NULL;
	case GQL_TEXT:
		json_put_str(run->o, NULL, v->text);
		return NULL;
	case GQL_INT:
		json_put_int(run->o, NULL, v->number);
		return NULL;
	case GQL_REAL:
		json_put_real(run->o, NULL, v->real);
		return NULL;
	case GQL_BOOL:
		json_put_bool(run->o, NULL, v->number != 0);
		return NULL;
	case GQL_THING:
		HM_TRY(set_for(run->r, p, v->thing->type, &f.set));
		f.thing = v->thing;
		json_open(run->o, NULL, '{');
		break;
	case GQL_LIST:
		f.list = v->list;
		json_open(run->o, NULL, '[');
		break;
	}
	*hm_push(run->r->cx, &run->open) = f;
	return NULL;
}

static hm_err count_field(struct running *run, const struct gql_thing *thing)
{
	struct gql_run *r = run->r;
	if (++r->fields > HM_MAX_GRAPHQL_FIELDS)
		return hm_fail(r->cx, HM_LIMIT, "the answer has more than %u fields",
			       (unsigned)HM_MAX_GRAPHQL_FIELDS);
	if (run->o->to->over)
		return hm_fail(r->cx, HM_LIMIT, "the answer has more than %llu bytes",
			       (unsigned long long)run->o->to->max);
	if (thing->type == r->schema->query && ++r->lookups > HM_MAX_GRAPHQL_LOOKUPS)
		return hm_fail(r->cx, HM_LIMIT, "the query asks for more than %u fields of Query",
			       (unsigned)HM_MAX_GRAPHQL_LOOKUPS);
	return r->fields % 64 ? NULL : hm_alive(r->cx);
}

/* The next field of an object. */
static hm_err put_field(struct running *run, size_t frame)
{
	struct gql_run *r = run->r;
	struct frame *f = &run->open.p[frame];
	struct gql_picked *p = &f->set->p[f->at++];
	struct hm_mark mark = hm_mark(r->scratch);
	struct gql_value v = { .kind = GQL_NULL };
	bool opened;
	HM_TRY(count_field(run, f->thing));
	json_key(run->o, p->key);
	if (!p->call.field->value)
		v = graph_gql_text(f->thing->type->name);
	else
		HM_TRY_IN(r->scratch, p->call.field->value(r, f->thing, &p->call, &v), "%.*s",
			  HM_FMT(p->key));
	HM_TRY(put_value(run, &v, p, mark, &opened));
	if (!opened)
		hm_release(r->scratch, mark);
	return NULL;
}

static hm_err put_element(struct running *run, size_t frame)
{
	struct frame *f = &run->open.p[frame];
	struct hm_mark mark = hm_mark(run->r->scratch);
	bool opened;
	return put_value(run, &f->list->p[f->at++], f->picked, mark, &opened);
}

static hm_err put_all(struct running *run)
{
	while (run->open.n) {
		size_t top = run->open.n - 1;
		struct frame *f = &run->open.p[top];
		size_t n = f->set ? f->set->n : f->list->n;
		if (f->at < n) {
			HM_TRY(f->set ? put_field(run, top) : put_element(run, top));
			continue;
		}
		json_close(run->o, f->set ? '}' : ']');
		hm_release(run->r->scratch, f->mark);
		run->open.n--;
	}
	return NULL;
}

/* ------------------------------------------------------------------ requests */

static hm_err find_operation(struct gql_run *r, struct hm_str name, uint32_t *out)
{
	size_t n = 0;
	for (uint32_t at = r->document->first; at; at = r->document->p[at].next) {
		const struct graphql_node *d = &r->document->p[at];
		if (d->kind == GRAPHQL_FRAGMENT || (name.n && !hm_eq(d->name, name)))
			continue;
		*out = at;
		n++;
	}
	if (!n)
		return hm_fail(r->cx, HM_INPUT, "there is no operation \"%.*s\"", HM_FMT(name));
	if (n > 1)
		return hm_fail(r->cx, HM_INPUT,
			       "there are several operations, and \"operationName\" names none of "
			       "them");
	return NULL;
}

static hm_err run_operation(struct gql_run *r, uint32_t operation, struct json_out *o)
{
	struct running run = { .r = r, .o = o };
	struct gql_picked top = { .key = HM_STR("data") };
	struct gql_thing query = { .type = r->schema->query };
	struct gql_value v = { .kind = GQL_THING, .thing = &query };
	bool opened;
	*hm_push(r->cx, &top.nodes) = operation;
	json_open(o, NULL, '{');
	json_key(o, top.key);
	HM_TRY(put_value(&run, &v, &top, hm_mark(r->scratch), &opened));
	HM_TRY(put_all(&run));
	json_close(o, '}');
	return NULL;
}

static hm_err run_request(struct gql_run *r, struct graph *g, const struct graph_graphql_request *q,
			  struct hm_buf *out)
{
	STORE_AUTO_USE use = NULL;
	struct gql_schema *schema = hm_new(r->cx, struct gql_schema, 1);
	struct graphql_document *document = hm_new(r->cx, struct graphql_document, 1);
	struct json_out o = json_out(out, false);
	struct hm_str text;
	uint32_t operation = 0;
	HM_TRY(graph_gql_schema(r->cx, schema));
	r->schema = schema;
	HM_TRY(graphql_parse(r->cx, q->query, document));
	r->document = document;
	HM_TRY(graph_gql_check(r));
	HM_TRY(find_operation(r, q->operation, &operation));
	HM_TRY(graph_gql_variables(r, operation, q->variables));
	HM_TRY(store_begin(r->cx, g->tables, STORE_READ, &use));
	r->use = use;
	HM_TRY(run_operation(r, operation, &o));
	return hm_buf_end(r->cx, out, "the answer", &text);
}

hm_err graph_graphql(struct hm_cx *cx, struct graph *g, const struct graph_graphql_request *q,
		     struct hm_buf *out)
{
	HM_AUTO_CX scratch = hm_cx_child(cx, cx->budget);
	struct gql_run r = { .cx = cx, .scratch = &scratch };
	hm_err err = run_request(&r, g, q, out);
	return err ? hm_fault_copy(cx, err) : NULL;
}
