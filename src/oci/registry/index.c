/* SPDX-License-Identifier: Apache-2.0 */
/*
 * index.json of a repository, between the file and the tables. A row of `entry` has the generation
 * of its last change: what is newer than `written` is not in the file yet. So when somebody else
 * has written the file, the rows are its entries, without those that were removed since
 * (`gone`), and with those that were added.
 */
#include "oci/registry/registry.h"

#include <sys/stat.h>

enum { INDEX_BUDGET = 512 * 1024 * 1024, WRITE_CHUNK = 256 * 1024, LOCK_SECONDS = 30 };

static char *index_path(struct hm_cx *cx, const struct oci_registry *r, struct hm_str name)
{
	return hm_path(cx, oci_registry_repo_path(cx, r, name), "index.json");
}

bool oci_registry_stamp(const struct oci_registry *r, struct hm_str name, int64_t out[3])
{
	char path[4096];
	struct stat st;
	/* what is too long is none */
	if (!hm_fmt_room(path, sizeof(path), "%s/%.*s/index.json", r->repos_dir, HM_FMT(name)) ||
	    stat(path, &st) < 0)
		return false;
	out[0] = (int64_t)st.st_mtim.tv_sec * HM_SECOND + st.st_mtim.tv_nsec;
	out[1] = (int64_t)st.st_ino;
	out[2] = (int64_t)st.st_size;
	return true;
}

/* --- reading --- */

struct pending {
	struct hm_str raw;
	int64_t generation;
};

struct reading {
	struct registry_rows rows;
	struct layout_index x;
	struct hm_map known, gone, there; /* digests that have a row; keys of digest and name */
	struct registry_entry *p;         /* manifests that have none yet */
	size_t n, cap;
	struct {
		struct pending *p;
		size_t n, cap;
	} pending;
};

static struct hm_str entry_key(struct hm_cx *cx, struct hm_str digest, struct hm_str name)
{
	/* a digest has no space in it */
	return hm_fmt(cx, "%.*s %.*s", HM_FMT(digest), HM_FMT(name));
}

static hm_err read_known(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	struct reading *in = arg;
	hm_map_put(cx, &in->known, hm_dup(cx, row[0].text), in);
	return NULL;
}

static hm_err read_gone(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	struct reading *in = arg;
	hm_map_put(cx, &in->gone, entry_key(cx, row[0].text, row[1].text), in);
	return NULL;
}

static hm_err read_pending(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	struct reading *in = arg;
	*hm_push(cx, &in->pending) = (struct pending){ hm_dup(cx, row[0].text), row[1].number };
	return NULL;
}

/* What the manifests tell is read before the transaction: there may be many. */
static hm_err read_new_manifests(struct hm_cx *cx, struct reading *in)
{
	struct oci_registry *r = in->rows.r;
	STORE_AUTO_USE use = NULL;
	HM_TRY(store_begin(cx, r->tables, STORE_READ, &use));
	HM_TRY(store_run(cx, use, "SELECT digest FROM manifest WHERE repository = $1",
			 STORE_VALUES(store_int(in->rows.s.id)), read_known, in));
	store_end(&use);
	for (size_t i = 0; i < in->x.n; i++) {
		const struct oci_descriptor *d = &in->x.p[i].d;
		if (hm_map_has(&in->known, d->digest))
			continue;
		hm_map_put(cx, &in->known, d->digest, in);
		struct registry_entry *e = hm_push(cx, in);
		*e = (struct registry_entry){ .d = *d };
		oci_registry_read_facts(cx, r, in->rows.name, e);
	}
	return NULL;
}

/* The file's entries instead of those that were in it before. */
static hm_err replace_entries(struct hm_cx *cx, struct reading *in)
{
	struct registry_rows *rows = &in->rows;
	struct store_value id = store_int(rows->s.id), written = store_int(rows->s.written);
	HM_TRY(store_run(cx, rows->use,
			 "SELECT raw, generation FROM entry WHERE repository = $1 "
			 "AND generation > $2 ORDER BY id",
			 STORE_VALUES(id, written), read_pending, in));
	HM_TRY(store_run(cx, rows->use,
			 "SELECT digest, name FROM gone WHERE repository = $1 AND generation > $2",
			 STORE_VALUES(id, written), read_gone, in));
	HM_TRY(store_run(cx, rows->use, "DELETE FROM entry WHERE repository = $1", STORE_VALUES(id),
			 NULL, NULL));
	rows->s.entries = rows->s.bytes = 0;
	for (size_t i = 0; i < in->x.n; i++) {
		const struct layout_entry *e = &in->x.p[i];
		struct hm_str key = entry_key(cx, e->d.digest, e->name);
		if (hm_map_has(&in->gone, key))
			continue;
		hm_map_put(cx, &in->there, key, in);
		HM_TRY(oci_registry_add_entry(cx, rows, e, rows->s.written));
	}
	return NULL;
}

