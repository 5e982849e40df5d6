/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/ring.h"

static void *hash_blocks(void *arg)
{
	struct ring *r = arg;
	pthread_mutex_lock(&r->lock);
	for (;;) {
		while (r->hashed == r->made && !r->end)
			pthread_cond_wait(&r->changed, &r->lock);
		if (r->hashed == r->made)
			break;
		size_t i = r->hashed % RING_BLOCKS;
		pthread_mutex_unlock(&r->lock);
		crypto_hash_add(&r->hash, hm_bytes(r->blocks[i], r->sizes[i]));
		pthread_mutex_lock(&r->lock);
		r->hashed++;
		pthread_cond_signal(&r->changed);
	}
	pthread_mutex_unlock(&r->lock);
	return NULL;
}

hm_err inventory_ring_start(struct hm_cx *cx, struct ring *r)
{
	for (size_t i = 0; i < RING_BLOCKS; i++)
		r->blocks[i] = hm_new(cx, uint8_t, RING_BLOCK_SIZE);
	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->changed, NULL);
	crypto_hash_start(&r->hash, CRYPTO_SHA256);
	r->started = true;
	int e = pthread_create(&r->thread, NULL, hash_blocks, r);
	if (e) {
		r->started = false;
		crypto_hash_done(&r->hash);
		return hm_fail(cx, HM_SYSTEM, "could not start a thread");
	}
	return NULL;
}

/* The block that is being parsed while it is hashed is not the one that is given out. */
uint8_t *inventory_ring_block(struct ring *r)
{
	pthread_mutex_lock(&r->lock);
	while (r->made - r->hashed >= RING_BLOCKS)
		pthread_cond_wait(&r->changed, &r->lock);
	pthread_mutex_unlock(&r->lock);
	return r->blocks[r->made % RING_BLOCKS];
}

void inventory_ring_put(struct ring *r, size_t n)
{
	pthread_mutex_lock(&r->lock);
	r->sizes[r->made % RING_BLOCKS] = n;
	r->made++;
	pthread_cond_signal(&r->changed);
	pthread_mutex_unlock(&r->lock);
}

static void stop_hashing(struct ring *r)
{
	if (!r->started)
		return;
	pthread_mutex_lock(&r->lock);
	r->end = true;
	pthread_cond_signal(&r->changed);
	pthread_mutex_unlock(&r->lock);
	pthread_join(r->thread, NULL);
	r->started = false;
}

void inventory_ring_end(struct ring *r, uint8_t out[32])
{
	stop_hashing(r);
	uint8_t digest[CRYPTO_DIGEST_MAX];
	crypto_hash_end(&r->hash, digest);
	memcpy(out, digest, 32);
}

void inventory_ring_done(struct ring *r)
{
	bool was = r->blocks[0] != NULL && r->hash.state != NULL;
	stop_hashing(r);
	if (was)
		crypto_hash_done(&r->hash);
}
