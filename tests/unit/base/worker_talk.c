/* SPDX-License-Identifier: Apache-2.0 */
#include "base/worker_talk.h"

#include "base/sandbox.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "unit.h"

/* This program is its own worker. */

/* Repeats what it is asked, and does what some questions say. */
/* What no process but ours is to know. */
static const char *const secrets[] = { "NOTATION_PASSWORD",
				       "NOTATION_USERNAME",
				       "COSIGN_PASSWORD",
				       "SIGSTORE_ID_TOKEN",
				       "DOCKER_AUTH_CONFIG",
				       "HULLMARK_ANY",
				       "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
				       "ACTIONS_RUNTIME_TOKEN",
				       "GITHUB_TOKEN",
				       "SYSTEM_ACCESSTOKEN" };

static hm_err talk(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	struct hm_str question;
	bool more = true;
	(void)out;
	for (;;) {
		HM_TRY(hm_worker_hear(cx, in, 1000, &question, &more));
		if (!more)
			return NULL;
		hm_err err = NULL;
		if (hm_eqz(question, "refuse"))
			err = hm_fail(cx, HM_DENIED, "not that");
		if (hm_eqz(question, "crash"))
			__builtin_trap();
		if (hm_eqz(question, "end"))
			return hm_fail(cx, HM_LIMIT, "enough");
		if (hm_eqz(question, "lie")) {
			HM_TRY(hm_worker_say(cx, HM_STR("\xfflie")));
			continue;
		}
		if (hm_eqz(question, "sleep"))
			poll(NULL, 0, 60000);
		HM_TRY(hm_worker_reply(cx, err,
				       hm_fmt(cx, "%.*s%.*s", HM_FMT(args), HM_FMT(question))));
	}
}

static struct hm_str first_bytes(struct hm_cx *cx, int fd)
{
	char room[16];
	ssize_t n = read(fd, room, sizeof(room));
	return n < 0 ? HM_STR("none") : hm_dup(cx, hm_bytes(room, (size_t)n));
}

/* What it was given, and what it may do. */
static hm_err look(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	static char page[4096];
	(void)args, (void)in;
	HM_AUTO_SECRET s = hm_secret_of(HM_STR("open sesame"));
	(void)s; /* it is enough that there is room for one */
	struct hm_str first = first_bytes(cx, HM_WORKER_FIRST);
	struct hm_str second = first_bytes(cx, HM_WORKER_FIRST + 1);
	hm_buf_fmt(out, "%.*s %.*s ", HM_FMT(first), HM_FMT(second));
	hm_buf_addz(out, mlock(page, sizeof(page)) == 0 ? "locks" : "does not lock");
	hm_buf_addz(out, socket(AF_INET, SOCK_STREAM, 0) < 0 ? ", no network" : ", network");
	hm_buf_addz(out, open("/etc/passwd", O_RDONLY | O_CLOEXEC) < 0 ? ", no files" : ", files");
	hm_buf_addz(out, getenv("UNIT_TALK") ? ", environment" : ", no environment");
	for (size_t i = 0; i < HM_LEN(secrets); i++)
		if (getenv(secrets[i]))
			hm_buf_fmt(out, ", %s", secrets[i]);
	return NULL;
}

static hm_err be_traced(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	(void)cx, (void)args, (void)in;
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	hm_buf_addz(out, "dumpable");
	return NULL;
}

static const struct hm_job jobs[] = {
	{ "talk", talk, true, HM_JOB_PARSES },        { "parses", look, false, HM_JOB_PARSES },
	{ "keeps", look, false, HM_JOB_KEEPS },       { "loads", look, false, HM_JOB_LOADS },
	{ "traced", be_traced, false, HM_JOB_KEEPS }, { 0 },
};

static void start(struct hm_cx *cx, struct hm_worker *w)
{
	assert_ok(hm_worker_start(cx, "talk", HM_STR("you said "), 0, w));
}

static void questions_have_replies(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	HM_AUTO_WORKER w = { .in = -1, .out = -1 };
	struct hm_str reply;
	start(&cx, &w);
	for (int i = 0; i < 100; i++) {
		assert_ok(hm_worker_ask(&cx, &w, HM_STR("hello"), &reply));
		assert_strz(reply, "you said hello");
	}
	assert_fault(hm_worker_ask(&cx, &w, HM_STR("refuse"), &reply), HM_DENIED, "not that");
	assert_ok(hm_worker_ask(&cx, &w, HM_STR(""), &reply));
	assert_strz(reply, "you said ");
}

