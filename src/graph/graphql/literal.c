/* SPDX-License-Identifier: Apache-2.0 */
/* Arguments: literals and variables become JSON, which is checked against what is wanted. */
#include "graph/graphql/graphql.h"

/* ------------------------------------------------------------------ literals as JSON */

struct open_literal {
	uint32_t next; /* element or member; 0: it is at its end */
	bool is_object;
};

struct literals {
	struct gql_run *r;
	struct json_out o;
	HM_VEC(struct open_literal) open;
};

/* The variable's value; false: it has none. */
static bool find_variable(const struct gql_run *r, struct hm_str name, struct json *out)
{
	*out = json_get_str(r->variables, name);
	return json_is_there(*out);
}

static void put_number(struct literals *l, struct hm_str digits)
{
	struct json v;
	/* what is no number of JSON's, for its size, is refused where it is checked */
	if (json_parse(l->r->scratch, digits, JSON_ANY_NUMBER, &v))
		json_put_null(&l->o, NULL);
	else
		json_put_json(&l->o, NULL, v);
}

/* A value: a list or an object is opened. */
static void put_value(struct literals *l, uint32_t at)
{
	const struct graphql_node *n = &l->r->document->p[at];
	struct json v;
	if (n->kind == GRAPHQL_LIST || n->kind == GRAPHQL_OBJECT) {
		bool is_object = n->kind == GRAPHQL_OBJECT;
		json_open(&l->o, NULL, is_object ? '{' : '[');
		*hm_push(l->r->scratch, &l->open) =
			(struct open_literal){ .next = n->children, .is_object = is_object };
	} else if (n->kind == GRAPHQL_VARIABLE) {
		if (find_variable(l->r, n->name, &v))
			json_put_json(&l->o, NULL, v);
		else
			json_put_null(&l->o, NULL);
	} else if (n->kind == GRAPHQL_INT || n->kind == GRAPHQL_FLOAT) {
		put_number(l, n->name);
	} else if (n->kind == GRAPHQL_BOOLEAN) {
		json_put_bool(&l->o, NULL, hm_eqz(n->name, "true"));
	} else if (n->kind == GRAPHQL_NULL) {
		json_put_null(&l->o, NULL);
	} else {
		json_put_str(&l->o, NULL, n->name);
	}
}

/* A member whose variable has no value is not there (2.10). */
static bool is_given(const struct literals *l, const struct graphql_node *member)
{
	const struct graphql_node *v = &l->r->document->p[member->value];
	struct json ignored;
	return v->kind != GRAPHQL_VARIABLE || find_variable(l->r, v->name, &ignored);
}

static void put_open(struct literals *l)
{
	while (l->open.n) {
		struct open_literal *o = &l->open.p[l->open.n - 1];
		const struct graphql_node *n = &l->r->document->p[o->next];
		if (!o->next) {
			json_close(&l->o, o->is_object ? '}' : ']');
			l->open.n--;
			continue;
		}
		uint32_t at = o->next;
		bool is_member = o->is_object;
		o->next = n->next;
		if (!is_member)
			put_value(l, at);
		else if (is_given(l, n)) {
			json_key(&l->o, n->name);
			put_value(l, n->value);
		}
	}
}

/* ------------------------------------------------------------------ are they what is wanted? */

struct check {
	struct json value;
	const struct gql_ref *ref;
	struct hm_str name;
	bool is_item;
};

static hm_err refuse(struct gql_run *r, const struct check *c, const char *why)
{
	return hm_fail(r->scratch, HM_INPUT, "\"%.*s\" %s", HM_FMT(c->name), why);
}

static hm_err check_scalar(struct gql_run *r, const struct check *c)
{
	struct hm_str type = c->ref->type->name;
	int64_t n;
	bool is_text = json_is_string(c->value), is_whole = json_int(c->value, &n);
	bool fits;
	if (c->ref->type->kind == GQL_ENUM)
		fits = is_text && hm_strs_has(&c->ref->type->words, json_str(c->value));
	else if (hm_eqz(type, "ID"))
		fits = is_text || is_whole;
	else if (hm_eqz(type, "Int"))
		fits = is_whole && n >= INT32_MIN && n <= INT32_MAX;
	else if (hm_eqz(type, "Float"))
		fits = json_is_number(c->value);
	else if (hm_eqz(type, "Boolean"))
		fits = json_is_bool(c->value);
	else
		fits = is_text;
	return fits ? NULL
		    : refuse(r, c,
			     hm_fmt(r->scratch, "is not a value of type %.*s", HM_FMT(type)).p);
}

struct checks {
	struct check *p;
	size_t n, cap;
};

/* Each member is known, and what is needed is there. */
static hm_err check_members(struct gql_run *r, struct checks *todo, struct json object,
			    const struct gql_inputs *wanted)
{
	for (struct json_iter it = json_iter(object); json_next(&it);)
		if (!graph_gql_input(wanted, it.key))
			return hm_fail(r->scratch, HM_INPUT, "\"%.*s\" is not known there",
				       HM_FMT(it.key));
	for (size_t i = 0; i < wanted->n; i++) {
		const struct gql_input *in = &wanted->p[i];
		struct json v = json_get_str(object, in->name);
		struct check c = { .value = v, .ref = &in->ref, .name = in->name };
		bool is_there = json_is_there(v) && !json_is_null(v);
		if (!is_there && in->ref.is_needed && !in->preset.n)
			return refuse(r, &c, "is missing");
		if (is_there)
			*hm_push(r->scratch, todo) = c;
	}
	return NULL;
}

