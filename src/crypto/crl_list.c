/* SPDX-License-Identifier: Apache-2.0 */
/* What a revocation list is worth, and what it says. */
#include "crypto/crl.h"

#include <openssl/err.h>

#include "crypto/key.h"

void crypto_crl_done(struct crypto_crl *l)
{
	X509_CRL_free(l->base);
	X509_CRL_free(l->delta);
	ERR_clear_error();
}

static bool has_unknown_critical(const STACK_OF(X509_EXTENSION) * extensions)
{
	for (int i = 0; i < sk_X509_EXTENSION_num(extensions); i++) {
		X509_EXTENSION *e = sk_X509_EXTENSION_value(extensions, i);
		int nid = OBJ_obj2nid(X509_EXTENSION_get_object(e));
		if (X509_EXTENSION_get_critical(e) && nid != NID_issuing_distribution_point &&
		    nid != NID_delta_crl && nid != NID_crl_reason && nid != NID_invalidity_date)
			return true;
	}
	return false;
}

hm_err crypto_crl_check_extensions(struct hm_cx *cx, const STACK_OF(X509_EXTENSION) * extensions,
				   const char *what)
{
	return has_unknown_critical(extensions)
		       ? hm_fail(cx, HM_INPUT, "%s has a critical extension that is not supported",
				 what)
		       : NULL;
}

/* One of the names of the point, as the list itself has them. */
static bool is_named(const DIST_POINT_NAME *name, const DIST_POINT *p)
{
	const GENERAL_NAMES *mine = crypto_names_of(p->distpoint), *theirs = crypto_names_of(name);
	for (int i = 0; i < sk_GENERAL_NAME_num(theirs); i++) {
		const GENERAL_NAME *g = sk_GENERAL_NAME_value(theirs, i);
		for (int k = 0; g->type == GEN_URI && k < sk_GENERAL_NAME_num(mine); k++) {
			const GENERAL_NAME *m = sk_GENERAL_NAME_value(mine, k);
			if (m->type == GEN_URI && hm_eq(crypto_uri_of(m), crypto_uri_of(g)))
				return true;
		}
	}
	return false;
}

/* RFC 5280, 6.3.3 (b): does a list of this scope speak of the certificate? Whoever stands between
 * us and its place can give another list of the same issuer instead. One that other issuers fill
 * says nothing in entries without their names: not supported. */
static bool covers_certificate(const struct crypto_asking *a, const ISSUING_DIST_POINT *scope,
			       const DIST_POINT *p)
{
	bool is_ca = X509_get_extension_flags(a->certificate) & EXFLAG_CA;
	if (!scope)
		return true;
	if (scope->indirectCRL > 0 || scope->onlyattr > 0 ||
	    (is_ca ? scope->onlyuser : scope->onlyCA) > 0)
		return false;
	return !scope->distpoint || is_named(scope->distpoint, p);
}

/* Where no reasons are named, all are meant. */
static unsigned reasons_of(const ASN1_BIT_STRING *some)
{
	unsigned reasons = 0;
	for (int i = 0; some && i < 2 && i < ASN1_STRING_length(some); i++)
		reasons |= (unsigned)ASN1_STRING_get0_data(some)[i] << 8 * i;
	return some ? reasons & CRYPTO_ALL_REASONS : CRYPTO_ALL_REASONS;
}

/* Is the base a complete list that speaks of the certificate, and of which reasons? Of those that
 * both the point and the list name (RFC 5280, 6.3.3 (d)). */
