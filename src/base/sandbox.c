/* SPDX-License-Identifier: Apache-2.0 */
#include "base/sandbox.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/sandbox_filter.h"
#include "sandbox-filters.h" /* reader_filter, keeper_filter */

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

static hm_err fail_filter(struct hm_cx *cx)
{
	return hm_fail(cx, HM_SYSTEM, "this kernel cannot filter system calls (seccomp)");
}

/* A copy, in which the one place that names the process is found. */
static hm_err copy_filter(struct hm_cx *cx, const struct sock_filter *f, size_t n,
			  struct hm_sandbox *s)
{
	size_t found = 0;
	s->filter = hm_new(cx, struct sock_filter, n);
	s->filter_n = n;
	memcpy(s->filter, f, n * sizeof(*f));
	for (size_t i = 0; i < n; i++) {
		if (f[i].k != SANDBOX_ANY_PROCESS)
			continue;
		s->process_at = i;
		found += f[i].code == (BPF_JMP | BPF_JEQ | BPF_K) ? 1 : 2;
	}
	return found == 1 ? NULL : fail_filter(cx);
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

hm_err hm_sandbox_prepare(struct hm_cx *cx, bool keeps_secrets, struct hm_sandbox *out)
{
	if (keeps_secrets)
		HM_TRY(copy_filter(cx, keeper_filter, HM_LEN(keeper_filter), out));
	else
		HM_TRY(copy_filter(cx, reader_filter, HM_LEN(reader_filter), out));
	out->space = address_space();
	return NULL;
}

hm_err hm_sandbox_enter_prepared(struct hm_cx *cx, uint64_t memory, const struct hm_sandbox *s)
{
	HM_TRY(give_up(cx, memory, s->space));
	return load_filter(cx, s);
}

hm_err hm_sandbox_enter(struct hm_cx *cx, uint64_t memory, bool keeps_secrets)
{
	struct hm_sandbox s = { 0 };
	HM_TRY(hm_sandbox_prepare(cx, keeps_secrets, &s));
	return hm_sandbox_enter_prepared(cx, memory, &s);
}
