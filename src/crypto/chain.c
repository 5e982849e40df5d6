/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/chain.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "crypto/key.h"

void crypto_chain_done(struct crypto_chain *c)
{
	for (size_t i = 0; i < c->n; i++)
		X509_free(c->x509[i]);
	c->n = 0;
}

/* Certificates gathered one by one, each with its own DER. */
struct gathering {
	HM_VEC(struct hm_str) der;
	HM_VEC(X509 *) x509;
};

static void free_gathered(struct gathering *g)
{
	for (size_t i = 0; i < g->x509.n; i++)
		X509_free(g->x509.p[i]);
}

static hm_err end_gathering(struct hm_cx *cx, struct gathering *g, hm_err err,
			    struct crypto_chain *out)
{
	if (!err && !g->x509.n)
		err = hm_fail(cx, HM_INPUT, "there is no certificate");
	if (err) {
		free_gathered(g);
		return err;
	}
	*out = (struct crypto_chain){ g->der.p, g->x509.p, g->x509.n };
	return NULL;
}

/* Its key is read with it, or never. */
static X509 *read_certificate(const unsigned char **at, long n)
{
	const unsigned char *start = *at;
	bool few = crypto_has_few();
	X509 *x = d2i_X509(NULL, at, n);
	if (!x || !few || X509_get0_pubkey(x))
		return x;
	crypto_need_all();
	X509_free(x);
	*at = start;
	return d2i_X509(NULL, at, n);
}

static hm_err parse_certificate(struct hm_cx *cx, struct hm_str der, size_t *out_n, X509 **out)
{
	const unsigned char *at = (const unsigned char *)der.p;
	X509 *x = read_certificate(&at, (long)der.n);
	if (!x)
		return crypto_fail(cx, HM_INPUT, "a certificate is malformed");
	*out_n = (size_t)(at - (const unsigned char *)der.p);
	/* The flags are computed once, here, and bad extensions show in them. */
	bool is_valid = !(X509_get_extension_flags(x) & EXFLAG_INVALID);
	ERR_clear_error();
	if (!is_valid) {
		X509_free(x);
		return hm_fail(cx, HM_INPUT, "a certificate has malformed extensions");
	}
	crypto_parsed_keep(hm_sub(der, 0, *out_n), x);
	*out = x;
	return NULL;
}

/* One certificate from the front of `der`; *out_n is what it took. */
static hm_err gather_certificate(struct hm_cx *cx, struct gathering *g, struct hm_str der,
				 size_t *out_n)
{
	if (g->x509.n >= HM_MAX_CERTIFICATES)
		return hm_fail(cx, HM_LIMIT, "there are more than %d certificates",
			       (int)HM_MAX_CERTIFICATES);
	if (der.n > HM_MAX_CERTIFICATE_FILE)
		return hm_fail(cx, HM_LIMIT, "the certificate is too large");
	X509 *x = crypto_parsed_recall(der, out_n);
	if (!x)
		HM_TRY(parse_certificate(cx, der, out_n, &x));
	hm_err err = hm_charge(cx, 2 * *out_n);
	if (err) {
		X509_free(x);
		return err;
	}
	*hm_push(cx, &g->x509) = x;
	*hm_push(cx, &g->der) = hm_dup(cx, hm_sub(der, 0, *out_n));
	return NULL;
}

hm_err crypto_chain_from_der(struct hm_cx *cx, const struct hm_str *der, size_t n,
			     struct crypto_chain *out)
{
	struct gathering g = { 0 };
	hm_err err = NULL;
	for (size_t i = 0; i < n && !err; i++) {
		size_t took = 0;
		err = gather_certificate(cx, &g, der[i], &took);
		if (!err && took != der[i].n)
			err = hm_fail(cx, HM_INPUT, "bytes follow a certificate");
	}
	return end_gathering(cx, &g, err, out);
}

