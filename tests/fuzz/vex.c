/* SPDX-License-Identifier: Apache-2.0 */
/* A VEX document of any format. */
#include "advisory/vex/vex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct advisory_told told = { 0 };
	if (advisory_vex_read(&cx, HM_STR("a"), hm_bytes(data, size), &told))
		return 0;
	for (size_t i = 0; i < told.vex->n; i++)
		for (size_t k = 0; k < told.vex->statements[i].products_n; k++) {
			const struct vex_product *p = &told.vex->statements[i].products[k];
			/* what names nothing must say so, or it could be taken for everything */
			if (!p->unnamed && !p->whole.purls_n && !p->whole.hashes.n &&
			    !p->whole.words.n)
				abort();
		}
	return 0;
}
