/* SPDX-License-Identifier: Apache-2.0 */
/* Ways from a release to a package, by what its SBOM says. */
#include "graph/questions/kept.h"
#include "graph/questions/releases.h"

enum { TOGETHER = 128 };

/* What a document says that depends on what. */
struct edge {
	int64_t subject, object, detail;
};
struct edges {
	struct hm_cx *cx; /* of all of it */
	HM_VEC(struct edge) list;
	struct graph_ids first; /* of a subject: its first edge, plus 1 */
	uint64_t *next;         /* of an edge: the subject's next one, plus 1 */
};

/* subject, object, detail */
static hm_err keep_edge(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	struct edges *e = arg;
	*hm_push(cx, &e->list) = (struct edge){ row[0].number, row[1].number, row[2].number };
	return NULL;
}

/* What is said to be indirect is no step, unless nothing else leads there. */
static hm_err read_edges(struct graph_releasing *r, int64_t document, struct edges *e)
{
	bool is_new, indirect;
	HM_TRY(store_run(e->cx, r->a->use,
			 "SELECT subject, object, detail FROM fact WHERE document = $1 "
			 "AND kind = 1 ORDER BY id LIMIT $2",
			 STORE_VALUES(store_int(document),
				      store_int((int64_t)HM_MAX_GRAPH_VISITS + 1)),
			 keep_edge, e));
	e->next = hm_new(e->cx, uint64_t, e->list.n + 1);
	for (size_t i = 0; i < e->list.n; i++) {
		HM_TRY(graph_releasing_is_indirect(r, e->list.p[i].detail, &indirect));
		if (indirect)
			continue;
		uint64_t *head = graph_ids_slot(e->cx, &e->first, e->list.p[i].subject, &is_new);
		e->next[i] = *head;
		*head = i + 1;
	}
	return NULL;
}

/* Breadth first from the tops over what the document says: the shortest way to each package. Only
 * these are kept: the edges of hundreds of documents would be too many. */
static hm_err read_ways(struct graph_releasing *r, struct graph_sbom *s)
{
	HM_AUTO_CX own = hm_cx_child(r->a->cx, r->a->cx->budget);
	struct edges e = { .cx = &own };
	struct graph_ids parents = { 0 };
	struct graph_numbers queue = { 0 };
	bool is_new;
	hm_err err = read_edges(r, s->document, &e);
	if (err)
		return hm_fault_copy(r->a->cx, err);
	if (e.list.n > HM_MAX_GRAPH_VISITS) /* what is behind them may have the shorter way */
		r->a->cut = GRAPH_CUT_ROWS;
	for (size_t i = 0; i < s->tops.n; i++) {
		(void)graph_ids_slot(&own, &parents, s->tops.p[i], &is_new);
		*hm_push(&own, &queue) = s->tops.p[i];
	}
	for (size_t at = 0; at < queue.n; at++) {
		const uint64_t *head = graph_ids_get(&e.first, queue.p[at]);
		for (uint64_t i = head ? *head : 0; i; i = e.next[i - 1]) {
			int64_t object = e.list.p[i - 1].object;
			uint64_t *parent = graph_ids_slot(&own, &parents, object, &is_new);
			if (!is_new)
				continue;
			*parent = (uint64_t)queue.p[at];
			*hm_push(&own, &queue) = object;
		}
	}
	s->parents = graph_ids_copy(r->a->cx, &parents);
	s->has_ways = true;
	return NULL;
}

static hm_err write_way_down(struct graph_releasing *r, struct graph_sbom *s, int64_t package,
			     struct graph_numbers *way)
{
	if (!s->has_ways)
		HM_TRY(read_ways(r, s));
	const uint64_t *at = graph_ids_get(&s->parents, package);
	if (!at)
		return NULL;
	for (*hm_push(r->a->cx, way) = package; at && *at;
	     at = graph_ids_get(&s->parents, (int64_t)*at))
		*hm_push(r->a->cx, way) = (int64_t)*at;
	return NULL;
}

/* Empty: there is none. */
static hm_err write_way(struct graph_releasing *r, struct graph_sbom *s,
			const struct graph_ladder *l, struct graph_numbers *out)
{
	struct graph_numbers down = { 0 };
	if (l->gave_up)
		HM_TRY(write_way_down(r, s, l->by.package, &down));
	for (size_t i = down.n; i > 0; i--)
		*hm_push(r->a->cx, out) = down.p[i - 1];
	for (size_t at = l->gave_up ? SIZE_MAX : l->top; at != SIZE_MAX;
	     at = at ? l->list.p[at].before : SIZE_MAX)
		*hm_push(r->a->cx, out) = l->list.p[at].node;
	return NULL;
}

/* ------------------------------------------------------------------ what was found before */

enum { HEAD = 2 }; /* document, how many nouns */

static void add_nouns(const struct graph_releasing *r, size_t from, struct graph_numbers *to)
{
	const struct graph_numbers *list = &r->ways.list;
	for (size_t i = from; i < list->n; i += HEAD + (size_t)list->p[i + 1])
		for (size_t k = 0; k < (size_t)list->p[i + 1]; k++)
			*hm_push(r->a->cx, to) = list->p[i + HEAD + k];
}

