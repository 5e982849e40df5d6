/* SPDX-License-Identifier: Apache-2.0 */
/* The loop that follows a template's steps. */
#include "codec/template.h"

#include "codec/template_parts.h"

struct loop {
	struct value over;
	size_t i, dots;
};

struct run {
	struct hm_cx *cx;
	const struct template *t;
	struct hm_buf *out;
	size_t pc;
	struct value *slots;
	struct values {
		struct value *p;
		size_t n, cap;
	} stack, dots;
	struct {
		struct loop *p;
		size_t n, cap;
	} loops;
};

static struct value *top_value(struct run *r)
{
	return &r->stack.p[r->stack.n - 1];
}

static struct value pop_value(struct run *r)
{
	return r->stack.p[--r->stack.n];
}

static void push_value(struct run *r, struct value v)
{
	*hm_push(r->cx, &r->stack) = v;
}

static struct value dot_value(const struct run *r)
{
	return r->dots.p[r->dots.n - 1];
}

static hm_err do_text(struct run *r, const struct step *s)
{
	hm_buf_add(r->out, s->text);
	return NULL;
}

static hm_err do_print(struct run *r, const struct step *s)
{
	struct value v = pop_value(r);
	(void)s;
	if (value_is_nil(&v))
		hm_buf_addz(r->out, "<no value>");
	else
		template_value_print(r->out, &v);
	return NULL;
}

static hm_err do_push(struct run *r, const struct step *s)
{
	push_value(r, s->value);
	return NULL;
}

static hm_err do_dot(struct run *r, const struct step *s)
{
	(void)s;
	push_value(r, dot_value(r));
	return NULL;
}

static hm_err do_var(struct run *r, const struct step *s)
{
	push_value(r, r->slots[s->slots[0]]);
	return NULL;
}

static hm_err do_set(struct run *r, const struct step *s)
{
	r->slots[s->slots[0]] = *top_value(r);
	if (s->n)
		r->stack.n--;
	return NULL;
}

static hm_err do_field(struct run *r, const struct step *s)
{
	struct value *v = top_value(r);
	if (v->kind == VALUE_NONE)
		return NULL;
	if (v->kind != VALUE_MAP)
		return hm_fail(r->cx, HM_INPUT, "\"%.*s\" is asked of a value of type %s",
			       HM_FMT(s->text), template_value_type(v));
	const struct value *member = template_value_member(v, s->text);
	*v = member ? *member : (struct value){ .kind = VALUE_NONE };
	return NULL;
}

static hm_err do_call(struct run *r, const struct step *s)
{
	struct value out = { .kind = VALUE_NONE };
	struct value *args = s->n ? &r->stack.p[r->stack.n - s->n] : NULL;
	if (s->piped && s->n) { /* what is piped is among them */
		struct value last = args[0];
		memmove(args, args + 1, (s->n - 1) * sizeof(*args));
		args[s->n - 1] = last;
	}
	HM_TRY_IN(r->cx, s->fn->call(r->cx, args, s->n, &out), "%s", s->fn->name);
	r->stack.n -= s->n;
	push_value(r, out);
	return NULL;
}

static hm_err do_settle(struct run *r, const struct step *s)
{
	(void)s;
	if (top_value(r)->kind == VALUE_NIL)
		top_value(r)->kind = VALUE_NONE;
	return NULL;
}

static hm_err do_pop(struct run *r, const struct step *s)
{
	(void)s;
	r->stack.n--;
	return NULL;
}

static hm_err do_drop(struct run *r, const struct step *s)
{
	(void)s;
	r->stack.p[r->stack.n - 2] = *top_value(r);
	r->stack.n--;
	return NULL;
}

static hm_err do_jump(struct run *r, const struct step *s)
{
	r->pc = s->to;
	return NULL;
}

static hm_err do_unless(struct run *r, const struct step *s)
{
	struct value v = pop_value(r);
	if (!template_value_is_true(&v))
		r->pc = s->to;
	return NULL;
}

static hm_err do_decide(struct run *r, const struct step *s)
{
	if (template_value_is_true(top_value(r)) == (s->n != 0))
		r->pc = s->to;
	return NULL;
}

static hm_err do_with(struct run *r, const struct step *s)
{
	struct value v = pop_value(r);
	if (template_value_is_true(&v))
		*hm_push(r->cx, &r->dots) = v;
	else
		r->pc = s->to;
	return NULL;
}

static hm_err do_undot(struct run *r, const struct step *s)
{
	(void)s;
	r->dots.n--;
	return NULL;
}

static size_t count_rounds(const struct value *v)
{
	if (v->kind == VALUE_LIST)
		return v->list.n;
	if (v->kind == VALUE_MAP)
		return v->map.n;
	return v->kind == VALUE_INT && v->whole > 0 ? (size_t)v->whole : 0;
}

