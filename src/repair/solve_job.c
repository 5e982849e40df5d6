/* SPDX-License-Identifier: Apache-2.0 */
/* In the worker: databases and indexes become packages, and these an answer. */
#include <errno.h>
#include <unistd.h>

#include "codec/stream_ahead.h"
#include "repair/repair.h"
#include "repair/solver.h"

struct frame {
	int fd;
	uint64_t left;
};

static hm_err read_frame(struct hm_cx *cx, void *arg, void *room, size_t n, size_t *out_n)
{
	struct frame *f = arg;
	*out_n = 0;
	if (n > f->left)
		n = (size_t)f->left;
	if (!n)
		return NULL;
	HM_TRY(stream_read_fd(cx, &f->fd, room, n, out_n));
	f->left -= *out_n;
	return *out_n ? NULL : hm_fail(cx, HM_INPUT, "the input ends early");
}

/* False: there are no more. */
static hm_err next_frame(struct hm_cx *cx, struct frame *f, char *out_kind, bool *out_more)
{
	uint8_t head[9];
	size_t have = 0, got = 1;
	while (have < sizeof(head) && got) {
		HM_TRY(stream_read_fd(cx, &f->fd, head + have, sizeof(head) - have, &got));
		have += got;
	}
	*out_more = have == sizeof(head);
	if (have && !*out_more)
		return hm_fail(cx, HM_INPUT, "the input ends early");
	struct hm_cur c = hm_cur(hm_bytes(head, sizeof(head)));
	*out_kind = (char)hm_le(&c, 1);
	f->left = hm_le(&c, 8);
	return NULL;
}

/* Stanza after stanza, out of a window that moves along. */
struct window {
	char *p;
	size_t at, n, cap;
};

struct parsing {
	struct solve_kept *all;
	bool installed;
	uint32_t index;
	struct hm_cx scratch;
};

static void parsing_done(struct parsing *p)
{
	hm_cx_done(&p->scratch);
}

static hm_err on_stanza(struct hm_cx *cx, struct parsing *p, struct hm_str text)
{
	struct solve_package package;
	bool good;
	struct hm_mark mark = hm_mark(&p->scratch);
	HM_TRY(repair_deb_package(&p->scratch, text, p->installed, &package, &good));
	if (good) {
		package.index = p->index;
		HM_TRY(repair_solve_keep(cx, p->all, &package));
	}
	hm_release(&p->scratch, mark);
	return NULL;
}

static hm_err parse(struct hm_cx *cx, struct stream_ahead *s, struct parsing *p)
{
	enum { WINDOW = 4 * 1024 * 1024 }; /* the longest stanza */
	struct window w = { .p = hm_new(cx, char, WINDOW), .cap = WINDOW };
	bool end = false;
	uint64_t total = 0;
	while (!end || w.at < w.n) {
		struct hm_str have = hm_bytes(w.p + w.at, w.n - w.at);
		size_t stop = hm_find(have, HM_STR("\n\n"));
		if (stop == SIZE_MAX && !end) {
			if (w.at)
				memmove(w.p, w.p + w.at, w.n - w.at);
			w.n -= w.at;
			w.at = 0;
			if (w.n == w.cap)
				return hm_fail(cx, HM_LIMIT,
					       "a package's description of more than %d bytes",
					       WINDOW);
			size_t got;
			HM_TRY(stream_ahead_read(cx, s, w.p + w.n, w.cap - w.n, &got));
			end = got < w.cap - w.n;
			w.n += got;
			total += got;
			if (total > HM_MAX_REPAIR_INDEX)
				return hm_fail(cx, HM_LIMIT,
					       "an index inflates to more than %llu bytes",
					       (unsigned long long)HM_MAX_REPAIR_INDEX);
			continue;
		}
		size_t n = stop == SIZE_MAX ? have.n : stop + 1;
		HM_TRY(on_stanza(cx, p, hm_sub(have, 0, n)));
		w.at += stop == SIZE_MAX ? n : n + 1;
	}
	return NULL;
}

static hm_err read_index(struct hm_cx *cx, struct frame *f, bool installed, uint32_t index,
			 struct solve_kept *all)
{
	HM_CLEANUP(parsing_done)
	struct parsing p = {
		.all = all, .installed = installed, .index = index, .scratch = HM_CX(HM_MAX_JSON)
	};
	STREAM_AUTO s = { 0 };
	STREAM_AUTO_AHEAD ahead = { 0 };
	HM_TRY(stream_open_package(cx, (struct stream_source){ read_frame, f }, &s));
	stream_ahead_open(cx, &s, &ahead);
	HM_TRY(parse(cx, &ahead, &p));
	stream_ahead_close(&ahead);
	char rest[4096];
	size_t n = 1;
	while (f->left && n)
		HM_TRY(read_frame(cx, f, rest, sizeof(rest), &n));
	return NULL;
}

hm_err repair_solve_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	struct solve_options o;
	struct solve_kept kept = { 0 };
	struct solve_packages all = { 0 };
	struct solve_answer answer = { 0 };
	struct frame f = { .fd = in };
	uint32_t index = 0;
	HM_TRY(repair_solve_options_read(cx, args, &o));
	for (;;) {
		char kind;
		bool more;
		HM_TRY(next_frame(cx, &f, &kind, &more));
		if (!more)
			break;
		bool installed = kind == SOLVE_INSTALLED;
		HM_TRY_IN(cx, read_index(cx, &f, installed, index, &kept), "%s",
			  installed ? "installed packages" : "an index of packages");
		index += !installed;
	}
	repair_solve_choose(cx, &kept, &o, &all);
	if (o.sparse)
		repair_solve_thin(cx, &all);
	repair_solve_mark(cx, &all, &o);
	HM_TRY(repair_solve(cx, &all, &o, &answer));
	repair_solve_answer_put(out, &answer);
	return NULL;
}
