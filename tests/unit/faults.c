/* SPDX-License-Identifier: Apache-2.0 */
/* The calls are defined here under the C library's names, and go to the kernel, but for flushes:
 * no test takes the power away. */
#include "faults.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FOLDERS_MAX = 256 };

static struct {
	pthread_mutex_t lock;
	bool on, stays, watches;
	long n, count;
	int error;
	const char *only;
	char folders[FOLDERS_MAX][PATH_MAX];
	size_t folders_n;
	pthread_rwlock_t still; /* who writes it has every change of another thread wait */
} state = { .lock = PTHREAD_MUTEX_INITIALIZER, .still = PTHREAD_RWLOCK_INITIALIZER };

void faults_start(long n, int error, bool stays)
{
	pthread_mutex_lock(&state.lock);
	state.on = true;
	state.stays = stays;
	state.n = n;
	state.count = 0;
	state.error = error;
	pthread_mutex_unlock(&state.lock);
}

long faults_stop(void)
{
	pthread_mutex_lock(&state.lock);
	state.on = false;
	long count = state.count;
	pthread_mutex_unlock(&state.lock);
	return count;
}

void faults_only(const char *name)
{
	state.only = name;
}

/* Must this call fail? */
static bool fails(const char *name)
{
	bool is = false;
	pthread_mutex_lock(&state.lock);
	if (state.on && (!state.only || strcmp(state.only, name) == 0)) {
		state.count++;
		is = state.count == state.n || (state.stays && state.count > state.n);
	}
	pthread_mutex_unlock(&state.lock);
	if (is)
		errno = state.error;
	return is;
}

bool faults_copy(const char *from, const char *to)
{
	static char *const none[] = { NULL };
	char words[2][PATH_MAX];
	char name[] = "cp", all[] = "-a";
	int status;
	pid_t pid;
	snprintf(words[0], PATH_MAX, "%s", from);
	snprintf(words[1], PATH_MAX, "%s", to);
	char *const argv[] = { name, all, words[0], words[1], NULL };
	pthread_rwlock_wrlock(&state.still);
	bool copied = posix_spawnp(&pid, name, NULL, NULL, argv, none) == 0 &&
		      waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
		      WEXITSTATUS(status) == 0;
	pthread_rwlock_unlock(&state.still);
	return copied;
}

/* --- folders --- */

void faults_watch_folders(void)
{
	state.watches = true;
}

static void forget_folder(const char *path)
{
	for (size_t i = 0; i < state.folders_n;) {
		if (strcmp(state.folders[i], path) != 0) {
			i++;
			continue;
		}
		if (i != --state.folders_n)
			memcpy(state.folders[i], state.folders[state.folders_n], PATH_MAX);
	}
}

/* A name was made: its folder is to be flushed. */
static void note_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	if (!state.watches || !slash)
		return;
	pthread_mutex_lock(&state.lock);
	char folder[PATH_MAX];
	snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path);
	forget_folder(folder);
	if (state.folders_n < FOLDERS_MAX)
		memcpy(state.folders[state.folders_n++], folder, PATH_MAX);
	pthread_mutex_unlock(&state.lock);
}

static void note_flush(int fd)
{
	char name[64], path[PATH_MAX];
	if (!state.watches)
		return;
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	ssize_t n = readlink(name, path, sizeof(path) - 1);
	if (n <= 0)
		return;
	path[n] = '\0';
	pthread_mutex_lock(&state.lock);
	forget_folder(path);
	pthread_mutex_unlock(&state.lock);
}

const char *faults_find_unflushed(const char *where)
{
	const char *found = NULL;
	pthread_mutex_lock(&state.lock);
	for (size_t i = 0; i < state.folders_n && !found; i++)
		if (strncmp(state.folders[i], where, strlen(where)) == 0)
			found = state.folders[i];
	pthread_mutex_unlock(&state.lock);
	return found;
}

/* --- names --- */

static long names_left;

