/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "codec/stream.h"
#include "codec/xz_halves.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST = 1 << 20 };

/* False: it is refused, or there is more than is looked at. */
static bool inflate(struct hm_cx *cx, struct stream_source source, struct hm_buf *out)
{
	STREAM_AUTO s = { 0 };
	char room[5003];
	size_t n = sizeof(room);
	if (stream_open_package(cx, source, &s))
		return false;
	while (n == sizeof(room)) {
		if (stream_read(cx, &s, room, sizeof(room), &n))
			return false;
		hm_buf_add(out, hm_bytes(room, n));
		if (out->over)
			return false;
	}
	return true;
}

/* Both halves are good exactly where the whole is, and inflate to the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(64 << 20);
	HM_AUTO_BUF whole = HM_BUF(MOST);
	HM_AUTO_BUF halved = HM_BUF(MOST);
	struct hm_str file = hm_bytes(data, size);
	struct xz_half halves[2];
	if (!xz_halve(&cx, file, halves))
		return 0;
	if (halves[0].size > MOST || halves[1].size > MOST - halves[0].size)
		return 0;
	bool good = inflate(&cx, (struct stream_source){ xz_half_read, &halves[0] }, &halved) &&
		    inflate(&cx, (struct stream_source){ xz_half_read, &halves[1] }, &halved);
	if (good != inflate(&cx, (struct stream_source){ stream_read_str, &file }, &whole))
		abort();
	if (good && !hm_eq(hm_buf_str(&whole), hm_buf_str(&halved)))
		abort();
	return 0;
}
