/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/crypto.h"

#include <openssl/err.h>
#include <openssl/x509.h>

#include "crypto/chain.h"
#include "crypto/key.h"

/*
 * The rules of the Notary Project's signature-specification.md, "Certificate Requirements", on top
 * of RFC 5280: extensions that they do not name are ignored, unless they are critical.
 */

static hm_err fail_rule(struct hm_cx *cx, const struct crypto_chain *c, size_t i, const char *rule)
{
	struct hm_str subject = crypto_name_text(cx, X509_get_subject_name(crypto_chain_at(c, i)));
	return hm_fail(cx, HM_TRUST, "certificate \"%.*s\" %s", HM_FMT(subject), rule);
}

/* SHA-1 and MD5 signatures can be forged; what has no known digest is not in the table. */
static bool digest_is_sound(X509 *x)
{
	int md = NID_undef;
	if (!X509_get_signature_info(x, &md, NULL, NULL, NULL))
		return false;
	return md == NID_sha256 || md == NID_sha384 || md == NID_sha512;
}

const char *crypto_pure_kind(const EVP_PKEY *key)
{
	for (size_t i = 1; i < CRYPTO_ALGS; i++) {
		const struct crypto_primitive *p = crypto_primitive((enum crypto_alg)i);
		if (crypto_alg_rows[i].cli && p->scheme == CRYPTO_PURE &&
		    EVP_PKEY_is_a(key, p->kind))
			return p->kind;
	}
	return NULL;
}

/* RFC 9881, 2 and RFC 9909, 3: the object identifier says all, and the parameters are absent. */
static bool is_pure_alg(const X509_ALGOR *alg, const char *kind)
{
	const ASN1_OBJECT *object;
	int type;
	X509_ALGOR_get0(&object, &type, NULL, alg);
	return OBJ_obj2nid(object) == OBJ_txt2nid(kind) && type == V_ASN1_UNDEF;
}

/* Is the signature of a kind that the issuer's key may make? */
static bool signature_is_sound(X509 *x, EVP_PKEY *key)
{
	const char *kind = crypto_pure_kind(key);
	return kind ? is_pure_alg(X509_get0_tbs_sigalg(x), kind) : digest_is_sound(x);
}

static bool verify_certificate(X509 *x, X509 *by)
{
	EVP_PKEY *key = X509_get0_pubkey(by);
	bool ok = key && signature_is_sound(x, key) && X509_verify(x, key) == 1;
	ERR_clear_error();
	return ok;
}

/* Is certificate i signed with the key of certificate `by`? */
static bool signed_with(const struct crypto_chain *c, size_t i, size_t by)
{
	struct crypto_statement s =
		crypto_statement(CRYPTO_IS_SIGNED_BY,
				 (const struct hm_str[]){ c->der[i], c->der[by] }, 2);
	if (crypto_is_proven(&s))
		return true;
	if (!verify_certificate(crypto_chain_at(c, i), crypto_chain_at(c, by)))
		return false;
	crypto_keep_proven(&s);
	return true;
}

static bool can_issue(X509 *x)
{
	return (X509_get_extension_flags(x) & EXFLAG_CA) &&
	       (X509_get_key_usage(x) & KU_KEY_CERT_SIGN);
}

static bool names_issuer(const struct crypto_chain *c, size_t i, size_t by)
{
	return crypto_name_equal(X509_get_issuer_name(crypto_chain_at(c, i)),
				 X509_get_subject_name(crypto_chain_at(c, by)));
}

bool crypto_chain_issued_by(const struct crypto_chain *c, size_t i, size_t by)
{
	return can_issue(crypto_chain_at(c, by)) && names_issuer(c, i, by) && signed_with(c, i, by);
}

bool crypto_chain_is_self_signed(const struct crypto_chain *c, size_t i)
{
	return names_issuer(c, i, i) && signed_with(c, i, i);
}

/* 1: there and critical; 0: there; -1: not there. */
static int find_criticality(X509 *x, int nid)
{
	int at = X509_get_ext_by_NID(x, nid, -1);
	return at < 0 ? -1 : X509_EXTENSION_get_critical(X509_get_ext(x, at)) ? 1 : 0;
}

/* What is done about each is here, in revocation.c, or nothing: any policy will do. */
static const int understood[] = {
	NID_basic_constraints,  NID_key_usage,
	NID_ext_key_usage,      NID_name_constraints,
	NID_subject_alt_name,   NID_certificate_policies,
	NID_inhibit_any_policy, NID_crl_distribution_points,
};

