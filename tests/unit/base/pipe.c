/* SPDX-License-Identifier: Apache-2.0 */
#include "base/pipe.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

static int write_to_nobody(void)
{
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	close(ends[0]);
	int err = write(ends[1], "x", 1) < 0 ? errno : 0;
	close(ends[1]);
	return err;
}

static bool is_held(void)
{
	sigset_t now;
	pthread_sigmask(SIG_SETMASK, NULL, &now);
	return sigismember(&now, SIGPIPE);
}

static bool is_pending(void)
{
	sigset_t now;
	sigpending(&now);
	return sigismember(&now, SIGPIPE);
}

static void a_write_fails(void **state)
{
	struct hm_pipe_held held;
	(void)state;
	assert_false(is_held());
	hm_pipe_hold(&held);
	assert_int_equal(write_to_nobody(), EPIPE);
	hm_pipe_release(&held);
	assert_false(is_held());
	assert_false(is_pending());
}

static void the_outer_holder_keeps_it(void **state)
{
	struct hm_pipe_held outer, inner;
	(void)state;
	hm_pipe_hold(&outer);
	hm_pipe_hold(&inner);
	assert_int_equal(write_to_nobody(), EPIPE);
	hm_pipe_release(&inner);
	assert_true(is_held());
	assert_true(is_pending());
	hm_pipe_release(&outer);
	assert_false(is_pending());
}

static void afterwards_it_ends_a_process(void **state)
{
	struct hm_pipe_held held;
	int status;
	(void)state;
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		signal(SIGPIPE, SIG_DFL);
		hm_pipe_hold(&held);
		write_to_nobody();
		hm_pipe_release(&held);
		write_to_nobody();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGPIPE);
}

int main(void)
{
	UNIT(a_write_fails);
	UNIT(the_outer_holder_keeps_it);
	UNIT(afterwards_it_ends_a_process);
	return unit_run("base/pipe");
}
