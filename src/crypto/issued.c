/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/issued.h"

#include <openssl/err.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "crypto/chain.h"
#include "crypto/key.h"

/* Fulcio's oid-info.md: a user name of an issuer that knows no mail addresses. */
static const char other_name_oid[] = "1.3.6.1.4.1.57264.1.7";

/* --- keys --- */

static const enum crypto_alg sigstore_algs[] = { CRYPTO_ES256_DER, CRYPTO_ES384_DER,
						 CRYPTO_ES512_DER, CRYPTO_ED25519,
						 CRYPTO_RS256,     CRYPTO_MLDSA44,
						 CRYPTO_MLDSA65,   CRYPTO_MLDSA87 };

hm_err crypto_public_key_any(struct hm_cx *cx, struct hm_str text, struct crypto_key *out)
{
	hm_err err = NULL;
	for (size_t i = 0; i < HM_LEN(sigstore_algs); i++) {
		hm_err e = crypto_public_key_parse(cx, text, sigstore_algs[i], out);
		if (!e)
			return NULL;
		err = err ? err : e;
	}
	return hm_fail(cx, HM_INPUT, "it is not a public key of a kind that is supported: %s",
		       err->why);
}

hm_err crypto_certificate_spki(struct hm_cx *cx, X509 *x, struct hm_str *out)
{
	unsigned char *der = NULL;
	int n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &der);
	if (n <= 0)
		return crypto_fail(cx, HM_INPUT, "the certificate's key cannot be read");
	*out = hm_dup(cx, hm_bytes(der, (size_t)n));
	OPENSSL_free(der);
	return NULL;
}

hm_err crypto_certificate_key_any(struct hm_cx *cx, const struct crypto_chain *c, size_t i,
				  struct crypto_key *out)
{
	struct hm_str der = HM_STR("");
	HM_TRY(crypto_certificate_spki(cx, crypto_chain_at(c, i), &der));
	return crypto_public_key_any(cx, der, out);
}

hm_err crypto_verify_digest(struct hm_cx *cx, const struct crypto_key *k, struct hm_str digest,
			    struct hm_str signature)
{
	enum crypto_scheme scheme = crypto_primitive(k->alg)->scheme;
	const struct crypto_digest_row *row = &crypto_digest_rows[crypto_alg_rows[k->alg].digest];
	if (scheme != CRYPTO_ECDSA_DER && scheme != CRYPTO_PKCS1)
		return hm_fail(cx, HM_USAGE, "%s needs the signed content itself, not its digest",
			       crypto_alg_rows[k->alg].name);
	if (crypto_alg_rows[k->alg].status == CRYPTO_FORBIDDEN || digest.n != row->size)
		return hm_fail(cx, HM_TRUST, "a signature of %s is over %s",
			       crypto_alg_rows[k->alg].name, row->name);
	if (scheme == CRYPTO_PKCS1 && signature.n != (size_t)EVP_PKEY_get_size(k->pkey))
		return hm_fail(cx, HM_TRUST, "the signature does not match");
	return crypto_check_digest(cx, k, k->alg, digest, signature);
}

/* --- names and extensions --- */

hm_err crypto_der_text(struct hm_cx *cx, struct hm_str der, struct hm_str *out)
{
	const unsigned char *at = (const unsigned char *)der.p;
	ASN1_UTF8STRING *s = d2i_ASN1_UTF8STRING(NULL, &at, (long)der.n);
	bool whole = s && at == (const unsigned char *)der.p + der.n;
	if (whole)
		*out = hm_dup(cx,
			      hm_bytes(ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s)));
	ASN1_UTF8STRING_free(s);
	ERR_clear_error();
	if (!whole || !hm_is_utf8(*out) || hm_find_char(*out, '\0') != SIZE_MAX)
		return hm_fail(cx, HM_INPUT, "it is not a text");
	return NULL;
}

static hm_err read_other_name(struct hm_cx *cx, const OTHERNAME *name, struct hm_str *out)
{
	char oid[64] = "";
	OBJ_obj2txt(oid, sizeof(oid), name->type_id, 1);
	if (strcmp(oid, other_name_oid) != 0 || name->value->type != V_ASN1_UTF8STRING)
		return hm_fail(cx, HM_INPUT,
			       "the certificate's name is of a kind that is not known");
	*out = hm_dup(cx, hm_bytes(ASN1_STRING_get0_data(name->value->value.utf8string),
				   (size_t)ASN1_STRING_length(name->value->value.utf8string)));
	return NULL;
}

