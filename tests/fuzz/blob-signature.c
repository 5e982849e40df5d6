/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "trust/trust.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A file's name, a line, and the signature in it. A name that says the format is believed; the
 * payload of one that is whole is read, or refused. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(16 << 20);
	TRUST_AUTO_CLAIM claim = { 0 };
	struct trust_blob_signature s = { .bytes = hm_bytes(data, size) };
	struct hm_str type = { 0 };
	struct oci_descriptor target;
	s.name = hm_cut(&s.bytes, '\n');
	const struct envelope_format *said = trust_blob_format(s.name);
	hm_err err = trust_blob_claim(&cx, &s, &type, &claim);
	if (said && !hm_eqz(type, said->media_type))
		abort();
	if (err)
		return 0;
	err = trust_claim_target(&cx, &claim, &target);
	if (!err && !target.digest.p)
		abort();
	return 0;
}
