/* SPDX-License-Identifier: Apache-2.0 */
#include "store/tables.h"

#include <pthread.h>

#include "store/backend.h"

struct prepared {
	const char *sql;
	struct store_statement *statement;
};

struct store_use {
	struct store_tables *tables;
	struct store_connection *connection;
	HM_VEC(struct prepared) prepared;
	struct store_use *next; /* of those that are free */
	bool writes, open;      /* the transaction; it is not ended yet */
};

struct store_tables {
	struct hm_cx cx; /* holds this very struct; under the lock */
	const struct store_backend *backend;
	struct store_config config; /* its `where` is ours */
	unsigned n;                 /* connections */
	pthread_mutex_t lock;
	pthread_cond_t given_back;
	struct store_use *idle;
	pthread_mutex_t writing; /* held by the transaction that writes, where one must */
};

/* A connection that nobody uses, or NULL: one more may be opened, and counts from now on. */
static struct store_use *take_idle(struct store_tables *t)
{
	pthread_mutex_lock(&t->lock);
	while (!t->idle && t->n >= t->config.connections)
		pthread_cond_wait(&t->given_back, &t->lock);
	struct store_use *use = t->idle;
	if (use)
		t->idle = use->next;
	else
		t->n++;
	pthread_mutex_unlock(&t->lock);
	return use;
}

static void give_back(struct store_tables *t, struct store_use *use)
{
	pthread_mutex_lock(&t->lock);
	if (use) {
		use->next = t->idle;
		t->idle = use;
	} else {
		t->n--;
	}
	pthread_cond_signal(&t->given_back);
	pthread_mutex_unlock(&t->lock);
}

static hm_err take_connection(struct hm_cx *cx, struct store_tables *t, struct store_use **out)
{
	struct store_connection *c;
	struct store_use *use = take_idle(t);
	if (!use) {
		hm_err err = t->backend->open(cx, &t->config, &c);
		if (err) {
			give_back(t, NULL);
			return err;
		}
		pthread_mutex_lock(&t->lock);
		use = hm_new(&t->cx, struct store_use, 1);
		pthread_mutex_unlock(&t->lock);
		use->tables = t;
		use->connection = c;
	}
	*out = use;
	return NULL;
}

static void close_use(struct store_use *use)
{
	const struct store_backend *b = use->tables->backend;
	for (size_t i = 0; i < use->prepared.n; i++)
		b->finish(use->prepared.p[i].statement);
	b->close(use->connection);
}

/* Back among those that are free, or away where its server is gone. */
static bool leave_connection(struct store_tables *t, struct store_use *use)
{
	bool broken = t->backend->is_broken && t->backend->is_broken(use->connection);
	if (broken)
		close_use(use);
	give_back(t, broken ? NULL : use);
	return broken;
}

static hm_err begin_on_connection(struct hm_cx *cx, struct store_tables *t, enum store_mode mode,
				  struct store_use **out)
{
	for (unsigned tries = 0;; tries++) {
		HM_TRY(take_connection(cx, t, out));
		hm_err err = t->backend->begin(cx, (*out)->connection, mode);
		if (!err)
			return NULL;
		/* the transaction may be there, and have failed behind its beginning */
		t->backend->roll_back((*out)->connection);
		/* a server that was started again does not know those from before */
		if (!leave_connection(t, *out) || tries == t->config.connections)
			return err;
	}
}

hm_err store_begin(struct hm_cx *cx, struct store_tables *t, enum store_mode mode,
		   struct store_use **out)
{
	struct store_use *use;
	bool writes = mode != STORE_READ && t->backend->one_writer;
	/* first, so that those who wait to write leave the connections to those who read */
	if (writes)
		pthread_mutex_lock(&t->writing);
	hm_err err = begin_on_connection(cx, t, mode, &use);
	if (err) {
		if (writes)
			pthread_mutex_unlock(&t->writing);
		return err;
	}
	use->writes = writes;
	use->open = true;
	*out = use;
	return NULL;
}

void store_end(struct store_use **p)
{
	struct store_use *use = *p;
	if (!use)
		return;
	*p = NULL;
	struct store_tables *t = use->tables;
	bool writes = use->writes;
	if (use->open)
		t->backend->roll_back(use->connection);
	use->open = use->writes = false;
	leave_connection(t, use);
	if (writes)
		pthread_mutex_unlock(&t->writing);
}

hm_err store_commit(struct hm_cx *cx, struct store_use *use)
{
	HM_TRY(use->tables->backend->commit(cx, use->connection));
	use->open = false;
	return NULL;
}

static hm_err find_statement(struct hm_cx *cx, struct store_use *use, const char *sql,
			     struct store_statement **out)
{
	for (size_t i = 0; i < use->prepared.n; i++) {
		if (use->prepared.p[i].sql == sql) {
			*out = use->prepared.p[i].statement;
			return NULL;
		}
	}
	HM_TRY(use->tables->backend->prepare(cx, use->connection, sql, out));
	pthread_mutex_lock(&use->tables->lock);
	*hm_push(&use->tables->cx, &use->prepared) = (struct prepared){ sql, *out };
	pthread_mutex_unlock(&use->tables->lock);
	return NULL;
}

hm_err store_run(struct hm_cx *cx, struct store_use *use, const char *sql,
		 struct store_values values, store_row *each, void *arg)
{
	struct store_statement *s;
	HM_TRY(find_statement(cx, use, sql, &s));
	return use->tables->backend->run(cx, use->connection, s, values, each, arg);
}

hm_err store_run_many(struct hm_cx *cx, struct store_use *use, const char *sql,
		      const struct store_many *many, store_row *each, void *arg)
{
	const struct store_backend *b = use->tables->backend;
	struct store_statement *s;
	HM_TRY(find_statement(cx, use, sql, &s));
	return b->run_many(cx, use->connection, s, many, each, arg);
}

