/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "trust/signers/aws.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is found stands in the answer, and is plain text. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "AccessKeyId", "SecretAccessKey", "SessionToken",
					     "Expiration" };
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct hm_str xml = hm_bytes(data, size);
	for (size_t i = 0; i < HM_LEN(names); i++) {
		struct hm_str v = trust_aws_element(&cx, xml, names[i]);
		if (v.n && (v.p < xml.p || v.p + v.n > xml.p + xml.n ||
			    hm_find_char(v, '<') != SIZE_MAX || hm_find_char(v, '&') != SIZE_MAX))
			abort();
	}
	return 0;
}
