/* SPDX-License-Identifier: Apache-2.0 */
/* One question: its transaction, its limits, and what it has read. */
#include "graph/questions/ask.h"

const char *const graph_cut_names[GRAPH_CUTS] = { "", "rows", "depth", "time" };

static uint64_t least(uint64_t wanted, uint64_t most)
{
	return wanted && wanted < most ? wanted : most;
}

hm_err graph_ask_begin(struct hm_cx *cx, struct graph *g, const struct graph_limits *limits,
		       struct graph_ask *out)
{
	struct graph_limits l = limits ? *limits : (struct graph_limits){ 0 };
	*out = (struct graph_ask){ .cx = cx,
				   .rows = least(l.rows, HM_MAX_GRAPH_ROWS),
				   .depth = (unsigned)least(l.depth, HM_MAX_GRAPH_DEPTH),
				   .kept = g->kept,
				   .seen = g->seen,
				   .is_server = store_is_server(g->tables) };
	out->until = hm_mono() +
		     (int64_t)least(l.milliseconds, HM_MAX_GRAPH_MILLISECONDS) * HM_SECOND / 1000;
	return store_begin(cx, g->tables, STORE_READ, &out->use);
}

void graph_ask_end(struct graph_ask *a)
{
	store_end(&a->use);
}

bool graph_ask_goes_on(struct graph_ask *a)
{
	if (a->cut != GRAPH_CUT_TIME && hm_mono() > a->until)
		a->cut = GRAPH_CUT_TIME;
	return a->cut != GRAPH_CUT_TIME;
}

hm_err graph_ask_run(struct graph_ask *a, const char *sql, struct store_values values,
		     store_row *each, void *arg)
{
	HM_TRY(hm_alive(a->cx));
	return store_run(a->cx, a->use, sql, values, each, arg);
}

/* One row more of many, which are not needed all. False: it is one too many. */
static bool may_keep(struct graph_ask *a)
{
	if (a->visits < HM_MAX_GRAPH_VISITS) {
		a->visits++;
		return true;
	}
	if (a->cut != GRAPH_CUT_TIME)
		a->cut = GRAPH_CUT_ROWS;
	return false;
}

struct keeping {
	struct graph_ask *a;
	void *to;
};

static hm_err keep_number(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	const struct keeping *k = arg;
	struct graph_numbers *numbers = k->to;
	if (may_keep(k->a))
		*hm_push(cx, numbers) = row[0].number;
	return NULL;
}

hm_err graph_ask_numbers(struct graph_ask *a, const char *sql, struct store_values values,
			 struct graph_numbers *out)
{
	struct keeping k = { a, out };
	return graph_ask_run(a, sql, values, keep_number, &k);
}

hm_err graph_ask_number(struct graph_ask *a, const char *sql, struct store_values values,
			int64_t *out)
{
	*out = 0;
	return graph_ask_run(a, sql, values, graph_one_number, out);
}

/* ------------------------------------------------------------------ nouns and documents */

void graph_ask_keep_node(struct graph_ask *a, int64_t id, int64_t kind, struct hm_str key)
{
	struct graph_node node = { .id = id };
	bool is_new;
	if (kind > GRAPH_NO_NOUN && kind < GRAPH_NOUN_KINDS) {
		node.kind = (enum graph_noun_kind)kind;
		node.key = hm_dup(a->cx, key);
	}
	*graph_ids_slot(a->cx, &a->nodes, id, &is_new) = a->node_list.n;
	*hm_push(a->cx, &a->node_list) = node;
}

/* id, kind, key */
static hm_err keep_node(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	(void)cx;
	graph_ask_keep_node(arg, row[0].number, row[1].number, row[2].text);
	return NULL;
}

hm_err graph_ask_node(struct graph_ask *a, int64_t id, struct graph_node *out)
{
	*out = (struct graph_node){ .id = id };
	if (id <= 0)
		return NULL;
	const uint64_t *at = graph_ids_get(&a->nodes, id);
	if (!at) {
		HM_TRY(graph_ask_run(a, "SELECT id, kind, key FROM node WHERE id = $1",
				     STORE_VALUES(store_int(id)), keep_node, a));
		at = graph_ids_get(&a->nodes, id);
	}
	if (!at) {
		graph_ask_keep_node(a, id, GRAPH_NO_NOUN, HM_STR(""));
		at = graph_ids_get(&a->nodes, id);
	}
	*out = a->node_list.p[*at];
	return NULL;
}

void graph_ask_add_witness(struct graph_ask *a, struct graph_witness *s)
{
	bool is_new;
	*graph_ids_slot(a->cx, &a->sources, s->id, &is_new) = a->source_list.n;
	*hm_push(a->cx, &a->source_list) = s;
}

struct graph_witness *graph_ask_keep_witness(struct graph_ask *a, const struct store_value *row)
{
	struct graph_witness *s = hm_new(a->cx, struct graph_witness, 1);
	*s = (struct graph_witness){ .id = row[0].number,
				     .digest = hm_dup(a->cx, row[1].text),
				     .format = hm_dup(a->cx, row[2].text),
				     .origin = hm_dup(a->cx, row[3].text),
				     .collector = hm_dup(a->cx, row[4].text),
				     .taken = row[5].number,
				     .size = (uint64_t)row[6].number,
				     .signer.id = row[7].number };
	if (row[8].number > 0 && row[8].number < GRAPH_BELIEFS)
		s->belief = (enum graph_belief)row[8].number;
	graph_ask_add_witness(a, s);
	return s;
}

struct witnessing {
	struct graph_ask *a;
	struct graph_witness *found;
};

static hm_err keep_witness(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	struct witnessing *w = arg;
	(void)cx;
	w->found = graph_ask_keep_witness(w->a, row);
	return NULL;
}

