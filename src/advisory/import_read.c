/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The documents are read in workers, many at a time. Where a worker dies, its documents are halved
 * until the one that does it is found; that one costs a warning. A damaged zip file fails the
 * import, because a whole ecosystem would be missing without anybody noticing.
 */
#include "advisory/import_read.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/worker.h"

enum { BATCH_FILES = 512, BATCH_BYTES = 8 << 20, FOLDER_DEPTH = 16, FOLDER_NAMES = 20000000 };

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

/* Is it a file that is read whole? An archive has no feed: its documents have. */
static bool find_whole_file(struct hm_str name, struct advisory_unit *out)
{
	bool is_zip = hm_ends(name, HM_STR(".zip"));
	*out = (struct advisory_unit){
		.kind = is_zip ? ADVISORY_INPUT_ZIP : ADVISORY_INPUT_FILE,
		.feed = is_zip ? NULL : advisory_feed_of_file(name),
	};
	return is_zip || out->feed;
}

static void add_file(struct hm_cx *cx, struct advisory_plan *plan, const char *path,
		     struct hm_str name)
{
	struct advisory_unit unit;
	if (!find_whole_file(name, &unit)) {
		*hm_push(cx, &plan->files) = hm_cstr(path);
		return;
	}
	unit.file = path;
	unit.name = name;
	unit.said = HM_BUF(HM_GIB);
	*hm_push(cx, &plan->units) = unit;
}

static hm_err add_folder(struct hm_cx *cx, struct advisory_plan *plan, const char *path)
{
	HM_VEC(struct folder) left = { 0 };
	struct advisory_unit unit;
	*hm_push(cx, &left) = (struct folder){ hm_dupz(cx, hm_cstr(path)), 0 };
	while (left.n) {
		struct folder f = left.p[--left.n];
		struct hm_strs names;
		if (f.depth > FOLDER_DEPTH)
			return hm_fail(cx, HM_LIMIT, "folder \"%s\" is nested too deep", f.path);
		HM_TRY(hm_list_dir(cx, f.path, FOLDER_NAMES, &names));
		for (size_t i = 0; i < names.n; i++) {
			char *one = hm_path(cx, f.path, names.p[i].p);
			if (is_folder(one))
				*hm_push(cx, &left) = (struct folder){ one, f.depth + 1 };
			else if (hm_ends(names.p[i], HM_STR(".json")) ||
				 find_whole_file(names.p[i], &unit))
				add_file(cx, plan, one, hm_cstr(one));
		}
	}
	return NULL;
}

static uint64_t size_of(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && st.st_size > 0 ? (uint64_t)st.st_size : 0;
}

hm_err advisory_plan_paths(struct hm_cx *cx, const struct advisory_import *what,
			   struct advisory_plan *out)
{
	for (size_t i = 0; i < what->n; i++) {
		const struct advisory_import_path *p = &what->paths[i];
		if (!hm_exists(p->path))
			return hm_fail(cx, HM_ABSENT, "no file or folder \"%s\"", p->path);
		if (is_folder(p->path))
			HM_TRY(add_folder(cx, out, p->path));
		else
			add_file(cx, out, p->path, p->name.n ? p->name : hm_cstr(p->path));
	}
	hm_strs_sort_unique(&out->files);
	for (size_t i = 0; i < out->files.n;) {
		uint64_t bytes = 0;
		size_t from = i;
		while (i < out->files.n && i - from < BATCH_FILES &&
		       (i == from || bytes < BATCH_BYTES))
			bytes += size_of(out->files.p[i++].p);
		*hm_push(cx, &out->units) =
			(struct advisory_unit){ .kind = ADVISORY_INPUT_DOCUMENTS,
						.files = &out->files.p[from],
						.files_n = i - from,
						.said = HM_BUF(HM_GIB) };
	}
	return NULL;
}

void advisory_plan_done(struct advisory_plan *plan)
{
	for (size_t i = 0; i < plan->units.n; i++)
		hm_buf_done(&plan->units.p[i].said);
}

/* --- the workers --- */

static void say_bad(struct advisory_unit *u, struct hm_str words)
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

