/* SPDX-License-Identifier: Apache-2.0 */
/* In the worker: rpmdb.sqlite (rpm 4.18: lib/backend/sqlite.c). */
#include <sqlite3.h>

#include "repair/rpm/write.h"

enum { VERSIONS = 18 /* of the file format, 19 too: 2 is a write-ahead log */ };

struct sqlite {
	sqlite3 *db;
	sqlite3_stmt *statement;
	const struct rpm_writing *w;
	sqlite3_int64 number; /* of the package that is put in */
};

static void sqlite_done(struct sqlite *s)
{
	sqlite3_finalize(s->statement);
	sqlite3_close(s->db);
}

static hm_err fail(struct hm_cx *cx, const struct sqlite *s)
{
	return hm_fail(cx, HM_INPUT, "the database: %s", sqlite3_errmsg(s->db));
}

static hm_err run(struct hm_cx *cx, const struct sqlite *s, const char *sql)
{
	return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK ? NULL : fail(cx, s);
}

static hm_err prepare(struct hm_cx *cx, struct sqlite *s, const char *sql)
{
	sqlite3_finalize(s->statement);
	s->statement = NULL;
	return sqlite3_prepare_v2(s->db, sql, -1, &s->statement, NULL) == SQLITE_OK ? NULL
										    : fail(cx, s);
}

static hm_err step(struct hm_cx *cx, const struct sqlite *s)
{
	int rc = sqlite3_step(s->statement);
	sqlite3_reset(s->statement);
	return rc == SQLITE_DONE ? NULL : fail(cx, s);
}

/* It is in WAL mode, which a database in memory cannot have. */
static hm_err open_database(struct hm_cx *cx, struct sqlite *s)
{
	struct hm_str bytes = s->w->database;
	unsigned char *copy = bytes.n >= 100 ? sqlite3_malloc64(bytes.n) : NULL;
	if (!copy)
		return hm_fail(cx, HM_INPUT, "it is not a database of SQLite");
	memcpy(copy, bytes.p, bytes.n);
	copy[VERSIONS] = copy[VERSIONS + 1] = 1;
	if (sqlite3_open_v2(":memory:", &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY, NULL) !=
	    SQLITE_OK) {
		sqlite3_free(copy);
		return hm_fail(cx, HM_SYSTEM, "could not start SQLite");
	}
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)NULL);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, (int *)NULL);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, (int *)NULL);
	if (sqlite3_deserialize(s->db, "main", copy, (sqlite3_int64)bytes.n, (sqlite3_int64)bytes.n,
				SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE) !=
	    SQLITE_OK)
		return fail(cx, s);
	HM_TRY(run(cx, s, "PRAGMA journal_mode = OFF"));
	HM_TRY(run(cx, s, "PRAGMA temp_store = MEMORY"));
	return run(cx, s, "BEGIN");
}

/* A table that is not known here would be left without what rpm puts into it. */
static hm_err check_tables(struct hm_cx *cx, struct sqlite *s, struct hm_map *out)
{
	int rc;
	HM_TRY(prepare(cx, s, "SELECT name FROM sqlite_master WHERE type = 'table'"));
	while ((rc = sqlite3_step(s->statement)) == SQLITE_ROW) {
		struct hm_str name =
			hm_dup(cx, hm_cstr((const char *)sqlite3_column_text(s->statement, 0)));
		const struct rpm_index_row *row = repair_rpm_indexes;
		while (row->name && !hm_eqz(name, row->name))
			row++;
		if (!row->name && !hm_eqz(name, "Packages") && !hm_starts(name, HM_STR("sqlite_")))
			return hm_fail(cx, HM_INPUT,
				       "the database has a table \"%.*s\", which is not known here",
				       HM_FMT(name));
		hm_map_put(cx, out, name, s);
	}
	return rc == SQLITE_DONE ? NULL : fail(cx, s);
}

/* ------------------------------------------------------------------ out of it */

struct numbers {
	sqlite3_int64 *p;
	size_t n, cap;
};

static hm_err list_removed(struct hm_cx *cx, struct sqlite *s, struct numbers *out)
{
	int rc;
	HM_TRY(prepare(cx, s, "SELECT hnum FROM Packages ORDER BY hnum"));
	for (uint64_t i = 0; (rc = sqlite3_step(s->statement)) == SQLITE_ROW; i++)
		if (repair_rpm_is_removed(s->w, i))
			*hm_push(cx, out) = sqlite3_column_int64(s->statement, 0);
	return rc == SQLITE_DONE ? NULL : fail(cx, s);
}

