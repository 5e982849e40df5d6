/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Python's order (PEP 440, appendix B), and for what is no version by it the order of setuptools
 * before: all of those come before all that are.
 */
#include "advisory/versions/pep440.h"

struct word {
	struct hm_str text;
	int value;
};

static const struct word pre_words[] = {
	{ HM_STR_INIT("alpha"), 1 }, { HM_STR_INIT("a"), 1 },       { HM_STR_INIT("beta"), 2 },
	{ HM_STR_INIT("b"), 2 },     { HM_STR_INIT("preview"), 3 }, { HM_STR_INIT("pre"), 3 },
	{ HM_STR_INIT("rc"), 3 },    { HM_STR_INIT("c"), 3 },
};
static const struct word post_words[] = {
	{ HM_STR_INIT("post"), 1 },
	{ HM_STR_INIT("rev"), 1 },
	{ HM_STR_INIT("r"), 1 },
};
static const struct word dev_words[] = { { HM_STR_INIT("dev"), 1 } };

static bool starts_nocase(struct hm_str s, struct hm_str head)
{
	return s.n >= head.n && hm_cmp_nocase(hm_sub(s, 0, head.n), head) == 0;
}

static bool is_separator(char c)
{
	return c == '.' || c == '-' || c == '_';
}

static struct hm_str skip_separator(struct hm_str s)
{
	return s.n && is_separator(*s.p) ? hm_from(s, 1) : s;
}

/* [-_.]?WORD[-_.]?[0-9]* at the start of *s; 0 where it is not there. */
static int cut_phase(struct hm_str *s, const struct word *words, size_t n,
		     struct hm_str *out_number)
{
	struct hm_str at = skip_separator(*s);
	for (size_t i = 0; i < n; i++) {
		if (!starts_nocase(at, words[i].text))
			continue;
		struct hm_str rest = hm_from(at, words[i].text.n), number = skip_separator(rest);
		*out_number = advisory_digits(&number);
		*s = out_number->n ? number : rest;
		return words[i].value;
	}
	return 0;
}

static bool cut_release(struct hm_str *s, struct hm_str *out)
{
	struct hm_str at = *s, rest = at;
	do {
		if (!advisory_digits(&rest).n)
			return false;
		*s = rest;
		*out = hm_sub(at, 0, at.n - rest.n);
		if (rest.n < 2 || *rest.p != '.' || !hm_is_digit(rest.p[1]))
			return true;
		rest = hm_from(rest, 1);
	} while (true);
}

static bool is_local(struct hm_str s)
{
	bool after_separator = true;
	for (size_t i = 0; i < s.n; i++) {
		bool separator = is_separator(s.p[i]);
		if ((separator && after_separator) ||
		    (!separator && !hm_is_alpha(s.p[i]) && !hm_is_digit(s.p[i])))
			return false;
		after_separator = separator;
	}
	return !after_separator;
}

bool advisory_pep440_parse(struct hm_str s, struct advisory_pep440 *out)
{
	struct advisory_pep440 v = { 0 };
	s = hm_trim(s);
	if (s.n && hm_lower_char(*s.p) == 'v')
		s = hm_from(s, 1);
	size_t mark = hm_find_char(s, '!');
	if (mark != SIZE_MAX) {
		v.epoch = hm_sub(s, 0, mark);
		s = hm_from(s, mark + 1);
		if (!advisory_all_digits(v.epoch))
			return false;
	}
	if (!cut_release(&s, &v.release))
		return false;
	v.pre = cut_phase(&s, pre_words, HM_LEN(pre_words), &v.pre_number);
	if (s.n > 1 && *s.p == '-' && hm_is_digit(s.p[1])) {
		s = hm_from(s, 1);
		v.post_number = advisory_digits(&s);
		v.is_post = true;
	} else {
		v.is_post = cut_phase(&s, post_words, HM_LEN(post_words), &v.post_number) != 0;
	}
	v.is_dev = cut_phase(&s, dev_words, HM_LEN(dev_words), &v.dev_number) != 0;
	if (s.n && *s.p == '+') {
		v.local = hm_from(s, 1);
		if (!is_local(v.local))
			return false;
		s = hm_from(s, s.n);
	}
	*out = v;
	return s.n == 0;
}

int advisory_pep440_release_compare(struct hm_str a, struct hm_str b)
{
	while (a.n || b.n) {
		int d = advisory_digits_compare(hm_cut(&a, '.'), hm_cut(&b, '.'));
		if (d)
			return d;
	}
	return 0;
}

/* Where the version stands beside its release: dev before a before ... before the release
 * itself. */
static int rank_stage(const struct advisory_pep440 *v)
{
	if (v->pre)
		return v->pre;
	return v->is_dev && !v->is_post ? 0 : 4;
}

static int flag_compare(bool a, struct hm_str a_number, bool b, struct hm_str b_number)
{
	return a != b ? (int)a - (int)b : advisory_digits_compare(a_number, b_number);
}

static struct hm_str local_part(struct hm_str *s)
{
	size_t n = 0;
	while (n < s->n && !is_separator(s->p[n]))
		n++;
	struct hm_str part = hm_sub(*s, 0, n);
	*s = hm_from(*s, n + 1);
	return part;
}

static int local_compare(struct hm_str a, struct hm_str b)
{
	while (a.n && b.n) {
		struct hm_str x = local_part(&a), y = local_part(&b);
		bool x_number = advisory_all_digits(x), y_number = advisory_all_digits(y);
		int d;
		if (x_number && y_number)
			d = advisory_digits_compare(x, y);
		else
			d = x_number != y_number ? (int)x_number - (int)y_number
						 : hm_cmp_nocase(x, y);
		if (d)
			return d;
	}
	return (a.n > 0) - (b.n > 0);
}

