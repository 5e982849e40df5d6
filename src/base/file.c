/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <time.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"

/* How much to ask for: as much as fits, before there has to be more room. Secrets are small. */
static size_t size_of_step(const struct hm_buf *b)
{
	enum { STEP = 65536, SECRET_STEP = 4096 };
	size_t most = b->cap > b->n ? b->cap - b->n : b->secret ? SECRET_STEP - 1 : STEP;
	return b->max - b->n < most ? b->max - b->n : most;
}

hm_err hm_read_into(struct hm_cx *cx, int fd, const char *name, struct hm_buf *b)
{
	for (;;) {
		char *at = hm_buf_room(b, size_of_step(b));
		size_t asked = (size_t)(b->p + b->n - at);
		char extra; /* at the limit, one byte more tells whether there is more */
		ssize_t got = read(fd, asked ? at : &extra, asked ? asked : 1);
		if (got < 0 && errno == EINTR) {
			b->n -= asked;
			continue;
		}
		if (got < 0)
			return hm_fail_os(cx, "could not read \"%s\"", name);
		if (asked == 0 && got > 0)
			return hm_fail(cx, HM_LIMIT, "\"%s\" is larger than %zu bytes", name,
				       b->max);
		b->n -= asked - (asked ? (size_t)got : 0);
		if (got == 0)
			return NULL;
		HM_TRY(hm_charge(cx, (size_t)got));
	}
}

hm_err hm_read_fd(struct hm_cx *cx, int fd, const char *name, size_t max, struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(max);
	HM_TRY(hm_read_into(cx, fd, name, &b));
	*out = hm_dup(cx, hm_buf_str(&b));
	return NULL;
}

hm_err hm_open_file(struct hm_cx *cx, const char *path, size_t max, int *out_fd, struct stat *out)
{
	struct stat sb;
	HM_AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return hm_fail(cx, HM_ABSENT, "no file \"%s\"", path);
	if (fd < 0 || fstat(fd, &sb) < 0)
		return hm_fail_os(cx, "could not open \"%s\"", path);
	if (!S_ISREG(sb.st_mode))
		return hm_fail(cx, HM_INPUT, "\"%s\" is not a regular file", path);
	if ((uint64_t)sb.st_size > max)
		return hm_fail(cx, HM_LIMIT, "\"%s\" is larger than %zu bytes", path, max);
	*out_fd = hm_move_fd(fd);
	*out = sb;
	return NULL;
}

/* Fewer than `n` bytes only at the end. */
static hm_err read_most(struct hm_cx *cx, int fd, const char *path, char *room, size_t n,
			size_t *out_n)
{
	size_t have = 0;
	ssize_t got = 1;
	while (have < n && got) {
		got = read(fd, room + have, n - have);
		if (got < 0 && errno != EINTR)
			return hm_fail_os(cx, "could not read \"%s\"", path);
		have += got > 0 ? (size_t)got : 0;
	}
	*out_n = have;
	return NULL;
}

/* Straight into the arena. One that is longer than it says (proc(5); it grows) is read on. */
hm_err hm_read_file(struct hm_cx *cx, const char *path, size_t max, struct hm_str *out)
{
	HM_AUTO_FD fd = -1;
	HM_AUTO_BUF b = HM_BUF(max);
	struct stat sb;
	HM_TRY(hm_open_file(cx, path, max, &fd, &sb));
	size_t size = (size_t)sb.st_size, n = 0;
	HM_TRY(hm_charge(cx, size));
	char *room = hm_room(cx, size + 1, 1);
	if (size)
		HM_TRY(read_most(cx, fd, path, room, size + 1, &n));
	if (size && n <= size) {
		room[n] = '\0';
		*out = hm_bytes(room, n);
		return NULL;
	}
	if (n > max)
		return hm_fail(cx, HM_LIMIT, "\"%s\" is larger than %zu bytes", path, max);
	hm_buf_add(&b, hm_bytes(room, n));
	HM_TRY(hm_read_into(cx, fd, path, &b));
	*out = hm_dup(cx, hm_buf_str(&b));
	return NULL;
}

hm_err hm_write_all(struct hm_cx *cx, int fd, const char *name, struct hm_str bytes)
{
	while (bytes.n) {
		ssize_t put = write(fd, bytes.p, bytes.n);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return hm_fail_os(cx, "could not write \"%s\"", name);
		bytes = hm_from(bytes, (size_t)put);
	}
	return NULL;
}

hm_err hm_sync_folder(struct hm_cx *cx, const char *path)
{
	struct hm_str dir = hm_dirname(hm_cstr(path));
	const char *name = dir.n ? hm_dupz(cx, dir) : path[0] == '/' ? "/" : ".";
	HM_AUTO_FD fd = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || (fsync(fd) < 0 && errno != EINVAL))
		return hm_fail_os(cx, "could not flush folder \"%s\"", name);
	return NULL;
}

