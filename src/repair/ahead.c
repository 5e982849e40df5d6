/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/ahead.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/pool.h"
#include "codec/stream.h"

enum { STEP = 256 * 1024, ROOM = 512 * 1024 };

enum state { IDLE, RUNS, READ, TAKEN };
struct repair_ahead_item {
	enum state state;
	struct hm_cx cx; /* of its fault */
	hm_err err;
	int fd; /* its records */
};

/* ------------------------------------------------------------------ one package */

struct spooling {
	int in, out;
	uint64_t n;
	struct hm_buf buffer; /* small records go together */
};

static void spooling_done(struct spooling *s)
{
	hm_close_fd(&s->in);
	hm_close_fd(&s->out);
	hm_buf_done(&s->buffer);
}

static hm_err flush(struct hm_cx *cx, struct spooling *s)
{
	HM_TRY(hm_write_all(cx, s->out, "a temporary file", hm_buf_str(&s->buffer)));
	hm_buf_clear(&s->buffer);
	return NULL;
}

static hm_err on_read(struct hm_cx *cx, void *arg, char *room, size_t n, size_t *out_n)
{
	struct spooling *s = arg;
	return stream_read_fd(cx, &s->in, room, n, out_n);
}

static hm_err on_record(struct hm_cx *cx, void *arg, struct hm_str record)
{
	struct spooling *s = arg;
	s->n += HM_RECORD_HEAD + record.n;
	if (s->n > HM_MAX_LAYER_TAR)
		return hm_fail(cx, HM_LIMIT, "it inflates to more than %llu bytes",
			       (unsigned long long)HM_MAX_LAYER_TAR);
	if (s->buffer.n > ROOM - STEP)
		HM_TRY(flush(cx, s));
	hm_buf_le(&s->buffer, record.n, HM_RECORD_HEAD);
	if (record.n <= STEP / 2) {
		hm_buf_add(&s->buffer, record);
		return NULL;
	}
	HM_TRY(flush(cx, s));
	return hm_write_all(cx, s->out, "a temporary file", record);
}

static hm_err read_package(struct hm_cx *cx, const struct repair_ahead *a, size_t i, int *out_fd)
{
	HM_CLEANUP(spooling_done)
	struct spooling s = { .in = -1, .out = -1, .buffer = HM_BUF(ROOM) };
	HM_AUTO_WORKER w = { .in = -1, .out = -1 };
	struct hm_flow flow = { on_read, on_record, &s };
	struct hm_str none;
	HM_TRY(a->work.get(cx, a->work.arg, i, &s.in));
	HM_TRY(hm_temp_fd(cx, &s.out));
	HM_TRY(hm_worker_start(cx, a->work.job, HM_STR(""), 0, &w));
	HM_TRY(hm_worker_flow(cx, &w, &flow, &none));
	HM_TRY(flush(cx, &s));
	if (lseek(s.out, 0, SEEK_SET) < 0)
		return hm_fail_os(cx, "could not read a temporary file");
	*out_fd = hm_move_fd(s.out);
	return NULL;
}

static void read_item(struct repair_ahead *a, size_t i)
{
	struct repair_ahead_item *item = &a->items[i];
	item->err = read_package(&item->cx, a, i, &item->fd);
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
		read_item(a, i);
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

void repair_ahead_start(struct hm_cx *cx, const struct repair_ahead_work *work,
			struct repair_ahead *a)
{
	size_t n = work->n, most = hm_processors();
	*a = (struct repair_ahead){ .work = *work, .wanted = n, .is_set = true };
	a->items = hm_new(cx, struct repair_ahead_item, n);
	a->order = hm_new(cx, size_t, n);
	for (size_t i = 0; i < n; i++) {
		a->order[i] = i;
		a->items[i].cx = hm_cx_child(cx, cx->budget);
		a->items[i].cx.stop = &a->stop;
		a->items[i].fd = -1;
	}
	qsort_r(a->order, n, sizeof(*a->order), by_size, &a->work);
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->changed, NULL);
	if (most > REPAIR_AHEAD_THREADS)
		most = REPAIR_AHEAD_THREADS;
	while (a->threads_n < most && a->threads_n < n &&
	       pthread_create(&a->threads[a->threads_n], NULL, read_packages, a) == 0)
		a->threads_n++;
}

static void item_done(struct repair_ahead_item *item)
{
	hm_close_fd(&item->fd);
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
	pthread_mutex_destroy(&a->lock);
	pthread_cond_destroy(&a->changed);
	a->is_set = false;
}

/* ------------------------------------------------------------------ what they have said */

/* The whole records in `have`; *out_used is their length. */
static hm_err give_records(struct hm_cx *cx, struct hm_str have,
			   hm_err (*record)(struct hm_cx *cx, void *arg, struct hm_str record),
			   void *arg, size_t *out_used)
{
	struct hm_str rest = have;
	while (rest.n >= HM_RECORD_HEAD) {
		struct hm_cur c = hm_cur(rest);
		size_t n = hm_le(&c, HM_RECORD_HEAD);
		if (n > c.n)
			break;
		HM_TRY(record(cx, arg, hm_sub(rest, HM_RECORD_HEAD, n)));
		rest = hm_from(rest, HM_RECORD_HEAD + n);
	}
	*out_used = have.n - rest.n;
	return NULL;
}

static hm_err replay(struct hm_cx *cx, int fd,
		     hm_err (*record)(struct hm_cx *cx, void *arg, struct hm_str record), void *arg)
{
	HM_AUTO_BUF b = HM_BUF(HM_RECORD_HEAD + HM_RECORD_MAX + STEP);
	for (;;) {
		size_t got, used;
		char *room = hm_buf_room(&b, STEP);
		if (!room)
			return hm_fail(cx, HM_SYSTEM, "a temporary file was changed");
		HM_TRY(hm_alive(cx));
		HM_TRY(stream_read_fd(cx, &fd, room, STEP, &got));
		b.n -= STEP - got;
		if (!got)
			return b.n ? hm_fail(cx, HM_SYSTEM, "a temporary file was changed") : NULL;
		HM_TRY(give_records(cx, hm_buf_str(&b), record, arg, &used));
		memmove(b.p, b.p + used, b.n - used);
		b.n -= used;
	}
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

hm_err repair_ahead_take(struct hm_cx *cx, struct repair_ahead *a, size_t i,
			 hm_err (*record)(struct hm_cx *cx, void *arg, struct hm_str record),
			 void *arg)
{
	if (a->threads_n)
		wait_for_item(a, i);
	else
		read_item(a, i);
	hm_err err = a->items[i].err ? hm_fault_copy(cx, a->items[i].err)
				     : replay(cx, a->items[i].fd, record, arg);
	give_back(a, i);
	return err;
}
