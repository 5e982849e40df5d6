/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whoever ends us while scripts run in a container leaves no copy of the image behind. The signal
 * does then what it would have done.
 */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/child.h"
#include "repair/container.h"

enum { FOLDERS = 32 }; /* of images that are patched at the same time; of more, some stay */

static const int ends[] = { SIGINT, SIGTERM, SIGHUP };
static struct sigaction before[HM_LEN(ends)];
static _Atomic(const char *) folders[FOLDERS];
static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;
static size_t watched;

/* Async-signal-safe: _Fork(), execve(), waitpid(), sigaction() and raise() are (POSIX, 2.4.3). */
static void remove_folders(int number)
{
	const char *args[FOLDERS + 4] = { "rm", "-rf", "--" };
	char *none[] = { NULL };
	size_t n = 3;
	for (size_t i = 0; i < FOLDERS; i++)
		if ((args[n] = atomic_load(&folders[i])))
			n++;
	args[n] = NULL;
	pid_t pid = _Fork();
	if (pid == 0) {
		execve("/bin/rm", (char *const *)(uintptr_t)args, none);
		hm_child_exit(127);
	}
	if (pid > 0)
		(void)waitpid(pid, NULL, 0);
	for (size_t i = 0; i < HM_LEN(ends); i++)
		if (ends[i] == number)
			sigaction(number, &before[i], NULL);
	raise(number); /* taken when this returns */
}

static void watch(void)
{
	struct sigaction act = { .sa_handler = remove_folders, .sa_flags = SA_RESTART };
	sigemptyset(&act.sa_mask);
	for (size_t i = 0; i < HM_LEN(ends); i++) {
		sigaction(ends[i], NULL, &before[i]);
		if (before[i].sa_handler != SIG_IGN) /* nohup(1) */
			sigaction(ends[i], &act, NULL);
	}
}

void repair_container_watch(const char *folder)
{
	pthread_mutex_lock(&guard);
	for (size_t i = 0; i < FOLDERS; i++)
		if (!atomic_load(&folders[i])) {
			atomic_store(&folders[i], folder);
			if (!watched++)
				watch();
			break;
		}
	pthread_mutex_unlock(&guard);
}

void repair_container_unwatch(const char *folder)
{
	pthread_mutex_lock(&guard);
	for (size_t i = 0; i < FOLDERS; i++)
		if (atomic_load(&folders[i]) == folder) {
			atomic_store(&folders[i], NULL);
			watched--;
			for (size_t k = 0; !watched && k < HM_LEN(ends); k++)
				sigaction(ends[k], &before[k], NULL);
			break;
		}
	pthread_mutex_unlock(&guard);
}
