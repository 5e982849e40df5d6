/* SPDX-License-Identifier: Apache-2.0 */
/*
 * key.h - keys made of parts.
 *
 * Whatever is looked up, cached, compared or hashed under several texts together is looked up under
 * a key that is made here. Each part stands with its length before it, so that two lists of parts
 * never give the same key, whatever bytes are in them: no separator is safe from a part that has it
 * inside. A letter at the front keeps kinds of keys apart that share a map or a cache.
 *
 *     hm_map_put(cx, &packages, HM_KEY(cx, 'p', type, name), package);
 */
#ifndef HM_BASE_KEY_H
#define HM_BASE_KEY_H

#include "base/str.h"

/* The letter, then each part behind its length (LEB128). In the arena. */
struct hm_str hm_key_of(struct hm_cx *cx, char kind, const struct hm_str *parts, size_t n);
#define HM_KEY(cx, kind, ...)                                           \
	hm_key_of((cx), (kind), (const struct hm_str[]){ __VA_ARGS__ }, \
		  sizeof((const struct hm_str[]){ __VA_ARGS__ }) / sizeof(struct hm_str))

/* A number as a part. */
struct hm_str hm_key_number(struct hm_cx *cx, uint64_t v);

#endif
