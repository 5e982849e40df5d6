/* SPDX-License-Identifier: Apache-2.0 */
/*
 * registry.h - the inside of the embedded registry (distribution-spec 1.1).
 *
 *   registry.c      opening, dispatch, closing
 *   answer.c        error bodies, entity tags, documents
 *   route.c         what a path, a range and a content range mean (pure)
 *   files.c         blobs of repositories, which hold those of DATA/blobs (store/blobs.h)
 *   repos.c         the repositories in memory
 *   repository.c    questions to the tables of one
 *   change.c        a change of one manifest or tag
 *   entries.c       rows of the tables: the entries of a repository, its manifests
 *   index.c         index.json, read into the tables and written out of them
 *   keeper.c        when index.json is written, and the thread that writes it later
 *   blob.c          GET, HEAD, DELETE of blobs
 *   upload_table.c  the table of uploads
 *   upload.c        uploads, whole and in pieces, mounts
 *   manifest.c      manifests by tag and digest
 *   list.c          tags, referrers, the catalog
 *   place.c         a repository as a place, for others in the program
 *
 * On disk: DATA/blobs/ALG/HEX, DATA/repos/NAME/ (an OCI layout whose blobs are hard links to
 * those), DATA/uploads/ID, DATA/tables/. A blob comes to be by a link to a file that is whole and
 * flushed, index.json by a rename, a change of the tables by a commit: a kill leaves the old state
 * or the new one. What a kill may leave besides, files in DATA/uploads and blobs that no repository
 * links to, is removed when the registry is opened.
 *
 * What a repository lists is asked of the tables, and a change is confirmed when they have it. Its
 * index.json is written from them: with the change where it has few entries, else by the keeper, no
 * more often than costs it a twentieth of the time, and when the registry is opened and closed. So
 * a push costs the same however many manifests there are. Whoever else writes index.json (a command
 * on the layout, whether a server runs or not) is noticed by its size, time and inode; it is read
 * again then, and what the tables had and the file had not yet comes on top.
 */
#ifndef OCI_REGISTRY_REGISTRY_H
#define OCI_REGISTRY_REGISTRY_H

#include <pthread.h>

#include "oci/layout/layout.h"
#include "oci/oci.h"
#include "oci/ops.h"
#include "store/blobs.h"
#include "store/tables.h"

/* --- route.c --- */

enum registry_what {
	REGISTRY_NOTHING, /* no such path */
	REGISTRY_BASE,
	REGISTRY_CATALOG,
	REGISTRY_BLOB,
	REGISTRY_UPLOADS, /* .../blobs/uploads/ */
	REGISTRY_UPLOAD,
	REGISTRY_MANIFEST,
	REGISTRY_TAGS,
	REGISTRY_REFERRERS,
};

struct registry_path {
	enum registry_what what;
	struct hm_str name;      /* of the repository */
	struct hm_str reference; /* digest, tag or upload */
};
/* A decoded path. Says nothing about whether name and reference are well-formed. */
struct registry_path oci_registry_path_parse(struct hm_str path);
/* A repository name that can be a folder here: the specification's, without the names of a layout's
 * own files. */
bool oci_registry_name_is_valid(struct hm_str name);

enum registry_range { REGISTRY_WHOLE, REGISTRY_PART, REGISTRY_UNSATISFIABLE };
/* "bytes=1-2", "bytes=1-", "bytes=-2" (RFC 9110, 14.2) of `size` bytes. One that ends before it
 * begins cannot be satisfied; several ranges and what is not understood are as good as none. */
enum registry_range oci_registry_range_parse(struct hm_str value, uint64_t size, uint64_t *out_from,
					     uint64_t *out_n);
/* "1-2", also with "bytes " before and "/..." behind: the Content-Range of an upload's piece. */
bool oci_registry_content_range_parse(struct hm_str value, uint64_t *out_first, uint64_t *out_last);

/* --- registry.c --- */

struct registry_upload {
	char id[64];
	uint64_t size;
	struct crypto_hash sha256; /* of all bytes so far, where hashed */
	bool hashed, busy;
	int64_t touched; /* monotonic */
	struct registry_upload *next;
};

/* What is known of one manifest of a repository. */
struct registry_entry {
	struct oci_descriptor d; /* with artifact type, and a referrer's annotations */
	struct hm_str subject;
	bool bulky; /* its annotations are many: they stay in the manifest */
};

