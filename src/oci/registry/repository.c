/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/registry/registry.h"

#include <sys/stat.h>

enum { VIEW_BUDGET = 512 * 1024 * 1024, MANIFEST_BUDGET = 64 * 1024 * 1024 };
/* Bytes of one manifest's annotations that are kept in memory. */
enum { ANNOTATIONS_KEPT = 4096 };

/* What changes when the file is replaced. */
static bool look(const char *path, int64_t out[3])
{
	struct stat st;
	if (stat(path, &st) < 0)
		return false;
	out[0] = (int64_t)st.st_mtim.tv_sec * HM_SECOND + st.st_mtim.tv_nsec;
	out[1] = (int64_t)st.st_ino;
	out[2] = (int64_t)st.st_size;
	return true;
}

void oci_registry_view_drop(struct registry_view **v)
{
	if (!*v || atomic_fetch_sub(&(*v)->refs, 1) != 1)
		return;
	struct hm_cx cx = (*v)->cx;
	hm_cx_done(&cx);
}

static struct registry_repo *repo_of(struct oci_registry *r, struct hm_str name, bool make)
{
	struct registry_repo *repo = hm_map_get(&r->repos, name);
	if (repo || !make)
		return repo;
	repo = hm_new(&r->cx, struct registry_repo, 1);
	pthread_mutex_init(&repo->changing, NULL);
	hm_map_put(&r->cx, &r->repos, hm_dup(&r->cx, name), repo);
	return repo;
}

/* The view in memory, whatever its age; NULL: none. */
static struct registry_view *current(struct oci_registry *r, struct hm_str name)
{
	pthread_mutex_lock(&r->lock);
	struct registry_repo *repo = repo_of(r, name, false);
	struct registry_view *v = repo ? repo->view : NULL;
	if (v)
		atomic_fetch_add(&v->refs, 1);
	pthread_mutex_unlock(&r->lock);
	return v;
}

/* False: it is too long to be one. */
static bool index_path(char *room, size_t n, const struct oci_registry *r, struct hm_str name)
{
	return hm_fmt_room(room, n, "%s/%.*s/index.json", r->repos_dir, HM_FMT(name));
}

struct registry_view *oci_registry_view_peek(struct oci_registry *r, struct hm_str name)
{
	char path[4096];
	int64_t stamp[3];
	struct registry_view *v = current(r, name);
	if (v && index_path(path, sizeof(path), r, name) && look(path, stamp) &&
	    memcmp(stamp, v->stamp, sizeof(stamp)) == 0)
		return v;
	oci_registry_view_drop(&v);
	return NULL;
}

const struct registry_entry *oci_registry_view_find(const struct registry_view *v,
						    struct hm_str reference)
{
	return hm_map_get(hm_find_char(reference, ':') != SIZE_MAX ? &v->digests : &v->tags,
			  reference);
}

static int by_digest(const void *a, const void *b)
{
	const struct registry_entry *x = a, *y = b;
	return hm_cmp(x->d.digest, y->d.digest);
}

/* Anybody who may push decides how much there is: what is much stays where it is. */
static void keep_annotations(struct registry_view *v, const struct oci_annotations *from,
			     struct registry_entry *e)
{
	size_t n = 0;
	for (size_t i = 0; i < from->n; i++)
		n += sizeof(*from->p) + from->p[i].key.n + from->p[i].value.n;
	e->bulky = n > ANNOTATIONS_KEPT || hm_charge(&v->cx, n);
	if (!e->bulky)
		e->d.annotations = oci_annotations_copy(&v->cx, from);
}

static hm_err read_manifest(struct hm_cx *cx, const struct oci_registry *r, struct hm_str name,
			    const struct oci_descriptor *d, struct oci_manifest *out)
{
	struct hm_str bytes;
	HM_TRY(hm_read_file(cx, oci_registry_blob_path(cx, r, name, d->digest), HM_MAX_MANIFEST,
			    &bytes));
	return oci_manifest_parse(cx, bytes, d->media_type, out);
}

