/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tuf.h - trust stores of Sigstore that a TUF repository keeps current.
 *
 * Such a store, truststore/sigstore/NAME/, has a folder tuf/ with the last metadata that was
 * believed (root.json, timestamp.json, snapshot.json, targets.json) and mirror.json, which says
 * from where, and when. The targets lie beside it: trusted_root.json and signing_config.json.
 *
 *   metadata.c  one file of metadata: what it says, and who signed it; keys.c
 *   client.c    the workflow of a client (specification, 5), over a function that fetches
 *   mirror.c    that function: a mirror reached by HTTP, or a folder
 *   store.c     a store: made, brought up to date, asked how old it is
 *   keep.c      its files
 *
 * An update that fails leaves the store as it was, but for a newer root that was believed already:
 * that one stays (5.3.8). Files are written in such an order, the timestamp last, that a kill
 * leaves no store that claims to be newer than it is.
 * Source: The Update Framework Specification 1.0.34.
 */
#ifndef TRUST_TUF_TUF_H
#define TRUST_TUF_TUF_H

#include "base/base.h"
#include "codec/json.h"

struct http_client;

enum tuf_role { TUF_ROOT, TUF_TIMESTAMP, TUF_SNAPSHOT, TUF_TARGETS, TUF_ROLES };
/* "root", as in a file's "_type". */
extern const char *const trust_tuf_role_names[TUF_ROLES];

/* --- the client --- */

/* Where files come from. A path is relative: "4.root.json", "targets/HASH.trusted_root.json". */
struct tuf_fetch {
	/* At most `max` bytes: HM_LIMIT past them. No such file is *out_found. */
	HM_MUST hm_err (*get)(struct hm_cx *cx, void *arg, struct hm_str path, size_t max,
			      bool *out_found, struct hm_str *out);
	void *arg;
};
/* One update. */
struct tuf_client {
	struct tuf_fetch fetch;
	int64_t now; /* the same from its beginning to its end (5.1) */
	/* Metadata by role: what was believed last, the root at least; then what is believed now.
	 * After a fault only the root may be another. */
	struct hm_str texts[TUF_ROLES];
	struct tuf_metadata *targets; /* of a refreshed one */
	bool is_consistent;
};
/* 5.2 to 5.6: root, timestamp, snapshot, targets. HM_TRUST: not to be believed, and why. HM_INPUT:
 * malformed. HM_ABSENT: the mirror does not have it. */
HM_MUST hm_err trust_tuf_refresh(struct hm_cx *cx, struct tuf_client *c);
/* 5.7, after a refresh: a target of at most `max` bytes. `kept` is taken where it is that target
 * still. HM_ABSENT: targets.json names no such one. */
HM_MUST hm_err trust_tuf_target(struct hm_cx *cx, const struct tuf_client *c, struct hm_str name,
				size_t max, struct hm_str kept, struct hm_str *out);

/* --- stores --- */

struct tuf_mirror {
	struct hm_str url;        /* http:, https:, or a folder */
	struct http_client *http; /* NULL: it must be a folder */
};
/* What is known of a store. */
struct tuf_status {
	struct hm_str name, mirror;
	bool by_tuf;     /* else somebody put trusted_root.json there */
	int64_t updated; /* when it was last seen to be current; else the file's time */
	uint64_t versions[TUF_ROLES];
	int64_t expires[TUF_ROLES];
	struct hm_strs targets;   /* files of the store */
	const char *trusted_root; /* the path of its trusted_root.json */
};
/* Make a store, or start one anew, from a root that is believed. It is there only when all of it
 * is. HM_USAGE: no name for a store. Other faults as trust_tuf_refresh() has them. */
HM_MUST hm_err trust_tuf_init(struct hm_cx *cx, const char *config_dir, struct hm_str name,
			      const struct tuf_mirror *mirror, struct hm_str root, int64_t now);
/* Bring it up to date. `http` NULL: only where its mirror is a folder; else HM_DENIED. HM_ABSENT:
 * no such store, or not kept by TUF. */
HM_MUST hm_err trust_tuf_update(struct hm_cx *cx, const char *config_dir, struct hm_str name,
				struct http_client *http, int64_t now);
/* HM_ABSENT: no such store, with a hint how it is made. */
HM_MUST hm_err trust_tuf_status(struct hm_cx *cx, const char *config_dir, struct hm_str name,
				struct tuf_status *out);
/* The names of all stores of Sigstore, sorted. */
HM_MUST hm_err trust_tuf_list(struct hm_cx *cx, const char *config_dir, struct hm_strs *out);

/* May a store be believed at `now`, by its age? */
struct tuf_terms {
	struct http_client *http; /* NULL: offline */
	int64_t now;
	int64_t max_age; /* seconds, as a policy bounds it; 0: it does not */
};
/*
 * A store whose timestamp has expired is brought up to date; offline, or where that could not be
 * done, it is refused, unless a policy bounds the age, and it is younger. One that nobody keeps
 * current has no timestamp: only `max_age` can refuse it. HM_TRUST: too old, with a hint; or the
 * fault of the update. *out is as it is then.
 */
HM_MUST hm_err trust_tuf_freshen(struct hm_cx *cx, const char *config_dir, struct hm_str name,
				 const struct tuf_terms *terms, struct tuf_status *out);
/* Until when a store may be believed by its age, which is good now; INT64_MAX: for ever. */
int64_t trust_tuf_end(const struct tuf_status *st, int64_t max_age);
/* trust_tuf_freshen() of a store whose status is known; nothing is brought up to date. HM_TRUST. */
HM_MUST hm_err trust_tuf_check_age(struct hm_cx *cx, const struct tuf_status *st, int64_t now,
				   int64_t max_age);

#endif
