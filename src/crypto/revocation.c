/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/crypto.h"

#include <openssl/x509v3.h>

#include "crypto/chain.h"

/* OCSP where the certificate has it; a CRL where it has no OCSP, or that does not know. */
static hm_err check_certificate(struct hm_cx *cx, const struct crypto_asking *a,
				enum crypto_revocation *out, struct hm_str *out_why)
{
	enum crypto_revocation state;
	struct hm_str why = HM_STR(""), crl_why;
	HM_TRY(crypto_ocsp_check(cx, a, &state, &why));
	if (state == CRYPTO_NOT_REVOCABLE || state == CRYPTO_UNKNOWN) {
		enum crypto_revocation by_crl;
		HM_TRY(crypto_crl_check(cx, a, &by_crl, &crl_why));
		if (by_crl != CRYPTO_NOT_REVOCABLE) {
			state = by_crl;
			why = why.n && crl_why.n
				      ? hm_fmt(cx, "%.*s; %.*s", HM_FMT(why), HM_FMT(crl_why))
				      : crl_why;
		}
	}
	*out = state;
	*out_why = why;
	return NULL;
}

hm_err crypto_revocation_check(struct hm_cx *cx, const struct crypto_chain *c,
			       const struct crypto_revocation_terms *terms,
			       enum crypto_revocation *out, struct hm_str *out_why)
{
	static const int rank[] = { [CRYPTO_NOT_REVOCABLE] = 0,
				    [CRYPTO_GOOD] = 1,
				    [CRYPTO_UNKNOWN] = 2,
				    [CRYPTO_REVOKED] = 3 };
	enum crypto_revocation worst = CRYPTO_NOT_REVOCABLE;
	struct hm_str worst_why = HM_STR("");
	for (size_t i = 0; i + 1 < c->n; i++) {
		struct crypto_asking a = { crypto_chain_at(c, i), crypto_chain_at(c, i + 1),
					   terms->fetch, terms->now, terms->signing_time };
		enum crypto_revocation state;
		struct hm_str why;
		HM_TRY(hm_alive(cx));
		HM_TRY(check_certificate(cx, &a, &state, &why));
		if (rank[state] <= rank[worst])
			continue;
		worst = state;
		struct hm_str subject = crypto_name_text(cx, X509_get_subject_name(a.certificate));
		worst_why = hm_fmt(cx, "certificate \"%.*s\": %.*s", HM_FMT(subject), HM_FMT(why));
	}
	*out = worst;
	*out_why = worst_why;
	return NULL;
}
