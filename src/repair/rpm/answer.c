/* SPDX-License-Identifier: Apache-2.0 */
/* What the solver's worker answers. */
#include "repair/rpm/rpm.h"

static void put_texts(struct hm_buf *out, const struct hm_strs *v)
{
	hm_buf_uvarint(out, v->n);
	for (size_t i = 0; i < v->n; i++)
		hm_buf_counted(out, v->p[i]);
}

void repair_rpm_answer_put(struct hm_buf *out, const struct rpm_answer *a)
{
	hm_buf_uvarint(out, a->steps.n);
	for (size_t i = 0; i < a->steps.n; i++) {
		const struct rpm_step *s = &a->steps.p[i];
		const struct hm_str texts[] = { s->name, s->arch,   s->from,  s->to,
						s->path, s->sha256, s->source };
		for (size_t k = 0; k < HM_LEN(texts); k++)
			hm_buf_counted(out, texts[k]);
		hm_buf_uvarint(out, s->size);
		hm_buf_uvarint(out, s->repository);
		hm_buf_counted(out, s->old_path);
		hm_buf_counted(out, s->old_sha256);
		hm_buf_uvarint(out, s->old_size);
		hm_buf_uvarint(out, s->old_repository);
	}
	hm_buf_uvarint(out, a->best_n);
	for (size_t i = 0; i < a->best_n; i++) {
		hm_buf_counted(out, a->best[i].name);
		hm_buf_counted(out, a->best[i].evr);
	}
	put_texts(out, &a->problems);
	put_texts(out, &a->notes);
}

static struct hm_str take(struct hm_cur *c)
{
	return hm_take_str(c, hm_uvarint(c));
}

static void take_texts(struct hm_cx *cx, struct hm_cur *c, struct hm_strs *out)
{
	for (uint64_t n = hm_uvarint(c); n && !c->bad; n--)
		*hm_push(cx, out) = take(c);
}

static uint32_t take_number(struct hm_cur *c)
{
	uint64_t n = hm_uvarint(c);
	c->bad = c->bad || n > UINT32_MAX;
	return (uint32_t)n;
}

static void read_step(struct hm_cur *c, struct rpm_step *s)
{
	s->name = take(c);
	s->arch = take(c);
	s->from = take(c);
	s->to = take(c);
	s->path = take(c);
	s->sha256 = take(c);
	s->source = take(c);
	s->size = hm_uvarint(c);
	s->repository = take_number(c);
	s->old_path = take(c);
	s->old_sha256 = take(c);
	s->old_size = hm_uvarint(c);
	s->old_repository = take_number(c);
}

hm_err repair_rpm_answer_read(struct hm_cx *cx, struct hm_str bytes, struct rpm_answer *out)
{
	struct hm_cur c = hm_cur(bytes);
	HM_VEC(struct rpm_best) best = { 0 };
	struct rpm_answer a = { 0 };
	for (uint64_t n = hm_uvarint(&c); n && !c.bad; n--)
		read_step(&c, hm_push(cx, &a.steps));
	for (uint64_t n = hm_uvarint(&c); n && !c.bad; n--) {
		struct rpm_best *b = hm_push(cx, &best);
		b->name = take(&c);
		b->evr = take(&c);
	}
	a.best = best.p;
	a.best_n = best.n;
	take_texts(cx, &c, &a.problems);
	take_texts(cx, &c, &a.notes);
	if (c.bad || c.n)
		return hm_fail(cx, HM_INPUT, "the solver's worker answered in no known form");
	*out = a;
	return NULL;
}
