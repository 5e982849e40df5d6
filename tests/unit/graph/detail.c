/* SPDX-License-Identifier: Apache-2.0 */
/* What a fact says: one JSON object, whatever the document gives. */
#include "unit.h"

#include "graph/doc.h"

static struct hm_str text_of(const struct graph_doc *d, graph_ref ref)
{
	assert_int_not_equal(ref, 0);
	assert_int_equal(d->nouns.p[ref - 1].kind, GRAPH_TEXT);
	return d->nouns.p[ref - 1].key;
}

static void is_an_object(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct graph_doc d = { 0 };
	struct graph_detail t = { 0 };
	graph_detail_begin(&t);
	graph_detail_str(&cx, &t, "a", HM_STR("x\"y\n"));
	graph_detail_str(&cx, &t, "empty", HM_STR(""));
	graph_detail_time(&cx, &t, "day", HM_STR("2026-01-31"));
	graph_detail_time(&cx, &t, "time", HM_STR("2026-01-31T01:02:03Z"));
	json_put_int(&t.o, "n", 1);
	assert_strz(text_of(&d, graph_detail_end(&cx, &d, &t)),
		    "{\"a\":\"x\\\"y\\n\",\"day\":\"2026-01-31T00:00:00Z\","
		    "\"time\":\"2026-01-31T01:02:03Z\",\"n\":1}");
	assert_strz(text_of(&d, graph_detail_of(&cx, &d, "why", HM_STR("b"))), "{\"why\":\"b\"}");
	assert_strz(text_of(&d, graph_detail_of(&cx, &d, "why", HM_STR(""))), "{}");
}

static void is_cut_between_letters(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(8 * HM_MIB);
	struct graph_doc d = { 0 };
	struct json doc;
	char *many = hm_alloc(&cx, HM_MAX_GRAPH_KEY + 2, 1, 1);
	many[0] = 'a';
	for (size_t i = 1; i <= HM_MAX_GRAPH_KEY; i += 2)
		memcpy(many + i, "\xc3\xa4", 2);
	struct hm_str got =
		text_of(&d, graph_detail_of(&cx, &d, "k", hm_bytes(many, HM_MAX_GRAPH_KEY + 1)));
	assert_ok(json_parse(&cx, got, JSON_STRICT, &doc));
	struct hm_str value = json_str(json_get(doc, "k"));
	assert_int_equal(value.n, HM_MAX_GRAPH_KEY - 1 + 3);
	assert_true(hm_ends(value, HM_STR("\xc3\xa4...")));
}

static void says_that_it_is_cut(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct graph_doc d = { 0 };
	struct graph_detail t = { 0 };
	struct json doc;
	char *many = hm_alloc(&cx, HM_MAX_GRAPH_KEY, 1, 1);
	memset(many, '\x01', HM_MAX_GRAPH_KEY);
	graph_detail_begin(&t);
	for (size_t i = 0; i < 100; i++)
		graph_detail_str(&cx, &t, "k", hm_bytes(many, HM_MAX_GRAPH_KEY));
	struct hm_str got = text_of(&d, graph_detail_end(&cx, &d, &t));
	assert_true(got.n <= HM_MAX_GRAPH_TEXT);
	assert_ok(json_parse(&cx, got, JSON_PLAIN, &doc));
	assert_true(json_bool(json_get(doc, "cut")));
}

int main(void)
{
	UNIT(is_an_object);
	UNIT(is_cut_between_letters);
	UNIT(says_that_it_is_cut);
	return unit_run("graph/detail");
}
