/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tar_parts.h - the parts of the tar reader that know bytes: header blocks, pax records, sparse
 * maps. For codec/tar*.c only.
 */
#ifndef CODEC_TAR_PARTS_H
#define CODEC_TAR_PARTS_H

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
	uint32_t mode;
	uint64_t size;
	/* Old GNU sparse: */
	bool more; /* extension blocks follow */
	uint64_t real_size;
};

/* Checksum and numbers verified. */
HM_MUST hm_err tar_header_parse(struct hm_cx *cx, const uint8_t *block, struct tar_header *out);
/* HM_INPUT: a type that is none of an entry's. */
HM_MUST hm_err tar_type_of(struct hm_cx *cx, const struct tar_header *h, enum tar_type *out);
/* The map in an old GNU header, or in one of its extension blocks. */
HM_MUST hm_err tar_old_sparse(struct hm_cx *cx, struct hm_cx *own, const uint8_t *block,
			      bool extension, struct tar_extents *map, bool *out_more);

/* What extended headers say about the next entry. Empty slices: nothing. */
struct tar_extra {
	struct hm_str path, link;           /* pax */
	struct hm_str long_path, long_link; /* GNU */
	bool has_size;
	uint64_t size;
	/* GNU.sparse.* */
	bool sparse, map_in_data;
	struct hm_str sparse_name;
	bool has_real_size;
	uint64_t real_size;
	struct tar_extents map;
	bool half; /* an offset whose numbytes is still to come */
};
/* One pax extended header; strings are copied to `own`. */
HM_MUST hm_err tar_pax_parse(struct hm_cx *cx, struct hm_cx *own, struct hm_str records,
			     struct tar_extra *x);
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
