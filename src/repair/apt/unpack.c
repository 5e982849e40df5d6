/* SPDX-License-Identifier: Apache-2.0 */
/* A package's files into the layer, as dpkg puts them into a system. */
#include "repair/ahead.h"
#include "repair/apt/dpkg.h"
#include "repair/records.h"

struct unpacking {
	const struct dpkg_at *at;
	const struct repair_run *run; /* these three are its own */
	struct dpkg *d;
	struct repair_layer *l;
	const struct repair_change *c;
	struct deb *deb;
	/* The entry that is open. */
	char part;
	struct tar_entry e;
	struct hm_str listed; /* its path in the package */
	bool into_layer, into_buffer;
	struct hm_buf buffer;
	struct dpkg_conffiles old; /* of the installed version */
};

static void unpacking_done(struct unpacking *u)
{
	hm_buf_done(&u->buffer);
	u->l->is_package = false;
}

/* ------------------------------------------------------------------ records */

static hm_err damaged(struct hm_cx *cx)
{
	return hm_fail(cx, HM_INPUT, "its reader answered in no known form");
}

/* ------------------------------------------------------------------ the control part */

static hm_err begin_control(struct unpacking *u)
{
	u->into_buffer = u->e.type == TAR_FILE;
	hm_buf_clear(&u->buffer);
	return NULL;
}

static hm_err end_control(struct hm_cx *cx, struct unpacking *u)
{
	struct hm_str name = u->listed, bytes = hm_dup(cx, hm_buf_str(&u->buffer));
	if (memchr(name.p, '/', name.n) || !name.n)
		return hm_fail(cx, HM_INPUT, "\"%.*s\" among its control files", HM_FMT(name));
	*hm_push(cx, &u->deb->controls) = (struct deb_control){ name, bytes, u->e.mode };
	if (!hm_eqz(name, "conffiles"))
		return NULL;
	while (bytes.n) {
		struct hm_str line = hm_trim(hm_line(&bytes));
		if (hm_starts(line, HM_STR("/")))
			*hm_push(cx, &u->deb->conffiles) =
				(struct deb_conffile){ hm_from(line, 1), HM_STR("") };
		else if (line.n)
			return hm_fail(cx, HM_INPUT, "its list of configuration files has \"%.*s\"",
				       HM_FMT(line));
	}
	return NULL;
}

/* ------------------------------------------------------------------ its files */

static struct deb_conffile *conffile_at(const struct deb *deb, struct hm_str path)
{
	for (size_t i = 0; i < deb->conffiles.n; i++)
		if (hm_eq(deb->conffiles.p[i].path, path))
			return &deb->conffiles.p[i];
	return NULL;
}

static void set_owner(const struct unpacking *u, struct tar_entry *e, struct hm_str path)
{
	const struct dpkg_override *o = hm_map_get(&u->d->overrides, path);
	uint32_t id;
	if (repair_root_user(&u->run->root, e->user, &id))
		e->uid = id;
	if (repair_root_group(&u->run->root, e->group, &id))
		e->gid = id;
	if (!o)
		return;
	e->uid = o->uid;
	e->gid = o->gid;
	e->mode = o->mode;
}

/* A program that runs as somebody else must have done so before; as whom, its package says, or the
 * image. */
static hm_err check_privileges(struct hm_cx *cx, const struct unpacking *u,
			       const struct tar_entry *e)
{
	const struct repair_node *n = repair_root_at(&u->run->root, e->path);
	uint32_t special = e->type == TAR_FILE ? e->mode & 06000 : 0;
	bool other = n && hm_map_has(&u->d->overrides, u->listed) &&
		     (n->uid != e->uid || ((special & 02000) && n->gid != e->gid));
	if ((special & ~(n && !other ? n->mode : 0)) == 0)
		return NULL;
	return hm_fail(cx, HM_DENIED,
		       "\"/%.*s\" would run with the rights of its %s, as it did not before",
		       HM_FMT(e->path), special & 04000 ? "owner" : "group");
}

/* A package that brings records would say of others what is not so, to whoever scans the image. */
static hm_err check_records(struct hm_cx *cx, const struct tar_entry *e)
{
	if (e->type == TAR_DIR || !hm_starts(e->path, HM_STR("var/lib/dpkg/")))
		return NULL;
	return hm_fail(cx, HM_INPUT, "\"/%.*s\" is among dpkg's own records", HM_FMT(e->path));
}

