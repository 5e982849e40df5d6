/* SPDX-License-Identifier: Apache-2.0 */
/*
 * map.h - a map from slices to pointers, and atoms: names interned as small integers.
 *
 * The hash is SipHash-1-3 with a seed of this process, so that input cannot choose collisions.
 * A key of several texts is made by key.h. Memory is the arena's. Iteration is in order of
 * insertion, never of hash. Nothing is removed.
 */
#ifndef HM_BASE_MAP_H
#define HM_BASE_MAP_H

#include "base/vec.h"

struct hm_map_entry {
	struct hm_str key; /* not copied: it must outlive the map */
	void *value;
};

struct hm_map {
	struct hm_map_entry *entries; /* in order of insertion */
	size_t n, cap;
	uint32_t *slots; /* index + 1 into entries; 0: free */
	size_t slots_n;  /* a power of two */
};

/* NULL where there is none. */
void *hm_map_get(const struct hm_map *m, struct hm_str key);
bool hm_map_has(const struct hm_map *m, struct hm_str key);
/* Insert or replace. */
void hm_map_put(struct hm_cx *cx, struct hm_map *m, struct hm_str key, void *value);
/* The address of the value under `key`, inserted as NULL where there was none; good until the
 * next insertion. */
void **hm_map_slot(struct hm_cx *cx, struct hm_map *m, struct hm_str key);

/* Atoms: the same text gives the same number, counted from 1; 0 is no atom. */
struct hm_atoms {
	struct hm_map map;
};

/* The text is copied when it is new. */
uint32_t hm_atom(struct hm_cx *cx, struct hm_atoms *atoms, struct hm_str text);
/* 0 where the text was never interned. */
uint32_t hm_atom_find(const struct hm_atoms *atoms, struct hm_str text);
struct hm_str hm_atom_str(const struct hm_atoms *atoms, uint32_t atom);

/* SipHash-1-3 (Aumasson and Bernstein) under this process's seed. */
uint64_t hm_hash(struct hm_str s);
/* The same under a key of the caller's, of `first` (eight bytes, little endian) and `s` behind it.
 */
uint64_t hm_hash_keyed(const uint64_t key[2], uint64_t first, struct hm_str s);

#endif
