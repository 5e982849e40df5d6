/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/worker.h"

static struct CMUnitTest *tests;
static size_t tests_n;
static struct hm_cx kept; /* folders and paths of the whole run */
static HM_VEC(char *) dirs;

void unit_add(const char *label, void (*run)(void **state), const void *state)
{
	tests = realloc(tests, (tests_n + 1) * sizeof(*tests));
	if (!tests)
		abort();
	tests[tests_n++] = (struct CMUnitTest){ .name = label,
						.test_func = run,
						.initial_state = (void *)(uintptr_t)state };
}

int unit_run(const char *group)
{
	kept.budget = SIZE_MAX;
	int failed = _cmocka_run_group_tests(group, tests, tests_n, NULL, NULL);
	for (size_t i = 0; i < dirs.n; i++)
		if (hm_remove_tree(&kept, dirs.p[i]))
			fprintf(stderr, "could not remove %s\n", dirs.p[i]);
	hm_cx_done(&kept);
	free(tests);
	return failed != 0;
}

void unit_assert_ok(hm_err err, const char *expr, const char *file, int line)
{
	if (!err)
		return;
	print_error("%s: fault: %s\n", expr, err->why);
	_fail(file, line);
}

void unit_assert_fault(hm_err err, enum hm_code code, const char *words, const char *expr,
		       const char *file, int line)
{
	bool any = !words || !words[0]; /* what every fault satisfies checks nothing */
	if (!any && err && err->code == code && strstr(err->why, words))
		return;
	print_error("%s: wanted %s \"%s\"%s, got %s \"%s\"\n", expr, hm_code_rows[code].name,
		    words ? words : "", any ? " (say which words)" : "",
		    err ? hm_code_rows[err->code].name : "success", err ? err->why : "");
	_fail(file, line);
}

void unit_assert_str(struct hm_str got, struct hm_str want, const char *expr, const char *file,
		     int line)
{
	if (hm_eq(got, want))
		return;
	print_error("%s: got \"%.*s\", wanted \"%.*s\"\n", expr, HM_FMT(got), HM_FMT(want));
	_fail(file, line);
}

const char *unit_data(struct hm_cx *cx, const char *path)
{
	const char *root = getenv("HULLMARK_TESTDATA"), *source = getenv("HULLMARK_SOURCE");
	if (!root)
		root = hm_path(cx, source ? source : ".", "../shared/data");
	const char *full = hm_path(cx, root, path);
	if (!hm_exists(full)) {
		print_message("skipped: no conformance data \"%s\"\n", path);
		hm_cx_done(cx); /* skip() jumps past its cleanup */
		skip();
	}
	return full;
}

bool unit_is_traced(void)
{
	const char *preload = getenv("LD_PRELOAD");
	return preload && strstr(preload, "vgpreload");
}

const char *unit_program(void)
{
	const char *program = getenv("HULLMARK_PROGRAM");
	return program ? program : "build/hullmark";
}

void unit_workers(void)
{
	static const struct hm_job none[] = { { 0 } };
	hm_worker_jobs(none);
	hm_worker_program(unit_program());
}

const char *unit_temp_dir(void)
{
	kept.budget = SIZE_MAX;
	char *dir;
	assert_ok(hm_temp_dir(&kept, &dir));
	*hm_push(&kept, &dirs) = dir;
	return dir;
}

/* --- what lies in memory --- */

enum { MASK = 0x5a, LOOK = 1024 * 1024 };

void unit_mask(char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		p[i] = (char)(p[i] ^ MASK);
}

/* "7f00-7f10 rw-p ...": a mapping begins. */
bool unit_is_mapping(struct hm_str line, uintptr_t *from, uintptr_t *to)
{
	struct hm_str ends[2] = { hm_cut(&line, '-'), hm_cut(&line, ' ') };
	uintptr_t at[2] = { 0 };
	for (int i = 0; i < 2; i++) {
		for (size_t c = 0; c < ends[i].n; c++) {
			size_t digit = hm_find_char(HM_STR("0123456789abcdef"), ends[i].p[c]);
			if (digit == SIZE_MAX)
				return false;
			at[i] = at[i] << 4 | digit;
		}
	}
	*from = at[0];
	*to = at[1];
	return ends[1].n > 0;
}

static size_t count_in(struct hm_str bytes, struct hm_str masked)
{
	size_t found = 0;
	if (bytes.n < masked.n)
		return 0;
	const char *end = bytes.p + bytes.n - masked.n + 1;
	int first = (unsigned char)(masked.p[0] ^ MASK);
	for (const char *p = bytes.p; (p = memchr(p, first, (size_t)(end - p))); p++) {
		size_t k = 1;
		while (k < masked.n && p[k] == (char)(masked.p[k] ^ MASK))
			k++;
		found += k == masked.n;
	}
	return found;
}

size_t unit_exposed(struct hm_str masked)
{
	char line[512];
	uintptr_t from = 0, to = 0;
	size_t found = 0;
	/* looked at where it does not count itself */
	char *room = hm_secret_map(LOOK + 256);
	FILE *f = fopen("/proc/self/smaps", "re");
	HM_AUTO_FD mem = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	assert_non_null(f);
	assert_true(mem >= 0 && masked.n <= 256);
	while (fgets(line, sizeof(line), f)) {
		if (unit_is_mapping(hm_cstr(line), &from, &to) ||
		    strncmp(line, "VmFlags:", 8) != 0 || !strstr(line, " wr ") ||
		    strstr(line, " " UNIT_LOCKED " "))
			continue;
		if (to - from > 64 * HM_GIB) /* a sanitizer's shadow */
			continue;
		for (uintptr_t at = from; at < to; at += LOOK) {
			size_t n = to - at < LOOK + masked.n - 1 ? to - at : LOOK + masked.n - 1;
			if (pread(mem, room, n, (off_t)at) == (ssize_t)n)
				found += count_in(hm_bytes(room, n), masked);
		}
	}
	fclose(f);
	hm_secret_unmap(room, LOOK + 256);
	return found;
}

struct hm_str unit_said(struct hm_cx *cx, void (*say)(struct hm_cx *cx, const void *arg),
			const void *arg)
{
	struct hm_str text;
	int before = dup(STDERR_FILENO);
	HM_AUTO_FD fd = -1;
	fflush(stderr);
	assert_ok(hm_temp_fd(cx, &fd));
	dup2(fd, STDERR_FILENO);
	say(cx, arg);
	fflush(stderr);
	dup2(before, STDERR_FILENO);
	close(before);
	lseek(fd, 0, SEEK_SET);
	assert_ok(hm_read_fd(cx, fd, "what was said", HM_MIB, &text));
	return text;
}
