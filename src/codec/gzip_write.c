/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Blocks of the input are compressed each by itself, on several threads, and written in their
 * order: a member each (RFC 1952, 2.2). Where a block ends depends on nothing but its size, so that
 * the stream is the same for every number of threads.
 */
#include <libdeflate.h>
#include <pthread.h>

#include "base/pool.h"
#include "codec/gzip.h"

/* The smallest block that loses less than a hundredth to those before it, which it cannot refer to.
 * libdeflate's first level takes a third of the time of zlib's third, for a fiftieth more bytes. */
enum { BLOCK = 512 * 1024, LEVEL = 1, THREADS_MAX = 8, SLOTS_MAX = THREADS_MAX + 2 };

enum state { FREE, READY, DONE };
struct slot {
	enum state state;
	uint8_t *in, *out;
	size_t in_n, out_n;
};
struct gzip_writer {
	struct gzip_to to;
	size_t room; /* of a slot's .out */
	struct slot slots[SLOTS_MAX];
	size_t slots_n;
	/* Blocks that were begun, handed to threads, taken by one of them, written; a block's slot
	 * is its number modulo slots_n. */
	size_t given, taken, written;
	bool is_set, is_over;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	pthread_t threads[THREADS_MAX];
	size_t threads_n;
	struct libdeflate_compressor *own; /* of the caller, where there are no threads */
};

static struct slot *slot_of(struct gzip_writer *w, size_t block)
{
	return &w->slots[block % w->slots_n];
}

static void pack_slot(const struct gzip_writer *w, struct libdeflate_compressor *c, struct slot *s)
{
	s->out_n = c ? libdeflate_gzip_compress(c, s->in, s->in_n, s->out, w->room) : 0;
}

/* ------------------------------------------------------------------ threads */

static void *pack_blocks(void *arg)
{
	struct gzip_writer *w = arg;
	struct libdeflate_compressor *c = libdeflate_alloc_compressor(LEVEL);
	pthread_mutex_lock(&w->lock);
	for (;;) {
		while (w->taken == w->given && !w->is_over)
			pthread_cond_wait(&w->changed, &w->lock);
		if (w->is_over)
			break;
		struct slot *s = slot_of(w, w->taken++);
		pthread_mutex_unlock(&w->lock);
		pack_slot(w, c, s);
		pthread_mutex_lock(&w->lock);
		s->state = DONE;
		pthread_cond_broadcast(&w->changed);
	}
	pthread_mutex_unlock(&w->lock);
	libdeflate_free_compressor(c);
	return NULL;
}

/* Without a thread the caller does the work. */
static void start_threads(struct gzip_writer *w)
{
	size_t most = w->slots_n - 2;
	while (w->threads_n < most &&
	       pthread_create(&w->threads[w->threads_n], NULL, pack_blocks, w) == 0)
		w->threads_n++;
}

static void stop_threads(struct gzip_writer *w)
{
	pthread_mutex_lock(&w->lock);
	w->is_over = true;
	pthread_cond_broadcast(&w->changed);
	pthread_mutex_unlock(&w->lock);
	while (w->threads_n)
		pthread_join(w->threads[--w->threads_n], NULL);
}

/* ------------------------------------------------------------------ the writer */

hm_err gzip_writer_open(struct hm_cx *cx, struct gzip_to to, struct gzip_writer **out)
{
	struct gzip_writer *w = hm_new(cx, struct gzip_writer, 1);
	unsigned threads = hm_processors();
	w->to = to;
	w->slots_n = (threads < THREADS_MAX ? threads : THREADS_MAX) + 2;
	w->own = libdeflate_alloc_compressor(LEVEL);
	if (!w->own)
		return hm_fail(cx, HM_SYSTEM, "no memory to compress");
	w->room = libdeflate_gzip_compress_bound(w->own, BLOCK);
	for (size_t i = 0; i < w->slots_n; i++) { /* the system gives it when it is touched */
		w->slots[i].in = hm_room(cx, BLOCK, 1);
		w->slots[i].out = hm_room(cx, w->room, 1);
	}
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->changed, NULL);
	w->is_set = true;
	*out = w;
	return NULL;
}

/* The oldest block, as soon as it is compressed. */
static hm_err write_oldest(struct hm_cx *cx, struct gzip_writer *w)
{
	struct slot *s = slot_of(w, w->written);
	pthread_mutex_lock(&w->lock);
	while (s->state == READY)
		pthread_cond_wait(&w->changed, &w->lock);
	pthread_mutex_unlock(&w->lock);
	if (!s->out_n)
		return hm_fail(cx, HM_SYSTEM, "could not compress");
	HM_TRY(w->to.add(cx, w->to.arg, hm_bytes((const char *)s->out, s->out_n)));
	s->state = FREE;
	s->in_n = 0;
	w->written++;
	return NULL;
}

/* The block that is being filled is full, or the last. */
static hm_err give_block(struct hm_cx *cx, struct gzip_writer *w, bool is_last)
{
	struct slot *s = slot_of(w, w->given);
	if (!w->given && !is_last)
		start_threads(w);
	if (!w->threads_n) {
		pack_slot(w, w->own, s);
		s->state = DONE;
		w->given++;
		return write_oldest(cx, w);
	}
	pthread_mutex_lock(&w->lock);
	s->state = READY;
	w->given++;
	pthread_cond_broadcast(&w->changed);
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

hm_err gzip_writer_room(struct hm_cx *cx, struct gzip_writer *w, char **out, size_t *out_n)
{
	if (w->given - w->written == w->slots_n)
		HM_TRY(write_oldest(cx, w));
	struct slot *s = slot_of(w, w->given);
	*out = (char *)s->in + s->in_n;
	*out_n = BLOCK - s->in_n;
	return NULL;
}

hm_err gzip_writer_filled(struct hm_cx *cx, struct gzip_writer *w, size_t n)
{
	struct slot *s = slot_of(w, w->given);
	s->in_n += n;
	return s->in_n == BLOCK ? give_block(cx, w, false) : NULL;
}

hm_err gzip_writer_add(struct hm_cx *cx, struct gzip_writer *w, struct hm_str bytes)
{
	while (bytes.n) {
		char *room;
		size_t n;
		HM_TRY(gzip_writer_room(cx, w, &room, &n));
		struct hm_str some = hm_sub(bytes, 0, n);
		memcpy(room, some.p, some.n);
		HM_TRY(gzip_writer_filled(cx, w, some.n));
		bytes = hm_from(bytes, some.n);
	}
	return NULL;
}

hm_err gzip_writer_end(struct hm_cx *cx, struct gzip_writer *w)
{
	if (w->given - w->written == w->slots_n)
		HM_TRY(write_oldest(cx, w));
	if (slot_of(w, w->given)->in_n || !w->given)
		HM_TRY(give_block(cx, w, true));
	while (w->written < w->given)
		HM_TRY(write_oldest(cx, w));
	return NULL;
}

void gzip_writer_close(struct gzip_writer *w)
{
	if (!w->is_set)
		return;
	stop_threads(w);
	libdeflate_free_compressor(w->own);
	pthread_mutex_destroy(&w->lock);
	pthread_cond_destroy(&w->changed);
	w->is_set = false;
}
