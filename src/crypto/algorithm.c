/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/crypto.h"

#define A CRYPTO_ALLOWED
#define V CRYPTO_VERIFY_ONLY
#define F CRYPTO_FORBIDDEN
/* Its digest and key specification say the name again. */
#define SLH_DSA(set, cose, cli)                                              \
	{                                                                    \
		"SLH-DSA-" set, cose, CRYPTO_DIGESTS, "SLH-DSA-" set, cli, A \
	}
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
	[CRYPTO_MLDSA44]   = { "ML-DSA-44", -48,  CRYPTO_DIGESTS, "ML-DSA-44", "ml-dsa-44", A },
	[CRYPTO_MLDSA65]   = { "ML-DSA-65", -49,  CRYPTO_DIGESTS, "ML-DSA-65", "ml-dsa-65", A },
	[CRYPTO_MLDSA87]   = { "ML-DSA-87", -50,  CRYPTO_DIGESTS, "ML-DSA-87", "ml-dsa-87", A },
	/* No registry has numbers for these: those that draft-ietf-cose-sphincs-plus asked for are
	 * others' by now (RFC 9864). Until one has, they are private (below -65536): -65600 less the
	 * last arc of the object identifier (RFC 9909). The names are the draft's. */
	[CRYPTO_SLHDSA_SHA2_128S] = SLH_DSA("SHA2-128s", -65620, "slh-dsa-sha2-128s"),
	[CRYPTO_SLHDSA_SHA2_128F] = SLH_DSA("SHA2-128f", -65621, "slh-dsa-sha2-128f"),
	[CRYPTO_SLHDSA_SHA2_192S] = SLH_DSA("SHA2-192s", -65622, "slh-dsa-sha2-192s"),
	[CRYPTO_SLHDSA_SHA2_192F] = SLH_DSA("SHA2-192f", -65623, "slh-dsa-sha2-192f"),
	[CRYPTO_SLHDSA_SHA2_256S] = SLH_DSA("SHA2-256s", -65624, "slh-dsa-sha2-256s"),
	[CRYPTO_SLHDSA_SHA2_256F] = SLH_DSA("SHA2-256f", -65625, "slh-dsa-sha2-256f"),
	[CRYPTO_SLHDSA_SHAKE_128S] = SLH_DSA("SHAKE-128s", -65626, "slh-dsa-shake-128s"),
	[CRYPTO_SLHDSA_SHAKE_128F] = SLH_DSA("SHAKE-128f", -65627, "slh-dsa-shake-128f"),
	[CRYPTO_SLHDSA_SHAKE_192S] = SLH_DSA("SHAKE-192s", -65628, "slh-dsa-shake-192s"),
	[CRYPTO_SLHDSA_SHAKE_192F] = SLH_DSA("SHAKE-192f", -65629, "slh-dsa-shake-192f"),
	[CRYPTO_SLHDSA_SHAKE_256S] = SLH_DSA("SHAKE-256s", -65630, "slh-dsa-shake-256s"),
	[CRYPTO_SLHDSA_SHAKE_256F] = SLH_DSA("SHAKE-256f", -65631, "slh-dsa-shake-256f"),
};
/* clang-format on */
#undef A
#undef V
#undef F
#undef SLH_DSA

enum crypto_alg crypto_alg_by_name(struct hm_str name)
{
	for (size_t i = 1; i < CRYPTO_ALGS; i++)
		if (crypto_alg_rows[i].cli && hm_eqz(name, crypto_alg_rows[i].name))
			return (enum crypto_alg)i;
	return 0;
}

enum crypto_alg crypto_alg_by_cose(int64_t number)
{
	for (size_t i = 1; i < CRYPTO_ALGS; i++)
		if (crypto_alg_rows[i].cli && number && crypto_alg_rows[i].cose == number)
			return (enum crypto_alg)i;
	return 0;
}
