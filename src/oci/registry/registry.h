/* SPDX-License-Identifier: Apache-2.0 */
/*
 * registry.h - the inside of the embedded registry (distribution-spec 1.1).
 *
 *   registry.c      opening, dispatch, error bodies
 *   route.c         what a path, a range and a content range mean (pure)
 *   files.c         blobs on disk: DATA/blobs, and links from the repositories
 *   repository.c    index.json of a repository, and what is known of it in memory
 *   blob.c          GET, HEAD, DELETE of blobs
 *   upload_table.c  the table of uploads
 *   upload.c        uploads, whole and in pieces, mounts
 *   manifest.c      manifests by tag and digest
 *   list.c          tags, referrers, the catalog
 *
 * On disk: DATA/blobs/ALG/HEX, DATA/repos/NAME/ (an OCI layout whose blobs are hard links to
 * those), DATA/uploads/ID. A blob comes to be by a link to a file that is whole and flushed;
 * index.json by a rename: a kill leaves the old state or the new one. What a kill may leave
 * besides, files in DATA/uploads and blobs that no repository links to, is removed when the
 * registry is opened.
 */
#ifndef OCI_REGISTRY_REGISTRY_H
#define OCI_REGISTRY_REGISTRY_H

#include <pthread.h>

#include "oci/layout/layout.h"
#include "oci/oci.h"
#include "oci/ops.h"

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

/* A repository's index.json as it was at one time: never changed, counted. */
struct registry_view {
	struct hm_cx cx; /* holds this very struct */
	atomic_int refs;
	int64_t stamp[3];
	struct registry_entry *p; /* sorted by digest */
	size_t n, cap;
	struct hm_map digests, tags; /* to struct registry_entry */
	struct hm_strs names;        /* sorted tags */
};

struct registry_repo {
	struct registry_view *view; /* NULL: not read yet; under the registry's lock */
	pthread_mutex_t changing;
};

enum { MANIFEST_SLOTS = 1024, MANIFEST_KEPT = 64 * 1024, UPLOAD_BUCKETS = 256 };

struct oci_registry {
	struct hm_cx cx; /* of repos and uploads; under lock */
	bool sparse;     /* what a manifest names need not be there */
	const char *data, *blobs, *repos_dir, *uploads_dir;
	int lock_fd; /* DATA/lock: one server a folder */
	struct http_route routes[3];
	pthread_mutex_t lock;
	struct hm_map repos; /* name to struct registry_repo */
	struct registry_upload *uploads[UPLOAD_BUCKETS], *spare_uploads;
	size_t uploads_n;
	int64_t uploads_full;   /* monotonic: until then none of them is old enough to be dropped */
	pthread_rwlock_t links; /* written by who removes blobs, read by who adds them */
	pthread_mutex_t kept_lock;
	struct {
		char digest[144];
		struct hm_buf bytes;
	} kept[MANIFEST_SLOTS]; /* small manifests, by digest */
};

struct registry_request {
	struct oci_registry *r;
	struct http_exchange *x;
	struct hm_str method;
	struct registry_path path;
};

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

/* --- repository.c --- */
/* The repository as it is now; *out NULL: there is none. Let go with oci_registry_view_drop(). */
HM_MUST hm_err oci_registry_view_get(struct hm_cx *cx, struct oci_registry *r, struct hm_str name,
				     struct registry_view **out);
/* The same when it is in memory and up to date; else NULL. Never blocks for long. */
struct registry_view *oci_registry_view_peek(struct oci_registry *r, struct hm_str name);
void oci_registry_view_drop(struct registry_view **v);
#define REGISTRY_AUTO_VIEW HM_CLEANUP(oci_registry_view_drop) struct registry_view *
/* By tag or digest; NULL: none. */
const struct registry_entry *oci_registry_view_find(const struct registry_view *v,
						    struct hm_str reference);
/* What a list of referrers holds about the entry; read from its manifest into `cx` where it is not
 * at hand. */
struct oci_descriptor oci_registry_referrer(struct hm_cx *cx, struct oci_registry *r,
					    struct hm_str name, const struct registry_entry *e);
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
void oci_registry_repos_close(struct oci_registry *r);

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
