/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/worker_flow.h"
#include "codec/stream.h"
#include "oci/folder/folder.h"

/* A folder beside the place of the one to come, locked while it is in use. */
struct staging {
	char *path; /* NULL: none */
	int lock;
};
static const char staging_name[] = ".hullmark-XXXXXX";
enum { STAGING_TRIES = 100 };

static void staging_done(struct staging *s)
{
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	if (s->path && hm_remove_tree(&cx, s->path))
		hm_log(&cx, HM_LOG_WARN, "could not remove what was unpacked", "folder", s->path,
		       NULL);
	hm_close_fd(&s->lock);
}

/* What killed unpackers left in this folder: nobody holds its lock. */
static void sweep_staging(struct hm_cx *cx, const char *dir)
{
	struct hm_strs names;
	if (hm_list_dir(cx, dir, HM_MAX_ARCHIVE_ENTRIES, &names))
		return;
	for (size_t i = 0; i < names.n; i++) {
		size_t head = sizeof(staging_name) - 1 - strlen("XXXXXX");
		if (names.p[i].n != sizeof(staging_name) - 1 ||
		    !hm_starts(names.p[i], hm_bytes(staging_name, head)))
			continue;
		const char *path = hm_path(cx, dir, names.p[i].p);
		HM_AUTO_FD fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 && hm_remove_tree(cx, path))
			return;
	}
}

/* A fresh folder, locked. False: another process's sweep_staging() had it before we did. */
static hm_err staging_try(struct hm_cx *cx, const char *dir, struct staging *s, bool *out_good)
{
	struct stat sb;
	char *path = hm_path(cx, dir, staging_name);
	if (!mkdtemp(path))
		return hm_fail_os(cx, "could not make a folder in \"%s\"", dir);
	HM_AUTO_FD fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	bool locked = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0;
	if (!locked && errno != ENOENT && errno != EWOULDBLOCK) {
		hm_err err = hm_fail_os(cx, "could not lock \"%s\"", path);
		rmdir(path);
		return err;
	}
	*out_good = locked && fstat(fd, &sb) == 0 && sb.st_nlink > 0;
	if (*out_good)
		*s = (struct staging){ path, hm_move_fd(fd) };
	return NULL;
}

static hm_err staging_make(struct hm_cx *cx, const char *dir, struct staging *s)
{
	bool good = false;
	sweep_staging(cx, dir);
	for (unsigned i = 0; i < STAGING_TRIES && !good; i++)
		HM_TRY(staging_try(cx, dir, s, &good));
	return good ? NULL : hm_fail(cx, HM_BUSY, "could not keep a folder in \"%s\"", dir);
}

/* --- the layer, verified, through the worker --- */

struct unpack {
	int fd; /* the verified layer */
	struct folder_tree *tree;
};

static hm_err on_read(struct hm_cx *cx, void *arg, char *room, size_t n, size_t *out_n)
{
	const struct unpack *u = arg;
	return stream_read_fd(cx, (void *)(uintptr_t)&u->fd, room, n, out_n);
}

static hm_err on_record(struct hm_cx *cx, void *arg, struct hm_str record)
{
	const struct unpack *u = arg;
	return oci_folder_record(cx, u->tree, record);
}

static hm_err unpack_layer(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
			   struct folder_tree *tree)
{
	HM_AUTO_FD fd = -1;
	HM_AUTO_WORKER w = { .in = -1, .out = -1 };
	struct hm_str got, wanted = oci_annotation_get(&d->annotations, OCI_CONTENT_DIGEST);
	HM_TRY(hm_temp_fd(cx, &fd));
	HM_TRY(oci_fetch_to(cx, p, d, oci_file_sink(&fd)));
	if (lseek(fd, 0, SEEK_SET) < 0)
		return hm_fail_os(cx, "could not read a temporary file");
	struct unpack u = { fd, tree };
	struct hm_flow flow = { on_read, on_record, &u };
	HM_TRY(hm_worker_start(cx, OCI_FOLDER_JOB, HM_STR(""), 0, &w));
	HM_TRY(hm_worker_flow(cx, &w, &flow, &got));
	if (wanted.n && !hm_eq(wanted, got))
		return hm_fail(cx, HM_TRUST, "the archive has digest \"%.*s\", not \"%.*s\"",
			       HM_FMT(got), HM_FMT(wanted));
	return oci_folder_finish(cx, tree);
}

/* --- to its place --- */

static hm_err in_the_way(struct hm_cx *cx, const char *path)
{
	return hm_fail(cx, HM_INPUT, "\"%s\" is in the way: it is not a folder", path);
}

static hm_err place_item(struct hm_cx *cx, const struct folder_tree *t,
			 const struct folder_item *item, const char *place)
{
	struct stat sb;
	const char *from = hm_path(cx, t->root, item->path.p);
	const char *to = hm_path(cx, place, item->path.p);
	if (!item->is_dir) {
		HM_TRY(hm_check_replaceable(cx, to));
		if (rename(from, to) < 0)
			return hm_fail_os(cx, "could not replace \"%s\"", to);
		return NULL;
	}
	if (stat(from, &sb) == 0 && mkdir(to, sb.st_mode & 0777) == 0)
		return NULL;
	if (errno != EEXIST)
		return hm_fail_os(cx, "could not make folder \"%s\"", to);
	return lstat(to, &sb) == 0 && S_ISDIR(sb.st_mode) ? NULL : in_the_way(cx, to);
}

/* In one step where there is nothing yet; else entry by entry into what is there, be it that
 * another process has just put it there. */
static hm_err put_in_place(struct hm_cx *cx, const struct folder_tree *t, const char *to)
{
	struct stat sb;
	bool absent = lstat(to, &sb) < 0 && errno == ENOENT;
	if (absent && rename(t->root, to) == 0)
		return NULL;
	if (absent && errno != ENOTEMPTY && errno != EEXIST && errno != ENOTDIR)
		return hm_fail_os(cx, "could not make folder \"%s\"", to);
	if (lstat(to, &sb) < 0)
		return hm_fail_os(cx, "could not look at \"%s\"", to);
	if (!S_ISDIR(sb.st_mode))
		return in_the_way(cx, to);
	for (size_t i = 0; i < t->items.n; i++)
		HM_TRY(place_item(cx, t, &t->items.p[i], to));
	return NULL;
}

hm_err oci_pull_folder(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
		       struct hm_str name, const char *to)
{
	struct hm_str dir = hm_dirname(hm_cstr(to));
	const char *beside = dir.n ? hm_dupz(cx, dir) : to[0] == '/' ? "/" : ".";
	HM_CLEANUP(staging_done) struct staging s = { .lock = -1 };
	FOLDER_AUTO_TREE t = { .name = name, .fd = -1 };
	HM_TRY(staging_make(cx, beside, &s));
	t.root = hm_path(cx, s.path, "folder");
	if (mkdir(t.root, 0777) < 0)
		return hm_fail_os(cx, "could not make folder \"%s\"", t.root);
	HM_TRY(unpack_layer(cx, p, d, &t));
	if (syncfs(s.lock) < 0)
		return hm_fail_os(cx, "could not flush \"%s\"", s.path);
	return put_in_place(cx, &t, to);
}
