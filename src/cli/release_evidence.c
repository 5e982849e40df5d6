/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/release.h"

hm_err cli_release_sign(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *subject,
			const struct trust_signer *signer, struct release_item *out)
{
	struct release_item item = { 0 };
	struct trust_sign_options o = { 0 };
	HM_TRY(trust_find_own(cx, p, subject, signer, &item.descriptor, &item.reused));
	if (!item.reused)
		HM_TRY(trust_sign(cx, p, subject, signer, &o, &item.descriptor));
	*out = item;
	return NULL;
}

static hm_err attach(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *subject,
		     const char *type, struct hm_str bytes, int64_t created,
		     struct oci_descriptor *out)
{
	struct oci_artifact a = { .artifact_type = hm_cstr(type),
				  .blob_type = hm_cstr(type),
				  .bytes = bytes,
				  .subject = *subject };
	/* What a list of referrers says about it (annotations, platform) is not part of the
	 * subject. */
	a.subject.annotations = (struct oci_annotations){ 0 };
	a.subject.platform = (struct oci_platform){ 0 };
	a.subject.artifact_type = a.subject.data = HM_STR("");
	if (created != INT64_MIN)
		*hm_push(cx, &a.annotations) =
			(struct oci_annotation){ HM_STR(OCI_CREATED), hm_rfc3339(cx, created) };
	return oci_attach(cx, p, &a, out);
}

/* Is the candidate what attach() would make of these bytes? */
static bool is_same(const struct gate_candidate *c, struct hm_str digest, const char *type,
		    size_t annotations)
{
	const struct oci_manifest *m = &c->manifest;
	return m->layers_n == 1 && hm_eq(m->layers[0].digest, digest) &&
	       hm_eqz(m->layers[0].media_type, type) && hm_eqz(m->config.media_type, OCI_EMPTY) &&
	       hm_eqz(oci_manifest_artifact_type(m), type) && m->annotations.n == annotations;
}

hm_err cli_release_attach_sbom(struct hm_cx *cx, struct oci_place *p,
			       const struct oci_descriptor *subject, const char *type,
			       struct hm_str bytes, struct release_item *out)
{
	struct gate_candidate *list;
	size_t n;
	struct hm_str digest = crypto_digest_text(cx, CRYPTO_SHA256, bytes);
	HM_TRY(gate_candidates(cx, p, subject, GATE_SBOM, &list, &n));
	for (size_t i = 0; i < n; i++)
		if (is_same(&list[i], digest, type, 0)) {
			*out = (struct release_item){ list[i].descriptor, true };
			return NULL;
		}
	struct release_item item = { 0 };
	HM_TRY(attach(cx, p, subject, type, bytes, INT64_MIN, &item.descriptor));
	*out = item;
	return NULL;
}

hm_err cli_release_attach_report(struct hm_cx *cx, struct oci_place *p,
				 const struct oci_descriptor *subject, struct hm_str bytes,
				 const struct trust_signer *signer, int64_t now,
				 struct release_item *out)
{
	struct gate_candidate *list;
	size_t n;
	struct release_item item = { 0 };
	struct hm_str digest = crypto_digest_text(cx, CRYPTO_SHA256, bytes);
	int64_t created = now;
	HM_TRY(gate_candidates(cx, p, subject, GATE_SCAN, &list, &n));
	/* Newest first. A report that is not ours and says otherwise decides nothing: anybody may
	 * have attached it. One of ours that says otherwise must stay older than what is true
	 * now. */
	for (size_t i = 0; i < n; i++) {
		struct gate_candidate *c = &list[i];
		if (is_same(c, digest, GATE_REPORT_TYPE, 1) && c->when <= now + 60 &&
		    c->when > now - RELEASE_REPORT_SECONDS) {
			*out = (struct release_item){ c->descriptor, true };
			return NULL;
		}
		struct oci_descriptor signature;
		bool is_own;
		HM_TRY(trust_find_own(cx, p, &c->descriptor, signer, &signature, &is_own));
		if (!is_own)
			continue;
		if (c->when >= created)
			created = c->when + 1;
		break;
	}
	HM_TRY(attach(cx, p, subject, GATE_REPORT_TYPE, bytes, created, &item.descriptor));
	*out = item;
	return NULL;
}
