/* SPDX-License-Identifier: Apache-2.0 */
/* Ranges of versions, as the tools of each type write them. */
#include "graph/questions/range.h"

#include "graph/doc.h"

enum { NUMBERS = 8 }; /* of a version, that are looked at one by one */

/* ------------------------------------------------------------------ words */

static const struct sign {
	const char *text; /* a longer one before those that it begins with */
	enum graph_sign sign;
} signs[] = {
	{ "<=", GRAPH_LESS_SAME }, { ">=", GRAPH_MORE_SAME }, { "==", GRAPH_SAME },
	{ "!=", GRAPH_OTHER },     { "<", GRAPH_LESS },       { ">", GRAPH_MORE },
	{ "=", GRAPH_SAME },
};

/* "^1.2", "~1.2": at least that, and the first numbers stay. */
enum stays { UP_TO_NONZERO, MINOR, ALL_BUT_LAST };
static const struct word {
	const char *type, *text;
	enum stays stays;
} words[] = {
	{ "cargo", "^", UP_TO_NONZERO },    { "cargo", "~", MINOR },
	{ "composer", "^", UP_TO_NONZERO }, { "composer", "~", ALL_BUT_LAST },
	{ "pub", "^", UP_TO_NONZERO },      { "gem", "~>", ALL_BUT_LAST },
	{ "hex", "~>", ALL_BUT_LAST },      { "cocoapods", "~>", ALL_BUT_LAST },
};

static hm_err refuse(struct hm_cx *cx, const struct graph_range *r, const char *why)
{
	return hm_hint(
		cx,
		hm_fail(cx, HM_USAGE, "\"%.*s\" is not a range of versions: %s", HM_FMT(r->text),
			why),
		"comparisons with blanks between, '>=2.0 <2.17.1', alternatives behind '||', "
		"intervals, '[2.0,2.17.1)', or as the tools of the type write it");
}

/* The numbers that a version begins with: "v1.2.3-rc" has three. */
static size_t read_numbers(struct hm_str version, uint64_t out[NUMBERS])
{
	size_t n = 0;
	if (hm_starts(version, HM_STR("v")))
		version = hm_from(version, 1);
	while (n < NUMBERS) {
		size_t end = 0;
		while (end < version.n && hm_is_digit(version.p[end]))
			end++;
		if (!hm_u64(hm_sub(version, 0, end), UINT64_MAX, &out[n]))
			return n;
		n++;
		if (end == version.n || version.p[end] != '.')
			return n;
		version = hm_from(version, end + 1);
	}
	return n;
}

/* ------------------------------------------------------------------ bounds */

static void add_bound(struct hm_cx *cx, struct graph_range *r, enum graph_sign sign,
		      struct hm_str version, size_t numbers)
{
	*hm_push(cx, &r->bounds) = (struct graph_bound){ sign, version, numbers, r->alternatives };
}

/* "1.2.*": the numbers before it. */
static bool is_wild(struct hm_str version)
{
	return hm_ends(version, HM_STR(".*")) || hm_ends(version, HM_STR(".x"));
}

static hm_err add_compared(struct hm_cx *cx, struct graph_range *r, enum graph_sign sign,
			   struct hm_str version)
{
	uint64_t numbers[NUMBERS];
	if (!is_wild(version)) {
		add_bound(cx, r, sign, version, 0);
		return NULL;
	}
	version.n -= 2;
	size_t n = read_numbers(version, numbers);
	if (!n || (sign != GRAPH_SAME && sign != GRAPH_OTHER))
		return refuse(cx, r, "\"*\" stands behind numbers, and not with < or >");
	add_bound(cx, r, sign == GRAPH_SAME ? GRAPH_LIKE : GRAPH_LIKE_NOT, version, n);
	return NULL;
}

static hm_err add_word(struct hm_cx *cx, struct graph_range *r, const struct word *w,
		       struct hm_str version)
{
	uint64_t numbers[NUMBERS];
	size_t n = read_numbers(version, numbers), stay = 1;
	if (!n)
		return refuse(cx, r, "a number is missing");
	if (w->stays == UP_TO_NONZERO)
		while (stay < n && !numbers[stay - 1])
			stay++;
	else if (n > 1)
		stay = w->stays == MINOR ? 2 : n - 1;
	add_bound(cx, r, GRAPH_MORE_SAME, version, 0);
	add_bound(cx, r, GRAPH_LIKE, version, stay);
	return NULL;
}

