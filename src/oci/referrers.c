/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/ops.h"

#include <stdlib.h>

#include "base/pool.h"

/* What refers to a subject, as its place lists it, asked for ahead. */
struct place_ahead {
	struct hm_task task;
	struct oci_place *place;
	struct oci_descriptor subject; /* its digest alone */
	struct hm_str artifact_type;
	struct place_referrers found; /* in memory of the task */
	size_t budget;                /* that it began with */
	atomic_bool taken;
};

static hm_err ask_ahead(struct hm_cx *cx, void *arg)
{
	struct place_ahead *a = arg;
	return a->place->ops->referrers(cx, a->place, &a->subject, a->artifact_type, &a->found);
}

void oci_referrers_ahead(struct hm_cx *cx, struct oci_place *p, struct hm_str digest,
			 struct hm_str artifact_type)
{
	if (p->ahead || !p->ops->far || !p->ops->referrers)
		return;
	struct place_ahead *a = hm_new(&p->own, struct place_ahead, 1);
	a->place = p;
	a->subject.digest = hm_dup(&p->own, digest);
	a->artifact_type = hm_dup(&p->own, artifact_type);
	a->budget = cx->budget;
	p->ahead = a;
	p->ahead_task = &a->task;
	hm_task_start(cx, &a->task, a->budget, ask_ahead, a);
}

/* The answer that was asked for ahead, once: who asks again wants to know what is there by then. */
static hm_err list_referrers(struct hm_cx *cx, struct oci_place *p,
			     const struct oci_descriptor *subject, struct hm_str artifact_type,
			     struct place_referrers *out)
{
	struct place_ahead *a = p->ahead;
	if (!a || !hm_eq(a->subject.digest, subject->digest) ||
	    !hm_eq(a->artifact_type, artifact_type) || atomic_exchange(&a->taken, true))
		return p->ops->referrers(cx, p, subject, artifact_type, out);
	HM_TRY(hm_task_end(cx, &a->task));
	HM_TRY(hm_charge(cx, a->budget - a->task.cx.budget));
	for (size_t i = 0; i < a->found.n; i++)
		*hm_push(cx, out) = oci_descriptor_copy(cx, &a->found.p[i]);
	out->doubt = a->found.doubt;
	out->unread = a->found.unread;
	out->why = hm_fault_copy(cx, a->found.why);
	return NULL;
}

static int by_digest(const void *a, const void *b)
{
	const struct oci_descriptor *x = a, *y = b;
	return hm_cmp(x->digest, y->digest);
}

/* The manifest behind an entry of a list that is in doubt: is it about the subject, what is it? One
 * of the type that was asked for is kept in the descriptor's data. */
static hm_err settle_doubt(struct hm_cx *cx, struct oci_place *p, struct hm_str subject,
			   struct hm_str wanted, struct oci_descriptor *d, bool *out_good)
{
	HM_AUTO_CX one = hm_cx_child(cx, cx->budget);
	struct oci_manifest m;
	struct hm_str bytes;
	*out_good = false;
	if (!oci_media_type_is_manifest(d->media_type))
		return NULL;
	hm_err err = oci_place_manifest_bytes(&one, p, d, &bytes);
	if (err && err->code == HM_ABSENT)
		return NULL;
	if (err)
		return hm_fault_copy(cx, err);
	err = oci_manifest_parse(&one, bytes, d->media_type, &m);
	if (err && err->code != HM_INPUT && err->code != HM_LIMIT)
		return hm_fault_copy(cx, err);
	/* What is no manifest, or one beyond all limits, refers to nothing, whoever put it into the
	 * list. */
	if (err || !hm_eq(m.subject.digest, subject))
		return NULL;
	struct oci_descriptor found = oci_manifest_descriptor(&m, d->digest);
	if (wanted.n && hm_eq(found.artifact_type, wanted) && m.bytes.n <= OCI_KEPT_MANIFEST) {
		HM_TRY(hm_charge(cx, m.bytes.n));
		found.data = m.bytes;
	}
	*d = oci_descriptor_copy(cx, &found);
	*out_good = true;
	return NULL;
}

hm_err oci_referrers(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *subject,
		     struct hm_str artifact_type, struct oci_referrer_list *out)
{
	struct place_referrers all = { 0 };
	*out = (struct oci_referrer_list){ 0 };
	if (!p->ops->referrers)
		return NULL;
	HM_TRY_IN(cx, list_referrers(cx, p, subject, artifact_type, &all), "referrers of \"%.*s\"",
		  HM_FMT(subject->digest));
	if (all.n)
		qsort(all.p, all.n, sizeof(*all.p), by_digest);
	size_t n = 0;
	for (size_t i = 0; i < all.n; i++) {
		bool good = true;
		if (i && hm_eq(all.p[i].digest, all.p[i - 1].digest))
			continue;
		struct oci_descriptor d = all.p[i];
		if (all.doubt)
			HM_TRY(settle_doubt(cx, p, subject->digest, artifact_type, &d, &good));
		if (good && (artifact_type.n == 0 || hm_eq(d.artifact_type, artifact_type)))
			all.p[n++] = d;
	}
	*out = (struct oci_referrer_list){ all.p, n, all.unread, all.why };
	return NULL;
}

struct hm_str oci_unread_text(struct hm_cx *cx, const struct oci_referrer_list *list)
{
	if (!list->unread)
		return HM_STR("");
	return hm_say(cx, "its list of referrers has %zu %s that cannot be read: %s", list->unread,
		      list->unread == 1 ? "entry" : "entries", list->why->why);
}
