/* SPDX-License-Identifier: Apache-2.0 */
/* What somebody signed, what something built. */
#include "graph/questions/releases.h"

static hm_err resolve(struct graph_ask *a, struct hm_str name, enum graph_noun_kind kind,
		      struct graph_nodes *out)
{
	HM_TRY(graph_ask_name(a, name, UINT64_C(1) << kind, out));
	return out->n ? NULL : graph_ask_unknown(a, name);
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
			HM_TRY(graph_releasing_made(&r, &rows.p[k], &m.made));
		HM_TRY(add_documents(&a, m.who.p[i].id, &m));
	}
	m.cut = a.cut;
	*out = m;
	return NULL;
}

/* Does the name end with a revision, and that begin with `commit`? "sha1:9f1c...",
 * "git+https://h/p@9f1c...", with a path or qualifiers behind it. What stands elsewhere in a name
 * (a host, a user) is not one. */
static bool names_commit(struct hm_str key, struct hm_str commit)
{
	for (size_t i = 1; i + commit.n <= key.n; i++) {
		size_t end = i;
		if (!hm_is_one_of(key.p[i - 1], "@:=#") || !hm_eq(hm_sub(key, i, commit.n), commit))
			continue;
		while (end < key.n && hm_hex_digit(key.p[end]) >= 0)
			end++;
		if (end >= i + commit.n && (end == key.n || hm_is_one_of(key.p[end], "?#&")))
			return true;
	}
	return false;
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
		*out = names_commit(said.links[i].node.key, commit);
		/* the sources that occur as the material */
		HM_TRY(graph_ask_numbers(a,
					 "SELECT subject FROM fact WHERE object = $1 AND kind = 2",
					 STORE_VALUES(store_int(said.links[i].node.id)), &sources));
		for (size_t k = 0; k < sources.n && !*out; k++) {
			struct graph_node source;
			HM_TRY(graph_ask_node(a, sources.p[k], &source));
			*out = source.kind == GRAPH_SOURCE && names_commit(source.key, commit);
		}
	}
	return NULL;
}

static hm_err check_commit(struct hm_cx *cx, struct hm_str commit)
{
	enum { LEAST = 4 /* as Git's core.abbrev */ };
	bool is_hex = !commit.n || commit.n >= LEAST;
	for (size_t i = 0; i < commit.n; i++)
		is_hex = is_hex && hm_hex_digit(commit.p[i]) >= 0;
	return is_hex ? NULL
		      : hm_hint(cx,
				hm_fail(cx, HM_USAGE, "\"%.*s\" is not a commit", HM_FMT(commit)),
				"its revision, or how that begins: four hexadecimal digits or more");
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
	commit = hm_lower(cx, commit);
	HM_TRY(check_commit(cx, commit));
	HM_TRY(graph_ask_begin(cx, g, limits, &a));
	HM_TRY(resolve(&a, builder, GRAPH_BUILDER, &m.who));
	graph_releasing_begin(&a, &asked, &r);
	for (size_t i = 0; i < m.who.n; i++) {
		struct graph_rows rows = { 0 };
		HM_TRY(graph_ask_rows(&a,
				      "SELECT " GRAPH_ROW_COLUMNS " FROM fact "
				      "WHERE fact.object = $1 AND fact.kind = 4 LIMIT $2",
				      STORE_VALUES(store_int(m.who.p[i].id),
						   store_int((int64_t)HM_MAX_GRAPH_VISITS + 1)),
				      &rows));
		for (size_t k = 0; k < rows.n && graph_ask_goes_on(&a); k++) {
			bool is_wanted;
			HM_TRY(has_commit(&a, &rows.p[k], commit, &is_wanted));
			if (is_wanted && m.made.n >= a.rows)
				a.cut = GRAPH_CUT_ROWS;
			else if (is_wanted)
				HM_TRY(graph_releasing_made(&r, &rows.p[k], &m.made));
		}
	}
	m.cut = a.cut;
	*out = m;
	return NULL;
}
