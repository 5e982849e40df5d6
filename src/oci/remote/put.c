/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/remote/remote.h"

enum { ERROR_BODY = 1 << 20, PUTS = 6, PAUSE_MS = 50 };

/* Docker's registry looks at what the manifest names while somebody else puts the same blob, and
 * says of a file that is empty for a moment that the digest is not valid. */
static bool is_collision(const struct http_response *a)
{
	return a->status == 400 && hm_find(a->body, HM_STR("DIGEST_INVALID")) != SIZE_MAX;
}

static hm_err send_put(struct hm_cx *cx, struct remote *r, const struct remote_request *q,
		       struct http_response *out)
{
	for (int tries = 0;; tries++) {
		HM_TRY(oci_remote_send(cx, r, q, out));
		if (!is_collision(out) || tries + 1 >= PUTS)
			return NULL;
		HM_TRY(hm_pause(cx, ((int64_t)PAUSE_MS << tries) * (HM_SECOND / 1000)));
	}
}

static struct remote_request put_request(struct hm_cx *cx, struct remote *r,
					 const struct oci_descriptor *d, struct hm_str bytes,
					 struct hm_str reference)
{
	return (struct remote_request){ .method = "PUT",
					.url = oci_remote_url(cx, r, "manifests/%.*s",
							      HM_FMT(reference)),
					.content_type = d->media_type,
					.body = { .bytes = bytes, .size = (int64_t)bytes.n },
					.has_body = true,
					.max_body = ERROR_BODY };
}

static hm_err check_stored(struct hm_cx *cx, struct remote *r, const struct oci_descriptor *d,
			   const struct http_response *a)
{
	if (a->status != 201 && a->status != 200 && a->status != 202)
		return oci_remote_fault(cx, r, a);
	struct hm_str said = http_header_get(&a->headers, "docker-content-digest");
	if (said.n && !hm_eq(said, d->digest))
		return hm_fail(cx, HM_TRUST, "the registry stored digest \"%.*s\", not \"%.*s\"",
			       HM_FMT(hm_sub(said, 0, 160)), HM_FMT(d->digest));
	return NULL;
}

hm_err oci_remote_put_manifest(struct hm_cx *cx, struct remote *r, const struct oci_descriptor *d,
			       struct hm_str bytes, struct hm_str reference,
			       struct hm_str *out_subject)
{
	struct http_response a;
	struct remote_request q = put_request(cx, r, d, bytes, reference);
	HM_TRY(send_put(cx, r, &q, &a));
	HM_TRY(check_stored(cx, r, d, &a));
	*out_subject = http_header_get(&a.headers, "oci-subject");
	return NULL;
}

/* The precondition that what is under the tag is still what was read, in the registry's own terms:
 * its entity tag (RFC 9110, 13.1). Without one only we have compared, just before we put. */
static hm_err ask_condition(struct hm_cx *cx, struct remote *r, struct oci_tag_update *u,
			    struct http_header *out)
{
	struct http_response a;
	struct remote_request q = { .method = "HEAD",
				    .url = oci_remote_url(cx, r, "manifests/%.*s", HM_FMT(u->tag)),
				    .accept = HM_STR(OCI_MANIFEST ", " DOCKER_MANIFEST) };
	HM_TRY(oci_remote_send(cx, r, &q, &a));
	*out = (struct http_header){ .name = HM_STR("") };
	if (a.status == 404) {
		u->refused = u->was.n > 0;
		*out = (struct http_header){ HM_STR("If-None-Match"), HM_STR("*") };
		return NULL;
	}
	struct hm_str now = http_header_get(&a.headers, "docker-content-digest");
	struct hm_str etag = http_header_get(&a.headers, "etag");
	if (a.status == 405 || a.status == 501) /* it has no such question */
		return NULL;
	if (a.status != 200)
		return oci_remote_fault(cx, r, &a);
	u->refused = u->was.n == 0 || (now.n && !hm_eq(now, u->was));
	if (now.n && etag.n > 2 && etag.p[0] == '"')
		*out = (struct http_header){ HM_STR("If-Match"), etag };
	return NULL;
}

hm_err oci_remote_replace(struct hm_cx *cx, struct oci_place *p, const struct oci_manifest *m,
			  const struct oci_descriptor *d, struct oci_tag_update *u)
{
	struct remote *r = (struct remote *)p;
	struct http_response a;
	struct remote_request q = put_request(cx, r, d, m->bytes, u->tag);
	if (!oci_tag_is_valid(u->tag))
		return hm_fail(cx, HM_USAGE, "\"%.*s\" is not a valid tag", HM_FMT(u->tag));
	HM_TRY(ask_condition(cx, r, u, &q.condition));
	if (u->refused)
		return NULL;
	HM_TRY(send_put(cx, r, &q, &a));
	if (q.condition.name.n && a.status == 412) {
		atomic_store(&r->compares, true);
		u->refused = true;
		return NULL;
	}
	u->sure = q.condition.name.n && atomic_load(&r->compares);
	return check_stored(cx, r, d, &a);
}
