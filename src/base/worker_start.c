/* SPDX-License-Identifier: Apache-2.0 */
/* In the parent: how a worker is started, and what it is given. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>

#include "base/environment.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/worker_parts.h"

enum { PIPE_SIZE = 1024 * 1024 };

static const char *program = "/proc/self/exe";
static bool no_sandbox;

void hm_worker_program(const char *path)
{
	program = path;
}

void hm_worker_allow_no_sandbox(void)
{
	no_sandbox = true;
}

bool hm_worker_has_sandbox(void)
{
	return !no_sandbox;
}

void hm_worker_pipes_done(struct hm_worker_pipes *p)
{
	for (int i = 0; i < 2; i++) {
		hm_close_fd(&p->in[i]);
		hm_close_fd(&p->out[i]);
	}
}

/* Descriptors that the worker gets, out of the way of where it gets them. */
struct gifts {
	int fd[HM_WORKER_GIVEN];
};

static void gifts_done(struct gifts *g)
{
	for (size_t i = 0; i < HM_WORKER_GIVEN; i++)
		hm_close_fd(&g->fd[i]);
}

static hm_err take_gifts(struct hm_cx *cx, const struct hm_work *work, struct gifts *out)
{
	for (size_t i = 0; i < HM_WORKER_GIVEN; i++)
		out->fd[i] = -1;
	for (size_t i = 0; i < work->fds_n; i++) {
		if (work->fds[i] < 0)
			continue;
		out->fd[i] =
			fcntl(work->fds[i], F_DUPFD_CLOEXEC, HM_WORKER_FIRST + HM_WORKER_GIVEN);
		if (out->fd[i] < 0)
			return hm_fail_os(cx, "could not hand a descriptor to a worker");
	}
	return NULL;
}

/* Who loads modules of the machine's needs what they are set up by. */
static char **make_environment(struct hm_cx *cx, const struct hm_job *job)
{
	return job->kind == HM_JOB_LOADS ? hm_environment_for_others(cx, job->variable)
					 : hm_new(cx, char *, 1);
}

int hm_worker_spawn(const char *const *argv, char **environment, const int *fds, size_t fds_n,
		    pid_t *out)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t none;
	int bad = 0;
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attr);
	sigemptyset(&none);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
	for (int i = 0; i < (int)fds_n; i++)
		if (fds[i] != i)
			bad |= fds[i] < 0 ? posix_spawn_file_actions_addclose(&actions, i)
					  : posix_spawn_file_actions_adddup2(&actions, fds[i], i);
	if (!bad)
		bad = posix_spawn(out, program, &actions, &attr, (char *const *)(uintptr_t)argv,
				  environment);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	return bad;
}

static bool may_be_copy(const struct hm_job *job)
{
	return job->kind == HM_JOB_KEEPS && !job->load && hm_worker_can_fork();
}

static void work_as_copy(const struct hm_worker_forked *f)
{
	hm_worker_do(f->job, f->memory, !no_sandbox);
}

static int spawn_worker(struct hm_cx *cx, const struct hm_worker_pipes *p, const struct gifts *g,
			const struct hm_work *work, pid_t *out_pid)
{
	char number[32], given[16];
	uint64_t memory = work->memory ? work->memory : HM_MAX_WORKER_MEMORY;
	snprintf(number, sizeof(number), "%llu", (unsigned long long)memory);
	snprintf(given, sizeof(given), "%zu", work->fds_n);
	const char *const argv[] = { "hullmark",
				     HM_WORKER_FLAG,
				     work->name,
				     number,
				     no_sandbox ? "bare" : "sandbox",
				     given,
				     NULL };
	int fds[HM_WORKER_FIRST + HM_WORKER_GIVEN] = { p->in[0], p->out[1], STDERR_FILENO };
	for (size_t i = 0; i < work->fds_n; i++)
		fds[HM_WORKER_FIRST + i] = g->fd[i];
	struct hm_worker_forked copy = { .job = hm_worker_job(work->name),
					 .memory = memory,
					 .fds = fds,
					 .fds_n = HM_WORKER_FIRST + work->fds_n,
					 .body = work_as_copy };
	if (work->as_copy && may_be_copy(copy.job))
		return hm_worker_fork(&copy, out_pid);
	return hm_worker_spawn(argv, make_environment(cx, hm_worker_job(work->name)), fds,
			       HM_WORKER_FIRST + work->fds_n, out_pid);
}

