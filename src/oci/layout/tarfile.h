/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tarfile.h - inside oci/: where the files of a tar archive begin, so that they are read by
 * seeking.
 *
 * The headers are read by codec/tar.h, and mean what they mean there. Of the entries regular files
 * without holes and links are kept, under names relative to the archive (tar_clean_path()).
 */
#ifndef OCI_LAYOUT_TARFILE_H
#define OCI_LAYOUT_TARFILE_H

#include "oci/ops.h"

struct tarfile_entry {
	uint64_t offset, size;
	struct hm_str link; /* where a symbolic or hard link leads, from the root; else empty */
};

struct tarfile {
	int fd;
	const char *name;
	struct hm_map files; /* plain path -> struct tarfile_entry */
};

/* What tar is read from: a regular file of the machine, or bytes at hand (.fd is -1). */
struct tarfile_source {
	int fd;
	struct hm_str bytes;
	uint64_t size;
	const char *name;
};
/* HM_INPUT: no tar archive, a damaged one, or a name that leads out of it. HM_LIMIT:
 * HM_MAX_ARCHIVE_ENTRIES, HM_MAX_PATH, or the budget. */
hm_err oci_tarfile_index(struct hm_cx *cx, const struct tarfile_source *s, struct hm_map *out);

/* Open an archive: plain, gzip or zstd. What is compressed or cannot be sought is spooled to a
 * temporary file first. HM_ABSENT, HM_INPUT, HM_LIMIT. The caller closes .fd. */
hm_err oci_tarfile_open(struct hm_cx *cx, const char *path, struct tarfile *out);
/* The entry of a path, links followed (40 at most); NULL: there is none. */
const struct tarfile_entry *oci_tarfile_find(const struct hm_map *files, struct hm_str path);

#endif
