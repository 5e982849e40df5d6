/* SPDX-License-Identifier: Apache-2.0 */
/*
 * metadata.h - one file of TUF metadata: what it says, and whether enough of a role's keys signed
 * it.
 *
 * Sources: The Update Framework Specification 1.0.34, 4 (formats); securesystemslib for the forms
 * of keys. Nothing here knows where a file came from, nor what time it is.
 */
#ifndef TRUST_TUF_METADATA_H
#define TRUST_TUF_METADATA_H

#include "crypto/crypto.h"
#include "trust/tuf/tuf.h"

/* A key of a root, as it stands there. */
struct tuf_key {
	struct hm_str id;     /* a name, no proof: what counts is the key */
	struct hm_str public; /* SubjectPublicKeyInfo in PEM or DER */
	enum crypto_alg alg;  /* 0: of no kind that is known; it signs nothing */
};
struct tuf_role_keys {
	struct hm_strs ids;
	uint64_t threshold;
};
struct tuf_signature {
	struct hm_str key_id, hex;
};
/* Metadata or a target, as another file names it. */
struct tuf_file {
	struct hm_str name;
	uint64_t version; /* of a target 0 */
	uint64_t length;
	bool has_length, has_hashes;
	struct hm_str hashes[CRYPTO_DIGESTS]; /* lower-case hex, by algorithm; empty: not given */
};
struct tuf_metadata {
	struct hm_str text; /* as it came */
	enum tuf_role role;
	uint64_t version;
	int64_t expires;
	struct hm_str signed_bytes; /* canonical */
	struct tuf_signature *signatures;
	size_t signatures_n;
	/* of a root */
	bool is_consistent;
	struct tuf_key *keys;
	size_t keys_n;
	struct tuf_role_keys roles[TUF_ROLES];
	/* of a timestamp and a snapshot the metadata, of targets the targets */
	struct tuf_file *files;
	size_t files_n;
};

/* `text` must be metadata of that role. It points into `text`. HM_INPUT. HM_LIMIT: the rows TUF_*
 * of base/limits.h. */
HM_MUST hm_err trust_tuf_metadata_parse(struct hm_cx *cx, enum tuf_role role, struct hm_str text,
					struct tuf_metadata *out);
/* Did as many different keys sign `m` as `root` asks for its role? One key counts once, whatever
 * names it has. HM_TRUST. */
HM_MUST hm_err trust_tuf_metadata_verify(struct hm_cx *cx, const struct tuf_metadata *root,
					 const struct tuf_metadata *m);
/* NULL: it names no such file. */
const struct tuf_file *trust_tuf_metadata_file(const struct tuf_metadata *m, struct hm_str name);
/* HM_TRUST: the bytes are not of that length, or of another hash; HM_INPUT: only of hashes that are
 * not known. */
HM_MUST hm_err trust_tuf_file_check(struct hm_cx *cx, const struct tuf_file *f,
				    struct hm_str bytes);

/* --- keys.c --- */

/* A key as securesystemslib writes it. HM_INPUT: a member is missing. */
HM_MUST hm_err trust_tuf_key_parse(struct hm_cx *cx, struct hm_str id, struct json v,
				   struct tuf_key *out);
/* Is it a signature by that key? Then `out_der` is the key itself. */
bool trust_tuf_key_has_signed(struct hm_cx *cx, const struct tuf_key *k,
			      const struct tuf_signature *s, struct hm_str bytes,
			      struct hm_str *out_der);

#endif
