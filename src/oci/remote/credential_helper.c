/* SPDX-License-Identifier: Apache-2.0 */
/* Programs that keep credentials, as Docker starts them. */
#include "oci/remote/credential_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include "base/pipe.h"

enum { HELPER_SECONDS = 60 };

static hm_err start_helper(struct hm_cx *cx, struct hm_str helper, const char *verb,
			   const int pipes[4], pid_t *out)
{
	char *program = hm_dupz(cx, hm_fmt(cx, "docker-credential-%.*s", HM_FMT(helper)));
	char *argv[] = { program, hm_dupz(cx, hm_cstr(verb)), NULL };
	posix_spawn_file_actions_t actions;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, pipes[0], 0);
	posix_spawn_file_actions_adddup2(&actions, pipes[3], 1);
	int failed = posix_spawnp(out, program, &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	errno = failed;
	return failed ? hm_fail_os(cx, "could not run \"%s\"", program) : NULL;
}

/* The question fits into the pipe; the answer ends with the program's output. */
static hm_err ask_helper(struct hm_cx *cx, int to, int from, struct hm_str question,
			 struct hm_secret *out)
{
	enum { STEP = 2048 };
	HM_AUTO_SECRET answer = HM_SECRET(HM_MAX_CREDENTIAL + STEP);
	struct hm_buf *b = &answer.bytes;
	int64_t until = hm_mono() + HELPER_SECONDS * HM_SECOND;
	bool asked = write(to, question.p, question.n) == (ssize_t)question.n || errno == EPIPE;
	hm_err err = asked ? NULL : hm_fail_os(cx, "could not ask the credential helper");
	close(to);
	HM_TRY(err);
	for (;;) {
		struct pollfd poller = { .fd = from, .events = POLLIN };
		HM_TRY(hm_alive(cx));
		if (hm_mono() > until)
			return hm_fail(cx, HM_BUSY, "the credential helper does not answer");
		if (poll(&poller, 1, 100) <= 0)
			continue;
		ssize_t got = read(from, hm_buf_room(b, STEP), STEP);
		if (got < 0 && errno != EINTR)
			return hm_fail_os(cx, "could not read from the credential helper");
		b->n -= STEP - (got > 0 ? (size_t)got : 0);
		if (got == 0)
			break;
		if (b->n > HM_MAX_CREDENTIAL)
			return hm_fail(
				cx, HM_LIMIT,
				"the answer of the credential helper is larger than %zu bytes",
				(size_t)HM_MAX_CREDENTIAL);
	}
	*out = hm_secret_move(&answer);
	return NULL;
}

hm_err oci_credential_run(struct hm_cx *cx, struct hm_str helper, const char *verb,
			  struct hm_str question, struct hm_secret *out, bool *out_failed)
{
	int pipes[4]; /* to the helper: read, write; from it: read, write */
	pid_t pid;
	int status = 0;
	struct hm_pipe_held held;
	if (pipe2(pipes, O_CLOEXEC) < 0)
		return hm_fail_os(cx, "could not make a pipe");
	if (pipe2(pipes + 2, O_CLOEXEC) < 0) {
		close(pipes[0]);
		close(pipes[1]);
		return hm_fail_os(cx, "could not make a pipe");
	}
	hm_err err = start_helper(cx, helper, verb, pipes, &pid);
	close(pipes[0]);
	close(pipes[3]);
	if (err) {
		close(pipes[1]);
		close(pipes[2]);
		return err;
	}
	hm_pipe_hold(&held);
	err = ask_helper(cx, pipes[1], pipes[2], question, out);
	hm_pipe_release(&held);
	close(pipes[2]);
	if (err)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	*out_failed = !WIFEXITED(status) || WEXITSTATUS(status) != 0;
	return err;
}
