/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/ahead.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/pool.h"
#include "codec/stream.h"

enum { STEP = 256 * 1024, LITTLE = 4096 };
enum { WINDOW = HM_RECORD_HEAD + HM_RECORD_MAX + STEP };

enum state { IDLE, RUNS, READ, TAKEN };
struct repair_ahead_item {
	enum state state;
	struct hm_cx cx; /* of its fault */
	hm_err err;
	struct repair_stored records;
};

/* ------------------------------------------------------------------ one package */

struct spooling {
	int in, out; /* the package; the archive's file */
	uint64_t n;
};

static void spooling_done(struct spooling *s)
{
	hm_close_fd(&s->in);
}

static hm_err on_read(struct hm_cx *cx, void *arg, char *room, size_t n, size_t *out_n)
{
	struct spooling *s = arg;
	return stream_read_fd(cx, &s->in, room, n, out_n);
}

static hm_err on_records(struct hm_cx *cx, void *arg, struct hm_str framed)
{
	struct spooling *s = arg;
	s->n += framed.n;
	if (s->n > HM_MAX_LAYER_TAR)
		return hm_fail(cx, HM_LIMIT, "it inflates to more than %llu bytes",
			       (unsigned long long)HM_MAX_LAYER_TAR);
	return hm_write_all(cx, s->out, "a temporary file", framed);
}

static hm_err read_package(struct hm_cx *cx, struct repair_ahead *a, size_t i, int out,
			   struct repair_stored *out_records)
{
	HM_CLEANUP(spooling_done)
	struct spooling s = { .in = -1, .out = out };
	HM_AUTO_WORKER w = { .in = -1, .out = -1 };
	struct hm_flow flow = { .read = on_read, .records = on_records, .arg = &s };
	struct hm_str none;
	off_t from = lseek(out, 0, SEEK_CUR);
	if (from < 0)
		return hm_fail_os(cx, "could not read a temporary file");
	HM_TRY(a->work.get(cx, a->work.arg, i, &s.in));
	HM_TRY(hm_worker_template_start(cx, &a->readers, HM_STR(""), &w));
	hm_err err = hm_worker_flow(cx, &w, &flow, &none);
	hm_worker_template_end(&a->readers, &w);
	HM_TRY(err);
	*out_records = (struct repair_stored){ out, (uint64_t)from, s.n };
	return NULL;
}

static void read_item(struct repair_ahead *a, size_t i, int file)
{
	struct repair_ahead_item *item = &a->items[i];
	item->err = read_package(&item->cx, a, i, file, &item->records);
}

/* ------------------------------------------------------------------ threads */

/* The next one, under the lock; n: there is none yet. */
static size_t choose_next(struct repair_ahead *a)
{
	size_t n = a->work.n;
	if (a->wanted < n && a->items[a->wanted].state == IDLE)
		return a->wanted;
	while (a->begun < n && a->items[a->order[a->begun]].state != IDLE)
		a->begun++;
	return a->begun < n && a->waiting < REPAIR_AHEAD_MOST ? a->order[a->begun] : n;
}

static void *read_packages(void *arg)
{
	struct repair_ahead *a = arg;
	pthread_mutex_lock(&a->lock);
	int file = a->files[a->running++];
	while (!a->stop && a->begun < a->work.n) {
		size_t i = choose_next(a);
		if (i == a->work.n) {
			if (a->begun < a->work.n)
				pthread_cond_wait(&a->changed, &a->lock);
			continue;
		}
		a->items[i].state = RUNS;
		a->waiting++;
		pthread_mutex_unlock(&a->lock);
		read_item(a, i, file);
		pthread_mutex_lock(&a->lock);
		a->items[i].state = READ;
		pthread_cond_broadcast(&a->changed);
	}
	pthread_mutex_unlock(&a->lock);
	return NULL;
}

static int by_size(const void *x, const void *y, void *arg)
{
	const struct repair_ahead_work *w = arg;
	size_t i = *(const size_t *)x, j = *(const size_t *)y;
	uint64_t a = w->size(w->arg, i), b = w->size(w->arg, j);
	return a != b ? (a < b ? 1 : -1) : (i > j) - (i < j);
}

hm_err repair_ahead_start(struct hm_cx *cx, const struct repair_ahead_work *work,
			  struct repair_archive *archive, struct repair_ahead *a)
{
	size_t n = work->n, most = hm_processors();
	if (most > REPAIR_AHEAD_THREADS)
		most = REPAIR_AHEAD_THREADS;
	*a = (struct repair_ahead){ .work = *work, .wanted = n, .is_set = true };
	a->items = hm_new(cx, struct repair_ahead_item, n);
	a->order = hm_new(cx, size_t, n);
	for (size_t i = 0; i < n; i++) {
		a->order[i] = i;
		a->items[i].cx = hm_cx_child(cx, cx->budget);
		a->items[i].cx.stop = &a->stop;
	}
	qsort_r(a->order, n, sizeof(*a->order), by_size, &a->work);
	hm_worker_template_init(&a->readers, work->job);
	if (n > 1)
		hm_worker_template_begin(&a->readers);
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->changed, NULL);
	for (size_t i = 0; i < most; i++)
		HM_TRY(repair_archive_file(cx, archive, &a->files[i]));
	while (a->threads_n < most && a->threads_n < n &&
	       pthread_create(&a->threads[a->threads_n], NULL, read_packages, a) == 0)
		a->threads_n++;
	return NULL;
}

