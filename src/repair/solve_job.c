/* SPDX-License-Identifier: Apache-2.0 */
/* In the worker: databases and indexes become packages, and these an answer. */
#include <errno.h>
#include <malloc.h>
#include <unistd.h>

#include "base/pool.h"
#include "codec/stream_ahead.h"
#include "codec/xz_halves.h"
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
	/* Of a text that was cut anywhere: what stands before its first empty line, and behind its
	 * last. */
	bool is_second, is_first;
	struct hm_str head, tail;
};

static void parsing_done(struct parsing *p)
{
	hm_cx_done(&p->scratch);
}

static struct parsing start_parsing(const struct parsing *of, struct solve_kept *all)
{
	return (struct parsing){ .all = all,
				 .installed = of->installed,
				 .index = of->index,
				 .scratch = HM_CX(HM_MAX_JSON) };
}

static hm_err on_stanza(struct hm_cx *cx, struct parsing *p, struct hm_str text, bool is_whole)
{
	struct solve_package package;
	bool good;
	if (p->is_second && !p->head.n) {
		p->head = hm_dup(cx, text);
		return NULL;
	}
	if (p->is_first && !is_whole) {
		p->tail = hm_dup(cx, text);
		return NULL;
	}
	struct hm_mark mark = hm_mark(&p->scratch);
	HM_TRY(repair_deb_package(&p->scratch, text, p->installed, &package, &good));
	if (good) {
		package.index = p->index;
		HM_TRY(repair_solve_keep(cx, p->all, &package));
	}
	hm_release(&p->scratch, mark);
	return NULL;
}

static hm_err fill_window(struct hm_cx *cx, struct stream_source text, struct window *w,
			  bool *out_end)
{
	enum { STEP = 256 * 1024 };
	size_t got, want;
	if (w->at && w->n > w->at)
		memmove(w->p, w->p + w->at, w->n - w->at);
	w->n -= w->at;
	w->at = 0;
	want = w->cap - w->n < STEP ? w->cap - w->n : STEP;
	if (!want)
		return hm_fail(cx, HM_LIMIT, "a package's description of more than %zu bytes",
			       w->cap);
	HM_TRY(text.read(cx, text.arg, w->p + w->n, want, &got));
	*out_end = got < want;
	w->n += got;
	return NULL;
}

static hm_err parse(struct hm_cx *cx, struct stream_source text, struct parsing *p)
{
	enum { WINDOW = 4 * 1024 * 1024 }; /* the longest stanza */
	struct window w = { .p = hm_room(cx, WINDOW, 1), .cap = WINDOW };
	bool end = false;
	uint64_t total = 0;
	while (!end || w.at < w.n) {
		struct hm_str have = hm_bytes(w.p + w.at, w.n - w.at);
		size_t stop = hm_find(have, HM_STR("\n\n"));
		if (stop == SIZE_MAX && !end) {
			size_t before = have.n;
			HM_TRY(fill_window(cx, text, &w, &end));
			total += w.n - before;
			if (total > HM_MAX_REPAIR_INDEX)
				return hm_fail(cx, HM_LIMIT,
					       "an index inflates to more than %llu bytes",
					       (unsigned long long)HM_MAX_REPAIR_INDEX);
			continue;
		}
		size_t n = stop == SIZE_MAX ? have.n : stop + 1;
		HM_TRY(on_stanza(cx, p, hm_sub(have, 0, n), stop != SIZE_MAX));
		w.at += stop == SIZE_MAX ? n : n + 1;
	}
	return NULL;
}

/* ------------------------------------------------------------------ an index in two halves */

static hm_err read_stream(struct hm_cx *cx, void *arg, void *room, size_t n, size_t *out_n)
{
	return stream_read(cx, arg, room, n, out_n);
}

/* The second half is read on a thread of its own, where there is one. */
struct half {
	struct xz_half file;
	struct parsing parsing;
	struct solve_kept kept;
	struct hm_cx cx;
	hm_err err;
};

static void half_done(struct half *h)
{
	parsing_done(&h->parsing);
	hm_cx_done(&h->cx);
}

static hm_err parse_half(struct hm_cx *cx, struct xz_half *file, struct parsing *p)
{
	STREAM_AUTO s = { 0 };
	HM_TRY(stream_open_package(cx, (struct stream_source){ xz_half_read, file }, &s));
	return parse(cx, (struct stream_source){ read_stream, &s }, p);
}

