/* SPDX-License-Identifier: Apache-2.0 */
/* Releases that contain a package, and by which way. */
#include "graph/questions/releases.h"

enum { WAYS_MS = 200 };

void graph_releasing_begin(struct graph_ask *a, const struct graph_asked *asked,
			   struct graph_releasing *out)
{
	*out = (struct graph_releasing){ .a = a, .asked = asked, .ways_until = a->until };
	if (!asked->explain)
		out->ways_until = hm_mono() + WAYS_MS * HM_SECOND / 1000;
}

/* ------------------------------------------------------------------ what an SBOM is about */

static void add_once(struct hm_cx *cx, struct graph_numbers *to, int64_t number)
{
	for (size_t i = 0; i < to->n; i++)
		if (to->p[i] == number)
			return;
	*hm_push(cx, to) = number;
}

static hm_err read_sbom(struct graph_releasing *r, int64_t document, struct graph_sbom **out)
{
	struct hm_cx *cx = r->a->cx;
	const uint64_t *at = graph_ids_get(&r->sboms, document);
	bool is_new;
	if (at) {
		*out = r->sbom_list.p[*at];
		return NULL;
	}
	struct graph_sbom *s = hm_new(cx, struct graph_sbom, 1);
	s->document = document;
	HM_TRY(graph_ask_numbers(
		r->a, "SELECT DISTINCT subject FROM fact WHERE document = $1 AND kind = 3",
		STORE_VALUES(store_int(document)), &s->subjects));
	for (size_t i = 0; i < s->subjects.n; i++) {
		struct graph_numbers as = { 0 };
		add_once(cx, &s->tops, s->subjects.p[i]);
		HM_TRY(graph_ask_numbers(r->a,
					 "SELECT subject FROM fact WHERE object = $1 AND kind = 2 "
					 "AND document = $2",
					 STORE_VALUES(store_int(s->subjects.p[i]),
						      store_int(document)),
					 &as));
		for (size_t k = 0; k < as.n; k++)
			add_once(cx, &s->tops, as.p[k]);
	}
	*graph_ids_slot(cx, &r->sboms, document, &is_new) = r->sbom_list.n;
	*hm_push(cx, &r->sbom_list) = s;
	*out = s;
	return NULL;
}

static bool is_among(const struct graph_numbers *list, int64_t number)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->p[i] == number)
			return true;
	return false;
}

/* ------------------------------------------------------------------ names, and what runs */

/* Artifacts that a package occurs as; and what is made of manifests. */
static hm_err add_artifacts(struct graph_ask *a, struct graph_whole *w)
{
	struct graph_numbers found = { 0 };
	if (w->node.kind == GRAPH_ARTIFACT)
		add_once(a->cx, &w->artifacts, w->node.id);
	if (w->node.kind == GRAPH_PACKAGE && hm_starts(w->node.key, HM_STR("pkg:oci/"))) {
		/* the version of an image is its digest (purl-spec, types/oci) */
		struct hm_str digest = graph_purl_version(a->cx, w->node.key);
		int64_t id = 0;
		HM_TRY(graph_find(a->cx, a->use, GRAPH_ARTIFACT, digest, &id));
		if (id)
			add_once(a->cx, &w->artifacts, id);
	}
	HM_TRY(graph_ask_numbers(a,
				 "SELECT DISTINCT object FROM fact WHERE subject = $1 AND kind = 2",
				 STORE_VALUES(store_int(w->node.id)), &found));
	for (size_t i = 0; i < found.n; i++)
		add_once(a->cx, &w->artifacts, found.p[i]);
	return NULL;
}

/* Names of an artifact, and of the indexes that it is a part of. */
static hm_err add_names(struct graph_ask *a, struct graph_whole *w, int64_t artifact)
{
	struct graph_numbers images = { 0 };
	HM_TRY(graph_ask_numbers(
		a,
		"SELECT DISTINCT subject FROM fact WHERE object = $1 AND kind = 20 ORDER BY subject",
		STORE_VALUES(store_int(artifact)), &images));
	for (size_t i = 0; i < images.n; i++) {
		struct graph_node node;
		bool is_there = false;
		HM_TRY(graph_ask_node(a, images.p[i], &node));
		for (size_t k = 0; k < w->images.n; k++)
			is_there |= w->images.p[k].id == node.id;
		if (!is_there)
			*hm_push(a->cx, &w->images) = node;
	}
	return NULL;
}

/* Those that name it, what it is a part of (an index), or a part of it (a platform's manifest, a
 * configuration): runtimes differ in whose digest they tell. */
