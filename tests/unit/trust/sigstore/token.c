/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/base64.h"
#include "trust/sigstore/sign.h"

#include "unit.h"

enum { NOW = 1000 };

static const struct token_case {
	const char *label, *claims, *subject;
	enum hm_code code;
	const char *words;
} tokens[] = {
	{ "a mail address",
	  "{\"iss\":\"https://i\",\"sub\":\"s\",\"exp\":2000,\"email\":\"a@example.com\",\"email_"
	  "verified\":true}",
	  "a@example.com", 0, NULL },
	{ "verified as text",
	  "{\"iss\":\"https://i\",\"sub\":\"s\",\"exp\":2000,\"email\":\"a@example.com\",\"email_"
	  "verified\":\"true\"}",
	  "a@example.com", 0, NULL },
	{ "a job", "{\"iss\":\"https://i\",\"sub\":\"repo:a/b:ref:c\",\"exp\":2000}",
	  "repo:a/b:ref:c", 0, NULL },
	{ "not verified",
	  "{\"iss\":\"https://i\",\"sub\":\"s\",\"exp\":2000,\"email\":\"a@example.com\"}", NULL,
	  HM_TRUST, "has not verified the mail address" },
	{ "expired", "{\"iss\":\"https://i\",\"sub\":\"s\",\"exp\":1000}", NULL, HM_TRUST,
	  "the identity token expired at 1970-01-01T00:16:40Z" },
	{ "nobody", "{\"iss\":\"https://i\",\"exp\":2000}", NULL, HM_INPUT,
	  "does not say whose it is" },
	{ "no issuer", "{\"sub\":\"s\",\"exp\":2000}", NULL, HM_INPUT, "\"iss\"" },
	{ "no end", "{\"iss\":\"https://i\",\"sub\":\"s\"}", NULL, HM_INPUT, "\"exp\"" },
	{ "a list", "[]", NULL, HM_INPUT, "are not an object" },
	{ "no JSON", "{", NULL, HM_INPUT, "are malformed" },
	{ "a claim twice", "{\"sub\":\"a\",\"sub\":\"b\"}", NULL, HM_INPUT, "are malformed" },
};

static void token(void **state)
{
	const struct token_case *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	SIGSTORE_AUTO_TOKEN out = { 0 };
	struct hm_secret text = hm_secret_of(
		hm_fmt(&cx, "e30.%.*s.c2ln\n",
		       HM_FMT(base64_format(&cx, BASE64_URL_RAW, hm_cstr(t->claims)))));
	hm_err err = trust_sigstore_token_parse(&cx, &text, NOW, &out);
	assert_int_equal(text.bytes.n, 0); /* it is whose it is now, or gone */
	if (t->words) {
		assert_fault(err, t->code, t->words);
		return;
	}
	assert_ok(err);
	assert_strz(out.subject, t->subject);
	assert_strz(out.issuer, "https://i");
	assert_int_equal(out.expiry, 2000);
}

static const struct shape_case {
	const char *label, *text;
} shapes[] = {
	{ "empty", "" },
	{ "a word", "token" },
	{ "two parts", "a.b" },
	{ "four parts", "a.b.c.d" },
	{ "an empty part", "a..c" },
	{ "no base64", "a.!.c" },
};

static void shape(void **state)
{
	const struct shape_case *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	SIGSTORE_AUTO_TOKEN out = { 0 };
	struct hm_secret text = hm_secret_of(hm_cstr(t->text));
	assert_fault(trust_sigstore_token_parse(&cx, &text, NOW, &out), HM_INPUT,
		     "not an identity token");
}

int main(void)
{
	UNIT_TABLE(token, tokens);
	UNIT_TABLE(shape, shapes);
	return unit_run("trust/sigstore/token");
}
