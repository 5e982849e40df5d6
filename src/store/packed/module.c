/* SPDX-License-Identifier: Apache-2.0 */
/* Tables are made, and become known to a connection. */
#include "store/packed/packed.h"

#include <pthread.h>

#include "store/packed/cursor.h"
#include "store/packed/writer.h"

/* ------------------------------------------------------------------ a table */

static int destroy(struct store_packed_table *t)
{
	for (size_t way = 0; way < STORE_PACKED_WAYS; way++)
		for (size_t i = 0; i < STORE_PACKED_KEPT; i++)
			sqlite3_finalize(t->kept[way][i]);
	sqlite3_finalize(t->add_block);
	sqlite3_finalize(t->change_block);
	sqlite3_finalize(t->add_value);
	hm_cx_done(&t->pending);
	struct hm_cx own = t->cx;
	hm_cx_done(&own);
	return SQLITE_OK;
}

/* Columns, and what is said of them: name [INDEXED] [GROUPED]. */
static bool read_columns(struct store_packed_table *t, int n, const char *const *texts,
			 struct hm_buf *declared)
{
	if (n < 1 || n > STORE_PACKED_COLUMNS)
		return false;
	for (int i = 0; i < n; i++) {
		struct hm_str rest = hm_trim(hm_cstr(texts[i])), name = hm_cut(&rest, ' ');
		hm_buf_fmt(declared, "%s%.*s INTEGER", i ? ", " : "CREATE TABLE packed (",
			   HM_FMT(name));
		while (rest.n) {
			struct hm_str word = hm_cut(&rest, ' ');
			if (hm_eqz(word, "INDEXED"))
				t->indexed[i] = true;
			else if (hm_eqz(word, "GROUPED"))
				t->grouped = i;
			else if (word.n)
				return false;
		}
	}
	hm_buf_char(declared, ')');
	t->columns_n = (size_t)n;
	return true;
}

/* texts: module, database, table, arguments */
static int connect_table(sqlite3 *db, void *aux, int n, const char *const *texts,
			 sqlite3_vtab **out, char **error)
{
	HM_AUTO_BUF declared = HM_BUF(HM_MIB);
	struct hm_cx own = HM_CX(SIZE_MAX);
	struct store_packed_table *t = hm_new(&own, struct store_packed_table, 1);
	(void)aux;
	t->db = db;
	t->name = hm_dupz(&own, hm_cstr(texts[2]));
	t->grouped = STORE_PACKED_NO_COLUMN;
	t->pending = HM_CX(SIZE_MAX);
	t->cx = own;
	if (!read_columns(t, n - 3, texts + 3, &declared)) {
		*error = sqlite3_mprintf("the columns of \"%s\" are not those of a packed table",
					 texts[2]);
		destroy(t);
		return SQLITE_ERROR;
	}
	int status = sqlite3_declare_vtab(db, declared.p);
	if (status != SQLITE_OK) {
		destroy(t);
		return status;
	}
	*out = &t->base;
	return SQLITE_OK;
}

static int run_for(sqlite3 *db, const char *sql, const char *name)
{
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	return sqlite3_exec(db, hm_dupz(&cx, store_packed_name(&cx, sql, name)), NULL, NULL, NULL);
}

static int create_table(sqlite3 *db, void *aux, int n, const char *const *texts, sqlite3_vtab **out,
			char **error)
{
	int status =
		run_for(db,
			"CREATE TABLE %_block (n INTEGER NOT NULL PRIMARY KEY, "
			"low INTEGER NOT NULL, rows BLOB NOT NULL); "
			"CREATE INDEX %_block_low ON %_block (low); "
			"CREATE TABLE %_value (value INTEGER NOT NULL, block INTEGER NOT NULL, "
			"columns INTEGER NOT NULL, PRIMARY KEY (value, block)) WITHOUT ROWID",
			texts[2]);
	return status == SQLITE_OK ? connect_table(db, aux, n, texts, out, error) : status;
}

static int disconnect_table(sqlite3_vtab *v)
{
	return destroy((struct store_packed_table *)v);
}

static int drop_table(sqlite3_vtab *v)
{
	struct store_packed_table *t = (struct store_packed_table *)v;
	int status = run_for(t->db, "DROP TABLE %_block; DROP TABLE %_value", t->name);
	return status == SQLITE_OK ? destroy(t) : status;
}

/* ------------------------------------------------------------------ a transaction */

static int begin(sqlite3_vtab *v)
{
	(void)v;
	return SQLITE_OK;
}

static int flush_before_commit(sqlite3_vtab *v)
{
	struct store_packed_table *t = (struct store_packed_table *)v;
	int status = store_packed_flush(t);
	t->last_is_known = false; /* others may write now */
	return status;
}

static int forget(sqlite3_vtab *v)
{
	store_packed_forget((struct store_packed_table *)v);
	return SQLITE_OK;
}

static struct sqlite3_module module;

static void make_module(void)
{
	module = store_packed_reading;
	module.xCreate = create_table;
	module.xConnect = connect_table;
	module.xDisconnect = disconnect_table;
	module.xDestroy = drop_table;
	module.xUpdate = store_packed_update;
	module.xBegin = begin;
	module.xSync = flush_before_commit;
	module.xCommit = begin;
	module.xRollback = forget;
}

int store_packed_register(sqlite3 *db)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, make_module);
	return sqlite3_create_module_v2(db, "packed", &module, NULL, NULL);
}