static void *read_second(void *arg)
{
	struct half *h = arg;
	h->err = parse_half(&h->cx, &h->file, &h->parsing);
	return NULL;
}

/* The stanza that was cut, and what an empty line at the cut divides. */
static hm_err parse_between(struct hm_cx *cx, struct parsing *first, struct hm_str head)
{
	HM_CLEANUP(parsing_done)
	struct parsing p = start_parsing(first, first->all);
	HM_AUTO_BUF b = HM_BUF(first->tail.n + head.n);
	hm_buf_add(&b, first->tail);
	hm_buf_add(&b, head);
	struct hm_str text = hm_buf_str(&b);
	return parse(cx, (struct stream_source){ stream_read_str, &text }, &p);
}

static hm_err parse_halves(struct hm_cx *cx, struct xz_half files[2], struct parsing *first)
{
	HM_CLEANUP(half_done)
	struct half second = { .file = files[1], .cx = hm_cx_child(cx, cx->budget) };
	pthread_t thread;
	second.parsing = start_parsing(first, &second.kept);
	second.parsing.is_second = first->is_first = true;
	bool runs = pthread_create(&thread, NULL, read_second, &second) == 0;
	hm_err err = parse_half(cx, &files[0], first);
	if (runs)
		pthread_join(thread, NULL);
	else
		read_second(&second);
	HM_TRY(err);
	if (second.err)
		return hm_fault_copy(cx, second.err);
	HM_TRY(parse_between(cx, first, second.parsing.head));
	return repair_solve_append(cx, first->all, &second.kept);
}

/* ------------------------------------------------------------------ whichever it is */

static hm_err read_ahead(struct hm_cx *cx, void *arg, void *room, size_t n, size_t *out_n)
{
	return stream_ahead_read(cx, arg, room, n, out_n);
}

static hm_err parse_ahead(struct hm_cx *cx, struct stream_source source, struct parsing *p)
{
	STREAM_AUTO s = { 0 };
	STREAM_AUTO_AHEAD ahead = { 0 };
	HM_TRY(stream_open_package(cx, source, &s));
	stream_ahead_open(cx, &s, &ahead);
	HM_TRY(parse(cx, (struct stream_source){ read_ahead, &ahead }, p));
	stream_ahead_close(&ahead);
	return NULL;
}

static hm_err parse_kept(struct hm_cx *cx, struct frame *f, struct parsing *p)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_XZ_HALVED);
	struct xz_half halves[2];
	size_t n = (size_t)f->left;
	char *room = hm_buf_room(&b, n);
	for (size_t at = 0, got; at < n; at += got)
		HM_TRY(read_frame(cx, f, room + at, n - at, &got));
	struct hm_str file = hm_buf_str(&b);
	if (hm_processors() > 1 && xz_halve(cx, file, halves) &&
	    halves[0].size + halves[1].size <= HM_MAX_REPAIR_INDEX)
		return parse_halves(cx, halves, p);
	return parse_ahead(cx, (struct stream_source){ stream_read_str, &file }, p);
}

static hm_err read_index(struct hm_cx *cx, struct frame *f, bool installed, uint32_t index,
			 struct solve_kept *all)
{
	HM_CLEANUP(parsing_done)
	struct parsing p = {
		.all = all, .installed = installed, .index = index, .scratch = HM_CX(HM_MAX_JSON)
	};
	if (f->left && f->left <= HM_MAX_XZ_HALVED)
		return parse_kept(cx, f, &p);
	HM_TRY(parse_ahead(cx, (struct stream_source){ read_frame, f }, &p));
	char rest[4096];
	size_t n = 1;
	while (f->left && n)
		HM_TRY(read_frame(cx, f, rest, sizeof(rest), &n));
	return NULL;
}

/* What decompressors have had goes back at once: else the heap keeps twice the largest of it. */
static void keep_heap_small(void)
{
	mallopt(M_MMAP_THRESHOLD, HM_MIB);
	mallopt(M_TRIM_THRESHOLD, HM_MIB);
}

hm_err repair_solve_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	struct solve_options o;
	struct solve_kept kept = { 0 };
	struct solve_packages all = { 0 };
	struct solve_answer answer = { 0 };
	struct frame f = { .fd = in };
	uint32_t index = 0;
	keep_heap_small();
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