static const struct word *cut_own_word(struct hm_str type, struct hm_str *rest)
{
	for (size_t i = 0; i < HM_LEN(words); i++)
		if (hm_eqz(type, words[i].type) && hm_starts(*rest, hm_cstr(words[i].text))) {
			*rest = hm_trim(hm_from(*rest, strlen(words[i].text)));
			return &words[i];
		}
	return NULL;
}

static const struct sign *cut_sign(struct hm_str *rest)
{
	for (size_t i = 0; i < HM_LEN(signs); i++)
		if (hm_starts(*rest, hm_cstr(signs[i].text))) {
			*rest = hm_trim(hm_from(*rest, strlen(signs[i].text)));
			return &signs[i];
		}
	return NULL;
}

static struct hm_str cut_version(struct hm_str *rest)
{
	size_t end = 0;
	while (end < rest->n && !hm_is_one_of(rest->p[end], " ,"))
		end++;
	struct hm_str version = hm_sub(*rest, 0, end);
	while (end < rest->n && hm_is_one_of(rest->p[end], " ,"))
		end++;
	*rest = hm_from(*rest, end);
	return version;
}

static bool is_version(struct hm_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (hm_is_one_of(s.p[i], "<>=^~!|[]()") ||
		    (s.p[i] == '*' && (i + 1 < s.n || !i || s.p[i - 1] != '.')))
			return false;
	return s.n != 0;
}

/* One alternative: comparisons with blanks or commas between. Anything else is refused: it would
 * look like a range that contains nothing. */
static hm_err read_bounds(struct hm_cx *cx, struct graph_range *r, struct hm_str type,
			  struct hm_str text)
{
	struct hm_str rest = hm_trim(text);
	bool is_alone = true;
	if (hm_eqz(rest, "*"))
		return NULL;
	if (!rest.n)
		return refuse(cx, r, "an alternative is empty");
	while (rest.n) {
		const struct word *word = cut_own_word(type, &rest);
		const struct sign *sign = word ? NULL : cut_sign(&rest);
		struct hm_str version = cut_version(&rest);
		bool is_plain = !word && !sign && is_alone && !rest.n;
		if (!is_version(version) || (!word && !sign && !is_plain && !is_wild(version)))
			return refuse(cx, r,
				      "a version with one of < <= > >= = != before it is missing");
		HM_TRY(word ? add_word(cx, r, word, version)
			    : add_compared(cx, r, sign ? sign->sign : GRAPH_SAME, version));
		is_alone = false;
	}
	return NULL;
}

static hm_err read_alternatives(struct hm_cx *cx, struct graph_range *r, struct hm_str type)
{
	struct hm_str rest = r->text;
	bool has_more = true;
	while (has_more) {
		size_t bar = hm_find_char(rest, '|');
		has_more = bar != SIZE_MAX;
		HM_TRY(read_bounds(cx, r, type, has_more ? hm_sub(rest, 0, bar) : rest));
		rest = has_more ? hm_from(rest, bar + 1) : HM_STR("");
		if (hm_starts(rest, HM_STR("|")))
			rest = hm_from(rest, 1);
		r->alternatives++;
	}
	return NULL;
}

/* ------------------------------------------------------------------ intervals, and vers: */

/* What stands between the brackets: two versions, of which one may be left out; or one. */
static hm_err add_interval(struct hm_cx *cx, struct graph_range *r, struct hm_str inner,
			   bool has_low, bool has_high)
{
	struct hm_str high = inner, low = hm_trim(hm_cut(&high, ','));
	bool is_one = hm_find_char(inner, ',') == SIZE_MAX;
	high = hm_trim(high);
	bool is_bad = (low.n && !is_version(low)) || (high.n && !is_version(high)) ||
		      hm_find_char(high, ',') != SIZE_MAX;
	if (is_bad || (is_one && (!low.n || !has_low || !has_high)))
		return refuse(cx, r, "an interval is two versions with a comma between");
	if (is_one)
		add_bound(cx, r, GRAPH_SAME, low, 0);
	else if (low.n)
		add_bound(cx, r, has_low ? GRAPH_MORE_SAME : GRAPH_MORE, low, 0);
	if (high.n)
		add_bound(cx, r, has_high ? GRAPH_LESS_SAME : GRAPH_LESS, high, 0);
	r->alternatives++;
	return NULL;
}

