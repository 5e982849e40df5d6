/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

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
	if (err && err->code == code && strstr(err->why, words))
		return;
	print_error("%s: wanted %s \"%s\", got %s \"%s\"\n", expr, hm_code_rows[code].name, words,
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

const char *unit_program(void)
{
	const char *program = getenv("HULLMARK_PROGRAM");
	return program ? program : "build/hullmark";
}

const char *unit_temp_dir(void)
{
	kept.budget = SIZE_MAX;
	char *dir;
	assert_ok(hm_temp_dir(&kept, &dir));
	*hm_push(&kept, &dirs) = dir;
	return dir;
}
