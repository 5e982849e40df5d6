/* SPDX-License-Identifier: Apache-2.0 */
/*
 * layer_tree.h - what becomes of a layer's paths when a container runtime unpacks it, entry by
 * entry. Private to the room; for layer*.c.
 *
 * A runtime with overlayfs unpacks each layer into a folder of its own, which is empty, and lays
 * these over each other; one without unpacks all layers into one folder. What any of them still
 * shows counts as there, so that what one layer hides of those below is what is hidden both ways.
 * Sources: containerd's archive.Apply and overlay whiteouts, moby's pkg/archive;
 * Documentation/filesystems/overlayfs.rst of Linux.
 *
 *  - The folder of an entry is found through the symbolic links that the layer has made so far.
 * What is not there yet is made: such a folder is "implied". Without overlayfs it may be a link of
 * a lower layer: see through.h.
 *  - The last entry of a path is what is there, and hides what lies below. A folder over something
 *    else hides nothing of what is in it below, though something was there before.
 *  - Devices are left out by runtimes without privileges: they neither hide nor replace.
 *
 * HM_INPUT: what no builder makes, and runtimes refuse or take differently: something in the place
 * of a folder that the layer has put entries into; an entry below what is no folder; links whose
 * ".." the readers resolve in two ways; a hard link to what is not in the layer.
 */
#ifndef INVENTORY_LAYER_TREE_H
#define INVENTORY_LAYER_TREE_H

#include "inventory/request.h"

/* What is at a path. */
enum inventory_tree_kind {
	INVENTORY_TREE_NONE,
	INVENTORY_TREE_FILE,
	INVENTORY_TREE_LINK, /* symbolic */
	INVENTORY_TREE_OTHER,
	INVENTORY_TREE_DEVICE,
	INVENTORY_TREE_WHITEOUT,
	INVENTORY_TREE_DIR,
	INVENTORY_TREE_IMPLIED, /* a folder that has had no entry of its own */
};

struct inventory_tree {
	struct hm_cx *cx; /* what it keeps */
	const struct inventory_seed *seed;
	const struct inventory_aliases *aliases;
	uint64_t *slots; /* a hash of the path, and above it what is there; a power of two */
	size_t slots_n, used;
	struct hm_map links;   /* path to struct hm_str, the target; NULL: no more */
	struct hm_buf last;    /* the folder that the last entry was put into */
	struct hm_buf hidden;  /* hashes for the merge: folders, opaque folders */
	struct hm_buf implied; /* of implied folders */
	struct hm_buf spelled; /* of links, under the names that aliases give them */
	bool over;             /* a path has more names than are looked at */
	bool cleared;          /* links may be gone where layers share one folder */
	/* An entry went through a link of the layer, an implied folder got its own, or what some
	 * were put through may be gone: then the same path is not the same place. */
	bool through;
};

void inventory_tree_init(struct hm_cx *cx, const struct inventory_request *asked,
			 struct inventory_tree *out);
void inventory_tree_done(struct inventory_tree *t);
/* The real path of an entry that a runtime is about to make; its folders are made. *path is clean
 * (tar_clean_path()), and not the root. */
HM_MUST hm_err inventory_tree_enter(struct hm_cx *cx, struct inventory_tree *t,
				    struct hm_str *path);
/* The entry at a real path is this now. Of links, `target` says where to. */
HM_MUST hm_err inventory_tree_put(struct hm_cx *cx, struct inventory_tree *t, struct hm_str path,
				  enum inventory_tree_kind kind, struct hm_str target);
/* The folder at a real path is opaque. */
void inventory_tree_opaque(struct inventory_tree *t, struct hm_str dir);
/* What a hard link with this target (as it stands there) leads to: its real path, and what is
 * there, which is a file, a link, a pipe or a device. */
HM_MUST hm_err inventory_tree_hardlink(struct hm_cx *cx, struct inventory_tree *t,
				       struct hm_str target, struct hm_str *out_path,
				       enum inventory_tree_kind *out_kind);
enum inventory_tree_kind inventory_tree_at(const struct inventory_tree *t, struct hm_str path);
/* The target of the symbolic link at a real path; NULL: there is none. */
const struct hm_str *inventory_tree_target(const struct inventory_tree *t, struct hm_str path);
/* The records P, L and I of the answer (answer.h). HM_LIMIT. */
HM_MUST hm_err inventory_tree_write(struct hm_cx *cx, const struct inventory_tree *t,
				    struct hm_buf *out);

#endif
