/* SPDX-License-Identifier: Apache-2.0 */
/* What runs without proof; and what much depends on. */
#include "graph/questions/sbom.h"
#include "graph/questions/scope.h"

enum { FREQUENT = 50, MORE = 4 };

/* ------------------------------------------------------------------ what runs unproven */

/* Nobody was asked about the document: then the fact itself must say so. */
static bool is_verified(struct hm_cx *cx, const struct graph_said *said,
			const struct graph_pods *pods)
{
	struct json detail = { NULL };
	if (said->detail.n && json_parse(cx, said->detail, JSON_PLAIN, &detail))
		return false;
	struct json verified = json_get(detail, "verified");
	if (json_is_bool(verified) && !json_bool(verified))
		return false;
	/* a signer is believed for a repository, and nobody for what runs from another */
	return (said->source->belief == GRAPH_BELIEVED &&
		graph_scope_has_pods(cx, said->source, pods)) ||
	       (said->source->belief == GRAPH_NOT_ASKED && json_bool(verified));
}

/* The best signature: one in a document that is believed, or whose detail says so. */
static hm_err find_signature(struct graph_ask *a, const struct graph_node *artifact,
			     struct graph_unproof *u, bool *out_believed)
{
	_Static_assert(GRAPH_SIGNED_BY == 18, "as the statement has it");
	struct graph_rows rows = { 0 };
	*out_believed = false;
	HM_TRY(graph_ask_rows(a,
			      "SELECT " GRAPH_ROW_COLUMNS " FROM fact WHERE fact.subject = $1 "
			      "AND fact.kind = 18 ORDER BY fact.id DESC LIMIT 100",
			      STORE_VALUES(store_int(artifact->id)), &rows));
	for (size_t i = 0; i < rows.n && !*out_believed; i++) {
		struct graph_said said;
		HM_TRY(graph_ask_said(a, &rows.p[i], &said));
		*out_believed = is_verified(a->cx, &said, &u->pods);
		if (!u->signature.id || *out_believed)
			u->signature = said;
	}
	return NULL;
}

/* The newest of those that are not disbelieved; else the newest. */
static hm_err choose_newest(struct graph_ask *a, const struct graph_numbers *documents,
			    const struct graph_witness **best)
{
	for (size_t i = 0; i < documents->n; i++) {
		const struct graph_witness *one;
		HM_TRY(graph_ask_witness(a, documents->p[i], &one));
		bool good = one->belief != GRAPH_NOT_BELIEVED;
		bool was_good = *best && (*best)->belief != GRAPH_NOT_BELIEVED;
		if (!*best || (good != was_good ? good : one->id > (*best)->id))
			*best = one;
	}
	return NULL;
}

/* A document that says what vulnerabilities there are, and is about the thing. */
static hm_err find_report(struct graph_ask *a, const struct graph_nodes *things,
			  const struct graph_witness **out)
{
	_Static_assert(GRAPH_CERTIFY_VULN == 8 && GRAPH_REFERS_TO == 23,
		       "as the statements have them");
	for (size_t i = 0; i < things->n; i++) {
		struct graph_numbers documents = { 0 };
		int64_t id = things->p[i].id;
		HM_TRY(graph_ask_numbers(
			a,
			"SELECT DISTINCT fact.document FROM fact WHERE (fact.object = $1 OR "
			"fact.subject = $1) AND EXISTS (SELECT 1 FROM fact AS vuln WHERE "
			"vuln.document = fact.document AND vuln.kind = 8)",
			STORE_VALUES(store_int(id)), &documents));
		HM_TRY(graph_ask_numbers(
			a,
			"SELECT document.id FROM fact JOIN node ON node.id = fact.subject "
			"JOIN document ON document.digest = node.key WHERE fact.object = $1 "
			"AND fact.kind = 23 AND EXISTS (SELECT 1 FROM fact AS vuln WHERE "
			"vuln.document = document.id AND vuln.kind = 8)",
			STORE_VALUES(store_int(id)), &documents));
		HM_TRY(choose_newest(a, &documents, out));
	}
	return NULL;
}

/* What the gate said last of it, or of an index that it is a part of: a cluster runs one platform
 * of what was asked for. */
static hm_err find_decision(struct graph_ask *a, struct graph_unproof *u)
{
	_Static_assert(GRAPH_PART_OF == 25, "as the statement has it");
	struct graph_numbers nodes = { 0 };
	struct graph_decisions all = { 0 };
	HM_TRY(graph_ask_numbers(
		a, "SELECT object FROM fact WHERE subject = $1 AND kind = 25 LIMIT 100",
		STORE_VALUES(store_int(u->artifact.id)), &nodes));
	*hm_push(a->cx, &nodes) = u->artifact.id;
	for (size_t i = 0; i < nodes.n; i++)
		HM_TRY(graph_ask_decisions(a, nodes.p[i], 1, &all));
	for (size_t i = 1; i < all.n; i++)
		if (all.p[i].last > all.p[0].last)
			all.p[0] = all.p[i];
	all.n = all.n ? 1 : 0;
	u->decisions = all;
	if (all.n && !all.p[0].allowed)
		*hm_push(a->cx, &u->missing) = HM_STR("admission");
	return NULL;
}

