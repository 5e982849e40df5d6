/* SPDX-License-Identifier: Apache-2.0 */
/* From something that was pushed to the artifact that it is about. */
#include "graph/collect/walk.h"

/* "sha256-HEX", and what Cosign puts behind it: the digest that such a tag is about. */
static struct hm_str subject_of_tag(struct hm_cx *cx, struct hm_str tag)
{
	struct hm_str algorithm = hm_cut(&tag, '-'), hex = hm_cut(&tag, '.');
	return hm_fmt(cx, "%.*s:%.*s", HM_FMT(algorithm), HM_FMT(hex));
}

static hm_err resolve(struct hm_cx *cx, struct oci_place *place, struct hm_str digest,
		      struct oci_descriptor *out, bool *out_found)
{
	hm_err err = oci_resolve(cx, place, digest, out);
	*out_found = !err;
	return err && err->code != HM_ABSENT ? err : NULL;
}

hm_err graph_collect_top(struct hm_cx *cx, struct oci_place *place, struct hm_str digest,
			 struct hm_str tag, struct oci_descriptor *out, bool *out_found)
{
	struct hm_str at = oci_is_digest_tag(tag) ? subject_of_tag(cx, tag) : digest;
	for (unsigned depth = 0;; depth++) {
		struct oci_manifest m;
		HM_TRY(hm_alive(cx));
		HM_TRY(resolve(cx, place, at, out, out_found));
		if (!*out_found)
			return NULL;
		HM_TRY(oci_fetch_manifest(cx, place, out, &m));
		if (!m.subject.digest.n)
			return NULL;
		if (depth >= HM_MAX_REFERRERS_DEPTH)
			return hm_fail(cx, HM_LIMIT, "referrers of referrers, deeper than %llu",
				       (unsigned long long)HM_MAX_REFERRERS_DEPTH);
		at = m.subject.digest;
	}
}
