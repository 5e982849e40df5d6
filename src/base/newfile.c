/* SPDX-License-Identifier: Apache-2.0 */
/* Files that are written: beside their place, and renamed; or through what stands there. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/vfs.h>
#include <sys/xattr.h>

#include "base/file.h"

enum { LINKS_MOST = 40 /* as Linux */, PROC_MAGIC = 0x9fa0 /* statfs(2) */ };

static const char *folder_of(struct hm_cx *cx, const char *path)
{
	struct hm_str dir = hm_dirname(hm_cstr(path));
	return dir.n ? hm_dupz(cx, dir) : path[0] == '/' ? "/" : ".";
}

/* --- what is replaced --- */

/* Extended attributes that are people's: their own, and the access list. */
static bool keep_attribute(const char *from, int to, const char *name)
{
	char value[4096];
	if (strcmp(name, "system.posix_acl_access") != 0 && strncmp(name, "user.", 5) != 0)
		return true;
	ssize_t n = lgetxattr(from, name, value, sizeof(value));
	return n >= 0 && fsetxattr(to, name, value, (size_t)n, 0) == 0;
}

static bool keep_attributes(const char *from, int to)
{
	char names[4096];
	ssize_t n = llistxattr(from, names, sizeof(names));
	if (n < 0)
		return errno == ENOTSUP;
	for (ssize_t at = 0; at < n; at += (ssize_t)strlen(names + at) + 1)
		if (!keep_attribute(from, to, names + at))
			return false;
	return true;
}

/* False: only root may give a file away. */
static bool keep_owner(const struct stat *old, int to)
{
	struct stat now;
	if (fstat(to, &now) < 0)
		return false;
	return (now.st_uid == old->st_uid && now.st_gid == old->st_gid) ||
	       fchown(to, old->st_uid, old->st_gid) == 0;
}

/* The path, cut so that a tail fits behind it: a name may have NAME_MAX bytes already. */
static struct hm_str stem_of(const char *path)
{
	enum { TAIL = 24 };
	struct hm_str whole = hm_cstr(path);
	size_t n = hm_basename(whole).n;
	return hm_sub(whole, 0, n > NAME_MAX - TAIL ? whole.n - (n - (NAME_MAX - TAIL)) : whole.n);
}

/* A file without a name where the file system can do that, so that a killed writer leaves
 * nothing. */
static hm_err make_beside(struct hm_cx *cx, mode_t mode, struct hm_newfile *f)
{
	f->fd = open(folder_of(cx, f->path), O_TMPFILE | O_RDWR | O_CLOEXEC, mode);
	if (f->fd < 0) {
		f->temp = hm_dupz(cx, hm_fmt(cx, "%.*s.XXXXXX.tmp", HM_FMT(stem_of(f->path))));
		f->fd = mkostemps(f->temp, 4, O_CLOEXEC);
	}
	if (f->fd < 0) {
		f->temp = NULL;
		return hm_fail_os(cx, "could not make a file beside \"%s\"", f->path);
	}
	if (fchmod(f->fd, mode) < 0)
		return hm_fail_os(cx, "could not set the mode of the new \"%s\"", f->path);
	return NULL;
}

/* What stands at the place itself, where it is no link. */
static hm_err look_at_place(struct hm_cx *cx, const char *path, struct stat *out, bool *out_is_file)
{
	*out_is_file = false;
	if (lstat(path, out) < 0 || S_ISLNK(out->st_mode))
		return NULL;
	if (S_ISDIR(out->st_mode))
		return hm_fail(cx, HM_SYSTEM, "\"%s\" is a folder, where a file is to be written",
			       path);
	if (!S_ISREG(out->st_mode))
		return hm_fail(cx, HM_SYSTEM, "\"%s\" is not a regular file, and is not replaced",
			       path);
	*out_is_file = true;
	return NULL;
}

hm_err hm_check_replaceable(struct hm_cx *cx, const char *path)
{
	struct stat sb;
	bool is_file;
	return look_at_place(cx, path, &sb, &is_file);
}

