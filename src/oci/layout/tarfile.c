/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/layout/tarfile.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "codec/stream.h"
#include "codec/tar.h"

enum { BLOCK = 512, LINKS = 40 };

static hm_err read_at(struct hm_cx *cx, const struct tarfile_source *s, uint64_t at, char *room,
		      size_t n)
{
	if (s->fd < 0) {
		struct hm_str some = hm_sub(s->bytes, (size_t)at, n);
		if (some.n < n)
			return hm_fail(cx, HM_INPUT, "\"%s\" ends too early", s->name);
		memcpy(room, some.p, n);
		return NULL;
	}
	while (n) {
		ssize_t got = pread(s->fd, room, n, (off_t)at);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return hm_fail_os(cx, "could not read \"%s\"", s->name);
		if (got == 0)
			return hm_fail(cx, HM_INPUT, "\"%s\" ends too early", s->name);
		room += got;
		at += (uint64_t)got;
		n -= (size_t)got;
	}
	return NULL;
}

struct indexing {
	const struct tarfile_source *s;
	struct hm_map files;
	uint64_t at, entries; /* at: behind the headers that were read */
};

/* Where a link leads: a symbolic one from its own folder, a hard one from the archive's root. */
static hm_err target_of(struct hm_cx *cx, const struct tar_entry *e, struct hm_str name,
			struct hm_str *out)
{
	struct hm_str link = e->link;
	if (link.n > HM_MAX_PATH)
		return hm_fail(cx, HM_LIMIT, "a link of %zu bytes", link.n);
	if (e->type == TAR_SYMLINK && !hm_starts(link, HM_STR("/")))
		link = hm_fmt(cx, "%.*s/%.*s", HM_FMT(hm_dirname(name)), HM_FMT(link));
	HM_TRY(tar_clean_path(cx, link, out));
	return out->n ? NULL : hm_fail(cx, HM_INPUT, "a link to the root");
}

static hm_err on_entry(struct hm_cx *cx, void *arg, const struct tar_entry *e, bool *out_data)
{
	struct indexing *x = arg;
	struct hm_str name, link = HM_STR("");
	bool is_link = e->type == TAR_HARDLINK || e->type == TAR_SYMLINK;
	*out_data = false;
	if (++x->entries > HM_MAX_ARCHIVE_ENTRIES)
		return hm_fail(cx, HM_LIMIT, "more than %llu entries",
			       (unsigned long long)HM_MAX_ARCHIVE_ENTRIES);
	if (!is_link && (e->type != TAR_FILE || e->sparse))
		return NULL;
	HM_TRY(tar_clean_path(cx, e->path, &name));
	if (is_link)
		HM_TRY_IN(cx, target_of(cx, e, name, &link), "link \"%.*s\"", HM_FMT(name));
	HM_TRY(hm_charge(cx, sizeof(struct tarfile_entry) + name.n + link.n + 64));
	struct tarfile_entry *kept = hm_new(cx, struct tarfile_entry, 1);
	*kept = (struct tarfile_entry){ .offset = x->at,
					.size = e->size,
					.link = hm_dup(cx, link) };
	hm_map_put(cx, &x->files, hm_dup(cx, name), kept);
	return NULL;
}

/* One block after the other, but for the contents of files. */
static hm_err index_blocks(struct hm_cx *cx, struct indexing *x, struct tar *t)
{
	while (x->at < x->s->size && !tar_is_over(t)) {
		char block[BLOCK];
		uint64_t left = x->s->size - x->at;
		size_t n = left < BLOCK ? (size_t)left : BLOCK;
		HM_TRY(hm_alive(cx));
		HM_TRY(read_at(cx, x->s, x->at, block, n));
		x->at += n;
		HM_TRY(tar_feed(cx, t, hm_bytes(block, n)));
		uint64_t skip = tar_skip(t);
		if (skip > x->s->size - x->at)
			return hm_fail(cx, HM_INPUT, "it ends too early");
		x->at += skip;
	}
	return tar_end(cx, t);
}

