/* SPDX-License-Identifier: Apache-2.0 */
/* Which releases contain a package, and by which way. */
#include "advisory/advisory.h"
#include "graph/questions/releases.h"

/* ------------------------------------------------------------------ what is asked */

struct bound {
	struct hm_str sign, version;
};
struct range {
	struct hm_str purl, type, text;
	const struct advisory_scheme *scheme;
	HM_VEC(struct bound) bounds;
	bool is_npm; /* the text is a range in npm's own words */
};

static hm_err refuse_range(struct hm_cx *cx, const struct range *r, const char *why)
{
	return hm_hint(
		cx,
		hm_fail(cx, HM_USAGE, "\"%.*s\" is not a range of versions: %s", HM_FMT(r->text),
			why),
		"comparisons with blanks between: '>=2.0 <2.17.1'; of npm its own ranges, too");
}

/* One comparison or several, with blanks or commas between: "<2.17.1 >=2.0". What is not one is
 * refused: nothing would be within it, and that is no answer. */
static hm_err read_bounds(struct hm_cx *cx, struct range *r)
{
	static const char *const signs[] = { "<", "<=", ">", ">=", "=", "==" };
	struct hm_str rest = hm_trim(r->text);
	while (rest.n) {
		struct bound b;
		size_t n = 0, end = 0;
		bool known = false;
		while (n < rest.n && hm_is_one_of(rest.p[n], "<>="))
			n++;
		b.sign = hm_sub(rest, 0, n);
		rest = hm_trim(hm_from(rest, n));
		while (end < rest.n && !hm_is_one_of(rest.p[end], " ,"))
			end++;
		b.version = hm_sub(rest, 0, end);
		for (size_t i = 0; i < HM_LEN(signs); i++)
			known |= hm_eqz(b.sign, signs[i]);
		for (size_t i = 0; i < b.version.n; i++)
			known &= !hm_is_one_of(b.version.p[i], "<>=^~*|");
		r->is_npm = hm_eqz(r->type, "npm") && !known;
		if (r->is_npm)
			return NULL;
		if (!known || !b.version.n)
			return refuse_range(
				cx, r, "a version with one of < <= > >= = before it is missing");
		*hm_push(cx, &r->bounds) = b;
		while (end < rest.n && hm_is_one_of(rest.p[end], " ,"))
			end++;
		rest = hm_from(rest, end);
	}
	return NULL;
}

/* Behind '@' stands a version, or a range, which begins with a sign that no version has. */
static hm_err read_range(struct hm_cx *cx, struct hm_str what, struct range *r)
{
	struct hm_str key, name, rest;
	size_t at = hm_rfind_char(what, '@');
	*r = (struct range){ .purl = what };
	if (at != SIZE_MAX && at + 1 < what.n && hm_is_one_of(what.p[at + 1], "<>=^~*")) {
		r->text = hm_from(what, at + 1);
		r->purl = hm_sub(what, 0, at);
	}
	hm_err err = graph_purl(cx, r->purl, &key, &name);
	if (err)
		return hm_hint(
			cx, hm_fail(cx, HM_USAGE, "%s", err->why),
			"a package is named by its purl: pkg:npm/lodash, pkg:npm/lodash@4.17.20, "
			"'pkg:npm/lodash@<4.17.21'");
	rest = hm_from(key, 4);
	r->type = hm_cut(&rest, '/');
	r->scheme = advisory_scheme_of(r->type);
	if (r->text.n && !r->scheme)
		return refuse_range(cx, r, "versions of this type have no order that is known");
	return read_bounds(cx, r);
}

static bool is_within(const struct range *r, struct hm_str version)
{
	if (r->is_npm)
		return advisory_npm_satisfies(version, r->text);
	for (size_t i = 0; i < r->bounds.n; i++) {
		struct hm_str sign = r->bounds.p[i].sign;
		int order;
		if (!r->scheme->compare(version, r->bounds.p[i].version, &order))
			return false;
		bool less = hm_find_char(sign, '<') != SIZE_MAX && order < 0;
		bool more = hm_find_char(sign, '>') != SIZE_MAX && order > 0;
		bool same = hm_find_char(sign, '=') != SIZE_MAX && order == 0;
		if (!less && !more && !same)
			return false;
	}
	return true;
}

/* Is the version one that can be compared? */
static bool has_order(const struct range *r, struct hm_str version)
{
	int order;
	return !r->text.n || r->scheme->compare(version, version, &order);
}

/* ------------------------------------------------------------------ the answer */

static int compare_releases(const void *a, const void *b)
{
	const struct graph_release *x = a, *y = b;
	int d = hm_cmp(x->release.key, y->release.key);
	if (!d)
		d = hm_cmp(x->package.key, y->package.key);
	return d ? d : (x->source->id > y->source->id) - (x->source->id < y->source->id);
}

hm_err graph_contains(struct hm_cx *cx, struct graph *g, struct hm_str what,
		      const struct graph_asked *asked, struct graph_releases *out)
{
	GRAPH_AUTO_ASK a;
	struct range range;
	struct graph_nodes nodes = { 0 }, unordered = { 0 };
	struct graph_releasing releasing;
	struct graph_releases found = { 0 };
	HM_TRY(read_range(cx, what, &range));
	HM_TRY(graph_ask_begin(cx, g, &asked->limits, &a));
	HM_TRY(graph_ask_name(&a, range.purl, 1u << GRAPH_PACKAGE | 1u << GRAPH_PACKAGE_NAME,
			      &nodes));
	if (!nodes.n)
		return graph_ask_unknown(&a, range.purl);
	graph_releasing_begin(&a, asked, &releasing);
	for (size_t i = 0; i < nodes.n; i++) {
		struct hm_str version = graph_purl_version(cx, nodes.p[i].key);
		if (nodes.p[i].kind != GRAPH_PACKAGE)
			continue;
		if (!has_order(&range, version))
			*hm_push(cx, &unordered) = nodes.p[i];
		if (!is_within(&range, version))
			continue;
		HM_TRY(graph_releasing_add(&releasing, &nodes.p[i], &found));
	}
	if (found.n)
		qsort(found.p, found.n, sizeof(*found.p), compare_releases);
	found.unordered = unordered;
	found.cut = a.cut;
	*out = found;
	return NULL;
}