/* What only the manifest itself tells: its subject, type and annotations. A manifest that cannot be
 * read is listed without them. */
static void read_entry(struct oci_registry *r, struct hm_str name, struct registry_view *v,
		       struct registry_entry *e)
{
	HM_AUTO_CX cx = HM_CX(MANIFEST_BUDGET);
	struct oci_manifest m;
	if (read_manifest(&cx, r, name, &e->d, &m))
		return;
	e->subject = hm_dup(&v->cx, m.subject.digest);
	e->d.artifact_type = hm_dup(&v->cx, oci_manifest_artifact_type(&m));
	if (e->subject.n)
		keep_annotations(v, &m.annotations, e);
}

static void copy_entry(struct registry_view *v, const struct registry_entry *from,
		       struct registry_entry *e)
{
	e->subject = hm_dup(&v->cx, from->subject);
	e->d.artifact_type = hm_dup(&v->cx, from->d.artifact_type);
	keep_annotations(v, &from->d.annotations, e);
	e->bulky = e->bulky || from->bulky;
}

struct oci_descriptor oci_registry_referrer(struct hm_cx *cx, struct oci_registry *r,
					    struct hm_str name, const struct registry_entry *e)
{
	struct oci_manifest m;
	struct oci_descriptor d = { .media_type = e->d.media_type,
				    .digest = e->d.digest,
				    .size = e->d.size,
				    .artifact_type = e->d.artifact_type,
				    .annotations = e->d.annotations };
	if (e->bulky && !read_manifest(cx, r, name, &e->d, &m))
		d.annotations = m.annotations;
	return d;
}

static void fill(struct oci_registry *r, struct hm_str name, const struct registry_view *old,
		 struct registry_view *v, const struct layout_index *x)
{
	for (size_t i = 0; i < x->n; i++) {
		const struct oci_descriptor *d = &x->p[i].d;
		if (hm_map_has(&v->digests, d->digest))
			continue;
		struct registry_entry *e = hm_push(&v->cx, v);
		const struct registry_entry *known =
			old ? hm_map_get(&old->digests, d->digest) : NULL;
		*e = (struct registry_entry){ .d = *d };
		e->d.annotations = (struct oci_annotations){ 0 };
		if (known)
			copy_entry(v, known, e);
		else
			read_entry(r, name, v, e);
		hm_map_put(&v->cx, &v->digests, d->digest, e);
	}
	if (v->n)
		qsort(v->p, v->n, sizeof(*v->p), by_digest);
	/* now that the entries stay where they are */
	for (size_t i = 0; i < v->n; i++)
		hm_map_put(&v->cx, &v->digests, v->p[i].d.digest, &v->p[i]);
	for (size_t i = 0; i < x->n; i++) {
		struct hm_str tag = x->p[i].name;
		if (!oci_tag_is_valid(tag))
			continue;
		hm_map_put(&v->cx, &v->tags, tag, hm_map_get(&v->digests, x->p[i].d.digest));
		*hm_push(&v->cx, &v->names) = tag;
	}
	hm_strs_sort_unique(&v->names);
}

static hm_err build(struct oci_registry *r, struct hm_str name, const struct registry_view *old,
		    struct registry_view *v)
{
	char *path = hm_path(&v->cx, oci_registry_repo_path(&v->cx, r, name), "index.json");
	struct hm_str bytes;
	struct layout_index x;
	/* looked at before it is read: a change between the two makes the view old, not wrong */
	if (!look(path, v->stamp))
		return hm_fail(&v->cx, HM_ABSENT, "no such repository");
	HM_TRY(hm_read_file(&v->cx, path, HM_MAX_LAYOUT_INDEX, &bytes));
	HM_TRY(oci_layout_index_parse(&v->cx, bytes, &x));
	fill(r, name, old, v, &x);
	return NULL;
}

