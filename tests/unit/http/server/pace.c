/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "http/server/pace.h"

/* What has moved after so many seconds, looked at once a second; when it is found too slow. */
static const struct pace_case {
	const char *label;
	uint64_t first, each; /* bytes in the first second, and in each after it */
	int64_t slow_at;      /* second; 0: never within two minutes */
} pace_cases[] = {
	{ "nothing at all", 0, 0, 30 },
	{ "fast enough", 256, 256, 0 },
	{ "not quite fast enough", 255, 255, 30 },
	{ "a good beginning pays for its own window alone", 100 * HM_MIB, 1, 60 },
};

static void pace(void **state)
{
	const struct pace_case *t = *state;
	struct http_pace p = { 0 };
	uint64_t moved = 0;
	int64_t slow_at = 0, start = 7 * HM_SECOND + 5;
	http_pace_begin(&p, start, moved);
	for (int64_t i = 1; i <= 120 && !slow_at; i++) {
		moved += i == 1 ? t->first : t->each;
		if (http_pace_is_slow(&p, start + i * HM_SECOND, moved))
			slow_at = i;
	}
	assert_int_equal(slow_at, t->slow_at);
}

/* The same, and when it has to go where others wait. */
static const struct way_case {
	const char *label;
	uint64_t first, each;
	int64_t at;
} way_cases[] = {
	{ "nothing", 0, 0, 3 },
	{ "a byte a second", 1, 1, 3 },
	{ "what is enough where nobody waits", 256, 256, 3 },
	{ "a good beginning lasts for seconds", 70000, 1, 4 },
	{ "a better one for few more", HM_MIB, 1, 8 },
	{ "fast", 16 * HM_KIB, 16 * HM_KIB, 0 },
	{ "fast after a slow second", 0, 64 * HM_KIB, 0 },
};

static void is_in_the_way(void **state)
{
	const struct way_case *t = *state;
	struct http_pace p = { 0 };
	uint64_t moved = 0;
	int64_t at = 0;
	for (int64_t i = 1; i <= 120 && !at; i++) {
		moved += i == 1 ? t->first : t->each;
		http_pace_tick(&p, moved);
		if (http_pace_is_in_the_way(&p))
			at = i;
	}
	assert_int_equal(at, t->at);
}

int main(void)
{
	UNIT_TABLE(pace, pace_cases);
	UNIT_TABLE(is_in_the_way, way_cases);
	return unit_run("http/server/pace");
}
