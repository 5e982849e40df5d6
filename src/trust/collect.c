/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/trust.h"

#include "trust/examine.h"

/*
 * Is it a signature's manifest: the form of image-spec 1.1, or that of Notation 1.x before it?
 * A registry's list says only what it believes.
 */
static hm_err check_manifest(struct hm_cx *cx, const struct oci_manifest *m,
			     const struct oci_descriptor *subject)
{
	bool now = hm_eqz(m->artifact_type, TRUST_SIGNATURE_TYPE) &&
		   hm_eqz(m->config.media_type, OCI_EMPTY);
	bool before = !m->artifact_type.n && hm_eqz(m->config.media_type, TRUST_SIGNATURE_TYPE);
	if (m->kind != OCI_IS_MANIFEST || (!now && !before))
		return hm_fail(cx, HM_INPUT, "it is not the manifest of a signature");
	if (!hm_eq(m->subject.digest, subject->digest) || m->subject.size != subject->size ||
	    !hm_eq(m->subject.media_type, subject->media_type))
		return hm_fail(cx, HM_INPUT, "it refers to something else");
	if (m->layers_n != 1)
		return hm_fail(cx, HM_INPUT, "it has %zu envelopes instead of one", m->layers_n);
	if (m->layers[0].size > HM_MAX_ENVELOPE)
		return hm_fail(cx, HM_LIMIT, "its envelope is too large");
	return NULL;
}

static hm_err list_referrers(struct hm_cx *cx, struct oci_place *p,
			     const struct oci_descriptor *subject, struct oci_descriptor **out,
			     size_t *out_n)
{
	return oci_referrers(cx, p, subject, HM_STR(TRUST_SIGNATURE_TYPE), out, out_n);
}

static hm_err fetch_layer(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
			  const struct oci_descriptor *subject, struct hm_str *out_type,
			  struct hm_str *out)
{
	struct oci_manifest m;
	HM_TRY(oci_fetch_manifest(cx, p, d, &m));
	HM_TRY(check_manifest(cx, &m, subject));
	HM_TRY(oci_fetch(cx, p, &m.layers[0], HM_MAX_ENVELOPE, out));
	*out_type = m.layers[0].media_type;
	return NULL;
}

const struct trust_form trust_forms[] = {
	{ "notary-referrer", &trust_notary, list_referrers, fetch_layer },
	{ 0 },
};

hm_err trust_collect(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *subject,
		     struct trust_found **out, size_t *out_n)
{
	HM_VEC(struct trust_found) found = { 0 };
	for (const struct trust_form *f = trust_forms; f->name; f++) {
		struct oci_descriptor *list;
		size_t n;
		HM_TRY(f->list(cx, p, subject, &list, &n));
		for (size_t i = 0; i < n; i++)
			*hm_push(cx, &found) = (struct trust_found){ f, list[i] };
	}
	*out = found.p;
	*out_n = found.n;
	return NULL;
}

hm_err trust_fetch_envelope(struct hm_cx *cx, struct oci_place *p, const struct trust_found *f,
			    const struct oci_descriptor *subject, struct hm_str *out_type,
			    struct hm_str *out)
{
	return f->form->fetch(cx, p, &f->descriptor, subject, out_type, out);
}
