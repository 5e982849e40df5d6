/* SPDX-License-Identifier: Apache-2.0 */
#include "base/worker_flow.h"
#include "base/worker_template.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/sandbox.h"
#include "jobs.h"
#include "unit.h"

/* This program is its own worker: what hostile input might make a reader do, as jobs. */

static hm_err echo(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	struct hm_str input;
	HM_TRY(hm_read_fd(cx, in, "input", HM_MIB * 64, &input));
	hm_buf_add(out, args);
	hm_buf_add(out, input);
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
	syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), 11);
	return NULL;
}

static hm_err eat(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	(void)args, (void)in, (void)out;
	for (int i = 0; i < 64; i++)
		memset(hm_new(cx, char, 64 * HM_MIB), 1, 64 * HM_MIB);
	return NULL;
}

static hm_err sleep_long(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	(void)cx, (void)args, (void)in, (void)out;
	while (poll(NULL, 0, 1000) == 0)
		;
	return NULL;
}

/* Its answer has ended, and it goes on. */
static hm_err outlive_the_answer(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	close(STDOUT_FILENO);
	return sleep_long(cx, args, in, out);
}

static hm_err make_code(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	(void)cx, (void)args, (void)in;
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
		       -1, 0);
	hm_buf_addz(out, p == MAP_FAILED ? "refused" : "made");
	return NULL;
}

static void *thread(void *arg)
{
	*(int *)arg = 1;
	return NULL;
}

static hm_err use_a_thread(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	int ran = 0;
	pthread_t id;
	(void)args, (void)in;
	if (pthread_create(&id, NULL, thread, &ran) != 0)
		return hm_fail(cx, HM_SYSTEM, "no thread");
	pthread_join(id, NULL);
	hm_buf_addz(out, ran ? "ran" : "did not run");
	return NULL;
}

/* Each piece of input as a record, while more is still to come; then how many there were. */
static hm_err flow(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	static char room[100000];
	size_t total = 0;
	for (ssize_t n; (n = read(in, room, sizeof(room))) > 0; total += (size_t)n)
		HM_TRY(hm_worker_say(cx, hm_bytes(room, (size_t)n)));
	if (hm_eqz(args, "refuse"))
		return hm_fail(cx, HM_INPUT, "after %zu bytes", total);
	if (hm_eqz(args, "crash"))
		return crash(cx, args, in, out);
	hm_buf_fmt(out, "%zu", total);
	return NULL;
}

/* What a worker that was taken over might write: half a record, none at its end, an enormous
 * one. */
static hm_err lie(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	(void)in, (void)out;
	HM_TRY(hm_write_all(cx, STDOUT_FILENO, "lie", args));
	_exit(0);
}

static hm_err signal_another(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	(void)cx, (void)args, (void)in;
	hm_buf_addz(out, syscall(SYS_tgkill, 1, 1, 0) < 0 ? "refused" : "signalled");
	return NULL;
}

static hm_err look_at_another(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	struct rlimit r;
	(void)cx, (void)args, (void)in;
	hm_buf_addz(out, prlimit(1, RLIMIT_NOFILE, NULL, &r) < 0 ? "refused" : "seen");
	return NULL;
}

static hm_err use_standard_error(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	(void)cx, (void)args, (void)in;
	hm_buf_addz(out, HM_SANITIZED || write(STDERR_FILENO, "", 0) < 0 ? "closed" : "open");
	return NULL;
}

/* Of a template that makes a copy and is ended before it says so: only there is the job loaded
 * and something sent. */
static bool is_mute;

static hm_err become_mute(struct hm_cx *cx)
{
	(void)cx;
	is_mute = true;
	return NULL;
}

/* In place of the C library's. */
ssize_t send(int fd, const void *bytes, size_t n, int flags)
{
	while (is_mute)
		pause();
	return sendto(fd, bytes, n, flags, NULL, 0);
}

static const struct hm_job jobs[] = {
	{ "echo", echo, false },
	{ "refuse", refuse, false },
	{ "crash", crash, false },
	{ "eat", eat, false },
	{ "sleep", sleep_long, false },
	{ "linger", outlive_the_answer, false },
	{ "file", read_a_file, false },
	{ "socket", connect_out, false },
	{ "exec", start_a_process, false },
	{ "code", make_code, false },
	{ "thread", use_a_thread, false },
	{ "flow", flow, true },
	{ "lie", lie, true },
	{ "signal", signal_another, false },
	{ "limits", look_at_another, false },
	{ "stderr", use_standard_error, false },
	{ .name = "mute", .run = sleep_long, .load = become_mute },
	{ 0 },
};

