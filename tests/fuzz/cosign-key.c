/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "trust/signers/cosign_key.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A key file that is read asks for work that can be done, and has something sealed in it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(8 << 20);
	struct trust_cosign_box b = { 0 };
	struct hm_str text = hm_bytes(data, size);
	if (!trust_cosign_key_is(text) || trust_cosign_key_parse(&cx, text, &b))
		return 0;
	if (!b.cost || !b.block || !b.lanes || b.nonce.n != 24 || b.sealed.n <= 16 ||
	    b.cost * b.block * b.lanes > TRUST_SCRYPT_MAX)
		abort();
	return 0;
}
