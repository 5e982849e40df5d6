/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/crypto.h"

/* clang-format off */
const struct crypto_alg_row crypto_alg_rows[CRYPTO_ALGS] = {
	[CRYPTO_PS256] = { "PS256", -37, CRYPTO_SHA256, "RSA-2048", "rsa-2048", CRYPTO_ALLOWED },
	[CRYPTO_PS384] = { "PS384", -38, CRYPTO_SHA384, "RSA-3072", "rsa-3072", CRYPTO_ALLOWED },
	[CRYPTO_PS512] = { "PS512", -39, CRYPTO_SHA512, "RSA-4096", "rsa-4096", CRYPTO_ALLOWED },
	[CRYPTO_ES256] = { "ES256", -7,  CRYPTO_SHA256, "EC-256",   "ec-p256",  CRYPTO_ALLOWED },
	[CRYPTO_ES384] = { "ES384", -35, CRYPTO_SHA384, "EC-384",   "ec-p384",  CRYPTO_ALLOWED },
	[CRYPTO_ES512] = { "ES512", -36, CRYPTO_SHA512, "EC-521",   "ec-p521",  CRYPTO_ALLOWED },
};
/* clang-format on */
