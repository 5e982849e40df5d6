/* SPDX-License-Identifier: Apache-2.0 */
/* Packages that are read ahead, in real workers: this program's own. */
#include "unit.h"

#include <unistd.h>

#include "base/file.h"
#include "base/worker.h"
#include "repair/ahead.h"

enum { PACKAGES = REPAIR_AHEAD_MOST + 20 };
/* What the record of 64 KiB of package 7 begins with. */
enum { LONG_KIND = 'w' };
static bool has_seen_long;

/* In the worker: its input in records, each of one byte more than the last; "crash" ends it. */
static hm_err echo(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	struct hm_str text;
	(void)args;
	(void)out;
	HM_TRY(hm_read_fd(cx, in, "input", HM_MIB * 4, &text));
	if (hm_starts(text, HM_STR("crash")))
		__builtin_trap();
	if (hm_starts(text, HM_STR("refuse")))
		return hm_fail(cx, HM_INPUT, "damaged");
	for (size_t n = 1; text.n; n = n < HM_RECORD_MAX / 2 ? n * 2 : n) {
		struct hm_str some = hm_sub(text, 0, n);
		HM_TRY(hm_worker_say(cx, some));
		text = hm_from(text, some.n);
	}
	return NULL;
}

static const struct hm_job jobs[] = { { .name = "echo", .run = echo, .flows = true }, { 0 } };

/* What package i is. */
static struct hm_str text_of(struct hm_cx *cx, size_t i, const char *special, size_t special_i)
{
	if (i == special_i && special)
		return hm_cstr(special);
	size_t n = i == 7 ? 3 * HM_MIB : i * 13;
	char *p = hm_new(cx, char, n + 1);
	for (size_t k = 0; k < n; k++)
		p[k] = (char)('a' + (k + i) % 26);
	return hm_bytes(p, n);
}

struct shelf {
	const char *special; /* of package special_i; "absent": it cannot be had */
	size_t special_i;
};

static uint64_t size(void *arg, size_t i)
{
	(void)arg;
	return i == 7 ? 3 * HM_MIB : i * 13;
}

static hm_err get(struct hm_cx *cx, void *arg, size_t i, int *out_fd)
{
	const struct shelf *s = arg;
	if (i == s->special_i && s->special && strcmp(s->special, "absent") == 0)
		return hm_fail(cx, HM_ABSENT, "it is not there");
	HM_AUTO_FD fd = -1;
	HM_TRY(hm_temp_fd(cx, &fd));
	HM_TRY(hm_write_all(cx, fd, "file", text_of(cx, i, s->special, s->special_i)));
	if (lseek(fd, 0, SEEK_SET) < 0)
		return hm_fail_os(cx, "could not read");
	*out_fd = hm_move_fd(fd);
	return NULL;
}

static hm_err on_said(struct hm_cx *cx, void *arg, const struct repair_said *said)
{
	struct hm_buf *b = arg;
	if (b->max == 1)
		return hm_fail(cx, HM_FULL, "the disk is full");
	hm_buf_add(b, said->bytes);
	if (!said->rest.n)
		return NULL;
	assert_int_equal(said->bytes.n, 1);
	assert_int_equal(said->bytes.p[0], LONG_KIND);
	assert_true(said->rest.n >= REPAIR_SAID_MOST);
	has_seen_long = true;
	return repair_stored_bytes(cx, said->rest, b);
}

static hm_err take(struct hm_cx *cx, struct repair_ahead *a, size_t i)
{
	HM_AUTO_BUF b = HM_BUF(HM_MIB * 4);
	HM_TRY(repair_ahead_take(cx, a, i, on_said, &b));
	assert_str(hm_buf_str(&b), text_of(cx, i, NULL, 0));
	return NULL;
}

/* More than may wait, in whatever order they are asked for. */
static void gives_what_was_read(void **state)
{
	(void)state;
	for (int order = 0; order < 3; order++) {
		HM_AUTO_CX cx = HM_CX(HM_GIB);
		struct shelf shelf = { 0 };
		struct repair_ahead_work work = { "echo", LONG_KIND, PACKAGES, size, get, &shelf };
		REPAIR_AUTO_ARCHIVE archive = { 0 };
		REPAIR_AUTO_AHEAD a = { 0 };
		assert_ok(repair_archive_open(&cx, &archive));
		assert_ok(repair_ahead_start(&cx, &work, &archive, &a));
		for (size_t i = 0; i < PACKAGES; i++)
			assert_ok(take(&cx, &a,
				       order == 0   ? i
				       : order == 1 ? PACKAGES - 1 - i
						    : i * 37 % PACKAGES));
	}
	assert_true(has_seen_long);
}

static const struct ahead_case {
	const char *label, *special;
	enum hm_code code;
	const char *want;
} cases[] = {
	{ "one that cannot be had", "absent", HM_ABSENT, "it is not there" },
	{ "one that is damaged", "refuse", HM_INPUT, "damaged" },
	{ "one whose reader crashes", "crash", HM_INPUT, "crashed" },
};

/* The fault is that package's, when it is asked for: those before it are good. */
static void tells_its_fault(void **state)
{
	const struct ahead_case *c = *state;
	HM_AUTO_CX cx = HM_CX(HM_GIB);
	struct shelf shelf = { c->special, 5 };
	struct repair_ahead_work work = { "echo", LONG_KIND, 12, size, get, &shelf };
	REPAIR_AUTO_ARCHIVE archive = { 0 };
	REPAIR_AUTO_AHEAD a = { 0 };
	assert_ok(repair_archive_open(&cx, &archive));
	assert_ok(repair_ahead_start(&cx, &work, &archive, &a));
	for (size_t i = 0; i < 5; i++)
		assert_ok(take(&cx, &a, i));
	assert_fault(take(&cx, &a, 5), c->code, c->want);
	assert_ok(take(&cx, &a, 6));
}

static void a_taker_may_stop(void **state)
{
	HM_AUTO_CX cx = HM_CX(HM_GIB);
	HM_AUTO_BUF none = HM_BUF(1);
	struct shelf shelf = { 0 };
	struct repair_ahead_work work = { "echo", LONG_KIND, PACKAGES, size, get, &shelf };
	(void)state;
	REPAIR_AUTO_ARCHIVE archive = { 0 };
	REPAIR_AUTO_AHEAD never = { 0 }, one = { 0 };
	assert_ok(repair_archive_open(&cx, &archive));
	assert_ok(repair_ahead_start(&cx, &work, &archive, &never));
	assert_ok(repair_ahead_start(&cx, &work, &archive, &one));
	assert_fault(repair_ahead_take(&cx, &one, 7, on_said, &none), HM_FULL, "disk is full");
}

static void there_may_be_none(void **state)
{
	HM_AUTO_CX cx = HM_CX(HM_GIB);
	struct repair_ahead_work work = { "echo", LONG_KIND, 0, size, get, NULL };
	REPAIR_AUTO_ARCHIVE archive = { 0 };
	REPAIR_AUTO_AHEAD a = { 0 };
	(void)state;
	assert_ok(repair_archive_open(&cx, &archive));
	assert_ok(repair_ahead_start(&cx, &work, &archive, &a));
}

int main(int argc, char **argv)
{
	hm_worker_jobs(jobs);
	hm_worker_main(argc, argv);
	hm_worker_program(argv[0]); /* under valgrind /proc/self/exe is valgrind */
	UNIT(gives_what_was_read);
	UNIT_TABLE(tells_its_fault, cases);
	UNIT(a_taker_may_stop);
	UNIT(there_may_be_none);
	return unit_run("repair/ahead");
}
