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
	  "{\"iss\":\"https://i\",\"sub\":\"s\",\"aud\":\"sigstore\",\"exp\":2000,\"email\":\"a@example.com\",\"email_"
	  "verified\":true}",
	  "a@example.com", 0, NULL },
	{ "verified as text",
	  "{\"iss\":\"https://i\",\"sub\":\"s\",\"aud\":\"sigstore\",\"exp\":2000,\"email\":\"a@example.com\",\"email_"
	  "verified\":\"true\"}",
	  "a@example.com", 0, NULL },
	{ "a job",
	  "{\"iss\":\"https://i\",\"sub\":\"repo:a/b:ref:c\",\"aud\":\"sigstore\",\"exp\":2000}",
	  "repo:a/b:ref:c", 0, NULL },
	{ "one of several audiences",
	  "{\"iss\":\"https://i\",\"sub\":\"s\",\"aud\":[\"a\",\"sigstore\"],\"exp\":2000}", "s", 0,
	  NULL },
	{ "valid since now",
	  "{\"iss\":\"https://i\",\"sub\":\"s\",\"aud\":\"sigstore\",\"exp\":2000,\"nbf\":1300}",
	  "s", 0, NULL },
	{ "not yet valid",
	  "{\"iss\":\"https://i\",\"sub\":\"s\",\"aud\":\"sigstore\",\"exp\":2000,\"nbf\":1301}",
	  NULL, HM_TRUST, "holds from 1970-01-01T00:21:41Z on" },
	{ "for somebody else",
	  "{\"iss\":\"https://i\",\"sub\":\"s\",\"aud\":\"https://cloud\",\"exp\":2000}", NULL,
	  HM_TRUST, "is for \"https://cloud\", not for \"sigstore\"" },
	{ "for several others",
	  "{\"iss\":\"https://i\",\"sub\":\"s\",\"aud\":[\"a\",\"b\"],\"exp\":2000}", NULL,
	  HM_TRUST, "is for \"a\", not" },
	{ "for Azure's cloud, from elsewhere",
	  "{\"iss\":\"https://i\",\"sub\":\"s\",\"aud\":\"api://AzureADTokenExchange\",\"exp\":"
	  "2000}",
	  NULL, HM_TRUST, "not for \"sigstore\"" },
	{ "for nobody", "{\"iss\":\"https://i\",\"sub\":\"s\",\"exp\":2000}", NULL, HM_TRUST,
	  "is for \"\"" },
	{ "not verified",
	  "{\"iss\":\"https://i\",\"sub\":\"s\",\"aud\":\"sigstore\",\"exp\":2000,\"email\":\"a@example.com\"}",
	  NULL, HM_TRUST, "has not verified the mail address" },
	{ "expired", "{\"iss\":\"https://i\",\"sub\":\"s\",\"exp\":1000}", NULL, HM_TRUST,
	  "the identity token expired at 1970-01-01T00:16:40Z" },
	{ "nobody", "{\"iss\":\"https://i\",\"aud\":\"sigstore\",\"exp\":2000}", NULL, HM_INPUT,
	  "does not say whose it is" },
	{ "no issuer", "{\"sub\":\"s\",\"aud\":\"sigstore\",\"exp\":2000}", NULL, HM_INPUT,
	  "\"iss\"" },
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
	hm_err err = trust_sigstore_token_parse(&cx, &text, NULL, NOW, &out);
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
	assert_fault(trust_sigstore_token_parse(&cx, &text, NULL, NOW, &out), HM_INPUT,
		     "not an identity token");
}

/* What a certificate says, beside the token that was given for it. */
static const struct named_case {
	const char *label, *subject, *workflow, *federated;
	bool is_renamed;
	const char *name, *issuer, *words;
} names[] = {
	{ "a mail address", "a@x", "", "", false, "a@x", "https://i", NULL },
	{ "another mail address", "a@x", "", "", false, "b@x", "https://i", "names \"b@x\"" },
	{ "a longer one", "a@x", "", "", false, "a@x.evil", "https://i", "names" },
	{ "one behind a path", "a@x", "", "", false, "https://h/a@x", "https://i", "names" },
	{ "another issuer", "a@x", "", "", false, "a@x", "https://j", "says that \"https://j\"" },
	{ "no issuer", "a@x", "", "", false, "a@x", "", "says that \"\"" },
	{ "the issuer behind it", "a@x", "", "https://g", false, "a@x", "https://g", NULL },
	{ "the issuer before it", "a@x", "", "https://g", false, "a@x", "https://i", NULL },
	{ "neither of the two", "a@x", "", "https://g", false, "a@x", "https://j", "says that" },
	{ "a workflow", "repo:o/r", "o/r/w.yml@main", "", false, "https://h/o/r/w.yml@main",
	  "https://i", NULL },
	{ "another workflow", "repo:o/r", "o/r/w.yml@main", "", false, "https://h/o/r/v.yml@main",
	  "https://i", "names" },
	{ "a workflow of a longer name", "repo:o/r", "o/r/w.yml@main", "", false,
	  "https://h/no/r/w.yml@main", "https://i", "names" },
	{ "its subject instead", "repo:o/r", "o/r/w.yml@main", "", false, "repo:o/r", "https://i",
	  "names" },
	{ "a name with a domain", "me", "", "", false, "me!example.com", "https://i", NULL },
	{ "another with a domain", "me", "", "", false, "men!example.com", "https://i", "names" },
	{ "a name below the issuer", "id/7", "", "", false, "https://i/id/7", "https://i", NULL },
	{ "a cluster's account", "system:x", "", "", true, "https://kubernetes.io/x", "https://i",
	  NULL },
	{ "a cluster's account of another", "system:x", "", "", true, "https://kubernetes.io/x",
	  "https://j", "says that" },
};

static void named(void **state)
{
	const struct named_case *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct sigstore_token token = { .subject = hm_cstr(t->subject),
					.workflow = hm_cstr(t->workflow),
					.federated = hm_cstr(t->federated),
					.is_renamed = t->is_renamed,
					.issuer = HM_STR("https://i") };
	struct sigstore_answer a = { .subject = hm_cstr(t->name), .issuer = hm_cstr(t->issuer) };
	hm_err err = trust_sigstore_token_named(&cx, &token, &a);
	if (t->words)
		assert_fault(err, HM_TRUST, t->words);
	else
		assert_ok(err);
}

int main(void)
{
	UNIT_TABLE(named, names);
	UNIT_TABLE(token, tokens);
	UNIT_TABLE(shape, shapes);
	return unit_run("trust/sigstore/token");
}
