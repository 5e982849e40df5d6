/* SPDX-License-Identifier: Apache-2.0 */
#include "base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include "base/buf.h"
#include "base/child_guard.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/pipe.h"

enum { STEP = 64 * 1024, POLL_MS = 100, ENDED_BY_SIGNAL = 128 };

/* A program that runs. */
struct running {
	pid_t guard; /* 0: none */
	int report;  /* has an end when the guard has ended, and so the program */
	int in, out, err;
	struct hm_str input; /* still to be written */
	struct hm_buf outputs[2];
	int64_t until;
};

static void stop_running(struct running *r)
{
	if (r->guard > 0) {
		kill(r->guard, SIGTERM);
		while (waitpid(r->guard, NULL, 0) < 0 && errno == EINTR)
			;
	}
	hm_close_fd(&r->report);
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
#define AUTO_ENDS HM_CLEANUP(close_ends) struct ends

/* Above 3, where dup2() of one would overwrite another. */
static hm_err make_pipe(struct hm_cx *cx, struct ends *out)
{
	int raw[2];
	if (pipe2(raw, O_CLOEXEC) < 0)
		return hm_fail_os(cx, "could not make a pipe");
	out->read = fcntl(raw[0], F_DUPFD_CLOEXEC, 4);
	out->write = fcntl(raw[1], F_DUPFD_CLOEXEC, 4);
	close(raw[0]);
	close(raw[1]);
	return out->read < 0 || out->write < 0 ? hm_fail_os(cx, "could not make a pipe") : NULL;
}

static hm_err start(struct hm_cx *cx, const struct hm_child *c, struct running *r)
{
	AUTO_ENDS in = { -1, -1 };
	AUTO_ENDS out = { -1, -1 };
	AUTO_ENDS err = { -1, -1 };
	AUTO_ENDS report = { -1, -1 };
	HM_TRY(make_pipe(cx, &in));
	HM_TRY(make_pipe(cx, &out));
	HM_TRY(make_pipe(cx, &err));
	HM_TRY(make_pipe(cx, &report));
	struct hm_guard_ends ends = { in.read, out.write, err.write, report.write };
	errno = hm_guard_start(c, &ends, &r->guard);
	if (errno)
		return hm_fail_os(cx, "could not run \"%s\"", c->path);
	r->in = hm_move_fd(in.write);
	r->out = hm_move_fd(out.read);
	r->err = hm_move_fd(err.read);
	r->report = hm_move_fd(report.read);
	if (fcntl(r->in, F_SETFL, O_NONBLOCK) < 0 || fcntl(r->out, F_SETFL, O_NONBLOCK) < 0 ||
	    fcntl(r->err, F_SETFL, O_NONBLOCK) < 0)
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
				      { .fd = r->report, .events = POLLIN } };
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

static hm_err end(struct hm_cx *cx, const char *path, struct running *r, struct hm_child_end *out)
{
	int status, why;
	if (read(r->report, &why, sizeof(why)) == sizeof(why)) {
		errno = why;
		return hm_fail_os(cx, "could not run \"%s\"", path);
	}
	while (waitpid(r->guard, &status, 0) < 0)
		if (errno != EINTR)
			return hm_fail_os(cx, "could not wait for \"%s\"", path);
	r->guard = 0;
	out->status = WIFEXITED(status) ? WEXITSTATUS(status) : ENDED_BY_SIGNAL + WTERMSIG(status);
	HM_TRY(keep_output(cx, &r->outputs[0], &out->out));
	return keep_output(cx, &r->outputs[1], &out->err);
}

static hm_err run(struct hm_cx *cx, const struct hm_child *c, struct hm_child_end *out)
{
	HM_CLEANUP(stop_running)
	struct running r = {
		.report = -1,
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
	HM_TRY(end(cx, c->path, &r, &e));
	*out = e;
	return NULL;
}

hm_err hm_child_run(struct hm_cx *cx, const struct hm_child *c, struct hm_child_end *out)
{
	struct hm_pipe_held held;
	hm_pipe_hold(&held);
	hm_err err = run(cx, c, out);
	hm_pipe_release(&held);
	return err;
}

_Noreturn void hm_child_exit(int status)
{
	_exit(status);
}
