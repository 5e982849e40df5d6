/* SPDX-License-Identifier: Apache-2.0 */
/* What reports say, SARIF as it is written, and what the gate learns from it. */
#include "unit.h"

#include "advisory/advisory.h"
#include "codec/json.h"

static struct hm_strs list(struct hm_cx *cx, const char *one)
{
	struct hm_strs v = { 0 };
	*hm_push(cx, &v) = hm_cstr(one);
	return v;
}

/* Three matches of two packages, with what is hard to write: quotes, markup, spaces in a path. */
static void example(struct hm_cx *cx, struct advisory_report *r, struct inventory *inv)
{
	struct inventory_component *c = hm_new(cx, struct inventory_component, 2);
	c[0] = (struct inventory_component){ .type = HM_STR("deb"),
					     .namespace = HM_STR("debian"),
					     .name = HM_STR("libssl3"),
					     .version = HM_STR("3.0.11-1"),
					     .purl = HM_STR("pkg:deb/debian/libssl3@3.0.11-1"),
					     .source_name = HM_STR("openssl") };
	c[0].locations = hm_new(cx, struct inventory_location, 1);
	c[0].locations[0] =
		(struct inventory_location){ HM_STR("var/lib/dpkg/status"), HM_STR("sha256:aa") };
	c[0].locations_n = 1;
	c[1] = (struct inventory_component){ .type = HM_STR("npm"),
					     .namespace = HM_STR("@a"),
					     .name = HM_STR("b\033[2J"),
					     .version = HM_STR("1.0.0"),
					     .purl = HM_STR("pkg:npm/%40a/b@1.0.0") };
	c[1].locations = hm_new(cx, struct inventory_location, 1);
	c[1].locations[0] =
		(struct inventory_location){ HM_STR("my app:1/node_modules/b/package.json"),
					     HM_STR("") };
	c[1].locations_n = 1;
	*inv = (struct inventory){ .components = c,
				   .n = 2,
				   .target = HM_STR("oci:web"),
				   .name = HM_STR("web"),
				   .digest = HM_STR("sha256:bb") };
	struct advisory_match *m = hm_new(cx, struct advisory_match, 3);
	m[0] = (struct advisory_match){ .id = HM_STR("CVE-2024-1"),
					.severity = ADVISORY_CRITICAL,
					.component = 1,
					.cvss = HM_STR(
						"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"),
					.summary = HM_STR("says \"hi\" <b>") };
	m[0].fixed = list(cx, "1.0.1");
	m[0].aliases = list(cx, "GHSA-x");
	m[0].reasons = list(cx, "because");
	m[1] = (struct advisory_match){ .id = HM_STR("CVE-2024-1"),
					.severity = ADVISORY_LOW,
					.component = 0 };
	m[2] = (struct advisory_match){ .id = HM_STR("DSA-1"),
					.severity = ADVISORY_UNKNOWN,
					.component = 0 };
	*r = (struct advisory_report){ .matches = m, .n = 3 };
	r->counts[ADVISORY_CRITICAL] = r->counts[ADVISORY_LOW] = r->counts[ADVISORY_UNKNOWN] = 1;
	r->db.digest = HM_STR("sha256:cc");
	r->db.built = HM_STR("2024-01-01T00:00:00Z");
}

static struct hm_str written(struct hm_cx *cx, struct hm_buf *b)
{
	struct advisory_report r;
	struct inventory inv;
	example(cx, &r, &inv);
	assert_ok(advisory_sarif_write(cx, &r, &inv, b));
	return hm_buf_str(b);
}

static void sarif_has_one_rule_an_id_and_one_result_a_match(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct json doc, one;
	assert_ok(json_parse(&cx, written(&cx, &b), JSON_NO_DUPLICATES, &doc));
	one = json_at(json_get(doc, "runs"), 0);
	struct json driver = json_get(json_get(one, "tool"), "driver"),
		    rules = json_get(driver, "rules");
	struct json rule = json_at(rules, 0), results = json_get(one, "results");
	assert_strz(json_str(json_get(driver, "name")), "hullmark");
	assert_int_equal(json_size(rules), 2);
	assert_int_equal(json_size(results), 3);
	struct json properties = json_get(rule, "properties");
	assert_strz(json_str(json_get(properties, "security-severity")), "9.8");
	assert_strz(json_str(json_at(json_get(properties, "tags"), 2)), "CRITICAL");
	assert_true(hm_find(json_str(json_get(json_get(rule, "help"), "text")),
			    HM_STR("\nSeverity: CRITICAL\n")) != SIZE_MAX);
	struct json place = json_at(json_get(json_at(results, 0), "locations"), 0);
	assert_strz(json_str(json_get(json_get(json_get(place, "physicalLocation"),
					       "artifactLocation"),
				      "uri")),
		    "my%20app%3A1/node_modules/b/package.json");
	int64_t index;
	assert_true(json_int(json_get(json_at(results, 2), "ruleIndex"), &index) && index == 1);
}

