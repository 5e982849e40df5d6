/* SPDX-License-Identifier: Apache-2.0 */
/* The archive is written plain first, so that what scripts change can still be changed, and packed
 * in the end. */
#include "repair/room.h"

enum { STEP = 1024 * 1024 };

static hm_err on_packed(struct hm_cx *cx, void *arg, struct hm_str bytes)
{
	struct repair_layer *l = arg;
	crypto_hash_add(&l->packed, bytes);
	l->size += bytes.n;
	return hm_write_all(cx, l->fd, "a temporary file", bytes);
}

hm_err repair_layer_open(struct hm_cx *cx, const struct repair_root *root, bool is_zstd,
			 struct repair_layer *l)
{
	*l = (struct repair_layer){ .root = root, .fd = -1, .kept = HM_BUF(HM_MAX_SCRIPT) };
	crypto_hash_start(&l->tar, CRYPTO_SHA256);
	crypto_hash_start(&l->packed, CRYPTO_SHA256);
	HM_TRY(hm_temp_fd(cx, &l->fd));
	HM_TRY(repair_archive_open(cx, &l->archive));
	struct gzip_to to = { on_packed, l };
	return is_zstd ? zstd_writer_open(cx, to, &l->zstd) : gzip_writer_open(cx, to, &l->zip);
}

void repair_layer_done(struct repair_layer *l)
{
	gzip_writer_close_ptr(&l->zip);
	zstd_writer_close_ptr(&l->zstd);
	crypto_hash_done(&l->tar);
	crypto_hash_done(&l->packed);
	hm_buf_done(&l->kept);
	hm_close_fd(&l->fd);
	repair_archive_done(&l->archive);
}

static hm_err pack_bytes(struct hm_cx *cx, struct repair_layer *l, struct hm_str bytes)
{
	crypto_hash_add(&l->tar, bytes);
	return l->zstd ? zstd_writer_add(cx, l->zstd, bytes) : gzip_writer_add(cx, l->zip, bytes);
}

static hm_err put_header(struct hm_cx *cx, struct repair_layer *l, const struct tar_entry *e)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_PAX + HM_KIB * 4);
	HM_TRY(tar_write_header(cx, e, &b));
	struct repair_put *own = hm_new(cx, struct repair_put, 1);
	own->e = *e;
	own->e.path = hm_dup(cx, e->path);
	own->e.link = hm_dup(cx, e->link);
	own->at = l->archive.n;
	own->header_n = b.n;
	own->is_package = l->is_package;
	hm_map_put(cx, &l->emitted, own->e.path, own);
	*hm_push(cx, &l->order) = own;
	return repair_archive_put(cx, &l->archive, hm_buf_str(&b));
}

bool repair_layer_has(const struct repair_layer *l, struct hm_str path)
{
	const struct repair_put *p = hm_map_get(&l->emitted, path);
	return p && !p->is_dropped;
}

/* The folder as it is in the image, or as a package makes it. */
static hm_err put_one_folder(struct hm_cx *cx, struct repair_layer *l, struct hm_str path)
{
	const struct repair_node *n = repair_root_at(l->root, path);
	struct tar_entry e = { .path = path, .type = TAR_DIR, .mode = 0755, .mtime = l->newest };
	const struct tar_entry *made = hm_map_get(&l->made, path);
	if (n && n->type != TAR_DIR)
		return hm_fail(cx, HM_INPUT, "\"/%.*s\" would have to be a folder", HM_FMT(path));
	if (n) {
		e.mode = n->mode;
		e.uid = n->uid;
		e.gid = n->gid;
		e.mtime = n->mtime;
	} else if (made) {
		e = *made;
	}
	return put_header(cx, l, &e);
}

/* From the top down, those that are not in the layer yet. Below a link of the layer itself a
 * runtime would write elsewhere, and others would read it elsewhere. */
