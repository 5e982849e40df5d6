/* SPDX-License-Identifier: Apache-2.0 */
/* A vulnerability by all its names: those that documents say are one, and those of the database. */
#include "graph/questions/exposed.h"

enum { NAMES = 256 };

static bool has_node(const struct graph_nodes *nodes, int64_t id)
{
	for (size_t i = 0; i < nodes->n; i++)
		if (nodes->p[i].id == id)
			return true;
	return false;
}

static hm_err add_node(struct graph_ask *a, struct graph_vulnerability *v, int64_t id)
{
	struct graph_node node;
	if (has_node(&v->nodes, id))
		return NULL;
	if (v->nodes.n >= NAMES) {
		a->cut = GRAPH_CUT_ROWS;
		return NULL;
	}
	HM_TRY(graph_ask_node(a, id, &node));
	if (node.kind != GRAPH_VULNERABILITY)
		return NULL;
	*hm_push(a->cx, &v->nodes) = node;
	*hm_push(a->cx, &v->names) = graph_label(a->cx, &node);
	return NULL;
}

/* vulnEqual, either way, as far as it goes; `most`: of documents of which no more is believed. */
static hm_err add_equal(struct graph_ask *a, struct graph_vulnerability *v, enum graph_belief most)
{
	_Static_assert(GRAPH_NOT_BELIEVED == 2, "the worst");
	_Static_assert(GRAPH_VULN_EQUAL == 14, "as the statements have it");
	for (size_t i = 0; i < v->nodes.n; i++) {
		struct graph_numbers same = { 0 };
		int64_t id = v->nodes.p[i].id;
		HM_TRY(graph_ask_numbers(
			a,
			"SELECT DISTINCT fact.object FROM fact JOIN document "
			"ON document.id = fact.document "
			"WHERE fact.subject = $1 AND fact.kind = 14 AND document.belief <= $2",
			STORE_VALUES(store_int(id), store_int((int64_t)most)), &same));
		HM_TRY(graph_ask_numbers(
			a,
			"SELECT DISTINCT fact.subject FROM fact JOIN document "
			"ON document.id = fact.document "
			"WHERE fact.object = $1 AND fact.kind = 14 AND document.belief <= $2",
			STORE_VALUES(store_int(id), store_int((int64_t)most)), &same));
		for (size_t k = 0; k < same.n; k++)
			HM_TRY(add_node(a, v, same.p[k]));
	}
	return NULL;
}

static hm_err add_named(struct graph_ask *a, struct graph_vulnerability *v, struct hm_str name)
{
	struct graph_nodes nodes = { 0 };
	HM_TRY(graph_ask_name(a, name, 1u << GRAPH_VULNERABILITY, &nodes));
	for (size_t i = 0; i < nodes.n; i++)
		HM_TRY(add_node(a, v, nodes.p[i].id));
	return NULL;
}

static hm_err ask_database(struct graph_ask *a, const struct advisory_db *db,
			   struct graph_vulnerability *v, struct hm_str name)
{
	size_t known = v->names.n;
	HM_TRY(advisory_concerned_by(a->cx, db, name, &v->concerned));
	for (size_t i = 0; !v->concerned.ids.n && i < known; i++)
		HM_TRY(advisory_concerned_by(a->cx, db, v->names.p[i], &v->concerned));
	return NULL;
}

hm_err graph_vulnerability_find(struct graph_ask *a, const struct advisory_db *db,
				struct hm_str name, struct graph_vulnerability *out)
{
	struct graph_vulnerability v = { 0 };
	HM_TRY(add_named(a, &v, name));
	HM_TRY(add_equal(a, &v, GRAPH_BELIEVED));
	if (db)
		HM_TRY(ask_database(a, db, &v, hm_trim(name)));
	for (size_t i = 0; i < v.concerned.ids.n && i < NAMES; i++)
		HM_TRY(add_named(a, &v, v.concerned.ids.p[i]));
	HM_TRY(add_equal(a, &v, GRAPH_BELIEVED));
	v.sure = v.nodes.n;
	HM_TRY(add_equal(a, &v, GRAPH_NOT_BELIEVED));
	if (!v.nodes.n && !v.concerned.ids.n)
		return graph_ask_unknown(a, name);
	/* the database's spelling of a name stands for the graph's */
	for (size_t i = 0; i < v.names.n; i++)
		for (size_t k = 0; k < v.concerned.ids.n; k++)
			if (!hm_cmp_nocase(v.names.p[i], v.concerned.ids.p[k]))
				v.names.p[i] = v.concerned.ids.p[k];
	for (size_t i = 0; i < v.concerned.ids.n; i++)
		*hm_push(a->cx, &v.names) = v.concerned.ids.p[i];
	hm_strs_sort_unique(&v.names);
	*out = v;
	return NULL;
}
