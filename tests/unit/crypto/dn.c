/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/crypto.h"

#include "unit.h"

static const struct good_case {
	const char *label, *text, *want; /* names and values with '|' between */
} goods[] = {
	{ "three attributes", "C=US,ST=WA,O=Acme", "C|US|ST|WA|O|Acme" },
	{ "spaces around them", " C = US , ST= WA ,O=Acme ", "C|US|ST|WA|O|Acme" },
	{ "S for ST", "C=US,S=WA,O=Acme", "C|US|ST|WA|O|Acme" },
	{ "an escaped comma", "O=Acme\\, Inc.", "O|Acme, Inc." },
	{ "an escaped backslash", "O=a\\\\b", "O|a\\b" },
	{ "bytes in hexadecimal", "O=Z\\c3\\BCrich", "O|Z\xc3\xbcrich" },
	{ "an escaped space at the end", "O=a\\ ", "O|a " },
	{ "an escaped hash", "O=\\#1", "O|#1" },
	{ "a hash inside", "O=a#1", "O|a#1" },
	{ "an equals sign in a value", "O=a=b", "O|a=b" },
	{ "a semicolon between", "C=US;O=Acme", "C|US|O|Acme" },
	{ "an object identifier", "1.2.3=x", "1.2.3|x" },
};

static void good(void **state)
{
	const struct good_case *t = *state;
	HM_AUTO_CX cx = HM_CX(1 << 20);
	HM_AUTO_BUF b = HM_BUF(4096);
	struct crypto_attribute *a;
	size_t n;
	assert_ok(crypto_dn_parse(&cx, hm_cstr(t->text), &a, &n));
	for (size_t i = 0; i < n; i++)
		hm_buf_fmt(&b, "%s%.*s|%.*s", i ? "|" : "", HM_FMT(a[i].name), HM_FMT(a[i].value));
	assert_strz(hm_buf_str(&b), t->want);
}

static const struct bad_case {
	const char *label, *text, *why;
} bads[] = {
	{ "nothing", "", "malformed" },
	{ "no equals sign", "C", "malformed" },
	{ "no name", "=US", "malformed" },
	{ "no value", "C=", "no value" },
	{ "only spaces for a value", "C=  ,O=a", "no value" },
	{ "a comma at the end", "C=US,", "malformed" },
	{ "two commas", "C=US,,O=a", "malformed" },
	{ "an attribute twice", "C=US,C=DE", "twice" },
	{ "ST and S", "ST=WA,S=WA", "twice" },
	{ "two attributes in one RDN", "C=US+O=a", "several" },
	{ "a value in hexadecimal", "O=#04024869", "hexadecimal" },
	{ "a backslash at the end", "O=a\\", "backslash" },
	{ "a backslash before half a byte", "O=a\\4", "backslash" },
	{ "bytes that are no text", "O=\\ff", "UTF-8" },
	{ "a zero byte", "O=a\\00b", "UTF-8" },
	{ "a quotation mark", "O=\"a\"", "not escaped" },
	{ "a name with a space", "my name=x", "malformed" },
};

static void bad(void **state)
{
	const struct bad_case *t = *state;
	HM_AUTO_CX cx = HM_CX(1 << 20);
	struct crypto_attribute *a;
	size_t n;
	assert_fault(crypto_dn_parse(&cx, hm_cstr(t->text), &a, &n), HM_INPUT, t->why);
}

static const struct within_case {
	const char *label, *some, *all;
	bool want;
} withins[] = {
	{ "the same", "C=US,O=a", "C=US,O=a", true },
	{ "in another order", "C=US,O=a", "O=a,C=US", true },
	{ "fewer", "C=US,O=a", "C=US,O=a,CN=x", true },
	{ "more", "C=US,O=a,CN=x", "C=US,O=a", false },
	{ "another value", "C=US,O=a", "C=US,O=b", false },
	{ "another case", "C=US,O=a", "C=US,O=A", false },
};

static void within(void **state)
{
	const struct within_case *t = *state;
	HM_AUTO_CX cx = HM_CX(1 << 20);
	struct crypto_attribute *a, *b;
	size_t na, nb;
	assert_ok(crypto_dn_parse(&cx, hm_cstr(t->some), &a, &na));
	assert_ok(crypto_dn_parse(&cx, hm_cstr(t->all), &b, &nb));
	assert_int_equal(crypto_dn_within(a, na, b, nb), t->want);
}

int main(void)
{
	UNIT_TABLE(good, goods);
	UNIT_TABLE(bad, bads);
	UNIT_TABLE(within, withins);
	return unit_run("crypto/dn");
}
