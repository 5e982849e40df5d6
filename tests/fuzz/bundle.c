/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "trust/sigstore/sigstore.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A bundle that is read has a signature and somebody who made it; where nobody is trusted it is not
 * good. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char digest[32];
	HM_AUTO_CX cx = HM_CX(16 << 20);
	ENVELOPE_AUTO_BUNDLE b = { 0 };
	struct sigstore_answer a;
	struct sigstore_root nobody = { 0 };
	struct sigstore_known known = { CRYPTO_SHA256, hm_bytes(digest, sizeof(digest)) };
	if (envelope_bundle_parse(&cx, hm_bytes(data, size), &b))
		return 0;
	if (!b.signature.n || (b.material != BUNDLE_KEY && !b.chain.n))
		abort();
	struct sigstore_question q = { .root = &nobody,
				       .artifact = trust_sigstore_known_artifact(&known) };
	if (!trust_sigstore_verify(&cx, &b, &q, &a))
		abort();
	return 0;
}
