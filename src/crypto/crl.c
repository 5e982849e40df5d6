/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/crypto.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "crypto/chain.h"
#include "crypto/key.h"

/* A complete list, and the newer entries to it where it names such a list (RFC 5280, 5.2.6). */
struct lists {
	X509_CRL *base, *delta;
};

static void lists_done(struct lists *l)
{
	X509_CRL_free(l->base);
	X509_CRL_free(l->delta);
	ERR_clear_error();
}

static hm_err fetch_list(struct hm_cx *cx, const struct crypto_asking *a, struct hm_str url,
			 X509_CRL **out)
{
	struct hm_str der;
	if (!hm_starts(url, HM_STR("http://")))
		return hm_fail(cx, HM_INPUT, "only http is used");
	if (!a->fetch.run)
		return hm_fail(cx, HM_BUSY, "revocation cannot be asked about");
	HM_TRY(a->fetch.run(cx, a->fetch.arg, url, HM_STR(""), HM_STR(""), HM_MAX_CRL, &der));
	const unsigned char *at = (const unsigned char *)der.p;
	X509_CRL *crl = d2i_X509_CRL(NULL, &at, (long)der.n);
	if (!crl)
		return crypto_fail(cx, HM_INPUT, "the list is malformed");
	*out = crl;
	return NULL;
}

/* RFC 5280, 5.2: an unknown critical extension makes the list unusable. */
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

/* A list that another issuer fills says nothing in entries without its name: not supported. */
static bool is_indirect(X509_CRL *crl)
{
	ISSUING_DIST_POINT *idp =
		X509_CRL_get_ext_d2i(crl, NID_issuing_distribution_point, NULL, NULL);
	bool indirect = idp && idp->indirectCRL > 0;
	ISSUING_DIST_POINT_free(idp);
	return indirect;
}

static hm_err check_list(struct hm_cx *cx, const struct crypto_asking *a, X509_CRL *crl)
{
	int64_t begins, ends;
	EVP_PKEY *key = X509_get0_pubkey(a->issuer);
	if (!crypto_name_equal(X509_CRL_get_issuer(crl), X509_get_subject_name(a->issuer)) ||
	    !key || !(X509_get_key_usage(a->issuer) & KU_CRL_SIGN) ||
	    X509_CRL_verify(crl, key) != 1)
		return hm_fail(cx, HM_TRUST, "the list is not the issuer's");
	HM_TRY_IN(cx, crypto_time(cx, X509_CRL_get0_lastUpdate(crl), &begins), "thisUpdate");
	HM_TRY_IN(cx, crypto_time(cx, X509_CRL_get0_nextUpdate(crl), &ends), "nextUpdate");
	if (begins > a->now + 300 || ends < a->now)
		return hm_fail(cx, HM_INPUT, "the list is not of today");
	if (has_unknown_critical(X509_CRL_get0_extensions(crl)) || is_indirect(crl))
		return hm_fail(cx, HM_INPUT,
			       "the list has a critical extension that is not supported");
	return NULL;
}

/* RFC 5280, 5.2.4: does the delta belong to this base? */
static hm_err check_delta(struct hm_cx *cx, const struct lists *l)
{
	ASN1_INTEGER *base = X509_CRL_get_ext_d2i(l->base, NID_crl_number, NULL, NULL);
	ASN1_INTEGER *delta = X509_CRL_get_ext_d2i(l->delta, NID_crl_number, NULL, NULL);
	ASN1_INTEGER *least = X509_CRL_get_ext_d2i(l->delta, NID_delta_crl, NULL, NULL);
	bool fits = base && delta && least && ASN1_INTEGER_cmp(delta, base) > 0 &&
		    ASN1_INTEGER_cmp(least, base) <= 0;
	ASN1_INTEGER_free(base);
	ASN1_INTEGER_free(delta);
	ASN1_INTEGER_free(least);
	return fits ? NULL : hm_fail(cx, HM_INPUT, "the delta list does not fit its base");
}

static hm_err fetch_delta(struct hm_cx *cx, const struct crypto_asking *a, struct lists *l)
{
	struct hm_strs urls = { 0 };
	CRL_DIST_POINTS *points = X509_CRL_get_ext_d2i(l->base, NID_freshest_crl, NULL, NULL);
	hm_err err = points ? crypto_point_urls(cx, points, &urls) : NULL;
	CRL_DIST_POINTS_free(points);
	HM_TRY(err);
	for (size_t i = 0; i < urls.n; i++) {
		err = fetch_list(cx, a, urls.p[i], &l->delta);
		if (!err)
			break;
	}
	HM_TRY_IN(cx, err, "delta list");
	if (!l->delta) {
		/* The scope of a delta that only the certificate names is not known. */
		if (X509_get_ext_by_NID(a->certificate, NID_freshest_crl, -1) >= 0)
			return hm_fail(cx, HM_INPUT,
				       "a freshest list in the certificate alone is not supported");
		return NULL;
	}
	HM_TRY_IN(cx, check_list(cx, a, l->delta), "delta list");
	return check_delta(cx, l);
}

