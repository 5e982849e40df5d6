/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "http/parts.h"

/* What has moved after so many seconds, looked at once a second; when it is found too slow. */
static const struct pace_case {
	const char *label;
	uint64_t first, each; /* bytes in the first second, and in each after it */
	bool pressed;
	int64_t slow_at; /* second; 0: never within two minutes */
} pace_cases[] = {
	{ "nothing at all", 0, 0, false, 30 },
	{ "fast enough", 256, 256, false, 0 },
	{ "not quite fast enough", 255, 255, false, 30 },
	{ "a good beginning pays for its own window alone", 100 * HM_MIB, 1, false, 60 },
	{ "nothing, and others wait", 0, 0, true, 3 },
	{ "what is fast enough else, and others wait", 256, 256, true, 3 },
	{ "a good beginning, and others wait", HM_MIB, 0, true, 6 },
	{ "fast, and others wait", 16 * HM_KIB, 16 * HM_KIB, true, 0 },
};

static void pace(void **state)
{
	const struct pace_case *t = *state;
	struct http_pace p;
	uint64_t moved = 0;
	int64_t slow_at = 0, start = 7 * HM_SECOND + 5;
	http_pace_begin(&p, start, moved);
	for (int64_t i = 1; i <= 120 && !slow_at; i++) {
		moved += i == 1 ? t->first : t->each;
		if (http_pace_is_slow(&p, start + i * HM_SECOND, moved, t->pressed))
			slow_at = i;
	}
	assert_int_equal(slow_at, t->slow_at);
}

int main(void)
{
	UNIT_TABLE(pace, pace_cases);
	return unit_run("http/pace");
}
