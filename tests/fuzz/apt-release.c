/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "repair/apt/apt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever it names lies below the repository, and has a digest. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(64 << 20);
	struct hm_str archs[] = { HM_STR("all"), HM_STR("amd64") };
	struct hm_strs wanted = { archs, HM_LEN(archs), 0 };
	struct repair_options o = { .now = 1800000000 };
	struct repair_run run = { .o = &o };
	struct apt_source s = { .uri = HM_STR("/r"), .suite = HM_STR("test") };
	struct apt_release r = { 0 };
	if (repair_apt_release_read(&cx, &run, &s, hm_bytes(data, size), &wanted, &r))
		return 0;
	for (size_t i = 0; i < r.indexes_n; i++)
		for (size_t j = 0; j < APT_FORMS; j++) {
			const struct apt_form *f = &r.indexes[i].forms[j];
			if (f->file.path.n &&
			    (repair_path_check(&cx, f->file.path) || f->file.sha256.n != 64))
				abort();
		}
	return 0;
}