static hm_err put_folders(struct hm_cx *cx, struct repair_layer *l, struct hm_str path)
{
	for (size_t n = 1; n <= path.n; n++) {
		struct hm_str folder = hm_sub(path, 0, n);
		if (n < path.n && path.p[n] != '/')
			continue;
		const struct repair_put *p = hm_map_get(&l->emitted, folder);
		if (!p || p->is_dropped)
			HM_TRY(put_one_folder(cx, l, folder));
		else if (p->e.type != TAR_DIR)
			return hm_fail(
				cx, HM_INPUT,
				"a package has something below \"/%.*s\", which is a link or "
				"a file of the packages",
				HM_FMT(folder));
	}
	return NULL;
}

/* A name that runtimes read as the mark of something that vanished (image-spec, layer.md). */
static hm_err check_name(struct hm_cx *cx, struct hm_str path)
{
	struct hm_str rest = path;
	while (rest.n)
		if (hm_starts(hm_cut(&rest, '/'), HM_STR(".wh.")))
			return hm_fail(
				cx, HM_INPUT,
				"\"/%.*s\" cannot be in an image: a layer hides files by such "
				"names",
				HM_FMT(path));
	return NULL;
}

static hm_err put_folder(struct hm_cx *cx, struct repair_layer *l, const struct tar_entry *e)
{
	const struct repair_node *n = repair_root_at(l->root, e->path);
	if (!e->path.n || (n && n->type == TAR_DIR) || repair_layer_has(l, e->path))
		return NULL;
	struct tar_entry *made = hm_new(cx, struct tar_entry, 1);
	*made = *e;
	made->path = hm_dup(cx, e->path);
	hm_map_put(cx, &l->made, made->path, made);
	return put_folders(cx, l, e->path);
}

/* What scripts of packages read. */
static void keep_content(struct repair_layer *l, const struct tar_entry *e)
{
	l->open = NULL;
	hm_buf_clear(&l->kept);
	if (e->type == TAR_FILE && e->size <= HM_MAX_SCRIPT && repair_root_is_read(e->path))
		l->open = hm_map_get(&l->emitted, e->path);
	if (l->open)
		l->open->is_kept = true;
}

hm_err repair_layer_put(struct hm_cx *cx, struct repair_layer *l, const struct tar_entry *e)
{
	HM_TRY(check_name(cx, e->path));
	if (e->mtime > l->newest)
		l->newest = e->mtime;
	if (e->type == TAR_DIR)
		return put_folder(cx, l, e);
	if (repair_layer_has(l, e->path))
		return hm_fail(cx, HM_INPUT, "\"/%.*s\" is in two of the packages",
			       HM_FMT(e->path));
	const struct repair_node *n = repair_root_at(l->root, e->path);
	if (n && n->type == TAR_DIR)
		return hm_fail(cx, HM_INPUT,
			       "\"/%.*s\" is a folder in the image, and none in the package",
			       HM_FMT(e->path));
	HM_TRY(put_folders(cx, l, hm_dirname(e->path)));
	l->left = l->open_size = e->type == TAR_FILE ? e->size : 0;
	HM_TRY(put_header(cx, l, e));
	keep_content(l, e);
	return NULL;
}

hm_err repair_layer_folder(struct hm_cx *cx, struct repair_layer *l, const struct tar_entry *e)
{
	HM_TRY(check_name(cx, e->path));
	if (repair_layer_has(l, e->path))
		return hm_fail(cx, HM_INPUT, "\"/%.*s\" is in the layer already", HM_FMT(e->path));
	HM_TRY(put_folders(cx, l, hm_dirname(e->path)));
	return put_header(cx, l, e);
}

/* Behind the bytes of the file that is open. */
static hm_err end_bytes(struct hm_cx *cx, struct repair_layer *l)
{
	struct repair_put *p = l->order.p[l->order.n - 1];
	if (!l->left)
		HM_TRY(repair_archive_put(cx, &l->archive, tar_padding(l->open_size)));
	p->body = l->archive.n - p->at - p->header_n;
	return NULL;
}

static hm_err use_bytes(struct hm_cx *cx, struct repair_layer *l, uint64_t n)
{
	if (n > l->left)
		return hm_fail(cx, HM_INPUT, "a file is longer than its header says");
	l->left -= n;
	return NULL;
}

