/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/ct.h>
#include <openssl/err.h>

#include "crypto/chain.h"
#include "crypto/issued.h"
#include "crypto/key.h"

/* RFC 6962, 3.2: what a log signs of a certificate that it saw before it was issued. */
enum { VERSION_1 = 0, CERTIFICATE_TIMESTAMP = 0, PRECERTIFICATE = 1 };

/* The certificate's TBSCertificate as the log saw it: without the timestamps. */
static hm_err precertificate(struct hm_cx *cx, X509 *leaf, struct hm_str *out)
{
	X509 *x = X509_dup(leaf);
	int at = x ? X509_get_ext_by_NID(x, NID_ct_precert_scts, -1) : -1;
	X509_EXTENSION *gone = at >= 0 ? X509_delete_ext(x, at) : NULL;
	unsigned char *der = NULL;
	int n = gone ? i2d_re_X509_tbs(x, &der) : 0;
	X509_EXTENSION_free(gone);
	X509_free(x);
	if (n <= 0)
		return crypto_fail(cx, HM_INPUT, "the certificate cannot be read");
	*out = hm_dup(cx, hm_bytes(der, (size_t)n));
	OPENSSL_free(der);
	return NULL;
}

static hm_err key_hash(struct hm_cx *cx, X509 *issuer, struct hm_str *out)
{
	struct hm_str der = HM_STR("");
	HM_TRY_IN(cx, crypto_certificate_spki(cx, issuer, &der), "issuer");
	*out = crypto_digest_raw(cx, CRYPTO_SHA256, der);
	return NULL;
}

static void add_number(struct hm_buf *b, uint64_t v, size_t width)
{
	for (size_t i = width; i > 0; i--)
		hm_buf_char(b, (char)(v >> (8 * (i - 1))));
}

static hm_err signed_bytes(struct hm_cx *cx, const SCT *sct, struct hm_str issuer_hash,
			   struct hm_str tbs, struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_CERTIFICATE_FILE);
	unsigned char *more = NULL;
	size_t more_n = SCT_get0_extensions(sct, &more);
	struct hm_str all;
	if (tbs.n >= 1 << 24)
		return hm_fail(cx, HM_LIMIT, "the certificate is too large");
	add_number(&b, VERSION_1, 1);
	add_number(&b, CERTIFICATE_TIMESTAMP, 1);
	add_number(&b, SCT_get_timestamp(sct), 8);
	add_number(&b, PRECERTIFICATE, 2);
	hm_buf_add(&b, issuer_hash);
	add_number(&b, tbs.n, 3);
	hm_buf_add(&b, tbs);
	add_number(&b, more_n, 2);
	hm_buf_add(&b, hm_bytes(more, more_n));
	HM_TRY(hm_buf_end(cx, &b, "the certificate", &all));
	*out = hm_dup(cx, all);
	return NULL;
}

static bool is_of(const SCT *sct, const struct crypto_ct_log *log)
{
	unsigned char *id;
	size_t n = SCT_get0_log_id(sct, &id);
	int64_t seconds = (int64_t)(SCT_get_timestamp(sct) / 1000);
	return SCT_get_version(sct) == SCT_VERSION_V1 && hm_eq(log->id, hm_bytes(id, n)) &&
	       seconds >= log->from && seconds <= log->until;
}

/* Is the signature of the kind that the log's key makes? */
static bool suits_key(const SCT *sct, const struct crypto_key *key)
{
	int nid = SCT_get_signature_nid(sct);
	return (nid == NID_ecdsa_with_SHA256 && key->alg == CRYPTO_ES256_DER) ||
	       (nid == NID_sha256WithRSAEncryption && key->alg == CRYPTO_RS256);
}

struct precert {
	struct hm_str issuer_hash, tbs;
};

static hm_err check_one(struct hm_cx *cx, const SCT *sct, const struct precert *p,
			const struct crypto_ct_log *log)
{
	struct hm_str bytes;
	unsigned char *sig;
	size_t n = SCT_get0_signature(sct, &sig);
	if (!suits_key(sct, log->key))
		return hm_fail(cx, HM_TRUST,
			       "its timestamp is not by the algorithm of the log's key");
	HM_TRY(signed_bytes(cx, sct, p->issuer_hash, p->tbs, &bytes));
	return crypto_verify(cx, log->key, log->key->alg, bytes, hm_bytes(sig, n));
}

static hm_err check_list(struct hm_cx *cx, const STACK_OF(SCT) * list, const struct precert *p,
			 const struct crypto_ct_log *logs, size_t logs_n)
{
	hm_err err = NULL;
	for (int i = 0; i < sk_SCT_num(list); i++)
		for (size_t k = 0; k < logs_n; k++) {
			const SCT *sct = sk_SCT_value(list, i);
			if (!is_of(sct, &logs[k]))
				continue;
			hm_err e = check_one(cx, sct, p, &logs[k]);
			if (!e)
				return NULL;
			err = e;
		}
	if (err)
		return hm_wrap(cx, err, "certificate transparency");
	return hm_fail(cx, HM_TRUST, "no log that is known has seen the certificate (SCT)");
}

hm_err crypto_sct_verify(struct hm_cx *cx, const struct crypto_chain *path,
			 const struct crypto_ct_log *logs, size_t logs_n)
{
	X509 *leaf = crypto_chain_at(path, 0);
	struct precert p = { 0 };
	int critical = -1;
	if (path->n < 2)
		return hm_fail(cx, HM_TRUST, "the certificate was issued by nobody");
	STACK_OF(SCT) *list = X509_get_ext_d2i(leaf, NID_ct_precert_scts, &critical, NULL);
	ERR_clear_error();
	if (!list)
		return hm_fail(cx, HM_TRUST,
			       "the certificate does not say that a log has seen it (SCT)");
	hm_err err = sk_SCT_num(list) > (int)HM_MAX_CERTIFICATES
			     ? hm_fail(cx, HM_LIMIT, "the certificate has too many timestamps")
			     : precertificate(cx, leaf, &p.tbs);
	err = err ? err : key_hash(cx, crypto_chain_at(path, 1), &p.issuer_hash);
	err = err ? err : check_list(cx, list, &p, logs, logs_n);
	SCT_LIST_free(list);
	return err;
}
