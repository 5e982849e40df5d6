/* SPDX-License-Identifier: Apache-2.0 */
/* Public keys out of their numbers. */
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>

#include "crypto/crypto.h"
#include "crypto/key.h"

/* Past these a signature would take seconds to check. */
enum { MOST_MODULUS = 1024, MOST_EXPONENT = 8 };

struct joining {
	OSSL_PARAM_BLD *build;
	OSSL_PARAM *params;
	EVP_PKEY_CTX *ctx;
	EVP_PKEY *pkey;
	BIGNUM *n, *e;
};

static void joining_done(struct joining *j)
{
	EVP_PKEY_free(j->pkey);
	EVP_PKEY_CTX_free(j->ctx);
	OSSL_PARAM_free(j->params);
	OSSL_PARAM_BLD_free(j->build);
	BN_free(j->n);
	BN_free(j->e);
	ERR_clear_error();
}

static const unsigned char *bytes_of(struct hm_str s)
{
	return (const unsigned char *)s.p;
}

static bool push_modulus(struct joining *j, const struct crypto_key_parts *p)
{
	if (!p->n.n || p->n.n > MOST_MODULUS || !p->e.n || p->e.n > MOST_EXPONENT)
		return false;
	j->n = BN_bin2bn(bytes_of(p->n), (int)p->n.n, NULL);
	j->e = BN_bin2bn(bytes_of(p->e), (int)p->e.n, NULL);
	return j->n && j->e && BN_is_odd(j->e) && !BN_is_one(j->e) &&
	       OSSL_PARAM_BLD_push_BN(j->build, OSSL_PKEY_PARAM_RSA_N, j->n) == 1 &&
	       OSSL_PARAM_BLD_push_BN(j->build, OSSL_PKEY_PARAM_RSA_E, j->e) == 1;
}

/* SEC 1, 2.3.3: 4, x and y, each as long as the curve's field. */
static bool push_point(struct hm_cx *cx, struct joining *j, const struct crypto_key_parts *p,
		       const struct crypto_primitive *kind)
{
	size_t size = (size_t)(kind->bits + 7) / 8;
	if (p->x.n != size || p->y.n != size)
		return false;
	struct hm_str point = hm_fmt(cx, "\x04%.*s%.*s", HM_FMT(p->x), HM_FMT(p->y));
	return OSSL_PARAM_BLD_push_utf8_string(j->build, OSSL_PKEY_PARAM_GROUP_NAME, kind->group,
					       0) == 1 &&
	       OSSL_PARAM_BLD_push_octet_string(j->build, OSSL_PKEY_PARAM_PUB_KEY, point.p,
						point.n) == 1;
}

static bool push_parts(struct hm_cx *cx, struct joining *j, const struct crypto_key_parts *p,
		       const struct crypto_primitive *kind)
{
	if (strcmp(kind->kind, "RSA") == 0)
		return push_modulus(j, p);
	if (kind->group)
		return push_point(cx, j, p, kind);
	return kind->scheme == CRYPTO_PURE && p->x.n &&
	       OSSL_PARAM_BLD_push_octet_string(j->build, OSSL_PKEY_PARAM_PUB_KEY, p->x.p,
						p->x.n) == 1;
}

hm_err crypto_public_key_join(struct hm_cx *cx, const struct crypto_key_parts *parts,
			      enum crypto_alg alg, struct crypto_key *out)
{
	const struct crypto_primitive *kind = crypto_primitive(alg);
	HM_CLEANUP(joining_done) struct joining j = { .build = OSSL_PARAM_BLD_new() };
	unsigned char *der = NULL;
	crypto_need_all();
	if (!j.build || !push_parts(cx, &j, parts, kind))
		return hm_fail(cx, HM_INPUT, "the parts are not those of a key for %s",
			       crypto_alg_rows[alg].name);
	j.params = OSSL_PARAM_BLD_to_param(j.build);
	j.ctx = EVP_PKEY_CTX_new_from_name(NULL, kind->kind, NULL);
	if (!j.params || !j.ctx || EVP_PKEY_fromdata_init(j.ctx) != 1 ||
	    EVP_PKEY_fromdata(j.ctx, &j.pkey, EVP_PKEY_PUBLIC_KEY, j.params) != 1)
		return crypto_fail(cx, HM_INPUT, "the parts are not those of a public key");
	int n = i2d_PUBKEY(j.pkey, &der);
	if (n <= 0)
		return crypto_fail(cx, HM_INPUT, "the parts are not those of a public key");
	struct hm_str spki = hm_dup(cx, hm_bytes(der, (size_t)n));
	OPENSSL_free(der);
	return crypto_public_key_parse(cx, spki, alg, out);
}
