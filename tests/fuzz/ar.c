/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "codec/ar.h"
#include "codec/stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* No member has more bytes than its header says, nor all of them more than the archive. What is in
 * it may be packed as packages are. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(64 << 20);
	struct hm_str rest = hm_bytes(data, size);
	struct ar a;
	struct ar_member m;
	bool more = true;
	if (ar_open(&cx, (struct stream_source){ stream_read_str, &rest }, &a))
		return 0;
	while (!ar_next(&cx, &a, &m, &more) && more) {
		char room[4096];
		size_t n = 1;
		if (!m.name.n || m.name.n > 16)
			abort();
		STREAM_AUTO s = { 0 };
		if (stream_open_package(&cx, (struct stream_source){ ar_read, &a }, &s))
			continue;
		while (n && s.total < (1 << 20) && !stream_read(&cx, &s, room, sizeof(room), &n))
			;
		if (s.in.total > m.size)
			abort();
	}
	return 0;
}
