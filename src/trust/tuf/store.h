/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store.h - the files of a store that TUF keeps current, and its mirror.
 */
#ifndef TRUST_TUF_STORE_H
#define TRUST_TUF_STORE_H

#include "trust/tuf/tuf.h"

/* Targets that a store has, by the names of its files. */
struct tuf_kept_target {
	const char *file;   /* "trusted_root.json" */
	const char *target; /* as the repository calls it */
	bool is_needed;     /* else the repository may have none */
};
enum { TUF_KEPT_TARGETS = 2 };
extern const struct tuf_kept_target trust_tuf_kept_targets[TUF_KEPT_TARGETS];

/* All that a store is made of. */
struct tuf_store {
	const char *dir;     /* truststore/sigstore/NAME */
	const char *tuf_dir; /* in it */
	bool is_there, by_tuf;
	struct hm_str mirror;
	int64_t updated;
	struct hm_str texts[TUF_ROLES];
	struct hm_str targets[TUF_KEPT_TARGETS]; /* empty: none */
};
/* --- keep.c --- */

/* HM_USAGE: no name for a store. HM_INPUT: a file is damaged. What is not there stays empty. */
HM_MUST hm_err trust_tuf_store_read(struct hm_cx *cx, const char *config_dir, struct hm_str name,
				    struct tuf_store *out);
/* Nobody else updates it until the descriptor is closed. Its folders are made. */
HM_MUST hm_err trust_tuf_store_lock(struct hm_cx *cx, const struct tuf_store *s, int *out_fd);
/* The timestamp last. */
HM_MUST hm_err trust_tuf_store_write(struct hm_cx *cx, const struct tuf_store *s);
/* The root alone. */
HM_MUST hm_err trust_tuf_store_write_root(struct hm_cx *cx, const struct tuf_store *s);

/* --- mirror.c --- */

/* `m` must outlive it. HM_USAGE: neither a folder nor a URL. HM_DENIED: a URL, and no network. */
HM_MUST hm_err trust_tuf_mirror_open(struct hm_cx *cx, struct tuf_mirror *m, struct tuf_fetch *out);

#endif
