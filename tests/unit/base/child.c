/* SPDX-License-Identifier: Apache-2.0 */
/* Programs of others: what they get, what they give, and when they are stopped. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/child.h"

static const char *const environment[] = { "PATH=/usr/bin:/bin", "A=b", NULL };

static hm_err run_shell(struct hm_cx *cx, const char *script, struct hm_str input, int64_t patience,
			struct hm_child_end *out)
{
	const char *arguments[] = { "sh", "-c", script, NULL };
	struct hm_child c = { .path = "/bin/sh",
			      .arguments = arguments,
			      .environment = environment,
			      .input = input,
			      .max_output = 100000,
			      .patience = patience };
	return hm_child_run(cx, &c, out);
}

static const struct end_case {
	const char *label, *script, *out, *err;
	int status;
} ends[] = {
	{ "what it prints", "echo a; echo b >&2", "a\n", "b\n", 0 },
	{ "its status", "exit 7", "", "", 7 },
	{ "a signal", "kill -SEGV $$", "", "", 128 + SIGSEGV },
	{ "the request", "cat", "request", "", 0 },
	{ "the end of the request", "read x; read y || echo \"$x\"", "x\n", "", 0 },
	{ "a request that nobody reads", "exec <&-; echo done", "done\n", "", 0 },
	{ "its environment and no more", "env | grep -v ^PWD= | grep -v ^_= | sort",
	  "A=b\nPATH=/usr/bin:/bin\n", "", 0 },
	{ "no descriptor of ours",
	  "for i in 3 4 5 6 7 8 9 10 11 12 20 50; do test -e /proc/$$/fd/$i && echo $i; done; true",
	  "", "", 0 },
	{ "default signals", "kill -PIPE $$; echo alive", "", "", 128 + SIGPIPE },
	{ "a group of its own", "test \"$(ps -o pgid= -p $$ | tr -d ' ')\" = $$ && echo own",
	  "own\n", "", 0 },
	{ "what it leaves behind does not keep us", "sleep 50 & echo a", "a\n", "", 0 },
	{ "outputs that it closed", "exec >&- 2>&-; sleep 0.1; exit 3", "", "", 3 },
};

static void end(void **state)
{
	const struct end_case *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct hm_child_end e;
	HM_AUTO_FD fd = open("/dev/null", O_RDONLY); /* without O_CLOEXEC */
	assert_true(fd >= 0);
	struct hm_str input =
		strcmp(t->label, "the end of the request") == 0 ? HM_STR("x") : HM_STR("request");
	assert_ok(run_shell(&cx, t->script, input, 20 * HM_SECOND, &e));
	assert_strz(e.out, t->out);
	assert_strz(e.err, t->err);
	assert_int_equal(e.status, t->status);
}

/* More than a pipe holds, both ways at once. */
static void much(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct hm_child_end e;
	char *bytes = hm_new(&cx, char, 4 * HM_MIB);
	memset(bytes, 'x', 4 * HM_MIB);
	assert_fault(run_shell(&cx, "wc -c; head -c 100000 /dev/zero", hm_bytes(bytes, 4 * HM_MIB),
			       20 * HM_SECOND, &e),
		     HM_LIMIT, "more than 100000 bytes");
	assert_ok(run_shell(&cx, "wc -c; head -c 99000 /dev/zero; head -c 100000 /dev/zero >&2",
			    hm_bytes(bytes, 4 * HM_MIB), 20 * HM_SECOND, &e));
	assert_true(hm_starts(e.out, HM_STR("4194304\n")));
	assert_int_equal(e.out.n, 99000 + strlen("4194304\n"));
	assert_int_equal(e.err.n, 100000);
}

static const struct stop_case {
	const char *label, *script;
	enum hm_code code;
	const char *why;
} stops[] = {
	{ "a program that hangs", "sleep 50", HM_BUSY, "did not end within" },
	{ "one that ignores what it is told", "trap '' TERM INT HUP; sleep 50; sleep 50", HM_BUSY,
	  "did not end within" },
	{ "one that closed its outputs", "exec >&- 2>&-; sleep 50", HM_BUSY, "did not end within" },
	{ "one that reads for ever", "exec tail -f /dev/null", HM_BUSY, "did not end within" },
	{ "one that prints for ever", "exec cat /dev/zero", HM_LIMIT, "more than 100000 bytes" },
	{ "errors for ever", "exec cat /dev/zero >&2", HM_LIMIT, "more than 100000 bytes" },
};

