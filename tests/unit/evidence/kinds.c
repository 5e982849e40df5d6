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
	assert_int_equal(names.n, 2);
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

int main(void)
{
	UNIT(the_table_of_kinds);
	UNIT_TABLE(content, reads);
	return unit_run("evidence/kinds");
}
