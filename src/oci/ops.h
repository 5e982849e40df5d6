/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ops.h - inside oci/: what a place is made of.
 *
 * A place is a struct whose first member is struct oci_place; its kind is its table of operations.
 * An operation hands over raw bytes: the functions of oci.h, in place.c, compare them with the
 * digest and the size of the descriptor, so that no kind can forget to. Threads may share a place
 * for everything but opening and closing it.
 */
#ifndef OCI_OPS_H
#define OCI_OPS_H

#include "oci/oci.h"

#define OCI_REF_NAME   "org.opencontainers.image.ref.name"
#define OCI_IMAGE_NAME "io.containerd.image.name" /* containerd and docker save: the full name */

enum { OCI_CHUNK = 256 * 1024 }; /* bytes of a file that are read at once */

/* How a manifest is pushed: listed for itself, or only reached through the index above it. */
enum place_listing { PLACE_LISTED, PLACE_CHILD };

/* A stretch of an open file. */
struct extent {
	int fd;
	bool owned; /* oci_extent_done() closes the descriptor */
	uint64_t offset, size, at;
	const char *name;
};
void oci_extent_done(struct extent *e);
#define EXTENT_AUTO HM_CLEANUP(oci_extent_done) struct extent

/* What a place lists; in doubt, each one's manifest is read before it is believed. */
struct place_referrers {
	struct oci_descriptor *p;
	size_t n, cap;
	bool doubt;
	size_t unread; /* entries that are no descriptors */
	hm_err why;    /* what is wrong with the first; or NULL */
};

struct oci_ops {
	const char *what; /* in messages: "layout", "registry" */
	bool far;         /* each question takes a while */
	hm_err (*resolve)(struct hm_cx *cx, struct oci_place *p, struct hm_str reference,
			  struct oci_descriptor *out);
	/* Raw bytes of a blob or manifest into a sink. HM_ABSENT. */
	hm_err (*fetch)(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
			bool manifest, struct oci_sink sink);
	/* The same as a stretch of a file at hand; NULL: only fetch() can. */
	hm_err (*open)(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
		       struct extent *out);
	hm_err (*exists)(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
			 bool *out);
	hm_err (*referrers)(struct hm_cx *cx, struct oci_place *p,
			    const struct oci_descriptor *subject, struct hm_str artifact_type,
			    struct place_referrers *out);
	hm_err (*tags)(struct hm_cx *cx, struct oci_place *p, struct hm_strs *out);
	/* resolve() of a digest, by the whole manifest, which is kept. NULL: as resolve(). */
	hm_err (*resolve_whole)(struct hm_cx *cx, struct oci_place *p, struct hm_str digest,
				struct oci_descriptor *out);
	/* oci_hold(), of a place that is read; NULL: nothing changes by it. */
	void (*hold)(struct oci_place *p);
	/* Manifests that are listed without a tag; NULL: only tags are listed. */
	hm_err (*untagged)(struct hm_cx *cx, struct oci_place *p, struct place_referrers *out);
	hm_err (*push_blob)(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
			    struct http_body body);
	hm_err (*push_manifest)(struct hm_cx *cx, struct oci_place *p, const struct oci_manifest *m,
				const struct oci_descriptor *d, struct hm_str tag,
				enum place_listing listing);
	/* The same, of a manifest without subject, while the tag stands for what was read. */
	hm_err (*replace)(struct hm_cx *cx, struct oci_place *p, const struct oci_manifest *m,
			  const struct oci_descriptor *d, struct oci_tag_update *u);
	hm_err (*tag)(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
		      struct hm_str tag);
	hm_err (*remove)(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d);
	/* The blob is there after this, taken from `from`, another place of the same kind; false:
	 * it must be sent. NULL: never. */
	hm_err (*mount)(struct hm_cx *cx, struct oci_place *p, struct oci_place *from,
			const struct oci_descriptor *d, bool *out);
	void (*close)(struct oci_place *p);
};

struct oci_place {
	const struct oci_ops *ops;
	struct oci_target target; /* points into `own` */
	enum oci_mode mode;
	unsigned at_once;           /* transfers at once; 0: as many as is usual */
	struct hm_progress *bar;    /* of who has opened it; or NULL */
	struct hm_cx own;           /* memory that lives as long as the place */
	struct hm_cache *cache;     /* of what it gave, by digest; or NULL */
	struct oci_record *record;  /* of what is pushed into it; or NULL */
	struct place_ahead *ahead;  /* referrers asked for before they are needed; or NULL */
	struct hm_task *ahead_task; /* the same: cancelled by closing, where nobody has taken it */
};

/* A zeroed place of `size` bytes (its struct oci_place first) with the target copied. */
void *oci_place_new(const struct oci_target *t, const struct oci_ops *ops, enum oci_mode mode,
		    size_t size);
void oci_place_free(void *p);

hm_err oci_layout_open(struct hm_cx *cx, const struct oci_target *t, enum oci_mode mode,
		       struct oci_place **out);
hm_err oci_archive_open(struct hm_cx *cx, const struct oci_target *t, struct oci_place **out);
hm_err oci_docker_archive_open(struct hm_cx *cx, const struct oci_target *t,
			       struct oci_place **out);
hm_err oci_remote_open(struct hm_cx *cx, const struct oci_access *access,
		       const struct oci_target *t, enum oci_mode mode, struct oci_place **out);

/* As oci_push_blob, of a blob that is known not to be there. */
hm_err oci_place_push_blob(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
			   struct http_body body);
/* Push the bytes of a manifest that was read under this descriptor. */
hm_err oci_place_push_copy(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
			   struct hm_str bytes, struct hm_str tag, enum place_listing listing);
