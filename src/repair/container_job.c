/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The process that starts the container. It makes a user namespace, in which everybody is somebody
 * whom this machine does not know, and bubblewrap the rest. It has one thread, so that it may fork.
 *
 * Sources: user_namespaces(7), newuidmap(1), subuid(5), bwrap(1).
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/child.h"
#include "base/file.h"
#include "base/worker.h"
#include "repair/container.h"
#include "repair/repair.h"

enum {
	NUMBERS = 65536,
	FIRST_OF_ROOT = 0x30000000, /* of nobody, unless an administrator has given them away */
	PROCESSES = 400,
	STEP_MS = 200,
	SECONDS = 900,
};

struct start {
	struct hm_str dir, size;
	int ready[2], mapped[2]; /* the child is in its namespace; its numbers are mapped */
	const char *bwrap;
};
struct args { /* ended by NULL */
	const char **p;
	size_t n, cap;
};

static const char *find_program(const char *const *paths)
{
	while (*paths && access(*paths, X_OK))
		paths++;
	return *paths;
}

/* ------------------------------------------------------------------ in the child */

static void limit(int what, rlim_t most)
{
	const struct rlimit r = { most, most };
	(void)setrlimit((__rlimit_resource_t)what, &r);
}

/* The folder's archives stay open: their place is a link to the descriptor, which its root may
 * follow where it may not enter our folders. The small files are copied. */
static bool give_file(struct hm_cx *cx, const struct start *s, struct hm_str name, struct args *a)
{
	const char *from = hm_fmt(cx, "%.*s/in/%.*s", HM_FMT(s->dir), HM_FMT(name)).p;
	int fd = open(from, O_RDONLY);
	(void)unlink(from); /* nothing is left when all of us are killed */
	const char *number = hm_fmt(cx, "%d", fd).p, *to = hm_fmt(cx, "/in/%.*s", HM_FMT(name)).p;
	bool archive = hm_starts(name, HM_STR("base.")) || hm_eqz(name, "new.tar");
	*hm_push(cx, a) = archive ? "--symlink" : "--ro-bind-data";
	*hm_push(cx, a) = archive ? hm_fmt(cx, "/proc/self/fd/%s", number).p : number;
	*hm_push(cx, a) = to;
	return fd >= 0;
}

static const char *const head[] = {
	"bwrap",
	"--unshare-pid",
	"--unshare-net",
	"--unshare-ipc",
	"--unshare-uts",
	"--die-with-parent",
	"--unshare-cgroup-try",
	"--ro-bind",
	"/usr",
	"/usr",
	"--ro-bind-try",
	"/bin",
	"/bin",
	"--ro-bind-try",
	"/sbin",
	"/sbin",
	"--ro-bind-try",
	"/lib",
	"/lib",
	"--ro-bind-try",
	"/lib64",
	"/lib64",
	"--proc",
	"/proc",
	"--dev",
	"/dev",
	"--dir",
	"/in",
	"--dir",
	"/tmp",
};

static hm_err make_args(struct hm_cx *cx, const struct start *s, struct args *a)
{
	static const char *const tops[] = { "/r", "/s", "/w" };
	static const char *const tail[] = { "--chdir", "/",          "--clearenv",
					    "/bin/sh", "/in/driver", NULL };
	struct hm_strs names = { 0 };
	HM_TRY(hm_list_dir(cx, hm_fmt(cx, "%.*s/in", HM_FMT(s->dir)).p, 100000, &names));
	for (size_t i = 0; i < HM_LEN(head); i++)
		*hm_push(cx, a) = head[i];
	for (size_t i = 0; i < HM_LEN(tops); i++) {
		*hm_push(cx, a) = "--size";
		*hm_push(cx, a) = s->size.p;
		*hm_push(cx, a) = "--tmpfs";
		*hm_push(cx, a) = tops[i];
	}
	for (size_t i = 0; i < names.n; i++)
		if (!give_file(cx, s, names.p[i], a))
			return hm_fail_os(cx, "could not give a file to the container");
	for (size_t i = 0; i < HM_LEN(tail); i++)
		*hm_push(cx, a) = tail[i];
	return NULL;
}

