/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "repair/solver.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is read is written as it was. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(64 << 20);
	HM_AUTO_BUF again = HM_BUF(64 << 20);
	struct solve_answer a, b;
	struct solve_options o;
	(void)!repair_solve_options_read(&cx, hm_bytes(data, size), &o);
	if (repair_solve_answer_read(&cx, hm_bytes(data, size), &a))
		return 0;
	repair_solve_answer_put(&again, &a);
	if (repair_solve_answer_read(&cx, hm_buf_str(&again), &b) || a.steps_n != b.steps_n ||
	    a.best_n != b.best_n || a.problems.n != b.problems.n)
		abort();
	return 0;
}
