/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A package's files into the layer. What a file is stands in the header, which is signed; the
 * archive brings its bytes, and the header's digest of them counts.
 */
#include <sys/stat.h>
#include <unistd.h>

#include "base/worker_flow.h"
#include "codec/stream.h"
#include "repair/rpm/payload.h"
#include "repair/rpm/rpm.h"

struct unpacking {
	const struct rpm_at *at;
	struct rpm_change *c;
	int fd;
	uint64_t unread;       /* bytes of the payload */
	struct hm_map by_path; /* -> struct rpm_slot */
	/* The entry that is open. */
	bool open, into_layer, hashed;
	size_t file;
	uint64_t size, left;
	struct crypto_hash hash;
};

static void unpacking_done(struct unpacking *u)
{
	crypto_hash_done(&u->hash);
}

static hm_err damaged(struct hm_cx *cx)
{
	return hm_fail(cx, HM_INPUT, "its reader answered in no known form");
}

static const struct rpm_file *file_at(const struct unpacking *u, size_t i)
{
	return &u->c->f.p.files.p[i];
}

static bool is_linked(const struct unpacking *u, size_t i)
{
	return u->c->slots[u->c->slots[i].first].links > 1;
}

/* ------------------------------------------------------------------ into the layer */

/* What is there is put out of the way, or the new one beside it. */
static hm_err make_way(struct hm_cx *cx, const struct unpacking *u, size_t i, struct tar_entry *e)
{
	struct rpm_slot *s = &u->c->slots[i];
	if (s->fate == RPM_SAVE)
		return repair_rpm_keep_as(cx, u->at, s->place, ".rpmsave");
	if (s->fate == RPM_BACKUP)
		return repair_rpm_keep_as(cx, u->at, s->place, ".rpmorig");
	if (s->fate != RPM_BESIDE)
		return NULL;
	e->path = hm_fmt(cx, "%.*s.rpmnew", HM_FMT(s->place));
	*hm_push(cx, &u->at->run->result->notes) =
		hm_fmt(cx,
		       "/%.*s was changed in the image: kept, the new one is beside it (.rpmnew)",
		       HM_FMT(s->place));
	return NULL;
}

static hm_err put_entry(struct hm_cx *cx, struct unpacking *u, size_t i, const struct rpm_slot *to)
{
	struct tar_entry e;
	HM_TRY(repair_rpm_entry(cx, u->at, file_at(u, i), u->c->slots[i].place, &e));
	HM_TRY(make_way(cx, u, i, &e));
	if (to) {
		e.type = TAR_HARDLINK;
		e.link = to->place;
		e.size = 0;
		e.capability = HM_STR("");
	}
	u->c->slots[i].emitted = true;
	return repair_layer_put(cx, u->at->l, &e);
}

/* The others of a set of hard links, when the first one is there. */
static hm_err put_links(struct hm_cx *cx, struct unpacking *u, size_t first)
{
	for (size_t i = 0; i < u->c->f.p.files.n; i++) {
		struct rpm_slot *s = &u->c->slots[i];
		if (i == first || s->first != first || s->fate == RPM_SKIP || s->emitted)
			continue;
		if (s->fate != RPM_CREATE || u->c->slots[first].fate != RPM_CREATE)
			return hm_fail(cx, HM_DENIED,
				       "\"/%.*s\" is one of several hard links, and was changed",
				       HM_FMT(s->place));
		HM_TRY(put_entry(cx, u, i, &u->c->slots[first]));
	}
	return NULL;
}

/* ------------------------------------------------------------------ the archive */

static hm_err find_file(struct hm_cx *cx, struct unpacking *u, uint64_t number, struct hm_str path)
{
	if (number != UINT64_MAX) {
		u->file = (size_t)number;
		if (number >= u->c->f.p.files.n)
			return damaged(cx);
	} else {
		const struct rpm_slot *s = hm_map_get(&u->by_path, path);
		if (!s)
			return hm_fail(cx, HM_INPUT,
				       "\"%.*s\" is in its archive, and not in its "
				       "header",
				       HM_FMT(path));
		u->file = (size_t)(s - u->c->slots);
	}
	struct rpm_slot *own = &u->c->slots[u->file];
	if (own->seen || (file_at(u, u->file)->flags & RPM_GHOST))
		return hm_fail(cx, HM_INPUT, "\"%.*s\" is in its archive %s",
			       HM_FMT(file_at(u, u->file)->path),
			       own->seen ? "twice" : "without being a file");
	own->seen = true;
	return NULL;
}

static hm_err begin_regular(struct hm_cx *cx, struct unpacking *u, const struct rpm_file *f)
{
	const struct rpm_slot *s = &u->c->slots[u->file];
	size_t first = s->first;
	struct rpm_slot *to = &u->c->slots[first];
	/* Of hard links one brings the bytes of all. */
	if (!u->size && f->size && is_linked(u, u->file))
		return NULL;
	if (u->size != f->size)
		return hm_fail(cx, HM_INPUT, "\"%.*s\" has %llu bytes, and not %llu",
			       HM_FMT(f->path), (unsigned long long)u->size,
			       (unsigned long long)f->size);
	if (to->fate == RPM_SKIP || to->emitted)
		return NULL;
	u->into_layer = true;
	u->hashed = repair_rpm_digest(&u->c->f.p, &u->hash);
	u->file = first;
	return put_entry(cx, u, first, NULL);
}

