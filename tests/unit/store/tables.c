/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables, on each back end that can be had: SQLite always, PostgreSQL where
 * $HULLMARK_TEST_POSTGRESQL is the connection string of an empty database of locale C
 * (tests/server/postgresql.sh starts one).
 */
#include "store/tables.h"

#include <pthread.h>
#include <unistd.h>

#include "store/backend.h"
#include "unit.h"

static const char *const schema[] = {
	"CREATE TABLE thing (id BIGINT NOT NULL PRIMARY KEY, name TEXT, n BIGINT)", NULL
};
static const char *const longer_schema[] = {
	"CREATE TABLE thing (id BIGINT NOT NULL PRIMARY KEY, name TEXT, n BIGINT)",
	"CREATE TABLE other (id BIGINT NOT NULL)",
	"/*! INSERT INTO thing (id, name, n) VALUES (90, 'file', 2) */",
	"/*server*/ INSERT INTO thing (id, name, n) VALUES (91, 'server', 3)", NULL
};

/* A place where nothing is yet. */
static struct store_config empty(struct hm_cx *cx, const struct store_backend *backend)
{
	static unsigned serial;
	struct store_config config = { .backend = backend, .schema = schema, .connections = 4 };
	if (backend == &store_sqlite) {
		config.where = hm_path(cx, unit_temp_dir(), hm_fmt(cx, "%u.db", serial++).p);
		return config;
	}
	config.where = getenv("HULLMARK_TEST_POSTGRESQL");
	struct store_connection *c;
	struct store_statement *s;
	assert_ok(backend->open(cx, &config, &c));
	static const char *const drops[] = { "DROP TABLE IF EXISTS thing",
					     "DROP TABLE IF EXISTS other",
					     "DROP TABLE IF EXISTS store_schema" };
	for (size_t i = 0; i < HM_LEN(drops); i++) {
		assert_ok(backend->prepare(cx, c, drops[i], &s));
		assert_ok(backend->run(cx, c, s, STORE_NO_VALUES, NULL, NULL));
		backend->finish(s);
	}
	backend->close(c);
	return config;
}

static hm_err add(struct hm_cx *cx, struct store_use *use, int64_t id, struct store_value name,
		  int64_t n)
{
	return store_run(cx, use, "INSERT INTO thing (id, name, n) VALUES ($1, $2, $3)",
			 STORE_VALUES(store_int(id), name, store_int(n)), NULL, NULL);
}

static void add_committed(struct hm_cx *cx, struct store_tables *t, int64_t id, const char *name,
			  int64_t n)
{
	STORE_AUTO_USE use = NULL;
	assert_ok(store_begin(cx, t, STORE_WRITE, &use));
	assert_ok(add(cx, use, id, store_text(hm_cstr(name)), n));
	assert_ok(store_commit(cx, use));
}

static hm_err join_row(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	struct hm_str *all = arg;
	*all = hm_fmt(cx, "%.*s%s%.*s:%lld", HM_FMT(*all), all->n ? " " : "", HM_FMT(row[0].text),
		      (long long)row[1].number);
	return NULL;
}

static struct hm_str list_in(struct hm_cx *cx, struct store_use *use)
{
	struct hm_str all = { "", 0 };
	assert_ok(store_run(cx, use, "SELECT name, n FROM thing ORDER BY name, id", STORE_NO_VALUES,
			    join_row, &all));
	return all;
}

static struct hm_str list(struct hm_cx *cx, struct store_tables *t)
{
	STORE_AUTO_USE use = NULL;
	assert_ok(store_begin(cx, t, STORE_READ, &use));
	return list_in(cx, use);
}

/* --- the cases --- */

static void keeps_what_is_committed(struct hm_cx *cx, const struct store_config *config)
{
	struct store_tables *t;
	assert_ok(store_open(cx, config, &t));
	add_committed(cx, t, 1, "a", 1);
	assert_strz(list(cx, t), "a:1");
	store_close(t);
	assert_ok(store_open(cx, config, &t));
	assert_strz(list(cx, t), "a:1");
	store_close(t);
}

