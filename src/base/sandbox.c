/* SPDX-License-Identifier: Apache-2.0 */
#include "base/sandbox.h"

#include <errno.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"

/* Bits of later kernels, for headers of earlier ones (linux/landlock.h). */
enum {
	FS_ABI_1 = (1 << 13) - 1, /* execute .. make_sym */
	FS_ABI_2 = 1 << 13,       /* refer */
	FS_ABI_3 = 1 << 14,       /* truncate */
	FS_ABI_5 = 1 << 15,       /* ioctl_dev */
	NET_ABI_4 = 3,            /* bind, connect */
	SCOPE_ABI_6 = 3,          /* abstract unix sockets, signals */
};

static hm_err enter_landlock(struct hm_cx *cx)
{
	struct {
		uint64_t fs, net, scoped;
	} rules = { .fs = FS_ABI_1 };
	size_t size = sizeof(rules.fs);
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	if (abi < 1)
		return hm_fail(cx, HM_SYSTEM, "this kernel has no Landlock");
	rules.fs |= abi >= 2 ? FS_ABI_2 : 0U;
	rules.fs |= abi >= 3 ? FS_ABI_3 : 0U;
	rules.fs |= abi >= 5 ? FS_ABI_5 : 0U;
	rules.net = abi >= 4 ? NET_ABI_4 : 0U;
	rules.scoped = abi >= 6 ? SCOPE_ABI_6 : 0U;
	size += (abi >= 4 ? sizeof(rules.net) : 0) + (abi >= 6 ? sizeof(rules.scoped) : 0);
	HM_AUTO_FD fd = (int)syscall(SYS_landlock_create_ruleset, &rules, size, 0);
	if (fd < 0 || syscall(SYS_landlock_restrict_self, fd, 0) < 0)
		return hm_fail_os(cx, "could not enter Landlock");
	return NULL;
}

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

static int add_rules(scmp_filter_ctx f, uint32_t process)
{
	int bad = 0;
	for (size_t i = 0; i < HM_LEN(allowed_calls); i++)
		bad |= seccomp_rule_add(f, SCMP_ACT_ALLOW, allowed_calls[i], 0);
	for (size_t i = 0; i < HM_LEN(refused_calls); i++)
		bad |= seccomp_rule_add(f, SCMP_ACT_ERRNO(EACCES), refused_calls[i], 0);
	/* memory, but never executable; threads, but no processes; signals, but only to itself
	 * (abort); limits, but only its own, and only read */
	struct scmp_arg_cmp no_exec = SCMP_A2_64(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
	struct scmp_arg_cmp thread = SCMP_A0_64(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD);
	struct scmp_arg_cmp itself = SCMP_A0_64(SCMP_CMP_EQ, process, 0);
	struct scmp_arg_cmp own = SCMP_A0_64(SCMP_CMP_EQ, 0, 0);
	struct scmp_arg_cmp no_new = SCMP_A2_64(SCMP_CMP_EQ, 0, 0);
	bad |= seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, no_exec);
	bad |= seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, no_exec);
	bad |= seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1, thread);
	bad |= seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 2, own, no_new);
	bad |= seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, itself);
	/* its flags are behind a pointer: glibc falls back to clone */
	bad |= seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	if (HM_SANITIZED) /* names its shadow memory */
		bad |= seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 0);
	return bad;
}

static void filter_done(scmp_filter_ctx *f)
{
	if (*f)
		seccomp_release(*f);
}

static hm_err fail_filter(struct hm_cx *cx)
{
	return hm_fail(cx, HM_SYSTEM, "this kernel cannot filter system calls (seccomp)");
}

static hm_err enter_seccomp(struct hm_cx *cx, bool keeps_secrets)
{
	HM_CLEANUP(filter_done) scmp_filter_ctx f = seccomp_init(SCMP_ACT_KILL_PROCESS);
	if (!f || add_rules(f, (uint32_t)getpid()) || (keeps_secrets && add_secret_rules(f)) ||
	    seccomp_load(f))
		return fail_filter(cx);
	return NULL;
}

/* Stands in a filter for the number of the process. Numbers of processes are never that large. */
static const uint32_t any_process = 0x7e57ab1e;

/* The one place where the filter names the process. */
static hm_err find_process(struct hm_cx *cx, struct hm_sandbox *s)
{
	size_t found = 0;
	for (size_t i = 0; i < s->filter_n; i++) {
		const struct sock_filter *f = &s->filter[i];
		if (f->k != any_process)
			continue;
		s->process_at = i;
		found += f->code == (BPF_JMP | BPF_JEQ | BPF_K) ? 1 : 2;
	}
	return found == 1 ? NULL : fail_filter(cx);
}

