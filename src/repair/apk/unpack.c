/* SPDX-License-Identifier: Apache-2.0 */
/* A package's files into the layer, as apk puts them into a system. */
#include <unistd.h>

#include "base/worker_flow.h"
#include "repair/apk/apk.h"
#include "repair/records.h"

struct unpacking {
	const struct apk_at *at;
	struct apk_unpacked *out;
	struct hm_str name;
	int fd;
	uint64_t data, size; /* where its files begin, and end */
	bool checked;        /* the digest of them */
	/* The entry that is open. */
	char part;
	struct tar_entry e;
	struct apk_file file;
	bool into_layer, into_buffer;
	struct hm_buf buffer;
	struct crypto_hash hash; /* SHA-1 */
	struct hm_map sums;      /* of files of the package, by their place */
};

static void unpacking_done(struct unpacking *u)
{
	hm_buf_done(&u->buffer);
	crypto_hash_done(&u->hash);
}

static hm_err damaged(struct hm_cx *cx)
{
	return hm_fail(cx, HM_INPUT, "its reader answered in no known form");
}

static struct hm_str sum_of(struct hm_cx *cx, struct unpacking *u, struct hm_str bytes)
{
	crypto_hash_add(&u->hash, bytes);
	return repair_apk_checksum(cx, &u->hash);
}

/* ------------------------------------------------------------------ the control part */

static hm_err end_control(struct hm_cx *cx, struct unpacking *u)
{
	struct hm_str bytes = hm_dup(cx, hm_buf_str(&u->buffer));
	if (hm_eqz(u->e.path, ".PKGINFO")) {
		if (u->out->info.n)
			return hm_fail(cx, HM_INPUT, "it has two .PKGINFO");
		u->out->info = bytes;
	} else if (hm_starts(u->e.path, HM_STR(".")) && hm_find_char(u->e.path, '/') == SIZE_MAX) {
		*hm_push(cx, &u->out->scripts) = (struct apk_script){ u->e.path, bytes };
	} else {
		return hm_fail(cx, HM_INPUT, "\"%.*s\" among its control files", HM_FMT(u->e.path));
	}
	return NULL;
}

/* Before the first of its files counts for anything. */
static hm_err check_data(struct hm_cx *cx, struct unpacking *u)
{
	CRYPTO_AUTO_HASH h = { 0 };
	struct hm_str want = repair_apk_info(cx, u->out->info, "datahash");
	if (u->checked)
		return NULL;
	crypto_hash_start(&h, CRYPTO_SHA256);
	HM_TRY(repair_apk_hash(cx, u->fd, u->data, u->size, &h));
	struct hm_str have = hm_from(crypto_hash_text(cx, &h), strlen("sha256:"));
	u->checked = true;
	if (hm_eq(have, want))
		return NULL;
	return hm_fail(cx, HM_TRUST,
		       "its files are not those that its signed description names: SHA-256 %.*s, "
		       "not %.*s",
		       HM_FMT(have), HM_FMT(want));
}

/* ------------------------------------------------------------------ its files */

static void set_owner(const struct unpacking *u, struct tar_entry *e)
{
	uint32_t id;
	if (repair_root_user(&u->at->run->root, e->user, &id))
		e->uid = id;
	if (repair_root_group(&u->at->run->root, e->group, &id))
		e->gid = id;
}

/* A program that runs as somebody else must have done so before. */
static hm_err check_privileges(struct hm_cx *cx, const struct unpacking *u,
			       const struct tar_entry *e)
{
	const struct repair_node *n = repair_root_at(&u->at->run->root, e->path);
	uint32_t special = e->type == TAR_FILE ? e->mode & 06000 : 0;
	if ((special & ~(n ? n->mode : 0)) == 0)
		return NULL;
	return hm_fail(cx, HM_DENIED,
		       "\"/%.*s\" would run with the rights of its %s, as it did not before",
		       HM_FMT(e->path), special & 04000 ? "owner" : "group");
}

