/* SPDX-License-Identifier: Apache-2.0 */
/* What is beside a node: neighbours, and the shortest way from one node to another. */
#include "graph/graphql/edges.h"

#include "graph/graphql/graphql.h"

enum { EDGES_MAX = 128 };

struct walk {
	struct gql_run *r;
	struct hm_cx *keep;      /* of what is found */
	bool allowed[EDGES_MAX]; /* rows of the table of edges */
	struct hm_strs *out;     /* ids */
	int64_t noun;            /* beside which facts are looked for */
	enum graph_noun_kind kind;
};

static void allow_edges(struct walk *w, struct json names)
{
	for (size_t i = 0; graph_gql_edges[i].name && i < EDGES_MAX; i++)
		w->allowed[i] = !json_size(names);
	for (struct json_iter it = json_iter(names); json_next(&it);)
		for (size_t i = 0; graph_gql_edges[i].name && i < EDGES_MAX; i++)
			if (hm_eqz(json_str(it.value), graph_gql_edges[i].name))
				w->allowed[i] = true;
}

static bool allows(const struct walk *w, const char *name)
{
	for (size_t i = 0; graph_gql_edges[i].name && i < EDGES_MAX; i++)
		if (strcmp(graph_gql_edges[i].name, name) == 0)
			return w->allowed[i];
	return false;
}

static bool is_kind(enum graph_noun_kind have, enum graph_noun_kind wanted)
{
	return have == wanted || (wanted == GRAPH_PACKAGE && have == GRAPH_PACKAGE_NAME);
}

static void add_id(struct walk *w, struct hm_str id)
{
	*hm_push(w->keep, w->out) = hm_dup(w->keep, id);
}

/* ------------------------------------------------------------------ beside a noun */

/* A fact of which the noun is `as`. */
static bool is_beside(const struct walk *w, enum graph_fact_kind fact, unsigned as)
{
	for (size_t i = 0; graph_gql_edges[i].name && i < EDGES_MAX; i++) {
		const struct gql_edge_row *e = &graph_gql_edges[i];
		if (w->allowed[i] && e->from_noun && e->fact == fact && (e->as & as) &&
		    is_kind(w->kind, e->noun))
			return true;
	}
	return false;
}

/* Its row: id, kind, subject, object, and the noun's role where it is a link. */
static hm_err add_fact_id(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	struct walk *w = arg;
	enum graph_fact_kind kind = (enum graph_fact_kind)row[1].number;
	bool beside = (row[2].number == w->noun && is_beside(w, kind, GQL_AS_SUBJECT)) ||
		      (row[3].number == w->noun && is_beside(w, kind, GQL_AS_OBJECT)) ||
		      (row[4].number && is_beside(w, kind, GQL_AS_LINK));
	HM_TRY(hm_alive(cx));
	if (beside)
		add_id(w, graph_gql_fact_id(w->r, row[0].number));
	return NULL;
}

static hm_err add_noun_id(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	struct walk *w = arg;
	(void)cx;
	add_id(w, graph_gql_noun_id(w->r, row[0].number));
	return NULL;
}

/* What a noun is a part of, and what are parts of it. */
static hm_err add_parts(struct walk *w, const struct gql_noun *n)
{
	static const struct {
		enum graph_noun_kind kind;
		enum gql_level to;
		const char *edge;
	} up[] = { { GRAPH_PACKAGE, GQL_PKG_NAME, "PACKAGE_VERSION_PACKAGE_NAME" },
		   { GRAPH_PACKAGE_NAME, GQL_PKG_NAMESPACE, "PACKAGE_NAME_PACKAGE_NAMESPACE" },
		   { GRAPH_SOURCE, GQL_SRC_NAMESPACE, "SOURCE_NAME_SOURCE_NAMESPACE" },
		   { GRAPH_VULNERABILITY, GQL_VULN_TYPE, "VULNERABILITY_ID_VULNERABILITY_TYPE" } };
	for (size_t i = 0; i < HM_LEN(up); i++)
		if (up[i].kind == n->kind && allows(w, up[i].edge))
			add_id(w, graph_gql_path(w->r, n, up[i].to)->id);
	if (n->kind != GRAPH_PACKAGE_NAME || !allows(w, "PACKAGE_NAME_PACKAGE_VERSION"))
		return NULL;
	return store_run(w->r->scratch, w->r->use,
			 "SELECT id FROM node WHERE parent = $1 AND parent <> 0 ORDER BY id",
			 STORE_VALUES(store_int(n->id)), add_noun_id, w);
}

