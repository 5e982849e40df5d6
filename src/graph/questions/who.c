/* SPDX-License-Identifier: Apache-2.0 */
/* What somebody signed, what something built. */
#include "graph/questions/releases.h"

static hm_err resolve(struct graph_ask *a, struct hm_str name, enum graph_noun_kind kind,
		      struct graph_nodes *out)
{
	HM_TRY(graph_ask_name(a, name, UINT64_C(1) << kind, out));
	return out->n ? NULL : graph_ask_unknown(a, name);
}

static hm_err add_made(struct graph_releasing *r, const struct graph_row *row,
		       struct graph_makings *out)
{
	const struct graph_whole *whole;
	struct graph_made *m = hm_push(r->a->cx, &out->made);
	*m = (struct graph_made){ 0 };
	HM_TRY(graph_ask_said(r->a, row, &m->fact));
	m->artifact = m->fact.subject;
	HM_TRY(graph_releasing_whole(r, row->subject, &whole));
	m->images = whole->images;
	m->pods = whole->pods;
	return NULL;
}

static hm_err add_documents(struct graph_ask *a, int64_t signer, struct graph_makings *out)
{
	struct graph_numbers ids = { 0 };
	HM_TRY(graph_ask_numbers(
		a, "SELECT id FROM document WHERE signer = $1 ORDER BY id DESC LIMIT $2",
		STORE_VALUES(store_int(signer), store_int((int64_t)a->rows)), &ids));
	for (size_t i = 0; i < ids.n; i++) {
		const struct graph_witness *w;
		HM_TRY(graph_ask_witness(a, ids.p[i], &w));
		*hm_push(a->cx, &out->documents) = *w;
	}
	if (ids.n == a->rows)
		a->cut = GRAPH_CUT_ROWS;
	return NULL;
}

hm_err graph_signed_by(struct hm_cx *cx, struct graph *g, struct hm_str identity,
		       const struct graph_limits *limits, struct graph_makings *out)
{
	_Static_assert(GRAPH_SIGNED_BY == 18, "as the statement has it");
	GRAPH_AUTO_ASK a;
	struct graph_makings m = { 0 };
	struct graph_releasing r;
	struct graph_asked asked = { 0 };
	HM_TRY(graph_ask_begin(cx, g, limits, &a));
	HM_TRY(resolve(&a, identity, GRAPH_IDENTITY, &m.who));
	graph_releasing_begin(&a, &asked, &r);
	for (size_t i = 0; i < m.who.n; i++) {
		struct graph_rows rows = { 0 };
		HM_TRY(graph_ask_rows(&a,
				      "SELECT " GRAPH_ROW_COLUMNS " FROM fact "
				      "WHERE fact.object = $1 AND fact.kind = 18 LIMIT $2",
				      STORE_VALUES(store_int(m.who.p[i].id),
						   store_int((int64_t)a.rows + 1)),
				      &rows));
		if (rows.n > a.rows)
			a.cut = GRAPH_CUT_ROWS;
		for (size_t k = 0; k < rows.n && m.made.n < a.rows; k++)
			HM_TRY(add_made(&r, &rows.p[k], &m));
		HM_TRY(add_documents(&a, m.who.p[i].id, &m));
	}
	m.cut = a.cut;
	*out = m;
	return NULL;
}

/* Did something of this commit go into it? A revision may be given by its beginning. */
static hm_err has_commit(struct graph_ask *a, const struct graph_row *row, struct hm_str commit,
			 bool *out)
{
	struct graph_said said;
	*out = !commit.n;
	if (*out)
		return NULL;
	HM_TRY(graph_ask_said(a, row, &said));
	for (size_t i = 0; i < said.links_n && !*out; i++) {
		struct graph_numbers sources = { 0 };
		*out = hm_find(said.links[i].node.key, commit) != SIZE_MAX;
		/* the sources that occur as the material */
		HM_TRY(graph_ask_numbers(a,
					 "SELECT subject FROM fact WHERE object = $1 AND kind = 2",
					 STORE_VALUES(store_int(said.links[i].node.id)), &sources));
		for (size_t k = 0; k < sources.n && !*out; k++) {
			struct graph_node source;
			HM_TRY(graph_ask_node(a, sources.p[k], &source));
			*out = source.kind == GRAPH_SOURCE &&
			       hm_find(source.key, commit) != SIZE_MAX;
		}
	}
	return NULL;
}

hm_err graph_built_by(struct hm_cx *cx, struct graph *g, struct hm_str builder,
		      struct hm_str commit, const struct graph_limits *limits,
		      struct graph_makings *out)
{
	_Static_assert(GRAPH_HAS_SLSA == 4, "as the statement has it");
	GRAPH_AUTO_ASK a;
	struct graph_makings m = { 0 };
	struct graph_releasing r;
	struct graph_asked asked = { 0 };
	HM_TRY(graph_ask_begin(cx, g, limits, &a));
	HM_TRY(resolve(&a, builder, GRAPH_BUILDER, &m.who));
	graph_releasing_begin(&a, &asked, &r);
	for (size_t i = 0; i < m.who.n; i++) {
		struct graph_rows rows = { 0 };
		HM_TRY(graph_ask_rows(&a,
				      "SELECT " GRAPH_ROW_COLUMNS " FROM fact "
				      "WHERE fact.object = $1 AND fact.kind = 4 LIMIT $2",
				      STORE_VALUES(store_int(m.who.p[i].id),
						   store_int((int64_t)HM_MAX_GRAPH_VISITS)),
				      &rows));
		for (size_t k = 0; k < rows.n && graph_ask_goes_on(&a); k++) {
			bool is_wanted;
			HM_TRY(has_commit(&a, &rows.p[k], hm_lower(cx, commit), &is_wanted));
			if (is_wanted && m.made.n >= a.rows)
				a.cut = GRAPH_CUT_ROWS;
			else if (is_wanted)
				HM_TRY(add_made(&r, &rows.p[k], &m));
		}
	}
	m.cut = a.cut;
	*out = m;
	return NULL;
}