/* Whether mode, owner and attributes of the file that is there are those of the new one, too. */
static bool keep_properties(const char *path, const struct stat *old, int fd)
{
	return keep_owner(old, fd) && fchmod(fd, old->st_mode & 07777) == 0 &&
	       keep_attributes(path, fd);
}

static hm_err open_beside(struct hm_cx *cx, const char *path, mode_t mode, bool is_named,
			  struct hm_newfile *out)
{
	struct hm_newfile f = { .fd = -1, .path = hm_dupz(cx, hm_cstr(path)) };
	struct stat old;
	bool is_file;
	HM_TRY(look_at_place(cx, path, &old, &is_file));
	/* the folder alone would allow it */
	if (is_named && is_file && faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) < 0)
		return hm_fail_os(cx, "could not write \"%s\"", path);
	hm_err err = make_beside(cx, mode, &f);
	/* as in a container, where single files are mounted: the folder is not ours, the file is */
	if (err && is_named && is_file && f.fd < 0) {
		f.in_place = true;
		f.fd = memfd_create("hullmark", MFD_CLOEXEC);
		err = f.fd < 0 ? err : NULL;
	}
	if (err) {
		hm_newfile_done(&f);
		return err;
	}
	if (!f.in_place && is_file && is_named)
		f.in_place = !keep_properties(path, &old, f.fd);
	else if (!f.in_place && is_file)
		(void)keep_owner(&old, f.fd);
	*out = f;
	return NULL;
}

hm_err hm_newfile_open(struct hm_cx *cx, const char *path, mode_t mode, struct hm_newfile *out)
{
	return open_beside(cx, path, mode, false, out);
}

/* --- committing --- */

/* Give the nameless file its name; where that is taken a second name, to be renamed. */
static hm_err give_name(struct hm_cx *cx, struct hm_newfile *f)
{
	char *proc = hm_dupz(cx, hm_fmt(cx, "/proc/self/fd/%d", f->fd));
	if (linkat(AT_FDCWD, proc, AT_FDCWD, f->path, AT_SYMLINK_FOLLOW) == 0)
		return NULL;
	for (unsigned i = 0; errno == EEXIST && i < 100; i++) {
		char *temp = hm_dupz(cx, hm_fmt(cx, "%.*s.%d-%u.tmp", HM_FMT(stem_of(f->path)),
						(int)gettid(), i));
		if (linkat(AT_FDCWD, proc, AT_FDCWD, temp, AT_SYMLINK_FOLLOW) == 0) {
			f->temp = temp;
			return NULL;
		}
	}
	return hm_fail_os(cx, "could not make \"%s\"", f->path);
}

