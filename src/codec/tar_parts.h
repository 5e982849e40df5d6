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
	bool is_gnu;
	uint32_t mode;
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

/* A number of a pax record; an empty value says nothing. */
struct tar_number {
	bool is_there;
	uint64_t value;
};

enum tar_sparse {
	TAR_DENSE,
	TAR_SPARSE_OLD,    /* the map is in the header block, and those behind it */
	TAR_SPARSE_HEADER, /* GNU.sparse 0.0 and 0.1: in the pax header */
	TAR_SPARSE_DATA    /* 1.0: before the data */
};

/* What a pax header says about the next entry. Empty slices: nothing. */
struct tar_pax {
	struct hm_str path, link;
	struct tar_number size;
	bool redirected;
	/* GNU.sparse.* */
	bool any_sparse;
	struct hm_str sparse_name;
	struct tar_number major, minor, blocks, sparse_size, real_size;
	struct tar_extents map, pairs; /* in one record; as offset and numbytes, which wins */
	bool half;                     /* an offset whose numbytes is still to come */
};
/* One pax extended header; strings are copied to `own`. */
HM_MUST hm_err tar_pax_parse(struct hm_cx *cx, struct hm_cx *own, struct hm_str records,
			     struct tar_pax *out);
/* HM_INPUT: sparse attributes of an unknown version, or incomplete ones. */
HM_MUST hm_err tar_pax_sparse(struct hm_cx *cx, const struct tar_pax *x, enum tar_sparse *out);
HM_MUST hm_err tar_add_extent(struct hm_cx *cx, struct hm_cx *own, struct tar_extents *map,
			      uint64_t offset, uint64_t n);
/* In order, without overlap, inside the file, and together as long as what is stored. */
HM_MUST hm_err tar_check_map(struct hm_cx *cx, const struct tar_extents *map, uint64_t real_size,
			     uint64_t stored);
/* The map that stands before the data (GNU.sparse 1.0): a line with the number of extents, then two
 * lines an extent. */
HM_MUST hm_err tar_data_map(struct hm_cx *cx, struct hm_cx *own, struct hm_str text,
			    struct tar_extents *map);

/* --- the reader itself --- */

/* What the next byte belongs to. */
enum tar_state {
	TAR_HEADER,
	TAR_META,
	TAR_SPARSE_BLOCK,
	TAR_DATA_MAP,
	TAR_DATA,
	TAR_PADDING,
	TAR_FINISHED,
	TAR_STATES
};

struct tar {
	const struct tar_events *events;
	void *arg;
	struct hm_cx own; /* what is known about the next entry; emptied after each */
	enum tar_state state;
	uint8_t block[TAR_BLOCK]; /* one that arrives in pieces */
	size_t block_n;
	uint64_t left;  /* of what is stored for this entry */
	size_t padding; /* behind it */
	char meta_type; /* of the extended header that is being collected */
	struct hm_buf meta;
	unsigned pending; /* extended headers that wait for their entry */
	bool kept;        /* something was allocated for it */
	struct tar_pax pax;
	struct hm_str long_path, long_link; /* GNU's */
	struct tar_extents map;             /* of a sparse file */
	struct tar_entry e;
	bool wanted;
	size_t extent;                   /* of the map, sparse files only */
	uint64_t extent_done;            /* bytes of it that were given out */
	uint64_t at;                     /* in the file, where it is not sparse */
	uint64_t map_lines, map_lines_n; /* seen; there must be (0: not known yet) */
	bool zero;                       /* the last block was all zero */
};

/* This much is stored behind the header, and padding. */
void tar_store(struct tar *t, uint64_t size);
/* On to the next header, of which nothing is known yet. */
void tar_next_entry(struct tar *t);

/* --- tar_meta.c: extended headers, "xgLKV" --- */

HM_MUST hm_err tar_meta_begin(struct hm_cx *cx, struct tar *t, const struct tar_header *h);
/* The next of its bytes. */
HM_MUST hm_err tar_meta_feed(struct hm_cx *cx, struct tar *t, struct hm_str *bytes);

#endif
