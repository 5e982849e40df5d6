/* SPDX-License-Identifier: Apache-2.0 */
/*
 * child.h - a program of somebody else, run once: a request in, two outputs and a status back.
 *
 * The program gets what it is given and nothing else: the arguments and environment of the caller's
 * choice, standard input with the request and its end, pipes for its two outputs, no other
 * descriptor, default signals, a process group of its own. When it has ended, when it is given up,
 * and when this process ends, be it by SIGKILL, whatever still runs in that group is killed. What
 * it prints is a stranger's.
 */
#ifndef HM_BASE_CHILD_H
#define HM_BASE_CHILD_H

#include "base/str.h"

struct hm_child {
	const char *path;               /* run as it is: nothing is searched */
	const char *const *arguments;   /* ended by NULL; the first is the program's name */
	const char *const *environment; /* ended by NULL */
	struct hm_str input;
	size_t max_output; /* of each output */
	int64_t patience;  /* nanoseconds until it is killed */
};

struct hm_child_end {
	struct hm_str out, err; /* in the arena */
	int status;             /* its exit status; where a signal ended it, 128 and the signal */
};

/*
 * Run the program, and wait until it ends. Success means that it ran and ended by itself; how, is
 * in out->status, and what a status other than 0 means, the caller has to know. HM_SYSTEM: it could
 * not be started. HM_BUSY: it was killed, because it took longer than `patience` or than the
 * context allows. HM_LIMIT: it was killed, because one of its outputs was longer than `max_output`.
 */
HM_MUST hm_err hm_child_run(struct hm_cx *cx, const struct hm_child *c, struct hm_child_end *out);

/* Of a process that a worker has forked: ends it, and nothing of ours runs any more. */
_Noreturn void hm_child_exit(int status);

#endif