hm_err repair_layer_add(struct hm_cx *cx, struct repair_layer *l, struct hm_str bytes)
{
	HM_TRY(use_bytes(cx, l, bytes.n));
	HM_TRY(repair_archive_put(cx, &l->archive, bytes));
	if (l->open)
		hm_buf_add(&l->kept, bytes);
	if (l->open && !l->left)
		l->open->content = hm_dup(cx, hm_buf_str(&l->kept));
	return bytes.n ? end_bytes(cx, l) : NULL;
}

hm_err repair_layer_add_stored(struct hm_cx *cx, struct repair_layer *l, struct repair_stored s)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_SCRIPT);
	if (l->open) {
		HM_TRY(repair_stored_bytes(cx, s, &b));
		return repair_layer_add(cx, l, hm_buf_str(&b));
	}
	HM_TRY(use_bytes(cx, l, s.n));
	repair_archive_put_stored(&l->archive, s);
	return end_bytes(cx, l);
}

hm_err repair_layer_add_fd(struct hm_cx *cx, struct repair_layer *l, int fd)
{
	struct hm_mark mark = hm_mark(cx);
	char *room = hm_new(cx, char, STEP);
	for (ssize_t n = 1; n > 0;) {
		n = read(fd, room, STEP);
		if (n < 0)
			return hm_fail_os(cx, "could not read a temporary file");
		HM_TRY(repair_layer_add(cx, l, hm_bytes(room, (size_t)n)));
		HM_TRY(hm_alive(cx));
	}
	hm_release(cx, mark);
	return NULL;
}

hm_err repair_layer_file(struct hm_cx *cx, struct repair_layer *l, const struct tar_entry *e,
			 struct hm_str bytes)
{
	struct tar_entry own = *e;
	own.type = TAR_FILE;
	own.size = bytes.n;
	HM_TRY(repair_layer_put(cx, l, &own));
	return repair_layer_add(cx, l, bytes);
}

hm_err repair_layer_hide(struct hm_cx *cx, struct repair_layer *l, struct hm_str path)
{
	struct hm_str dir = hm_dirname(path);
	if (!repair_root_at(l->root, path) || repair_layer_has(l, path))
		return NULL;
	struct tar_entry e = { .path = hm_fmt(cx, "%.*s%s.wh.%.*s", HM_FMT(dir), dir.n ? "/" : "",
					      HM_FMT(hm_basename(path))),
			       .type = TAR_FILE,
			       .mode = 0,
			       .mtime = l->newest };
	if (repair_layer_has(l, e.path))
		return NULL;
	HM_TRY(put_folders(cx, l, dir));
	return put_header(cx, l, &e);
}

/* ------------------------------------------------------------------ changes */

static bool has_links(const struct repair_layer *l, const struct repair_put *p)
{
	if (p->e.type == TAR_HARDLINK)
		return true;
	for (size_t i = 0; p->e.type == TAR_FILE && i < l->order.n; i++)
		if (l->order.p[i]->e.type == TAR_HARDLINK && !l->order.p[i]->is_dropped &&
		    hm_eq(l->order.p[i]->e.link, p->e.path))
			return true;
	return false;
}

hm_err repair_layer_change(struct hm_cx *cx, struct repair_layer *l, const struct tar_entry *e,
			   bool *out)
{
	struct repair_put *p = hm_map_get(&l->emitted, e->path);
	HM_AUTO_BUF b = HM_BUF(HM_MAX_PAX + HM_KIB * 4);
	*out = p && !p->is_dropped && p->e.type == e->type && !has_links(l, p);
	if (!*out)
		return NULL;
	p->e.mode = e->mode;
	p->e.uid = e->uid;
	p->e.gid = e->gid;
	p->e.capability = hm_dup(cx, e->capability);
	HM_TRY(tar_write_header(cx, &p->e, &b));
	p->header = hm_dup(cx, hm_buf_str(&b));
	return NULL;
}

