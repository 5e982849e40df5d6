/* SPDX-License-Identifier: Apache-2.0 */
/* Reports of scanners: each format with what it says, and what it does not. */
#include "unit.h"

#include "repair/repair.h"

/* What is wanted: "ID NAME[:ARCH] FIXED", "*" before what is no package of the distribution, "!"
 * behind a version of the package itself; then how many entries said too little, or were
 * suppressed. */
static struct hm_str told(struct hm_cx *cx, const struct repair_report *r)
{
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	for (size_t i = 0; i < r->wanted.n; i++) {
		const struct repair_wanted *w = &r->wanted.p[i];
		hm_buf_fmt(&b, "%s%.*s %.*s%s%.*s %.*s%s; ", w->is_other ? "*" : "", HM_FMT(w->id),
			   HM_FMT(w->name), w->arch.n ? ":" : "", HM_FMT(w->arch), HM_FMT(w->fixed),
			   w->is_source_version ? "" : "!");
	}
	hm_buf_fmt(&b, "%zu %zu", r->no_package, r->suppressed);
	return hm_dup(cx, hm_buf_str(&b));
}

#define SARIF(driver, rules, results)                                                \
	"{\"version\":\"2.1.0\",\"runs\":[{\"tool\":{\"driver\":{\"name\":\"" driver \
	"\",\"rules\":[" rules "]}},\"results\":[" results "]}]}"
#define TRIVY(results) "{\"SchemaVersion\":2,\"ArtifactName\":\"x\",\"Results\":" results "}"
#define GRYPE(matches) "{\"matches\":" matches ",\"descriptor\":{\"name\":\"grype\"}}"
#define COPA(version, lists)         \
	"{\"apiVersion\":\"" version \
	"\",\"metadata\":{\"os\":{\"type\":\"rocky\",\"version\":\"9\"},\"config\":{}}," lists "}"