static void sarif_says_what_it_counted(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct advisory_summary sum;
	const size_t *counts = sum.counts;
	assert_ok(advisory_sarif_summary(&cx, written(&cx, &b), &sum));
	assert_true(sum.says_unknown);
	assert_int_equal(sum.unknown, 0);
	assert_int_equal(counts[ADVISORY_CRITICAL], 1);
	assert_int_equal(counts[ADVISORY_LOW], 1);
	assert_int_equal(counts[ADVISORY_UNKNOWN], 1);
	assert_int_equal(counts[ADVISORY_HIGH] + counts[ADVISORY_MEDIUM], 0);
}

/* What was suppressed and what could not be read stand in the report, and are not counted. */
static void sarif_says_what_it_left_out(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct advisory_report r;
	struct inventory inv;
	struct advisory_summary sum;
	struct json doc;
	example(&cx, &r, &inv);
	r.suppressed = &r.matches[2];
	r.suppressed[0].assessment =
		(struct advisory_assessment){ .status = ADVISORY_NOT_AFFECTED,
					      .justification = HM_STR("it belongs to another") };
	r.n--, r.suppressed_n++;
	*hm_push(&cx, &inv.unknown) = (struct inventory_unknown){ HM_STR("opt/a b.jar"), HM_STR(""),
								  HM_STR("it is damaged") };
	*hm_push(&cx, &inv.unknown) = (struct inventory_unknown){ .reason = HM_STR("no database") };
	assert_ok(advisory_sarif_write(&cx, &r, &inv, &b));
	assert_ok(advisory_sarif_summary(&cx, hm_buf_str(&b), &sum));
	assert_true(sum.says_unknown);
	assert_int_equal(sum.unknown, 2);
	assert_int_equal(sum.counts[ADVISORY_UNKNOWN], 0);
	assert_int_equal(sum.counts[ADVISORY_CRITICAL], 1);
	assert_ok(json_parse(&cx, hm_buf_str(&b), JSON_NO_DUPLICATES, &doc));
	struct json run = json_at(json_get(doc, "runs"), 0);
	struct json left = json_at(json_get(run, "results"), 2);
	assert_strz(json_str(json_get(left, "ruleId")), "DSA-1");
	assert_strz(json_str(json_get(json_at(json_get(left, "suppressions"), 0), "justification")),
		    "it belongs to another");
	struct json notes =
		json_get(json_at(json_get(run, "invocations"), 0), "toolExecutionNotifications");
	assert_int_equal(json_size(notes), 2);
	assert_strz(json_str(json_get(json_get(json_at(notes, 0), "message"), "text")),
		    "opt/a b.jar: it is damaged");
	assert_int_equal(json_size(json_get(json_at(notes, 0), "locations")), 1);
	assert_int_equal(json_size(json_get(json_at(notes, 1), "locations")), 0);
}

static void the_same_report_gives_the_same_bytes(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	HM_AUTO_BUF a = HM_BUF(HM_MIB);
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	assert_str(written(&cx, &a), written(&cx, &b));
}

static void counts_are_told_worst_first(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct json_out o = json_out(&b, false);
	const size_t counts[ADVISORY_SEVERITIES] = { 5, 4, 3, 2, 1 };
	assert_strz(advisory_counts_text(&cx, counts),
		    "1 critical, 2 high, 3 medium, 4 low, 5 unknown");
	advisory_put_counts(&o, NULL, counts);
	assert_strz(hm_buf_str(&b),
		    "{\"critical\":1,\"high\":2,\"medium\":3,\"low\":4,\"unknown\":5}");
}

