/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>

#include "advisory/import_union.h"

/* NAME.SOMETHING.tmp */
static bool is_leftover(struct hm_str file, struct hm_str name)
{
	struct hm_str rest = hm_from(file, name.n), tail = HM_STR(".tmp");
	if (!hm_starts(file, name) || !hm_starts(rest, HM_STR(".")) || !hm_ends(rest, tail) ||
	    rest.n < 6)
		return false;
	return hm_find_char(hm_sub(rest, 1, rest.n - 1 - tail.n), '.') == SIZE_MAX;
}

/* What a killed import left beside the database: only its kind, and only under the lock. */
static void remove_leftovers(const char *path, struct hm_str folder)
{
	DIR *dir = opendir(folder.p);
	if (!dir)
		return;
	for (struct dirent *e; (e = readdir(dir));)
		if (is_leftover(hm_cstr(e->d_name), hm_basename(hm_cstr(path))))
			unlinkat(dirfd(dir), e->d_name, 0);
	closedir(dir);
}

/* Where the database is written: links followed. */
struct place {
	const char *path;
	struct hm_newfile through; /* a device or the like is there: nothing to lock */
	int lock;                  /* only one import at a time writes there until it is closed */
	bool is_taken;
};

static void leave_place(struct place *p)
{
	hm_newfile_done(&p->through);
	hm_close_fd(&p->lock);
}

static hm_err lock_folder(struct hm_cx *cx, const char *path, int *out_lock)
{
	struct hm_str folder = hm_dup(cx, hm_dirname(hm_cstr(path)));
	if (!folder.n)
		folder = path[0] == '/' ? HM_STR("/") : HM_STR(".");
	HM_TRY(hm_mkdirs(cx, folder.p, 0777));
	HM_AUTO_FD lock = open(folder.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (lock < 0 || flock(lock, LOCK_EX) < 0)
		return hm_fail_os(cx, "could not lock folder \"%s\"", folder.p);
	remove_leftovers(path, folder);
	*out_lock = hm_move_fd(lock);
	return NULL;
}

static hm_err take_place(struct hm_cx *cx, const char *db_path, struct place *p)
{
	if (p->is_taken)
		return NULL;
	HM_TRY(hm_output_path(cx, db_path, &p->path, &p->through));
	p->is_taken = true;
	return p->through.through ? NULL : lock_folder(cx, p->path, &p->lock);
}

static hm_err write_place(struct hm_cx *cx, struct place *p, struct hm_str bytes)
{
	if (!p->through.through)
		return hm_output_write(cx, p->path, bytes, 0644);
	HM_TRY(hm_write_all(cx, p->through.fd, p->through.path, bytes));
	return hm_newfile_commit(cx, &p->through);
}

static void close_db(struct advisory_db **db)
{
	advisory_db_close(*db);
}

/* The database that is added to; NULL: no such file. */
static hm_err open_old(struct hm_cx *cx, const struct advisory_import *what, const char *path,
		       struct advisory_db **out)
{
	*out = NULL;
	if (!what->add)
		return NULL;
	hm_err err = advisory_db_open(cx, path, out);
	return err && err->code == HM_ABSENT ? NULL : err;
}

static hm_err read_units(struct hm_cx *cx, struct advisory_plan *plan)
{
	plan->progress = hm_progress_start("import", plan->units.n);
	hm_err err = hm_parallel(cx, plan->units.n, 0, 4 * HM_GIB, advisory_read_unit, plan);
	hm_progress_end(plan->progress);
	return err;
}

static hm_err import_paths(struct hm_cx *cx, const struct advisory_import *what,
			   const char *db_path, struct advisory_plan *plan,
			   struct hm_strs *warnings, struct advisory_db_status *out)
{
	HM_AUTO_BUF file = HM_BUF(4 * HM_GIB - 1);
	HM_CLEANUP(leave_place) struct place place = { .through = { .fd = -1 }, .lock = -1 };
	HM_CLEANUP(close_db) struct advisory_db *old = NULL;
	struct advisory_db db;
	struct hm_str bytes;
	HM_TRY(advisory_plan_paths(cx, what, plan));
	HM_TRY(read_units(cx, plan));
	if (what->add) /* what was added meanwhile must not be lost */
		HM_TRY(take_place(cx, db_path, &place));
	HM_TRY(open_old(cx, what, db_path, &old));
	HM_TRY(advisory_unite(cx, plan, what, old, warnings, &file));
	HM_TRY(hm_buf_end(cx, &file, "the advisory database", &bytes));
	HM_TRY(advisory_db_of(cx, bytes, &db));
	HM_TRY(advisory_db_status(cx, &db, out));
	*out = advisory_db_status_copy(cx, out);
	HM_TRY(take_place(cx, db_path, &place));
	return write_place(cx, &place, bytes);
}

static struct hm_strs copy_strs(struct hm_cx *cx, const struct hm_strs *from)
{
	struct hm_strs to = { 0 };
	for (size_t i = 0; i < from->n; i++)
		*hm_push(cx, &to) = hm_dup(cx, from->p[i]);
	return to;
}

struct advisory_db_status advisory_db_status_copy(struct hm_cx *cx,
						  const struct advisory_db_status *s)
{
	struct advisory_db_status copy = *s;
	copy.built = hm_dup(cx, s->built);
	copy.digest = hm_dup(cx, s->digest);
	for (size_t i = 0; i < ADVISORY_CATALOGS; i++)
		copy.catalogs[i].date = hm_dup(cx, s->catalogs[i].date);
	copy.ecosystems = copy_strs(cx, &s->ecosystems);
	copy.sources = hm_new(cx, struct advisory_source, s->sources_n);
	for (size_t i = 0; i < s->sources_n; i++)
		copy.sources[i] = (struct advisory_source){ hm_dup(cx, s->sources[i].name),
							    hm_dup(cx, s->sources[i].url),
							    hm_dup(cx, s->sources[i].tag) };
	return copy;
}

hm_err advisory_db_import(struct hm_cx *cx, const struct advisory_import *what, const char *db_path,
			  struct hm_strs *out_warnings, struct advisory_db_status *out)
{
	HM_AUTO_CX big = hm_cx_child(cx, 16 * HM_GIB);
	struct advisory_plan plan = { 0 };
	struct hm_strs warnings = { 0 };
	struct advisory_db_status status;
	hm_err err = import_paths(&big, what, db_path, &plan, &warnings, &status);
	advisory_plan_done(&plan);
	if (err)
		return hm_fault_copy(cx, err);
	*out_warnings = copy_strs(cx, &warnings);
	*out = advisory_db_status_copy(cx, &status);
	return NULL;
}
