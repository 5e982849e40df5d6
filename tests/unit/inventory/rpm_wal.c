/* SPDX-License-Identifier: Apache-2.0 */
/* A write-ahead log put into its database, as SQLite itself does it. */
#include "inventory/catalogers/rpm_wal.h"
#include "unit.h"

#include <sqlite3.h>
#include <stdio.h>
#include <unistd.h>

static void say(sqlite3 *db, const char *sql)
{
	char *why = NULL;
	if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s: %s", sql, why);
}

/* Everything that a query tells, in one text. */
static struct hm_str ask(struct hm_cx *cx, sqlite3 *db)
{
	HM_AUTO_BUF b = HM_BUF(1 << 24);
	sqlite3_stmt *s;
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT a, b FROM t ORDER BY a", -1, &s, NULL),
			 SQLITE_OK);
	int step;
	while ((step = sqlite3_step(s)) == SQLITE_ROW)
		hm_buf_fmt(&b, "%s %d\n", (const char *)sqlite3_column_text(s, 0),
			   sqlite3_column_bytes(s, 1));
	assert_int_equal(step, SQLITE_DONE);
	sqlite3_finalize(s);
	return hm_dup(cx, hm_buf_str(&b));
}

static struct hm_str ask_bytes(struct hm_cx *cx, struct hm_str bytes)
{
	sqlite3 *db;
	unsigned char *copy = hm_new(cx, unsigned char, bytes.n);
	memcpy(copy, bytes.p, bytes.n);
	copy[18] = copy[19] = 1;
	assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
	assert_int_equal(sqlite3_deserialize(db, "main", copy, (sqlite3_int64)bytes.n,
					     (sqlite3_int64)bytes.n, SQLITE_DESERIALIZE_READONLY),
			 SQLITE_OK);
	struct hm_str all = ask(cx, db);
	sqlite3_close(db);
	return all;
}

static struct hm_str read_file(struct hm_cx *cx, const char *path)
{
	struct hm_str bytes;
	assert_ok(hm_read_file(cx, path, 1 << 26, &bytes));
	return bytes;
}

/* Without waiting for the disk. */
static void write_file(const char *path, struct hm_str bytes)
{
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes.p, 1, bytes.n, f), bytes.n);
	assert_int_equal(fclose(f), 0);
}

/* What SQLite sees in these two files. */
static struct hm_str ask_files(struct hm_cx *cx, struct hm_str file, struct hm_str wal)
{
	const char *path = hm_path(cx, unit_temp_dir(), "oracle");
	sqlite3 *db;
	unlink(hm_fmt(cx, "%s-shm", path).p);
	write_file(path, file);
	write_file(hm_fmt(cx, "%s-wal", path).p, wal);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	say(db, "PRAGMA synchronous = OFF");
	struct hm_str all = ask(cx, db);
	sqlite3_close(db);
	return all;
}

static void same_as_sqlite(struct hm_cx *cx, struct hm_str file, struct hm_str wal)
{
	struct rpm_wal w;
	struct hm_str together = file;
	assert_ok(inventory_rpm_wal(cx, wal, &w));
	if (w.frames.n)
		assert_ok(inventory_rpm_wal_apply(cx, &w, file, &together));
	assert_str(ask_bytes(cx, together), ask_files(cx, file, wal));
}

static const struct story {
	const char *label;
	int page;
	const char *steps[8]; /* what is said before the files are looked at, each time */
} stories[] = {
	{ "a database of which all is in its log",
	  4096,
	  { "CREATE TABLE t (a, b)", "INSERT INTO t VALUES (1, zeroblob(9000))" } },
	{ "pages of 512 bytes",
	  512,
	  { "CREATE TABLE t (a, b); INSERT INTO t VALUES (1, zeroblob(3000))",
	    "INSERT INTO t VALUES (2, zeroblob(3000)); INSERT INTO t VALUES (3, 1)" } },
	{ "pages of 65536 bytes",
	  65536,
	  { "CREATE TABLE t (a, b); INSERT INTO t VALUES (1, zeroblob(300000))",
	    "DELETE FROM t; INSERT INTO t VALUES (2, 1)" } },
	{ "a log that began anew, with frames of before behind it",
	  1024,
	  { "CREATE TABLE t (a, b); INSERT INTO t VALUES (1, zeroblob(200000))",
	    "PRAGMA wal_checkpoint(RESTART); INSERT INTO t VALUES (2, zeroblob(10))",
	    "UPDATE t SET a = 3 WHERE a = 2" } },
	{ "a log of which a part is in the database already",
	  1024,
	  { "CREATE TABLE t (a, b); INSERT INTO t VALUES (1, zeroblob(20000))",
	    "PRAGMA wal_checkpoint(PASSIVE); INSERT INTO t VALUES (2, zeroblob(20000))" } },
	{ "a database that became shorter",
	  1024,
	  { "CREATE TABLE t (a, b); INSERT INTO t VALUES (1, zeroblob(90000))",
	    "PRAGMA wal_checkpoint(TRUNCATE); DELETE FROM t; INSERT INTO t VALUES (9, 9); VACUUM" } },
};

