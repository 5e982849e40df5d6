/* SPDX-License-Identifier: Apache-2.0 */
/* Words by which nouns are searched. */
#include "unit.h"

#include "graph/room.h"

static const struct word_case {
	const char *label;
	enum graph_noun_kind kind;
	const char *key, *want;
} cases[] = {
	{ "the name of a package", GRAPH_PACKAGE_NAME,
	  "pkg:maven/org.apache.logging.log4j/log4j-core", "maven org apache logging log4j core" },
	{ "of one with a scope", GRAPH_PACKAGE_NAME, "pkg:npm/%40angular/core",
	  "npm angular core" },
	{ "the version of a package, whole", GRAPH_PACKAGE,
	  "pkg:deb/debian/a@1%3A2.0-RC1?arch=i386", "1:2.0-rc1" },
	{ "no version", GRAPH_PACKAGE, "pkg:npm/a", "" },
	{ "a digest", GRAPH_ARTIFACT, "sha256:00ff", "00ff" },
	{ "what is no digest", GRAPH_ARTIFACT, "Abc", "abc" },
	{ "a vulnerability", GRAPH_VULNERABILITY, "cve/cve-2021-44228", "cve 2021 44228" },
	{ "a source", GRAPH_SOURCE, "git+https://github.com/A/b@12ab",
	  "git https github com a b 12ab" },
	{ "an image", GRAPH_IMAGE, "r.example:5000/shop/web:1.2", "r example 5000 shop web 1 2" },
	{ "letters of others", GRAPH_POLICY, "Größe und größe", "größe und" },
	{ "a text", GRAPH_TEXT, "one two", "" },
	{ "signs alone", GRAPH_BUILDER, "://", "" },
};

static void finds(void **state)
{
	const struct word_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct hm_strs words = { 0 };
	graph_noun_words(&cx, t->kind, hm_cstr(t->key), &words);
	for (size_t i = 0; i < words.n; i++)
		hm_buf_fmt(&b, "%s%.*s", i ? " " : "", HM_FMT(words.p[i]));
	assert_strz(hm_buf_str(&b), t->want);
}

static void has_limits(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct hm_strs words = { 0 };
	for (int i = 0; i < 1000; i++)
		hm_buf_fmt(&b, "%d/", i);
	graph_split_words(&cx, hm_buf_str(&b), &words);
	assert_int_equal(words.n, GRAPH_WORDS_MAX);
	/* cut between letters */
	words.n = 0;
	b.n = 0;
	hm_buf_char(&b, 'a');
	while (b.n <= GRAPH_WORD_MAX)
		hm_buf_add(&b, HM_STR("ä"));
	graph_split_words(&cx, hm_buf_str(&b), &words);
	assert_int_equal(words.n, 1);
	assert_int_equal(words.p[0].n, GRAPH_WORD_MAX - 1);
	assert_true(hm_is_utf8(words.p[0]));
}

/* Each kind of noun has words, but texts. */
static void of_each_kind(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	for (int kind = 1; kind < GRAPH_NOUN_KINDS; kind++) {
		struct hm_strs words = { 0 };
		graph_noun_words(&cx, (enum graph_noun_kind)kind, HM_STR("pkg:npm/a@1"), &words);
		assert_int_equal(words.n != 0, kind != GRAPH_TEXT);
	}
}

int main(void)
{
	UNIT_TABLE(finds, cases);
	UNIT(has_limits);
	UNIT(of_each_kind);
	return unit_run("graph/words");
}
