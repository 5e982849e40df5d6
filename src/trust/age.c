/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "trust/config.h"

enum { DAY = 86400 };

hm_err trust_read_max_age(struct hm_cx *cx, struct json v, int64_t *out)
{
	struct json age = json_get(v, "trustDataMaxAge");
	struct hm_str text = json_str(age), days = text;
	uint64_t n;
	int64_t ns = 0;
	if (!json_is_there(age))
		return NULL;
	if (hm_ends(text, HM_STR("d"))) {
		days.n--;
		if (hm_u64(days, 999, &n))
			ns = (int64_t)n * DAY * HM_SECOND;
	} else {
		HM_TRY_IN(cx, hm_duration(cx, text, &ns), "\"trustDataMaxAge\"");
	}
	if (ns < HM_SECOND)
		return hm_fail(cx, HM_INPUT,
			       "\"trustDataMaxAge\" is not a duration like \"7d\" or \"36h\"");
	*out = ns / HM_SECOND;
	return NULL;
}
