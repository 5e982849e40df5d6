/* SPDX-License-Identifier: Apache-2.0 */
/* Tables that are packed: blocks, and what SQLite does with them, beside an ordinary table. */
#include "store/packed/packed.h"

#include "store/packed/block.h"
#include "store/tables.h"
#include "unit.h"

/* ------------------------------------------------------------------ blocks */

/* The same each time. */
static uint64_t draw(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static const struct shape {
	const char *label;
	size_t rows;
	int64_t least;
	uint64_t most; /* above it, each column another share */
} shapes[] = {
	{ "one row", 1, 5, 0 },
	{ "all the same", 300, -7, 0 },
	{ "two values", 100, 0, 1 },
	{ "few values that are far from each other", 2000, -1000000, 3 },
	{ "many values", 5000, 1, 100000 },
	{ "the widest", 200, -((int64_t)1 << 55), ((uint64_t)1 << 56) - 1 },
};

struct noted {
	struct hm_cx *cx;
	HM_VEC(int64_t) values[3];
};

static void note(void *arg, size_t column, int64_t value)
{
	struct noted *n = arg;
	*hm_push(n->cx, &n->values[column]) = value;
}

/* Rows, their key rising; the third column is one of few. */
static int64_t *make_rows(struct hm_cx *cx, const struct shape *s)
{
	uint64_t state = 88172645463325252u;
	int64_t *rows = hm_new(cx, int64_t, s->rows * 3);
	for (size_t i = 0; i < s->rows; i++) {
		rows[i * 3] = s->least + (int64_t)(i / 2);
		rows[i * 3 + 1] = s->least + (int64_t)(draw(&state) & s->most);
		rows[i * 3 + 2] = (int64_t)(draw(&state) % 3) * 1000000;
	}
	return rows;
}

static size_t first_of(const int64_t *rows, size_t n, size_t column, int64_t value, size_t from)
{
	while (from < n && rows[from * 3 + column] != value)
		from++;
	return from;
}

static void gives_back_what_was_packed(void **state)
{
	const struct shape *s = *state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct noted noted = { .cx = &cx };
	struct store_packed_block block;
	int64_t *rows = make_rows(&cx, s);
	store_packed_write(&cx, &(struct store_packed_rows){ rows, s->rows, 3 }, &b, note, &noted);
	assert_true(store_packed_read(hm_buf_str(&b), 3, &block));
	assert_int_equal(block.rows, s->rows);
	for (size_t i = 0; i < s->rows * 3; i++)
		assert_int_equal(store_packed_get(&block, i % 3, i / 3), rows[i]);
	for (size_t column = 0; column < 3; column++) {
		for (size_t i = 1; i < noted.values[column].n; i++)
			assert_true(noted.values[column].p[i - 1] < noted.values[column].p[i]);
		for (size_t i = 0; i < noted.values[column].n;
		     i += 1 + noted.values[column].n / 50) {
			int64_t value = noted.values[column].p[i];
			size_t at = store_packed_find(&block, column, value, 0);
			assert_int_equal(at, first_of(rows, s->rows, column, value, 0));
			assert_int_equal(store_packed_find(&block, column, value, at + 1),
					 first_of(rows, s->rows, column, value, at + 1));
		}
		assert_int_equal(store_packed_find(&block, column, INT64_MAX, 0), s->rows);
		assert_int_equal(store_packed_find(&block, column, INT64_MIN, 0), s->rows);
	}
	assert_int_equal(store_packed_find_key(&block, s->least), 0);
	assert_int_equal(store_packed_find_key(&block, INT64_MAX), s->rows);
}

/* Every byte that is missing, and each bit that is another: refused, or other numbers. */
static void damage_is_seen_or_harmless(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct noted noted = { .cx = &cx };
	struct store_packed_block block;
	struct shape s = { "", 40, 3, 60 };
	store_packed_write(&cx, &(struct store_packed_rows){ make_rows(&cx, &s), 40, 3 }, &b, note,
			   &noted);
	for (size_t n = 0; n < b.n; n++) { /* a copy, so that a sanitizer sees its end */
		HM_AUTO_BUF copy = HM_BUF(HM_MIB);
		hm_buf_add(&copy, hm_sub(hm_buf_str(&b), 0, n));
		assert_false(store_packed_read(hm_buf_str(&copy), 3, &block));
	}
	for (size_t bit = 0; bit < b.n * 8; bit++) {
		b.p[bit / 8] = (char)(b.p[bit / 8] ^ 1 << bit % 8);
		if (store_packed_read(hm_buf_str(&b), 3, &block))
			for (size_t i = 0; i < block.rows * 3; i++)
				(void)store_packed_find(&block, i % 3,
							store_packed_get(&block, i % 3, i / 3), 0);
		b.p[bit / 8] = (char)(b.p[bit / 8] ^ 1 << bit % 8);
	}
	assert_false(store_packed_read(hm_buf_str(&b), 2, &block));
	assert_false(store_packed_read(hm_buf_str(&b), 4, &block));
}

/* One row after another, a step of one down; what is sought is as far away as can be. */
static void what_is_too_far_away_is_not_there(void **state)
{
	(void)state;
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct store_packed_block block;
	hm_buf_char(&b, 1);    /* the version */
	hm_buf_uvarint(&b, 3); /* rows */
	hm_buf_char(&b, STORE_PACKED_STEPS);
	hm_buf_uvarint(&b, (uint64_t)7 << 1 | 0); /* zigzag(7) */
	hm_buf_uvarint(&b, 1);                    /* zigzag(-1) */
	hm_buf_le(&b, 0, 8);
	assert_true(store_packed_read(hm_buf_str(&b), 1, &block));
	assert_int_equal(store_packed_find(&block, 0, 6, 0), 1);
	assert_int_equal(store_packed_find(&block, 0, INT64_MIN + 7, 0), 3);
}

/* ------------------------------------------------------------------ tables */

static const char *const schema[] = {
	"/*! CREATE VIRTUAL TABLE packed USING packed(id, kind, a INDEXED, b INDEXED, "
	"owner INDEXED GROUPED) */",
	"CREATE TABLE plain (id BIGINT NOT NULL, kind BIGINT NOT NULL, a BIGINT NOT NULL, "
	"b BIGINT NOT NULL, owner BIGINT NOT NULL)",
	"CREATE TABLE wanted (id BIGINT NOT NULL PRIMARY KEY)",
	NULL,
};

static struct store_tables *open_tables(struct hm_cx *cx, const char *name)
{
	struct store_tables *t;
	struct store_config config = { .backend = &store_sqlite,
				       .where = hm_path(cx, unit_temp_dir(), name),
				       .schema = schema,
				       .connections = 2 };
	assert_ok(store_open(cx, &config, &t));
	return t;
}

static hm_err join_row(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	struct hm_buf *all = arg;
	(void)cx;
	hm_buf_fmt(all, "%.*s\n", HM_FMT(row[0].text));
	return NULL;
}

/* Statements are found again by their addresses: none is freed before the end. */
static struct hm_cx texts = HM_CX(SIZE_MAX);

static struct hm_str ask_of(struct hm_cx *cx, struct store_use *use, const char *sql,
			    const char *table)
{
	HM_AUTO_BUF b = HM_BUF(HM_MIB), all = HM_BUF(64 * HM_MIB);
	for (struct hm_str rest = hm_cstr(sql); rest.n; rest = hm_from(rest, 1)) {
		if (rest.p[0] == '%')
			hm_buf_addz(&b, table);
		else
			hm_buf_char(&b, rest.p[0]);
	}
	assert_ok(store_run(cx, use, hm_dupz(&texts, hm_buf_str(&b)), STORE_NO_VALUES, join_row,
			    &all));
	assert_false(all.over);
	return hm_dup(cx, hm_buf_str(&all));
}

static void run_ok(struct hm_cx *cx, struct store_use *use, const char *sql)
{
	assert_ok(store_run(cx, use, sql, STORE_NO_VALUES, NULL, NULL));
}

/* Owners with few rows and with many, the same into both tables. */
static void fill(struct hm_cx *cx, struct store_tables *t, int64_t from, int64_t to)
{
	STORE_AUTO_USE use = NULL;
	uint64_t state = (uint64_t)from + 1;
	assert_ok(store_begin(cx, t, STORE_WRITE, &use));
	for (int64_t i = from; i < to; i++) {
		struct store_values row =
			STORE_VALUES(store_int(i / 2), store_int((int64_t)(draw(&state) % 5)),
				     store_int((int64_t)(draw(&state) % 300)),
				     store_int(draw(&state) % 3 ? 0
								: (int64_t)(draw(&state) % 3000)),
				     store_int(i < 9000 ? i / 7 : i / 6000));
		assert_ok(store_run(
			cx, use,
			"INSERT INTO packed (id, kind, a, b, owner) VALUES ($1, $2, $3, $4, $5)",
			row, NULL, NULL));
		assert_ok(store_run(
			cx, use,
			"INSERT INTO plain (id, kind, a, b, owner) VALUES ($1, $2, $3, $4, $5)",
			row, NULL, NULL));
	}
	assert_ok(store_commit(cx, use));
}

#define ROW "SELECT CAST(id AS TEXT) || ' ' || kind || ' ' || a || ' ' || b || ' ' || owner "
static const char *const questions[] = {
	ROW "FROM % ORDER BY id, kind, a, b",
	ROW "FROM % WHERE id = 17 ORDER BY kind, a, b",
	ROW "FROM % WHERE id = -1",
	ROW "FROM % WHERE id = 1000000",
	ROW "FROM % WHERE a = 5 ORDER BY id, kind, b",
	ROW "FROM % WHERE a = 5 AND kind = 2 ORDER BY id, b",
	ROW "FROM % WHERE a = 5 AND kind IN (1, 3) ORDER BY id, kind, b",
	ROW "FROM % WHERE b = 77 ORDER BY id, kind, a",
	ROW "FROM % WHERE b = 0 AND owner = 12 ORDER BY id, kind, a",
	ROW "FROM % WHERE owner = 1 AND kind = 4 ORDER BY id, a, b",
	ROW "FROM % WHERE owner = 99999",
	ROW "FROM % WHERE a IN (SELECT id FROM wanted) AND kind = 1 ORDER BY id, a, b",
	ROW "FROM % WHERE id IN (SELECT id FROM wanted) ORDER BY id, kind, a, b",
	ROW "FROM % WHERE a = 8 OR b = 8 ORDER BY id, kind, a, b",
	ROW "FROM % WHERE id > 4000 AND id <= 4010 ORDER BY id, kind, a, b",
	ROW "FROM % WHERE a = 9 AND id >= 6000 ORDER BY id, kind, b",
	ROW "FROM % WHERE a = 9 AND id < 2000 ORDER BY id, kind, b",
	ROW "FROM % WHERE kind = 3 AND a > 290 ORDER BY id DESC, a, b",
	"SELECT CAST(MAX(id) AS TEXT) FROM %",
	"SELECT CAST(COALESCE(MAX(id), 0) + 1 AS TEXT) FROM %",
	"SELECT CAST(id AS TEXT) FROM % ORDER BY id DESC LIMIT 7",
	"SELECT CAST(COUNT(*) AS TEXT) FROM % WHERE a = 'x'",
	"SELECT CAST(COUNT(*) AS TEXT) FROM % WHERE a = NULL",
	"SELECT CAST(COUNT(DISTINCT a) AS TEXT) || ' ' || kind FROM % GROUP BY kind ORDER BY kind",
	"SELECT DISTINCT CAST(f.a AS TEXT) FROM % AS s JOIN % AS f ON f.owner = s.owner "
	"WHERE s.a = 3 AND s.kind = 3 AND f.kind = 1 ORDER BY 1",
	"SELECT CAST(COUNT(*) AS TEXT) FROM wanted WHERE EXISTS (SELECT 1 FROM % AS f WHERE "
	"f.owner = wanted.id AND f.kind = 2)",
	"SELECT CAST(f.a AS TEXT) FROM wanted LEFT JOIN % AS f ON f.id = wanted.id ORDER BY 1",
};

static void compare_all(struct hm_cx *cx, struct store_use *use)
{
	for (size_t i = 0; i < HM_LEN(questions); i++) {
		HM_AUTO_CX own = hm_cx_child(cx, SIZE_MAX);
		assert_str(ask_of(&own, use, questions[i], "packed"),
			   ask_of(&own, use, questions[i], "plain"));
	}
}

static void answers_like_an_ordinary_table(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct store_tables *t = open_tables(&cx, "same.db");
	STORE_AUTO_USE use = NULL;
	assert_ok(store_begin(&cx, t, STORE_WRITE, &use));
	compare_all(&cx, use); /* both are empty */
	for (const char *const *p = (const char *const[]){ "3", "5", "700", "8000", NULL }; *p; p++)
		run_ok(&cx, use, hm_fmt(&texts, "INSERT INTO wanted (id) VALUES (%s)", *p).p);
	assert_ok(store_commit(&cx, use));
	store_end(&use);
	fill(&cx, t, 0, 10);
	fill(&cx, t, 10, 20000);
	assert_ok(store_begin(&cx, t, STORE_READ, &use));
	compare_all(&cx, use);
	store_end(&use);
	store_close(t);
}

static void sees_what_it_has_written(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct store_tables *t = open_tables(&cx, "own.db");
	STORE_AUTO_USE use = NULL;
	fill(&cx, t, 0, 100);
	assert_ok(store_begin(&cx, t, STORE_WRITE, &use));
	run_ok(&cx, use, "INSERT INTO packed (id, kind, a, b, owner) VALUES (900, 1, 2, 3, 4)");
	assert_strz(ask_of(&cx, use, ROW "FROM % WHERE id = 900", "packed"), "900 1 2 3 4\n");
	run_ok(&cx, use, "UPDATE packed SET kind = 8 WHERE a = 2 AND b = 3 AND owner = 4");
	assert_strz(ask_of(&cx, use, ROW "FROM % WHERE id = 900", "packed"), "900 8 2 3 4\n");
	store_end(&use); /* undone */
	assert_ok(store_begin(&cx, t, STORE_READ, &use));
	assert_strz(ask_of(&cx, use, ROW "FROM % WHERE id = 900", "packed"), "");
	compare_all(&cx, use);
	store_end(&use);
	assert_ok(store_begin(&cx, t, STORE_WRITE, &use));
	run_ok(&cx, use, "UPDATE packed SET kind = kind + 10 WHERE a < 100");
	run_ok(&cx, use, "UPDATE plain SET kind = kind + 10 WHERE a < 100");
	assert_ok(store_commit(&cx, use));
	store_end(&use);
	fill(&cx, t, 100, 200); /* behind what was undone */
	assert_ok(store_begin(&cx, t, STORE_READ, &use));
	compare_all(&cx, use);
	store_end(&use);
	store_close(t);
}

/* Of what is changed the index knows the new values, and none that nobody has. */
static void finds_what_was_changed(void **state)
{
	static const char *const changes[] = {
		"UPDATE % SET a = a + 1000 WHERE b = 7",
		"UPDATE % SET a = 8, b = 9, kind = 2 WHERE a = 3",
		"UPDATE % SET a = b, b = a WHERE owner = 1",
		"UPDATE % SET b = 100000 WHERE id > 4000 AND id <= 4010",
		"UPDATE % SET a = a",
	};
	static const char *const stale[] = {
		"SELECT CAST(COUNT(*) AS TEXT) FROM packed_value WHERE columns & 4 AND NOT EXISTS "
		"(SELECT 1 FROM plain WHERE a = value)",
		"SELECT CAST(COUNT(*) AS TEXT) FROM packed_value WHERE columns & 8 AND NOT EXISTS "
		"(SELECT 1 FROM plain WHERE b = value)",
		"SELECT CAST(COUNT(*) AS TEXT) FROM packed_value WHERE columns = 0",
	};
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct store_tables *t = open_tables(&cx, "changed.db");
	STORE_AUTO_USE use = NULL;
	fill(&cx, t, 0, 6000);
	assert_ok(store_begin(&cx, t, STORE_WRITE, &use));
	for (size_t i = 0; i < HM_LEN(changes); i++) {
		ask_of(&cx, use, changes[i], "packed");
		ask_of(&cx, use, changes[i], "plain");
		compare_all(&cx, use);
	}
	for (size_t i = 0; i < HM_LEN(stale); i++)
		assert_strz(ask_of(&cx, use, stale[i], "packed"), "0\n");
	assert_strz(ask_of(&cx, use, "SELECT CAST(COUNT(*) AS TEXT) FROM % WHERE b = 100000",
			   "packed"),
		    ask_of(&cx, use, "SELECT CAST(COUNT(*) AS TEXT) FROM % WHERE b = 100000",
			   "plain")
			    .p);
	store_end(&use); /* undone */
	assert_ok(store_begin(&cx, t, STORE_READ, &use));
	compare_all(&cx, use);
	store_end(&use);
	store_close(t);
}

static const struct refusal {
	const char *label, *sql;
} refusals[] = {
	{ "a key whose block has ended",
	  "INSERT INTO packed (id, kind, a, b, owner) VALUES (49, 1, 1, 1, 1)" },
	{ "a key before the last",
	  "INSERT INTO packed (id, kind, a, b, owner) VALUES (1, 1, 1, 1, 1)" },
	{ "a text", "INSERT INTO packed (id, kind, a, b, owner) VALUES (999, 'x', 1, 1, 1)" },
	{ "nothing", "INSERT INTO packed (id, kind, a, b) VALUES (999, 1, 1, 1)" },
	{ "a number of 56 bits",
	  "INSERT INTO packed (id, kind, a, b, owner) VALUES (999, 36028797018963968, 1, 1, 1)" },
	{ "a row that goes", "DELETE FROM packed WHERE id = 5" },
	{ "another key", "UPDATE packed SET id = id + 1" },
	{ "another group", "UPDATE packed SET owner = owner + 1 WHERE id = 5" },
};

static void refuses(void **state)
{
	const struct refusal *r = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct store_tables *t = open_tables(&cx, hm_fmt(&cx, "%s.db", r->label).p);
	STORE_AUTO_USE use = NULL;
	fill(&cx, t, 0, 100);
	assert_ok(store_begin(&cx, t, STORE_WRITE, &use));
	assert_fault(store_run(&cx, use, r->sql, STORE_NO_VALUES, NULL, NULL), HM_SYSTEM,
		     "could not use the tables");
	store_end(&use);
	assert_ok(store_begin(&cx, t, STORE_READ, &use));
	compare_all(&cx, use);
	store_end(&use);
	store_close(t);
}

static void damaged_tables_are_named(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct store_tables *t = open_tables(&cx, "damaged.db");
	STORE_AUTO_USE use = NULL;
	HM_AUTO_BUF all = HM_BUF(HM_MIB);
	fill(&cx, t, 0, 100);
	assert_ok(store_begin(&cx, t, STORE_WRITE, &use));
	run_ok(&cx, use, "UPDATE packed_block SET rows = 'x'");
	assert_fault(store_run(&cx, use, ROW "FROM packed WHERE id = 5", STORE_NO_VALUES, join_row,
			       &all),
		     HM_INPUT, "the tables are damaged");
	store_end(&use);
	store_close(t);
}

int main(void)
{
	UNIT_TABLE(gives_back_what_was_packed, shapes);
	UNIT(damage_is_seen_or_harmless);
	UNIT(what_is_too_far_away_is_not_there);
	UNIT(answers_like_an_ordinary_table);
	UNIT(sees_what_it_has_written);
	UNIT(finds_what_was_changed);
	UNIT_TABLE(refuses, refusals);
	UNIT(damaged_tables_are_named);
	int status = unit_run("store/packed");
	hm_cx_done(&texts);
	return status;
}
