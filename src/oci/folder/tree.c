/* SPDX-License-Identifier: Apache-2.0 */
/* In the parent: the records of a worker, which may have been taken over, become files. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#include "codec/tar.h"
#include "oci/folder/folder.h"

enum { MODE = 0777, OWNER_FILE = 0600, OWNER_DIR = 0700 };

void oci_folder_tree_done(struct folder_tree *t)
{
	hm_close_fd(&t->fd);
}

static hm_err fail_damaged(struct hm_cx *cx)
{
	return hm_fail(cx, HM_INPUT, "its reader gave out something else than a folder");
}

/* Plain names, joined by '/'. */
static bool is_plain(struct hm_str path)
{
	if (path.n > HM_MAX_PATH || memchr(path.p, 0, path.n))
		return false;
	while (path.n) {
		bool more = hm_find_char(path, '/') != SIZE_MAX;
		struct hm_str part = hm_cut(&path, '/');
		if (part.n == 0 || part.n > NAME_MAX || hm_eqz(part, ".") || hm_eqz(part, "..") ||
		    (more && path.n == 0))
			return false;
	}
	return true;
}

/* A path of the archive, below the folder. */
static hm_err cut_folder_name(struct hm_cx *cx, const struct folder_tree *t, struct hm_str path,
			      struct hm_str *out)
{
	struct hm_str rest = hm_from(path, t->name.n);
	bool inside = hm_starts(path, t->name) && (rest.n == 0 || rest.p[0] == '/');
	rest = hm_from(rest, 1);
	if (!inside || !is_plain(rest))
		return hm_fail(cx, HM_INPUT, "\"%.*s\" is not a name inside \"%.*s\"",
			       HM_FMT(hm_sub(path, 0, 300)), HM_FMT(t->name));
	*out = rest;
	return NULL;
}

static char *join_root(struct hm_cx *cx, const struct folder_tree *t, struct hm_str path)
{
	return path.n ? hm_path(cx, t->root, hm_dupz(cx, path)) : hm_dupz(cx, hm_cstr(t->root));
}

/* What stands under a path. */
static const char is_dir, is_file, is_link;

static void *kind_of(const struct folder_item *item)
{
	const char *kind = item->is_dir ? &is_dir : item->is_link ? &is_link : &is_file;
	return (void *)(uintptr_t)kind;
}

static void add_item(struct hm_cx *cx, struct folder_tree *t, struct folder_item item)
{
	hm_map_put(cx, &t->files, item.path, kind_of(&item));
	*hm_push(cx, &t->items) = item;
}

/* The entry, after the folders above it that have none of their own. */
static hm_err remember_item(struct hm_cx *cx, struct folder_tree *t, struct folder_item item)
{
	struct hm_strs missing = { 0 };
	item.path = hm_dup(cx, item.path);
	if (hm_map_has(&t->files, item.path))
		return hm_fail(cx, HM_INPUT, "a second \"%.*s\"", HM_FMT(item.path));
	struct hm_str dir = hm_dirname(item.path);
	for (; dir.n && !hm_map_has(&t->files, dir); dir = hm_dirname(dir))
		*hm_push(cx, &missing) = hm_dup(cx, dir);
	if (dir.n && hm_map_get(&t->files, dir) != &is_dir)
		return hm_fail(cx, HM_INPUT, "\"%.*s\" stands in \"%.*s\", which is not a folder",
			       HM_FMT(item.path), HM_FMT(dir));
	while (missing.n) {
		dir = missing.p[--missing.n];
		if (mkdir(join_root(cx, t, dir), MODE) < 0)
			return hm_fail_os(cx, "could not make folder \"%.*s\"", HM_FMT(dir));
		add_item(cx, t, (struct folder_item){ .path = dir, .is_dir = true });
	}
	add_item(cx, t, item);
	return NULL;
}

/* Of a folder that was there before its entry came; no wider than the umask has left it. */
static hm_err narrow_mode(struct hm_cx *cx, const char *path, mode_t mode)
{
	struct stat sb;
	if (stat(path, &sb) < 0 || chmod(path, sb.st_mode & MODE & (mode | OWNER_DIR)) < 0)
		return hm_fail_os(cx, "could not set the mode of \"%s\"", path);
	return NULL;
}

static hm_err make_dir(struct hm_cx *cx, struct folder_tree *t, struct hm_str path, mode_t mode)
{
	char *full = join_root(cx, t, path);
	if (path.n == 0 || hm_map_get(&t->files, path) == &is_dir)
		return narrow_mode(cx, full, mode);
	HM_TRY(remember_item(cx, t, (struct folder_item){ .path = path, .is_dir = true }));
	if (mkdir(full, (mode & MODE) | OWNER_DIR) < 0)
		return hm_fail_os(cx, "could not make folder \"%.*s\"", HM_FMT(path));
	return NULL;
}

