/* SPDX-License-Identifier: Apache-2.0 */
/* SQLite in WAL mode: readers see a snapshot and wait for nobody; a commit is one write and one
 * flush of the log. */
#include "base/poison.h"
#include "store/backend.h"
#include "store/sqlite_copy.h"
#include "store/sqlite_open.h"

enum { STEPS = 100000 }; /* of SQLite's machine: a few milliseconds */

struct store_connection {
	struct hm_cx cx; /* holds this very struct */
	sqlite3 *db;
	struct hm_cx *running; /* whose statement runs, the innermost; or NULL */
	unsigned cache;        /* KiB for pages while it writes; 0: SQLite's own measure */
	bool is_large;         /* it has so much now */
};

static sqlite3 *handle_of(struct store_connection *c)
{
	return c->db;
}

static void close_connection(struct store_connection *c)
{
	struct hm_cx own = c->cx;
	sqlite3_close(handle_of(c));
	hm_cx_done(&own);
}

/* A statement ends with the work that it is for, whether it has rows by then or not. */
static int ends_now(void *arg)
{
	const struct store_connection *c = arg;
	return c->running && hm_alive(c->running) != NULL;
}

/* Who writes much changes the same pages again and again: they are copied from the log into the
 * file once in as many pages of it, which it has room for (keep_room()). There is one of those;
 * those who read are many, and find in the system's memory what they have no room for. */
enum { READING = 4 }; /* a part of the pages for each of them */

static hm_err keep_pages(struct hm_cx *cx, sqlite3 *db, unsigned cache)
{
	return store_sqlite_text(cx, db, hm_fmt(cx, "PRAGMA cache_size=-%u", cache).p);
}

static hm_err suit_pages(struct hm_cx *cx, struct store_connection *c, bool writes)
{
	if (!c->cache || c->is_large == writes)
		return NULL;
	HM_TRY(keep_pages(cx, c->db, writes ? c->cache : c->cache / READING));
	c->is_large = writes;
	return NULL;
}

/* The log and its index are not removed by the last one that closes; the log is empty then. */
static hm_err keep_room(struct hm_cx *cx, sqlite3 *db)
{
	int yes = 1;
	HM_TRY(store_sqlite_text(cx, db, "PRAGMA journal_size_limit=67108864"));
	int status = sqlite3_file_control(db, NULL, SQLITE_FCNTL_PERSIST_WAL, &yes);
	return status == SQLITE_OK ? NULL : store_sqlite_fault(cx, db, status);
}