static int open_own(struct hm_cx *cx, const struct start *s, const char *name)
{
	return open(hm_fmt(cx, "%.*s/%s", HM_FMT(s->dir), name).p,
		    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
}

static void be_child(struct hm_cx *cx, const struct start *s)
{
	static char *const none[] = { NULL };
	struct args args = { 0 };
	char c = 0;
	int out = open_own(cx, s, "out"), log = open_own(cx, s, "log");
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (make_args(cx, s, &args) || out < 0 || log < 0 || null < 0 || unshare(CLONE_NEWUSER) ||
	    write(s->ready[1], "", 1) != 1 || read(s->mapped[0], &c, 1) != 1)
		hm_child_exit(120);
	if (setresgid(0, 0, 0) || setgroups(0, NULL) || setresuid(0, 0, 0))
		hm_child_exit(121);
	(void)setsid(); /* no terminal is theirs */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	limit(RLIMIT_NPROC, PROCESSES);
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_AS, (rlim_t)HM_MAX_SCRIPT_MEMORY);
	limit(RLIMIT_FSIZE, (rlim_t)HM_MAX_SCRIPT_DISK * 4);
	if (dup2(null, 0) < 0 || dup2(out, 1) < 0 || dup2(log, 2) < 0)
		hm_child_exit(122);
	execve(s->bwrap, (char *const *)(uintptr_t)args.p, none);
	hm_child_exit(123);
}

/* ------------------------------------------------------------------ its numbers */

static hm_err write_map(struct hm_cx *cx, pid_t pid, const char *name, struct hm_str text)
{
	HM_AUTO_FD fd = open(hm_fmt(cx, "/proc/%d/%s", pid, name).p, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, text.p, text.n) != (ssize_t)text.n)
		return hm_fail(cx, HM_SYSTEM, "could not map the numbers of users: %s",
			       strerror(errno));
	return NULL;
}

/* "USER:FIRST:COUNT" lines; by the user's number or name. */
static hm_err find_range(struct hm_cx *cx, const char *file, struct hm_str user, uint64_t *out)
{
	struct hm_str text, id = hm_fmt(cx, "%u", (unsigned)getuid());
	uint64_t count;
	HM_TRY(hm_read_file(cx, file, HM_MIB, &text));
	while (text.n) {
		struct hm_str line = hm_line(&text), who = hm_cut(&line, ':');
		struct hm_str first = hm_cut(&line, ':');
		if ((hm_eq(who, id) || (user.n && hm_eq(who, user))) &&
		    hm_u64(first, UINT32_MAX, out) && hm_u64(line, UINT32_MAX, &count) &&
		    count >= NUMBERS - 1)
			return NULL;
	}
	return hm_hint(cx,
		       hm_fail(cx, HM_DENIED, "\"%s\" gives this user no numbers for a container",
			       file),
		       "usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER");
}

static hm_err run_mapper(struct hm_cx *cx, const char *program, pid_t pid, unsigned own,
			 uint64_t first)
{
	int status = 0;
	const char *const args[] = { program,
				     hm_fmt(cx, "%d", pid).p,
				     "0",
				     hm_fmt(cx, "%u", own).p,
				     "1",
				     "1",
				     hm_fmt(cx, "%llu", (unsigned long long)first).p,
				     hm_fmt(cx, "%d", NUMBERS - 1).p,
				     NULL };
	pid_t child = fork();
	if (child == 0) {
		execv(hm_fmt(cx, "/usr/bin/%s", program).p, (char *const *)(uintptr_t)args);
		hm_child_exit(127);
	}
	if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status) ||
	    WEXITSTATUS(status))
		return hm_hint(cx,
			       hm_fail(cx, HM_SYSTEM, "%s could not map the numbers of users",
				       program),
			       "install uidmap");
	return NULL;
}

