/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tables.h - tables with transactions: what a server knows and must still know after a kill.
 *
 * A back end is a row of operations (backend.h): SQLite in WAL mode, which is one file of this
 * machine, and PostgreSQL, which the same tests run on. Statements are written once, in the SQL
 * that both understand: BIGINT and TEXT columns, parameters $1, $2, ... numbered in the order in
 * which they first stand in the text, ON CONFLICT, LIMIT. Text has no NUL in it and is compared
 * byte by byte. A statement is a literal: it is prepared once for each connection, and found again
 * by its address. Where SQLite does better with words of its own, CREATE TABLE has them in a
 * comment that it alone reads and that begins with '!'; a statement of the schema that is such a
 * comment as a whole is SQLite's alone, and one that begins with the comment "server" is a
 * server's. A column "BIGINT NOT NULL PRIMARY KEY" is the row's own number in SQLite.
 *
 * Everything is done in a transaction. One that reads sees the tables as they were at one moment,
 * and holds up nobody. One that writes waits for the one before it; what store_commit() has
 * confirmed is there after a kill at any moment and, but for STORE_WRITE_LAZY, after a loss of
 * power. A commit that returns a fault is undone, whole; after a kill it may be there, whole, all
 * the same. Threads share a struct store_tables; a struct store_use is one thread's.
 */
#ifndef STORE_TABLES_H
#define STORE_TABLES_H

#include "store/values.h"

struct store_backend;
extern const struct store_backend store_sqlite, store_postgresql;

struct store_tables;
struct store_config {
	const struct store_backend *backend;
	const char *where; /* the file; for PostgreSQL its address, without a password */
	/* Statements that make the tables, ended by NULL. Each is run once in the life of a
	 * database; new ones are added at the end. */
	const char *const *schema;
	unsigned connections; /* at once, at the most */
	/* KiB of memory for pages of whoever writes, and a quarter for each that reads; 0: the back
	 * end's own measure */
	unsigned cache;
	/* What SQLite needs beside the file stays there, so that a full disk can be read. */
	bool keeps_room;
};
/* HM_INPUT: it is no database, a damaged one, or one of a newer program. HM_SYSTEM, HM_FULL. */
HM_MUST hm_err store_open(struct hm_cx *cx, const struct store_config *config,
			  struct store_tables **out);
/* The fault of tables that a newer program has made: HM_INPUT. */
HM_MUST HM_NEVER_NULL hm_err store_newer(struct hm_cx *cx);
/* As it is at one moment, into a file that is not there yet; others go on. HM_USAGE: there is one,
 * or the back end has programs of its own for that. */
HM_MUST hm_err store_backup(struct hm_cx *cx, struct store_tables *t, const char *to);
/* Everything is replaced, in one transaction, by what a backup has; `renew` is a statement that is
 * run on that first. HM_INPUT: it is damaged, of other tables, or of a newer program. */
HM_MUST hm_err store_restore(struct hm_cx *cx, struct store_tables *t, const char *from,
			     const char *renew);
/* Is each statement a message to a server? Then it is worth while to ask for more at once. */
bool store_is_server(const struct store_tables *t);
/* Nobody uses it any more. */
void store_close(struct store_tables *t);

struct store_use; /* a transaction */
/* Waits for a free connection and, to write, for whoever writes. To be ended. */
HM_MUST hm_err store_begin(struct hm_cx *cx, struct store_tables *t, enum store_mode mode,
			   struct store_use **out);
/* What is not committed is undone. */
void store_end(struct store_use **p);
#define STORE_AUTO_USE HM_CLEANUP(store_end) struct store_use *
/* Nothing but store_end() may follow. */
HM_MUST hm_err store_commit(struct hm_cx *cx, struct store_use *use);

/* A statement with many rows of parameters, `width` values each: faster than as many runs of it,
 * and much faster where the tables are another machine's. The rows of the first come first; but
 * `of_numbers`: in any order. Then each is one number, and the statement a SELECT. */
struct store_many {
	const struct store_value *p;
	size_t width, rows;
	bool of_numbers;
};
HM_MUST hm_err store_run_many(struct hm_cx *cx, struct store_use *use, const char *sql,
			      const struct store_many *many, store_row *each, void *arg);

/* Run one statement; `each` gets the rows, and may be NULL where there are none to be seen. */
HM_MUST hm_err store_run(struct hm_cx *cx, struct store_use *use, const char *sql,
			 struct store_values values, store_row *each, void *arg);

#endif
