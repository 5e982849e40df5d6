/* SPDX-License-Identifier: Apache-2.0 */
/*
 * writer.h - inside packed/: rows that are added or changed. All give a status of SQLite.
 */
#ifndef STORE_PACKED_WRITER_H
#define STORE_PACKED_WRITER_H

#include "store/packed/table.h"

int store_packed_update(sqlite3_vtab *v, int n, sqlite3_value **values, sqlite3_int64 *out_row);
/* All that is pending is in the tables. */
int store_packed_flush(struct store_packed_table *t);
/* What is pending never was. */
void store_packed_forget(struct store_packed_table *t);

#endif
