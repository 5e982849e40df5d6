/* SPDX-License-Identifier: Apache-2.0 */
/* GraphQL's language: what is read, what is refused and where, and the limits. */
#include "codec/graphql.h"

#include "unit.h"

/* The document, in a form of its own: (kind name[=alias] ...) */
static const char *const kinds[GRAPHQL_KINDS] = {
	[GRAPHQL_QUERY] = "query",
	[GRAPHQL_MUTATION] = "mutation",
	[GRAPHQL_SUBSCRIPTION] = "subscription",
	[GRAPHQL_FRAGMENT] = "fragment",
	[GRAPHQL_FIELD] = "field",
	[GRAPHQL_SPREAD] = "spread",
	[GRAPHQL_INLINE] = "inline",
	[GRAPHQL_VARIABLE_DEFINITION] = "def",
	[GRAPHQL_ARGUMENT] = "arg",
	[GRAPHQL_DIRECTIVE] = "@",
	[GRAPHQL_VARIABLE] = "$",
	[GRAPHQL_INT] = "int",
	[GRAPHQL_FLOAT] = "float",
	[GRAPHQL_STRING] = "str",
	[GRAPHQL_BOOLEAN] = "bool",
	[GRAPHQL_NULL] = "null",
	[GRAPHQL_ENUM] = "enum",
	[GRAPHQL_LIST] = "list",
	[GRAPHQL_OBJECT] = "object",
};

/* Each node with its kind, its texts and the numbers of what belongs to it, in the order of the
 * list. */
static struct hm_str show(struct hm_cx *cx, const struct graphql_document *d)
{
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	for (size_t i = 1; i < d->n; i++) {
		const struct graphql_node *n = &d->p[i];
		hm_buf_fmt(&b, "%s%s", i > 1 ? " " : "", kinds[n->kind]);
		if (n->name.n)
			hm_buf_fmt(&b, ":%.*s", HM_FMT(n->name));
		if (n->alias.n && !hm_eq(n->alias, n->name))
			hm_buf_fmt(&b, "=%.*s", HM_FMT(n->alias));
		if (n->type.n)
			hm_buf_fmt(&b, "~%.*s", HM_FMT(n->type));
		if (n->children)
			hm_buf_fmt(&b, "{%u", n->children);
		if (n->next)
			hm_buf_fmt(&b, ">%u", n->next);
	}
	return hm_dup(cx, hm_buf_str(&b));
}

static void documents_are_read(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "{a}", "query{2 field:a" },
		{ "\xef\xbb\xbf# c\r\n{ a, b }", "query{2 field:a>3 field:b" },
		{ "query Q { x: a { b } c }", "query:Q{2 field:a=x{3>4 field:b field:c" },
		{ "{a(b: 1, c: [true, null])}",
		  "query{2 field:a arg:b>5 int:1 arg:c list{7 bool:true>8 null:null" },
		{ "{a(b:{c:{d:E}} f:\"\")}",
		  "query{2 field:a arg:b>9 object{5 arg:c object{7 arg:d enum:E arg:f str" },
		{ "query($a:[ID!]!=[\"x\"],$b:Int){a(v:$a)}",
		  "query{6 def:a~[ID!]!>5 list{4 str:x def:b~Int field:a arg:v $:a" },
		{ "{...F ...on T{a} ...@skip(if:$x){b}} fragment F on U{c}",
		  "query{2>10 spread:F>3 inline~T{4>5 field:a inline{9 @:skip arg:if $:x field:b "
		  "fragment:F~U{11 field:c" },
		{ "mutation M{a} subscription{b}",
		  "mutation:M{2>3 field:a subscription{4 field:b" },
		{ "{a(s:\"\\u0041\\ud83d\\ude00\\n\\\"\")}",
		  "query{2 field:a arg:s str:A\xf0\x9f\x98\x80\n\"" },
		{ "{a(s:\"\"\"\n   x\n     y\\\"\"\"\n\n\"\"\")}",
		  "query{2 field:a arg:s str:x\n  y\"\"\"" },
		{ "{a(n:-0.5e+3 m:0)}", "query{2 field:a arg:n>5 float:-0.5e+3 arg:m int:0" },
		{ "{on query fragment}", "query{2 field:on>3 field:query>4 field:fragment" },
	};
	(void)state;
	for (size_t i = 0; i < HM_LEN(rows); i++) {
		HM_AUTO_CX cx = HM_CX(HM_MIB);
		struct graphql_document d;
		assert_ok(graphql_parse(&cx, hm_cstr(rows[i].text), &d));
		assert_string_equal(hm_dupz(&cx, show(&cx, &d)), rows[i].want);
	}
}

