/* SPDX-License-Identifier: Apache-2.0 */
/* A graph on disk: opened, counted, and what comes in. */
#include "graph/graph.h"

#include "base/file.h"
#include "base/worker.h"
#include "crypto/crypto.h"
#include "graph/room.h"

enum { CONNECTIONS = 8 };

static const char *const schema[] = {
	"CREATE TABLE document (id BIGINT NOT NULL PRIMARY KEY, digest TEXT NOT NULL UNIQUE, "
	"format TEXT NOT NULL, origin TEXT NOT NULL, collector TEXT NOT NULL, "
	"taken BIGINT NOT NULL, size BIGINT NOT NULL, signer BIGINT NOT NULL, "
	"belief BIGINT NOT NULL)",
	"CREATE TABLE node (id BIGINT NOT NULL PRIMARY KEY, kind BIGINT NOT NULL, "
	"hash BIGINT NOT NULL, parent BIGINT NOT NULL, key TEXT NOT NULL)",
	"CREATE INDEX node_hash ON node (hash)",
	"CREATE INDEX node_parent ON node (parent) WHERE parent <> 0",
	"CREATE TABLE fact (id BIGINT NOT NULL PRIMARY KEY, kind BIGINT NOT NULL, "
	"subject BIGINT NOT NULL, object BIGINT NOT NULL, detail BIGINT NOT NULL, "
	"document BIGINT NOT NULL)",
	"CREATE INDEX fact_subject ON fact (subject, kind)",
	"CREATE INDEX fact_object ON fact (object, kind)",
	"CREATE INDEX fact_document ON fact (document, kind)",
	"CREATE TABLE link (fact BIGINT NOT NULL, role BIGINT NOT NULL, node BIGINT NOT NULL)",
	"CREATE INDEX link_fact ON link (fact)",
	"CREATE INDEX link_node ON link (node)",
	"CREATE TABLE word (word TEXT NOT NULL, node BIGINT NOT NULL, PRIMARY KEY (word, node))",
	"CREATE TABLE pod (id BIGINT NOT NULL PRIMARY KEY, cluster TEXT NOT NULL, "
	"uid TEXT NOT NULL, container TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL, "
	"owner TEXT NOT NULL, image TEXT NOT NULL, artifact BIGINT NOT NULL, host TEXT NOT NULL, "
	"since BIGINT NOT NULL, gone BIGINT NOT NULL, UNIQUE (cluster, uid, container))",
	"CREATE INDEX pod_artifact ON pod (artifact, gone)",
	NULL,
};

hm_err graph_open(struct hm_cx *cx, const char *folder, struct graph **out)
{
	struct graph *g = hm_new(cx, struct graph, 1);
	struct store_config config = { .backend = &store_sqlite,
				       .where = hm_path(cx, folder, "graph.db"),
				       .schema = schema,
				       .connections = CONNECTIONS };
	HM_TRY(hm_mkdirs_flushed(cx, folder, 0700));
	HM_TRY(store_open(cx, &config, &g->tables));
	*out = g;
	return NULL;
}

void graph_close(struct graph *g)
{
	if (g)
		store_close(g->tables);
}

/* ------------------------------------------------------------------ counts */

static hm_err count_row(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	uint64_t *counts = arg;
	(void)cx;
	if (row[0].number > 0 && row[0].number < 64)
		counts[row[0].number] = (uint64_t)row[1].number;
	return NULL;
}

hm_err graph_stats(struct hm_cx *cx, struct graph *g, struct graph_stats *out)
{
	STORE_AUTO_USE use = NULL;
	uint64_t nouns[64] = { 0 }, facts[64] = { 0 };
	int64_t documents = 0;
	HM_TRY(store_begin(cx, g->tables, STORE_READ, &use));
	HM_TRY(store_run(cx, use, "SELECT kind, COUNT(*) FROM node GROUP BY kind", STORE_NO_VALUES,
			 count_row, nouns));
	HM_TRY(store_run(cx, use, "SELECT kind, COUNT(*) FROM fact GROUP BY kind", STORE_NO_VALUES,
			 count_row, facts));
	HM_TRY(store_run(cx, use, "SELECT COUNT(*) FROM document", STORE_NO_VALUES,
			 graph_one_number, &documents));
	*out = (struct graph_stats){ .documents = (uint64_t)documents };
	memcpy(out->nouns, nouns, sizeof(out->nouns));
	memcpy(out->facts, facts, sizeof(out->facts));
	return NULL;
}

/* ------------------------------------------------------------------ what comes in */

static hm_err is_there(struct hm_cx *cx, struct graph *g, struct hm_str digest, bool *out)
{
	STORE_AUTO_USE use = NULL;
	int64_t id = 0;
	HM_TRY(store_begin(cx, g->tables, STORE_READ, &use));
	HM_TRY(store_run(cx, use, "SELECT id FROM document WHERE digest = $1",
			 STORE_VALUES(store_text(digest)), graph_one_number, &id));
	*out = id != 0;
	return NULL;
}

hm_err graph_take(struct hm_cx *cx, struct graph *g, struct hm_str bytes,
		  const struct graph_source *from, struct graph_taken *out)
{
	struct graph_doc d = { 0 };
	struct hm_str answer;
	*out = (struct graph_taken){ .digest = crypto_digest_text(cx, CRYPTO_SHA256, bytes),
				     .size = bytes.n };
	HM_TRY(is_there(cx, g, out->digest, &out->was_there));
	if (out->was_there)
		return NULL;
	HM_TRY(hm_worker_run(cx, GRAPH_DOCUMENT_JOB, out->digest, bytes, &answer));
	HM_TRY(graph_doc_read(cx, answer, &d));
	out->format = d.format;
	out->nouns = d.nouns.n;
	out->facts = d.facts.n;
	return graph_write(cx, g, &d, from, out);
}
