/* SPDX-License-Identifier: Apache-2.0 */
#include "base/pipe.h"

#include <time.h>

static sigset_t pipe_signal(void)
{
	sigset_t s;
	sigemptyset(&s);
	sigaddset(&s, SIGPIPE);
	return s;
}

void hm_pipe_hold(struct hm_pipe_held *h)
{
	sigset_t s = pipe_signal();
	pthread_sigmask(SIG_BLOCK, &s, &h->before);
}

void hm_pipe_release(const struct hm_pipe_held *h)
{
	sigset_t s = pipe_signal();
	/* one that was held back before is its holder's */
	if (!sigismember(&h->before, SIGPIPE))
		sigtimedwait(&s, NULL, &(struct timespec){ 0 });
	pthread_sigmask(SIG_SETMASK, &h->before, NULL);
}
