/* SPDX-License-Identifier: Apache-2.0 */
/* What the server is told of values, and what it answers: rows and faults. */
#include "store/postgresql_parts.h"

/* Types of pg_type.dat that are numbers to us. */
enum { BOOL = 16, INT8 = 20, INT2 = 21, INT4 = 23, NUMERIC = 1700 };

/* ------------------------------------------------------------------ faults */

/* Its messages may have several lines. */
const char *store_postgresql_join_lines(struct hm_cx *cx, const char *message)
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
	const char *why = store_postgresql_join_lines(cx, message);
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

hm_err store_postgresql_fault(struct hm_cx *cx, struct store_connection *c, const PGresult *r)
{
	const char *state = r ? store_libpq.PQresultErrorField(r, PG_DIAG_SQLSTATE) : NULL;
	const char *why = r ? store_libpq.PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY) : NULL;
	return make_fault(cx, state ? state : "", why ? why : store_libpq.PQerrorMessage(c->pg));
}

bool store_postgresql_is_good(const PGresult *r)
{
	ExecStatusType status = store_libpq.PQresultStatus(r);
	return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

/* ------------------------------------------------------------------ statements */

bool store_postgresql_is_broken(struct store_connection *c)
{
	return store_libpq.PQstatus(c->pg) != CONNECTION_OK;
}

hm_err store_postgresql_make_known(struct hm_cx *cx, struct store_connection *c,
				   struct store_statement *s)
{
	if (s->name.n)
		return NULL;
	struct hm_str name = hm_fmt(&c->cx, "s%u", c->statements++);
	PGresult *r = store_libpq.PQprepare(c->pg, name.p, s->sql, 0, NULL);
	hm_err err = store_postgresql_is_good(r) ? NULL : store_postgresql_fault(cx, c, r);
	store_libpq.PQclear(r);
	if (!err)
		s->name = name;
	return err;
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

hm_err store_postgresql_give_rows(struct hm_cx *cx, const PGresult *r, store_row *each, void *arg)
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
void store_postgresql_spell_values(struct hm_cx *cx, struct store_values values, const char **out)
{
	for (size_t i = 0; i < values.n && i < STORE_POSTGRESQL_PARAMETERS; i++) {
		const struct store_value *v = &values.p[i];
		out[i] = NULL;
		if (v->kind == STORE_INT)
			out[i] = hm_fmt(cx, "%lld", (long long)v->number).p;
		else if (v->kind == STORE_TEXT)
			out[i] = hm_dupz(cx, v->text);
	}
}