/* "[1.0,2.0)", "(,1.0]", "[1.0]"; several are alternatives. */
static hm_err read_intervals(struct hm_cx *cx, struct graph_range *r)
{
	struct hm_str rest = hm_trim(r->text);
	while (rest.n) {
		size_t end = 0;
		while (end < rest.n && !hm_is_one_of(rest.p[end], "])"))
			end++;
		if (!hm_is_one_of(rest.p[0], "[(") || end == rest.n)
			return refuse(cx, r, "an interval has no end");
		HM_TRY(add_interval(cx, r, hm_sub(rest, 1, end - 1), rest.p[0] == '[',
				    rest.p[end] == ']'));
		rest = hm_from(rest, end + 1);
		while (rest.n && hm_is_one_of(rest.p[0], " ,|"))
			rest = hm_from(rest, 1);
	}
	return NULL;
}

struct constraints {
	struct graph_bound *p;
	size_t n, cap;
};

/* Constraints are in the order of their versions: ">=1" and the "<2" behind it are one interval. */
static void add_constraints(struct hm_cx *cx, struct graph_range *r, const struct constraints *all)
{
	for (size_t i = 0; i < all->n; i++) {
		const struct graph_bound *b = &all->p[i];
		bool opens = b->sign == GRAPH_MORE || b->sign == GRAPH_MORE_SAME;
		size_t next = i + 1;
		if (b->sign == GRAPH_OTHER && all->n > 1)
			continue;
		add_bound(cx, r, b->sign, b->version, 0);
		while (opens && next < all->n && all->p[next].sign == GRAPH_OTHER)
			next++;
		if (opens && next < all->n && all->p[next].sign <= GRAPH_LESS_SAME) {
			add_bound(cx, r, all->p[next].sign, all->p[next].version, 0);
			i = next;
		}
		for (size_t k = 0; k < all->n && b->sign != GRAPH_SAME && all->n > 1; k++)
			if (all->p[k].sign == GRAPH_OTHER)
				add_bound(cx, r, GRAPH_OTHER, all->p[k].version, 0);
		r->alternatives++;
	}
}

static hm_err read_vers(struct hm_cx *cx, struct graph_range *r, struct hm_str type)
{
	struct hm_str rest = hm_from(r->text, 5), named = hm_cut(&rest, '/');
	struct constraints all = { 0 };
	if (!hm_eq(named, type))
		return refuse(cx, r, "it is of another type than the package");
	if (hm_eqz(rest, "*")) {
		r->alternatives = 1;
		return NULL;
	}
	while (rest.n) {
		struct hm_str one = hm_trim(hm_cut(&rest, '|'));
		const struct sign *sign = cut_sign(&one);
		if (!is_version(one))
			return refuse(cx, r, "a version is missing");
		*hm_push(cx, &all) = (struct graph_bound){ .sign = sign ? sign->sign : GRAPH_SAME,
							   .version = graph_purl_decode(cx, one) };
	}
	add_constraints(cx, r, &all);
	return all.n ? NULL : refuse(cx, r, "it has no versions");
}

/* ------------------------------------------------------------------ the whole */

/* Behind '@' stands a version, or a range: it has what no version has. */
static bool is_range(struct hm_str text, struct hm_str type)
{
	return text.n && (hm_is_one_of(text.p[0], "<>=^~*![(") ||
			  hm_starts(text, HM_STR("vers:")) || hm_find_char(text, ' ') != SIZE_MAX ||
			  hm_find_char(text, '|') != SIZE_MAX || hm_ends(text, HM_STR(".*")) ||
			  (hm_ends(text, HM_STR(".x")) && hm_eqz(type, "npm")));
}

