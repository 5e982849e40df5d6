/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/crypto.h"

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/pkcs7.h>
#include <openssl/ts.h>

#include "crypto/chain.h"
#include "crypto/key.h"

/* ETSI EN 319 421, "baseline policy": without an accuracy, one second is meant. */
static const char baseline_policy[] = "0.4.0.2023.1.1";

void crypto_timestamp_done(struct crypto_timestamp *t)
{
	crypto_chain_done(&t->chain);
}

/* What OpenSSL owns while a token is verified. */
struct token {
	PKCS7 *cms;
	TS_TST_INFO *info;
	X509_STORE *store;
	TS_VERIFY_CTX *ctx;
	X509_STORE_CTX *path;
	STACK_OF(X509) * signers;
	STACK_OF(X509) * known; /* the authority's, which the token need not have; or NULL */
};

static void token_done(struct token *t)
{
	X509_STORE_CTX_free(t->path);
	sk_X509_free(t->known);
	TS_VERIFY_CTX_free(t->ctx);
	sk_X509_free(t->signers);
	X509_STORE_free(t->store);
	TS_TST_INFO_free(t->info);
	PKCS7_free(t->cms);
	ERR_clear_error();
}

/* RFC 3161, 2.4.2, with the digest of RFC 5816 rather than SHA-1's; versions by RFC 5652, 5.1 and
 * 5.3. */
static hm_err check_signer_info(struct hm_cx *cx, PKCS7 *cms)
{
	STACK_OF(PKCS7_SIGNER_INFO) *infos = PKCS7_get_signer_info(cms);
	const PKCS7_SIGNER_INFO *signer =
		sk_PKCS7_SIGNER_INFO_num(infos) == 1 ? sk_PKCS7_SIGNER_INFO_value(infos, 0) : NULL;
	if (!signer)
		return hm_fail(cx, HM_TRUST, "the timestamp does not have exactly one signer");
	if (ASN1_INTEGER_get(cms->d.sign->version) != 3 || ASN1_INTEGER_get(signer->version) != 1)
		return hm_fail(cx, HM_TRUST, "the timestamp is of a version that is not supported");
	if (!PKCS7_get_signed_attribute(signer, NID_id_smime_aa_signingCertificateV2))
		return hm_fail(cx, HM_TRUST, "the timestamp does not name its signing certificate");
	return NULL;
}

static hm_err open_token(struct hm_cx *cx, struct hm_str der, struct token *t)
{
	if (der.n > HM_MAX_TIMESTAMP)
		return hm_fail(cx, HM_LIMIT, "the timestamp is too large");
	crypto_need_all();
	const unsigned char *at = (const unsigned char *)der.p;
	t->cms = d2i_PKCS7(NULL, &at, (long)der.n);
	if (!t->cms || at != (const unsigned char *)der.p + der.n)
		return crypto_fail(cx, HM_INPUT, "the timestamp is malformed");
	if (!PKCS7_type_is_signed(t->cms) || PKCS7_get_detached(t->cms))
		return hm_fail(cx, HM_INPUT, "the timestamp is not signed data");
	t->info = PKCS7_to_TS_TST_INFO(t->cms);
	if (!t->info)
		return crypto_fail(cx, HM_INPUT, "the timestamp is malformed");
	return check_signer_info(cx, t->cms);
}

static hm_err read_imprint_digest(struct hm_cx *cx, const struct token *t, enum crypto_digest *out)
{
	const ASN1_OBJECT *digest;
	X509_ALGOR_get0(&digest, NULL, NULL,
			TS_MSG_IMPRINT_get_algo(TS_TST_INFO_get_msg_imprint(t->info)));
	int nid = OBJ_obj2nid(digest);
	if (nid != NID_sha256 && nid != NID_sha384 && nid != NID_sha512)
		return hm_fail(cx, HM_TRUST, "the timestamp's digest is not SHA-2");
	*out = nid == NID_sha256   ? CRYPTO_SHA256
	       : nid == NID_sha384 ? CRYPTO_SHA384
				   : CRYPTO_SHA512;
	return NULL;
}

/* Microseconds of the fraction that a GeneralizedTime may have ("20260131120000.25Z"), which
 * OpenSSL's own conversion drops; *out_more: it is finer than that. */
