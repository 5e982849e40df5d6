/* SPDX-License-Identifier: Apache-2.0 */
/*
 * protojson.h - values of Protocol Buffers that are written as JSON: bytes in base64 of either
 * alphabet, padded or not; 64-bit numbers as text or number.
 * Source: protobuf.dev, ProtoJSON format.
 */
#ifndef CODEC_PROTOJSON_H
#define CODEC_PROTOJSON_H

#include "codec/json.h"

/* Empty where the member is not there. HM_INPUT: not base64. */
HM_MUST hm_err protojson_bytes(struct hm_cx *cx, struct json object, const char *key,
			       struct hm_str *out);
/* The same; it must be there, and not be empty. */
HM_MUST hm_err protojson_need_bytes(struct hm_cx *cx, struct json object, const char *key,
				    struct hm_str *out);
/* Bytes out of their text. HM_INPUT. */
HM_MUST hm_err protojson_text_bytes(struct hm_cx *cx, struct hm_str text, struct hm_str *out);
/* A number that is not negative; 0 where it is not there. HM_INPUT: it is none. */
HM_MUST hm_err protojson_number(struct hm_cx *cx, struct json object, const char *key,
				uint64_t *out);

#endif
