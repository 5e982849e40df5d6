/* SPDX-License-Identifier: Apache-2.0 */
#include "base/map.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/random.h>

static uint64_t seed[2];

static void make_seed(void)
{
	if (getrandom(seed, sizeof(seed), 0) != (ssize_t)sizeof(seed))
		abort();
}

static inline uint64_t rotl(uint64_t x, unsigned n)
{
	return x << n | x >> (64 - n);
}

static inline void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotl(v[1], 13) ^ v[0];
	v[0] = rotl(v[0], 32);
	v[2] += v[3];
	v[3] = rotl(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotl(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotl(v[1], 17) ^ v[2];
	v[2] = rotl(v[2], 32);
}

static inline void sip_begin(uint64_t v[4], const uint64_t key[2])
{
	v[0] = key[0] ^ UINT64_C(0x736f6d6570736575);
	v[1] = key[1] ^ UINT64_C(0x646f72616e646f6d);
	v[2] = key[0] ^ UINT64_C(0x6c7967656e657261);
	v[3] = key[1] ^ UINT64_C(0x7465646279746573);
}

static inline void sip_word(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	sip_round(v);
	v[0] ^= word;
}

/* `before`: bytes that have gone by, a multiple of 8. */
static inline uint64_t sip_end(uint64_t v[4], size_t before, struct hm_str s)
{
	uint64_t word, last = (uint64_t)(before + s.n) << 56;
	for (; s.n >= 8; s = hm_from(s, 8)) {
		memcpy(&word, s.p, 8);
		sip_word(v, word);
	}
	for (size_t i = 0; i < s.n; i++)
		last |= (uint64_t)(unsigned char)s.p[i] << 8 * i;
	sip_word(v, last);
	v[2] ^= 0xff;
	for (int i = 0; i < 3; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

uint64_t hm_hash(struct hm_str s)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	uint64_t v[4];
	pthread_once(&once, make_seed);
	sip_begin(v, seed);
	return sip_end(v, 0, s);
}

uint64_t hm_hash_keyed(const uint64_t key[2], uint64_t first, struct hm_str s)
{
	uint64_t v[4];
	sip_begin(v, key);
	sip_word(v, first);
	return sip_end(v, sizeof(first), s);
}

/* The slot of `key`, or the free one where it belongs. The table is never full. */
static uint32_t *find_slot(const struct hm_map *m, struct hm_str key)
{
	size_t mask = m->slots_n - 1;
	for (size_t i = (size_t)hm_hash(key) & mask;; i = (i + 1) & mask) {
		uint32_t *slot = &m->slots[i];
		if (*slot == 0 || hm_eq(m->entries[*slot - 1].key, key))
			return slot;
	}
}

static void rehash_slots(struct hm_cx *cx, struct hm_map *m)
{
	m->slots_n = m->slots_n ? m->slots_n * 2 : 16;
	m->slots = hm_new(cx, uint32_t, m->slots_n);
	for (size_t i = 0; i < m->n; i++)
		*find_slot(m, m->entries[i].key) = (uint32_t)(i + 1);
}

void **hm_map_slot(struct hm_cx *cx, struct hm_map *m, struct hm_str key)
{
	if (m->n >= UINT32_MAX - 1)
		abort();
	if (m->n + 1 > m->slots_n - m->slots_n / 4)
		rehash_slots(cx, m);
	uint32_t *slot = find_slot(m, key);
	if (*slot == 0) {
		m->entries = hm_vec_grow(cx, m->entries, m->n, &m->cap, sizeof(*m->entries),
					 _Alignof(struct hm_map_entry));
		m->entries[m->n++] = (struct hm_map_entry){ .key = key };
		*slot = (uint32_t)m->n;
	}
	return &m->entries[*slot - 1].value;
}

void hm_map_put(struct hm_cx *cx, struct hm_map *m, struct hm_str key, void *value)
{
	*hm_map_slot(cx, m, key) = value;
}

bool hm_map_has(const struct hm_map *m, struct hm_str key)
{
	return m->n && *find_slot(m, key) != 0;
}

void *hm_map_get(const struct hm_map *m, struct hm_str key)
{
	uint32_t slot = m->n ? *find_slot(m, key) : 0;
	return slot ? m->entries[slot - 1].value : NULL;
}

uint32_t hm_atom(struct hm_cx *cx, struct hm_atoms *atoms, struct hm_str text)
{
	uint32_t known = hm_atom_find(atoms, text);
	if (known)
		return known;
	hm_map_put(cx, &atoms->map, hm_dup(cx, text), NULL);
	return (uint32_t)atoms->map.n;
}

uint32_t hm_atom_find(const struct hm_atoms *atoms, struct hm_str text)
{
	return atoms->map.n ? *find_slot(&atoms->map, text) : 0;
}

struct hm_str hm_atom_str(const struct hm_atoms *atoms, uint32_t atom)
{
	if (atom == 0 || atom > atoms->map.n)
		return (struct hm_str){ "", 0 };
	return atoms->map.entries[atom - 1].key;
}
