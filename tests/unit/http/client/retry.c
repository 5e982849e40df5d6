/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "http/client/client.h"

/* 1994-11-06T08:49:37Z */
#define NOW 784111777

static const struct pause_case {
	const char *label, *after;
	unsigned i;
	int64_t least_ms, most_ms;
} pause_cases[] = {
	{ "the first is short", "", 0, 150, 250 },
	{ "the third is four times as long", "", 2, 600, 1000 },
	{ "it does not grow for ever", "", 60, 1, 32000 },
	{ "seconds are taken at their word", "2", 0, 2000, 2000 },
	{ "but not for ever", "86400", 0, 30000, 30000 },
	{ "a date", "Sun, 06 Nov 1994 08:49:40 GMT", 0, 3000, 3000 },
	{ "a date in the past", "Sun, 06 Nov 1994 08:49:30 GMT", 0, 0, 0 },
	{ "a date far away", "Sun, 06 Nov 2094 08:49:30 GMT", 0, 30000, 30000 },
	{ "zero seconds is no invitation to hammer", "0", 0, 150, 250 },
	{ "a negative number", "-5", 0, 150, 250 },
	{ "words", "soon", 0, 150, 250 },
	{ "half a date", "Sun, 06 Nov 1994", 0, 150, 250 },
};

static void pause_length(void **state)
{
	const struct pause_case *t = *state;
	int64_t ms = http_retry_pause(t->i, hm_cstr(t->after), NOW) / (HM_SECOND / 1000);
	assert_in_range(ms, t->least_ms, t->most_ms);
}

static const struct status_case {
	const char *label;
	int status;
	bool want;
} status_cases[] = {
	{ "429", 429, true },  { "500", 500, true },  { "502", 502, true },  { "503", 503, true },
	{ "504", 504, true },  { "200", 200, false }, { "404", 404, false }, { "401", 401, false },
	{ "501", 501, false }, { "400", 400, false }, { "307", 307, false },
};

static void status(void **state)
{
	const struct status_case *t = *state;
	assert_int_equal(http_retry_status(t->status), t->want);
}

int main(void)
{
	UNIT_TABLE(pause_length, pause_cases);
	UNIT_TABLE(status, status_cases);
	return unit_run("http/client/retry");
}