void faults_add_names(long n)
{
	names_left = n;
}

/* --- calls --- */

#define AS(name) __asm__(name)

/* The call itself: it happens before a copy of the files, or after it. */
#define CALL(...)                                    \
	({                                           \
		pthread_rwlock_rdlock(&state.still); \
		long result_ = syscall(__VA_ARGS__); \
		pthread_rwlock_unlock(&state.still); \
		result_;                             \
	})

ssize_t fault_write(int fd, const void *p, size_t n) AS("write");
ssize_t fault_write(int fd, const void *p, size_t n)
{
	return fails("write") ? -1 : CALL(SYS_write, fd, p, n);
}

ssize_t fault_pwrite(int fd, const void *p, size_t n, int64_t at) AS("pwrite");
ssize_t fault_pwrite(int fd, const void *p, size_t n, int64_t at)
{
	return fails("write") ? -1 : CALL(SYS_pwrite64, fd, p, n, at);
}

ssize_t fault_pwrite64(int fd, const void *p, size_t n, int64_t at) AS("pwrite64");
ssize_t fault_pwrite64(int fd, const void *p, size_t n, int64_t at)
{
	return fails("write") ? -1 : CALL(SYS_pwrite64, fd, p, n, at);
}

int fault_ftruncate(int fd, int64_t n) AS("ftruncate");
int fault_ftruncate(int fd, int64_t n)
{
	return fails("ftruncate") ? -1 : (int)CALL(SYS_ftruncate, fd, n);
}

int fault_ftruncate64(int fd, int64_t n) AS("ftruncate64");
int fault_ftruncate64(int fd, int64_t n)
{
	return fails("ftruncate") ? -1 : (int)CALL(SYS_ftruncate, fd, n);
}

int fault_fsync(int fd) AS("fsync");
int fault_fsync(int fd)
{
	if (fails("fsync"))
		return -1;
	note_flush(fd);
	return 0;
}

int fault_fdatasync(int fd) AS("fdatasync");
int fault_fdatasync(int fd)
{
	(void)fd;
	return fails("fsync") ? -1 : 0;
}

int fault_rename(const char *from, const char *to) AS("rename");
int fault_rename(const char *from, const char *to)
{
	if (fails("rename"))
		return -1;
	note_name(to);
	return (int)CALL(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int fault_link(const char *from, const char *to) AS("link");
int fault_link(const char *from, const char *to)
{
	if (fails("link"))
		return -1;
	note_name(to);
	return (int)CALL(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int fault_linkat(int from_fd, const char *from, int to_fd, const char *to, int flags) AS("linkat");
int fault_linkat(int from_fd, const char *from, int to_fd, const char *to, int flags)
{
	if (fails("link"))
		return -1;
	note_name(to);
	return (int)CALL(SYS_linkat, from_fd, from, to_fd, to, flags);
}

int fault_mkdir(const char *path, mode_t mode) AS("mkdir");
int fault_mkdir(const char *path, mode_t mode)
{
	if (fails("mkdir"))
		return -1;
	int failed = (int)CALL(SYS_mkdirat, AT_FDCWD, path, mode);
	if (!failed)
		note_name(path);
	return failed;
}

int fault_unlink(const char *path) AS("unlink");
int fault_unlink(const char *path)
{
	return fails("unlink") ? -1 : (int)CALL(SYS_unlinkat, AT_FDCWD, path, 0);
}

struct dirent64 *fault_readdir(DIR *d) AS("readdir64");
struct dirent64 *fault_readdir(DIR *d)
{
	static struct dirent64 absent = { .d_name = "0123456789abcdef0123456789abcdef" };
	static struct dirent64 *(*real)(DIR *);
	if (names_left > 0) {
		names_left--;
		return &absent;
	}
	if (!real) {
		void *found = dlsym(RTLD_NEXT, "readdir64");
		memcpy(&real, &found, sizeof(real));
	}
	return real(d);
}