hm_err crypto_chain_from_stack(struct hm_cx *cx, STACK_OF(X509) * stack, struct crypto_chain *out)
{
	struct gathering g = { 0 };
	hm_err err = NULL;
	for (int i = 0; i < sk_X509_num(stack) && !err; i++) {
		unsigned char *der = NULL;
		size_t took;
		int n = i2d_X509(sk_X509_value(stack, i), &der);
		err = n > 0 ? gather_certificate(cx, &g, hm_bytes(der, (size_t)n), &took)
			    : crypto_fail(cx, HM_INPUT, "a certificate is malformed");
		OPENSSL_free(der);
	}
	return end_gathering(cx, &g, err, out);
}

/* The PEM blocks of a file; every one must be a certificate. */
static hm_err gather_pem(struct hm_cx *cx, struct gathering *g, struct hm_str text)
{
	CRYPTO_AUTO_BIO bio = BIO_new_mem_buf(text.p, (int)text.n);
	hm_err err = NULL;
	while (bio && !err) {
		char *name = NULL, *header = NULL;
		unsigned char *der = NULL;
		long n = 0;
		size_t took = 0;
		if (!PEM_read_bio(bio, &name, &header, &der, &n)) {
			bool end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
			ERR_clear_error();
			return end ? NULL : hm_fail(cx, HM_INPUT, "a PEM block is malformed");
		}
		if (strcmp(name, PEM_STRING_X509) != 0)
			err = hm_fail(cx, HM_INPUT, "a PEM block is not a certificate");
		else
			err = gather_certificate(cx, g, hm_bytes(der, (size_t)n), &took);
		if (!err && took != (size_t)n)
			err = hm_fail(cx, HM_INPUT, "bytes follow a certificate");
		OPENSSL_free(name);
		OPENSSL_free(header);
		OPENSSL_free(der);
	}
	return err;
}

static hm_err gather_der(struct hm_cx *cx, struct gathering *g, struct hm_str text)
{
	while (text.n) {
		size_t took = 0;
		HM_TRY(gather_certificate(cx, g, text, &took));
		text = hm_from(text, took);
	}
	return NULL;
}

hm_err crypto_chain_parse(struct hm_cx *cx, struct hm_str text, struct crypto_chain *out)
{
	struct gathering g = { 0 };
	if (text.n > HM_MAX_CERTIFICATE_FILE)
		return hm_fail(cx, HM_LIMIT, "the certificate file is too large");
	bool pem = hm_find(text, HM_STR("-----BEGIN ")) != SIZE_MAX;
	return end_gathering(cx, &g, pem ? gather_pem(cx, &g, text) : gather_der(cx, &g, text),
			     out);
}

struct hm_str crypto_chain_pem(struct hm_cx *cx, const struct crypto_chain *c)
{
	CRYPTO_AUTO_BIO bio = BIO_new(BIO_s_mem());
	for (size_t i = 0; bio && i < c->n; i++)
		if (!PEM_write_bio_X509(bio, crypto_chain_at(c, i)))
			break;
	return crypto_bio_bytes(cx, bio);
}

hm_err crypto_chain_key(struct hm_cx *cx, const struct crypto_chain *c, struct crypto_key *out)
{
	struct crypto_key k = { .is_public = true };
	k.pkey = c->n ? X509_get_pubkey(crypto_chain_at(c, 0)) : NULL;
	if (!k.pkey)
		return crypto_fail(cx, HM_INPUT, "the certificate has no usable public key");
	k.alg = crypto_details(cx, c, 0)->key_alg;
	hm_err err = k.alg ? NULL : crypto_key_alg(cx, k.pkey, &k.alg);
	if (err) {
		crypto_key_done(&k);
		return err;
	}
	*out = k;
	return NULL;
}

hm_err crypto_key_match(struct hm_cx *cx, const struct crypto_key *k, const struct crypto_chain *c)
{
	CRYPTO_AUTO_KEY public = { 0 };
	HM_TRY(crypto_chain_key(cx, c, &public));
	if (EVP_PKEY_eq(k->pkey, public.pkey) != 1)
		return hm_fail(cx, HM_INPUT, "the key does not belong to the certificate");
	return NULL;
}

bool crypto_chain_has_root(const struct crypto_chain *c, const struct crypto_chain *roots)
{
	for (size_t i = 0; i < c->n; i++)
		for (size_t k = 0; k < roots->n; k++)
			if (hm_eq(c->der[i], roots->der[k]))
				return true;
	return false;
}
