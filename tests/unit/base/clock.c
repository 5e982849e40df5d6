/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

static const struct time_case {
	const char *label, *text;
	int64_t when;
	const char *why;
} time_cases[] = {
	{ "the epoch", "1970-01-01T00:00:00Z", 0, NULL },
	{ "an offset to the east", "1970-01-01T02:00:00+02:00", 0, NULL },
	{ "an offset to the west", "1969-12-31T19:00:00-05:00", 0, NULL },
	{ "a fraction is cut off", "2026-11-22T10:20:30.999999999Z", 1795342830, NULL },
	{ "lower case", "2026-11-22t10:20:30z", 1795342830, NULL },
	{ "a leap day", "2024-02-29T00:00:00Z", 1709164800, NULL },
	{ "no leap day", "2023-02-29T00:00:00Z", 0, "not an RFC 3339 time" },
	{ "a month too many", "2023-13-01T00:00:00Z", 0, "not an RFC 3339 time" },
	{ "day nought", "2023-01-00T00:00:00Z", 0, "not an RFC 3339 time" },
	{ "no zone", "2023-01-01T00:00:00", 0, "not an RFC 3339 time" },
	{ "a date alone", "2023-01-01", 0, "not an RFC 3339 time" },
	{ "a point without digits", "2023-01-01T00:00:00.Z", 0, "not an RFC 3339 time" },
	{ "words behind it", "2023-01-01T00:00:00Z ", 0, "not an RFC 3339 time" },
	{ "a space between", "2023-01-01 00:00:00Z", 0, "not an RFC 3339 time" },
	{ "nothing", "", 0, "not an RFC 3339 time" },
};

static void times(void **state)
{
	const struct time_case *t = *state;
	HM_AUTO_CX cx = HM_CX(0);
	int64_t when = 77;
	hm_err err = hm_rfc3339_parse(&cx, hm_cstr(t->text), &when);
	if (t->why) {
		assert_fault(err, HM_INPUT, t->why);
		assert_int_equal(when, 77);
		return;
	}
	assert_ok(err);
	assert_int_equal(when, t->when);
	assert_ok(hm_rfc3339_parse(&cx, hm_rfc3339(&cx, when), &when));
	assert_int_equal(when, t->when);
}

static const struct duration_case {
	const char *label, *text;
	int64_t ns;
	bool good;
} duration_cases[] = {
	{ "hours", "720h", 720 * 3600 * HM_SECOND, true },
	{ "hours and minutes", "1h30m", 5400 * HM_SECOND, true },
	{ "milliseconds", "500ms", HM_SECOND / 2, true },
	{ "no unit", "10", 0, false },
	{ "no number", "h", 0, false },
	{ "nothing", "", 0, false },
	{ "below nought", "-1h", 0, false },
	{ "days are not Go's", "1d", 0, false },
	{ "more than fits", "9223372036854775807h", 0, false },
};

static void durations(void **state)
{
	const struct duration_case *t = *state;
	HM_AUTO_CX cx = HM_CX(0);
	int64_t ns = 0;
	hm_err err = hm_duration(&cx, hm_cstr(t->text), &ns);
	if (t->good)
		assert_ok(err);
	else
		assert_fault(err, HM_INPUT, "not a duration");
	assert_int_equal(ns, t->ns);
}

int main(void)
{
	UNIT_TABLE(times, time_cases);
	UNIT_TABLE(durations, duration_cases);
	return unit_run("base/clock");
}
