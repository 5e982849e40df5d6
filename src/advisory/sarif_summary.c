/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a SARIF report says in numbers. Trivy states the severity as a tag of the rule, Grype in
 * the rule's help text, both as a score; what states none is unknown. A report that does not say
 * what it found is refused: nobody may take it for one that found nothing.
 */
#include "advisory/record.h"
#include "codec/json.h"

/* What was said so far. Of two words that differ the worse counts: beside the scanner's own there
 * may be one that a package brought along in its name or version. */
struct said {
	bool any;
	enum advisory_severity worst;
};

static void add_word(struct said *s, struct hm_str word)
{
	enum advisory_severity one;
	if (!advisory_severity_parse(word, &one))
		return;
	s->worst = s->any && s->worst > one ? s->worst : one;
	s->any = true;
}

static void add_tags(struct said *s, struct json rule)
{
	struct json tags = json_get(json_get(rule, "properties"), "tags");
	for (struct json_iter it = json_iter(tags); json_next(&it);)
		add_word(s, json_str(it.value));
}

/* Lines that say "Severity: HIGH". */
static void add_text(struct said *s, struct hm_str text)
{
	struct hm_str mark = HM_STR("Severity:");
	while (text.n) {
		struct hm_str line = hm_cut(&text, '\n');
		size_t n = 0;
		if (!hm_starts(line, mark))
			continue;
		struct hm_str word = hm_trim(hm_from(line, mark.n));
		while (n < word.n && hm_is_alpha(word.p[n]))
			n++;
		add_word(s, hm_sub(word, 0, n));
	}
}

static bool from_score(struct json rule, enum advisory_severity *out)
{
	unsigned tenths;
	struct hm_str score = json_str(json_get(json_get(rule, "properties"), "security-severity"));
	if (!score.n || !advisory_cvss_score(score, &tenths) || tenths == 0)
		return false;
	*out = advisory_cvss_severity(tenths, false);
	return true;
}

static struct json rule_of(struct json rules, const struct hm_map *by_id, struct json result)
{
	int64_t index;
	struct json none = { 0 }, rule = json_get(result, "rule");
	struct hm_str id = json_str(json_get(result, "ruleId"));
	if (!id.n)
		id = json_str(json_get(rule, "id"));
	const void *v = hm_map_get(by_id, id);
	if (v)
		return (struct json){ v };
	if (json_int(json_get(result, "ruleIndex"), &index) && index >= 0 &&
	    (uint64_t)index < json_size(rules))
		return json_at(rules, (size_t)index);
	return none;
}

static enum advisory_severity severity_of(struct json result, struct json rule)
{
	struct said s = { 0 };
	enum advisory_severity score = ADVISORY_UNKNOWN;
	add_word(&s, json_str(json_get(json_get(result, "properties"), "severity")));
	if (s.any) /* Hullmark's own */
		return s.worst;
	add_text(&s, json_str(json_get(json_get(result, "message"), "text")));
	add_tags(&s, rule);
	add_text(&s, json_str(json_get(json_get(rule, "help"), "text")));
	return s.any || !from_score(rule, &score) ? s.worst : score;
}

/* Results of kinds that are no finding (3.27.9). */
static bool is_finding(struct json result)
{
	struct hm_str kind = json_str(json_get(result, "kind"));
	return !hm_eqz(kind, "pass") && !hm_eqz(kind, "notApplicable") &&
	       !hm_eqz(kind, "informational");
}

static hm_err is_success(struct hm_cx *cx, struct json run)
{
	for (struct json_iter it = json_iter(json_get(run, "invocations")); json_next(&it);) {
		struct json ok = json_get(it.value, "executionSuccessful");
		if (json_is_bool(ok) && !json_bool(ok))
			return hm_fail(cx, HM_INPUT,
				       "the scanner of the SARIF report says that it failed");
	}
	return NULL;
}

static bool is_ours(struct json driver)
{
	return hm_eqz(json_str(json_get(driver, "name")), "hullmark");
}