/* What the tables hold about a repository itself. */
struct registry_state {
	int64_t id; /* 0: nothing */
	/* Counts changes; and the last one that index.json has. */
	int64_t generation, written;
	int64_t stamp[3];       /* of index.json as it was last read or written */
	int64_t entries, bytes; /* of index.json, as it is to be */
};

struct registry_repo {
	struct hm_str name;
	pthread_mutex_t changing; /* held by whoever changes its rows */
	pthread_mutex_t
		filing; /* by whoever reads index.json into them or writes it; after `changing` */
	/* Under the registry's lock; `state` is loaded once. */
	struct registry_state state;
	bool loaded;
	int64_t due; /* monotonic: it is not written before */
};

enum { MANIFEST_SLOTS = 1024, MANIFEST_KEPT = 64 * 1024, UPLOAD_BUCKETS = 256 };
/* What a reference stood for. */
struct registry_seen {
	const struct registry_repo *repo;
	int64_t generation;
	char reference[144], digest[144], media_type[96];
};

struct oci_registry {
	struct hm_cx cx;             /* of repos and uploads; under lock */
	bool sparse;                 /* what a manifest names need not be there */
	oci_registry_pushed *pushed; /* or NULL */
	void *pushed_arg;
	const char *data, *repos_dir, *uploads_dir;
	int lock_fd; /* DATA/lock: one server a folder */
	struct http_route routes[3];
	pthread_mutex_t lock;
	struct hm_map repos; /* name to struct registry_repo */
	struct store_tables *tables;
	struct {
		pthread_t thread;
		pthread_cond_t wake;
		bool runs, stop;
	} keeper; /* under the lock */
	struct registry_upload *uploads[UPLOAD_BUCKETS], *spare_uploads;
	size_t uploads_n;
	int64_t uploads_full; /* monotonic: until then none of them is old enough to be dropped */
	struct store_blobs *blobs;
	pthread_mutex_t kept_lock;
	struct {
		char digest[144];
		struct hm_buf bytes;
	} kept[MANIFEST_SLOTS];                    /* small manifests, by digest */
	struct registry_seen seen[MANIFEST_SLOTS]; /* by repository and reference; kept_lock */
};

struct registry_request {
	struct oci_registry *r;
	struct http_exchange *x;
	struct hm_str method;
	struct registry_path path;
};

/* --- answer.c --- */
/* {"errors":[{"code","message"}]} with a status. */
HM_MUST hm_err oci_registry_error(struct hm_cx *cx, struct registry_request *q, int status,
				  const char *code, const char *message);
/* An answer without a body. */
HM_MUST hm_err oci_registry_empty(struct hm_cx *cx, struct registry_request *q, int status);
/* "\"sha256:...\"". */
struct hm_str oci_registry_etag(struct hm_cx *cx, struct hm_str digest);
/* The answer where the state is not what the request's preconditions ask for: 304, with the headers
 * that the exchange has so far, or 412. */
HM_MUST hm_err oci_registry_conditional(struct hm_cx *cx, struct registry_request *q,
					enum http_condition c);
/* A document that is made anew for each request, with the digest of its bytes as entity tag. */
HM_MUST hm_err oci_registry_document(struct hm_cx *cx, struct registry_request *q,
				     const char *media_type, struct hm_str text);

/* --- files.c --- */
HM_MUST hm_err oci_registry_store_open(struct hm_cx *cx, struct oci_registry *r);
/* DATA/repos/NAME, and the blob's path below it; the digest must be well-formed. */
char *oci_registry_repo_path(struct hm_cx *cx, const struct oci_registry *r, struct hm_str name);
char *oci_registry_blob_path(struct hm_cx *cx, const struct oci_registry *r, struct hm_str name,
			     struct hm_str digest);
/* Make the repository's folder, a layout without manifests, where there is none. */
HM_MUST hm_err oci_registry_repo_make(struct hm_cx *cx, struct oci_registry *r, struct hm_str name);
/* The file at `path`, whole and flushed, becomes the repository's blob; the file stays. */
HM_MUST hm_err oci_registry_blob_add(struct hm_cx *cx, struct oci_registry *r, struct hm_str name,
				     struct hm_str digest, const char *path);
/* Link a blob that another repository has; `from` empty: any. */
HM_MUST hm_err oci_registry_blob_mount(struct hm_cx *cx, struct oci_registry *r, struct hm_str name,
				       struct hm_str from, struct hm_str digest, bool *out_done);
/* Remove it from the repository, and for good when no other has it. */
HM_MUST hm_err oci_registry_blob_remove(struct hm_cx *cx, struct oci_registry *r,
					struct hm_str name, struct hm_str digest,
					bool *out_was_there);

