/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PostgreSQL. Who writes holds a lock of the whole database (an advisory one) until the transaction
 * ends: they wait for each other as they do with SQLite, on however many machines they are, and
 * what reads, counts on and writes needs no second attempt.
 */
#include "store/postgresql_parts.h"

#define CONNECT_SECONDS "10"

/* ------------------------------------------------------------------ connections */

/* Statements without rows; `want`: what the server must say of the last of them, or NULL. */
static hm_err run_text(struct hm_cx *cx, struct store_connection *c, const char *sql,
		       const char *want)
{
	PGresult *r = store_libpq.PQexec(c->pg, sql);
	hm_err err = NULL;
	if (!store_postgresql_is_good(r))
		err = store_postgresql_fault(cx, c, r);
	else if (want && !hm_eqz(hm_cstr(store_libpq.PQcmdStatus(r)), want))
		err = hm_fail(cx, HM_SYSTEM, "could not use the tables: %s was answered with %s",
			      want, store_libpq.PQcmdStatus(r));
	store_libpq.PQclear(r);
	return err;
}

static void ignore_notice(void *arg, const char *text)
{
	(void)arg;
	(void)text;
}

static void close_connection(struct store_connection *c)
{
	struct hm_cx own = c->cx;
	store_libpq.PQfinish(c->pg);
	hm_cx_done(&own);
}

static hm_err refuse_password(struct hm_cx *cx, const char *where)
{
	char *why = NULL;
	bool has = false;
	PQconninfoOption *all = store_libpq.PQconninfoParse(where, &why);
	if (!all) {
		hm_err err = hm_fail(cx, HM_USAGE, "it is not an address of a database: %s",
				     store_postgresql_join_lines(cx, why));
		store_libpq.PQfreemem(why);
		return err;
	}
	for (const PQconninfoOption *o = all; o->keyword; o++)
		has |= o->val && *o->val &&
		       (hm_eqz(hm_cstr(o->keyword), "password") ||
			hm_eqz(hm_cstr(o->keyword), "sslpassword"));
	store_libpq.PQconninfoFree(all);
	return has ? hm_hint(cx,
			     hm_fail(cx, HM_USAGE,
				     "a password stands in the address of the database, where others can read it"),
			     "put it into ~/.pgpass, a service file or $PGPASSWORD")
		   : NULL;
}

static hm_err check_server(struct hm_cx *cx, struct store_connection *c)
{
	const char *encoding = store_libpq.PQparameterStatus(c->pg, "server_encoding");
	if (store_libpq.PQstatus(c->pg) != CONNECTION_OK)
		return hm_fail(cx, HM_SYSTEM, "could not connect: %s",
			       store_postgresql_join_lines(cx, store_libpq.PQerrorMessage(c->pg)));
	if (!encoding || !hm_eqz(hm_cstr(encoding), "UTF8"))
		return hm_hint(cx,
			       hm_fail(cx, HM_INPUT, "the database's encoding is %s, and not UTF8",
				       encoding ? encoding : "unknown"),
			       "make one for it: createdb --encoding UTF8 --template template0");
	store_libpq.PQsetNoticeProcessor(c->pg, ignore_notice, NULL);
	return NULL;
}

/* What stands before "dbname" may be set in it. */
static hm_err open_connection(struct hm_cx *cx, const struct store_config *config,
			      struct store_connection **out)
{
	const char *const words[] = { "application_name", "connect_timeout", "dbname",
				      "client_encoding", NULL };
	const char *const values[] = { "hullmark", CONNECT_SECONDS, config->where, "UTF8", NULL };
	struct hm_cx own = HM_CX(SIZE_MAX);
	HM_TRY(store_libpq_load(cx));
	HM_TRY(refuse_password(cx, config->where));
	struct store_connection *c = hm_new(&own, struct store_connection, 1);
	c->cx = own;
	c->pg = store_libpq.PQconnectdbParams(words, values, 1);
	if (!c->pg)
		abort();
	hm_err err = check_server(cx, c);
	if (err)
		close_connection(c);
	else
		*out = c;
	return err;
}

/* Until the work that it is for must be done. The server ends what takes longer: here nobody would
 * notice before its answer is there. */