hm_err graph_ask_witness(struct graph_ask *a, int64_t document, const struct graph_witness **out)
{
	const uint64_t *at = graph_ids_get(&a->sources, document);
	struct witnessing w = { .a = a };
	if (at) {
		*out = a->source_list.p[*at];
		return NULL;
	}
	HM_TRY(graph_ask_run(a, "SELECT " GRAPH_WITNESS_COLUMNS " FROM document WHERE id = $1",
			     STORE_VALUES(store_int(document)), keep_witness, &w));
	if (!w.found)
		w.found = hm_new(a->cx, struct graph_witness, 1);
	HM_TRY(graph_ask_node(a, w.found->signer.id, &w.found->signer));
	*out = w.found;
	return NULL;
}

/* ------------------------------------------------------------------ facts */

static hm_err keep_row(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	const struct keeping *k = arg;
	struct graph_rows *rows = k->to;
	if (!may_keep(k->a))
		return NULL;
	*hm_push(cx, rows) = (struct graph_row){ row[0].number, row[1].number, row[2].number,
						 row[3].number, row[4].number, row[5].number };
	return NULL;
}

hm_err graph_ask_rows(struct graph_ask *a, const char *sql, struct store_values values,
		      struct graph_rows *out)
{
	struct keeping k = { a, out };
	return graph_ask_run(a, sql, values, keep_row, &k);
}

hm_err graph_ask_rows_many(struct graph_ask *a, const char *sql, const struct store_many *many,
			   struct graph_rows *out)
{
	struct keeping k = { a, out };
	HM_TRY(hm_alive(a->cx));
	return store_run_many(a->cx, a->use, sql, many, keep_row, &k);
}

/* What the links of a fact are, by their number. */
static const char *const roles[] = {
	[GRAPH_DECLARED] = "declaredLicense",
	[GRAPH_DISCOVERED] = "discoveredLicense",
	[GRAPH_MATERIAL] = "material",
	[GRAPH_BUILT_BY] = "builtBy",
	[GRAPH_PART] = "part",
	[GRAPH_WHOLE] = "whole",
};

struct hm_str graph_role_name(struct hm_cx *cx, int64_t role)
{
	uint64_t at = (uint64_t)role;
	return at < HM_LEN(roles) && roles[at] ? hm_cstr(roles[at])
					       : hm_fmt(cx, "%llu", (unsigned long long)at);
}

static hm_err keep_link(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	HM_VEC(struct graph_linked) *links = arg;
	*hm_push(cx, links) = (struct graph_linked){ .role = graph_role_name(cx, row[0].number),
						     .node.id = row[1].number };
	return NULL;
}

hm_err graph_ask_said_plain(struct graph_ask *a, const struct graph_row *row,
			    struct graph_said *out)
{
	struct graph_node detail;
	*out = (struct graph_said){ .id = row->id };
	if (row->kind > GRAPH_NO_FACT && row->kind < GRAPH_FACT_KINDS)
		out->kind = (enum graph_fact_kind)row->kind;
	HM_TRY(graph_ask_node(a, row->subject, &out->subject));
	HM_TRY(graph_ask_node(a, row->object, &out->object));
	HM_TRY(graph_ask_node(a, row->detail, &detail));
	out->detail = detail.key;
	return graph_ask_witness(a, row->document, &out->source);
}

hm_err graph_ask_said(struct graph_ask *a, const struct graph_row *row, struct graph_said *out)
{
	HM_VEC(struct graph_linked) links = { 0 };
	HM_TRY(graph_ask_said_plain(a, row, out));
	HM_TRY(graph_ask_run(a, "SELECT role, node FROM link WHERE fact = $1",
			     STORE_VALUES(store_int(row->id)), keep_link, &links));
	for (size_t i = 0; i < links.n; i++)
		HM_TRY(graph_ask_node(a, links.p[i].node.id, &links.p[i].node));
	out->links = links.p;
	out->links_n = links.n;
	return NULL;
}

static hm_err keep_pod(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	struct graph_pods *pods = arg;
	*hm_push(cx, pods) = (struct graph_pod){ .cluster = hm_dup(cx, row[0].text),
						 .namespace = hm_dup(cx, row[1].text),
						 .name = hm_dup(cx, row[2].text),
						 .container = hm_dup(cx, row[3].text),
						 .owner = hm_dup(cx, row[4].text),
						 .image = hm_dup(cx, row[5].text),
						 .host = hm_dup(cx, row[6].text),
						 .since = row[7].number,
						 .gone = row[8].number };
	return NULL;
}

hm_err graph_ask_pods(struct graph_ask *a, int64_t artifact, struct graph_pods *out)
{
	size_t before = out->n;
	if (!artifact)
		return NULL;
	HM_TRY(graph_ask_run(a,
			     "SELECT cluster, namespace, name, container, owner, image, host, "
			     "since, gone FROM pod WHERE artifact = $1 AND gone = 0 "
			     "ORDER BY cluster, namespace, name, container LIMIT $2",
			     STORE_VALUES(store_int(artifact), store_int((int64_t)a->rows)),
			     keep_pod, out));
	for (size_t i = before; i < out->n; i++)
		HM_TRY(graph_ask_node(a, artifact, &out->p[i].artifact));
	return NULL;
}

hm_err graph_ask_some(struct graph_ask *a, const char *sql, struct store_values values,
		      struct graph_facts *out)
{
	struct graph_rows rows = { 0 };
	HM_TRY(graph_ask_rows(a, sql, values, &rows));
	for (size_t i = 0; i < rows.n && i < GRAPH_SOME; i++)
		HM_TRY(graph_ask_said(a, &rows.p[i], hm_push(a->cx, out)));
	return NULL;
}
