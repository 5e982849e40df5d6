/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/base64.h"
#include "trust/sigstore/seal.h"

hm_err trust_sigstore_sign_bytes(struct hm_cx *cx, const struct sigstore_draft *d,
				 struct hm_str bytes, struct hm_str *out)
{
	struct hm_str signature;
	HM_TRY(d->signer->sign(cx, d->signer, bytes, &signature));
	return crypto_signature_to_der(cx, &d->own, signature, out);
}

struct hm_str trust_sigstore_pem(struct hm_cx *cx, const char *what, struct hm_str der)
{
	struct hm_str text = base64_format(cx, BASE64_STD, der);
	HM_AUTO_BUF b = HM_BUF(HM_MAX_CERTIFICATE_FILE);
	hm_buf_fmt(&b, "-----BEGIN %s-----\n", what);
	for (size_t i = 0; i < text.n; i += 64)
		hm_buf_fmt(&b, "%.*s\n", HM_FMT(hm_sub(text, i, 64)));
	hm_buf_fmt(&b, "-----END %s-----\n", what);
	return hm_dup(cx, hm_buf_str(&b));
}
