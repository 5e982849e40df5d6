/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tar_header.h - header blocks, and the maps of sparse files. For codec/tar*.c only.
 */
#ifndef CODEC_TAR_HEADER_H
#define CODEC_TAR_HEADER_H

#include "codec/tar.h"

enum { TAR_BLOCK = 512 };

struct tar_extent {
	uint64_t offset, n;
};

struct tar_extents {
	struct tar_extent *p;
	size_t n, cap;
};

/* A header block as it stands. */
struct tar_header {
	struct hm_str name, prefix, link; /* slices of the block */
	char type;
	bool is_gnu;
	uint32_t mode;
	uint32_t uid, gid;
	struct hm_str user, group; /* slices of the block; none of the v7 format */
	int64_t mtime;
	uint64_t size;
	uint64_t real_size; /* old GNU sparse */
};

/* Checksum and numbers verified. */
HM_MUST hm_err tar_header_parse(struct hm_cx *cx, const uint8_t *block, struct tar_header *out);
/* Of an entry that has this name in the end; is its size that of data behind the header?
 * HM_INPUT: a type that is none of an entry's. */
HM_MUST hm_err tar_type_of(struct hm_cx *cx, char type, struct hm_str name, enum tar_type *out,
			   bool *out_data);
/* The map in an old GNU header, or in one of its extension blocks. */
HM_MUST hm_err tar_old_sparse(struct hm_cx *cx, struct hm_cx *own, const uint8_t *block,
			      bool extension, struct tar_extents *map, bool *out_more);
HM_MUST hm_err tar_add_extent(struct hm_cx *cx, struct hm_cx *own, struct tar_extents *map,
			      uint64_t offset, uint64_t n);
/* In order, without overlap, inside the file, and together as long as what is stored. */
HM_MUST hm_err tar_check_map(struct hm_cx *cx, const struct tar_extents *map, uint64_t real_size,
			     uint64_t stored);
/* The map that stands before the data (GNU.sparse 1.0): a line with the number of extents, then two
 * lines an extent. */
HM_MUST hm_err tar_data_map(struct hm_cx *cx, struct hm_cx *own, struct hm_str text,
			    struct tar_extents *map);

#endif
