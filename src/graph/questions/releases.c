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

/* Does one of the document's facts say that a top needs the package itself? */
static hm_err is_direct(struct graph_releasing *r, const struct graph_sbom *s,
			const struct graph_said_of *by, bool *out)
{
	*out = false;
	for (size_t i = 0; i < by->n && !*out; i++) {
		const struct graph_row *row = &by->rows[i];
		bool indirect;
		if (row->kind != GRAPH_IS_DEPENDENCY || row->object != by->package ||
		    !graph_numbers_has(&s->tops, row->subject))
			continue;
		HM_TRY(graph_releasing_is_indirect(r, row->detail, &indirect));
		*out = !indirect;
	}
	return NULL;
}

/* Another document says the same: a believed one is its witness, and so is one that knows a way. */
static hm_err add_witness(struct graph_releasing *r, struct graph_sbom *s,
			  const struct graph_said_of *by, bool direct, struct graph_release *row)
{
	const struct graph_witness *source;
	struct graph_nodes path = { 0 };
	HM_TRY(graph_ask_witness(r->a, s->document, &source));
	HM_TRY(graph_releasing_way(r, s, by, &path));
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
			  const struct graph_said_of *by, const struct graph_whole *whole,
			  const struct graph_release *like, struct graph_releases *out)
{
	bool is_new;
	uint64_t *at = graph_ids_slot(r->a->cx, &r->rows, whole->node.id, &is_new);
	if (!is_new)
		return add_witness(r, s, by, like->is_direct, &out->p[*at - 1]);
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
	return graph_releasing_way(r, s, by, &row->path);
}

static hm_err add_document(struct graph_releasing *r, const struct graph_node *package,
			   const struct graph_said_of *by, struct graph_releases *out)
{
	struct graph_sbom *s;
	struct graph_release like = { .package = *package };
	HM_TRY(graph_releasing_sbom(r, by->rows[0].document, &s));
	if (!s->subjects.n)
		return NULL;
	HM_TRY(is_direct(r, s, by, &like.is_direct));
	for (size_t i = 0; i < s->subjects.n && !r->is_full; i++) {
		const struct graph_whole *whole;
		HM_TRY(graph_releasing_whole(r, s->subjects.p[i], &whole));
		if (!r->asked->running || whole->pods.n)
			HM_TRY(add_release(r, s, by, whole, &like, out));
	}
	return NULL;
}

/* Documents, and what they are about as far as that is known, of as many as the answer has. */
static hm_err read_ahead(struct graph_releasing *r, const struct graph_rows *rows)
{
	struct graph_numbers documents = { 0 }, subjects = { 0 };
	for (size_t i = 0; i < rows->n && documents.n < r->a->rows; i++)
		if (!documents.n || documents.p[documents.n - 1] != rows->p[i].document)
			*hm_push(r->a->cx, &documents) = rows->p[i].document;
	HM_TRY(graph_releasing_sboms_ahead(r, &documents, &subjects));
	HM_TRY(graph_ask_nodes_ahead(r->a, &subjects));
	return graph_ask_witnesses_ahead(r->a, &documents);
}

hm_err graph_releasing_add(struct graph_releasing *r, const struct graph_node *package,
			   struct graph_releases *out)
{
	struct graph_rows rows = { 0 };
	r->rows = (struct graph_ids){ 0 };
	HM_TRY(graph_ask_mentions(r->a, package->id, &rows));
	HM_TRY(read_ahead(r, &rows));
	HM_TRY(graph_releasing_ways_begin(r, package->id));
	HM_TRY(graph_releasing_ways_ahead(r, package->id, &rows, r->a->rows));
	for (size_t i = 0, end; i < rows.n; i = end) {
		for (end = i; end < rows.n && rows.p[end].document == rows.p[i].document;)
			end++;
		if (r->is_full || !graph_ask_goes_on(r->a))
			break;
		HM_TRY(add_document(r, package,
				    &(struct graph_said_of){ package->id, &rows.p[i], end - i },
				    out));
	}
	graph_releasing_ways_end(r, package->id);
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