static void what_is_not_graphql_is_refused_with_its_place(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{ "", "line 1, column 1: a query or a fragment is wanted there, not the end" },
		{ "{}", "line 1, column 2: a field is wanted there, not }" },
		{ "{a", "line 1, column 3: a name is wanted there, not the end" },
		{ "{a}}", "line 1, column 4: a query or a fragment" },
		{ "{a\n (b 1)}", "line 2, column 5: \":\" is wanted there, not 1" },
		{ "{a()}", "column 4: a name is wanted there, not )" },
		{ "{a(b:)}", "a value is wanted there, not )" },
		{ "{a(b:[1}", "a value is wanted there, not }" },
		{ "{a(b:{c:[$d]})", "a name is wanted there, not the end" },
		{ "query($a:Int=$b){c}", "a value is wanted there, not $" },
		{ "query(){a}", "\"$\" is wanted there, not )" },
		{ "query($a:[Int){a}", "\"]\" is wanted there, not )" },
		{ "fragment on on T{a}", "the name of a fragment is wanted there" },
		{ "fragment F{a}", "\"on\" is wanted there" },
		{ "{...}", "a selection is wanted there" },
		{ "{a:}", "a name is wanted there" },
		{ "type T {a:Int}", "a query or a fragment is wanted there, not type" },
		{ "{a(b:01)}", "a number that begins with 0" },
		{ "{a(b:1.)}", "a number without digits" },
		{ "{a(b:1x)}", "a number that does not end" },
		{ "{a(b:-)}", "a number without digits" },
		{ "{a(b:\"x\n\")}", "a string that does not end on its line" },
		{ "{a(b:\"\\x\")}", "an unknown escape in a string" },
		{ "{a(b:\"\\u12g4\")}", "\\u without four hexadecimal digits" },
		{ "{a(b:\"\\ud800\")}", "half a pair of surrogates" },
		{ "{a(b:\"\"\"x)}", "a block string that does not end" },
		{ "{a;}", "a character that has no place there" },
		{ "{a..b}", "a character that has no place there" },
		{ "{\xff}", "the query is not UTF-8" },
	};
	(void)state;
	for (size_t i = 0; i < HM_LEN(rows); i++) {
		HM_AUTO_CX cx = HM_CX(HM_MIB);
		struct graphql_document d;
		assert_fault(graphql_parse(&cx, hm_cstr(rows[i].text), &d), HM_INPUT, rows[i].why);
	}
}

/* `n` times `head`, then `tail`. */
static struct hm_str repeat(struct hm_cx *cx, const char *before, const char *head, size_t n,
			    const char *tail)
{
	HM_AUTO_BUF b = HM_BUF(16 * HM_MIB);
	hm_buf_addz(&b, before);
	for (size_t i = 0; i < n; i++)
		hm_buf_addz(&b, head);
	hm_buf_addz(&b, tail);
	return hm_dup(cx, hm_buf_str(&b));
}

static void the_limits_hold(void **state)
{
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct graphql_document d;
	(void)state;
	assert_fault(graphql_parse(&cx, repeat(&cx, "", "{a", HM_MAX_GRAPHQL_DEPTH + 1, ""), &d),
		     HM_LIMIT, "nested more than 48 levels deep");
	assert_fault(graphql_parse(&cx, repeat(&cx, "{a(b:", "[", HM_MAX_GRAPHQL_DEPTH + 1, ""),
				   &d),
		     HM_LIMIT, "nested more than 48 levels deep");
	assert_fault(graphql_parse(&cx, repeat(&cx, "query($a:", "[", HM_MAX_GRAPHQL_DEPTH + 1, ""),
				   &d),
		     HM_LIMIT, "nested more than 48 levels deep");
	assert_fault(graphql_parse(&cx, repeat(&cx, "{", "a ", HM_MAX_GRAPHQL_TOKENS, "}"), &d),
		     HM_LIMIT, "more than 50000 tokens");
	assert_fault(graphql_parse(&cx, repeat(&cx, "{", " ", HM_MAX_GRAPHQL, "a}"), &d), HM_LIMIT,
		     "more than 1048576 bytes");
}

static void tokens_are_counted_and_placed(void **state)
{
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct graphql_lexer l = { .all = HM_STR("a\r\n\r ...5") };
	(void)state;
	assert_ok(graphql_next(&cx, &l));
	assert_int_equal(l.kind, GRAPHQL_T_NAME);
	assert_ok(graphql_next(&cx, &l));
	assert_int_equal(l.kind, GRAPHQL_T_MARK);
	assert_int_equal(l.token_line, 3);
	assert_int_equal(l.token_column, 2);
	assert_ok(graphql_next(&cx, &l));
	assert_int_equal(l.kind, GRAPHQL_T_INT);
	assert_ok(graphql_next(&cx, &l));
	assert_int_equal(l.kind, GRAPHQL_T_END);
	assert_int_equal(l.tokens, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(documents_are_read),
		cmocka_unit_test(what_is_not_graphql_is_refused_with_its_place),
		cmocka_unit_test(the_limits_hold),
		cmocka_unit_test(tokens_are_counted_and_placed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