hm_err oci_tarfile_index(struct hm_cx *cx, const struct tarfile_source *s, struct hm_map *out)
{
	static const struct tar_events events = { .entry = on_entry };
	struct indexing x = { .s = s };
	TAR_AUTO t = tar_open(cx, &events, &x);
	hm_err err = index_blocks(cx, &x, t);
	if (!err && !x.entries)
		err = hm_fail(cx, HM_INPUT, "it has no entries");
	if (err)
		return hm_wrap(cx, err, x.entries ? "\"%s\"" : "\"%s\" is not a tar archive",
			       s->name);
	*out = x.files;
	return NULL;
}

const struct tarfile_entry *oci_tarfile_find(const struct hm_map *files, struct hm_str path)
{
	const struct tarfile_entry *e = hm_map_get(files, path);
	for (int i = 0; e && e->link.n && i < LINKS; i++)
		e = hm_map_get(files, e->link);
	return e && e->link.n == 0 ? e : NULL;
}

/* --- opening --- */

/* The file, inflated where it is compressed, spooled to where it can be sought. */
static hm_err spool_archive(struct hm_cx *cx, int from, const char *name, int to)
{
	HM_AUTO_BUF room = HM_BUF(OCI_CHUNK);
	char *at = hm_buf_room(&room, OCI_CHUNK);
	STREAM_AUTO s = { 0 };
	HM_TRY_IN(cx, stream_open(cx, (struct stream_source){ stream_read_fd, &from }, &s),
		  "\"%s\"", name);
	for (size_t got = OCI_CHUNK; got == OCI_CHUNK;) {
		HM_TRY(hm_alive(cx));
		HM_TRY_IN(cx, stream_read(cx, &s, at, OCI_CHUNK, &got), "\"%s\"", name);
		if (s.total > HM_MAX_BLOB ||
		    (s.total > 64 * HM_MIB && s.total / HM_MAX_LAYER_RATIO > s.in.total))
			return hm_fail(cx, HM_LIMIT, "\"%s\" inflates to too much", name);
		HM_TRY(hm_write_all(cx, to, "a temporary file", hm_bytes(at, got)));
	}
	return NULL;
}

static bool is_compressed(int fd)
{
	char magic[4] = { 0 };
	return pread(fd, magic, sizeof(magic), 0) == sizeof(magic) &&
	       (hm_starts(hm_bytes(magic, sizeof(magic)), gzip_format.magic) ||
		hm_starts(hm_bytes(magic, sizeof(magic)), zstd_format.magic));
}

hm_err oci_tarfile_open(struct hm_cx *cx, const char *path, struct tarfile *out)
{
	struct stat sb;
	HM_AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return hm_fail(cx, HM_ABSENT, "there is no archive \"%s\"", path);
	if (fd < 0 || fstat(fd, &sb) < 0)
		return hm_fail_os(cx, "could not open \"%s\"", path);
	if (S_ISDIR(sb.st_mode))
		return hm_fail(cx, HM_INPUT, "\"%s\" is a folder, not an archive", path);
	if (!S_ISREG(sb.st_mode) || is_compressed(fd)) {
		HM_AUTO_FD temp = -1;
		HM_TRY(hm_temp_fd(cx, &temp));
		HM_TRY(spool_archive(cx, fd, path, temp));
		hm_close_fd(&fd);
		fd = hm_move_fd(temp);
	}
	if (fstat(fd, &sb) < 0)
		return hm_fail_os(cx, "could not read \"%s\"", path);
	struct tarfile_source s = { .fd = fd, .size = (uint64_t)sb.st_size, .name = path };
	struct hm_map files;
	HM_TRY(oci_tarfile_index(cx, &s, &files));
	*out = (struct tarfile){ .fd = hm_move_fd(fd), .name = path, .files = files };
	return NULL;
}
