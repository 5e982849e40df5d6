/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A worker that is a copy of its parent. What the parent's user gave it, and nobody else, is in the
 * copy at first: handlers of signals, words of the command line, environment and descriptors are
 * taken from it before it enters its sandbox. Secrets (secret.h) never are in it.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/single_threaded.h>

#include "base/file.h"
#include "base/log.h"
#include "base/worker_parts.h"

/* Where the kernel has put the words of the command line, and the environment behind them. */
static struct {
	char *p;
	size_t n;
} words;

static void add_words(char **list)
{
	for (; *list; list++)
		if (*list == words.p + words.n)
			words.n += strlen(*list) + 1;
}

void hm_worker_know_words(char **argv)
{
	words.p = argv[0];
	words.n = 0;
	if (!words.p)
		return;
	add_words(argv);
	add_words(environ);
}

bool hm_worker_can_fork(void)
{
	return words.p && __libc_single_threaded;
}

/* What the process would have been called, as far as there is room. */
static void forget_words(const struct hm_job *job)
{
	static char *none[] = { NULL };
	char name[128];
	int n = snprintf(name, sizeof(name), "hullmark%c%s%c%s", 0, HM_WORKER_FLAG, 0, job->name);
	environ = none;
	hm_wipe(words.p, words.n);
	if (n > 0 && (size_t)n < words.n)
		memcpy(words.p, name, (size_t)n);
}

/* As in a program that was just started. */
static void forget_handlers(void)
{
	for (int s = 1; s < NSIG; s++) {
		struct sigaction a;
		if (sigaction(s, NULL, &a) < 0 || a.sa_handler == SIG_IGN ||
		    a.sa_handler == SIG_DFL)
			continue;
		a = (struct sigaction){ .sa_handler = SIG_DFL };
		sigaction(s, &a, NULL);
	}
}

/* From 0 on, and nothing else. An end is never where another one goes before it. */
static bool take_descriptors(const int *fds, size_t fds_n)
{
	for (int i = 0; i < (int)fds_n; i++) {
		if (fds[i] < 0)
			close(i);
		else if (fds[i] != i && dup2(fds[i], i) < 0)
			return false;
	}
	return close_range((unsigned)fds_n, ~0U, 0) == 0;
}

static _Noreturn void be_copy(const struct hm_worker_forked *f)
{
	sigset_t none;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	forget_handlers();
	forget_words(f->job);
	hm_log_setup((struct hm_log_config){ .level = HM_LOG_WARN });
	if (take_descriptors(f->fds, f->fds_n)) {
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		f->body(f);
	}
	_exit(EXIT_FAILURE);
}

int hm_worker_fork(const struct hm_worker_forked *f, pid_t *out)
{
	sigset_t all, before;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before); /* our handlers are not the copy's */
	pid_t pid = fork();
	int bad = pid < 0 ? errno : 0;
	if (pid == 0)
		be_copy(f);
	sigprocmask(SIG_SETMASK, &before, NULL);
	*out = pid;
	return bad;
}
