/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/sigstore/sign.h"

#include "unit.h"

#define TYPE  "\"mediaType\":\"application/vnd.dev.sigstore.signingconfig.v0.2+json\""
#define SINCE "\"validFor\":{\"start\":\"2024-01-01T00:00:00Z\"}"
#define LOG(url, version, operator, valid)                                             \
	"{\"url\":\"https://" url "\",\"majorApiVersion\":" version ",\"operator\":\"" \
	operator"\"," valid "}"
#define CONFIG(logs, selector) \
	"{" TYPE ",\"rekorTlogUrls\":[" logs "],\"rekorTlogConfig\":{" selector "}}"
#define ANY "\"selector\":\"ANY\""

enum { NOW = 1767225600 /* 2026-01-01 */ };

static const struct choice_case {
	const char *label, *text, *urls, *words;
} choices[] = {
	{ "the only one", CONFIG(LOG("a", "1", "x", SINCE), ANY), "https://a", NULL },
	{ "the higher version",
	  CONFIG(LOG("a", "1", "x", SINCE) "," LOG("b", "2", "x", SINCE), ANY), "https://b", NULL },
	{ "not one that is too high",
	  CONFIG(LOG("a", "1", "x", SINCE) "," LOG("b", "3", "x", SINCE), ANY), "https://a", NULL },
	{ "the newer one",
	  CONFIG(LOG("a", "1", "x", SINCE) "," LOG("b", "1", "x",
						   "\"validFor\":{\"start\":\"2025-01-01T00:00:"
						   "00Z\"}"),
		 ANY),
	  "https://b", NULL },
	{ "not one that is over",
	  CONFIG(LOG("a", "2", "x",
		     "\"validFor\":{\"start\":\"2024-01-01T00:00:00Z\",\"end\":\"2025-01-01T00:"
		     "00:00Z\"}") "," LOG("b", "1", "x", SINCE),
		 ANY),
	  "https://b", NULL },
	{ "not one that is yet to come",
	  CONFIG(LOG("a", "2", "x", "\"validFor\":{\"start\":\"2027-01-01T00:00:00Z\"}") "," LOG(
			 "b", "1", "x", SINCE),
		 ANY),
	  "https://b", NULL },
	{ "one of each operator",
	  CONFIG(LOG("a", "1", "x", SINCE) "," LOG("b", "1", "y", SINCE) "," LOG("c", "2", "x",
										 SINCE),
		 "\"selector\":\"ALL\""),
	  "https://c https://b", NULL },
	{ "as many as are wanted",
	  CONFIG(LOG("a", "1", "x", SINCE) "," LOG("b", "1", "y", SINCE) "," LOG("c", "1", "z",
										 SINCE),
		 "\"selector\":\"EXACT\",\"count\":2"),
	  "https://a https://b", NULL },
	{ "none", "{" TYPE "}", "", NULL },
	{ "too few operators",
	  CONFIG(LOG("a", "1", "x", SINCE) "," LOG("b", "1", "x", SINCE),
		 "\"selector\":\"EXACT\",\"count\":2"),
	  NULL, "has 1 logs that can be asked now, and wants 2" },
	{ "none that is valid",
	  CONFIG(LOG("a", "1", "x", "\"validFor\":{\"start\":\"2027-01-01T00:00:00Z\"}"), ANY),
	  NULL, "has 0 logs that can be asked now, and wants 1" },
	{ "no version", CONFIG(LOG("a", "0", "x", SINCE), ANY), NULL, "has 0 logs" },
	{ "no selector", CONFIG(LOG("a", "1", "x", SINCE), "\"a\":1"), NULL,
	  "does not say how many" },
	{ "exactly none", CONFIG(LOG("a", "1", "x", SINCE), "\"selector\":\"EXACT\",\"count\":0"),
	  NULL, "does not say how many" },
	{ "another selector", CONFIG(LOG("a", "1", "x", SINCE), "\"selector\":\"SOME\""), NULL,
	  "does not say how many" },
	{ "no validity", CONFIG(LOG("a", "1", "x", "\"a\":1"), ANY), NULL, "no \"start\"" },
	{ "no URL", CONFIG("{\"majorApiVersion\":1," SINCE "}", ANY), NULL, "\"url\"" },
	{ "another scheme", CONFIG("{\"url\":\"ftp://a\",\"majorApiVersion\":1," SINCE "}", ANY),
	  NULL, "\"url\"" },
	{ "no list", "{" TYPE ",\"rekorTlogUrls\":{}}", NULL, "is not a list" },
	{ "the version before",
	  "{\"mediaType\":\"application/vnd.dev.sigstore.signingconfig.v0.1+json\"}", NULL,
	  "are not supported" },
	{ "no type", "{}", NULL, "\"mediaType\" is missing" },
	{ "a member twice", "{" TYPE "," TYPE "}", NULL, "signing configuration" },
};

static void choice(void **state)
{
	const struct choice_case *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct sigstore_services s;
	struct sigstore_chosen those = { 0 };
	struct hm_str urls = HM_STR("");
	hm_err err = trust_sigstore_services_parse(&cx, hm_cstr(t->text), &s);
	if (!err)
		err = trust_sigstore_services_choose(&cx, &s.logs, "logs", 2, NOW, &those);
	if (t->words) {
		assert_fault(err, HM_INPUT, t->words);
		return;
	}
	assert_ok(err);
	for (size_t i = 0; i < those.n; i++)
		urls = hm_fmt(&cx, "%.*s%s%.*s", HM_FMT(urls), i ? " " : "",
			      HM_FMT(those.p[i]->url));
	assert_strz(urls, t->urls);
}

static void too_large(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct sigstore_services s;
	struct hm_str text =
		hm_bytes(hm_alloc(&cx, HM_MAX_SIGNING_CONFIG + 1, 1, 1), HM_MAX_SIGNING_CONFIG + 1);
	assert_fault(trust_sigstore_services_parse(&cx, text, &s), HM_LIMIT, "too large");
}

int main(void)
{
	UNIT_TABLE(choice, choices);
	UNIT(too_large);
	return unit_run("trust/sigstore/services");
}
