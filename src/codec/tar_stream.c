/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/stream.h"
#include "codec/tar.h"

hm_err tar_feed_stream(struct hm_cx *cx, struct tar *t, struct stream *s)
{
	enum { STEP = 256 * 1024 };
	char *room = hm_new(cx, char, STEP);
	for (size_t n = STEP; n == STEP;) {
		HM_TRY(stream_read(cx, s, room, STEP, &n));
		HM_TRY(stream_check_bomb(cx, s));
		HM_TRY(tar_feed(cx, t, hm_bytes(room, n)));
	}
	return tar_end(cx, t);
}
