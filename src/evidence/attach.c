/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/evidence.h"

enum { CLOCK_SKEW_SECONDS = 60 };

static hm_err push_evidence(struct hm_cx *cx, struct oci_place *p,
			    const struct oci_descriptor *subject, const struct evidence_new *e,
			    int64_t created, struct oci_descriptor *out)
{
	struct hm_str type = hm_cstr(e->type);
	struct oci_artifact a = {
		.artifact_type = type, .blob_type = type, .bytes = e->bytes, .subject = *subject
	};
	/* What a list of referrers says about it (annotations, platform) is not part of the
	 * subject. */
	a.subject.annotations = (struct oci_annotations){ 0 };
	a.subject.platform = (struct oci_platform){ 0 };
	a.subject.artifact_type = a.subject.data = HM_STR("");
	if (e->kind->is_dated)
		*hm_push(cx, &a.annotations) =
			(struct oci_annotation){ HM_STR(OCI_CREATED), hm_rfc3339(cx, created) };
	return oci_attach(cx, p, &a, out);
}

/* Is what is there what push_evidence() would make? */
static bool is_same(const struct evidence *there, const struct evidence_new *e,
		    struct hm_str digest)
{
	const struct oci_manifest *m = &there->manifest;
	return m->layers_n == 1 && hm_eq(m->layers[0].digest, digest) &&
	       hm_eqz(m->layers[0].media_type, e->type) &&
	       hm_eqz(m->config.media_type, OCI_EMPTY) &&
	       hm_eqz(oci_manifest_artifact_type(m), e->type) &&
	       m->annotations.n == (e->kind->is_dated ? 1 : 0);
}

static bool is_recent(const struct evidence *there, const struct evidence_new *e)
{
	return !e->kind->is_dated || (there->when <= e->now + CLOCK_SKEW_SECONDS &&
				      there->when > e->now - e->kind->reuse_seconds);
}

hm_err evidence_attach(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *subject,
		       const struct evidence_new *new, struct oci_descriptor *out, bool *out_reused)
{
	struct evidence_new e = *new;
	struct evidence_list list;
	int64_t created = e.now;
	e.type = e.type ? e.type : e.kind->artifact_types[0];
	struct hm_str digest = crypto_digest_text(cx, CRYPTO_SHA256, e.bytes);
	HM_TRY(evidence_find(cx, p, subject, e.kind, &list));
	/* Newest first. Dated evidence that is not the signer's own and says otherwise decides
	 * nothing: anybody may have attached it. */
	for (size_t i = 0; i < list.n; i++) {
		struct oci_descriptor signature;
		struct trust_own own = { .signer = e.signer };
		bool is_own = false;
		if (is_same(&list.p[i], &e, digest) && is_recent(&list.p[i], &e)) {
			*out = list.p[i].descriptor;
			*out_reused = true;
			return NULL;
		}
		if (e.kind->is_dated && e.signer)
			HM_TRY(trust_find_own(cx, p, &list.p[i].descriptor, &own, &signature,
					      &is_own));
		if (!is_own)
			continue;
		if (list.p[i].when >= created)
			created = list.p[i].when + 1;
		break;
	}
	HM_TRY(push_evidence(cx, p, subject, &e, created, out));
	*out_reused = false;
	return NULL;
}
