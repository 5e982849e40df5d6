/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records of a worker: four bytes of length in little endian, then that many bytes; a length of
 * zero is the end of them, and the answer follows.
 */
#include "base/worker_flow.h"

#include <errno.h>
#include <poll.h>

#include "base/file.h"

enum { STEP = 256 * 1024, POLL_MS = 100, ANSWER_MAX = 64 * 1024 };

struct state {
	struct hm_worker *w;
	const struct hm_flow *flow;
	struct hm_buf in; /* read, and partly fed */
	size_t fed;
	struct hm_buf out; /* of the worker, not yet taken */
	bool answers;      /* all records have come */
};

static void state_done(struct state *s)
{
	hm_buf_done(&s->in);
	hm_buf_done(&s->out);
}

static hm_err feed_input(struct hm_cx *cx, struct state *s)
{
	if (s->fed == s->in.n) {
		size_t got;
		hm_buf_clear(&s->in);
		char *room = hm_buf_room(&s->in, STEP);
		HM_TRY(s->flow->read(cx, s->flow->arg, room, STEP, &got));
		s->in.n = got;
		s->fed = 0;
		if (got == 0) {
			hm_close_fd(&s->w->in);
			return NULL;
		}
	}
	ssize_t put = write(s->w->in, s->in.p + s->fed, s->in.n - s->fed);
	if (put >= 0)
		s->fed += (size_t)put;
	else if (errno == EPIPE) /* an early answer */
		hm_close_fd(&s->w->in);
	else if (errno != EAGAIN && errno != EINTR)
		return hm_fail_os(cx, "could not feed a worker");
	return NULL;
}

/* Whole records are handed over; the beginning of the next one stays. */
static hm_err take_records(struct hm_cx *cx, struct state *s)
{
	const struct hm_flow *f = s->flow;
	struct hm_str rest = hm_buf_str(&s->out), whole = { rest.p, 0 };
	while (!s->answers && rest.n >= HM_RECORD_HEAD) {
		struct hm_cur c = hm_cur(rest);
		size_t n = hm_le(&c, HM_RECORD_HEAD);
		if (n > HM_RECORD_MAX)
			return hm_fail(cx, HM_INPUT, "a worker gave out a record of %zu bytes", n);
		if (n > c.n)
			break;
		s->answers = n == 0;
		if (n && f->records)
			whole.n += HM_RECORD_HEAD + n;
		else if (n)
			HM_TRY(f->record(cx, f->arg, hm_sub(rest, HM_RECORD_HEAD, n)));
		rest = hm_from(rest, HM_RECORD_HEAD + n);
	}
	if (whole.n)
		HM_TRY(f->records(cx, f->arg, whole));
	if (rest.n)
		memmove(s->out.p, rest.p, rest.n);
	s->out.n = rest.n;
	return NULL;
}

static hm_err take_output(struct hm_cx *cx, struct state *s, bool *out_end)
{
	char *room = hm_buf_room(&s->out, STEP);
	if (!room)
		return hm_fail(cx, HM_LIMIT, "the answer of a worker is too large");
	ssize_t got = read(s->w->out, room, STEP);
	s->out.n -= STEP - (got > 0 ? (size_t)got : 0);
	if (got < 0 && errno != EAGAIN && errno != EINTR)
		return hm_fail_os(cx, "could not read the records of a worker");
	*out_end = got == 0;
	return got > 0 ? take_records(cx, s) : NULL;
}

hm_err hm_worker_flow(struct hm_cx *cx, struct hm_worker *w, const struct hm_flow *flow,
		      struct hm_str *out)
{
	HM_CLEANUP(state_done)
	struct state s = { .w = w,
			   .flow = flow,
			   .in = HM_BUF(STEP),
			   .out = HM_BUF(HM_RECORD_HEAD + HM_RECORD_MAX + STEP + ANSWER_MAX) };
	for (bool end = false; !end;) {
		struct pollfd p[] = { { .fd = w->out, .events = POLLIN },
				      { .fd = w->in, .events = POLLOUT } };
		HM_TRY(hm_alive(cx));
		if (poll(p, 2, POLL_MS) < 0 && errno != EINTR)
			return hm_fail_os(cx, "could not wait for a worker");
		if (p[1].revents)
			HM_TRY(feed_input(cx, &s));
		if (p[0].revents)
			HM_TRY(take_output(cx, &s, &end));
	}
	return hm_worker_end(cx, w, s.answers ? hm_buf_str(&s.out) : HM_STR(""), out);
}