static hm_err read_name(struct hm_cx *cx, const GENERAL_NAME *name, enum crypto_name_kind *out_kind,
			struct hm_str *out)
{
	const ASN1_STRING *text = name->d.ia5;
	*out_kind = CRYPTO_NAME_OTHER;
	if (name->type == GEN_OTHERNAME)
		return read_other_name(cx, name->d.otherName, out);
	if (name->type != GEN_EMAIL && name->type != GEN_URI)
		return hm_fail(cx, HM_INPUT,
			       "the certificate's name is of a kind that is not known");
	*out_kind = name->type == GEN_EMAIL ? CRYPTO_NAME_EMAIL : CRYPTO_NAME_URI;
	*out = hm_dup(cx, hm_bytes(ASN1_STRING_get0_data(text), (size_t)ASN1_STRING_length(text)));
	return NULL;
}

hm_err crypto_certificate_name(struct hm_cx *cx, const struct crypto_chain *c, size_t i,
			       enum crypto_name_kind *out_kind, struct hm_str *out)
{
	int critical = -1;
	GENERAL_NAMES *names =
		X509_get_ext_d2i(crypto_chain_at(c, i), NID_subject_alt_name, &critical, NULL);
	hm_err err = NULL;
	*out = HM_STR("");
	if (sk_GENERAL_NAME_num(names) == 1)
		err = read_name(cx, sk_GENERAL_NAME_value(names, 0), out_kind, out);
	else
		err = hm_fail(cx, HM_INPUT, "the certificate does not have one name");
	GENERAL_NAMES_free(names);
	ERR_clear_error();
	if (err)
		return err;
	if (!out->n || !hm_is_utf8(*out) || hm_has_control(*out))
		return hm_fail(cx, HM_INPUT, "the certificate's name is not a text");
	return NULL;
}

static void push_name(struct hm_cx *cx, const GENERAL_NAME *name, struct hm_strs *out)
{
	const char *kind = name->type == GEN_DNS     ? "dns"
			   : name->type == GEN_URI   ? "uri"
			   : name->type == GEN_EMAIL ? "email"
						     : NULL;
	if (!kind)
		return;
	const ASN1_STRING *text = name->d.ia5;
	struct hm_str value =
		hm_bytes(ASN1_STRING_get0_data(text), (size_t)ASN1_STRING_length(text));
	if (!value.n || !hm_is_utf8(value) || hm_has_control(value))
		return;
	if (name->type == GEN_DNS)
		value = hm_lower(cx, value);
	*hm_push(cx, out) = hm_fmt(cx, "%s:%.*s", kind, HM_FMT(value));
}

void crypto_certificate_names(struct hm_cx *cx, const struct crypto_chain *c, size_t i,
			      struct hm_strs *out)
{
	int critical = -1;
	X509 *x = crypto_chain_at(c, i);
	GENERAL_NAMES *names = X509_get_ext_d2i(x, NID_subject_alt_name, &critical, NULL);
	struct hm_str subject = crypto_name_text(cx, X509_get_subject_name(x));
	if (subject.n)
		*hm_push(cx, out) = hm_fmt(cx, "subject:%.*s", HM_FMT(subject));
	for (int k = 0; k < sk_GENERAL_NAME_num(names); k++)
		push_name(cx, sk_GENERAL_NAME_value(names, k), out);
	GENERAL_NAMES_free(names);
	ERR_clear_error();
}

hm_err crypto_certificate_extension(struct hm_cx *cx, const struct crypto_chain *c, size_t i,
				    const char *oid, struct hm_str *out)
{
	X509 *x = crypto_chain_at(c, i);
	ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
	int at = object ? X509_get_ext_by_OBJ(x, object, -1) : -1;
	int again = at >= 0 ? X509_get_ext_by_OBJ(x, object, at) : -1;
	ASN1_OBJECT_free(object);
	*out = HM_STR("");
	if (at < 0)
		return NULL;
	if (again >= 0)
		return hm_fail(cx, HM_INPUT, "the certificate has extension %s twice", oid);
	const ASN1_OCTET_STRING *value = X509_EXTENSION_get_data(X509_get_ext(x, at));
	*out = hm_dup(cx,
		      hm_bytes(ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value)));
	return NULL;
}
