/* SPDX-License-Identifier: Apache-2.0 */
/* The table of /api/v1: what can be asked, and who answers it. */
#include "cli/service_graph.h"

#include "cli/graph_question.h"

/* ------------------------------------------------------------------ answers */

static hm_err run_documents(struct hm_cx *cx, const struct api_call *c, struct json_out *o)
{
	struct graph_documents all = { 0 };
	uint64_t limit = cli_graph_api_count(c, "limit", 100);
	if (limit > HM_MAX_GRAPH_ROWS)
		limit = HM_MAX_GRAPH_ROWS;
	HM_TRY(graph_documents(cx, c->service->graph, (int64_t)cli_graph_api_count(c, "after", 0),
			       (size_t)limit, &all));
	json_putz(o, "schema", "hullmark.graph-documents/1");
	json_put_bool(o, "cut", all.is_cut);
	json_open(o, "documents", '[');
	for (size_t i = 0; i < all.n; i++) {
		json_open(o, NULL, '{');
		cli_graph_put_document(cx, &all.p[i], o);
		json_close(o, '}');
	}
	json_close(o, ']');
	return NULL;
}

static hm_err run_document(struct hm_cx *cx, const struct api_call *c, struct json_out *o)
{
	struct graph_document d;
	HM_TRY(graph_document_find(cx, c->service->graph, cli_graph_api_text(c, "digest"), &d));
	json_putz(o, "schema", "hullmark.graph-document/1");
	cli_graph_put_document(cx, &d, o);
	return NULL;
}

/* ------------------------------------------------------------------ nouns */

static void put_answer(struct hm_cx *cx, const struct cli_answer *answer, const void *data,
		       struct json_out *o)
{
	json_putz(o, "schema", answer->schema);
	answer->describe(cx, data, o);
}

static hm_err run_dashboard(struct hm_cx *cx, const struct api_call *c, struct json_out *o)
{
	struct graph_dashboard d;
	HM_TRY(graph_dashboard(cx, c->service->graph, hm_now(), &d));
	put_answer(cx, &cli_graph_dashboard_answer, &d, o);
	return NULL;
}

static hm_err run_node(struct hm_cx *cx, const struct api_call *c, struct json_out *o)
{
	struct graph_view view;
	HM_TRY(graph_view(cx, c->service->graph, (int64_t)cli_graph_api_count(c, "id", 0), NULL,
			  &view));
	put_answer(cx, &cli_graph_node_answer, &view, o);
	return NULL;
}

/* Of those that the key may mean the one that is spelt so, or else the first. */
static hm_err run_named(struct hm_cx *cx, const struct api_call *c, struct json_out *o)
{
	struct hm_str key = cli_graph_api_text(c, "key"), kind = cli_graph_api_text(c, "kind");
	struct graph_nodes nodes = { 0 };
	struct graph_view view;
	uint64_t kinds = 0;
	size_t best = 0;
	for (unsigned i = 1; kind.n && i < GRAPH_NOUN_KINDS; i++)
		if (hm_eqz(kind, graph_noun_names[i]))
			kinds = UINT64_C(1) << i;
	if (kind.n && !kinds)
		return hm_fail(cx, HM_INPUT, "there is no kind of node \"%.*s\"", HM_FMT(kind));
	HM_TRY(graph_resolve(cx, c->service->graph, key, kinds, &nodes));
	for (size_t i = nodes.n; i > 0; i--)
		if (hm_eq(nodes.p[i - 1].key, key))
			best = i - 1;
	HM_TRY(graph_view(cx, c->service->graph, nodes.p[best].id, NULL, &view));
	put_answer(cx, &cli_graph_node_answer, &view, o);
	return NULL;
}

