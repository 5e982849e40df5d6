/* SPDX-License-Identifier: Apache-2.0 */
/* What VEX documents say of a vulnerability, and whom that concerns. */
#include "graph/questions/exposed.h"
#include "graph/questions/scope.h"

static bool says_no(const struct graph_statement *s)
{
	return hm_eqz(s->status, "NOT_AFFECTED") || hm_eqz(s->status, "FIXED");
}

/* Of several at the same time the worst comes first. */
static int compare_statements(const void *a, const void *b)
{
	const struct graph_statement *x = a, *y = b;
	if (x->since != y->since)
		return x->since > y->since ? -1 : 1;
	if (says_no(x) != says_no(y))
		return says_no(x) ? 1 : -1;
	return (x->fact.id < y->fact.id) - (x->fact.id > y->fact.id);
}

static hm_err read_one(struct graph_ask *a, const struct graph_row *row,
		       struct graph_statements *out)
{
	struct graph_statement s = { 0 };
	struct json detail;
	HM_TRY(graph_ask_said(a, row, &s.fact));
	s.since = s.fact.source->taken;
	if (s.fact.detail.n && !json_parse(a->cx, s.fact.detail, JSON_PLAIN, &detail)) {
		int64_t since;
		s.status = json_str(json_get(detail, "status"));
		s.is_partial = json_str(json_get(detail, "unnamed")).n > 0;
		if (!hm_rfc3339_parse(a->cx, json_str(json_get(detail, "knownSince")), &since))
			s.since = since;
	}
	/* a time that is still to come is nobody's to give */
	if (s.since > s.fact.source->taken)
		s.since = s.fact.source->taken;
	*hm_push(a->cx, out) = s;
	return NULL;
}

hm_err graph_statements_read(struct graph_ask *a, const struct graph_vulnerability *v,
			     struct graph_statements *out)
{
	_Static_assert(GRAPH_CERTIFY_VEX == 9, "as the statement has it");
	for (size_t i = 0; i < v->sure; i++) {
		struct graph_rows rows = { 0 };
		HM_TRY(graph_ask_rows(a,
				      "SELECT " GRAPH_ROW_COLUMNS " FROM fact "
				      "WHERE fact.object = $1 AND fact.kind = 9 LIMIT $2",
				      STORE_VALUES(store_int(v->nodes.p[i].id),
						   store_int((int64_t)HM_MAX_GRAPH_ROWS)),
				      &rows));
		if (rows.n == HM_MAX_GRAPH_ROWS)
			a->cut = GRAPH_CUT_ROWS;
		for (size_t k = 0; k < rows.n; k++)
			HM_TRY(read_one(a, &rows.p[k], out));
	}
	if (out->n)
		qsort(out->p, out->n, sizeof(*out->p), compare_statements);
	return NULL;
}

/* The node of a link, by its role; .id 0: there is none. */
static struct graph_node linked(const struct graph_said *fact, const char *role)
{
	for (size_t i = 0; i < fact->links_n; i++)
		if (hm_eqz(fact->links[i].role, role))
			return fact->links[i].node;
	return (struct graph_node){ 0 };
}

hm_err graph_statements_affected(struct graph_ask *a, const struct graph_statements *all,
				 struct graph_affected_list *out)
{
	for (size_t i = 0; i < all->n; i++) {
		const struct graph_statement *s = &all->p[i];
		struct graph_node part = linked(&s->fact, "part");
		const struct graph_node *package = part.id ? &part : &s->fact.subject;
		if (hm_eqz(s->status, "AFFECTED") && package->kind == GRAPH_PACKAGE &&
		    s->fact.source->belief != GRAPH_NOT_BELIEVED)
			(void)graph_affected_of(a, out, package);
	}
	return NULL;
}

/* ------------------------------------------------------------------ whom it concerns */

/* Has the purl all of these qualifiers? */
static bool has_all(struct hm_str qualifiers, struct hm_str purl)
{
	while (qualifiers.n) {
		struct hm_str one = hm_cut(&qualifiers, '&'), have = purl;
		bool is_there = false;
		(void)hm_cut(&have, '?');
		while (have.n && !is_there)
			is_there = hm_eq(hm_cut(&have, '&'), one);
		if (!is_there)
			return false;
	}
	return true;
}

