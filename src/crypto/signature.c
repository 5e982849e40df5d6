/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include "crypto/key.h"

static void free_md_ctx(EVP_MD_CTX **ctx)
{
	EVP_MD_CTX_free(*ctx);
}

/* NULL: the algorithm takes the bytes as they are. */
static const char *digest_name(enum crypto_alg alg)
{
	if (crypto_primitive(alg)->scheme == CRYPTO_PURE)
		return NULL;
	return crypto_digest_rows[crypto_alg_rows[alg].digest].name;
}

/* RFC 7518, 3.4: r and s as unsigned big-endian numbers of the group's size. */
static bool ecdsa_to_raw(struct hm_str der, size_t half, unsigned char *raw)
{
	const unsigned char *at = (const unsigned char *)der.p;
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &at, (long)der.n);
	bool ok = sig && BN_bn2binpad(ECDSA_SIG_get0_r(sig), raw, (int)half) == (int)half &&
		  BN_bn2binpad(ECDSA_SIG_get0_s(sig), raw + half, (int)half) == (int)half;
	ECDSA_SIG_free(sig);
	return ok;
}

/* X.690, 8.3: as few bytes as there can be, the first bit for the sign. */
static unsigned char *put_number(unsigned char *at, struct hm_str n)
{
	while (n.n > 1 && !n.p[0])
		n = hm_from(n, 1);
	bool sign = n.p[0] & 0x80;
	*at++ = 0x02;
	*at++ = (unsigned char)(n.n + sign);
	if (sign)
		*at++ = 0;
	memcpy(at, n.p, n.n);
	return at + n.n;
}

/* A SEQUENCE of the two halves as numbers. */
static struct hm_str ecdsa_from_raw(struct hm_cx *cx, struct hm_str raw)
{
	enum { MOST_HALF = 66, MOST = 2 * (MOST_HALF + 3) };
	unsigned char body[MOST], head[3] = { 0x30 };
	unsigned char *end = put_number(body, hm_sub(raw, 0, raw.n / 2));
	end = put_number(end, hm_from(raw, raw.n / 2));
	size_t n = (size_t)(end - body), head_n = n < 0x80 ? 2 : 3;
	head[1] = n < 0x80 ? (unsigned char)n : 0x81;
	head[2] = (unsigned char)n;
	char *der = hm_room(cx, head_n + n, 1);
	memcpy(der, head, head_n);
	memcpy(der + head_n, body, n);
	return hm_bytes(der, head_n + n);
}

hm_err crypto_signature_from_der(struct hm_cx *cx, enum crypto_alg alg, struct hm_str der,
				 struct hm_str *out)
{
	size_t half = crypto_primitive(alg)->half;
	if (!half) {
		*out = der;
		return NULL;
	}
	unsigned char *raw = hm_alloc(cx, 2 * half, 1, 1);
	if (!ecdsa_to_raw(der, half, raw))
		return crypto_fail(cx, HM_TRUST, "the signature is not of the algorithm's form");
	*out = hm_bytes(raw, 2 * half);
	return NULL;
}

hm_err crypto_signature_to_der(struct hm_cx *cx, const struct crypto_key *k, struct hm_str raw,
			       struct hm_str *out)
{
	size_t half = crypto_primitive(k->alg)->half;
	if (half && raw.n != 2 * half)
		return hm_fail(cx, HM_TRUST, "the signature is not of the algorithm's form");
	*out = half ? ecdsa_from_raw(cx, raw) : raw;
	return NULL;
}

static hm_err sign_bytes(struct hm_cx *cx, const struct crypto_key *k, struct hm_str bytes,
			 struct hm_str *out)
{
	HM_CLEANUP(free_md_ctx) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pctx = NULL;
	size_t n = 0;
	const unsigned char *p = (const unsigned char *)(bytes.n ? bytes.p : "");
	if (!ctx ||
	    EVP_DigestSignInit_ex(ctx, &pctx, digest_name(k->alg), NULL, NULL, k->pkey, NULL) <=
		    0 ||
	    !crypto_set_padding(pctx, k->alg) || EVP_DigestSign(ctx, NULL, &n, p, bytes.n) <= 0)
		return crypto_fail(cx, HM_SYSTEM, "could not sign");
	unsigned char *sig = hm_alloc(cx, n, 1, 1);
	if (EVP_DigestSign(ctx, sig, &n, p, bytes.n) <= 0)
		return crypto_fail(cx, HM_SYSTEM, "could not sign");
	size_t half = crypto_primitive(k->alg)->half;
	if (!half) {
		*out = hm_bytes(sig, n);
		return NULL;
	}
	unsigned char *raw = hm_alloc(cx, 2 * half, 1, 1);
	if (!ecdsa_to_raw(hm_bytes(sig, n), half, raw))
		return crypto_fail(cx, HM_SYSTEM, "could not sign");
	*out = hm_bytes(raw, 2 * half);
	return NULL;
}

hm_err crypto_sign(struct hm_cx *cx, const struct crypto_key *k, struct hm_str bytes,
		   struct hm_str *out)
{
	if (crypto_alg_rows[k->alg].status != CRYPTO_ALLOWED)
		return hm_fail(cx, HM_USAGE, "nobody signs with algorithm %s any more",
			       crypto_alg_rows[k->alg].name);
	return sign_bytes(cx, k, bytes, out);
}

