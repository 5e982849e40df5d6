/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/folder/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "codec/stream.h"
#include "codec/tar.h"

/* A part of a path: -1 goes up, 0 stays, 1 goes down. */
static int read_direction(struct hm_str part)
{
	if (hm_eqz(part, ".."))
		return -1;
	return part.n && !hm_eqz(part, ".");
}

/* A ".." behind a name could turn back from where another link has led. */
bool oci_folder_link_stays(struct hm_str path, struct hm_str target)
{
	struct hm_str dir = hm_dirname(path);
	size_t depth = 0;
	bool down = false;
	while (dir.n)
		depth += read_direction(hm_cut(&dir, '/')) > 0;
	if (target.n == 0 || target.n > HM_MAX_PATH || target.p[0] == '/' ||
	    memchr(target.p, 0, target.n))
		return false;
	while (target.n) {
		int way = read_direction(hm_cut(&target, '/'));
		if (way < 0 && (down || depth-- == 0))
			return false;
		down = down || way > 0;
	}
	return true;
}

struct pack {
	const char *path;
	struct hm_str name;
	int64_t mtime;
	struct hm_strs todo; /* paths below the folder, the next one last */
	size_t entries;
	struct gzip_writer *zip;
	struct crypto_hash tar, packed;
	uint64_t size;
	int fd;     /* the packed bytes */
	char *room; /* STEP bytes */
};
enum { STEP = 64 * 1024 };

static void pack_done(struct pack *k)
{
	gzip_writer_close_ptr(&k->zip);
	crypto_hash_done(&k->tar);
	crypto_hash_done(&k->packed);
	hm_close_fd(&k->fd);
}

static hm_err on_packed(struct hm_cx *cx, void *arg, struct hm_str bytes)
{
	struct pack *k = arg;
	crypto_hash_add(&k->packed, bytes);
	k->size += bytes.n;
	return hm_write_all(cx, k->fd, "temporary file", bytes);
}

static hm_err put_bytes(struct hm_cx *cx, struct pack *k, struct hm_str bytes)
{
	crypto_hash_add(&k->tar, bytes);
	return gzip_writer_add(cx, k->zip, bytes);
}

static hm_err put_header(struct hm_cx *cx, struct pack *k, const struct tar_entry *e)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_PAX + HM_KIB * 4);
	struct tar_entry own = *e;
	own.mtime = k->mtime;
	HM_TRY(tar_write_header(cx, &own, &b));
	return put_bytes(cx, k, hm_buf_str(&b));
}

