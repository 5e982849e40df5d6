/* SPDX-License-Identifier: Apache-2.0 */
/* What many rows name is read together: a server that is asked for each alone takes long. */
#include "graph/questions/kept.h"
#include "graph/questions/seen.h"

enum { FEW = 8 /* of these it is not worth to learn the moment */ };

static struct store_many many_of(struct hm_cx *cx, const struct graph_numbers *numbers)
{
	struct store_value *p = hm_new(cx, struct store_value, numbers->n + 1);
	for (size_t i = 0; i < numbers->n; i++)
		p[i] = store_int(numbers->p[i]);
	return (struct store_many){ .p = p, .width = 1, .rows = numbers->n, .of_numbers = true };
}

hm_err graph_ask_for_all(struct graph_ask *a, const char *sql, const struct graph_numbers *numbers,
			 store_row *each, void *arg)
{
	struct store_many many = many_of(a->cx, numbers);
	HM_TRY(hm_alive(a->cx));
	return numbers->n ? store_run_many(a->cx, a->use, sql, &many, each, arg) : NULL;
}

/* Those that are not known, each once. */
static struct graph_numbers missing(struct graph_ask *a, const struct graph_ids *known,
				    const struct graph_numbers *ids)
{
	struct graph_numbers wanted = { 0 };
	struct graph_ids seen = { 0 };
	bool is_new;
	for (size_t i = 0; i < ids->n; i++) {
		if (ids->p[i] <= 0 || graph_ids_get(known, ids->p[i]))
			continue;
		(void)graph_ids_slot(a->cx, &seen, ids->p[i], &is_new);
		if (is_new)
			*hm_push(a->cx, &wanted) = ids->p[i];
	}
	return wanted;
}

/* id, kind, key */
static hm_err keep_node(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	struct graph_ask *a = arg;
	(void)cx;
	graph_ask_keep_node(a, row[0].number, row[1].number, row[2].text);
	return NULL;
}

static hm_err read_nodes(struct graph_ask *a, const struct graph_numbers *wanted)
{
	return graph_ask_for_all(a, "SELECT id, kind, key FROM node WHERE id = $1", wanted,
				 keep_node, a);
}

hm_err graph_ask_nodes_ahead(struct graph_ask *a, const struct graph_numbers *ids)
{
	struct graph_numbers wanted = missing(a, &a->nodes, ids);
	size_t known;
	if (!a->has_moment && wanted.n <= FEW)
		return read_nodes(a, &wanted);
	HM_TRY(graph_ask_moment(a));
	graph_seen_recall_nodes(a, &wanted);
	known = a->node_list.n;
	wanted = missing(a, &a->nodes, &wanted);
	HM_TRY(read_nodes(a, &wanted));
	graph_seen_remember_nodes(a, known);
	return NULL;
}

struct versions {
	struct graph_ask *a;
	struct graph_nodes *out;
};

/* id, kind, key */
static hm_err keep_version(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	struct versions *v = arg;
	const uint64_t *at = graph_ids_get(&v->a->nodes, row[0].number);
	if (v->a->visits >= HM_MAX_GRAPH_VISITS) {
		v->a->cut = v->a->cut == GRAPH_CUT_TIME ? GRAPH_CUT_TIME : GRAPH_CUT_ROWS;
		return NULL;
	}
	v->a->visits++;
	if (!at) {
		graph_ask_keep_node(v->a, row[0].number, row[1].number, row[2].text);
		at = graph_ids_get(&v->a->nodes, row[0].number);
	}
	*hm_push(cx, v->out) = v->a->node_list.p[*at];
	return NULL;
}

hm_err graph_ask_versions(struct graph_ask *a, int64_t name, struct graph_nodes *out)
{
	struct versions v = { a, out };
	return graph_ask_run(a, "SELECT id, kind, key FROM node WHERE parent = $1 AND parent <> 0",
			     STORE_VALUES(store_int(name)), keep_version, &v);
}