static hm_err remove_from(struct hm_cx *cx, struct sqlite *s, const char *table,
			  const struct numbers *numbers)
{
	HM_TRY(prepare(cx, s, hm_fmt(cx, "DELETE FROM '%s' WHERE hnum = ?", table).p));
	for (size_t i = 0; i < numbers->n; i++) {
		sqlite3_bind_int64(s->statement, 1, numbers->p[i]);
		HM_TRY(step(cx, s));
	}
	return NULL;
}

/* ------------------------------------------------------------------ into it */

static hm_err add_key(struct hm_cx *cx, void *arg, struct hm_str key, uint32_t number)
{
	struct sqlite *s = arg;
	sqlite3_bind_text64(s->statement, 1, key.p, key.n, SQLITE_STATIC, SQLITE_UTF8);
	sqlite3_bind_int64(s->statement, 2, s->number);
	sqlite3_bind_int64(s->statement, 3, number);
	return step(cx, s);
}

static hm_err add_bytes(struct hm_cx *cx, void *arg, struct hm_str key, uint32_t number)
{
	struct sqlite *s = arg;
	sqlite3_bind_blob64(s->statement, 1, key.p, key.n, SQLITE_STATIC);
	sqlite3_bind_int64(s->statement, 2, s->number);
	sqlite3_bind_int64(s->statement, 3, number);
	return step(cx, s);
}

static hm_err add_package(struct hm_cx *cx, struct sqlite *s, const struct rpm_new *n,
			  const struct hm_map *tables)
{
	HM_AUTO_BUF blob = HM_BUF(HM_MAX_REPAIR_CONTROL * 3);
	struct rpm_header h;
	HM_TRY(repair_rpm_installed_header(cx, n, &blob));
	HM_TRY(prepare(cx, s, "INSERT INTO 'Packages' VALUES (NULL, ?)"));
	sqlite3_bind_blob64(s->statement, 1, blob.p, blob.n, SQLITE_STATIC);
	HM_TRY(step(cx, s));
	s->number = sqlite3_last_insert_rowid(s->db);
	HM_TRY(repair_rpm_header(cx, hm_buf_str(&blob), &h));
	for (const struct rpm_index_row *row = repair_rpm_indexes; row->name; row++) {
		struct rpm_index_sink to = { row->key == RPM_KEY_TEXT ? add_key : add_bytes, s };
		if (!hm_map_has(tables, hm_cstr(row->name)))
			continue;
		HM_TRY(prepare(cx, s,
			       hm_fmt(cx, "INSERT INTO '%s' VALUES (?, ?, ?)", row->name).p));
		HM_TRY(repair_rpm_index(cx, &h, row, s->w->big_endian, to));
	}
	return NULL;
}

hm_err repair_rpm_write_sqlite(struct hm_cx *cx, const struct rpm_writing *w, struct hm_buf *out)
{
	HM_CLEANUP(sqlite_done) struct sqlite s = { .w = w };
	struct numbers removed = { 0 };
	struct hm_map tables = { 0 };
	sqlite3_int64 size = 0;
	HM_TRY(open_database(cx, &s));
	HM_TRY(check_tables(cx, &s, &tables));
	HM_TRY(list_removed(cx, &s, &removed));
	if (removed.n != w->removed.n)
		return hm_fail(cx, HM_INPUT, "the database lacks a package that it had");
	for (size_t i = 0; i < w->new.n; i++)
		HM_TRY(add_package(cx, &s, &w->new.p[i], &tables));
	for (const struct rpm_index_row *row = repair_rpm_indexes; row->name; row++)
		if (hm_map_has(&tables, hm_cstr(row->name)))
			HM_TRY(remove_from(cx, &s, row->name, &removed));
	HM_TRY(remove_from(cx, &s, "Packages", &removed));
	HM_TRY(run(cx, &s, "COMMIT"));
	sqlite3_finalize(s.statement);
	s.statement = NULL;
	const unsigned char *bytes =
		sqlite3_serialize(s.db, "main", &size, SQLITE_SERIALIZE_NOCOPY);
	if (!bytes || size < 100)
		return fail(cx, &s);
	hm_buf_add(out, hm_bytes(bytes, VERSIONS));
	hm_buf_add(out, hm_sub(w->database, VERSIONS, 2));
	hm_buf_add(out, hm_bytes(bytes + VERSIONS + 2, (size_t)size - VERSIONS - 2));
	return NULL;
}
