/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/crypto.h"

#define A CRYPTO_ALLOWED
#define V CRYPTO_VERIFY_ONLY
#define F CRYPTO_FORBIDDEN
/* clang-format off */
const struct crypto_alg_row crypto_alg_rows[CRYPTO_ALGS] = {
	[CRYPTO_PS256]     = { "PS256",     -37,  CRYPTO_SHA256, "RSA-2048", "rsa-2048", A },
	[CRYPTO_PS384]     = { "PS384",     -38,  CRYPTO_SHA384, "RSA-3072", "rsa-3072", A },
	[CRYPTO_PS512]     = { "PS512",     -39,  CRYPTO_SHA512, "RSA-4096", "rsa-4096", A },
	[CRYPTO_ES256]     = { "ES256",     -7,   CRYPTO_SHA256, "EC-256",   "ec-p256",  A },
	[CRYPTO_ES384]     = { "ES384",     -35,  CRYPTO_SHA384, "EC-384",   "ec-p384",  A },
	[CRYPTO_ES512]     = { "ES512",     -36,  CRYPTO_SHA512, "EC-521",   "ec-p521",  A },
	[CRYPTO_ES256_DER] = { "ES256-DER", 0,    CRYPTO_SHA256, "EC-256",   NULL,       A },
	[CRYPTO_ES384_DER] = { "ES384-DER", 0,    CRYPTO_SHA384, "EC-384",   NULL,       A },
	[CRYPTO_ES512_DER] = { "ES512-DER", 0,    CRYPTO_SHA512, "EC-521",   NULL,       A },
	[CRYPTO_ED25519]   = { "Ed25519",   -19,  CRYPTO_DIGESTS, "Ed25519", NULL,       A },
	[CRYPTO_RS256]     = { "RS256",     -257, CRYPTO_SHA256, "RSA",      NULL,       V },
	[CRYPTO_RS384]     = { "RS384",     -258, CRYPTO_SHA384, "RSA",      NULL,       V },
	[CRYPTO_RS512]     = { "RS512",     -259, CRYPTO_SHA512, "RSA",      NULL,       V },
	[CRYPTO_RS1]       = { "RS1",       -65535, CRYPTO_SHA1, "RSA",      NULL,       F },
	[CRYPTO_MLDSA44]   = { "ML-DSA-44", -48,  CRYPTO_DIGESTS, "ML-DSA-44", NULL,     A },
	[CRYPTO_MLDSA65]   = { "ML-DSA-65", -49,  CRYPTO_DIGESTS, "ML-DSA-65", NULL,     A },
	[CRYPTO_MLDSA87]   = { "ML-DSA-87", -50,  CRYPTO_DIGESTS, "ML-DSA-87", NULL,     A },
};
/* clang-format on */
#undef A
#undef V
#undef F
