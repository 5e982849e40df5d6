/* SPDX-License-Identifier: Apache-2.0 */
/* A template, and behind a line "---" the JSON that it is applied to: it prints the same each time,
 * and text without an action prints itself. */
#include "codec/template.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(16 * HM_MIB);
	HM_AUTO_BUF once = HM_BUF(HM_MIB), twice = HM_BUF(HM_MIB);
	struct hm_str rest = hm_bytes(data, size), text = hm_cut_str(&rest, HM_STR("\n---\n"));
	const struct template *t;
	struct json doc = { NULL };
	if (json_parse(&cx, rest, JSON_PLAIN, &doc))
		doc = (struct json){ NULL };
	hm_err err = template_parse(&cx, text, &t);
	if (err) {
		assert(err->code == HM_USAGE || err->code == HM_LIMIT);
		return 0;
	}
	cx.deadline = hm_mono() + 1000000000;
	err = template_run(&cx, t, doc, &once);
	if (err) {
		assert(err->code == HM_INPUT || err->code == HM_LIMIT || err->code == HM_BUSY);
		return 0;
	}
	if (hm_find(text, HM_STR("{{")) == SIZE_MAX)
		assert(hm_eq(text, hm_buf_str(&once)));
	err = template_run(&cx, t, doc, &twice);
	assert(err || hm_eq(hm_buf_str(&once), hm_buf_str(&twice)));
	return 0;
}
