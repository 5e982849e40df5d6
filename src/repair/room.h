/* SPDX-License-Identifier: Apache-2.0 */
/*
 * room.h - inside repair/: one run, its layer, and what a package manager is.
 */
#ifndef REPAIR_ROOM_H
#define REPAIR_ROOM_H

#include "codec/gzip.h"
#include "crypto/crypto.h"
#include "repair/archive.h"
#include "repair/repair.h"
#include "repair/root.h"

struct repair_language_runs; /* language.h */

/* Where the layers of the image are that is patched. */
struct repair_base {
	struct oci_place *from;
	const struct oci_descriptor *layers;
	size_t n;
};

/* One image on its way. */
struct repair_run {
	const struct repair_options *o;
	struct repair_base base;
	struct repair_root root;
	struct json config;         /* of the image: "Env" and the like */
	struct hm_str architecture; /* of the image's configuration: "amd64", "arm64", ... */
	struct hm_str os_id, os_codename, os_version; /* os-release(5) */
	struct repair_result *result;
	struct repair_language_runs *languages;
	/* Scripts that nobody here can follow, in the order in which they would have run. */
	struct {
		struct repair_call {
			struct repair_change *change;
			struct hm_str script, text; /* "postinst" */
			struct hm_strs arguments;
			bool is_after; /* the new files are there */
		} * p;
		size_t n, cap;
	} calls;
	struct hm_strs allowed; /* names of --allow-scripts that were asked for */
	void *own;              /* of the package manager: what plan() leaves for apply() */
};

/* In the place of what is under the key. */
void repair_annotate(struct hm_cx *cx, struct oci_annotations *a, const char *key,
		     struct hm_str value);

/* --- --allow-scripts (allowed.c) --- */

/* May what this package would run be left out? */
bool repair_allows(struct hm_cx *cx, struct repair_run *run, struct hm_str package);
/* A note for each name that is of no package here: it may have been misspelt. */
void repair_allowed_note(struct hm_cx *cx, struct repair_run *run);

/* --- what an earlier patch has replaced (earlier.c) --- */

/* For an annotation of the layer. */
struct hm_str repair_earlier_text(struct hm_cx *cx, const struct repair_changes *changes);
/* Of an image that was patched before: what its layer says is wanted, too, behind what was asked
 * for; and what was asked for is looked for in the base. */
void repair_earlier_want(struct hm_cx *cx, struct hm_str text, struct repair_options *o);
/* The findings are those that were asked for, again; what could not be kept is a note. */
void repair_earlier_end(struct hm_cx *cx, struct repair_result *r, size_t asked);

/* --- the layer (layer.c) --- */

/* An entry that is in it; the content of those files that scripts read. */
struct repair_put {
	struct tar_entry e;
	bool is_kept;
	struct hm_str content;
	/* Where it stands in the archive, and its header where that became another. */
	uint64_t at, body;
	size_t header_n;
	struct hm_str header;
	bool is_dropped; /* it is left out after all */
	bool is_package; /* its bytes came with a verified package */
};
struct repair_layer {
	const struct repair_root *root;
	struct hm_map emitted; /* path -> struct repair_put */
	struct {
		struct repair_put **p;
		size_t n, cap;
	} order;
	struct hm_map made; /* folders that it makes: path -> struct tar_entry */
	struct gzip_writer *zip;
	struct zstd_writer *zstd; /* one of the two */
	struct crypto_hash tar, packed;
	uint64_t size, left;           /* of the packed bytes; of the file that is open */
	struct repair_archive archive; /* until it is packed */
	uint64_t open_size;
	struct repair_put *open; /* whose content is kept; or NULL */
	struct hm_buf kept;
	int fd;
	bool is_package; /* what is put comes with a package */
	int64_t newest;  /* time of anything that came with a package */
};
HM_MUST hm_err repair_layer_open(struct hm_cx *cx, const struct repair_root *root, bool is_zstd,
				 struct repair_layer *l);
