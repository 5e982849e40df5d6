/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/place.h"

#include "base/pool.h"
#include "oci/ops.h"

void *oci_place_new(const struct oci_target *t, const struct oci_ops *ops, enum oci_mode mode,
		    size_t size)
{
	/* The place lies in its own arena, so that closing it is one step. */
	struct hm_cx own = HM_CX(SIZE_MAX);
	struct oci_place *p = hm_alloc(&own, 1, size, _Alignof(max_align_t));
	p->ops = ops;
	p->mode = mode;
	p->target = (struct oci_target){
		.kind = t->kind,
		.text = hm_dup(&own, t->text),
		.registry = hm_dup(&own, t->registry),
		.repository = hm_dup(&own, t->repository),
		.address = hm_dup(&own, t->address),
		.path = hm_dup(&own, t->path),
		.tag = hm_dup(&own, t->tag),
		.digest = hm_dup(&own, t->digest),
	};
	p->own = own;
	return p;
}

void oci_place_free(void *place)
{
	struct hm_cx own = ((struct oci_place *)place)->own;
	hm_cx_done(&own);
}

void oci_show(struct oci_place *p, struct hm_progress *bar)
{
	p->bar = bar;
}

void oci_hold(struct oci_place *p)
{
	if (p->mode == OCI_READ && p->ops->hold)
		p->ops->hold(p);
}

void oci_close(struct oci_place *p)
{
	if (p->ahead_task)
		hm_task_done(p->ahead_task);
	if (p->ops->close)
		p->ops->close(p);
	oci_place_free(p);
}

static hm_err fail_unsupported(struct hm_cx *cx, const struct oci_place *p, const char *what)
{
	return hm_fail(cx, HM_USAGE, "\"%.*s\": %s cannot be done in a %s", HM_FMT(p->target.text),
		       what, p->ops->what);
}

hm_err oci_resolve(struct hm_cx *cx, struct oci_place *p, struct hm_str reference,
		   struct oci_descriptor *out)
{
	if (reference.n == 0)
		reference = p->target.digest.n ? p->target.digest : p->target.tag;
	struct oci_descriptor d;
	HM_TRY_IN(cx, p->ops->resolve(cx, p, reference, &d), "\"%.*s\"", HM_FMT(p->target.text));
	*out = oci_descriptor_copy(cx, &d);
	return NULL;
}

/* Of a manifest that says itself what it is: only such a one is kept for this. */
static bool is_known(struct hm_cx *cx, const struct oci_place *p, struct hm_str digest,
		     struct oci_descriptor *out)
{
	HM_AUTO_CX own = hm_cx_child(cx, cx->budget);
	struct hm_str bytes, type;
	if (!p->cache || hm_cache_get(&own, p->cache, digest, HM_MAX_CACHED, &bytes) || !bytes.n ||
	    oci_digest_check(&own, digest, bytes))
		return false;
	type = oci_manifest_sniff(&own, bytes);
	if (!oci_media_type_is_manifest(type))
		return false;
	*out = (struct oci_descriptor){ .media_type = hm_dup(cx, type),
					.digest = hm_dup(cx, digest),
					.size = bytes.n };
	return true;
}

hm_err oci_resolve_known(struct hm_cx *cx, struct oci_place *p, struct hm_str reference,
			 struct oci_descriptor *out)
{
	struct hm_str digest = reference.n ? reference : p->target.digest, hex;
	enum crypto_digest alg;
	struct oci_descriptor d;
	if (!p->ops->resolve_whole || !p->cache || !digest.n ||
	    oci_digest_parse(cx, digest, &alg, &hex))
		return oci_resolve(cx, p, reference, out);
	if (is_known(cx, p, digest, out))
		return NULL;
	HM_TRY_IN(cx, p->ops->resolve_whole(cx, p, digest, &d), "\"%.*s\"", HM_FMT(p->target.text));
	*out = oci_descriptor_copy(cx, &d);
	return NULL;
}

static hm_err fetch_verified(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
			     bool manifest, struct oci_sink sink)
{
	VERIFY_AUTO v = { 0 };
	HM_TRY(oci_verify_start(cx, &v, d, sink));
	v.bar = manifest ? NULL : p->bar;
	if (p->ops->open) {
		EXTENT_AUTO e = { .fd = -1 };
		HM_TRY(p->ops->open(cx, p, d, &e));
		HM_TRY(oci_extent_to_sink(cx, e, oci_verify_sink(&v)));
	} else {
		HM_TRY(p->ops->fetch(cx, p, d, manifest, oci_verify_sink(&v)));
	}
	return oci_verify_end(cx, &v);
}

