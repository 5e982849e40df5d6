/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

/* Findings as "+rule -rule ?rule" (good, bad, not decided), and what they sum up to. */
static const struct sum_case {
	const char *label, *findings;
	bool admitted, unknown;
	const char *rule; /* that the sentence names; NULL: there is no sentence */
} sums[] = {
	{ "one good", "+signed", true, false, NULL },
	{ "all good", "+signed +sbom +report", true, false, NULL },
	{ "one bad", "-signed", false, false, "denied by rule \"signed\"" },
	{ "one bad after good ones", "+signed +sbom -report", false, false,
	  "denied by rule \"report\"" },
	{ "the first bad one is named", "-sbom -signed", false, false, "denied by rule \"sbom\"" },
	{ "one not decided", "?signed", false, true, "rule \"signed\" could not be decided" },
	{ "one not decided among good ones", "+signed ?sbom +report", false, true,
	  "rule \"sbom\" could not be decided" },
	{ "the first that is not decided is named", "?sbom ?signed", false, true,
	  "rule \"sbom\" could not be decided" },
	{ "a bad one counts more than one that is not decided before it", "?signed -sbom", false,
	  false, "denied by rule \"sbom\"" },
	{ "and more than one after it", "-sbom ?signed", false, false, "denied by rule \"sbom\"" },
	{ "no finding admits nothing", "", false, true, NULL },
};

static void sum(void **state)
{
	const struct sum_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct gate_findings all = { 0 };
	int64_t now = hm_now();
	for (const char *p = t->findings; *p; p++) {
		if (*p == ' ')
			continue;
		size_t n = strcspn(p, " ");
		*hm_push(&cx, &all) = (struct gate_finding){ .rule = hm_bytes(p + 1, n - 1),
							     .good = *p == '+',
							     .unknown = *p == '?',
							     .detail = HM_STR("the detail"),
							     .remedy = HM_STR("the remedy") };
		p += n - 1;
	}
	struct gate_verdict v = { .image = HM_STR("r/p"),
				  .findings = all.p,
				  .findings_n = all.n,
				  .valid_until = INT64_MAX };
	gate_verdict_close(&cx, &v);
	assert_int_equal(v.admitted, t->admitted);
	assert_int_equal(v.unknown, t->unknown);
	if (!t->rule) {
		assert_strz(v.why, "");
	} else {
		assert_true(hm_find(v.why, hm_cstr(t->rule)) != SIZE_MAX);
		assert_true(hm_find(v.why, HM_STR("image \"r/p\"")) != SIZE_MAX);
		assert_true(hm_find(v.why, HM_STR("the detail; remedy: ")) != SIZE_MAX);
		assert_true(
			hm_ends(v.why, t->unknown ? HM_STR("try again") : HM_STR("the remedy")));
	}
	/* yes for an hour, no for a few seconds, "try again" for one */
	int64_t lives = v.valid_until - now, want = t->admitted  ? GATE_VERDICT_SECONDS
						    : t->unknown ? GATE_UNKNOWN_SECONDS
								 : GATE_DENIAL_SECONDS;
	assert_true(lives == want || lives == want + 1);
}

/* A verdict of yes ends where a certificate does; one of no is no longer for it. */
static void a_verdict_ends_with_what_it_stands_on(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct gate_finding f = { .rule = HM_STR("signed"), .good = true };
	struct gate_verdict v = { .findings = &f, .findings_n = 1, .valid_until = 1000 };
	gate_verdict_close(&cx, &v);
	assert_true(v.admitted);
	assert_int_equal(v.valid_until, 1000);
	f.good = false;
	gate_verdict_close(&cx, &v);
	assert_false(v.admitted);
	assert_true(v.valid_until <= hm_now() + GATE_DENIAL_SECONDS);
	assert_true(v.valid_until > 1000);
}

static void a_copy_stands_on_its_own(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	char text[] = "text";
	struct gate_report nested = { .type = hm_cstr(text),
				      .digest = hm_cstr(text),
				      .good = true };
	struct gate_report r = { .type = HM_STR("sbom"),
				 .message = hm_cstr(text),
				 .good = true,
				 .nested = &nested,
				 .nested_n = 1 };
	struct gate_report c = gate_report_copy(&cx, &r);
	memset(text, 'x', 4);
	nested.good = false;
	assert_strz(c.type, "sbom");
	assert_strz(c.message, "text");
	assert_true(c.good);
	assert_int_equal(c.nested_n, 1);
	assert_strz(c.nested[0].digest, "text");
	assert_true(c.nested[0].good);
}