static const struct worker_case {
	const char *label, *job, *args, *input, *answer;
	enum hm_code code;
	const char *why;
} cases[] = {
	{ "arguments and input reach the job", "echo", "a=1;", "bytes", "a=1;bytes", 0, NULL },
	{ "empty input is input", "echo", "", "", "", 0, NULL },
	{ "a fault comes back with code and sentence", "refuse", "bad", "x", NULL, HM_TRUST,
	  "line 3: bad" },
	{ "a crash is a fault of this input", "crash", "", "x", NULL, HM_INPUT, "crashed" },
	{ "one that ends its answer and goes on is ended", "linger", "", "", NULL, HM_INPUT,
	  "went on behind its answer" },
	{ "no file can be read", "file", "", "", "refused", 0, NULL },
	{ "no socket can be made", "socket", "", "", "refused", 0, NULL },
	{ "no program can be run", "exec", "", "", NULL, HM_INPUT, "sandbox forbids" },
	{ "no memory can be made executable", "code", "", "", NULL, HM_INPUT, "sandbox forbids" },
	{ "no other process can be signalled", "signal", "", "", NULL, HM_INPUT,
	  "sandbox forbids" },
	{ "no other process can be looked at", "limits", "", "", NULL, HM_INPUT,
	  "sandbox forbids" },
	{ "the terminal is neither read nor written", "stderr", "", "", "closed", 0, NULL },
	{ "threads are allowed", "thread", "", "", "ran", 0, NULL },
	{ "an unknown job", "nothing", "", "", NULL, HM_USAGE, "no work is called \"nothing\"" },
};

static void check_case(const struct worker_case *t, hm_err err, struct hm_str answer)
{
	if (t->why) {
		assert_fault(err, t->code, t->why);
		return;
	}
	assert_ok(err);
	assert_strz(answer, t->answer);
}

static void worker(void **state)
{
	const struct worker_case *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct hm_str answer;
	check_case(t, hm_worker_run(&cx, t->job, hm_cstr(t->args), hm_cstr(t->input), &answer),
		   answer);
}

/* --- copies of a template: what holds of workers holds of them --- */

static hm_err run_copy(struct hm_cx *cx, struct hm_worker_template *w, const char *args,
		       const char *input, struct hm_str *out)
{
	return hm_worker_template_run(cx, w, hm_cstr(args), hm_cstr(input), out);
}

static void copy(void **state)
{
	const struct worker_case *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct hm_worker_template w;
	struct hm_str answer;
	hm_worker_template_init(&w, t->job);
	for (int i = 0; i < 3; i++)
		check_case(t, run_copy(&cx, &w, t->args, t->input, &answer), answer);
	hm_worker_template_done(&w);
}

static void copies_that_answer_are_of_one_template(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct hm_worker_template w;
	struct hm_str answer;
	hm_worker_template_init(&w, "echo");
	assert_ok(run_copy(&cx, &w, "a", "", &answer));
	int first = w.pid;
	assert_true(first > 0);
	assert_ok(run_copy(&cx, &w, "b", "c", &answer));
	assert_strz(answer, "bc");
	assert_int_equal(w.pid, first);
	hm_worker_template_done(&w);
}

static void a_copy_that_refuses_its_input_leaves_the_template(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct hm_worker_template w;
	struct hm_str answer;
	hm_worker_template_init(&w, "refuse");
	assert_fault(run_copy(&cx, &w, "x", "", &answer), HM_TRUST, "line 3: x");
	assert_true(w.pid > 0);
	hm_worker_template_done(&w);
}

static void a_template_whose_copy_died_is_not_used_again(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct hm_worker_template w;
	struct hm_str answer;
	hm_worker_template_init(&w, "crash");
	assert_fault(run_copy(&cx, &w, "", "", &answer), HM_INPUT, "crashed");
	assert_int_equal(w.pid, 0);
	assert_int_equal(w.socket, -1);
	hm_worker_template_done(&w);
}

static void a_template_that_is_gone_is_made_anew(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct hm_worker_template w;
	struct hm_str answer;
	hm_worker_template_init(&w, "echo");
	assert_ok(run_copy(&cx, &w, "a", "", &answer));
	int first = w.pid;
	assert_true(first > 0);
	assert_int_equal(kill(first, SIGKILL), 0);
	assert_ok(run_copy(&cx, &w, "b", "", &answer)); /* spawned */
	assert_strz(answer, "b");
	assert_ok(run_copy(&cx, &w, "c", "", &answer));
	assert_strz(answer, "c");
	assert_true(w.pid > 0);
	assert_int_not_equal(w.pid, first);
	hm_worker_template_done(&w);
}

