/* SPDX-License-Identifier: Apache-2.0 */
/*
 * blobs.h - content by its digest, once for all who hold it.
 *
 * A back end is a row of operations: a directory, in which a holder is a path that has the content,
 * too. Whoever holds a blob says where; a blob that nobody holds any more is removed. When one
 * thread adds a holder while another drops the last one, the content stays or goes, whole. Any
 * thread may call. What was added or shared is there after a kill and after a loss of power; what
 * was dropped may come back with a loss of power.
 *
 * Digests are well-formed ("sha256:HEX"); that the content has them is the caller's to see to.
 */
#ifndef STORE_BLOBS_H
#define STORE_BLOBS_H

#include "base/base.h"

struct store_blobs;

struct store_blobs_backend {
	const char *name;
	hm_err (*open)(struct hm_cx *cx, const char *where, struct store_blobs **out);
	void (*close)(struct store_blobs *b);
	bool (*has)(struct hm_cx *cx, struct store_blobs *b, struct hm_str digest);
	hm_err (*add)(struct hm_cx *cx, struct store_blobs *b, struct hm_str digest,
		      const char *path, const char *holder);
	hm_err (*share)(struct hm_cx *cx, struct store_blobs *b, struct hm_str digest,
			const char *with, const char *holder, bool *out_there);
	hm_err (*drop)(struct hm_cx *cx, struct store_blobs *b, struct hm_str digest,
		       const char *holder, bool *out_was_there);
};
/* WHERE/ALG/HEX is the content of ALG:HEX; holders are hard links to it, on the same file system.
 */
extern const struct store_blobs_backend store_directory;

/* Removes what nobody holds: an addition was killed halfway, or a holder was deleted by other
 * means. Lives in cx. */
HM_MUST hm_err store_blobs_open(struct hm_cx *cx, const struct store_blobs_backend *backend,
				const char *where, struct store_blobs **out);
void store_blobs_close(struct store_blobs *b); /* NULL is allowed */

/* Is it there now? Somebody may drop it the next moment. */
bool store_blobs_has(struct hm_cx *cx, struct store_blobs *b, struct hm_str digest);
/* The file at `path`, whole and flushed, becomes the content, unless that is there; the file stays.
 * `holder` is one that holds it, afterwards. HM_FULL, HM_SYSTEM. */
HM_MUST hm_err store_blobs_add(struct hm_cx *cx, struct store_blobs *b, struct hm_str digest,
			       const char *path, const char *holder);
/* `holder` holds the same content as `with` (NULL: as any holder); *out_there is false where that
 * one does not hold it. */
HM_MUST hm_err store_blobs_share(struct hm_cx *cx, struct store_blobs *b, struct hm_str digest,
				 const char *with, const char *holder, bool *out_there);
/* `holder` holds it no longer; *out_was_there: it did. */
HM_MUST hm_err store_blobs_drop(struct hm_cx *cx, struct store_blobs *b, struct hm_str digest,
				const char *holder, bool *out_was_there);

#endif