static void stop(void **state)
{
	const struct stop_case *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct hm_child_end e;
	int64_t began = hm_mono();
	assert_fault(run_shell(&cx, t->script, HM_STR("x"), HM_SECOND, &e), t->code, t->why);
	assert_true(hm_mono() - began < 15 * HM_SECOND);
}

/* It may be a zombie that nobody has reaped yet. */
static bool is_alive(struct hm_cx *cx, uint64_t pid)
{
	struct hm_str stat;
	const char *path = hm_fmt(cx, "/proc/%d/stat", (int)pid).p;
	return !hm_read_file(cx, path, 4096, &stat) && hm_find(stat, HM_STR(") Z ")) == SIZE_MAX;
}

/* The numbers of processes in a file, a line each: none of them is there in five seconds. */
static void assert_all_gone(struct hm_cx *cx, const char *file, size_t wanted)
{
	struct hm_str text, rest;
	uint64_t pid;
	size_t n = 0;
	assert_ok(hm_read_file(cx, file, 1000, &text));
	for (rest = hm_trim(text); rest.n; n++) {
		bool alive = true;
		assert_true(hm_u64(hm_cut(&rest, '\n'), INT32_MAX, &pid));
		for (unsigned i = 0; i < 50 && alive; i++) {
			alive = is_alive(cx, pid);
			if (alive)
				usleep(100000);
		}
		assert_false(alive);
	}
	assert_int_equal(n, wanted);
}

/* With all that it started. */
static void stop_all(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct hm_child_end e;
	const char *file = hm_path(&cx, unit_temp_dir(), "pid");
	assert_fault(run_shell(&cx, hm_fmt(&cx, "sleep 50 & echo $! >%s; sleep 50", file).p,
			       HM_STR(""), HM_SECOND, &e),
		     HM_BUSY, "was stopped");
	assert_all_gone(&cx, file, 1);
}

/* Also when it ended well. */
static void leave_nothing(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct hm_child_end e;
	const char *file = hm_path(&cx, unit_temp_dir(), "pid");
	assert_ok(run_shell(&cx, hm_fmt(&cx, "sleep 50 & echo $! >%s", file).p, HM_STR(""),
			    20 * HM_SECOND, &e));
	assert_all_gone(&cx, file, 1);
}

/* --- who started it is killed --- */

static const struct kill_case {
	const char *label, *script; /* writes the numbers of its processes to $F, and then $F.all */
	int sig;
	size_t processes;
} kills[] = {
	{ "one that sleeps: SIGKILL", "echo $$ >$F; touch $F.all; exec sleep 50", SIGKILL, 1 },
	{ "one that sleeps: SIGTERM", "echo $$ >$F; touch $F.all; exec sleep 50", SIGTERM, 1 },
	{ "one that sleeps: SIGINT", "echo $$ >$F; touch $F.all; exec sleep 50", SIGINT, 1 },
	{ "one that forks: SIGKILL",
	  "echo $$ >$F; (sleep 50 & echo $! >>$F; sleep 50) & echo $! >>$F; sleep 0.2; touch $F.all; sleep 50",
	  SIGKILL, 3 },
	{ "one that forks: SIGTERM",
	  "echo $$ >$F; (sleep 50 & echo $! >>$F; sleep 50) & echo $! >>$F; sleep 0.2; touch $F.all; sleep 50",
	  SIGTERM, 3 },
	{ "one that forks: SIGINT",
	  "echo $$ >$F; (sleep 50 & echo $! >>$F; sleep 50) & echo $! >>$F; sleep 0.2; touch $F.all; sleep 50",
	  SIGINT, 3 },
	{ "one that ignores all it can: SIGKILL",
	  "trap '' TERM INT HUP PIPE CHLD; echo $$ >$F; touch $F.all; exec sleep 50", SIGKILL, 1 },
	{ "one that does not read: SIGHUP", "exec <&-; echo $$ >$F; touch $F.all; exec sleep 50",
	  SIGHUP, 1 },
	{ "one that is stopped: SIGKILL", "echo $$ >$F; touch $F.all; kill -STOP $$", SIGKILL, 1 },
	{ "one that left its parent: SIGKILL",
	  "(sleep 50 & echo $! >$F); echo $$ >>$F; touch $F.all; exec sleep 50", SIGKILL, 2 },
};

