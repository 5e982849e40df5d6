/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 7518, 3.1; RFC 8037, 3.1; RFC 9864. PS256 is for keys of 2048 bits alone, as everywhere here.
 */
#include "oidc/oidc.h"

const struct oidc_algorithm oidc_algorithms[] = {
	{ "RS256", CRYPTO_RS256, "RSA", NULL },
	{ "RS384", CRYPTO_RS384, "RSA", NULL },
	{ "RS512", CRYPTO_RS512, "RSA", NULL },
	{ "PS256", CRYPTO_PS256, "RSA", NULL },
	{ "ES256", CRYPTO_ES256, "EC", "P-256" },
	{ "ES384", CRYPTO_ES384, "EC", "P-384" },
	{ "ES512", CRYPTO_ES512, "EC", "P-521" },
	{ "EdDSA", CRYPTO_ED25519, "OKP", "Ed25519" },
	{ "Ed25519", CRYPTO_ED25519, "OKP", "Ed25519" },
	{ 0 },
};
