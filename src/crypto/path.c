/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The path from a leaf to an authority. OpenSSL finds it and judges it (RFC 5280); only the
 * signatures, which cost nearly all of its time, are not computed twice by one process (proven.c).
 */
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <time.h>

#include "crypto/chain.h"
#include "crypto/issued.h"
#include "crypto/key.h"

static struct crypto_statement fits(struct hm_str x, struct hm_str by)
{
	return crypto_statement(CRYPTO_FITS_KEY_OF, (const struct hm_str[]){ x, by }, 2);
}

bool crypto_link_named(const struct crypto_chain *subject, size_t i,
		       const struct crypto_chain *issuer, size_t by)
{
	return crypto_name_equal(X509_get_issuer_name(crypto_chain_at(subject, i)),
				 X509_get_subject_name(crypto_chain_at(issuer, by)));
}

bool crypto_link_proven(const struct crypto_chain *subject, size_t i,
			const struct crypto_chain *issuer, size_t by)
{
	struct crypto_statement s = fits(subject->der[i], issuer->der[by]);
	return crypto_is_proven(&s);
}

void crypto_link_prove(const struct crypto_chain *subject, size_t i,
		       const struct crypto_chain *issuer, size_t by)
{
	struct crypto_statement s = fits(subject->der[i], issuer->der[by]);
	EVP_PKEY *key = X509_get0_pubkey(crypto_chain_at(issuer, by));
	if (!crypto_is_proven(&s) && key && X509_verify(crypto_chain_at(subject, i), key) == 1)
		crypto_keep_proven(&s);
	ERR_clear_error();
}

struct path {
	const struct crypto_chain *leaf, *authority;
	X509_STORE *store;
	X509_STORE_CTX *ctx;
	STACK_OF(X509) * others;
};

static void path_done(struct path *p)
{
	X509_STORE_CTX_free(p->ctx);
	X509_STORE_free(p->store);
	sk_X509_free(p->others);
	ERR_clear_error();
}

/* The bytes that a certificate of the path was parsed from. */
static struct hm_str der_of(const struct path *p, const X509 *x)
{
	if (x == crypto_chain_at(p->leaf, 0))
		return p->leaf->der[0];
	for (size_t i = 0; i < p->authority->n; i++)
		if (x == crypto_chain_at(p->authority, i))
			return p->authority->der[i];
	return HM_STR("");
}

static bool fits_key(X509_STORE_CTX *ctx, X509 *x, X509 *by, EVP_PKEY *key)
{
	const struct path *p = X509_STORE_CTX_get_app_data(ctx);
	struct hm_str der = der_of(p, x), by_der = der_of(p, by);
	if (!der.n || !by_der.n)
		return X509_verify(x, key) == 1;
	struct crypto_statement s = fits(der, by_der);
	if (crypto_is_proven(&s))
		return true;
	if (X509_verify(x, key) != 1)
		return false;
	crypto_keep_proven(&s);
	return true;
}

/* As every fault of a path is told: 0 unless the callback forgives it. */
static int tell(X509_STORE_CTX *ctx, X509 *x, int depth, int error)
{
	X509_STORE_CTX_set_error_depth(ctx, depth);
	X509_STORE_CTX_set_current_cert(ctx, x);
	if (error != X509_V_OK)
		X509_STORE_CTX_set_error(ctx, error);
	return X509_STORE_CTX_get_verify_cb(ctx)(error == X509_V_OK, ctx);
}

static int check_signature(X509_STORE_CTX *ctx, X509 *x, X509 *by, int depth)
{
	EVP_PKEY *key = X509_get0_pubkey(by);
	if (!(X509_get_key_usage(by) & KU_KEY_CERT_SIGN))
		return tell(ctx, by, depth + 1, X509_V_ERR_KEYUSAGE_NO_CERTSIGN);
	if (!key)
		return tell(ctx, by, depth + 1, X509_V_ERR_UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY);
	return fits_key(ctx, x, by, key) ? 1
					 : tell(ctx, x, depth, X509_V_ERR_CERT_SIGNATURE_FAILURE);
}

/* X509_cmp_time(): 0 is a malformed time, and a time is before itself. */
static int check_time(X509_STORE_CTX *ctx, X509 *x, int depth)
{
	time_t when = X509_VERIFY_PARAM_get_time(X509_STORE_CTX_get0_param(ctx));
	int from = X509_cmp_time(X509_get0_notBefore(x), &when);
	int until = X509_cmp_time(X509_get0_notAfter(x), &when);
	if (!from)
		return tell(ctx, x, depth, X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD);
	if (from > 0)
		return tell(ctx, x, depth, X509_V_ERR_CERT_NOT_YET_VALID);
	if (!until)
		return tell(ctx, x, depth, X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD);
	return until > 0 ? 1 : tell(ctx, x, depth, X509_V_ERR_CERT_HAS_EXPIRED);
}

/* Signatures and times from the top down, in place of OpenSSL's own: the last certificate is
 * believed as it is, and so its own signature is not looked at. */
static int check_links(X509_STORE_CTX *ctx)
{
	STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(ctx);
	int n = sk_X509_num(chain);
	for (int i = n - 1; i >= 0; i--) {
		X509 *x = sk_X509_value(chain, i);
		if (i + 1 < n && !check_signature(ctx, x, sk_X509_value(chain, i + 1), i))
			return 0;
		if (!check_time(ctx, x, i) || !tell(ctx, x, i, X509_V_OK))
			return 0;
	}
	return 1;
}

static bool prepare(struct path *p, int64_t when)
{
	const struct crypto_chain *a = p->authority;
	p->store = X509_STORE_new();
	p->ctx = X509_STORE_CTX_new();
	p->others = sk_X509_new_null();
	if (!p->store || !p->ctx || !p->others ||
	    !X509_STORE_add_cert(p->store, crypto_chain_at(a, a->n - 1)))
		return false;
	for (size_t i = 0; i + 1 < a->n; i++)
		if (!sk_X509_push(p->others, crypto_chain_at(a, i)))
			return false;
	if (!X509_STORE_CTX_init(p->ctx, p->store, crypto_chain_at(p->leaf, 0), p->others) ||
	    !X509_STORE_CTX_set_app_data(p->ctx, p))
		return false;
	X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(p->ctx);
	X509_VERIFY_PARAM_set_time(param, when);
	X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_X509_STRICT | X509_V_FLAG_PARTIAL_CHAIN);
	X509_STORE_CTX_set_verify_cb(p->ctx, crypto_allow_last_second);
	X509_STORE_CTX_set_verify(p->ctx, check_links);
	return X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_CODE_SIGN);
}

hm_err crypto_chain_path(struct hm_cx *cx, const struct crypto_chain *leaf,
			 const struct crypto_chain *authority, int64_t when,
			 struct crypto_chain *out)
{
	HM_CLEANUP(path_done) struct path p = { .leaf = leaf, .authority = authority };
	if (!prepare(&p, when))
		return crypto_fail(cx, HM_SYSTEM, "could not verify the certificate");
	if (X509_verify_cert(p.ctx) != 1)
		return hm_fail(cx, HM_TRUST, "the certificate is not trusted: %s",
			       X509_verify_cert_error_string(X509_STORE_CTX_get_error(p.ctx)));
	return crypto_chain_from_stack(cx, X509_STORE_CTX_get0_chain(p.ctx), out);
}