static void reads_as_sqlite(void **state)
{
	const struct story *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	const char *path = hm_path(&cx, unit_temp_dir(), hm_fmt(&cx, "%s", t->label).p);
	const char *log = hm_fmt(&cx, "%s-wal", path).p;
	sqlite3 *db;
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	say(db, hm_fmt(&cx, "PRAGMA page_size = %d; PRAGMA journal_mode = WAL", t->page).p);
	say(db, "PRAGMA wal_autocheckpoint = 0");
	size_t logs = 0;
	for (size_t i = 0; i < HM_LEN(t->steps) && t->steps[i]; i++) {
		say(db, t->steps[i]);
		struct hm_str file = read_file(&cx, path), wal = read_file(&cx, log);
		struct rpm_wal w;
		struct hm_str together;
		assert_ok(inventory_rpm_wal(&cx, wal, &w));
		logs += w.frames.n > 0;
		if (w.frames.n) {
			assert_ok(inventory_rpm_wal_apply(&cx, &w, file, &together));
			assert_str(ask_bytes(&cx, together), ask(&cx, db));
		}
	}
	assert_true(logs > 0);
	sqlite3_close(db);
}

/* Cut short anywhere, or with any byte changed, it is read up to where SQLite reads it. */
static void ends_where_sqlite_ends(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	const char *path = hm_path(&cx, unit_temp_dir(), "cut");
	sqlite3 *db;
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	say(db, "PRAGMA page_size = 512; CREATE TABLE t (a, b); PRAGMA journal_mode = WAL");
	say(db, "PRAGMA wal_autocheckpoint = 0");
	for (int i = 0; i < 4; i++)
		say(db, "INSERT INTO t VALUES ((SELECT count(*) FROM t), zeroblob(700))");
	struct hm_str file = read_file(&cx, path);
	struct hm_str wal = read_file(&cx, hm_fmt(&cx, "%s-wal", path).p);
	sqlite3_close(db);
	for (size_t n = 0; n <= wal.n; n += 67) {
		HM_AUTO_CX one = HM_CX(SIZE_MAX);
		same_as_sqlite(&one, file, hm_sub(wal, 0, n));
	}
	for (size_t i = 0; i < wal.n; i += i < 64 ? 1 : 61) {
		HM_AUTO_CX one = HM_CX(SIZE_MAX);
		struct hm_str bad = hm_dup(&one, wal);
		((char *)(uintptr_t)bad.p)[i] ^= 4;
		same_as_sqlite(&one, file, bad);
	}
}

static void refuses(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct rpm_wal w = { .frames = HM_STR("x"), .page = 4096, .pages = 1 };
	struct hm_str out;
	char db[4096] = "SQLite format 3";
	db[16] = 2; /* pages of 512 bytes */
	assert_fault(inventory_rpm_wal_apply(&cx, &w, hm_bytes(db, sizeof(db)), &out), HM_INPUT,
		     "of another database");
	assert_fault(inventory_rpm_wal_apply(&cx, &w, HM_STR("SQLite"), &out), HM_INPUT,
		     "of another database");
	db[16] = 16;
	w.pages = HM_MAX_KEPT_FILE / 4096 + 1;
	assert_fault(inventory_rpm_wal_apply(&cx, &w, hm_bytes(db, sizeof(db)), &out), HM_LIMIT,
		     "more than");
	/* a version to come, with a checksum that is right */
	static const char next[] =
		"\x37\x7f\x06\x83\x00\x2d\xe2\x19\x00\x00\x02\x00\x00\x00\x00\x00"
		"\x00\x00\x00\x00\x00\x00\x00\x00";
	uint32_t s[2] = { 0 };
	struct hm_cur c = hm_cur(hm_bytes(next, 24));
	while (c.n) {
		s[0] += (uint32_t)hm_be(&c, 4) + s[1];
		s[1] += (uint32_t)hm_be(&c, 4) + s[0];
	}
	HM_AUTO_BUF b = HM_BUF(64);
	hm_buf_add(&b, hm_bytes(next, 24));
	for (int i = 0; i < 2; i++)
		for (int k = 24; k >= 0; k -= 8)
			hm_buf_char(&b, (char)(s[i] >> k));
	assert_fault(inventory_rpm_wal(&cx, hm_buf_str(&b), &w), HM_INPUT, "of version 3007001");
}

int main(void)
{
	UNIT_TABLE(reads_as_sqlite, stories);
	UNIT(ends_where_sqlite_ends);
	UNIT(refuses);
	return unit_run("inventory/rpm_wal");
}