static struct hm_str say_patience(struct hm_cx *cx)
{
	int64_t left = (cx->deadline - hm_mono()) / (HM_SECOND / 1000);
	return cx->deadline ? hm_fmt(cx, "; SET LOCAL statement_timeout = %lld",
				     (long long)(left > 0 ? left : 1))
			    : HM_STR("");
}

/* The answer to the end of the transaction before. One of a connection that is broken tells
 * nothing: what is sent next fails. */
static void read_end(struct store_connection *c)
{
	PGresult *r;
	while (c->ends && (r = store_libpq.PQgetResult(c->pg)) != NULL)
		store_libpq.PQclear(r);
	c->ends = false;
}

static hm_err begin(struct hm_cx *cx, struct store_connection *c, enum store_mode mode)
{
	struct hm_str patience = say_patience(cx);
	read_end(c);
	HM_TRY(hm_alive(cx));
	c->reads = mode == STORE_READ;
	if (mode == STORE_READ)
		return run_text(cx, c,
				hm_fmt(cx, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY%.*s",
				       HM_FMT(patience))
					.p,
				NULL);
	HM_TRY(run_text(cx, c,
			hm_fmt(cx,
			       "BEGIN ISOLATION LEVEL READ COMMITTED%.*s; "
			       "SELECT pg_advisory_xact_lock(7529363070218461)",
			       HM_FMT(patience))
				.p,
			NULL));
	return mode == STORE_WRITE ? NULL
				   : run_text(cx, c, "SET LOCAL synchronous_commit = off", NULL);
}

static hm_err commit(struct hm_cx *cx, struct store_connection *c)
{
	return run_text(cx, c, "COMMIT", "COMMIT");
}

/* Nobody waits for the end of a transaction that has changed nothing. */
static void roll_back(struct store_connection *c)
{
	static const char end[] = "ROLLBACK";
	c->ends = c->reads && store_libpq.PQsendQuery(c->pg, end);
	if (!c->ends)
		store_libpq.PQclear(store_libpq.PQexec(c->pg, end));
}

/* ------------------------------------------------------------------ statements */

/* Text is compared byte by byte, whatever the database's own order is. */
static const char *spell(struct hm_cx *cx, const char *sql)
{
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct hm_str rest = hm_cstr(sql);
	if (!hm_starts(rest, HM_STR("CREATE TABLE")))
		return sql;
	while (rest.n) {
		hm_buf_add(&b, hm_cut_str(&rest, HM_STR(" TEXT")));
		if (rest.n)
			hm_buf_addz(&b, " TEXT COLLATE \"C\"");
	}
	return hm_dupz(cx, hm_buf_str(&b));
}

/* The server learns of it when it is first run. */
static hm_err prepare(struct hm_cx *cx, struct store_connection *c, const char *sql,
		      struct store_statement **out)
{
	(void)cx;
	*out = hm_new(&c->cx, struct store_statement, 1);
	(*out)->sql = spell(&c->cx, sql);
	return NULL;
}

static void finish(struct store_statement *s)
{
	(void)s; /* the connection's */
}

static hm_err run(struct hm_cx *cx, struct store_connection *c, struct store_statement *s,
		  struct store_values values, store_row *each, void *arg)
{
	const char *texts[STORE_POSTGRESQL_PARAMETERS] = { 0 };
	HM_TRY(store_postgresql_make_known(cx, c, s));
	HM_AUTO_CX own = hm_cx_child(cx, SIZE_MAX);
	store_postgresql_spell_values(&own, values, texts);
	PGresult *r =
		store_libpq.PQexecPrepared(c->pg, s->name.p, (int)values.n, texts, NULL, NULL, 0);
	hm_err err = store_postgresql_is_good(r) ? store_postgresql_give_rows(cx, r, each, arg)
						 : store_postgresql_fault(cx, c, r);
	store_libpq.PQclear(r);
	return err;
}

const struct store_backend store_postgresql = {
	.name = "PostgreSQL",
	.is_server = true,
	.one_writer = true, /* those of one process need no connection to wait with */
	.open = open_connection,
	.close = close_connection,
	.is_broken = store_postgresql_is_broken,
	.begin = begin,
	.commit = commit,
	.roll_back = roll_back,
	.prepare = prepare,
	.run = run,
	.run_many = store_postgresql_run_many,
	.finish = finish,
};
