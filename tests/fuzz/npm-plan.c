/* SPDX-License-Identifier: Apache-2.0 */
/* What the planner of npm packages is asked, as JSON: what it chooses was asked about, is not held,
 * and its answer is JSON with a verdict for each thing that was wanted. Then a lock file. */
#include <stdlib.h>

#include "repair/npm/npm.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_lock(struct hm_cx *cx, struct hm_str text)
{
	struct npm_package package = { .folder = HM_STR("app/node_modules/x") };
	struct npm_planned p = { .packages = { &package, 1, 1 } };
	struct hm_str one;
	struct json doc;
	*hm_push(cx, &p.choices) = (struct npm_choice){ 0,
							HM_STR("x"),
							HM_STR("1.0.0"),
							HM_STR("1.0.5"),
							HM_STR("/srv/x-1.0.5.tgz"),
							HM_STR("sha512:00"),
							HM_STR("{\"bin\":\"x.js\"}") };
	if (!repair_npm_lock_text(cx, text, HM_STR("app"), &p, &one) &&
	    json_parse(cx, one, JSON_PLAIN, &doc))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	HM_AUTO_BUF b = HM_BUF(16 * HM_MIB);
	struct json_out o = json_out(&b, false);
	struct json question, answer;
	write_lock(&cx, hm_bytes(data, size));
	if (json_parse(&cx, hm_bytes(data, size), JSON_STRICT, &question) ||
	    repair_npm_choose(&cx, question, &o) || b.over)
		return 0;
	if (json_parse(&cx, hm_buf_str(&b), JSON_STRICT, &answer))
		abort();
	struct json choices = json_get(answer, "choices"), all = json_get(question, "packages");
	for (struct json_iter it = json_iter(choices); json_next(&it);) {
		int64_t i;
		if (!json_int(json_get(it.value, "package"), &i) || i < 0 ||
		    (size_t)i >= json_size(all) ||
		    json_str(json_get(json_at(all, (size_t)i), "held")).n)
			abort();
	}
	if (json_is_there(choices) &&
	    json_size(json_get(answer, "verdicts")) != json_size(json_get(question, "wants")))
		abort();
	return 0;
}