static struct registry_view *new_view(void)
{
	struct hm_cx cx = HM_CX(VIEW_BUDGET);
	struct registry_view *v = hm_new(&cx, struct registry_view, 1);
	v->cx = cx;
	atomic_store(&v->refs, 1);
	return v;
}

/* Keep it in memory in place of what was there. */
static void keep(struct oci_registry *r, struct hm_str name, struct registry_view *v)
{
	atomic_fetch_add(&v->refs, 1);
	pthread_mutex_lock(&r->lock);
	struct registry_repo *repo = repo_of(r, name, true);
	struct registry_view *old = repo->view;
	repo->view = v;
	pthread_mutex_unlock(&r->lock);
	oci_registry_view_drop(&old);
}

hm_err oci_registry_view_get(struct hm_cx *cx, struct oci_registry *r, struct hm_str name,
			     struct registry_view **out)
{
	char path[4096];
	int64_t stamp[3];
	struct registry_view *ready = oci_registry_view_peek(r, name);
	*out = ready;
	if (ready || !index_path(path, sizeof(path), r, name) || !look(path, stamp))
		return NULL;
	REGISTRY_AUTO_VIEW old = current(r, name);
	REGISTRY_AUTO_VIEW v = new_view();
	hm_err err = build(r, name, old, v);
	if (err && err->code == HM_ABSENT)
		return NULL;
	if (err)
		return hm_wrap(cx, hm_fault_copy(cx, err), "repository \"%.*s\"", HM_FMT(name));
	keep(r, name, v);
	*out = v;
	v = NULL;
	return NULL;
}

/* ---- changes */

static bool is_digest(struct hm_str reference)
{
	return hm_find_char(reference, ':') != SIZE_MAX;
}

static void remove_tag(struct layout_index *x, struct hm_str tag)
{
	struct layout_entry *found = NULL;
	size_t same = 0;
	for (size_t i = 0; i < x->n && !found; i++)
		if (hm_eq(x->p[i].name, tag))
			found = &x->p[i];
	if (!found)
		return;
	for (size_t i = 0; i < x->n; i++)
		same += hm_eq(x->p[i].d.digest, found->d.digest);
	/* the manifest stays, under its other names or none */
	found->removed = same > 1;
	found->renamed = same == 1;
	found->name = HM_STR("");
	x->changed = true;
}

/* The digest of what the reference stands for; empty: nothing. */
static struct hm_str find_digest(const struct layout_index *x, struct hm_str reference)
{
	for (size_t i = 0; i < x->n; i++)
		if (hm_eq(is_digest(reference) ? x->p[i].d.digest : x->p[i].name, reference))
			return x->p[i].d.digest;
	return (struct hm_str){ "", 0 };
}

static hm_err read_index(struct hm_cx *cx, const char *path, struct registry_change *c,
			 struct layout_index *out)
{
	struct hm_str bytes;
	HM_TRY(hm_read_file(cx, path, HM_MAX_LAYOUT_INDEX, &bytes));
	HM_TRY(oci_layout_index_parse(cx, bytes, out));
	struct hm_str digest = find_digest(out, c->reference);
	struct http_state now = { .exists = digest.n > 0, .etag = oci_registry_etag(cx, digest) };
	c->was_there = now.exists;
	/* what is not there cannot be deleted, whatever the preconditions (RFC 9110, 13.2.1) */
	c->refused =
		c->x && (c->put || now.exists) && http_exchange_condition(c->x, &now) != HTTP_GO_ON;
	return NULL;
}

