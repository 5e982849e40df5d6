/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cache.h - answers by key, for a time; equal questions in flight are asked once.
 *
 * Bounded: two generations, each with a stated maximum; when the young one is full the old one is
 * forgotten and the young one becomes old. What is used again is young again. Any thread may use
 * it.
 */
#ifndef GATE_CACHE_H
#define GATE_CACHE_H

#include "base/base.h"

struct gate_cache;

struct gate_entry {
	int64_t until; /* wall time; it is not used from then on */
	int64_t made;  /* wall time at which it was decided */
	bool admitted, unknown;
	bool kept;            /* by an earlier process, from whose tables it was loaded */
	struct hm_str digest; /* "registry/repository@digest" */
	struct hm_str why;
	struct hm_str text; /* the packed verdict; of an item, what the provider wrote */
	uint64_t change;    /* the cache's own: which change put it */
};

struct gate_cache *gate_cache_open(struct hm_cx *cx);
void gate_cache_close(struct gate_cache *c);

/* A copy of the entry in cx; false: no entry is valid at `now`. */
bool gate_cache_get(struct hm_cx *cx, struct gate_cache *c, struct hm_str key, int64_t now,
		    struct gate_entry *out);
void gate_cache_put(struct gate_cache *c, struct hm_str key, const struct gate_entry *e);
/* Add the text of a valid entry to `out`, without a copy in between. False: there is no such entry.
 */
bool gate_cache_add_text(struct gate_cache *c, struct hm_str key, int64_t now, struct hm_buf *out);

/*
 * Ask for `key`: *out_lead says that the caller is the one who computes it; it must call
 * gate_cache_leave() when it has put the answer (or failed), before cx ends. Otherwise somebody
 * else computed it, or it was there: *out is the answer. HM_BUSY: the deadline passed while
 * somebody else was computing.
 */
HM_MUST hm_err gate_cache_enter(struct hm_cx *cx, struct gate_cache *c, struct hm_str key,
				struct gate_entry *out, bool *out_lead);
void gate_cache_leave(struct gate_cache *c, struct hm_str key);

size_t gate_cache_size(struct gate_cache *c);

/*
 * The persistent verdicts: entries under a key that begins with 'v' and say "admitted". Changes to
 * them are numbered from 1.
 */
bool gate_cache_is_kept(struct hm_str key, const struct gate_entry *e);
uint64_t gate_cache_changes(struct gate_cache *c); /* the last one's number */

struct gate_change {
	struct hm_str key;
	struct gate_entry entry;
};
struct gate_changes {
	struct gate_change *p;
	size_t n, cap;
};
/* Copies of what was put by changes after `since`: persistent verdicts, and what took the place of
 * one. Returns the number of the last change. */
uint64_t gate_cache_changed(struct hm_cx *cx, struct gate_cache *c, uint64_t since,
			    struct gate_changes *out);

#endif
