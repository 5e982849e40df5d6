/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cosign_key.h - Cosign's key files: a PKCS#8 key, sealed with a passphrase by scrypt and NaCl's
 * secretbox (XSalsa20-Poly1305), as JSON in PEM.
 *
 * OpenSSL does not have that cipher. It is libsodium's, which is loaded when such a file is at
 * hand, and only in the process that keeps the key. Sources: cosign, pkg/cosign/keys.go; sigstore,
 * pkg/cryptoutils/password.go; go-securesystemslib, encrypted/encrypted.go.
 */
#ifndef TRUST_SIGNERS_COSIGN_KEY_H
#define TRUST_SIGNERS_COSIGN_KEY_H

#include "trust/signers/signers.h"

/* Does it begin as one does? The first TRUST_COSIGN_HEAD bytes tell. */
enum { TRUST_COSIGN_HEAD = 64 };
bool trust_cosign_key_is(struct hm_str text);
/* In the process of the key; `cx` is one of secrets: the key in DER. HM_INPUT: malformed. HM_LIMIT:
 * it asks for more work than TRUST_SCRYPT_MAX. HM_DENIED: the passphrase is not the right one.
 * HM_SYSTEM: no libsodium. */
enum { TRUST_SCRYPT_MAX = 1 << 20 };
HM_MUST hm_err trust_cosign_key_open(struct hm_cx *cx, struct hm_str text, struct hm_str passphrase,
				     struct hm_str *out_der);
/* What such a file holds, unopened; `text` begins as one does. HM_INPUT, HM_LIMIT as above. */
struct trust_cosign_box {
	uint64_t cost, block, lanes; /* scrypt's N, r and p */
	struct hm_str salt, nonce, sealed;
};
HM_MUST hm_err trust_cosign_key_parse(struct hm_cx *cx, struct hm_str text,
				      struct trust_cosign_box *out);
HM_MUST hm_err trust_cosign_key_seal(struct hm_cx *cx, struct hm_str der, struct hm_str passphrase,
				     struct hm_str *out_text);

/* --- sealed.c, for key_job.c --- */

/* The key of such a file, with the passphrase of the descriptor (`given`), else of
 * $COSIGN_PASSWORD. HM_ABSENT: neither. */
HM_MUST hm_err trust_sealed_open(struct hm_cx *cx, struct hm_str text, bool given,
				 struct crypto_key *out);
/* What trust_key_make() and trust_key_export() ask for: `args` is one of TRUST_GENERATE ..., and
 * TRUST_WITH_PIN behind it. */
HM_MUST hm_err trust_making_job(struct hm_cx *cx, struct hm_str args, int in);

#endif
