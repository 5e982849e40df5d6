/* SPDX-License-Identifier: Apache-2.0 */
/*
 * root.h - inside repair/: the files of an image as they lie on top of each other.
 *
 * Every path of every layer, with its owner, mode and time, and the content of those files that
 * package managers keep. Layers are read in workers; what they say is read as a stranger's. Layers
 * are merged as overlayfs does; an image in which an entry lies below what is no folder is refused,
 * because runtimes differ on it.
 */
#ifndef REPAIR_ROOT_H
#define REPAIR_ROOT_H

#include "codec/tar.h"
#include "inventory/inventory.h"
#include "oci/oci.h"

struct repair_node {
	struct hm_str path; /* without a leading '/'; the root: empty */
	struct hm_str link; /* target of a symbolic link, as it stands there */
	enum tar_type type; /* a hard link is a file here: what it leads to */
	uint32_t mode, uid, gid;
	int64_t mtime;
	uint64_t size;
	bool is_kept; /* content is there */
	struct hm_str content;
	/* Of a file that runs with rights of its own: SHA-256 (empty: it was too large), and the
	 * extended attribute "security.capability". */
	struct hm_str digest, capability;
	struct hm_str java; /* where that was asked for: java/look.c */
	size_t layer;       /* the layer that it comes from: an index of the manifest's */
	bool is_linked;     /* it has, or had, another name (a hard link) */
	struct repair_node *parent, *first, *last, *next; /* of the tree; removed ones are in it */
	bool is_gone;
};

/* What a reader says of a file, in this order. */
enum repair_part {
	REPAIR_PART_CONTENT = 1, /* the last */
	REPAIR_PART_DIGEST = 2,
	REPAIR_PART_CAPABILITY = 4, /* the first */
	REPAIR_PART_JAVA = 8,       /* behind the digest */
	REPAIR_PARTS = 16,
};

struct repair_root {
	struct hm_map nodes; /* path -> struct repair_node, gone ones, too */
	struct repair_node *top;
	size_t n;      /* that are there */
	size_t layers; /* that are applied */
};

struct repair_root repair_root_new(struct hm_cx *cx);
/* A layer on top of it, as its reader (root_job.c) answered: untrusted bytes, which last as long as
 * the root. HM_INPUT. */
HM_MUST hm_err repair_root_apply(struct hm_cx *cx, struct repair_root *r, struct hm_str answer);
/* The first `layers` layers of an image. A layer whose answer is kept by its digest is not fetched:
 * whoever copies its blob checks it. */
struct repair_root_of {
	struct oci_place *place;
	const struct oci_manifest *m;
	size_t layers;
	bool java;                  /* what jars say and what names them, too */
	struct inventory_kept kept; /* where answers are kept */
};
/* HM_INPUT, HM_LIMIT. */
HM_MUST hm_err repair_root_read(struct hm_cx *cx, const struct repair_root_of *of,
				struct repair_root *out);
/* What is at exactly this path; NULL: nothing. */
const struct repair_node *repair_root_at(const struct repair_root *r, struct hm_str path);
/* Where a path, with or without a leading '/', leads in the end: symbolic links in its folders are
 * followed, its last part is not. HM_INPUT: a circle, or out of the root. */
HM_MUST hm_err repair_root_place(struct hm_cx *cx, const struct repair_root *r, struct hm_str path,
				 struct hm_str *out);
/* The same with the last part followed, too. */
HM_MUST hm_err repair_root_target(struct hm_cx *cx, const struct repair_root *r, struct hm_str path,
				  struct hm_str *out);
/* The content of a file, links followed; *out_there is false where there is no such file. HM_LIMIT:
 * it is there, and too large to have been kept. */
HM_MUST hm_err repair_root_file(struct hm_cx *cx, const struct repair_root *r, const char *path,
				struct hm_str *out, bool *out_there);
/* Scripts of packages may read this file: its content is kept. */
bool repair_root_is_read(struct hm_str path);
/* The numbers of a user and a group by the root's own passwd and group files. */
bool repair_root_user(const struct repair_root *r, struct hm_str name, uint32_t *out);
bool repair_root_group(const struct repair_root *r, struct hm_str name, uint32_t *out);

/* In the worker: one layer. */
#define REPAIR_LAYER_JOB  "repair-layer"
#define REPAIR_LAYER_JAVA "java" /* its argument: jars are looked into */
/* Raise it when the job says something else of the same layer: answers are kept. */
enum { REPAIR_LAYER_VERSION = 3 };

#endif
