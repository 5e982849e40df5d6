/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/remote/remote.h"

enum { ERROR_BODY = 1 << 20, PUSHES = 4, PAUSE_MS = 250, SMALL_BLOB = 16 * 1024 };

/*
 * A small blob in one request (distribution-spec, "POST then PUT" and "Single POST"). A registry
 * that cannot do that begins an upload all the same, and *out_location is where the bytes go; of
 * one that refuses it is empty. Either is asked so once.
 */
static hm_err post_blob(struct hm_cx *cx, struct remote *r, const struct oci_descriptor *d,
			struct http_body body, struct hm_str *out_location, bool *out_done)
{
	struct http_response a;
	struct remote_request q = {
		.method = "POST",
		.url = oci_remote_url(cx, r, "blobs/uploads/?digest=%.*s",
				      HM_FMT(http_escape(cx, d->digest))),
		.content_type = HM_STR("application/octet-stream"),
		.body = body,
		.has_body = true,
		.max_body = ERROR_BODY,
	};
	hm_err err = oci_remote_send(cx, r, &q, &a);
	*out_done = !err && a.status == 201;
	if (*out_done)
		return NULL;
	atomic_store(&r->no_post, true);
	HM_TRY(err);
	struct hm_str location = http_header_get(&a.headers, "location");
	if (a.status == 202 && location.n)
		HM_TRY(oci_remote_follow(cx, r, &a, location, out_location));
	return body.rewind(cx, body.arg);
}

/* An upload is begun, and *out is where its bytes go. */
static hm_err begin_upload(struct hm_cx *cx, struct remote *r, struct hm_str *out)
{
	struct http_response a;
	struct remote_request q = { .method = "POST",
				    .url = oci_remote_url(cx, r, "blobs/uploads/"),
				    .has_body = true,
				    .max_body = ERROR_BODY };
	HM_TRY(oci_remote_send(cx, r, &q, &a));
	if (a.status != 202)
		return oci_remote_fault(cx, r, &a);
	struct hm_str location = http_header_get(&a.headers, "location");
	if (location.n == 0)
		return hm_fail(cx, HM_SYSTEM, "the registry does not say where to upload to");
	return oci_remote_follow(cx, r, &a, location, out);
}

static hm_err put_blob(struct hm_cx *cx, struct remote *r, const struct oci_descriptor *d,
		       struct http_body body)
{
	struct hm_str location = { "", 0 };
	struct http_response a;
	bool done = false;
	if (d->size <= SMALL_BLOB && body.rewind && !atomic_load(&r->no_post))
		HM_TRY(post_blob(cx, r, d, body, &location, &done));
	if (done)
		return NULL;
	if (!location.n)
		HM_TRY(begin_upload(cx, r, &location));
	/* What an upload already holds cannot be sent to it again: a retry begins a new one. */
	body.rewind = NULL;
	/* Some keep the whole state of an upload in its address: longer than what messages are cut
	 * to. */
	HM_AUTO_BUF url = HM_BUF(HM_MAX_HTTP_HEADERS);
	hm_buf_add(&url, location);
	hm_buf_addz(&url, hm_find_char(location, '?') == SIZE_MAX ? "?digest=" : "&digest=");
	hm_buf_add(&url, http_escape(cx, d->digest));
	struct remote_request q = {
		.method = "PUT",
		.url = hm_buf_str(&url),
		.content_type = HM_STR("application/octet-stream"),
		.body = body,
		.has_body = true,
		.max_body = ERROR_BODY,
	};
	HM_TRY(oci_remote_send(cx, r, &q, &a));
	if (a.status != 201 && a.status != 204)
		return oci_remote_fault(cx, r, &a);
	return NULL;
}

hm_err oci_remote_push_blob(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
			    struct http_body body)
{
	struct remote *r = (struct remote *)p;
	for (int tries = 1;; tries++) {
		hm_err err = put_blob(cx, r, d, body);
		bool again = err && (err->code == HM_BUSY || err->code == HM_SYSTEM) &&
			     tries < PUSHES && body.rewind && !hm_alive(cx);
		if (!again) {
			HM_TRY_IN(cx, err, "upload");
			return NULL;
		}
		HM_TRY(hm_pause(cx, ((int64_t)PAUSE_MS << tries) * (HM_SECOND / 1000)));
		HM_TRY(body.rewind(cx, body.arg));
	}
}