/* Whose file it was: only one whose package is replaced here, too, gives it away. */
static hm_err check_owner(struct hm_cx *cx, const struct unpacking *u, struct hm_str path)
{
	const struct hm_str *owner = hm_map_get(&u->at->db->owners, path);
	if (!owner || hm_eq(*owner, u->name))
		return NULL;
	const struct repair_changes *c = &u->at->run->result->changes;
	for (size_t i = 0; i < c->n; i++)
		if (hm_eq(c->p[i].name, *owner))
			return NULL;
	return hm_fail(cx, HM_DENIED, "\"/%.*s\" belongs to the package \"%.*s\"", HM_FMT(path),
		       HM_FMT(*owner));
}

static hm_err is_folder_there(struct hm_cx *cx, const struct unpacking *u,
			      const struct tar_entry *e, bool *out)
{
	struct hm_str at;
	HM_TRY(repair_root_target(cx, &u->at->run->root, e->path, &at));
	const struct repair_node *n = repair_root_at(&u->at->run->root, at);
	*out = n && n->type == TAR_DIR;
	return NULL;
}

/* The checksum that apk's records have of what was installed at this path. */
static struct hm_str recorded_sum(const struct unpacking *u, struct hm_str path)
{
	const struct hm_str *owner = hm_map_get(&u->at->db->owners, path);
	const struct apk_package *p = owner ? repair_apk_db_find(u->at->db, *owner) : NULL;
	for (size_t k = 0; p && k < 2; k++) {
		const struct apk_files *files = k ? &p->old : &p->files;
		for (size_t i = 0; i < files->n; i++)
			if (!files->p[i].is_dir && hm_eq(files->p[i].path, path))
				return files->p[i].csum;
	}
	return HM_STR("");
}

static const struct repair_node *protected_node(const struct unpacking *u, struct hm_str place)
{
	const struct repair_node *n = repair_root_at(&u->at->run->root, place);
	char kind = repair_apk_protect(u->at->protected, u->file.path);
	if (!n || n->type == TAR_DIR || kind == '-' || (kind == '@' && n->type != TAR_SYMLINK))
		return NULL;
	return n;
}

enum fate { FATE_INSTALL, FATE_KEEP, FATE_KEEP_AND_SHOW };

static hm_err decide(struct hm_cx *cx, struct unpacking *u, struct hm_str new, enum fate *out)
{
	const struct repair_node *n = protected_node(u, u->e.path);
	*out = FATE_INSTALL;
	if (!n)
		return NULL;
	if (n->type == TAR_FILE && !n->is_kept)
		return hm_fail(cx, HM_LIMIT, "\"/%.*s\" of the image could not be compared",
			       HM_FMT(u->file.path));
	struct hm_str now = sum_of(cx, u, n->type == TAR_FILE ? n->content : n->link);
	bool always = repair_apk_protect(u->at->protected, u->file.path) == '!';
	if (hm_eq(now, new))
		*out = FATE_KEEP;
	else if (always || !hm_eq(now, recorded_sum(u, u->file.path)))
		*out = FATE_KEEP_AND_SHOW;
	return NULL;
}

static void put_beside(struct hm_cx *cx, struct unpacking *u, struct tar_entry *e, enum fate fate)
{
	if (fate != FATE_KEEP_AND_SHOW)
		return;
	e->path = hm_fmt(cx, "%.*s.apk-new", HM_FMT(e->path));
	*hm_push(cx, &u->at->run->result->notes) =
		hm_fmt(cx,
		       "/%.*s was changed in the image: kept, the new one is beside it "
		       "(.apk-new)",
		       HM_FMT(u->file.path));
}

static void add_file(struct hm_cx *cx, struct unpacking *u)
{
	struct apk_file *f = hm_new(cx, struct apk_file, 1);
	*f = u->file;
	*hm_push(cx, &u->out->files) = u->file;
	hm_map_put(cx, &u->sums, u->file.path, f);
}

static hm_err begin_folder(struct hm_cx *cx, struct unpacking *u)
{
	bool there;
	u->file.is_dir = true;
	add_file(cx, u);
	HM_TRY(is_folder_there(cx, u, &u->e, &there));
	return there ? NULL : repair_layer_put(cx, u->at->l, &u->e);
}

