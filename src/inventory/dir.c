/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A folder is read as if it were a layer: the parent walks it, and what a cataloger may want goes
 * to the worker as a tar stream. Symbolic links are not followed, not even above a file; where they
 * lead to package databases, or to packages, these are known by both names (folder.h).
 */
#include "inventory/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/worker.h"
#include "codec/tar.h"
#include "inventory/catalogers/program.h"
#include "inventory/collect.h"

enum { CHUNK = 128 * 1024 };

struct walk {
	int root;
	struct inventory_matcher matcher;
	struct hm_worker worker;
	bool wants;
	struct hm_progress *bar;
	struct inventory_aliases *aliases;
	const char *only;    /* this file alone; NULL: all */
	bool any;            /* something was read */
	struct hm_strs dirs; /* still to be listed */
	uint64_t entries;
	struct inventory_unknowns unknown;
	struct hm_cx scratch; /* of one folder */
	char *chunk;
};

static void walk_done(struct walk *w)
{
	hm_worker_done(&w->worker);
	hm_cx_done(&w->scratch);
}

static void add_unknown(struct hm_cx *cx, struct walk *w, const char *path)
{
	*hm_push(cx, &w->unknown) =
		(struct inventory_unknown){ .path = hm_fmt(cx, "%s", path),
					    .reason = hm_fmt(cx, "it could not be read: %s",
							     strerrordesc_np(errno)) };
}

/* --- the tar stream --- */

static hm_err feed_bytes(struct hm_cx *cx, struct walk *w, const void *p, size_t n)
{
	return w->wants ? hm_worker_feed(cx, &w->worker, hm_bytes(p, n), &w->wants) : NULL;
}

static hm_err put_entry(struct hm_cx *cx, struct walk *w, struct hm_str path, uint64_t size)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_PAX);
	struct tar_entry e = { .path = path, .type = TAR_FILE, .size = size, .mode = 0644 };
	HM_TRY(tar_write_header(cx, &e, &b));
	return feed_bytes(cx, w, b.p, b.n);
}

static hm_err put_zeros(struct hm_cx *cx, struct walk *w, struct hm_str zeros)
{
	return feed_bytes(cx, w, zeros.p, zeros.n);
}

static hm_err put_data(struct hm_cx *cx, struct walk *w, int fd, const char *path, uint64_t size)
{
	uint64_t left = size;
	while (left && w->wants) {
		ssize_t got = read(fd, w->chunk, left < CHUNK ? (size_t)left : CHUNK);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return hm_fail_os(cx, "could not read \"%s\"", path);
		if (got == 0)
			return hm_fail(cx, HM_BUSY, "\"%s\" became shorter while it was read",
				       path);
		HM_TRY(feed_bytes(cx, w, w->chunk, (size_t)got));
		left -= (uint64_t)got;
		hm_progress_add(w->bar, (uint64_t)got);
	}
	return put_zeros(cx, w, tar_padding(size));
}

/* --- the walk --- */

static bool is_program(int fd)
{
	char head[8];
	return pread(fd, head, sizeof(head), 0) == sizeof(head) &&
	       inventory_program_is(hm_bytes(head, sizeof(head)));
}

static bool is_wanted(struct walk *w, struct hm_str path)
{
	struct hm_str spelled;
	for (size_t i = 0; i < w->aliases->n; i++)
		if (inventory_alias_spell(&w->scratch, &w->aliases->p[i], path, &spelled) &&
		    inventory_wants(&w->matcher, spelled))
			return true;
	return inventory_wants(&w->matcher, path) != 0;
}

static hm_err read_file_at(struct hm_cx *cx, struct walk *w, const char *path)
{
	HM_AUTO_FD fd = inventory_open_below(w->root, path, 0);
	struct stat st;
	bool wanted = is_wanted(w, hm_cstr(path));
	if (fd < 0 || fstat(fd, &st) < 0) {
		if (w->only)
			return hm_fail_os(cx, "could not open \"%s\"", path);
		if (wanted)
			add_unknown(cx, w, path);
		return NULL;
	}
	if (!S_ISREG(st.st_mode) || st.st_size < 0)
		return NULL;
	if (!wanted && !(w->matcher.go_elf && is_program(fd)))
		return NULL;
	w->any = true;
	HM_TRY(put_entry(cx, w, hm_cstr(path), (uint64_t)st.st_size));
	return put_data(cx, w, fd, path, (uint64_t)st.st_size);
}

