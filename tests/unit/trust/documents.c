/* SPDX-License-Identifier: Apache-2.0 */
/* The signed documents in a file of provenance. */
#include "trust/trust.h"

#include "unit.h"

#define BUNDLE   "{\"mediaType\":\"" ENVELOPE_BUNDLE_TYPE "\"}"
#define ENVELOPE "{\"payload\":\"e30=\",\"payloadType\":\"t\",\"signatures\":[{\"sig\":\"AA==\"}]}"

static const struct good_case {
	const char *label, *text;
	size_t n;
	const char *types; /* a letter for each document: bundle, envelope */
} goods[] = {
	{ "a bundle", BUNDLE, 1, "b" },
	{ "an envelope", ENVELOPE, 1, "e" },
	{ "an envelope with line breaks", "{\n\"payload\":\n\"\"}\n", 1, "e" },
	{ "lines", BUNDLE "\n" ENVELOPE "\r\n\n" BUNDLE, 3, "beb" },
	{ "a list", "{\"attestations\":[{\"bundle\":" BUNDLE "},{\"bundle\":" BUNDLE "}]}", 2,
	  "bb" },
	{ "lists in lines",
	  "{\"attestations\":[{\"bundle\":" BUNDLE "}]}\n{\"attestations\":[{\"bundle\":" BUNDLE
	  "}]}",
	  2, "bb" },
	{ "gcloud's", "{\"provenance_summary\":{\"provenance\":[{\"envelope\":" ENVELOPE "}]}}", 1,
	  "e" },
	{ "what is more than one thing is a bundle",
	  "{\"mediaType\":\"" ENVELOPE_BUNDLE_TYPE "\",\"payload\":\"\",\"attestations\":[]}", 1,
	  "b" },
};

static const struct bad_case {
	const char *label, *text, *why;
} bads[] = {
	{ "nothing", "", "JSON" },
	{ "a number", "1", "neither a Sigstore bundle" },
	{ "an array", "[" BUNDLE "]", "neither a Sigstore bundle" },
	{ "an empty object", "{}", "neither a Sigstore bundle" },
	{ "an empty list", "{\"attestations\":[]}", "no documents" },
	{ "a list that is none", "{\"attestations\":{}}", "neither a Sigstore bundle" },
	{ "a list without bundles", "{\"attestations\":[{}]}", "bundles of type \"\"" },
	{ "an empty summary", "{\"provenance_summary\":{\"provenance\":[]}}", "no documents" },
	{ "a bundle of another version",
	  "{\"mediaType\":\"application/vnd.dev.sigstore.bundle+json;version=9\"}",
	  "version=9\" are not supported" },
	{ "a second line that is none", BUNDLE "\n{", "line 2: " },
	{ "a third line that is something else", BUNDLE "\n\n{}", "line 3: it is neither" },
	{ "a member twice", "{\"payload\":\"\",\"payload\":\"\"}", "twice" },
};

static void test_documents_are_found(void **state)
{
	HM_AUTO_CX cx = HM_CX(1 << 20);
	(void)state;
	for (size_t i = 0; i < HM_LEN(goods); i++) {
		struct trust_document *d;
		size_t n;
		assert_ok(trust_documents_parse(&cx, hm_cstr(goods[i].text), &d, &n));
		assert_int_equal(n, goods[i].n);
		for (size_t k = 0; k < n; k++)
			assert_int_equal(hm_eqz(d[k].media_type, ENVELOPE_BUNDLE_TYPE),
					 goods[i].types[k] == 'b');
	}
}

static void test_other_files_are_refused(void **state)
{
	HM_AUTO_CX cx = HM_CX(1 << 20);
	(void)state;
	for (size_t i = 0; i < HM_LEN(bads); i++) {
		struct trust_document *d;
		size_t n;
		assert_fault(trust_documents_parse(&cx, hm_cstr(bads[i].text), &d, &n), HM_INPUT,
			     bads[i].why);
	}
}

static void test_a_list_says_of_which_type(void **state)
{
	HM_AUTO_CX cx = HM_CX(1 << 20);
	struct trust_document *d;
	size_t n;
	(void)state;
	assert_ok(trust_documents_parse(
		&cx, HM_STR("{\"attestations\":[{\"predicateType\":\"t\",\"bundle\":" BUNDLE "}]}"),
		&d, &n));
	assert_true(hm_eqz(d->said, "t"));
	assert_null(d->bad);
}

static void test_a_certificate_alone_proves_nothing(void **state)
{
	HM_AUTO_CX cx = HM_CX(1 << 20);
	struct trust_document *d;
	size_t n;
	(void)state;
	assert_ok(trust_documents_parse(
		&cx, HM_STR("{\"payload\":\"\",\"signatures\":[{\"sig\":\"\",\"cert\":\"x\"}]}"),
		&d, &n));
	assert_fault(d->bad, HM_TRUST, "no log's entry");
}

static void test_too_many_are_refused(void **state)
{
	HM_AUTO_CX cx = HM_CX(1 << 20);
	HM_AUTO_BUF b = HM_BUF(1 << 20);
	struct trust_document *d;
	size_t n;
	(void)state;
	for (size_t i = 0; i < HM_MAX_SIGNATURES; i++)
		hm_buf_add(&b, HM_STR(BUNDLE "\n"));
	assert_ok(trust_documents_parse(&cx, hm_buf_str(&b), &d, &n));
	assert_int_equal(n, HM_MAX_SIGNATURES);
	hm_buf_add(&b, HM_STR(BUNDLE "\n"));
	assert_fault(trust_documents_parse(&cx, hm_buf_str(&b), &d, &n), HM_LIMIT,
		     "more than 100 documents");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_documents_are_found),
		cmocka_unit_test(test_other_files_are_refused),
		cmocka_unit_test(test_a_list_says_of_which_type),
		cmocka_unit_test(test_a_certificate_alone_proves_nothing),
		cmocka_unit_test(test_too_many_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