hm_err oci_remote_push_manifest(struct hm_cx *cx, struct oci_place *p, const struct oci_manifest *m,
				const struct oci_descriptor *d, struct hm_str tag,
				enum place_listing listing)
{
	struct remote *r = (struct remote *)p;
	struct hm_str subject = { "", 0 };
	(void)listing;
	if (tag.n && !oci_tag_is_valid(tag))
		return hm_fail(cx, HM_USAGE, "\"%.*s\" is not a valid tag", HM_FMT(tag));
	HM_TRY(oci_remote_put_manifest(cx, r, d, m->bytes, tag.n ? tag : d->digest, &subject));
	if (m->subject.digest.n == 0)
		return NULL;
	/* distribution-spec, "Pushing Manifests with Subject": the header says that the registry
	 * keeps the list itself. */
	if (hm_eq(subject, m->subject.digest) && !r->access.referrers_tag) {
		atomic_store(&r->referrers_api, API_THERE);
		return NULL;
	}
	/* Without it nobody does, even where the API answers: with lists that stay empty. */
	struct oci_descriptor entry = oci_manifest_descriptor(m, d->digest);
	HM_TRY_IN(cx, oci_remote_list_referrer(cx, r, m->subject.digest, &entry, true),
		  "list of referrers");
	return NULL;
}

hm_err oci_remote_tag(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
		      struct hm_str tag)
{
	struct hm_str bytes, subject;
	if (!oci_tag_is_valid(tag))
		return hm_fail(cx, HM_USAGE, "\"%.*s\" is not a valid tag", HM_FMT(tag));
	HM_TRY(oci_place_manifest_bytes(cx, p, d, &bytes));
	return oci_remote_put_manifest(cx, (struct remote *)p, d, bytes, tag, &subject);
}

hm_err oci_remote_remove(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d)
{
	struct remote *r = (struct remote *)p;
	struct oci_manifest m;
	struct http_response a;
	HM_TRY(oci_fetch_manifest(cx, p, d, &m));
	struct remote_request q = {
		.method = "DELETE",
		.url = oci_remote_url(cx, r, "manifests/%.*s", HM_FMT(d->digest)),
		.more_scope = hm_fmt(cx, "repository:%.*s:delete", HM_FMT(p->target.repository)),
		.max_body = ERROR_BODY
	};
	HM_TRY(oci_remote_send(cx, r, &q, &a));
	if (a.status != 202 && a.status != 200 && a.status != 204)
		return oci_remote_fault(cx, r, &a);
	if (m.subject.digest.n == 0)
		return NULL;
	struct oci_descriptor entry = oci_manifest_descriptor(&m, d->digest);
	return oci_remote_list_referrer(cx, r, m.subject.digest, &entry, false);
}

hm_err oci_remote_mount(struct hm_cx *cx, struct oci_place *p, struct oci_place *from,
			const struct oci_descriptor *d, bool *out)
{
	struct remote *r = (struct remote *)p, *source = (struct remote *)from;
	struct http_response a;
	*out = false;
	if (atomic_load(&r->no_mount) || !hm_eq(r->host, source->host) ||
	    hm_eq(p->target.repository, from->target.repository))
		return NULL;
	struct remote_request q = {
		.method = "POST",
		.url = oci_remote_url(cx, r, "blobs/uploads/?mount=%.*s&from=%.*s",
				      HM_FMT(http_escape(cx, d->digest)),
				      HM_FMT(http_escape(cx, from->target.repository))),
		.more_scope = hm_fmt(cx, "repository:%.*s:pull", HM_FMT(from->target.repository)),
		.has_body = true,
		.max_body = ERROR_BODY,
	};
	/* A refusal is no fault, be it the registry's or, of the scope, the token server's, and
	 * however that says so: the blob is sent instead, and the next ones without asking. */
	hm_err err = oci_remote_send(cx, r, &q, &a);
	HM_TRY(hm_alive(cx));
	if (err || a.status == 401 || a.status == 403)
		atomic_store(&r->no_mount, true);
	*out = !err && a.status == 201;
	if (err || a.status != 202)
		return NULL;
	/* An upload was begun instead: end it, so that it does not lie about. Nothing is deleted
	 * elsewhere because a registry says so. */
	struct hm_str location = http_header_get(&a.headers, "location"), url;
	if (location.n && !oci_remote_follow(cx, r, &a, location, &url) &&
	    oci_remote_is_ours(cx, r, url)) {
		struct remote_request end = { .method = "DELETE", .url = url };
		hm_err ignored = oci_remote_send(cx, r, &end, &a);
		(void)ignored;
	}
	return NULL;
}
