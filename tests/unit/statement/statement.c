/* SPDX-License-Identifier: Apache-2.0 */
#include "statement/statement.h"

#include "unit.h"

#define HEX  "aaaabbbbccccddddeeeeffff0000111122223333444455556666777788889999"
#define HEAD "{\"_type\":\"" STATEMENT_TYPE "\",\"predicateType\":\"https://test/p\","

static void good(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct statement s;
	struct hm_str text;
	assert_ok(statement_parse(
		&cx,
		HM_STR(HEAD "\"subject\":[{\"name\":\"a\",\"digest\":{\"sha1\":\"00\",\"sha256\":"
			    "\"" HEX
			    "\"}},{\"digest\":{\"sha512\":\"AB\"}}],\"predicate\":{\"x\":1},"
			    "\"more\":true}"),
		&s));
	assert_int_equal(s.subjects_n, 2);
	assert_strz(s.predicate_type, "https://test/p");
	assert_true(statement_names(&s, HM_STR("sha256:" HEX)));
	assert_true(statement_names(&s, HM_STR("sha512:ab")));
	assert_false(statement_names(&s, HM_STR("sha512:" HEX)));
	assert_false(statement_names(&s, HM_STR("sha256:")));
	assert_false(statement_names(&s, HM_STR("")));
	assert_true(statement_has_digest(&s, HM_STR("sha1")));
	assert_false(statement_has_digest(&s, HM_STR("sha384")));
	assert_ok(statement_write(&cx, &s, &text));
	assert_strz(text,
		    "{\"_type\":\"" STATEMENT_TYPE "\",\"subject\":[{\"name\":\"a\",\"digest\":{"
		    "\"sha1\":\"00\",\"sha256\":\"" HEX "\"}},{\"digest\":{\"sha512\":\"ab\"}}],"
		    "\"predicateType\":\"https://test/p\",\"predicate\":{\"x\":1}}");
}

static void old(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct statement s;
	assert_ok(statement_parse(&cx,
				  HM_STR("{\"_type\":\"" STATEMENT_OLD_TYPE
					 "\",\"predicateType\":\"x\",\"subject\":[{\"name\":\"a\","
					 "\"digest\":{\"sha256\":\"" HEX "\"}}]}"),
				  &s));
	assert_false(json_is_there(s.predicate));
}

#define ONE "\"subject\":[{\"digest\":{\"sha256\":\"" HEX "\"}}]"
static const struct bad_case {
	const char *label, *text, *why;
} bad_cases[] = {
	{ "no JSON", "x", "JSON" },
	{ "a list", "[]", "not a JSON object" },
	{ "no type", "{\"predicateType\":\"x\"," ONE "}", "\"_type\" is missing" },
	{ "another type",
	  "{\"_type\":\"https://in-toto.io/Statement/v2\",\"predicateType\":\"x\"," ONE "}",
	  "are not supported" },
	{ "no predicate type", "{\"_type\":\"" STATEMENT_TYPE "\"," ONE "}",
	  "\"predicateType\" is missing" },
	{ "an empty one", "{\"_type\":\"" STATEMENT_TYPE "\",\"predicateType\":\"\"," ONE "}",
	  "\"predicateType\" is empty" },
	{ "no subject", HEAD "\"x\":1}", "no subject" },
	{ "no subjects", HEAD "\"subject\":[]}", "no subject" },
	{ "a subject that is none", HEAD "\"subject\":[1]}", "no digest" },
	{ "a subject without digest", HEAD "\"subject\":[{\"name\":\"a\"}]}", "no digest" },
	{ "one without any", HEAD "\"subject\":[{\"digest\":{}}]}", "no digest" },
	{ "a second one without", HEAD "\"subject\":[{\"digest\":{\"sha256\":\"00\"}},{}]}",
	  "no digest" },
	{ "a digest that is a number", HEAD "\"subject\":[{\"digest\":{\"sha256\":1}}]}",
	  "not a text" },
	{ "an empty digest", HEAD "\"subject\":[{\"digest\":{\"sha256\":\"\"}}]}", "not a text" },
	{ "a member twice", HEAD ONE "," ONE "}", "twice" },
	{ "a digest twice",
	  HEAD "\"subject\":[{\"digest\":{\"sha256\":\"00\",\"sha256\":\"01\"}}]}", "twice" },
	{ "a predicate that is a list", HEAD ONE ",\"predicate\":[]}", "not an object" },
	{ "something behind it", HEAD ONE "}x", "JSON" },
};

static void bad(void **state)
{
	const struct bad_case *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct statement s;
	assert_fault(statement_parse(&cx, hm_cstr(t->text), &s), HM_INPUT, t->why);
}

static void add_many(struct hm_buf *b, uint64_t n, const char *each)
{
	for (uint64_t i = 0; i < n; i++)
		hm_buf_fmt(b, "%s%s", i ? "," : "", each);
}

static void limits(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct statement s;
	for (uint64_t more = 0; more < 2; more++) {
		hm_buf_clear(&b);
		hm_buf_addz(&b, HEAD "\"subject\":[");
		add_many(&b, HM_MAX_STATEMENT_SUBJECTS + more, "{\"digest\":{\"sha256\":\"00\"}}");
		hm_buf_addz(&b, "]}");
		hm_err err = statement_parse(&cx, hm_buf_str(&b), &s);
		if (more)
			assert_fault(err, HM_LIMIT, "too many subjects");
		else
			assert_ok(err);
	}
	hm_buf_clear(&b);
	hm_buf_addz(&b, HEAD "\"subject\":[{\"digest\":{");
	for (uint64_t i = 0; i <= HM_MAX_STATEMENT_DIGESTS; i++)
		hm_buf_fmt(&b, "%s\"d%d\":\"00\"", i ? "," : "", (int)i);
	hm_buf_addz(&b, "}}]}");
	assert_fault(statement_parse(&cx, hm_buf_str(&b), &s), HM_LIMIT, "too many digests");
	hm_buf_clear(&b);
	hm_buf_addz(&b, "{\"_type\":\"" STATEMENT_TYPE "\",\"predicateType\":\"");
	add_many(&b, HM_MAX_PREDICATE_TYPE, "x");
	hm_buf_addz(&b, "\"," ONE "}");
	assert_fault(statement_parse(&cx, hm_buf_str(&b), &s), HM_LIMIT, "is too long");
}

/* Each name is one's own, and stands for a URI that is one. */
static void types(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct hm_str uri;
	for (const struct statement_type *t = statement_types; t->name; t++) {
		for (const struct statement_type *u = statement_types; u < t; u++)
			assert_string_not_equal(t->name, u->name);
		assert_ok(statement_type_uri(&cx, hm_cstr(t->name), &uri));
		assert_strz(uri, t->uri);
		assert_ok(statement_type_uri(&cx, uri, &uri));
		assert_strz(uri, t->uri);
		assert_true(t->what[0]);
	}
	assert_fault(statement_type_uri(&cx, HM_STR("slsa"), &uri), HM_USAGE, "neither a type");
	assert_fault(statement_type_uri(&cx, HM_STR(""), &uri), HM_USAGE, "neither a type");
	assert_fault(statement_type_uri(&cx, HM_STR("https://a\nb"), &uri), HM_USAGE,
		     "neither a type");
}

int main(void)
{
	UNIT(good);
	UNIT(old);
	UNIT_TABLE(bad, bad_cases);
	UNIT(limits);
	UNIT(types);
	return unit_run("statement/statement");
}
