/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sqlite.h - inside store/: what the two files of SQLite share.
 */
#ifndef STORE_SQLITE_H
#define STORE_SQLITE_H

#include <sqlite3.h>

#include "store/tables.h"

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

/* store_backup(), store_restore() */
HM_MUST hm_err store_sqlite_backup(struct hm_cx *cx, const struct store_config *config,
				   const char *to);
HM_MUST hm_err store_sqlite_restore(struct hm_cx *cx, const struct store_config *config,
				    const char *from, const char *renew);

#endif
