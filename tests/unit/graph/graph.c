/* SPDX-License-Identifier: Apache-2.0 */
/* A graph on disk: what is written is found. */
#include "graph/graph.h"

#include "graph/room.h"
#include "unit.h"

static struct graph *fresh_graph(struct hm_cx *cx)
{
	static unsigned serial;
	struct graph *g;
	assert_ok(graph_open(cx, hm_path(cx, unit_temp_dir(), hm_fmt(cx, "graph-%u", serial++).p),
			     &g));
	return g;
}

static hm_err join_row(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	struct hm_str *all = arg;
	*all = hm_fmt(cx, "%.*s%s%.*s", HM_FMT(*all), all->n ? " " : "", HM_FMT(row[0].text));
	return NULL;
}

/* The first column, a text, of all rows. */
static struct hm_str ask(struct hm_cx *cx, struct graph *g, const char *sql)
{
	struct hm_str all = { "", 0 };
	STORE_AUTO_USE use = NULL;
	assert_ok(store_begin(cx, g->tables, STORE_READ, &use));
	assert_ok(store_run(cx, use, sql, STORE_NO_VALUES, join_row, &all));
	return all;
}

static void makes_nouns_without_a_document(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct graph *g = fresh_graph(&cx);
	struct store_use *use;
	struct graph_stats stats;
	int64_t package, again, cluster;
	assert_ok(store_begin(&cx, g->tables, STORE_WRITE, &use));
	assert_ok(graph_make(&cx, use, GRAPH_PACKAGE, HM_STR("pkg:NPM/a@1"), &package));
	assert_ok(graph_make(&cx, use, GRAPH_PACKAGE, HM_STR("pkg:npm/a@1"), &again));
	assert_ok(graph_make(&cx, use, GRAPH_CLUSTER, HM_STR("Prod"), &cluster));
	assert_int_equal(package, again);
	assert_int_not_equal(package, cluster);
	assert_fault(graph_make(&cx, use, GRAPH_PACKAGE, HM_STR("a"), &again), HM_INPUT, "no purl");
	assert_fault(graph_make(&cx, use, GRAPH_CLUSTER, HM_STR(""), &again), HM_INPUT,
		     "names nothing");
	assert_ok(store_commit(&cx, use));
	store_end(&use);
	assert_strz(ask(&cx, g, "SELECT key FROM node ORDER BY id"), "pkg:npm/a pkg:npm/a@1 Prod");
	assert_strz(ask(&cx, g, "SELECT word FROM word ORDER BY node, word"), "a npm 1 prod");
	assert_strz(ask(&cx, g,
			"SELECT name.key FROM node JOIN node AS name ON name.id = node.parent "
			"WHERE node.kind = 2"),
		    "pkg:npm/a");
	assert_ok(graph_stats(&cx, g, &stats));
	assert_int_equal(stats.nouns[GRAPH_PACKAGE] + stats.nouns[GRAPH_CLUSTER], 2);
	assert_int_equal(stats.documents, 0);
	graph_close(g);
}

static void keeps_where_a_document_came_from(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct graph *g = fresh_graph(&cx);
	struct graph_parsed p = {
		.doc.format = HM_STR("x"),
		.taken = { .format = HM_STR("x"), .digest = HM_STR("sha256:1") },
		.from = { .origin = HM_STR("r/a@sha256:1"),
			  .collector = HM_STR("registry"),
			  .signer = HM_STR("key:sha256:2"),
			  .belief = GRAPH_BELIEVED },
	};
	struct graph_parsed *twice[] = { &p, &p };
	graph_doc_package(&cx, &p.doc, HM_STR("pkg:npm/a@1"));
	assert_ok(graph_write(&cx, g, twice, 1));
	assert_false(p.taken.was_there);
	assert_strz(ask(&cx, g,
			"SELECT origin || ' ' || collector || ' ' || key || ' ' || belief "
			"FROM document JOIN node ON node.id = signer"),
		    "r/a@sha256:1 registry key:sha256:2 1");
	assert_ok(graph_write(&cx, g, twice, 2));
	assert_true(p.taken.was_there);
	graph_close(g);
}

int main(void)
{
	UNIT(makes_nouns_without_a_document);
	UNIT(keeps_where_a_document_came_from);
	return unit_run("graph/graph");
}
