/* SPDX-License-Identifier: Apache-2.0 */
/* A revocation list by itself: whose it is, and which certificates it names (RFC 5280, 5). */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "crypto/chain.h"
#include "crypto/crl.h"
#include "crypto/key.h"

static struct hm_str serial_text(struct hm_cx *cx, const ASN1_INTEGER *serial)
{
	struct hm_str hex = hm_hex(cx, hm_bytes(ASN1_STRING_get0_data(serial),
						(size_t)ASN1_STRING_length(serial)));
	return hex.n ? hex : HM_STR("00");
}

static hm_err key_digest(struct hm_cx *cx, X509 *x, struct hm_str *out)
{
	struct hm_str der = HM_STR("");
	HM_TRY(crypto_certificate_spki(cx, x, &der));
	*out = hm_hex(cx, crypto_digest_raw(cx, CRYPTO_SHA256, der));
	return NULL;
}

hm_err crypto_certificate_issued(struct hm_cx *cx, const struct crypto_chain *c, size_t i,
				 struct crypto_issued *out)
{
	struct crypto_certificate_info info;
	HM_TRY(crypto_certificate_info(cx, c, i, &info));
	*out = (struct crypto_issued){ .issuer = info.issuer, .serial = info.serial };
	if (i + 1 < c->n && crypto_chain_issued_by(c, i, i + 1))
		HM_TRY(key_digest(cx, crypto_chain_at(c, i + 1), &out->key));
	return NULL;
}

/* ------------------------------------------------------------------ whose it is */

static void free_list(X509_CRL **crl)
{
	X509_CRL_free(*crl);
	ERR_clear_error();
}

/* Of several only the first would be read. */
static bool has_several(struct hm_str bytes)
{
	struct hm_str begin = HM_STR("-----BEGIN"), text = hm_trim(bytes);
	return hm_starts(text, begin) && hm_find(hm_from(text, begin.n), begin) != SIZE_MAX;
}

static X509_CRL *parse(struct hm_str bytes)
{
	const unsigned char *at = (const unsigned char *)bytes.p;
	if (!hm_starts(hm_trim(bytes), HM_STR("-----BEGIN"))) {
		X509_CRL *crl = d2i_X509_CRL(NULL, &at, (long)bytes.n);
		bool is_whole = at == (const unsigned char *)bytes.p + bytes.n;
		if (crl && !is_whole) {
			X509_CRL_free(crl);
			crl = NULL;
		}
		return crl;
	}
	BIO *from = BIO_new_mem_buf(bytes.p, (int)bytes.n);
	X509_CRL *crl = from ? PEM_read_bio_X509_CRL(from, NULL, crypto_no_passphrase, NULL) : NULL;
	BIO_free(from);
	return crl;
}

static hm_err check_issuer(struct hm_cx *cx, X509_CRL *crl, const struct crypto_chain *issuers,
			   struct crypto_revocation_list *l)
{
	crypto_need_all();
	for (size_t i = 0; i < issuers->n; i++) {
		X509 *x = crypto_chain_at(issuers, i);
		EVP_PKEY *key = X509_get0_pubkey(x);
		if (!crypto_name_equal(X509_CRL_get_issuer(crl), X509_get_subject_name(x)) ||
		    !key || !(X509_get_key_usage(x) & KU_CRL_SIGN) ||
		    X509_CRL_verify(crl, key) != 1)
			continue;
		return key_digest(cx, x, &l->key);
	}
	return hm_fail(cx, HM_TRUST, "none of the certificates has issued the list of \"%.*s\"",
		       HM_FMT(l->issuer));
}

static hm_err check_times(struct hm_cx *cx, const X509_CRL *crl, int64_t now,
			  struct crypto_revocation_list *l)
{
	const ASN1_TIME *next = X509_CRL_get0_nextUpdate(crl);
	HM_TRY_IN(cx, crypto_time(cx, X509_CRL_get0_lastUpdate(crl), &l->begins), "thisUpdate");
	if (next)
		HM_TRY_IN(cx, crypto_time(cx, next, &l->ends), "nextUpdate");
	if (l->begins > now + CRYPTO_CLOCK_SKEW)
		return hm_fail(cx, HM_INPUT, "the list is of the future: it was made at %s",
			       hm_rfc3339(cx, l->begins).p);
	return NULL;
}