static void undoes_what_is_not(struct hm_cx *cx, const struct store_config *config)
{
	struct store_tables *t;
	struct store_use *use;
	assert_ok(store_open(cx, config, &t));
	for (int mode = STORE_WRITE; mode <= STORE_WRITE_LAZY; mode++) {
		assert_ok(store_begin(cx, t, (enum store_mode)mode, &use));
		assert_ok(add(cx, use, 1, store_text(HM_STR("a")), 1));
		store_end(&use);
		assert_null(use);
		assert_strz(list(cx, t), "");
	}
	store_close(t);
}

static void undoes_a_transaction_that_failed(struct hm_cx *cx, const struct store_config *config)
{
	struct store_tables *t;
	struct store_use *use;
	assert_ok(store_open(cx, config, &t));
	add_committed(cx, t, 1, "a", 1);
	assert_ok(store_begin(cx, t, STORE_WRITE, &use));
	assert_ok(add(cx, use, 2, store_text(HM_STR("b")), 1));
	assert_fault(add(cx, use, 1, store_text(HM_STR("c")), 1), HM_SYSTEM, "could not use");
	store_end(&use);
	assert_strz(list(cx, t), "a:1");
	add_committed(cx, t, 2, "b", 2);
	assert_strz(list(cx, t), "a:1 b:2");
	store_close(t);
}

static hm_err check_row(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	(void)cx;
	const struct store_value *want = arg;
	assert_int_equal(row[0].kind, want[0].kind);
	assert_str(row[0].text, want[0].text);
	assert_int_equal(row[1].kind, STORE_INT);
	assert_int_equal(row[1].number, want[1].number);
	return NULL;
}

static void gives_values_back(struct hm_cx *cx, const struct store_config *config)
{
	char *much = hm_new(cx, char, 100001);
	memset(much, 'x', 100000);
	const struct store_value rows[][2] = {
		{ store_text(HM_STR("")), store_int(0) },
		{ store_text(HM_STR("it's \"quoted\" \\ $1 ? ä €")), store_int(INT64_MAX) },
		{ store_text(hm_cstr(much)), store_int(INT64_MIN) },
		{ store_null(), store_int(-1) },
	};
	struct store_tables *t;
	assert_ok(store_open(cx, config, &t));
	STORE_AUTO_USE use = NULL;
	assert_ok(store_begin(cx, t, STORE_WRITE, &use));
	for (size_t i = 0; i < HM_LEN(rows); i++) {
		struct store_value want[2] = { rows[i][0], rows[i][1] };
		assert_ok(add(cx, use, (int64_t)i, rows[i][0], rows[i][1].number));
		assert_ok(store_run(cx, use, "SELECT name, n FROM thing WHERE id = $1",
				    STORE_VALUES(store_int((int64_t)i)), check_row, want));
	}
	store_end(&use);
	store_close(t);
}

static void compares_byte_by_byte(struct hm_cx *cx, const struct store_config *config)
{
	struct store_tables *t;
	assert_ok(store_open(cx, config, &t));
	add_committed(cx, t, 1, "a", 1);
	add_committed(cx, t, 2, "B", 2);
	add_committed(cx, t, 3, "a-1", 3);
	add_committed(cx, t, 4, "a.1", 4);
	add_committed(cx, t, 5, "a_1", 5);
	assert_strz(list(cx, t), "B:2 a:1 a-1:3 a.1:4 a_1:5");
	store_close(t);
}

static void reads_one_moment(struct hm_cx *cx, const struct store_config *config)
{
	struct store_tables *t;
	struct store_use *use;
	assert_ok(store_open(cx, config, &t));
	add_committed(cx, t, 1, "a", 1);
	assert_ok(store_begin(cx, t, STORE_READ, &use));
	assert_strz(list_in(cx, use), "a:1");
	add_committed(cx, t, 2, "b", 2);
	assert_strz(list_in(cx, use), "a:1");
	store_end(&use);
	assert_strz(list(cx, t), "a:1 b:2");
	store_close(t);
}