static hm_err walk_noun(struct walk *w, const struct gql_noun *n)
{
	w->noun = n->id;
	w->kind = n->kind;
	HM_TRY(add_parts(w, n));
	return store_run(w->r->scratch, w->r->use,
			 "SELECT id, kind, subject, object, 0 FROM fact WHERE subject = $1 "
			 "UNION SELECT id, kind, subject, object, 0 FROM fact WHERE object = $1 "
			 "UNION SELECT fact.id, fact.kind, 0, 0, link.role FROM link JOIN fact "
			 "ON fact.id = link.fact WHERE link.node = $1 ORDER BY 1",
			 STORE_VALUES(store_int(n->id)), add_fact_id, w);
}

/* ------------------------------------------------------------------ beside a fact */

static hm_err add_if_noun(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	struct walk *w = arg;
	(void)cx;
	if (is_kind((enum graph_noun_kind)row[1].number, w->kind))
		add_id(w, graph_gql_noun_id(w->r, row[0].number));
	return NULL;
}

static hm_err add_fact_id_alone(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	struct walk *w = arg;
	(void)cx;
	add_id(w, graph_gql_fact_id(w->r, row[0].number));
	return NULL;
}

static hm_err add_included(struct walk *w, const struct gql_fact *f, unsigned as)
{
	enum graph_fact_kind kind =
		as & GQL_DEPENDENCIES ? GRAPH_IS_DEPENDENCY : GRAPH_IS_OCCURRENCE;
	if (as & GQL_SOFTWARE)
		return store_run(w->r->scratch, w->r->use, GQL_INCLUDED_SOFTWARE,
				 STORE_VALUES(store_int(f->document)), add_noun_id, w);
	return store_run(w->r->scratch, w->r->use,
			 "SELECT id FROM fact WHERE document = $1 AND kind = $2 ORDER BY id",
			 STORE_VALUES(store_int(f->document), store_int((int64_t)kind)),
			 add_fact_id_alone, w);
}

static hm_err walk_edge(struct walk *w, const struct gql_edge_row *e, const struct gql_fact *f)
{
	if (!e->noun)
		return add_included(w, f, e->as);
	if ((e->as & GQL_AS_SUBJECT) && is_kind(f->subject.kind, e->noun))
		add_id(w, graph_gql_noun_id(w->r, f->subject.id));
	if ((e->as & GQL_AS_OBJECT) && is_kind(f->object.kind, e->noun))
		add_id(w, graph_gql_noun_id(w->r, f->object.id));
	if (!(e->as & GQL_AS_LINK))
		return NULL;
	w->kind = e->noun;
	return store_run(w->r->scratch, w->r->use,
			 "SELECT DISTINCT node.id, node.kind FROM link JOIN node "
			 "ON node.id = link.node WHERE link.fact = $1 ORDER BY node.id",
			 STORE_VALUES(store_int(f->id)), add_if_noun, w);
}

static hm_err walk_fact(struct gql_run *r, void *arg, const struct gql_fact *f)
{
	struct walk *w = arg;
	(void)r;
	for (size_t i = 0; graph_gql_edges[i].name && i < EDGES_MAX; i++) {
		const struct gql_edge_row *e = &graph_gql_edges[i];
		if (w->allowed[i] && !e->from_noun && e->fact == f->kind)
			HM_TRY(walk_edge(w, e, f));
	}
	return NULL;
}

