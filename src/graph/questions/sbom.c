/* SPDX-License-Identifier: Apache-2.0 */
/* The newest SBOM of something, and its components. */
#include "graph/questions/sbom.h"

enum { THINGS = 1000 };

static hm_err add_things(struct graph_ask *a, const char *sql, int64_t id,
			 struct graph_nodes *nodes)
{
	struct graph_numbers found = { 0 };
	HM_TRY(graph_ask_numbers(a, sql, STORE_VALUES(store_int(id)), &found));
	for (size_t i = 0; i < found.n && nodes->n < THINGS; i++) {
		bool is_there = false;
		for (size_t k = 0; k < nodes->n && !is_there; k++)
			is_there = nodes->p[k].id == found.p[i];
		if (!is_there)
			HM_TRY(graph_ask_node(a, found.p[i], hm_push(a->cx, nodes)));
	}
	return NULL;
}

hm_err graph_same_things(struct graph_ask *a, struct graph_nodes *nodes)
{
	_Static_assert(GRAPH_IS_OCCURRENCE == 2 && GRAPH_TAGGED_AS == 20,
		       "as the statements have them");
	for (size_t i = 0; i < nodes->n; i++) {
		struct graph_node node = nodes->p[i];
		if (node.kind == GRAPH_IMAGE)
			HM_TRY(add_things(
				a, "SELECT object FROM fact WHERE subject = $1 AND kind = 20",
				node.id, nodes));
		if (node.kind == GRAPH_PACKAGE)
			HM_TRY(add_things(a,
					  "SELECT object FROM fact WHERE subject = $1 AND kind = 2",
					  node.id, nodes));
		if (node.kind == GRAPH_ARTIFACT)
			HM_TRY(add_things(a,
					  "SELECT subject FROM fact WHERE object = $1 AND kind = 2",
					  node.id, nodes));
	}
	return NULL;
}

hm_err graph_newest_sbom(struct graph_ask *a, const struct graph_nodes *nodes,
			 struct graph_node *out_subject, int64_t *out_document)
{
	_Static_assert(GRAPH_HAS_SBOM == 3, "as the statements have it");
	bool believable = false;
	*out_document = 0;
	for (size_t i = 0; i < nodes->n; i++) {
		struct graph_rows rows = { 0 };
		HM_TRY(graph_ask_rows(a,
				      "SELECT " GRAPH_ROW_COLUMNS
				      " FROM fact WHERE fact.subject = $1 AND fact.kind = 3",
				      STORE_VALUES(store_int(nodes->p[i].id)), &rows));
		/* the digest of an SBOM names it, too */
		if (nodes->p[i].kind == GRAPH_ARTIFACT)
			HM_TRY(graph_ask_rows(a,
					      "SELECT " GRAPH_ROW_COLUMNS
					      " FROM fact WHERE fact.object = $1 AND fact.kind = 3",
					      STORE_VALUES(store_int(nodes->p[i].id)), &rows));
		for (size_t k = 0; k < rows.n; k++) {
			const struct graph_witness *source;
			HM_TRY(graph_ask_witness(a, rows.p[k].document, &source));
			bool better = source->belief != GRAPH_NOT_BELIEVED;
			if (better == believable ? rows.p[k].document <= *out_document : !better)
				continue;
			believable = better;
			*out_document = rows.p[k].document;
			HM_TRY(graph_ask_node(a, rows.p[k].subject, out_subject));
		}
	}
	return NULL;
}

hm_err graph_sbom_of(struct graph_ask *a, struct hm_str name, struct graph_node *out_subject,
		     int64_t *out_document)
{
	struct graph_nodes nodes = { 0 };
	HM_TRY(graph_ask_name(a, name, 0, &nodes));
	if (!nodes.n)
		return graph_ask_unknown(a, name);
	HM_TRY(graph_newest_sbom(a, &nodes, out_subject, out_document));
	if (!*out_document) {
		HM_TRY(graph_same_things(a, &nodes));
		HM_TRY(graph_newest_sbom(a, &nodes, out_subject, out_document));
	}
	return *out_document ? NULL
			     : hm_fail(a->cx, HM_ABSENT, "the graph has no SBOM of \"%.*s\"",
				       HM_FMT(name));
}

/* ------------------------------------------------------------------ components */

static hm_err add_component(struct graph_ask *a, struct graph_ids *at, int64_t id,
			    struct graph_components *out)
{
	struct graph_node node;
	bool is_new;
	uint64_t *place = graph_ids_slot(a->cx, at, id, &is_new);
	if (!is_new)
		return NULL;
	*place = UINT64_MAX;
	HM_TRY(graph_ask_node(a, id, &node));
	if (node.kind != GRAPH_PACKAGE || hm_starts(node.key, HM_STR("pkg:guac/files/")))
		return NULL;
	*place = out->n;
	*hm_push(a->cx, out) = (struct graph_component){ .package = node };
	return NULL;
}

struct pair {
	int64_t subject, node;
};
struct pairs {
	HM_VEC(struct pair) list;
};

static hm_err keep_pair(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	struct pairs *pairs = arg;
	*hm_push(cx, &pairs->list) = (struct pair){ row[0].number, row[1].number };
	return NULL;
}

static hm_err add_licences(struct graph_ask *a, int64_t document, const struct graph_ids *at,
			   struct graph_components *out)
{
	_Static_assert(GRAPH_CERTIFY_LEGAL == 5 && GRAPH_DECLARED == 1,
		       "as the statement has them");
	struct pairs pairs = { 0 };
	HM_TRY(graph_ask_run(a,
			     "SELECT fact.subject, link.node FROM fact JOIN link ON link.fact = "
			     "fact.id WHERE fact.document = $1 AND fact.kind = 5 AND link.role = 1",
			     STORE_VALUES(store_int(document)), keep_pair, &pairs));
	for (size_t i = 0; i < pairs.list.n; i++) {
		const uint64_t *place = graph_ids_get(at, pairs.list.p[i].subject);
		if (place && *place < out->n)
			HM_TRY(graph_ask_node(a, pairs.list.p[i].node,
					      hm_push(a->cx, &out->p[*place].licences)));
	}
	return NULL;
}

hm_err graph_components_of(struct graph_ask *a, int64_t document, struct graph_components *out)
{
	struct graph_numbers tops = { 0 }, ids = { 0 };
	struct graph_ids at = { 0 };
	bool is_new;
	HM_TRY(graph_ask_numbers(a, "SELECT subject FROM fact WHERE document = $1 AND kind = 3",
				 STORE_VALUES(store_int(document)), &tops));
	for (size_t i = 0, n = tops.n; i < n; i++)
		HM_TRY(graph_ask_numbers(
			a,
			"SELECT subject FROM fact WHERE object = $1 AND kind = 2 AND document = $2",
			STORE_VALUES(store_int(tops.p[i]), store_int(document)), &tops));
	for (size_t i = 0; i < tops.n; i++)
		*graph_ids_slot(a->cx, &at, tops.p[i], &is_new) = UINT64_MAX;
	HM_TRY(graph_ask_numbers(a, "SELECT object FROM fact WHERE document = $1 AND kind = 1",
				 STORE_VALUES(store_int(document)), &ids));
	HM_TRY(graph_ask_numbers(a, "SELECT subject FROM fact WHERE document = $1 AND kind = 1",
				 STORE_VALUES(store_int(document)), &ids));
	for (size_t i = 0; i < ids.n; i++)
		HM_TRY(add_component(a, &at, ids.p[i], out));
	return add_licences(a, document, &at, out);
}