/* Over the bytes of the file that is there, which stays the file that it is. */
static hm_err copy_into_place(struct hm_cx *cx, const struct hm_newfile *f)
{
	HM_AUTO_BUF room = HM_BUF(1 << 16);
	char *at = hm_buf_room(&room, 1 << 16);
	HM_AUTO_FD to = open(f->path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat sb;
	if (to < 0 || fstat(to, &sb) < 0)
		return hm_fail_os(cx, "could not write \"%s\"", f->path);
	if (!S_ISREG(sb.st_mode))
		return hm_fail(cx, HM_SYSTEM, "\"%s\" is no longer a regular file", f->path);
	off_t n = 0;
	for (ssize_t got; (got = pread(f->fd, at, 1 << 16, n)) != 0; n += got) {
		if (got < 0)
			return hm_fail_os(cx, "could not read what is to be \"%s\"", f->path);
		HM_TRY(hm_write_all(cx, to, f->path, hm_bytes(at, (size_t)got)));
	}
	if (ftruncate(to, n) < 0 || fsync(to) < 0)
		return hm_fail_os(cx, "could not write \"%s\"", f->path);
	return NULL;
}

static hm_err close_through(struct hm_cx *cx, struct hm_newfile *f)
{
	int fd = hm_move_fd(f->fd);
	if (close(fd) < 0 && errno != EINTR)
		return hm_fail_os(cx, "could not write \"%s\"", f->path);
	return NULL;
}

hm_err hm_newfile_flush(struct hm_cx *cx, struct hm_newfile *f)
{
	if (f->through || f->may_be_lost || f->is_flushed)
		return NULL;
	if (fsync(f->fd) < 0)
		return hm_fail_os(cx, "could not flush \"%s\"", f->path);
	f->is_flushed = true;
	return NULL;
}

hm_err hm_newfile_commit(struct hm_cx *cx, struct hm_newfile *f)
{
	if (f->through)
		return close_through(cx, f);
	HM_TRY(hm_newfile_flush(cx, f));
	if (f->in_place)
		return copy_into_place(cx, f);
	if (!f->temp)
		HM_TRY(give_name(cx, f));
	if (f->temp && rename(f->temp, f->path) < 0) {
		if (errno != EBUSY) /* else it is mounted, as containers mount files */
			return hm_fail_os(cx, "could not replace \"%s\"", f->path);
		return copy_into_place(cx, f);
	}
	f->temp = NULL;
	int fd = hm_move_fd(f->fd);
	if (close(fd) < 0)
		return hm_fail_os(cx, "could not replace \"%s\"", f->path);
	return f->may_be_lost || f->name_later ? NULL : hm_sync_folder(cx, f->path);
}

void hm_newfile_done(struct hm_newfile *f)
{
	hm_close_fd(&f->fd);
	if (f->temp)
		unlink(f->temp);
	f->temp = NULL;
}

hm_err hm_write_file(struct hm_cx *cx, const char *path, struct hm_str bytes, mode_t mode)
{
	HM_AUTO_NEWFILE f = { .fd = -1 };
	HM_TRY(hm_newfile_open(cx, path, mode, &f));
	HM_TRY(hm_write_all(cx, f.fd, path, bytes));
	return hm_newfile_commit(cx, &f);
}

/* --- a file that somebody named --- */

/* "/proc/self/fd/N" of this process, whatever links lead there: N. Its text is no path: the file
 * may be gone, or a pipe. */
static bool find_descriptor(struct hm_cx *cx, const char *path, int *out)
{
	struct statfs fs;
	char folder[PATH_MAX];
	uint64_t pid, fd;
	const char *dir = folder_of(cx, path);
	if (statfs(dir, &fs) < 0 || fs.f_type != PROC_MAGIC || !realpath(dir, folder))
		return false;
	struct hm_str rest = hm_cstr(folder), own;
	if (!hm_starts(rest, HM_STR("/proc/")) || !hm_ends(rest, HM_STR("/fd")))
		return false;
	rest = hm_from(rest, 6);
	own = hm_cut(&rest, '/');
	if (!hm_u64(own, INT_MAX, &pid) || (pid_t)pid != getpid() ||
	    !hm_u64(hm_basename(hm_cstr(path)), INT_MAX, &fd))
		return false;
	*out = (int)fd;
	return true;
}

static hm_err open_descriptor(struct hm_cx *cx, const char *path, int fd, struct hm_newfile *out)
{
	int flags = fcntl(fd, F_GETFL);
	if (flags >= 0 && (flags & O_ACCMODE) == O_RDONLY)
		return hm_fail(cx, HM_SYSTEM, "\"%s\" is open for reading only", path);
	/* a second descriptor of the same: it goes on where the first is */
	int own = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (own < 0)
		return hm_fail_os(cx, "could not write \"%s\"", path);
	*out = (struct hm_newfile){ .fd = own,
				    .path = hm_dupz(cx, hm_cstr(path)),
				    .through = true };
	return NULL;
}

/* A device, a FIFO, a terminal. O_NOFOLLOW is not asked for: links lead here. */
static hm_err open_through(struct hm_cx *cx, const char *path, struct hm_newfile *out)
{
	struct stat sb;
	HM_AUTO_FD fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0 || fstat(fd, &sb) < 0)
		return hm_fail_os(cx, "could not write to \"%s\"", path);
	if (S_ISREG(sb.st_mode))
		return hm_fail(cx, HM_SYSTEM, "\"%s\" was replaced by another file in the meantime",
			       path);
	*out = (struct hm_newfile){ .fd = hm_move_fd(fd),
				    .path = hm_dupz(cx, hm_cstr(path)),
				    .through = true };
	return NULL;
}

/* What the kernel refuses under fs.protected_symlinks (proc_sys_fs(5)): others' links in folders
 * like /tmp lead wherever they like. */
