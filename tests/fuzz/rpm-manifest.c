/* SPDX-License-Identifier: Apache-2.0 */
/* Lists in the place of a database: written again where nothing changes they are the same lines. */
#include <stdlib.h>

#include "repair/rpm/rpm.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct rpm_database db = { 0 };
	struct rpm_at at = { .db = &db };
	struct hm_str text = hm_bytes(data, size), out;
	if (repair_rpm_manifest(&cx, text, &db))
		return 0;
	for (size_t i = 0; i < db.packages.n; i++)
		if (!db.packages.p[i].p.name.n || !db.packages.p[i].p.evr.n)
			abort();
	if (repair_rpm_manifest_format(&cx, &at, text, false, 1, &out))
		return 0;
	while (text.n)
		if (!hm_eq(hm_line(&text), hm_line(&out)))
			abort();
	return 0;
}
