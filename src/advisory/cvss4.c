/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CVSS 4.0 (first.org/cvss/v4-0/specification-document, 8): a vector belongs to one of 270 macro
 * vectors, whose score experts have fixed; from there the score goes down with the distance to
 * the most severe vector of the same macro vector, in proportion to the step to the next lower one.
 */
#include <math.h>

#include "advisory/record.h"

enum metric { AV, PR, UI, AC, AT, VC, VI, VA, CR, IR, AR, SC, SI, SA, E, METRICS };
enum { EQ1, EQ2, EQ3, EQ4, EQ5, EQ6, EQS, NO = 255 };

/* The values of each metric, the most severe first; what stands for X, or is not given. */
static const struct {
	const char *name, *values;
	char standard; /* NUL: it must be given */
} metrics[METRICS] = {
	[AV] = { "AV", "NALP", '\0' }, [PR] = { "PR", "NLH", '\0' },  [UI] = { "UI", "NPA", '\0' },
	[AC] = { "AC", "LH", '\0' },   [AT] = { "AT", "NP", '\0' },   [VC] = { "VC", "HLN", '\0' },
	[VI] = { "VI", "HLN", '\0' },  [VA] = { "VA", "HLN", '\0' },  [CR] = { "CR", "HML", 'H' },
	[IR] = { "IR", "HML", 'H' },   [AR] = { "AR", "HML", 'H' },   [SC] = { "SC", "SHLN", '\0' },
	[SI] = { "SI", "SHLN", '\0' }, [SA] = { "SA", "SHLN", '\0' }, [E] = { "E", "APU", 'A' },
};

/* Scores times ten, by EQ1 and EQ2, then EQ3, EQ4, EQ5, EQ6 (the specification's lookup table). */
/* clang-format off */
static const uint8_t scores[6][54] = {
	{ /* EQ1 0, EQ2 0 */
		100, 99, 98, 95, 95, 92, 100, 96, 93, 87, 91, 81, 93, 90, 89, 80, 81, 68,
		98, 95, 95, 92, 90, 84, 93, 92, 89, 81, 81, 65, 88, 80, 78, 70, 69, 48,
		NO, 92, NO, 82, NO, 72, NO, 79, NO, 69, NO, 50, NO, 69, NO, 55, NO, 27,
	},
	{ /* EQ1 0, EQ2 1 */
		99, 97, 95, 92, 92, 85, 95, 91, 90, 83, 84, 71, 92, 81, 82, 71, 72, 53,
		95, 93, 92, 85, 85, 73, 92, 82, 80, 72, 70, 59, 84, 70, 71, 52, 50, 30,
		NO, 86, NO, 75, NO, 52, NO, 71, NO, 52, NO, 29, NO, 63, NO, 29, NO, 17,
	},
	{ /* EQ1 1, EQ2 0 */
		98, 95, 94, 87, 91, 81, 94, 89, 86, 74, 77, 64, 87, 75, 74, 63, 63, 49,
		94, 89, 88, 77, 76, 67, 86, 76, 74, 58, 59, 50, 72, 57, 57, 52, 52, 25,
		NO, 83, NO, 70, NO, 54, NO, 65, NO, 58, NO, 26, NO, 53, NO, 21, NO, 13,
	},
	{ /* EQ1 1, EQ2 1 */
		95, 90, 88, 76, 76, 70, 90, 77, 75, 62, 61, 53, 77, 66, 68, 59, 52, 30,
		89, 78, 76, 67, 62, 58, 74, 59, 57, 57, 47, 23, 61, 52, 57, 29, 24, 16,
		NO, 71, NO, 59, NO, 30, NO, 58, NO, 26, NO, 15, NO, 23, NO, 13, NO, 6,
	},
	{ /* EQ1 2, EQ2 0 */
		93, 87, 86, 72, 75, 58, 86, 74, 74, 61, 56, 34, 70, 54, 52, 40, 40, 22,
		85, 75, 74, 55, 62, 51, 72, 57, 55, 41, 46, 19, 53, 36, 34, 19, 19, 8,
		NO, 64, NO, 51, NO, 20, NO, 47, NO, 21, NO, 11, NO, 24, NO, 9, NO, 4,
	},
	{ /* EQ1 2, EQ2 1 */
		88, 75, 73, 53, 60, 50, 73, 55, 59, 40, 41, 20, 54, 43, 45, 22, 20, 11,
		75, 55, 58, 45, 40, 21, 61, 51, 48, 18, 20, 9, 46, 18, 17, 7, 8, 2,
		NO, 53, NO, 24, NO, 14, NO, 24, NO, 12, NO, 5, NO, 10, NO, 3, NO, 1,
	},
};
/* clang-format on */

