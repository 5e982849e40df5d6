/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base64.h - base64 (RFC 4648), strict: one text for each string of bytes.
 *
 * Reading refuses what RFC 4648 section 3.5 lets a decoder refuse: characters of another alphabet,
 * line breaks, padding that is missing, misplaced or not wanted, and last characters whose unused
 * bits are not zero. Otherwise two texts would mean the same bytes.
 */
#ifndef CODEC_BASE64_H
#define CODEC_BASE64_H

#include "base/base.h"

enum base64_kind {
	BASE64_STD = 0, /* "+/", padded: section 4 */
	BASE64_URL = 1, /* "-_", padded: section 5 */
	BASE64_RAW = 2, /* or-ed to either: without padding, as JOSE has it (RFC 7515, 2) */
	BASE64_URL_RAW = BASE64_URL | BASE64_RAW,
};

struct hm_str base64_format(struct hm_cx *cx, enum base64_kind kind, struct hm_str bytes);
/* HM_INPUT: not strictly of this kind. HM_LIMIT: the budget. NUL behind the bytes. */
HM_MUST hm_err base64_parse(struct hm_cx *cx, enum base64_kind kind, struct hm_str text,
			    struct hm_str *out);

#endif
