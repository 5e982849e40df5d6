/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unit.h - our typed assertions over cmocka, and tables of cases.
 *
 *     static const struct x_case { const char *label; ... } cases[] = { ... };
 *     static void x(void **state) { const struct x_case *t = *state; ... }
 *     int main(void) { UNIT_TABLE(x, cases); return unit_run("room/file"); }
 *
 * A single test is UNIT(function). Where the conformance data is absent, unit_data() skips loudly.
 */
#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include "base/base.h"

void unit_add(const char *label, void (*run)(void **state), const void *state);
int unit_run(const char *group);

#define UNIT(function) unit_add(#function, function, NULL)
#define UNIT_TABLE(function, cases)                   \
	for (size_t i_ = 0; i_ < HM_LEN(cases); i_++) \
	unit_add((cases)[i_].label, function, &(cases)[i_])

/* Success; else prints the fault's sentence. */
#define assert_ok(err) unit_assert_ok((err), #err, __FILE__, __LINE__)
/* A fault of this code whose sentence contains `words`. */
#define assert_fault(err, code, words) \
	unit_assert_fault((err), (code), (words), #err, __FILE__, __LINE__)
/* Equal slices; prints both. */
#define assert_str(got, want)  unit_assert_str((got), (want), #got, __FILE__, __LINE__)
#define assert_strz(got, want) unit_assert_str((got), hm_cstr(want), #got, __FILE__, __LINE__)

void unit_assert_ok(hm_err err, const char *expr, const char *file, int line);
void unit_assert_fault(hm_err err, enum hm_code code, const char *words, const char *expr,
		       const char *file, int line);
void unit_assert_str(struct hm_str got, struct hm_str want, const char *expr, const char *file,
		     int line);

/* A path in the conformance data ($HULLMARK_TESTDATA, else ../shared/data beside the project);
 * skips the running test, loudly, where it is absent. */
const char *unit_data(struct hm_cx *cx, const char *path);
/* Does valgrind run this program? What computes for seconds takes it minutes then. */
bool unit_is_traced(void);
/* The program under test. */
const char *unit_program(void);
/* The flag of /proc/self/smaps by which memory of secrets is known: locked; with the sanitizers,
 * which make mlock() do nothing, not to be dumped. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define UNIT_NO_MLOCK
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define UNIT_NO_MLOCK
#endif
#endif
#ifdef UNIT_NO_MLOCK
#define UNIT_LOCKED "dd"
#else
#define UNIT_LOCKED "lo"
#endif

/* How often a text stands in memory of this process that may be swapped out or dumped. It is given
 * masked, each byte xor 0x5a, so as not to find itself; unit_mask() masks in place. */
size_t unit_exposed(struct hm_str masked);
void unit_mask(char *p, size_t n);
/* A line of /proc/self/smaps that begins a mapping; and where that lies. */
bool unit_is_mapping(struct hm_str line, uintptr_t *from, uintptr_t *to);
/* What say(cx, arg) writes on standard error, at most a MiB, in memory of `cx`. */
struct hm_str unit_said(struct hm_cx *cx, void (*say)(struct hm_cx *cx, const void *arg),
			const void *arg);
/* Workers are the program's own: for tests that have no jobs. */
void unit_workers(void);
/* A fresh folder, removed at the end of the test program. */
const char *unit_temp_dir(void);

#endif