struct vector {
	char values[METRICS];
	int eq[EQS];
};

/* The value of "NAME:" in the vector; NUL: it is not there. */
static char value_of(struct hm_str vector, struct hm_str name)
{
	while (vector.n) {
		struct hm_str one = hm_cut(&vector, '/'), key = hm_cut(&one, ':');
		if (hm_eq(key, name))
			return one.n == 1 ? *one.p : '?';
	}
	return '\0';
}

static bool parse_vector(struct hm_str text, struct vector *v)
{
	for (int m = 0; m < METRICS; m++) {
		char modified[3] = { 'M', metrics[m].name[0], metrics[m].name[1] };
		struct hm_str name = hm_cstr(metrics[m].name);
		char value = value_of(text, name);
		char changed = m < CR || m >= SC
				       ? value_of(text, (struct hm_str){ modified, 1 + name.n })
				       : '\0';
		if (value == 'X' || (value == '\0' && metrics[m].standard))
			value = metrics[m].standard;
		bool safety = value == 'S'; /* only as a modified value */
		if (changed && changed != 'X') {
			value = changed;
			safety = value == 'S' && m == SC;
		}
		if (safety || !hm_is_one_of(value, metrics[m].values))
			return false;
		v->values[m] = value;
	}
	return true;
}

static bool is(const struct vector *v, enum metric m, char value)
{
	return v->values[m] == value;
}

static int eq1(const struct vector *v)
{
	int n = is(v, AV, 'N') + is(v, PR, 'N') + is(v, UI, 'N');
	return n == 3 ? 0 : n > 0 && !is(v, AV, 'P') ? 1 : 2;
}

static int eq3(const struct vector *v)
{
	if (is(v, VC, 'H') && is(v, VI, 'H'))
		return 0;
	return is(v, VC, 'H') || is(v, VI, 'H') || is(v, VA, 'H') ? 1 : 2;
}

static int eq4(const struct vector *v)
{
	if (is(v, SI, 'S') || is(v, SA, 'S'))
		return 0;
	return is(v, SC, 'H') || is(v, SI, 'H') || is(v, SA, 'H') ? 1 : 2;
}

static void classify_vector(struct vector *v)
{
	bool needed = (is(v, CR, 'H') && is(v, VC, 'H')) || (is(v, IR, 'H') && is(v, VI, 'H')) ||
		      (is(v, AR, 'H') && is(v, VA, 'H'));
	v->eq[EQ1] = eq1(v);
	v->eq[EQ2] = !(is(v, AC, 'L') && is(v, AT, 'N'));
	v->eq[EQ3] = eq3(v);
	v->eq[EQ4] = eq4(v);
	v->eq[EQ5] = is(v, E, 'A') ? 0 : is(v, E, 'P') ? 1 : 2;
	v->eq[EQ6] = !needed;
}

/* NO: there is no such macro vector. */
static int score_of(const int eq[EQS])
{
	static const int most[EQS] = { 2, 1, 2, 2, 2, 1 };
	for (int i = 0; i < EQS; i++)
		if (eq[i] > most[i])
			return NO;
	return scores[eq[EQ1] * 2 + eq[EQ2]][((eq[EQ3] * 3 + eq[EQ4]) * 3 + eq[EQ5]) * 2 + eq[EQ6]];
}

/* The most severe vectors of each class, as values of consecutive metrics. */
struct extremes {
	enum metric first;
	int n; /* metrics */
	const char *texts[6];
	int depth; /* steps from the most severe vector to the next class */
};