/* As the kernel takes it. */
static hm_err export_filter(struct hm_cx *cx, scmp_filter_ctx f, struct hm_sandbox *s)
{
	struct hm_str bytes;
	HM_AUTO_FD fd = memfd_create("filter", MFD_CLOEXEC);
	if (fd < 0 || seccomp_export_bpf(f, fd) || lseek(fd, 0, SEEK_SET) < 0)
		return fail_filter(cx);
	HM_TRY(hm_read_fd(cx, fd, "filter", USHRT_MAX * sizeof(*s->filter), &bytes));
	s->filter_n = bytes.n / sizeof(*s->filter);
	s->filter = hm_new(cx, struct sock_filter, s->filter_n + 1);
	memcpy(s->filter, bytes.p, s->filter_n * sizeof(*s->filter));
	return find_process(cx, s);
}

static hm_err load_filter(struct hm_cx *cx, const struct hm_sandbox *s)
{
	struct sock_fprog program = { (unsigned short)s->filter_n, s->filter };
	s->filter[s->process_at].k = (uint32_t)getpid();
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0 ? fail_filter(cx)
									      : NULL;
}

/* Address space in use, from /proc/self/statm: the limit counts on top of it. */
static uint64_t address_space(void)
{
	char text[128];
	uint64_t pages = 0;
	FILE *f = fopen("/proc/self/statm", "re");
	if (f && fgets(text, sizeof(text), f)) {
		struct hm_str line = hm_cstr(text);
		if (!hm_u64(hm_cut(&line, ' '), UINT64_MAX / 65536, &pages))
			pages = 0;
	}
	if (f)
		fclose(f);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static hm_err set_limit(struct hm_cx *cx, int what, uint64_t value)
{
	struct rlimit r = { value, value };
	if (setrlimit((__rlimit_resource_t)what, &r) < 0)
		return hm_fail_os(cx, "could not limit a worker");
	return NULL;
}

hm_err hm_sandbox_no_dump(struct hm_cx *cx)
{
	return set_limit(cx, RLIMIT_CORE, 0);
}

static hm_err set_limits(struct hm_cx *cx, uint64_t memory, uint64_t space)
{
	HM_TRY(set_limit(cx, RLIMIT_CORE, 0));
	HM_TRY(set_limit(cx, RLIMIT_FSIZE, 0));
	HM_TRY(set_limit(cx, RLIMIT_CPU, HM_MAX_WORKER_SECONDS));
	if (!HM_SANITIZED) /* the sanitizers reserve terabytes */
		HM_TRY(set_limit(cx, RLIMIT_AS, space + memory));
	return NULL;
}

hm_err hm_sandbox_limits(struct hm_cx *cx, uint64_t memory)
{
	return set_limits(cx, memory, address_space());
}

/* All but the filter. */
static hm_err give_up(struct hm_cx *cx, uint64_t memory, uint64_t space)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return hm_fail_os(cx, "could not give up privileges");
	HM_TRY(set_limits(cx, memory, space));
	HM_TRY(enter_landlock(cx));
	if (!HM_SANITIZED) /* a terminal could be written to, and read */
		close(STDERR_FILENO);
	return set_limit(cx, RLIMIT_NOFILE, 3);
}

hm_err hm_sandbox_enter(struct hm_cx *cx, uint64_t memory, bool keeps_secrets)
{
	HM_TRY(give_up(cx, memory, address_space()));
	return enter_seccomp(cx, keeps_secrets);
}

hm_err hm_sandbox_prepare(struct hm_cx *cx, bool keeps_secrets, struct hm_sandbox *out)
{
	HM_CLEANUP(filter_done) scmp_filter_ctx f = seccomp_init(SCMP_ACT_KILL_PROCESS);
	if (!f || add_rules(f, any_process) || (keeps_secrets && add_secret_rules(f)))
		return fail_filter(cx);
	HM_TRY(export_filter(cx, f, out));
	out->space = address_space();
	return NULL;
}

hm_err hm_sandbox_enter_prepared(struct hm_cx *cx, uint64_t memory, const struct hm_sandbox *s)
{
	HM_TRY(give_up(cx, memory, s->space));
	return load_filter(cx, s);
}
