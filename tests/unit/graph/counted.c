/* SPDX-License-Identifier: Apache-2.0 */
/* What is kept of counts is what would be counted now, whatever happens to the graph. */
#include "graph/questions/counted.h"

#include "fixture.h"
#include "graph/collect/collect.h"
#include "graph/collect/walk.h"
#include "graph/graph.h"
#include "graph/questions/seen.h"

enum {
	PACKAGES = 9,
	STEPS = 400,
	/* numbers and bytes, and few: much is forgotten, too */
	KEPT = 500,
	SEEN = 6000,
};

/* Numbers that look random, the same each time. */
struct dice {
	uint64_t state;
};
static unsigned throw_dice(struct dice *d, unsigned sides)
{
	d->state = d->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(d->state >> 33) % sides;
}

/* A folder; or, where $HULLMARK_TEST_POSTGRESQL is the address of a database, its schema "counted"
 * (tests/server/postgresql.sh). */
static const char *fresh_place(struct hm_cx *cx)
{
	const char *database = getenv("HULLMARK_TEST_POSTGRESQL");
	return database ? hm_fmt(cx, "%s?options=-csearch_path%%3Dcounted", database).p
			: hm_path(cx, unit_temp_dir(), "counted");
}

static struct graph *open_graph(struct hm_cx *cx, const char *place, size_t kept, size_t seen)
{
	struct graph *g;
	assert_ok(graph_open(cx, place, &g));
	graph_kept_free(g->kept);
	g->kept = graph_kept_new(kept);
	graph_seen_free(g->seen);
	g->seen = graph_seen_new(seen);
	return g;
}

/* A document, the SBOM of a package: some packages need some others, once or twice. The same step
 * says the same. */
static void say_something(struct hm_cx *cx, struct graph *g, const struct graph_source *from,
			  unsigned step)
{
	struct dice d = { step };
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	for (unsigned n = 1 + throw_dice(&d, 12); n; n--)
		hm_buf_fmt(&b, "isDependency;package:pkg:npm/p%u@1;package:pkg:npm/p%u@1;{}\n",
			   throw_dice(&d, PACKAGES), throw_dice(&d, PACKAGES));
	hm_buf_fmt(&b, "hasMetadata;package:pkg:npm/p1@1;;%u\n", step);
	if (throw_dice(&d, 2))
		hm_buf_fmt(&b, "hasSBOM;package:pkg:npm/p%u@1;;{}\n", throw_dice(&d, PACKAGES));
	else
		hm_buf_fmt(&b, "hasSBOM;package:pkg:npm/of-%u@1;;{}\n", step);
	fixture_say(cx, g, from, hm_dupz(cx, hm_buf_str(&b)));
}

/* Somebody believes, or does not any more, who signed some document. */
static void believe(struct hm_cx *cx, struct graph *g, struct dice *d)
{
	STORE_AUTO_USE use = NULL;
	int64_t signer;
	assert_ok(store_begin(cx, g->tables, STORE_WRITE, &use));
	assert_ok(graph_make(cx, use, GRAPH_IDENTITY,
			     hm_fmt(cx, "key:sha256:%02u", throw_dice(d, 3)), &signer));
	assert_ok(store_run(cx, use,
			    "UPDATE document SET signer = $1, belief = $2 WHERE id % 5 = $3",
			    STORE_VALUES(store_int(signer), store_int(throw_dice(d, 3)),
					 store_int(throw_dice(d, 5))),
			    NULL, NULL));
	assert_ok(graph_renewed(cx, use));
	assert_ok(store_commit(cx, use));
}

/* What is written and undone, as by a program that is killed. */
static void say_nothing_in_the_end(struct hm_cx *cx, struct graph *g)
{
	STORE_AUTO_USE use = NULL;
	int64_t last = 0;
	assert_ok(store_begin(cx, g->tables, STORE_WRITE, &use));
	assert_ok(store_run(cx, use, "SELECT COALESCE(MAX(id), 0) FROM fact", STORE_NO_VALUES,
			    graph_one_number, &last));
	for (int64_t i = 1; i < 4; i++)
		assert_ok(
			store_run(cx, use,
				  "INSERT INTO fact (id, kind, subject, object, detail, document) "
				  "VALUES ($1, 1, $2, 2, 0, 99999)",
				  STORE_VALUES(store_int(last + i), store_int(2 * i)), NULL, NULL));
}