void repair_layer_drop(struct repair_layer *l, struct hm_str path, bool *out)
{
	struct repair_put *p = hm_map_get(&l->emitted, path);
	*out = p && !has_links(l, p);
	for (size_t i = 0; *out && p->e.type == TAR_DIR && i < l->order.n; i++) {
		const struct repair_put *q = l->order.p[i];
		*out = q->is_dropped || q->e.path.n <= path.n || !hm_starts(q->e.path, path) ||
		       q->e.path.p[path.n] != '/';
	}
	if (*out)
		p->is_dropped = true;
}

/* ------------------------------------------------------------------ the end */

/* Where the archive goes: packed, or plain to a file (-1: packed). */
static hm_err pack_or_copy(struct hm_cx *cx, struct repair_layer *l, int fd, struct hm_str bytes)
{
	return fd < 0 ? pack_bytes(cx, l, bytes) : hm_write_all(cx, fd, "a temporary file", bytes);
}

/* The next bytes of the archive, up to `to`: *n is the room, and then what is in it. */
static hm_err read_next(struct hm_cx *cx, const struct repair_layer *l, uint64_t from, uint64_t to,
			char *room, size_t *n)
{
	size_t want = to - from < *n ? (size_t)(to - from) : *n;
	HM_TRY(hm_alive(cx));
	HM_TRY(repair_archive_read(cx, &l->archive, from, room, want, n));
	return *n ? NULL : hm_fail(cx, HM_SYSTEM, "a temporary file was changed");
}

/* Read where they are compressed. */
static hm_err gzip_span(struct hm_cx *cx, struct repair_layer *l, uint64_t from, uint64_t to)
{
	while (from < to) {
		char *room;
		size_t n;
		HM_TRY(gzip_writer_room(cx, l->zip, &room, &n));
		HM_TRY(read_next(cx, l, from, to, room, &n));
		crypto_hash_add(&l->tar, hm_bytes(room, n));
		HM_TRY(gzip_writer_filled(cx, l->zip, n));
		from += n;
	}
	return NULL;
}

static hm_err pack_span(struct hm_cx *cx, struct repair_layer *l, int fd, uint64_t from,
			uint64_t to)
{
	struct hm_mark mark = hm_mark(cx);
	if (fd < 0 && l->zip)
		return gzip_span(cx, l, from, to);
	char *room = hm_new(cx, char, STEP);
	while (from < to) {
		size_t n = STEP;
		HM_TRY(read_next(cx, l, from, to, room, &n));
		HM_TRY(pack_or_copy(cx, l, fd, hm_bytes(room, n)));
		from += n;
	}
	hm_release(cx, mark);
	return NULL;
}

/* What follows each other unchanged is packed in one go. */
static hm_err pack_all(struct hm_cx *cx, struct repair_layer *l, int fd)
{
	uint64_t from = 0;
	for (size_t i = 0; i < l->order.n; i++) {
		const struct repair_put *p = l->order.p[i];
		if (!p->is_dropped && !p->header.n)
			continue;
		HM_TRY(pack_span(cx, l, fd, from, p->at));
		from = p->at + p->header_n;
		if (p->is_dropped)
			from += p->body;
		else
			HM_TRY(pack_or_copy(cx, l, fd, p->header));
	}
	HM_TRY(pack_span(cx, l, fd, from, l->archive.n));
	return pack_or_copy(cx, l, fd, tar_trailer());
}

hm_err repair_layer_copy(struct hm_cx *cx, struct repair_layer *l, int fd)
{
	return pack_all(cx, l, fd);
}

hm_err repair_layer_end(struct hm_cx *cx, struct repair_layer *l, struct hm_str *out_digest,
			struct hm_str *out_diff_id)
{
	if (l->left)
		return hm_fail(cx, HM_INPUT, "a file is shorter than its header says");
	HM_TRY(pack_all(cx, l, -1));
	HM_TRY(l->zstd ? zstd_writer_end(cx, l->zstd) : gzip_writer_end(cx, l->zip));
	*out_digest = crypto_hash_text(cx, &l->packed);
	*out_diff_id = crypto_hash_text(cx, &l->tar);
	return NULL;
}
