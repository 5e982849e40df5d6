/* SPDX-License-Identifier: Apache-2.0 */
/*
 * image.h - the parent's half: workers started and fed, answers cached, compared with the image
 * and merged. Private to the room.
 */
#ifndef INVENTORY_IMAGE_H
#define INVENTORY_IMAGE_H

#include "inventory/answer.h"

#define INVENTORY_LAYER_JOB "inventory-layer"

/* --- cache.c: what is known about a layer by its compressed digest --- */

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

/* --- merge.c --- */

struct inventory_merge_layer {
	struct hm_str digest; /* of the compressed layer; empty for folders */
	const struct inventory_answer *answer;
};
struct inventory_view;
/* Components, edges, distro and unknown content of *inv. */
HM_MUST hm_err inventory_merge(struct hm_cx *cx, const struct inventory_view *view,
			       struct inventory *inv);

#endif