static hm_err change_index(struct hm_cx *cx, const char *path, const struct registry_change *c,
			   struct layout_index *x)
{
	struct hm_str text;
	if (c->put && !c->tags.n)
		oci_layout_index_put(cx, x, c->put, HM_STR(""));
	for (size_t i = 0; c->put && i < c->tags.n; i++)
		oci_layout_index_put(cx, x, c->put, c->tags.p[i]);
	if (!c->put && is_digest(c->reference))
		oci_layout_index_remove(x, c->reference);
	else if (!c->put)
		remove_tag(x, c->reference);
	if (!x->changed)
		return NULL;
	HM_TRY(oci_layout_index_format(cx, x, &text));
	return hm_write_file(cx, path, text, 0644);
}

/* A manifest and its entry come and go together, so that a put and a delete at the same time do not
 * leave an entry without its manifest. A kill between the two leaves a manifest that is not
 * listed. */
static hm_err change_both(struct hm_cx *cx, struct oci_registry *r, const char *index,
			  struct registry_change *c)
{
	bool gone;
	struct layout_index x;
	HM_TRY(read_index(cx, index, c, &x));
	if (c->refused)
		return NULL;
	if (c->put)
		HM_TRY(oci_registry_blob_add(cx, r, c->name, c->put->digest, c->file));
	HM_TRY(change_index(cx, index, c, &x));
	if (!c->put && c->was_there && is_digest(c->reference))
		HM_TRY(oci_registry_blob_remove(cx, r, c->name, c->reference, &gone));
	return NULL;
}

static struct registry_repo *begin_change(struct oci_registry *r, struct hm_str name)
{
	pthread_mutex_lock(&r->lock);
	struct registry_repo *repo = repo_of(r, name, true);
	pthread_mutex_unlock(&r->lock);
	pthread_mutex_lock(&repo->changing);
	return repo;
}

hm_err oci_registry_repo_change(struct hm_cx *cx, struct oci_registry *r, struct registry_change *c)
{
	char *repo_path = oci_registry_repo_path(cx, r, c->name);
	char *index = hm_path(cx, repo_path, "index.json");
	c->was_there = c->refused = false;
	if (c->put)
		HM_TRY(oci_registry_repo_make(cx, r, c->name));
	else if (!hm_exists(index))
		return NULL;
	/* threads queue here, processes (a push into the layout by a path) at the file */
	struct registry_repo *repo = begin_change(r, c->name);
	HM_AUTO_FD lock = -1;
	struct hm_cx work = hm_cx_child(cx, VIEW_BUDGET);
	hm_err err = hm_lock(&work, hm_path(&work, repo_path, "oci-layout"), &lock);
	if (!err)
		err = change_both(&work, r, index, c);
	pthread_mutex_unlock(&repo->changing);
	err = err ? hm_fault_copy(cx, err) : NULL;
	hm_cx_done(&work);
	return err;
}

static hm_err drop_blob(struct hm_cx *cx, struct oci_registry *r, struct hm_str name,
			struct hm_str digest, bool *out_was_there, bool *out_listed)
{
	REGISTRY_AUTO_VIEW v = NULL;
	HM_TRY(oci_registry_view_get(cx, r, name, &v));
	*out_listed = v && oci_registry_view_find(v, digest);
	return *out_listed ? NULL : oci_registry_blob_remove(cx, r, name, digest, out_was_there);
}

hm_err oci_registry_repo_drop_blob(struct hm_cx *cx, struct oci_registry *r, struct hm_str name,
				   struct hm_str digest, bool *out_was_there, bool *out_listed)
{
	*out_was_there = *out_listed = false;
	if (!hm_exists(oci_registry_repo_path(cx, r, name)))
		return NULL;
	struct registry_repo *repo = begin_change(r, name);
	hm_err err = drop_blob(cx, r, name, digest, out_was_there, out_listed);
	pthread_mutex_unlock(&repo->changing);
	return err;
}

void oci_registry_repos_close(struct oci_registry *r)
{
	for (size_t i = 0; i < r->repos.n; i++) {
		struct registry_repo *repo = r->repos.entries[i].value;
		oci_registry_view_drop(&repo->view);
		pthread_mutex_destroy(&repo->changing);
	}
}
