/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/layout/layout.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>

static const struct oci_ops layout_ops;

static hm_err folder_file(struct hm_cx *cx, struct layout *l, const char *path, struct extent *out,
			  bool *out_found)
{
	static const char prefix[] = "blobs/sha256/";
	const char *full = hm_path(cx, l->place.target.path.p, path);
	bool beside = l->blobs >= 0 && strncmp(path, prefix, sizeof(prefix) - 1) == 0;
	struct stat sb;
	HM_AUTO_FD fd =
		openat(beside ? l->blobs : AT_FDCWD, beside ? path + sizeof(prefix) - 1 : full,
		       O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) {
		*out_found = false;
		return NULL;
	}
	if (fd < 0 || fstat(fd, &sb) < 0)
		return hm_fail_os(cx, "could not open \"%s\"", full);
	if (!S_ISREG(sb.st_mode))
		return hm_fail(cx, HM_INPUT, "\"%s\" is not a regular file", full);
	*out = (struct extent){
		.fd = hm_move_fd(fd), .owned = true, .size = (uint64_t)sb.st_size, .name = full
	};
	*out_found = true;
	return NULL;
}

static char *join_layout_path(struct hm_cx *cx, const struct oci_place *p, const char *name)
{
	return hm_path(cx, p->target.path.p, name);
}

static hm_err lock_layout(struct hm_cx *cx, struct oci_place *p, int *out)
{
	return hm_lock(cx, join_layout_path(cx, p, "oci-layout"), out);
}

/* Files that a killed writer left: nobody else is writing, the lock is held. */
static hm_err sweep_left_files(struct hm_cx *cx, struct oci_place *p)
{
	struct hm_strs names;
	HM_TRY(hm_list_dir(cx, p->target.path.p, 100000, &names));
	for (size_t i = 0; i < names.n; i++)
		if ((hm_starts(names.p[i], HM_STR("index.json.")) ||
		     hm_starts(names.p[i], HM_STR("oci-layout."))) &&
		    hm_ends(names.p[i], HM_STR(".tmp")))
			(void)unlink(join_layout_path(cx, p, names.p[i].p));
	return NULL;
}

/* The folder, oci-layout and an empty index.json, where they are not there yet. */
static hm_err make_parts(struct hm_cx *cx, struct oci_place *p, const char *mark, const char *index)
{
	HM_TRY(hm_mkdirs(cx, join_layout_path(cx, p, "blobs/sha256"), 0755));
	if (!hm_exists(mark)) {
		hm_err err = hm_write_file(cx, mark, HM_STR(OCI_LAYOUT_TEXT), 0644);
		if (err && !hm_exists(mark)) /* another process may have been faster */
			return err;
	}
	HM_AUTO_FD fd = -1;
	HM_TRY(lock_layout(cx, p, &fd));
	if (hm_exists(index))
		return NULL;
	HM_TRY(sweep_left_files(cx, p));
	return hm_write_file(cx, index, HM_STR(OCI_NO_MANIFESTS), 0644);
}

static hm_err make_layout(struct hm_cx *cx, struct oci_place *p)
{
	static pthread_mutex_t one =
		PTHREAD_MUTEX_INITIALIZER; /* blobs are pushed by several threads */
	const char *mark = join_layout_path(cx, p, "oci-layout"),
		   *index = join_layout_path(cx, p, "index.json");
	pthread_mutex_lock(&one);
	hm_err err = hm_exists(mark) && hm_exists(index) ? NULL : make_parts(cx, p, mark, index);
	pthread_mutex_unlock(&one);
	return err;
}

static hm_err fill_file(struct hm_cx *cx, int fd, const char *path, struct http_body body)
{
	HM_AUTO_BUF room = HM_BUF(OCI_CHUNK);
	char *at = hm_buf_room(&room, OCI_CHUNK);
	for (size_t got = 1; got;) {
		HM_TRY(hm_alive(cx));
		HM_TRY(body.read(cx, body.arg, at, OCI_CHUNK, &got));
		HM_TRY(hm_write_all(cx, fd, path, hm_bytes(at, got)));
	}
	return NULL;
}

/* `body` fails at its end when the bytes are not the descriptor's. */
static hm_err push_blob(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
			struct http_body body)
{
	struct hm_str hex = d->digest, alg = hm_cut(&hex, ':');
	HM_TRY(make_layout(cx, p));
	const char *dir = join_layout_path(cx, p, hm_fmt(cx, "blobs/%.*s", HM_FMT(alg)).p);
	const char *path = hm_path(cx, dir, hm_dupz(cx, hex));
	HM_TRY(hm_mkdirs(cx, dir, 0755));
	HM_AUTO_NEWFILE f = { .fd = -1 };
	HM_TRY(hm_newfile_open(cx, path, 0644, &f));
	f.name_later = true; /* sync_blob_names(): until it is listed it is nobody's */
	HM_TRY(fill_file(cx, f.fd, path, body));
	return hm_newfile_commit(cx, &f);
}

