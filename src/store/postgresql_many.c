/* SPDX-License-Identifier: Apache-2.0 */
/* Statements with many rows of parameters: COPY, an array, or a pipeline of them. */
#include <endian.h>

#include "store/postgresql_parts.h"

enum {
	FEW = 8,                   /* rows that are as quick without COPY */
	PIPELINE = 256,            /* statements on their way at a time */
	ARRAY = 2048,              /* numbers of one */
	COPY_AT_ONCE = 256 * 1024, /* bytes */
};

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
		if (!err && !store_postgresql_is_good(r))
			err = store_postgresql_fault(cx, c, r);
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
	hm_err err = starts ? NULL : store_postgresql_fault(cx, c, r);
	store_libpq.PQclear(r);
	if (err)
		return err;
	bool sent = send_rows(c, many);
	err = sent ? NULL : store_postgresql_fault(cx, c, NULL);
	hm_err answer = read_answers(cx, c);
	return answer ? answer : err;
}

/* ------------------------------------------------------------------ many rows: others */

static bool send_statements(struct store_connection *c, const struct store_statement *s,
			    const struct store_many *many, size_t from, size_t n)
{
	for (size_t i = from; i < from + n; i++) {
		HM_AUTO_CX own = HM_CX(SIZE_MAX);
		const char *texts[STORE_POSTGRESQL_PARAMETERS] = { 0 };
		store_postgresql_spell_values(&own,
					      (struct store_values){ many->p + i * many->width,
								     many->width },
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
		ended = status == PGRES_PIPELINE_SYNC || (!r && store_postgresql_is_broken(c));
		if (r && !err && !ended)
			err = store_postgresql_is_good(r)
				      ? store_postgresql_give_rows(cx, r, each, arg)
				      : store_postgresql_fault(cx, c, r);
		store_libpq.PQclear(r);
	}
	return !err && store_postgresql_is_broken(c) ? store_postgresql_fault(cx, c, NULL) : err;
}

/* ------------------------------------------------------------------ many rows: an array */

/* The statement for each number of an array. OFFSET 0 keeps it whole: as a join, it might be done
 * by reading all of a table. */
static struct store_statement *spell_array(struct store_connection *c, struct store_statement *s)
{
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct hm_str rest = hm_cstr(s->sql);
	if (s->of_array)
		return s->of_array;
	hm_buf_addz(&b, "SELECT found.* FROM unnest($1::bigint[]) AS one (value) "
			"CROSS JOIN LATERAL (");
	while (rest.n) {
		size_t before = rest.n;
		struct hm_str head = hm_cut_str(&rest, HM_STR("$1"));
		hm_buf_add(&b, head);
		hm_buf_addz(&b, head.n < before ? "one.value" : "");
	}
	hm_buf_addz(&b, " OFFSET 0) AS found");
	s->of_array = hm_new(&c->cx, struct store_statement, 1);
	s->of_array->sql = hm_dupz(&c->cx, hm_buf_str(&b));
	return s->of_array;
}

static hm_err run_array(struct hm_cx *cx, struct store_connection *c, struct store_statement *s,
			struct store_values numbers, store_row *each, void *arg)
{
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	hm_buf_char(&b, '{');
	for (size_t i = 0; i < numbers.n; i++)
		hm_buf_fmt(&b, "%s%lld", i ? "," : "", (long long)numbers.p[i].number);
	hm_buf_char(&b, '}');
	const char *const texts[] = { b.p };
	HM_TRY(store_postgresql_make_known(cx, c, s));
	PGresult *r = store_libpq.PQexecPrepared(c->pg, s->name.p, 1, texts, NULL, NULL, 0);
	hm_err err = store_postgresql_is_good(r) ? store_postgresql_give_rows(cx, r, each, arg)
						 : store_postgresql_fault(cx, c, r);
	store_libpq.PQclear(r);
	return err;
}

static hm_err run_arrays(struct hm_cx *cx, struct store_connection *c, struct store_statement *s,
			 const struct store_many *many, store_row *each, void *arg)
{
	struct store_statement *all = spell_array(c, s);
	for (size_t i = 0, n; i < many->rows; i += n) {
		n = many->rows - i < ARRAY ? many->rows - i : ARRAY;
		HM_TRY(run_array(cx, c, all, (struct store_values){ many->p + i, n }, each, arg));
	}
	return NULL;
}

/* ------------------------------------------------------------------ the whole */

hm_err store_postgresql_run_many(struct hm_cx *cx, struct store_connection *c,
				 struct store_statement *s, const struct store_many *many,
				 store_row *each, void *arg)
{
	struct hm_str target = each || many->rows <= FEW ? HM_STR("") : find_target(s->sql);
	hm_err err = NULL;
	if (target.n)
		return copy_rows(cx, c, target, many);
	if (many->of_numbers)
		return run_arrays(cx, c, s, many, each, arg);
	HM_TRY(store_postgresql_make_known(cx, c, s));
	if (!store_libpq.PQenterPipelineMode(c->pg))
		return store_postgresql_fault(cx, c, NULL);
	for (size_t i = 0, n; i < many->rows && !err; i += n) {
		n = many->rows - i < PIPELINE ? many->rows - i : PIPELINE;
		err = send_statements(c, s, many, i, n) ? read_pipeline(cx, c, each, arg)
							: store_postgresql_fault(cx, c, NULL);
	}
	store_libpq.PQexitPipelineMode(c->pg);
	return err;
}
