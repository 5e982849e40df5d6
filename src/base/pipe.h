/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pipe.h - writing to somebody who may have gone: SIGPIPE is held back, and the write fails with
 * EPIPE.
 *
 * The signal is held back in the calling thread alone: what the rest of the process, and the
 * programs that it starts, do with SIGPIPE stays as it is.
 */
#ifndef HM_BASE_PIPE_H
#define HM_BASE_PIPE_H

#include <signal.h>

struct hm_pipe_held {
	sigset_t before; /* the thread's mask */
};

void hm_pipe_hold(struct hm_pipe_held *h);
/* One that has come meanwhile is dropped. */
void hm_pipe_release(const struct hm_pipe_held *h);

#endif
