/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ring.h - a few blocks of bytes between the thread that makes them and the one that hashes them,
 * so that on two processors the hash costs no time. Private to the room.
 */
#ifndef INVENTORY_RING_H
#define INVENTORY_RING_H

#include <pthread.h>

#include "crypto/crypto.h"

enum { RING_BLOCKS = 6, RING_BLOCK_SIZE = 256 * 1024 };

struct ring {
	uint8_t *blocks[RING_BLOCKS];
	size_t sizes[RING_BLOCKS];
	size_t made, hashed; /* blocks, counted from the beginning */
	bool end, started;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	pthread_t thread;
	struct crypto_hash hash;
};

/* HM_SYSTEM: no thread to be had. The ring must not move. */
HM_MUST hm_err inventory_ring_start(struct hm_cx *cx, struct ring *r);
/* A block to fill: waits until one is free. */
uint8_t *inventory_ring_block(struct ring *r);
/* It is filled. It may still be read until the next inventory_ring_block(). */
void inventory_ring_put(struct ring *r, size_t n);
/* Everything is in: the SHA-256 of all bytes. */
void inventory_ring_end(struct ring *r, uint8_t out[32]);
void inventory_ring_done(struct ring *r); /* stops the thread, in any state */
#define RING_AUTO HM_CLEANUP(inventory_ring_done) struct ring

#endif