/* Another process runs it, in a group that the signal does not go to. */
static void killed(void **state)
{
	const struct kill_case *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	const char *file = hm_path(&cx, unit_temp_dir(), "pids");
	const char *all = hm_fmt(&cx, "%s.all", file).p;
	const char *script = hm_fmt(&cx, "F=%s; %s", file, t->script).p;
	int status;
	pid_t runner = fork();
	assert_true(runner >= 0);
	if (runner == 0) {
		struct hm_child_end e;
		signal(t->sig, SIG_DFL); /* a shell's background has some ignored */
		hm_err err = run_shell(&cx, script, HM_STR("x"), 40 * HM_SECOND, &e);
		_exit(err != NULL);
	}
	for (unsigned i = 0; i < 200 && !hm_exists(all); i++)
		usleep(100000);
	assert_true(hm_exists(all));
	assert_int_equal(kill(runner, t->sig), 0);
	assert_int_equal(waitpid(runner, &status, 0), runner);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == t->sig);
	assert_all_gone(&cx, file, t->processes);
}

/* The one between is killed: it is not said to have ended well. */
static void guard_killed(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct hm_child_end e;
	const char *file = hm_path(&cx, unit_temp_dir(), "pid");
	assert_ok(run_shell(&cx, hm_fmt(&cx, "echo $$ >%s; kill -KILL $PPID; sleep 50", file).p,
			    HM_STR(""), 20 * HM_SECOND, &e));
	assert_int_equal(e.status, 128 + SIGKILL);
	assert_all_gone(&cx, file, 1);
}

static void deadline(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct hm_child_end e;
	cx.deadline = hm_mono() + HM_SECOND / 2;
	assert_fault(run_shell(&cx, "sleep 50", HM_STR(""), 20 * HM_SECOND, &e), HM_BUSY,
		     "deadline");
}

static void absent(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct hm_child_end e;
	const char *arguments[] = { "x", NULL };
	struct hm_child c = { .path = "/nonexistent/x",
			      .arguments = arguments,
			      .environment = environment,
			      .max_output = 10,
			      .patience = HM_SECOND };
	assert_fault(hm_child_run(&cx, &c, &e), HM_SYSTEM, "could not run \"/nonexistent/x\"");
}

/* What cannot be run, and why: nothing is left of the try. */
static const struct run_case {
	const char *label, *text;
	unsigned mode;
	const char *why;
} no_programs[] = {
	{ "no program", "hello", 0755, "Exec format error" },
	{ "not to be run", "#!/bin/sh\n", 0644, "Permission denied" },
	{ "nothing in it", "", 0755, "Exec format error" },
	{ "no interpreter", "#!/nonexistent/sh\n", 0755, "No such file or directory" },
};

static void not_run(void **state)
{
	const struct run_case *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct hm_child_end e;
	const char *path = hm_path(&cx, unit_temp_dir(), "x");
	const char *arguments[] = { "x", NULL };
	struct hm_child c = { .path = path,
			      .arguments = arguments,
			      .environment = environment,
			      .max_output = 10,
			      .patience = HM_SECOND };
	assert_ok(hm_write_file(&cx, path, hm_cstr(t->text), t->mode));
	assert_fault(hm_child_run(&cx, &c, &e), HM_SYSTEM, t->why);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

/* What this process ignores the program and its guard do not. */
static void ignored_signals(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct hm_child_end e;
	struct sigaction ignore = { .sa_handler = SIG_IGN }, before;
	sigaction(SIGTERM, &ignore, &before);
	assert_ok(run_shell(&cx, "kill -TERM $$; sleep 5", HM_STR(""), 20 * HM_SECOND, &e));
	assert_int_equal(e.status, 128 + SIGTERM);
	assert_fault(run_shell(&cx, "sleep 50", HM_STR(""), HM_SECOND, &e), HM_BUSY,
		     "did not end within");
	sigaction(SIGTERM, &before, NULL);
}

/* What it prints is charged. */
static void budget(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(1000);
	struct hm_child_end e;
	assert_fault(run_shell(&cx, "head -c 2000 /dev/zero", HM_STR(""), 20 * HM_SECOND, &e),
		     HM_LIMIT, "more memory than it may use");
}

int main(void)
{
	UNIT_TABLE(end, ends);
	UNIT(much);
	UNIT_TABLE(stop, stops);
	UNIT(stop_all);
	UNIT(leave_nothing);
	UNIT_TABLE(killed, kills);
	UNIT(guard_killed);
	/* valgrind looks at a program before it runs it, and ends there without this one's
	 * interpreter */
	for (size_t i = 0; i < HM_LEN(no_programs) - (unit_is_traced() ? 1 : 0); i++)
		unit_add(no_programs[i].label, not_run, &no_programs[i]);
	UNIT(ignored_signals);
	UNIT(deadline);
	UNIT(absent);
	UNIT(budget);
	return unit_run("base/child");
}