static int64_t read_fraction(const ASN1_GENERALIZEDTIME *when, bool *out_more)
{
	struct hm_str text =
		hm_bytes(ASN1_STRING_get0_data(when), (size_t)ASN1_STRING_length(when));
	size_t dot = hm_find_char(text, '.');
	int64_t micros = 0, unit = 100000;
	*out_more = false;
	if (dot == SIZE_MAX)
		return 0;
	for (size_t i = dot + 1; i < text.n && text.p[i] >= '0' && text.p[i] <= '9';
	     i++, unit /= 10) {
		micros += (text.p[i] - '0') * unit;
		*out_more = *out_more || (!unit && text.p[i] != '0');
	}
	return micros;
}

/* One part of an accuracy; 0 where it is absent. False: negative, or more than `max`. */
static bool read_part(const ASN1_INTEGER *part, int64_t max, int64_t *out)
{
	*out = 0;
	return !part || (ASN1_INTEGER_get_int64(out, part) && *out >= 0 && *out <= max);
}

/* In microseconds. */
static hm_err read_accuracy(struct hm_cx *cx, const struct token *t, int64_t *out)
{
	TS_ACCURACY *a = TS_TST_INFO_get_accuracy(t->info);
	int64_t seconds = 0, millis = 0, micros = 0;
	if (a && (!read_part(TS_ACCURACY_get_seconds(a), 86400, &seconds) ||
		  !read_part(TS_ACCURACY_get_millis(a), 999, &millis) ||
		  !read_part(TS_ACCURACY_get_micros(a), 999, &micros)))
		return crypto_fail(cx, HM_INPUT, "the timestamp's accuracy is out of range");
	char policy[64] = "";
	OBJ_obj2txt(policy, sizeof(policy), TS_TST_INFO_get_policy_id(t->info), 1);
	if (!seconds && !millis && !micros && strcmp(policy, baseline_policy) == 0)
		seconds = 1;
	*out = (seconds * 1000 + millis) * 1000 + micros;
	return NULL;
}

static hm_err read_info(struct hm_cx *cx, const struct token *t, struct crypto_timestamp *out)
{
	enum { SECOND = 1000000 };
	const ASN1_GENERALIZEDTIME *when = TS_TST_INFO_get_time(t->info);
	const ASN1_INTEGER *nonce = TS_TST_INFO_get_nonce(t->info);
	int64_t accuracy = 0, fraction;
	bool more;
	HM_TRY_IN(cx, crypto_time(cx, when, &out->time), "timestamp");
	HM_TRY(read_accuracy(cx, t, &accuracy));
	fraction = read_fraction(when, &more);
	/* Both are counted from genTime's whole second; neither sum is negative. */
	int64_t before = accuracy > fraction ? accuracy - fraction : 0;
	int64_t after = fraction + accuracy + (more ? 1 : 0);
	out->earliest = out->time - (before + SECOND - 1) / SECOND;
	out->latest = out->time + (after + SECOND - 1) / SECOND;
	out->nonce = HM_STR("");
	if (nonce)
		out->nonce = hm_dup(cx, hm_bytes(ASN1_STRING_get0_data(nonce),
						 (size_t)ASN1_STRING_length(nonce)));
	return NULL;
}

static hm_err make_store(struct hm_cx *cx, struct token *t, const struct crypto_chain *roots,
			 int64_t when)
{
	t->store = X509_STORE_new();
	if (!t->store)
		return crypto_fail(cx, HM_SYSTEM, "could not verify the timestamp");
	for (size_t i = 0; i < roots->n; i++)
		if (!X509_STORE_add_cert(t->store, crypto_chain_at(roots, i)))
			return crypto_fail(cx, HM_SYSTEM, "could not verify the timestamp");
	X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(t->store), when);
	X509_STORE_set_verify_cb(t->store, crypto_allow_last_second);
	return NULL;
}