/* Takes the range out of what is asked for: qualifiers may stand behind it. */
static void cut_range(struct hm_cx *cx, struct hm_str what, struct hm_str type,
		      struct graph_range *r)
{
	size_t at = hm_rfind_char(what, '@'), end = 0;
	struct hm_str text = at == SIZE_MAX ? HM_STR("") : hm_from(what, at + 1);
	while (end < text.n && !hm_is_one_of(text.p[end], "?#"))
		end++;
	r->purl = what;
	if (!is_range(hm_sub(text, 0, end), type))
		return;
	r->text = hm_sub(text, 0, end);
	r->purl = hm_fmt(cx, "%.*s%.*s", HM_FMT(hm_sub(what, 0, at)), HM_FMT(hm_from(text, end)));
}

static hm_err read_text(struct hm_cx *cx, struct graph_range *r, struct hm_str type)
{
	hm_err err;
	if (hm_starts(r->text, HM_STR("vers:")))
		return read_vers(cx, r, type);
	if (hm_is_one_of(r->text.p[0], "[("))
		return read_intervals(cx, r);
	err = read_alternatives(cx, r, type);
	/* "2 || 1.x": to npm a version without its last numbers stands for all that begin so */
	if (hm_eqz(type, "npm") && (err || r->alternatives > 1 || is_wild(r->text)))
		r->own = advisory_npm_satisfies;
	else if (hm_eqz(type, "pypi") && err)
		r->own = advisory_pep440_satisfies;
	return r->own ? NULL : err;
}

hm_err graph_range_read(struct hm_cx *cx, struct hm_str what, struct graph_range *out)
{
	struct hm_str key, name, rest = hm_from(what, 4);
	struct graph_range r = { 0 };
	struct hm_str type = hm_lower(cx, hm_cut(&rest, '/'));
	cut_range(cx, what, type, &r);
	hm_err err = graph_purl(cx, r.purl, &key, &name);
	if (err)
		return hm_hint(
			cx, hm_fail(cx, HM_USAGE, "%s", err->why),
			"a package is named by its purl: pkg:npm/lodash, pkg:npm/lodash@4.17.20, "
			"'pkg:npm/lodash@<4.17.21'");
	rest = hm_from(key, 4);
	type = hm_cut(&rest, '/');
	r.scheme = advisory_scheme_of(type);
	if (r.text.n && !r.scheme)
		return refuse(cx, &r, "versions of this type have no order that is known");
	if (r.text.n)
		HM_TRY(read_text(cx, &r, type));
	*out = r;
	return NULL;
}

static bool is_like(const struct graph_bound *b, struct hm_str version)
{
	uint64_t want[NUMBERS], have[NUMBERS] = { 0 };
	size_t n = read_numbers(version, have);
	if (!n || read_numbers(b->version, want) < b->numbers)
		return false;
	return !memcmp(want, have, b->numbers * sizeof(*want));
}

static bool keeps(const struct graph_range *r, const struct graph_bound *b, struct hm_str version)
{
	/* less, the same, more: a bit of each */
	static const unsigned kept[] = {
		[GRAPH_LESS] = 1,  [GRAPH_LESS_SAME] = 3, [GRAPH_SAME] = 2,
		[GRAPH_OTHER] = 5, [GRAPH_MORE_SAME] = 6, [GRAPH_MORE] = 4,
	};
	int order;
	if (b->sign == GRAPH_LIKE || b->sign == GRAPH_LIKE_NOT)
		return is_like(b, version) == (b->sign == GRAPH_LIKE);
	if (!r->scheme->compare(version, b->version, &order))
		return false;
	order = (order > 0) - (order < 0);
	return kept[b->sign] >> (order + 1) & 1;
}

bool graph_range_orders(const struct graph_range *r, struct hm_str version)
{
	int order;
	return !r->text.n || r->scheme->compare(version, version, &order);
}

bool graph_range_has(const struct graph_range *r, struct hm_str version)
{
	if (!r->text.n)
		return true;
	if (!graph_range_orders(r, version))
		return false;
	if (r->own)
		return r->own(version, r->text);
	for (size_t alternative = 0, i = 0; alternative < r->alternatives; alternative++) {
		bool is_in = true;
		for (; i < r->bounds.n && r->bounds.p[i].alternative == alternative; i++)
			is_in = is_in && keeps(r, &r->bounds.p[i], version);
		if (is_in)
			return true;
	}
	return false;
}
