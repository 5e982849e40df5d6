/* SPDX-License-Identifier: Apache-2.0 */
/* Both lists of rpm packages; the first byte says which. What is found has a name and a version. */
#include "inventory/cataloger.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct inventory_findings f;
	if (!size)
		return 0;
	struct inventory_file file = {
		.path = data[0] == '1' ? HM_STR("var/lib/rpmmanifest/container-manifest-1")
				       : HM_STR("var/lib/rpmmanifest/container-manifest-2"),
		.bytes = hm_dup(&cx, hm_bytes(data + 1, size - 1)),
	};
	if (inventory_catalog(&cx, inventory_cataloger_find("rpmmanifest"), &file, &f))
		return 0;
	for (size_t i = 0; i < f.components.n; i++)
		if (!f.components.p[i].name.n || !f.components.p[i].version.n)
			__builtin_trap();
	return 0;
}