static hm_err check_critical(struct hm_cx *cx, const struct crypto_chain *c, size_t i)
{
	X509 *x = crypto_chain_at(c, i);
	for (int k = 0; k < X509_get_ext_count(x); k++) {
		X509_EXTENSION *e = X509_get_ext(x, k);
		int nid = OBJ_obj2nid(X509_EXTENSION_get_object(e));
		bool known = !X509_EXTENSION_get_critical(e);
		for (size_t m = 0; m < HM_LEN(understood) && !known; m++)
			known = nid == understood[m];
		if (!known)
			return fail_rule(cx, c, i,
					 "has a critical extension that is not understood");
	}
	return NULL;
}

/* RFC 5280, 4.2.1.10: whom a CA may issue certificates to, and those below it. */
static hm_err check_names(struct hm_cx *cx, const struct crypto_chain *c, size_t i)
{
	NAME_CONSTRAINTS *names =
		X509_get_ext_d2i(crypto_chain_at(c, i), NID_name_constraints, NULL, NULL);
	hm_err err = NULL;
	for (size_t k = 0; names && k < i && !err; k++)
		if (NAME_CONSTRAINTS_check(crypto_chain_at(c, k), names) != X509_V_OK)
			err = fail_rule(cx, c, k,
					"has a name outside the name constraints of its authority");
	NAME_CONSTRAINTS_free(names);
	ERR_clear_error();
	return err;
}

/* RFC 9881, 3 and 5; RFC 9909, 4 and 6. */
static hm_err check_pure_key(struct hm_cx *cx, const struct crypto_chain *c, size_t i)
{
	static const uint32_t impossible = KU_KEY_ENCIPHERMENT | KU_DATA_ENCIPHERMENT |
					   KU_KEY_AGREEMENT | KU_ENCIPHER_ONLY | KU_DECIPHER_ONLY;
	X509 *x = crypto_chain_at(c, i);
	EVP_PKEY *key = X509_get0_pubkey(x);
	const char *kind = key ? crypto_pure_kind(key) : NULL;
	X509_ALGOR *alg;
	if (!kind)
		return NULL;
	if (!X509_PUBKEY_get0_param(NULL, NULL, NULL, &alg, X509_get_X509_PUBKEY(x)) ||
	    !is_pure_alg(alg, kind))
		return fail_rule(cx, c, i, "has parameters with a key that takes none");
	if (find_criticality(x, NID_key_usage) >= 0 && (X509_get_key_usage(x) & impossible))
		return fail_rule(cx, c, i, "has a key usage that its kind of key cannot have");
	return NULL;
}

static hm_err check_ca(struct hm_cx *cx, const struct crypto_chain *c, size_t i)
{
	X509 *x = crypto_chain_at(c, i);
	EVP_PKEY *key = X509_get0_pubkey(x);
	if (!crypto_chain_is_ca(c, i))
		return fail_rule(cx, c, i, "is not a certificate authority");
	if (find_criticality(x, NID_basic_constraints) != 1)
		return fail_rule(cx, c, i, "does not mark its basic constraints critical");
	long path = X509_get_pathlen(x);
	if (path >= 0 && (size_t)path < i - 1)
		return fail_rule(cx, c, i, "does not allow a path this long");
	if (find_criticality(x, NID_key_usage) != 1)
		return fail_rule(cx, c, i, "does not mark its key usage critical");
	if (!(X509_get_key_usage(x) & KU_KEY_CERT_SIGN))
		return fail_rule(cx, c, i, "is not for signing certificates");
	if (!key || EVP_PKEY_get_security_bits(key) < 112)
		return fail_rule(cx, c, i, "has a key that is too weak");
	return check_pure_key(cx, c, i);
}

static hm_err check_code_signing_usage(struct hm_cx *cx, const struct crypto_chain *c)
{
	static const uint32_t excluded = XKU_SSL_SERVER | XKU_SSL_CLIENT | XKU_SMIME |
					 XKU_TIMESTAMP | XKU_OCSP_SIGN | XKU_ANYEKU;
	X509 *x = crypto_chain_at(c, 0);
	if (find_criticality(x, NID_key_usage) != 1)
		return fail_rule(cx, c, 0, "does not mark its key usage critical");
	if ((X509_get_extension_flags(x) & EXFLAG_XKUSAGE) &&
	    (X509_get_extended_key_usage(x) & excluded))
		return fail_rule(
			cx, c, 0,
			"has an extended key usage that a signing certificate must not have");
	return NULL;
}

