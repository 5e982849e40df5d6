/* SPDX-License-Identifier: Apache-2.0 */
/* Packages into the layer, and rpm's database. */
#include <unistd.h>

#include "base/worker.h"
#include "repair/rpm/rpm.h"
#include "repair/rpm/write.h"

enum { STEP = 256 * 1024 };

static void at_done(struct rpm_at *at)
{
	for (size_t i = 0; i < at->changes.n; i++)
		hm_close_fd(&at->changes.p[i].f.fd);
	hm_close_fd(&at->spool);
}

/* ------------------------------------------------------------------ packages */

/* Payloads wait for each other: a descriptor for each would be too many. */
static hm_err spool(struct hm_cx *cx, struct rpm_at *at, struct rpm_fetched *f)
{
	struct hm_mark mark = hm_mark(cx);
	char *room = hm_new(cx, char, STEP);
	off_t end = lseek(at->spool, 0, SEEK_END);
	if (end < 0)
		return hm_fail_os(cx, "could not read a temporary file");
	f->spooled = (uint64_t)end;
	for (uint64_t from = f->payload; from < f->size;) {
		size_t n = f->size - from < STEP ? (size_t)(f->size - from) : STEP;
		HM_TRY(repair_rpm_read_at(cx, f->fd, from, room, n));
		HM_TRY(hm_write_all(cx, at->spool, "a temporary file", hm_bytes(room, n)));
		from += n;
	}
	hm_close_fd(&f->fd);
	hm_release(cx, mark);
	return NULL;
}

/* "bash-5.2.15-1.fc38.src.rpm" */
static void set_source(struct repair_change *c, struct hm_str file)
{
	static const char end[] = ".src.rpm";
	struct hm_str s = file;
	c->source = c->name;
	c->source_version = c->to;
	if (!hm_ends(s, HM_STR(".src.rpm")))
		return;
	s.n -= sizeof(end) - 1;
	size_t release = hm_rfind_char(s, '-');
	size_t version = release == SIZE_MAX ? SIZE_MAX : hm_rfind_char(hm_sub(s, 0, release), '-');
	if (version == SIZE_MAX)
		return;
	c->source = hm_sub(s, 0, version);
	c->source_version = hm_from(s, version + 1);
}

/* The color of the transaction is that of the ones before it. */
static uint32_t color_of(const struct rpm_database *db, size_t old)
{
	if (old != SIZE_MAX)
		return db->packages.p[old].p.color;
	for (size_t i = 0; i < db->packages.n; i++)
		if (db->packages.p[i].p.color)
			return db->packages.p[i].p.color;
	return 0;
}

/* A list does not say which files a package has: the package of that version does, where the
 * repository still has it. */
static hm_err get_old(struct hm_cx *cx, struct rpm_at *at, const struct rpm_step *s, size_t old)
{
	struct rpm_installed *i = &at->db->packages.p[old];
	struct repair_change c = { .name = i->p.name,
				   .arch = s->arch,
				   .to = i->p.evr,
				   .path = s->old_path,
				   .sha256 = s->old_sha256,
				   .size = s->old_size };
	struct rpm_fetched f = { .fd = -1 };
	if (!s->old_path.n || s->old_repository >= at->repositories->n) {
		*hm_push(cx, &at->run->result->notes) =
			hm_fmt(cx,
			       "%.*s: the repository no longer has %.*s, so that files that it "
			       "alone had cannot be told: they stay",
			       HM_FMT(i->p.name), HM_FMT(i->p.evr));
		return NULL;
	}
	hm_err err = repair_path_check(cx, c.path);
	if (!err)
		err = repair_rpm_package(cx, at->run, &at->repositories->p[s->old_repository], &c,
					 &f);
	hm_close_fd(&f.fd);
	HM_TRY_IN(cx, err, "the installed version %.*s", HM_FMT(i->p.evr));
	i->p.files.p = f.p.files.p;
	i->p.files.n = f.p.files.n;
	i->p.digest_algorithm = f.p.digest_algorithm;
	return repair_rpm_own(cx, &at->run->root, at->db, old);
}