static hm_err check_scope(struct hm_cx *cx, const struct crypto_asking *a, X509_CRL *base,
			  const DIST_POINT *p, unsigned *out_reasons)
{
	ISSUING_DIST_POINT *scope =
		X509_CRL_get_ext_d2i(base, NID_issuing_distribution_point, NULL, NULL);
	bool is_delta = X509_CRL_get_ext_by_NID(base, NID_delta_crl, -1) >= 0;
	bool is_malformed =
		!scope && X509_CRL_get_ext_by_NID(base, NID_issuing_distribution_point, -1) >= 0;
	bool good = !is_delta && !is_malformed && covers_certificate(a, scope, p);
	unsigned reasons =
		reasons_of(scope ? scope->onlysomereasons : NULL) & reasons_of(p->reasons);
	ISSUING_DIST_POINT_free(scope);
	if (!good)
		return hm_fail(cx, HM_INPUT,
			       is_delta ? "the list is not a complete one"
					: "the list is about other certificates");
	*out_reasons = reasons;
	return NULL;
}

/* The same scope, to the byte: RFC 5280, 6.3.3 (c)(2). */
static bool same_scope(const struct crypto_crl *l)
{
	int base = X509_CRL_get_ext_by_NID(l->base, NID_issuing_distribution_point, -1);
	int delta = X509_CRL_get_ext_by_NID(l->delta, NID_issuing_distribution_point, -1);
	if (base < 0 || delta < 0)
		return base < 0 && delta < 0;
	return ASN1_OCTET_STRING_cmp(X509_EXTENSION_get_data(X509_CRL_get_ext(l->base, base)),
				     X509_EXTENSION_get_data(X509_CRL_get_ext(l->delta, delta))) ==
	       0;
}

static hm_err check_list(struct hm_cx *cx, const struct crypto_asking *a, X509_CRL *crl)
{
	int64_t begins, ends;
	EVP_PKEY *key = X509_get0_pubkey(a->issuer);
	crypto_need_all();
	if (!crypto_name_equal(X509_CRL_get_issuer(crl), X509_get_subject_name(a->issuer)) ||
	    !key || !(X509_get_key_usage(a->issuer) & KU_CRL_SIGN) ||
	    X509_CRL_verify(crl, key) != 1)
		return hm_fail(cx, HM_TRUST, "the list is not the issuer's");
	HM_TRY_IN(cx, crypto_time(cx, X509_CRL_get0_lastUpdate(crl), &begins), "thisUpdate");
	HM_TRY_IN(cx, crypto_time(cx, X509_CRL_get0_nextUpdate(crl), &ends), "nextUpdate");
	if (begins > a->now + CRYPTO_CLOCK_SKEW || ends < a->now)
		return hm_fail(cx, HM_INPUT, "the list is not current");
	return crypto_crl_check_extensions(cx, X509_CRL_get0_extensions(crl), "the list");
}

/* RFC 5280, 5.2.4: does the delta belong to this base? */
static hm_err check_delta(struct hm_cx *cx, const struct crypto_crl *l)
{
	ASN1_INTEGER *base = X509_CRL_get_ext_d2i(l->base, NID_crl_number, NULL, NULL);
	ASN1_INTEGER *delta = X509_CRL_get_ext_d2i(l->delta, NID_crl_number, NULL, NULL);
	ASN1_INTEGER *least = X509_CRL_get_ext_d2i(l->delta, NID_delta_crl, NULL, NULL);
	bool fits = base && delta && least && ASN1_INTEGER_cmp(delta, base) > 0 &&
		    ASN1_INTEGER_cmp(least, base) <= 0 && same_scope(l);
	ASN1_INTEGER_free(base);
	ASN1_INTEGER_free(delta);
	ASN1_INTEGER_free(least);
	return fits ? NULL : hm_fail(cx, HM_INPUT, "the delta list does not fit its base");
}

static hm_err read_list(struct hm_cx *cx, const struct crypto_asking *a, struct hm_str der,
			X509_CRL **out)
{
	const unsigned char *at = (const unsigned char *)der.p;
	X509_CRL *crl = d2i_X509_CRL(NULL, &at, (long)der.n);
	if (!crl)
		return crypto_fail(cx, HM_INPUT, "the list is malformed");
	X509_CRL_free(*out);
	*out = crl;
	return check_list(cx, a, crl);
}