static void item_done(struct repair_ahead_item *item)
{
	hm_cx_done(&item->cx);
	item->err = NULL;
}

void repair_ahead_done(struct repair_ahead *a)
{
	if (!a->is_set)
		return;
	pthread_mutex_lock(&a->lock);
	atomic_store(&a->stop, true);
	pthread_cond_broadcast(&a->changed);
	pthread_mutex_unlock(&a->lock);
	while (a->threads_n)
		pthread_join(a->threads[--a->threads_n], NULL);
	for (size_t i = 0; i < a->work.n; i++)
		item_done(&a->items[i]);
	hm_worker_template_done(&a->readers);
	pthread_mutex_destroy(&a->lock);
	pthread_cond_destroy(&a->changed);
	a->is_set = false;
}

/* ------------------------------------------------------------------ what they have said */

/* A window on records that moves along. After a long record little is read: another may follow. */
struct reading {
	struct repair_stored left; /* behind what was read */
	struct hm_buf window;
	size_t at, step;
	char long_kind;
};

static void reading_done(struct reading *r)
{
	hm_buf_done(&r->window);
}

static hm_err changed(struct hm_cx *cx)
{
	return hm_fail(cx, HM_SYSTEM, "a temporary file was changed");
}

/* At least `n` bytes from .at on. */
static hm_err fill_window(struct hm_cx *cx, struct reading *r, size_t n)
{
	size_t have = r->window.n - r->at, more = n > have ? n - have : 0;
	if (!more)
		return NULL;
	if (more > r->left.n)
		return changed(cx);
	if (more < r->step)
		more = r->step < r->left.n ? r->step : (size_t)r->left.n;
	r->step = r->step < STEP ? r->step * 2 : STEP;
	if (have)
		memmove(r->window.p, r->window.p + r->at, have);
	r->window.n = have;
	r->at = 0;
	HM_TRY(hm_alive(cx));
	HM_TRY(repair_stored_bytes(cx, (struct repair_stored){ r->left.fd, r->left.at, more },
				   &r->window));
	r->left.at += more;
	r->left.n -= more;
	return NULL;
}

/* Past what is in the window, or all of that and more. */
static void skip_bytes(struct reading *r, uint64_t n)
{
	size_t have = r->window.n - r->at;
	r->at += n < have ? (size_t)n : have;
	if (n <= have)
		return;
	r->left.at += n - have;
	r->left.n -= n - have;
	r->step = LITTLE;
}

static hm_err next_record(struct hm_cx *cx, struct reading *r, repair_said_fn *said, void *arg)
{
	HM_TRY(fill_window(cx, r, HM_RECORD_HEAD + 1));
	struct hm_cur c = hm_cur(hm_from(hm_buf_str(&r->window), r->at));
	size_t n = hm_le(&c, HM_RECORD_HEAD);
	r->at += HM_RECORD_HEAD;
	if (!n || n > HM_RECORD_MAX || n > r->window.n - r->at + r->left.n)
		return changed(cx);
	bool is_long = n > REPAIR_SAID_MOST && r->window.p[r->at] == r->long_kind;
	size_t hand = is_long ? 1 : n;
	HM_TRY(fill_window(cx, r, hand));
	uint64_t at = r->left.at - (r->window.n - r->at);
	struct repair_said s = { hm_sub(hm_buf_str(&r->window), r->at, hand),
				 { r->left.fd, at + hand, n - hand } };
	HM_TRY(said(cx, arg, &s));
	skip_bytes(r, n);
	return NULL;
}

static hm_err replay(struct hm_cx *cx, const struct repair_ahead *a, size_t i, repair_said_fn *said,
		     void *arg)
{
	HM_CLEANUP(reading_done)
	struct reading r = { .left = a->items[i].records,
			     .window = HM_BUF(WINDOW),
			     .step = LITTLE,
			     .long_kind = a->work.long_kind };
	while (r.left.n || r.at < r.window.n)
		HM_TRY(next_record(cx, &r, said, arg));
	return NULL;
}

static void wait_for_item(struct repair_ahead *a, size_t i)
{
	pthread_mutex_lock(&a->lock);
	a->wanted = i;
	pthread_cond_broadcast(&a->changed);
	while (a->items[i].state != READ)
		pthread_cond_wait(&a->changed, &a->lock);
	a->wanted = a->work.n;
	pthread_mutex_unlock(&a->lock);
}

static void give_back(struct repair_ahead *a, size_t i)
{
	item_done(&a->items[i]);
	pthread_mutex_lock(&a->lock);
	a->items[i].state = TAKEN;
	if (a->threads_n)
		a->waiting--;
	pthread_cond_broadcast(&a->changed);
	pthread_mutex_unlock(&a->lock);
}

hm_err repair_ahead_take(struct hm_cx *cx, struct repair_ahead *a, size_t i, repair_said_fn *said,
			 void *arg)
{
	if (a->threads_n)
		wait_for_item(a, i);
	else
		read_item(a, i, a->files[0]);
	hm_err err =
		a->items[i].err ? hm_fault_copy(cx, a->items[i].err) : replay(cx, a, i, said, arg);
	give_back(a, i);
	return err;
}
