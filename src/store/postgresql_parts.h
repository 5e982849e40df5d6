/* SPDX-License-Identifier: Apache-2.0 */
/*
 * postgresql_parts.h - inside store/: what the files of PostgreSQL's back end share.
 */
#ifndef STORE_POSTGRESQL_PARTS_H
#define STORE_POSTGRESQL_PARTS_H

#include "store/backend.h"
#include "store/libpq.h"

enum { STORE_POSTGRESQL_PARAMETERS = 16 };

struct store_connection {
	struct hm_cx cx; /* holds this very struct, and the statements */
	PGconn *pg;
	unsigned statements;
	bool reads; /* its transaction */
	bool ends;  /* the end of that was sent, and its answer is not read yet */
};

struct store_statement {
	struct hm_str name; /* empty: the server does not know it yet */
	const char *sql;
	struct store_statement *of_array; /* the same of many at a time, or NULL */
};

/* --- answers (postgresql_answer.c) --- */

/* Its messages may have several lines. */
const char *store_postgresql_join_lines(struct hm_cx *cx, const char *message);
HM_MUST HM_NEVER_NULL hm_err store_postgresql_fault(struct hm_cx *cx, struct store_connection *c,
						    const PGresult *r);
bool store_postgresql_is_good(const PGresult *r);
bool store_postgresql_is_broken(struct store_connection *c);
/* The server learns of it when it is first run. */
HM_MUST hm_err store_postgresql_make_known(struct hm_cx *cx, struct store_connection *c,
					   struct store_statement *s);
HM_MUST hm_err store_postgresql_give_rows(struct hm_cx *cx, const PGresult *r, store_row *each,
					  void *arg);
/* As texts, which the server reads as the parameters' types; STORE_POSTGRESQL_PARAMETERS at most.
 */
void store_postgresql_spell_values(struct hm_cx *cx, struct store_values values, const char **out);

/* --- many rows (postgresql_many.c) --- */

hm_err store_postgresql_run_many(struct hm_cx *cx, struct store_connection *c,
				 struct store_statement *s, const struct store_many *many,
				 store_row *each, void *arg);

#endif
