/* SPDX-License-Identifier: Apache-2.0 */
/*
 * versions.h - the version schemes, one file each, as rows of advisory_schemes[] use them.
 *
 * Each compares two versions without allocating: false where one of them is no version of that
 * scheme, or is longer or has more parts than the limits allow; else <0, 0 or >0 in *out.
 */
#ifndef ADVISORY_VERSIONS_VERSIONS_H
#define ADVISORY_VERSIONS_VERSIONS_H

#include "base/base.h"

/* Parts of one version (numbers, qualifiers, identifiers) that an order keeps at hand. */
enum { ADVISORY_VERSION_PARTS = 512 };

bool advisory_deb_compare(struct hm_str a, struct hm_str b, int *out);
bool advisory_rpm_compare(struct hm_str a, struct hm_str b, int *out);
bool advisory_apk_compare(struct hm_str a, struct hm_str b, int *out);
bool advisory_semver_compare(struct hm_str a, struct hm_str b, int *out);
bool advisory_npm_compare(struct hm_str a, struct hm_str b, int *out);
bool advisory_pep440_compare(struct hm_str a, struct hm_str b, int *out);
/* PEP 440, "Version specifiers": the local part of a version ("+cu124") counts only where the bound
 * has one too. */
bool advisory_pep440_beside(struct hm_str version, struct hm_str bound, int *out);
bool advisory_maven_compare(struct hm_str a, struct hm_str b, int *out);
bool advisory_go_compare(struct hm_str a, struct hm_str b, int *out);
bool advisory_gem_compare(struct hm_str a, struct hm_str b, int *out);
bool advisory_nuget_compare(struct hm_str a, struct hm_str b, int *out);
bool advisory_composer_compare(struct hm_str a, struct hm_str b, int *out);

/* semver.org, 11.4: identifiers between dots; no pre-release at all (empty) comes last. */
int advisory_semver_prerelease(struct hm_str a, struct hm_str b);
/* The same with an order of its own for those that are not numbers (hm_cmp()). */
int advisory_labels_compare(struct hm_str a, struct hm_str b,
			    int (*words)(struct hm_str, struct hm_str));

static inline bool advisory_version_fits(struct hm_str v)
{
	return v.n > 0 && v.n <= HM_MAX_VERSION;
}

/* Whole numbers of any length, as text; leading zeros count for nothing, no digits are 0. */
static inline int advisory_digits_compare(struct hm_str a, struct hm_str b)
{
	while (a.n && *a.p == '0')
		a = hm_from(a, 1);
	while (b.n && *b.p == '0')
		b = hm_from(b, 1);
	if (a.n != b.n)
		return a.n < b.n ? -1 : 1;
	return hm_cmp(a, b);
}

/* The digits at the start of *s, which moves behind them. */
static inline struct hm_str advisory_digits(struct hm_str *s)
{
	size_t n = 0;
	while (n < s->n && hm_is_digit(s->p[n]))
		n++;
	struct hm_str digits = hm_sub(*s, 0, n);
	*s = hm_from(*s, n);
	return digits;
}

/* All of it digits, and at least one. */
static inline bool advisory_all_digits(struct hm_str s)
{
	struct hm_str rest = s;
	advisory_digits(&rest);
	return s.n > 0 && rest.n == 0;
}

#endif