static hm_err check_link(struct hm_cx *cx, const char *path, const struct stat *link)
{
	struct stat dir;
	if (stat(folder_of(cx, path), &dir) < 0)
		return hm_fail_os(cx, "could not look at the folder of \"%s\"", path);
	bool is_shared = (dir.st_mode & S_ISVTX) && (dir.st_mode & S_IWOTH);
	if (is_shared && link->st_uid != geteuid() && link->st_uid != dir.st_uid)
		return hm_fail(cx, HM_DENIED,
			       "\"%s\" is a symbolic link of another user, in a folder where all "
			       "may write: it is not followed",
			       path);
	return NULL;
}

static hm_err follow_link(struct hm_cx *cx, const char *path, const char **out)
{
	char target[PATH_MAX];
	ssize_t n = readlink(path, target, sizeof(target));
	if (n < 0)
		return hm_fail_os(cx, "could not read the symbolic link \"%s\"", path);
	if ((size_t)n == sizeof(target))
		return hm_fail(cx, HM_LIMIT, "the symbolic link \"%s\" is too long", path);
	char *to = hm_dupz(cx, hm_bytes(target, (size_t)n));
	*out = to[0] == '/' ? to : hm_path(cx, folder_of(cx, path), to);
	return NULL;
}

hm_err hm_output_path(struct hm_cx *cx, const char *path, const char **out_path,
		      struct hm_newfile *out_through)
{
	const char *at = path;
	*out_through = (struct hm_newfile){ .fd = -1 };
	for (int links = 0; links < LINKS_MOST; links++) {
		struct stat sb, end;
		int fd;
		if (lstat(at, &sb) < 0 && errno != ENOENT)
			return hm_fail_os(cx, "could not write \"%s\"", path);
		if (find_descriptor(cx, at, &fd))
			return open_descriptor(cx, path, fd, out_through);
		*out_path = at;
		if (lstat(at, &sb) < 0 || S_ISREG(sb.st_mode) || S_ISDIR(sb.st_mode))
			return NULL;
		if (!S_ISLNK(sb.st_mode))
			return open_through(cx, at, out_through);
		HM_TRY(check_link(cx, at, &sb));
		/* links of /proc to what has no name */
		if (stat(at, &end) == 0 && !S_ISREG(end.st_mode) && !S_ISDIR(end.st_mode) &&
		    hm_starts(hm_cstr(at), HM_STR("/proc/")))
			return open_through(cx, at, out_through);
		HM_TRY(follow_link(cx, at, &at));
	}
	return hm_fail(cx, HM_INPUT, "\"%s\" leads through more than %d symbolic links", path,
		       LINKS_MOST);
}

hm_err hm_output_open(struct hm_cx *cx, const char *path, mode_t mode, struct hm_newfile *out)
{
	const char *place;
	struct hm_newfile through;
	HM_TRY(hm_output_path(cx, path, &place, &through));
	if (!through.through)
		return open_beside(cx, place, mode, true, out);
	*out = through;
	return NULL;
}

hm_err hm_output_write(struct hm_cx *cx, const char *path, struct hm_str bytes, mode_t mode)
{
	HM_AUTO_NEWFILE f = { .fd = -1 };
	HM_TRY(hm_output_open(cx, path, mode, &f));
	HM_TRY(hm_write_all(cx, f.fd, path, bytes));
	return hm_newfile_commit(cx, &f);
}

/* The file as the kernel would name it; NULL: it is no regular file, nor can it become one. */
static const char *find_real(struct hm_cx *cx, const char *path)
{
	struct stat sb;
	char real[PATH_MAX];
	if (stat(path, &sb) == 0)
		return S_ISREG(sb.st_mode) && realpath(path, real) ? hm_dupz(cx, hm_cstr(real))
								   : NULL;
	if (!realpath(folder_of(cx, path), real))
		return NULL;
	return hm_path(cx, real, hm_dupz(cx, hm_basename(hm_cstr(path))));
}

bool hm_is_same_output(struct hm_cx *cx, const char *a, const char *b)
{
	const char *one = find_real(cx, a), *other = find_real(cx, b);
	return one && other && strcmp(one, other) == 0;
}
