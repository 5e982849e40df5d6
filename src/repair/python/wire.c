/* SPDX-License-Identifier: Apache-2.0 */
/* The planner's question and answer between parent and worker. */
#include "repair/python/python.h"

static void put_strs(struct hm_buf *b, const struct hm_strs *v)
{
	hm_buf_uvarint(b, v->n);
	for (size_t i = 0; i < v->n; i++)
		hm_buf_counted(b, v->p[i]);
}

static struct hm_str take(struct hm_cur *c)
{
	return hm_take_str(c, hm_uvarint(c));
}

/* How many follow, each of a byte at the least. */
static uint64_t take_count(struct hm_cur *c)
{
	uint64_t n = hm_uvarint(c);
	if (n > c->n)
		c->bad = true;
	return c->bad ? 0 : n;
}

static struct hm_strs take_strs(struct hm_cx *cx, struct hm_cur *c)
{
	struct hm_strs v = { 0 };
	for (uint64_t n = take_count(c); n && !c->bad; n--)
		*hm_push(cx, &v) = take(c);
	return v;
}

void repair_python_question_put(struct hm_buf *b, const struct python_question *q)
{
	hm_buf_uvarint(b, q->kept_parts);
	hm_buf_counted(b, q->machine);
	hm_buf_counted(b, q->glibc);
	hm_buf_counted(b, q->musl);
	hm_buf_uvarint(b, q->dists.n);
	for (size_t i = 0; i < q->dists.n; i++) {
		const struct python_dist *d = &q->dists.p[i];
		hm_buf_counted(b, d->folder);
		hm_buf_counted(b, d->python);
		hm_buf_counted(b, d->group);
		hm_buf_counted(b, d->held);
		hm_buf_counted(b, d->metadata);
		hm_buf_counted(b, d->wheel);
	}
	hm_buf_uvarint(b, q->wants.n);
	for (size_t i = 0; i < q->wants.n; i++) {
		hm_buf_counted(b, q->wants.p[i].name);
		hm_buf_counted(b, q->wants.p[i].version);
		put_strs(b, &q->wants.p[i].paths);
		put_strs(b, &q->wants.p[i].fixes);
	}
	hm_buf_uvarint(b, q->pages.n);
	for (size_t i = 0; i < q->pages.n; i++) {
		hm_buf_counted(b, q->pages.p[i].key);
		hm_buf_counted(b, q->pages.p[i].base);
		hm_buf_counted(b, q->pages.p[i].text);
		hm_buf_char(b, q->pages.p[i].is_folder);
	}
	hm_buf_uvarint(b, q->known.n);
	for (size_t i = 0; i < q->known.n; i++) {
		hm_buf_counted(b, q->known.p[i].url);
		hm_buf_counted(b, q->known.p[i].metadata);
		hm_buf_counted(b, q->known.p[i].why);
	}
}

hm_err repair_python_question_read(struct hm_cx *cx, struct hm_str bytes,
				   struct python_question *out)
{
	struct python_question q = { 0 };
	struct hm_cur c = hm_cur(bytes);
	q.kept_parts = hm_uvarint(&c);
	q.machine = take(&c);
	q.glibc = take(&c);
	q.musl = take(&c);
	for (uint64_t n = take_count(&c); n && !c.bad; n--) {
		struct python_dist *d = hm_push(cx, &q.dists);
		d->folder = take(&c);
		d->python = take(&c);
		d->group = take(&c);
		d->held = take(&c);
		d->metadata = take(&c);
		d->wheel = take(&c);
	}
	for (uint64_t n = take_count(&c); n && !c.bad; n--) {
		struct python_want w = { .name = take(&c) };
		w.version = take(&c);
		w.paths = take_strs(cx, &c);
		w.fixes = take_strs(cx, &c);
		*hm_push(cx, &q.wants) = w;
	}
	for (uint64_t n = take_count(&c); n && !c.bad; n--) {
		struct python_page p = { .key = take(&c) };
		p.base = take(&c);
		p.text = take(&c);
		p.is_folder = hm_le(&c, 1) != 0;
		*hm_push(cx, &q.pages) = p;
	}
	for (uint64_t n = take_count(&c); n && !c.bad; n--) {
		struct python_known k = { .url = take(&c) };
		k.metadata = take(&c);
		k.why = take(&c);
		*hm_push(cx, &q.known) = k;
	}
	if (c.bad || c.n)
		return hm_fail(cx, HM_INPUT, "the question has no known form");
	*out = q;
	return NULL;
}

static void put_file(struct hm_buf *b, const struct python_file *f)
{
	hm_buf_counted(b, f->version);
	hm_buf_counted(b, f->url);
	hm_buf_counted(b, f->sha256);
	hm_buf_counted(b, f->metadata_sha256);
}

static struct python_file take_file(struct hm_cur *c)
{
	struct python_file f = { .version = take(c) };
	f.url = take(c);
	f.sha256 = take(c);
	f.metadata_sha256 = take(c);
	return f;
}

void repair_python_answer_put(struct hm_buf *b, const struct python_answer *a)
{
	put_strs(b, &a->pages);
	hm_buf_uvarint(b, a->files.n);
	for (size_t i = 0; i < a->files.n; i++)
		put_file(b, &a->files.p[i]);
	hm_buf_uvarint(b, a->choices.n);
	for (size_t i = 0; i < a->choices.n; i++) {
		hm_buf_uvarint(b, a->choices.p[i].dist);
		hm_buf_counted(b, a->choices.p[i].name);
		hm_buf_counted(b, a->choices.p[i].from);
		put_file(b, &a->choices.p[i].file);
	}
	hm_buf_uvarint(b, a->verdicts.n);
	for (size_t i = 0; i < a->verdicts.n; i++) {
		hm_buf_uvarint(b, a->verdicts.p[i].outcome);
		hm_buf_counted(b, a->verdicts.p[i].version);
		hm_buf_counted(b, a->verdicts.p[i].why);
	}
}

hm_err repair_python_answer_read(struct hm_cx *cx, struct hm_str bytes, struct python_answer *out)
{
	struct python_answer a = { 0 };
	struct hm_cur c = hm_cur(bytes);
	a.pages = take_strs(cx, &c);
	for (uint64_t n = take_count(&c); n && !c.bad; n--)
		*hm_push(cx, &a.files) = take_file(&c);
	for (uint64_t n = take_count(&c); n && !c.bad; n--) {
		struct python_choice choice = { .dist = hm_uvarint(&c) };
		choice.name = take(&c);
		choice.from = take(&c);
		choice.file = take_file(&c);
		*hm_push(cx, &a.choices) = choice;
	}
	for (uint64_t n = take_count(&c); n && !c.bad; n--) {
		struct python_verdict v = { .outcome = hm_uvarint(&c) };
		v.version = take(&c);
		v.why = take(&c);
		if (v.outcome >= REPAIR_OUTCOMES)
			c.bad = true;
		*hm_push(cx, &a.verdicts) = v;
	}
	if (c.bad || c.n)
		return repair_language_bad_answer(cx);
	*out = a;
	return NULL;
}