static const struct extremes eq1_extremes[] = { { AV, 3, { "NNN" }, 1 },
						{ AV, 3, { "ANN", "NLN", "NNP" }, 4 },
						{ AV, 3, { "PNN", "ALP" }, 5 } };
static const struct extremes eq2_extremes[] = { { AC, 2, { "LN" }, 1 },
						{ AC, 2, { "HN", "LP" }, 2 } };
static const struct extremes eq3_extremes[3][2] = {
	{ { VC, 6, { "HHHHHH" }, 7 }, { VC, 6, { "HHLMMH", "HHHMMM" }, 6 } },
	{ { VC, 6, { "LHHHHH", "HLHHHH" }, 8 },
	  { VC, 6, { "LHLHMH", "LHHHMM", "HLHMHM", "HLLMHH", "LLHHHM" }, 8 } },
	{ { VC, 6, { 0 }, 1 }, { VC, 6, { "LLLHHH" }, 10 } },
};
static const struct extremes eq4_extremes[] = { { SC, 3, { "HSS" }, 6 },
						{ SC, 3, { "HHH" }, 5 },
						{ SC, 3, { "LLL" }, 4 } };

/* Steps below the first of the extremes that is at least as severe in each metric. */
static int measure_distance(const struct vector *v, const struct extremes *x)
{
	for (size_t i = 0; i < HM_LEN(x->texts) && x->texts[i]; i++) {
		int sum = 0;
		bool below = true;
		for (int k = 0; k < x->n; k++) {
			const char *values = metrics[x->first + (enum metric)k].values;
			long d = strchr(values, v->values[x->first + (enum metric)k]) -
				 strchr(values, x->texts[i][k]);
			below = below && d >= 0;
			sum += (int)d;
		}
		if (below)
			return sum;
	}
	return 0;
}

/* The score of the macro vector below in EQ3 and EQ6, which go together. */
static int below_eq3(const int eq[EQS])
{
	int left[EQS], right[EQS];
	memcpy(left, eq, sizeof(left));
	memcpy(right, eq, sizeof(right));
	right[EQ3]++;
	left[EQ6]++;
	if (eq[EQ6] == 1)
		return score_of(right);
	int a = score_of(left), b = score_of(right);
	if (eq[EQ3] == 1 || b == NO)
		return a;
	return a != NO && a > b ? a : b;
}

static int score_below(const int eq[EQS], int which)
{
	int lower[EQS];
	memcpy(lower, eq, sizeof(lower));
	lower[which]++;
	return score_of(lower);
}

bool advisory_cvss4_score(struct hm_str text, unsigned *out)
{
	struct vector v;
	if (!parse_vector(text, &v))
		return false;
	if (is(&v, VC, 'N') && is(&v, VI, 'N') && is(&v, VA, 'N') && is(&v, SC, 'N') &&
	    is(&v, SI, 'N') && is(&v, SA, 'N')) {
		*out = 0;
		return true;
	}
	classify_vector(&v);
	const struct extremes *extremes[] = { &eq1_extremes[v.eq[EQ1]], &eq2_extremes[v.eq[EQ2]],
					      &eq3_extremes[v.eq[EQ3]][v.eq[EQ6]],
					      &eq4_extremes[v.eq[EQ4]] };
	int lower[] = { score_below(v.eq, EQ1), score_below(v.eq, EQ2), below_eq3(v.eq),
			score_below(v.eq, EQ4) };
	int score = score_of(v.eq), steps = score_below(v.eq, EQ5) != NO;
	double sum = 0;
	if (score == NO)
		return false;
	for (size_t i = 0; i < HM_LEN(lower); i++) {
		if (lower[i] == NO)
			continue;
		steps++;
		sum += (double)(score - lower[i]) * measure_distance(&v, extremes[i]) /
		       extremes[i]->depth;
	}
	double value = score - (steps ? sum / steps : 0);
	*out = (unsigned)floor(fmin(fmax(value, 0), 100) + 0.5 + 1e-5);
	return true;
}
