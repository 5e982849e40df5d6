/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "codec/base64.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is accepted has one spelling only. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1)
		return 0;
	HM_AUTO_CX cx = HM_CX(1 << 20);
	enum base64_kind kind = data[0] & 3;
	struct hm_str text = hm_bytes(data + 1, size - 1), bytes;
	if (!base64_parse(&cx, kind, text, &bytes) && !hm_eq(base64_format(&cx, kind, bytes), text))
		abort();
	return 0;
}
