/* SPDX-License-Identifier: Apache-2.0 */
/* What is read, written and read again is the same text; written as YAML, too. */
#include "codec/json.h"
#include "codec/yaml.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Where it is a document that YAML's reader takes: small, with names that differ. */
static void check_yaml(struct hm_cx *cx, struct json v)
{
	HM_AUTO_BUF b = HM_BUF(4 * HM_MIB);
	struct json back;
	struct hm_str want, have;
	struct json_out o = yaml_out(&b);
	json_put_json(&o, NULL, v);
	assert(!b.over);
	if (!json_is_object(v) || json_text(cx, v, &want) ||
	    json_parse(cx, want, JSON_NO_DUPLICATES, &back))
		return;
	hm_err err = yaml_parse(cx, hm_buf_str(&b), &back);
	assert(!err || err->code == HM_LIMIT);
	if (err)
		return;
	assert(!json_text(cx, back, &have));
	assert(hm_eq(have, want));
}

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
	check_yaml(&cx, v);
	return 0;
}
