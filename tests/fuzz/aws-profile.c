/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "trust/signers/aws.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A value is a stretch of its file, within one line and without space around it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const sections[] = { "default", "profile ci", "" };
	static const char *const names[] = { "aws_access_key_id", "region", "" };
	struct hm_str text = hm_bytes(data, size);
	for (size_t i = 0; i < HM_LEN(sections); i++)
		for (size_t k = 0; k < HM_LEN(names); k++) {
			struct hm_str v = trust_aws_ini(text, hm_cstr(sections[i]), names[k]);
			if (!v.n)
				continue;
			if (v.p < text.p || v.p + v.n > text.p + text.n ||
			    hm_find_char(v, '\n') != SIZE_MAX || hm_trim(v).n != v.n)
				abort();
		}
	return 0;
}
