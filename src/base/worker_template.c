/* SPDX-License-Identifier: Apache-2.0 */
/* In the parent: a template is started, asked for copies, and given up. */
#include "base/worker_template.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/worker_parts.h"

enum { LARGE_INPUT = 64 * 1024 };

void hm_worker_template_init(struct hm_worker_template *t, const char *job)
{
	*t = (struct hm_worker_template){ .job = job, .socket = -1 };
	pthread_mutex_init(&t->lock, NULL);
}

static void end_child(int pid)
{
	if (pid <= 0)
		return;
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* Its copies are not its children, and go on; but for one that it had no time to hand over. */
static void end_process(struct hm_worker_template *t)
{
	hm_close_fd(&t->socket);
	end_child(t->pid);
	if (t->copy)
		end_child(atomic_load(t->copy));
	hm_worker_unshare(t->copy);
	t->copy = NULL;
	t->pid = 0;
}

void hm_worker_template_done(struct hm_worker_template *t)
{
	end_process(t);
	pthread_mutex_destroy(&t->lock);
}

/* A page that only those have who are given the descriptor, which is out of the way of where they
 * get it. */
static int open_shared(atomic_int **out)
{
	int raw = memfd_create("hullmark", MFD_CLOEXEC);
	int fd = raw < 0 ? -1 : fcntl(raw, F_DUPFD_CLOEXEC, HM_WORKER_FIRST + 1);
	hm_close_fd(&raw);
	*out = fd >= 0 && ftruncate(fd, sizeof(**out)) == 0 ? hm_worker_share(fd) : NULL;
	return fd;
}

static int spawn_process(const struct hm_worker_template *t, int socket, int shared, pid_t *out)
{
	char memory[32];
	char *environment[] = { NULL };
	const char *const argv[] = { "hullmark", HM_WORKER_TEMPLATE_FLAG, t->job, memory, NULL };
	const int fds[HM_WORKER_FIRST + 1] = { socket, socket, STDERR_FILENO, shared };
	snprintf(memory, sizeof(memory), "%llu", (unsigned long long)HM_MAX_WORKER_MEMORY);
	return hm_worker_spawn(argv, environment, fds, HM_LEN(fds), out);
}

static void start_process(struct hm_worker_template *t)
{
	int ends[2];
	if (t->socket >= 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return;
	pid_t pid = 0;
	int shared = open_shared(&t->copy);
	int bad = !t->copy || spawn_process(t, ends[1], shared, &pid);
	hm_close_fd(&shared);
	close(ends[1]);
	t->socket = ends[0];
	t->pid = pid;
	if (bad)
		end_process(t);
}

/* The process number of a copy with these ends; 0: no copy could be made. Under the lock. */
static hm_err ask_for_copy(struct hm_cx *cx, struct hm_worker_template *t, const int ends[2],
			   bool is_large, int *out)
{
	int pid = 0;
	*out = 0;
	if (t->socket < 0 || !hm_worker_send_ends(t->socket, ends, is_large))
		return NULL;
	HM_TRY(hm_worker_wait(cx, t->socket, POLLIN));
	if (recv(t->socket, &pid, sizeof(pid), 0) != sizeof(pid) || pid <= 0)
		return NULL;
	atomic_store(t->copy, 0);
	*out = pid;
	return NULL;
}

static hm_err start_copy(struct hm_cx *cx, struct hm_worker_template *t, struct hm_str args,
			 bool is_large, bool may_begin, struct hm_worker *w)
{
	HM_CLEANUP(hm_worker_pipes_done) struct hm_worker_pipes p = { { -1, -1 }, { -1, -1 } };
	w->job = t->job;
	HM_TRY(hm_worker_pipes_make(cx, &p));
	pthread_mutex_lock(&t->lock);
	if (may_begin)
		start_process(t);
	hm_err err = ask_for_copy(cx, t, (const int[]){ p.in[0], p.out[1] }, is_large, &w->pid);
	if (w->pid == 0) /* what it still has to say is of nobody's asking */
		end_process(t);
	pthread_mutex_unlock(&t->lock);
	return err || w->pid == 0 ? err : hm_worker_attach(cx, &p, args, w);
}

static void give_up(struct hm_worker_template *t)
{
	pthread_mutex_lock(&t->lock);
	end_process(t);
	pthread_mutex_unlock(&t->lock);
}

hm_err hm_worker_template_run(struct hm_cx *cx, struct hm_worker_template *t, struct hm_str args,
			      struct hm_str input, struct hm_str *out)
{
	HM_AUTO_WORKER w = { .in = -1, .out = -1, .died = true };
	bool wants;
	if (hm_worker_has_sandbox() && args.n <= HM_WORKER_ARGS)
		HM_TRY(start_copy(cx, t, args, input.n >= LARGE_INPUT, true, &w));
	if (w.pid == 0)
		return hm_worker_run(cx, t->job, args, input, out);
	hm_err err = hm_worker_feed(cx, &w, input, &wants);
	if (!err)
		err = hm_worker_answer(cx, &w, out);
	if (w.died)
		give_up(t);
	return err;
}

void hm_worker_template_begin(struct hm_worker_template *t)
{
	pthread_mutex_lock(&t->lock);
	if (hm_worker_has_sandbox())
		start_process(t);
	pthread_mutex_unlock(&t->lock);
}

hm_err hm_worker_template_start(struct hm_cx *cx, struct hm_worker_template *t, struct hm_str args,
				struct hm_worker *out)
{
	HM_AUTO_WORKER w = { .in = -1, .out = -1 };
	if (args.n <= HM_WORKER_ARGS)
		HM_TRY(start_copy(cx, t, args, false, false, &w));
	if (w.pid == 0)
		HM_TRY(hm_worker_start(cx, t->job, args, 0, &w));
	*out = w;
	out->died = true; /* until it has answered */
	w = (struct hm_worker){ .in = -1, .out = -1 };
	return NULL;
}

void hm_worker_template_end(struct hm_worker_template *t, const struct hm_worker *w)
{
	if (w->died)
		give_up(t);
}