static hm_err add_pods(struct graph_ask *a, struct graph_whole *w)
{
	enum { RELATED = 1000 };
	_Static_assert(GRAPH_PART_OF == 25, "as the statements have it");
	struct graph_numbers parts = { 0 }, wholes = { 0 };
	for (size_t i = 0; i < w->artifacts.n; i++) {
		add_once(a->cx, &parts, w->artifacts.p[i]);
		add_once(a->cx, &wholes, w->artifacts.p[i]);
	}
	for (size_t i = 0; i < parts.n && i < RELATED; i++) {
		struct graph_numbers found = { 0 };
		HM_TRY(graph_ask_numbers(
			a, "SELECT DISTINCT subject FROM fact WHERE object = $1 AND kind = 25",
			STORE_VALUES(store_int(parts.p[i])), &found));
		for (size_t k = 0; k < found.n; k++)
			add_once(a->cx, &parts, found.p[k]);
	}
	for (size_t i = 0; i < wholes.n && i < RELATED; i++) {
		struct graph_numbers found = { 0 };
		HM_TRY(graph_ask_numbers(
			a, "SELECT DISTINCT object FROM fact WHERE subject = $1 AND kind = 25",
			STORE_VALUES(store_int(wholes.p[i])), &found));
		for (size_t k = 0; k < found.n; k++)
			add_once(a->cx, &wholes, found.p[k]);
	}
	for (size_t i = 0; i < wholes.n; i++)
		add_once(a->cx, &parts, wholes.p[i]);
	for (size_t i = 0; i < parts.n; i++)
		HM_TRY(graph_ask_pods(a, parts.p[i], &w->pods));
	return NULL;
}

hm_err graph_releasing_whole(struct graph_releasing *r, int64_t node,
			     const struct graph_whole **out)
{
	_Static_assert(GRAPH_IS_OCCURRENCE == 2 && GRAPH_TAGGED_AS == 20,
		       "as the statements have them");
	const uint64_t *at = graph_ids_get(&r->wholes, node);
	bool is_new;
	if (at) {
		*out = r->whole_list.p[*at];
		return NULL;
	}
	struct graph_whole *w = hm_new(r->a->cx, struct graph_whole, 1);
	HM_TRY(graph_ask_node(r->a, node, &w->node));
	HM_TRY(add_artifacts(r->a, w));
	for (size_t i = 0; i < w->artifacts.n; i++)
		HM_TRY(add_names(r->a, w, w->artifacts.p[i]));
	HM_TRY(add_pods(r->a, w));
	*graph_ids_slot(r->a->cx, &r->wholes, node, &is_new) = r->whole_list.n;
	*hm_push(r->a->cx, &r->whole_list) = w;
	*out = w;
	return NULL;
}

/* ------------------------------------------------------------------ ways within one SBOM */

