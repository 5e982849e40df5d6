/* SPDX-License-Identifier: Apache-2.0 */
/* The real libsolv, in the worker of the program. */
#include "xz_blocks.h"

#include "base/worker.h"
#include "repair/solver.h"

#define SUM "0000000000000000000000000000000000000000000000000000000000000000"
/* clang-format off */
#define INSTALLED(name, version, more) \
	"Package: " name "\nStatus: install ok installed\nArchitecture: amd64\nVersion: " version "\n" more "\n"
#define AVAILABLE(name, version, more) \
	"Package: " name "\nArchitecture: amd64\nVersion: " version "\nFilename: pool/" name ".deb\nSize: 1\nSHA256: " SUM "\n" more "\n"

/* Steps as "NAME FROM>TO;", sorted; problems as "!". */
static const struct solver_case {
	const char *label, *installed, *available, *wanted, *want;
} cases[] = {
	{ "nothing newer", INSTALLED("a", "1", ""), AVAILABLE("a", "1", ""), "", "" },
	{ "all that is newer", INSTALLED("a", "1", "") INSTALLED("b", "1", ""), AVAILABLE("a", "2", "") AVAILABLE("b", "3", ""),
	  "", "a 1>2;b 1>3;" },
	{ "only what is wanted", INSTALLED("a", "1", "") INSTALLED("b", "1", ""), AVAILABLE("a", "2", "") AVAILABLE("b", "3", ""),
	  "b", "b 1>3;" },
	{ "the newest of several", INSTALLED("a", "1", ""), AVAILABLE("a", "2", "") AVAILABLE("a", "10", "") AVAILABLE("a", "9", ""),
	  "a", "a 1>10;" },
	{ "by Debian's order", INSTALLED("a", "1:1.0~rc1-1", ""), AVAILABLE("a", "2.0-1", "") AVAILABLE("a", "1:1.0-1", ""),
	  "a", "a 1:1.0~rc1-1>1:1.0-1;" },
	{ "what it needs comes along", INSTALLED("a", "1", "") INSTALLED("b", "1", ""),
	  AVAILABLE("a", "2", "Depends: b (>= 2)\n") AVAILABLE("b", "2", ""), "a", "a 1>2;b 1>2;" },
	{ "a new package", INSTALLED("a", "1", ""), AVAILABLE("a", "2", "Depends: n | m\n") AVAILABLE("n", "1", ""),
	  "a", "a 1>2;n >1;" },
	{ "not what is recommended", INSTALLED("a", "1", ""), AVAILABLE("a", "2", "Recommends: n\n") AVAILABLE("n", "1", ""),
	  "a", "a 1>2;" },
	{ "held", INSTALLED("b", "1", "") "Package: a\nStatus: hold ok installed\nArchitecture: amd64\nVersion: 1\n\n",
	  AVAILABLE("a", "2", "") AVAILABLE("b", "2", ""), "", "b 1>2;" },
	{ "a need that nobody has", INSTALLED("a", "1", ""), AVAILABLE("a", "2", "Depends: nobody\n"), "a", "" },
	{ "never a removal", INSTALLED("a", "1", "") INSTALLED("b", "1", ""), AVAILABLE("a", "2", "Conflicts: b\n"), "a", "" },
	{ "never a downgrade", INSTALLED("a", "3", ""), AVAILABLE("a", "2", ""), "a", "" },
	{ "what breaks the old is replaced with it", INSTALLED("a", "1", "") INSTALLED("b", "1", ""),
	  AVAILABLE("a", "2", "Breaks: b (<< 2)\n") AVAILABLE("b", "2", ""), "a", "a 1>2;b 1>2;" },
	{ "provided by another", INSTALLED("a", "1", "") INSTALLED("p", "1", "Provides: v (= 1)\n"),
	  AVAILABLE("a", "2", "Depends: v (>= 1)\n"), "a", "a 1>2;" },
	{ "half installed ones count for nothing", INSTALLED("a", "1", "")
	  "Package: r\nStatus: deinstall ok config-files\nArchitecture: amd64\nVersion: 1\n\n",
	  AVAILABLE("a", "2", "") AVAILABLE("r", "2", ""), "", "a 1>2;" },
};
/* clang-format on */

