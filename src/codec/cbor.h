/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cbor.h - CBOR (RFC 8949) read into a tree under limits, and written item by item.
 *
 * It reads the subset that COSE's deterministic messages use, and refuses the rest: definite
 * lengths, signed 64-bit integers, text in UTF-8, maps whose keys are integers or texts, each of
 * them once. Numbers and lengths need not be in their shortest form. libcbor reads one head at a
 * time; open containers are on a fixed stack, so that no input makes it recurse, and no length is
 * believed before its bytes are there.
 */
#ifndef CODEC_CBOR_H
#define CODEC_CBOR_H

#include "base/base.h"
#include "codec/json.h"

enum cbor_kind {
	CBOR_INTEGER,
	CBOR_REAL,
	CBOR_BYTES,
	CBOR_TEXT,
	CBOR_ARRAY,
	CBOR_MAP,
	CBOR_TAGGED,
	CBOR_FALSE,
	CBOR_TRUE,
	CBOR_NULL,
	CBOR_UNDEFINED,
};

/* An item of the tree. Its members are a linked list, from `first` along `next`: a map's are key,
 * value, key, value; a tag has one. */
struct cbor_item {
	enum cbor_kind kind;
	int64_t number;      /* CBOR_INTEGER */
	uint64_t tag;        /* CBOR_TAGGED */
	double real;         /* CBOR_REAL */
	struct hm_str bytes; /* CBOR_BYTES, CBOR_TEXT: in the bytes that were read */
	size_t size;         /* elements; pairs of a map */
	const struct cbor_item *first, *next;
};

enum cbor_flags {
	CBOR_PLAIN = 0,
	CBOR_NO_TAGS = 1, /* a tag anywhere is HM_INPUT */
};

/* One item, with nothing behind it. HM_INPUT; HM_LIMIT past HM_MAX_CBOR_DEPTH, HM_MAX_CBOR_ITEMS or
 * the budget. The tree points into `bytes`. */
HM_MUST hm_err cbor_parse(struct hm_cx *cx, struct hm_str bytes, enum cbor_flags flags,
			  const struct cbor_item **out);

/* The value under a key; NULL where there is none, or `map` is no map. */
const struct cbor_item *cbor_find_text(const struct cbor_item *map, struct hm_str key);
const struct cbor_item *cbor_find_number(const struct cbor_item *map, int64_t key);

/* Each pair of a map: for (k = map->first; k; k = k->next->next) use(k, k->next). */

/* The item as a JSON value: bytes as base64 (RFC 4648, 4), a tagged item without its tag, number
 * keys as texts, NaN and the infinities as null. */
void cbor_put_json(struct json_out *o, const struct cbor_item *item);

/* Writing, each number and length in its shortest form (RFC 8949, 4.2.1). The members of an array
 * or map follow; the order of a map's keys is the caller's. */
void cbor_put_number(struct hm_buf *to, int64_t value);
void cbor_put_bytes(struct hm_buf *to, struct hm_str bytes);
void cbor_put_text(struct hm_buf *to, struct hm_str text);
void cbor_put_tag(struct hm_buf *to, uint64_t tag); /* of the next item */
void cbor_open_array(struct hm_buf *to, size_t elements);
void cbor_open_map(struct hm_buf *to, size_t pairs);

#endif
