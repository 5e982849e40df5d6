/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sqlite_open.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "store/packed/packed.h"

enum { BUSY_MS = 10000 };

hm_err store_sqlite_fault(struct hm_cx *cx, sqlite3 *db, int status)
{
	const char *why = db ? sqlite3_errmsg(db) : sqlite3_errstr(status);
	switch (status & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return hm_fail(cx, HM_BUSY, "could not use the tables: %s", why);
	case SQLITE_FULL:
		errno = ENOSPC;
		return hm_fail_os(cx, "could not write the tables");
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
		errno = db && sqlite3_system_errno(db) ? sqlite3_system_errno(db) : EIO;
		return hm_fail_os(cx, "could not use the tables: %s", why);
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return hm_fail(cx, HM_INPUT, "the tables are damaged: %s", why);
	default:
		return hm_fail(cx, HM_SYSTEM, "could not use the tables: %s", why);
	}
}

hm_err store_sqlite_text(struct hm_cx *cx, sqlite3 *db, const char *sql)
{
	int status = sqlite3_exec(db, sql, NULL, NULL, NULL);
	return status == SQLITE_OK ? NULL : store_sqlite_fault(cx, db, status);
}

/* SQLITE_OPEN_NOFOLLOW refuses links anywhere in the name. Folders may be links, the file not. */
static const char *resolve_folder(struct hm_cx *cx, const char *where)
{
	char real[PATH_MAX];
	const char *slash = strrchr(where, '/');
	if (!slash || slash == where)
		return where;
	char *folder = hm_dupz(cx, hm_bytes(where, (size_t)(slash - where)));
	/* a folder that is not there is SQLite's to report */
	return realpath(folder, real) ? hm_path(cx, real, slash + 1) : where;
}

/* Not counted: that takes a lock each time. */
static void settle_memory(void)
{
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

hm_err store_sqlite_open(struct hm_cx *cx, const char *where, int flags, sqlite3 **out)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, settle_memory);
	int status = sqlite3_open_v2(resolve_folder(cx, where), out,
				     flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW, NULL);
	hm_err err = status == SQLITE_OK ? NULL : store_sqlite_fault(cx, *out, status);
	if (!err && store_packed_register(*out) != SQLITE_OK)
		err = store_sqlite_fault(cx, *out, sqlite3_errcode(*out));
	if (!err)
		sqlite3_busy_timeout(*out, BUSY_MS);
	return err;
}
