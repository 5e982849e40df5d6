/* SPDX-License-Identifier: Apache-2.0 */
/* The head of a request, and what follows it as chunks: the same however it is cut. */
#include "http/server/h1_parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t feed(struct hm_str all, size_t step, int *out_state)
{
	struct h1_chunks c = { .state = H1_SIZE };
	uint64_t n = 0;
	while (all.n && c.state != H1_END && c.state != H1_BAD) {
		struct hm_str in = hm_sub(all, 0, step), piece;
		all = hm_from(all, in.n);
		while ((piece = http_h1_chunks_next(&c, &in)).n)
			n += piece.n;
	}
	*out_state = (int)c.state;
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(1 << 20);
	struct hm_str all = hm_bytes(data, size);
	struct h1_head h;
	int whole, cut;
	size_t end = http_h1_head_end(all);
	if (end > size)
		__builtin_trap();
	if (end && http_h1_parse(&cx, hm_sub(all, 0, end), &h) == 200 &&
	    (h.target.p[0] != '/' || (h.chunked && h.length >= 0) || !http_h1_is_plausible(all)))
		__builtin_trap();
	struct hm_str body = hm_from(all, end);
	if (feed(body, SIZE_MAX, &whole) != feed(body, 3, &cut) || whole != cut)
		__builtin_trap();
	return 0;
}
