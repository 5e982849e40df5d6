/* SPDX-License-Identifier: Apache-2.0 */
/* index.json and what the manifests that it lists refer to, read once for many questions. */
#include "oci/layout/layout.h"

#include <sys/stat.h>

/* A file that was written this lately may be written again without its times telling. */
static const int64_t UNSETTLED = 100 * INT64_C(1000000);

static int64_t to_nanoseconds(struct timespec t)
{
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void oci_layout_init(struct layout *l)
{
	pthread_mutex_init(&l->snapshot.lock, NULL);
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
	forget(&l->snapshot);
	pthread_mutex_destroy(&l->snapshot.lock);
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
	s->kept = to_nanoseconds(now) - to_nanoseconds(sb->st_ctim) > UNSETTLED;
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
	bool found;
	HM_TRY(l->file(cx, l, "index.json", &e, &found));
	if (!found)
		return hm_fail(cx, HM_INPUT, "the layout has no index.json");
	if (fstat(e.fd, &sb) < 0)
		return hm_fail_os(cx, "could not look at \"%s\"", e.name);
	if (l->snapshot.kept && is_stamp(&l->snapshot.stamp, &sb))
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

/* One listed manifest: a referrer when its bytes say so. */
static hm_err follow_entry(struct hm_cx *cx, struct layout *l, const struct layout_entry *e)
{
	struct layout_snapshot *s = &l->snapshot;
	HM_AUTO_CX one = hm_cx_child(cx, cx->budget);
	struct oci_descriptor found;
	struct hm_str subject;
	hm_err err = oci_layout_read_referrer(&one, l, &e->d, &found, &subject);
	if (err)
		return hm_fault_copy(cx, err);
	/* the list of a subject's referrers is not one of them */
	if (!subject.n || hm_eq(e->name, oci_referrers_tag(&one, subject)))
		return NULL;
	struct place_referrers *all = hm_map_get(&s->subjects, subject);
	if (!all) {
		all = hm_new(&s->cx, struct place_referrers, 1);
		hm_map_put(&s->cx, &s->subjects, hm_dup(&s->cx, subject), all);
	}
	*hm_push(&s->cx, all) = oci_descriptor_copy(&s->cx, &found);
	return NULL;
}

/* What cannot be read is no fault for itself: nobody asks what it refers to. Two of them are faults
 * for everything. One that may pass is not kept. */
static hm_err keep_fault(struct layout_snapshot *s, const struct layout_entry *e, hm_err err)
{
	struct layout_fault *f = &s->faults[s->faults_n];
	if (err->code == HM_BUSY || err->code == HM_SYSTEM) {
		s->kept = false; /* begun anew the next time */
		return err;
	}
	if (s->faults_n && hm_eq(s->faults[0].digest, e->d.digest))
		return NULL;
	*f = (struct layout_fault){ e->d.digest, hm_fault_copy(&s->cx, err) };
	s->faults_n++;
	return NULL;
}

hm_err oci_layout_follow(struct hm_cx *cx, struct layout *l)
{
	struct layout_snapshot *s = &l->snapshot;
	if (s->followed)
		return NULL;
	for (size_t i = 0; i < s->index.n && s->faults_n < HM_LEN(s->faults); i++) {
		if (!oci_media_type_is_manifest(s->index.p[i].d.media_type))
			continue;
		hm_err err = hm_alive(cx);
		if (!err)
			err = follow_entry(cx, l, &s->index.p[i]);
		if (err)
			HM_TRY(keep_fault(s, &s->index.p[i], err));
	}
	s->followed = true;
	return NULL;
}
