/* SPDX-License-Identifier: Apache-2.0 */
/* Catalogs of exploitation: what was read of them is read again as it was written. The first byte
 * says which kind follows. */
#include <stdlib.h>

#include "advisory/feeds/feeds.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	HM_AUTO_BUF b = HM_BUF(64 * HM_MIB);
	struct advisory_catalog c;
	enum advisory_said said = ADVISORY_SAID_NOTHING;
	if (size == 0)
		return 0;
	const struct advisory_feed *f = data[0] == 'k' ? &advisory_feed_kev : &advisory_feed_epss;
	struct hm_str text = hm_bytes(data + 1, size - 1);
	hm_err err = (f->read_file ? f->read_file : f->read_document)(&cx, text, &said, &b);
	if (err || said == ADVISORY_SAID_NOTHING)
		return 0;
	if (advisory_catalog_read(&cx, hm_buf_str(&b), f->row_size, &c))
		abort();
	return 0;
}