/* The path that the token's signer has, which OpenSSL does not hand out. */
static hm_err find_chain(struct hm_cx *cx, struct token *t, struct crypto_chain *out)
{
	t->signers = PKCS7_get0_signers(t->cms, t->known, 0);
	t->path = X509_STORE_CTX_new();
	if (sk_X509_num(t->signers) != 1 || !t->path ||
	    !X509_STORE_CTX_init(t->path, t->store, sk_X509_value(t->signers, 0),
				 t->known ? t->known : t->cms->d.sign->cert) ||
	    !X509_STORE_CTX_set_purpose(t->path, X509_PURPOSE_TIMESTAMP_SIGN))
		return crypto_fail(cx, HM_TRUST, "the timestamp's certificate cannot be verified");
	if (X509_verify_cert(t->path) != 1) {
		ERR_clear_error();
		return hm_fail(cx, HM_TRUST, "the timestamp's certificate is not trusted: %s",
			       X509_verify_cert_error_string(X509_STORE_CTX_get_error(t->path)));
	}
	return crypto_chain_from_stack(cx, X509_STORE_CTX_get0_chain(t->path), out);
}

/* Is it signed with ML-DSA or SLH-DSA? OpenSSL's functions for timestamps know neither. */
static bool is_signed_purely(const struct token *t)
{
	STACK_OF(X509) *signers = PKCS7_get0_signers(t->cms, t->known, 0);
	EVP_PKEY *key =
		sk_X509_num(signers) == 1 ? X509_get0_pubkey(sk_X509_value(signers, 0)) : NULL;
	bool pure = key && crypto_pure_kind(key);
	sk_X509_free(signers);
	ERR_clear_error();
	return pure;
}

/* What TS_VFY_SIGNATURE stands for, by OpenSSL's other implementation (RFC 9882, RFC 9814): the
 * signature, the path, and that signing-certificate-v2 names it (CMS_CADES). */
static hm_err check_pure_signature(struct hm_cx *cx, const struct token *t, struct hm_str token)
{
	const unsigned char *at = (const unsigned char *)token.p;
	CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &at, (long)token.n);
	bool good = cms && X509_STORE_set_purpose(t->store, X509_PURPOSE_TIMESTAMP_SIGN) &&
		    CMS_verify(cms, t->known, t->store, NULL, NULL, CMS_BINARY | CMS_CADES) == 1;
	CMS_ContentInfo_free(cms);
	return good ? NULL : crypto_fail(cx, HM_TRUST, "the timestamp does not verify");
}

/* `what` are flags of TS_VFY_...; with TS_VFY_SIGNATURE the store is needed. */
static hm_err check_token(struct hm_cx *cx, struct token *t, struct hm_str signature, unsigned what)
{
	t->ctx = TS_VERIFY_CTX_new();
	BIO *data = BIO_new_mem_buf(signature.n ? signature.p : "", (int)signature.n);
	if (!t->ctx || !data || (t->store && !X509_STORE_up_ref(t->store))) {
		BIO_free(data);
		return crypto_fail(cx, HM_SYSTEM, "could not verify the timestamp");
	}
	TS_VERIFY_CTX_set_flags(t->ctx, (int)(what | TS_VFY_VERSION | TS_VFY_DATA));
	TS_VERIFY_CTX_set0_data(t->ctx, data);
	TS_VERIFY_CTX_set0_store(t->ctx, t->store);
	if (t->known && !TS_VERIFY_CTX_set0_certs(t->ctx, X509_chain_up_ref(t->known)))
		return crypto_fail(cx, HM_SYSTEM, "could not verify the timestamp");
	if (TS_RESP_verify_token(t->ctx, t->cms) == 1)
		return NULL;
	if (ERR_GET_REASON(ERR_peek_last_error()) == TS_R_CERTIFICATE_VERIFY_ERROR) {
		/* it does not say what is wrong with them */
		struct crypto_chain none = { 0 };
		HM_TRY(find_chain(cx, t, &none));
		crypto_chain_done(&none);
	}
	return crypto_fail(cx, HM_TRUST, "the timestamp does not verify");
}

/* The time at which the authority says that it signed (RFC 5652, 11.3), where it does, lies within
 * the validity of its certificates, as Notation has it. */
static hm_err check_signing_time(struct hm_cx *cx, struct token *t, const struct crypto_chain *c)
{
	PKCS7_SIGNER_INFO *signer = sk_PKCS7_SIGNER_INFO_value(PKCS7_get_signer_info(t->cms), 0);
	const ASN1_TYPE *attribute = PKCS7_get_signed_attribute(signer, NID_pkcs9_signingTime);
	int64_t when;
	if (!attribute)
		return NULL;
	if (attribute->type != V_ASN1_UTCTIME && attribute->type != V_ASN1_GENERALIZEDTIME)
		return hm_fail(cx, HM_TRUST, "the signing time is malformed");
	HM_TRY_IN(cx, crypto_time(cx, attribute->value.asn1_string, &when), "signing time");
	HM_TRY_IN(cx, crypto_chain_valid_at(cx, c, when), "signing time");
	return NULL;
}

