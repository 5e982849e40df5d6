/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/plugin/version.h"

static bool is_number(struct hm_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!hm_is_digit(s.p[i]))
			return false;
	return s.n > 0;
}

static bool is_plain_number(struct hm_str s)
{
	return is_number(s) && (s.n == 1 || s.p[0] != '0');
}

static bool is_identifier(struct hm_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!hm_is_alpha(s.p[i]) && !hm_is_digit(s.p[i]) && s.p[i] != '-')
			return false;
	return s.n > 0;
}

/* Identifiers with dots between them; numbers among those of a pre-release have no zeros before. */
static bool are_identifiers(struct hm_str s, bool release)
{
	for (;;) {
		size_t dot = hm_find_char(s, '.');
		struct hm_str one = hm_sub(s, 0, dot);
		if (!is_identifier(one) || (release && is_number(one) && !is_plain_number(one)))
			return false;
		if (dot == SIZE_MAX)
			return true;
		s = hm_from(s, dot + 1);
	}
}

struct version {
	struct hm_str numbers[3];
	struct hm_str release; /* of a pre-release; empty: none */
};

static bool parse(struct hm_str text, struct version *out)
{
	size_t plus = hm_find_char(text, '+');
	struct hm_str rest = hm_sub(text, 0, plus);
	size_t minus = hm_find_char(rest, '-');
	struct hm_str core = hm_sub(rest, 0, minus);
	out->release = minus == SIZE_MAX ? HM_STR("") : hm_from(rest, minus + 1);
	for (size_t i = 0; i < HM_LEN(out->numbers); i++) {
		size_t dot = hm_find_char(core, '.');
		if ((dot == SIZE_MAX) != (i + 1 == HM_LEN(out->numbers)))
			return false;
		out->numbers[i] = hm_sub(core, 0, dot);
		core = dot == SIZE_MAX ? HM_STR("") : hm_from(core, dot + 1);
		if (!is_plain_number(out->numbers[i]))
			return false;
	}
	return (minus == SIZE_MAX || are_identifiers(out->release, true)) &&
	       (plus == SIZE_MAX || are_identifiers(hm_from(text, plus + 1), false));
}

bool trust_version_is(struct hm_str text)
{
	struct version v;
	return text.n <= HM_MAX_VERSION && parse(text, &v);
}

/* Without zeros before them: the longer one is the larger. */
static int compare_numbers(struct hm_str a, struct hm_str b)
{
	return a.n != b.n ? (a.n < b.n ? -1 : 1) : hm_cmp(a, b);
}

static int compare_identifiers(struct hm_str a, struct hm_str b)
{
	bool a_number = is_number(a), b_number = is_number(b);
	if (a_number != b_number)
		return a_number ? -1 : 1;
	return a_number ? compare_numbers(a, b) : hm_cmp(a, b);
}

static int compare_releases(struct hm_str a, struct hm_str b)
{
	if (!a.n || !b.n)
		return (a.n ? -1 : 0) + (b.n ? 1 : 0);
	while (a.n && b.n) {
		size_t a_dot = hm_find_char(a, '.'), b_dot = hm_find_char(b, '.');
		int order = compare_identifiers(hm_sub(a, 0, a_dot), hm_sub(b, 0, b_dot));
		if (order)
			return order;
		a = a_dot == SIZE_MAX ? HM_STR("") : hm_from(a, a_dot + 1);
		b = b_dot == SIZE_MAX ? HM_STR("") : hm_from(b, b_dot + 1);
	}
	return (a.n ? 1 : 0) - (b.n ? 1 : 0);
}

int trust_version_compare(struct hm_str a, struct hm_str b)
{
	struct version x = { 0 }, y = { 0 };
	if (!parse(a, &x) || !parse(b, &y))
		return hm_cmp(a, b); /* the contract forbids it */
	for (size_t i = 0; i < HM_LEN(x.numbers); i++) {
		int order = compare_numbers(x.numbers[i], y.numbers[i]);
		if (order)
			return order;
	}
	return compare_releases(x.release, y.release);
}
