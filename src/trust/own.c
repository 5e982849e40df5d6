/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/trust.h"

#include "trust/config.h"

/* Does this envelope say, by this very certificate and for now, that `subject` is released? */
static bool vouches_for(struct hm_cx *cx, const struct envelope *e,
			const struct oci_descriptor *subject, const struct trust_signer *signer)
{
	struct oci_descriptor target;
	if (!e->chain.n || !signer->chain.n || !hm_eq(e->chain.der[0], signer->chain.der[0]))
		return false;
	if (e->expiry && e->expiry <= hm_now())
		return false;
	if (!hm_eqz(e->content_type, ENVELOPE_NOTARY_PAYLOAD) ||
	    trust_payload_parse(cx, e->payload, &target))
		return false;
	return hm_eq(target.media_type, subject->media_type) &&
	       hm_eq(target.digest, subject->digest) && target.size == subject->size;
}

/* One signature manifest: a fault is a signature that does not count, but for a registry in
 * doubt. */
static hm_err check_signer(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
			   const struct oci_descriptor *subject, const struct trust_signer *signer,
			   bool *out)
{
	struct hm_str type, bytes;
	*out = false;
	hm_err err = trust_fetch_envelope(cx, p, d, subject, &type, &bytes);
	if (err && (err->code == HM_BUSY || err->code == HM_SYSTEM || err->code == HM_FULL))
		return err;
	const struct envelope_format *f = err ? NULL : envelope_format_by_type(type);
	ENVELOPE_AUTO e = { 0 };
	if (!f || f->open(cx, bytes, &e))
		return NULL;
	*out = vouches_for(cx, &e, subject, signer);
	return NULL;
}

hm_err trust_find_own(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *subject,
		      const struct trust_signer *signer, struct oci_descriptor *out,
		      bool *out_found)
{
	struct oci_descriptor *list;
	size_t n;
	bool is_own = false;
	*out_found = false;
	HM_TRY(oci_referrers(cx, p, subject, HM_STR(TRUST_SIGNATURE_TYPE), &list, &n));
	for (size_t i = 0; i < n && i < HM_MAX_SIGNATURES && !is_own; i++) {
		HM_TRY(check_signer(cx, p, &list[i], subject, signer, &is_own));
		*out = list[i];
	}
	*out_found = is_own;
	return NULL;
}
