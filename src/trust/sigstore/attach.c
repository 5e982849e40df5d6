/* SPDX-License-Identifier: Apache-2.0 */
#include "statement/statement.h"
#include "trust/sigstore/sign.h"

hm_err trust_sigstore_sign_statement(struct hm_cx *cx, struct hm_str digest, struct hm_str *out)
{
	return statement_about(cx, HM_STR(""), digest, HM_STR(SIGSTORE_SIGN_PREDICATE),
			       (struct json){ 0 }, out);
}

static void annotate(struct hm_cx *cx, struct oci_artifact *a, const char *key, struct hm_str value)
{
	*hm_push(cx, &a->annotations) = (struct oci_annotation){ hm_cstr(key), value };
}

hm_err trust_sigstore_attach(struct hm_cx *cx, struct oci_place *p,
			     const struct oci_descriptor *subject,
			     const struct sigstore_attachment *at, struct oci_descriptor *out)
{
	struct oci_artifact a = { .artifact_type = HM_STR(ENVELOPE_BUNDLE_TYPE),
				  .blob_type = HM_STR(ENVELOPE_BUNDLE_TYPE),
				  .bytes = at->bundle };
	/* What the subject's descriptor says beside these three is not the signature's business. */
	a.subject = (struct oci_descriptor){ .media_type = subject->media_type,
					     .digest = subject->digest,
					     .size = subject->size };
	annotate(cx, &a, "dev.sigstore.bundle.content", HM_STR("dsse-envelope"));
	annotate(cx, &a, SIGSTORE_PREDICATE_TYPE, at->predicate_type);
	annotate(cx, &a, OCI_CREATED, hm_rfc3339(cx, at->when));
	return oci_attach(cx, p, &a, out);
}
