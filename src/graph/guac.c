/* SPDX-License-Identifier: Apache-2.0 */
/* What GUAC's REST interface asks: packages like a purl, what is below a package or an artifact,
 * which vulnerabilities were found in them, and which packages most others depend on. */
#include "graph/graph.h"
#include "graph/room.h"

/* ------------------------------------------------------------------ packages like a purl */

struct alike {
	struct hm_str key, version, subpath;
	struct hm_strs qualifiers;
	struct graph_nodes *out;
};

static struct hm_strs qualifiers_of(struct hm_cx *cx, struct hm_str key)
{
	struct hm_strs all = { 0 };
	struct hm_str rest = hm_cut(&key, '#');
	hm_cut(&rest, '?');
	while (rest.n)
		*hm_push(cx, &all) = hm_cut(&rest, '&');
	return all;
}

static struct hm_str subpath_of(struct hm_str key)
{
	hm_cut(&key, '#');
	return key;
}

/* What the purl has, the package has too; what it lacks may be anything. */
static hm_err add_alike(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	struct alike *a = arg;
	struct hm_str key = row[1].text;
	struct hm_strs have = qualifiers_of(cx, key);
	if (a->version.n && !hm_eq(a->version, graph_purl_version(cx, key)))
		return NULL;
	if (a->subpath.n && !hm_eq(a->subpath, subpath_of(key)))
		return NULL;
	for (size_t i = 0; i < a->qualifiers.n; i++)
		if (!hm_strs_has(&have, a->qualifiers.p[i]))
			return NULL;
	if (a->out->n >= HM_MAX_GRAPH_ROWS)
		return hm_fail(cx, HM_LIMIT, "more than %u packages", (unsigned)HM_MAX_GRAPH_ROWS);
	*hm_push(cx, a->out) = (struct graph_node){ row[0].number, GRAPH_PACKAGE, hm_dup(cx, key) };
	return NULL;
}

static hm_err find_alike(struct hm_cx *cx, struct store_use *use, struct hm_str purl,
			 struct graph_nodes *out)
{
	struct hm_str key, name;
	int64_t id;
	HM_TRY(graph_purl(cx, purl, &key, &name));
	struct alike a = { .key = key, .out = out, .subpath = subpath_of(key) };
	a.version = graph_purl_version(cx, key);
	a.qualifiers = qualifiers_of(cx, key);
	HM_TRY(graph_find(cx, use, GRAPH_PACKAGE_NAME, name, &id));
	return store_run(cx, use,
			 "SELECT id, key FROM node WHERE parent = $1 AND parent <> 0 ORDER BY id",
			 STORE_VALUES(store_int(id)), add_alike, &a);
}

hm_err graph_guac_alike(struct hm_cx *cx, struct graph *g, struct hm_str purl,
			struct graph_nodes *out)
{
	STORE_AUTO_USE use = NULL;
	HM_TRY(store_begin(cx, g->tables, STORE_READ, &use));
	return find_alike(cx, use, purl, out);
}

/* ------------------------------------------------------------------ what is below */

/* Breadth first; a node that is the start by another name is none of what is below it. */
struct below {
	struct graph_nodes visits;
	struct hm_map seen; /* by number */
	size_t same_n;      /* of the visits, how many are the start, while `same` grows */
	bool *is_same;
	bool adds_same;
	HM_VEC(bool) same;
};

static hm_err visit(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	struct below *b = arg;
	struct hm_str id = hm_fmt(cx, "%lld", (long long)row[0].number);
	HM_TRY(hm_alive(cx));
	if (hm_map_has(&b->seen, id))
		return NULL;
	if (b->visits.n >= HM_MAX_GRAPH_VISITS)
		return hm_fail(cx, HM_LIMIT, "more than %u nodes are below it",
			       (unsigned)HM_MAX_GRAPH_VISITS);
	hm_map_put(cx, &b->seen, id, b);
	*hm_push(cx, &b->visits) =
		(struct graph_node){ row[0].number, (enum graph_noun_kind)row[1].number,
				     hm_dup(cx, row[2].text) };
	*hm_push(cx, &b->same) = b->adds_same;
	return NULL;
}

