/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PostgreSQL. Who writes holds a lock of the whole database (an advisory one) until the transaction
 * ends: they wait for each other as they do with SQLite, on however many machines they are, and
 * what reads, counts on and writes needs no second attempt.
 */
#include <endian.h>

#include "store/backend.h"
#include "store/libpq.h"

/* Types of pg_type.dat that are numbers to us. */
enum { BOOL = 16, INT8 = 20, INT2 = 21, INT4 = 23, NUMERIC = 1700 };
enum {
	PIPELINE = 256,            /* statements on their way at a time */
	COPY_AT_ONCE = 256 * 1024, /* bytes */
	PARAMETERS = 16,
};
#define CONNECT_SECONDS "10"

struct store_connection {
	struct hm_cx cx; /* holds this very struct, and the statements */
	PGconn *pg;
	unsigned statements;
};

struct store_statement {
	struct hm_str name; /* empty: the server does not know it yet */
	const char *sql;
};

/* ------------------------------------------------------------------ faults */

/* Its messages may have several lines. */
static const char *join_lines(struct hm_cx *cx, const char *message)
{
	HM_AUTO_BUF b = HM_BUF(64 * HM_KIB);
	struct hm_str rest = hm_cstr(message ? message : "");
	while (rest.n) {
		struct hm_str line = hm_trim(hm_line(&rest));
		hm_buf_fmt(&b, "%s%.*s", b.n ? "; " : "", HM_FMT(line));
	}
	return hm_dupz(cx, hm_buf_str(&b));
}

static hm_err make_fault(struct hm_cx *cx, const char *state, const char *message)
{
	struct hm_str class = hm_sub(hm_cstr(state), 0, 2);
	const char *why = join_lines(cx, message);
	if (hm_eqz(hm_cstr(state), "53100"))
		return hm_fail(cx, HM_FULL, "could not write the tables: %s", why);
	if (hm_eqz(class, "XX"))
		return hm_fail(cx, HM_INPUT, "the tables are damaged: %s", why);
	if (hm_eqz(class, "28"))
		return hm_fail(cx, HM_DENIED, "could not use the tables: %s", why);
	if (hm_eqz(class, "53") || hm_eqz(class, "40") || hm_eqz(class, "57"))
		return hm_fail(cx, HM_BUSY, "could not use the tables: %s", why);
	return hm_fail(cx, HM_SYSTEM, "could not use the tables: %s", why);
}

static hm_err result_fault(struct hm_cx *cx, struct store_connection *c, const PGresult *r)
{
	const char *state = r ? store_libpq.PQresultErrorField(r, PG_DIAG_SQLSTATE) : NULL;
	const char *why = r ? store_libpq.PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY) : NULL;
	return make_fault(cx, state ? state : "", why ? why : store_libpq.PQerrorMessage(c->pg));
}

static bool is_good(const PGresult *r)
{
	ExecStatusType status = store_libpq.PQresultStatus(r);
	return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

/* Statements without rows; `want`: what the server must say of the last of them, or NULL. */
static hm_err run_text(struct hm_cx *cx, struct store_connection *c, const char *sql,
		       const char *want)
{
	PGresult *r = store_libpq.PQexec(c->pg, sql);
	hm_err err = NULL;
	if (!is_good(r))
		err = result_fault(cx, c, r);
	else if (want && !hm_eqz(hm_cstr(store_libpq.PQcmdStatus(r)), want))
		err = hm_fail(cx, HM_SYSTEM, "could not use the tables: %s was answered with %s",
			      want, store_libpq.PQcmdStatus(r));
	store_libpq.PQclear(r);
	return err;
}

/* ------------------------------------------------------------------ connections */

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
		hm_err err = hm_fail(cx, HM_USAGE, "it is no address of a database: %s",
				     join_lines(cx, why));
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
			       join_lines(cx, store_libpq.PQerrorMessage(c->pg)));
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

