/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/remote/remote.h"

enum { ERROR_BODY = 1 << 20 };

hm_err oci_remote_put_manifest(struct hm_cx *cx, struct remote *r, const struct oci_descriptor *d,
			       struct hm_str bytes, struct hm_str reference,
			       struct hm_str *out_subject)
{
	struct http_response a;
	struct remote_request q = { .method = "PUT",
				    .url = oci_remote_url(cx, r, "manifests/%.*s",
							  HM_FMT(reference)),
				    .content_type = d->media_type,
				    .body = { .bytes = bytes, .size = (int64_t)bytes.n },
				    .has_body = true,
				    .max_body = ERROR_BODY };
	HM_TRY(oci_remote_send(cx, r, &q, &a));
	if (a.status != 201 && a.status != 200 && a.status != 202)
		return oci_remote_fault(cx, r, &a);
	struct hm_str said = http_header_get(&a.headers, "docker-content-digest");
	if (said.n && !hm_eq(said, d->digest))
		return hm_fail(cx, HM_TRUST, "the registry stored digest \"%.*s\", not \"%.*s\"",
			       HM_FMT(hm_sub(said, 0, 160)), HM_FMT(d->digest));
	*out_subject = http_header_get(&a.headers, "oci-subject");
	return NULL;
}