/* --- repos.c --- */
/* Its name in memory; made where there is none. */
struct registry_repo *oci_registry_repo_of(struct oci_registry *r, struct hm_str name);
struct registry_state oci_registry_state(struct oci_registry *r, const struct registry_repo *repo);
void oci_registry_repos_close(struct oci_registry *r);

/* --- repository.c --- */
/* The repository, its rows as its index.json has them; *out NULL: there is none. The second when
 * `changing` is held. */
HM_MUST hm_err oci_registry_repo_get(struct hm_cx *cx, struct oci_registry *r, struct hm_str name,
				     struct registry_repo **out);
HM_MUST hm_err oci_registry_repo_renew(struct hm_cx *cx, struct oci_registry *r,
				       struct registry_repo *repo, bool *out_there);
/* By tag or digest. */
struct registry_found {
	bool repo, there; /* there is such a repository; and such an entry in it */
	struct registry_entry e;
};
HM_MUST hm_err oci_registry_find(struct hm_cx *cx, struct oci_registry *r, struct hm_str name,
				 struct hm_str reference, struct registry_found *out);
/* The same where it is at hand, without waiting for anything: digest and media type. */
bool oci_registry_find_fast(struct hm_cx *cx, struct oci_registry *r, struct hm_str name,
			    struct hm_str reference, struct registry_entry *out);
/* At most `n` tags behind `last`, sorted. */
HM_MUST hm_err oci_registry_list_tags(struct hm_cx *cx, struct oci_registry *r,
				      const struct registry_repo *repo, struct hm_str last,
				      uint64_t n, struct hm_strs *out);
/* At most `n` referrers of a subject behind the digest `last`, sorted by digest. */
struct registry_page {
	struct hm_str subject, type, last;
	size_t most;
	struct registry_entry *p;
	size_t n, cap;
};
HM_MUST hm_err oci_registry_list_referrers(struct hm_cx *cx, struct oci_registry *r,
					   const struct registry_repo *repo,
					   struct registry_page *page);
/* Manifests that have no tag, at most page->most. */
HM_MUST hm_err oci_registry_list_untagged(struct hm_cx *cx, struct oci_registry *r,
					  const struct registry_repo *repo,
					  struct registry_page *page);
/* What a list of referrers holds about the entry; read from its manifest into `cx` where it is not
 * at hand. */
struct oci_descriptor oci_registry_referrer(struct hm_cx *cx, struct oci_registry *r,
					    struct hm_str name, const struct registry_entry *e);

/* --- entries.c --- */
HM_MUST hm_err oci_registry_tables_open(struct hm_cx *cx, struct oci_registry *r);
/* The rows of one repository, within a transaction that changes them. */
struct registry_rows {
	struct oci_registry *r;
	struct store_use *use;
	struct hm_str name;
	struct registry_state s; /* generation: the one that is being made */
	int64_t last_id;         /* of its entries; 0: not asked for yet */
};
/* What only the manifest itself tells: its subject, type and annotations. One that cannot be read
 * is listed without them. */
void oci_registry_read_facts(struct hm_cx *cx, struct oci_registry *r, struct hm_str name,
			     struct registry_entry *e);
HM_MUST hm_err oci_registry_find_rows(struct hm_cx *cx, struct store_use *use, int64_t id,
				      struct hm_str reference, struct registry_entry *out,
				      bool *out_found);
HM_MUST hm_err oci_registry_add_manifest(struct hm_cx *cx, struct registry_rows *rows,
					 const struct registry_entry *e);
/* Make it listed; under `tag` too, which is taken from whatever had it, unless it is empty.
 * HM_LIMIT: there are as many as a layout may have. */
HM_MUST hm_err oci_registry_put_entry(struct hm_cx *cx, struct registry_rows *rows,
				      const struct oci_descriptor *d, struct hm_str tag);
HM_MUST hm_err oci_registry_add_entry(struct hm_cx *cx, struct registry_rows *rows,
				      const struct layout_entry *e, int64_t generation);
HM_MUST hm_err oci_registry_remove_manifest(struct hm_cx *cx, struct registry_rows *rows,
					    struct hm_str digest);
/* The manifest stays, under its other names or none. */
HM_MUST hm_err oci_registry_remove_tag(struct hm_cx *cx, struct registry_rows *rows,
				       struct hm_str tag);
HM_MUST hm_err oci_registry_load_state(struct hm_cx *cx, struct oci_registry *r, struct hm_str name,
				       struct registry_state *out);
