/* SPDX-License-Identifier: Apache-2.0 */
/*
 * packed.h - inside store/: tables of integers that SQLite keeps in blocks of many rows.
 *
 * A row of a few small numbers costs SQLite ten times the numbers: a record, and an entry in each
 * index. Here some thousand rows are one value, column by column, each column in as many bits as
 * its numbers need; an index says in which blocks a number is, and not in which rows. That is a
 * virtual table:
 *
 *     CREATE VIRTUAL TABLE fact USING packed(id, kind, subject INDEXED, object INDEXED, detail,
 *     document INDEXED GROUPED)
 *
 * The first column is the key: rows come in its order, and equal ones are in one block. A column
 * that is INDEXED finds its blocks; where one that is GROUPED changes, a block of some size ends.
 * Rows are added and, but for the key and the column that is grouped, changed; they are not
 * removed.
 *
 * What is behind it are two tables of SQLite, in the same transactions as all others:
 *
 *     fact_block (n, low, rows)          low: the key of the first row; rows: see block.h
 *     fact_value (value, block, columns) columns: bits of those that have this value there
 */
#ifndef STORE_PACKED_PACKED_H
#define STORE_PACKED_PACKED_H

#include <sqlite3.h>

/* The connection knows the module. A status of SQLite. */
int store_packed_register(sqlite3 *db);

#endif