/* What one entry says about the certificate: 0 nothing, 1 revoked, -1 taken back, 2 valid then. */
static hm_err read_entry(struct hm_cx *cx, const struct crypto_asking *a, const X509_REVOKED *r,
			 int *out)
{
	if (has_unknown_critical(X509_REVOKED_get0_extensions(r)))
		return hm_fail(cx, HM_INPUT,
			       "an entry has a critical extension that is not supported");
	ASN1_GENERALIZEDTIME *t = X509_REVOKED_get_ext_d2i(r, NID_invalidity_date, NULL, NULL);
	ASN1_ENUMERATED *reason = X509_REVOKED_get_ext_d2i(r, NID_crl_reason, NULL, NULL);
	int64_t from = 0;
	hm_err err = t ? crypto_time(cx, t, &from) : NULL;
	long code = reason ? ASN1_ENUMERATED_get(reason) : CRL_REASON_NONE;
	ASN1_GENERALIZEDTIME_free(t);
	ASN1_ENUMERATED_free(reason);
	HM_TRY(err);
	*out = code == CRL_REASON_REMOVE_FROM_CRL ? -1 : 1;
	if (a->signing_time && from && a->signing_time < from)
		*out = 2;
	return NULL;
}

/* Entries of the base first, then of the delta: the last word on a certificate counts. */
static hm_err search(struct hm_cx *cx, const struct crypto_asking *a, const struct lists *l,
		     bool *out_revoked)
{
	const ASN1_INTEGER *serial = X509_get0_serialNumber(a->certificate);
	X509_CRL *both[] = { l->base, l->delta };
	bool revoked = false;
	for (size_t k = 0; k < HM_LEN(both) && both[k]; k++) {
		STACK_OF(X509_REVOKED) *entries = X509_CRL_get_REVOKED(both[k]);
		for (int i = 0; i < sk_X509_REVOKED_num(entries); i++) {
			const X509_REVOKED *r = sk_X509_REVOKED_value(entries, i);
			int says = 0;
			if (ASN1_INTEGER_cmp(X509_REVOKED_get0_serialNumber(r), serial) != 0)
				continue;
			HM_TRY(read_entry(cx, a, r, &says));
			revoked = says == 1;
		}
	}
	*out_revoked = revoked;
	return NULL;
}

static hm_err check_point(struct hm_cx *cx, const struct crypto_asking *a, struct hm_str url,
			  bool *out_revoked)
{
	HM_CLEANUP(lists_done) struct lists l = { 0 };
	HM_TRY(fetch_list(cx, a, url, &l.base));
	HM_TRY(check_list(cx, a, l.base));
	HM_TRY(fetch_delta(cx, a, &l));
	return search(cx, a, &l, out_revoked);
}

hm_err crypto_crl_check(struct hm_cx *cx, const struct crypto_asking *a,
			enum crypto_revocation *out, struct hm_str *out_why)
{
	struct hm_strs urls = { 0 };
	CRL_DIST_POINTS *points =
		X509_get_ext_d2i(a->certificate, NID_crl_distribution_points, NULL, NULL);
	hm_err err = points ? crypto_point_urls(cx, points, &urls) : NULL;
	CRL_DIST_POINTS_free(points);
	*out_why = HM_STR("");
	*out = urls.n || err ? CRYPTO_GOOD : CRYPTO_NOT_REVOCABLE;
	/* A point may cover some reasons only: all must be asked. */
	for (size_t i = 0; i < urls.n && !err; i++) {
		bool revoked = false;
		err = check_point(cx, a, urls.p[i], &revoked);
		if (err)
			err = hm_wrap(cx, err, "revocation list \"%.*s\"", HM_FMT(urls.p[i]));
		if (revoked) {
			*out = CRYPTO_REVOKED;
			*out_why = HM_STR("it is revoked (CRL)");
			return NULL;
		}
	}
	if (err) {
		*out = CRYPTO_UNKNOWN;
		*out_why = hm_cstr(err->why);
	}
	return NULL;
}
