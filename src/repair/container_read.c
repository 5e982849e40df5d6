/* SPDX-License-Identifier: Apache-2.0 */
/* What scripts in a container have changed, from their archive into the layer. */
#include "base/worker_flow.h"
#include "repair/container.h"
#include "repair/records.h"

struct reading {
	struct repair_run *run;
	struct repair_layer *l;
	int fd;
	bool into_layer;
	struct hm_strs hidden;
	/* Of a program with rights of its own: the digests that it may have, and its own. */
	bool has_rights;
	struct hm_str path;
	struct hm_strs allowed;
	struct crypto_hash hash;
};

static void reading_done(struct reading *r)
{
	crypto_hash_done(&r->hash);
}

hm_err repair_changes_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	(void)args;
	(void)out;
	return repair_records_say(cx, (struct stream_source){ stream_read_fd, &in }, RECORD_FILES);
}

static hm_err damaged(struct hm_cx *cx)
{
	return hm_fail(cx, HM_INPUT, "their reader answered in no known form");
}

/* What its bytes must be is asked before it takes the place of what is there. */
static hm_err begin_rights(struct hm_cx *cx, struct reading *r, const struct tar_entry *e)
{
	r->allowed = (struct hm_strs){ 0 };
	r->has_rights = repair_rights_has(e);
	if (!r->has_rights)
		return NULL;
	r->path = e->path;
	crypto_hash_done(&r->hash);
	crypto_hash_start(&r->hash, CRYPTO_SHA256);
	return repair_rights_of(cx, r->l, e, &r->allowed);
}

static hm_err end_rights(struct hm_cx *cx, struct reading *r)
{
	uint8_t digest[CRYPTO_DIGEST_MAX];
	if (!r->has_rights)
		return NULL;
	size_t n = crypto_hash_end(&r->hash, digest);
	r->has_rights = false;
	if (hm_strs_has(&r->allowed, hm_bytes((const char *)digest, n)))
		return NULL;
	return hm_fail(
		cx, HM_DENIED,
		"scripts in the container make \"/%.*s\" run with the rights of its owner or group",
		HM_FMT(r->path));
}

static bool is_hidden(const struct reading *r, struct hm_str path)
{
	for (size_t i = 0; i < r->hidden.n; i++)
		if (hm_starts(path, r->hidden.p[i]))
			return true;
	return false;
}

static hm_err drop(struct hm_cx *cx, struct reading *r, struct hm_str path)
{
	bool done = true;
	if (repair_layer_has(r->l, path))
		repair_layer_drop(r->l, path, &done);
	return done ? NULL
		    : hm_fail(cx, HM_DENIED,
			      "scripts in the container change \"/%.*s\", which cannot be done here",
			      HM_FMT(path));
}

static hm_err hide(struct hm_cx *cx, struct reading *r, struct hm_str mark)
{
	struct hm_str dir = hm_dirname(mark), name = hm_from(hm_basename(mark), strlen(".wh."));
	struct hm_str path =
		dir.n ? hm_fmt(cx, "%.*s/%.*s", HM_FMT(dir), HM_FMT(name)) : hm_dup(cx, name);
	if (is_hidden(r, path))
		return NULL;
	*hm_push(cx, &r->hidden) = hm_fmt(cx, "%.*s/", HM_FMT(path));
	HM_TRY(drop(cx, r, path));
	return repair_layer_hide(cx, r->l, path);
}

static hm_err put_folder(struct hm_cx *cx, struct reading *r, struct tar_entry *e)
{
	const struct repair_put *p = hm_map_get(&r->l->emitted, e->path);
	const struct repair_node *n = repair_root_at(&r->run->root, e->path);
	bool done;
	if (p && !p->is_dropped) {
		if (p->e.mode == e->mode && p->e.uid == e->uid && p->e.gid == e->gid)
			return NULL;
		HM_TRY(repair_layer_change(cx, r->l, e, &done));
		return done ? NULL : drop(cx, r, e->path);
	}
	if (n && n->type == TAR_DIR)
		return n->mode == e->mode && n->uid == e->uid && n->gid == e->gid
			       ? NULL
			       : repair_layer_folder(cx, r->l, e);
	return repair_layer_put(cx, r->l, e);
}

static hm_err begin_entry(struct hm_cx *cx, struct reading *r, struct hm_cur *c)
{
	struct tar_entry e = { 0 };
	char part;
	if (r->into_layer || !repair_record_entry(c, &part, &e) || !e.path.n)
		return damaged(cx);
	e.path = hm_dup(cx, e.path);
	e.link = hm_dup(cx, e.link);
	e.user = e.group = HM_STR("");
	e.mtime = r->l->newest; /* when it ran must not be seen */
	if (hm_starts(hm_basename(e.path), HM_STR(".wh.")))
		return hide(cx, r, e.path);
	HM_TRY(begin_rights(cx, r, &e));
	if (e.type == TAR_DIR)
		return put_folder(cx, r, &e);
	if (e.type == TAR_HARDLINK)
		return damaged(cx);
	HM_TRY(drop(cx, r, e.path));
	HM_TRY(repair_layer_put(cx, r->l, &e));
	r->into_layer = e.type == TAR_FILE;
	return NULL;
}

static hm_err on_record(struct hm_cx *cx, void *arg, struct hm_str record)
{
	struct reading *r = arg;
	struct hm_cur c = hm_cur(record);
	switch ((char)hm_le(&c, 1)) {
	case RECORD_ENTRY:
		return begin_entry(cx, r, &c);
	case RECORD_DATA:
		if (r->has_rights)
			crypto_hash_add(&r->hash, hm_from(record, 1));
		return r->into_layer ? repair_layer_add(cx, r->l, hm_from(record, 1)) : NULL;
	case RECORD_END:
		r->into_layer = false;
		return end_rights(cx, r);
	default:
		return damaged(cx);
	}
}

static hm_err on_read(struct hm_cx *cx, void *arg, char *room, size_t n, size_t *out_n)
{
	struct reading *r = arg;
	return stream_read_fd(cx, &r->fd, room, n, out_n);
}

hm_err repair_container_read(struct hm_cx *cx, struct repair_run *run, int fd,
			     struct repair_layer *l)
{
	HM_CLEANUP(reading_done) struct reading r = { .run = run, .l = l, .fd = fd };
	HM_AUTO_WORKER w = { .in = -1, .out = -1 };
	struct hm_flow flow = { on_read, on_record, &r };
	struct hm_str none;
	HM_TRY(hm_worker_start(cx, REPAIR_CHANGES_JOB, HM_STR(""), 0, &w));
	HM_TRY(hm_worker_flow(cx, &w, &flow, &none));
	return r.into_layer || r.has_rights ? damaged(cx) : NULL;
}
