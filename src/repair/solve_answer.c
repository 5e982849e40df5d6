/* SPDX-License-Identifier: Apache-2.0 */
/* What is said to the solver's worker, and what it answers. */
#include "repair/solver.h"

static void put_strs(struct hm_buf *out, const struct hm_strs *v)
{
	hm_buf_uvarint(out, v->n);
	for (size_t i = 0; i < v->n; i++)
		hm_buf_counted(out, v->p[i]);
}

static struct hm_str take_text(struct hm_cur *c)
{
	return hm_take_str(c, hm_uvarint(c));
}

static void take_strs(struct hm_cx *cx, struct hm_cur *c, struct hm_strs *out)
{
	uint64_t n = hm_uvarint(c);
	for (uint64_t i = 0; i < n && !c->bad; i++)
		*hm_push(cx, out) = take_text(c);
}

void repair_solve_options_put(struct hm_buf *out, const struct solve_options *o)
{
	hm_buf_counted(out, o->native);
	put_strs(out, &o->foreign);
	hm_buf_char(out, o->all);
	hm_buf_char(out, o->sparse);
	put_strs(out, &o->wanted);
}

static hm_err damaged(struct hm_cx *cx)
{
	return hm_fail(cx, HM_INPUT, "the solver's worker answered in no known form");
}

hm_err repair_solve_options_read(struct hm_cx *cx, struct hm_str bytes, struct solve_options *out)
{
	struct hm_cur c = hm_cur(bytes);
	struct solve_options o = { .native = take_text(&c) };
	take_strs(cx, &c, &o.foreign);
	o.all = hm_le(&c, 1) == 1;
	o.sparse = hm_le(&c, 1) == 1;
	take_strs(cx, &c, &o.wanted);
	if (c.bad || c.n)
		return damaged(cx);
	*out = o;
	return NULL;
}

void repair_solve_answer_put(struct hm_buf *out, const struct solve_answer *a)
{
	hm_buf_uvarint(out, a->steps_n);
	for (size_t i = 0; i < a->steps_n; i++) {
		const struct solve_step *s = &a->steps[i];
		hm_buf_counted(out, s->name);
		hm_buf_counted(out, s->arch);
		hm_buf_counted(out, s->from);
		hm_buf_counted(out, s->to.version);
		hm_buf_counted(out, s->to.source);
		hm_buf_counted(out, s->to.source_version);
		hm_buf_counted(out, s->to.path);
		hm_buf_counted(out, s->to.sha256);
		hm_buf_uvarint(out, s->to.size);
		hm_buf_uvarint(out, s->to.index);
	}
	hm_buf_uvarint(out, a->best_n);
	for (size_t i = 0; i < a->best_n; i++) {
		hm_buf_counted(out, a->best[i].name);
		hm_buf_counted(out, a->best[i].version);
		hm_buf_counted(out, a->best[i].source_version);
	}
	put_strs(out, &a->problems);
}

hm_err repair_solve_answer_read(struct hm_cx *cx, struct hm_str bytes, struct solve_answer *out)
{
	struct hm_cur c = hm_cur(bytes);
	HM_VEC(struct solve_step) steps = { 0 };
	HM_VEC(struct solve_best) best = { 0 };
	struct solve_answer a = { 0 };
	uint64_t n = hm_uvarint(&c);
	for (uint64_t i = 0; i < n && !c.bad; i++) {
		struct solve_step s = { .name = take_text(&c), .arch = take_text(&c) };
		s.from = take_text(&c);
		s.to.version = take_text(&c);
		s.to.source = take_text(&c);
		s.to.source_version = take_text(&c);
		s.to.path = take_text(&c);
		s.to.sha256 = take_text(&c);
		s.to.size = hm_uvarint(&c);
		s.to.index = (uint32_t)hm_uvarint(&c);
		s.to.name = s.name;
		s.to.arch = s.arch;
		*hm_push(cx, &steps) = s;
	}
	n = hm_uvarint(&c);
	for (uint64_t i = 0; i < n && !c.bad; i++) {
		struct solve_best b = { .name = take_text(&c) };
		b.version = take_text(&c);
		b.source_version = take_text(&c);
		*hm_push(cx, &best) = b;
	}
	take_strs(cx, &c, &a.problems);
	if (c.bad || c.n)
		return damaged(cx);
	a.steps = steps.p;
	a.steps_n = steps.n;
	a.best = best.p;
	a.best_n = best.n;
	*out = a;
	return NULL;
}