static hm_err map_numbers(struct hm_cx *cx, pid_t pid)
{
	uint64_t users, groups;
	if (geteuid() == 0) {
		struct hm_str map = hm_fmt(cx, "0 %d %d\n", FIRST_OF_ROOT, NUMBERS);
		HM_TRY(write_map(cx, pid, "uid_map", map));
		return write_map(cx, pid, "gid_map", map);
	}
	const char *name = getenv("USER");
	HM_TRY(find_range(cx, "/etc/subuid", hm_cstr(name), &users));
	HM_TRY(find_range(cx, "/etc/subgid", hm_cstr(name), &groups));
	HM_TRY(run_mapper(cx, "newuidmap", pid, getuid(), users));
	return run_mapper(cx, "newgidmap", pid, getgid(), groups);
}

/* ------------------------------------------------------------------ the job */

/* Until it ends; our parent's end ends it, too (it is killed with us). */
static hm_err wait_for(struct hm_cx *cx, pid_t pid, int *out_status)
{
	for (int64_t ms = 0; ms < (int64_t)SECONDS * 1000; ms += STEP_MS) {
		pid_t got = waitpid(pid, out_status, WNOHANG);
		if (got == pid)
			return NULL;
		if (got < 0)
			return hm_fail_os(cx, "could not wait for the container");
		(void)poll(NULL, 0, STEP_MS);
	}
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, out_status, 0);
	return hm_fail(cx, HM_LIMIT, "the scripts took longer than %d seconds", SECONDS);
}

static hm_err run_child(struct hm_cx *cx, const struct start *s)
{
	char c = 0;
	int status = 0;
	pid_t pid = fork();
	if (pid == 0) {
		be_child(cx, s);
		hm_child_exit(124);
	}
	if (pid < 0)
		return hm_fail_os(cx, "could not start the container");
	close(s->ready[1]);
	hm_err err = NULL;
	if (read(s->ready[0], &c, 1) != 1)
		err = hm_fail(cx, HM_DENIED, "this machine allows no user namespaces");
	if (!err)
		err = map_numbers(cx, pid);
	if (!err && write(s->mapped[1], "", 1) != 1)
		err = hm_fail_os(cx, "could not start the container");
	if (err) {
		(void)kill(pid, SIGKILL);
		(void)waitpid(pid, &status, 0);
		return err;
	}
	HM_TRY(wait_for(cx, pid, &status));
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return NULL;
	struct hm_str log = HM_STR("");
	hm_err unread = hm_read_file(cx, hm_fmt(cx, "%.*s/log", HM_FMT(s->dir)).p, HM_MIB, &log);
	log = hm_trim(unread ? HM_STR("") : hm_sub(log, 0, 800));
	return hm_fail(cx, HM_DENIED, "scripts in the container: %.*s",
		       HM_FMT(log.n ? log : HM_STR("it could not be started")));
}

hm_err repair_container_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	static const char *const places[] = { "/usr/bin/bwrap", "/usr/local/bin/bwrap", NULL };
	struct hm_cur c = hm_cur(args);
	struct start s = { .bwrap = find_program(places) };
	(void)in;
	(void)out;
	s.dir = hm_cstr(hm_dupz(cx, hm_take_str(&c, hm_uvarint(&c))));
	s.size = hm_cstr(hm_dupz(cx, hm_take_str(&c, hm_uvarint(&c))));
	if (c.bad || !s.bwrap)
		return hm_fail(cx, HM_ABSENT, "there is no bwrap");
	if (pipe2(s.ready, O_CLOEXEC) || pipe2(s.mapped, O_CLOEXEC))
		return hm_fail_os(cx, "could not start the container");
	return run_child(cx, &s);
}