static hm_err refuse_row(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	(void)row;
	++*(int *)arg;
	return hm_fail(cx, HM_LIMIT, "enough");
}

enum { MANY = 5000 };

static void add_many(struct hm_cx *cx, struct store_tables *t)
{
	STORE_AUTO_USE use = NULL;
	struct store_value *p = hm_new(cx, struct store_value, 3 * MANY);
	for (int i = 0; i < MANY; i++) {
		p[3 * i] = store_int(i);
		p[3 * i + 1] = i % 2 ? store_null() : store_text(hm_fmt(cx, "%d \t\\,{}\"", i));
		p[3 * i + 2] = store_int(-i);
	}
	assert_ok(store_begin(cx, t, STORE_WRITE, &use));
	assert_ok(store_run_many(cx, use, "INSERT INTO thing (id, name, n) VALUES ($1, $2, $3)",
				 &(struct store_many){ p, 3, MANY }, NULL, NULL));
	assert_ok(store_commit(cx, use));
}

struct counted {
	size_t rows;
	int64_t sum;
};

static hm_err count_row(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	struct counted *c = arg;
	if (row[0].number == 13)
		return hm_fail(cx, HM_TRUST, "not this one");
	if (row[1].kind == STORE_TEXT)
		assert_str(row[1].text, hm_fmt(cx, "%lld \t\\,{}\"", (long long)row[0].number));
	assert_int_equal(row[1].kind == STORE_NULL, row[0].number % 2);
	c->rows++;
	c->sum += row[2].number;
	return NULL;
}

static void runs_one_for_many_rows(struct hm_cx *cx, const struct store_config *config)
{
	static const char by_id[] = "SELECT id, name, n FROM thing WHERE id = $1";
	static const char two[] = "SELECT id, name, n FROM thing WHERE id >= $1 AND id > $1 + 1 "
				  "ORDER BY id LIMIT 2";
	static const char by_two[] = "SELECT id, name, n FROM thing WHERE id = $1 AND n = $2";
	STORE_AUTO_USE use = NULL;
	struct store_tables *t;
	struct store_value *p = hm_new(cx, struct store_value, 2 * MANY);
	assert_ok(store_open(cx, config, &t));
	add_many(cx, t);
	assert_ok(store_begin(cx, t, STORE_READ, &use));
	for (int of_numbers = 0; of_numbers <= 1; of_numbers++) {
		struct counted c = { 0 };
		for (int i = 0; i < MANY; i++) /* the first half is there, but for the 13th */
			p[i] = store_int(i == 13 ? -1 : i < MANY / 2 ? i : i + MANY);
		assert_ok(store_run_many(cx, use, by_id,
					 &(struct store_many){ p, 1, MANY, of_numbers }, count_row,
					 &c));
		assert_int_equal(c.rows, MANY / 2 - 1);
		assert_int_equal(c.sum, -(MANY / 2 * (MANY / 2 - 1) / 2 - 13));
		c = (struct counted){ 0 };
		p[0] = store_int(100);
		p[1] = store_int(INT64_MIN);
		p[2] = store_int(MANY - 3);
		assert_ok(store_run_many(cx, use, two, &(struct store_many){ p, 1, 3, of_numbers },
					 count_row, &c));
		assert_int_equal(c.rows, 5);
		assert_int_equal(c.sum, -(102 + 103 + 0 + 1 + MANY - 1));
		c = (struct counted){ 0 };
		assert_ok(store_run_many(cx, use, by_id,
					 &(struct store_many){ p, 1, 0, of_numbers }, count_row,
					 &c));
		assert_int_equal(c.rows, 0);
	}
	for (int i = 0; i < MANY; i++) {
		p[2 * i] = store_int(i == 13 ? 14 : i);
		p[2 * i + 1] = store_int(i % 10 ? i : -i);
	}
	struct counted c = { 0 };
	assert_ok(
		store_run_many(cx, use, by_two, &(struct store_many){ p, 2, MANY }, count_row, &c));
	assert_int_equal(c.rows, MANY / 10);
	store_end(&use);
	store_close(t);
}

