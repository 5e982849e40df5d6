/* SPDX-License-Identifier: Apache-2.0 */
/*
 * layout.h - inside oci/: index.json of an OCI layout, and what layouts and archives of layouts
 * share.
 *
 * Source: image-spec 1.1, image-layout.md. index.json is only changed under a lock on the layout's
 * oci-layout file, and is replaced by a rename. Members and entries that are not understood are
 * kept as they are.
 */
#ifndef OCI_LAYOUT_LAYOUT_H
#define OCI_LAYOUT_LAYOUT_H

#include <pthread.h>
#include <sys/types.h>

#include "oci/ops.h"

/* A fresh oci-layout and index.json. */
#define OCI_LAYOUT_TEXT  "{\"imageLayoutVersion\":\"1.0.0\"}"
#define OCI_LAYOUT_HEAD  "{\"schemaVersion\":2,\"mediaType\":\"" OCI_INDEX "\",\"manifests\":["
#define OCI_NO_MANIFESTS OCI_LAYOUT_HEAD "]}"

struct layout_entry {
	struct json raw; /* as it was read; .v NULL: an entry of our own making */
	struct oci_descriptor d;
	struct hm_str name; /* annotation ref.name; empty: untagged */
	bool renamed, removed;
	struct layout_entry *next; /* in a snapshot: the next one of this name */
};

struct layout_index {
	struct json doc;
	struct layout_entry *p;
	size_t n, cap;
	bool changed;
};

/* HM_INPUT. HM_LIMIT (HM_MAX_LAYOUT_INDEX, HM_MAX_LAYOUT_ENTRIES), reading as well as writing. */
hm_err oci_layout_index_parse(struct hm_cx *cx, struct hm_str bytes, struct layout_index *out);
hm_err oci_layout_index_format(struct hm_cx *cx, const struct layout_index *x, struct hm_str *out);
/* One entry as it stands in the list, and back. */
hm_err oci_layout_entry_parse(struct hm_cx *cx, struct json v, struct layout_entry *out);
hm_err oci_layout_entry_format(struct hm_cx *cx, const struct layout_entry *e, struct hm_str *out);
/* What stands behind the last entry. */
hm_err oci_layout_tail_format(struct hm_cx *cx, const struct layout_index *x, struct hm_str *out);
/* Make `d` listed; under `name` too, which is taken from whatever had it, unless it is empty. */
void oci_layout_index_put(struct hm_cx *cx, struct layout_index *x, const struct oci_descriptor *d,
			  struct hm_str name);
/* True when something of that digest was listed. */
bool oci_layout_index_remove(struct layout_index *x, struct hm_str digest);
/* HM_INPUT: the content of an oci-layout file is no version that is known. */
hm_err oci_layout_version_check(struct hm_cx *cx, struct hm_str bytes);

/* What one file was when it was read: another one has another inode, and what is written has
 * another time. */
struct layout_stamp {
	dev_t device;
	ino_t inode;
	off_t size;
	int64_t written, changed; /* nanoseconds */
};
struct layout_fault {
	struct hm_str digest; /* of the manifest that could not be read */
	hm_err err;
};
/* index.json as it was read, for as long as it stays that file; and the referrers, by the subject
 * that their manifests name. All of it is under the lock, and in `cx`. */
struct layout_snapshot {
	pthread_mutex_t lock;
	struct hm_cx cx;
	struct layout_stamp stamp;
	struct layout_index index;
	struct hm_map names, digests; /* struct layout_entry: the first one */
	struct hm_map subjects;       /* struct place_referrers */
	struct layout_fault faults[2];
	size_t faults_n;
	bool kept, followed; /* the index is to be used again; `subjects` is whole */
};

/* What a thread wants to have listed; it waits until that is done. */
struct layout_wish {
	struct hm_cx *cx; /* of the thread */
	const struct oci_descriptor *d;
	struct hm_str name;
	struct oci_tag_update *update; /* only while `name` stands for this; or NULL */
	struct layout_wish *next;
	hm_err err;
	bool done;
};
/* One thread at a time writes index.json, for all that wait when it begins. */
struct layout_listing {
	pthread_mutex_t lock;
	pthread_cond_t written;
	struct layout_wish *wishes; /* in their order */
	bool is_writing;
};

/* Anything whose content is the files of a layout. */
struct layout {
	struct oci_place place;
	struct layout_listing listing;
	struct layout_snapshot snapshot;
	/* The file at a path relative to the layout; *out_found false: there is none. */
	hm_err (*file)(struct hm_cx *cx, struct layout *l, const char *path, struct extent *out,
		       bool *out_found);
	const char *index_path; /* index.json, where it is a file of its own; or NULL */
	bool is_held;           /* the index that was read stays, whatever becomes of the file */
	int blobs;              /* while it is held: the folder blobs/sha256; or -1 */
	bool match_image_name;  /* a tag may also be containerd's full image name */
};

void oci_layout_init(struct layout *l);
void oci_layout_done(struct layout *l);
/* Call answer() with the snapshot current, and its lock held: what it gives out is to be copied. */
hm_err oci_layout_ask(struct hm_cx *cx, struct layout *l,
		      hm_err (*answer)(struct hm_cx *cx, struct layout *l, void *arg), void *arg);
/* In answer(): every listed manifest has been read, and `subjects` is whole. */
hm_err oci_layout_follow(struct hm_cx *cx, struct layout *l);
/* The bytes of a manifest, listed or not; *out_found false: it is not there. HM_TRUST: they have
 * another digest. */
hm_err oci_layout_read_manifest(struct hm_cx *cx, struct layout *l, struct hm_str digest,
				struct hm_str *out, bool *out_found);
/* What a list of referrers holds about a manifest, with its bytes as data where they are few, and
 * the manifest itself; without a subject where it has none, or is not there. */
hm_err oci_layout_read_referrer(struct hm_cx *cx, struct layout *l, const struct oci_descriptor *d,
				struct oci_descriptor *out, struct oci_manifest *out_manifest);

/* The operations that need no more than reading files. */
hm_err oci_layout_read_index(struct hm_cx *cx, struct layout *l, struct layout_index *out);
hm_err oci_layout_resolve(struct hm_cx *cx, struct oci_place *p, struct hm_str reference,
			  struct oci_descriptor *out);
hm_err oci_layout_blob(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
		       struct extent *out);
hm_err oci_layout_exists(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
			 bool *out);
hm_err oci_layout_referrers(struct hm_cx *cx, struct oci_place *p,
			    const struct oci_descriptor *subject, struct hm_str artifact_type,
			    struct place_referrers *out);
hm_err oci_layout_tags(struct hm_cx *cx, struct oci_place *p, struct hm_strs *out);
hm_err oci_layout_untagged(struct hm_cx *cx, struct oci_place *p, struct place_referrers *out);

#endif
