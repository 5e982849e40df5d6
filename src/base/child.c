/* SPDX-License-Identifier: Apache-2.0 */
#include "base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"

enum { STEP = 64 * 1024, POLL_MS = 100, ENDED_BY_SIGNAL = 128 };

/* A program that runs. */
struct running {
	pid_t pid; /* 0: none */
	int ended; /* a pidfd: it can be read when the program has ended */
	int in, out, err;
	struct hm_str input; /* still to be written */
	struct hm_buf outputs[2];
	int64_t until;
};

/* The group is its leader's, whose number is not given to another before it is reaped. */
static void stop_running(struct running *r)
{
	if (r->pid > 0) {
		kill(-r->pid, SIGKILL);
		while (waitpid(r->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	hm_close_fd(&r->ended);
	hm_close_fd(&r->in);
	hm_close_fd(&r->out);
	hm_close_fd(&r->err);
	hm_buf_done(&r->outputs[0]);
	hm_buf_done(&r->outputs[1]);
}

struct ends {
	int read, write;
};

static void close_ends(struct ends *e)
{
	hm_close_fd(&e->read);
	hm_close_fd(&e->write);
}

/* Above 2, where dup2() of one would overwrite another. */
static hm_err make_pipe(struct hm_cx *cx, struct ends *out)
{
	int raw[2];
	if (pipe2(raw, O_CLOEXEC) < 0)
		return hm_fail_os(cx, "could not make a pipe");
	out->read = fcntl(raw[0], F_DUPFD_CLOEXEC, 3);
	out->write = fcntl(raw[1], F_DUPFD_CLOEXEC, 3);
	close(raw[0]);
	close(raw[1]);
	return out->read < 0 || out->write < 0 ? hm_fail_os(cx, "could not make a pipe") : NULL;
}

static int set_attributes(posix_spawnattr_t *a)
{
	sigset_t none, all;
	sigemptyset(&none);
	sigfillset(&all);
	int bad = posix_spawnattr_setsigmask(a, &none);
	bad |= posix_spawnattr_setsigdefault(a, &all);
	bad |= posix_spawnattr_setpgroup(a, 0);
	return bad | posix_spawnattr_setflags(a, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
							 POSIX_SPAWN_SETPGROUP);
}

static int spawn(const struct hm_child *c, const struct ends pipes[3], pid_t *out)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	int bad = posix_spawn_file_actions_adddup2(&actions, pipes[0].read, STDIN_FILENO);
	bad |= posix_spawn_file_actions_adddup2(&actions, pipes[1].write, STDOUT_FILENO);
	bad |= posix_spawn_file_actions_adddup2(&actions, pipes[2].write, STDERR_FILENO);
	bad |= posix_spawn_file_actions_addclosefrom_np(&actions, 3);
	bad |= set_attributes(&attributes);
	if (!bad)
		bad = posix_spawn(out, c->path, &actions, &attributes,
				  (char *const *)(uintptr_t)c->arguments,
				  (char *const *)(uintptr_t)c->environment);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return bad;
}

static hm_err start(struct hm_cx *cx, const struct hm_child *c, struct running *r)
{
	HM_CLEANUP(close_ends) struct ends in = { -1, -1 };
	HM_CLEANUP(close_ends) struct ends out = { -1, -1 };
	HM_CLEANUP(close_ends) struct ends err = { -1, -1 };
	HM_TRY(make_pipe(cx, &in));
	HM_TRY(make_pipe(cx, &out));
	HM_TRY(make_pipe(cx, &err));
	const struct ends pipes[] = { in, out, err };
	errno = spawn(c, pipes, &r->pid);
	if (errno) {
		r->pid = 0;
		return hm_fail_os(cx, "could not run \"%s\"", c->path);
	}
	r->in = hm_move_fd(in.write);
	r->out = hm_move_fd(out.read);
	r->err = hm_move_fd(err.read);
	r->ended = (int)syscall(SYS_pidfd_open, r->pid, 0);
	if (r->ended < 0 || fcntl(r->in, F_SETFL, O_NONBLOCK) < 0 ||
	    fcntl(r->out, F_SETFL, O_NONBLOCK) < 0 || fcntl(r->err, F_SETFL, O_NONBLOCK) < 0)
		return hm_fail_os(cx, "could not watch \"%s\"", c->path);
	return NULL;
}

/* What fits; a program that does not read all of it has its reasons. */
static void feed(struct running *r)
{
	ssize_t put = r->input.n ? write(r->in, r->input.p, r->input.n) : 0;
	if (put > 0)
		r->input = hm_from(r->input, (size_t)put);
	if (!r->input.n || (put < 0 && errno != EAGAIN && errno != EINTR))
		hm_close_fd(&r->in);
}

/* All that is there now. */
static hm_err drain(struct hm_cx *cx, int *fd, struct hm_buf *b, const char *path)
{
	while (*fd >= 0) {
		char *room = hm_buf_room(b, STEP);
		ssize_t got = room ? read(*fd, room, STEP) : 0;
		if (room)
			b->n -= STEP - (got > 0 ? (size_t)got : 0);
		if (!room || b->n > b->max - STEP)
			return hm_fail(cx, HM_LIMIT, "\"%s\" printed more than %zu bytes", path,
				       b->max - STEP);
		if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
			hm_close_fd(fd);
		if (got < 0 && errno == EAGAIN)
			return NULL;
	}
	return NULL;
}

static hm_err drain_both(struct hm_cx *cx, struct running *r, const char *path)
{
	HM_TRY(drain(cx, &r->out, &r->outputs[0], path));
	return drain(cx, &r->err, &r->outputs[1], path);
}

/* A request that nobody reads must not end this process: SIGPIPE is held back meanwhile. */
static hm_err talk(struct hm_cx *cx, const struct hm_child *c, struct running *r)
{
	for (;;) {
		struct pollfd p[] = { { .fd = r->in, .events = POLLOUT },
				      { .fd = r->out, .events = POLLIN },
				      { .fd = r->err, .events = POLLIN },
				      { .fd = r->ended, .events = POLLIN } };
		if (poll(p, HM_LEN(p), POLL_MS) < 0 && errno != EINTR)
			return hm_fail_os(cx, "could not wait for \"%s\"", c->path);
		if (p[0].revents)
			feed(r);
		HM_TRY(drain_both(cx, r, c->path));
		if (p[3].revents) /* what it printed last is there by now */
			return drain_both(cx, r, c->path);
		HM_TRY(hm_alive(cx));
		if (hm_mono() > r->until)
			return hm_fail(cx, HM_BUSY,
				       "\"%s\" did not end within %lld s, and was stopped", c->path,
				       (long long)(c->patience / HM_SECOND));
	}
}

static hm_err keep_output(struct hm_cx *cx, const struct hm_buf *b, struct hm_str *out)
{
	HM_TRY(hm_charge(cx, b->n));
	*out = hm_dup(cx, hm_buf_str(b));
	return NULL;
}

/* Reap it, and what it started goes with it. */
static hm_err end(struct hm_cx *cx, struct running *r, struct hm_child_end *out)
{
	int status;
	kill(-r->pid, SIGKILL);
	while (waitpid(r->pid, &status, 0) < 0)
		if (errno != EINTR)
			return hm_fail_os(cx, "could not wait for a program");
	r->pid = 0;
	out->status =
		WIFSIGNALED(status) ? ENDED_BY_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
	HM_TRY(keep_output(cx, &r->outputs[0], &out->out));
	return keep_output(cx, &r->outputs[1], &out->err);
}

static hm_err run(struct hm_cx *cx, const struct hm_child *c, struct hm_child_end *out)
{
	HM_CLEANUP(stop_running)
	struct running r = {
		.ended = -1,
		.in = -1,
		.out = -1,
		.err = -1,
		.input = c->input,
		.outputs = { HM_BUF(c->max_output + STEP), HM_BUF(c->max_output + STEP) },
		.until = hm_mono() + c->patience,
	};
	struct hm_child_end e = { 0 };
	HM_TRY(start(cx, c, &r));
	HM_TRY(talk(cx, c, &r));
	HM_TRY(end(cx, &r, &e));
	*out = e;
	return NULL;
}

hm_err hm_child_run(struct hm_cx *cx, const struct hm_child *c, struct hm_child_end *out)
{
	sigset_t pipe_signal, before;
	sigemptyset(&pipe_signal);
	sigaddset(&pipe_signal, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
	hm_err err = run(cx, c, out);
	sigtimedwait(&pipe_signal, NULL, &(struct timespec){ 0 });
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return err;
}