/* "SUBJECT:FACT:DOCUMENTS" of all, one behind the other. */
static hm_err tell_row(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	(void)cx;
	hm_buf_fmt(arg, "%lld:%lld:%lld ", (long long)row[0].number, (long long)row[1].number,
		   (long long)row[2].number);
	return NULL;
}

static struct hm_str count_now(struct graph_ask *a, int64_t object, size_t most)
{
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	assert_ok(store_run(a->cx, a->use,
			    "SELECT subject, MIN(id), COUNT(DISTINCT document) AS n FROM fact "
			    "WHERE object = $1 AND kind = 1 GROUP BY subject "
			    "ORDER BY n DESC, subject LIMIT $2",
			    STORE_VALUES(store_int(object), store_int((int64_t)most)), tell_row,
			    &b));
	return hm_dup(a->cx, hm_buf_str(&b));
}

static struct hm_str recall_now(struct graph_ask *a, int64_t object, size_t most)
{
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct graph_dependents all;
	assert_ok(graph_ask_dependents(a, object, most, &all));
	assert_false(all.is_cut);
	for (size_t i = 0; i < all.n; i++)
		hm_buf_fmt(&b, "%lld:%lld:%lld ", (long long)all.p[i].subject,
			   (long long)all.p[i].fact, (long long)all.p[i].documents);
	return hm_dup(a->cx, hm_buf_str(&b));
}

/* Some are there twice, or in no fact. */
static void read_some_ahead(struct graph_ask *a, struct dice *d)
{
	struct graph_numbers objects = { 0 };
	for (unsigned n = throw_dice(d, 6); n; n--)
		*hm_push(a->cx, &objects) = throw_dice(d, 2 * PACKAGES + 4);
	assert_int_equal(HM_MAX_GRAPH_VISITS, 500000); /* as its statement has it */
	assert_ok(graph_ask_dependents_ahead(a, &objects));
}

static void ask_and_count(struct graph_ask *a, struct dice *d)
{
	if (!throw_dice(d, 3))
		read_some_ahead(a, d);
	for (int i = 0; i < 3; i++) {
		int64_t object = 1 + throw_dice(d, 2 * PACKAGES + 1);
		size_t most = throw_dice(d, 3) ? 1 + throw_dice(d, PACKAGES) : 1000;
		struct hm_str want = count_now(a, object, most);
		assert_str(recall_now(a, object, most), want);
		/* now it is kept */
		assert_str(recall_now(a, object, most), want);
	}
}

/* Releases that contain a package, with their ways to it. */
static struct hm_str find_releases(struct hm_cx *cx, struct graph *g, unsigned package)
{
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct graph_asked asked = { .explain = true /* there is time for all ways */ };
	struct graph_releases found = { 0 };
	hm_err err = graph_contains(cx, g, hm_fmt(cx, "pkg:npm/p%u@1", package), &asked, &found);
	if (err)
		return hm_cstr(err->why);
	for (size_t i = 0; i < found.n; i++) {
		const struct graph_release *r = &found.p[i];
		hm_buf_fmt(&b, "%.*s %zu %d", HM_FMT(r->release.key), r->others, r->is_direct);
		hm_buf_fmt(&b, " %.*s %.*s %.*s %s:", HM_FMT(r->source->digest),
			   HM_FMT(r->source->origin), HM_FMT(r->source->signer.key),
			   graph_belief_names[r->source->belief]);
		for (size_t k = 0; k < r->path.n; k++)
			hm_buf_fmt(&b, " %.*s", HM_FMT(r->path.p[k].key));
		hm_buf_addz(&b, "\n");
	}
	return hm_dup(cx, hm_buf_str(&b));
}

/* `plain` keeps nothing. */
static void find_as(struct hm_cx *cx, struct graph *g, struct graph *plain, struct dice *d)
{
	unsigned package = throw_dice(d, PACKAGES);
	struct hm_str want = find_releases(cx, plain, package);
	for (int i = 0; i < 2; i++)
		assert_str(find_releases(cx, g, package), want);
}

static void begin_asking(struct hm_cx *cx, struct graph *g, struct graph_ask *out)
{
	assert_ok(graph_ask_begin(cx, g, NULL, out));
}

