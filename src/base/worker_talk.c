/* SPDX-License-Identifier: Apache-2.0 */
#include "base/worker_talk.h"

#include <errno.h>
#include <poll.h>

#include "base/file.h"
#include "base/worker_parts.h"

enum { HEAD = 4, FRAME_MAX = 64 * 1024, SENTENCE_MAX = 4096 };

/* ------------------------------------------------------------------ in the worker */

/* As many of n bytes as there are before the end. */
static hm_err read_some(struct hm_cx *cx, int fd, char *room, size_t n, size_t *out_n)
{
	size_t have = 0;
	while (have < n) {
		ssize_t got = read(fd, room + have, n - have);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return hm_fail_os(cx, "could not read a question");
		if (got == 0)
			break;
		have += (size_t)got;
	}
	*out_n = have;
	return NULL;
}

hm_err hm_worker_hear(struct hm_cx *cx, int in, size_t max, struct hm_str *out, bool *out_more)
{
	char head[HEAD];
	size_t got;
	HM_TRY(read_some(cx, in, head, HEAD, &got));
	*out_more = got == HEAD;
	if (got < HEAD)
		return NULL;
	struct hm_cur c = hm_cur(hm_bytes(head, HEAD));
	size_t n = hm_le(&c, HEAD);
	if (n > max)
		return hm_fail(cx, HM_LIMIT, "a question of %zu bytes is too long", n);
	char *room = hm_new(cx, char, n + 1);
	HM_TRY(read_some(cx, in, room, n, &got));
	*out_more = got == n;
	*out = hm_bytes(room, got);
	return NULL;
}

hm_err hm_worker_reply(struct hm_cx *cx, hm_err err, struct hm_str answer)
{
	HM_AUTO_BUF b = { .max = HM_RECORD_MAX, .secret = cx->secret };
	struct hm_str record;
	if (err)
		answer = hm_sub(hm_cstr(err->why), 0, SENTENCE_MAX);
	hm_buf_le(&b, err ? (uint64_t)err->code : 0, 1);
	hm_buf_add(&b, answer);
	HM_TRY(hm_buf_end(cx, &b, "reply", &record));
	return hm_worker_say(cx, record);
}

/* ------------------------------------------------------------------ in the parent */

/* n bytes, or fewer at the end. */
static hm_err read_reply(struct hm_cx *cx, struct hm_worker *w, struct hm_buf *b, size_t n)
{
	while (n) {
		char *room = hm_buf_room(b, n);
		if (!room)
			return hm_fail(cx, HM_LIMIT, "the reply of a worker is too large");
		ssize_t got = read(w->out, room, n);
		b->n -= n - (got > 0 ? (size_t)got : 0);
		if (got == 0)
			return NULL;
		if (got > 0)
			n -= (size_t)got;
		else if (errno == EAGAIN)
			HM_TRY(hm_worker_wait(cx, w->out, POLLIN));
		else if (errno != EINTR)
			return hm_fail_os(cx, "could not read the reply of a worker");
	}
	return NULL;
}

/* It says no more: what it ended with is the fault. */
static hm_err hear_end(struct hm_cx *cx, struct hm_worker *w)
{
	HM_AUTO_BUF b = HM_BUF(FRAME_MAX);
	struct hm_str answer;
	hm_close_fd(&w->in);
	HM_TRY(read_reply(cx, w, &b, FRAME_MAX));
	HM_TRY(hm_worker_end(cx, w, hm_buf_str(&b), &answer));
	return hm_fail(cx, HM_SYSTEM, "its process ended before it was asked everything");
}

static hm_err read_record(struct hm_cx *cx, struct hm_worker *w, struct hm_buf *b)
{
	HM_TRY(read_reply(cx, w, b, HM_RECORD_HEAD));
	struct hm_cur c = hm_cur(hm_buf_str(b));
	size_t n = hm_le(&c, HM_RECORD_HEAD);
	if (c.bad || n == 0)
		return hear_end(cx, w);
	if (n > HM_RECORD_MAX)
		return hm_fail(cx, HM_INPUT, "a worker gave out a record of %zu bytes", n);
	hm_buf_clear(b);
	HM_TRY(read_reply(cx, w, b, n));
	return b->n < n ? hear_end(cx, w) : NULL;
}

hm_err hm_worker_question(struct hm_cx *cx, struct hm_worker *w, struct hm_str question)
{
	HM_AUTO_BUF head = HM_BUF(HEAD);
	bool wants;
	if (w->pid <= 0)
		return hm_fail(cx, HM_SYSTEM, "its process has ended");
	hm_buf_le(&head, question.n, HEAD);
	HM_TRY(hm_worker_feed(cx, w, hm_buf_str(&head), &wants));
	return hm_worker_feed(cx, w, question, &wants);
}

hm_err hm_worker_heard(struct hm_cx *cx, struct hm_worker *w, struct hm_str *out)
{
	HM_AUTO_BUF b = { .max = HM_RECORD_MAX + HM_RECORD_HEAD, .secret = cx->secret };
	if (w->pid <= 0)
		return hm_fail(cx, HM_SYSTEM, "its process has ended");
	HM_TRY(read_record(cx, w, &b));
	struct hm_cur c = hm_cur(hm_buf_str(&b));
	uint64_t code = hm_le(&c, 1);
	struct hm_str answer = hm_take_str(&c, c.n);
	if (code >= HM_CODES)
		return hm_fail(cx, HM_INPUT, "a worker replied with code %u", (unsigned)code);
	if (code)
		return hm_fail(cx, (enum hm_code)code, "%.*s",
			       HM_FMT(hm_sub(answer, 0, SENTENCE_MAX)));
	HM_TRY(hm_charge(cx, answer.n));
	*out = hm_dup(cx, answer);
	return NULL;
}

hm_err hm_worker_ask(struct hm_cx *cx, struct hm_worker *w, struct hm_str question,
		     struct hm_str *out)
{
	HM_TRY(hm_worker_question(cx, w, question));
	return hm_worker_heard(cx, w, out);
}