static hm_err put_file(struct hm_cx *cx, struct pack *k, const char *full, struct tar_entry *e)
{
	struct stat sb;
	HM_AUTO_FD fd = open(full, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	if (fd < 0 || fstat(fd, &sb) < 0)
		return hm_fail_os(cx, "could not open \"%s\"", full);
	e->size = (uint64_t)sb.st_size;
	HM_TRY(put_header(cx, k, e));
	for (uint64_t left = e->size; left;) {
		ssize_t got = read(fd, k->room, left < STEP ? (size_t)left : (size_t)STEP);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return hm_fail_os(cx, "could not read \"%s\"", full);
		if (got == 0)
			return hm_fail(cx, HM_SYSTEM, "\"%s\" became shorter while it was read",
				       full);
		HM_TRY(put_bytes(cx, k, hm_bytes(k->room, (size_t)got)));
		left -= (uint64_t)got;
	}
	return put_bytes(cx, k, tar_padding(e->size));
}

static hm_err put_link(struct hm_cx *cx, struct pack *k, const char *full, struct hm_str path,
		       struct tar_entry *e)
{
	char target[HM_KIB * 4 + 1];
	ssize_t n = readlink(full, target, sizeof(target));
	if (n < 0)
		return hm_fail_os(cx, "could not read the link \"%s\"", full);
	e->link = hm_bytes(target, (size_t)n);
	hm_err err = oci_folder_link_stays(path, e->link)
			     ? put_header(cx, k, e)
			     : hm_fail(cx, HM_INPUT,
				       "the link \"%s\" leads to \"%.*s\", out of the folder", full,
				       HM_FMT(e->link));
	e->link = (struct hm_str){ "", 0 };
	return err;
}

static hm_err put_dir(struct hm_cx *cx, struct pack *k, const char *full, struct hm_str path,
		      const struct tar_entry *e)
{
	struct hm_strs names;
	HM_TRY(put_header(cx, k, e));
	HM_TRY(hm_list_dir(cx, full, HM_MAX_ARCHIVE_ENTRIES, &names));
	for (size_t i = names.n; i > 0; i--)
		*hm_push(cx, &k->todo) = hm_cstr(hm_path(cx, path.p, names.p[i - 1].p));
	return NULL;
}

/* `path` is below the folder, and a C string. */
static hm_err put_entry(struct hm_cx *cx, struct pack *k, struct hm_str path)
{
	const char *full = path.n ? hm_path(cx, k->path, path.p) : k->path;
	struct stat sb;
	if (++k->entries > HM_MAX_ARCHIVE_ENTRIES)
		return hm_fail(cx, HM_LIMIT, "more than %llu entries",
			       (unsigned long long)HM_MAX_ARCHIVE_ENTRIES);
	if ((path.n ? lstat(full, &sb) : stat(full, &sb)) < 0)
		return hm_fail_os(cx, "could not look at \"%s\"", full);
	struct tar_entry e = {
		.path = path.n ? hm_fmt(cx, "%.*s/%.*s", HM_FMT(k->name), HM_FMT(path)) : k->name,
		.mode = sb.st_mode & 0777
	};
	switch (sb.st_mode & S_IFMT) {
	case S_IFDIR:
		e.type = TAR_DIR;
		return put_dir(cx, k, full, path, &e);
	case S_IFREG:
		e.type = TAR_FILE;
		return put_file(cx, k, full, &e);
	case S_IFLNK:
		e.type = TAR_SYMLINK;
		return put_link(cx, k, full, path, &e);
	default:
		return hm_fail(cx, HM_INPUT, "\"%s\" is neither a file, a folder nor a link", full);
	}
}

static hm_err pack_folder(struct hm_cx *cx, struct pack *k)
{
	crypto_hash_start(&k->tar, CRYPTO_SHA256);
	crypto_hash_start(&k->packed, CRYPTO_SHA256);
	k->room = hm_new(cx, char, STEP);
	HM_TRY(hm_temp_fd(cx, &k->fd));
	HM_TRY(gzip_writer_open(cx, (struct gzip_to){ on_packed, k }, &k->zip));
	*hm_push(cx, &k->todo) = HM_STR("");
	while (k->todo.n) {
		HM_TRY(hm_alive(cx));
		HM_TRY(put_entry(cx, k, k->todo.p[--k->todo.n]));
	}
	HM_TRY(put_bytes(cx, k, tar_trailer()));
	return gzip_writer_end(cx, k->zip);
}

hm_err oci_push_folder(struct hm_cx *cx, struct oci_place *p, const char *path, struct hm_str name,
		       struct hm_str media_type, struct oci_descriptor *out)
{
	HM_CLEANUP(pack_done) struct pack k = { .path = path, .name = name, .fd = -1 };
	if (!hm_source_date_epoch(&k.mtime))
		k.mtime = 0;
	HM_TRY_IN(cx, pack_folder(cx, &k), "folder \"%s\"", path);
	struct oci_descriptor d = { .media_type =
					    media_type.n ? media_type : HM_STR(OCI_LAYER_GZIP),
				    .digest = crypto_hash_text(cx, &k.packed),
				    .size = k.size };
	struct extent e = { .fd = k.fd, .size = k.size, .name = path };
	HM_TRY_IN(cx, oci_push_blob(cx, p, &d, oci_extent_body(&e)), "folder \"%s\"", path);
	*hm_push(cx, &d.annotations) =
		(struct oci_annotation){ HM_STR(OCI_CONTENT_DIGEST), crypto_hash_text(cx, &k.tar) };
	*hm_push(cx, &d.annotations) =
		(struct oci_annotation){ HM_STR(OCI_UNPACK), HM_STR("true") };
	*out = d;
	return NULL;
}