/* Of one who reads what is older, and of one who reads what is new, by turns. */
static void ask_of_two_moments(struct hm_cx *cx, struct graph *g, struct graph *other,
			       struct dice *d, unsigned step)
{
	GRAPH_AUTO_ASK before;
	GRAPH_AUTO_ASK after;
	begin_asking(cx, g, &before);
	ask_and_count(&before, d); /* its moment is this one on PostgreSQL, too */
	say_something(cx, other, &fixture_beside, step);
	begin_asking(cx, g, &after);
	ask_and_count(&after, d);
	ask_and_count(&before, d);
	ask_and_count(&after, d);
}

static void counts_as_the_tables_do(void **state)
{
	(void)state;
	HM_AUTO_CX whole = HM_CX(HM_MIB);
	const char *place = fresh_place(&whole), *backup = NULL;
	struct graph *g[2] = { open_graph(&whole, place, KEPT, SEEN),
			       open_graph(&whole, place, KEPT, SEEN) };
	struct graph *plain = open_graph(&whole, place, 0, 0);
	struct dice d = { 7 };
	for (unsigned step = 0; step < STEPS; step++) {
		HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
		struct graph *one = g[throw_dice(&d, 2)];
		unsigned what = throw_dice(&d, 12);
		if (what < 4)
			say_something(&cx, one, &fixture_beside, step);
		else if (what == 4)
			say_nothing_in_the_end(&cx, one);
		else if (what == 5)
			ask_of_two_moments(&cx, one, g[throw_dice(&d, 2)], &d, step);
		else if (what == 6 && !graph_is_database(place) && !backup && step > 100)
			assert_ok(graph_backup(&cx, one,
					       backup = hm_path(&whole, unit_temp_dir(), "saved")));
		else if (what == 7 && backup && step % 4 == 0)
			assert_ok(graph_restore(&cx, one, backup));
		else if (what == 8)
			believe(&cx, one, &d);
		else if (what == 9) /* its owner has it, too */
			say_something(&cx, one, &fixture_file, throw_dice(&d, step + 1));
		find_as(&cx, g[throw_dice(&d, 2)], plain, &d);
		GRAPH_AUTO_ASK a;
		begin_asking(&cx, g[throw_dice(&d, 2)], &a);
		ask_and_count(&a, &d);
	}
	graph_close(plain);
	graph_close(g[0]);
	graph_close(g[1]);
}

static enum graph_belief find_belief(struct graph_ask *a, int64_t document)
{
	const struct graph_witness *w;
	const struct graph_numbers one = { &document, 1, 1 };
	assert_ok(graph_ask_witnesses_ahead(a, &one));
	assert_ok(graph_ask_witness(a, document, &w));
	return w->belief;
}

/* Who reads what is older keeps nothing of it for others, and is given nothing that is newer. */
static void a_document_is_what_it_was_at_its_moment(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct graph *g = fixture_open(&cx);
	fixture_say(&cx, g, &fixture_beside, "hasSBOM;package:pkg:npm/a@1;;{}\n");
	fixture_say(&cx, g, &fixture_beside, "hasSBOM;package:pkg:npm/b@1;;{}\n");
	for (unsigned round = 0; round < 2; round++) {
		GRAPH_AUTO_ASK before;
		GRAPH_AUTO_ASK after;
		GRAPH_AUTO_ASK last;
		STORE_AUTO_USE use = NULL;
		begin_asking(&cx, g, &before);
		assert_ok(graph_ask_moment(&before));
		assert_ok(store_begin(&cx, g->tables, STORE_WRITE, &use));
		assert_ok(store_run(&cx, use, "UPDATE document SET belief = belief + 1",
				    STORE_NO_VALUES, NULL, NULL));
		assert_ok(graph_renewed(&cx, use));
		assert_ok(store_commit(&cx, use));
		begin_asking(&cx, g, &after);
		assert_int_equal(find_belief(&after, 1 + round), round + 1);
		assert_int_equal(find_belief(&before, 1), round);
		begin_asking(&cx, g, &last);
		assert_int_equal(find_belief(&last, 1), round + 1);
	}
	graph_close(g);
}

