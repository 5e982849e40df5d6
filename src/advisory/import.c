/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Import: the documents are read in workers, many at a time. Where a worker dies, its documents
 * are halved until the one that does it is found; that one costs a warning. A zip file that is
 * none fails the import, because a whole ecosystem would be missing without anybody noticing.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "advisory/db.h"
#include "base/worker.h"

enum { BATCH_FILES = 512, BATCH_BYTES = 8 << 20, FOLDER_DEPTH = 16, FOLDER_NAMES = 20000000 };

/* The work of one worker: a zip file, or files of one document each. */
struct unit {
	const char *zip;
	const struct hm_str *files;
	size_t files_n;
	struct hm_buf said; /* of each document, as the job says it */
};

struct plan {
	struct hm_strs files; /* single documents, sorted */
	HM_VEC(struct unit) units;
	struct hm_progress *progress;
};

/* --- what there is --- */

struct folder {
	char *path;
	unsigned depth;
};

static bool is_folder(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static void add_file(struct hm_cx *cx, struct plan *plan, const char *path)
{
	struct hm_str p = hm_cstr(path);
	if (hm_ends(p, HM_STR(".zip")))
		*hm_push(cx, &plan->units) = (struct unit){ .zip = path, .said = HM_BUF(HM_GIB) };
	else
		*hm_push(cx, &plan->files) = p;
}

static hm_err add_folder(struct hm_cx *cx, struct plan *plan, const char *path)
{
	HM_VEC(struct folder) left = { 0 };
	*hm_push(cx, &left) = (struct folder){ hm_dupz(cx, hm_cstr(path)), 0 };
	while (left.n) {
		struct folder f = left.p[--left.n];
		struct hm_strs names;
		if (f.depth > FOLDER_DEPTH)
			return hm_fail(cx, HM_LIMIT, "folder \"%s\" lies too deep", f.path);
		HM_TRY(hm_list_dir(cx, f.path, FOLDER_NAMES, &names));
		for (size_t i = 0; i < names.n; i++) {
			char *one = hm_path(cx, f.path, names.p[i].p);
			if (is_folder(one))
				*hm_push(cx, &left) = (struct folder){ one, f.depth + 1 };
			else if (hm_ends(names.p[i], HM_STR(".json")) ||
				 hm_ends(names.p[i], HM_STR(".zip")))
				add_file(cx, plan, one);
		}
	}
	return NULL;
}

static uint64_t size_of(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && st.st_size > 0 ? (uint64_t)st.st_size : 0;
}

static hm_err find(struct hm_cx *cx, const char *const *paths, size_t n, struct plan *plan)
{
	for (size_t i = 0; i < n; i++) {
		if (!hm_exists(paths[i]))
			return hm_fail(cx, HM_ABSENT, "no file or folder \"%s\"", paths[i]);
		if (is_folder(paths[i]))
			HM_TRY(add_folder(cx, plan, paths[i]));
		else
			add_file(cx, plan, paths[i]);
	}
	hm_strs_sort_unique(&plan->files);
	for (size_t i = 0; i < plan->files.n;) {
		uint64_t bytes = 0;
		size_t from = i;
		while (i < plan->files.n && i - from < BATCH_FILES &&
		       (i == from || bytes < BATCH_BYTES))
			bytes += size_of(plan->files.p[i++].p);
		*hm_push(cx, &plan->units) = (struct unit){ .files = &plan->files.p[from],
							    .files_n = i - from,
							    .said = HM_BUF(HM_GIB) };
	}
	return NULL;
}

/* --- the workers --- */

static void bad(struct unit *u, struct hm_str words)
{
	hm_buf_char(&u->said, ADVISORY_SAID_BAD);
	hm_buf_counted(&u->said, words);
}

/* The machine failed, not a document: what was not read for that must not be missing unnoticed. */
static bool is_machines(hm_err err)
{
	return err->code == HM_SYSTEM || err->code == HM_FULL || err->code == HM_ABSENT;
}

struct span {
	uint64_t first, n;
};

static hm_err zip_span(struct hm_cx *cx, struct hm_str bytes, struct span s,
		       struct hm_str *out_said, uint64_t *out_documents)
{
	struct hm_str answer;
	HM_TRY(hm_worker_run(cx, ADVISORY_OSV_JOB,
			     advisory_osv_args(cx, ADVISORY_INPUT_ZIP, s.first, s.n), bytes,
			     &answer));
	struct hm_cur c = hm_cur(answer);
	*out_documents = hm_uvarint(&c);
	*out_said = hm_bytes(c.p, c.n);
	return c.bad ? hm_fail(cx, HM_INPUT, "a worker answered nonsense") : NULL;
}

static hm_err read_zip(struct hm_cx *cx, struct unit *u)
{
	struct hm_str bytes, said;
	uint64_t documents;
	HM_VEC(struct span) left = { 0 };
	HM_TRY(hm_read_file(cx, u->zip, HM_GIB, &bytes));
	*hm_push(cx, &left) = (struct span){ 0, UINT64_MAX };
	while (left.n) {
		struct span s = left.p[--left.n];
		hm_err err = zip_span(cx, bytes, s, &said, &documents);
		HM_TRY(hm_alive(cx));
		if (!err) {
			hm_buf_add(&u->said, said);
			continue;
		}
		if (is_machines(err))
			return hm_wrap(cx, err, "\"%s\"", u->zip);
		if (s.n == 1) {
			bad(u, hm_fmt(cx, "document %llu: %s", (unsigned long long)s.first + 1,
				      err->why));
			continue;
		}
		if (s.n == UINT64_MAX) { /* is it a zip file at all, and of how many? */
			HM_TRY_IN(cx, zip_span(cx, bytes, (struct span){ 0, 0 }, &said, &s.n),
				  "\"%s\"", u->zip);
			if (s.n == 0)
				return err;
		}
		*hm_push(cx, &left) = (struct span){ s.first + s.n / 2, s.n - s.n / 2 };
		if (s.n / 2)
			*hm_push(cx, &left) = (struct span){ s.first, s.n / 2 };
	}
	return NULL;
}

static hm_err files_span(struct hm_cx *cx, struct unit *u, struct span s, struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(HM_GIB);
	struct hm_str text;
	for (uint64_t i = s.first; i < s.first + s.n; i++) {
		hm_err err = hm_read_file(cx, u->files[i].p, HM_MAX_ADVISORY, &text);
		if (err && err->code == HM_LIMIT)
			continue; /* said below, when it stands alone */
		HM_TRY(err);
		hm_buf_counted(&b, hm_basename(u->files[i]));
		hm_buf_counted(&b, text);
	}
	if (s.n == 1 && !hm_buf_str(&b).n)
		return hm_fail(cx, HM_LIMIT, "larger than %llu bytes",
			       (unsigned long long)HM_MAX_ADVISORY);
	return hm_worker_run(cx, ADVISORY_OSV_JOB,
			     advisory_osv_args(cx, ADVISORY_INPUT_DOCUMENTS, 0, 0), hm_buf_str(&b),
			     out);
}

static hm_err read_files(struct hm_cx *cx, struct unit *u)
{
	HM_VEC(struct span) left = { 0 };
	struct hm_str said;
	*hm_push(cx, &left) = (struct span){ 0, u->files_n };
	while (left.n) {
		struct span s = left.p[--left.n];
		hm_err err = files_span(cx, u, s, &said);
		HM_TRY(hm_alive(cx));
		if (!err) {
			hm_buf_add(&u->said, said);
		} else if (is_machines(err)) {
			return err;
		} else if (s.n == 1) {
			bad(u, hm_fmt(cx, "\"%s\": %s", u->files[s.first].p, err->why));
		} else {
			*hm_push(cx, &left) = (struct span){ s.first + s.n / 2, s.n - s.n / 2 };
			*hm_push(cx, &left) = (struct span){ s.first, s.n / 2 };
		}
	}
	return NULL;
}

static hm_err read_unit(struct hm_cx *cx, void *arg, size_t i)
{
	struct plan *plan = arg;
	struct unit *u = &plan->units.p[i];
	hm_err err = u->zip ? read_zip(cx, u) : read_files(cx, u);
	hm_progress_add(plan->progress, 1);
	return err;
}

/* --- the union --- */

struct record {
	struct hm_str id, bytes;
	int64_t modified;
};

struct all {
	HM_VEC(struct record) records;
	struct hm_map by_id; /* index + 1 */
};

/* The newest wins; among equally new ones the longer, then the one whose bytes come last: so that
 * the order of the paths does not matter. */
static bool wins(const struct record *a, const struct record *b)
{
	if (a->modified != b->modified)
		return a->modified > b->modified;
	return a->bytes.n != b->bytes.n ? a->bytes.n > b->bytes.n : hm_cmp(a->bytes, b->bytes) > 0;
}

static hm_err add_record(struct hm_cx *cx, struct all *all, struct hm_str bytes)
{
	struct advisory_dec d = { .cur = hm_cur(bytes) };
	struct advisory_record head;
	struct hm_mark mark = hm_mark(cx);
	HM_TRY(advisory_get_head(cx, &d, &head));
	hm_release(cx, mark);
	struct record r = { head.id, bytes, head.modified };
	void **slot = hm_map_slot(cx, &all->by_id, r.id);
	if (!*slot) {
		*hm_push(cx, &all->records) = r;
		*slot = (void *)(uintptr_t)all->records.n;
	} else {
		struct record *old = &all->records.p[(uintptr_t)*slot - 1];
		if (wins(&r, old))
			*old = r;
	}
	return NULL;
}

static hm_err add_unit(struct hm_cx *cx, struct all *all, const struct unit *u,
		       struct hm_strs *warnings)
{
	struct hm_str said;
	HM_TRY(hm_buf_end(cx, &u->said, "the advisories of one worker", &said));
	struct advisory_dec d = { .cur = hm_cur(said) };
	while (d.cur.n && !d.cur.bad) {
		uint64_t kind = hm_le(&d.cur, 1);
		if (kind == ADVISORY_SAID_SKIPPED)
			continue;
		struct hm_str bytes = advisory_get_str(&d);
		if (d.cur.bad || kind > ADVISORY_SAID_BAD)
			return hm_fail(cx, HM_INPUT, "a worker answered nonsense");
		if (kind == ADVISORY_SAID_RECORD)
			HM_TRY(add_record(cx, all, bytes));
		else
			*hm_push(cx, warnings) =
				u->zip ? hm_fmt(cx, "\"%s\": %.*s", u->zip, HM_FMT(bytes))
				       : hm_dup(cx, bytes);
	}
	return NULL;
}

static int by_id(const void *a, const void *b)
{
	return hm_cmp(((const struct record *)a)->id, ((const struct record *)b)->id);
}

static hm_err build(struct hm_cx *cx, struct all *all, struct hm_buf *out)
{
	size_t n = all->records.n;
	struct advisory_record *records = hm_new(cx, struct advisory_record, n);
	if (n)
		qsort(all->records.p, n, sizeof(*all->records.p), by_id);
	for (size_t i = 0; i < n; i++) {
		struct advisory_dec d = { .cur = hm_cur(all->records.p[i].bytes) };
		HM_TRY(advisory_get_record(cx, &d, &records[i]));
	}
	return advisory_db_build(cx, records, n, out);
}

/* --- the file --- */

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

static hm_err replace(struct hm_cx *cx, const char *path, struct hm_str bytes)
{
	struct hm_str folder = hm_dup(cx, hm_dirname(hm_cstr(path)));
	if (!folder.n)
		folder = path[0] == '/' ? HM_STR("/") : HM_STR(".");
	HM_TRY(hm_mkdirs(cx, folder.p, 0777));
	HM_AUTO_FD lock = open(folder.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (lock < 0 || flock(lock, LOCK_EX) < 0)
		return hm_fail_os(cx, "could not lock folder \"%s\"", folder.p);
	remove_leftovers(path, folder);
	return hm_write_file(cx, path, bytes, 0644);
}

static hm_err unite(struct hm_cx *cx, struct plan *plan, const char *db_path,
		    struct hm_strs *warnings, struct advisory_db_status *out)
{
	struct all all = { 0 };
	struct advisory_db db;
	HM_AUTO_BUF file = HM_BUF(4 * HM_GIB - 1);
	struct hm_str bytes;
	for (size_t i = 0; i < plan->units.n; i++)
		HM_TRY(add_unit(cx, &all, &plan->units.p[i], warnings));
	if (!all.records.n)
		return hm_hint(cx,
			       hm_fail(cx, HM_INPUT, "no advisories in what was given%s%.*s",
				       warnings->n ? ": " : "",
				       HM_FMT(warnings->n ? warnings->p[0] : HM_STR(""))),
			       "OSV documents: all.zip, .json files, or folders of both");
	HM_TRY(build(cx, &all, &file));
	HM_TRY(hm_buf_end(cx, &file, "the advisory database", &bytes));
	HM_TRY(advisory_db_of(cx, bytes, &db));
	HM_TRY(advisory_db_status(cx, &db, out));
	return replace(cx, db_path, bytes);
}

hm_err advisory_db_import(struct hm_cx *cx, const char *const *paths, size_t n, const char *db_path,
			  struct hm_strs *out_warnings, struct advisory_db_status *out)
{
	HM_AUTO_CX big = hm_cx_child(cx, 16 * HM_GIB);
	struct plan plan = { 0 };
	struct hm_strs warnings = { 0 };
	struct advisory_db_status status;
	hm_err err = find(&big, paths, n, &plan);
	if (!err) {
		plan.progress = hm_progress_start("import", plan.units.n);
		err = hm_parallel(&big, plan.units.n, 0, 4 * HM_GIB, read_unit, &plan);
		hm_progress_end(plan.progress);
	}
	if (!err)
		err = unite(&big, &plan, db_path, &warnings, &status);
	for (size_t i = 0; i < plan.units.n; i++)
		hm_buf_done(&plan.units.p[i].said);
	if (err)
		return hm_fault_copy(cx, err);
	struct hm_strs kept = { 0 };
	for (size_t i = 0; i < warnings.n; i++)
		*hm_push(cx, &kept) = hm_dup(cx, warnings.p[i]);
	status.built = hm_dup(cx, status.built);
	status.digest = hm_dup(cx, status.digest);
	struct hm_strs ecosystems = { 0 };
	for (size_t i = 0; i < status.ecosystems.n; i++)
		*hm_push(cx, &ecosystems) = hm_dup(cx, status.ecosystems.p[i]);
	status.ecosystems = ecosystems;
	*out_warnings = kept;
	*out = status;
	return NULL;
}