/* What is listed is there after a crash, whoever pushed it: a folder is flushed once for all the
 * blobs that got a name in it. */
static hm_err sync_blob_names(struct hm_cx *cx, struct oci_place *p)
{
	for (size_t i = 0; i < CRYPTO_DIGESTS; i++) {
		const char *dir =
			join_layout_path(cx, p,
					 hm_fmt(cx, "blobs/%s", crypto_digest_rows[i].name).p);
		if (hm_exists(dir))
			HM_TRY(hm_sync_folder(cx, hm_path(cx, dir, "any")));
	}
	return NULL;
}

static hm_err write_index(struct hm_cx *cx, struct oci_place *p, const struct layout_index *x)
{
	const char *path = join_layout_path(cx, p, "index.json");
	HM_AUTO_NEWFILE f = { .fd = -1 };
	struct hm_str text;
	if (!x->changed)
		return sync_blob_names(cx, p);
	HM_TRY(sweep_left_files(cx, p));
	HM_TRY(oci_layout_index_format(cx, x, &text));
	HM_TRY(hm_newfile_open(cx, path, 0644, &f));
	HM_TRY(hm_write_all(cx, f.fd, path, text));
	/* in this order, because a file system with a journal then writes that once for both */
	HM_TRY(hm_newfile_flush(cx, &f));
	HM_TRY(sync_blob_names(cx, p));
	return hm_newfile_commit(cx, &f);
}

/* The lock is held: what the name stands for stays so until the index is written. */
static bool is_refused(const struct layout_index *x, const struct layout_wish *w)
{
	struct oci_tag_update *u = w->update;
	struct hm_str now = { "", 0 };
	for (size_t i = 0; u && i < x->n; i++)
		if (!x->p[i].removed && hm_eq(x->p[i].name, u->tag))
			now = x->p[i].d.digest;
	if (u)
		u->refused = !hm_eq(now, u->was);
	return u && u->refused;
}

/* The first `n` of them. */
static hm_err list_wishes(struct hm_cx *cx, struct layout *l, const struct layout_wish *first,
			  size_t n)
{
	HM_AUTO_CX own = hm_cx_child(cx, cx->budget);
	struct oci_place *p = &l->place;
	struct layout_index x;
	HM_AUTO_FD fd = -1;
	hm_err err = lock_layout(&own, p, &fd);
	if (!err)
		err = oci_layout_read_index(&own, l, &x);
	for (const struct layout_wish *w = first; w && n && !err; w = w->next, n--)
		if (!is_refused(&x, w))
			oci_layout_index_put(&own, &x, w->d, w->name);
	if (!err)
		err = write_index(&own, p, &x);
	return hm_fault_copy(cx, err);
}

/* What fails together may be the fault of one: then each has a try of its own. */
static void grant_wishes(struct hm_cx *cx, struct layout *l, struct layout_wish *first)
{
	hm_err err = list_wishes(cx, l, first, SIZE_MAX);
	if (!first->next)
		first->err = err;
	for (struct layout_wish *w = first; w && err && first->next; w = w->next)
		w->err = list_wishes(w->cx, l, w, 1);
}

/*
 * The threads that want something listed at the same time have it written at once: the first one
 * writes, and what others want meanwhile is the next one's. Each returns when its own entry is on
 * the disk, as if it had been alone.
 */
static hm_err list_manifest(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
			    struct hm_str name, struct oci_tag_update *update)
{
	struct layout *l = (struct layout *)p;
	struct layout_listing *s = &l->listing;
	struct layout_wish mine = { .cx = cx, .d = d, .name = name, .update = update };
	pthread_mutex_lock(&s->lock);
	struct layout_wish **end = &s->wishes;
	while (*end)
		end = &(*end)->next;
	*end = &mine;
	while (!mine.done && s->is_writing)
		pthread_cond_wait(&s->written, &s->lock);
	if (!mine.done) {
		struct layout_wish *all = s->wishes;
		s->wishes = NULL;
		s->is_writing = true;
		pthread_mutex_unlock(&s->lock);
		grant_wishes(cx, l, all);
		pthread_mutex_lock(&s->lock);
		s->is_writing = false;
		for (struct layout_wish *w = all; w; w = w->next)
			w->done = true;
		pthread_cond_broadcast(&s->written);
	}
	pthread_mutex_unlock(&s->lock);
	return mine.err;
}

static hm_err write_manifest(struct hm_cx *cx, struct oci_place *p, const struct oci_manifest *m,
			     const struct oci_descriptor *d, struct hm_str tag)
{
	bool there = false;
	struct bytes_body b = { m->bytes, 0 };
	if (tag.n && !oci_ref_name_is_valid(tag))
		return hm_fail(cx, HM_USAGE, "\"%.*s\" is not a valid tag", HM_FMT(tag));
	HM_TRY(oci_layout_exists(cx, p, d, &there));
	return there ? NULL : push_blob(cx, p, d, oci_bytes_body(&b));
}

