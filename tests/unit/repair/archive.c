/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of a layer, from several files. */
#include "unit.h"

#include <unistd.h>

#include "base/file.h"
#include "repair/archive.h"

/* What is put: pieces of a text, as bytes or out of one of two files that hold all of it. */
static const struct archive_case {
	const char *label;
	struct {
		char how; /* 'b': bytes, '1' or '2': stored in that file; 0: the end */
		size_t from, n;
	} puts[6];
} cases[] = {
	{ "bytes alone", { { 'b', 0, 10 }, { 'b', 10, 90 } } },
	{ "stored alone", { { '1', 0, 100000 } } },
	{ "stored pieces that follow each other", { { '1', 0, 600 }, { '1', 600, 400 } } },
	{ "stored pieces that do not", { { '1', 0, 600 }, { '1', 700, 400 }, { '1', 100, 5 } } },
	{ "two files in turn", { { '1', 0, 1 }, { '2', 1, 1 }, { '1', 2, 1 }, { '2', 3, 70000 } } },
	{ "bytes around what is stored", { { 'b', 5, 512 }, { '1', 0, 9 }, { 'b', 7, 503 } } },
	{ "more bytes than wait", { { 'b', 0, 200000 }, { '2', 3, 3 }, { 'b', 9, 200000 } } },
	{ "bytes that are never late", { { 'b', 1, 3 }, { 'b', 0, 600000 }, { 'b', 2, 8 } } },
	{ "nothing", { { 'b', 0, 0 } } },
};

enum { TEXT = 700000 };

static struct hm_str make_text(struct hm_cx *cx)
{
	char *p = hm_new(cx, char, TEXT);
	for (size_t i = 0; i < TEXT; i++)
		p[i] = (char)(i * 31 + i / 251);
	return hm_bytes(p, TEXT);
}

static void gives_what_was_put(void **state)
{
	const struct archive_case *c = *state;
	static const size_t steps[] = { 1, 7, 4096, TEXT };
	HM_AUTO_CX cx = HM_CX(HM_GIB);
	REPAIR_AUTO_ARCHIVE a = { 0 };
	HM_AUTO_BUF want = HM_BUF(HM_MIB * 4);
	struct hm_str text = make_text(&cx);
	char *room = hm_new(&cx, char, TEXT);
	int files[2];
	assert_ok(repair_archive_open(&cx, &a));
	for (size_t i = 0; i < 2; i++) {
		assert_ok(repair_archive_file(&cx, &a, &files[i]));
		assert_ok(hm_write_all(&cx, files[i], "file", text));
	}
	for (size_t i = 0; i < HM_LEN(c->puts) && c->puts[i].how; i++) {
		struct hm_str some = hm_sub(text, c->puts[i].from, c->puts[i].n);
		hm_buf_add(&want, some);
		if (c->puts[i].how == 'b')
			assert_ok(repair_archive_put(&cx, &a, some));
		else
			repair_archive_put_stored(&a, (struct repair_stored){
							      files[c->puts[i].how - '1'],
							      c->puts[i].from, some.n });
	}
	assert_int_equal(a.n, want.n);
	for (size_t i = 0; i < HM_LEN(steps); i++) {
		if (steps[i] < 4096 && want.n > 100000)
			continue;
		HM_AUTO_BUF got = HM_BUF(HM_MIB * 4);
		for (size_t n = 1; n;) {
			assert_ok(repair_archive_read(&cx, &a, got.n, room, steps[i], &n));
			hm_buf_add(&got, hm_bytes(room, n));
		}
		assert_str(hm_buf_str(&got), hm_buf_str(&want));
	}
}

static void a_file_that_has_become_shorter(void **state)
{
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	REPAIR_AUTO_ARCHIVE a = { 0 };
	HM_AUTO_BUF b = HM_BUF(100), small = HM_BUF(3);
	char room[16];
	size_t n;
	int fd;
	(void)state;
	assert_ok(repair_archive_open(&cx, &a));
	assert_ok(repair_archive_file(&cx, &a, &fd));
	assert_ok(hm_write_all(&cx, fd, "file", HM_STR("0123456789")));
	struct repair_stored s = { fd, 2, 8 };
	repair_archive_put_stored(&a, s);
	assert_ok(repair_stored_bytes(&cx, s, &b));
	assert_str(hm_buf_str(&b), HM_STR("23456789"));
	assert_fault(repair_stored_bytes(&cx, s, &small), HM_LIMIT, "more than 3 bytes");
	assert_int_equal(ftruncate(fd, 2), 0);
	assert_fault(repair_archive_read(&cx, &a, 0, room, sizeof(room), &n), HM_SYSTEM,
		     "it has become shorter");
	assert_fault(repair_stored_bytes(&cx, s, &b), HM_SYSTEM, "it has become shorter");
}

int main(void)
{
	UNIT_TABLE(gives_what_was_put, cases);
	UNIT(a_file_that_has_become_shorter);
	return unit_run("repair/archive");
}
