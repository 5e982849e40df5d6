/* SPDX-License-Identifier: Apache-2.0 */
/* CVSS base scores: first.org/cvss/v3.1/specification-document, section 7, and v2-guide, 3.2.1. */
#include <math.h>

#include "advisory/record.h"

struct metric {
	const char *name;
	struct {
		char value;
		double weight;
	} values[4];
};

/* The value of a metric ("AV") in "AV:N/AC:L/..."; NUL where it is not there exactly once. */
static char metric_value(struct hm_str vector, const char *name)
{
	char value = '\0';
	while (vector.n) {
		struct hm_str one = hm_cut(&vector, '/'), key = hm_cut(&one, ':');
		if (!hm_eqz(key, name))
			continue;
		if (value || one.n != 1)
			return '\0';
		value = *one.p;
	}
	return value;
}

static bool read_weight(struct hm_str vector, const struct metric *m, double *out)
{
	char value = metric_value(vector, m->name);
	for (size_t i = 0; value && i < HM_LEN(m->values) && m->values[i].value; i++)
		if (m->values[i].value == value) {
			*out = m->values[i].weight;
			return true;
		}
	return false;
}

/* Appendix A of version 3.1: the smallest number with one decimal place that is not smaller. */
static unsigned round_up(double score)
{
	long hundred_thousandths = lround(score * 100000);
	if (hundred_thousandths % 10000 == 0)
		return (unsigned)(hundred_thousandths / 10000);
	return (unsigned)(hundred_thousandths / 10000) + 1;
}

static bool score3(struct hm_str vector, unsigned *out)
{
	/* clang-format off */
	static const struct metric metrics[] = {
		{ "AV", { { 'N', 0.85 }, { 'A', 0.62 }, { 'L', 0.55 }, { 'P', 0.2 } } },
		{ "AC", { { 'L', 0.77 }, { 'H', 0.44 } } },
		{ "UI", { { 'N', 0.85 }, { 'R', 0.62 } } },
		{ "C",  { { 'H', 0.56 }, { 'L', 0.22 }, { 'N', 0 } } },
		{ "I",  { { 'H', 0.56 }, { 'L', 0.22 }, { 'N', 0 } } },
		{ "A",  { { 'H', 0.56 }, { 'L', 0.22 }, { 'N', 0 } } },
	}, privileges[] = {
		{ "PR", { { 'N', 0.85 }, { 'L', 0.62 }, { 'H', 0.27 } } },
		{ "PR", { { 'N', 0.85 }, { 'L', 0.68 }, { 'H', 0.5 } } },
	};
	/* clang-format on */
	double w[HM_LEN(metrics)], pr;
	char scope = metric_value(vector, "S");
	for (size_t i = 0; i < HM_LEN(metrics); i++)
		if (!read_weight(vector, &metrics[i], &w[i]))
			return false;
	if ((scope != 'U' && scope != 'C') || !read_weight(vector, &privileges[scope == 'C'], &pr))
		return false;
	double iss = 1 - (1 - w[3]) * (1 - w[4]) * (1 - w[5]);
	double impact =
		scope == 'U' ? 6.42 * iss : 7.52 * (iss - 0.029) - 3.25 * pow(iss - 0.02, 15);
	double score = impact + 8.22 * w[0] * w[1] * pr * w[2];
	if (scope == 'C')
		score *= 1.08;
	*out = impact <= 0 ? 0 : round_up(fmin(score, 10));
	return true;
}

static bool score2(struct hm_str vector, unsigned *out)
{
	/* clang-format off */
	static const struct metric metrics[] = {
		{ "AV", { { 'N', 1.0 },  { 'A', 0.646 }, { 'L', 0.395 } } },
		{ "AC", { { 'L', 0.71 }, { 'M', 0.61 },  { 'H', 0.35 } } },
		{ "Au", { { 'N', 0.704 }, { 'S', 0.56 }, { 'M', 0.45 } } },
		{ "C",  { { 'C', 0.66 }, { 'P', 0.275 }, { 'N', 0 } } },
		{ "I",  { { 'C', 0.66 }, { 'P', 0.275 }, { 'N', 0 } } },
		{ "A",  { { 'C', 0.66 }, { 'P', 0.275 }, { 'N', 0 } } },
	};
	/* clang-format on */
	double w[HM_LEN(metrics)];
	for (size_t i = 0; i < HM_LEN(metrics); i++)
		if (!read_weight(vector, &metrics[i], &w[i]))
			return false;
	double impact = 10.41 * (1 - (1 - w[3]) * (1 - w[4]) * (1 - w[5]));
	double exploitability = 20 * w[0] * w[1] * w[2];
	double score = (0.6 * impact + 0.4 * exploitability - 1.5) * (impact > 0 ? 1.176 : 0);
	*out = (unsigned)lround(fmax(score, 0) * 10);
	return true;
}

/* "7.1", "10", as some databases state it. */
static bool read_score(struct hm_str s, unsigned *out)
{
	struct hm_str whole = hm_cut(&s, '.');
	uint64_t units, tenths = 0;
	if (!hm_u64(whole, 10, &units) || (s.n && !hm_u64(hm_sub(s, 0, 1), 9, &tenths)) ||
	    s.n > 1 || units * 10 + tenths > 100)
		return false;
	*out = (unsigned)(units * 10 + tenths);
	return true;
}

bool advisory_cvss_is_v2(struct hm_str vector)
{
	return hm_starts(vector, HM_STR("AV:")) || hm_starts(vector, HM_STR("(AV:"));
}

bool advisory_cvss_score(struct hm_str vector, unsigned *out)
{
	if (vector.n > 512)
		return false;
	if (hm_starts(vector, HM_STR("CVSS:3.1/")) || hm_starts(vector, HM_STR("CVSS:3.0/")))
		return score3(hm_from(vector, 9), out);
	if (hm_starts(vector, HM_STR("CVSS:4.0/")))
		return advisory_cvss4_score(hm_from(vector, 9), out);
	if (hm_starts(vector, HM_STR("(")) && hm_ends(vector, HM_STR(")")))
		return score2(hm_sub(vector, 1, vector.n - 2), out);
	return advisory_cvss_is_v2(vector) ? score2(vector, out) : read_score(vector, out);
}

enum advisory_severity advisory_cvss_severity(unsigned tenths, bool version2)
{
	if (tenths >= 90 && !version2)
		return ADVISORY_CRITICAL;
	if (tenths >= 70)
		return ADVISORY_HIGH;
	return tenths >= 40 ? ADVISORY_MEDIUM : ADVISORY_LOW;
}

enum advisory_severity advisory_severity_of_cvss(struct hm_str vector)
{
	unsigned tenths;
	return vector.n && advisory_cvss_score(vector, &tenths)
		       ? advisory_cvss_severity(tenths, advisory_cvss_is_v2(vector))
		       : ADVISORY_UNKNOWN;
}
