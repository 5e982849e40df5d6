/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/notary.h"

void envelope_notary_begin(struct hm_cx *cx, struct envelope *e,
			   struct envelope_signature **out_signature,
			   struct envelope_notary **out_notary)
{
	struct envelope_notary *n = hm_new(cx, struct envelope_notary, 1);
	e->signatures = hm_new(cx, struct envelope_signature, 1);
	e->signatures_n = 1;
	e->signatures[0].material = ENVELOPE_CHAIN;
	e->signatures[0].notary = n;
	*out_signature = &e->signatures[0];
	*out_notary = n;
}

hm_err envelope_notary_scheme(struct hm_cx *cx, struct hm_str name, enum envelope_scheme *out)
{
	bool authority = hm_eqz(name, NOTARY_AUTHORITY);
	if (!authority && !hm_eqz(name, NOTARY_X509))
		return hm_fail(cx, HM_INPUT, "signing scheme \"%.*s\" is not supported",
			       HM_FMT(name));
	*out = authority ? ENVELOPE_SIGNING_AUTHORITY : ENVELOPE_X509;
	return NULL;
}

const char *envelope_notary_time(enum envelope_scheme scheme, bool wanted)
{
	bool authority = scheme == ENVELOPE_SIGNING_AUTHORITY;
	return authority == wanted ? NOTARY_AUTHENTIC : NOTARY_SIGNING_TIME;
}

hm_err envelope_notary_check_times(struct hm_cx *cx, const struct envelope_notary *n)
{
	if (!n->signing_time)
		return hm_fail(cx, HM_INPUT, "\"%s\" is missing",
			       envelope_notary_time(n->scheme, true));
	if (n->expiry && n->expiry <= n->signing_time)
		return hm_fail(cx, HM_INPUT, "the signature expires before it was made");
	return NULL;
}

/* A key that is not the chain's would make a signature that nobody can verify. */
static hm_err sign_by_chain(struct hm_cx *cx, const struct envelope_signing *s, struct hm_str input,
			    struct hm_str *out)
{
	CRYPTO_AUTO_KEY key = { 0 };
	HM_TRY_IN(cx, crypto_chain_check(cx, s->chain), "certificate chain");
	HM_TRY(s->signer->public(cx, s->signer, &key));
	HM_TRY(crypto_key_match(cx, &key, s->chain));
	return s->signer->sign(cx, s->signer, input, out);
}

/* The signer gives signature and chain: neither is believed until the two match. */
static hm_err sign_with_chain(struct hm_cx *cx, const struct envelope_signing *s,
			      struct hm_str input, struct hm_str *out)
{
	CRYPTO_AUTO_KEY key = { 0 };
	HM_TRY(s->signer->sign(cx, s->signer, input, out));
	HM_TRY_IN(cx, crypto_chain_check(cx, s->chain), "certificate chain");
	HM_TRY(crypto_chain_key(cx, s->chain, &key));
	if (key.alg != s->signer->alg)
		return hm_fail(cx, HM_TRUST, "the certificate is for algorithm %s, not %s",
			       crypto_alg_rows[key.alg].name, crypto_alg_rows[s->signer->alg].name);
	HM_TRY_IN(cx, crypto_verify(cx, &key, key.alg, input, *out),
		  "the signature is not by the key of its certificate");
	return NULL;
}

hm_err envelope_notary_sign(struct hm_cx *cx, const struct envelope_signing *s, struct hm_str input,
			    struct hm_str *out, struct hm_str *out_token)
{
	struct hm_str signature;
	*out_token = HM_STR("");
	if (s->expiry && s->expiry <= s->signing_time)
		return hm_fail(cx, HM_USAGE, "the signature would expire before it is made");
	HM_TRY(s->signer->chain ? sign_with_chain(cx, s, input, &signature)
				: sign_by_chain(cx, s, input, &signature));
	if (s->stamp)
		HM_TRY_IN(cx, s->stamp(cx, s->stamp_arg, signature, out_token), "timestamp");
	*out = signature;
	return NULL;
}