/* A run of Hullmark's own. */
#define OUR(results, unknown) \
	"{'tool':{'driver':{'name':'hullmark'}},'results':[" results "],'properties':{" unknown "}}"
#define OURS(runs) "{'version':'2.1.0','runs':[" runs "]}"
#define RUN(rules, results)                                                        \
	"{'version':'2.1.0','runs':[{'tool':{'driver':{'name':'x','rules':[" rules \
	"]}},'results':[" results "]}]}"

static const struct summary_case {
	const char *label, *text;
	const char *want; /* counts from unknown to critical; or NULL: HM_INPUT with these words */
	const char *words;
	bool says_unknown;
	uint64_t unknown;
} summaries[] = {
	{ "Trivy: the tag of the rule",
	  RUN("{'id':'A','properties':{'tags':['vulnerability','security','HIGH']}}",
	      "{'ruleId':'A','ruleIndex':0},{'ruleId':'A'}"),
	  "0 0 0 2 0", NULL },
	{ "Trivy: the message of the result",
	  RUN("", "{'ruleId':'A','message':{'text':'Package: a\\nSeverity: LOW\\n'}}"), "0 1 0 0 0",
	  NULL },
	{ "of message and rule the worse counts",
	  RUN("{'id':'A','properties':{'tags':['HIGH']}}",
	      "{'ruleId':'A','message':{'text':'Package: a\\nSeverity: LOW\\n'}},"
	      "{'ruleId':'A','message':{'text':'Package: a\\nSeverity: CRITICAL\\n'}}"),
	  "0 0 0 1 1", NULL },
	{ "a version that speaks of its severity",
	  RUN("", "{'ruleId':'A','message':{'text':'Package: a\\nInstalled Version: "
		  "1:1.0Severity:LOW\\nSeverity: HIGH\\n'}}"),
	  "0 0 0 1 0", NULL },
	{ "a package that speaks of its severity, in a line of its own",
	  RUN("",
	      "{'ruleId':'A','message':{'text':'Package: a\\nSeverity: LOW\\nInstalled Version: "
	      "1\\nSeverity: CRITICAL\\n'}}"),
	  "0 0 0 0 1", NULL },
	{ "Grype: the help text",
	  RUN("{'id':'A-b','help':{'text':'Vulnerability A\\nSeverity: critical\\nPackage: b'}}",
	      "{'ruleId':'A-b'}"),
	  "0 0 0 0 1", NULL },
	{ "a score alone",
	  RUN("{'id':'A','properties':{'security-severity':'5.0'}}", "{'ruleId':'A'}"), "0 0 1 0 0",
	  NULL },
	{ "a score of 0.0 says nothing",
	  RUN("{'id':'A','properties':{'security-severity':'0.0'}}", "{'ruleId':'A'}"), "1 0 0 0 0",
	  NULL },
	{ "by index of the rule alone",
	  RUN("{'id':'A','properties':{'tags':['MEDIUM']}}", "{'ruleIndex':0}"), "0 0 1 0 0",
	  NULL },
	{ "no severity anywhere is unknown", RUN("", "{'ruleId':'A'}"), "1 0 0 0 0", NULL },
	{ "negligible is low",
	  RUN("{'id':'A','help':{'text':'Severity: Negligible'}}", "{'ruleId':'A'}"), "0 1 0 0 0",
	  NULL },
	{ "what passed is no finding", RUN("", "{'ruleId':'A','kind':'pass'}"), "0 0 0 0 0", NULL },
	{ "nothing found", RUN("", ""), "0 0 0 0 0", NULL },
	{ "our own says that everything was read", OURS(OUR("", "'unknownContent':0")), "0 0 0 0 0",
	  NULL, true, 0 },
	{ "our own says how much was not", OURS(OUR("", "'unknownContent':2")), "0 0 0 0 0", NULL,
	  true, 2 },
	{ "two runs together",
	  OURS(OUR("", "'unknownContent':2") "," OUR("", "'unknownContent':3")), "0 0 0 0 0", NULL,
	  true, 5 },
	{ "one of two that does not say it", OURS(OUR("", "'unknownContent':0") "," OUR("", "")),
	  "0 0 0 0 0", NULL, false, 0 },
	{ "one of two is another scanner's",
	  OURS(OUR("", "'unknownContent':0") ",{'tool':{'driver':{'name':'x'}},'results':[]}"),
	  "0 0 0 0 0", NULL, false, 0 },
	{ "another scanner's word is not ours",
	  "{'version':'2.1.0','runs':[{'results':[],'properties':{'unknownContent':0}}]}",
	  "0 0 0 0 0", NULL, false, 0 },
	{ "a number that is none", OURS(OUR("", "'unknownContent':-1")), NULL,
	  "\"unknownContent\"" },
	{ "a text that is none", OURS(OUR("", "'unknownContent':'0'")), NULL,
	  "\"unknownContent\"" },
	{ "what we suppressed is no finding",
	  OURS(OUR("{'ruleId':'A','suppressions':[{'kind':'external'}]},{'ruleId':'B'}",
		   "'unknownContent':0")),
	  "1 0 0 0 0", NULL, true, 0 },
	{ "no suppression at all",
	  OURS(OUR("{'ruleId':'A','suppressions':[]}", "'unknownContent':0")), "1 0 0 0 0", NULL,
	  true, 0 },
	{ "what another suppressed is one",
	  RUN("", "{'ruleId':'A','suppressions':[{'kind':'external'}]}"), "1 0 0 0 0", NULL },
	{ "no results at all", "{'version':'2.1.0','runs':[{'tool':{'driver':{'name':'x'}}}]}",
	  NULL, "no \"results\"" },
	{ "null results", "{'version':'2.1.0','runs':[{'results':null}]}", NULL, "no \"results\"" },
	{ "no runs", "{'version':'2.1.0','runs':[]}", NULL, "not a SARIF report" },
	{ "another version", "{'version':'2.0.0','runs':[{'results':[]}]}", NULL,
	  "not a SARIF report" },
	{ "a result that is no object", RUN("", "7"), NULL, "is not an object" },
	{ "a scanner that failed",
	  "{'version':'2.1.0','runs':[{'results':[],'invocations':[{'executionSuccessful':false}]}]}",
	  NULL, "failed" },
	{ "results that are elsewhere",
	  "{'version':'2.1.0','runs':[{'results':[],'externalPropertyFileReferences':{'results':[{'location':"
	  "{'uri':'r.json'}}]}}]}",
	  NULL, "elsewhere" },
	{ "a member twice", "{'version':'2.1.0','runs':[{'results':[]}],'runs':[{'results':[]}]}",
	  NULL, "SARIF report" },
	{ "no JSON", "{", NULL, "SARIF report" },
};

