/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/kept.h"

#include <sys/stat.h>

#include "crypto/crypto.h"
#include "unit.h"

static const struct gate_entry good = {
	.until = 100,
	.made = 50,
	.admitted = true,
	.digest = HM_STR_INIT("r/p@sha256:1"),
	.text = HM_STR_INIT("{\0}"),
};

static char *make_folder(struct hm_cx *cx)
{
	static unsigned serial;
	char *dir = hm_path(cx, unit_temp_dir(), hm_fmt(cx, "gate%u", serial++).p);
	assert_ok(hm_mkdirs(cx, dir, 0700));
	return dir;
}

struct process {
	struct gate_cache *c;
	struct store_tables *t;
	uint64_t saved;
};

static struct process start(struct hm_cx *cx, const char *dir, int64_t now)
{
	struct process p = { .c = gate_cache_open(cx) };
	assert_ok(gate_kept_open(cx, dir, now, p.c, &p.t));
	p.saved = gate_cache_changes(p.c);
	return p;
}

static void save(struct hm_cx *cx, struct process *p, int64_t now)
{
	assert_ok(gate_kept_save(cx, p->t, now, p->c, &p->saved));
}

static void stop(struct process *p)
{
	store_close(p->t);
	gate_cache_close(p->c);
}

/* The database of one that had two verdicts, one denial and one answer by name. */
static char *make_database(struct hm_cx *cx)
{
	char *dir = make_folder(cx);
	struct process p = start(cx, dir, 1);
	struct gate_entry no = good, late = good;
	no.admitted = false;
	late.until = 1000;
	gate_cache_put(p.c, HM_STR("v1"), &good);
	gate_cache_put(p.c, HM_STR("v2"), &late);
	gate_cache_put(p.c, HM_STR("v3"), &no);
	gate_cache_put(p.c, HM_STR("k1"), &good);
	save(cx, &p, 1);
	stop(&p);
	return dir;
}

static size_t count_kept(struct hm_cx *cx, const char *dir, int64_t now)
{
	struct process p = start(cx, dir, now);
	size_t n = gate_cache_size(p.c);
	stop(&p);
	return n;
}

static void change_rows(struct hm_cx *cx, struct store_tables *t, const char *sql,
			struct store_values values)
{
	STORE_AUTO_USE use = NULL;
	assert_ok(store_begin(cx, t, STORE_WRITE, &use));
	assert_ok(store_run(cx, use, sql, values, NULL, NULL));
	assert_ok(store_commit(cx, use));
}

static void verdicts_survive_a_restart(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct process p = start(&cx, make_database(&cx), 500);
	struct gate_entry e;
	assert_int_equal(gate_cache_size(p.c), 1);
	assert_true(gate_cache_get(&cx, p.c, HM_STR("v2"), 500, &e));
	assert_true(e.admitted);
	assert_true(hm_eq(e.text, good.text));
	assert_strz(e.digest, "r/p@sha256:1");
	assert_int_equal(e.until, 1000);
	/* and say where they come from */
	assert_true(e.kept);
	assert_int_equal(e.made, 50);
	stop(&p);
}

static void what_is_decided_here_is_not_kept(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct process p = start(&cx, make_database(&cx), 60);
	struct gate_entry e;
	gate_cache_put(p.c, HM_STR("v2"), &good);
	assert_true(gate_cache_get(&cx, p.c, HM_STR("v2"), 60, &e));
	assert_false(e.kept);
	assert_true(gate_cache_get(&cx, p.c, HM_STR("v1"), 60, &e));
	assert_true(e.kept);
	stop(&p);
}

static void a_verdict_of_a_time_to_come_is_left_out(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	assert_int_equal(count_kept(&cx, make_database(&cx), 49), 0);
}

static void what_lost_its_place_is_removed(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	char *dir = make_database(&cx);
	struct process p = start(&cx, dir, 60);
	struct gate_entry no = good;
	no.admitted = false;
	gate_cache_put(p.c, HM_STR("v2"), &no);
	save(&cx, &p, 60);
	stop(&p);
	assert_int_equal(count_kept(&cx, dir, 60), 1);
}

/* So many others came meanwhile that the cache forgot it; its row would come back at the start. */
static void a_denial_removes_what_the_cache_forgot(void **state)
{
	(void)state;
	enum { ENOUGH = 100001 }; /* of both generations */
	HM_AUTO_CX cx = HM_CX(256 * HM_MIB);
	char *dir = make_database(&cx);
	struct process p = start(&cx, dir, 60);
	struct gate_entry no = good, e;
	no.admitted = false;
	for (size_t i = 0; i < ENOUGH; i++)
		gate_cache_put(p.c, hm_fmt(&cx, "k%zu", i), &no);
	assert_false(gate_cache_get(&cx, p.c, HM_STR("v2"), 60, &e));
	gate_cache_put(p.c, HM_STR("v2"), &no);
	save(&cx, &p, 60);
	stop(&p);
	assert_int_equal(count_kept(&cx, dir, 60), 1);
}

static void saving_removes_what_has_expired(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	char *dir = make_database(&cx);
	struct process p = start(&cx, dir, 60);
	save(&cx, &p, 100);
	stop(&p);
	/* as a clock that was set back sees it */
	assert_int_equal(count_kept(&cx, dir, 60), 1);
}