static void ends_many_with_the_fault_of_a_row(struct hm_cx *cx, const struct store_config *config)
{
	static const char by_id[] = "SELECT id, name, n FROM thing WHERE id = $1";
	STORE_AUTO_USE use = NULL;
	struct store_tables *t;
	struct counted c = { 0 };
	struct store_value *p = hm_new(cx, struct store_value, MANY);
	for (int i = 0; i < MANY; i++)
		p[i] = store_int(i);
	assert_ok(store_open(cx, config, &t));
	add_many(cx, t);
	for (int of_numbers = 0; of_numbers <= 1; of_numbers++) {
		assert_ok(store_begin(cx, t, STORE_READ, &use));
		assert_fault(store_run_many(cx, use, by_id,
					    &(struct store_many){ p, 1, MANY, of_numbers },
					    count_row, &c),
			     HM_TRUST, "not this one");
		store_end(&use);
	}
	store_close(t);
}

static void ends_with_the_fault_of_a_row(struct hm_cx *cx, const struct store_config *config)
{
	struct store_tables *t;
	struct store_use *use;
	int seen = 0;
	assert_ok(store_open(cx, config, &t));
	add_committed(cx, t, 1, "a", 1);
	add_committed(cx, t, 2, "b", 2);
	assert_ok(store_begin(cx, t, STORE_READ, &use));
	assert_fault(store_run(cx, use, "SELECT name, n FROM thing", STORE_NO_VALUES, refuse_row,
			       &seen),
		     HM_LIMIT, "enough");
	assert_int_equal(seen, 1);
	store_end(&use);
	assert_strz(list(cx, t), "a:1 b:2");
	store_close(t);
}

static void refuses_what_is_no_statement(struct hm_cx *cx, const struct store_config *config)
{
	struct store_tables *t;
	struct store_use *use;
	assert_ok(store_open(cx, config, &t));
	assert_ok(store_begin(cx, t, STORE_WRITE, &use));
	assert_fault(store_run(cx, use, "SELECT FROM WHERE", STORE_NO_VALUES, NULL, NULL),
		     HM_SYSTEM, "could not use the tables");
	if (config->backend == &store_sqlite) /* which counts them as they come */
		assert_fault(store_run(cx, use, "SELECT id FROM thing WHERE n = $2 AND id = $1",
				       STORE_VALUES(store_int(1), store_int(2)), NULL, NULL),
			     HM_SYSTEM, "is not its");
	store_end(&use);
	add_committed(cx, t, 1, "a", 1);
	store_close(t);
}

/* Without a row, and without an end. */
static void ends_with_the_work(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	HM_AUTO_CX late = HM_CX(HM_MIB);
	struct store_config config = empty(&cx, &store_sqlite);
	struct store_tables *t;
	struct store_use *use;
	assert_ok(store_open(&cx, &config, &t));
	assert_ok(store_begin(&cx, t, STORE_READ, &use));
	late.deadline = hm_mono() + HM_SECOND / 20;
	assert_fault(store_run(&late, use,
			       "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) "
			       "SELECT COUNT(*) FROM n",
			       STORE_NO_VALUES, NULL, NULL),
		     HM_BUSY, "deadline");
	store_end(&use);
	add_committed(&cx, t, 1, "a", 1);
	store_close(t);
}