static void summary(void **state)
{
	const struct summary_case *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	char *text = hm_dupz(&cx, hm_cstr(t->text));
	struct advisory_summary sum = { 0 };
	const size_t *n = sum.counts;
	for (char *p = text; *p; p++)
		if (*p == '\'')
			*p = '"';
	hm_err err = advisory_sarif_summary(&cx, hm_cstr(text), &sum);
	if (!t->want) {
		assert_fault(err, HM_INPUT, t->words);
		return;
	}
	assert_ok(err);
	assert_strz(hm_fmt(&cx, "%zu %zu %zu %zu %zu", n[0], n[1], n[2], n[3], n[4]), t->want);
	assert_int_equal(sum.says_unknown, t->says_unknown);
	assert_int_equal(sum.unknown, t->unknown);
}

static void trivys_report_is_counted(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct hm_str text;
	struct advisory_summary sum = { 0 };
	const size_t *n = sum.counts;
	assert_ok(hm_read_file(&cx,
			       unit_data(&cx, "sbom/trivy-integration/alpine-310.sarif.golden"),
			       HM_MIB, &text));
	assert_ok(advisory_sarif_summary(&cx, text, &sum));
	assert_false(sum.says_unknown);
	assert_strz(hm_fmt(&cx, "%zu %zu %zu %zu %zu", n[0], n[1], n[2], n[3], n[4]), "0 0 4 0 0");
}

int main(void)
{
	UNIT(sarif_has_one_rule_an_id_and_one_result_a_match);
	UNIT(sarif_says_what_it_counted);
	UNIT(sarif_says_what_it_left_out);
	UNIT(the_same_report_gives_the_same_bytes);
	UNIT(counts_are_told_worst_first);
	UNIT_TABLE(summary, summaries);
	UNIT(trivys_report_is_counted);
	return unit_run("advisory/report");
}