static struct value key_of(const struct loop *l)
{
	return l->over.kind == VALUE_MAP ? value_str(l->over.map.p[l->i].key)
					 : value_int((int64_t)l->i);
}

static struct value element_of(const struct loop *l)
{
	if (l->over.kind == VALUE_LIST)
		return l->over.list.p[l->i];
	if (l->over.kind == VALUE_MAP)
		return l->over.map.p[l->i].value;
	return value_int((int64_t)l->i);
}

/* Dot and the variables of this round. */
static void enter_round(struct run *r, const struct step *range)
{
	const struct loop *l = &r->loops.p[r->loops.n - 1];
	r->dots.n = l->dots;
	*hm_push(r->cx, &r->dots) = element_of(l);
	if (range->n)
		r->slots[range->slots[range->n - 1]] = element_of(l);
	if (range->n == 2)
		r->slots[range->slots[0]] = key_of(l);
}

static hm_err do_range(struct run *r, const struct step *s)
{
	struct value v = pop_value(r);
	if (v.kind == VALUE_BOOL || v.kind == VALUE_FLOAT || v.kind == VALUE_STR)
		return hm_fail(r->cx, HM_INPUT, "\"range\" over a value of type %s",
			       template_value_type(&v));
	if (v.kind == VALUE_INT && s->n > 1)
		return hm_fail(r->cx, HM_INPUT, "\"range\" over an int has one variable");
	if (!count_rounds(&v)) {
		r->pc = s->to;
		return NULL;
	}
	*hm_push(r->cx, &r->loops) = (struct loop){ .over = v, .dots = r->dots.n };
	enter_round(r, s);
	return NULL;
}

/* .to is the body, and OP_RANGE the step before that. */
static hm_err do_next(struct run *r, const struct step *s)
{
	struct loop *l = &r->loops.p[r->loops.n - 1];
	if (++l->i < count_rounds(&l->over)) {
		enter_round(r, &r->t->steps.p[s->to - 1]);
		r->pc = s->to;
		return NULL;
	}
	r->dots.n = l->dots;
	r->loops.n--;
	return NULL;
}

static hm_err do_break(struct run *r, const struct step *s)
{
	r->dots.n = r->loops.p[--r->loops.n].dots;
	r->pc = s->to;
	return NULL;
}

static hm_err (*const ops[OPS])(struct run *r, const struct step *s) = {
	[OP_TEXT] = do_text,     [OP_PRINT] = do_print,   [OP_PUSH] = do_push,
	[OP_DOT] = do_dot,       [OP_VAR] = do_var,       [OP_SET] = do_set,
	[OP_FIELD] = do_field,   [OP_CALL] = do_call,     [OP_SETTLE] = do_settle,
	[OP_POP] = do_pop,       [OP_DROP] = do_drop,     [OP_JUMP] = do_jump,
	[OP_UNLESS] = do_unless, [OP_DECIDE] = do_decide, [OP_WITH] = do_with,
	[OP_UNDOT] = do_undot,   [OP_RANGE] = do_range,   [OP_NEXT] = do_next,
	[OP_BREAK] = do_break,
};

static hm_err check_limits(struct run *r, uint64_t steps)
{
	if (steps > HM_MAX_TEMPLATE_STEPS)
		return hm_fail(r->cx, HM_LIMIT, "more than %llu steps",
			       (unsigned long long)HM_MAX_TEMPLATE_STEPS);
	if (r->out->over || r->out->n > HM_MAX_TEMPLATE_OUTPUT)
		return hm_fail(r->cx, HM_LIMIT, "more than %llu bytes are printed",
			       (unsigned long long)HM_MAX_TEMPLATE_OUTPUT);
	return steps % 1024 ? NULL : hm_alive(r->cx);
}

hm_err template_run(struct hm_cx *cx, const struct template *t, struct json data,
		    struct hm_buf *out)
{
	struct run r = { .cx = cx, .t = t, .out = out };
	struct value root = { .kind = VALUE_NONE };
	HM_TRY(template_value_of_json(cx, data, &root));
	if (root.kind == VALUE_NIL)
		root.kind = VALUE_NONE;
	r.slots = hm_new(cx, struct value, t->slots);
	r.slots[0] = root;
	*hm_push(cx, &r.dots) = root;
	for (uint64_t steps = 1; r.pc < t->steps.n; steps++) {
		const struct step *s = &t->steps.p[r.pc++];
		hm_err err = ops[s->op](&r, s);
		if (!err)
			err = check_limits(&r, steps);
		if (err)
			return template_fail(cx, t->text, s->at, err);
	}
	return NULL;
}