static hm_err verify_token(struct hm_cx *cx, struct token *t, struct hm_str token,
			   struct hm_str signature, const struct crypto_chain *roots,
			   struct crypto_timestamp *found)
{
	HM_TRY(open_token(cx, token, t));
	HM_TRY(read_imprint_digest(cx, t, &found->digest));
	HM_TRY(read_info(cx, t, found));
	HM_TRY(make_store(cx, t, roots, found->time));
	bool pure = is_signed_purely(t);
	if (pure)
		HM_TRY(check_pure_signature(cx, t, token));
	HM_TRY(check_token(cx, t, signature, pure ? 0 : TS_VFY_SIGNATURE));
	return find_chain(cx, t, &found->chain);
}

hm_err crypto_timestamp_verify_by(struct hm_cx *cx, struct hm_str token, struct hm_str signature,
				  const struct crypto_chain *authority,
				  struct crypto_timestamp *out)
{
	HM_CLEANUP(token_done) struct token t = { 0 };
	struct crypto_timestamp found = { 0 };
	struct crypto_chain root = { authority->der + authority->n - 1,
				     authority->x509 + authority->n - 1, 1 };
	t.known = sk_X509_new_null();
	for (size_t i = 0; t.known && i < authority->n; i++)
		if (!sk_X509_push(t.known, crypto_chain_at(authority, i)))
			return crypto_fail(cx, HM_SYSTEM, "could not verify the timestamp");
	HM_TRY_IN(cx, verify_token(cx, &t, token, signature, &root, &found), "timestamp");
	*out = found;
	return NULL;
}

hm_err crypto_timestamp_verify(struct hm_cx *cx, struct hm_str token, struct hm_str signature,
			       const struct crypto_chain *roots, struct crypto_timestamp *out)
{
	HM_CLEANUP(token_done) struct token t = { 0 };
	struct crypto_timestamp found = { 0 };
	HM_TRY(verify_token(cx, &t, token, signature, roots, &found));
	hm_err err = crypto_chain_check_for(cx, &found.chain, CRYPTO_TIMESTAMPING);
	err = err ? err : check_signing_time(cx, &t, &found.chain);
	if (err) {
		crypto_timestamp_done(&found);
		return hm_wrap(cx, err, "timestamp");
	}
	*out = found;
	return NULL;
}

/* The signer's certificate first, where the token has it. */
static hm_err list_certificates(struct hm_cx *cx, struct token *t, struct crypto_chain *out)
{
	STACK_OF(X509) *all = t->cms->d.sign->cert;
	t->signers = PKCS7_get0_signers(t->cms, NULL, 0);
	STACK_OF(X509) *sorted = t->signers ? sk_X509_dup(t->signers) : sk_X509_new_null();
	ERR_clear_error();
	for (int i = 0; sorted && i < sk_X509_num(all); i++) {
		X509 *x = sk_X509_value(all, i);
		bool is_signer = false;
		for (int k = 0; k < sk_X509_num(t->signers) && !is_signer; k++)
			is_signer = X509_cmp(x, sk_X509_value(t->signers, k)) == 0;
		if (!is_signer && !sk_X509_push(sorted, x))
			break;
	}
	hm_err err = sk_X509_num(sorted) > 0 ? crypto_chain_from_stack(cx, sorted, out) : NULL;
	sk_X509_free(sorted);
	return err;
}

hm_err crypto_timestamp_read(struct hm_cx *cx, struct hm_str token, struct hm_str signature,
			     struct crypto_timestamp *out)
{
	HM_CLEANUP(token_done) struct token t = { 0 };
	struct crypto_timestamp found = { 0 };
	HM_TRY(open_token(cx, token, &t));
	HM_TRY(read_imprint_digest(cx, &t, &found.digest));
	HM_TRY(read_info(cx, &t, &found));
	HM_TRY(check_token(cx, &t, signature, 0));
	HM_TRY(list_certificates(cx, &t, &found.chain));
	*out = found;
	return NULL;
}