static hm_err get_package(struct hm_cx *cx, struct rpm_at *at, struct repair_change *change,
			  uint32_t from, const struct rpm_step *step)
{
	struct rpm_change c = { .change = change,
				.f.fd = -1,
				.repository = &at->repositories->p[from],
				.old = change->from.n ? repair_rpm_installed(at->db, change)
						      : SIZE_MAX,
				.removed = !change->to.n };
	if (c.old != SIZE_MAX)
		at->db->packages.p[c.old].gone = true;
	if (at->db->kind == RPM_MANIFEST && c.old != SIZE_MAX)
		HM_TRY(get_old(cx, at, step, c.old));
	struct rpm_change *own = hm_push(cx, &at->changes);
	*own = c;
	if (c.removed)
		return NULL;
	HM_TRY(repair_rpm_package(cx, at->run, c.repository, change, &own->f));
	own->f.p.color = color_of(at->db, c.old);
	set_source(change, own->f.p.source);
	return spool(cx, at, &own->f);
}

/* ------------------------------------------------------------------ the database */

static void put_frame(struct hm_buf *b, char kind, struct hm_str bytes)
{
	hm_buf_char(b, kind);
	hm_buf_le(b, bytes.n, 8);
	hm_buf_add(b, bytes);
}

/* When they were installed: no clock, so that two runs agree. */
static uint32_t install_time(const struct rpm_at *at)
{
	int64_t newest = 0;
	for (size_t i = 0; i < at->changes.n; i++)
		if (at->changes.p[i].f.p.build_time > newest)
			newest = at->changes.p[i].f.p.build_time;
	return newest > UINT32_MAX ? UINT32_MAX : (uint32_t)newest;
}

static void put_new(struct hm_buf *out, const struct rpm_change *c, uint32_t when)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_REPAIR_CONTROL * 3);
	const struct rpm_package *p = &c->f.p;
	hm_buf_le(&b, when, 4);
	hm_buf_le(&b, p->color, 4);
	hm_buf_counted(&b, c->f.signature_header);
	hm_buf_counted(&b, c->f.raw_header);
	hm_buf_uvarint(&b, p->files.n);
	for (size_t i = 0; i < p->files.n; i++)
		hm_buf_char(&b, (char)p->files.p[i].state);
	put_frame(out, RPM_WRITE_NEW, hm_buf_str(&b));
	out->over = out->over || b.over;
}

static hm_err ask_writer(struct hm_cx *cx, const struct rpm_at *at, struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_REPAIR_FILES);
	HM_AUTO_BUF args = HM_BUF(16);
	uint32_t when = install_time(at);
	struct hm_str question;
	put_frame(&b, RPM_WRITE_DATABASE, at->db->bytes);
	put_frame(&b, RPM_WRITE_WAL, at->db->wal);
	for (size_t i = 0; i < at->changes.n; i++) {
		HM_AUTO_BUF number = HM_BUF(8);
		hm_buf_le(&number, at->changes.p[i].old, 8);
		if (at->changes.p[i].old != SIZE_MAX)
			put_frame(&b, RPM_WRITE_REMOVE, hm_buf_str(&number));
		if (!at->changes.p[i].removed)
			put_new(&b, &at->changes.p[i], when);
	}
	HM_TRY(hm_buf_end(cx, &b, "the database and its changes", &question));
	hm_buf_char(&args, (char)at->db->kind);
	hm_buf_char(&args, hm_eqz(at->run->architecture, "s390x"));
	return hm_worker_run(cx, REPAIR_RPM_WRITE_JOB, hm_buf_str(&args), question, out);
}

static hm_err put_record(struct hm_cx *cx, const struct rpm_at *at, struct hm_str path,
			 struct hm_str bytes)
{
	struct tar_entry e = { .path = path, .mode = 0644, .mtime = at->l->newest };
	const struct repair_node *n = repair_root_at(&at->run->root, path);
	if (n) {
		e.mode = n->mode;
		e.uid = n->uid;
		e.gid = n->gid;
	}
	return repair_layer_file(cx, at->l, &e, bytes);
}