/* Statements for a node of a kind: what it depends on, and what is the same as it. */
static const struct way {
	enum graph_noun_kind from;
	bool is_same;   /* the other end is the same thing */
	bool by_digest; /* also where the start was named by its digest */
	const char *sql;
} ways[] = {
	/* what its SBOM includes */
	{ GRAPH_ARTIFACT, false, true,
	  "SELECT id, kind, key FROM node WHERE kind IN (2, 4) AND id IN (SELECT f.subject FROM fact "
	  "AS s JOIN fact AS f ON f.document = s.document WHERE s.subject = $1 AND s.kind = 3 AND f.kind < 18 UNION "
	  "SELECT f.object FROM fact AS s JOIN fact AS f ON f.document = s.document "
	  "WHERE s.subject = $1 AND s.kind = 3 AND f.kind < 18 AND f.kind <> 3) ORDER BY id" },
	{ GRAPH_PACKAGE, false, false,
	  "SELECT id, kind, key FROM node WHERE kind IN (2, 4) AND id IN (SELECT f.subject FROM fact "
	  "AS s JOIN fact AS f ON f.document = s.document WHERE s.subject = $1 AND s.kind = 3 AND f.kind < 18 UNION "
	  "SELECT f.object FROM fact AS s JOIN fact AS f ON f.document = s.document "
	  "WHERE s.subject = $1 AND s.kind = 3 AND f.kind < 18 AND f.kind <> 3 ) ORDER BY id" },
	/* what it was built from */
	{ GRAPH_ARTIFACT, false, true,
	  "SELECT DISTINCT node.id, node.kind, node.key FROM fact JOIN link ON link.fact = fact.id "
	  "JOIN node ON node.id = link.node WHERE fact.subject = $1 AND fact.kind = 4 "
	  "ORDER BY node.id" },
	/* the package of an artifact, an artifact of a package; the same bytes by another digest */
	{ GRAPH_ARTIFACT, true, true,
	  "SELECT DISTINCT node.id, node.kind, node.key FROM fact JOIN node ON node.id = fact.subject "
	  "WHERE fact.object = $1 AND fact.kind = 2 AND node.kind = 2 ORDER BY node.id" },
	{ GRAPH_PACKAGE, true, false,
	  "SELECT DISTINCT node.id, node.kind, node.key FROM fact JOIN node ON node.id = fact.object "
	  "WHERE fact.subject = $1 AND fact.kind = 2 ORDER BY node.id" },
	{ GRAPH_ARTIFACT, true, true,
	  "SELECT id, kind, key FROM node WHERE id IN (SELECT object FROM fact WHERE subject = $1 AND "
	  "kind = 12 UNION SELECT subject FROM fact WHERE object = $1 AND kind = 12) ORDER BY id" },
};
_Static_assert(GRAPH_PACKAGE == 2 && GRAPH_ARTIFACT == 4 && GRAPH_IS_OCCURRENCE == 2 &&
		       GRAPH_HAS_SBOM == 3 && GRAPH_HAS_SLSA == 4 && GRAPH_HASH_EQUAL == 12 &&
		       GRAPH_SIGNED_BY == 18,
	       "as the statements have them");

static hm_err walk(struct hm_cx *cx, struct store_use *use, const struct graph_nodes *starts,
		   bool by_digest, struct graph_nodes *out)
{
	struct below b = { .adds_same = true };
	for (size_t i = 0; i < starts->n; i++) {
		const struct graph_node *n = &starts->p[i];
		const struct store_value row[] = { store_int(n->id), store_int((int64_t)n->kind),
						   store_text(n->key) };
		HM_TRY(visit(cx, &b, row));
	}
	for (size_t at = 0; at < b.visits.n; at++)
		for (size_t i = 0; i < HM_LEN(ways); i++) {
			struct graph_node n = b.visits.p[at];
			if (ways[i].from != n.kind || (by_digest && !ways[i].by_digest))
				continue;
			b.adds_same = ways[i].is_same && b.same.p[at];
			HM_TRY(store_run(cx, use, ways[i].sql, STORE_VALUES(store_int(n.id)), visit,
					 &b));
		}
	for (size_t i = 0; i < b.visits.n; i++)
		if (!b.same.p[i] && b.visits.p[i].kind == GRAPH_PACKAGE)
			*hm_push(cx, out) = b.visits.p[i];
	return NULL;
}

/* An artifact by its digest, whatever the algorithm is where none is named. */
static hm_err add_start(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	*hm_push(cx, (struct graph_nodes *)arg) =
		(struct graph_node){ row[0].number, (enum graph_noun_kind)row[1].number,
				     hm_dup(cx, row[2].text) };
	return NULL;
}

static hm_err find_artifact(struct hm_cx *cx, struct store_use *use, struct hm_str digest,
			    struct graph_nodes *out)
{
	struct hm_str key = hm_lower(cx, digest);
	int64_t id = 0;
	if (hm_find_char(key, ':') == SIZE_MAX)
		key = hm_fmt(cx, "sha256:%.*s", HM_FMT(key));
	HM_TRY(graph_find(cx, use, GRAPH_ARTIFACT, key, &id));
	return store_run(cx, use, "SELECT id, kind, key FROM node WHERE id = $1",
			 STORE_VALUES(store_int(id)), add_start, out);
}

