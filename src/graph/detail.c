/* SPDX-License-Identifier: Apache-2.0 */
/* What a fact says beside its nouns: a JSON object. */
#include "graph/doc.h"

enum {
	ESCAPED = 6,   /* bytes that a byte takes in a JSON string, at most */
	REST = HM_KIB, /* of an object, behind what does not fit */
	DAY = 10,      /* "2026-01-31" */
};

void graph_detail_begin(struct graph_detail *t)
{
	t->b = HM_BUF(HM_MAX_GRAPH_TEXT);
	t->o = json_out(&t->b, false);
	json_open(&t->o, NULL, '{');
}

bool graph_detail_fits(struct graph_detail *t, size_t n)
{
	return n < HM_MAX_GRAPH_TEXT && t->b.n + n * ESCAPED + REST < HM_MAX_GRAPH_TEXT;
}

void graph_detail_str(struct hm_cx *cx, struct graph_detail *t, const char *key,
		      struct hm_str value)
{
	size_t n = value.n;
	if (!n)
		return;
	if (n > HM_MAX_GRAPH_KEY) {
		n = HM_MAX_GRAPH_KEY;
		while (n && ((uint8_t)value.p[n] & 0xc0) == 0x80)
			n--;
		value = hm_fmt(cx, "%.*s...", HM_FMT(hm_sub(value, 0, n)));
	}
	if (graph_detail_fits(t, value.n))
		json_put_str(&t->o, key, value);
	else
		t->is_cut = true;
}

void graph_detail_time(struct hm_cx *cx, struct graph_detail *t, const char *key,
		       struct hm_str when)
{
	graph_detail_str(cx, t, key,
			 when.n == DAY ? hm_fmt(cx, "%.*sT00:00:00Z", HM_FMT(when)) : when);
}

graph_ref graph_detail_end(struct hm_cx *cx, struct graph_doc *d, struct graph_detail *t)
{
	if (t->is_cut)
		json_put_bool(&t->o, "cut", true);
	json_close(&t->o, '}');
	graph_ref ref = t->b.over ? 0 : graph_doc_text(cx, d, hm_buf_str(&t->b));
	hm_buf_done(&t->b);
	return ref;
}

graph_ref graph_detail_of(struct hm_cx *cx, struct graph_doc *d, const char *key,
			  struct hm_str value)
{
	struct graph_detail t = { 0 };
	graph_detail_begin(&t);
	graph_detail_str(cx, &t, key, value);
	return graph_detail_end(cx, d, &t);
}
