/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/yaml.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(16 * HM_MIB);
	struct json *docs;
	size_t n = 0;
	hm_err err = yaml_parse_all(&cx, hm_bytes(data, size), &docs, &n);
	assert(!err || (err->why && n == 0));
	for (size_t i = 0; !err && i < n; i++)
		assert(json_is_there(docs[i]));
	return 0;
}