static hm_err keep_witness(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	(void)cx;
	graph_ask_keep_witness(arg, row);
	return NULL;
}

hm_err graph_ask_witnesses_ahead(struct graph_ask *a, const struct graph_numbers *ids)
{
	struct graph_numbers wanted = missing(a, &a->sources, ids), signers = { 0 };
	size_t known = a->source_list.n, recalled;
	HM_TRY(graph_ask_moment(a));
	graph_seen_recall_witnesses(a, &wanted);
	recalled = a->source_list.n;
	wanted = missing(a, &a->sources, &wanted);
	HM_TRY(graph_ask_for_all(a, "SELECT " GRAPH_WITNESS_COLUMNS " FROM document WHERE id = $1",
				 &wanted, keep_witness, a));
	graph_seen_remember_witnesses(a, recalled);
	for (size_t i = known; i < a->source_list.n; i++)
		*hm_push(a->cx, &signers) = a->source_list.p[i]->signer.id;
	HM_TRY(graph_ask_nodes_ahead(a, &signers));
	for (size_t i = known; i < a->source_list.n; i++) {
		struct graph_witness *s = a->source_list.p[i];
		HM_TRY(graph_ask_node(a, s->signer.id, &s->signer));
	}
	return NULL;
}

/* ------------------------------------------------------------------ facts with their links */

struct one_link {
	int64_t fact, role, node;
};
struct linking {
	struct graph_ids of; /* of a fact: the place of its first row */
	HM_VEC(struct one_link) all;
};

/* fact, role, node */
static hm_err keep_link(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	struct linking *l = arg;
	bool is_new;
	uint64_t *first = graph_ids_slot(cx, &l->of, row[0].number, &is_new);
	if (is_new)
		*first = l->all.n;
	*hm_push(cx, &l->all) = (struct one_link){ row[0].number, row[1].number, row[2].number };
	return NULL;
}

static hm_err write_links(struct graph_ask *a, const struct linking *l, struct graph_said *out)
{
	const uint64_t *at = graph_ids_get(&l->of, out->id);
	HM_VEC(struct graph_linked) links = { 0 };
	for (size_t i = at ? *at : l->all.n; i < l->all.n && l->all.p[i].fact == out->id; i++) {
		struct graph_linked *one = hm_push(a->cx, &links);
		*one = (struct graph_linked){ .role = graph_role_name(a->cx, l->all.p[i].role) };
		HM_TRY(graph_ask_node(a, l->all.p[i].node, &one->node));
	}
	out->links = links.p;
	out->links_n = links.n;
	return NULL;
}

hm_err graph_ask_said_all(struct graph_ask *a, const struct graph_row *rows, size_t n,
			  struct graph_said *out)
{
	struct graph_numbers nodes = { 0 }, documents = { 0 }, facts = { 0 };
	struct linking links = { 0 };
	for (size_t i = 0; i < n; i++) {
		*hm_push(a->cx, &nodes) = rows[i].subject;
		*hm_push(a->cx, &nodes) = rows[i].object;
		*hm_push(a->cx, &nodes) = rows[i].detail;
		*hm_push(a->cx, &documents) = rows[i].document;
		if (rows[i].kind != GRAPH_IS_DEPENDENCY) /* no document links more to these */
			*hm_push(a->cx, &facts) = rows[i].id;
	}
	HM_TRY(graph_ask_for_all(a, "SELECT fact, role, node FROM link WHERE fact = $1", &facts,
				 keep_link, &links));
	for (size_t i = 0; i < links.all.n; i++)
		*hm_push(a->cx, &nodes) = links.all.p[i].node;
	HM_TRY(graph_ask_nodes_ahead(a, &nodes));
	HM_TRY(graph_ask_witnesses_ahead(a, &documents));
	for (size_t i = 0; i < n; i++) {
		HM_TRY(graph_ask_said_plain(a, &rows[i], &out[i]));
		HM_TRY(write_links(a, &links, &out[i]));
	}
	return NULL;
}
