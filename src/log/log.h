/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log.h - transparency logs: what it takes to believe that an entry is in one.
 *
 * A log is a Merkle tree over its entries. An inclusion proof leads from an entry to the tree's
 * root; a checkpoint is the root and the tree's size, signed by the log. Who may sign is the
 * caller's to say. Nothing here asks a log anything.
 * Sources: RFC 6962, section 2 (the tree, SHA-256); C2SP tlog-checkpoint and signed-note.
 */
#ifndef LOG_LOG_H
#define LOG_LOG_H

#include "base/base.h"
#include "crypto/crypto.h"

enum { LOG_HASH = 32 }; /* bytes of a SHA-256 */

/* The hash of an entry as a leaf (RFC 6962, 2.1): LOG_HASH raw bytes in the arena. */
struct hm_str log_leaf_hash(struct hm_cx *cx, struct hm_str entry);

/* A path from a leaf to a root. */
struct log_proof {
	uint64_t index, size;  /* of the leaf; of the tree */
	struct hm_str *hashes; /* raw, from the leaf upwards */
	size_t hashes_n;
};
/* The root that the path leads to (RFC 9162, 2.1.3.2). HM_TRUST: the index is not below the size,
 * or the path has too few or too many hashes, or one that is none. */
HM_MUST hm_err log_root_of(struct hm_cx *cx, struct hm_str leaf_hash, const struct log_proof *p,
			   struct hm_str *out_root);

/* --- signed notes and checkpoints --- */

struct log_note_signature {
	struct hm_str name;
	uint32_t hint;       /* of the key: the first four bytes of its id, big-endian */
	struct hm_str value; /* what follows the hint */
};
struct log_note {
	struct hm_str text; /* what is signed: up to and with the line feed before the empty line */
	struct log_note_signature *signatures;
	size_t signatures_n;
};
/* HM_INPUT: no note. HM_LIMIT: HM_MAX_NOTE, HM_MAX_NOTE_SIGNATURES. */
HM_MUST hm_err log_note_parse(struct hm_cx *cx, struct hm_str bytes, struct log_note *out);
/* Is it signed by `key` under that name? Signatures of others, and of other keys of that
 * name, are passed over. HM_TRUST: none is good. */
HM_MUST hm_err log_note_verify(struct hm_cx *cx, const struct log_note *n, struct hm_str name,
			       uint32_t hint, const struct crypto_key *key);

struct log_checkpoint {
	struct hm_str origin; /* the log's own name */
	uint64_t size;        /* entries */
	struct hm_str root;   /* raw */
	struct log_note note;
};
/* HM_INPUT: no checkpoint. */
HM_MUST hm_err log_checkpoint_parse(struct hm_cx *cx, struct hm_str bytes,
				    struct log_checkpoint *out);

#endif