hm_err graph_releasing_is_indirect(struct graph_releasing *r, int64_t detail, bool *out)
{
	struct graph_node text;
	bool is_new;
	*out = false;
	if (!detail)
		return NULL;
	uint64_t *known = graph_ids_slot(r->a->cx, &r->indirect, detail, &is_new);
	if (is_new) {
		HM_TRY(graph_ask_node(r->a, detail, &text));
		*known = hm_find(hm_sub(text.key, 0, 64), HM_STR("INDIRECT")) != SIZE_MAX;
	}
	*out = *known != 0;
	return NULL;
}

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
static hm_err find_ways(struct graph_releasing *r, struct graph_sbom *s)
{
	HM_AUTO_CX own = hm_cx_child(r->a->cx, r->a->cx->budget);
	struct edges e = { .cx = &own };
	struct graph_ids parents = { 0 };
	struct graph_numbers queue = { 0 };
	bool is_new;
	hm_err err = read_edges(r, s->document, &e);
	if (err)
		return hm_fault_copy(r->a->cx, err);
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

static hm_err write_way(struct graph_releasing *r, struct graph_sbom *s, int64_t package,
			struct graph_nodes *out)
{
	struct graph_numbers way = { 0 };
	if (!s->has_ways && hm_mono() > r->ways_until)
		return NULL;
	if (!s->has_ways)
		HM_TRY(find_ways(r, s));
	const uint64_t *at = graph_ids_get(&s->parents, package);
	if (!at)
		return NULL;
	for (*hm_push(r->a->cx, &way) = package; at && *at;
	     at = graph_ids_get(&s->parents, (int64_t)*at))
		*hm_push(r->a->cx, &way) = (int64_t)*at;
	for (size_t i = way.n; i > 0; i--)
		HM_TRY(graph_ask_node(r->a, way.p[i - 1], hm_push(r->a->cx, out)));
	return NULL;
}

/* ------------------------------------------------------------------ who has the package */

static int compare_rows(const void *a, const void *b)
{
	const struct graph_row *x = a, *y = b;
	if (x->document != y->document)
		return x->document < y->document ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

/* Does one of the document's facts say that a top needs the package itself? */
static hm_err is_direct(struct graph_releasing *r, const struct graph_sbom *s, int64_t package,
			const struct graph_row *rows, size_t n, bool *out)
{
	*out = false;
	for (size_t i = 0; i < n && !*out; i++) {
		bool indirect;
		if (rows[i].kind != GRAPH_IS_DEPENDENCY || rows[i].object != package ||
		    !is_among(&s->tops, rows[i].subject))
			continue;
		HM_TRY(graph_releasing_is_indirect(r, rows[i].detail, &indirect));
		*out = !indirect;
	}
	return NULL;
}

/* Another document says the same: a believed one is its witness, and so is one that knows a way. */
static hm_err add_witness(struct graph_releasing *r, struct graph_sbom *s, bool direct,
			  struct graph_release *row)
{
	const struct graph_witness *source;
	struct graph_nodes path = { 0 };
	HM_TRY(graph_ask_witness(r->a, s->document, &source));
	HM_TRY(write_way(r, s, row->package.id, &path));
	row->others++;
	row->is_direct = row->is_direct || direct;
	bool is_believed = source->belief == GRAPH_BELIEVED;
	bool was_believed = row->source->belief == GRAPH_BELIEVED;
	if (is_believed != was_believed ? is_believed : path.n && !row->path.n) {
		row->source = source;
		row->path = path;
	}
	return NULL;
}

static hm_err add_release(struct graph_releasing *r, struct graph_sbom *s,
			  const struct graph_whole *whole, const struct graph_release *like,
			  struct graph_releases *out)
{
	bool is_new;
	uint64_t *at = graph_ids_slot(r->a->cx, &r->rows, whole->node.id, &is_new);
	if (!is_new)
		return add_witness(r, s, like->is_direct, &out->p[*at - 1]);
	if (out->n >= r->a->rows) {
		r->a->cut = GRAPH_CUT_ROWS;
		r->is_full = true;
		return NULL;
	}
	*at = out->n + 1;
	struct graph_release *row = hm_push(r->a->cx, out);
	*row = *like;
	row->release = whole->node;
	row->images = whole->images;
	row->pods = whole->pods;
	HM_TRY(graph_ask_witness(r->a, s->document, &row->source));
	return write_way(r, s, like->package.id, &row->path);
}

static hm_err add_document(struct graph_releasing *r, const struct graph_node *package,
			   const struct graph_row *rows, size_t n, struct graph_releases *out)
{
	struct graph_sbom *s;
	struct graph_release like = { .package = *package };
	HM_TRY(read_sbom(r, rows[0].document, &s));
	if (!s->subjects.n)
		return NULL;
	HM_TRY(is_direct(r, s, package->id, rows, n, &like.is_direct));
	for (size_t i = 0; i < s->subjects.n && !r->is_full; i++) {
		const struct graph_whole *whole;
		HM_TRY(graph_releasing_whole(r, s->subjects.p[i], &whole));
		if (!r->asked->running || whole->pods.n)
			HM_TRY(add_release(r, s, whole, &like, out));
	}
	return NULL;
}

hm_err graph_releasing_add(struct graph_releasing *r, const struct graph_node *package,
			   struct graph_releases *out)
{
	struct graph_rows rows = { 0 };
	r->rows = (struct graph_ids){ 0 };
	HM_TRY(graph_ask_rows(
		r->a, "SELECT " GRAPH_ROW_COLUMNS " FROM fact WHERE fact.object = $1 LIMIT $2",
		STORE_VALUES(store_int(package->id), store_int((int64_t)HM_MAX_GRAPH_VISITS + 1)),
		&rows));
	HM_TRY(graph_ask_rows(
		r->a, "SELECT " GRAPH_ROW_COLUMNS " FROM fact WHERE fact.subject = $1 LIMIT $2",
		STORE_VALUES(store_int(package->id), store_int((int64_t)HM_MAX_GRAPH_VISITS + 1)),
		&rows));
	if (rows.n)
		qsort(rows.p, rows.n, sizeof(*rows.p), compare_rows);
	for (size_t i = 0, end; i < rows.n; i = end) {
		for (end = i; end < rows.n && rows.p[end].document == rows.p[i].document;)
			end++;
		if (r->is_full || !graph_ask_goes_on(r->a))
			break;
		HM_TRY(add_document(r, package, &rows.p[i], end - i, out));
	}
	return NULL;
}

hm_err graph_releasing_made(struct graph_releasing *r, const struct graph_row *row,
			    struct graph_made_list *out)
{
	const struct graph_whole *whole;
	struct graph_made *m = hm_push(r->a->cx, out);
	*m = (struct graph_made){ 0 };
	HM_TRY(graph_ask_said(r->a, row, &m->fact));
	m->artifact = m->fact.subject;
	HM_TRY(graph_releasing_whole(r, row->subject, &whole));
	m->images = whole->images;
	m->pods = whole->pods;
	return NULL;
}

hm_err graph_releasing_signed(struct graph_releasing *r, const struct graph_rows *rows,
			      struct graph_made_list *out)
{
	if (rows->n > r->a->rows)
		r->a->cut = GRAPH_CUT_ROWS;
	for (size_t i = 0; i < rows->n && out->n < r->a->rows; i++)
		HM_TRY(graph_releasing_made(r, &rows->p[i], out));
	return NULL;
}
