/* SPDX-License-Identifier: Apache-2.0 */
/*
 * backend.h - inside store/: what a back end of the tables does. A connection and a statement are
 * its own structs; a connection is used by one thread at a time.
 */
#ifndef STORE_BACKEND_H
#define STORE_BACKEND_H

#include "store/tables.h"

struct store_connection; /* the back end's */
struct store_statement;  /* the back end's: it belongs to a connection, and ends with it */

struct store_backend {
	const char *name;
	bool own_words;  /* it reads what stands in the comments of tables.h */
	bool one_writer; /* it does not queue those who write by itself */
	bool is_server;  /* each statement is a message to it */
	hm_err (*open)(struct hm_cx *cx, const struct store_config *config,
		       struct store_connection **out);
	void (*close)(struct store_connection *c);
	/* Of no use any more: its server has gone away. NULL: that cannot be. */
	bool (*is_broken)(struct store_connection *c);
	hm_err (*begin)(struct hm_cx *cx, struct store_connection *c, enum store_mode mode);
	hm_err (*commit)(struct hm_cx *cx, struct store_connection *c);
	void (*roll_back)(struct store_connection *c);
	hm_err (*prepare)(struct hm_cx *cx, struct store_connection *c, const char *sql,
			  struct store_statement **out);
	hm_err (*run)(struct hm_cx *cx, struct store_connection *c, struct store_statement *s,
		      struct store_values values, store_row *each, void *arg);
	/* store_run_many() */
	hm_err (*run_many)(struct hm_cx *cx, struct store_connection *c, struct store_statement *s,
			   const struct store_many *many, store_row *each, void *arg);
	void (*finish)(struct store_statement *s);
	/* Of the whole database; NULL: there are programs for that. */
	hm_err (*backup)(struct hm_cx *cx, const struct store_config *config, const char *to);
	hm_err (*restore)(struct hm_cx *cx, const struct store_config *config, const char *from,
			  const char *renew);
};

enum { STORE_MAX_COLUMNS = 16 };

#endif
