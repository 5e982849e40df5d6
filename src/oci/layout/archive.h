/* SPDX-License-Identifier: Apache-2.0 */
/*
 * archive.h - inside oci/: a layout whose files are stretches of open files.
 */
#ifndef OCI_LAYOUT_ARCHIVE_H
#define OCI_LAYOUT_ARCHIVE_H

#include "oci/layout/layout.h"
#include "oci/layout/tarfile.h"

struct archive {
	struct layout layout;
	struct tarfile tar;
	int made; /* a temporary file with what was made up; -1: none */
	uint64_t made_size;
	struct hm_map files; /* path in the layout -> struct extent; empty: the tar's own */
};

/* Opened, its tar indexed; the place's own arena holds everything. */
hm_err oci_archive_new(struct hm_cx *cx, const struct oci_target *t, const struct oci_ops *ops,
		       struct archive **out);
void oci_archive_close(struct oci_place *p);
extern const struct oci_ops oci_archive_ops, oci_docker_archive_ops;

#endif
