/* SPDX-License-Identifier: Apache-2.0 */
/* index.json and what the manifests that it lists refer to, read once for many questions. */
#include "oci/layout/layout.h"

#include <sys/stat.h>

#include "base/pool.h"

/* A file that was written this lately may be written again without its times telling. */
static const int64_t UNSETTLED = 100 * INT64_C(1000000);

static int64_t to_nanoseconds(struct timespec t)
{
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void oci_layout_init(struct layout *l)
{
	l->blobs = -1;
	pthread_mutex_init(&l->snapshot.lock, NULL);
	pthread_mutex_init(&l->listing.lock, NULL);
	pthread_cond_init(&l->listing.written, NULL);
}

static void forget(struct layout_snapshot *s)
{
	hm_cx_done(&s->cx);
	s->index = (struct layout_index){ 0 };
	s->names = s->digests = s->subjects = (struct hm_map){ 0 };
	s->faults_n = 0;
	s->kept = s->followed = false;
}

void oci_layout_done(struct layout *l)
{
	hm_close_fd(&l->blobs);
	forget(&l->snapshot);
	pthread_mutex_destroy(&l->snapshot.lock);
	pthread_mutex_destroy(&l->listing.lock);
	pthread_cond_destroy(&l->listing.written);
}

/* Entries of one name or digest hang together, in their order. */
static void chain_entries(struct layout_snapshot *s)
{
	for (size_t i = s->index.n; i > 0; i--) {
		struct layout_entry *e = &s->index.p[i - 1];
		void **name = hm_map_slot(&s->cx, &s->names, e->name);
		e->next = *name;
		*name = e;
		hm_map_put(&s->cx, &s->digests, e->d.digest, e);
	}
}

static hm_err take_snapshot(struct hm_cx *cx, struct layout *l, const struct stat *sb)
{
	struct layout_snapshot *s = &l->snapshot;
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	s->cx = hm_cx_child(cx, cx->budget);
	hm_err err = oci_layout_read_index(&s->cx, l, &s->index);
	if (err) {
		err = hm_fault_copy(cx, err);
		forget(s);
		return err;
	}
	chain_entries(s);
	s->kept = l->is_held || to_nanoseconds(now) - to_nanoseconds(sb->st_ctim) > UNSETTLED;
	s->stamp =
		(struct layout_stamp){ sb->st_dev, sb->st_ino, sb->st_size,
				       to_nanoseconds(sb->st_mtim), to_nanoseconds(sb->st_ctim) };
	return NULL;
}

static bool is_stamp(const struct layout_stamp *a, const struct stat *sb)
{
	return a->device == sb->st_dev && a->inode == sb->st_ino && a->size == sb->st_size &&
	       a->written == to_nanoseconds(sb->st_mtim) &&
	       a->changed == to_nanoseconds(sb->st_ctim);
}

/* The times are those from before it is read: what is written meanwhile is read the next time. */
static hm_err refresh(struct hm_cx *cx, struct layout *l)
{
	EXTENT_AUTO e = { .fd = -1 };
	struct stat sb;
	bool found, kept = l->snapshot.kept;
	if (kept && l->is_held)
		return NULL;
	if (kept && l->index_path && stat(l->index_path, &sb) == 0 &&
	    is_stamp(&l->snapshot.stamp, &sb))
		return NULL; /* without opening it: each of many signatures asks */
	HM_TRY(l->file(cx, l, "index.json", &e, &found));
	if (!found)
		return hm_fail(cx, HM_INPUT, "the layout has no index.json");
	if (fstat(e.fd, &sb) < 0)
		return hm_fail_os(cx, "could not look at \"%s\"", e.name);
	if (kept && is_stamp(&l->snapshot.stamp, &sb))
		return NULL;
	forget(&l->snapshot);
	return take_snapshot(cx, l, &sb);
}

hm_err oci_layout_ask(struct hm_cx *cx, struct layout *l,
		      hm_err (*answer)(struct hm_cx *cx, struct layout *l, void *arg), void *arg)
{
	pthread_mutex_lock(&l->snapshot.lock);
	hm_err err = refresh(cx, l);
	if (!err)
		err = answer(cx, l, arg);
	/* nobody's deadline is that of the next who asks */
	l->snapshot.cx.deadline = 0;
	l->snapshot.cx.cancel = l->snapshot.cx.stop = NULL;
	pthread_mutex_unlock(&l->snapshot.lock);
	return err;
}

/* What the listed manifests say of themselves, each read by some thread. */
struct following {
	struct layout *l;
	struct followed {
		struct oci_descriptor d;
		struct hm_str subject; /* empty: it is nobody's referrer */
		hm_err err;
	} * found;   /* one an entry, in memory of the snapshot */
	size_t kept; /* bytes of manifests */
	pthread_mutex_t lock;
};

/* Bytes of manifests that one snapshot keeps. */
static const size_t MOST_KEPT = 32 << 20;

/* Under the lock. What is held is read once. */
static void keep_referrer(struct following *f, size_t i, struct oci_descriptor *d,
			  const struct oci_manifest *m)
{
	struct hm_cx *cx = &f->l->snapshot.cx;
	struct oci_manifest *held = NULL;
	if (f->kept + d->data.n > MOST_KEPT)
		d->data = HM_STR("");
	f->kept += d->data.n;
	if (f->l->is_held && d->data.n) {
		held = hm_new(cx, struct oci_manifest, 1);
		*held = oci_manifest_copy(cx, m);
		d->data = HM_STR("");
	}
	f->found[i] = (struct followed){ .d = oci_descriptor_copy(cx, d),
					 .subject = hm_dup(cx, m->subject.digest) };
	if (!held)
		return;
	f->found[i].d.read = held;
	f->found[i].d.data = held->bytes;
}

/* One listed manifest: a referrer when its bytes say so. Its fault is nobody else's. */
static hm_err read_entry(struct hm_cx *cx, void *arg, size_t i)
{
	struct following *f = arg;
	struct layout_snapshot *s = &f->l->snapshot;
	const struct layout_entry *e = &s->index.p[i];
	struct oci_descriptor d;
	struct oci_manifest m = { 0 };
	hm_err err = hm_alive(cx);
	if (!err && oci_media_type_is_manifest(e->d.media_type))
		err = oci_layout_read_referrer(cx, f->l, &e->d, &d, &m);
	struct hm_str subject = m.subject.digest;
	/* the list of a subject's referrers is not one of them */
	bool is_referrer = !err && subject.n && !hm_eq(e->name, oci_referrers_tag(cx, subject));
	if (!err && !is_referrer)
		return NULL;
	pthread_mutex_lock(&f->lock);
	if (err)
		f->found[i].err = hm_fault_copy(&s->cx, err);
	else
		keep_referrer(f, i, &d, &m);
	pthread_mutex_unlock(&f->lock);
	return NULL;
}

static void add_referrer(struct layout_snapshot *s, const struct followed *f)
{
	struct place_referrers *all = hm_map_get(&s->subjects, f->subject);
	if (!all) {
		all = hm_new(&s->cx, struct place_referrers, 1);
		hm_map_put(&s->cx, &s->subjects, f->subject, all);
	}
	*hm_push(&s->cx, all) = f->d;
}

/* What cannot be read is no fault for itself: nobody asks what it refers to. Two of them are faults
 * for everything. One that may pass is not kept. */
static hm_err keep_fault(struct hm_cx *cx, struct layout_snapshot *s, const struct layout_entry *e,
			 hm_err err)
{
	struct layout_fault *f = &s->faults[s->faults_n];
	if (err->code == HM_BUSY || err->code == HM_SYSTEM) {
		s->kept = false; /* begun anew the next time */
		return hm_fault_copy(cx, err);
	}
	if (s->faults_n && hm_eq(s->faults[0].digest, e->d.digest))
		return NULL;
	*f = (struct layout_fault){ e->d.digest, err };
	s->faults_n++;
	return NULL;
}

hm_err oci_layout_follow(struct hm_cx *cx, struct layout *l)
{
	enum { FEW = 32 /* sooner read than threads are made */ };
	struct layout_snapshot *s = &l->snapshot;
	struct following f = { .l = l, .lock = PTHREAD_MUTEX_INITIALIZER };
	if (s->followed)
		return NULL;
	f.found = hm_new(&s->cx, struct followed, s->index.n + 1);
	hm_err err =
		hm_parallel(cx, s->index.n, s->index.n > FEW ? 0 : 1, cx->budget, read_entry, &f);
	pthread_mutex_destroy(&f.lock);
	HM_TRY(err);
	for (size_t i = 0; i < s->index.n && s->faults_n < HM_LEN(s->faults); i++)
		if (f.found[i].err)
			HM_TRY(keep_fault(cx, s, &s->index.p[i], f.found[i].err));
		else if (f.found[i].subject.n)
			add_referrer(s, &f.found[i]);
	s->followed = true;
	return NULL;
}