int advisory_pep440_order(const struct advisory_pep440 *a, const struct advisory_pep440 *b)
{
	int d = advisory_digits_compare(a->epoch, b->epoch);
	if (!d)
		d = advisory_pep440_release_compare(a->release, b->release);
	if (!d)
		d = rank_stage(a) - rank_stage(b);
	if (!d)
		d = advisory_digits_compare(a->pre_number, b->pre_number);
	if (!d)
		d = flag_compare(a->is_post, a->post_number, b->is_post, b->post_number);
	if (!d) /* a development release comes before what it leads to */
		d = a->is_dev != b->is_dev ? (int)b->is_dev - (int)a->is_dev
					   : advisory_digits_compare(a->dev_number, b->dev_number);
	return d ? d : local_compare(a->local, b->local);
}

/* --- setuptools' order of all other strings --- */

struct legacy_part {
	struct hm_str text; /* a number, or a word as it is compared */
	bool number;
};

struct legacy {
	struct legacy_part parts[ADVISORY_VERSION_PARTS];
	size_t n;
};

static struct hm_str legacy_word(struct hm_str word)
{
	static const struct {
		struct hm_str from, to;
	} words[] = {
		{ HM_STR_INIT("pre"), HM_STR_INIT("c") },
		{ HM_STR_INIT("preview"), HM_STR_INIT("c") },
		{ HM_STR_INIT("rc"), HM_STR_INIT("c") },
		{ HM_STR_INIT("dev"), HM_STR_INIT("@") },
		{ HM_STR_INIT("-"), HM_STR_INIT("final-") },
	};
	for (size_t i = 0; i < HM_LEN(words); i++)
		if (hm_cmp_nocase(word, words[i].from) == 0)
			return words[i].to;
	return word;
}

static bool legacy_push(struct legacy *v, struct hm_str text, bool number)
{
	if (!number && hm_cmp_nocase(text, HM_STR("final")) < 0)
		while (v->n && !v->parts[v->n - 1].number &&
		       hm_eqz(v->parts[v->n - 1].text, "final-"))
			v->n--;
	while (!number && v->n && v->parts[v->n - 1].number &&
	       advisory_digits_compare(v->parts[v->n - 1].text, HM_STR("0")) == 0)
		v->n--;
	if (v->n == ADVISORY_VERSION_PARTS)
		return false;
	v->parts[v->n++] = (struct legacy_part){ text, number };
	return true;
}

/* Digits, a run of letters, "." (dropped), "-", or a run of anything else. */
static struct hm_str legacy_cut(struct hm_str *s)
{
	size_t n = 1;
	char c = *s->p;
	if (hm_is_digit(c)) {
		return advisory_digits(s);
	} else if (hm_is_alpha(c)) {
		while (n < s->n && hm_is_alpha(s->p[n]))
			n++;
	} else if (c != '.' && c != '-') {
		while (n < s->n && !hm_is_alpha(s->p[n]) && !hm_is_digit(s->p[n]) &&
		       s->p[n] != '.' && s->p[n] != '-')
			n++;
	}
	struct hm_str part = hm_sub(*s, 0, n);
	*s = hm_from(*s, n);
	return part;
}

static bool legacy_parse(struct hm_str s, struct legacy *out)
{
	out->n = 0;
	s = hm_trim(s);
	while (s.n) {
		struct hm_str part = legacy_cut(&s);
		bool number = hm_is_digit(*part.p);
		if (!hm_eqz(part, ".") &&
		    !legacy_push(out, number ? part : legacy_word(part), number))
			return false;
	}
	return legacy_push(out, HM_STR("final"), false);
}

static bool legacy_compare(struct hm_str a, struct hm_str b, int *out)
{
	struct legacy x, y;
	if (!legacy_parse(a, &x) || !legacy_parse(b, &y))
		return false;
	int d = 0;
	for (size_t i = 0; !d && i < x.n && i < y.n; i++) {
		struct legacy_part p = x.parts[i], q = y.parts[i];
		if (p.number != q.number)
			d = p.number ? 1 : -1; /* words, marked with '*', come before digits */
		else
			d = p.number ? advisory_digits_compare(p.text, q.text)
				     : hm_cmp_nocase(p.text, q.text);
	}
	*out = d ? d : (x.n > y.n) - (x.n < y.n);
	return true;
}

bool advisory_pep440_compare(struct hm_str a, struct hm_str b, int *out)
{
	struct advisory_pep440 x, y;
	if (!advisory_version_fits(a) || !advisory_version_fits(b))
		return false;
	bool a_is = advisory_pep440_parse(a, &x), b_is = advisory_pep440_parse(b, &y);
	struct legacy other;
	if (!a_is && !b_is)
		return legacy_compare(a, b, out);
	if (a_is != b_is && !legacy_parse(a_is ? b : a, &other))
		return false;
	*out = a_is && b_is ? advisory_pep440_order(&x, &y) : a_is ? 1 : -1;
	return true;
}

bool advisory_pep440_beside(struct hm_str version, struct hm_str bound, int *out)
{
	struct advisory_pep440 v, b;
	/* only of what is a version by PEP 440: a '+' in any other string is no local part */
	if (advisory_version_fits(version) && advisory_version_fits(bound) &&
	    advisory_pep440_parse(version, &v) && advisory_pep440_parse(bound, &b) && !b.local.n)
		version = hm_sub(version, 0, hm_find_char(version, '+'));
	return advisory_pep440_compare(version, bound, out);
}
