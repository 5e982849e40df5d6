/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program as it is, but for two things. Its workers are started by the file's name: under
 * valgrind /proc/self/exe is valgrind, so that a worker started by it is none of ours. And they may
 * write files: it is valgrind that does, what it found, from within the worker.
 */
#include <limits.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/worker.h"

static char path[PATH_MAX]; /* zeroed, and the last byte stays so */

__attribute__((constructor)) static void name_workers(void)
{
	if (readlink("/proc/self/exe", path, sizeof(path) - 1) >
	    0) /* valgrind answers with the file */
		hm_worker_program(path);
}

/* In place of the C library's. */
int setrlimit(__rlimit_resource_t what, const struct rlimit *limit)
{
	return what == RLIMIT_FSIZE ? 0 : prlimit(0, what, limit, NULL);
}
