/* SPDX-License-Identifier: Apache-2.0 */
/* A PatchConfig, and what it makes of tags. */
#include "repair/repair.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct repair_fleet fleet = { 0 };
	struct hm_strs all = { 0 };
	static const char *const names[] = {
		"1", "1.2-patched", "1.10", "v1.9.1", "20.04", "latest"
	};
	for (size_t i = 0; i < HM_LEN(names); i++)
		*hm_push(&cx, &all) = hm_cstr(names[i]);
	if (repair_fleet_read(&cx, hm_bytes(data, size), &fleet))
		return 0;
	for (size_t i = 0; i < fleet.n; i++) {
		const struct repair_fleet_image *image = &fleet.p[i];
		struct hm_strs tags = { 0 };
		struct hm_str place, first, last, next;
		repair_fleet_tags(&cx, image, &all, &tags);
		if (image->most && tags.n > image->most && image->tags == REPAIR_TAGS_PATTERN)
			abort();
		if (!repair_fleet_target(&cx, image, HM_STR("1.10"), &place, &first)) {
			repair_fleet_next(&cx, first, &all, &last, &next);
			if (hm_strs_has(&all, next) && next.n)
				abort();
		}
	}
	return 0;
}