/* ------------------------------------------------------------------ beside a part of a path */

struct parts {
	struct walk *w;
	struct gql_id of;
	enum gql_level wanted;
	struct hm_map seen;
};

/* A noun below the part: its own part at the level that is wanted. */
static hm_err add_below(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	struct parts *p = arg;
	struct gql_run *r = p->w->r;
	struct gql_noun n = { row[0].number, (enum graph_noun_kind)row[1].number, row[2].text };
	struct hm_mark mark = hm_mark(r->scratch);
	const struct gql_tree *have = graph_gql_path(r, &n, p->of.level);
	struct hm_str below = graph_gql_path(r, &n, p->wanted)->id;
	bool fits = hm_eq(graph_gql_id(have->id).text, p->of.text);
	HM_TRY(hm_alive(cx));
	if (fits && !hm_map_has(&p->seen, below)) {
		below = hm_dup(p->w->keep, below);
		hm_map_put(p->w->keep, &p->seen, below, p);
		add_id(p->w, below);
	}
	hm_release(r->scratch, mark);
	return NULL;
}

static hm_err walk_part(struct walk *w, struct gql_id id)
{
	static const struct {
		enum gql_level of, to;
		const char *edge;
		enum graph_noun_kind kind; /* of what is below; none: it is the type above */
	} ways[] = {
		{ GQL_PKG_TYPE, GQL_PKG_NAMESPACE, "PACKAGE_TYPE_PACKAGE_NAMESPACE",
		  GRAPH_PACKAGE_NAME },
		{ GQL_PKG_NAMESPACE, GQL_PKG_NAME, "PACKAGE_NAMESPACE_PACKAGE_NAME",
		  GRAPH_PACKAGE_NAME },
		{ GQL_PKG_NAMESPACE, GQL_PKG_TYPE, "PACKAGE_NAMESPACE_PACKAGE_TYPE",
		  GRAPH_NO_NOUN },
		{ GQL_SRC_TYPE, GQL_SRC_NAMESPACE, "SOURCE_TYPE_SOURCE_NAMESPACE", GRAPH_SOURCE },
		{ GQL_SRC_NAMESPACE, GQL_SRC_NAME, "SOURCE_NAMESPACE_SOURCE_NAME", GRAPH_SOURCE },
		{ GQL_SRC_NAMESPACE, GQL_SRC_TYPE, "SOURCE_NAMESPACE_SOURCE_TYPE", GRAPH_NO_NOUN },
		{ GQL_VULN_TYPE, GQL_VULN_ID, "VULNERABILITY_TYPE_VULNERABILITY_ID",
		  GRAPH_VULNERABILITY },
	};
	for (size_t i = 0; i < HM_LEN(ways); i++) {
		struct parts p = { .w = w, .of = id, .wanted = ways[i].to };
		struct hm_str rest = id.text;
		if (ways[i].of != id.level || !allows(w, ways[i].edge))
			continue;
		if (!ways[i].kind) {
			struct hm_str type = hm_cut(&rest, '/');
			add_id(w, hm_fmt(w->r->scratch, "%s:%.*s",
					 ways[i].to == GQL_PKG_TYPE ? "t" : "st", HM_FMT(type)));
			continue;
		}
		HM_TRY(store_run(w->r->scratch, w->r->use,
				 "SELECT id, kind, key FROM node WHERE kind = $1 ORDER BY id",
				 STORE_VALUES(store_int((int64_t)ways[i].kind)), add_below, &p));
	}
	return NULL;
}

/* ------------------------------------------------------------------ any node */

static hm_err fail_absent(struct gql_run *r, struct hm_str id)
{
	return hm_fail(r->scratch, HM_ABSENT, "there is no node \"%.*s\"", HM_FMT(id));
}