hm_err crypto_crl_take_base(struct hm_cx *cx, const struct crypto_asking *a, const DIST_POINT *p,
			    struct hm_str der, struct crypto_crl *l, unsigned *out_reasons)
{
	HM_TRY(read_list(cx, a, der, &l->base));
	HM_TRY(check_scope(cx, a, l->base, p, out_reasons));
	l->der.base = der;
	return NULL;
}

hm_err crypto_crl_take_delta(struct hm_cx *cx, const struct crypto_asking *a, struct hm_str der,
			     struct crypto_crl *l)
{
	HM_TRY(read_list(cx, a, der, &l->delta));
	HM_TRY(check_delta(cx, l));
	l->der.delta = der;
	return NULL;
}

hm_err crypto_crl_has_delta(struct hm_cx *cx, const struct crypto_asking *a,
			    const struct crypto_crl *l, bool *out)
{
	*out = X509_CRL_get_ext_by_NID(l->base, NID_freshest_crl, -1) >= 0;
	/* The scope of a delta that only the certificate names is not known. */
	if (!*out && X509_get_ext_by_NID(a->certificate, NID_freshest_crl, -1) >= 0)
		return hm_fail(cx, HM_INPUT,
			       "a freshest list in the certificate alone is not supported");
	return NULL;
}

/* --- entries --- */

/* What one entry says about the certificate. */
enum saying { SAYS_REVOKED, SAYS_ON_HOLD, SAYS_TAKEN_BACK, SAYS_VALID_THEN };

static hm_err read_entry(struct hm_cx *cx, const struct crypto_asking *a, const X509_REVOKED *r,
			 enum saying *out)
{
	HM_TRY(crypto_crl_check_extensions(cx, X509_REVOKED_get0_extensions(r), "an entry"));
	ASN1_GENERALIZEDTIME *t = X509_REVOKED_get_ext_d2i(r, NID_invalidity_date, NULL, NULL);
	ASN1_ENUMERATED *reason = X509_REVOKED_get_ext_d2i(r, NID_crl_reason, NULL, NULL);
	int64_t from = 0;
	hm_err err = t ? crypto_time(cx, t, &from) : NULL;
	long code = reason ? ASN1_ENUMERATED_get(reason) : CRL_REASON_NONE;
	ASN1_GENERALIZEDTIME_free(t);
	ASN1_ENUMERATED_free(reason);
	HM_TRY(err);
	*out = code == CRL_REASON_REMOVE_FROM_CRL    ? SAYS_TAKEN_BACK
	       : code == CRL_REASON_CERTIFICATE_HOLD ? SAYS_ON_HOLD
						     : SAYS_REVOKED;
	if (a->signing_time && from && a->signing_time < from)
		*out = SAYS_VALID_THEN;
	return NULL;
}

/* Entries of the base first, then of the delta: the last word on a certificate counts, but only a
 * hold can be taken back (RFC 5280, 5.3.1). */
hm_err crypto_crl_search(struct hm_cx *cx, const struct crypto_asking *a,
			 const struct crypto_crl *l, bool *out_revoked)
{
	const ASN1_INTEGER *serial = X509_get0_serialNumber(a->certificate);
	X509_CRL *both[] = { l->base, l->delta };
	bool revoked = false, held = false;
	for (size_t k = 0; k < HM_LEN(both) && both[k]; k++) {
		STACK_OF(X509_REVOKED) *entries = X509_CRL_get_REVOKED(both[k]);
		for (int i = 0; i < sk_X509_REVOKED_num(entries); i++) {
			const X509_REVOKED *r = sk_X509_REVOKED_value(entries, i);
			enum saying says;
			if (ASN1_INTEGER_cmp(X509_REVOKED_get0_serialNumber(r), serial) != 0)
				continue;
			HM_TRY(read_entry(cx, a, r, &says));
			revoked = revoked || says == SAYS_REVOKED;
			held = says == SAYS_ON_HOLD;
		}
	}
	*out_revoked = revoked || held;
	return NULL;
}