/* The server works alone: it must know when that is for nobody any more. */
static void ends_with_the_work_elsewhere(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	HM_AUTO_CX late = HM_CX(HM_MIB);
	struct store_config config = empty(&cx, &store_postgresql);
	struct store_tables *t;
	struct store_use *use;
	assert_ok(store_open(&cx, &config, &t));
	late.deadline = hm_mono() + HM_SECOND / 5;
	assert_ok(store_begin(&late, t, STORE_READ, &use));
	assert_fault(store_run(&late, use, "SELECT COUNT(*) FROM pg_sleep(20)", STORE_NO_VALUES,
			       NULL, NULL),
		     HM_BUSY, "timeout");
	store_end(&use);
	add_committed(&cx, t, 1, "a", 1);
	store_close(t);
}

static void grows_and_never_shrinks(struct hm_cx *cx, const struct store_config *config)
{
	struct store_config newer = *config;
	struct store_tables *t;
	newer.schema = longer_schema;
	assert_ok(store_open(cx, config, &t));
	add_committed(cx, t, 1, "a", 1);
	store_close(t);
	for (int i = 0; i < 2; i++) {
		STORE_AUTO_USE use = NULL;
		assert_ok(store_open(cx, &newer, &t));
		assert_strz(list(cx, t),
			    config->backend->is_server ? "a:1 server:3" : "a:1 file:2");
		assert_ok(store_begin(cx, t, STORE_WRITE, &use));
		assert_ok(store_run(cx, use, "INSERT INTO other (id) VALUES ($1)",
				    STORE_VALUES(store_int(i)), NULL, NULL));
		store_end(&use);
		store_close(t);
	}
	assert_fault(store_open(cx, config, &t), HM_INPUT, "newer version");
}

enum { THREADS = 8, ROUNDS = 20 };

static hm_err read_n(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	(void)cx;
	*(int64_t *)arg = row[1].number;
	return NULL;
}

/* Read and written in one transaction: nobody's round is lost. More threads than connections. */
static void *count_up(void *arg)
{
	for (int i = 0; i < ROUNDS; i++) {
		HM_AUTO_CX cx = HM_CX(HM_MIB);
		int64_t n = 0;
		STORE_AUTO_USE use = NULL;
		assert_ok(store_begin(&cx, arg, i % 2 ? STORE_WRITE : STORE_WRITE_LAZY, &use));
		assert_ok(store_run(&cx, use, "SELECT name, n FROM thing", STORE_NO_VALUES, read_n,
				    &n));
		assert_ok(store_run(&cx, use, "UPDATE thing SET n = $1",
				    STORE_VALUES(store_int(n + 1)), NULL, NULL));
		assert_ok(store_commit(&cx, use));
		store_end(&use);
		list(&cx, arg);
	}
	return NULL;
}

static void writes_one_after_the_other(struct hm_cx *cx, const struct store_config *config)
{
	struct store_tables *t;
	pthread_t threads[THREADS];
	assert_ok(store_open(cx, config, &t));
	add_committed(cx, t, 1, "a", 0);
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, count_up, t), 0);
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_str(list(cx, t), hm_fmt(cx, "a:%d", THREADS * ROUNDS));
	store_close(t);
}

static const struct test {
	const char *label;
	void (*run)(struct hm_cx *cx, const struct store_config *config);
} tests[] = {
	{ "what is committed is there after opening again", keeps_what_is_committed },
	{ "what is not committed never was", undoes_what_is_not },
	{ "a statement that fails takes its transaction with it",
	  undoes_a_transaction_that_failed },
	{ "values come back as they went in", gives_values_back },
	{ "text is ordered by its bytes", compares_byte_by_byte },
	{ "who reads sees one moment, and holds up nobody who writes", reads_one_moment },
	{ "a row that is refused ends the statement", ends_with_the_fault_of_a_row },
	{ "a statement is run for many rows of values", runs_one_for_many_rows },
	{ "a row that is refused ends a statement of many", ends_many_with_the_fault_of_a_row },
	{ "what is no statement is a fault", refuses_what_is_no_statement },
	{ "tables are added, and an older program refuses them", grows_and_never_shrinks },
	{ "those who write wait for each other", writes_one_after_the_other },
};

