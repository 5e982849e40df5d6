/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <pthread.h>

#include "gate/cache.h"

static const struct gate_entry good = {
	.until = 100,
	.made = 50,
	.admitted = true,
	.digest = HM_STR_INIT("r/p@sha256:1"),
	.text = HM_STR_INIT("{}"),
};

static void an_entry_is_good_until_its_end(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct gate_cache *c = gate_cache_open(&cx);
	struct gate_entry e;
	assert_false(gate_cache_get(&cx, c, HM_STR("vx"), 1, &e));
	gate_cache_put(c, HM_STR("vx"), &good);
	assert_true(gate_cache_get(&cx, c, HM_STR("vx"), 99, &e));
	assert_strz(e.digest, "r/p@sha256:1");
	assert_true(e.admitted);
	assert_false(gate_cache_get(&cx, c, HM_STR("vx"), 100, &e));
	assert_false(gate_cache_get(&cx, c, HM_STR("vy"), 1, &e));
	gate_cache_close(c);
}

static void a_newer_entry_takes_the_place(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct gate_cache *c = gate_cache_open(&cx);
	struct gate_entry no = { .until = 200, .why = HM_STR("no"), .text = HM_STR("[]") }, e;
	gate_cache_put(c, HM_STR("k1"), &good);
	gate_cache_put(c, HM_STR("k1"), &no);
	assert_true(gate_cache_get(&cx, c, HM_STR("k1"), 150, &e));
	assert_false(e.admitted);
	assert_strz(e.why, "no");
	assert_int_equal(gate_cache_size(c), 1);
	HM_AUTO_BUF b = HM_BUF(100);
	assert_true(gate_cache_add_text(c, HM_STR("k1"), 150, &b));
	assert_strz(hm_buf_str(&b), "[]");
	assert_false(gate_cache_add_text(c, HM_STR("k1"), 200, &b));
	gate_cache_close(c);
}

static void it_stays_bounded_and_keeps_what_is_used(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct gate_cache *c = gate_cache_open(&cx);
	gate_cache_put(c, HM_STR("used"), &good);
	gate_cache_put(c, HM_STR("idle"), &good);
	for (int i = 0; i < 160000; i++) {
		char key[32];
		snprintf(key, sizeof(key), "n%d", i);
		gate_cache_put(c, hm_cstr(key), &good);
		HM_AUTO_CX own = HM_CX(HM_MIB);
		struct gate_entry e;
		if (i % 1000 == 0)
			assert_true(gate_cache_get(&own, c, HM_STR("used"), 1, &e));
	}
	struct gate_entry e;
	assert_false(gate_cache_get(&cx, c, HM_STR("idle"), 1, &e));
	assert_true(gate_cache_size(c) <= 100002);
	gate_cache_close(c);
}

struct asker {
	struct gate_cache *c;
	atomic_int computed;
	atomic_int answered;
};

static void *ask(void *arg)
{
	struct asker *a = arg;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct gate_entry e;
	bool lead;
	if (gate_cache_enter(&cx, a->c, HM_STR("q"), &e, &lead))
		return NULL;
	if (lead) {
		atomic_fetch_add(&a->computed, 1);
		usleep(20000);
		struct gate_entry fresh = good;
		fresh.until = INT64_MAX;
		gate_cache_put(a->c, HM_STR("q"), &fresh);
		gate_cache_leave(a->c, HM_STR("q"));
	}
	atomic_fetch_add(&a->answered, 1);
	return NULL;
}

static void equal_questions_in_flight_are_asked_once(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct asker a = { .c = gate_cache_open(&cx) };
	pthread_t threads[16];
	for (size_t i = 0; i < HM_LEN(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, ask, &a), 0);
	for (size_t i = 0; i < HM_LEN(threads); i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(a.computed, 1);
	assert_int_equal(a.answered, HM_LEN(threads));
	gate_cache_close(a.c);
}

static void a_waiter_gives_up_at_its_deadline(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	HM_AUTO_CX late = HM_CX(HM_MIB);
	struct gate_cache *c = gate_cache_open(&cx);
	struct gate_entry e;
	bool lead = false;
	assert_ok(gate_cache_enter(&cx, c, HM_STR("q"), &e, &lead));
	assert_true(lead);
	late.deadline = hm_mono() + HM_SECOND / 20;
	assert_fault(gate_cache_enter(&late, c, HM_STR("q"), &e, &lead), HM_BUSY,
		     "the deadline has passed");
	gate_cache_leave(c, HM_STR("q"));
	gate_cache_close(c);
}

/* Verdicts, of yes and of no: a no may take the place of a yes that is kept; the last change of a
 * key counts. */
static void changes_are_what_was_put_since(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct gate_cache *c = gate_cache_open(&cx);
	struct gate_entry no = good;
	struct gate_changes all = { 0 }, later = { 0 }, none = { 0 };
	no.admitted = false;
	gate_cache_put(c, HM_STR("v1"), &good);
	gate_cache_put(c, HM_STR("v2"), &no);
	gate_cache_put(c, HM_STR("k1"), &good);
	gate_cache_put(c, HM_STR("v3"), &good);
	assert_int_equal(gate_cache_changed(&cx, c, 0, &all), 3);
	assert_int_equal(all.n, 3);
	assert_strz(all.p[0].key, "v1");
	assert_strz(all.p[1].key, "v2");
	assert_strz(all.p[2].key, "v3");
	gate_cache_put(c, HM_STR("v1"), &no);
	assert_int_equal(gate_cache_changed(&cx, c, 3, &later), 4);
	assert_int_equal(later.n, 1);
	assert_strz(later.p[0].key, "v1");
	assert_false(later.p[0].entry.admitted);
	assert_int_equal(gate_cache_changed(&cx, c, 4, &none), 4);
	assert_int_equal(none.n, 0);
	gate_cache_close(c);
}

int main(void)
{
	UNIT(an_entry_is_good_until_its_end);
	UNIT(a_newer_entry_takes_the_place);
	UNIT(it_stays_bounded_and_keeps_what_is_used);
	UNIT(equal_questions_in_flight_are_asked_once);
	UNIT(a_waiter_gives_up_at_its_deadline);
	UNIT(changes_are_what_was_put_since);
	return unit_run("gate/cache");
}