static hm_err check_one(struct gql_run *r, struct checks *todo, const struct check *c)
{
	if (json_is_null(c->value))
		return c->is_item && c->ref->items_needed ? refuse(r, c, "has null in its list")
							  : NULL;
	if (c->ref->is_list && !c->is_item && json_is_array(c->value)) {
		for (struct json_iter it = json_iter(c->value); json_next(&it);)
			*hm_push(r->scratch, todo) = (struct check){
				.value = it.value, .ref = c->ref, .name = c->name, .is_item = true
			};
		return NULL;
	}
	if (c->ref->type->kind != GQL_INPUT)
		return check_scalar(r, c);
	if (!json_is_object(c->value))
		return refuse(r, c, "is not an object");
	return check_members(r, todo, c->value, &c->ref->type->inputs);
}

static hm_err check_all(struct gql_run *r, struct json object, const struct gql_inputs *wanted)
{
	struct checks todo = { 0 };
	HM_TRY(check_members(r, &todo, object, wanted));
	while (todo.n) {
		struct check c = todo.p[--todo.n];
		HM_TRY(check_one(r, &todo, &c));
	}
	return NULL;
}

hm_err graph_gql_arguments(struct gql_run *r, uint32_t first, const struct gql_inputs *wanted,
			   struct json *out)
{
	HM_AUTO_BUF b = HM_BUF(4 * HM_MAX_GRAPHQL);
	struct literals l = { .r = r, .o = json_out(&b, false) };
	struct hm_str text;
	json_open(&l.o, NULL, '{');
	*hm_push(r->scratch, &l.open) = (struct open_literal){ .next = first, .is_object = true };
	put_open(&l);
	HM_TRY(hm_buf_end(r->scratch, &b, "the arguments", &text));
	HM_TRY(json_parse(r->scratch, text, JSON_NO_DUPLICATES, out));
	return check_all(r, *out, wanted);
}

/* ------------------------------------------------------------------ variables */

/* "[ID!]!" of a variable that must be given. */
static bool is_needed(const struct graphql_node *v)
{
	return hm_ends(v->type, HM_STR("!")) && !v->value;
}

static hm_err check_variable(struct gql_run *r, const struct graphql_node *v, struct json given)
{
	struct hm_str name = v->type;
	while (name.n && name.p[0] == '[')
		name = hm_from(name, 1);
	while (name.n && hm_is_one_of(name.p[name.n - 1], "!]"))
		name.n--;
	const struct gql_type *type = graph_gql_type(r->schema, name);
	if (!type || type->kind == GQL_OBJECT || type->kind == GQL_UNION)
		return hm_fail(r->cx, HM_INPUT,
			       "line %u: variable \"$%.*s\": there is no type \"%.*s\" of inputs",
			       v->line, HM_FMT(v->name), HM_FMT(name));
	if (is_needed(v) && (!json_is_there(given) || json_is_null(given)))
		return hm_fail(r->cx, HM_INPUT, "variable \"$%.*s\" is missing", HM_FMT(v->name));
	return NULL;
}

hm_err graph_gql_variables(struct gql_run *r, uint32_t operation, struct json given)
{
	HM_AUTO_BUF b = HM_BUF(4 * HM_MAX_GRAPHQL);
	struct literals l = { .r = r, .o = json_out(&b, false) };
	struct hm_map seen = { 0 };
	struct hm_str text;
	json_open(&l.o, NULL, '{');
	for (uint32_t at = r->document->p[operation].variables; at; at = r->document->p[at].next) {
		const struct graphql_node *v = &r->document->p[at];
		struct json value = json_get_str(given, v->name);
		HM_TRY(check_variable(r, v, value));
		if (hm_map_has(&seen, v->name))
			return hm_fail(r->cx, HM_INPUT, "line %u: two variables \"$%.*s\"", v->line,
				       HM_FMT(v->name));
		hm_map_put(r->cx, &seen, v->name, r);
		if (!json_is_there(value) && !v->value)
			continue;
		json_key(&l.o, v->name);
		if (json_is_there(value))
			json_put_json(&l.o, NULL, value);
		else
			put_value(&l, v->value);
		put_open(&l);
	}
	json_close(&l.o, '}');
	HM_TRY(hm_buf_end(r->cx, &b, "the variables", &text));
	return json_parse(r->cx, text, JSON_PLAIN, &r->variables);
}

/* ------------------------------------------------------------------ are two the same? */

struct twin {
	uint32_t a, b;
};

bool graph_gql_same_arguments(const struct graphql_document *d, uint32_t a, uint32_t b)
{
	enum { OPEN = 256 }; /* three for each of HM_MAX_GRAPHQL_DEPTH levels, and more */
	struct twin open[OPEN];
	size_t n = 0;
	open[n++] = (struct twin){ a, b };
	while (n) {
		struct twin t = open[--n];
		if (!t.a != !t.b)
			return false;
		if (!t.a)
			continue;
		const struct graphql_node *x = &d->p[t.a], *y = &d->p[t.b];
		if (x->kind != y->kind || !hm_eq(x->name, y->name) || n + 3 > HM_LEN(open))
			return false;
		open[n++] = (struct twin){ x->next, y->next };
		open[n++] = (struct twin){ x->children, y->children };
		open[n++] = (struct twin){ x->value, y->value };
	}
	return true;
}
