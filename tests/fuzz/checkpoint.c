/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "log/log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A checkpoint that is read has an origin, a root and signatures; its text is a part of it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(16 << 20);
	struct log_checkpoint c;
	struct hm_str bytes = hm_bytes(data, size);
	if (log_checkpoint_parse(&cx, bytes, &c))
		return 0;
	if (!c.origin.n || c.root.n != LOG_HASH || !c.note.signatures_n ||
	    !hm_starts(bytes, c.note.text) || c.size > INT64_MAX)
		abort();
	return 0;
}