/* dpkg leaves a folder where there is one, be it for a link or for a folder. */
static hm_err is_folder_there(struct hm_cx *cx, const struct unpacking *u,
			      const struct tar_entry *e, bool *out)
{
	struct hm_str at = e->path;
	if (e->type == TAR_DIR)
		HM_TRY(repair_root_target(cx, &u->run->root, at, &at));
	const struct repair_node *n = repair_root_at(&u->run->root, at);
	*out = (e->type == TAR_DIR || e->type == TAR_SYMLINK) && n && n->type == TAR_DIR;
	return NULL;
}

static hm_err begin_file(struct hm_cx *cx, struct unpacking *u)
{
	struct tar_entry *e = &u->e;
	bool there;
	*hm_push(cx, &u->deb->paths) = (struct deb_path){ u->listed, e->type == TAR_DIR };
	if (!u->listed.n)
		return NULL;
	HM_TRY(repair_dpkg_place(cx, &u->run->root, u->d, u->c->name, u->listed, &e->path));
	if (e->type == TAR_HARDLINK) {
		HM_TRY(repair_dpkg_place(cx, &u->run->root, u->d, u->c->name, e->link, &e->link));
		if (!repair_layer_has(u->l, e->link))
			return hm_fail(cx, HM_INPUT,
				       "\"%.*s\" is a hard link to nothing of the package",
				       HM_FMT(u->listed));
	}
	set_owner(u, e, u->listed);
	HM_TRY(is_folder_there(cx, u, e, &there));
	if (there)
		return NULL;
	HM_TRY(check_privileges(cx, u, e));
	HM_TRY(check_records(cx, e));
	if (e->type != TAR_DIR) /* a folder may be of many, be it there or not */
		HM_TRY(repair_dpkg_take(cx, u->at, u->c, u->deb, u->listed));
	if (conffile_at(u->deb, u->listed) && e->type == TAR_FILE) {
		u->into_buffer = true;
		hm_buf_clear(&u->buffer);
		return e->size <= u->buffer.max
			       ? NULL
			       : hm_fail(cx, HM_LIMIT, "configuration file \"%.*s\" of %llu bytes",
					 HM_FMT(u->listed), (unsigned long long)e->size);
	}
	u->into_layer = e->type == TAR_FILE;
	return repair_layer_put(cx, u->l, e);
}

/* ------------------------------------------------------------------ configuration files */

static const struct dpkg_conffile *old_conffile(const struct unpacking *u, struct hm_str path)
{
	for (size_t i = 0; i < u->old.n; i++)
		if (hm_eq(u->old.p[i].path, path))
			return &u->old.p[i];
	return NULL;
}

enum fate { FATE_INSTALL, FATE_KEEP, FATE_KEEP_AND_SHOW };

/* dpkg's table (src/main/configure.c) with the answers that it takes unasked: what somebody changed
 * is kept, and the new one is put beside it. */
static enum fate decide(bool was_there, bool same_package, bool same_disk, bool same_new)
{
	if (same_new)
		return FATE_KEEP;
	if (!was_there)
		return FATE_INSTALL;
	if (same_package)
		return FATE_KEEP;
	return same_disk ? FATE_INSTALL : FATE_KEEP_AND_SHOW;
}

static hm_err end_conffile(struct hm_cx *cx, struct unpacking *u)
{
	struct deb_conffile *new = conffile_at(u->deb, u->listed);
	const struct dpkg_conffile *old = old_conffile(u, u->listed);
	const struct repair_node *disk = repair_root_at(&u->run->root, u->e.path);
	struct hm_str now = HM_STR("");
	HM_TRY(crypto_md5_hex(cx, hm_buf_str(&u->buffer), &new->md5));
	new->md5 = hm_dup(cx, new->md5);
	if (disk && disk->type == TAR_FILE && !disk->is_kept)
		return hm_fail(cx, HM_LIMIT,
			       "configuration file \"/%.*s\" of the image could not be compared",
			       HM_FMT(u->listed));
	if (disk && disk->type == TAR_FILE)
		HM_TRY(crypto_md5_hex(cx, disk->content, &now));
	/* A file that is new in the package, and is there all the same, is somebody's. */
	bool was_there = old || now.n;
	enum fate fate = decide(was_there, old && hm_eq(old->md5, new->md5),
				old && hm_eq(old->md5, now), hm_eq(now, new->md5));
	struct tar_entry e = u->e;
	if (fate == FATE_KEEP)
		return NULL;
	if (fate == FATE_KEEP_AND_SHOW) {
		e.path = hm_fmt(cx, "%.*s.dpkg-dist", HM_FMT(e.path));
		*hm_push(cx, &u->run->result->notes) =
			hm_fmt(cx,
			       "/%.*s was changed in the image: kept, the new one is beside it "
			       "(.dpkg-dist)",
			       HM_FMT(u->listed));
	} else if (disk) { /* dpkg keeps owner and mode of what is there */
		e.mode = disk->mode;
		e.uid = disk->uid;
		e.gid = disk->gid;
	}
	return repair_layer_file(cx, u->l, &e, hm_buf_str(&u->buffer));
}

