/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Go module versions (go.dev/ref/mod#versions), as golang.org/x/mod/semver orders them; the "v" may
 * be missing, as it is in advisories. "go1.21rc2", how a toolchain names itself, is 1.21.0-rc.2;
 * what else stands behind its numbers ("go1.26.8-X:jsonv2", "-fips", "-1") is how it was built.
 * Since 1.21, "go1.26" is the development version, before all release candidates
 * (go.dev/doc/toolchain#version). Since 1.24 a toolchain may write "v2.0.0+incompatible+dirty" into
 * a program, which semver does not know.
 */
#include "advisory/versions/versions.h"

struct version {
	struct hm_str numbers[3];
	struct hm_str prerelease;
	bool is_toolchain;
};

static bool is_identifiers(struct hm_str s, bool zeros_allowed)
{
	do {
		size_t dot = hm_find_char(s, '.');
		struct hm_str one = hm_sub(s, 0, dot);
		if (!one.n ||
		    (!zeros_allowed && one.n > 1 && *one.p == '0' && advisory_all_digits(one)))
			return false;
		for (size_t i = 0; i < one.n; i++)
			if (!hm_is_digit(one.p[i]) && !hm_is_alpha(one.p[i]) && one.p[i] != '-')
				return false;
		if (dot == SIZE_MAX)
			return true;
		s = hm_from(s, dot + 1);
	} while (true);
}

/* "+incompatible", "+incompatible+dirty", nothing */
static bool is_build(struct hm_str s)
{
	if (s.n && *s.p != '+')
		return false;
	while (s.n) {
		s = hm_from(s, 1);
		size_t plus = hm_find_char(s, '+');
		if (!is_identifiers(hm_sub(s, 0, plus), true))
			return false;
		s = hm_from(s, plus);
	}
	return true;
}

static bool is_number(struct hm_str digits)
{
	return digits.n && (digits.n == 1 || *digits.p != '0');
}

/* "rc2", "-rc.2", "beta1" at the start: the word, the number, and what is behind them. */
static bool is_stage(struct hm_str s, struct hm_str *out_word, struct hm_str *out_number,
		     struct hm_str *out_rest)
{
	static const struct hm_str words[] = { HM_STR_INIT("rc"), HM_STR_INIT("beta"),
					       HM_STR_INIT("pre") };
	for (size_t i = 0; i < HM_LEN(words); i++) {
		if (!hm_starts(s, words[i]))
			continue;
		struct hm_str rest = hm_from(s, words[i].n);
		if (hm_starts(rest, HM_STR(".")))
			rest = hm_from(rest, 1);
		*out_word = words[i];
		*out_number = advisory_digits(&rest);
		*out_rest = rest;
		return out_number->n > 0;
	}
	return false;
}

static bool leads_to_release(const struct version *v)
{
	return !v->numbers[2].n && (advisory_digits_compare(v->numbers[0], HM_STR("1")) > 0 ||
				    advisory_digits_compare(v->numbers[1], HM_STR("21")) >= 0);
}

/* What stands behind the numbers of a toolchain. */
static bool parse_toolchain(struct hm_str s, struct version *out)
{
	struct hm_str word, number, rest, stage = hm_starts(s, HM_STR("-")) ? hm_from(s, 1) : s;
	if (leads_to_release(out))
		out->prerelease = HM_STR("0");
	if (!s.n)
		return true;
	if (is_stage(stage, &word, &number, &rest))
		out->prerelease = hm_sub(stage, 0, stage.n - rest.n);
	else if (hm_eqz(stage, "0") && stage.n < s.n) /* "1.21.0-0": before all of it */
		out->prerelease = stage;
	return hm_is_alpha(*s.p) || hm_is_space(*s.p) || hm_is_one_of(*s.p, "-+");
}

/* A toolchain says "rc2", an advisory "rc.2". Of modules these are two versions. */
static int prerelease_compare(const struct version *a, const struct version *b)
{
	struct hm_str a_word, b_word, a_number, b_number, a_rest, b_rest;
	if ((!a->is_toolchain && !b->is_toolchain) ||
	    !is_stage(a->prerelease, &a_word, &a_number, &a_rest) || a_rest.n ||
	    !is_stage(b->prerelease, &b_word, &b_number, &b_rest) || b_rest.n)
		return advisory_semver_prerelease(a->prerelease, b->prerelease);
	int d = hm_cmp(a_word, b_word);
	return d ? d : advisory_digits_compare(a_number, b_number);
}

static bool parse_version(struct hm_str s, struct version *out)
{
	*out = (struct version){ 0 };
	out->is_toolchain = hm_starts(s, HM_STR("go"));
	if (out->is_toolchain)
		s = hm_from(s, 2);
	else if (s.n && *s.p == 'v')
		s = hm_from(s, 1);
	size_t n = 0;
	for (; n < 3; n++) {
		out->numbers[n] = advisory_digits(&s);
		if (!is_number(out->numbers[n]))
			return false;
		if (!s.n || *s.p != '.' || n == 2)
			break;
		s = hm_from(s, 1);
	}
	if (out->is_toolchain)
		return parse_toolchain(s, out);
	if (!s.n)
		return true;
	if (n != 2)
		return false; /* a short form stands alone */
	if (*s.p == '-') {
		s = hm_from(s, 1);
		size_t plus = hm_find_char(s, '+');
		out->prerelease = hm_sub(s, 0, plus);
		if (!is_identifiers(out->prerelease, false))
			return false;
		s = hm_from(s, plus);
	}
	return is_build(s);
}

bool advisory_go_compare(struct hm_str a, struct hm_str b, int *out)
{
	struct version x, y;
	if (!advisory_version_fits(a) || !advisory_version_fits(b) || !parse_version(a, &x) ||
	    !parse_version(b, &y))
		return false;
	int d = 0;
	for (size_t i = 0; i < 3 && !d; i++)
		d = advisory_digits_compare(x.numbers[i], y.numbers[i]);
	*out = d ? d : prerelease_compare(&x, &y);
	return true;
}
