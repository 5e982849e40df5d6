/* SPDX-License-Identifier: Apache-2.0 */
/*
 * table.h - inside packed/: one table, as a connection knows it.
 */
#ifndef STORE_PACKED_TABLE_H
#define STORE_PACKED_TABLE_H

#include <sqlite3.h>

#include "store/packed/block.h"

/* How blocks are found. */
enum store_packed_way {
	STORE_PACKED_BY_KEY,   /* the one in which a key is */
	STORE_PACKED_BY_VALUE, /* those in which a column has a value */
	STORE_PACKED_ALL,
	STORE_PACKED_BACKWARDS, /* all */
	STORE_PACKED_WAYS,
};
enum { STORE_PACKED_KEPT = 4 };
enum { STORE_PACKED_NO_COLUMN = -1 };

struct store_packed_table {
	sqlite3_vtab base; /* first: SQLite's */
	sqlite3 *db;
	struct hm_cx cx; /* holds what is of the table for as long as it is known */
	const char *name;
	size_t columns_n;
	bool indexed[STORE_PACKED_COLUMNS];
	int grouped; /* a column, or STORE_PACKED_NO_COLUMN */
	/* Statements that nobody uses now. */
	sqlite3_stmt *kept[STORE_PACKED_WAYS][STORE_PACKED_KEPT];
	sqlite3_stmt *add_block, *change_block, *add_value;
	uint64_t changes; /* what was read before one is of the past */
	/* Rows that are in no block yet, and values that are in no index yet. */
	struct hm_cx pending; /* holds them */
	int64_t *rows;
	size_t rows_n, rows_cap;
	struct store_packed_item *values; /* key: what of the value sorts; what: block and column */
	size_t values_n, values_cap;
	int64_t least, most, first_block; /* of these */
	int64_t last;                     /* key */
	bool last_is_known;
};

/* '%' stands for the table's name. */
struct hm_str store_packed_name(struct hm_cx *cx, const char *sql, const char *name);
/* Once: what is there stays. */
int store_packed_prepare(struct store_packed_table *t, const char *sql, sqlite3_stmt **out);
/* A statement that finds blocks, its columns n and rows; it is to be given back. */
int store_packed_take(struct store_packed_table *t, enum store_packed_way way, sqlite3_stmt **out);
void store_packed_give(struct store_packed_table *t, enum store_packed_way way, sqlite3_stmt *s);
/* The block of the row at which the statement is: good until its next step. */
int store_packed_open(struct store_packed_table *t, sqlite3_stmt *s, int64_t *out_number,
		      struct store_packed_block *out);
/* Where a row is, as SQLite's number of it. */
enum { STORE_PACKED_ROW_BITS = 24 };

#endif
