/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/stream_ahead.h"

static void *decode_blocks(void *arg)
{
	struct stream_ahead *a = arg;
	pthread_mutex_lock(&a->lock);
	while (!a->end && !a->stop) {
		if (a->made - a->used == STREAM_AHEAD_BLOCKS) {
			pthread_cond_wait(&a->changed, &a->lock);
			continue;
		}
		size_t i = a->made % STREAM_AHEAD_BLOCKS, n = 0;
		pthread_mutex_unlock(&a->lock);
		hm_err err = stream_read(&a->cx, a->s, a->blocks[i], STREAM_AHEAD_BLOCK, &n);
		pthread_mutex_lock(&a->lock);
		a->sizes[i] = err ? 0 : n;
		a->err = err;
		a->end = err || n < STREAM_AHEAD_BLOCK;
		a->made += a->sizes[i] > 0;
		pthread_cond_broadcast(&a->changed);
	}
	pthread_mutex_unlock(&a->lock);
	return NULL;
}

void stream_ahead_open(struct hm_cx *cx, struct stream *s, struct stream_ahead *a)
{
	*a = (struct stream_ahead){ .s = s, .cx = hm_cx_child(cx, cx->budget), .is_set = true };
	for (size_t i = 0; i < STREAM_AHEAD_BLOCKS; i++)
		a->blocks[i] = hm_room(cx, STREAM_AHEAD_BLOCK, 1);
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->changed, NULL);
	a->runs = pthread_create(&a->thread, NULL, decode_blocks, a) == 0;
}

/* The oldest block, once there is one. */
static hm_err wait_for_block(struct hm_cx *cx, struct stream_ahead *a, struct hm_str *out)
{
	pthread_mutex_lock(&a->lock);
	while (a->made == a->used && !a->end)
		pthread_cond_wait(&a->changed, &a->lock);
	size_t i = a->used % STREAM_AHEAD_BLOCKS;
	bool is_there = a->made > a->used;
	pthread_mutex_unlock(&a->lock);
	*out = is_there ? hm_from(hm_bytes((const char *)a->blocks[i], a->sizes[i]), a->at)
			: HM_STR("");
	return !is_there && a->err ? hm_fault_copy(cx, a->err) : NULL;
}

static void give_block_back(struct stream_ahead *a)
{
	pthread_mutex_lock(&a->lock);
	a->used++;
	a->at = 0;
	pthread_cond_broadcast(&a->changed);
	pthread_mutex_unlock(&a->lock);
}

hm_err stream_ahead_read(struct hm_cx *cx, struct stream_ahead *a, void *room, size_t n,
			 size_t *out_n)
{
	size_t have = 0;
	if (!a->runs)
		return stream_read(cx, a->s, room, n, out_n);
	while (have < n) {
		struct hm_str block;
		HM_TRY(wait_for_block(cx, a, &block));
		if (!block.n)
			break;
		struct hm_str some = hm_sub(block, 0, n - have);
		memcpy((char *)room + have, some.p, some.n);
		have += some.n;
		a->at += some.n;
		if (some.n == block.n)
			give_block_back(a);
	}
	*out_n = have;
	return NULL;
}

void stream_ahead_close(struct stream_ahead *a)
{
	if (!a->is_set)
		return;
	pthread_mutex_lock(&a->lock);
	a->stop = true;
	pthread_cond_broadcast(&a->changed);
	pthread_mutex_unlock(&a->lock);
	if (a->runs)
		pthread_join(a->thread, NULL);
	pthread_mutex_destroy(&a->lock);
	pthread_cond_destroy(&a->changed);
	hm_cx_done(&a->cx);
	a->is_set = false;
}
