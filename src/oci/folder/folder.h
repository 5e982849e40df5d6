/* SPDX-License-Identifier: Apache-2.0 */
/*
 * folder.h - inside oci/: a folder as one layer, packed and unpacked.
 *
 * The layer is a tar archive, gzip'd, in which every path begins with the folder's name. It is read
 * in a worker, whose records (job.c) make a tree in a staging folder (tree.c) that
 * nobody else looks into; only a whole and verified tree takes its place (unpack.c).
 *
 * Nothing leads out of the folder, neither while it is made nor when it is used afterwards: paths
 * are plain names, links are made last, and the target of one goes up only at its beginning, no
 * further than to the folder itself.
 */
#ifndef OCI_FOLDER_FOLDER_H
#define OCI_FOLDER_FOLDER_H

#include "oci/ops.h"

/* What a record begins with. */
enum { FOLDER_ENTRY = 'E', FOLDER_DATA = 'D', FOLDER_END = 'X' };

struct folder_item {
	struct hm_str path; /* below the folder; empty: itself */
	struct hm_str link;
	bool is_dir, is_link;
};

/* A tree in the making. */
struct folder_tree {
	const char *root;    /* the staging folder */
	struct hm_str name;  /* what paths begin with */
	struct hm_map files; /* path -> what it is */
	struct {
		struct folder_item *p;
		size_t n, cap;
	} items;              /* folders before what is in them */
	uint64_t total, size; /* bytes of all files, of the open one */
	int fd;               /* the open file; -1: none */
};
/* One record, as untrusted bytes. HM_INPUT, HM_LIMIT. */
hm_err oci_folder_record(struct hm_cx *cx, void *tree, struct hm_str record);
/* After the last one: the links. */
hm_err oci_folder_finish(struct hm_cx *cx, struct folder_tree *t);
void oci_folder_tree_done(struct folder_tree *t);
#define FOLDER_AUTO_TREE HM_CLEANUP(oci_folder_tree_done) struct folder_tree

/* Does a link at `path`, below the folder, stay inside? */
bool oci_folder_link_stays(struct hm_str path, struct hm_str target);

#endif