static hm_err add_pending(struct hm_cx *cx, struct reading *in)
{
	for (size_t i = 0; i < in->pending.n; i++) {
		struct json doc;
		struct layout_entry e;
		HM_TRY(json_parse(cx, in->pending.p[i].raw, JSON_STRICT, &doc));
		HM_TRY(oci_layout_entry_parse(cx, doc, &e));
		if (!hm_map_has(&in->there, entry_key(cx, e.d.digest, e.name)))
			HM_TRY(oci_registry_add_entry(cx, &in->rows, &e,
						      in->pending.p[i].generation));
	}
	return NULL;
}

static hm_err save_reading(struct hm_cx *cx, struct reading *in)
{
	struct registry_rows *rows = &in->rows;
	struct hm_str tail;
	HM_TRY(oci_layout_tail_format(cx, &in->x, &tail));
	STORE_AUTO_USE use = NULL;
	HM_TRY(store_begin(cx, rows->r->tables, STORE_WRITE, &use));
	rows->use = use;
	if (!rows->s.id)
		HM_TRY(oci_registry_save_state(cx, rows, tail));
	HM_TRY(replace_entries(cx, in));
	HM_TRY(add_pending(cx, in));
	for (size_t i = 0; i < in->n; i++)
		HM_TRY(oci_registry_add_manifest(cx, rows, &in->p[i]));
	HM_TRY(store_run(cx, use,
			 "DELETE FROM manifest WHERE repository = $1 AND NOT EXISTS (SELECT 1 "
			 "FROM entry WHERE entry.repository = manifest.repository "
			 "AND entry.digest = manifest.digest)",
			 STORE_VALUES(store_int(rows->s.id)), NULL, NULL));
	rows->s.generation++;
	if (!in->pending.n && !in->gone.n)
		rows->s.written = rows->s.generation;
	HM_TRY(oci_registry_save_state(cx, rows, tail));
	return store_commit(cx, use);
}

static hm_err read_index(struct hm_cx *cx, struct reading *in)
{
	struct hm_str bytes;
	/* looked at before it is read: a change between the two makes the rows old, not wrong */
	if (!oci_registry_stamp(in->rows.r, in->rows.name, in->rows.s.stamp))
		return hm_fail(cx, HM_ABSENT, "no such repository");
	HM_TRY(hm_read_file(cx, index_path(cx, in->rows.r, in->rows.name), HM_MAX_LAYOUT_INDEX,
			    &bytes));
	HM_TRY(oci_layout_index_parse(cx, bytes, &in->x));
	HM_TRY(read_new_manifests(cx, in));
	return save_reading(cx, in);
}

hm_err oci_registry_read_index(struct hm_cx *cx, struct oci_registry *r, struct registry_repo *repo)
{
	HM_AUTO_CX own = HM_CX(INDEX_BUDGET);
	struct reading in = {
		.rows = { .r = r, .name = repo->name, .s = oci_registry_state(r, repo) }
	};
	hm_err err = read_index(&own, &in);
	if (err && err->code == HM_ABSENT)
		return hm_fault_copy(cx, err);
	if (err)
		return hm_wrap(cx, hm_fault_copy(cx, err), "repository \"%.*s\"",
			       HM_FMT(repo->name));
	pthread_mutex_lock(&r->lock);
	repo->state = in.rows.s;
	pthread_mutex_unlock(&r->lock);
	return NULL;
}

/* --- writing --- */

struct writing {
	struct hm_newfile file;
	struct hm_buf out;
	struct hm_str tail;
	int64_t generation;
	bool any;
};

static hm_err write_out(struct hm_cx *cx, struct writing *w)
{
	struct hm_str bytes;
	HM_TRY(hm_buf_end(cx, &w->out, "index.json", &bytes));
	HM_TRY(hm_write_all(cx, w->file.fd, w->file.path, bytes));
	hm_buf_clear(&w->out);
	return NULL;
}

static hm_err put_raw(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	struct writing *w = arg;
	if (w->any)
		hm_buf_char(&w->out, ',');
	w->any = true;
	hm_buf_add(&w->out, row[0].text);
	return w->out.n < WRITE_CHUNK ? NULL : write_out(cx, w);
}

static hm_err read_head(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	struct writing *w = arg;
	w->generation = row[0].number;
	w->tail = hm_dup(cx, row[1].text);
	return NULL;
}

static hm_err write_file(struct hm_cx *cx, struct oci_registry *r, int64_t id, struct writing *w)
{
	STORE_AUTO_USE use = NULL;
	HM_TRY(store_begin(cx, r->tables, STORE_READ, &use));
	HM_TRY(store_run(cx, use, "SELECT generation, tail FROM repository WHERE id = $1",
			 STORE_VALUES(store_int(id)), read_head, w));
	hm_buf_addz(&w->out, OCI_LAYOUT_HEAD);
	HM_TRY(store_run(cx, use, "SELECT raw FROM entry WHERE repository = $1 ORDER BY id",
			 STORE_VALUES(store_int(id)), put_raw, w));
	hm_buf_add(&w->out, w->tail);
	HM_TRY(write_out(cx, w));
	return hm_newfile_commit(cx, &w->file);
}

