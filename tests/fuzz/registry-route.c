/* SPDX-License-Identifier: Apache-2.0 */
/* What the registry makes of a path, of ranges and content ranges: a line each. */
#include "oci/registry/registry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(1 << 20);
	struct hm_str rest = hm_bytes(data, size), path;
	uint64_t a, b;
	if (!http_unescape(&cx, hm_line(&rest), false, &path)) {
		struct registry_path p = oci_registry_path_parse(path);
		if (oci_registry_name_is_valid(p.name) && hm_find(p.name, HM_STR("..")) != SIZE_MAX)
			__builtin_trap();
	}
	if (oci_registry_range_parse(hm_line(&rest), 1000, &a, &b) == REGISTRY_PART &&
	    (a >= 1000 || b == 0 || b > 1000 - a))
		__builtin_trap();
	if (oci_registry_content_range_parse(hm_line(&rest), &a, &b) && b < a)
		__builtin_trap();
	return 0;
}
