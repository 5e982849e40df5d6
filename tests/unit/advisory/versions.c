/* SPDX-License-Identifier: Apache-2.0 */
/* The version schemes: every line of the conformance data that belongs to one, and what the orders
 * refuse. */
#include "unit.h"

#include "advisory/advisory.h"
#include "advisory/versions/versions.h"

#define FOLDER "sbom/versions/osv-scalibr-semantic/testdata/"

static const struct file_case {
	const char *label, *path;
	bool (*compare)(struct hm_str, struct hm_str, int *);
	size_t lines;
} files[] = {
	{ "every Debian line agrees", FOLDER "debian-versions.txt", advisory_deb_compare, 30 },
	{ "every generated Debian line agrees", FOLDER "debian-versions-generated.txt",
	  advisory_deb_compare, 14442 },
	{ "every Red Hat line agrees", FOLDER "redhat-versions.txt", advisory_rpm_compare, 150 },
	{ "every Alpine line agrees", FOLDER "alpine-versions.txt", advisory_apk_compare, 700 },
	{ "every generated Alpine line agrees", FOLDER "alpine-versions-generated.txt",
	  advisory_apk_compare, 13979 },
	{ "every semver line agrees", FOLDER "semver-versions.txt", advisory_semver_compare, 80 },
	{ "every Python line agrees", FOLDER "pypi-versions.txt", advisory_pep440_compare, 30 },
	{ "every generated Python line agrees", FOLDER "pypi-versions-generated.txt",
	  advisory_pep440_compare, 12375 },
	{ "every Maven line agrees", FOLDER "maven-versions.txt", advisory_maven_compare, 90 },
	{ "every RubyGems line agrees", FOLDER "rubygems-versions.txt", advisory_gem_compare, 20 },
	{ "every generated RubyGems line agrees", FOLDER "rubygems-versions-generated.txt",
	  advisory_gem_compare, 4098 },
	{ "every NuGet line agrees", FOLDER "nuget-versions.txt", advisory_nuget_compare, 30 },
	{ "every Packagist line agrees", FOLDER "packagist-versions.txt", advisory_composer_compare,
	  90 },
	{ "every generated Packagist line agrees", FOLDER "packagist-versions-generated.txt",
	  advisory_composer_compare, 10630 },
	{ "every generated Maven line agrees", FOLDER "maven-versions-generated.txt",
	  advisory_maven_compare, 14700 },
};

static char sign_of(int d)
{
	return d < 0 ? '<' : d > 0 ? '>' : '=';
}

static char mirrored(char c)
{
	return c == '<' ? '>' : c == '>' ? '<' : '=';
}

static void file_agrees(void **state)
{
	const struct file_case *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct hm_str text;
	assert_ok(hm_read_file(&cx, unit_data(&cx, t->path), SIZE_MAX, &text));
	size_t lines = 0, wrong = 0;
	while (text.n) {
		struct hm_str line = hm_trim(hm_line(&text));
		if (!line.n || *line.p == '#' || hm_starts(line, HM_STR("//")))
			continue;
		struct hm_str rest = line, a = hm_cut(&rest, ' '), op = hm_cut(&rest, ' '),
			      b = hm_trim(rest);
		int there = 0, back = 0;
		lines++;
		bool ok = t->compare(a, b, &there) && t->compare(b, a, &back);
		if (ok && sign_of(there) == *op.p && sign_of(back) == mirrored(*op.p))
			continue;
		if (wrong++ < 40)
			print_error("%.*s: got %c, and back %c%s\n", HM_FMT(line), sign_of(there),
				    sign_of(back), ok ? "" : " (not a version)");
	}
	assert_int_equal(wrong, 0);
	assert_true(lines >= t->lines);
}

