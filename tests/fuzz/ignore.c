/* SPDX-License-Identifier: Apache-2.0 */
/* An ignore file: the first byte says which kind, lines or YAML. */
#include "advisory/ignore.h"
#include "advisory/glob.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct advisory_told told = { 0 };
	struct hm_str name = size && data[0] % 2 ? HM_STR("a.yaml") : HM_STR("a");
	if (!size || advisory_ignores_read(&cx, name, hm_bytes(data + 1, size - 1), &told))
		return 0;
	for (size_t i = 0; i < told.ignores->rules.n; i++) {
		const struct ignore_rule *r = &told.ignores->rules.p[i];
		if (!r->unusable && !r->id.n && !r->purls.n && !r->paths.n && !r->name.text.n &&
		    !r->source_name.text.n && !r->version.n && !r->type.n && !r->language.n &&
		    r->fix == IGNORE_ANY_FIX)
			abort();
		for (size_t k = 0; k < r->paths.n; k++)
			(void)advisory_glob(&cx, r->paths.p[k], HM_STR("usr/lib/a.jar"));
	}
	return 0;
}
