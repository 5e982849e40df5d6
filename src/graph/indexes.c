/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Indexes of a database into which much comes at first. Each row of theirs costs a server more than
 * the facts themselves; made at once, when the rows are there, they cost a fourth. Until then
 * answers are the same, and take longer.
 */
#include "graph/room.h"

/* Nobody needs these to write: the number of the next fact is kept in the state meanwhile. They
 * come back as indexes, also those that were keys of a table: to make a key of one, whoever reads
 * would have to wait, and be waited for. */
static const char *const drops[] = {
	"ALTER TABLE fact DROP CONSTRAINT IF EXISTS fact_pkey",
	"ALTER TABLE link DROP CONSTRAINT IF EXISTS link_pkey",
	"ALTER TABLE word DROP CONSTRAINT IF EXISTS word_pkey",
	"DROP INDEX IF EXISTS fact_pkey", /* as they were made here */
	"DROP INDEX IF EXISTS link_pkey",
	"DROP INDEX IF EXISTS word_pkey",
	"DROP INDEX IF EXISTS fact_subject",
	"DROP INDEX IF EXISTS fact_object",
	"DROP INDEX IF EXISTS fact_document",
	"DROP INDEX IF EXISTS fact_depends",
	"DROP INDEX IF EXISTS link_node",
	"DROP INDEX IF EXISTS node_parent",
	"UPDATE state SET value = 1 WHERE name = 'unindexed'",
	NULL,
};
static const char *const makes[] = {
	"CREATE UNIQUE INDEX fact_pkey ON fact (id)",
	"CREATE UNIQUE INDEX link_pkey ON link (fact, role, node)",
	"CREATE UNIQUE INDEX word_pkey ON word (word, node)",
	"CREATE INDEX fact_subject ON fact (subject, kind)",
	"CREATE INDEX fact_object ON fact (object, kind)",
	"CREATE INDEX fact_document ON fact (document, kind)",
	/* it may be there, where an older program was killed */
	"CREATE INDEX IF NOT EXISTS fact_depends ON fact (object, id) INCLUDE (subject, detail, document) WHERE kind = 1",
	"CREATE INDEX link_node ON link (node)",
	"CREATE INDEX node_parent ON node (parent) WHERE parent <> 0",
	"UPDATE state SET value = 0 WHERE name = 'unindexed'",
	NULL,
};

static const char select_away[] = "SELECT value FROM state WHERE name = 'unindexed'";

static hm_err run_all(struct hm_cx *cx, struct store_use *use, const char *const *statements)
{
	for (; *statements; statements++)
		HM_TRY(store_run(cx, use, *statements, STORE_NO_VALUES, NULL, NULL));
	return NULL;
}

/* Are they away, and may this role make them? */
static hm_err are_missing(struct hm_cx *cx, struct graph *g, bool *out)
{
	STORE_AUTO_USE use = NULL;
	int64_t away = 0, strange = 0;
	HM_TRY(store_begin(cx, g->tables, STORE_READ, &use));
	HM_TRY(store_run(cx, use, select_away, STORE_NO_VALUES, graph_one_number, &away));
	if (away)
		HM_TRY(store_run(cx, use,
				 "SELECT COUNT(*) FROM pg_class WHERE oid IN ('fact'::regclass, "
				 "'link'::regclass, 'node'::regclass, 'word'::regclass) AND "
				 "NOT pg_has_role(relowner, 'USAGE')",
				 STORE_NO_VALUES, graph_one_number, &strange));
	*out = away && !strange;
	return NULL;
}

hm_err graph_indexes_make(struct hm_cx *cx, struct graph *g)
{
	STORE_AUTO_USE use = NULL;
	bool is_needed = false;
	if (!store_is_server(g->tables))
		return NULL;
	HM_TRY(are_missing(cx, g, &is_needed));
	if (!is_needed)
		return NULL;
	HM_TRY(store_begin(cx, g->tables, STORE_WRITE, &use));
	int64_t away = 0; /* another program may have made them */
	HM_TRY(store_run(cx, use, select_away, STORE_NO_VALUES, graph_one_number, &away));
	if (away)
		HM_TRY(run_all(cx, use, makes));
	return store_commit(cx, use);
}

static hm_err drop(struct hm_cx *cx, struct graph *g)
{
	STORE_AUTO_USE use = NULL;
	int64_t facts = 0;
	HM_TRY(store_begin(cx, g->tables, STORE_WRITE_LAZY, &use));
	HM_TRY(store_run(cx, use, "SELECT COUNT(*) FROM (SELECT id FROM fact LIMIT 1) AS one",
			 STORE_NO_VALUES, graph_one_number, &facts));
	if (facts)
		return NULL;
	/* whoever reads now is not waited for */
	HM_TRY(store_run(cx, use, "SET LOCAL lock_timeout = 1000", STORE_NO_VALUES, NULL, NULL));
	HM_TRY(run_all(cx, use, drops));
	return store_commit(cx, use);
}

void graph_indexes_drop(struct hm_cx *cx, struct graph *g)
{
	HM_AUTO_CX own = hm_cx_child(cx, SIZE_MAX);
	if (store_is_server(g->tables))
		(void)!drop(&own, g);
}
