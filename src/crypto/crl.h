/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crl.h - private to crypto/: revocation lists. crl.c asks for those of a certificate's
 * distribution points, crl_list.c says what one is worth and what its entries say (RFC 5280, 5
 * and 6.3).
 */
#ifndef CRYPTO_CRL_H
#define CRYPTO_CRL_H

#include <openssl/x509v3.h>

#include "crypto/chain.h"

/* All the reasons there are to revoke (RFC 5280, 4.2.1.13), as the first two bytes of their BIT
 * STRING in little endian. */
enum { CRYPTO_ALL_REASONS = 0x807f };

static inline struct hm_str crypto_uri_of(const GENERAL_NAME *g)
{
	const ASN1_STRING *s = g->d.uniformResourceIdentifier;
	return hm_bytes(ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s));
}

/* The names of a point that stand for themselves. */
static inline const GENERAL_NAMES *crypto_names_of(const DIST_POINT_NAME *name)
{
	return name && name->type == 0 ? name->name.fullname : NULL;
}

/* A complete list, and the newer entries to it where it names such a list (RFC 5280, 5.2.6). */
struct crypto_crl {
	X509_CRL *base, *delta;
	struct crypto_lists der;
};

void crypto_crl_done(struct crypto_crl *l);
/* `der` becomes the base: the issuer's, current, complete, and about the certificate at this point;
 * *out_reasons are those that it speaks of. HM_INPUT; HM_TRUST: it is not the issuer's. */
HM_MUST hm_err crypto_crl_take_base(struct hm_cx *cx, const struct crypto_asking *a,
				    const DIST_POINT *p, struct hm_str der, struct crypto_crl *l,
				    unsigned *out_reasons);
/* Does the base name a list of newer entries? HM_INPUT: only the certificate does. */
HM_MUST hm_err crypto_crl_has_delta(struct hm_cx *cx, const struct crypto_asking *a,
				    const struct crypto_crl *l, bool *out);
/* `der` becomes the delta, which fits the base. */
HM_MUST hm_err crypto_crl_take_delta(struct hm_cx *cx, const struct crypto_asking *a,
				     struct hm_str der, struct crypto_crl *l);
/* What the entries say of the certificate. */
HM_MUST hm_err crypto_crl_search(struct hm_cx *cx, const struct crypto_asking *a,
				 const struct crypto_crl *l, bool *out_revoked);

/* RFC 5280, 5.2: what has an unknown critical extension cannot be used. HM_INPUT: `what` has one.
 */
HM_MUST hm_err crypto_crl_check_extensions(struct hm_cx *cx,
					   const STACK_OF(X509_EXTENSION) * extensions,
					   const char *what);

#endif