static hm_err walk_node(struct walk *w, struct hm_str id, struct hm_strs *out)
{
	struct gql_id at = graph_gql_id(id);
	struct gql_noun n;
	w->out = out;
	if (at.kind == GQL_ID_PART)
		return walk_part(w, at);
	if (at.kind == GQL_ID_FACT)
		return graph_gql_facts(w->r,
				       &(struct gql_where){ .by = GQL_BY_ID, .number = at.number },
				       walk_fact, w);
	if (at.kind == GQL_ID_NONE)
		return fail_absent(w->r, id);
	HM_TRY(graph_gql_load_noun(w->r, at.number, &n));
	return n.id ? walk_noun(w, &n) : fail_absent(w->r, id);
}

static hm_err keep_thing(struct gql_run *r, void *arg, const struct gql_fact *f)
{
	*(struct gql_value *)arg = graph_gql_fact_thing(r, f);
	return NULL;
}

/* The value may hold text of the id: it is copied, as the value outlives the list of ids. */
static hm_err load_node(struct gql_run *r, struct hm_str id, struct gql_value *out)
{
	struct gql_id at = graph_gql_id(hm_dup(r->scratch, id));
	struct gql_noun n;
	*out = (struct gql_value){ .kind = GQL_NULL };
	if (at.kind == GQL_ID_PART)
		return graph_gql_part(r, at, out);
	if (at.kind == GQL_ID_FACT)
		HM_TRY(graph_gql_facts(r,
				       &(struct gql_where){ .by = GQL_BY_ID, .number = at.number },
				       keep_thing, out));
	if (at.kind == GQL_ID_NOUN) {
		HM_TRY(graph_gql_load_noun(r, at.number, &n));
		HM_TRY(graph_gql_noun(r, &n, out));
	}
	return out->kind == GQL_NULL ? fail_absent(r, id) : NULL;
}

static hm_err load_nodes(struct gql_run *r, const struct hm_strs *ids, struct gql_value *out)
{
	struct gql_values *list = hm_new(r->scratch, struct gql_values, 1);
	struct gql_value v;
	if (ids->n > HM_MAX_GRAPHQL_ROWS)
		return hm_fail(r->scratch, HM_LIMIT, "more than %u nodes",
			       (unsigned)HM_MAX_GRAPHQL_ROWS);
	for (size_t i = 0; i < ids->n; i++) {
		HM_TRY(load_node(r, ids->p[i], &v));
		*hm_push(r->scratch, list) = v;
	}
	*out = graph_gql_list(list);
	return NULL;
}

static struct hm_str id_of(struct gql_run *r, struct json v)
{
	int64_t n;
	return json_int(v, &n) ? graph_gql_noun_id(r, n) : json_str(v);
}

/* ------------------------------------------------------------------ fields of Query */

hm_err graph_gql_node(struct gql_run *r, const struct gql_thing *t, const struct gql_call *c,
		      struct gql_value *out)
{
	(void)t;
	return load_node(r, id_of(r, json_get(c->args, "node")), out);
}

hm_err graph_gql_nodes(struct gql_run *r, const struct gql_thing *t, const struct gql_call *c,
		       struct gql_value *out)
{
	struct hm_strs ids = { 0 };
	(void)t;
	for (struct json_iter it = json_iter(json_get(c->args, "nodes")); json_next(&it);)
		*hm_push(r->scratch, &ids) = id_of(r, it.value);
	return load_nodes(r, &ids, out);
}

static hm_err find_neighbours(struct gql_run *r, struct hm_cx *keep, const struct gql_call *c,
			      struct hm_strs *out)
{
	struct walk w = { .r = r, .keep = keep };
	allow_edges(&w, json_get(c->args, "usingOnly"));
	return walk_node(&w, id_of(r, json_get(c->args, "node")), out);
}

hm_err graph_gql_neighbours(struct gql_run *r, const struct gql_thing *t, const struct gql_call *c,
			    struct gql_value *out)
{
	HM_AUTO_CX own = hm_cx_child(r->scratch, HM_MIB);
	struct hm_strs ids = { 0 };
	(void)t;
	HM_TRY(find_neighbours(r, &own, c, &ids));
	return load_nodes(r, &ids, out);
}

