/* SPDX-License-Identifier: Apache-2.0 */
/* Workers that are copies of this process: nothing of it is in them that is not meant for them, and
 * they are in the same sandbox as others. */
#include "base/worker.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/sandbox.h"
#include "jobs.h"
#include "unit.h"

static bool was_set; /* by main(), and so only here and in copies */
static const char *own_path;
static char *page; /* of a secret */
static const char secret[] = "open sesame";

static hm_err echo(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	struct hm_str input;
	HM_TRY(hm_read_fd(cx, in, "input", HM_MIB, &input));
	hm_buf_fmt(out, "%s %.*s %.*s", was_set ? "copy" : "anew", HM_FMT(args), HM_FMT(input));
	return NULL;
}

static hm_err refuse(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	(void)in, (void)out;
	return hm_fail(cx, HM_TRUST, "line 3: %.*s", HM_FMT(args));
}

static hm_err crash(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	(void)cx, (void)args, (void)in, (void)out;
	syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), SIGSEGV);
	return NULL;
}

static hm_err signal_another(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	(void)cx, (void)args, (void)in;
	hm_buf_addz(out, syscall(SYS_tgkill, 1, 1, 0) < 0 ? "refused" : "signalled");
	return NULL;
}

static hm_err use_standard_error(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	(void)cx, (void)args, (void)in;
	hm_buf_addz(out, HM_SANITIZED || write(STDERR_FILENO, "", 0) < 0 ? "closed" : "open");
	return NULL;
}

static hm_err look_at_environment(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	(void)cx, (void)args, (void)in;
	hm_buf_addz(out, getenv("PATH") || environ[0] ? "there" : "empty");
	return NULL;
}

/* Which are open but its own two, and standard error, which a sanitizer keeps. */
static hm_err look_at_descriptors(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	struct stat sb;
	(void)cx, (void)args, (void)in;
	hm_buf_addz(out, "open:");
	for (int fd = STDERR_FILENO + 1; fd < 1000; fd++)
		if (fstat(fd, &sb) == 0)
			hm_buf_fmt(out, " %d", fd);
	return NULL;
}

static hm_err look_at_secret(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	(void)cx, (void)args, (void)in;
	hm_buf_addz(out, page && memcmp(page, secret, sizeof(secret)) == 0 ? "there" : "wiped");
	return NULL;
}

static hm_err look_at_handler(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	struct sigaction usr1, pipe;
	(void)cx, (void)args, (void)in;
	sigaction(SIGUSR1, NULL, &usr1);
	sigaction(SIGPIPE, NULL, &pipe);
	hm_buf_fmt(out, "%s, %s", usr1.sa_handler == SIG_DFL ? "default" : "ours",
		   pipe.sa_handler == SIG_IGN ? "ignored" : "not ignored");
	return NULL;
}

static hm_err make_core(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	struct rlimit r;
	(void)cx, (void)args, (void)in;
	hm_buf_addz(out, getrlimit(RLIMIT_CORE, &r) == 0 && r.rlim_max == 0 ? "none" : "some");
	return NULL;
}

static const struct hm_job jobs[] = {
	{ "echo", echo, false, HM_JOB_KEEPS },
	{ "reader", echo, false, HM_JOB_PARSES },
	{ "refuse", refuse, false, HM_JOB_KEEPS },
	{ "crash", crash, false, HM_JOB_KEEPS },
	{ "file", read_a_file, false, HM_JOB_KEEPS },
	{ "socket", connect_out, false, HM_JOB_KEEPS },
	{ "exec", start_a_process, false, HM_JOB_KEEPS },
	{ "signal", signal_another, false, HM_JOB_KEEPS },
	{ "stderr", use_standard_error, false, HM_JOB_KEEPS },
	{ "environment", look_at_environment, false, HM_JOB_KEEPS },
	{ "descriptors", look_at_descriptors, false, HM_JOB_KEEPS },
	{ "secret", look_at_secret, false, HM_JOB_KEEPS },
	{ "handler", look_at_handler, false, HM_JOB_KEEPS },
	{ "core", make_core, false, HM_JOB_KEEPS },
	{ 0 },
};