static unsigned char type_of(const struct walk *w, const struct dirent *e, const char *path)
{
	struct stat st;
	if (e->d_type != DT_UNKNOWN)
		return e->d_type;
	if (fstatat(w->root, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return DT_UNKNOWN;
	if (S_ISDIR(st.st_mode))
		return DT_DIR;
	if (S_ISLNK(st.st_mode))
		return DT_LNK;
	return S_ISREG(st.st_mode) ? DT_REG : DT_UNKNOWN;
}

static hm_err follow_link(struct hm_cx *cx, struct walk *w, struct hm_str path)
{
	struct inventory_folder_finder f = { w->root, &w->matcher, w->aliases, &w->unknown };
	return inventory_folder_package_link(cx, &f, path);
}

static hm_err list_folder(struct hm_cx *cx, struct walk *w, struct hm_str dir,
			  struct hm_strs *files)
{
	int fd = inventory_open_below(w->root, dir.p, O_DIRECTORY);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	if (!d) {
		add_unknown(cx, w, dir.n ? dir.p : ".");
		hm_close_fd(&fd);
		return NULL;
	}
	hm_err err = NULL;
	struct dirent *e;
	size_t first = w->dirs.n;
	while (!err && (e = readdir(d))) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		struct hm_str path = dir.n ? hm_fmt(&w->scratch, "%s/%s", dir.p, e->d_name)
					   : hm_fmt(&w->scratch, "%s", e->d_name);
		unsigned char type = type_of(w, e, path.p);
		if (++w->entries > HM_MAX_LAYER_ENTRIES)
			err = hm_fail(cx, HM_LIMIT, "more than %llu files",
				      (unsigned long long)HM_MAX_LAYER_ENTRIES);
		else if (path.n > HM_MAX_PATH)
			err = hm_fail(cx, HM_LIMIT, "a path of %zu bytes", path.n);
		else if (type == DT_DIR)
			*hm_push(cx, &w->dirs) = hm_dup(cx, path);
		else if (type == DT_REG)
			*hm_push(&w->scratch, files) = path;
		else if (type == DT_LNK)
			err = follow_link(cx, w, path);
	}
	closedir(d);
	/* Folders are taken from the end, so that the order is that of their names. */
	struct hm_strs fresh = { .p = w->dirs.p + first, .n = w->dirs.n - first };
	hm_strs_sort(&fresh);
	for (size_t i = 0; i < fresh.n / 2; i++) {
		struct hm_str t = fresh.p[i];
		fresh.p[i] = fresh.p[fresh.n - 1 - i];
		fresh.p[fresh.n - 1 - i] = t;
	}
	hm_strs_sort(files);
	return err;
}

static hm_err walk_file(struct hm_cx *cx, struct walk *w)
{
	HM_TRY(read_file_at(cx, w, w->only));
	if (!w->any)
		return hm_hint(cx,
			       hm_fail(cx, HM_INPUT, "nothing in \"%s\" lists packages", w->only),
			       "dir:PATH for the folder that it belongs to");
	return put_zeros(cx, w, tar_trailer());
}

static hm_err walk_all(struct hm_cx *cx, struct walk *w)
{
	*hm_push(cx, &w->dirs) = HM_STR("");
	while (w->dirs.n && w->wants) {
		struct hm_strs files = { 0 };
		struct hm_str dir = w->dirs.p[--w->dirs.n];
		HM_TRY(hm_alive(cx));
		hm_cx_done(&w->scratch);
		w->scratch = hm_cx_child(cx, SIZE_MAX);
		HM_TRY(list_folder(cx, w, dir, &files));
		for (size_t i = 0; i < files.n && w->wants; i++)
			HM_TRY(read_file_at(cx, w, files.p[i].p));
	}
	return put_zeros(cx, w, tar_trailer());
}

/* A folder, or one file in it. */
struct place {
	const char *dir, *file;
};

struct reading {
	struct place place;
	int root;
	const struct inventory_options *options;
	struct inventory_unknowns unknown;
	struct inventory_answer answer;
	size_t aliases; /* that were known when it was read */
};

static void reading_done(struct reading *r)
{
	hm_close_fd(&r->root);
}

static hm_err read_folder(struct hm_cx *cx, void *self, struct inventory_request *asked,
			  struct inventory_view_layer *layers)
{
	struct reading *r = self;
	HM_CLEANUP(walk_done)
	struct walk w = { .root = r->root,
			  .worker = { .in = -1, .out = -1 },
			  .wants = true,
			  .only = r->place.file,
			  .aliases = &asked->aliases };
	struct hm_str args, bytes;
	r->aliases = asked->aliases.n;
	w.chunk = hm_new(cx, char, CHUNK);
	inventory_matcher_make(cx, inventory_catalogers, true, &w.matcher);
	HM_TRY(inventory_request_write(cx, asked, &args));
	HM_TRY(hm_worker_start(cx, INVENTORY_LAYER_JOB, args, 0, &w.worker));
	HM_AUTO_PROGRESS bar = r->options->progress ? hm_progress_start("reading files", 0) : NULL;
	w.bar = bar;
	HM_TRY(w.only ? walk_file(cx, &w) : walk_all(cx, &w));
	HM_TRY(hm_worker_answer(cx, &w.worker, &bytes));
	r->unknown = w.unknown;
	layers[0].answer = &r->answer;
	return inventory_answer_read(cx, bytes, &r->answer);
}

/* Until no links to packages turn up that were not known; see folder.h. */
static hm_err settle_folder(struct hm_cx *cx, void *self, const struct inventory_view *v,
			    struct inventory_request *asked, struct inventory_unknowns *unknown,
			    bool *out_again)
{
	struct reading *r = self;
	struct hm_str needs = r->answer.needs;
	(void)cx;
	(void)v;
	if (needs.n)
		asked->bits = (const uint8_t *)needs.p;
	*out_again = needs.n || asked->aliases.n > r->aliases;
	if (!*out_again)
		*unknown = r->unknown;
	return NULL;
}

static hm_err read_file(struct hm_cx *cx, void *self, const struct inventory_request *asked,
			size_t layer, struct hm_str path, struct hm_str *out)
{
	const struct reading *r = self;
	(void)asked;
	(void)layer;
	return inventory_folder_file(cx, r->root, path, out);
}

static const struct inventory_source source = { read_folder, settle_folder, read_file, "packages" };

static hm_err read_place(struct hm_cx *cx, const struct place *p, const char *name,
			 const struct inventory_options *o, struct inventory *out)
{
	HM_CLEANUP(reading_done) struct reading r = { .place = *p, .root = -1, .options = o };
	struct inventory_request asked = { .flags = INVENTORY_DECLARED_TOO |
						    INVENTORY_NO_WHITEOUTS };
	struct inventory inv = { 0 };
	r.root = open(p->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r.root < 0)
		return hm_fail_os(cx, "could not open the folder");
	inventory_seed_make(&asked.seed);
	if (!p->file)
		HM_TRY(inventory_folder_links(cx, r.root, &asked.aliases));
	HM_TRY(inventory_collect(cx, &source, &r, &asked, 1, &inv));
	inv.name = hm_dup(cx, hm_cstr(name));
	*out = inv;
	return NULL;
}

hm_err inventory_of_dir(struct hm_cx *cx, const char *path, const struct inventory_options *o,
			struct inventory *out)
{
	return read_place(cx, &(struct place){ .dir = path }, path, o, out);
}

hm_err inventory_of_file(struct hm_cx *cx, const char *path, const struct inventory_options *o,
			 struct inventory *out)
{
	struct stat st;
	char real[PATH_MAX];
	if (!realpath(path, real)) /* a link that somebody names is meant */
		return errno == ENOENT || errno == ENOTDIR
			       ? hm_fail(cx, HM_ABSENT, "there is no such file")
			       : hm_fail_os(cx, "could not find the file");
	if (stat(real, &st) < 0 || !S_ISREG(st.st_mode))
		return hm_fail(cx, HM_INPUT, "it is not a regular file");
	char *slash = strrchr(real, '/');
	struct place p = { .dir = slash == real ? "/" : real, .file = slash + 1 };
	*slash = '\0';
	return read_place(cx, &p, path, o, out);
}