hm_err graph_gql_neighbours_page(struct gql_run *r, const struct gql_thing *t,
				 const struct gql_call *c, struct gql_value *out)
{
	HM_AUTO_CX own = hm_cx_child(r->scratch, HM_MIB);
	struct hm_strs ids = { 0 };
	struct gql_paging paging;
	struct gql_value v;
	(void)t;
	HM_TRY(graph_gql_paging(r, c, &paging));
	HM_TRY(find_neighbours(r, &own, c, &ids));
	for (size_t i = 0; i < ids.n; i++) {
		if (!graph_gql_turn(&paging, ids.p[i]))
			continue;
		HM_TRY(load_node(r, ids.p[i], &v));
		graph_gql_add(r, &paging, hm_dup(r->scratch, ids.p[i]), v);
	}
	*out = graph_gql_page_value(r, &paging, "NeighborConnection", "NeighborEdge");
	return NULL;
}

/* --- the shortest way, breadth first --- */

struct visit {
	struct hm_str id;
	size_t from; /* place in the list of visits */
	int64_t depth;
};
struct search {
	HM_VEC(struct visit) visits;
	struct hm_strs beside; /* the node that is visited */
	struct hm_map seen;
};

static void add_visit(struct hm_cx *keep, struct search *s, struct visit v)
{
	if (hm_map_has(&s->seen, v.id))
		return;
	hm_map_put(keep, &s->seen, v.id, s);
	*hm_push(keep, &s->visits) = v;
}

/* *out: the place of the target's visit, or SIZE_MAX. */
static hm_err find_way(struct walk *w, struct search *s, struct hm_str to, int64_t most,
		       size_t *out)
{
	*out = SIZE_MAX;
	for (size_t i = 0; i < s->visits.n; i++) {
		struct visit now = s->visits.p[i];
		struct hm_mark mark = hm_mark(w->r->scratch);
		if (hm_eq(now.id, to)) {
			*out = i;
			return NULL;
		}
		if (now.depth >= most)
			return NULL;
		if (s->visits.n > HM_MAX_GRAPH_VISITS)
			return hm_fail(w->r->scratch, HM_LIMIT,
				       "no path was found among the nearest %u nodes",
				       (unsigned)HM_MAX_GRAPH_VISITS);
		s->beside = (struct hm_strs){ 0 };
		HM_TRY(walk_node(w, now.id, &s->beside));
		for (size_t k = 0; k < s->beside.n; k++)
			add_visit(w->keep, s, (struct visit){ s->beside.p[k], i, now.depth + 1 });
		hm_release(w->r->scratch, mark);
	}
	return NULL;
}

hm_err graph_gql_way(struct gql_run *r, const struct gql_thing *t, const struct gql_call *c,
		     struct gql_value *out)
{
	HM_AUTO_CX own = hm_cx_child(r->scratch, HM_MIB);
	struct walk w = { .r = r, .keep = &own };
	struct search s = { 0 };
	struct hm_strs back = { 0 }, ids = { 0 };
	int64_t most = 0;
	size_t at;
	(void)t;
	allow_edges(&w, json_get(c->args, "usingOnly"));
	if (!json_int(json_get(c->args, "maxPathLength"), &most))
		most = 0;
	add_visit(&own, &s,
		  (struct visit){ .id = id_of(r, json_get(c->args, "subject")), .from = SIZE_MAX });
	HM_TRY(find_way(&w, &s, id_of(r, json_get(c->args, "target")), most, &at));
	if (at == SIZE_MAX)
		return hm_fail(r->scratch, HM_ABSENT, "No path found up to specified length");
	for (; at != SIZE_MAX; at = s.visits.p[at].from)
		*hm_push(r->scratch, &back) = s.visits.p[at].id;
	for (size_t i = back.n; i > 0; i--)
		*hm_push(r->scratch, &ids) = back.p[i - 1];
	return load_nodes(r, &ids, out);
}
