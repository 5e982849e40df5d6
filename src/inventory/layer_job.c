/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/stream.h"
#include "inventory/layer.h"
#include "inventory/ring.h"

static hm_err read_all(struct hm_cx *cx, struct stream *s, struct ring *r, struct tar *t)
{
	size_t n = RING_BLOCK_SIZE;
	while (n == RING_BLOCK_SIZE) {
		uint8_t *block = inventory_ring_block(r);
		HM_TRY(stream_read(cx, s, block, RING_BLOCK_SIZE, &n));
		HM_TRY(stream_check_bomb(cx, s));
		HM_TRY(hm_alive(cx));
		if (n)
			inventory_ring_put(r, n);
		HM_TRY(tar_feed(cx, t, hm_bytes(block, n)));
	}
	return tar_end(cx, t);
}

hm_err inventory_layer_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	INVENTORY_AUTO_LAYER l = { 0 };
	HM_TRY(inventory_layer_begin(cx, &l, args, out));
	STREAM_AUTO s = { 0 };
	HM_TRY(stream_open(cx, (struct stream_source){ stream_read_fd, &in }, &s));
	TAR_AUTO t = tar_open(cx, &inventory_layer_events, &l);
	RING_AUTO r = { 0 };
	HM_TRY(inventory_ring_start(cx, &r));
	HM_TRY(read_all(cx, &s, &r, t));
	uint8_t diff_id[INVENTORY_DIFF_ID];
	inventory_ring_end(&r, diff_id);
	return inventory_layer_end(cx, &l, diff_id, s.total);
}
