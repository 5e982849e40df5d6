/* SPDX-License-Identifier: Apache-2.0 */
#include "base/worker.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/pages.h"
#include "base/sandbox.h"
#include "base/worker_parts.h"

enum { PAUSE_NS = 20 * 1000, MOST_PAUSE_NS = 100 * 1000 * 1000 };
enum { POLL_MS = 100, FRAME_HEAD = 13, FRAME_TAIL = 4, SENTENCE_MAX = 4096 };
static const char frame_head[4] = "HMA1", frame_tail[4] = "HMZ1";

static const struct hm_job *jobs;

void hm_worker_jobs(const struct hm_job *table)
{
	jobs = table;
	signal(SIGPIPE, SIG_IGN);
}

const struct hm_job *hm_worker_job(const char *name)
{
	static const struct hm_job none = { 0 };
	const struct hm_job *job = jobs ? jobs : &none;
	while (job->name && strcmp(job->name, name) != 0)
		job++;
	return job;
}

/* ------------------------------------------------------------------ in the worker */

static hm_err read_exactly(struct hm_cx *cx, int fd, char *room, size_t n)
{
	while (n) {
		ssize_t got = read(fd, room, n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return hm_fail(cx, HM_SYSTEM, "a worker was given no work");
		room += got;
		n -= (size_t)got;
	}
	return NULL;
}

static hm_err read_args(struct hm_cx *cx, struct hm_str *out)
{
	uint8_t head[4];
	HM_TRY(read_exactly(cx, STDIN_FILENO, (char *)head, sizeof(head)));
	struct hm_cur c = hm_cur(hm_bytes(head, sizeof(head)));
	size_t n = hm_le(&c, 4);
	if (n > HM_WORKER_ARGS)
		return hm_fail(cx, HM_LIMIT, "arguments of a worker are too long");
	char *room = hm_new(cx, char, n + 1);
	HM_TRY(read_exactly(cx, STDIN_FILENO, room, n));
	*out = hm_bytes(room, n);
	return NULL;
}

static void drain_input(int fd)
{
	char room[4096];
	ssize_t n;
	do
		n = read(fd, room, sizeof(room));
	while (n > 0 || (n < 0 && errno == EINTR));
}

static hm_err enter_sandbox(struct hm_cx *cx, const struct hm_job *job, uint64_t memory,
			    bool sandbox)
{
	if (job->load)
		HM_TRY(job->load(cx));
	if (job->kind == HM_JOB_LOADS)
		return hm_sandbox_no_dump(cx);
	return sandbox ? hm_sandbox_enter(cx, memory, job->kind == HM_JOB_KEEPS)
		       : hm_sandbox_limits(cx, memory);
}

static hm_err do_work(struct hm_cx *cx, const struct hm_job *job, struct hm_buf *out)
{
	struct hm_str args;
	HM_TRY(read_args(cx, &args));
	HM_TRY(job->run(cx, args, STDIN_FILENO, out));
	if (out->over)
		return hm_fail(cx, HM_LIMIT, "the answer is larger than %zu bytes", out->max);
	drain_input(STDIN_FILENO);
	return NULL;
}

hm_err hm_worker_say(struct hm_cx *cx, struct hm_str record)
{
	uint8_t head[HM_RECORD_HEAD];
	if (record.n > HM_RECORD_MAX)
		return hm_fail(cx, HM_LIMIT, "a record of %zu bytes", record.n);
	for (unsigned i = 0; i < HM_RECORD_HEAD; i++)
		head[i] = (uint8_t)(record.n >> 8 * i);
	HM_TRY(hm_write_all(cx, STDOUT_FILENO, "record", hm_bytes(head, sizeof(head))));
	return hm_write_all(cx, STDOUT_FILENO, "record", record);
}

hm_err hm_worker_say_rest(struct hm_cx *cx, struct hm_buf *later)
{
	HM_TRY(hm_write_all(cx, STDOUT_FILENO, "record", hm_buf_str(later)));
	hm_buf_clear(later);
	return NULL;
}

hm_err hm_worker_say_later(struct hm_cx *cx, struct hm_buf *later, struct hm_str head,
			   struct hm_str rest)
{
	size_t n = head.n + rest.n;
	if (n > HM_RECORD_MAX || head.n > HM_RECORD_LATER / 2)
		return hm_fail(cx, HM_LIMIT, "a record of %zu bytes", n);
	if (HM_RECORD_HEAD + n > later->max - later->n && later->n)
		HM_TRY(hm_worker_say_rest(cx, later));
	hm_buf_le(later, n, HM_RECORD_HEAD);
	hm_buf_add(later, head);
	if (HM_RECORD_HEAD + n <= later->max) {
		hm_buf_add(later, rest);
		return NULL;
	}
	HM_TRY(hm_worker_say_rest(cx, later));
	return hm_write_all(cx, STDOUT_FILENO, "record", rest);
}

static hm_err write_answer(struct hm_cx *cx, hm_err err, struct hm_str payload)
{
	HM_AUTO_BUF head = HM_BUF(64);
	if (err)
		payload = hm_cstr(err->why);
	hm_buf_add(&head, hm_bytes(frame_head, sizeof(frame_head)));
	hm_buf_le(&head, err ? (uint64_t)err->code : 0, 1);
	hm_buf_le(&head, payload.n, 8);
	HM_TRY(hm_write_all(cx, STDOUT_FILENO, "answer", hm_buf_str(&head)));
	HM_TRY(hm_write_all(cx, STDOUT_FILENO, "answer", payload));
	return hm_write_all(cx, STDOUT_FILENO, "answer", hm_bytes(frame_tail, sizeof(frame_tail)));
}

/* `err`: what kept it from its work, or NULL. */
static _Noreturn void answer_and_exit(struct hm_cx *cx, const struct hm_job *job, hm_err err)
{
	HM_AUTO_BUF out = HM_BUF(HM_MAX_WORKER_RESULT);
	if (!err)
		err = do_work(cx, job, &out);
	close(STDIN_FILENO); /* a parent that still feeds learns that nobody listens */
	if (job->flows && hm_worker_say(cx, HM_STR("")))
		_exit(EXIT_FAILURE);
	err = write_answer(cx, err, hm_buf_str(&out));
	_exit(err ? EXIT_FAILURE : EXIT_SUCCESS); /* no exit handlers in the sandbox */
}

_Noreturn void hm_worker_do(const struct hm_job *job, uint64_t memory, bool sandbox)
{
	HM_AUTO_CX cx = HM_CX(memory);
	answer_and_exit(&cx, job, enter_sandbox(&cx, job, memory, sandbox));
}

static void work_as_copy(const struct hm_worker_copied *c)
{
	HM_AUTO_CX cx = HM_CX(c->memory);
	if (c->is_large) /* what is read and made of it takes much memory, for a short while */
		hm_use_large_pages();
	answer_and_exit(&cx, c->job, hm_sandbox_enter_prepared(&cx, c->memory, &c->sandbox));
}

static _Noreturn void be_template(char **argv)
{
	uint64_t memory;
	const struct hm_job *job = hm_worker_job(argv[2]);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	atomic_int *copy = hm_worker_share(HM_WORKER_FIRST);
	close_range(HM_WORKER_FIRST, ~0U, 0);
	if (!copy || !job->name || job->kind != HM_JOB_PARSES ||
	    !hm_u64(hm_cstr(argv[3]), SIZE_MAX, &memory))
		_exit(EXIT_FAILURE);
	hm_worker_serve_copies(job, memory, copy, work_as_copy);
}

void hm_worker_main(int argc, char **argv)
{
	uint64_t memory, given = 0;
	hm_worker_know_words(argv);
	if (argc == 4 && strcmp(argv[1], HM_WORKER_TEMPLATE_FLAG) == 0)
		be_template(argv);
	if (argc != 6 || strcmp(argv[1], HM_WORKER_FLAG) != 0)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	bool good = hm_u64(hm_cstr(argv[5]), HM_WORKER_GIVEN, &given);
	close_range(HM_WORKER_FIRST + (unsigned)given, ~0U, 0);
	HM_AUTO_CX cx = HM_CX(HM_MAX_WORKER_MEMORY);
	if (!good || !hm_u64(hm_cstr(argv[3]), SIZE_MAX, &memory))
		_exit(EXIT_FAILURE);
	cx.budget = memory;
	const struct hm_job *job = hm_worker_job(argv[2]);
	hm_err err = job->name ? enter_sandbox(&cx, job, memory, strcmp(argv[4], "sandbox") == 0)
			       : hm_fail(&cx, HM_USAGE, "no work is called \"%s\"", argv[2]);
	answer_and_exit(&cx, job, err);
}

/* ------------------------------------------------------------------ in the parent */

void hm_worker_done(struct hm_worker *w)
{
	hm_close_fd(&w->in);
	hm_close_fd(&w->out);
	if (w->pid > 0) {
		kill(w->pid, SIGKILL);
		while (waitpid(w->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	w->pid = 0;
}

hm_err hm_worker_wait(struct hm_cx *cx, int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };
	for (;;) {
		int n = poll(&p, 1, POLL_MS);
		if (n > 0)
			return NULL;
		if (n < 0 && errno != EINTR)
			return hm_fail_os(cx, "could not wait for a worker");
		HM_TRY(hm_alive(cx));
	}
}

hm_err hm_worker_feed(struct hm_cx *cx, struct hm_worker *w, struct hm_str bytes, bool *out_wants)
{
	*out_wants = w->in >= 0;
	while (bytes.n && w->in >= 0) {
		ssize_t put = write(w->in, bytes.p, bytes.n);
		if (put >= 0) {
			bytes = hm_from(bytes, (size_t)put);
		} else if (errno == EAGAIN) {
			HM_TRY(hm_worker_wait(cx, w->in, POLLOUT));
		} else if (errno == EPIPE) {
			hm_close_fd(&w->in);
			*out_wants = false;
		} else if (errno != EINTR) {
			return hm_fail_os(cx, "could not feed a worker");
		}
	}
	return NULL;
}

static hm_err read_answer(struct hm_cx *cx, struct hm_worker *w, struct hm_buf *b)
{
	enum { STEP = 256 * 1024 };
	for (;;) {
		char *room = hm_buf_room(b, STEP);
		if (!room)
			return hm_fail(cx, HM_LIMIT, "the answer of a worker is too large");
		ssize_t got = read(w->out, room, STEP);
		b->n -= STEP - (got > 0 ? (size_t)got : 0);
		if (got == 0)
			return NULL;
		if (got < 0 && errno == EAGAIN)
			HM_TRY(hm_worker_wait(cx, w->out, POLLIN));
		else if (got < 0 && errno != EINTR)
			return hm_fail_os(cx, "could not read the answer of a worker");
	}
}

/* It has ended its answer, and so all that it is for. One that is in the middle of ending, as is
 * due, is not touched by the signal. *out_lingers: it had to be sent. */
static hm_err reap_worker(struct hm_cx *cx, struct hm_worker *w, int *out_status, bool *out_lingers)
{
	int status;
	struct timespec pause = { .tv_nsec = PAUSE_NS };
	pid_t got = waitpid(w->pid, &status, WNOHANG);
	for (; got == 0 && pause.tv_nsec < MOST_PAUSE_NS; pause.tv_nsec *= 2) {
		nanosleep(&pause, NULL);
		got = waitpid(w->pid, &status, WNOHANG);
	}
	*out_lingers = got == 0;
	if (*out_lingers)
		kill(w->pid, SIGKILL);
	while (got <= 0) {
		if (got < 0 && errno != EINTR)
			return hm_fail_os(cx, "could not wait for a worker");
		got = waitpid(w->pid, &status, 0);
	}
	w->pid = 0;
	*out_status = status;
	return NULL;
}

static const char *who_is(const char *job)
{
	return hm_worker_job(job)->kind == HM_JOB_PARSES ? "reader" : "process";
}

/* Why there is no whole answer. */
static hm_err explain_death(struct hm_cx *cx, const char *job, int status)
{
	const char *who = who_is(job);
	if (!WIFSIGNALED(status))
		return hm_fail(cx, HM_INPUT, "its %s ended without an answer", who);
	int sig = WTERMSIG(status);
	if (sig == SIGXCPU)
		return hm_fail(cx, HM_LIMIT, "its %s used more than %d s of processor time", who,
			       (int)HM_MAX_WORKER_SECONDS);
	if (sig == SIGSYS)
		return hm_fail(cx, HM_INPUT,
			       "its %s tried something that the sandbox forbids, and was stopped",
			       who);
	if (sig == SIGKILL && hm_worker_job(job)->kind != HM_JOB_PARSES)
		return hm_fail(cx, HM_SYSTEM, "its process was killed");
	if (sig == SIGABRT || sig == SIGKILL)
		return hm_fail(cx, HM_LIMIT, "its %s ran out of memory", who);
	return hm_fail(cx, HM_INPUT, "its %s crashed (%s) and was contained", who,
		       sigabbrev_np(sig) ? sigabbrev_np(sig) : "signal");
}

static hm_err open_frame(struct hm_cx *cx, struct hm_worker *w, struct hm_str frame, int status,
			 struct hm_str *out)
{
	struct hm_cur c = hm_cur(frame);
	struct hm_str head = hm_take_str(&c, sizeof(frame_head));
	uint64_t code = hm_le(&c, 1), n = hm_le(&c, 8);
	struct hm_str payload = hm_take_str(&c, n);
	struct hm_str tail = hm_take_str(&c, sizeof(frame_tail));
	w->died = c.bad || c.n || status != 0 || !hm_eq(head, hm_bytes(frame_head, 4)) ||
		  !hm_eq(tail, hm_bytes(frame_tail, 4)) || code >= HM_CODES;
	if (w->died)
		return explain_death(cx, w->job, status);
	if (code)
		return hm_fail(cx, (enum hm_code)code, "%.*s",
			       HM_FMT(hm_sub(payload, 0, SENTENCE_MAX)));
	HM_TRY(hm_charge(cx, payload.n));
	*out = hm_dup(cx, payload);
	return NULL;
}

hm_err hm_worker_end(struct hm_cx *cx, struct hm_worker *w, struct hm_str frame, struct hm_str *out)
{
	int status;
	bool lingers;
	hm_close_fd(&w->out);
	HM_TRY(reap_worker(cx, w, &status, &lingers));
	if (lingers && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
		return hm_fail(cx, HM_INPUT, "its %s went on behind its answer, and was stopped",
			       who_is(w->job));
	return open_frame(cx, w, frame, status, out);
}

hm_err hm_worker_answer(struct hm_cx *cx, struct hm_worker *w, struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_WORKER_RESULT + FRAME_HEAD + FRAME_TAIL + 512 * HM_KIB);
	hm_close_fd(&w->in);
	hm_err err = read_answer(cx, w, &b);
	if (err) {
		hm_worker_done(w);
		return err;
	}
	return hm_worker_end(cx, w, hm_buf_str(&b), out);
}