static void memory_of_a_copy_is_limited(void **state)
{
	(void)state;
	if (HM_SANITIZED) {
		print_message(
			"skipped: no limit on address space is possible under the sanitizer\n");
		skip();
	}
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct hm_worker_template w;
	struct hm_str answer;
	hm_worker_template_init(&w, "eat");
	assert_fault(run_copy(&cx, &w, "", "", &answer), HM_LIMIT, "ran out of memory");
	hm_worker_template_done(&w);
}

static void a_deadline_ends_a_copy(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct hm_worker_template w;
	struct hm_str answer;
	hm_worker_template_init(&w, "sleep");
	cx.deadline = hm_mono() + HM_SECOND / 4;
	assert_fault(run_copy(&cx, &w, "", "", &answer), HM_BUSY, "deadline");
	assert_int_equal(w.pid, 0); /* it may have been at guessing the layout of the memory */
	hm_worker_template_done(&w);
}

static hm_err answer_of_copy(struct hm_cx *cx, struct hm_worker_template *t, const char *args,
			     struct hm_str *out)
{
	HM_AUTO_WORKER w = { .in = -1, .out = -1 };
	HM_TRY(hm_worker_template_start(cx, t, hm_cstr(args), &w));
	hm_err err = hm_worker_answer(cx, &w, out);
	hm_worker_template_end(t, &w);
	return err;
}

static void a_copy_may_be_fed(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct hm_worker_template t;
	struct hm_str answer;
	hm_worker_template_init(&t, "echo");
	assert_ok(answer_of_copy(&cx, &t, "a", &answer)); /* spawned: none was begun */
	assert_strz(answer, "a");
	assert_int_equal(t.pid, 0);
	hm_worker_template_begin(&t);
	int first = t.pid;
	assert_true(first > 0);
	assert_ok(answer_of_copy(&cx, &t, "b", &answer));
	assert_strz(answer, "b");
	assert_int_equal(t.pid, first);
	hm_worker_template_done(&t);
}

static void a_copy_without_an_answer_ends_the_template(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct hm_worker_template t;
	struct hm_str answer;
	hm_worker_template_init(&t, "crash");
	hm_worker_template_begin(&t);
	for (int i = 0; i < 2; i++) { /* the second is spawned, and no template is made anew */
		assert_fault(answer_of_copy(&cx, &t, "", &answer), HM_INPUT, "crashed");
		assert_int_equal(t.pid, 0);
	}
	hm_worker_template_done(&t);
	hm_worker_template_init(&t, "echo");
	hm_worker_template_begin(&t);
	assert_true(t.pid > 0);
	HM_AUTO_WORKER w = { .in = -1, .out = -1 };
	assert_ok(hm_worker_template_start(&cx, &t, HM_STR(""), &w));
	hm_worker_template_end(&t, &w); /* nobody has heard it */
	assert_int_equal(t.pid, 0);
	hm_worker_template_done(&t);
}

static bool has_children(void)
{
	siginfo_t info = { 0 };
	return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 || errno != ECHILD;
}

/* Between making a copy and saying which it is. */
static void a_template_that_is_late_leaves_no_copy(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct hm_worker_template w;
	struct hm_str answer;
	hm_worker_template_init(&w, "mute");
	assert_false(has_children());
	cx.deadline = hm_mono() + HM_SECOND;
	assert_fault(run_copy(&cx, &w, "", "", &answer), HM_BUSY, "deadline");
	assert_false(has_children());
	cx.deadline = 0;
	hm_worker_template_done(&w);
}

enum { SHARERS = 4 };
struct shared {
	struct hm_worker_template workers;
	pthread_barrier_t all_done; /* none ends before: see worker_template.h */
};

/* Each must see the end of its input while the others still have theirs open. */
static void *run_copies(void *arg)
{
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct shared *s = arg;
	struct hm_str answer;
	const char *why = NULL;
	char *bytes = hm_new(&cx, char, 3 * HM_MIB);
	memset(bytes, 'x', 3 * HM_MIB);
	for (int i = 0; i < 20 && !why; i++) {
		hm_err err = hm_worker_template_run(&cx, &s->workers, HM_STR("y"),
						    hm_bytes(bytes, 3 * HM_MIB), &answer);
		why = err ? err->why : answer.n != 3 * HM_MIB + 1 ? "another answer" : NULL;
	}
	if (why)
		print_error("%s\n", why);
	pthread_barrier_wait(&s->all_done);
	return why ? arg : NULL;
}

