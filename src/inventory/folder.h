/* SPDX-License-Identifier: Apache-2.0 */
/*
 * folder.h - opening what is in a folder that is inventoried, and never what is not (openat2).
 * Private to the room; for dir.c.
 */
#ifndef INVENTORY_FOLDER_H
#define INVENTORY_FOLDER_H

#include "inventory/match.h"
#include "inventory/request.h"

/* A file or folder below `root`; -1 and errno where a symbolic link is on the way. */
int inventory_open_below(int root, const char *path, int flags);
/* Links to package databases in the folder, as inventory_links_follow() finds them in an image:
 * they are followed as if the folder were the root. */
HM_MUST hm_err inventory_folder_links(struct hm_cx *cx, int root, struct inventory_aliases *out);
/* What the links to packages in a folder are looked for with, and what comes of it. */
struct inventory_folder_finder {
	int root;
	const struct inventory_matcher *matcher;
	struct inventory_aliases *aliases; /* it grows: then the folder is to be read again */
	struct inventory_unknowns *unknown;
};
/* The symbolic link at `path`: if it leads to packages that are not found without it
 * (package_links.h), there is an alias more. One that leads out of the folder is unknown content.
 */
HM_MUST hm_err inventory_folder_package_link(struct hm_cx *cx,
					     const struct inventory_folder_finder *f,
					     struct hm_str path);
/* All of a regular file below `root`. */
HM_MUST hm_err inventory_folder_file(struct hm_cx *cx, int root, struct hm_str path,
				     struct hm_str *out);

#endif