static hm_err run_neighbours(struct hm_cx *cx, const struct api_call *c, struct json_out *o)
{
	struct graph_page page = { .after = (int64_t)cli_graph_api_count(c, "after", 0),
				   .limit = cli_graph_api_count(c, "limit", 100) };
	struct hm_str kind = cli_graph_api_text(c, "kind");
	struct graph_neighbours around;
	for (int i = 1; kind.n && i < GRAPH_FACT_KINDS; i++)
		if (hm_eqz(kind, graph_fact_names[i]))
			page.kind = (enum graph_fact_kind)i;
	if (kind.n && !page.kind)
		return hm_fail(cx, HM_INPUT, "there is no kind of fact \"%.*s\"", HM_FMT(kind));
	HM_TRY(graph_neighbours(cx, c->service->graph, (int64_t)cli_graph_api_count(c, "id", 0),
				&page, &around));
	put_answer(cx, &cli_graph_neighbours_answer, &around, o);
	return NULL;
}

/* ------------------------------------------------------------------ the table */

#define LIMIT                                                     \
	{                                                         \
		"limit", API_COUNT, false, "how many at the most" \
	}
#define AFTER                                                      \
	{                                                          \
		"after", API_ID, false, "those behind this number" \
	}
#define ID                                                 \
	{                                                  \
		"id", API_ID, true, "the number of a node" \
	}
#define FORMAT                                                                        \
	{                                                                             \
		"format", API_FORMAT, false, "json, or text as the command writes it" \
	}
#define TIMEOUT                                                  \
	{                                                        \
		"timeout", API_TEXT, false, "look no longer: 5s" \
	}
#define RUNNING                                                                 \
	{                                                                       \
		"running", API_SWITCH, false, "only what runs in a cluster now" \
	}
#define DEPTH                                                              \
	{                                                                  \
		"depth", API_COUNT, false, "no farther than so many steps" \
	}
#define EXPLAIN                                                                       \
	{                                                                             \
		"explain", API_SWITCH, false, "with who says so, and who signed that" \
	}
#define QUESTION(path, name, help, parameters, schema, ask)                                 \
	{                                                                                   \
		"GET", path, name, help, parameters, schema, cli_graph_api_question, false, \
			&cli_graph_ask_##ask                                                \
	}
#define END                                 \
	{                                   \
		NULL, API_TEXT, false, NULL \
	}
#define LIST(...)                              \
	(const struct api_parameter[])         \
	{                                      \
		__VA_ARGS__ __VA_OPT__(, ) END \
	}