static const struct talk_case {
	const char *label, *question;
	enum hm_code code;
	const char *why;
} cases[] = {
	{ "a crash is a fault", "crash", HM_INPUT, "its reader crashed" },
	{ "a worker that ends says why", "end", HM_LIMIT, "enough" },
	{ "a code that is none is not believed", "lie", HM_INPUT, "code 255" },
};

static void asked(void **state)
{
	const struct talk_case *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	HM_AUTO_WORKER w = { .in = -1, .out = -1 };
	struct hm_str reply;
	start(&cx, &w);
	assert_fault(hm_worker_ask(&cx, &w, hm_cstr(t->question), &reply), t->code, t->why);
}

static void who_has_ended_is_not_asked(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	HM_AUTO_WORKER w = { .in = -1, .out = -1 };
	struct hm_str reply;
	start(&cx, &w);
	assert_fault(hm_worker_ask(&cx, &w, HM_STR("end"), &reply), HM_LIMIT, "enough");
	assert_fault(hm_worker_ask(&cx, &w, HM_STR("a"), &reply), HM_SYSTEM, "has ended");
}

static void a_question_may_be_too_long(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	HM_AUTO_WORKER w = { .in = -1, .out = -1 };
	char *room = hm_new(&cx, char, 1001);
	struct hm_str reply;
	start(&cx, &w);
	memset(room, 'a', 1001);
	assert_fault(hm_worker_ask(&cx, &w, hm_bytes(room, 1001), &reply), HM_LIMIT,
		     "a question of 1001 bytes");
}

static void a_deadline_ends_the_waiting(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	HM_AUTO_WORKER w = { .in = -1, .out = -1 };
	struct hm_str reply;
	start(&cx, &w);
	cx.deadline = hm_mono() + HM_SECOND / 5;
	assert_fault(hm_worker_ask(&cx, &w, HM_STR("sleep"), &reply), HM_BUSY, "deadline");
}

/* Descriptors come at their places, whatever is open at those numbers here. */
static void jobs_differ(void **state)
{
	static const struct {
		const char *job, *answer;
	} wanted[] = {
		{ "keeps", "first none locks, no network, no files, no environment" },
		{ "loads", "first none locks, network, files, environment" },
	};
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	int low = open("/dev/null", O_RDONLY); /* is inherited */
	for (size_t i = 0; i < HM_LEN(wanted); i++) {
		HM_AUTO_WORKER w = { .in = -1, .out = -1 };
		HM_AUTO_FD fd = -1;
		struct hm_str answer;
		assert_ok(hm_temp_fd(&cx, &fd));
		assert_ok(hm_write_all(&cx, fd, "file", HM_STR("first")));
		lseek(fd, 0, SEEK_SET);
		struct hm_work work = { .name = wanted[i].job, .fds = { fd, -1 }, .fds_n = 2 };
		assert_ok(hm_worker_start_with(&cx, &work, &w));
		assert_ok(hm_worker_answer(&cx, &w, &answer));
		assert_strz(answer, wanted[i].answer);
	}
	close(low);
}

static void parsers_keep_no_secrets(void **state)
{
	(void)state;
	if (HM_SANITIZED) {
		print_message("skipped: the sandbox of a sanitized worker allows more\n");
		skip();
	}
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct hm_str answer;
	assert_fault(hm_worker_run(&cx, "parses", HM_STR(""), HM_STR(""), &answer), HM_INPUT,
		     "sandbox forbids");
	assert_fault(hm_worker_run(&cx, "traced", HM_STR(""), HM_STR(""), &answer), HM_INPUT,
		     "its process tried something that the sandbox forbids");
}

int main(int argc, char **argv)
{
	hm_worker_jobs(jobs);
	hm_worker_main(argc, argv);
	hm_worker_program(argv[0]);
	setenv("UNIT_TALK", "1", 1);
	for (size_t i = 0; i < HM_LEN(secrets); i++)
		setenv(secrets[i], "1", 1);
	UNIT(questions_have_replies);
	UNIT_TABLE(asked, cases);
	UNIT(who_has_ended_is_not_asked);
	UNIT(a_question_may_be_too_long);
	UNIT(a_deadline_ends_the_waiting);
	UNIT(jobs_differ);
	UNIT(parsers_keep_no_secrets);
	return unit_run("base/worker_talk");
}