static struct hm_str find_key(struct hm_cx *cx, struct graph *g, int64_t id)
{
	GRAPH_AUTO_ASK a;
	const struct graph_numbers one = { &id, 1, 1 };
	struct graph_node node;
	begin_asking(cx, g, &a);
	assert_ok(graph_ask_moment(&a));
	assert_ok(graph_ask_nodes_ahead(&a, &one));
	assert_ok(graph_ask_node(&a, id, &node));
	return node.key;
}

/* The numbers of what a backup lacks are given again. */
static void a_restored_graph_has_other_nouns(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct graph *g = fixture_open(&cx);
	const char *backup = hm_path(&cx, unit_temp_dir(), "nouns");
	int64_t id = 0;
	assert_ok(graph_backup(&cx, g, backup));
	for (const char *const *name = (const char *const[]){ "a", "b", "c", NULL }; *name;
	     name++) {
		GRAPH_AUTO_ASK a;
		assert_ok(graph_restore(&cx, g, backup));
		fixture_say(&cx, g, &fixture_beside,
			    hm_fmt(&cx, "hasSBOM;artifact:sha256:%s;;{}\n", *name).p);
		begin_asking(&cx, g, &a);
		assert_ok(graph_ask_number(&a, "SELECT MIN(id) FROM node WHERE kind = $1",
					   STORE_VALUES(store_int(GRAPH_ARTIFACT)), &id));
		for (int i = 0; i < 2; i++)
			assert_str(find_key(&cx, g, id), hm_fmt(&cx, "sha256:%s", *name));
	}
	assert_int_equal(id, 1);
	graph_close(g);
}

/* Of the same length of the way the one that more documents say; those that are as frequent by
 * their names. More than are asked for are not there, and that is said. */
static void the_most_frequent_come_first(void **state)
{
	static const struct {
		uint64_t rows;
		unsigned depth;
		const char *want;
		enum graph_cut cut;
	} cases[] = {
		{ 0, 0, "b:1:2 a:1:1 c:1:1 d:2:1 ", GRAPH_UNCUT },
		{ 3, 0, "b:1:2 a:1:1 c:1:1 ", GRAPH_CUT_ROWS },
		{ 1, 0, "b:1:2 ", GRAPH_CUT_ROWS },
		{ 0, 1, "b:1:2 a:1:1 c:1:1 ", GRAPH_CUT_DEPTH },
	};
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct graph *g = fixture_open(&cx);
#define NEEDS(a, b) "isDependency;package:pkg:npm/" a "@1;package:pkg:npm/" b "@1;{}\n"
	fixture_say(&cx, g, &fixture_file, NEEDS("c", "z") NEEDS("a", "z") NEEDS("b", "z"));
	fixture_say(&cx, g, &fixture_file, NEEDS("b", "z") NEEDS("d", "b") NEEDS("z", "d"));
	for (size_t i = 0; i < HM_LEN(cases); i++) {
		HM_AUTO_BUF b = HM_BUF(HM_MIB);
		struct graph_limits limits = { .rows = cases[i].rows, .depth = cases[i].depth };
		struct graph_reach r;
		assert_ok(graph_dependents(&cx, g, HM_STR("pkg:npm/z@1"), &limits, &r));
		for (size_t k = 0; k < r.n; k++) {
			struct hm_str name = hm_sub(r.p[k].node.key, 8, 1);
			hm_buf_fmt(&b, "%.*s:%u:%zu ", HM_FMT(name), r.p[k].distance,
				   r.p[k].documents);
			assert_str(r.p[k].fact.subject.key, r.p[k].node.key);
		}
		assert_strz(hm_buf_str(&b), cases[i].want);
		assert_int_equal(r.cut, cases[i].cut);
	}
	graph_close(g);
}

/* The number of a package; 0: it is not there. */
static int64_t find_package(struct graph_ask *a, const char *purl)
{
	int64_t id;
	assert_ok(graph_find(a->cx, a->use, GRAPH_PACKAGE, hm_cstr(purl), &id));
	return id;
}

static bool is_kept(struct graph_ask *a, enum graph_kept_kind kind, int64_t of)
{
	struct graph_numbers list;
	int64_t upto = 0;
	assert_ok(graph_ask_moment(a));
	return graph_kept_recall(a, kind, of, SIZE_MAX, &list, &upto) && upto == a->newest;
}

