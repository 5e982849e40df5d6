/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "inventory/package_links.h"

static int open_as(int root, const char *path, int flags, unsigned resolve)
{
	flags |= O_CLOEXEC | (flags & O_PATH ? 0 : O_NONBLOCK); /* openat2 refuses both */
	struct open_how how = { .flags = (uint64_t)(unsigned)flags,
				.resolve = resolve | RESOLVE_NO_MAGICLINKS };
	int fd;
	do
		fd = (int)syscall(SYS_openat2, root, path[0] ? path : ".", &how, sizeof(how));
	while (fd < 0 && (errno == EINTR || errno == EAGAIN));
	return fd;
}

int inventory_open_below(int root, const char *path, int flags)
{
	return open_as(root, path, flags | O_NOFOLLOW, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
}

/* The path that the kernel knows an open file by. */
static hm_err path_of(struct hm_cx *cx, int fd, struct hm_str *out)
{
	char *room = hm_new(cx, char, HM_MAX_PATH);
	ssize_t n = readlink(hm_fmt(cx, "/proc/self/fd/%d", fd).p, room, HM_MAX_PATH);
	if (n < 0 || (size_t)n >= HM_MAX_PATH)
		return hm_fail_os(cx, "could not find where a symbolic link leads to");
	*out = hm_bytes(room, (size_t)n);
	return NULL;
}

/* The path of an open file from `root`, if it is below. */
static hm_err below_root(struct hm_cx *cx, int root, int fd, struct hm_str *out, bool *out_is)
{
	struct hm_str top = { "", 0 }, real = { "", 0 };
	HM_TRY(path_of(cx, root, &top));
	HM_TRY(path_of(cx, fd, &real));
	if (hm_eqz(top, "/"))
		top = HM_STR("");
	*out_is = hm_eq(real, top) || inventory_is_below(real, top);
	*out = *out_is && real.n > top.n ? hm_from(real, top.n + 1) : HM_STR("");
	return NULL;
}

/* Where `path` leads to; is it of the kind that it should be? */
static hm_err follow_path(struct hm_cx *cx, int root, const char *path, bool folder,
			  struct hm_str *out)
{
	HM_AUTO_FD fd = open_as(root, path, folder ? O_DIRECTORY : 0, RESOLVE_IN_ROOT);
	struct hm_str real;
	struct stat st;
	*out = hm_cstr(path);
	if (fd < 0 && errno == ELOOP)
		return hm_fail(cx, HM_INPUT, "\"%s\": too many symbolic links lead to it", path);
	if (fd < 0 || fstat(fd, &st) < 0 || !(folder ? S_ISDIR(st.st_mode) : S_ISREG(st.st_mode)))
		return NULL;
	bool is_below;
	hm_err err = below_root(cx, root, fd, &real, &is_below);
	if (!err && is_below)
		*out = real;
	return err;
}

/* Links among the files of a folder. */
static hm_err follow_singles(struct hm_cx *cx, int root, const struct inventory_database *d,
			     struct inventory_aliases *out)
{
	int fd = open_as(root, hm_dupz(cx, d->path), O_DIRECTORY, RESOLVE_IN_ROOT);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		hm_close_fd(&fd);
		return NULL;
	}
	hm_err err = NULL;
	struct dirent *e;
	while (!err && (e = readdir(dir))) {
		struct hm_mark mark = hm_mark(cx);
		struct stat st;
		struct hm_str path = hm_fmt(cx, "%.*s/%s", HM_FMT(d->path), e->d_name), real;
		if (!inventory_database_has(d, path) ||
		    fstatat(fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISLNK(st.st_mode)) {
			hm_release(cx, mark);
			continue;
		}
		err = follow_path(cx, root, path.p, false, &real);
		if (!err && !hm_eq(real, path))
			err = inventory_links_add(cx, out, d, real, path);
	}
	closedir(dir);
	return err;
}

hm_err inventory_folder_links(struct hm_cx *cx, int root, struct inventory_aliases *out)
{
	struct inventory_aliases aliases = { 0 };
	struct inventory_database d;
	struct hm_str real;
	for (size_t at = 0; inventory_database_next(inventory_catalogers, &at, &d);) {
		HM_TRY(follow_path(cx, root, hm_dupz(cx, d.path), d.names.n > 0, &real));
		if (!hm_eq(real, d.path))
			HM_TRY(inventory_links_add(cx, &aliases, &d, real, d.path));
	}
	for (size_t at = 0; inventory_database_next(inventory_catalogers, &at, &d);)
		if (d.names.n)
			HM_TRY(follow_singles(cx, root, &d, &aliases));
	*out = aliases;
	return NULL;
}

/* --- links to packages --- */

static hm_err add_unknown(struct hm_cx *cx, const struct inventory_folder_finder *f,
			  struct hm_str path, const char *reason)
{
	HM_TRY(hm_charge(cx, 2 * sizeof(struct inventory_unknown) + path.n));
	*hm_push(cx, f->unknown) =
		(struct inventory_unknown){ .path = hm_dup(cx, path), .reason = hm_cstr(reason) };
	return NULL;
}

/* Where the link leads to in the folder, be it the root or be it where it is; false: nowhere. */
static hm_err find_real(struct hm_cx *cx, const struct inventory_folder_finder *f,
			struct hm_str path, struct hm_str *out, bool *out_known)
{
	static const unsigned ways[] = { RESOLVE_IN_ROOT, 0 };
	const char *name = hm_dupz(cx, path);
	*out_known = false;
	for (size_t i = 0; i < HM_LEN(ways); i++) {
		HM_AUTO_FD fd = open_as(f->root, name, O_PATH, ways[i]);
		if (fd < 0 && errno == EACCES)
			return add_unknown(cx, f, path,
					   "a symbolic link that could not be followed");
		if (fd < 0)
			continue;
		HM_TRY(below_root(cx, f->root, fd, out, out_known));
		return *out_known ? NULL
				  : add_unknown(cx, f, path,
						"a symbolic link that leads out of the folder");
	}
	return NULL;
}

/* A link that does not leave the folder, to what is wanted there as it is wanted here. */
static bool is_plain(struct hm_cx *cx, const struct inventory_folder_finder *f, struct hm_str path,
		     struct hm_str spelled)
{
	char room[4096]; /* PATH_MAX */
	ssize_t n = readlinkat(f->root, hm_dupz(cx, path), room, sizeof(room));
	struct hm_str target = hm_bytes(room, n > 0 ? (size_t)n : 0), rest = target;
	struct hm_str dir = hm_dirname(path);
	if (n <= 0 || (size_t)n == sizeof(room) || hm_starts(target, HM_STR("/")))
		return false;
	for (; hm_starts(rest, HM_STR("../")); rest = hm_from(rest, 3)) {
		if (!dir.n)
			return false;
		dir = hm_dirname(dir);
	}
	return !inventory_link_wants(cx, f->matcher, spelled,
				     inventory_link_plain(cx, path, target), NULL);
}

static bool is_any_there(struct hm_cx *cx, int root, const struct hm_strs *needs)
{
	for (size_t i = 0; i < needs->n; i++) {
		HM_AUTO_FD fd = inventory_open_below(root, hm_dupz(cx, needs->p[i]), O_PATH);
		if (fd >= 0 || hm_eqz(needs->p[i], "/"))
			return true;
	}
	return false;
}

static hm_err on_name(struct hm_cx *cx, const struct inventory_folder_finder *f, struct hm_str path,
		      struct hm_str spelled)
{
	struct hm_strs needs = { 0 };
	struct hm_str real;
	bool known, over;
	if (!inventory_link_wants(cx, f->matcher, spelled, HM_STR(""), NULL) ||
	    is_plain(cx, f, path, spelled))
		return NULL;
	HM_TRY(find_real(cx, f, path, &real, &known));
	if (!known || !inventory_link_wants(cx, f->matcher, spelled, real, &needs) ||
	    !is_any_there(cx, f->root, &needs))
		return NULL;
	if (!hm_eq(path, spelled) &&
	    inventory_package_links_has(cx, f->aliases, f->matcher, real, spelled))
		return NULL;
	HM_TRY(inventory_package_links_add(cx, f->aliases, hm_dup(cx, real), hm_dup(cx, spelled),
					   &over));
	return over ? add_unknown(cx, f, path, INVENTORY_LINKS_OVER) : NULL;
}

hm_err inventory_folder_package_link(struct hm_cx *cx, const struct inventory_folder_finder *f,
				     struct hm_str path)
{
	struct hm_str spelled;
	size_t n = f->aliases->n;
	HM_TRY(on_name(cx, f, path, path));
	for (size_t i = 0; i < n; i++)
		if (f->aliases->p[i].package &&
		    inventory_alias_spell(cx, &f->aliases->p[i], path, &spelled))
			HM_TRY(on_name(cx, f, path, spelled));
	return NULL;
}

hm_err inventory_folder_file(struct hm_cx *cx, int root, struct hm_str path, struct hm_str *out)
{
	HM_AUTO_FD fd = inventory_open_below(root, hm_dupz(cx, path), 0);
	struct stat st;
	if (fd < 0 || fstat(fd, &st) < 0)
		return hm_fail_os(cx, "could not open \"%.*s\"", HM_FMT(path));
	if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size > HM_MAX_KEPT_FILE)
		return hm_fail(cx, HM_LIMIT, "\"%.*s\" is larger than %llu bytes", HM_FMT(path),
			       (unsigned long long)HM_MAX_KEPT_FILE);
	size_t size = (size_t)st.st_size, n = 0;
	HM_TRY(hm_charge(cx, size));
	char *p = hm_new(cx, char, size + 1);
	while (n < size) {
		ssize_t got = read(fd, p + n, size - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return hm_fail_os(cx, "could not read \"%.*s\"", HM_FMT(path));
		if (got == 0)
			return hm_fail(cx, HM_BUSY, "\"%.*s\" became shorter while it was read",
				       HM_FMT(path));
		n += (size_t)got;
	}
	*out = hm_bytes(p, size);
	return NULL;
}
