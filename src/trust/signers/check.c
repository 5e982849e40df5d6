/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/signers/signers.h"

hm_err trust_chain_read(struct hm_cx *cx, struct trust_signer *s)
{
	struct hm_str certificates, path = s->cert_path;
	if (s->chain.n || !path.n)
		return NULL;
	HM_TRY(hm_read_file(cx, hm_dupz(cx, path), HM_MAX_CERTIFICATE_FILE, &certificates));
	HM_TRY_IN(cx, crypto_chain_parse(cx, certificates, &s->chain), "\"%.*s\"", HM_FMT(path));
	return NULL;
}

hm_err trust_signature_check(struct hm_cx *cx, const struct crypto_key *key, enum crypto_alg alg,
			     struct hm_str bytes, struct hm_str signature)
{
	hm_err err = crypto_verify(cx, key, alg, bytes, signature);
	if (!err)
		return NULL;
	return hm_fail(cx, HM_TRUST,
		       "the signature that came back is not by the certificate's key: %s",
		       err->why);
}