static bool is_broken(struct store_connection *c)
{
	return store_libpq.PQstatus(c->pg) != CONNECTION_OK;
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

static hm_err begin(struct hm_cx *cx, struct store_connection *c, enum store_mode mode)
{
	struct hm_str patience = say_patience(cx);
	HM_TRY(hm_alive(cx));
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

static void roll_back(struct store_connection *c)
{
	store_libpq.PQclear(store_libpq.PQexec(c->pg, "ROLLBACK"));
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

static hm_err make_known(struct hm_cx *cx, struct store_connection *c, struct store_statement *s)
{
	if (s->name.n)
		return NULL;
	struct hm_str name = hm_fmt(&c->cx, "s%u", c->statements++);
	PGresult *r = store_libpq.PQprepare(c->pg, name.p, s->sql, 0, NULL);
	hm_err err = is_good(r) ? NULL : result_fault(cx, c, r);
	store_libpq.PQclear(r);
	if (!err)
		s->name = name;
	return err;
}

static void finish(struct store_statement *s)
{
	(void)s; /* the connection's */
}

static int64_t read_number(struct hm_str text)
{
	uint64_t n = 0;
	bool negative = hm_starts(text, HM_STR("-"));
	if (hm_eqz(text, "t"))
		return 1;
	if (!hm_u64(hm_from(text, negative), UINT64_MAX, &n))
		return 0;
	return (int64_t)(negative ? -n : n);
}

static struct store_value read_column(const PGresult *r, int row, int at)
{
	struct hm_str text = { store_libpq.PQgetvalue(r, row, at),
			       (size_t)store_libpq.PQgetlength(r, row, at) };
	if (store_libpq.PQgetisnull(r, row, at))
		return store_null();
	switch (store_libpq.PQftype(r, at)) {
	case BOOL:
	case INT2:
	case INT4:
	case INT8:
	case NUMERIC:
		return store_int(read_number(text));
	default:
		return store_text(text);
	}
}

static hm_err give_rows(struct hm_cx *cx, const PGresult *r, store_row *each, void *arg)
{
	struct store_value row[STORE_MAX_COLUMNS];
	int columns = store_libpq.PQnfields(r), rows = store_libpq.PQntuples(r);
	if (columns > STORE_MAX_COLUMNS)
		return hm_fail(cx, HM_SYSTEM, "more than %d columns", STORE_MAX_COLUMNS);
	for (int i = 0; each && i < rows; i++) {
		for (int k = 0; k < columns; k++)
			row[k] = read_column(r, i, k);
		HM_TRY(each(cx, arg, row));
	}
	return NULL;
}

/* As texts, which the server reads as the parameters' types. */
static void spell_values(struct hm_cx *cx, struct store_values values, const char **out)
{
	for (size_t i = 0; i < values.n && i < PARAMETERS; i++) {
		const struct store_value *v = &values.p[i];
		out[i] = NULL;
		if (v->kind == STORE_INT)
			out[i] = hm_fmt(cx, "%lld", (long long)v->number).p;
		else if (v->kind == STORE_TEXT)
			out[i] = hm_dupz(cx, v->text);
	}
}

static hm_err run(struct hm_cx *cx, struct store_connection *c, struct store_statement *s,
		  struct store_values values, store_row *each, void *arg)
{
	const char *texts[PARAMETERS] = { 0 };
	HM_TRY(make_known(cx, c, s));
	HM_AUTO_CX own = hm_cx_child(cx, SIZE_MAX);
	spell_values(&own, values, texts);
	PGresult *r =
		store_libpq.PQexecPrepared(c->pg, s->name.p, (int)values.n, texts, NULL, NULL, 0);
	hm_err err = is_good(r) ? give_rows(cx, r, each, arg) : result_fault(cx, c, r);
	store_libpq.PQclear(r);
	return err;
}

/* ------------------------------------------------------------------ many rows: COPY */

/* "INSERT INTO t (a, b) VALUES ..." is "t (a, b)"; empty: it is another statement. */
static struct hm_str find_target(const char *sql)
{
	struct hm_str rest = hm_cstr(sql), values = hm_cstr(sql);
	struct hm_str target = hm_cut_str(&values, HM_STR(" VALUES "));
	static const char head[] = "INSERT INTO ";
	if (!hm_starts(rest, hm_cstr(head)) || !values.n ||
	    hm_find(values, HM_STR(" ON CONFLICT")) != SIZE_MAX)
		return HM_STR("");
	return hm_from(target, strlen(head));
}

static void put_be(struct hm_buf *b, uint64_t v, unsigned width)
{
	uint64_t be = htobe64(v << 8 * (8 - width));
	hm_buf_add(b, hm_bytes(&be, width));
}

static void put_row(struct hm_buf *b, const struct store_value *row, size_t width)
{
	put_be(b, width, 2);
	for (size_t i = 0; i < width; i++) {
		switch (row[i].kind) {
		case STORE_NULL:
			put_be(b, UINT32_MAX, 4);
			break;
		case STORE_INT:
			put_be(b, 8, 4);
			put_be(b, (uint64_t)row[i].number, 8);
			break;
		case STORE_TEXT:
			put_be(b, row[i].text.n, 4);
			hm_buf_add(b, row[i].text);
			break;
		}
	}
}

static bool send_rows(struct store_connection *c, const struct store_many *many)
{
	static const char head[] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0"; /* and the NUL */
	HM_AUTO_BUF b = HM_BUF(SIZE_MAX / 2);
	hm_buf_add(&b, hm_bytes(head, sizeof(head)));
	for (size_t i = 0; i < many->rows; i++) {
		put_row(&b, many->p + i * many->width, many->width);
		if (b.n < COPY_AT_ONCE)
			continue;
		if (store_libpq.PQputCopyData(c->pg, b.p, (int)b.n) != 1)
			return false;
		b.n = 0;
	}
	put_be(&b, UINT16_MAX, 2);
	return store_libpq.PQputCopyData(c->pg, b.p, (int)b.n) == 1 &&
	       store_libpq.PQputCopyEnd(c->pg, NULL) == 1;
}

/* The first fault of what is still to be answered. */
static hm_err read_answers(struct hm_cx *cx, struct store_connection *c)
{
	hm_err err = NULL;
	for (PGresult *r; (r = store_libpq.PQgetResult(c->pg)) != NULL;) {
		if (!err && !is_good(r))
			err = result_fault(cx, c, r);
		store_libpq.PQclear(r);
	}
	return err;
}

static hm_err copy_rows(struct hm_cx *cx, struct store_connection *c, struct hm_str target,
			const struct store_many *many)
{
	struct hm_str sql = hm_fmt(cx, "COPY %.*s FROM STDIN (FORMAT binary)", HM_FMT(target));
	PGresult *r = store_libpq.PQexec(c->pg, sql.p);
	bool starts = store_libpq.PQresultStatus(r) == PGRES_COPY_IN;
	hm_err err = starts ? NULL : result_fault(cx, c, r);
	store_libpq.PQclear(r);
	if (err)
		return err;
	bool sent = send_rows(c, many);
	err = sent ? NULL : result_fault(cx, c, NULL);
	hm_err answer = read_answers(cx, c);
	return answer ? answer : err;
}

/* ------------------------------------------------------------------ many rows: others */

static bool send_statements(struct store_connection *c, const struct store_statement *s,
			    const struct store_many *many, size_t from, size_t n)
{
	for (size_t i = from; i < from + n; i++) {
		HM_AUTO_CX own = HM_CX(SIZE_MAX);
		const char *texts[PARAMETERS] = { 0 };
		spell_values(&own, (struct store_values){ many->p + i * many->width, many->width },
			     texts);
		if (!store_libpq.PQsendQueryPrepared(c->pg, s->name.p, (int)many->width, texts,
						     NULL, NULL, 0))
			return false;
	}
	return store_libpq.PQpipelineSync(c->pg) == 1;
}

/* Each statement's results end with a NULL; PIPELINE_SYNC ends them all. */
static hm_err read_pipeline(struct hm_cx *cx, struct store_connection *c, store_row *each,
			    void *arg)
{
	hm_err err = NULL;
	for (bool ended = false; !ended;) {
		PGresult *r = store_libpq.PQgetResult(c->pg);
		ExecStatusType status = r ? store_libpq.PQresultStatus(r) : PGRES_EMPTY_QUERY;
		ended = status == PGRES_PIPELINE_SYNC || (!r && is_broken(c));
		if (r && !err && !ended)
			err = is_good(r) ? give_rows(cx, r, each, arg) : result_fault(cx, c, r);
		store_libpq.PQclear(r);
	}
	return !err && is_broken(c) ? result_fault(cx, c, NULL) : err;
}

static hm_err run_many(struct hm_cx *cx, struct store_connection *c, struct store_statement *s,
		       const struct store_many *many, store_row *each, void *arg)
{
	struct hm_str target = each ? HM_STR("") : find_target(s->sql);
	hm_err err = NULL;
	if (target.n)
		return copy_rows(cx, c, target, many);
	HM_TRY(make_known(cx, c, s));
	if (!store_libpq.PQenterPipelineMode(c->pg))
		return result_fault(cx, c, NULL);
	for (size_t i = 0, n; i < many->rows && !err; i += n) {
		n = many->rows - i < PIPELINE ? many->rows - i : PIPELINE;
		err = send_statements(c, s, many, i, n) ? read_pipeline(cx, c, each, arg)
							: result_fault(cx, c, NULL);
	}
	store_libpq.PQexitPipelineMode(c->pg);
	return err;
}

const struct store_backend store_postgresql = {
	.name = "PostgreSQL",
	.one_writer = true, /* those of one process need no connection to wait with */
	.open = open_connection,
	.close = close_connection,
	.is_broken = is_broken,
	.begin = begin,
	.commit = commit,
	.roll_back = roll_back,
	.prepare = prepare,
	.run = run,
	.run_many = run_many,
	.finish = finish,
};