static const struct good_case {
	const char *label, *text, *format, *want;
} good[] = {
	{ "Trivy: nothing found", "{\"SchemaVersion\":2,\"ArtifactName\":\"x\"}", "Trivy JSON",
	  "0 0" },
	{ "Trivy: a package of Debian, with its architecture",
	  TRIVY("[{\"Class\":\"os-pkgs\",\"Type\":\"debian\",\"Vulnerabilities\":[{"
		"\"VulnerabilityID\":\"CVE-1\",\"PkgName\":\"a\",\"PkgIdentifier\":{\"PURL\":"
		"\"pkg:deb/debian/a@1?arch=amd64\"},\"InstalledVersion\":\"1\","
		"\"FixedVersion\":\"2\"}]}]"),
	  "Trivy JSON", "CVE-1 a:amd64 2; 0 0" },
	{ "Trivy: without class, as of old",
	  TRIVY("[{\"Type\":\"alpine\",\"Vulnerabilities\":[{\"VulnerabilityID\":\"CVE-1\","
		"\"PkgName\":\"a\",\"FixedVersion\":\"2-r0\"}]}]"),
	  "Trivy JSON", "CVE-1 a 2-r0; 0 0" },
	{ "Trivy: of several fixes the least above what is installed",
	  TRIVY("[{\"Class\":\"lang-pkgs\",\"Type\":\"node-pkg\",\"Vulnerabilities\":[{"
		"\"VulnerabilityID\":\"CVE-1\",\"PkgName\":\"@a/b\",\"PkgIdentifier\":{\"PURL\":"
		"\"pkg:npm/%40a/b@1.5.0\"},\"InstalledVersion\":\"1.5.0\","
		"\"FixedVersion\":\"2.0.0, 1.4.9, 1.10.0\"}]}]"),
	  "Trivy JSON", "*CVE-1 @a/b 1.10.0; 0 0" },
	{ "Trivy: no fix, no package, suppressed, secrets",
	  TRIVY("[{\"Class\":\"os-pkgs\",\"Type\":\"debian\",\"Vulnerabilities\":[{"
		"\"VulnerabilityID\":\"CVE-1\",\"PkgName\":\"a\"},{\"VulnerabilityID\":\"CVE-2\"}],"
		"\"ExperimentalModifiedFindings\":[{},{}]},{\"Class\":\"secret\",\"Secrets\":[{}]}]"),
	  "Trivy JSON", "CVE-1 a ; 1 2" },
	{ "Grype: of the distribution and of a language",
	  GRYPE("[{\"vulnerability\":{\"id\":\"CVE-1\",\"fix\":{\"versions\":[\"2\"]}},"
		"\"artifact\":{\"name\":\"a\",\"version\":\"1\",\"type\":\"deb\",\"purl\":"
		"\"pkg:deb/debian/a@1?arch=arm64\"}},{\"vulnerability\":{\"id\":\"GHSA-1\"},"
		"\"artifact\":{\"name\":\"b\",\"version\":\"1\",\"type\":\"python\"}}]"),
	  "Grype JSON", "CVE-1 a:arm64 2; *GHSA-1 b ; 0 0" },
	{ "Grype: an rpm is fixed by its own version",
	  GRYPE("[{\"vulnerability\":{\"id\":\"CVE-1\",\"fix\":{\"versions\":[\"0:2-1\"]}},"
		"\"artifact\":{\"name\":\"a\",\"version\":\"0:1-1\",\"type\":\"rpm\"}}]"),
	  "Grype JSON", "CVE-1 a 0:2-1!; 0 0" },
	{ "Copacetic v1alpha1",
	  COPA("v1alpha1", "\"updates\":[{\"name\":\"a\",\"installedVersion\":\"1\","
			   "\"fixedVersion\":\"2\",\"vulnerabilityID\":\"CVE-1\"},{}]"),
	  "Copacetic's v1alpha1", "CVE-1 a 2!; 1 0" },
	{ "Copacetic v1alpha1: a nil list of Go", COPA("v1alpha1", "\"updates\":null"),
	  "Copacetic's v1alpha1", "0 0" },
	{ "Copacetic v1alpha2",
	  COPA("v1alpha2",
	       "\"osupdates\":[],\"langupdates\":[{\"name\":\"b\",\"installedVersion\":\"1\","
	       "\"fixedVersion\":\"2\",\"vulnerabilityID\":\"CVE-1\",\"type\":\"python-pkg\"}]"),
	  "Copacetic's v1alpha2", "*CVE-1 b 2; 0 0" },
	{ "SARIF of Hullmark",
	  SARIF("hullmark", "{\"id\":\"CVE-1\",\"name\":\"OsPackageVulnerability\"}",
		"{\"ruleId\":\"CVE-1\",\"properties\":{\"purl\":\"pkg:deb/debian/"
		"a@1?arch=amd64\",\"installedVersion\":\"1\",\"fixedVersions\":[\"3\",\"2\"]}},"
		"{\"ruleId\":\"CVE-2\",\"suppressions\":[{}],\"properties\":{\"purl\":\"pkg:npm/"
		"a@1\"}},{\"ruleId\":\"CVE-3\",\"kind\":\"notApplicable\"}"),
	  "SARIF", "CVE-1 a:amd64 2; 0 1" },
	{ "SARIF of Trivy: the message, not the rule that several packages share",
	  SARIF("Trivy",
		"{\"id\":\"CVE-1\",\"name\":\"OsPackageVulnerability\",\"help\":{\"text\":"
		"\"Vulnerability CVE-1\\nPackage: other\\nFixed Version: 9\"}}",
		"{\"ruleId\":\"CVE-1\",\"message\":{\"text\":\"Package: a\\nInstalled Version: "
		"1\\nVulnerability CVE-1\\nSeverity: LOW\\nFixed Version: 2\"}}"),
	  "SARIF", "CVE-1 a 2; 0 0" },
	{ "SARIF of Trivy: configuration names no package",
	  SARIF("Trivy", "",
		"{\"ruleId\":\"DS002\",\"message\":{\"text\":\"Artifact: Dockerfile\"}}"),
	  "SARIF", "1 0" },
	{ "SARIF of Grype: the rule",
	  SARIF("grype",
		"{\"id\":\"CVE-1-a\",\"name\":\"DpkgMatcherExactDirectMatch\",\"help\":{\"text\":"
		"\"Vulnerability CVE-1\\nSeverity: low\\nPackage: a\\nVersion: 1\\nFix Version: "
		"2\\nType: deb\\nLocation: x\"}}",
		"{\"ruleId\":\"CVE-1-a\",\"message\":{\"text\":\"A low vulnerability in deb "
		"package: a, version 1 was found\"}}"),
	  "SARIF", "CVE-1 a 2; 0 0" },
	{ "SARIF of Grype: of a language",
	  SARIF("grype",
		"{\"id\":\"GHSA-1-a\",\"help\":{\"text\":\"Vulnerability GHSA-1\\nPackage: a\\n"
		"Version: 1\\nFix Version: \\nType: npm\"}}",
		"{\"ruleId\":\"GHSA-1-a\",\"message\":{\"text\":\"x\"}}"),
	  "SARIF", "*GHSA-1 a ; 0 0" },
};

static void says(void **state)
{
	const struct good_case *t = *state;
	HM_AUTO_CX cx = HM_CX(16 * HM_MIB);
	struct repair_report r;
	assert_ok(repair_report_read(&cx, hm_cstr(t->text), &r));
	assert_string_equal(r.format, t->format);
	assert_strz(told(&cx, &r), t->want);
}

