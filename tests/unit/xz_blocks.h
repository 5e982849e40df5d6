/* SPDX-License-Identifier: Apache-2.0 */
/* An .xz file with as many blocks as a test wants. */
#ifndef UNIT_XZ_BLOCKS_H
#define UNIT_XZ_BLOCKS_H

#include <lzma.h>

#include "unit.h"

/* A block of `first` bytes, and others of `block` bytes each, the last of what is left; 0: all of
 * it. */
static inline void xz_in_blocks(struct hm_str text, size_t first, size_t block, lzma_check check,
				struct hm_buf *out)
{
	lzma_stream s = LZMA_STREAM_INIT;
	assert_int_equal(lzma_easy_encoder(&s, 1, check), LZMA_OK);
	for (bool end = false; !end;) {
		struct hm_str some = first ? hm_sub(text, 0, first) : text;
		first = block;
		text = hm_from(text, some.n);
		s.next_in = (const uint8_t *)some.p;
		s.avail_in = some.n;
		for (lzma_ret ret = LZMA_OK; ret == LZMA_OK;) {
			uint8_t room[4096];
			s.next_out = room;
			s.avail_out = sizeof(room);
			ret = lzma_code(&s, text.n ? LZMA_FULL_FLUSH : LZMA_FINISH);
			assert_true(ret == LZMA_OK || ret == LZMA_STREAM_END);
			hm_buf_add(out, hm_bytes(room, sizeof(room) - s.avail_out));
		}
		end = !text.n;
	}
	lzma_end(&s);
}

#endif