/* ------------------------------------------------------------------ the flow */

static hm_err begin_entry(struct hm_cx *cx, struct unpacking *u, struct hm_cur *c)
{
	struct tar_entry e = { 0 };
	if (u->into_layer || u->into_buffer || !repair_record_entry(c, &u->part, &e))
		return damaged(cx);
	e.path = hm_dup(cx, e.path);
	e.link = hm_dup(cx, e.link);
	u->e = e;
	u->listed = e.path;
	return u->part == RECORD_CONTROL ? begin_control(u) : begin_file(cx, u);
}

static hm_err end_entry(struct hm_cx *cx, struct unpacking *u)
{
	bool buffered = u->into_buffer;
	if (buffered && u->buffer.n != u->e.size)
		return damaged(cx);
	u->into_layer = u->into_buffer = false;
	if (u->part == RECORD_CONTROL)
		return buffered ? end_control(cx, u) : NULL;
	return buffered ? end_conffile(cx, u) : NULL;
}

/* Bytes of the entry that is open: those at hand, behind the record's kind, and the others. */
static hm_err add_bytes(struct hm_cx *cx, struct unpacking *u, const struct repair_said *said)
{
	struct hm_str bytes = hm_from(said->bytes, 1);
	if (u->into_buffer)
		hm_buf_add(&u->buffer, bytes);
	if (u->into_buffer && said->rest.n)
		return repair_stored_bytes(cx, said->rest, &u->buffer);
	if (!u->into_layer)
		return NULL;
	HM_TRY(repair_layer_add(cx, u->l, bytes));
	return said->rest.n ? repair_layer_add_stored(cx, u->l, said->rest) : NULL;
}

static hm_err on_record(struct hm_cx *cx, void *arg, const struct repair_said *said)
{
	struct unpacking *u = arg;
	struct hm_cur c = hm_cur(said->bytes);
	switch ((char)hm_le(&c, 1)) {
	case RECORD_ENTRY:
		return begin_entry(cx, u, &c);
	case RECORD_DATA:
		return add_bytes(cx, u, said);
	case RECORD_END:
		return end_entry(cx, u);
	default:
		return damaged(cx);
	}
}

/* The package is what the index said it is. */
static hm_err check_identity(struct hm_cx *cx, const struct repair_change *c, const struct deb *deb)
{
	for (size_t i = 0; i < deb->controls.n; i++) {
		struct stanza s = { 0 };
		struct hm_str text = deb->controls.p[i].bytes;
		if (!hm_eqz(deb->controls.p[i].name, "control"))
			continue;
		if (stanza_next(cx, &text, &s) && hm_eq(stanza_get(&s, "Package"), c->name) &&
		    hm_eq(stanza_get(&s, "Version"), c->to) &&
		    hm_eq(stanza_get(&s, "Architecture"), c->arch))
			return NULL;
		return hm_fail(cx, HM_TRUST, "it is \"%.*s\" %.*s inside",
			       HM_FMT(stanza_get(&s, "Package")),
			       HM_FMT(stanza_get(&s, "Version")));
	}
	return hm_fail(cx, HM_INPUT, "it has no control file");
}

hm_err repair_deb_unpack(struct hm_cx *cx, const struct dpkg_at *at, const struct repair_change *c,
			 struct repair_ahead *ahead, struct deb *out)
{
	HM_CLEANUP(unpacking_done)
	struct unpacking u = { .at = at,
			       .run = at->run,
			       .d = at->d,
			       .l = at->l,
			       .c = c,
			       .deb = out,
			       .buffer = HM_BUF(HM_MAX_REPAIR_FILE) };
	const struct dpkg_package *old = repair_dpkg_find(at->d, c->name, c->arch);
	size_t i = (size_t)(c - at->run->result->changes.p);
	if (old)
		repair_dpkg_conffiles(cx, old, &u.old);
	u.l->is_package = true;
	HM_TRY(repair_ahead_take(cx, ahead, i, on_record, &u));
	return check_identity(cx, c, out);
}
