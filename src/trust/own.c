/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/trust.h"

#include "trust/config.h"

/* Has it a timestamp of an authority that leads to that root? */
static bool is_stamped(struct hm_cx *cx, const struct trust_claim *c,
		       const struct crypto_chain *root)
{
	CRYPTO_AUTO_TIMESTAMP stamp = { 0 };
	const struct envelope_signature *s = c->signature;
	return s->timestamp.n && !crypto_timestamp_verify(cx, s->timestamp, s->value, root, &stamp);
}

/* A signature of this very subject, by this very certificate, that holds at `now`. */
static bool is_own(struct hm_cx *cx, const struct trust_claim *c,
		   const struct oci_descriptor *subject, const struct trust_own *own, int64_t now)
{
	const struct trust_signer *signer = own->signer;
	const struct crypto_chain *chain = &c->signature->chain;
	struct oci_descriptor target;
	if (!chain->n || !signer->chain.n || !hm_eq(chain->der[0], signer->chain.der[0]))
		return false;
	if (c->notary->expiry && c->notary->expiry <= now)
		return false;
	if (own->stamp_root && !is_stamped(cx, c, own->stamp_root))
		return false;
	return !trust_claim_target(cx, c, &target) && trust_same_target(&target, subject);
}

/* Is it that the place could not be asked, and not that what it gave is no good? */
static bool is_in_doubt(hm_err err)
{
	return err->code == HM_BUSY || err->code == HM_SYSTEM || err->code == HM_FULL;
}

static hm_err check_own(struct hm_cx *cx, struct oci_place *p, const struct trust_found *f,
			const struct oci_descriptor *subject, const struct trust_own *own,
			bool *out)
{
	struct hm_str type, bytes;
	TRUST_AUTO_CLAIM claim = { 0 };
	*out = false;
	hm_err err = trust_fetch_envelope(cx, p, f, subject, &type, &bytes);
	if (err)
		return is_in_doubt(err) ? err : NULL;
	if (!trust_claim_read(cx, type, bytes, &claim))
		*out = is_own(cx, &claim, subject, own, hm_now());
	return NULL;
}

hm_err trust_find_own(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *subject,
		      const struct trust_own *own, struct oci_descriptor *out, bool *out_found)
{
	struct trust_found *list;
	size_t n;
	*out_found = false;
	HM_TRY(trust_collect(cx, p, subject, TRUST_NOTARYS, &list, &n));
	for (size_t i = 0; i < n && i < HM_MAX_SIGNATURES_TRIED && !*out_found; i++) {
		HM_TRY(check_own(cx, p, &list[i], subject, own, out_found));
		if (*out_found)
			*out = list[i].descriptor;
	}
	return NULL;
}