static void free_pkey_ctx(EVP_PKEY_CTX **ctx)
{
	EVP_PKEY_CTX_free(*ctx);
}

hm_err crypto_sign_digest(struct hm_cx *cx, const struct crypto_key *k, struct hm_str digest,
			  struct hm_str *out)
{
	const struct crypto_primitive *p = crypto_primitive(k->alg);
	unsigned char room[2 * CRYPTO_DIGEST_MAX + 32];
	size_t n = sizeof(room);
	if (p->scheme != CRYPTO_ECDSA_RAW && p->scheme != CRYPTO_ECDSA_DER)
		return hm_fail(cx, HM_USAGE, "%s needs the content itself, not its digest",
			       crypto_alg_rows[k->alg].name);
	if (digest.n != crypto_digest_rows[crypto_alg_rows[k->alg].digest].size)
		return hm_fail(cx, HM_USAGE, "the digest has %zu bytes", digest.n);
	HM_CLEANUP(free_pkey_ctx) EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(k->pkey, NULL);
	if (!ctx || EVP_PKEY_sign_init(ctx) <= 0 ||
	    EVP_PKEY_sign(ctx, room, &n, (const unsigned char *)digest.p, digest.n) <= 0)
		return crypto_fail(cx, HM_SYSTEM, "could not sign");
	*out = hm_dup(cx, hm_bytes(room, n));
	return crypto_signature_from_der(cx, k->alg, *out, out);
}

hm_err crypto_sign_login(struct hm_cx *cx, const struct crypto_key *k, struct hm_str bytes,
			 struct hm_str *out)
{
	struct crypto_key rsa = { k->pkey, CRYPTO_RS256 }; /* k's own, lent */
	if (!EVP_PKEY_is_a(k->pkey, "RSA"))
		return hm_fail(cx, HM_INPUT, "it is not an RSA key");
	return sign_bytes(cx, &rsa, bytes, out);
}

/* RFC 8017, 8.1.2 and 8.2.2: as long as the modulus. OpenSSL takes one that begins with zeros
 * without them, too. */
static bool has_rsa_length(const struct crypto_key *k, struct hm_str signature)
{
	enum crypto_scheme scheme = crypto_primitive(k->alg)->scheme;
	return (scheme != CRYPTO_PSS && scheme != CRYPTO_PKCS1) ||
	       signature.n == (size_t)EVP_PKEY_get_size(k->pkey);
}

/* Of an algorithm that takes the bytes as they are. */
static hm_err verify_pure(struct hm_cx *cx, const struct crypto_key *k, struct hm_str bytes,
			  struct hm_str signature)
{
	HM_CLEANUP(free_md_ctx) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	if (!ctx || EVP_DigestVerifyInit_ex(ctx, NULL, NULL, NULL, NULL, k->pkey, NULL) <= 0)
		return crypto_fail(cx, HM_SYSTEM, "could not verify");
	if (EVP_DigestVerify(ctx, (const unsigned char *)signature.p, signature.n,
			     (const unsigned char *)(bytes.n ? bytes.p : ""), bytes.n) != 1) {
		ERR_clear_error();
		return hm_fail(cx, HM_TRUST, "the signature does not match");
	}
	return NULL;
}

static hm_err verify_bytes(struct hm_cx *cx, const struct crypto_key *k, enum crypto_alg alg,
			   struct hm_str bytes, struct hm_str signature)
{
	if (crypto_primitive(alg)->scheme == CRYPTO_PURE)
		return verify_pure(cx, k, bytes, signature);
	return crypto_check_digest(cx, k, alg,
				   crypto_digest_raw(cx, crypto_alg_rows[alg].digest, bytes),
				   signature);
}

hm_err crypto_verify(struct hm_cx *cx, const struct crypto_key *k, enum crypto_alg alg,
		     struct hm_str bytes, struct hm_str signature)
{
	if (crypto_alg_rows[alg].status == CRYPTO_FORBIDDEN)
		return hm_fail(cx, HM_TRUST,
			       "signatures of algorithm %s are worth nothing any more",
			       crypto_alg_rows[alg].name);
	if (k->alg != alg)
		return hm_fail(cx, HM_TRUST, "the signature is %s, but the key is for %s",
			       crypto_alg_rows[alg].name, crypto_alg_rows[k->alg].name);
	size_t half = crypto_primitive(alg)->half;
	if (half && signature.n != 2 * half)
		return hm_fail(cx, HM_TRUST, "the signature has %zu bytes instead of %zu",
			       signature.n, 2 * half);
	if (!has_rsa_length(k, signature))
		return hm_fail(cx, HM_TRUST, "the signature does not match");
	return verify_bytes(cx, k, alg, bytes, half ? ecdsa_from_raw(cx, signature) : signature);
}

hm_err crypto_verify_repository(struct hm_cx *cx, const struct crypto_key *k, struct hm_str bytes,
				struct hm_str signature)
{
	if (crypto_primitive(k->alg)->scheme != CRYPTO_PKCS1 || !has_rsa_length(k, signature))
		return hm_fail(cx, HM_TRUST, "the signature does not match");
	return verify_bytes(cx, k, k->alg, bytes, signature);
}