static const struct order_case {
	const char *label;
	const char *order; /* purl type */
	const char *a, *b;
	char sign; /* '!': not comparable */
} orders[] = {
	{ "deb: an epoch outweighs everything", "deb", "1:0.1", "9.9", '>' },
	{ "deb: a tilde comes before the end", "deb", "1.0~rc1", "1.0", '<' },
	{ "deb: an epoch is a number", "deb", "x:1", "1", '!' },
	{ "deb: nothing is no version", "deb", "", "1", '!' },
	{ "rpm: a tilde comes before, a caret after", "rpm", "1.0~rc1", "1.0^git1", '<' },
	{ "rpm: a release is compared when both have one", "rpm", "1-2.el8", "1-10.el8", '<' },
	{ "rpm: nothing is no version", "rpm", "1", "", '!' },
	{ "apk: a pre-release comes before", "apk", "1.2_rc1-r5", "1.2-r0", '<' },
	{ "apk: a patch comes after", "apk", "1.2_p1", "1.2", '>' },
	{ "apk: one number more comes after, even a zero", "apk", "1.0", "1", '>' },
	{ "apk: and before any letter or suffix", "apk", "1.0_rc1", "1a_p1", '>' },
	{ "apk: a revision comes after none", "apk", "1.2-r0", "1.2", '>' },
	{ "apk: a suffix without number comes before its zero", "apk", "1_rc-r1", "1_rc0-r0", '<' },
	{ "apk: a suffix behind it comes after its numbers", "apk", "1_p_p", "1_p1", '>' },
	{ "apk: but a pre-release behind it before", "apk", "1_p_rc", "1_p1", '<' },
	{ "apk: commits are ordered by their letters", "apk", "1.0~1234-r1", "1.0~2345-r0", '<' },
	{ "apk: a commit comes after none", "apk", "1.0~1234", "1.0-r9", '>' },
	{ "apk: a dot at the end is no part of it", "apk", "1.", "1", '<' },
	{ "apk: nothing is no version", "apk", "", "", '!' },
	{ "npm: missing parts are zero", "npm", "1", "1.0.0", '=' },
	{ "npm: a word is no version", "npm", "latest", "1.0.0", '!' },
	{ "cargo: a pre-release comes before", "cargo", "1.0.0-alpha", "1.0.0", '<' },
	{ "cargo: an empty pre-release is none", "cargo", "1.0.0-", "1.0.0", '!' },
	{ "pypi: 1.0.post1.dev2 lies between", "pypi", "1.0.post1.dev2", "1.0", '>' },
	{ "pypi: dev comes before alpha", "pypi", "1.0.dev1", "1.0a1", '<' },
	{ "pypi: what is no version comes before all that are", "pypi", "trunk", "0.0.1.dev0",
	  '<' },
	{ "pypi: nothing is no version", "pypi", "", "1", '!' },
	{ "maven: case and zeros do not matter", "maven", "1.0-Final", "1", '=' },
	{ "maven: a service pack comes after", "maven", "1.0-sp", "1.0", '>' },
	{ "maven: nothing is no version", "maven", "1", "", '!' },
	{ "go: the v may be missing", "golang", "v1.2.3", "1.2.3", '=' },
	{ "go: a pseudo-version comes before its release", "golang",
	  "v1.2.3-0.20200101000000-abcdefabcdef", "1.2.3", '<' },
	{ "go: +incompatible does not count", "golang", "v2.0.0+incompatible", "v2.0.0", '=' },
	{ "go: a toolchain names itself go1.21rc2", "golang", "go1.21rc2", "1.21.0-0", '>' },
	{ "go: and comes before go1.21.0", "golang", "go1.21rc2", "1.21.0", '<' },
	{ "go: a candidate of a toolchain beside an advisory's", "golang", "go1.21rc2",
	  "1.21.0-rc.4", '<' },
	{ "go: the same candidate", "golang", "go1.21rc4", "1.21.0-rc.4", '=' },
	{ "go: candidates are numbered", "golang", "go1.21rc10", "1.21.0-rc.4", '>' },
	{ "go: a beta comes before a candidate", "golang", "go1.21beta1", "1.21.0-rc.1", '<' },
	{ "go: of modules, candidates are compared as text", "golang", "v1.0.0-rc10", "1.0.0-rc9",
	  '<' },
	{ "go: and rc1 is not rc.1", "golang", "v1.0.0-rc1", "1.0.0-rc.1", '>' },
	{ "go: go1.26 leads to all of 1.26", "golang", "go1.26-devel_0123abc", "1.26.0-rc.1", '<' },
	{ "go: and is the first of it", "golang", "go1.26", "1.26.0-0", '=' },
	{ "go: before 1.21 it was a release", "golang", "go1.20", "1.20.0", '=' },
	{ "go: a release has three numbers", "golang", "go1.21.0", "1.21.0", '=' },
	{ "go: a snapshot comes before the candidates", "golang", "go1.18-pre5", "1.18.0-rc.1",
	  '<' },
	{ "go: a changed checkout is that version", "golang", "v2.0.0+incompatible+dirty", "2.0.0",
	  '=' },
	{ "go: an empty part of the build is not allowed", "golang", "v2.0.0+a+", "2.0.0", '!' },
	{ "go: an experiment is no pre-release", "golang", "go1.26.8-X:jsonv2", "1.26.8", '=' },
	{ "go: a vendor's build is that version", "golang", "go1.21.5-1", "1.21.5", '=' },
	{ "go: other cryptography is that version", "golang", "go1.20.3-fips", "1.20.3", '=' },
	{ "go: boringcrypto behind a space", "golang", "go1.22.3 X:boringcrypto", "1.22.3", '=' },
	{ "go: a module's hyphen is a pre-release", "golang", "v1.21.5-1", "1.21.5", '<' },
	{ "go: (devel) is no version", "golang", "(devel)", "1.0.0", '!' },
	{ "go: leading zeros are not allowed", "golang", "v1.02.3", "v1.2.3", '!' },
	{ "go: an empty identifier is not allowed", "golang", "v1.2.3-a..b", "v1.2.3", '!' },
};