/* From a file of a known size, into the memory where it stays. */
static hm_err read_verified(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
			    bool manifest, struct hm_str *out)
{
	EXTENT_AUTO e = { .fd = -1 };
	HM_TRY(p->ops->open(cx, p, d, &e));
	HM_TRY(hm_charge(cx, (size_t)e.size));
	char *room = hm_room(cx, (size_t)e.size + 1, 1);
	struct http_body body = oci_extent_body(&e);
	for (size_t at = 0, got; at < e.size; at += got) {
		HM_TRY(hm_alive(cx));
		HM_TRY(body.read(cx, body.arg, room + at, (size_t)e.size - at, &got));
		hm_progress_add(manifest ? NULL : p->bar, got);
	}
	room[e.size] = '\0';
	*out = hm_bytes(room, (size_t)e.size);
	return oci_digest_check(cx, d->digest, *out);
}

/* What was fetched before, whoever wrote it there: its digest says whether it is that. */
static bool is_kept(struct hm_cx *cx, const struct oci_place *p, const struct oci_descriptor *d,
		    struct hm_str *out)
{
	struct hm_str bytes;
	if (!p->cache || d->size > HM_MAX_CACHED ||
	    hm_cache_get(cx, p->cache, d->digest, (size_t)d->size, &bytes) || bytes.n != d->size ||
	    oci_digest_check(cx, d->digest, bytes))
		return false;
	*out = bytes;
	return true;
}

static hm_err fetch_memory(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
			   bool manifest, size_t max, struct hm_str *out)
{
	if (d->size > max)
		return hm_fail(cx, HM_LIMIT, "\"%.*s\" has %llu bytes, more than %zu",
			       HM_FMT(d->digest), (unsigned long long)d->size, max);
	if (d->data.n) {
		HM_TRY(oci_digest_check(cx, d->digest, d->data));
		*out = d->data;
		return NULL;
	}
	if (is_kept(cx, p, d, out)) {
		hm_log(cx, HM_LOG_DEBUG, "was fetched earlier, and is not asked for again",
		       "digest", hm_dupz(cx, d->digest), NULL);
		return NULL;
	}
	if (p->ops->open && !p->cache)
		return read_verified(cx, p, d, manifest, out);
	struct memory m = { .buf = HM_BUF(max) };
	hm_err err = fetch_verified(cx, p, d, manifest, oci_memory_sink(&m));
	if (!err) {
		*out = hm_dup(cx, hm_buf_str(&m.buf));
		if (p->cache && out->n <= HM_MAX_CACHED)
			hm_cache_put(cx, p->cache, d->digest, *out);
	}
	hm_buf_done(&m.buf);
	return err;
}

hm_err oci_place_manifest_bytes(struct hm_cx *cx, struct oci_place *p,
				const struct oci_descriptor *d, struct hm_str *out)
{
	return fetch_memory(cx, p, d, true, HM_MAX_MANIFEST, out);
}

hm_err oci_fetch_manifest(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
			  struct oci_manifest *out)
{
	struct hm_str bytes;
	if (d->read) {
		*out = *d->read;
		return NULL;
	}
	HM_TRY(oci_place_manifest_bytes(cx, p, d, &bytes));
	HM_TRY_IN(cx, oci_manifest_parse(cx, bytes, d->media_type, out), "\"%.*s\"",
		  HM_FMT(d->digest));
	return NULL;
}

hm_err oci_fetch(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d, size_t max,
		 struct hm_str *out)
{
	return fetch_memory(cx, p, d, oci_media_type_is_manifest(d->media_type), max, out);
}

hm_err oci_fetch_to(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
		    struct oci_sink sink)
{
	return fetch_verified(cx, p, d, oci_media_type_is_manifest(d->media_type), sink);
}

hm_err oci_exists(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d, bool *out)
{
	return p->ops->exists(cx, p, d, out);
}

hm_err oci_tags(struct hm_cx *cx, struct oci_place *p, struct hm_strs *out)
{
	return p->ops->tags ? p->ops->tags(cx, p, out) : fail_unsupported(cx, p, "listing tags");
}

hm_err oci_untagged(struct hm_cx *cx, struct oci_place *p, struct oci_descriptor **out,
		    size_t *out_n, bool *out_known)
{
	struct place_referrers all = { 0 };
	if (p->ops->untagged)
		HM_TRY(p->ops->untagged(cx, p, &all));
	*out = all.p;
	*out_n = all.n;
	*out_known = p->ops->untagged != NULL;
	return NULL;
}

/* --- writing --- */

hm_err oci_push_blob(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
		     struct http_body body)
{
	bool there;
	if (!p->ops->push_blob || p->mode != OCI_WRITE)
		return fail_unsupported(cx, p, "writing");
	HM_TRY(p->ops->exists(cx, p, d, &there));
	return there ? NULL : oci_place_push_blob(cx, p, d, body);
}

hm_err oci_place_push_blob(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
			   struct http_body body)
{
	struct bytes_body slice = { body.bytes, 0 };
	if (!body.read)
		body = oci_bytes_body(&slice);
	VERIFY_BODY_AUTO v = { 0 };
	HM_TRY(oci_verify_body_start(cx, &v, d, body));
	v.bar = p->bar;
	return p->ops->push_blob(cx, p, d, oci_verify_body(&v));
}

