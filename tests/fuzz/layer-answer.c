/* SPDX-License-Identifier: Apache-2.0 */
/* What a worker that was taken over may answer: two layers of it, read and merged. */
#include "inventory/links.h"
#include "inventory/merge.h"
#include "inventory/together.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(64 << 20);
	struct inventory_answer a;
	if (inventory_answer_read(&cx, hm_bytes(data, size), &a))
		return 0;
	struct inventory inv = { 0 };
	struct inventory_view_layer layers[] = { { HM_STR("sha256:0"), &a },
						 { HM_STR("sha256:1"), &a } };
	static const struct inventory_seed seed = { { 1, 2 } };
	struct inventory_view view;
	struct inventory_aliases none = { 0 }, aliases;
	struct inventory_pairs pairs;
	hm_err err = inventory_view_make(&cx, &seed, layers, HM_LEN(layers), &view);
	if (!err)
		err = inventory_links_follow(&cx, &view, &none, &aliases);
	if (!err)
		err = inventory_pairs_find(&cx, &view, &pairs, &inv.unknown);
	if (!err)
		err = inventory_merge(&cx, &view, &inv);
	(void)err;
	return 0;
}
