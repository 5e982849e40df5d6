/* SPDX-License-Identifier: Apache-2.0 */
/* Which releases contain a package, and by which way. */
#include "advisory/advisory.h"
#include "graph/room.h"

/* ------------------------------------------------------------------ what is asked */

struct asked {
	struct hm_str name, type, version, range; /* version or range; both empty: any */
	int64_t node;
};

/* Behind '@' stands a version, or a range, which begins with a sign that no version has. */
static hm_err read_asked(struct hm_cx *cx, struct hm_str what, struct asked *a)
{
	struct hm_str key, rest = what, type;
	size_t at = hm_rfind_char(what, '@');
	if (at != SIZE_MAX && at + 1 < what.n && hm_is_one_of(what.p[at + 1], "<>=^~*")) {
		a->range = hm_from(what, at + 1);
		rest = hm_sub(what, 0, at);
	}
	hm_err err = graph_purl(cx, rest, &key, &a->name);
	if (err)
		return hm_hint(
			cx, hm_fail(cx, HM_USAGE, "%s", err->why),
			"a package is named by its purl: pkg:npm/lodash, pkg:npm/lodash@4.17.20, "
			"'pkg:npm/lodash@<4.17.21'");
	a->version = a->range.n ? HM_STR("") : graph_purl_version(cx, key);
	type = hm_from(key, 4);
	a->type = hm_cut(&type, '/');
	return NULL;
}

/* One comparison or several, with blanks between: "<2.17.1 >=2.0". */
static bool is_within(const struct asked *a, struct hm_str version)
{
	const struct advisory_scheme *scheme = advisory_scheme_of(a->type);
	struct hm_str rest = a->range;
	if (a->version.n)
		return hm_eq(a->version, version);
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
			return advisory_npm_satisfies(version, a->range);
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

/* ------------------------------------------------------------------ the rows */

struct search {
	struct asked asked;
	HM_VEC(int64_t) nodes;
	struct hm_strs keys;
	struct graph_releases *out;
	struct hm_str key;
	int64_t node;
};

static hm_err keep_package(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	struct search *s = arg;
	if (!is_within(&s->asked, graph_purl_version(cx, row[1].text)))
		return NULL;
	*hm_push(cx, &s->nodes) = row[0].number;
	*hm_push(cx, &s->keys) = hm_dup(cx, row[1].text);
	return NULL;
}

static hm_err keep_release(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	struct search *s = arg;
	if (s->out->n >= HM_MAX_GRAPH_ROWS) {
		s->out->is_cut = true;
		return NULL;
	}
	*hm_push(cx, s->out) = (struct graph_release){
		.name = hm_dup(cx, row[0].text),
		.package = s->key,
		.origin = hm_dup(cx, row[1].text),
		.digest = hm_dup(cx, row[2].text),
		.is_direct = row[3].number != 0,
	};
	return NULL;
}

/* Documents that name the package in any fact and say whose SBOM they are. */
static const char releases[] =
	"SELECT node.key, document.origin, document.digest, "
	"EXISTS (SELECT 1 FROM fact AS direct WHERE direct.document = document.id "
	"AND direct.kind = 1 AND direct.object = $1 AND direct.subject = sbom.subject) "
	"FROM (SELECT document AS id FROM fact WHERE object = $1 "
	"UNION SELECT document AS id FROM fact WHERE subject = $1) AS named "
	"JOIN document ON document.id = named.id "
	"JOIN fact AS sbom ON sbom.document = document.id AND sbom.kind = 3 "
	"JOIN node ON node.id = sbom.subject "
	"ORDER BY node.key, document.id LIMIT 10001";

hm_err graph_contains(struct hm_cx *cx, struct graph *g, struct hm_str what,
		      struct graph_releases *out)
{
	STORE_AUTO_USE use = NULL;
	struct search s = { .out = out };
	int64_t name;
	_Static_assert(GRAPH_IS_DEPENDENCY == 1 && GRAPH_HAS_SBOM == 3,
		       "as the statement has them");
	HM_TRY(read_asked(cx, what, &s.asked));
	HM_TRY(store_begin(cx, g->tables, STORE_READ, &use));
	HM_TRY(graph_find(cx, use, GRAPH_PACKAGE_NAME, s.asked.name, &name));
	if (!name)
		return NULL;
	HM_TRY(store_run(cx, use, "SELECT id, key FROM node WHERE parent = $1 AND parent <> 0",
			 STORE_VALUES(store_int(name)), keep_package, &s));
	for (size_t i = 0; i < s.nodes.n; i++) {
		s.key = s.keys.p[i];
		HM_TRY(store_run(cx, use, releases, STORE_VALUES(store_int(s.nodes.p[i])),
				 keep_release, &s));
	}
	return NULL;
}