static void threads_share_a_template(void **state)
{
	(void)state;
	struct shared s;
	pthread_t ids[SHARERS];
	void *bad;
	hm_worker_template_init(&s.workers, "echo");
	assert_int_equal(pthread_barrier_init(&s.all_done, NULL, SHARERS), 0);
	for (size_t i = 0; i < SHARERS; i++)
		assert_int_equal(pthread_create(&ids[i], NULL, run_copies, &s), 0);
	for (size_t i = 0; i < SHARERS; i++) {
		assert_int_equal(pthread_join(ids[i], &bad), 0);
		assert_null(bad);
	}
	pthread_barrier_destroy(&s.all_done);
	hm_worker_template_done(&s.workers);
}

static void much_input_and_a_large_answer_pass(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	size_t n = 20 * HM_MIB;
	char *bytes = hm_new(&cx, char, n);
	for (size_t i = 0; i < n; i++)
		bytes[i] = (char)(i * 7);
	struct hm_str answer;
	assert_ok(hm_worker_run(&cx, "echo", HM_STR(""), hm_bytes(bytes, n), &answer));
	assert_str(answer, hm_bytes(bytes, n));
}

static void a_job_that_answers_early_ends_the_feeding(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	char *bytes = hm_new(&cx, char, 64 * HM_MIB);
	struct hm_str answer;
	assert_fault(hm_worker_run(&cx, "refuse", HM_STR("early"), hm_bytes(bytes, 64 * HM_MIB),
				   &answer),
		     HM_TRUST, "early");
}

/* --- records --- */

struct pump {
	uint64_t to_give, taken;
	bool stop;
};

static hm_err pump_read(struct hm_cx *cx, void *arg, char *room, size_t n, size_t *out_n)
{
	struct pump *p = arg;
	(void)cx;
	*out_n = n < p->to_give ? n : (size_t)p->to_give;
	memset(room, 'x', *out_n);
	p->to_give -= *out_n;
	return NULL;
}

static hm_err pump_record(struct hm_cx *cx, void *arg, struct hm_str record)
{
	struct pump *p = arg;
	if (p->stop)
		return hm_fail(cx, HM_SYSTEM, "the disk is full");
	for (size_t i = 0; i < record.n; i++)
		assert_int_equal(record.p[i], 'x');
	p->taken += record.n;
	return NULL;
}

static hm_err pump_records(struct hm_cx *cx, void *arg, struct hm_str framed)
{
	for (struct hm_cur c = hm_cur(framed); c.n;) {
		struct hm_str record = hm_take_str(&c, hm_le(&c, HM_RECORD_HEAD));
		assert_true(record.n > 0);
		assert_false(c.bad);
		HM_TRY(pump_record(cx, arg, record));
	}
	return NULL;
}

static bool is_framed; /* how records are taken */

static hm_err run_flow(struct hm_cx *cx, const char *job, struct hm_str args, struct pump *p,
		       struct hm_str *out)
{
	const struct hm_flow f = { pump_read, is_framed ? NULL : pump_record, p,
				   is_framed ? pump_records : NULL };
	HM_AUTO_WORKER w = { .in = -1, .out = -1 };
	HM_TRY(hm_worker_start(cx, job, args, 0, &w));
	return hm_worker_flow(cx, &w, &f, out);
}

static void records_flow_while_input_is_fed(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct pump p = { .to_give = 50 * HM_MIB + 7 };
	struct hm_str answer = { 0 };
	assert_ok(run_flow(&cx, "flow", HM_STR(""), &p, &answer));
	assert_strz(answer, "52428807");
	assert_int_equal(p.taken, 50 * HM_MIB + 7);
	p = (struct pump){ 0 };
	assert_ok(run_flow(&cx, "flow", HM_STR(""), &p, &answer));
	assert_strz(answer, "0");
}

static void a_fault_ends_the_flow(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct hm_str answer;
	struct pump p = { .to_give = HM_MIB };
	assert_fault(run_flow(&cx, "flow", HM_STR("refuse"), &p, &answer), HM_INPUT,
		     "after 1048576 bytes");
	p = (struct pump){ .to_give = HM_MIB };
	assert_fault(run_flow(&cx, "flow", HM_STR("crash"), &p, &answer), HM_INPUT, "crashed");
	p = (struct pump){ .to_give = HM_GIB, .stop = true };
	assert_fault(run_flow(&cx, "flow", HM_STR(""), &p, &answer), HM_SYSTEM, "disk is full");
}