/* RFC 3161, 2.3: one extended key usage, critical. */
static hm_err check_timestamping_usage(struct hm_cx *cx, const struct crypto_chain *c)
{
	X509 *x = crypto_chain_at(c, 0);
	EXTENDED_KEY_USAGE *usage = X509_get_ext_d2i(x, NID_ext_key_usage, NULL, NULL);
	bool only = usage && sk_ASN1_OBJECT_num(usage) == 1 &&
		    OBJ_obj2nid(sk_ASN1_OBJECT_value(usage, 0)) == NID_time_stamp;
	EXTENDED_KEY_USAGE_free(usage);
	if (!only || find_criticality(x, NID_ext_key_usage) != 1)
		return fail_rule(cx, c, 0, "is not for timestamping alone");
	return NULL;
}

static hm_err check_leaf(struct hm_cx *cx, const struct crypto_chain *c,
			 enum crypto_purpose purpose)
{
	static const uint32_t others = KU_KEY_ENCIPHERMENT | KU_DATA_ENCIPHERMENT |
				       KU_KEY_AGREEMENT | KU_KEY_CERT_SIGN | KU_CRL_SIGN |
				       KU_ENCIPHER_ONLY | KU_DECIPHER_ONLY;
	X509 *x = crypto_chain_at(c, 0);
	if (crypto_chain_is_ca(c, 0))
		return fail_rule(cx, c, 0, "is a certificate authority, and must not sign content");
	if (find_criticality(x, NID_key_usage) < 0)
		return fail_rule(cx, c, 0, "has no key usage");
	uint32_t usage = X509_get_key_usage(x);
	if (!(usage & KU_DIGITAL_SIGNATURE))
		return fail_rule(cx, c, 0, "is not for digital signatures");
	if (usage & others)
		return fail_rule(cx, c, 0, "has key usages besides digital signature");
	HM_TRY(purpose == CRYPTO_TIMESTAMPING ? check_timestamping_usage(cx, c)
					      : check_code_signing_usage(cx, c));
	CRYPTO_AUTO_KEY key = { 0 };
	hm_err err = crypto_chain_key(cx, c, &key);
	return err ? fail_rule(cx, c, 0, err->why) : check_pure_key(cx, c, 0);
}

/* How certificate i is joined to the next. */
static hm_err check_link(struct hm_cx *cx, const struct crypto_chain *c, size_t i)
{
	if (i + 1 == c->n)
		return crypto_chain_issued_by(c, i, i)
			       ? NULL
			       : fail_rule(cx, c, i,
					   "ends the chain, but is not a root certificate");
	if (crypto_chain_issued_by(c, i, i))
		return fail_rule(cx, c, i, "is self-signed, but does not end the chain");
	if (!crypto_chain_issued_by(c, i, i + 1))
		return fail_rule(cx, c, i, "is not issued by the next certificate of the chain");
	return NULL;
}

static hm_err check_rules(struct hm_cx *cx, const struct crypto_chain *c,
			  enum crypto_purpose purpose)
{
	if (!c->n)
		return hm_fail(cx, HM_TRUST, "the certificate chain is empty");
	if (c->n == 1) {
		if (!crypto_chain_is_self_signed(c, 0))
			return fail_rule(cx, c, 0, "stands alone, but is not self-signed");
		HM_TRY(check_critical(cx, c, 0));
		return check_leaf(cx, c, purpose);
	}
	for (size_t i = 0; i < c->n; i++) {
		HM_TRY(check_link(cx, c, i));
		HM_TRY(check_critical(cx, c, i));
		HM_TRY(check_names(cx, c, i));
		HM_TRY(i ? check_ca(cx, c, i) : check_leaf(cx, c, purpose));
	}
	return NULL;
}

/* None of the rules asks for anything but the certificates: a chain that keeps them always will. */
hm_err crypto_chain_check_for(struct hm_cx *cx, const struct crypto_chain *c,
			      enum crypto_purpose purpose)
{
	struct hm_str *digests = hm_new(cx, struct hm_str, c->n);
	for (size_t i = 0; i < c->n; i++)
		digests[i] = crypto_details(cx, c, i)->info.sha256;
	struct crypto_statement s =
		crypto_statement(purpose == CRYPTO_TIMESTAMPING ? CRYPTO_KEEPS_TIMESTAMPING_RULES
								: CRYPTO_KEEPS_CODE_SIGNING_RULES,
				 digests, c->n);
	if (crypto_is_proven(&s))
		return NULL;
	HM_TRY(check_rules(cx, c, purpose));
	crypto_keep_proven(&s);
	return NULL;
}

hm_err crypto_chain_check(struct hm_cx *cx, const struct crypto_chain *c)
{
	return crypto_chain_check_for(cx, c, CRYPTO_CODE_SIGNING);
}