/* Entries of other issuers are named beside each: such a list is not supported. */
static hm_err check_scope(struct hm_cx *cx, const X509_CRL *crl, struct crypto_revocation_list *l)
{
	int at = X509_CRL_get_ext_by_NID(crl, NID_issuing_distribution_point, -1);
	ISSUING_DIST_POINT *scope =
		X509_CRL_get_ext_d2i(crl, NID_issuing_distribution_point, NULL, NULL);
	bool is_good = at < 0 || (scope && scope->indirectCRL <= 0 && scope->onlyattr <= 0);
	l->is_partial = at >= 0;
	l->is_delta = X509_CRL_get_ext_by_NID(crl, NID_delta_crl, -1) >= 0;
	ISSUING_DIST_POINT_free(scope);
	if (!is_good)
		return hm_fail(cx, HM_INPUT,
			       "the list is of several issuers or of attribute certificates, "
			       "which is not supported");
	return crypto_crl_check_extensions(cx, X509_CRL_get0_extensions(crl), "the list");
}

/* ------------------------------------------------------------------ what it names */

static const char *reason_text(long code)
{
	static const char *const names[] = {
		[CRL_REASON_KEY_COMPROMISE] = "key compromise",
		[CRL_REASON_CA_COMPROMISE] = "CA compromise",
		[CRL_REASON_AFFILIATION_CHANGED] = "affiliation changed",
		[CRL_REASON_SUPERSEDED] = "superseded",
		[CRL_REASON_CESSATION_OF_OPERATION] = "cessation of operation",
		[CRL_REASON_CERTIFICATE_HOLD] = "certificate hold",
		[CRL_REASON_PRIVILEGE_WITHDRAWN] = "privilege withdrawn",
		[CRL_REASON_AA_COMPROMISE] = "AA compromise",
	};
	return code >= 0 && code < (long)HM_LEN(names) && names[code] ? names[code] : "";
}

/* Of one that is taken off the list nothing is kept. */
static hm_err add_entry(struct hm_cx *cx, const X509_REVOKED *r, struct crypto_revocation_list *l)
{
	struct crypto_revoked one = { .serial =
					      serial_text(cx, X509_REVOKED_get0_serialNumber(r)) };
	HM_TRY(crypto_crl_check_extensions(cx, X509_REVOKED_get0_extensions(r), "an entry"));
	HM_TRY_IN(cx, crypto_time(cx, X509_REVOKED_get0_revocationDate(r), &one.since),
		  "serial number %.*s", HM_FMT(one.serial));
	ASN1_ENUMERATED *reason = X509_REVOKED_get_ext_d2i(r, NID_crl_reason, NULL, NULL);
	long code = reason ? ASN1_ENUMERATED_get(reason) : CRL_REASON_NONE;
	ASN1_ENUMERATED_free(reason);
	one.reason = reason_text(code);
	if (code != CRL_REASON_REMOVE_FROM_CRL)
		*hm_push(cx, l) = one;
	return NULL;
}

hm_err crypto_revocation_list(struct hm_cx *cx, struct hm_str bytes,
			      const struct crypto_chain *issuers, int64_t now,
			      struct crypto_revocation_list *out)
{
	struct crypto_revocation_list l = { 0 };
	HM_CLEANUP(free_list) X509_CRL *crl = bytes.n <= HM_MAX_CRL ? parse(bytes) : NULL;
	if (bytes.n > HM_MAX_CRL)
		return hm_fail(cx, HM_LIMIT, "the list is too large");
	if (!crl)
		return crypto_fail(cx, HM_INPUT, "it is not a revocation list (PEM or DER)");
	if (has_several(bytes))
		return hm_fail(cx, HM_INPUT, "it has more than one list: each is asked for alone");
	l.issuer = crypto_name_text(cx, X509_CRL_get_issuer(crl));
	HM_TRY(check_issuer(cx, crl, issuers, &l));
	HM_TRY(check_times(cx, crl, now, &l));
	HM_TRY(check_scope(cx, crl, &l));
	STACK_OF(X509_REVOKED) *entries = X509_CRL_get_REVOKED(crl);
	for (int i = 0; i < sk_X509_REVOKED_num(entries); i++)
		HM_TRY(add_entry(cx, sk_X509_REVOKED_value(entries, i), &l));
	*out = l;
	return NULL;
}