static hm_err begin_hard_link(struct hm_cx *cx, struct unpacking *u)
{
	const struct apk_file *to = hm_map_get(&u->sums, u->e.link);
	struct hm_str place;
	HM_TRY(repair_root_place(cx, &u->at->run->root, u->e.link, &place));
	if (!to || to->is_dir || !repair_layer_has(u->at->l, place))
		return hm_fail(cx, HM_INPUT, "\"%.*s\" is a hard link to nothing of the package",
			       HM_FMT(u->file.path));
	u->e.link = place;
	struct hm_str path = u->file.path;
	u->file = *to;
	u->file.path = path;
	add_file(cx, u);
	return repair_layer_put(cx, u->at->l, &u->e);
}

static hm_err begin_symlink(struct hm_cx *cx, struct unpacking *u)
{
	enum fate fate;
	u->file.csum = sum_of(cx, u, u->e.link);
	add_file(cx, u);
	HM_TRY(decide(cx, u, u->file.csum, &fate));
	put_beside(cx, u, &u->e, fate);
	return fate == FATE_KEEP ? NULL : repair_layer_put(cx, u->at->l, &u->e);
}

static hm_err begin_file(struct hm_cx *cx, struct unpacking *u)
{
	struct tar_entry *e = &u->e;
	HM_TRY(check_data(cx, u));
	if (!e->path.n)
		return NULL;
	if (e->path.p[0] == '.')
		return hm_fail(cx, HM_INPUT, "\"%.*s\" among its files", HM_FMT(e->path));
	set_owner(u, e);
	u->file =
		(struct apk_file){ .path = e->path, .uid = e->uid, .gid = e->gid, .mode = e->mode };
	HM_TRY(repair_root_place(cx, &u->at->run->root, e->path, &e->path));
	if (e->type == TAR_DIR)
		return begin_folder(cx, u);
	HM_TRY(check_owner(cx, u, u->file.path));
	if (e->type == TAR_HARDLINK)
		return begin_hard_link(cx, u);
	if (e->type == TAR_SYMLINK)
		return begin_symlink(cx, u);
	HM_TRY(check_privileges(cx, u, e));
	u->into_buffer = protected_node(u, e->path) != NULL;
	u->into_layer = !u->into_buffer;
	hm_buf_clear(&u->buffer);
	if (u->into_buffer && e->size > u->buffer.max)
		return hm_fail(cx, HM_LIMIT, "\"%.*s\" of %llu bytes", HM_FMT(u->file.path),
			       (unsigned long long)e->size);
	return u->into_layer ? repair_layer_put(cx, u->at->l, e) : NULL;
}

static hm_err end_file(struct hm_cx *cx, struct unpacking *u, bool buffered)
{
	enum fate fate;
	u->file.csum = repair_apk_checksum(cx, &u->hash);
	add_file(cx, u);
	if (!buffered)
		return NULL;
	HM_TRY(decide(cx, u, u->file.csum, &fate));
	put_beside(cx, u, &u->e, fate);
	return fate == FATE_KEEP ? NULL
				 : repair_layer_file(cx, u->at->l, &u->e, hm_buf_str(&u->buffer));
}

/* ------------------------------------------------------------------ the flow */

static hm_err begin_entry(struct hm_cx *cx, struct unpacking *u, struct hm_cur *c)
{
	struct tar_entry e = { 0 };
	if (u->into_layer || u->into_buffer || !repair_record_entry(c, &u->part, &e))
		return damaged(cx);
	e.path = hm_dup(cx, e.path);
	e.link = hm_dup(cx, e.link);
	e.user = hm_dup(cx, e.user);
	e.group = hm_dup(cx, e.group);
	u->e = e;
	if (u->part == RECORD_FILES)
		return begin_file(cx, u);
	/* All of the control part comes first. */
	u->into_buffer = e.type == TAR_FILE;
	hm_buf_clear(&u->buffer);
	return u->checked ? damaged(cx) : NULL;
}

static hm_err end_entry(struct hm_cx *cx, struct unpacking *u)
{
	bool buffered = u->into_buffer, open = buffered || u->into_layer;
	if (!open || (buffered && u->buffer.n != u->e.size) || (u->into_layer && u->at->l->left))
		return damaged(cx);
	u->into_layer = u->into_buffer = false;
	return u->part == RECORD_CONTROL ? end_control(cx, u) : end_file(cx, u, buffered);
}

