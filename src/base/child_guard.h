/* SPDX-License-Identifier: Apache-2.0 */
/*
 * child_guard.h - private to base/: the process between this one and a program of somebody else.
 *
 * It has the program for a child, and ends it, with all that is in the program's process group,
 * when the program has ended, when this process says so (SIGTERM to the guard), and when this
 * process is gone, however that was ended: a program must not outlive who started it, and whoever
 * is killed by SIGKILL can end nobody any more. Where the guard is killed itself, the kernel kills
 * the program.
 */
#ifndef HM_BASE_CHILD_GUARD_H
#define HM_BASE_CHILD_GUARD_H

#include <sys/types.h>

#include "base/child.h"

/* Why the program could not be started: an errno, or nothing. It is the last that is written to
 * the report, whose end comes with the end of the guard. */
struct hm_guard_ends {
	int in, out, err; /* the program's 0, 1 and 2; all are above 3 */
	int report;
};
/* Fork; *out is the guard, which ends with the program's status (128 and the signal, if that ended
 * it). Returns an errno. */
int hm_guard_start(const struct hm_child *c, const struct hm_guard_ends *ends, pid_t *out);

#endif
