/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kept.h - verdicts that outlive their process, in tables.
 *
 * A row is an entry of the cache that says "admitted" (cache.h), with a digest of all of it at
 * its end: a row that is not whole is believed by nobody, nor is any other of its database, which
 * then begins empty. There are at most as many rows and bytes as the cache could hold.
 */
#ifndef GATE_KEPT_H
#define GATE_KEPT_H

#include "gate/cache.h"
#include "store/tables.h"

/* The tables in `dir`, which is there, and what they have put into the cache: without what has
 * expired at `now` or is of a time to come, and marked as kept. HM_SYSTEM, HM_FULL, HM_BUSY. */
HM_MUST hm_err gate_kept_open(struct hm_cx *cx, const char *dir, int64_t now, struct gate_cache *c,
			      struct store_tables **out);
/* Save what the cache has changed since change *saved, which becomes its last, and remove what has
 * expired: all of it or, after a fault or a kill, nothing. */
HM_MUST hm_err gate_kept_save(struct hm_cx *cx, struct store_tables *t, int64_t now,
			      struct gate_cache *c, uint64_t *saved);

/* One entry as it stands in its row. */
struct hm_str gate_kept_pack(struct hm_cx *cx, struct hm_str key, const struct gate_entry *e);
/* Slices of `bytes`. HM_INPUT: they are damaged, or of an entry that is not kept. */
HM_MUST hm_err gate_kept_unpack(struct hm_cx *cx, struct hm_str bytes, struct gate_change *out);

#endif