static void order_holds(void **state)
{
	const struct order_case *t = *state;
	const struct advisory_scheme *scheme = advisory_scheme_of(hm_cstr(t->order));
	assert_non_null(scheme);
	int d = 0;
	bool ok = scheme->compare(hm_cstr(t->a), hm_cstr(t->b), &d);
	assert_int_equal(ok ? sign_of(d) : '!', t->sign);
}

static const struct range_case {
	const char *label, *version, *range;
	bool holds;
} ranges[] = {
	{ "a caret keeps the major", "1.9.9", "^1.2.3", true },
	{ "a caret of 0.x keeps the minor", "0.3.0", "^0.2.3", false },
	{ "a caret of 0.0.x keeps the patch", "0.0.4", "^0.0.3", false },
	{ "a caret of 0.0 keeps the minor", "0.0.9", "^0.0", true },
	{ "a caret of 0 keeps the major", "0.9.9", "^0", true },
	{ "a tilde keeps the minor", "1.2.9", "~1.2.3", true },
	{ "a tilde of a major keeps it", "1.9.0", "~1", true },
	{ "~> is a tilde", "1.3.0", "~> 1.2.3", false },
	{ "an x-range", "1.2.7", "1.2.x", true },
	{ "a star", "7.0.0", "*", true },
	{ "nothing is a star", "7.0.0", "", true },
	{ "a star leaves pre-releases out", "7.0.0-rc.1", "*", false },
	{ "a pre-release of the same version is in", "1.2.3-beta.2", ">=1.2.3-beta.1", true },
	{ "a pre-release of another version is out", "1.2.4-beta.2", ">=1.2.3-beta.1", false },
	{ "a hyphen range", "2.3.4", "1.2.3 - 2.3.4", true },
	{ "a hyphen range with a partial end", "2.3.9", "1.2.3 - 2.3", true },
	{ "a hyphen range ends", "2.4.0", "1.2.3 - 2.3", false },
	{ "one of several sets", "3.1.0", "^1.0.0 || >=3 <4", true },
	{ "> of a partial starts behind it", "1.2.9", ">1.2", false },
	{ "<= of a partial ends behind it", "1.2.9", "<=1.2", true },
	{ "spaces after an operator", "1.5.0", ">= 1.2.0 < 2", true },
	{ "build metadata does not count", "1.2.3+b", "1.2.3", true },
	{ "one bad comparator spoils all", "1.2.3", "1.2.3 || foo", false },
	{ "operators need white space between", "1.5.0", ">=1.2.0<2", false },
	{ "leading zeros are refused", "1.2.3", ">=01.2.3", false },
	{ "a partial is no version", "1.2", "*", false },
	{ "nothing is above everything", "1.2.3", ">*", false },
};

static void range_holds(void **state)
{
	const struct range_case *t = *state;
	assert_int_equal(advisory_npm_satisfies(hm_cstr(t->version), hm_cstr(t->range)), t->holds);
}