static hm_err make_folders(struct hm_cx *cx, const char *path, mode_t mode, bool flushes)
{
	char *p = hm_dupz(cx, hm_cstr(path));
	for (char *at = p + 1; p[0]; at++) {
		bool last = *at == '\0';
		if (*at != '/' && !last)
			continue;
		*at = '\0';
		bool made = mkdir(p, mode) == 0;
		if (!made && errno != EEXIST)
			return hm_fail_os(cx, "could not make folder \"%s\"", p);
		if (made && flushes)
			HM_TRY(hm_sync_folder(cx, p));
		if (last)
			break;
		*at = '/';
	}
	return NULL;
}

hm_err hm_mkdirs(struct hm_cx *cx, const char *path, mode_t mode)
{
	return make_folders(cx, path, mode, false);
}

hm_err hm_mkdirs_flushed(struct hm_cx *cx, const char *path, mode_t mode)
{
	return make_folders(cx, path, mode, true);
}

/* Folders still to be emptied are a stack in the arena: no recursion on what is found. */
hm_err hm_remove_tree(struct hm_cx *cx, const char *path)
{
	struct hm_strs dirs = { 0 };
	if (unlink(path) == 0 || errno == ENOENT)
		return NULL;
	*hm_push(cx, &dirs) = hm_dup(cx, hm_cstr(path));
	while (dirs.n) {
		const char *dir = dirs.p[dirs.n - 1].p;
		struct hm_strs names;
		size_t before = dirs.n;
		HM_TRY(hm_list_dir(cx, dir, SIZE_MAX, &names));
		for (size_t i = 0; i < names.n; i++) {
			char *child = hm_path(cx, dir, names.p[i].p);
			if (unlink(child) == 0 || errno == ENOENT)
				continue;
			if (errno != EISDIR && errno != EPERM)
				return hm_fail_os(cx, "could not remove \"%s\"", child);
			*hm_push(cx, &dirs) = hm_cstr(child);
		}
		if (dirs.n > before)
			continue;
		if (rmdir(dir) < 0 && errno != ENOENT)
			return hm_fail_os(cx, "could not remove folder \"%s\"", dir);
		dirs.n--;
	}
	return NULL;
}

static void close_dir(DIR **d)
{
	if (*d)
		closedir(*d);
}

hm_err hm_list_dir(struct hm_cx *cx, const char *path, size_t max, struct hm_strs *out)
{
	struct hm_strs names = { 0 };
	HM_CLEANUP(close_dir) DIR *d = opendir(path);
	if (!d && (errno == ENOENT || errno == ENOTDIR))
		return hm_fail(cx, HM_ABSENT, "no folder \"%s\"", path);
	if (!d)
		return hm_fail_os(cx, "could not open folder \"%s\"", path);
	for (;;) {
		errno = 0;
		const struct dirent *e = readdir(d);
		if (!e && errno)
			return hm_fail_os(cx, "could not list folder \"%s\"", path);
		if (!e)
			break;
		struct hm_str name = hm_cstr(e->d_name);
		if (hm_eqz(name, ".") || hm_eqz(name, ".."))
			continue;
		if (names.n >= max)
			return hm_fail(cx, HM_LIMIT, "folder \"%s\" has more than %zu entries",
				       path, max);
		*hm_push(cx, &names) = hm_dup(cx, name);
	}
	hm_strs_sort(&names);
	*out = names;
	return NULL;
}

hm_err hm_lock(struct hm_cx *cx, const char *path, int *out_fd)
{
	HM_AUTO_FD fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return hm_fail_os(cx, "could not open lock \"%s\"", path);
	for (int64_t wait = 1000000; flock(fd, LOCK_EX | LOCK_NB) < 0;) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return hm_fail_os(cx, "could not lock \"%s\"", path);
		HM_TRY_IN(cx, hm_alive(cx), "waiting for lock \"%s\"", path);
		struct timespec ts = { 0, wait };
		nanosleep(&ts, NULL);
		wait = wait < 64000000 ? wait * 2 : wait;
	}
	*out_fd = hm_move_fd(fd);
	return NULL;
}

static const char *temp_root(void)
{
	const char *dir = getenv("TMPDIR");
	return dir && dir[0] == '/' ? dir : "/tmp";
}

hm_err hm_temp_fd(struct hm_cx *cx, int *out_fd)
{
	HM_AUTO_FD fd = open(temp_root(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0) { /* a file system without O_TMPFILE */
		char *path = hm_dupz(cx, hm_fmt(cx, "%s/hullmark.XXXXXX", temp_root()));
		fd = mkostemp(path, O_CLOEXEC);
		if (fd >= 0)
			unlink(path);
	}
	if (fd < 0)
		return hm_fail_os(cx, "could not make a temporary file in \"%s\"", temp_root());
	*out_fd = hm_move_fd(fd);
	return NULL;
}

hm_err hm_temp_dir(struct hm_cx *cx, char **out)
{
	char *path = hm_dupz(cx, hm_fmt(cx, "%s/hullmark.XXXXXX", temp_root()));
	if (!mkdtemp(path))
		return hm_fail_os(cx, "could not make a temporary folder in \"%s\"", temp_root());
	*out = path;
	return NULL;
}

bool hm_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

char *hm_path(struct hm_cx *cx, const char *dir, const char *name)
{
	size_t n = strlen(dir);
	const char *sep = n == 0 || dir[n - 1] == '/' ? "" : "/";
	return hm_dupz(cx, hm_fmt(cx, "%s%s%s", dir, sep, name));
}