/* What Ratify's templates look at. */
static void the_value_says_what_was_found(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct gate_report signature = { .type = HM_STR("notation"),
					 .is_signature = true,
					 .good = true };
	struct gate_report all[] = {
		{ .type = HM_STR("notation"),
		  .is_signature = true,
		  .good = true,
		  .issuer = HM_STR("CN=i") },
		{ .type = HM_STR("sbom"), .good = false, .nested = &signature, .nested_n = 1 }
	};
	struct gate_verdict v = { .image = HM_STR("r/p"),
				  .digest = HM_STR(DIGEST_1),
				  .why = HM_STR("no \"SBOM\""),
				  .reports = all,
				  .reports_n = 2 };
	struct gate_entry e = { 0 };
	struct hm_str text;
	struct json item, doc;
	for (int admitted = 0; admitted < 2; admitted++) {
		v.admitted = admitted;
		assert_ok(gate_verdict_pack(&cx, &v, &e.text));
		assert_ok(gate_item_write(&cx, HM_STR("k"), &e, &text));
		assert_ok(json_parse(&cx, text, JSON_NO_DUPLICATES, &item));
		doc = json_get(item, "value");
		assert_int_equal(json_bool(json_get(doc, "isSuccess")), admitted);
		assert_int_equal(json_bool(json_get(doc, "succeeded")), admitted);
		assert_strz(json_str(json_get(doc, "message")), "no \"SBOM\"");
		assert_strz(json_str(json_get(doc, "digest")), DIGEST_1);
		assert_false(json_is_there(json_get(doc, "kept")));
	}
	struct json_iter it = json_iter(json_get(doc, "verifierReports"));
	assert_true(json_next(&it));
	assert_true(json_bool(json_get(it.value, "isSuccess")));
	assert_strz(json_str(json_get(json_get(it.value, "extensions"), "Issuer")), "CN=i");
	assert_false(json_is_there(json_get(it.value, "nestedResults")));
	assert_true(json_next(&it));
	assert_false(json_bool(json_get(it.value, "isSuccess")));
	assert_int_equal(json_size(json_get(it.value, "nestedResults")), 1);
	assert_false(json_next(&it));
}

/* Every part of it, there and back; and nothing of it that is cut off anywhere. */
static void a_packed_verdict_is_the_same(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(16 * HM_MIB);
	struct gate_report signature = { .type = HM_STR("notation"),
					 .is_signature = true,
					 .identity = HM_STR("CN=s"),
					 .policy = HM_STR("p"),
					 .predicate = HM_STR("t"),
					 .builder = HM_STR("b"),
					 .level = HM_STR("l"),
					 .is_key = true,
					 .in_log = true,
					 .good = true };
	struct gate_report report = { .type = HM_STR("sbom"),
				      .artifact_type = HM_STR("a/t"),
				      .digest = HM_STR(DIGEST_2),
				      .subject = HM_STR("r/p"),
				      .message = HM_STR("m"),
				      .created = HM_STR("2023-11-14T22:13:20Z"),
				      .creation = HM_STR("{}"),
				      .nested = &signature,
				      .nested_n = 1 };
	struct gate_finding f = { .rule = HM_STR("sbom"),
				  .unknown = true,
				  .detail = HM_STR("d"),
				  .remedy = HM_STR("r") };
	struct gate_verdict v = { .unknown = true,
				  .image = HM_STR("r/p"),
				  .digest = HM_STR(DIGEST_1),
				  .findings = &f,
				  .findings_n = 1,
				  .reports = &report,
				  .reports_n = 1,
				  .platforms = 2,
				  .why = HM_STR("w"),
				  .valid_until = INT64_MAX,
				  .made = 1700000000,
				  .request = HM_STR("q"),
				  .severities = { 1, 2, 3, 4, 5 } };
	struct gate_verdict got;
	struct hm_str bytes, again;
	assert_ok(gate_verdict_pack(&cx, &v, &bytes));
	assert_ok(gate_verdict_unpack(&cx, bytes, &got));
	assert_ok(gate_verdict_pack(&cx, &got, &again));
	assert_str(again, bytes);
	assert_true(got.unknown && !got.admitted);
	assert_int_equal(got.made, v.made);
	assert_int_equal(got.severities[4], 5);
	assert_strz(got.findings[0].remedy, "r");
	assert_true(got.findings[0].unknown);
	assert_strz(got.reports[0].created, "2023-11-14T22:13:20Z");
	assert_strz(got.reports[0].nested[0].identity, "CN=s");
	assert_strz(got.reports[0].creation, "{}");
	assert_false(got.reports[0].is_signature);
	const struct gate_report *n = &got.reports[0].nested[0];
	assert_true(n->is_signature && n->is_key && n->in_log && n->good);
	assert_strz(n->policy, "p");
	assert_strz(n->predicate, "t");
	assert_strz(n->builder, "b");
	assert_strz(n->level, "l");
	for (size_t i = 0; i < bytes.n; i++)
		assert_fault(gate_verdict_unpack(&cx, hm_sub(bytes, 0, i), &got), HM_INPUT,
			     "the verdict is damaged");
	assert_fault(gate_verdict_unpack(&cx, hm_fmt(&cx, "%.*sx", HM_FMT(bytes)), &got), HM_INPUT,
		     "the verdict is damaged");
}

int main(void)
{
	UNIT_TABLE(sum, sums);
	UNIT(a_verdict_ends_with_what_it_stands_on);
	UNIT(a_copy_stands_on_its_own);
	UNIT(a_packed_verdict_is_the_same);
	UNIT(the_value_says_what_was_found);
	return unit_run("gate/verdict");
}