static const struct range_case specifiers[] = {
	{ "equal", "1.0", "==1.0.0", true },
	{ "a series", "1.1.5", "==1.1.*", true },
	{ "ends", "1.2", "==1.1.*", false },
	{ "has early releases, too", "1.1a1", "==1.1.*", true },
	{ "of another epoch", "1!1.1", "==1.1.*", false },
	{ "not equal", "1.1", "!=1.1", false },
	{ "no series", "1.1.5", "!=1.1.*", false },
	{ "compatible", "2.9", "~=2.2", true },
	{ "with the series", "3.0", "~=2.2", false },
	{ "and the number", "2.1", "~=2.2", false },
	{ "of three parts", "1.4.9", "~=1.4.5", true },
	{ "keeps two", "1.5", "~=1.4.5", false },
	{ "of an early one", "2.2.1", "~=2.2rc1", true },
	{ "one part is none", "1.1", "~=1", false },
	{ "several", "1.5", ">=1,<2,!=1.4", true },
	{ "all of them", "1.4", ">=1,<2,!=1.4", false },
	{ "below leaves early ones out", "2.0rc1", "<2.0", false },
	{ "unless it is early itself", "2.0a1", "<2.0rc1", true },
	{ "below has early ones of others", "1.9rc1", "<2.0", true },
	{ "above leaves post releases out", "1.7.post1", ">1.7", false },
	{ "unless it is one itself", "1.7.post2", ">1.7.post1", true },
	{ "and local versions", "1.7+local", ">1.7", false },
	{ "a local part does not count", "1.7+cu1", "==1.7", true },
	{ "unless it is named", "1.7+cu1", "==1.7+cu2", false },
	{ "not for at most, too", "1.7+cu1", "<=1.7", true },
	{ "the very text", "1.0.0", "===1.0", false },
	{ "of any case", "1.0RC1", "===1.0rc1", true },
	{ "none", "1.0", "", true },
	{ "an empty one", "1.0", ">=1,", true },
	{ "spaces", "1.0", " >= 1 , < 2 ", true },
	{ "no operator", "1.0", "1.0", false },
	{ "no version", "1.0", ">=x", false },
	{ "one that cannot be read spoils all", "1.0", ">=0,=1", false },
	{ "nothing is satisfied by no version", "x", "", false },
};

static void specifier_holds(void **state)
{
	const struct range_case *t = *state;
	assert_int_equal(advisory_pep440_satisfies(hm_cstr(t->version), hm_cstr(t->range)),
			 t->holds);
}

static void lines_of_versions(void **state)
{
	(void)state;
	assert_true(advisory_pep440_same_line(HM_STR("1.2.3"), HM_STR("1.9"), 1));
	assert_false(advisory_pep440_same_line(HM_STR("1.2.3"), HM_STR("1.9"), 2));
	assert_true(advisory_pep440_same_line(HM_STR("1"), HM_STR("1.0.1"), 2));
	assert_false(advisory_pep440_same_line(HM_STR("1!1"), HM_STR("1"), 1));
	assert_false(advisory_pep440_same_line(HM_STR("x"), HM_STR("x"), 1));
	assert_true(advisory_pep440_is_early(HM_STR("1.0.dev1")));
	assert_false(advisory_pep440_is_early(HM_STR("1.0.post1")));
}

static void an_unknown_type_has_no_scheme(void **state)
{
	(void)state;
	assert_null(advisory_scheme_of(HM_STR("generic")));
	assert_null(advisory_scheme_of(HM_STR("")));
}

static void severity_words(void **state)
{
	(void)state;
	enum advisory_severity s;
	for (size_t i = 0; i < ADVISORY_SEVERITIES; i++) {
		assert_true(advisory_severity_parse(hm_cstr(advisory_severity_names[i]), &s));
		assert_int_equal(s, i);
	}
	assert_true(advisory_severity_parse(HM_STR("MODERATE"), &s) && s == ADVISORY_MEDIUM);
	assert_false(advisory_severity_parse(HM_STR("none"), &s));
	assert_false(advisory_severity_parse(HM_STR(""), &s));
}

static void every_scheme_is_complete_and_of_some_type(void **state)
{
	(void)state;
	for (const struct advisory_scheme *s = advisory_schemes; s->name; s++) {
		int d = 9, types = 0;
		assert_non_null(s->compare);
		for (const struct advisory_scheme *k = advisory_schemes; k != s; k++)
			assert_string_not_equal(k->name, s->name);
		for (const struct inventory_type *t = inventory_types; t->name; t++)
			types += advisory_scheme_of(hm_cstr(t->name)) == s;
		assert_true(types > 0);
		assert_false(s->compare(HM_STR(""), HM_STR("1"), &d));
	}
}

static void every_type_has_a_scheme_and_advisories(void **state)
{
	(void)state;
	for (const struct inventory_type *t = inventory_types; t->name; t++) {
		assert_non_null(advisory_scheme_of(hm_cstr(t->name)));
		assert_int_equal(!t->ecosystem, (t->rules & INVENTORY_OS) != 0);
	}
}

int main(void)
{
	UNIT_TABLE(file_agrees, files);
	UNIT_TABLE(order_holds, orders);
	UNIT_TABLE(range_holds, ranges);
	UNIT_TABLE(specifier_holds, specifiers);
	UNIT(lines_of_versions);
	UNIT(an_unknown_type_has_no_scheme);
	UNIT(every_scheme_is_complete_and_of_some_type);
	UNIT(every_type_has_a_scheme_and_advisories);
	UNIT(severity_words);
	return unit_run("advisory/versions");
}
