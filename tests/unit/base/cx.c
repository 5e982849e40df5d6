/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <errno.h>

#include "base/pool.h"

static void memory_is_zeroed_aligned_and_separate(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(0);
	for (size_t i = 1; i < 3000; i++) {
		char *small = hm_new(&cx, char, i);
		uint64_t *wide = hm_new(&cx, uint64_t, i);
		assert_int_equal((uintptr_t)wide % _Alignof(uint64_t), 0);
		for (size_t k = 0; k < i; k++) {
			assert_int_equal(small[k], 0);
			assert_int_equal(wide[k], 0);
			small[k] = 'x';
			wide[k] = UINT64_MAX;
		}
	}
}

static void a_release_gives_back_to_the_mark(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(0);
	char *before = hm_new(&cx, char, 10);
	memcpy(before, "kept", 5);
	struct hm_mark mark = hm_mark(&cx);
	char *first = memset(hm_new(&cx, char, 10), 'x', 10);
	for (int i = 0; i < 100; i++)
		memset(hm_new(&cx, char, 10000), 'x', 10000);
	hm_release(&cx, mark);
	char *again = hm_new(&cx, char, 10);
	assert_ptr_equal(again, first);
	assert_int_equal(again[0], 0);
	assert_string_equal(before, "kept");
}

static void what_is_taken_from_another_cx_lasts(void **state)
{
	(void)state;
	for (int used = 0; used < 2; used++) {
		HM_AUTO_CX cx = HM_CX(0);
		struct hm_cx other = hm_cx_child(&cx, 0);
		char *before = used ? memset(hm_new(&cx, char, 10), 'b', 10) : NULL;
		struct hm_mark mark = hm_mark(&cx);
		char *large = memset(hm_new(&other, char, 1000000), 'l', 1000000);
		char *small = memcpy(hm_new(&other, char, 10), "small", 6);
		hm_cx_take(&cx, &other);
		assert_null(other.blocks);
		char *after = memset(hm_new(&cx, char, 10), 'a', 10);
		for (int i = 0; i < 10; i++)
			memset(hm_new(&cx, char, 10000), 'x', 10000);
		assert_string_equal(small, "small");
		assert_int_equal(large[999999], 'l');
		assert_int_equal(after[9], 'a');
		assert_true(!before || before[9] == 'b');
		hm_cx_take(&cx, &other); /* there is nothing in it */
		hm_release(&cx, mark);
		assert_true(!before || before[9] == 'b');
	}
}

static void the_budget_is_a_limit(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(100);
	assert_ok(hm_charge(&cx, 60));
	assert_fault(hm_charge(&cx, 41), HM_LIMIT, "more memory");
	assert_ok(hm_charge(&cx, 40));
	assert_fault(hm_charge(&cx, 1), HM_LIMIT, "more memory");
}

static void a_fault_grows_on_the_way_up(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(0);
	errno = ENOENT;
	hm_err err = hm_fail_os(&cx, "could not open \"%s\"", "x");
	err = hm_hint(&cx, err, "make %s", "x");
	err = hm_wrap(&cx, err, "image \"%s\"", "a:b");
	assert_fault(err, HM_SYSTEM,
		     "image \"a:b\": could not open \"x\": No such file or directory");
	assert_string_equal(err->hint, "make x");
	assert_non_null(err->cause);
	assert_string_equal(hm_wrap(&cx, err, "image \"%s\"", "a:b")->why, err->why); /* said */
	assert_string_equal(
		hm_wrap(&cx, err, "image \"a\"")->why,
		"image \"a\": image \"a:b\": could not open \"x\": No such file or directory");
	struct hm_cx other = HM_CX(0);
	hm_err copy = hm_fault_copy(&other, err);
	hm_cx_done(&cx);
	assert_fault(copy, HM_SYSTEM, "image \"a:b\"");
	assert_string_equal(copy->hint, "make x");
	assert_string_equal(copy->cause->why, "could not open \"x\": No such file or directory");
	hm_cx_done(&other);
}

/* What wraps a fault, or advises, needs nothing of the cx in which it was made. */
static void a_fault_outlives_the_cx_of_its_cause(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(0);
	hm_err wrapped, again, advised;
	{
		HM_AUTO_CX own = hm_cx_child(&cx, 0);
		hm_err err = hm_hint(&own, hm_fail(&own, HM_INPUT, "file \"x\": it is %s", "bad"),
				     "remove %s", "it");
		err = hm_wrap(&own, err, "image");
		wrapped = hm_wrap(&cx, err, "registry");
		again = hm_wrap(&cx, err, "image");
		advised = hm_hint(&cx, err, "try again");
	}
	assert_fault(wrapped, HM_INPUT, "registry: image: file \"x\": it is bad");
	assert_string_equal(wrapped->hint, "remove it");
	assert_string_equal(wrapped->cause->why, "image: file \"x\": it is bad");
	assert_string_equal(wrapped->cause->cause->why, "file \"x\": it is bad");
	assert_null(wrapped->cause->cause->cause);
	assert_fault(again, HM_INPUT, "image: file \"x\": it is bad");
	assert_string_equal(again->hint, "remove it");
	assert_fault(advised, HM_INPUT, "image: file \"x\": it is bad");
	assert_string_equal(advised->hint, "try again");
	assert_string_equal(advised->cause->why, "file \"x\": it is bad");
}

static void a_deadline_and_a_cancellation_end_work(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(0);
	atomic_bool cancel = false;
	assert_ok(hm_alive(&cx));
	cx.deadline = hm_mono() + 3600 * HM_SECOND;
	cx.cancel = &cancel;
	assert_ok(hm_alive(&cx));
	cancel = true;
	assert_fault(hm_alive(&cx), HM_BUSY, "cancelled");
	cancel = false;
	cx.deadline = hm_mono() - 1;
	assert_fault(hm_alive(&cx), HM_BUSY, "deadline");
	struct hm_cx child = hm_cx_child(&cx, 5);
	assert_fault(hm_alive(&child), HM_BUSY, "deadline");
	hm_cx_done(&child);
}

static void every_code_and_limit_has_its_row(void **state)
{
	(void)state;
	for (size_t i = 0; i < HM_CODES; i++) {
		assert_non_null(hm_code_rows[i].name);
		assert_true(hm_code_rows[i].http >= 200 && hm_code_rows[i].http < 600);
		assert_true(hm_code_rows[i].exit <= 2);
	}
	for (size_t i = 0; i < hm_limit_rows_n; i++) {
		assert_true(hm_limit_rows[i].value > 0);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(hm_limit_rows[i].name, hm_limit_rows[k].name);
	}
}

int main(void)
{
	UNIT(memory_is_zeroed_aligned_and_separate);
	UNIT(a_release_gives_back_to_the_mark);
	UNIT(what_is_taken_from_another_cx_lasts);
	UNIT(the_budget_is_a_limit);
	UNIT(a_fault_grows_on_the_way_up);
	UNIT(a_fault_outlives_the_cx_of_its_cause);
	UNIT(a_deadline_and_a_cancellation_end_work);
	UNIT(every_code_and_limit_has_its_row);
	return unit_run("base/cx");
}