static hm_err open_connection(struct hm_cx *cx, const struct store_config *config,
			      struct store_connection **out)
{
	sqlite3 *db = NULL;
	hm_err err = store_sqlite_open(cx, config->where,
				       SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, &db);
	if (!err)
		err = store_sqlite_text(cx, db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL");
	if (!err && config->cache)
		err = store_sqlite_text(cx, db, "PRAGMA wal_autocheckpoint=16000");
	if (!err && config->cache)
		err = keep_pages(cx, db, config->cache / READING);
	if (!err && config->keeps_room)
		err = keep_room(cx, db);
	if (err) {
		sqlite3_close(db);
		return err;
	}
	struct hm_cx own = HM_CX(SIZE_MAX);
	*out = hm_new(&own, struct store_connection, 1);
	**out = (struct store_connection){ .cx = own, .db = db, .cache = config->cache };
	sqlite3_progress_handler(db, STEPS, ends_now, *out);
	return NULL;
}

static hm_err begin_transaction(struct hm_cx *cx, struct store_connection *c, enum store_mode mode)
{
	sqlite3 *db = handle_of(c);
	HM_TRY(suit_pages(cx, c, mode != STORE_READ));
	if (mode == STORE_READ)
		return store_sqlite_text(cx, db, "BEGIN");
	HM_TRY(store_sqlite_text(cx, db,
				 mode == STORE_WRITE ? "PRAGMA synchronous=FULL"
						     : "PRAGMA synchronous=NORMAL"));
	return store_sqlite_text(cx, db, "BEGIN IMMEDIATE");
}

static hm_err commit_transaction(struct hm_cx *cx, struct store_connection *c)
{
	return store_sqlite_text(cx, handle_of(c), "COMMIT");
}

static void roll_back(struct store_connection *c)
{
	if (!sqlite3_get_autocommit(handle_of(c)))
		(void)sqlite3_exec(handle_of(c), "ROLLBACK", NULL, NULL, NULL);
}

/* What a table is made of, in SQLite's words: see tables.h. */
static const char *spell(struct hm_cx *cx, const char *sql)
{
	static const char number[] = "BIGINT NOT NULL PRIMARY KEY", mark[] = "/*!";
	struct hm_str rest = hm_cstr(sql);
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	if (!hm_starts(rest, HM_STR("CREATE TABLE")) && !hm_starts(rest, hm_cstr(mark)))
		return sql;
	while (rest.n) {
		if (hm_starts(rest, hm_cstr(number))) {
			hm_buf_addz(&b, "INTEGER NOT NULL PRIMARY KEY");
			rest = hm_from(rest, strlen(number));
		} else if (hm_starts(rest, hm_cstr(mark))) {
			rest = hm_from(rest, strlen(mark));
			hm_buf_add(&b, hm_cut_str(&rest, HM_STR("*/")));
		} else {
			hm_buf_char(&b, rest.p[0]);
			rest = hm_from(rest, 1);
		}
	}
	return hm_dupz(cx, hm_buf_str(&b));
}

static hm_err prepare_statement(struct hm_cx *cx, struct store_connection *c, const char *sql,
				struct store_statement **out)
{
	sqlite3_stmt *s = NULL;
	int status = sqlite3_prepare_v3(handle_of(c), spell(cx, sql), -1, SQLITE_PREPARE_PERSISTENT,
					&s, NULL);
	if (status != SQLITE_OK)
		return store_sqlite_fault(cx, handle_of(c), status);
	/* "$2" before "$1" would be the first value here, and the second elsewhere */
	for (int i = 1; i <= sqlite3_bind_parameter_count(s); i++) {
		if (hm_eq(hm_fmt(cx, "$%d", i), hm_cstr(sqlite3_bind_parameter_name(s, i))))
			continue;
		sqlite3_finalize(s);
		return hm_fail(cx, HM_SYSTEM, "parameter %d of a statement is not its %dth", i, i);
	}
	*out = (struct store_statement *)s;
	return NULL;
}

static int bind_value(sqlite3_stmt *s, int at, const struct store_value *v)
{
	switch (v->kind) {
	case STORE_INT:
		return sqlite3_bind_int64(s, at, v->number);
	case STORE_TEXT:
		return sqlite3_bind_text64(s, at, v->text.n ? v->text.p : "", v->text.n,
					   SQLITE_STATIC, SQLITE_UTF8);
	case STORE_NULL:
		break;
	}
	return sqlite3_bind_null(s, at);
}

static struct store_value read_column(sqlite3_stmt *s, int at)
{
	switch (sqlite3_column_type(s, at)) {
	case SQLITE_INTEGER:
		return store_int(sqlite3_column_int64(s, at));
	case SQLITE_NULL:
		return store_null();
	default: {
		const void *p = sqlite3_column_text(s, at);
		return store_text(hm_bytes(p, (size_t)sqlite3_column_bytes(s, at)));
	}
	}
}

/* SQLite reuses the memory of a text with the next row: so a test sees who still reads it then. */
static hm_err give_copy(struct hm_cx *cx, struct store_value *row, int n, store_row *each,
			void *arg)
{
	HM_AUTO_CX own = HM_CX(0);
	for (int i = 0; i < n; i++)
		if (row[i].kind == STORE_TEXT)
			row[i].text = hm_dup(&own, row[i].text);
	return each(cx, arg, row);
}

/* row: room for STORE_MAX_COLUMNS */
static hm_err give_row(struct hm_cx *cx, sqlite3_stmt *s, struct store_value *row, store_row *each,
		       void *arg)
{
	int n = sqlite3_column_count(s);
	if (n > STORE_MAX_COLUMNS)
		return hm_fail(cx, HM_SYSTEM, "more than %d columns", STORE_MAX_COLUMNS);
	for (int i = 0; i < n; i++)
		row[i] = read_column(s, i);
	if (!each)
		return NULL;
	return HM_POISONS ? give_copy(cx, row, n, each, arg) : each(cx, arg, row);
}

/* Its values stay bound. */
static hm_err run_once(struct hm_cx *cx, struct store_connection *c, sqlite3_stmt *s,
		       struct store_values values, store_row *each, void *arg)
{
	struct store_value row[STORE_MAX_COLUMNS]; /* one for all rows: it is made zero each time */
	int status = SQLITE_OK;
	hm_err err = NULL;
	for (size_t i = 0; i < values.n && status == SQLITE_OK; i++)
		status = bind_value(s, (int)i + 1, &values.p[i]);
	while (!err && (status == SQLITE_OK || status == SQLITE_ROW)) {
		status = sqlite3_step(s);
		if (status == SQLITE_ROW)
			err = give_row(cx, s, row, each, arg);
	}
	if (!err && status == SQLITE_INTERRUPT)
		err = hm_alive(cx);
	if (!err && status != SQLITE_DONE)
		err = store_sqlite_fault(cx, handle_of(c), status);
	sqlite3_reset(s);
	return err;
}

static hm_err run_many(struct hm_cx *cx, struct store_connection *c,
		       struct store_statement *statement, const struct store_many *many,
		       store_row *each, void *arg)
{
	sqlite3_stmt *s = (sqlite3_stmt *)statement;
	struct hm_cx *outer = c->running;
	hm_err err = NULL;
	c->running = cx;
	for (size_t i = 0; i < many->rows && !err; i++)
		err = run_once(cx, c, s,
			       (struct store_values){ many->p + i * many->width, many->width },
			       each, arg);
	c->running = outer;
	sqlite3_clear_bindings(s);
	return err;
}

static hm_err run_statement(struct hm_cx *cx, struct store_connection *c,
			    struct store_statement *statement, struct store_values values,
			    store_row *each, void *arg)
{
	return run_many(cx, c, statement, &(struct store_many){ values.p, values.n, 1 }, each, arg);
}

static void finish_statement(struct store_statement *s)
{
	sqlite3_finalize((sqlite3_stmt *)s);
}

const struct store_backend store_sqlite = {
	.name = "SQLite",
	.own_words = true,
	.one_writer = true,
	.open = open_connection,
	.close = close_connection,
	.begin = begin_transaction,
	.commit = commit_transaction,
	.roll_back = roll_back,
	.prepare = prepare_statement,
	.run = run_statement,
	.run_many = run_many,
	.finish = finish_statement,
	.backup = store_sqlite_backup,
	.restore = store_sqlite_restore,
};