static hm_err judge(struct graph_ask *a, struct graph_unproof *u, int64_t old)
{
	struct graph_nodes things = { 0 };
	struct graph_node subject;
	int64_t sbom;
	bool is_believed;
	*hm_push(a->cx, &things) = u->artifact;
	HM_TRY(graph_same_things(a, &things));
	HM_TRY(graph_newest_sbom(a, &things, &subject, &sbom));
	if (sbom)
		HM_TRY(graph_ask_witness(a, sbom, &u->sbom));
	if (!u->sbom)
		*hm_push(a->cx, &u->missing) = HM_STR("SBOM");
	else if (u->sbom->belief == GRAPH_NOT_BELIEVED)
		*hm_push(a->cx, &u->missing) = HM_STR("believed SBOM");
	HM_TRY(find_signature(a, &u->artifact, u, &is_believed));
	if (!u->signature.id)
		*hm_push(a->cx, &u->missing) = HM_STR("signature");
	else if (!is_believed)
		*hm_push(a->cx, &u->missing) = HM_STR("believed signature");
	HM_TRY(find_report(a, &things, &u->report));
	if (!u->report)
		*hm_push(a->cx, &u->missing) = HM_STR("report");
	else if (u->report->belief == GRAPH_NOT_BELIEVED)
		*hm_push(a->cx, &u->missing) = HM_STR("believed report");
	else if (u->report->taken < hm_now() - old)
		*hm_push(a->cx, &u->missing) = HM_STR("new report");
	return find_decision(a, u);
}

hm_err graph_unproven(struct hm_cx *cx, struct graph *g, int64_t old,
		      const struct graph_limits *limits, struct graph_unproven *out)
{
	GRAPH_AUTO_ASK a;
	struct graph_numbers artifacts = { 0 };
	struct graph_unproven found = { 0 };
	HM_TRY(graph_ask_begin(cx, g, limits, &a));
	HM_TRY(graph_ask_numbers(
		&a, "SELECT DISTINCT artifact FROM pod WHERE gone = 0 AND artifact <> 0",
		STORE_NO_VALUES, &artifacts));
	for (size_t i = 0; i < artifacts.n && graph_ask_goes_on(&a); i++) {
		struct graph_unproof u = { 0 };
		HM_TRY(graph_ask_node(&a, artifacts.p[i], &u.artifact));
		HM_TRY(graph_ask_pods(&a, u.artifact.id, &u.pods));
		HM_TRY(judge(&a, &u, old));
		if (!u.missing.n) {
			found.proven++;
			continue;
		}
		if (found.n >= a.rows) {
			a.cut = GRAPH_CUT_ROWS;
			break;
		}
		*hm_push(cx, &found) = u;
	}
	found.cut = a.cut;
	*out = found;
	return NULL;
}

/* ------------------------------------------------------------------ frequency */

static hm_err keep_frequent(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	struct graph_frequency *f = arg;
	*hm_push(cx, f) = (struct graph_frequent){ .package.id = row[0].number,
						   .facts = (uint64_t)row[1].number };
	return NULL;
}

static int compare_frequent(const void *a, const void *b)
{
	const struct graph_frequent *x = a, *y = b;
	if (x->documents != y->documents)
		return x->documents > y->documents ? -1 : 1;
	if (x->facts != y->facts)
		return x->facts > y->facts ? -1 : 1;
	return hm_cmp(x->package.key, y->package.key);
}

static hm_err add_evidence(struct graph_ask *a, struct graph_frequency *f)
{
	for (size_t i = 0; i < f->n && graph_ask_goes_on(a); i++)
		HM_TRY(graph_ask_some(a,
				      "SELECT " GRAPH_ROW_COLUMNS
				      " FROM fact WHERE fact.id IN (SELECT MIN(id) FROM fact WHERE "
				      "object = $1 AND kind = 1 GROUP BY document ORDER BY MIN(id) "
				      "DESC LIMIT 3) ORDER BY fact.id DESC",
				      STORE_VALUES(store_int(f->p[i].package.id)), &f->p[i].said));
	return NULL;
}

hm_err graph_frequency(struct hm_cx *cx, struct graph *g, const struct graph_asked *asked,
		       struct graph_frequency *out)
{
	_Static_assert(GRAPH_IS_DEPENDENCY == 1, "as the statements have it");
	GRAPH_AUTO_ASK a;
	struct graph_frequency found = { 0 };
	HM_TRY(graph_ask_begin(cx, g, asked ? &asked->limits : NULL, &a));
	if (!asked || !asked->limits.rows)
		a.rows = FREQUENT;
	HM_TRY(graph_ask_run(&a,
			     "SELECT object, COUNT(*) FROM fact WHERE kind = 1 AND object <> 0 "
			     "GROUP BY object ORDER BY COUNT(*) DESC, object LIMIT $1",
			     STORE_VALUES(store_int((int64_t)a.rows * MORE)), keep_frequent,
			     &found));
	for (size_t i = 0; i < found.n && graph_ask_goes_on(&a); i++) {
		int64_t documents;
		HM_TRY(graph_ask_node(&a, found.p[i].package.id, &found.p[i].package));
		HM_TRY(graph_ask_number(
			&a,
			"SELECT COUNT(DISTINCT document) FROM fact WHERE object = $1 AND kind = 1",
			STORE_VALUES(store_int(found.p[i].package.id)), &documents));
		found.p[i].documents = (uint64_t)documents;
	}
	if (found.n)
		qsort(found.p, found.n, sizeof(*found.p), compare_frequent);
	if (found.n > a.rows) {
		found.n = a.rows;
		a.cut = GRAPH_CUT_ROWS;
	}
	if (asked && asked->explain)
		HM_TRY(add_evidence(&a, &found));
	found.cut = a.cut;
	*out = found;
	return NULL;
}