static hm_err read_zip_span(struct hm_cx *cx, struct hm_str bytes, struct span s,
			    struct hm_str *out_said, uint64_t *out_documents)
{
	struct hm_str answer;
	HM_TRY(hm_worker_run(cx, ADVISORY_OSV_JOB,
			     advisory_osv_args(cx, ADVISORY_INPUT_ZIP, s.first, s.n), bytes,
			     &answer));
	struct hm_cur c = hm_cur(answer);
	*out_documents = hm_uvarint(&c);
	*out_said = hm_bytes(c.p, c.n);
	return c.bad ? hm_fail(cx, HM_INPUT, "a worker gave an invalid answer") : NULL;
}

static hm_err read_zip(struct hm_cx *cx, struct advisory_unit *u)
{
	struct hm_str bytes, said;
	uint64_t documents;
	HM_VEC(struct span) left = { 0 };
	HM_TRY(hm_read_file(cx, u->file, HM_GIB, &bytes));
	*hm_push(cx, &left) = (struct span){ 0, UINT64_MAX };
	while (left.n) {
		struct span s = left.p[--left.n];
		hm_err err = read_zip_span(cx, bytes, s, &said, &documents);
		HM_TRY(hm_alive(cx));
		if (!err) {
			hm_buf_add(&u->said, said);
			continue;
		}
		if (is_machines(err))
			return hm_wrap(cx, err, "\"%.*s\"", HM_FMT(u->name));
		if (s.n == 1) {
			say_bad(u, hm_fmt(cx, "document %llu: %s", (unsigned long long)s.first + 1,
					  err->why));
			continue;
		}
		if (s.n == UINT64_MAX) { /* is it a zip file at all, and of how many? */
			HM_TRY_IN(cx, read_zip_span(cx, bytes, (struct span){ 0, 0 }, &said, &s.n),
				  "\"%.*s\"", HM_FMT(u->name));
			if (s.n == 0)
				return err;
		}
		*hm_push(cx, &left) = (struct span){ s.first + s.n / 2, s.n - s.n / 2 };
		if (s.n / 2)
			*hm_push(cx, &left) = (struct span){ s.first, s.n / 2 };
	}
	return NULL;
}

static hm_err read_whole(struct hm_cx *cx, struct advisory_unit *u)
{
	struct hm_str bytes, said;
	uint64_t number = 0;
	while (advisory_feeds[number] != u->feed)
		number++;
	HM_TRY(hm_read_file(cx, u->file, u->feed->max, &bytes));
	HM_TRY_IN(cx,
		  hm_worker_run(cx, ADVISORY_OSV_JOB,
				advisory_osv_args(cx, ADVISORY_INPUT_FILE, number, 0), bytes,
				&said),
		  "\"%.*s\"", HM_FMT(u->name));
	hm_buf_add(&u->said, said);
	return NULL;
}

static hm_err read_files_span(struct hm_cx *cx, struct advisory_unit *u, struct span s,
			      struct hm_str *out)
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

static hm_err read_files(struct hm_cx *cx, struct advisory_unit *u)
{
	HM_VEC(struct span) left = { 0 };
	struct hm_str said;
	*hm_push(cx, &left) = (struct span){ 0, u->files_n };
	while (left.n) {
		struct span s = left.p[--left.n];
		hm_err err = read_files_span(cx, u, s, &said);
		HM_TRY(hm_alive(cx));
		if (!err) {
			hm_buf_add(&u->said, said);
		} else if (is_machines(err)) {
			return err;
		} else if (s.n == 1) {
			say_bad(u, hm_fmt(cx, "\"%s\": %s", u->files[s.first].p, err->why));
		} else {
			*hm_push(cx, &left) = (struct span){ s.first + s.n / 2, s.n - s.n / 2 };
			*hm_push(cx, &left) = (struct span){ s.first, s.n / 2 };
		}
	}
	return NULL;
}

hm_err advisory_read_unit(struct hm_cx *cx, void *arg, size_t i)
{
	static hm_err (*const readers[])(struct hm_cx * cx, struct advisory_unit * u) = {
		[ADVISORY_INPUT_ZIP] = read_zip,
		[ADVISORY_INPUT_DOCUMENTS] = read_files,
		[ADVISORY_INPUT_FILE] = read_whole,
	};
	struct advisory_plan *plan = arg;
	struct advisory_unit *u = &plan->units.p[i];
	hm_err err = readers[u->kind](cx, u);
	hm_progress_add(plan->progress, 1);
	return err;
}
