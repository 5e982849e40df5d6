/* SPDX-License-Identifier: Apache-2.0 */
/* Catalogs of exploitation: what was read of them is read again as it was written. The first byte
 * says which kind follows. */
#include <stdlib.h>

#include "advisory/feeds.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	HM_AUTO_BUF b = HM_BUF(64 * HM_MIB);
	struct advisory_feed f;
	bool is = true, kev = size && data[0] == 'k';
	if (size == 0)
		return 0;
	struct hm_str text = hm_bytes(data + 1, size - 1);
	hm_err err =
		kev ? advisory_kev_parse(&cx, text, &is, &b) : advisory_epss_parse(&cx, text, &b);
	if (err || !is)
		return 0;
	if (advisory_get_feed(&cx, hm_buf_str(&b), kev ? ADVISORY_KEV_ROW : ADVISORY_EPSS_ROW, &f))
		abort();
	return 0;
}