static const struct fork_case {
	const char *label, *job, *answer;
	enum hm_code code;
	const char *why;
} cases[] = {
	{ "arguments and input reach a copy", "echo", "copy a=1 bytes", 0, NULL },
	{ "who parses is no copy", "reader", "anew a=1 bytes", 0, NULL },
	{ "a fault comes back with code and sentence", "refuse", NULL, HM_TRUST, "line 3: a=1" },
	{ "a crash is a fault of this work", "crash", NULL, HM_INPUT, "crashed" },
	{ "no file can be read", "file", "refused", 0, NULL },
	{ "no socket can be made", "socket", "refused", 0, NULL },
	{ "no program can be run", "exec", NULL, HM_INPUT, "sandbox forbids" },
	{ "no other process can be signalled", "signal", NULL, HM_INPUT, "sandbox forbids" },
	{ "the terminal is neither read nor written", "stderr", "closed", 0, NULL },
	{ "the environment is not there", "environment", "empty", 0, NULL },
	{ "no descriptor of ours is", "descriptors", "open:", 0, NULL },
	{ "no secret of ours is", "secret", "wiped", 0, NULL },
	{ "signals do what they do at first", "handler", "default, ignored", 0, NULL },
	{ "no core is dumped", "core", "none", 0, NULL },
};

static hm_err start_copy(struct hm_cx *cx, const char *job, struct hm_worker *w)
{
	const struct hm_work work = { .name = job, .args = HM_STR("a=1"), .as_copy = true };
	return hm_worker_start_with(cx, &work, w);
}

static hm_err run_copy(struct hm_cx *cx, const char *job, struct hm_str *out)
{
	HM_AUTO_WORKER w = { .in = -1, .out = -1 };
	bool wants;
	HM_TRY(start_copy(cx, job, &w));
	HM_TRY(hm_worker_feed(cx, &w, HM_STR("bytes"), &wants));
	return hm_worker_answer(cx, &w, out);
}

static void copy(void **state)
{
	const struct fork_case *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct hm_str answer = { 0 };
	hm_err err = run_copy(&cx, t->job, &answer);
	if (t->why) {
		assert_fault(err, t->code, t->why);
		return;
	}
	assert_ok(err);
	assert_strz(answer, t->answer);
}

/* All of a file of /proc. */
static struct hm_str read_of(struct hm_cx *cx, int pid, const char *name)
{
	struct hm_str text;
	assert_ok(hm_read_file(cx, hm_fmt(cx, "/proc/%d/%s", pid, name).p, HM_MIB, &text));
	return text;
}

static void others_see_neither_environment_nor_words(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	HM_AUTO_WORKER w = { .in = -1, .out = -1 };
	struct hm_str answer, words;
	assert_true(hm_find(read_of(&cx, getpid(), "environ"), HM_STR("PATH=")) != SIZE_MAX);
	assert_ok(start_copy(&cx, "echo", &w));
	do
		words = read_of(&cx, w.pid, "cmdline"); /* ours, until it has begun; then wiped */
	while (!words.n || !*words.p || hm_starts(words, hm_cstr(own_path)));
	assert_true(hm_starts(words, HM_STR("hullmark")));
	struct hm_str text = read_of(&cx, w.pid, "environ");
	for (size_t i = 0; i < text.n; i++)
		assert_false(hm_is_alpha(text.p[i]));
	assert_ok(hm_worker_answer(&cx, &w, &answer));
	assert_strz(answer, "copy a=1 ");
}

static void our_own_words_stay(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct hm_str answer;
	assert_ok(run_copy(&cx, "echo", &answer));
	assert_non_null(getenv("PATH"));
	assert_true(hm_starts(read_of(&cx, getpid(), "cmdline"), hm_cstr(own_path)));
}

static void *do_nothing(void *arg)
{
	return arg;
}

/* The last test: once there was a thread, there are no copies. */
static void one_with_threads_is_not_copied(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	pthread_t id;
	struct hm_str answer = { 0 };
	assert_int_equal(pthread_create(&id, NULL, do_nothing, NULL), 0);
	hm_err err = run_copy(&cx, "echo", &answer);
	pthread_join(id, NULL);
	assert_ok(err);
	assert_strz(answer, "anew a=1 bytes");
}

static void note_signal(int number)
{
	(void)number;
}

int main(int argc, char **argv)
{
	hm_worker_jobs(jobs);
	hm_worker_main(argc, argv);
	hm_worker_program(argv[0]); /* under valgrind /proc/self/exe is valgrind */
	HM_AUTO_SECRET s = hm_secret_of(hm_cstr(secret));
	was_set = true;
	own_path = argv[0];
	page = s.bytes.p;
	signal(SIGUSR1, note_signal);
	if (!unit_is_traced()) { /* else copies are, too, and their sandbox forbids what valgrind
				    does */
		UNIT_TABLE(copy, cases);
		UNIT(others_see_neither_environment_nor_words);
		UNIT(our_own_words_stay);
	}
	UNIT(one_with_threads_is_not_copied);
	return unit_run("base/worker_fork");
}
