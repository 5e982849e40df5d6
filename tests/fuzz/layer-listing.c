/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "repair/root.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first half is a layer, the second the one above it. What is there is found by its path, below
 * folders that are there, too. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(64 << 20);
	struct repair_root r = repair_root_new(&cx);
	size_t n = 0;
	if (repair_root_apply(&cx, &r, hm_bytes(data, size / 2)) ||
	    repair_root_apply(&cx, &r, hm_bytes(data + size / 2, size - size / 2)))
		return 0;
	for (size_t i = 0; i < r.nodes.n; i++) {
		const struct repair_node *node = r.nodes.entries[i].value;
		struct hm_str at;
		if (node->is_gone)
			continue;
		n++;
		if (repair_root_at(&r, node->path) != node)
			abort();
		if (node->parent != r.top &&
		    (node->parent->is_gone || node->parent->type != TAR_DIR))
			abort();
		if (!repair_root_target(&cx, &r, node->path, &at) && hm_starts(at, HM_STR("/")))
			abort();
	}
	if (n != r.n)
		abort();
	return 0;
}
