/* SPDX-License-Identifier: Apache-2.0 */
/* Version specifiers of Python (PEP 440, "Version specifiers"), and what a step between two
 * versions is. */
#include "advisory/advisory.h"
#include "advisory/versions/pep440.h"

enum op {
	OP_ARBITRARY,
	OP_COMPATIBLE,
	OP_EQUAL,
	OP_NOT,
	OP_AT_MOST,
	OP_AT_LEAST,
	OP_BELOW,
	OP_ABOVE
};

/* Longer ones first. */
static const struct {
	struct hm_str text;
	enum op op;
} operators[] = {
	{ HM_STR_INIT("==="), OP_ARBITRARY }, { HM_STR_INIT("~="), OP_COMPATIBLE },
	{ HM_STR_INIT("=="), OP_EQUAL },      { HM_STR_INIT("!="), OP_NOT },
	{ HM_STR_INIT("<="), OP_AT_MOST },    { HM_STR_INIT(">="), OP_AT_LEAST },
	{ HM_STR_INIT("<"), OP_BELOW },       { HM_STR_INIT(">"), OP_ABOVE },
};

static bool is_early(const struct advisory_pep440 *v)
{
	return v->pre || v->is_dev;
}

static bool same_release(const struct advisory_pep440 *a, const struct advisory_pep440 *b)
{
	return advisory_digits_compare(a->epoch, b->epoch) == 0 &&
	       advisory_pep440_release_compare(a->release, b->release) == 0;
}

/* The parts of `prefix`, as far as there are any; what is missing is 0. */
static bool has_prefix(const struct advisory_pep440 *v, const struct advisory_pep440 *prefix)
{
	struct hm_str a = v->release, b = prefix->release;
	if (advisory_digits_compare(v->epoch, prefix->epoch) != 0)
		return false;
	while (b.n)
		if (advisory_digits_compare(hm_cut(&a, '.'), hm_cut(&b, '.')) != 0)
			return false;
	return true;
}

static struct hm_str without_last_part(struct hm_str release)
{
	return hm_sub(release, 0, hm_rfind_char(release, '.'));
}

static bool is_below(const struct advisory_pep440 *v, const struct advisory_pep440 *bound)
{
	return advisory_pep440_order(v, bound) < 0 &&
	       (is_early(bound) || !is_early(v) || !same_release(v, bound));
}

static bool is_above(const struct advisory_pep440 *v, const struct advisory_pep440 *bound)
{
	return advisory_pep440_order(v, bound) > 0 &&
	       ((bound->is_post && !v->local.n) || (!v->is_post && !v->local.n) ||
		!same_release(v, bound));
}

static bool holds_bound(enum op op, struct advisory_pep440 v, const struct advisory_pep440 *bound)
{
	struct advisory_pep440 series = *bound;
	if (op == OP_BELOW)
		return is_below(&v, bound);
	if (op == OP_ABOVE)
		return is_above(&v, bound);
	if (!bound->local.n)
		v.local = bound->local;
	int order = advisory_pep440_order(&v, bound);
	if (op == OP_EQUAL || op == OP_NOT)
		return (order == 0) == (op == OP_EQUAL);
	if (op == OP_AT_MOST)
		return order <= 0;
	if (op == OP_AT_LEAST)
		return order >= 0;
	/* OP_COMPATIBLE */
	series.release = without_last_part(bound->release);
	return hm_find_char(bound->release, '.') != SIZE_MAX && order >= 0 &&
	       has_prefix(&v, &series);
}

/* One of them; *out_bad: it cannot be read. */
static bool holds(struct hm_str version, const struct advisory_pep440 *v, struct hm_str one,
		  bool *out_bad)
{
	struct advisory_pep440 bound;
	size_t i = 0;
	while (i < HM_LEN(operators) && !hm_starts(one, operators[i].text))
		i++;
	if (i == HM_LEN(operators)) {
		*out_bad = true;
		return false;
	}
	enum op op = operators[i].op;
	one = hm_trim(hm_from(one, operators[i].text.n));
	if (op == OP_ARBITRARY)
		return hm_cmp_nocase(hm_trim(version), one) == 0;
	bool wild = (op == OP_EQUAL || op == OP_NOT) && hm_ends(one, HM_STR(".*"));
	if (wild)
		one.n -= 2;
	if (!advisory_version_fits(one) || !advisory_pep440_parse(one, &bound) ||
	    (wild && (is_early(&bound) || bound.is_post || bound.local.n))) {
		*out_bad = true;
		return false;
	}
	return wild ? has_prefix(v, &bound) == (op == OP_EQUAL) : holds_bound(op, *v, &bound);
}

bool advisory_pep440_satisfies(struct hm_str version, struct hm_str specifiers)
{
	struct advisory_pep440 v;
	bool all = true, bad = false;
	if (!advisory_version_fits(version) || !advisory_pep440_parse(version, &v))
		return false;
	while (specifiers.n) {
		struct hm_str one = hm_trim(hm_cut(&specifiers, ','));
		if (one.n && !holds(version, &v, one, &bad))
			all = false;
	}
	return all && !bad;
}

bool advisory_pep440_is_version(struct hm_str version)
{
	struct advisory_pep440 v;
	return advisory_version_fits(version) && advisory_pep440_parse(version, &v);
}

bool advisory_pep440_is_early(struct hm_str version)
{
	struct advisory_pep440 v;
	return advisory_version_fits(version) && advisory_pep440_parse(version, &v) && is_early(&v);
}

bool advisory_pep440_same_line(struct hm_str a, struct hm_str b, unsigned parts)
{
	struct advisory_pep440 x, y;
	if (!advisory_version_fits(a) || !advisory_version_fits(b) ||
	    !advisory_pep440_parse(a, &x) || !advisory_pep440_parse(b, &y) ||
	    advisory_digits_compare(x.epoch, y.epoch) != 0)
		return false;
	for (unsigned i = 0; i < parts; i++)
		if (advisory_digits_compare(hm_cut(&x.release, '.'), hm_cut(&y.release, '.')) != 0)
			return false;
	return true;
}