/* All of the state, made where there is none (s.id is set then). */
HM_MUST hm_err oci_registry_save_state(struct hm_cx *cx, struct registry_rows *rows,
				       struct hm_str tail);

/* --- index.c --- */
/* What changes when the file is replaced; false: there is none. */
bool oci_registry_stamp(const struct oci_registry *r, struct hm_str name, int64_t out[3]);
/* Both mutexes are held. HM_ABSENT: it is gone. */
HM_MUST hm_err oci_registry_read_index(struct hm_cx *cx, struct oci_registry *r,
				       struct registry_repo *repo);
/* Write what the tables have. *out_foreign: somebody else wrote the file, which is to be read
 * first. */
HM_MUST hm_err oci_registry_write_index(struct hm_cx *cx, struct oci_registry *r,
					struct registry_repo *repo, bool *out_foreign);
/* Both, until the file has all; `changing` is held. */
HM_MUST hm_err oci_registry_settle_index(struct hm_cx *cx, struct oci_registry *r,
					 struct registry_repo *repo);
/* Its folder is gone, and with it all rows. */
HM_MUST hm_err oci_registry_forget(struct hm_cx *cx, struct oci_registry *r,
				   struct registry_repo *repo);

/* --- keeper.c --- */
HM_MUST hm_err oci_registry_keeper_start(struct hm_cx *cx, struct oci_registry *r);
/* The repository was changed; where it has few entries its index.json is written before this
 * returns. `changing` is held. */
void oci_registry_keep(struct oci_registry *r, struct registry_repo *repo);
/* Ends the thread, and writes what is not written yet. */
void oci_registry_keeper_stop(struct oci_registry *r);

/* --- change.c --- */
/* A change of one manifest or tag, all of it or nothing. */
struct registry_change {
	struct hm_str name, reference;    /* the repository, and the digest or tag in the path */
	const struct oci_descriptor *put; /* NULL: remove */
	const char *file;                 /* whole and flushed: it becomes the manifest */
	struct hm_strs tags;              /* all that it gets; none: it is listed without */
	/* Whose preconditions are checked while nobody else can change the repository; or NULL. */
	const struct http_exchange *x;
	bool was_there, refused; /* out: .reference was there; the preconditions do not hold */
};
/* Put a manifest under its tags; or take a tag away (its manifest stays), or a manifest by its
 * digest, with all its tags. */
HM_MUST hm_err oci_registry_repo_change(struct hm_cx *cx, struct oci_registry *r,
					struct registry_change *c);
/* Remove a blob, unless it is listed as a manifest. */
HM_MUST hm_err oci_registry_repo_drop_blob(struct hm_cx *cx, struct oci_registry *r,
					   struct hm_str name, struct hm_str digest,
					   bool *out_was_there, bool *out_listed);
/* --- upload_table.c --- */
char *oci_registry_upload_path(struct hm_cx *cx, const struct oci_registry *r, const char *id);
/* A new one, which nobody else gets hold of until it is released. HM_BUSY: there are too many. */
HM_MUST hm_err oci_registry_upload_start(struct hm_cx *cx, struct registry_request *q,
					 struct registry_upload **out);
enum registry_taken { REGISTRY_TAKEN, REGISTRY_TAKEN_ABSENT, REGISTRY_TAKEN_BUSY };
/* The one that the request's path names; others are kept from it until it is released. */
enum registry_taken oci_registry_upload_take(struct hm_cx *cx, struct registry_request *q,
					     struct registry_upload **out);
void oci_registry_upload_release(struct oci_registry *r, struct registry_upload *u);
/* The file goes, and what is known of it. */
void oci_registry_upload_discard(struct hm_cx *cx, struct oci_registry *r,
				 struct registry_upload *u);
void oci_registry_uploads_close(struct oci_registry *r);

/* --- requests --- */
HM_MUST hm_err oci_registry_blob(struct hm_cx *cx, struct registry_request *q);
HM_MUST hm_err oci_registry_uploads(struct hm_cx *cx, struct registry_request *q);
HM_MUST hm_err oci_registry_upload(struct hm_cx *cx, struct registry_request *q);
HM_MUST hm_err oci_registry_manifest(struct hm_cx *cx, struct registry_request *q);
bool oci_registry_manifest_fast(struct hm_cx *cx, struct registry_request *q);
HM_MUST hm_err oci_registry_tags(struct hm_cx *cx, struct registry_request *q);
HM_MUST hm_err oci_registry_referrers(struct hm_cx *cx, struct registry_request *q);
HM_MUST hm_err oci_registry_catalog(struct hm_cx *cx, struct registry_request *q);

#endif