static hm_err begin_entry(struct hm_cx *cx, struct unpacking *u, struct hm_cur *c)
{
	uint64_t number = hm_le(c, 8), size = hm_le(c, 8);
	struct hm_str path = hm_take_str(c, hm_uvarint(c));
	if (u->open || c->bad || c->n)
		return damaged(cx);
	HM_TRY(find_file(cx, u, number, path));
	const struct rpm_file *f = file_at(u, u->file);
	u->open = true;
	u->into_layer = false;
	u->size = u->left = size;
	if (S_ISREG(f->mode))
		return begin_regular(cx, u, f);
	if (S_ISDIR(f->mode) || u->c->slots[u->file].fate == RPM_SKIP)
		return NULL;
	return put_entry(cx, u, u->file, NULL);
}

static hm_err add_data(struct hm_cx *cx, struct unpacking *u, struct hm_str bytes)
{
	if (!u->open || bytes.n > u->left)
		return damaged(cx);
	u->left -= bytes.n;
	if (!u->into_layer)
		return NULL;
	if (u->hashed)
		crypto_hash_add(&u->hash, bytes);
	return repair_layer_add(cx, u->at->l, bytes);
}

static hm_err check_digest(struct hm_cx *cx, struct unpacking *u)
{
	const struct rpm_file *f = file_at(u, u->file);
	if (!u->hashed)
		return NULL;
	struct hm_str have = crypto_hash_text(cx, &u->hash);
	hm_cut(&have, ':');
	if (hm_eq(have, f->digest))
		return NULL;
	return hm_fail(cx, HM_TRUST,
		       "\"%.*s\" is not the file that its header names: digest %.*s, not %.*s",
		       HM_FMT(f->path), HM_FMT(have), HM_FMT(f->digest));
}

static hm_err end_entry(struct hm_cx *cx, struct unpacking *u)
{
	if (!u->open || u->left)
		return damaged(cx);
	u->open = false;
	if (!u->into_layer)
		return NULL;
	u->into_layer = false;
	HM_TRY(check_digest(cx, u));
	return is_linked(u, u->file) ? put_links(cx, u, u->file) : NULL;
}

static hm_err on_record(struct hm_cx *cx, void *arg, struct hm_str record)
{
	struct unpacking *u = arg;
	struct hm_cur c = hm_cur(record);
	switch ((char)hm_le(&c, 1)) {
	case RPM_RECORD_ENTRY:
		return begin_entry(cx, u, &c);
	case RPM_RECORD_DATA:
		return add_data(cx, u, hm_from(record, 1));
	case RPM_RECORD_END:
		return end_entry(cx, u);
	default:
		return damaged(cx);
	}
}

static hm_err on_read(struct hm_cx *cx, void *arg, char *room, size_t n, size_t *out_n)
{
	struct unpacking *u = arg;
	if (n > u->unread)
		n = (size_t)u->unread;
	*out_n = 0;
	if (!n)
		return NULL;
	HM_TRY(stream_read_fd(cx, &u->fd, room, n, out_n));
	u->unread -= *out_n;
	return NULL;
}

/* ------------------------------------------------------------------ the whole */

/* How many bytes a file has in the archive, where it does not say so itself: of hard links the last
 * one has them. */
static uint64_t archived_size(const struct unpacking *u, size_t i)
{
	const struct rpm_file *f = file_at(u, i);
	if (S_ISLNK(f->mode))
		return f->size;
	if (!S_ISREG(f->mode))
		return 0;
	return is_linked(u, i) && u->c->slots[u->c->slots[i].first].last != i ? 0 : f->size;
}

static hm_err check_all(struct hm_cx *cx, const struct unpacking *u)
{
	for (size_t i = 0; i < u->c->f.p.files.n; i++) {
		const struct rpm_slot *s = &u->c->slots[i];
		if (s->fate != RPM_SKIP && !s->emitted && !S_ISDIR(file_at(u, i)->mode))
			return hm_fail(cx, HM_INPUT, "\"%.*s\" is not in its archive",
				       HM_FMT(file_at(u, i)->path));
	}
	return NULL;
}

hm_err repair_rpm_unpack(struct hm_cx *cx, struct rpm_at *at, struct rpm_change *c)
{
	HM_CLEANUP(unpacking_done)
	struct unpacking u = {
		.at = at, .c = c, .fd = at->spool, .unread = c->f.size - c->f.payload
	};
	HM_AUTO_WORKER w = { .in = -1, .out = -1 };
	HM_AUTO_BUF args = HM_BUF(HM_KIB * 256);
	struct hm_flow flow = { on_read, on_record, &u };
	struct hm_str sizes, none;
	for (size_t i = 0; i < c->f.p.files.n; i++)
		hm_map_put(cx, &u.by_path, c->f.p.files.p[i].path, &c->slots[i]);
	for (size_t i = 0; i < c->f.p.files.n; i++)
		hm_buf_uvarint(&args, archived_size(&u, i));
	if (lseek(u.fd, (off_t)c->f.spooled, SEEK_SET) < 0)
		return hm_fail_os(cx, "could not read a temporary file");
	HM_TRY(hm_buf_end(cx, &args, "the sizes of its files", &sizes));
	HM_TRY(hm_worker_start(cx, REPAIR_RPM_PAYLOAD_JOB, sizes, 0, &w));
	HM_TRY(hm_worker_flow(cx, &w, &flow, &none));
	return u.open ? damaged(cx) : check_all(cx, &u);
}