const struct api_row cli_graph_api[] = {
	{ "GET", "openapi.json", "openapi", "this description", LIST(), "OpenAPI",
	  cli_graph_openapi, false },
	QUESTION("stats", "stats", "how much the graph has of each kind", LIST(FORMAT), "Stats",
		 stats),
	{ "GET", "documents", "documents", "documents, in the order in which they came",
	  LIST(LIMIT, AFTER), "Documents", run_documents, false },
	{ "POST", "documents", "take", "take a document into the graph; needs a token",
	  LIST({ "origin", API_TEXT, false, "where it is from" }), "Taken", cli_graph_post, true,
	  NULL, "the document" },
	{ "GET", "documents/{digest}", "document", "one document",
	  LIST({ "digest", API_TEXT, true, "of its bytes: sha256:HEX" }), "Document", run_document,
	  false },
	{ "GET", "dashboard", "dashboard", "what needs somebody", LIST(), "Dashboard",
	  run_dashboard, false },
	QUESTION("search", "search", "things by words of their names",
		 LIST({ "q", API_TEXT, true, "words, or how they begin" }, LIMIT, FORMAT), "Found",
		 search),
	QUESTION("show", "show", "what is known of all that a name may mean",
		 LIST({ "name", API_TEXT, true,
			"a purl, a digest, the id of a vulnerability, ..." },
		      LIMIT, FORMAT),
		 "Show", show),
	{ "GET", "nodes/{id}", "node", "what is known of one thing", LIST(ID), "Node", run_node,
	  false },
	{ "GET", "nodes/{id}/neighbours", "neighbours", "what documents say of one thing",
	  LIST(ID, { "kind", API_TEXT, false, "only facts of this kind" }, LIMIT, AFTER),
	  "Neighbours", run_neighbours, false },
	{ "GET", "node", "named", "what is known of one thing, by its name",
	  LIST({ "key", API_TEXT, true, "a purl, a digest, the id of a vulnerability, ..." },
	       { "kind", API_TEXT, false, "a kind of node, as stats names it" }),
	  "Node", run_named, false },
	{ "GET", "events", "events",
	  "what is new, as server-sent events; the last one's number comes as Last-Event-ID",
	  LIST(AFTER), NULL, cli_graph_events, false },
	QUESTION("contains", "contains", "which releases contain a package",
		 LIST({ "package", API_TEXT, true, "a purl, with a version or a range behind '@'" },
		      RUNNING, LIMIT, EXPLAIN, TIMEOUT, FORMAT),
		 "Contains", contains),
	QUESTION("exposed", "exposed", "which releases are exposed to a vulnerability",
		 LIST({ "vulnerability", API_TEXT, true, "its id" }, RUNNING, LIMIT, EXPLAIN,
		      TIMEOUT, FORMAT),
		 "Exposed", exposed),
	QUESTION("dependents", "dependents", "what depends on a package",
		 LIST({ "package", API_TEXT, true, "a purl" }, DEPTH, LIMIT, EXPLAIN, TIMEOUT,
		      FORMAT),
		 "Dependents", dependents),
	QUESTION("path", "path", "a shortest way from one thing to another",
		 LIST({ "from", API_TEXT, true, "any name" }, { "to", API_TEXT, true, "any name" },
		      DEPTH, TIMEOUT, FORMAT),
		 "Path", path),
	QUESTION("radius", "radius", "all that a thing is a part of",
		 LIST({ "node", API_TEXT, true, "a package, key, builder, commit, ..." }, DEPTH,
		      LIMIT, EXPLAIN, TIMEOUT, FORMAT),
		 "Radius", radius),
	QUESTION("diff", "diff", "what one release has that another has not",
		 LIST({ "a", API_TEXT, true, "a release" }, { "b", API_TEXT, true, "a release" },
		      LIMIT, EXPLAIN, TIMEOUT, FORMAT),
		 "Diff", diff),
	QUESTION("plan", "plan", "in which order releases are rebuilt to be rid of a vulnerability",
		 LIST({ "vulnerability", API_TEXT, true, "its id" }, LIMIT, EXPLAIN, TIMEOUT,
		      FORMAT),
		 "Plan", plan),
	QUESTION("signed-by", "signedBy", "what an identity has signed",
		 LIST({ "identity", API_TEXT, true,
			"a key, a certificate's name, an OIDC subject" },
		      LIMIT, EXPLAIN, TIMEOUT, FORMAT),
		 "SignedBy", signed_by),
	QUESTION("built-by", "builtBy", "what a builder has built",
		 LIST({ "builder", API_TEXT, true, "its id" },
		      { "commit", API_TEXT, false, "only of what was made of this commit" }, LIMIT,
		      EXPLAIN, TIMEOUT, FORMAT),
		 "BuiltBy", built_by),
	QUESTION("unproven", "unproven", "what runs without SBOM, signature or recent report",
		 LIST({ "older", API_TEXT, false, "a report that is older is old: 720h" }, LIMIT,
		      EXPLAIN, TIMEOUT, FORMAT),
		 "Unproven", unproven),
	QUESTION("expiring", "expiring",
		 "what hangs on certificates that end soon, have ended, or are revoked",
		 LIST({ "within", API_TEXT, false, "those that end within that: 720h" }, LIMIT,
		      EXPLAIN, TIMEOUT, FORMAT),
		 "Expiring", expiring),
	{ "POST", "revoked", "revoked",
	  "what hangs on the certificates that a revocation list names",
	  LIST(LIMIT, EXPLAIN, TIMEOUT, FORMAT), "Revoked", cli_graph_api_question, false,
	  &cli_graph_ask_revoked,
	  "a revocation list (RFC 5280) in DER or PEM, which a certificate of the service's trust "
	  "stores has issued; or in PEM with certificates in PEM behind it, of which one has" },
	QUESTION("licences", "licences", "licences of a release, or what has a licence",
		 LIST({ "name", API_TEXT, true, "a release, or a licence" }, LIMIT, EXPLAIN,
		      TIMEOUT, FORMAT),
		 "Licences", licences),
	QUESTION("frequent", "frequent", "packages by how many depend on them",
		 LIST(LIMIT, EXPLAIN, TIMEOUT, FORMAT), "Frequent", frequent),
	{ 0 },
};