static hm_err add_data(struct hm_cx *cx, struct unpacking *u, struct hm_str bytes)
{
	if (u->part == RECORD_FILES)
		crypto_hash_add(&u->hash, bytes);
	if (u->into_buffer)
		hm_buf_add(&u->buffer, bytes);
	return u->into_layer ? repair_layer_add(cx, u->at->l, bytes) : NULL;
}

static hm_err on_record(struct hm_cx *cx, void *arg, struct hm_str record)
{
	struct unpacking *u = arg;
	struct hm_cur c = hm_cur(record);
	switch ((char)hm_le(&c, 1)) {
	case RECORD_ENTRY:
		return begin_entry(cx, u, &c);
	case RECORD_DATA:
		return add_data(cx, u, hm_from(record, 1));
	case RECORD_END:
		return end_entry(cx, u);
	default:
		return damaged(cx);
	}
}

static hm_err on_read(struct hm_cx *cx, void *arg, char *room, size_t n, size_t *out_n)
{
	struct unpacking *u = arg;
	return stream_read_fd(cx, &u->fd, room, n, out_n);
}

/* The control part is the one that the signed index names. */
static hm_err check_control(struct hm_cx *cx, int fd, struct hm_str index, uint64_t from,
			    uint64_t to)
{
	CRYPTO_AUTO_HASH h = { 0 };
	struct hm_str want = repair_apk_field(index, 'C');
	crypto_hash_start(&h, CRYPTO_SHA1);
	HM_TRY(repair_apk_hash(cx, fd, from, to, &h));
	struct hm_str have = repair_apk_checksum(cx, &h);
	return hm_eq(have, want)
		       ? NULL
		       : hm_fail(cx, HM_TRUST,
				 "it is not the package that the signed index names: checksum "
				 "%.*s, not %.*s",
				 HM_FMT(have), HM_FMT(want));
}

static hm_err check_identity(struct hm_cx *cx, const struct apk_unpacked *p)
{
	struct hm_str name = repair_apk_info(cx, p->info, "pkgname");
	struct hm_str version = repair_apk_info(cx, p->info, "pkgver");
	if (hm_eq(name, repair_apk_field(p->index, 'P')) &&
	    hm_eq(version, repair_apk_field(p->index, 'V')))
		return NULL;
	return hm_fail(cx, HM_TRUST, "it is \"%.*s\" %.*s inside", HM_FMT(name), HM_FMT(version));
}

hm_err repair_apk_unpack(struct hm_cx *cx, const struct apk_at *at, int fd, struct apk_unpacked *p)
{
	HM_CLEANUP(unpacking_done)
	struct unpacking u = { .at = at,
			       .out = p,
			       .name = repair_apk_field(p->index, 'P'),
			       .fd = fd,
			       .buffer = HM_BUF(HM_MAX_REPAIR_FILE) };
	HM_AUTO_WORKER w = { .in = -1, .out = -1 };
	HM_AUTO_BUF args = HM_BUF(16);
	struct hm_flow flow = { on_read, on_record, &u };
	struct apk_members m;
	struct hm_str none;
	crypto_hash_start(&u.hash, CRYPTO_SHA1);
	HM_TRY(repair_apk_members(cx, fd, &m));
	uint64_t control = m.names.n ? m.first : 0;
	u.data = m.names.n ? m.second : m.first;
	u.size = m.size;
	if (!u.data)
		return hm_fail(cx, HM_INPUT, "it has not the parts of a package");
	HM_TRY(check_control(cx, fd, p->index, control, u.data));
	if (lseek(fd, (off_t)control, SEEK_SET) < 0)
		return hm_fail_os(cx, "could not read a temporary file");
	hm_buf_le(&args, u.data - control, 8);
	HM_TRY(hm_worker_start(cx, REPAIR_APK_PACKAGE_JOB, hm_buf_str(&args), 0, &w));
	HM_TRY(hm_worker_flow(cx, &w, &flow, &none));
	HM_TRY(check_data(cx, &u));
	return check_identity(cx, p);
}
