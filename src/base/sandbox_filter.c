/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sandbox_filter PATH - writes the filters of system calls (sandbox.c) as tables in C, when the
 * program is built: libseccomp would take a tenth of a worker's time to make one.
 */
#include "base/sandbox_filter.h"

#include <errno.h>
#include <linux/filter.h>
#include <sched.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#define LEN(array) (sizeof(array) / sizeof(*(array)))

/* What readers of bytes need: memory, time, threads of their own, and the two pipes. */
static const int allowed_calls[] = {
	SCMP_SYS(read),
	SCMP_SYS(write),
	SCMP_SYS(readv),
	SCMP_SYS(writev),
	SCMP_SYS(close),
	SCMP_SYS(fstat),
	SCMP_SYS(lseek),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(madvise),
	SCMP_SYS(brk),
	SCMP_SYS(futex),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(sigaltstack),
	SCMP_SYS(set_robust_list),
	SCMP_SYS(rseq),
	SCMP_SYS(getrandom),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(nanosleep),
	SCMP_SYS(sched_yield),
	SCMP_SYS(sched_getaffinity),
	SCMP_SYS(getpid),
	SCMP_SYS(gettid),
	SCMP_SYS(set_tid_address),
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(getrusage),
	SCMP_SYS(uname),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(membarrier),
	SCMP_SYS(sysinfo),
	SCMP_SYS(arch_prctl),
	SCMP_SYS(geteuid),
	SCMP_SYS(getuid),
	SCMP_SYS(time),
};

/* What libraries try and can do without: an error instead of the end. */
static const int refused_calls[] = {
	SCMP_SYS(open),
	SCMP_SYS(openat),
	SCMP_SYS(stat),
	SCMP_SYS(lstat),
	SCMP_SYS(access),
	SCMP_SYS(newfstatat),
	SCMP_SYS(readlink),
	SCMP_SYS(readlinkat),
	SCMP_SYS(statx),
	SCMP_SYS(faccessat),
	SCMP_SYS(fcntl),
	SCMP_SYS(ioctl),
	SCMP_SYS(socket),
	SCMP_SYS(getcwd),
	SCMP_SYS(faccessat2),
	SCMP_SYS(sched_getparam),
	SCMP_SYS(sched_getscheduler),
};

/* What secret.h asks for, and OpenSSL's secure heap. */
static int add_secret_rules(scmp_filter_ctx f)
{
	struct scmp_arg_cmp dump = SCMP_A0_64(SCMP_CMP_EQ, PR_SET_DUMPABLE, 0);
	struct scmp_arg_cmp no = SCMP_A1_64(SCMP_CMP_EQ, 0, 0);
	int bad = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mlock), 0);
	bad |= seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mlock2), 0);
	bad |= seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(munlock), 0);
	bad |= seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 2, dump, no);
	return bad;
}

static int add_rules(scmp_filter_ctx f, bool sanitized)
{
	int bad = 0;
	for (size_t i = 0; i < LEN(allowed_calls); i++)
		bad |= seccomp_rule_add(f, SCMP_ACT_ALLOW, allowed_calls[i], 0);
	for (size_t i = 0; i < LEN(refused_calls); i++)
		bad |= seccomp_rule_add(f, SCMP_ACT_ERRNO(EACCES), refused_calls[i], 0);
	/* memory, but never executable; threads, but no processes; signals, but only to itself
	 * (abort); limits, but only its own, and only read */
	struct scmp_arg_cmp no_exec = SCMP_A2_64(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
	struct scmp_arg_cmp thread = SCMP_A0_64(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD);
	struct scmp_arg_cmp itself = SCMP_A0_64(SCMP_CMP_EQ, SANDBOX_ANY_PROCESS, 0);
	struct scmp_arg_cmp own = SCMP_A0_64(SCMP_CMP_EQ, 0, 0);
	struct scmp_arg_cmp no_new = SCMP_A2_64(SCMP_CMP_EQ, 0, 0);
	bad |= seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, no_exec);
	bad |= seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, no_exec);
	bad |= seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1, thread);
	bad |= seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 2, own, no_new);
	bad |= seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, itself);
	/* its flags are behind a pointer: glibc falls back to clone */
	bad |= seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	if (sanitized) /* names its shadow memory */
		bad |= seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 0);
	return bad;
}

static int write_table(FILE *to, const char *name, int fd)
{
	struct sock_filter f;
	int bad = fprintf(to, "\nstatic const struct sock_filter %s[] = {\n", name) < 0;
	while (!bad && read(fd, &f, sizeof(f)) == sizeof(f))
		bad = fprintf(to, "\t{ %#x, %u, %u, %#x },\n", f.code, f.jt, f.jf, f.k) < 0;
	return bad | (fputs("};\n", to) < 0);
}

static int write_filter(FILE *to, const char *name, bool keeps_secrets, bool sanitized)
{
	int fd = memfd_create("filter", MFD_CLOEXEC);
	scmp_filter_ctx f = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int bad = fd < 0 || !f || add_rules(f, sanitized) || (keeps_secrets && add_secret_rules(f));
	if (!bad)
		bad = seccomp_export_bpf(f, fd) || lseek(fd, 0, SEEK_SET) < 0 ||
		      write_table(to, name, fd);
	if (f)
		seccomp_release(f);
	if (fd >= 0)
		close(fd);
	return bad;
}

int main(int argc, char **argv)
{
	FILE *to = argc == 2 ? fopen(argv[1], "we") : NULL;
	int bad = !to || fputs("/* Written by sandbox_filter.c. */\n#if HM_SANITIZED\n", to) < 0;
	bad = bad || write_filter(to, "reader_filter", false, true) ||
	      write_filter(to, "keeper_filter", true, true) || fputs("#else\n", to) < 0 ||
	      write_filter(to, "reader_filter", false, false) ||
	      write_filter(to, "keeper_filter", true, false) || fputs("#endif\n", to) < 0;
	if (to)
		bad |= fclose(to) != 0;
	if (bad)
		fputs("sandbox_filter: could not write the filters of system calls\n", stderr);
	return bad ? EXIT_FAILURE : EXIT_SUCCESS;
}
