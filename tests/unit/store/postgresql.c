/* SPDX-License-Identifier: Apache-2.0 */
#include "postgresql.h"

#include <libpq-fe.h>

#include "unit.h"

enum { INT8 = 20, INT4 = 23, PARAMETERS = 16 }; /* types of pg_type.dat */

struct store_statement {
	char name[32];
};

static PGconn *handle_of(struct store_connection *c)
{
	return (PGconn *)c;
}

static hm_err make_fault(struct hm_cx *cx, struct store_connection *c)
{
	return hm_fail(cx, HM_SYSTEM, "could not use the tables: %s", PQerrorMessage(handle_of(c)));
}

/* Statements without rows; `want`: what the server must say of the last of them, or NULL. */
static hm_err run_text(struct hm_cx *cx, struct store_connection *c, const char *sql,
		       const char *want)
{
	PGresult *r = PQexec(handle_of(c), sql);
	ExecStatusType status = PQresultStatus(r);
	bool good = (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) &&
		    (!want || hm_eqz(hm_cstr(PQcmdStatus(r)), want));
	PQclear(r);
	return good ? NULL : make_fault(cx, c);
}

static void ignore_notice(void *arg, const char *text)
{
	(void)arg;
	(void)text;
}

static hm_err open_connection(struct hm_cx *cx, const struct store_config *config,
			      struct store_connection **out)
{
	PGconn *pg = PQconnectdb(config->where);
	if (PQstatus(pg) != CONNECTION_OK) {
		hm_err err = hm_fail(cx, HM_SYSTEM, "could not connect: %s", PQerrorMessage(pg));
		PQfinish(pg);
		return err;
	}
	PQsetNoticeProcessor(pg, ignore_notice, NULL);
	*out = (struct store_connection *)pg;
	return NULL;
}

static void close_connection(struct store_connection *c)
{
	PQfinish(handle_of(c));
}

/* Those who write wait for each other as they do with SQLite. */
static hm_err begin(struct hm_cx *cx, struct store_connection *c, enum store_mode mode)
{
	if (mode == STORE_READ)
		return run_text(cx, c, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", NULL);
	HM_TRY(run_text(cx, c, "BEGIN", NULL));
	HM_TRY(run_text(cx, c, "SELECT pg_advisory_xact_lock(1)", NULL));
	return mode == STORE_WRITE ? NULL
				   : run_text(cx, c, "SET LOCAL synchronous_commit = off", NULL);
}

static hm_err commit(struct hm_cx *cx, struct store_connection *c)
{
	return run_text(cx, c, "COMMIT", "COMMIT");
}

static void roll_back(struct store_connection *c)
{
	PQclear(PQexec(handle_of(c), "ROLLBACK"));
}

static hm_err prepare(struct hm_cx *cx, struct store_connection *c, const char *sql,
		      struct store_statement **out)
{
	static _Atomic unsigned serial;
	struct store_statement *s = calloc(1, sizeof(*s));
	snprintf(s->name, sizeof(s->name), "s%u", serial++);
	PGresult *r = PQprepare(handle_of(c), s->name, sql, 0, NULL);
	bool good = PQresultStatus(r) == PGRES_COMMAND_OK;
	PQclear(r);
	if (!good) {
		free(s);
		return make_fault(cx, c);
	}
	*out = s;
	return NULL;
}

static void finish(struct store_statement *s)
{
	free(s);
}

static int64_t read_number(struct hm_str text)
{
	uint64_t n = 0;
	bool negative = hm_starts(text, HM_STR("-"));
	assert_true(hm_u64(hm_from(text, negative), UINT64_MAX, &n));
	return (int64_t)(negative ? -n : n);
}

static struct store_value read_column(const PGresult *r, int row, int at)
{
	struct hm_str text = { PQgetvalue(r, row, at), (size_t)PQgetlength(r, row, at) };
	bool is_int = PQftype(r, at) == INT8 || PQftype(r, at) == INT4;
	if (PQgetisnull(r, row, at))
		return store_null();
	return is_int ? store_int(read_number(text)) : store_text(text);
}

static hm_err give_rows(struct hm_cx *cx, const PGresult *r, store_row *each, void *arg)
{
	struct store_value row[STORE_MAX_COLUMNS];
	for (int i = 0; i < PQntuples(r); i++) {
		for (int k = 0; k < PQnfields(r) && k < STORE_MAX_COLUMNS; k++)
			row[k] = read_column(r, i, k);
		HM_TRY(each ? each(cx, arg, row) : NULL);
	}
	return NULL;
}

static hm_err run(struct hm_cx *cx, struct store_connection *c, struct store_statement *s,
		  struct store_values values, store_row *each, void *arg)
{
	const char *texts[PARAMETERS] = { 0 };
	for (size_t i = 0; i < values.n && i < PARAMETERS; i++) {
		const struct store_value *v = &values.p[i];
		if (v->kind == STORE_INT)
			texts[i] = hm_fmt(cx, "%lld", (long long)v->number).p;
		else if (v->kind == STORE_TEXT)
			texts[i] = hm_dupz(cx, v->text);
	}
	PGresult *r = PQexecPrepared(handle_of(c), s->name, (int)values.n, texts, NULL, NULL, 0);
	ExecStatusType status = PQresultStatus(r);
	hm_err err = status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK
			     ? give_rows(cx, r, each, arg)
			     : make_fault(cx, c);
	PQclear(r);
	return err;
}

const struct store_backend unit_postgresql = {
	.name = "PostgreSQL",
	.open = open_connection,
	.close = close_connection,
	.begin = begin,
	.commit = commit,
	.roll_back = roll_back,
	.prepare = prepare,
	.run = run,
	.finish = finish,
};