/* If this is lost with the power, the file is taken for somebody else's and read: it says the
 * same. */
static hm_err save_written(struct hm_cx *cx, struct oci_registry *r, const struct registry_state *s)
{
	STORE_AUTO_USE use = NULL;
	HM_TRY(store_begin(cx, r->tables, STORE_WRITE_LAZY, &use));
	HM_TRY(store_run(cx, use,
			 "UPDATE repository SET written = $1, modified = $2, inode = $3, size = $4 "
			 "WHERE id = $5",
			 STORE_VALUES(store_int(s->written), store_int(s->stamp[0]),
				      store_int(s->stamp[1]), store_int(s->stamp[2]),
				      store_int(s->id)),
			 NULL, NULL));
	HM_TRY(store_run(cx, use, "DELETE FROM gone WHERE repository = $1 AND generation <= $2",
			 STORE_VALUES(store_int(s->id), store_int(s->written)), NULL, NULL));
	return store_commit(cx, use);
}

static hm_err write_index(struct hm_cx *cx, struct oci_registry *r, struct registry_repo *repo,
			  struct registry_state *s, bool *out_foreign)
{
	int64_t stamp[3];
	HM_AUTO_FD lock = -1;
	const char *folder = oci_registry_repo_path(cx, r, repo->name);
	/* threads queue at the mutex, processes (a push into the layout by a path) at the file */
	HM_TRY(hm_lock(cx, hm_path(cx, folder, "oci-layout"), &lock));
	*out_foreign = !oci_registry_stamp(r, repo->name, stamp) ||
		       memcmp(stamp, s->stamp, sizeof(stamp)) != 0;
	if (*out_foreign)
		return NULL;
	struct writing w = { .out = HM_BUF(HM_MAX_LAYOUT_INDEX), .file = { .fd = -1 } };
	hm_err err = hm_newfile_open(cx, index_path(cx, r, repo->name), 0644, &w.file);
	if (!err)
		err = write_file(cx, r, s->id, &w);
	hm_newfile_done(&w.file);
	hm_buf_done(&w.out);
	HM_TRY(err);
	s->written = w.generation;
	if (!oci_registry_stamp(r, repo->name, s->stamp))
		return hm_fail(cx, HM_ABSENT, "index.json is gone again");
	return save_written(cx, r, s);
}

hm_err oci_registry_write_index(struct hm_cx *cx, struct oci_registry *r,
				struct registry_repo *repo, bool *out_foreign)
{
	struct registry_state s = oci_registry_state(r, repo);
	HM_AUTO_CX own = HM_CX(INDEX_BUDGET);
	own.deadline = hm_mono() + LOCK_SECONDS * HM_SECOND;
	hm_err err = write_index(&own, r, repo, &s, out_foreign);
	if (err)
		return hm_wrap(cx, hm_fault_copy(cx, err), "repository \"%.*s\"",
			       HM_FMT(repo->name));
	pthread_mutex_lock(&r->lock);
	repo->state.written = s.written;
	memcpy(repo->state.stamp, s.stamp, sizeof(s.stamp));
	pthread_mutex_unlock(&r->lock);
	return NULL;
}

hm_err oci_registry_settle_index(struct hm_cx *cx, struct oci_registry *r,
				 struct registry_repo *repo)
{
	enum { TRIES = 4 };
	hm_err err = NULL;
	bool foreign = true;
	pthread_mutex_lock(&repo->filing);
	for (int i = 0; i < TRIES && foreign && !err; i++) {
		err = oci_registry_write_index(cx, r, repo, &foreign);
		if (!err && foreign)
			err = oci_registry_read_index(cx, r, repo);
	}
	pthread_mutex_unlock(&repo->filing);
	if (!err && foreign)
		err = hm_fail(cx, HM_BUSY, "somebody else keeps writing index.json");
	return err;
}

hm_err oci_registry_forget(struct hm_cx *cx, struct oci_registry *r, struct registry_repo *repo)
{
	static const char *const rows[] = { "DELETE FROM entry WHERE repository = $1",
					    "DELETE FROM manifest WHERE repository = $1",
					    "DELETE FROM gone WHERE repository = $1",
					    "DELETE FROM repository WHERE id = $1" };
	struct registry_state s = oci_registry_state(r, repo);
	STORE_AUTO_USE use = NULL;
	HM_TRY(store_begin(cx, r->tables, STORE_WRITE, &use));
	for (size_t i = 0; i < HM_LEN(rows); i++)
		HM_TRY(store_run(cx, use, rows[i], STORE_VALUES(store_int(s.id)), NULL, NULL));
	HM_TRY(store_commit(cx, use));
	pthread_mutex_lock(&r->lock);
	/* what was seen of it must not be taken for what comes: the count goes on */
	repo->state = (struct registry_state){ .generation = s.generation + 1,
					       .written = s.generation + 1 };
	pthread_mutex_unlock(&r->lock);
	return NULL;
}
