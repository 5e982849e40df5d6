/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "crypto/key.h"

static const struct crypto_key *key_of(const struct crypto_signer *self)
{
	return ((const struct crypto_key_signer *)self)->key;
}

static hm_err sign_with_key(struct hm_cx *cx, const struct crypto_signer *self, struct hm_str bytes,
			    struct hm_str *out)
{
	return crypto_sign(cx, key_of(self), bytes, out);
}

static hm_err sign_digest_with_key(struct hm_cx *cx, const struct crypto_signer *self,
				   struct hm_str digest, struct hm_str *out)
{
	return crypto_sign_digest(cx, key_of(self), digest, out);
}

hm_err crypto_key_share(struct hm_cx *cx, const struct crypto_key *k, struct crypto_key *out)
{
	if (!EVP_PKEY_up_ref(k->pkey))
		return crypto_fail(cx, HM_SYSTEM, "could not use the key");
	*out = *k;
	return NULL;
}

static hm_err share_key(struct hm_cx *cx, const struct crypto_signer *self, struct crypto_key *out)
{
	return crypto_key_share(cx, key_of(self), out);
}

struct crypto_key_signer crypto_key_signer(const struct crypto_key *k)
{
	_Static_assert(offsetof(struct crypto_key_signer, signer) == 0, "key_of() relies on it");
	return (struct crypto_key_signer){
		{ k->alg, sign_with_key, share_key, NULL, sign_digest_with_key }, k
	};
}
