/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tarfile.h - inside oci/: where the files of a tar archive begin, so that they are read by seeking.
 *
 * Knows ustar, pax (path, linkpath, size) and GNU long names; of the entries only regular files and
 * links are kept. Names are made relative and plain; one that would leave the archive is HM_INPUT.
 */
#ifndef OCI_TARFILE_H
#define OCI_TARFILE_H

#include "oci/place.h"

struct tarfile_entry {
	uint64_t offset, size;
	struct hm_str
		link; /* a symbolic or hard link's target, made relative to the archive; else empty */
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
hm_err oci_tarfile_index(struct hm_cx *cx, const struct tarfile_source *s, struct hm_map *out);

/* Open an archive, plain, gzip'd or zstd'd; what cannot be sought is spooled to a temporary file first. HM_ABSENT, HM_INPUT. The caller closes .fd. */
hm_err oci_tarfile_open(struct hm_cx *cx, const char *path, struct tarfile *out);
/* The entry of a path, links followed (40 at most); NULL: there is none. */
const struct tarfile_entry *oci_tarfile_find(const struct hm_map *files, struct hm_str path);

#endif
