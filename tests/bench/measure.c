/* SPDX-License-Identifier: Apache-2.0 */
/*
 * measure [-n RUNS] -- COMMAND...: time a command over RUNS runs (5) after one to warm up, then run
 * it again and sample the memory of its whole process tree: once, or several times where it is over
 * before it could be looked at often. Prints, on one line: MEDIAN MIN MAX
 * (seconds) PEAK (KiB, the sum of the proportional set sizes of all its processes) The memory run
 * is a run of its own, so that sampling does not disturb the times. The command's standard output
 * goes nowhere. Fails where the command fails.
 */
#include <dirent.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { RUNS_MAX = 1000, TREE_MAX = 4096 };
/* Between samples; and how many there should be, in runs of a command that is short. */
enum { SAMPLE_US = 2000, SHORT_US = 100, SAMPLES = 100, SAMPLED_RUNS = 40 };

static double now(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static pid_t start(char **argv)
{
	pid_t pid;
	posix_spawn_file_actions_t a;
	posix_spawn_file_actions_init(&a);
	posix_spawn_file_actions_addopen(&a, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	int bad = posix_spawnp(&pid, argv[0], &a, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&a);
	if (bad) {
		fprintf(stderr, "measure: %s: %s\n", argv[0], strerror(bad));
		exit(2);
	}
	return pid;
}

static void check(char **argv, int status)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return;
	fprintf(stderr, "measure: %s ended with status %d\n", argv[0], status);
	exit(1);
}

struct member {
	pid_t pid, parent; /* parent: 0 of the first */
};

static long pss_of(pid_t pid)
{
	char path[64], line[256];
	long kib = 0;
	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", pid);
	FILE *f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		if (strncmp(line, "Pss:", 4) == 0) {
			kib = strtol(line + 4, NULL, 10);
			break;
		}
	}
	if (f)
		fclose(f);
	return kib;
}

/* Between posix_spawn() and exec the child runs in its parent's memory, which counts once. */
static bool is_in_memory_of(pid_t child, pid_t parent)
{
	return syscall(SYS_kcmp, child, parent, KCMP_VM, 0, 0) == 0;
}

/* Append the children of every thread of `pid`. */
static size_t add_children(pid_t pid, struct member *tree, size_t n)
{
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	DIR *d = opendir(path);
	for (const struct dirent *e = d ? readdir(d) : NULL; e; e = readdir(d)) {
		long tid = strtol(e->d_name, NULL, 10);
		char file[400], line[4096];
		if (tid <= 0)
			continue;
		snprintf(file, sizeof(file), "%s/%s/children", path, e->d_name);
		FILE *f = fopen(file, "re");
		if (f && fgets(line, sizeof(line), f)) {
			char *at = line, *end;
			for (long c = strtol(at, &end, 10); end != at && n < TREE_MAX;
			     c = strtol(at, &end, 10)) {
				tree[n++] = (struct member){ (pid_t)c, pid };
				at = end;
			}
		}
		if (f)
			fclose(f);
	}
	if (d)
		closedir(d);
	return n;
}

static long sample(pid_t root)
{
	static struct member tree[TREE_MAX];
	size_t n = 1;
	long sum = 0;
	tree[0] = (struct member){ root, 0 };
	for (size_t i = 0; i < n; i++) {
		const struct member *m = &tree[i];
		bool is_own = !m->parent || !is_in_memory_of(m->pid, m->parent);
		long pss = pss_of(m->pid);
		if (is_own && (!m->parent || !is_in_memory_of(m->pid, m->parent)))
			sum += pss;
		n = add_children(m->pid, tree, n);
	}
	return sum;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* The peak of one more run; adds the number of samples. */
static long watch(char **argv, unsigned pause, long *samples)
{
	long peak = 0;
	int status;
	pid_t pid = start(argv);
	while (waitpid(pid, &status, WNOHANG) == 0) {
		long kib = sample(pid);
		peak = kib > peak ? kib : peak;
		++*samples;
		usleep(pause);
	}
	check(argv, status);
	return peak;
}

int main(int argc, char **argv)
{
	static double seconds[RUNS_MAX];
	long runs = 5, peak = 0;
	int opt, status;
	while ((opt = getopt(argc, argv, "+n:")) != -1)
		runs = opt == 'n' ? strtol(optarg, NULL, 10) : 0;
	if (runs < 1 || runs > RUNS_MAX || optind >= argc) {
		fprintf(stderr, "usage: measure [-n RUNS] -- COMMAND...\n");
		return 2;
	}
	for (long i = -1; i < runs; i++) {
		double from = now();
		pid_t pid = start(argv + optind);
		waitpid(pid, &status, 0);
		check(argv + optind, status);
		if (i >= 0)
			seconds[i] = now() - from;
	}
	qsort(seconds, (size_t)runs, sizeof(*seconds), compare);
	bool is_short = seconds[runs / 2] * 1e6 < (double)SAMPLE_US * SAMPLES;
	long samples = 0;
	for (int i = 0; i < (is_short ? SAMPLED_RUNS : 1) && samples < SAMPLES; i++) {
		long kib = watch(argv + optind, is_short ? SHORT_US : SAMPLE_US, &samples);
		peak = kib > peak ? kib : peak;
	}
	printf("%.4f %.4f %.4f %ld\n", seconds[runs / 2], seconds[0], seconds[runs - 1], peak);
	return 0;
}