static hm_err find_start(struct hm_cx *cx, struct store_use *use, struct hm_str name,
			 bool by_digest, struct graph_nodes *out)
{
	HM_TRY(by_digest ? find_artifact(cx, use, name, out) : find_alike(cx, use, name, out));
	return out->n ? NULL
		      : hm_fail(cx, HM_INPUT, "the graph has no %s \"%.*s\"",
				by_digest ? "artifact" : "package", HM_FMT(name));
}

hm_err graph_guac_below(struct hm_cx *cx, struct graph *g, struct hm_str name, bool by_digest,
			struct graph_nodes *out)
{
	STORE_AUTO_USE use = NULL;
	struct graph_nodes starts = { 0 };
	HM_TRY(store_begin(cx, g->tables, STORE_READ, &use));
	HM_TRY(find_start(cx, use, name, by_digest, &starts));
	return walk(cx, use, &starts, by_digest, out);
}

/* ------------------------------------------------------------------ vulnerabilities */

static hm_err add_vuln(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	struct graph_guac_vulns *out = arg;
	/* whoever asks counts on all of them */
	if (out->n >= HM_MAX_GRAPH_ROWS)
		return hm_fail(cx, HM_LIMIT, "more than %u vulnerabilities",
			       (unsigned)HM_MAX_GRAPH_ROWS);
	*hm_push(cx, out) = (struct graph_guac_vuln){ .package = hm_dup(cx, row[0].text),
						      .vulnerability = hm_dup(cx, row[1].text),
						      .detail = hm_dup(cx, row[2].text),
						      .origin = hm_dup(cx, row[3].text),
						      .collector = hm_dup(cx, row[4].text) };
	return NULL;
}

hm_err graph_guac_vulns(struct hm_cx *cx, struct graph *g, struct hm_str name, bool by_digest,
			bool below, struct graph_guac_vulns *out)
{
	STORE_AUTO_USE use = NULL;
	struct graph_nodes packages = { 0 }, starts = { 0 };
	_Static_assert(GRAPH_CERTIFY_VULN == 8, "as the statement has it");
	HM_TRY(store_begin(cx, g->tables, STORE_READ, &use));
	HM_TRY(find_start(cx, use, name, by_digest, &starts));
	if (by_digest)
		HM_TRY(store_run(
			cx, use,
			"SELECT DISTINCT node.id, node.kind, node.key FROM fact JOIN node "
			"ON node.id = fact.subject WHERE fact.object = $1 AND fact.kind = 2 "
			"AND node.kind = 2 ORDER BY node.id",
			STORE_VALUES(store_int(starts.p[0].id)), add_start, &packages));
	else
		packages = starts;
	if (below)
		HM_TRY(walk(cx, use, &starts, by_digest, &packages));
	for (size_t i = 0; i < packages.n; i++)
		HM_TRY(store_run(cx, use,
				 "SELECT p.key, v.key, d.key, document.origin, document.collector "
				 "FROM fact JOIN node AS p ON p.id = fact.subject "
				 "JOIN node AS v ON v.id = fact.object "
				 "JOIN document ON document.id = fact.document "
				 "LEFT JOIN node AS d ON d.id = fact.detail "
				 "WHERE fact.subject = $1 AND fact.kind = 8 ORDER BY fact.id",
				 STORE_VALUES(store_int(packages.p[i].id)), add_vuln, out));
	return NULL;
}

/* ------------------------------------------------------------------ by how many depend on it */

static hm_err add_count(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	*hm_push(cx, (struct graph_guac_counts *)arg) =
		(struct graph_guac_count){ .package = hm_dup(cx, row[0].text),
					   .dependents = (uint64_t)row[1].number };
	return NULL;
}

hm_err graph_guac_frequent(struct hm_cx *cx, struct graph *g, struct graph_guac_counts *out)
{
	STORE_AUTO_USE use = NULL;
	HM_TRY(store_begin(cx, g->tables, STORE_READ, &use));
	return store_run(
		cx, use,
		"SELECT name.key, COUNT(DISTINCT fact.subject) FROM fact "
		"JOIN node ON node.id = fact.object JOIN node AS name ON name.id = node.parent "
		"WHERE fact.kind = 1 GROUP BY name.key ORDER BY 2 DESC, 1 LIMIT 10000",
		STORE_NO_VALUES, add_count, out);
}