/* Those that end first go first. */
static void the_tables_stay_bounded(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	char *dir = make_database(&cx);
	struct process p = start(&cx, dir, 60);
	struct gate_entry e;
	change_rows(&cx, p.t, "UPDATE verdict SET bytes = $1 WHERE ends = 100",
		    STORE_VALUES(store_int(128 * (int64_t)HM_MIB)));
	save(&cx, &p, 60);
	stop(&p);
	p = start(&cx, dir, 60);
	assert_int_equal(gate_cache_size(p.c), 1);
	assert_true(gate_cache_get(&cx, p.c, HM_STR("v2"), 60, &e));
	stop(&p);
}

static void a_damaged_row_is_not_believed_nor_is_any_other(void **state)
{
	(void)state;
	static const char *const bad[] = { "", "?", "AAAA",
					   "AnYxZAAAAAAAAAAyAAAAAAAAAAxyL3BAc2hhMjU2OjE=" };
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	for (size_t i = 0; i < HM_LEN(bad); i++) {
		char *dir = make_database(&cx);
		struct process p = start(&cx, dir, 60);
		change_rows(&cx, p.t, "UPDATE verdict SET entry = $1 WHERE ends = 100",
			    STORE_VALUES(store_text(hm_cstr(bad[i]))));
		stop(&p);
		assert_int_equal(count_kept(&cx, dir, 60), 0);
		assert_int_equal(count_kept(&cx, dir, 60), 0);
	}
}

static void a_damaged_database_begins_empty(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(16 * HM_MIB);
	char *dir = make_database(&cx), *path = hm_path(&cx, dir, "verdicts.db");
	struct hm_str bytes;
	struct stat st;
	assert_ok(hm_read_file(&cx, path, HM_MIB, &bytes));
	for (size_t at = 0; at + 4096 <= bytes.n; at += 4096) {
		struct hm_str bad = hm_dup(&cx, bytes);
		memset((char *)bad.p + at, 0xa5, 4096);
		assert_ok(hm_write_file(&cx, path, bad, 0600));
		struct process p = start(&cx, dir, 60);
		assert_int_equal(gate_cache_size(p.c), 0);
		gate_cache_put(p.c, HM_STR("v4"), &good);
		save(&cx, &p, 60);
		stop(&p);
		assert_int_equal(count_kept(&cx, dir, 60), 1);
	}
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void the_file_of_before_is_removed(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	char *dir = make_folder(&cx), *path = hm_path(&cx, dir, "verdicts");
	assert_ok(hm_write_file(&cx, path, HM_STR("hullmark verdicts 4\n"), 0600));
	assert_int_equal(count_kept(&cx, dir, 60), 0);
	assert_false(hm_exists(path));
}

static void without_tables_it_says_why(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct process p = start(&cx, make_folder(&cx), 1);
	struct store_tables *none;
	assert_fault(gate_kept_open(&cx, hm_path(&cx, unit_temp_dir(), "absent"), 1, p.c, &none),
		     HM_SYSTEM, "could not make");
	gate_cache_put(p.c, HM_STR("v1"), &good);
	change_rows(&cx, p.t, "DROP TABLE verdict", STORE_NO_VALUES);
	assert_fault(gate_kept_save(&cx, p.t, 1, p.c, &p.saved), HM_SYSTEM, "could not use");
	/* to be saved at the next turn */
	assert_int_equal(p.saved, 0);
	stop(&p);
}

static void a_row_is_read_whole_or_not_at_all(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct hm_str bytes = gate_kept_pack(&cx, HM_STR("v1"), &good);
	struct gate_change v;
	assert_ok(gate_kept_unpack(&cx, bytes, &v));
	assert_strz(v.key, "v1");
	for (size_t i = 0; i < bytes.n; i++) {
		struct hm_str bad = hm_dup(&cx, bytes);
		((char *)bad.p)[i] ^= 1;
		assert_fault(gate_kept_unpack(&cx, bad, &v), HM_INPUT, "is damaged");
		assert_fault(gate_kept_unpack(&cx, hm_sub(bytes, 0, i), &v), HM_INPUT,
			     "is damaged");
	}
	/* as versions before the first number wrote it */
	HM_AUTO_BUF old = HM_BUF(HM_MIB);
	hm_buf_add(&old, hm_sub(hm_from(bytes, 1), 0, bytes.n - 1 - 32));
	hm_buf_add(&old, crypto_digest_raw(&cx, CRYPTO_SHA256, hm_buf_str(&old)));
	assert_fault(gate_kept_unpack(&cx, hm_buf_str(&old), &v), HM_INPUT, "is damaged");
	bytes = gate_kept_pack(&cx, HM_STR("k1"), &good);
	assert_fault(gate_kept_unpack(&cx, bytes, &v), HM_INPUT, "is damaged");
}

int main(void)
{
	UNIT(verdicts_survive_a_restart);
	UNIT(what_is_decided_here_is_not_kept);
	UNIT(a_verdict_of_a_time_to_come_is_left_out);
	UNIT(what_lost_its_place_is_removed);
	UNIT(a_denial_removes_what_the_cache_forgot);
	UNIT(saving_removes_what_has_expired);
	UNIT(the_tables_stay_bounded);
	UNIT(a_damaged_row_is_not_believed_nor_is_any_other);
	UNIT(a_damaged_database_begins_empty);
	UNIT(the_file_of_before_is_removed);
	UNIT(without_tables_it_says_why);
	UNIT(a_row_is_read_whole_or_not_at_all);
	return unit_run("gate/kept");
}