/* What is read ahead is what a question would read; there are ways to what a document says is
 * vulnerable. */
static void warming_changes_no_answer(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	const char *folder = hm_path(&cx, unit_temp_dir(), "warmed");
	struct graph *g = open_graph(&cx, folder, 100000, HM_MIB), *plain;
	assert_ok(graph_warm(&cx, g, NULL)); /* of nothing */
	for (unsigned step = 0; step < 20; step++)
		say_something(&cx, g, &fixture_file, step);
	fixture_say(&cx, g, &fixture_file,
		    "certifyVuln;package:pkg:npm/p2@1;vulnerability:cve/cve-2026-1;{}\n");
	assert_ok(graph_warm(&cx, g, NULL));
	GRAPH_AUTO_ASK a;
	begin_asking(&cx, g, &a);
	for (unsigned i = 0; i < PACKAGES; i++) {
		int64_t object = find_package(&a, hm_fmt(&cx, "pkg:npm/p%u@1", i).p);
		assert_true(is_kept(&a, GRAPH_KEPT_DEPENDENTS, object));
		assert_int_equal(is_kept(&a, GRAPH_KEPT_MENTIONS, object), i == 2);
		assert_int_equal(is_kept(&a, GRAPH_KEPT_WAYS, object), i == 2);
		assert_str(recall_now(&a, object, 1000), count_now(&a, object, 1000));
	}
	graph_ask_end(&a);
	a = (struct graph_ask){ 0 };
	plain = open_graph(&cx, folder, 0, 0);
	for (unsigned i = 0; i < PACKAGES; i++)
		assert_str(find_releases(&cx, g, i), find_releases(&cx, plain, i));
	graph_close(plain);
	graph_close(g);
}

/* Who is said to believe the SBOM of the one release that has npm's "part". */
static enum graph_belief belief_of_release(struct hm_cx *cx, struct graph *g)
{
	struct graph_asked asked = { 0 };
	struct graph_releases found;
	assert_ok(graph_contains(cx, g, HM_STR("pkg:npm/part@1"), &asked, &found));
	assert_int_equal(found.n, 1);
	return found.p[0].source->belief;
}

/* An image is looked at again, and its signer is believed meanwhile, or not any more: whoever has
 * asked before gets that answer, too, and not what is kept. */
static void what_is_collected_again_is_read_anew(void **state)
{
	static const char lines[] =
		"hasSBOM;artifact:sha256:aa;artifact:sha256:d1;{}\n"
		"isOccurrence;package:pkg:oci/web@1;artifact:sha256:aa;{}\n"
		"isDependency;package:pkg:oci/web@1;package:pkg:npm/part@1;{}\n";
	static const enum graph_belief beliefs[] = { GRAPH_BELIEVED, GRAPH_NOT_BELIEVED,
						     GRAPH_BELIEVED };
	(void)state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct graph *g = open_graph(&cx, hm_path(&cx, unit_temp_dir(), "again"), 100000, HM_MIB);
	struct graph_doc nothing = { .format = HM_STR("test") };
	struct graph_collector c = { .graph = g, .name = HM_STR("registry") };
	struct graph_collect_said said = { .doc = &nothing,
					   .origin = fixture_doubted.origin,
					   .signer = fixture_doubted.signer };
	said.digest = crypto_digest_text(&cx, CRYPTO_SHA256, hm_cstr(lines));
	fixture_say(&cx, g, &fixture_doubted, lines);
	assert_int_equal(belief_of_release(&cx, g), GRAPH_NOT_BELIEVED);
	for (size_t i = 0; i < HM_LEN(beliefs); i++) {
		said.belief = beliefs[i];
		assert_ok(graph_collect_put(&cx, &c, &said));
		assert_int_equal(belief_of_release(&cx, g), beliefs[i]);
	}
	graph_close(g);
}

int main(void)
{
	UNIT(what_is_collected_again_is_read_anew);
	UNIT(warming_changes_no_answer);
	UNIT(counts_as_the_tables_do);
	UNIT(a_document_is_what_it_was_at_its_moment);
	UNIT(a_restored_graph_has_other_nouns);
	UNIT(the_most_frequent_come_first);
	return unit_run("graph/counted");
}
