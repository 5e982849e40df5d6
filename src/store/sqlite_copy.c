/* SPDX-License-Identifier: Apache-2.0 */
/* Copies of a database that is in use, and back. */
#include "store/sqlite_copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "store/sqlite_open.h"

/* A file that is removed again, whatever became of it. */
static void remove_part(const char **path)
{
	if (*path)
		unlink(*path);
}
#define AUTO_PART HM_CLEANUP(remove_part) const char *

static hm_err run_with_text(struct hm_cx *cx, sqlite3 *db, const char *sql, const char *text)
{
	sqlite3_stmt *s = NULL;
	int status = sqlite3_prepare_v2(db, sql, -1, &s, NULL);
	if (status == SQLITE_OK)
		status = sqlite3_bind_text(s, 1, text, -1, SQLITE_STATIC);
	while (status == SQLITE_OK || status == SQLITE_ROW)
		status = sqlite3_step(s);
	hm_err err = status == SQLITE_DONE ? NULL : store_sqlite_fault(cx, db, status);
	sqlite3_finalize(s);
	return err;
}

/* The first column of the only row, as a number or as text; -1, or empty: there is none. */
static hm_err ask(struct hm_cx *cx, sqlite3 *db, const char *sql, const char *text,
		  int64_t *out_number, struct hm_str *out_text)
{
	sqlite3_stmt *s = NULL;
	int status = sqlite3_prepare_v2(db, sql, -1, &s, NULL);
	*out_number = -1;
	*out_text = HM_STR("");
	if (status == SQLITE_OK && text)
		status = sqlite3_bind_text(s, 1, text, -1, SQLITE_STATIC);
	if (status == SQLITE_OK)
		status = sqlite3_step(s);
	if (status == SQLITE_ROW) {
		*out_number = sqlite3_column_int64(s, 0);
		const char *p = (const char *)sqlite3_column_text(s, 0);
		*out_text = hm_dup(cx, hm_cstr(p ? p : ""));
		status = SQLITE_DONE;
	}
	hm_err err = status == SQLITE_DONE ? NULL : store_sqlite_fault(cx, db, status);
	sqlite3_finalize(s);
	return err;
}

/* ------------------------------------------------------------------ out */

/* Nobody else may read what is in it. */
static hm_err make_part(struct hm_cx *cx, const char *path, const char **out)
{
	const char *part = hm_fmt(cx, "%s.part-%ld", path, (long)getpid()).p;
	int fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return hm_fail_os(cx, "could not write \"%s\"", part);
	hm_close_fd(&fd);
	*out = part;
	return NULL;
}

static hm_err flush_part(struct hm_cx *cx, const char *part)
{
	int fd = open(part, O_RDONLY | O_CLOEXEC);
	bool good = fd >= 0 && fsync(fd) == 0;
	hm_err err = good ? NULL : hm_fail_os(cx, "could not write \"%s\"", part);
	hm_close_fd(&fd);
	return err;
}

/* One moment of the database, without the room that was free in it. */
static hm_err copy_to_part(struct hm_cx *cx, sqlite3 *db, const char *part)
{
	HM_TRY(run_with_text(cx, db, "VACUUM INTO ?1", part));
	return flush_part(cx, part);
}

hm_err store_sqlite_backup(struct hm_cx *cx, const struct store_config *config, const char *to)
{
	STORE_AUTO_SQLITE db = NULL;
	AUTO_PART part = NULL;
	if (hm_exists(to))
		return hm_fail(cx, HM_USAGE, "\"%s\" is there already", to);
	HM_TRY(store_sqlite_open(cx, config->where, SQLITE_OPEN_READWRITE, &db));
	HM_TRY(make_part(cx, to, &part));
	HM_TRY(copy_to_part(cx, db, part));
	/* link() and not rename(): nothing that has come since is lost */
	if (link(part, to))
		return hm_fail_os(cx, "could not write \"%s\"", to);
	return hm_sync_folder(cx, to);
}

/* ------------------------------------------------------------------ and back */

static hm_err check_table(struct hm_cx *cx, sqlite3 *db, const char *statement)
{
	struct hm_str rest = hm_cstr(statement), text;
	int64_t n;
	if (!hm_starts(rest, HM_STR("CREATE TABLE ")))
		return NULL;
	rest = hm_from(rest, strlen("CREATE TABLE "));
	const char *name = hm_dupz(cx, hm_cut(&rest, ' '));
	HM_TRY(ask(cx, db, "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND name = ?1",
		   name, &n, &text));
	return n == 1 ? NULL : hm_fail(cx, HM_INPUT, "there is no table \"%s\" in it", name);
}

/* Whole, and of this program or of an older one. */
static hm_err check_copy(struct hm_cx *cx, sqlite3 *db, const char *const *schema)
{
	struct hm_str text;
	int64_t done, number;
	HM_TRY(check_table(cx, db, "CREATE TABLE store_schema "));
	HM_TRY(ask(cx, db, "SELECT done FROM store_schema", NULL, &done, &text));
	for (int64_t i = 0; i < done; i++) {
		if (!schema[i])
			return store_newer(cx);
		HM_TRY(check_table(cx, db, schema[i]));
	}
	HM_TRY(ask(cx, db, "PRAGMA integrity_check(1)", NULL, &number, &text));
	return hm_eqz(text, "ok") ? NULL
				  : hm_fail(cx, HM_INPUT, "it is damaged: %.*s", HM_FMT(text));
}

/* In one transaction of the database: others see it as it was, or as it is now. */
static hm_err copy_over(struct hm_cx *cx, sqlite3 *from, sqlite3 *to)
{
	sqlite3_backup *b = sqlite3_backup_init(to, "main", from, "main");
	if (!b)
		return store_sqlite_fault(cx, to, sqlite3_errcode(to));
	int status = sqlite3_backup_step(b, -1);
	int ended = sqlite3_backup_finish(b);
	if (status == SQLITE_DONE && ended == SQLITE_OK)
		return NULL;
	return store_sqlite_fault(cx, to, status == SQLITE_DONE ? ended : status);
}

hm_err store_sqlite_restore(struct hm_cx *cx, const struct store_config *config, const char *from,
			    const char *renew)
{
	STORE_AUTO_SQLITE source = NULL;
	STORE_AUTO_SQLITE fresh = NULL;
	STORE_AUTO_SQLITE db = NULL;
	AUTO_PART part = NULL;
	HM_TRY_IN(cx, store_sqlite_open(cx, from, SQLITE_OPEN_READONLY, &source), "\"%s\"", from);
	HM_TRY_IN(cx, check_copy(cx, source, config->schema), "\"%s\"", from);
	/* a copy, to be changed before it takes its place */
	HM_TRY(make_part(cx, config->where, &part));
	HM_TRY(copy_to_part(cx, source, part));
	HM_TRY(store_sqlite_open(cx, part, SQLITE_OPEN_READWRITE, &fresh));
	HM_TRY(store_sqlite_text(cx, fresh, renew));
	HM_TRY(store_sqlite_open(cx, config->where, SQLITE_OPEN_READWRITE, &db));
	HM_TRY(store_sqlite_text(cx, db, "PRAGMA synchronous=FULL"));
	return copy_over(cx, fresh, db);
}
