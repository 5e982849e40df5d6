/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gzip_members.h - where the members of a gzip file end (RFC 1952, 2.2), for formats in which each
 * member is something of its own: apk's packages and indexes.
 */
#ifndef CODEC_GZIP_MEMBERS_H
#define CODEC_GZIP_MEMBERS_H

#include "codec/stream_format.h"

/* Who gets the inflated bytes of each. */
struct gzip_members_to {
	hm_err (*add)(struct hm_cx *cx, void *arg, size_t member, struct hm_str bytes);
	void *arg;
};
/* Bytes of the source up to the end of each of the first two members. */
struct gzip_ends {
	uint64_t at[2];
	size_t n;
};
/* Reads two members, or one where there are no more. HM_INPUT: damaged, cut short, or no gzip. */
HM_MUST hm_err gzip_members(struct hm_cx *cx, struct stream_source source,
			    const struct gzip_members_to *to, struct gzip_ends *out);

#endif
