/* SPDX-License-Identifier: Apache-2.0 */
/* TOML becomes a tree that can be walked and written, or a fault says why not. */
#include "codec/toml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct json doc;
	struct hm_str text;
	if (toml_parse(&cx, hm_bytes(data, size), &doc))
		return 0;
	if (!json_is_object(doc) || json_text(&cx, doc, &text))
		__builtin_trap();
	return 0;
}