hm_err oci_push_bytes(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
		      struct hm_str bytes)
{
	struct bytes_body b = { bytes, 0 };
	HM_TRY(oci_digest_check(cx, d->digest, bytes));
	HM_TRY(oci_push_blob(cx, p, d, oci_bytes_body(&b)));
	oci_record_blob(p, d->digest, bytes);
	return NULL;
}

hm_err oci_push_new_bytes(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
			  struct hm_str bytes)
{
	struct bytes_body b = { bytes, 0 };
	if (!p->ops->push_blob || p->mode != OCI_WRITE)
		return fail_unsupported(cx, p, "writing");
	HM_TRY(oci_place_push_blob(cx, p, d, oci_bytes_body(&b)));
	oci_record_blob(p, d->digest, bytes);
	return NULL;
}

/* The manifest in `bytes`, whose descriptor is filled. */
static hm_err read_new_manifest(struct hm_cx *cx, struct oci_place *p, struct hm_str bytes,
				struct oci_descriptor *d, struct oci_manifest *out)
{
	if (!p->ops->push_manifest || p->mode != OCI_WRITE)
		return fail_unsupported(cx, p, "writing");
	HM_TRY(oci_manifest_parse_list(cx, bytes, d->media_type, HM_MAX_REFERRERS, out));
	d->media_type = out->media_type;
	d->artifact_type = out->artifact_type;
	d->size = bytes.n;
	if (d->digest.n == 0)
		d->digest = crypto_digest_text(cx, CRYPTO_SHA256, bytes);
	return NULL;
}

static hm_err push_manifest(struct hm_cx *cx, struct oci_place *p, struct hm_str bytes,
			    struct oci_descriptor *d, struct hm_str tag, enum place_listing listing)
{
	struct oci_manifest m;
	HM_TRY(read_new_manifest(cx, p, bytes, d, &m));
	HM_TRY(p->ops->push_manifest(cx, p, &m, d, tag, listing));
	oci_record_manifest(p, d, bytes, tag);
	return NULL;
}

static hm_err replace_manifest(struct hm_cx *cx, struct oci_place *p, struct hm_str bytes,
			       struct oci_descriptor *d, struct oci_tag_update *u)
{
	struct oci_manifest m;
	HM_TRY(read_new_manifest(cx, p, bytes, d, &m));
	u->refused = u->sure = false;
	HM_TRY(p->ops->replace(cx, p, &m, d, u));
	if (!u->refused)
		oci_record_manifest(p, d, bytes, u->tag);
	return NULL;
}

hm_err oci_replace_manifest(struct hm_cx *cx, struct oci_place *p, struct hm_str bytes,
			    struct hm_str media_type, struct oci_tag_update *u,
			    struct oci_descriptor *out)
{
	struct oci_descriptor d = { .media_type = media_type };
	HM_TRY_IN(cx, replace_manifest(cx, p, bytes, &d, u), "\"%.*s\"", HM_FMT(p->target.text));
	*out = oci_descriptor_copy(cx, &d);
	return NULL;
}

hm_err oci_push_manifest(struct hm_cx *cx, struct oci_place *p, struct hm_str bytes,
			 struct hm_str media_type, struct hm_str tag, struct oci_descriptor *out)
{
	struct oci_descriptor d = { .media_type = media_type };
	HM_TRY_IN(cx, push_manifest(cx, p, bytes, &d, tag, PLACE_LISTED), "\"%.*s\"",
		  HM_FMT(p->target.text));
	*out = oci_descriptor_copy(cx, &d);
	return NULL;
}

hm_err oci_push_child(struct hm_cx *cx, struct oci_place *p, struct hm_str bytes,
		      struct hm_str media_type, struct oci_descriptor *out)
{
	struct oci_descriptor d = { .media_type = media_type };
	HM_TRY_IN(cx, push_manifest(cx, p, bytes, &d, HM_STR(""), PLACE_CHILD), "\"%.*s\"",
		  HM_FMT(p->target.text));
	*out = oci_descriptor_copy(cx, &d);
	return NULL;
}

hm_err oci_place_push_copy(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
			   struct hm_str bytes, struct hm_str tag, enum place_listing listing)
{
	struct oci_descriptor copy = { .media_type = d->media_type, .digest = d->digest };
	return push_manifest(cx, p, bytes, &copy, tag, listing);
}

hm_err oci_tag(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
	       struct hm_str tag)
{
	if (!p->ops->tag || p->mode != OCI_WRITE)
		return fail_unsupported(cx, p, "tagging");
	HM_TRY(p->ops->tag(cx, p, d, tag));
	oci_record_manifest(p, d, HM_STR(""), tag);
	return NULL;
}

hm_err oci_delete(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d)
{
	if (!p->ops->remove || p->mode != OCI_WRITE)
		return fail_unsupported(cx, p, "deleting");
	return p->ops->remove(cx, p, d);
}
