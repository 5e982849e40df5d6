/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#define MS (HM_SECOND / 1000)

static const struct timeout_case {
	const char *label, *text;
	int64_t want;
} timeout_cases[] = {
	{ "seconds", "10s", 10 * HM_SECOND },
	{ "minutes and seconds", "0m3s", 3 * HM_SECOND },
	{ "a fraction", "2.5s", 2500 * MS },
	{ "less than one", ".5s", 500 * MS },
	{ "milliseconds", "1500ms", 1500 * MS },
	{ "nanoseconds", "3000000ns", 3 * MS },
	{ "more than the API server ever waits", "1m30s", 30 * HM_SECOND },
	{ "no unit", "10", 0 },
	{ "another unit", "10x", 0 },
	{ "no number", "s", 0 },
	{ "a point", ".s", 0 },
	{ "below zero", "-3s", 0 },
	{ "more than numbers can hold", "99999999999999999999s", 0 },
	{ "two points", "1.2.3s", 0 },
	{ "nothing", "", 0 },
};

static void timeout(void **state)
{
	const struct timeout_case *t = *state;
	assert_int_equal(gate_timeout_parse(hm_cstr(t->text)), t->want);
}

static const struct deadline_case {
	const char *label;
	int64_t timeout, want;
} deadline_cases[] = {
	{ "of ten seconds a tenth is left", 10 * HM_SECOND, 9 * HM_SECOND },
	{ "of three as well", 3 * HM_SECOND, 2700 * MS },
	{ "of one a quarter", HM_SECOND, 750 * MS },
	{ "of a little half", 100 * MS, 50 * MS },
};

static void deadline(void **state)
{
	const struct deadline_case *t = *state;
	assert_int_equal(gate_deadline(7, t->timeout), 7 + t->want);
}

static void one_registry_does_not_take_all(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct gate *g = gate_fixture(&cx);
	struct gate_turn *turns[GATE_ENGAGED_KNOWN], *other;
	const struct hm_str hung = HM_STR("hung.example"), good = HM_STR("good.example");
	for (size_t i = 0; i < GATE_ENGAGED; i++)
		assert_ok(gate_turn_begin(&cx, g, hung, &turns[i]));
	assert_fault(gate_turn_begin(&cx, g, hung, &other), HM_BUSY,
		     "too many requests to registry \"hung.example\"");
	assert_ok(gate_turn_begin(&cx, g, good, &other));
	gate_turn_end(g, other, true);
	/* one that has answered may be asked more, but never by all workers */
	gate_turn_end(g, turns[0], true);
	for (size_t i = 0, n = GATE_ENGAGED_KNOWN - (GATE_ENGAGED - 1); i < n; i++)
		assert_ok(gate_turn_begin(&cx, g, hung, &turns[i]));
	assert_fault(gate_turn_begin(&cx, g, hung, &other), HM_BUSY,
		     "too many requests to registry \"hung.example\"");
	assert_true(GATE_ENGAGED_KNOWN < gate_workers());
	gate_fixture_done(g);
}

static void places_are_used_again(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct gate *g = gate_fixture(&cx);
	struct gate_turn *turns[GATE_REGISTRIES], *one;
	for (int i = 0; i < 2 * GATE_REGISTRIES; i++) {
		assert_ok(gate_turn_begin(&cx, g, hm_fmt(&cx, "r%d.example", i), &one));
		gate_turn_end(g, one, false);
	}
	for (int i = 0; i < GATE_REGISTRIES; i++)
		assert_ok(gate_turn_begin(&cx, g, hm_fmt(&cx, "q%d.example", i), &turns[i]));
	assert_fault(gate_turn_begin(&cx, g, HM_STR("one.more"), &one), HM_BUSY, "too many");
	gate_turn_end(g, turns[7], false);
	assert_ok(gate_turn_begin(&cx, g, HM_STR("one.more"), &one));
	gate_fixture_done(g);
}

int main(void)
{
	UNIT_TABLE(timeout, timeout_cases);
	UNIT_TABLE(deadline, deadline_cases);
	UNIT(one_registry_does_not_take_all);
	UNIT(places_are_used_again);
	return unit_run("gate/turns");
}