/* A purl names what is equal in all that it has. */
static bool names_package(struct hm_cx *cx, const struct graph_node *named,
			  const struct graph_node *package)
{
	struct hm_str a, b, name_a, name_b;
	if (named->id == package->id)
		return true;
	if (named->kind == GRAPH_PACKAGE_NAME)
		return hm_starts(package->key, named->key) &&
		       (package->key.n == named->key.n ||
			hm_is_one_of(package->key.p[named->key.n], "@?#"));
	if (named->kind != GRAPH_PACKAGE || package->kind != GRAPH_PACKAGE ||
	    graph_purl(cx, named->key, &a, &name_a) || graph_purl(cx, package->key, &b, &name_b) ||
	    !hm_eq(name_a, name_b))
		return false;
	struct hm_str version = graph_purl_version(cx, a), rest = a;
	if (version.n && !hm_eq(version, graph_purl_version(cx, b)))
		return false;
	(void)hm_cut(&rest, '?');
	return has_all(rest, b);
}

static bool names_whole(struct hm_cx *cx, const struct graph_node *named,
			const struct graph_exposure *e, const struct graph_whole *whole)
{
	if (named->id == whole->node.id || names_package(cx, named, &whole->node))
		return true;
	for (size_t i = 0; i < whole->artifacts.n; i++)
		if (whole->artifacts.p[i] == named->id)
			return true;
	for (size_t i = 0; i < whole->images.n; i++)
		if (whole->images.p[i].id == named->id)
			return true;
	return e->release.path.n && names_package(cx, named, &e->release.path.p[0]);
}

static bool concerns(struct hm_cx *cx, const struct graph_statement *s,
		     const struct graph_exposure *e, const struct graph_whole *whole)
{
	struct graph_node part = linked(&s->fact, "part"), of = linked(&s->fact, "whole");
	const struct graph_node *subject = &s->fact.subject, *package = &e->release.package;
	if (part.id)
		return names_package(cx, &part, package) && names_whole(cx, subject, e, whole);
	if (of.id)
		return names_package(cx, subject, package) && names_whole(cx, &of, e, whole);
	return names_package(cx, subject, package) || names_whole(cx, subject, e, whole);
}

/* Files are their owner's choice. What somebody has put beside an image hides nothing until the
 * trust policy believes who signed it. */
static bool may_say_no(const struct graph_said *said, bool is_believed)
{
	return is_believed || (said->source->belief == GRAPH_NOT_ASKED &&
			       !graph_is_found(said->source->collector));
}

/* By the trust policy, and for this release: not for one of another repository. */
static bool is_believed_for(struct hm_cx *cx, const struct graph_statement *s,
			    const struct graph_whole *whole, const struct graph_exposure *e)
{
	return s->fact.source->belief == GRAPH_BELIEVED &&
	       graph_scope_has(cx, s->fact.source, whole, e->release.source);
}

/* The latest decides of those that are not disbelieved. Where some are believed, one of them must
 * say so, too: what nobody was asked about hides nothing that a believed one says. */
void graph_statements_judge(struct hm_cx *cx, const struct graph_statements *all,
			    const struct graph_whole *whole, struct graph_exposure *out)
{
	bool is_no = false, has_believed = false, believed_no = false;
	size_t at = SIZE_MAX;
	for (size_t i = 0; i < all->n; i++) {
		const struct graph_statement *s = &all->p[i];
		if (!concerns(cx, s, out, whole))
			continue;
		*hm_push(cx, &out->vex) =
			(struct graph_judgement){ .fact = s->fact, .status = s->status };
		bool is_believed = is_believed_for(cx, s, whole, out);
		if (s->fact.source->belief == GRAPH_NOT_BELIEVED || s->is_partial ||
		    (says_no(s) && !may_say_no(&s->fact, is_believed)))
			continue;
		if (at == SIZE_MAX) {
			at = out->vex.n - 1;
			is_no = says_no(s);
		}
		if (is_believed && !has_believed) {
			has_believed = true;
			believed_no = says_no(s);
		}
	}
	out->is_suppressed = is_no && (!has_believed || believed_no);
	if (out->is_suppressed)
		out->vex.p[at].suppresses = true;
}
