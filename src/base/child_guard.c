/* SPDX-License-Identifier: Apache-2.0 */
/*
 * After fork(), in a process that may have had threads: nothing is called here but the system. No
 * memory is allocated, no lock is taken; what secrets there were are gone (MADV_WIPEONFORK).
 */
#include "base/child_guard.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { REPORT = 3, NOT_RUN = 127, ENDED_BY_SIGNAL = 128 };

_Noreturn static void report(int why)
{
	ssize_t put = write(REPORT, &why, sizeof(why));
	(void)put; /* nobody is there to be told */
	_exit(NOT_RUN);
}

/* What is ignored would stay so in the program, and nobody can wait for a child where SIGCHLD is.
 */
static void set_default_signals(void)
{
	struct sigaction plain = { .sa_handler = SIG_DFL };
	for (int s = 1; s < NSIG; s++)
		sigaction(s, &plain, NULL);
}

/* The parent may have ended before the kernel was asked to tell. */
static void end_with_parent(int sig, pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, sig) < 0)
		report(errno);
	if (getppid() != parent)
		_exit(NOT_RUN);
}

_Noreturn static void become_program(const struct hm_child *c, pid_t guard)
{
	sigset_t none;
	sigemptyset(&none);
	setpgid(0, 0);
	end_with_parent(SIGKILL, guard);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execve(c->path, (char *const *)(uintptr_t)c->arguments,
	       (char *const *)(uintptr_t)c->environment);
	report(errno);
}

/* The program's three descriptors, the report, and nothing else. */
static void keep_ends(const struct hm_guard_ends *e)
{
	if (dup2(e->in, STDIN_FILENO) < 0 || dup2(e->out, STDOUT_FILENO) < 0 ||
	    dup2(e->err, STDERR_FILENO) < 0 || dup3(e->report, REPORT, O_CLOEXEC) < 0)
		_exit(NOT_RUN);
	if (close_range(REPORT + 1, ~0U, 0) < 0)
		report(errno);
}

/* Until the program has ended, or is to be. */
static void wait_for_end(pid_t program)
{
	siginfo_t ended = { 0 };
	sigset_t awaited;
	sigemptyset(&awaited);
	sigaddset(&awaited, SIGCHLD);
	sigaddset(&awaited, SIGTERM);
	while (ended.si_pid != program && sigwaitinfo(&awaited, NULL) != SIGTERM)
		if (waitid(P_PID, (id_t)program, &ended, WEXITED | WNOHANG | WNOWAIT) < 0)
			return;
}

/* Its group goes before it is reaped: until then nobody else has that number. */
static int end_program(pid_t program)
{
	int status = 0;
	kill(-program, SIGKILL);
	while (waitpid(program, &status, 0) < 0)
		if (errno != EINTR)
			return NOT_RUN;
	return WIFSIGNALED(status) ? ENDED_BY_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
}

/* In a group of its own, so that what is sent to ours does not reach it. */
_Noreturn static void guard_program(const struct hm_child *c, const struct hm_guard_ends *e,
				    pid_t parent)
{
	setpgid(0, 0);
	keep_ends(e);
	set_default_signals();
	end_with_parent(SIGTERM, parent);
	pid_t self = getpid(), program = fork();
	if (program == 0)
		become_program(c, self);
	if (program < 0)
		report(errno);
	setpgid(program, program); /* whichever of the two is first */
	close_range(STDIN_FILENO, STDERR_FILENO, 0);
	wait_for_end(program);
	_exit(end_program(program));
}

/* All signals wait meanwhile: one that came to the guard before it listens must not be lost. */
int hm_guard_start(const struct hm_child *c, const struct hm_guard_ends *ends, pid_t *out)
{
	sigset_t all, before;
	pid_t parent = getpid();
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pid_t guard = fork();
	if (guard == 0)
		guard_program(c, ends, parent);
	int bad = guard < 0 ? errno : 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!bad)
		*out = guard;
	return bad;
}