static void put_frame(struct hm_buf *b, char kind, struct hm_str bytes)
{
	hm_buf_char(b, kind);
	hm_buf_le(b, bytes.n, 8);
	hm_buf_add(b, bytes);
}

static int by_bytes(const void *a, const void *b)
{
	return hm_cmp(*(const struct hm_str *)a, *(const struct hm_str *)b);
}

static void solve(const struct solver_case *t, struct hm_str available)
{
	HM_AUTO_CX cx = HM_CX(HM_GIB);
	HM_AUTO_BUF args = HM_BUF(4096);
	HM_AUTO_BUF input = HM_BUF(HM_MIB);
	HM_AUTO_BUF got = HM_BUF(4096);
	struct solve_options o = { .native = HM_STR("amd64"), .all = !t->wanted[0] };
	struct solve_answer a;
	struct hm_str bytes, wanted = hm_cstr(t->wanted);
	struct hm_strs steps = { 0 };
	while (wanted.n)
		*hm_push(&cx, &o.wanted) = hm_cut(&wanted, ' ');
	repair_solve_options_put(&args, &o);
	put_frame(&input, SOLVE_INSTALLED, hm_cstr(t->installed));
	put_frame(&input, SOLVE_INDEX, available);
	assert_ok(hm_worker_run(&cx, REPAIR_SOLVE_JOB, hm_buf_str(&args), hm_buf_str(&input),
				&bytes));
	assert_ok(repair_solve_answer_read(&cx, bytes, &a));
	for (size_t i = 0; i < a.steps_n; i++)
		*hm_push(&cx, &steps) =
			hm_fmt(&cx, "%.*s %.*s>%.*s;", HM_FMT(a.steps[i].name),
			       HM_FMT(a.steps[i].from), HM_FMT(a.steps[i].to.version));
	if (steps.n)
		qsort(steps.p, steps.n, sizeof(*steps.p), by_bytes);
	for (size_t i = 0; i < steps.n; i++)
		hm_buf_add(&got, steps.p[i]);
	if (a.problems.n)
		hm_buf_char(&got, '!');
	assert_strz(hm_buf_str(&got), t->want);
}

static void solver(void **state)
{
	const struct solver_case *t = *state;
	solve(t, hm_cstr(t->available));
}

/* An index of two blocks is read in halves, wherever it is cut: in a stanza, in the empty line
 * behind it, before the first and behind the last. */
static void in_halves(void **state)
{
	/* clang-format off */
	static const struct solver_case t = { "in halves", INSTALLED("a", "1", "") INSTALLED("b", "1", ""),
		AVAILABLE("a", "2", "Depends: c\n") AVAILABLE("b", "3", "") AVAILABLE("c", "1", ""), "", "a 1>2;b 1>3;c >1;" };
	/* clang-format on */
	struct hm_str text = hm_cstr(t.available);
	size_t line = hm_find(text, HM_STR("\n\n"));
	size_t last = hm_rfind_char(hm_sub(text, 0, text.n - 1), '\n');
	const size_t cuts[] = { 1,        line - 1, line,       line + 1,  line + 2,
				line + 3, last,     text.n - 2, text.n - 1 };
	(void)state;
	for (size_t i = 0; i < HM_LEN(cuts); i++) {
		HM_AUTO_BUF file = HM_BUF(HM_MIB);
		xz_in_blocks(text, cuts[i], 0, LZMA_CHECK_CRC64, &file);
		solve(&t, hm_buf_str(&file));
	}
}

int main(void)
{
	hm_worker_program(getenv("HULLMARK_PROGRAM"));
	UNIT_TABLE(solver, cases);
	UNIT(in_halves);
	return unit_run("repair/solver");
}