/* How much could not be read, where the run says it. */
static hm_err count_unknown(struct hm_cx *cx, struct json run, struct advisory_summary *sum)
{
	struct json said = json_get(json_get(run, "properties"), "unknownContent");
	int64_t n;
	if (!json_is_there(said)) {
		sum->says_unknown = false;
		return NULL;
	}
	if (!json_int(said, &n) || n < 0 || n > UINT32_MAX)
		return hm_fail(cx, HM_INPUT,
			       "\"unknownContent\" of the SARIF report is not a number of files");
	sum->unknown += (uint64_t)n;
	return NULL;
}

static void add_finding(struct hm_cx *cx, struct json result, struct json rule, bool ours,
			struct advisory_summary *sum)
{
	struct json properties = json_get(result, "properties");
	struct advisory_finding f = { .id = json_str(json_get(result, "ruleId")),
				      .severity = severity_of(result, rule) };
	if (!f.id.n)
		f.id = json_str(json_get(json_get(result, "rule"), "id"));
	if (ours)
		f.purl = json_str(json_get(properties, "purl"));
	for (struct json_iter it = json_iter(json_get(properties, "aliases"));
	     ours && json_next(&it);)
		if (json_str(it.value).n)
			*hm_push(cx, &f.aliases) = json_str(it.value);
	sum->counts[f.severity]++;
	*hm_push(cx, &sum->findings) = f;
}

static hm_err count_run(struct hm_cx *cx, struct json run, struct advisory_summary *sum)
{
	struct json results = json_get(run, "results");
	struct json driver = json_get(json_get(run, "tool"), "driver");
	struct json rules = json_get(driver, "rules");
	bool ours = is_ours(driver);
	struct hm_map by_id = { 0 };
	/* 3.14.2: the results may stand in other files, which nobody signed */
	if (json_is_there(json_get(run, "externalPropertyFileReferences")))
		return hm_fail(cx, HM_INPUT,
			       "a run of the SARIF report keeps parts of it elsewhere");
	if (!json_is_array(results))
		return hm_fail(cx, HM_INPUT, "a run of the SARIF report has no \"results\"");
	HM_TRY(is_success(cx, run));
	for (struct json_iter it = json_iter(rules); json_next(&it);)
		if (json_str(json_get(it.value, "id")).n)
			hm_map_put(cx, &by_id, json_str(json_get(it.value, "id")),
				   (void *)(uintptr_t)it.value.v);
	for (struct json_iter it = json_iter(results); json_next(&it);) {
		if (!json_is_object(it.value))
			return hm_fail(cx, HM_INPUT,
				       "a result of the SARIF report is not an object");
		bool suppressed = ours && json_size(json_get(it.value, "suppressions"));
		if (!suppressed && is_finding(it.value))
			add_finding(cx, it.value, rule_of(rules, &by_id, it.value), ours, sum);
	}
	if (!ours)
		sum->says_unknown = false;
	return ours ? count_unknown(cx, run, sum) : NULL;
}

hm_err advisory_sarif_summary(struct hm_cx *cx, struct hm_str bytes, struct advisory_summary *out)
{
	struct json doc;
	struct advisory_summary sum = { .says_unknown = true };
	if (bytes.n > HM_MAX_JSON)
		return hm_fail(cx, HM_LIMIT, "a SARIF report of %zu bytes", bytes.n);
	HM_TRY_IN(cx, json_parse(cx, bytes, JSON_NO_DUPLICATES, &doc), "SARIF report");
	struct json runs = json_get(doc, "runs");
	if (!hm_eqz(json_str(json_get(doc, "version")), "2.1.0") || !json_is_array(runs) ||
	    json_size(runs) == 0)
		return hm_fail(cx, HM_INPUT, "not a SARIF report of version 2.1.0");
	for (struct json_iter it = json_iter(runs); json_next(&it);)
		HM_TRY(count_run(cx, it.value, &sum));
	*out = sum;
	return NULL;
}
