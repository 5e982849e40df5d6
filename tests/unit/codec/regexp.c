/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/regexp.h"

#include "unit.h"

static const struct match_case {
	const char *label, *pattern, *text;
	bool matches;
} match_cases[] = {
	{ "a text", "abc", "abc", true },
	{ "the whole text, at its end", "abc", "abcd", false },
	{ "the whole text, at its beginning", "abc", "xabc", false },
	{ "anchors change nothing", "^abc$", "abc", true },
	{ "no newline before the end", "abc$", "abc\n", false },
	{ "an alternative is whole, too", "a|abc", "abc", true },
	{ "but not its beginning", "a|abc", "ab", false },
	{ "any", ".*", "x", true },
	{ "no name", ".*", "", false },
	{ "a control character", "a.*", "a\tb", false },
	{ "a name of a workflow", "https://github\\.com/o/.+@refs/tags/v[0-9]+(\\.[0-9]+)*",
	  "https://github.com/o/r/.github/workflows/w.yml@refs/tags/v1.2", true },
	{ "its dot is a dot", "https://github\\.com/.*", "https://githubxcom/o", false },
	{ "without case", "(?i)ME@EXAMPLE\\.COM", "me@example.com", true },
	{ "a named group", "(?P<n>a)(?<m>b)", "ab", true },
	{ "lazy", "a+?b??", "aaa", true },
	{ "counted", "a{2,3}", "aaa", true },
	{ "counted too often", "a{2,3}", "aaaa", false },
	{ "a brace", "a{b}", "a{b}", true },
	{ "quoted", "\\Qa.b\\E+", "a.bb", true },
	{ "a class", "[]a\\d[:upper:]-]+", "]a1-", true },
	{ "a class of a class", "[[:upper:]]+", "AB", true },
	{ "a class of none of a class", "[[:^upper:]x]+", "abx", true },
	{ "and no other", "[[:^upper:]]+", "AB", false },
	{ "hexadecimal", "\\x61\\x{62}", "ab", true },
	{ "an umlaut is a letter of Unicode", "\\p{L}", "\xc3\xa4", true },
	{ "what is no UTF-8", ".*", "\xff", false },
	{ "too many steps", "(a|a)*(a|a)*(a|a)*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	  false },
};

static void match(void **state)
{
	const struct match_case *t = *state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct regexp p;
	assert_ok(regexp_parse(&cx, hm_cstr(t->pattern), &p));
	assert_int_equal(regexp_match(&cx, &p, hm_cstr(t->text)), t->matches);
}

static const struct refused_case {
	const char *pattern, *why;
} refused_cases[] = {
	{ "", "not a text" },
	{ "a\nb", "not a text" },
	{ "\xff", "not a text" },
	{ "(a", "at character" },
	{ "a)", "at character" },
	{ "[a", "a class does not end" },
	{ "*a", "at character 1" },
	{ "a{1001}", "more than 1000 times" },
	{ "a{,2}", "\"{,2}\" at character 2 is not in the syntax" },
	{ "(?=a)", "\"(?=\" at character 1 is not in the syntax" },
	{ "(?!a)", "is not in the syntax" },
	{ "(?<=a)b", "is not in the syntax" },
	{ "(?<!a)b", "is not in the syntax" },
	{ "(?>a)", "is not in the syntax" },
	{ "(?P=n)", "is not in the syntax" },
	{ "(?P>n)", "is not in the syntax" },
	{ "(?R)", "is not in the syntax" },
	{ "(?1)", "is not in the syntax" },
	{ "(?#c)a", "is not in the syntax" },
	{ "(?x)a b", "is not in the syntax" },
	{ "(?|a)", "is not in the syntax" },
	{ "(*UTF)a", "\"(*\" at character 1 is not in the syntax" },
	{ "(a)\\1", "\"\\1\" at character 4 is not in the syntax" },
	{ "\\K", "is not in the syntax" },
	{ "\\Z", "is not in the syntax" },
	{ "\\v", "is not in the syntax" },
	{ "\\h", "is not in the syntax" },
	{ "\\R", "is not in the syntax" },
	{ "\\x4", "is not in the syntax" },
	{ "\\x{}", "is not in the syntax" },
	{ "[\\b]", "is not in the syntax" },
	{ "[[.a.]]", "is not in the syntax" },
	{ "[[:<:]]", "is not in the syntax" },
	{ "[[:a](?=x):]]", "\"[:a\" at character 2 is not in the syntax" },
	{ "[[:a]", "is not in the syntax" },
	{ "[[:]", "is not in the syntax" },
	{ "[[:^:]]", "is not in the syntax" },
	{ "[[:al pha:]]", "is not in the syntax" },
	{ "[[:alpha:x]:]", "is not in the syntax" },
	{ "[a[=b=]]", "is not in the syntax" },
	{ "a*+", "\"+\" at character 3 is not in the syntax" },
	{ "a++", "is not in the syntax" },
	{ "a{2}+", "is not in the syntax" },
	{ "a\\", "is not in the syntax" },
};

static void refused(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct regexp p;
	for (size_t i = 0; i < HM_LEN(refused_cases); i++)
		assert_fault(regexp_parse(&cx, hm_cstr(refused_cases[i].pattern), &p), HM_INPUT,
			     refused_cases[i].why);
	char *many = hm_alloc(&cx, HM_MAX_PATTERN + 1, 1, 1);
	memset(many, 'a', HM_MAX_PATTERN + 1);
	assert_fault(regexp_parse(&cx, hm_bytes(many, HM_MAX_PATTERN + 1), &p), HM_LIMIT,
		     "too long");
	memset(many, '(', HM_MAX_PATTERN);
	assert_fault(regexp_parse(&cx, hm_bytes(many, HM_MAX_PATTERN), &p), HM_INPUT, "nested");
}

static void within(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct regexp p;
	assert_ok(regexp_parse_within(&cx, HM_STR("b|^c"), &p));
	assert_true(regexp_match(&cx, &p, HM_STR("abc")));
	assert_true(regexp_match(&cx, &p, HM_STR("ca")));
	assert_false(regexp_match(&cx, &p, HM_STR("ac")));
	/* a group that is closed too early, and one that is opened again, is none */
	assert_fault(regexp_parse_within(&cx, HM_STR("a)(b"), &p), HM_INPUT, "at character");
}

int main(void)
{
	UNIT_TABLE(match, match_cases);
	UNIT(refused);
	UNIT(within);
	return unit_run("codec/regexp");
}