static void records_are_not_believed(void **state)
{
	static const struct hm_str lies[] = {
		HM_STR_INIT("\0"),          HM_STR_INIT("\5\0\0\0xx"),
		HM_STR_INIT("\0\0\0\0"),    HM_STR_INIT("\1\0\0\0x\0\0\0\0HMA1\0"),
		HM_STR_INIT("\1\0\0\0x"),   HM_STR_INIT("\0\0\0\0HMA1\0\0\0\0\0\0\0\0\0XXXX"),
		HM_STR_INIT("\1\0\x10\0x"), HM_STR_INIT("\xff\xff\xff\xff"),
	};
	(void)state;
	for (size_t i = 0; i < HM_LEN(lies); i++) {
		HM_AUTO_CX cx = HM_CX(SIZE_MAX);
		struct pump p = { .to_give = 100 };
		struct hm_str answer;
		assert_fault(run_flow(&cx, "lie", lies[i], &p, &answer), HM_INPUT,
			     i < HM_LEN(lies) - 2 ? "without an answer" : "a record of");
	}
}

static void framed_ones_flow_as_well(void **state)
{
	is_framed = true;
	records_flow_while_input_is_fed(state);
	a_fault_ends_the_flow(state);
	records_are_not_believed(state);
	is_framed = false;
}

static void a_sentence_is_no_book(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	char words[50000];
	struct hm_str answer;
	memset(words, 'x', sizeof(words));
	hm_err err =
		hm_worker_run(&cx, "refuse", hm_bytes(words, sizeof(words)), HM_STR(""), &answer);
	assert_fault(err, HM_TRUST, "line 3: xxx");
	assert_true(strlen(err->why) <= 4096);
}

static void memory_is_limited(void **state)
{
	(void)state;
	if (HM_SANITIZED) {
		print_message(
			"skipped: no limit on address space is possible under the sanitizer\n");
		skip();
	}
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	HM_AUTO_WORKER w = { .in = -1, .out = -1 };
	struct hm_str answer;
	assert_ok(hm_worker_start(&cx, "eat", HM_STR(""), 100 * HM_MIB, &w));
	assert_fault(hm_worker_answer(&cx, &w, &answer), HM_LIMIT, "ran out of memory");
}

static void a_deadline_ends_a_worker(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct hm_str answer;
	cx.deadline = hm_mono() + HM_SECOND / 4;
	assert_fault(hm_worker_run(&cx, "sleep", HM_STR(""), HM_STR(""), &answer), HM_BUSY,
		     "deadline");
}

/* It leaves no core dump and cannot be traced; it still may start itself (/proc/self/exe). */
static void a_process_with_secrets_has_workers_too(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	HM_AUTO_SECRET s = hm_secret_of(HM_STR("open sesame"));
	struct hm_str answer;
	assert_ok(hm_worker_run(&cx, "echo", HM_STR("a"), HM_STR("b"), &answer));
	assert_strz(answer, "ab");
	assert_strz(hm_secret_str(&s), "open sesame");
}

int main(int argc, char **argv)
{
	hm_worker_jobs(jobs);
	hm_worker_main(argc, argv);
	hm_worker_program(argv[0]); /* under valgrind /proc/self/exe is valgrind */
	UNIT_TABLE(worker, cases);
	UNIT_TABLE(copy, cases);
	UNIT(copies_that_answer_are_of_one_template);
	UNIT(a_copy_that_refuses_its_input_leaves_the_template);
	UNIT(a_template_whose_copy_died_is_not_used_again);
	UNIT(a_template_that_is_gone_is_made_anew);
	UNIT(a_copy_may_be_fed);
	UNIT(a_copy_without_an_answer_ends_the_template);
	UNIT(memory_of_a_copy_is_limited);
	UNIT(a_deadline_ends_a_copy);
	UNIT(a_template_that_is_late_leaves_no_copy);
	UNIT(threads_share_a_template);
	UNIT(much_input_and_a_large_answer_pass);
	UNIT(a_job_that_answers_early_ends_the_feeding);
	UNIT(records_flow_while_input_is_fed);
	UNIT(a_fault_ends_the_flow);
	UNIT(records_are_not_believed);
	UNIT(framed_ones_flow_as_well);

	UNIT(a_sentence_is_no_book);
	UNIT(memory_is_limited);
	UNIT(a_deadline_ends_a_worker);
	UNIT(a_process_with_secrets_has_workers_too);
	return unit_run("base/worker");
}
