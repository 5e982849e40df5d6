/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the planner of Python packages is asked: of installed distributions, pages of an index and
 * metadata of wheels. What it chooses was offered, is not held, and its answer reads as it was
 * written. The question is made of sections that begin with "%%" and a letter.
 */
#include <stdlib.h>

#include "repair/python/python.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void add_section(struct hm_cx *cx, struct python_question *q, struct hm_str text)
{
	char kind = text.n ? *text.p : '\0';
	struct hm_str rest = hm_from(text, 1), first = hm_line(&rest);
	if (kind == 'd') {
		struct python_dist *d = hm_push(cx, &q->dists);
		*d = (struct python_dist){ .folder = hm_cut(&first, ' '),
					   .python = HM_STR("3.11"),
					   .wheel =
						   HM_STR("Tag: cp311-cp311-manylinux_2_17_x86_64"),
					   .metadata = rest };
		d->held = first;
	} else if (kind == 'w') {
		struct python_want *w = hm_push(cx, &q->wants);
		w->name = hm_cut(&first, ' ');
		w->version = hm_cut(&first, ' ');
		*hm_push(cx, &w->fixes) = first;
	} else if (kind == 'p' || kind == 'f') {
		*hm_push(cx, &q->pages) =
			(struct python_page){ first, HM_STR("https://example.com/simple/x/"), rest,
					      kind == 'f' };
	} else if (kind == 'm') {
		*hm_push(cx, &q->known) = (struct python_known){ .url = first, .metadata = rest };
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	HM_AUTO_BUF question = HM_BUF(16 * HM_MIB); /* what is chosen points into it */
	HM_AUTO_BUF b = HM_BUF(16 * HM_MIB);
	HM_AUTO_BUF again = HM_BUF(16 * HM_MIB);
	struct python_question q = { .kept_parts = 1, .machine = HM_STR("x86_64") }, copy;
	struct python_answer a = { 0 }, read;
	for (struct hm_str text = hm_bytes(data, size); text.n;)
		add_section(&cx, &q, hm_cut_str(&text, HM_STR("%%")));
	repair_python_question_put(&question, &q);
	if (repair_python_question_read(&cx, hm_buf_str(&question), &copy))
		abort();
	if (repair_python_choose(&cx, &copy, &a))
		return 0;
	for (size_t i = 0; i < a.choices.n; i++)
		if (a.choices.p[i].dist >= q.dists.n || q.dists.p[a.choices.p[i].dist].held.n)
			abort();
	repair_python_answer_put(&b, &a);
	if (repair_python_answer_read(&cx, hm_buf_str(&b), &read))
		abort();
	repair_python_answer_put(&again, &read);
	if (!hm_eq(hm_buf_str(&b), hm_buf_str(&again)))
		abort();
	return 0;
}