/* --- the schema --- */

static const char select_done[] = "SELECT done FROM store_schema";

static hm_err read_number(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	(void)cx;
	*(int64_t *)arg = row[0].number;
	return NULL;
}

hm_err store_newer(struct hm_cx *cx)
{
	return hm_hint(
		cx,
		hm_fail(cx, HM_INPUT,
			"the tables were made by a newer version of this program, which this one does not understand"),
		"use that version, or another place for the tables");
}

/* Nothing is to be made: then nothing is written, and nobody waited for. Whatever else it is, or a
 * fault, make_tables() sees it again. */
static bool has_tables(struct hm_cx *cx, struct store_tables *t, const char *const *schema)
{
	/* in words of its own: what PostgreSQL prepared for it may mean a table of another schema,
	 * and would still after make_tables() made one here */
	static const char select_once[] = "SELECT done FROM store_schema LIMIT 1";
	int64_t done = -1, n = 0;
	STORE_AUTO_USE use = NULL;
	while (schema[n])
		n++;
	return !store_begin(cx, t, STORE_READ, &use) &&
	       !store_run(cx, use, select_once, STORE_NO_VALUES, read_number, &done) && done == n;
}

static bool is_for(const struct store_backend *b, const char *statement)
{
	struct hm_str text = hm_cstr(statement);
	return hm_starts(text, HM_STR("/*!"))
		       ? b->own_words
		       : !hm_starts(text, HM_STR("/*server*/")) || b->is_server;
}

/* How many of the schema's statements the database has had stands in a table of its own. */
static hm_err make_tables(struct hm_cx *cx, struct store_tables *t, const char *const *schema)
{
	int64_t done = -1, n = 0;
	STORE_AUTO_USE use = NULL;
	HM_TRY(store_begin(cx, t, STORE_WRITE, &use));
	HM_TRY(store_run(cx, use, "CREATE TABLE IF NOT EXISTS store_schema (done BIGINT NOT NULL)",
			 STORE_NO_VALUES, NULL, NULL));
	HM_TRY(store_run(cx, use, select_done, STORE_NO_VALUES, read_number, &done));
	if (done < 0)
		HM_TRY(store_run(cx, use, "INSERT INTO store_schema (done) VALUES (0)",
				 STORE_NO_VALUES, NULL, NULL));
	for (; schema[n]; n++)
		if (n >= done && is_for(t->backend, schema[n]))
			HM_TRY(store_run(cx, use, schema[n], STORE_NO_VALUES, NULL, NULL));
	if (done > n)
		return store_newer(cx);
	HM_TRY(store_run(cx, use, "UPDATE store_schema SET done = $1", STORE_VALUES(store_int(n)),
			 NULL, NULL));
	return store_commit(cx, use);
}

/* A password that stands in an address is not shown. */
static struct hm_str hide_password(struct hm_cx *cx, const char *where)
{
	struct hm_str rest = hm_cstr(where), head = hm_cut_str(&rest, HM_STR("://"));
	size_t at = hm_rfind_char(rest, '@');
	size_t colon = hm_find_char(hm_sub(rest, 0, at), ':');
	if (at == SIZE_MAX || colon == SIZE_MAX)
		return hm_cstr(where);
	return hm_fmt(cx, "%.*s://%.*s:...%.*s", HM_FMT(head), HM_FMT(hm_sub(rest, 0, colon)),
		      HM_FMT(hm_from(rest, at)));
}

hm_err store_open(struct hm_cx *cx, const struct store_config *config, struct store_tables **out)
{
	struct hm_cx own = HM_CX(SIZE_MAX);
	struct store_tables *t = hm_new(&own, struct store_tables, 1);
	t->backend = config->backend;
	t->config = *config;
	t->config.where = hm_dupz(&own, hm_cstr(config->where));
	pthread_mutex_init(&t->lock, NULL);
	pthread_mutex_init(&t->writing, NULL);
	pthread_cond_init(&t->given_back, NULL);
	t->cx = own;
	hm_err err = NULL;
	if (!has_tables(cx, t, config->schema))
		err = make_tables(cx, t, config->schema);
	if (err) {
		store_close(t);
		return hm_wrap(cx, err, "\"%.*s\"", HM_FMT(hide_password(cx, config->where)));
	}
	*out = t;
	return NULL;
}

hm_err store_backup(struct hm_cx *cx, struct store_tables *t, const char *to)
{
	if (!t->backend->backup)
		return hm_hint(cx,
			       hm_fail(cx, HM_USAGE,
				       "the tables are in %s, which saves them itself",
				       t->backend->name),
			       "pg_dump --format=custom, and pg_restore");
	return t->backend->backup(cx, &t->config, to);
}

hm_err store_restore(struct hm_cx *cx, struct store_tables *t, const char *from, const char *renew)
{
	if (!t->backend->restore)
		return store_backup(cx, t, from);
	pthread_mutex_lock(&t->writing);
	hm_err err = t->backend->restore(cx, &t->config, from, renew);
	pthread_mutex_unlock(&t->writing);
	return err;
}

bool store_is_server(const struct store_tables *t)
{
	return t->backend->is_server;
}

void store_close(struct store_tables *t)
{
	if (!t)
		return;
	for (struct store_use *use = t->idle; use; use = use->next)
		close_use(use);
	pthread_mutex_destroy(&t->lock);
	pthread_mutex_destroy(&t->writing);
	pthread_cond_destroy(&t->given_back);
	struct hm_cx own = t->cx;
	hm_cx_done(&own);
}
