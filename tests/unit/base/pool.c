/* SPDX-License-Identifier: Apache-2.0 */
#include "base/pool.h"

#include <time.h>

#include "unit.h"

struct sum {
	_Atomic size_t total;
	size_t fail_from;
};

static hm_err add(struct hm_cx *cx, void *arg, size_t i)
{
	struct sum *s = arg;
	hm_new(cx, char, 1000);
	if (i >= s->fail_from)
		return hm_fail(cx, HM_INPUT, "item %zu", i);
	atomic_fetch_add(&s->total, i);
	return NULL;
}

static void work_is_spread_and_the_first_fault_wins(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(0);
	struct sum s = { .fail_from = SIZE_MAX };
	assert_ok(hm_parallel(&cx, 1000, 4, 0, add, &s));
	assert_int_equal(s.total, 999 * 1000 / 2);
	s.fail_from = 0;
	assert_fault(hm_parallel(&cx, 1000, 4, 0, add, &s), HM_INPUT, "item 0");
	assert_ok(hm_parallel(&cx, 0, 4, 0, add, &s));
}

static hm_err say(struct hm_cx *cx, void *arg)
{
	struct hm_str *out = arg;
	*out = hm_fmt(cx, "made in the task");
	return NULL;
}

static hm_err refuse(struct hm_cx *cx, void *arg)
{
	(void)arg;
	return hm_fail(cx, HM_TRUST, "not this one");
}

static hm_err work_until_told(struct hm_cx *cx, void *arg)
{
	atomic_bool *told = arg;
	for (;;) {
		hm_err err = hm_alive(cx);
		if (err) {
			atomic_store(told, true);
			return err;
		}
		nanosleep(&(struct timespec){ .tv_nsec = 1000 * 1000 }, NULL);
	}
}

static void a_task_runs_beside_its_caller(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(0);
	HM_AUTO_TASK t = { 0 };
	struct hm_str out = { 0 };
	hm_task_start(&cx, &t, 0, say, &out);
	assert_ok(hm_task_end(&cx, &t));
	assert_strz(out, "made in the task");
	assert_ok(hm_task_end(&cx, &t));
}

static void a_task_s_fault_is_its_caller_s(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(0);
	struct hm_task t;
	hm_task_start(&cx, &t, 0, refuse, NULL);
	hm_err err = hm_task_end(&cx, &t);
	hm_task_done(&t);
	assert_fault(err, HM_TRUST, "not this one");
}

static void a_task_that_nobody_wants_any_more_is_cancelled(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(0);
	struct hm_task t, zeroed = { 0 };
	atomic_bool told = false;
	hm_task_start(&cx, &t, 0, work_until_told, &told);
	hm_task_done(&t);
	assert_true(told);
	hm_task_done(&zeroed);
}

static void a_task_ends_with_its_caller_s_cancellation(void **state)
{
	(void)state;
	atomic_bool cancel = true, told = false;
	HM_AUTO_CX cx = HM_CX(0);
	cx.cancel = &cancel;
	HM_AUTO_TASK t = { 0 };
	hm_task_start(&cx, &t, 0, work_until_told, &told);
	assert_fault(hm_task_end(&cx, &t), HM_BUSY, "cancelled");
}

/* A stack for which there is no room. */
static void what_needs_a_thread_is_told_that_there_is_none(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct hm_str out = HM_STR("");
	struct hm_task t;
	pthread_attr_t usual, huge;
	assert_int_equal(pthread_getattr_default_np(&usual), 0);
	pthread_attr_init(&huge);
	assert_int_equal(pthread_attr_setstacksize(&huge, (size_t)1 << 46), 0);
	assert_int_equal(pthread_setattr_default_np(&huge), 0);
	bool has_begun = hm_task_start_aside(&cx, &t, 0, say, &out);
	hm_task_done(&t);
	assert_false(has_begun);
	assert_strz(out, "");
	hm_task_start(&cx, &t, 0, say, &out); /* on this one */
	assert_int_equal(pthread_setattr_default_np(&usual), 0);
	assert_ok(hm_task_end(&cx, &t));
	assert_strz(out, "made in the task");
	hm_task_done(&t);
	assert_true(hm_task_start_aside(&cx, &t, 0, say, &out));
	assert_ok(hm_task_end(&cx, &t));
	hm_task_done(&t);
	pthread_attr_destroy(&huge);
	pthread_attr_destroy(&usual);
}

int main(void)
{
	UNIT(work_is_spread_and_the_first_fault_wins);
	UNIT(a_task_runs_beside_its_caller);
	UNIT(what_needs_a_thread_is_told_that_there_is_none);
	UNIT(a_task_s_fault_is_its_caller_s);
	UNIT(a_task_that_nobody_wants_any_more_is_cancelled);
	UNIT(a_task_ends_with_its_caller_s_cancellation);
	return unit_run("base/pool");
}
