/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/remote/headers.h"

#include "unit.h"

static const struct challenges {
	const char *label, *text;
	enum challenge_scheme scheme;
	const char *realm, *service, *scope;
} challenges[] = {
	{ "nothing", "", CHALLENGE_NONE, "", "", "" },
	{ "basic", "Basic realm=\"a b\"", CHALLENGE_BASIC, "a b", "", "" },
	{ "bearer", "Bearer realm=\"https://a/t\",service=\"s\",scope=\"repository:x:pull,push\"",
	  CHALLENGE_BEARER, "https://a/t", "s", "repository:x:pull,push" },
	{ "any case, spaces", "bEaReR  ReAlM = \"r\" , service=s", CHALLENGE_BEARER, "r", "s", "" },
	{ "an escaped quote", "Basic realm=\"a\\\"b\"", CHALLENGE_BASIC, "a\"b", "", "" },
	{ "bearer wins over basic", "Basic realm=\"b\", Bearer realm=\"t\"", CHALLENGE_BEARER, "t",
	  "", "" },
	{ "bearer wins when it is first", "Bearer realm=\"t\", Basic realm=\"b\"", CHALLENGE_BEARER,
	  "t", "", "" },
	{ "schemes that are not known", "Negotiate, NTLM, Basic realm=x", CHALLENGE_BASIC, "x", "",
	  "" },
	{ "only such", "Negotiate abcd==", CHALLENGE_NONE, "", "", "" },
};

static void reads_challenges(void **state)
{
	const struct challenges *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct challenge c;
	assert_ok(oci_challenge_parse(&cx, hm_cstr(t->text), &c));
	assert_int_equal(c.scheme, t->scheme);
	assert_strz(c.realm, t->realm);
	assert_strz(c.service, t->service);
	assert_strz(c.scope, t->scope);
}

static const struct links {
	const char *label, *text, *next;
} links[] = {
	{ "none", "", "" },
	{ "next", "</v2/x/tags/list?last=b&n=2>; rel=\"next\"", "/v2/x/tags/list?last=b&n=2" },
	{ "without quotes", "<a>;rel=next", "a" },
	{ "one of several relations", "<a>; rel=\"last next\"", "a" },
	{ "another relation", "<a>; rel=\"prev\"", "" },
	{ "the second", "<a>; rel=prev, <b>; title=\"x, <c>\"; rel=next", "b" },
};

static void reads_links(void **state)
{
	const struct links *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct hm_str next;
	assert_ok(oci_link_next(&cx, hm_cstr(t->text), &next));
	assert_strz(next, t->next);
}

static const struct wrong {
	const char *label, *why;
} wrong_challenges[] = {
	{ "Basic realm=\"a", "a quoted string does not end" },
	{ "\"", "the challenge \"\"\" cannot be read" },
	{ "Basic realm=\"a\\", "a quoted string does not end" },
}, wrong_links[] = {
	{ "a", "the link \"a\" cannot be read" },
	{ "<a", "the link \"<a\" cannot be read" },
	{ "<a>; \"x\"", "the link cannot be read" },
	{ "<a>; rel=\"next", "a quoted string does not end" },
};

static void refuses_challenge(void **state)
{
	const struct wrong *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct challenge c;
	assert_fault(oci_challenge_parse(&cx, hm_cstr(t->label), &c), HM_INPUT, t->why);
}

static void refuses_link(void **state)
{
	const struct wrong *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct hm_str next;
	assert_fault(oci_link_next(&cx, hm_cstr(t->label), &next), HM_INPUT, t->why);
}

static const struct warning {
	const char *label, *header, *text; /* NULL: none for people */
} warnings[] = {
	{ "a text", "299 - \"soon gone\"", "soon gone" },
	{ "quotes within it", "299 - \"soon \\\"gone\\\"\"", "soon \"gone\"" },
	{ "an agent and a date", "299 r.example \"x\" \"Sun, 06 Nov 1994 08:49:37 GMT\"", "x" },
	{ "white space", "  299   -   \"x\"", "x" },
	{ "another code", "199 - \"x\"", NULL },
	{ "a code that only begins so", "2990 - \"x\"", NULL },
	{ "no agent", "299 \"x\"", NULL },
	{ "no text", "299 -", NULL },
	{ "an empty text", "299 - \"\"", NULL },
	{ "one that does not end", "299 - \"x", NULL },
	{ "none quoted", "299 - x", NULL },
	{ "nothing", "", NULL },
};

static void warning(void **state)
{
	const struct warning *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct hm_str text;
	assert_int_equal(oci_warning_parse(&cx, hm_cstr(t->header), &text), t->text != NULL);
	if (t->text)
		assert_strz(text, t->text);
}

int main(void)
{
	UNIT_TABLE(warning, warnings);
	UNIT_TABLE(reads_challenges, challenges);
	UNIT_TABLE(reads_links, links);
	UNIT_TABLE(refuses_challenge, wrong_challenges);
	UNIT_TABLE(refuses_link, wrong_links);
	return unit_run("oci/remote/headers");
}