static hm_err push_manifest(struct hm_cx *cx, struct oci_place *p, const struct oci_manifest *m,
			    const struct oci_descriptor *d, struct hm_str tag,
			    enum place_listing listing)
{
	HM_TRY(write_manifest(cx, p, m, d, tag));
	if (listing == PLACE_CHILD)
		return NULL;
	HM_TRY(make_layout(cx, p));
	struct oci_descriptor entry = *d;
	entry.artifact_type =
		m->subject.digest.n ? oci_manifest_artifact_type(m) : m->artifact_type;
	return list_manifest(cx, p, &entry, tag, NULL);
}

/* Where it is refused the manifest stays as a blob that nothing lists. */
static hm_err replace_manifest(struct hm_cx *cx, struct oci_place *p, const struct oci_manifest *m,
			       const struct oci_descriptor *d, struct oci_tag_update *u)
{
	HM_TRY(write_manifest(cx, p, m, d, u->tag));
	HM_TRY(make_layout(cx, p));
	HM_TRY(list_manifest(cx, p, d, u->tag, u));
	u->sure = true;
	return NULL;
}

static hm_err tag_manifest(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
			   struct hm_str tag)
{
	if (!oci_ref_name_is_valid(tag))
		return hm_fail(cx, HM_USAGE, "\"%.*s\" is not a valid tag", HM_FMT(tag));
	return list_manifest(cx, p, d, tag, NULL);
}

static hm_err remove_manifest(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d)
{
	struct layout_index x;
	HM_AUTO_FD fd = -1;
	HM_TRY(lock_layout(cx, p, &fd));
	HM_TRY(oci_layout_read_index(cx, (struct layout *)p, &x));
	if (!oci_layout_index_remove(&x, d->digest))
		return hm_fail(cx, HM_ABSENT, "the layout does not list \"%.*s\"",
			       HM_FMT(d->digest));
	HM_TRY(write_index(cx, p, &x));
	struct hm_str hex = d->digest, alg = hm_cut(&hex, ':');
	const char *path =
		join_layout_path(cx, p, hm_fmt(cx, "blobs/%.*s/%.*s", HM_FMT(alg), HM_FMT(hex)).p);
	if (unlink(path) < 0 && errno != ENOENT)
		return hm_fail_os(cx, "could not remove \"%s\"", path);
	return NULL;
}

static void close_layout(struct oci_place *p)
{
	oci_layout_done((struct layout *)p);
}

/* Walking the same path to each of thousands of blobs costs as much as reading them. Where the
 * folder cannot be opened, the blobs say why. */
static void hold_layout(struct oci_place *p)
{
	struct layout *l = (struct layout *)p;
	HM_AUTO_CX own = HM_CX(HM_MIB);
	l->is_held = true;
	if (l->blobs < 0)
		l->blobs = open(join_layout_path(&own, p, "blobs/sha256"),
				O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static const struct oci_ops layout_ops = {
	.what = "layout",
	.hold = hold_layout,
	.resolve = oci_layout_resolve,
	.open = oci_layout_blob,
	.exists = oci_layout_exists,
	.referrers = oci_layout_referrers,
	.tags = oci_layout_tags,
	.untagged = oci_layout_untagged,
	.push_blob = push_blob,
	.push_manifest = push_manifest,
	.replace = replace_manifest,
	.tag = tag_manifest,
	.remove = remove_manifest,
	.close = close_layout,
};

static hm_err check_folder(struct hm_cx *cx, const char *dir, enum oci_mode mode)
{
	struct hm_str bytes;
	struct hm_strs names = { 0 };
	hm_err err = hm_read_file(cx, hm_path(cx, dir, "oci-layout"), HM_KIB, &bytes);
	if (!err)
		return oci_layout_version_check(cx, bytes);
	if (err->code != HM_ABSENT)
		return err;
	if (mode == OCI_READ && !hm_exists(dir))
		return hm_fail(cx, HM_ABSENT, "there is no layout \"%s\"", dir);
	if (mode == OCI_READ)
		return hm_fail(cx, HM_INPUT,
			       "\"%s\" is not an OCI layout: it has no oci-layout file", dir);
	if (hm_exists(dir))
		HM_TRY(hm_list_dir(cx, dir, 100000, &names));
	for (size_t i = 0; i < names.n; i++) /* what a kill in the midst of make_layout() leaves */
		if (!hm_eqz(names.p[i], "blobs") && !hm_ends(names.p[i], HM_STR(".tmp")))
			return hm_fail(cx, HM_USAGE, "\"%s\" is neither an OCI layout nor empty",
				       dir);
	return NULL;
}

hm_err oci_layout_open(struct hm_cx *cx, const struct oci_target *t, enum oci_mode mode,
		       struct oci_place **out)
{
	HM_TRY(check_folder(cx, t->path.p, mode));
	struct layout *l = oci_place_new(t, &layout_ops, mode, sizeof(*l));
	l->file = folder_file;
	l->index_path = hm_path(&l->place.own, l->place.target.path.p, "index.json");
	oci_layout_init(l);
	*out = &l->place;
	return NULL;
}
