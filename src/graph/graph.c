/* SPDX-License-Identifier: Apache-2.0 */
/* A graph on disk: opened and counted. */
#include "graph/graph.h"

#include "base/file.h"
#include "graph/questions/kept.h"
#include "graph/questions/seen.h"

enum {
	CONNECTIONS = 8,
	CACHE = 16 * 1024, /* KiB */
	KEPT = 6000000,    /* numbers: 48 MB */
	SEEN = 16 * HM_MIB,
};

/* Each is run once in the life of a graph: what changes comes at the end. */
const char *const graph_schema[] = {
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
	"CREATE TABLE link (fact BIGINT NOT NULL, role BIGINT NOT NULL, node BIGINT NOT NULL, "
	"PRIMARY KEY (fact, role, node)) /*! WITHOUT ROWID */",
	"CREATE INDEX link_node ON link (node)",
	"CREATE TABLE word (word TEXT NOT NULL, node BIGINT NOT NULL, PRIMARY KEY (word, node)) "
	"/*! WITHOUT ROWID */",
	"CREATE TABLE pod (id BIGINT NOT NULL PRIMARY KEY, cluster TEXT NOT NULL, "
	"uid TEXT NOT NULL, container TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL, "
	"owner TEXT NOT NULL, image TEXT NOT NULL, artifact BIGINT NOT NULL, host TEXT NOT NULL, "
	"since BIGINT NOT NULL, gone BIGINT NOT NULL, UNIQUE (cluster, uid, container))",
	"CREATE INDEX pod_artifact ON pod (artifact, gone)",
	"CREATE TABLE state (name TEXT NOT NULL PRIMARY KEY, value BIGINT NOT NULL)",
	"INSERT INTO state (name, value) VALUES ('epoch', 0)",
	"CREATE TABLE tally (noun BIGINT NOT NULL, kind BIGINT NOT NULL, n BIGINT NOT NULL, "
	"PRIMARY KEY (noun, kind)) /*! WITHOUT ROWID */",
	"INSERT INTO tally (noun, kind, n) SELECT 1, kind, COUNT(*) FROM node GROUP BY kind",
	"INSERT INTO tally (noun, kind, n) SELECT 0, kind, COUNT(*) FROM fact GROUP BY kind",
	/* facts are many, and small: SQLite keeps them packed */
	"/*! ALTER TABLE fact RENAME TO fact_old */",
	"/*! ALTER TABLE link RENAME TO link_old */",
	"/*! CREATE VIRTUAL TABLE fact USING packed(id, kind, subject INDEXED, object INDEXED, "
	"detail, document INDEXED GROUPED) */",
	"/*! CREATE VIRTUAL TABLE link USING packed(fact, role, node INDEXED) */",
	"/*! INSERT INTO fact (id, kind, subject, object, detail, document) "
	"SELECT id, kind, subject, object, detail, document FROM fact_old ORDER BY id */",
	"/*! INSERT INTO link (fact, role, node) "
	"SELECT fact, role, node FROM link_old ORDER BY fact, role, node */",
	"/*! DROP TABLE fact_old */",
	"/*! DROP TABLE link_old */",
	"CREATE TABLE decision (document BIGINT NOT NULL PRIMARY KEY, subject BIGINT NOT NULL, "
	"policy BIGINT NOT NULL, began BIGINT NOT NULL, ended BIGINT NOT NULL, times BIGINT NOT NULL)",
	"CREATE INDEX decision_subject ON decision (subject, ended)",
	"CREATE INDEX decision_ended ON decision (ended, document)",
	"INSERT INTO state (name, value) VALUES ('renewed', 0)",
	"INSERT INTO state (name, value) VALUES ('unindexed', 0)",
	/* what thousands of facts say of one package is read from neighbouring pages */
	"/*server*/ CREATE INDEX fact_depends ON fact (object, id) "
	"INCLUDE (subject, detail, document) WHERE kind = 1",
	NULL,
};

bool graph_is_database(const char *where)
{
	struct hm_str text = hm_cstr(where);
	return hm_starts(text, HM_STR("postgresql://")) || hm_starts(text, HM_STR("postgres://"));
}

hm_err graph_open(struct hm_cx *cx, const char *where, struct graph **out)
{
	struct graph *g = hm_new(cx, struct graph, 1);
	struct store_config config = { .backend = &store_postgresql,
				       .where = where,
				       .schema = graph_schema,
				       .connections = CONNECTIONS,
				       .cache = CACHE,
				       .keeps_room = true };
	if (!graph_is_database(where)) {
		config.backend = &store_sqlite;
		config.where = hm_path(cx, where, "graph.db");
		HM_TRY(hm_mkdirs_flushed(cx, where, 0700));
	}
	HM_TRY(store_open(cx, &config, &g->tables));
	graph_known_init(&g->known);
	g->decisions_most = GRAPH_DECISIONS_OF_ALL;
	g->kept = graph_kept_new(KEPT);
	g->seen = graph_seen_new(SEEN);
	/* without them answers are as good */
	hm_err err = graph_indexes_make(cx, g);
	if (err)
		hm_log(cx, HM_LOG_WARN, "the graph lacks indexes: answers take long", "why",
		       err->why, NULL);
	*out = g;
	return NULL;
}

void graph_close(struct graph *g)
{
	if (!g)
		return;
	store_close(g->tables);
	graph_known_done(&g->known);
	graph_kept_free(g->kept);
	graph_seen_free(g->seen);
}

hm_err graph_backup(struct hm_cx *cx, struct graph *g, const char *to)
{
	return store_backup(cx, g->tables, to);
}

hm_err graph_restore(struct hm_cx *cx, struct graph *g, const char *from)
{
	/* whoever knows nouns of before must not use their numbers */
	return store_restore(cx, g->tables, from,
			     "UPDATE state SET value = random() WHERE name = 'epoch'");
}

/* ------------------------------------------------------------------ counts */

/* noun, kind, n */
static hm_err count_row(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	struct graph_stats *out = arg;
	bool is_noun = row[0].number != 0;
	int64_t kind = row[1].number, most = is_noun ? GRAPH_NOUN_KINDS : GRAPH_FACT_KINDS;
	(void)cx;
	if (kind > 0 && kind < most)
		(is_noun ? out->nouns : out->facts)[kind] = (uint64_t)row[2].number;
	return NULL;
}

hm_err graph_stats(struct hm_cx *cx, struct graph *g, struct graph_stats *out)
{
	STORE_AUTO_USE use = NULL;
	struct graph_stats found = { 0 };
	int64_t documents = 0;
	HM_TRY(store_begin(cx, g->tables, STORE_READ, &use));
	HM_TRY(store_run(cx, use, "SELECT noun, kind, n FROM tally", STORE_NO_VALUES, count_row,
			 &found));
	HM_TRY(store_run(cx, use, "SELECT COUNT(*) FROM document", STORE_NO_VALUES,
			 graph_one_number, &documents));
	found.documents = (uint64_t)documents;
	*out = found;
	return NULL;
}
