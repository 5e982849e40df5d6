/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/keep.h"

struct oci_record *oci_record_new(struct hm_cx *cx)
{
	struct oci_record *r = hm_new(cx, struct oci_record, 1);
	pthread_mutex_init(&r->lock, NULL);
	r->cx = HM_CX(SIZE_MAX);
	return r;
}

void oci_record_done(struct oci_record *r)
{
	hm_cx_done(&r->cx);
	pthread_mutex_destroy(&r->lock);
}

size_t oci_record_list(const struct oci_record *r, const struct oci_recorded **out)
{
	*out = r->all.p;
	return r->all.n;
}

bool oci_record_is_full(const struct oci_record *r)
{
	return r->is_full;
}

/* ------------------------------------------------------------------ what is pushed */

/* The lock is held. */
static void keep_bytes(struct oci_record *r, struct hm_str digest, struct hm_str bytes)
{
	if (hm_map_has(&r->blobs, digest))
		return;
	if (bytes.n > OCI_RECORD_BLOB || r->bytes + bytes.n > OCI_RECORD_ALL) {
		r->is_full = true;
		return;
	}
	r->bytes += bytes.n;
	struct hm_str *kept = hm_new(&r->cx, struct hm_str, 1);
	*kept = hm_dup(&r->cx, bytes);
	hm_map_put(&r->cx, &r->blobs, hm_dup(&r->cx, digest), kept);
}

static void keep_manifest(struct oci_record *r, const struct oci_place *p,
			  const struct oci_descriptor *d, struct hm_str tag)
{
	const struct oci_target *t = &p->target;
	struct oci_recorded *one = hm_push(&r->cx, &r->all);
	*one = (struct oci_recorded){
		.target = { .kind = t->kind,
			    .text = hm_dup(&r->cx, t->text),
			    .registry = hm_dup(&r->cx, t->registry),
			    .repository = hm_dup(&r->cx, t->repository),
			    .address = hm_dup(&r->cx, t->address),
			    .path = hm_dup(&r->cx, t->path) },
		.d = { .media_type = hm_dup(&r->cx, d->media_type),
		       .digest = hm_dup(&r->cx, d->digest),
		       .artifact_type = hm_dup(&r->cx, d->artifact_type),
		       .size = d->size },
		.tag = hm_dup(&r->cx, tag),
	};
}

void oci_record_blob(struct oci_place *p, struct hm_str digest, struct hm_str bytes)
{
	if (!p->record)
		return;
	pthread_mutex_lock(&p->record->lock);
	keep_bytes(p->record, digest, bytes);
	pthread_mutex_unlock(&p->record->lock);
}

void oci_record_manifest(struct oci_place *p, const struct oci_descriptor *d, struct hm_str bytes,
			 struct hm_str tag)
{
	if (!p->record)
		return;
	pthread_mutex_lock(&p->record->lock);
	if (bytes.n)
		keep_bytes(p->record, d->digest, bytes);
	keep_manifest(p->record, p, d, tag);
	pthread_mutex_unlock(&p->record->lock);
}