/* The bytes of a manifest, verified, not parsed. */
hm_err oci_place_manifest_bytes(struct hm_cx *cx, struct oci_place *p,
				const struct oci_descriptor *d, struct hm_str *out);

/* --- what is pushed, where somebody wants it kept (keep.c) --- */

void oci_record_blob(struct oci_place *p, struct hm_str digest, struct hm_str bytes);
/* Without bytes: it only got the tag. */
void oci_record_manifest(struct oci_place *p, const struct oci_descriptor *d, struct hm_str bytes,
			 struct hm_str tag);

/* --- digests while bytes pass (digest.c) --- */

/* A sink that passes bytes on and knows their digest. */
struct verify {
	struct oci_sink to; /* .add NULL: nowhere */
	struct crypto_hash hash;
	const struct oci_descriptor *d;
	uint64_t got;
	struct hm_progress *bar; /* or NULL */
};
hm_err oci_verify_start(struct hm_cx *cx, struct verify *v, const struct oci_descriptor *d,
			struct oci_sink to);
struct oci_sink oci_verify_sink(struct verify *v);
hm_err oci_verify_end(struct hm_cx *cx, struct verify *v); /* HM_TRUST */
void oci_verify_done(struct verify *v);
#define VERIFY_AUTO HM_CLEANUP(oci_verify_done) struct verify

/* A body that reads through another one; the last bytes are only given out when all of them had the
 * descriptor's digest and size. */
struct verify_body {
	struct http_body from;
	struct crypto_hash hash;
	const struct oci_descriptor *d;
	uint64_t got;
	struct hm_progress *bar; /* or NULL */
};
hm_err oci_verify_body_start(struct hm_cx *cx, struct verify_body *v,
			     const struct oci_descriptor *d, struct http_body from);
struct http_body oci_verify_body(struct verify_body *v);
void oci_verify_body_done(struct verify_body *v);
#define VERIFY_BODY_AUTO HM_CLEANUP(oci_verify_body_done) struct verify_body

struct http_body oci_extent_body(struct extent *e);
hm_err oci_extent_to_sink(struct hm_cx *cx, struct extent e, struct oci_sink sink);
/* Bytes as a body that is read; rewindable. */
struct bytes_body {
	struct hm_str bytes;
	size_t at;
};
struct http_body oci_bytes_body(struct bytes_body *b);
/* A sink into memory. */
struct memory {
	struct hm_buf buf;
};
struct oci_sink oci_memory_sink(struct memory *m);
/* A sink into a running digest, which cannot start over; and one into a temporary file. */
struct oci_sink oci_hash_sink(struct crypto_hash *h);
struct oci_sink oci_file_sink(int *fd);

/* --- descriptors (descriptor.c) --- */

/* HM_INPUT names what is wrong. */
hm_err oci_descriptor_parse(struct hm_cx *cx, struct json v, struct oci_descriptor *out);
void oci_descriptor_put(struct hm_cx *cx, struct json_out *o, const char *key,
			const struct oci_descriptor *d);
/* A member that is shown and compared; empty where it is absent. HM_INPUT: no string, longer than
 * 255 bytes, or with control characters. */
hm_err oci_text_parse(struct hm_cx *cx, struct json object, const char *key, struct hm_str *out);
void oci_annotations_put(struct hm_cx *cx, struct json_out *o, const struct oci_annotations *a);
/* Copies in memory of `cx`. */
struct oci_annotations oci_annotations_copy(struct hm_cx *cx, const struct oci_annotations *a);
struct oci_descriptor oci_descriptor_copy(struct hm_cx *cx, const struct oci_descriptor *d);
bool oci_media_type_is_manifest(struct hm_str t); /* manifest or index of any kind */
/* Of a layer (Windows base images) that lies at the URLs of its descriptor, not in registries
 * (image-spec, layer.md). */
bool oci_media_type_is_foreign(struct hm_str t);

/* --- manifests (manifest.c) --- */

/* As oci_manifest_parse, with another maximum of entries: for lists of referrers and index.json. */
hm_err oci_manifest_parse_list(struct hm_cx *cx, struct hm_str bytes, struct hm_str media_type,
			       size_t max, struct oci_manifest *out);
/* The entries of a list of referrers, those that can be read, into place_referrers. Everything else
 * about the document is as in an index. HM_INPUT, HM_LIMIT. */
hm_err oci_manifest_parse_referrers(struct hm_cx *cx, struct hm_str bytes,
				    struct place_referrers *out);
/* The media type that a document says it has, or that its members give away; empty: none. */
struct hm_str oci_manifest_sniff(struct hm_cx *cx, struct hm_str bytes);
/* A copy in memory of `cx`. */
struct oci_manifest oci_manifest_copy(struct hm_cx *cx, const struct oci_manifest *m);
/* What a list of referrers holds about a manifest. */
struct oci_descriptor oci_manifest_descriptor(const struct oci_manifest *m, struct hm_str digest);
/* A manifest up to this size is kept in the data of its descriptor, for those who asked for what is
 * of its type, and will read it next. */
enum { OCI_KEPT_MANIFEST = 16 << 10 };

/* --- references (reference.c) --- */
bool oci_tag_is_valid(struct hm_str tag);       /* distribution-spec */
bool oci_ref_name_is_valid(struct hm_str name); /* image-spec, annotation ref.name */
bool oci_repository_is_valid(struct hm_str name);
/* The repository that a path is in a registry of this name (name.c). */
struct hm_str oci_repository_in(struct hm_cx *cx, struct hm_str registry, struct hm_str path);
/* "sha256-HEX": the tag under which registries without the referrers API keep the list. */
struct hm_str oci_referrers_tag(struct hm_cx *cx, struct hm_str digest);

#endif