/* A document's facts are written once: its ways stay what they are. */
hm_err graph_releasing_ways_begin(struct graph_releasing *r, int64_t package)
{
	struct graph_ways *w = &r->ways;
	struct graph_numbers nouns = { 0 };
	int64_t upto;
	bool is_new;
	*w = (struct graph_ways){ 0 };
	HM_TRY(graph_ask_moment(r->a));
	(void)graph_kept_recall(r->a, GRAPH_KEPT_WAYS, package, SIZE_MAX, &w->list, &upto);
	for (size_t i = 0; i < w->list.n; i += HEAD + (size_t)w->list.p[i + 1])
		*graph_ids_slot(r->a->cx, &w->at, w->list.p[i], &is_new) = i + 1;
	add_nouns(r, 0, &nouns);
	return graph_ask_nodes_ahead(r->a, &nouns);
}

void graph_releasing_ways_end(struct graph_releasing *r, int64_t package)
{
	if (r->ways.is_longer && r->a->visits < HM_MAX_GRAPH_VISITS) /* what is cut is not kept */
		graph_kept_remember(r->a, GRAPH_KEPT_WAYS, package, &r->ways.list);
}

static hm_err keep_way(struct graph_releasing *r, struct graph_sbom *s,
		       const struct graph_ladder *l)
{
	struct graph_ways *w = &r->ways;
	struct graph_numbers way = { 0 };
	bool is_new;
	HM_TRY(write_way(r, s, l, &way));
	*graph_ids_slot(r->a->cx, &w->at, s->document, &is_new) = w->list.n + 1;
	*hm_push(r->a->cx, &w->list) = s->document;
	*hm_push(r->a->cx, &w->list) = (int64_t)way.n;
	for (size_t i = 0; i < way.n; i++)
		*hm_push(r->a->cx, &w->list) = way.p[i];
	w->is_longer = true;
	return NULL;
}

static hm_err find_ways(struct graph_releasing *r, struct graph_sbom *const *sboms,
			struct graph_ladder *all, size_t n)
{
	struct graph_numbers nouns = { 0 };
	size_t before = r->ways.list.n;
	for (size_t i = 0; i < n; i++)
		all[i].gave_up = sboms[i]->has_ways; /* then there is nothing to ask for */
	HM_TRY(graph_releasing_climb(r, all, n));
	for (size_t i = 0; i < n; i++)
		HM_TRY(keep_way(r, sboms[i], &all[i]));
	add_nouns(r, before, &nouns);
	return graph_ask_nodes_ahead(r->a, &nouns);
}

/* Will the answer have a row of this document? */
static hm_err is_wanted(struct graph_releasing *r, const struct graph_sbom *s, bool *out)
{
	*out = s->subjects.n && !graph_ids_get(&r->ways.at, s->document);
	if (!*out || !r->asked->running)
		return NULL;
	*out = false;
	for (size_t i = 0; i < s->subjects.n && !*out; i++) {
		const struct graph_whole *whole;
		HM_TRY(graph_releasing_whole(r, s->subjects.p[i], &whole));
		*out = whole->pods.n > 0;
	}
	return NULL;
}

hm_err graph_releasing_ways_ahead(struct graph_releasing *r, int64_t package,
				  const struct graph_rows *rows, size_t most)
{
	struct graph_ladder all[TOGETHER];
	struct graph_sbom *sboms[TOGETHER];
	size_t n = 0;
	for (size_t i = 0, end; i < rows->n && most; i = end, most--) {
		bool wanted;
		for (end = i; end < rows->n && rows->p[end].document == rows->p[i].document;)
			end++;
		HM_TRY(graph_releasing_sbom(r, rows->p[i].document, &sboms[n]));
		HM_TRY(is_wanted(r, sboms[n], &wanted));
		if (wanted) {
			all[n] = (struct graph_ladder){ sboms[n],
							{ package, &rows->p[i], end - i } };
			n++;
		}
		if (n < TOGETHER && end < rows->n && most > 1)
			continue;
		if (hm_mono() > r->ways_until || !graph_ask_goes_on(r->a))
			return NULL;
		HM_TRY(find_ways(r, sboms, all, n));
		n = 0;
	}
	return NULL;
}

hm_err graph_releasing_way(struct graph_releasing *r, struct graph_sbom *s,
			   const struct graph_said_of *by, struct graph_nodes *out)
{
	const uint64_t *at = graph_ids_get(&r->ways.at, s->document);
	if (!at && hm_mono() > r->ways_until) {
		if (!r->a->cut)
			r->a->cut = GRAPH_CUT_TIME;
		return NULL;
	}
	if (!at) {
		struct graph_ladder l = { s, *by };
		HM_TRY(find_ways(r, &s, &l, 1));
		at = graph_ids_get(&r->ways.at, s->document);
	}
	for (size_t i = 0; i < (size_t)r->ways.list.p[*at]; i++)
		HM_TRY(graph_ask_node(r->a, r->ways.list.p[*at - 1 + HEAD + i],
				      hm_push(r->a->cx, out)));
	return NULL;
}
