/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tar_pax.h - what pax records say. For codec/tar*.c only.
 */
#ifndef CODEC_TAR_PAX_H
#define CODEC_TAR_PAX_H

#include "codec/tar_header.h"

/* A number of a pax record; an empty value says nothing. */
struct tar_number {
	bool is_there;
	uint64_t value;
};

/* Seconds since 1970; what stands behind the point is dropped. */
struct tar_time {
	bool is_there;
	int64_t value;
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
	struct tar_number size, uid, gid;
	struct hm_str user, group;
	struct tar_time mtime;
	bool redirected, has_attributes;
	struct hm_str capability;
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

#endif
