/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cache.h - what is known about a layer by its compressed digest. Private to the room; for image.c.
 */
#ifndef INVENTORY_CACHE_H
#define INVENTORY_CACHE_H

#include "base/cache.h"
#include "inventory/match.h"

struct inventory_cache {
	struct hm_cache files;
	struct hm_str key;          /* of this program and seed: catalogers, patterns, limits */
	struct inventory_seed seed; /* what paths are hashed under: the cache's, or a new one */
};
/* Where `options` says; no cache where it says nothing, or its seed cannot be kept. */
void inventory_cache_open(struct hm_cx *cx, const struct inventory_options *options,
			  struct inventory_cache *out);
/* The answer of this program to what was asked of the layer (the worker's request, whole, but for
 * its seed: that is a secret, and a digest of it in c->key). */
struct hm_str inventory_cache_key(struct hm_cx *cx, const struct inventory_cache *c,
				  struct hm_str digest, struct hm_str asked);
/* A file that is damaged or of another key is not there: *out is empty. */
HM_MUST hm_err inventory_cache_get(struct hm_cx *cx, const struct inventory_cache *c,
				   struct hm_str key, struct hm_str *out);
/* The payload of a cache file; false when it is not one of this key. For the fuzz target. */
bool inventory_cache_decode(struct hm_str file, struct hm_str key, struct hm_str *out);
/* A cache that cannot be written is no fault. */
void inventory_cache_put(struct hm_cx *cx, struct inventory_cache *c, struct hm_str key,
			 struct hm_str answer);

#endif
