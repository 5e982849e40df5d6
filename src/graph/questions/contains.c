/* SPDX-License-Identifier: Apache-2.0 */
/* Which releases contain a package, and by which way. */
#include "advisory/advisory.h"
#include "graph/questions/releases.h"

/* ------------------------------------------------------------------ what is asked */

struct range {
	struct hm_str purl, type, range;
};

/* Behind '@' stands a version, or a range, which begins with a sign that no version has. */
static hm_err read_range(struct hm_cx *cx, struct hm_str what, struct range *r)
{
	struct hm_str key, name, rest;
	size_t at = hm_rfind_char(what, '@');
	*r = (struct range){ .purl = what };
	if (at != SIZE_MAX && at + 1 < what.n && hm_is_one_of(what.p[at + 1], "<>=^~*")) {
		r->range = hm_from(what, at + 1);
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
	return NULL;
}

/* One comparison or several, with blanks between: "<2.17.1 >=2.0". */
static bool is_within(const struct range *r, struct hm_str version)
{
	const struct advisory_scheme *scheme = advisory_scheme_of(r->type);
	struct hm_str rest = r->range;
	while (rest.n) {
		struct hm_str bound = hm_cut(&rest, ' ');
		size_t n = 0;
		int order;
		while (n < bound.n && hm_is_one_of(bound.p[n], "<>="))
			n++;
		struct hm_str sign = hm_sub(bound, 0, n);
		if (!bound.n)
			continue;
		if (!n)
			return advisory_npm_satisfies(version, r->range);
		if (!scheme || !scheme->compare(version, hm_trim(hm_from(bound, n)), &order))
			return false;
		bool less = hm_find_char(sign, '<') != SIZE_MAX && order < 0;
		bool more = hm_find_char(sign, '>') != SIZE_MAX && order > 0;
		bool same = hm_find_char(sign, '=') != SIZE_MAX && order == 0;
		if (!less && !more && !same)
			return false;
	}
	return true;
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
	struct graph_nodes nodes = { 0 };
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
		if (nodes.p[i].kind != GRAPH_PACKAGE ||
		    !is_within(&range, graph_purl_version(cx, nodes.p[i].key)))
			continue;
		HM_TRY(graph_releasing_add(&releasing, &nodes.p[i], &found));
	}
	if (found.n)
		qsort(found.p, found.n, sizeof(*found.p), compare_releases);
	found.cut = a.cut;
	*out = found;
	return NULL;
}
