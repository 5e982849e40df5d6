/* SPDX-License-Identifier: Apache-2.0 */
/* A graph on disk: what is written is found. */
#include "graph/graph.h"

#include "graph/room.h"
#include "store/backend.h"
#include "unit.h"

/* A folder; or, where $HULLMARK_TEST_POSTGRESQL is the address of a database that has empty schemas
 * "g0", "g1", ... (tests/server/postgresql.sh), one of these. */
static const char *fresh_place(struct hm_cx *cx)
{
	static unsigned serial;
	const char *database = getenv("HULLMARK_TEST_POSTGRESQL");
	return database ? hm_fmt(cx, "%s?options=-csearch_path%%3Dg%u", database, serial++).p
			: hm_path(cx, unit_temp_dir(), hm_fmt(cx, "graph-%u", serial++).p);
}

static struct graph *fresh_graph(struct hm_cx *cx)
{
	struct graph *g;
	assert_ok(graph_open(cx, fresh_place(cx), &g));
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
	assert_fault(graph_make(&cx, use, GRAPH_PACKAGE, HM_STR("a"), &again), HM_INPUT,
		     "is not a purl");
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

/* The tables of one back end refuse what is no text: one such name must not keep others out. */
static void names_of_files_are_any_bytes(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct graph *g = fresh_graph(&cx);
	struct graph_parsed p = { .doc.format = HM_STR("x"),
				  .taken = { .format = HM_STR("x"), .digest = HM_STR("sha256:1") },
				  .from = { .origin = HM_STR("caf\xe9.json") } };
	struct graph_parsed *all[] = { &p };
	assert_ok(graph_write(&cx, g, all, 1));
	assert_strz(ask(&cx, g, "SELECT origin FROM document"), "caf?.json");
	graph_close(g);
}

/* One document about npm's package `name`. */
static struct graph_parsed make_document(struct hm_cx *cx, const char *name)
{
	struct graph_parsed p = { .taken = { .format = HM_STR("x"), .digest = hm_cstr(name) } };
	graph_ref package = graph_doc_package(cx, &p.doc, hm_fmt(cx, "pkg:npm/%s@1", name));
	graph_ref text = graph_doc_text(cx, &p.doc, HM_STR("{}"));
	struct graph_link *links = hm_new(cx, struct graph_link, 3);
	for (int i = 0; i < 3; i++) /* the same twice */
		links[i] = (struct graph_link){ (uint8_t)(1 + i / 2), text };
	graph_doc_fact(cx, &p.doc,
		       &(struct graph_fact){ .kind = GRAPH_HAS_SBOM,
					     .subject = package,
					     .detail = text,
					     .links = links,
					     .links_n = 3 });
	return p;
}

static void write_document(struct hm_cx *cx, struct graph *g, const char *name)
{
	struct graph_parsed p = make_document(cx, name), *all = &p;
	assert_ok(graph_write(cx, g, &all, 1));
	assert_false(p.taken.was_there);
}

/* Who is in which fact, however their numbers are. */
static struct hm_str list_facts(struct hm_cx *cx, struct graph *g)
{
	return ask(
		cx, g,
		"SELECT node.key || ':' || document.digest FROM fact "
		"JOIN node ON node.id = fact.subject JOIN document ON document.id = fact.document "
		"ORDER BY document.digest");
}

static hm_err sum_row(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	(void)cx;
	*(int64_t *)arg = row[0].number;
	return NULL;
}

static int64_t ask_number(struct hm_cx *cx, struct graph *g, const char *sql)
{
	int64_t n = -1;
	STORE_AUTO_USE use = NULL;
	assert_ok(store_begin(cx, g->tables, STORE_READ, &use));
	assert_ok(store_run(cx, use, sql, STORE_NO_VALUES, sum_row, &n));
	return n;
}

/* The tally is what the tables have. */
static void assert_counts(struct hm_cx *cx, struct graph *g)
{
	struct graph_stats stats;
	uint64_t nouns = 0, facts = 0;
	assert_ok(graph_stats(cx, g, &stats));
	for (int i = 0; i < GRAPH_NOUN_KINDS; i++)
		nouns += stats.nouns[i];
	for (int i = 0; i < GRAPH_FACT_KINDS; i++)
		facts += stats.facts[i];
	assert_int_equal(nouns, ask_number(cx, g, "SELECT COUNT(*) FROM node"));
	assert_int_equal(facts, ask_number(cx, g, "SELECT COUNT(*) FROM fact"));
	assert_int_equal(stats.documents, ask_number(cx, g, "SELECT COUNT(*) FROM document"));
}

/* In one transaction: it is there once, and its owner's, who comes last. */
static void the_same_is_written_once(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct graph *g = fresh_graph(&cx);
	struct graph_parsed docs[] = { make_document(&cx, "a"), make_document(&cx, "b"),
				       make_document(&cx, "a"), make_document(&cx, "c"),
				       make_document(&cx, "a") };
	struct graph_parsed *all[] = { &docs[0], &docs[1], &docs[2], &docs[3], &docs[4] };
	docs[0].from = (struct graph_source){ .origin = HM_STR("r/a"),
					      .collector = HM_STR("registry"),
					      .belief = GRAPH_NOT_BELIEVED };
	docs[2].from = docs[0].from;
	docs[4].from = (struct graph_source){ .origin = HM_STR("a.json") };
	write_document(&cx, g, "c");
	assert_ok(graph_write(&cx, g, all, HM_LEN(all)));
	for (size_t i = 0; i < HM_LEN(docs); i++)
		assert_int_equal(docs[i].taken.was_there, i >= 2);
	assert_strz(ask(&cx, g, "SELECT digest || ' ' || origin FROM document ORDER BY digest"),
		    "a a.json b  c ");
	assert_strz(list_facts(&cx, g), "pkg:npm/a@1:a pkg:npm/b@1:b pkg:npm/c@1:c");
	assert_counts(&cx, g);
	graph_close(g);
}

/* Each has what the other wrote meanwhile: numbers are never given twice. */
static void two_write_by_turns(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(16 * HM_MIB);
	const char *place = fresh_place(&cx);
	struct graph *a, *b;
	assert_ok(graph_open(&cx, place, &a));
	assert_ok(graph_open(&cx, place, &b));
	write_document(&cx, a, "one");
	write_document(&cx, b, "two");
	write_document(&cx, a, "three");
	write_document(&cx, b, "four");
	assert_strz(
		list_facts(&cx, b),
		"pkg:npm/four@1:four pkg:npm/one@1:one pkg:npm/three@1:three pkg:npm/two@1:two");
	assert_strz(ask(&cx, a, "SELECT key FROM node WHERE kind = 8"), "{}");
	assert_strz(ask(&cx, a, "SELECT 'x' FROM link"), "x x x x x x x x");
	assert_counts(&cx, a);
	graph_close(a);
	graph_close(b);
}

/* What was undone is not known afterwards: its numbers are given again. */
static void forgets_what_was_undone(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(16 * HM_MIB);
	struct graph *g = fresh_graph(&cx);
	struct graph_parsed good = make_document(&cx, "good"), bad = make_document(&cx, "bad");
	struct graph_parsed *both[] = { &good, &bad };
	struct store_use *use;
	assert_ok(store_begin(&cx, g->tables, STORE_WRITE, &use));
	assert_ok(store_run(&cx, use, "CREATE UNIQUE INDEX once ON document (format)",
			    STORE_NO_VALUES, NULL, NULL));
	assert_ok(store_commit(&cx, use));
	store_end(&use);
	assert_fault(graph_write(&cx, g, both, 2), HM_SYSTEM, "could not use the tables");
	assert_strz(list_facts(&cx, g), "");
	write_document(&cx, g, "other");
	good.taken.format = HM_STR("y");
	assert_ok(graph_write(&cx, g, both, 1));
	assert_strz(list_facts(&cx, g), "pkg:npm/good@1:good pkg:npm/other@1:other");
	graph_close(g);
}

/* --- versions --- */

static bool has_statement(const char *const *schema, size_t statements, const char *text)
{
	for (size_t i = 0; i < statements; i++)
		if (strstr(schema[i], text))
			return true;
	return false;
}

static void run_alone(struct hm_cx *cx, struct store_use *use, const char *sql)
{
	assert_ok(store_run(cx, use, sql, STORE_NO_VALUES, NULL, NULL));
}

/* A fact with links, and its noun; one that counts has counted it. */
static bool add_older_fact(struct hm_cx *cx, struct store_use *use, const char *const *schema,
			   size_t statements)
{
	bool counts =
		has_statement(schema, statements, "INSERT INTO tally (noun, kind, n) SELECT 0");
	bool is_between = has_statement(schema, statements, "ALTER TABLE fact") &&
			  !has_statement(schema, statements, "INSERT INTO link");
	if (!has_statement(schema, statements, "CREATE TABLE link") || is_between ||
	    has_statement(schema, statements, "tally") != counts)
		return false;
	run_alone(cx, use,
		  "INSERT INTO node (id, kind, hash, parent, key) VALUES (1, 4, 0, 0, 'old')");
	run_alone(cx, use,
		  "INSERT INTO fact (id, kind, subject, object, detail, document) "
		  "VALUES (7, 5, 1, 0, 0, 1)");
	run_alone(cx, use, "INSERT INTO link (fact, role, node) VALUES (7, 1, 1)");
	run_alone(cx, use, "INSERT INTO link (fact, role, node) VALUES (7, 2, 1)");
	if (counts) {
		run_alone(cx, use, "INSERT INTO tally (noun, kind, n) VALUES (1, 4, 1)");
		run_alone(cx, use, "INSERT INTO tally (noun, kind, n) VALUES (0, 5, 1)");
	}
	return true;
}

/* As an older program made it: without the tables that came later. Does it have a fact? */
static bool make_older(struct hm_cx *cx, const char *folder, size_t statements)
{
	const char **schema = hm_new(cx, const char *, statements + 1);
	struct store_tables *t;
	memcpy(schema, graph_schema, statements * sizeof(*schema));
	struct store_config config = { .backend = &store_sqlite,
				       .where = hm_path(cx, folder, "graph.db"),
				       .schema = schema,
				       .connections = 1 };
	assert_ok(hm_mkdirs(cx, folder, 0755));
	assert_ok(store_open(cx, &config, &t));
	STORE_AUTO_USE use = NULL;
	assert_ok(store_begin(cx, t, STORE_WRITE, &use));
	run_alone(cx, use,
		  "INSERT INTO document (id, digest, format, origin, collector, taken, "
		  "size, signer, belief) VALUES (1, 'old', '', '', '', 0, 0, 0, 0)");
	bool has_fact = add_older_fact(cx, use, schema, statements);
	assert_ok(store_commit(cx, use));
	store_end(&use);
	store_close(t);
	return has_fact;
}

static void takes_over_what_an_older_program_made(void **state)
{
	size_t with_facts = 0;
	(void)state;
	for (const char *const *s = graph_schema; *s; s++) {
		size_t n = (size_t)(s - graph_schema) + 1;
		HM_AUTO_CX cx = HM_CX(16 * HM_MIB);
		const char *folder = hm_path(&cx, unit_temp_dir(), hm_fmt(&cx, "old-%zu", n).p);
		struct graph *g;
		bool has_fact = make_older(&cx, folder, n);
		assert_ok(graph_open(&cx, folder, &g));
		write_document(&cx, g, "new");
		assert_strz(ask(&cx, g, "SELECT digest FROM document ORDER BY id"), "old new");
		assert_counts(&cx, g);
		with_facts += has_fact;
		if (has_fact) {
			assert_int_equal(ask_number(&cx, g,
						    "SELECT id FROM fact WHERE subject = 1"),
					 7);
			assert_int_equal(ask_number(&cx, g,
						    "SELECT SUM(role) FROM link WHERE fact = 7"),
					 3);
		}
		graph_close(g);
	}
	assert_true(with_facts >= 8); /* each version that had a graph to be taken over */
}

static void refuses_what_a_newer_program_made(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(16 * HM_MIB);
	const char *place = fresh_place(&cx);
	struct graph *g;
	struct store_use *use;
	assert_ok(graph_open(&cx, place, &g));
	assert_ok(store_begin(&cx, g->tables, STORE_WRITE, &use));
	assert_ok(store_run(&cx, use, "UPDATE store_schema SET done = done + 1", STORE_NO_VALUES,
			    NULL, NULL));
	assert_ok(store_commit(&cx, use));
	store_end(&use);
	graph_close(g);
	assert_fault(graph_open(&cx, place, &g), HM_INPUT, "newer version");
}

/* --- backup --- */

static void comes_back_from_a_backup(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(16 * HM_MIB);
	struct graph *g, *other;
	const char *folder = hm_path(&cx, unit_temp_dir(), "restored");
	const char *file = hm_path(&cx, unit_temp_dir(), "backup");
	assert_ok(graph_open(&cx, folder, &g));
	assert_ok(graph_open(&cx, folder, &other));
	write_document(&cx, g, "one");
	assert_ok(graph_backup(&cx, g, file));
	assert_fault(graph_backup(&cx, g, file), HM_USAGE, "there already");
	write_document(&cx, g, "two");
	write_document(&cx, other, "three");
	assert_ok(graph_restore(&cx, other, file));
	assert_strz(list_facts(&cx, g), "pkg:npm/one@1:one");
	/* numbers of before are others' now */
	write_document(&cx, other, "four");
	write_document(&cx, g, "two");
	write_document(&cx, g, "three");
	assert_strz(
		list_facts(&cx, other),
		"pkg:npm/four@1:four pkg:npm/one@1:one pkg:npm/three@1:three pkg:npm/two@1:two");
	graph_close(g);
	graph_close(other);
}

static const struct no_backup {
	const char *label, *damage, *want;
} no_backups[] = {
	{ "a file that is no database", "", "damaged" },
	{ "one of other tables", "DROP TABLE fact", "there is no table \"fact\" in it" },
	{ "one without any", "DROP TABLE store_schema", "there is no table \"store_schema\"" },
	{ "one of a newer program", "UPDATE store_schema SET done = 100", "newer version" },
};

static void refuses_what_is_no_backup(void **state)
{
	const struct no_backup *t = *state;
	HM_AUTO_CX cx = HM_CX(16 * HM_MIB);
	const char *folder = hm_path(&cx, unit_temp_dir(), t->label);
	const char *file = hm_fmt(&cx, "%s-backup", folder).p;
	struct graph *g;
	struct store_tables *raw;
	struct store_use *use;
	assert_ok(graph_open(&cx, folder, &g));
	write_document(&cx, g, "one");
	assert_ok(graph_backup(&cx, g, file));
	if (*t->damage) {
		struct store_config config = { .backend = &store_sqlite,
					       .where = file,
					       .schema = graph_schema,
					       .connections = 1 };
		assert_ok(store_open(&cx, &config, &raw));
		assert_ok(store_begin(&cx, raw, STORE_WRITE, &use));
		assert_ok(store_run(&cx, use, t->damage, STORE_NO_VALUES, NULL, NULL));
		assert_ok(store_commit(&cx, use));
		store_end(&use);
		store_close(raw);
	} else {
		assert_ok(hm_write_file(
			&cx, file,
			HM_STR("no database at all, but long enough for one's head; it goes on for a hundred bytes and some more."),
			0600));
	}
	assert_fault(graph_restore(&cx, g, file), HM_INPUT, t->want);
	assert_strz(list_facts(&cx, g), "pkg:npm/one@1:one");
	graph_close(g);
}

/* ------------------------------------------------------------------ decisions */

static struct graph_decision decide(const char *digest, const char *workload, int64_t when)
{
	return (struct graph_decision){ .digest = hm_cstr(digest),
					.image = HM_STR("r.example/web:1"),
					.policy = HM_STR("the gate"),
					.namespace = HM_STR("shop"),
					.workload = hm_cstr(workload),
					.reason = HM_STR("it is not signed"),
					.first = when,
					.last = when + 1,
					.times = 2 };
}

#define TALLY_IS_TRUE                                                                     \
	"SELECT CASE WHEN (SELECT SUM(n) FROM tally WHERE noun = 0) = (SELECT COUNT(*) "  \
	"FROM fact) AND NOT EXISTS (SELECT 1 FROM fact WHERE document NOT IN (SELECT id " \
	"FROM document)) THEN 'yes' ELSE 'no' END"

static void counts_the_same_decision(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct graph *g = fresh_graph(&cx);
	struct graph_decisions_kept done;
	struct graph_decision d[] = { decide("sha256:ab", "Pod/a", 100),
				      decide("sha256:ab", "Pod/b", 100), decide("", "Pod/a", 100),
				      decide("sha256:ab", "Pod/a", 90) };
	d[3].image = HM_STR("");
	d[3].digest = HM_STR("");
	assert_ok(graph_decided(&cx, g, d, HM_LEN(d), &done));
	assert_strz(ask(&cx, g, "SELECT CAST(COUNT(*) AS TEXT) FROM decision"), "3");
	assert_ok(graph_decided(&cx, g, d, 1, &done));
	d[0].first = d[0].last = 50; /* one that comes late */
	assert_ok(graph_decided(&cx, g, d, 1, &done));
	assert_strz(ask(&cx, g,
			"SELECT CAST(times AS TEXT) FROM decision ORDER BY times DESC, document"),
		    "6 2 2");
	/* it holds from the last time on, but for documents that are newer */
	d[0].last = INT64_C(5000000000);
	assert_ok(graph_decided(&cx, g, d, 1, &done));
	assert_strz(ask(&cx, g, "SELECT CAST(MAX(taken) AS TEXT) FROM document"), "5000000000");
	assert_strz(ask(&cx, g,
			"SELECT node.key FROM decision JOIN node ON node.id = decision.subject "
			"ORDER BY decision.document"),
		    "sha256:ab sha256:ab r.example/web:1");
	assert_strz(ask(&cx, g, TALLY_IS_TRUE), "yes");
	assert_ok(graph_decided(&cx, g, NULL, 0, &done));
	graph_close(g);
}

static void forgets_the_oldest_decisions(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(256 * HM_MIB);
	struct graph *g = fresh_graph(&cx);
	struct graph_decisions_kept done;
	struct graph_decision d = decide("sha256:cd", "Pod/other", 1);
	assert_ok(graph_decided(&cx, g, &d, 1, &done));
	for (int i = 0; i < GRAPH_DECISIONS_OF_ONE + 5; i++) {
		d = decide("sha256:ab", hm_fmt(&cx, "Pod/%d", i).p, 1000 + i);
		assert_ok(graph_decided(&cx, g, &d, 1, &done));
	}
	assert_strz(ask(&cx, g, "SELECT CAST(COUNT(*) AS TEXT) FROM decision"), "101");
	assert_strz(ask(&cx, g, "SELECT CAST(MIN(began) AS TEXT) FROM decision WHERE began > 1"),
		    "1005");
	assert_strz(ask(&cx, g, "SELECT CAST(COUNT(*) AS TEXT) FROM document"), "101");
	assert_strz(ask(&cx, g, "SELECT CAST(COUNT(DISTINCT detail) AS TEXT) FROM fact"), "101");
	assert_strz(ask(&cx, g, TALLY_IS_TRUE), "yes");
	graph_close(g);
}

/* Where there is no room for another image, the oldest decision goes, whichever image it is of. */
static void the_newest_decisions_are_kept(void **state)
{
	enum { MOST = 20, MORE = 15 };
	(void)state;
	HM_AUTO_CX cx = HM_CX(256 * HM_MIB);
	struct graph *g = fresh_graph(&cx);
	struct graph_decisions_kept done;
	g->decisions_most = MOST;
	for (unsigned i = 0; i < MOST + MORE; i++) {
		struct graph_decision d =
			decide(hm_fmt(&cx, "sha256:%02x", i).p, "Pod/a", 1000 + i);
		d.policy = hm_fmt(&cx, "policy %u", i % 3);
		assert_ok(graph_decided(&cx, g, &d, 1, &done));
		assert_int_equal(done.added, 1);
		assert_ok(graph_decided(&cx, g, &d, 1, &done));
		assert_int_equal(done.counted, 1);
	}
	assert_strz(ask(&cx, g,
			"SELECT CAST(COUNT(*) AS TEXT) || ' from ' || CAST(MIN(began) AS TEXT) "
			"FROM decision"),
		    "20 from 1015");
	assert_strz(ask(&cx, g, "SELECT CAST(COUNT(*) AS TEXT) FROM document"), "20");
	/* facts say what the rows do, and lead from image and policy */
	assert_strz(
		ask(&cx, g,
		    "SELECT CAST(COUNT(*) AS TEXT) FROM decision JOIN fact ON "
		    "fact.document = decision.document WHERE fact.subject = decision.subject AND "
		    "fact.object = decision.policy"),
		"20");
	assert_strz(
		ask(&cx, g,
		    "SELECT CAST(COUNT(*) AS TEXT) FROM node JOIN fact ON fact.subject = node.id "
		    "WHERE node.key = 'sha256:22'"),
		"1");
	assert_strz(
		ask(&cx, g,
		    "SELECT CAST(COUNT(*) AS TEXT) FROM node JOIN fact ON fact.subject = node.id "
		    "WHERE node.key = 'sha256:0e'"),
		"0");
	assert_strz(
		ask(&cx, g,
		    "SELECT CAST(COUNT(*) AS TEXT) FROM node JOIN fact ON fact.object = node.id "
		    "WHERE node.key = 'policy 1'"),
		"7");
	/* one that was said again is not the oldest */
	struct graph_decision d = decide("sha256:0f", "Pod/a", 5000);
	d.policy = HM_STR("policy 0");
	assert_ok(graph_decided(&cx, g, &d, 1, &done));
	assert_int_equal(done.counted, 1);
	d = decide("sha256:ff", "Pod/a", 5001);
	assert_ok(graph_decided(&cx, g, &d, 1, &done));
	assert_strz(ask(&cx, g, "SELECT CAST(MIN(ended) AS TEXT) FROM decision"), "1018");
	assert_strz(ask(&cx, g, TALLY_IS_TRUE), "yes");
	graph_close(g);
}

/* What was said before all that there is room for is not kept, whatever came first. */
static void an_older_decision_takes_no_place(void **state)
{
	enum { MOST = 3 };
	(void)state;
	HM_AUTO_CX cx = HM_CX(256 * HM_MIB);
	struct graph *g = fresh_graph(&cx);
	struct graph_decisions_kept done;
	struct graph_decision d[] = { decide("sha256:01", "Pod/a", 1000),
				      decide("sha256:02", "Pod/a", 1001),
				      decide("sha256:03", "Pod/a", 1002),
				      decide("sha256:04", "Pod/a", 500),
				      decide("", "", 2000),
				      decide("sha256:01", "Pod/a", 400),
				      decide("sha256:05", "Pod/a", 1000) };
	d[4].image = HM_STR("");
	g->decisions_most = MOST;
	assert_ok(graph_decided(&cx, g, d, HM_LEN(d) - 1, &done));
	assert_int_equal(done.added, 3);
	assert_int_equal(done.too_old, 1);
	assert_int_equal(done.nameless, 1);
	assert_int_equal(done.counted, 1); /* one that is there is counted, however late it comes */
	assert_strz(ask(&cx, g,
			"SELECT key FROM decision JOIN node ON node.id = subject ORDER BY key"),
		    "sha256:01 sha256:02 sha256:03");
	assert_strz(ask(&cx, g, "SELECT CAST(COUNT(*) AS TEXT) FROM document"), "3");
	/* of two that are as old, the one that came last is kept */
	assert_ok(graph_decided(&cx, g, &d[6], 1, &done));
	assert_int_equal(done.added, 1);
	assert_strz(ask(&cx, g,
			"SELECT key FROM decision JOIN node ON node.id = subject ORDER BY key"),
		    "sha256:02 sha256:03 sha256:05");
	for (int i = 0; i < GRAPH_DECISIONS_OF_ONE; i++) {
		struct graph_decision one =
			decide("sha256:ab", hm_fmt(&cx, "Pod/%d", i).p, 3000 + i);
		g->decisions_most = 2 * GRAPH_DECISIONS_OF_ONE;
		assert_ok(graph_decided(&cx, g, &one, 1, &done));
	}
	struct graph_decision one = decide("sha256:ab", "Pod/late", 2999);
	one.last = 2999;
	assert_ok(graph_decided(&cx, g, &one, 1, &done));
	assert_int_equal(done.too_old, 1);
	assert_strz(ask(&cx, g, TALLY_IS_TRUE), "yes");
	graph_close(g);
}

/* Rows wait for each other, and what is known of nouns is forgotten where it is too much. */
static void nouns_of_a_transaction_are_made_once(void **state)
{
	enum { FULL = 1024 * 1024 / 4 * 3, LEFT = 3 };
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct graph *g = fresh_graph(&cx);
	struct graph_parsed p[] = { make_document(&cx, "a"), make_document(&cx, "b"),
				    make_document(&cx, "c") };
	struct graph_parsed *all[] = { &p[0], &p[1], &p[2] };
	for (size_t i = 0; i < HM_LEN(p); i++)
		for (char name = 'k'; name < 'p'; name++)
			graph_doc_package(&cx, &p[i].doc, hm_fmt(&cx, "pkg:npm/%c@1", name));
	for (uint64_t i = 0; i < FULL - LEFT; i++) {
		char text[16];
		int n = snprintf(text, sizeof(text), "%u", (unsigned)i);
		graph_known_put(&g->known,
				graph_known_name(&g->known, i, 1, hm_bytes(text, (size_t)n)), -1);
	}
	assert_ok(graph_write(&cx, g, all, HM_LEN(all)));
	assert_int_equal(g->known.forgotten, 1);
	assert_int_equal(ask_number(&cx, g, "SELECT COUNT(*) FROM node"),
			 ask_number(&cx, g,
				    "SELECT COUNT(*) FROM (SELECT DISTINCT kind, key FROM node) "
				    "AS each"));
	assert_int_equal(ask_number(&cx, g, "SELECT COUNT(*) FROM document"), 3);
	assert_counts(&cx, g);
	graph_close(g);
}

/* Another program, which is at work between a look at the tables and the writing. */
static struct {
	struct graph *graph;
	int turns; /* as often */
} other;

static hm_err begin_after_another(struct hm_cx *cx, struct store_connection *c,
				  enum store_mode mode)
{
	struct store_use *use;
	if (mode == STORE_WRITE_LAZY && other.turns > 0) {
		other.turns--;
		HM_TRY(store_begin(cx, other.graph->tables, STORE_WRITE, &use));
		HM_TRY(store_run(cx, use, "DELETE FROM document", STORE_NO_VALUES, NULL, NULL));
		HM_TRY(store_run(cx, use, "DELETE FROM decision", STORE_NO_VALUES, NULL, NULL));
		HM_TRY(store_commit(cx, use));
		store_end(&use);
	}
	return store_sqlite.begin(cx, c, mode);
}

static void decisions_are_kept_though_others_write(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct store_backend backend = store_sqlite;
	const char *where = fresh_place(&cx);
	struct graph *g;
	struct graph_decisions_kept done;
	struct graph_decision d[] = { decide("sha256:01", "Pod/a", 1000),
				      decide("sha256:02", "Pod/a", 1001),
				      decide("sha256:03", "Pod/a", 1002) };
	assert_ok(graph_open(&cx, where, &g));
	assert_ok(graph_open(&cx, where, &other.graph));
	g->decisions_most = 1;
	assert_ok(graph_decided(&cx, g, d, 1, &done));
	backend.begin = begin_after_another;
	struct store_config config = { .backend = &backend,
				       .where = hm_path(&cx, where, "graph.db"),
				       .schema = graph_schema,
				       .connections = 8 };
	store_close(g->tables);
	assert_ok(store_open(&cx, &config, &g->tables));
	/* the place that it was to have is gone: there is room now */
	other.turns = 1;
	assert_ok(graph_decided(&cx, g, &d[1], 2, &done));
	assert_int_equal(done.added, 2);
	assert_int_equal(other.turns, 0);
	assert_strz(ask(&cx, g, "SELECT key FROM decision JOIN node ON node.id = subject"),
		    "sha256:03");
	/* one that never rests */
	other.turns = 1000;
	d[0] = decide("sha256:04", "Pod/a", 2000);
	assert_fault(graph_decided(&cx, g, d, 1, &done), HM_BUSY, "has changed");
	assert_int_equal(done.done, 0);
	assert_int_equal(other.turns, 995);
	other.turns = 0;
	graph_close(g);
	graph_close(other.graph);
}

int main(void)
{
	UNIT(makes_nouns_without_a_document);
	UNIT(keeps_where_a_document_came_from);
	UNIT(names_of_files_are_any_bytes);
	UNIT(the_same_is_written_once);
	UNIT(two_write_by_turns);
	UNIT(nouns_of_a_transaction_are_made_once);
	UNIT(forgets_what_was_undone);
	UNIT(refuses_what_a_newer_program_made);
	UNIT(counts_the_same_decision);
	UNIT(forgets_the_oldest_decisions);
	UNIT(the_newest_decisions_are_kept);
	UNIT(an_older_decision_takes_no_place);
	if (!getenv("HULLMARK_TEST_POSTGRESQL")) {
		UNIT(takes_over_what_an_older_program_made);
		UNIT(decisions_are_kept_though_others_write);
		UNIT(comes_back_from_a_backup);
		UNIT_TABLE(refuses_what_is_no_backup, no_backups);
	}
	return unit_run("graph/graph");
}
