/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "evidence/evidence.h"

/* Every kind says what it is, and no two of them say the same: a type tells its kind. */
static void the_table_of_kinds(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct hm_map names = { 0 }, types = { 0 }, predicates = { 0 };
	for (const struct evidence_kind *const *k = evidence_kinds; *k; k++) {
		const struct evidence_kind *kind = *k;
		assert_true(kind->name && kind->report_type && kind->noun && kind->read);
		assert_false(hm_map_has(&names, hm_cstr(kind->name)));
		hm_map_put(&cx, &names, hm_cstr(kind->name), &names);
		assert_non_null(kind->artifact_types[0]);
		for (const char *const *t = kind->artifact_types; *t; t++) {
			assert_false(hm_map_has(&types, hm_cstr(*t)));
			hm_map_put(&cx, &types, hm_cstr(*t), &types);
		}
		for (const char *const *t = kind->predicate_types; *t; t++) {
			assert_true(hm_starts(hm_cstr(*t), HM_STR("https://")));
			assert_false(hm_map_has(&predicates, hm_cstr(*t)));
			hm_map_put(&cx, &predicates, hm_cstr(*t), &predicates);
		}
		assert_true(!kind->reuse_seconds || kind->is_dated);
	}
	assert_int_equal(names.n, 3);
}

/* What a kind's reader makes of content, and of what is nothing of the kind. */
static const struct read_case {
	const char *label;
	const struct evidence_kind *kind;
	const char *type, *content, *fault; /* NULL: it is read */
	size_t low;
} reads[] = {
	{ "an SPDX document", &evidence_kind_sbom, "application/spdx+json",
	  "{\"spdxVersion\":\"SPDX-2.3\",\"SPDXID\":\"SPDXRef-DOCUMENT\"}", NULL, 0 },
	{ "an SPDX document of the type of CycloneDX", &evidence_kind_sbom,
	  "application/vnd.cyclonedx+json", "{\"spdxVersion\":\"SPDX-2.3\"}",
	  "its content is not of type application/vnd.cyclonedx+json", 0 },
	{ "an SBOM that is no JSON", &evidence_kind_sbom, "application/spdx+json", "x",
	  "expected a valid root value", 0 },
	{ "a report", &evidence_kind_report, "application/sarif+json",
	  "{\"version\":\"2.1.0\",\"runs\":[{\"tool\":{\"driver\":{\"name\":\"t\",\"rules\":[]}},"
	  "\"results\":[{\"ruleId\":\"CVE-1\",\"message\":{\"text\":\"x\"},"
	  "\"properties\":{\"severity\":\"low\"}}]}]}",
	  NULL, 1 },
	{ "a VEX document", &evidence_kind_vex, "application/vnd.openvex+json",
	  "{\"@context\":\"https://openvex.dev/ns/v0.2.0\",\"statements\":[]}", NULL, 0 },
	{ "a VEX document that says nothing", &evidence_kind_vex, "application/vnd.openvex+json",
	  "{\"@context\":\"https://openvex.dev/ns/v0.2.0\"}", "\"statements\" is not an array", 0 },
	{ "a report without a version", &evidence_kind_report, "application/sarif+json", "{}",
	  "version", 0 },
};

static void content(void **state)
{
	const struct read_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct evidence_summary sum;
	hm_err err = t->kind->read(&cx, hm_cstr(t->type), hm_cstr(t->content), &sum);
	if (t->fault) {
		assert_fault(err, HM_INPUT, t->fault);
		return;
	}
	assert_ok(err);
	assert_int_equal(sum.severities[ADVISORY_LOW], t->low);
	assert_false(sum.says_unread);
}

static struct hm_str quoted(struct hm_cx *cx, const char *text)
{
	char *s = hm_dupz(cx, hm_cstr(text));
	for (char *p = s; *p; p++)
		*p = *p == '\'' ? '"' : *p;
	return hm_cstr(s);
}

/* Who made it and when, as a provider's report has it. */
static const struct creation_case {
	const char *label, *type, *content, *creation;
} creations[] = {
	{ "SPDX", "application/spdx+json",
	  "{'spdxVersion':'SPDX-2.3','SPDXID':'SPDXRef-DOCUMENT','creationInfo':{'created':'2026-"
	  "01-01T00:00:00Z','creators':['Tool: a',7],'licenseListVersion':'3.2','more':1}}",
	  "{'licenseListVersion':'3.2','creators':['Tool: a'],'created':'2026-01-01T00:00:00Z'}" },
	{ "SPDX without", "application/spdx+json",
	  "{'spdxVersion':'SPDX-2.3','SPDXID':'SPDXRef-DOCUMENT'}", "" },
	{ "CycloneDX", "application/vnd.cyclonedx+json",
	  "{'bomFormat':'CycloneDX','specVersion':'1.6','metadata':{'timestamp':'2026-01-01T00:00:"
	  "00Z'}}",
	  "{'created':'2026-01-01T00:00:00Z'}" },
	{ "CycloneDX without", "application/vnd.cyclonedx+json",
	  "{'bomFormat':'CycloneDX','specVersion':'1.6'}", "" },
};

static void creation(void **state)
{
	const struct creation_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct evidence_summary sum;
	assert_ok(evidence_kind_sbom.read(&cx, hm_cstr(t->type), quoted(&cx, t->content), &sum));
	assert_str(sum.creation, quoted(&cx, t->creation));
}

static void a_long_creation_is_left_out(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	char name[5001];
	struct evidence_summary sum;
	memset(name, 'x', 5000);
	name[5000] = 0;
	assert_ok(evidence_kind_sbom.read(
		&cx, HM_STR("application/spdx+json"),
		hm_fmt(&cx,
		       "{\"spdxVersion\":\"SPDX-2.3\",\"SPDXID\":\"SPDXRef-DOCUMENT\","
		       "\"creationInfo\":{\"creators\":[\"%s\"]}}",
		       name),
		&sum));
	assert_strz(sum.creation, "");
}

int main(void)
{
	UNIT(the_table_of_kinds);
	UNIT_TABLE(content, reads);
	UNIT_TABLE(creation, creations);
	UNIT(a_long_creation_is_left_out);
	return unit_run("evidence/kinds");
}