/* An end that would land on 0, 1 or 2 would be overwritten by the other end's dup2. */
static hm_err make_pipe(struct hm_cx *cx, int ends[2])
{
	int raw[2];
	if (pipe2(raw, O_CLOEXEC) < 0)
		return hm_fail_os(cx, "could not make a pipe to a worker");
	for (int i = 0; i < 2; i++) {
		ends[i] = fcntl(raw[i], F_DUPFD_CLOEXEC, 3);
		close(raw[i]);
	}
	if (ends[0] < 0 || ends[1] < 0)
		return hm_fail_os(cx, "could not make a pipe to a worker");
	fcntl(ends[1], F_SETPIPE_SZ,
	      PIPE_SIZE); /* only faster: an unprivileged maximum may be lower */
	return NULL;
}

hm_err hm_worker_pipes_make(struct hm_cx *cx, struct hm_worker_pipes *p)
{
	HM_TRY(make_pipe(cx, p->in));
	return make_pipe(cx, p->out);
}

hm_err hm_worker_attach(struct hm_cx *cx, struct hm_worker_pipes *p, struct hm_str args,
			struct hm_worker *w)
{
	HM_AUTO_BUF head = HM_BUF(4 + HM_WORKER_ARGS);
	bool wants;
	w->in = hm_move_fd(p->in[1]);
	w->out = hm_move_fd(p->out[0]);
	if (fcntl(w->in, F_SETFL, O_NONBLOCK) < 0 || fcntl(w->out, F_SETFL, O_NONBLOCK) < 0)
		return hm_fail_os(cx, "could not set up a pipe to a worker");
	hm_buf_le(&head, args.n, 4);
	hm_buf_add(&head, args);
	return hm_worker_feed(cx, w, hm_buf_str(&head), &wants);
}

hm_err hm_worker_start_with(struct hm_cx *cx, const struct hm_work *work, struct hm_worker *out)
{
	HM_CLEANUP(hm_worker_pipes_done) struct hm_worker_pipes p = { { -1, -1 }, { -1, -1 } };
	HM_CLEANUP(gifts_done) struct gifts gifts;
	HM_AUTO_WORKER w = { .in = -1, .out = -1, .job = work->name };
	pid_t pid = 0;
	HM_TRY(take_gifts(cx, work, &gifts));
	if (no_sandbox)
		hm_log(cx, HM_LOG_WARN, "a worker runs without sandbox", "job", work->name, NULL);
	if (work->args.n > HM_WORKER_ARGS)
		return hm_fail(cx, HM_LIMIT, "arguments of a worker are too long");
	HM_TRY(hm_worker_pipes_make(cx, &p));
	errno = spawn_worker(cx, &p, &gifts, work, &pid);
	if (errno)
		return hm_fail_os(cx, "could not start a worker");
	w.pid = pid;
	HM_TRY(hm_worker_attach(cx, &p, work->args, &w));
	*out = w;
	w = (struct hm_worker){ .in = -1, .out = -1 };
	return NULL;
}

hm_err hm_worker_start(struct hm_cx *cx, const char *name, struct hm_str args, uint64_t memory,
		       struct hm_worker *out)
{
	struct hm_work work = { .name = name, .args = args, .memory = memory };
	return hm_worker_start_with(cx, &work, out);
}

hm_err hm_worker_run(struct hm_cx *cx, const char *name, struct hm_str args, struct hm_str input,
		     struct hm_str *out)
{
	HM_AUTO_WORKER w = { .in = -1, .out = -1 };
	bool wants;
	HM_TRY(hm_worker_start(cx, name, args, 0, &w));
	HM_TRY(hm_worker_feed(cx, &w, input, &wants));
	return hm_worker_answer(cx, &w, out);
}
