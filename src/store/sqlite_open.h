/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sqlite_open.h - inside store/: a database of SQLite, and what it says is wrong.
 */
#ifndef STORE_SQLITE_OPEN_H
#define STORE_SQLITE_OPEN_H

#include <sqlite3.h>

#include "base/base.h"

HM_MUST hm_err store_sqlite_fault(struct hm_cx *cx, sqlite3 *db, int status);
/* Statements without parameters; rows are not seen. */
HM_MUST hm_err store_sqlite_text(struct hm_cx *cx, sqlite3 *db, const char *sql);
/* flags: SQLITE_OPEN_... */
HM_MUST hm_err store_sqlite_open(struct hm_cx *cx, const char *where, int flags, sqlite3 **out);
static inline void store_sqlite_close(sqlite3 **db)
{
	sqlite3_close(*db);
}
#define STORE_AUTO_SQLITE HM_CLEANUP(store_sqlite_close) sqlite3 *

#endif
