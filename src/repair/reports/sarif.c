/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SARIF 2.1.0. The format knows no packages: Hullmark says them in the properties of a result,
 * Trivy in the lines of its message, Grype in those of the rule's help. What Hullmark suppressed is
 * left; so is what others did, for this only says what is to be fixed.
 */
#include "repair/reports/reports.h"

bool repair_reports_is_sarif(struct json doc)
{
	return json_is_array(json_get(doc, "runs"));
}

struct run {
	struct json rules;
	struct hm_map by_id;
};

static struct json rule_of(const struct run *r, struct json result)
{
	int64_t index;
	struct json none = { 0 };
	struct hm_str id = json_str(json_get(result, "ruleId"));
	if (!id.n)
		id = json_str(json_get(json_get(result, "rule"), "id"));
	const void *v = hm_map_get(&r->by_id, id);
	if (v)
		return (struct json){ v };
	if (json_int(json_get(result, "ruleIndex"), &index) && index >= 0 &&
	    (uint64_t)index < json_size(r->rules))
		return json_at(r->rules, (size_t)index);
	return none;
}

/* What follows the mark on a line of its own. */
static struct hm_str line_of(struct hm_str text, struct hm_str mark)
{
	while (text.n) {
		struct hm_str line = hm_line(&text);
		if (hm_starts(line, mark))
			return hm_trim(hm_from(line, mark.n));
	}
	return (struct hm_str){ "", 0 };
}

/* Names of rules of Trivy and Hullmark; the type that Grype's text says. */
static bool is_os(struct json rule, const struct reports_entry *e)
{
	struct hm_str name = json_str(json_get(rule, "name"));
	if (hm_eqz(name, "OsPackageVulnerability"))
		return true;
	return !hm_eqz(name, "LanguageSpecificPackageVulnerability") &&
	       repair_reports_type_of(e->type).n > 0;
}

static void read_text(struct hm_cx *cx, struct hm_str text, struct reports_entry *e)
{
	struct hm_str installed = line_of(text, HM_STR("Installed Version:"));
	struct hm_str fixed = line_of(text, HM_STR("Fixed Version:"));
	e->id = line_of(text, HM_STR("Vulnerability "));
	e->name = line_of(text, HM_STR("Package:"));
	e->installed = installed.n ? installed : line_of(text, HM_STR("Version:"));
	e->type = line_of(text, HM_STR("Type:"));
	e->fixed.n = 0;
	repair_reports_versions(cx, fixed.n ? fixed : line_of(text, HM_STR("Fix Version:")),
				&e->fixed);
}

static void read_properties(struct hm_cx *cx, struct json result, struct reports_entry *e)
{
	struct json p = json_get(result, "properties");
	struct json_iter fix = json_iter(json_get(p, "fixedVersions"));
	e->id = json_str(json_get(result, "ruleId"));
	e->purl = json_str(json_get(p, "purl"));
	e->installed = json_str(json_get(p, "installedVersion"));
	while (json_next(&fix))
		repair_reports_versions(cx, json_str(fix.value), &e->fixed);
}

/* 3.27.9: other kinds are no finding. */
static bool is_finding(struct json result)
{
	struct hm_str kind = json_str(json_get(result, "kind"));
	return !kind.n || hm_eqz(kind, "fail") || hm_eqz(kind, "open") || hm_eqz(kind, "review");
}

static hm_err read_one(struct hm_cx *cx, const struct run *r, struct json result,
		       struct repair_report *out)
{
	struct reports_entry e = { 0 };
	struct json rule = rule_of(r, result);
	if (!json_is_object(result))
		return hm_fail(cx, HM_INPUT, "a result is not an object");
	if (!is_finding(result))
		return NULL;
	if (json_size(json_get(result, "suppressions"))) {
		out->suppressed++;
		return NULL;
	}
	if (json_str(json_get(json_get(result, "properties"), "purl")).n) {
		struct inventory_component c;
		read_properties(cx, result, &e);
		e.is_os = !inventory_purl_parse(cx, e.purl, &c) &&
			  inventory_type_has(c.type, INVENTORY_OS);
		return repair_reports_add(cx, &e, out);
	}
	read_text(cx, json_str(json_get(json_get(result, "message"), "text")), &e);
	if (!e.id.n || !e.name.n)
		read_text(cx, json_str(json_get(json_get(rule, "help"), "text")), &e);
	e.is_os = is_os(rule, &e);
	return repair_reports_add(cx, &e, out);
}

static hm_err read_run(struct hm_cx *cx, struct json run, struct repair_report *out)
{
	struct json results = json_get(run, "results");
	struct run r = { .rules = json_get(json_get(json_get(run, "tool"), "driver"), "rules") };
	struct hm_str digest = json_str(json_get(json_get(run, "properties"), "imageDigest"));
	if (!json_is_array(results))
		return hm_fail(cx, HM_INPUT, "a run has no \"results\"");
	if (digest.n)
		out->digest = digest;
	for (struct json_iter it = json_iter(r.rules); json_next(&it);)
		if (json_str(json_get(it.value, "id")).n)
			hm_map_put(cx, &r.by_id, json_str(json_get(it.value, "id")),
				   (void *)(uintptr_t)it.value.v);
	for (struct json_iter it = json_iter(results); json_next(&it);)
		HM_TRY(read_one(cx, &r, it.value, out));
	return NULL;
}

hm_err repair_reports_sarif(struct hm_cx *cx, struct json doc, struct repair_report *out)
{
	struct json runs = json_get(doc, "runs");
	if (!hm_eqz(json_str(json_get(doc, "version")), "2.1.0") || !json_size(runs))
		return hm_fail(cx, HM_INPUT, "it is not version 2.1.0, or has no run");
	for (struct json_iter it = json_iter(runs); json_next(&it);)
		HM_TRY(read_run(cx, it.value, out));
	return NULL;
}