static hm_err make_file(struct hm_cx *cx, struct folder_tree *t, struct hm_str path, mode_t mode,
			uint64_t size)
{
	if (size > HM_MAX_LAYER_TAR - t->total)
		return hm_fail(cx, HM_LIMIT, "more than %llu bytes",
			       (unsigned long long)HM_MAX_LAYER_TAR);
	HM_TRY(remember_item(cx, t, (struct folder_item){ .path = path }));
	t->total += size;
	t->size = size;
	t->fd = open(join_root(cx, t, path), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		     (mode & MODE) | OWNER_FILE);
	return t->fd < 0 ? hm_fail_os(cx, "could not make \"%.*s\"", HM_FMT(path)) : NULL;
}

static hm_err make_hardlink(struct hm_cx *cx, struct folder_tree *t, struct hm_str path,
			    struct hm_str link)
{
	struct hm_str target;
	HM_TRY(cut_folder_name(cx, t, link, &target));
	if (hm_map_get(&t->files, target) != &is_file)
		return hm_fail(cx, HM_INPUT, "\"%.*s\" is a link to \"%.*s\", which is not a file",
			       HM_FMT(path), HM_FMT(target));
	HM_TRY(remember_item(cx, t, (struct folder_item){ .path = path }));
	if (linkat(AT_FDCWD, join_root(cx, t, target), AT_FDCWD, join_root(cx, t, path), 0) < 0)
		return hm_fail_os(cx, "could not make \"%.*s\"", HM_FMT(path));
	return NULL;
}

static hm_err on_entry(struct hm_cx *cx, struct folder_tree *t, struct hm_cur c)
{
	uint64_t type = hm_le(&c, 1);
	mode_t mode = (mode_t)hm_le(&c, 4);
	uint64_t size = hm_le(&c, 8);
	struct hm_str path = hm_take_str(&c, hm_uvarint(&c)), link;
	link = hm_take_str(&c, hm_uvarint(&c));
	if (c.bad || c.n || t->fd >= 0)
		return fail_damaged(cx);
	HM_TRY(cut_folder_name(cx, t, path, &path));
	if (path.n == 0 && type != TAR_DIR)
		return hm_fail(cx, HM_INPUT, "\"%.*s\" is not a folder", HM_FMT(t->name));
	switch (type) {
	case TAR_DIR:
		return make_dir(cx, t, path, mode);
	case TAR_FILE:
		return make_file(cx, t, path, mode, size);
	case TAR_HARDLINK:
		return make_hardlink(cx, t, path, link);
	case TAR_SYMLINK:
		if (!oci_folder_link_stays(path, link))
			return hm_fail(cx, HM_INPUT,
				       "the link \"%.*s\" leads to \"%.*s\", out of the folder",
				       HM_FMT(path), HM_FMT(hm_sub(link, 0, 300)));
		return remember_item(cx, t,
				     (struct folder_item){ .path = path,
							   .link = hm_dup(cx, link),
							   .is_link = true });
	default:
		return hm_fail(cx, HM_INPUT, "\"%.*s\" is neither a file, a folder nor a link",
			       HM_FMT(path));
	}
}

static hm_err on_data(struct hm_cx *cx, struct folder_tree *t, struct hm_cur c)
{
	uint64_t offset = hm_le(&c, 8);
	if (c.bad || t->fd < 0 || offset > t->size || c.n > t->size - offset)
		return fail_damaged(cx);
	for (struct hm_str rest = hm_bytes(c.p, c.n); rest.n;) {
		ssize_t put = pwrite(t->fd, rest.p, rest.n, (off_t)offset);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return hm_fail_os(cx, "could not write below \"%s\"", t->root);
		rest = hm_from(rest, (size_t)put);
		offset += (uint64_t)put;
	}
	return NULL;
}

/* A hole at the end is part of the file. */
static hm_err on_end(struct hm_cx *cx, struct folder_tree *t)
{
	if (t->fd < 0)
		return fail_damaged(cx);
	if (ftruncate(t->fd, (off_t)t->size) < 0)
		return hm_fail_os(cx, "could not write below \"%s\"", t->root);
	hm_close_fd(&t->fd);
	return NULL;
}

hm_err oci_folder_record(struct hm_cx *cx, void *tree, struct hm_str record)
{
	struct folder_tree *t = tree;
	struct hm_cur c = hm_cur(record);
	switch (hm_le(&c, 1)) {
	case FOLDER_ENTRY:
		return on_entry(cx, t, c);
	case FOLDER_DATA:
		return on_data(cx, t, c);
	case FOLDER_END:
		return on_end(cx, t);
	default:
		return fail_damaged(cx);
	}
}

hm_err oci_folder_finish(struct hm_cx *cx, struct folder_tree *t)
{
	if (t->fd >= 0)
		return fail_damaged(cx);
	for (size_t i = 0; i < t->items.n; i++) {
		const struct folder_item *item = &t->items.p[i];
		if (item->is_link &&
		    symlink(hm_dupz(cx, item->link), join_root(cx, t, item->path)) < 0)
			return hm_fail_os(cx, "could not make the link \"%.*s\"",
					  HM_FMT(item->path));
	}
	return NULL;
}