/* NDB has what is looked up in a file of its own. rpm makes it again where it is not there. */
static hm_err hide_index(struct hm_cx *cx, const struct rpm_at *at)
{
	struct hm_str path = hm_fmt(cx, "%.*s/Index.db", HM_FMT(hm_dirname(at->db->path)));
	if (repair_root_at(&at->run->root, path))
		*hm_push(cx, &at->run->result->notes) =
			hm_fmt(cx,
			       "/%.*s is left out: rpm makes it again when root asks it something",
			       HM_FMT(path));
	return repair_layer_hide(cx, at->l, path);
}

static hm_err put_manifests(struct hm_cx *cx, const struct rpm_at *at)
{
	uint32_t when = install_time(at);
	struct hm_str text,
		path = hm_fmt(cx, "%.*s/container-manifest-1", HM_FMT(hm_dirname(at->db->path)));
	const struct repair_node *n = repair_root_at(&at->run->root, path);
	HM_TRY(repair_rpm_manifest_format(cx, at, at->db->bytes, false, when, &text));
	HM_TRY(put_record(cx, at, at->db->path, text));
	if (!n || n->type != TAR_FILE || !n->is_kept)
		return NULL;
	HM_TRY(repair_rpm_manifest_format(cx, at, n->content, true, when, &text));
	return put_record(cx, at, path, text);
}

static hm_err put_database(struct hm_cx *cx, const struct rpm_at *at)
{
	struct hm_str bytes;
	if (at->db->kind == RPM_MANIFEST)
		return put_manifests(cx, at);
	HM_TRY_IN(cx, ask_writer(cx, at, &bytes), "\"%.*s\"", HM_FMT(at->db->path));
	HM_TRY(put_record(cx, at, at->db->path, bytes));
	if (at->db->kind == RPM_NDB)
		return hide_index(cx, at);
	if (!at->db->wal.n)
		return NULL;
	/* What was in the log is in the database now. */
	HM_TRY(put_record(cx, at, hm_fmt(cx, "%.*s-wal", HM_FMT(at->db->path)), HM_STR("")));
	return repair_layer_hide(cx, at->l, hm_fmt(cx, "%.*s-shm", HM_FMT(at->db->path)));
}

hm_err repair_rpm_apply(struct hm_cx *cx, struct repair_run *run, struct repair_layer *l)
{
	struct rpm_planned *planned = run->own;
	HM_CLEANUP(at_done)
	struct rpm_at at = { .run = run,
			     .db = &planned->db,
			     .repositories = &planned->repositories,
			     .l = l,
			     .spool = -1 };
	struct repair_changes *changes = &run->result->changes;
	if (at.db->kind == RPM_BDB)
		return hm_fail(cx, HM_DENIED,
			       "the database \"/%.*s\" is one of Berkeley DB, which rpm itself no "
			       "longer writes, nor does this: rebuild the image from a newer base",
			       HM_FMT(at.db->path));
	HM_TRY(hm_temp_fd(cx, &at.spool));
	for (size_t i = 0; i < changes->n; i++)
		HM_TRY_IN(cx,
			  get_package(cx, &at, &changes->p[i], planned->from.p[i],
				      &planned->old.p[i]),
			  "package \"%.*s\"", HM_FMT(changes->p[i].name));
	HM_TRY(repair_rpm_prepare(cx, &at));
	for (size_t i = 0; i < at.changes.n; i++)
		if (!at.changes.p[i].removed)
			HM_TRY_IN(cx, repair_rpm_unpack(cx, &at, &at.changes.p[i]),
				  "package \"%.*s\"", HM_FMT(at.changes.p[i].change->name));
	HM_TRY(repair_rpm_vanish(cx, &at));
	HM_TRY(repair_rpm_scripts(cx, &at));
	return put_database(cx, &at);
}