/* What does not say what it found must not pass for a report of nothing. */
static const struct bad_case {
	const char *label, *text, *why;
} bad[] = {
	{ "no JSON", "<html>", "line 1" },
	{ "cut short", "{\"SchemaVersion\":2,\"Results\":[", "line 1" },
	{ "another document", "{\"bomFormat\":\"CycloneDX\"}", "not a report that is known" },
	{ "an array", "[]", "not a report that is known" },
	{ "a member twice", "{\"SchemaVersion\":2,\"SchemaVersion\":2,\"Results\":[]}",
	  "SchemaVersion" },
	{ "a NUL in a name", TRIVY("[{\"Type\":\"a\\u0000\"}]"), "NUL" },
	{ "Trivy of another schema", "{\"SchemaVersion\":3,\"Results\":[]}",
	  "Trivy JSON: its schema is not version 2" },
	{ "Trivy without list", TRIVY("{}"), "\"Results\" is not an array" },
	{ "Trivy with other results", TRIVY("[1]"), "a result that is not what it should be" },
	{ "Trivy with other vulnerabilities", TRIVY("[{\"Vulnerabilities\":{}}]"),
	  "a result that is not what it should be" },
	{ "Grype without list", GRYPE("null"), "\"matches\" is not an array" },
	{ "another scanner of that kind", "{\"matches\":[],\"descriptor\":{\"name\":\"x\"}}",
	  "not a report that is known" },
	{ "Copacetic of another version", COPA("v1beta1", "\"updates\":[]"),
	  "not a report that is known" },
	{ "Copacetic without list", COPA("v1alpha1", "\"osupdates\":[]"),
	  "\"updates\" is not an array" },
	{ "Copacetic v1alpha2 without list", COPA("v1alpha2", "\"updates\":[]"),
	  "\"osupdates\" is not an array" },
	{ "SARIF of another version", "{\"version\":\"2.0.0\",\"runs\":[{\"results\":[]}]}",
	  "it is not version 2.1.0" },
	{ "SARIF without run", "{\"version\":\"2.1.0\",\"runs\":[]}", "or has no run" },
	{ "SARIF without results", "{\"version\":\"2.1.0\",\"runs\":[{}]}",
	  "a run has no \"results\"" },
	{ "SARIF with other results", SARIF("x", "", "1"), "a result is not an object" },
};

static void is_refused(void **state)
{
	const struct bad_case *t = *state;
	HM_AUTO_CX cx = HM_CX(16 * HM_MIB);
	struct repair_report r;
	assert_fault(repair_report_read(&cx, hm_cstr(t->text), &r), HM_INPUT, t->why);
}

/* Each row is known by a document of its own and by no other's, and has a case above. */
static void formats_are_distinct(void **state)
{
	(void)state;
	for (const struct repair_report_format *f = repair_report_formats; f->name; f++) {
		size_t cases = 0;
		for (size_t i = 0; i < HM_LEN(good); i++) {
			HM_AUTO_CX cx = HM_CX(HM_MIB);
			struct json doc;
			assert_ok(json_parse(&cx, hm_cstr(good[i].text), JSON_PLAIN, &doc));
			assert_int_equal(f->is(doc), strcmp(f->name, good[i].format) == 0);
			cases += f->is(doc);
		}
		if (!cases)
			fail_msg("%s has no case", f->name);
	}
}

/* Reports that other programs wrote. */
static const struct real_case {
	const char *label, *path;
	size_t wanted, with_fix;
} real[] = {
	{ "Copacetic's report of Trivy", "sbom/copa/report/testdata/trivy_valid.json", 1, 1 },
	{ "Trivy's report of alpine 3.10", "sbom/trivy-integration/alpine-310.json.golden", 4, 4 },
	{ "Trivy's SARIF of alpine 3.10", "sbom/trivy-integration/alpine-310.sarif.golden", 4, 4 },
	{ "Trivy's report of Debian buster", "sbom/trivy-integration/debian-buster.json.golden", 2,
	  1 },
};

static void is_read(void **state)
{
	const struct real_case *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct repair_report r;
	struct hm_str bytes;
	size_t with_fix = 0;
	assert_ok(hm_read_file(&cx, unit_data(&cx, t->path), 16 * HM_MIB, &bytes));
	assert_ok(repair_report_read(&cx, bytes, &r));
	for (size_t i = 0; i < r.wanted.n; i++) {
		with_fix += r.wanted.p[i].fixed.n > 0;
		assert_false(r.wanted.p[i].is_other);
	}
	assert_int_equal(r.wanted.n, t->wanted);
	assert_int_equal(with_fix, t->with_fix);
	assert_int_equal(r.no_package, 0);
}

int main(void)
{
	UNIT_TABLE(says, good);
	UNIT_TABLE(is_refused, bad);
	UNIT_TABLE(is_read, real);
	UNIT(formats_are_distinct);
	return unit_run("repair/reports");
}
