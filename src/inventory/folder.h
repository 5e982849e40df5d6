/* SPDX-License-Identifier: Apache-2.0 */
/*
 * folder.h - opening what is in a folder that is inventoried, and never what is not (openat2).
 * Private to the room; for dir.c.
 */
#ifndef INVENTORY_FOLDER_H
#define INVENTORY_FOLDER_H

#include "inventory/request.h"

/* A file or folder below `root`; -1 and errno where a symbolic link is on the way. */
int inventory_open_below(int root, const char *path, int flags);
/* Links to package databases in the folder, as inventory_links_follow() finds them in an image:
 * they are followed as if the folder were the root. */
HM_MUST hm_err inventory_folder_links(struct hm_cx *cx, int root, struct inventory_aliases *out);
/* All of a regular file below `root`. */
HM_MUST hm_err inventory_folder_file(struct hm_cx *cx, int root, struct hm_str path,
				     struct hm_str *out);

#endif