static void on_sqlite(void **state)
{
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	const struct test *t = *state;
	struct store_config config = empty(&cx, &store_sqlite);
	t->run(&cx, &config);
}

static void on_postgresql(void **state)
{
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	const struct test *t = *state;
	struct store_config config = empty(&cx, &store_postgresql);
	t->run(&cx, &config);
}

/* A lock that does not come in time: the transaction had begun by then. */
static void goes_on_after_a_beginning_that_failed(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct store_config config = empty(&cx, &store_postgresql);
	struct store_tables *one, *other;
	assert_ok(store_open(&cx, &config, &one));
	add_committed(&cx, one, 1, "a", 1);
	struct hm_str where = hm_cstr(config.where);
	config.where = hm_fmt(&cx, "%.*s%coptions=-clock_timeout%%3D50", HM_FMT(where),
			      hm_find_char(where, '?') == SIZE_MAX ? '?' : '&')
			       .p;
	config.connections = 1;
	assert_ok(store_open(&cx, &config, &other));
	{
		STORE_AUTO_USE holds = NULL;
		STORE_AUTO_USE waits = NULL;
		assert_ok(store_begin(&cx, one, STORE_WRITE, &holds));
		assert_fault(store_begin(&cx, other, STORE_WRITE, &waits), HM_SYSTEM,
			     "lock timeout");
		assert_strz(list(&cx, other), "a:1");
	}
	add_committed(&cx, other, 2, "b", 2);
	assert_strz(list(&cx, one), "a:1 b:2");
	store_close(one);
	store_close(other);
}

static const struct damage {
	const char *label, *bytes;
} damages[] = {
	{ "a file that is no database",
	  "this is no database, and is long enough to be seen as none "
	  "when its first hundred bytes are read by SQLite" },
};

static void is_refused(void **state)
{
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	const struct damage *d = *state;
	struct store_tables *t;
	struct store_config config = empty(&cx, &store_sqlite);
	assert_ok(hm_write_file(&cx, config.where, hm_cstr(d->bytes), 0644));
	assert_fault(store_open(&cx, &config, &t), HM_INPUT, "damaged");
}

static void folders_may_be_links_the_file_not(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct store_tables *t;
	struct store_config config = empty(&cx, &store_sqlite);
	const char *dir = unit_temp_dir();
	const char *folder = hm_path(&cx, dir, "linked");
	const char *file = hm_path(&cx, dir, "linked.db");
	assert_int_equal(symlink(dir, folder), 0);
	config.where = hm_path(&cx, folder, "of-a-link.db");
	assert_ok(store_open(&cx, &config, &t));
	add_committed(&cx, t, 1, "a", 1);
	store_close(t);
	config.where = hm_path(&cx, dir, "of-a-link.db");
	assert_ok(store_open(&cx, &config, &t));
	assert_strz(list(&cx, t), "a:1");
	store_close(t);
	assert_int_equal(symlink(config.where, file), 0);
	config.where = file;
	assert_fault(store_open(&cx, &config, &t), HM_SYSTEM, "could not use the tables");
	config.where = hm_path(&cx, dir, "absent/a.db");
	assert_fault(store_open(&cx, &config, &t), HM_SYSTEM, "could not use the tables");
}

int main(void)
{
	UNIT_TABLE(on_sqlite, tests);
	UNIT_TABLE(is_refused, damages);
	if (getenv("HULLMARK_TEST_POSTGRESQL"))
		UNIT_TABLE(on_postgresql, tests);
	if (getenv("HULLMARK_TEST_POSTGRESQL"))
		UNIT(goes_on_after_a_beginning_that_failed);
	if (getenv("HULLMARK_TEST_POSTGRESQL"))
		UNIT(ends_with_the_work_elsewhere);
	UNIT(ends_with_the_work);
	UNIT(folders_may_be_links_the_file_not);
	return unit_run("store/tables");
}
