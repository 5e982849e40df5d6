/* SPDX-License-Identifier: Apache-2.0 */
/* gzip, zstd, bzip2, xz or plain, as its magic says; read in odd pieces. */
#include "codec/stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(64 << 20);
	struct hm_str from = hm_bytes(data, size);
	STREAM_AUTO s = { 0 };
	if (stream_open_document(&cx, (struct stream_source){ stream_read_str, &from }, &s))
		return 0;
	static uint8_t room[5003];
	for (size_t n = sizeof(room); n == sizeof(room) && s.total < 8 << 20;)
		if (stream_read(&cx, &s, room, sizeof(room), &n))
			break;
	return 0;
}
