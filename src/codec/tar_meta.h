/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tar_meta.h - extended headers, "xgLKV": what they say is kept for the next entry. For tar_read.c
 * only.
 */
#ifndef CODEC_TAR_META_H
#define CODEC_TAR_META_H

#include "codec/tar_state.h"

HM_MUST hm_err tar_meta_begin(struct hm_cx *cx, struct tar *t, const struct tar_header *h);
/* The next of its bytes. */
HM_MUST hm_err tar_meta_feed(struct hm_cx *cx, struct tar *t, struct hm_str *bytes);

#endif
