/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "oci/layout/tarfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct tarfile_source s = {
		.fd = -1, .bytes = hm_bytes(data, size), .size = size, .name = "x"
	};
	struct hm_map files;
	if (oci_tarfile_index(&cx, &s, &files))
		return 0;
	for (size_t i = 0; i < files.n; i++) {
		const struct tarfile_entry *e = oci_tarfile_find(&files, files.entries[i].key);
		if (e && (e->offset > size || e->size > size - e->offset))
			abort();
	}
	return 0;
}
