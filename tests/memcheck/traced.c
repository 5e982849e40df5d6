/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program as it is, but for one thing: its workers are started by the file's name. Under
 * valgrind /proc/self/exe is valgrind, so that a worker started by it is none of ours.
 */
#include <limits.h>
#include <unistd.h>

#include "base/worker.h"

static char path[PATH_MAX]; /* zeroed, and the last byte stays so */

__attribute__((constructor)) static void name_workers(void)
{
	if (readlink("/proc/self/exe", path, sizeof(path) - 1) >
	    0) /* valgrind answers with the file */
		hm_worker_program(path);
}