void repair_layer_done(struct repair_layer *l);
/*
 * An entry at its place in the image (repair_root_place()): its folders come before it, with the
 * owners and modes that they have there. A folder that is there already is left as it is. A file's
 * bytes follow by repair_layer_add(), all of them. A path that is in the layer already is
 * HM_INPUT.
 */
HM_MUST hm_err repair_layer_put(struct hm_cx *cx, struct repair_layer *l,
				const struct tar_entry *e);
/* A folder that is there, with another owner or mode. */
HM_MUST hm_err repair_layer_folder(struct hm_cx *cx, struct repair_layer *l,
				   const struct tar_entry *e);
HM_MUST hm_err repair_layer_add(struct hm_cx *cx, struct repair_layer *l, struct hm_str bytes);
/* The same for bytes that stand in a file of the layer's archive. */
HM_MUST hm_err repair_layer_add_stored(struct hm_cx *cx, struct repair_layer *l,
				       struct repair_stored s);
/* The same of a file, from where it stands to its end. */
HM_MUST hm_err repair_layer_add_fd(struct hm_cx *cx, struct repair_layer *l, int fd);
/* A whole file; and what hides what is at `path`, where something is. */
HM_MUST hm_err repair_layer_file(struct hm_cx *cx, struct repair_layer *l,
				 const struct tar_entry *e, struct hm_str bytes);
/*
 * What is in the layer already becomes another: with another owner, mode or capability (e->type is
 * what it was), or left out, so that it can be put again. False in *out: it cannot be done, because
 * hard links lead to it.
 */
HM_MUST hm_err repair_layer_change(struct hm_cx *cx, struct repair_layer *l,
				   const struct tar_entry *e, bool *out);
void repair_layer_drop(struct repair_layer *l, struct hm_str path, bool *out);
HM_MUST hm_err repair_layer_hide(struct hm_cx *cx, struct repair_layer *l, struct hm_str path);
bool repair_layer_has(const struct repair_layer *l, struct hm_str path);
/* Its digests are in l->packed and l->tar until then. */
/* The plain archive as it is now, to a file. */
HM_MUST hm_err repair_layer_copy(struct hm_cx *cx, struct repair_layer *l, int fd);
HM_MUST hm_err repair_layer_end(struct hm_cx *cx, struct repair_layer *l, struct hm_str *out_digest,
				struct hm_str *out_diff_id);

/*
 * --- programs with rights of their own (rights.c) ---
 *
 * A script gives nobody rights: set-id bits and capabilities stand on a file where its package
 * brings them, or the image had them at that path for the same owner, and the bytes are the
 * package's or the image's own.
 */
bool repair_rights_has(const struct tar_entry *e);
/* The digests (SHA-256) of the bytes that may have the rights of this entry at its path. */
HM_MUST hm_err repair_rights_of(struct hm_cx *cx, const struct repair_layer *l,
				const struct tar_entry *e, struct hm_strs *out);
/* The digest of what is there now: in the layer, or in the image; empty: it is not known. */
HM_MUST hm_err repair_rights_now(struct hm_cx *cx, const struct repair_layer *l, struct hm_str path,
				 struct hm_str *out);

/* --- package managers --- */

struct repair_manager {
	const char *name;
	bool (*is_there)(const struct repair_root *root);
	/* Into run->result: changes, findings, repositories, notes. */
	hm_err (*plan)(struct hm_cx *cx, struct repair_run *run);
	hm_err (*apply)(struct hm_cx *cx, struct repair_run *run, struct repair_layer *l);
};
extern const struct repair_manager repair_managers[]; /* ended by a row without name */

/* --- file capabilities (capability.c) --- */

/* The bytes of "security.capability" (capabilities(7), "File capabilities") of a text as
 * cap_from_text(3) has it. False: it cannot be read. */
bool repair_capability(struct hm_cx *cx, struct hm_str text, struct hm_str *out);

#endif
