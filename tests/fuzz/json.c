/* SPDX-License-Identifier: Apache-2.0 */
/* What is read, written and read again is the same text. */
#include "codec/json.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(16 * HM_MIB);
	HM_AUTO_BUF once = HM_BUF(4 * HM_MIB), twice = HM_BUF(4 * HM_MIB);
	struct json v;
	if (size == 0 || json_parse(&cx, hm_bytes(data + 1, size - 1),
				    data[0] & 1 ? JSON_NO_DUPLICATES : JSON_PLAIN, &v))
		return 0;
	struct json_out o = json_out(&once, data[0] & 2);
	json_put_json(&o, NULL, v);
	assert(!once.over);
	hm_err err = json_parse(&cx, hm_buf_str(&once), JSON_PLAIN, &v);
	assert(!err || err->code == HM_LIMIT);
	if (err)
		return 0;
	o = json_out(&twice, data[0] & 2);
	json_put_json(&o, NULL, v);
	assert(hm_eq(hm_buf_str(&once), hm_buf_str(&twice)));
	return 0;
}
