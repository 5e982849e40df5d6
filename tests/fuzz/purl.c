/* SPDX-License-Identifier: Apache-2.0 */
/* What is read as a purl and written again is read as the same: the canonical form is a fixed
 * point. */
#include "inventory/inventory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(16 * HM_MIB);
	struct inventory_component c, again;
	if (size > 3000 || inventory_purl_parse(&cx, hm_bytes(data, size), &c))
		return 0;
	struct hm_str purl = inventory_purl(&cx, &c);
	if (inventory_purl_parse(&cx, purl, &again))
		__builtin_trap();
	struct hm_str purl2 = inventory_purl(&cx, &again);
	if (!hm_eq(purl, purl2))
		__builtin_trap();
	return 0;
}
