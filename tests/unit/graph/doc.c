/* SPDX-License-Identifier: Apache-2.0 */
/* A document's nouns and facts, across: what is written is read, and nothing else is. */
#include "unit.h"

#include "graph/doc.h"

static void make(struct hm_cx *cx, struct graph_doc *d)
{
	static const struct graph_link links[] = { { GRAPH_MATERIAL, 3 } };
	d->format = HM_STR("a test");
	graph_ref a = graph_doc_package(cx, d, HM_STR("pkg:npm/a@1"));
	graph_ref artifact = graph_doc_artifact(cx, d, HM_STR("SHA256"), HM_STR("ABC"));
	graph_doc_fact(cx, d,
		       &(struct graph_fact){ .kind = GRAPH_IS_OCCURRENCE,
					     .subject = a,
					     .object = artifact,
					     .detail = graph_doc_text(cx, d, HM_STR("why")),
					     .links = links,
					     .links_n = 1 });
}

static void crosses(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	HM_AUTO_BUF b = HM_BUF(HM_KIB);
	struct graph_doc d = { 0 }, got = { 0 };
	make(&cx, &d);
	make(&cx, &d);
	assert_int_equal(d.nouns.n, 4); /* the same again is the same */
	assert_int_equal(d.facts.n, 1);
	graph_doc_write(&d, &b);
	assert_ok(graph_doc_read(&cx, hm_buf_str(&b), &got));
	assert_strz(got.format, "a test");
	assert_int_equal(got.nouns.n, 4);
	assert_strz(got.nouns.p[0].key, "pkg:npm/a");
	assert_strz(got.nouns.p[1].key, "pkg:npm/a@1");
	assert_int_equal(got.nouns.p[1].parent, 1);
	assert_strz(got.nouns.p[2].key, "sha256:abc");
	assert_int_equal(got.facts.p[0].kind, GRAPH_IS_OCCURRENCE);
	assert_int_equal(got.facts.p[0].subject, 2);
	assert_int_equal(got.facts.p[0].links[0].noun, 3);
}

static void refuses_what_is_cut(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	HM_AUTO_BUF b = HM_BUF(HM_KIB);
	struct graph_doc d = { 0 };
	make(&cx, &d);
	graph_doc_write(&d, &b);
	for (size_t n = 0; n < b.n; n++) {
		struct graph_doc got = { 0 };
		assert_fault(graph_doc_read(&cx, hm_bytes(b.p, n), &got), HM_INPUT, "damaged");
	}
	hm_buf_char(&b, 'x');
	struct graph_doc got = { 0 };
	assert_fault(graph_doc_read(&cx, hm_buf_str(&b), &got), HM_INPUT, "damaged");
}

/* A worker that strangers have taken over says what only the parent knows of. */
static void refuses_what_is_not_a_documents(void **state)
{
	static const struct {
		enum graph_fact_kind kind;
		const char *detail; /* NULL: none */
		bool good;
	} cases[] = {
		{ GRAPH_TAGGED_AS, "{}", false },
		{ GRAPH_RUNS_IN, "{}", false },
		{ GRAPH_PART_OF, "{}", false },
		{ GRAPH_BASED_ON, "{}", false },
		{ GRAPH_REFERS_TO, "{}", false },
		{ GRAPH_LOGGED_AT, "{}", false },
		{ GRAPH_SIGNED_BY, "{\"verified\":true}", false },
		{ GRAPH_SIGNED_BY, "{ \"verified\" : true }", false },
		{ GRAPH_SIGNED_BY, "{\"verified\":false,\"verified\":true}", false },
		{ GRAPH_SIGNED_BY, "{\"verified\":1}", false },
		{ GRAPH_SIGNED_BY, "{}", false },
		{ GRAPH_SIGNED_BY, NULL, false },
		{ GRAPH_SIGNED_BY, "{\"verified\":false}", true },
		{ GRAPH_DECIDED_BY, "{}", true },
	};
	(void)state;
	for (size_t i = 0; i < HM_LEN(cases); i++) {
		HM_AUTO_CX cx = HM_CX(HM_MIB);
		HM_AUTO_BUF b = HM_BUF(HM_KIB);
		struct graph_doc d = { .format = HM_STR("a test") }, got = { 0 };
		graph_ref what = graph_doc_artifact(&cx, &d, HM_STR("sha256"), HM_STR("abc"));
		struct graph_fact f = { .kind = cases[i].kind, .subject = what, .object = what };
		if (cases[i].detail)
			f.detail = graph_doc_text(&cx, &d, hm_cstr(cases[i].detail));
		graph_doc_fact(&cx, &d, &f);
		graph_doc_write(&d, &b);
		if (cases[i].good)
			assert_ok(graph_doc_read(&cx, hm_buf_str(&b), &got));
		else
			assert_fault(graph_doc_read(&cx, hm_buf_str(&b), &got), HM_INPUT,
				     "damaged");
	}
}

static const struct hostile_case {
	const char *label;
	size_t n;
	const char *bytes;
} hostile[] = {
	{ "a kind that is none", 6, "\x00\x01\x7f\x00\x01\x61" },
	{ "a parent that comes later", 8, "\x00\x01\x02\x01\x01\x61\x00\x00" },
	{ "a name with a NUL", 7, "\x00\x01\x02\x00\x01\x00\x00" },
	{ "a name that is no text", 7, "\x00\x01\x02\x00\x01\xff\x00" },
	{ "a fact about nothing", 12, "\x00\x01\x02\x00\x01\x61\x01\x01\x00\x00\x00\x00" },
	{ "a fact about what is not there", 12,
	  "\x00\x01\x02\x00\x01\x61\x01\x01\x02\x00\x00\x00" },
	{ "more nouns than bytes", 11, "\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01" },
};

static void refuses(void **state)
{
	const struct hostile_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct graph_doc got = { 0 };
	assert_fault(graph_doc_read(&cx, hm_bytes(t->bytes, t->n), &got), HM_INPUT, "damaged");
}

static void takes_no_name_that_is_none(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct graph_doc d = { 0 };
	char *many = hm_alloc(&cx, HM_MAX_GRAPH_KEY + 1, 1, 1);
	memset(many, 'a', HM_MAX_GRAPH_KEY + 1);
	assert_int_equal(graph_doc_text(&cx, &d, HM_STR("")), 0);
	assert_int_equal(graph_doc_text(&cx, &d, HM_STR("\xff")), 0);
	assert_int_equal(graph_doc_text(&cx, &d, hm_bytes("a\0b", 3)), 0);
	struct hm_str key = hm_bytes(many, HM_MAX_GRAPH_KEY), longer = hm_bytes(many, key.n + 1);
	assert_int_equal(graph_doc_noun(&cx, &d, GRAPH_BUILDER, longer, 0), 0);
	assert_int_equal(graph_doc_noun(&cx, &d, GRAPH_BUILDER, key, 0), 1);
	assert_int_equal(graph_doc_text(&cx, &d, longer), 2);
	assert_int_equal(graph_doc_package(&cx, &d, HM_STR("no purl")), 0);
	graph_doc_fact(&cx, &d, &(struct graph_fact){ .kind = GRAPH_HAS_SBOM });
	assert_int_equal(d.facts.n, 0);
}

int main(void)
{
	UNIT(crosses);
	UNIT(refuses_what_is_cut);
	UNIT(refuses_what_is_not_a_documents);
	UNIT_TABLE(refuses, hostile);
	UNIT(takes_no_name_that_is_none);
	return unit_run("graph/doc");
}
