/* SPDX-License-Identifier: Apache-2.0 */
#include <cbor.h>
#include <math.h>

#include "codec/base64.h"
#include "codec/cbor.h"

enum { LONGEST_HEAD = 9 };

static void add_head(struct hm_buf *to, size_t (*encode)(uint64_t, unsigned char *, size_t),
		     uint64_t value)
{
	unsigned char head[LONGEST_HEAD];
	hm_buf_add(to, hm_bytes(head, encode(value, head, sizeof(head))));
}

void cbor_put_number(struct hm_buf *to, int64_t value)
{
	if (value < 0)
		add_head(to, cbor_encode_negint, (uint64_t)(-1 - value));
	else
		add_head(to, cbor_encode_uint, (uint64_t)value);
}

void cbor_put_bytes(struct hm_buf *to, struct hm_str bytes)
{
	add_head(to, cbor_encode_bytestring_start, bytes.n);
	hm_buf_add(to, bytes);
}

void cbor_put_text(struct hm_buf *to, struct hm_str text)
{
	add_head(to, cbor_encode_string_start, text.n);
	hm_buf_add(to, text);
}

void cbor_put_tag(struct hm_buf *to, uint64_t tag)
{
	add_head(to, cbor_encode_tag, tag);
}

void cbor_open_array(struct hm_buf *to, size_t elements)
{
	add_head(to, cbor_encode_array_start, elements);
}

void cbor_open_map(struct hm_buf *to, size_t pairs)
{
	add_head(to, cbor_encode_map_start, pairs);
}

/* A container of JSON that is open: what comes next in it. */
struct level {
	const struct cbor_item *next;
	bool is_map;
};

static void put_bytes(struct json_out *o, struct hm_str bytes)
{
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	json_put_str(o, NULL, base64_format(&cx, BASE64_STD, bytes));
}

static void put_key(struct json_out *o, const struct cbor_item *key)
{
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	json_key(o,
		 key->kind == CBOR_TEXT ? key->bytes : hm_fmt(&cx, "%lld", (long long)key->number));
}

/* What has no members. */
static void put_value(struct json_out *o, const struct cbor_item *item)
{
	if (item->kind == CBOR_INTEGER)
		json_put_int(o, NULL, item->number);
	else if (item->kind == CBOR_TEXT)
		json_put_str(o, NULL, item->bytes);
	else if (item->kind == CBOR_BYTES)
		put_bytes(o, item->bytes);
	else if (item->kind == CBOR_TRUE || item->kind == CBOR_FALSE)
		json_put_bool(o, NULL, item->kind == CBOR_TRUE);
	else if (item->kind == CBOR_REAL && isfinite(item->real))
		json_put_real(o, NULL, item->real);
	else
		json_put_null(o, NULL);
}

void cbor_put_json(struct json_out *o, const struct cbor_item *item)
{
	struct level levels[32]; /* HM_MAX_CBOR_DEPTH */
	size_t depth = 0;
	for (;;) {
		while (item && item->kind == CBOR_TAGGED)
			item = item->first;
		if (item && (item->kind == CBOR_ARRAY || item->kind == CBOR_MAP)) {
			bool is_map = item->kind == CBOR_MAP;
			json_open(o, NULL, is_map ? '{' : '[');
			levels[depth++] = (struct level){ item->first, is_map };
		} else if (item) {
			put_value(o, item);
		}
		while (depth && !levels[depth - 1].next)
			json_close(o, levels[--depth].is_map ? '}' : ']');
		if (!depth)
			return;
		struct level *top = &levels[depth - 1];
		if (top->is_map) {
			put_key(o, top->next);
			top->next = top->next->next;
		}
		item = top->next;
		top->next = item->next;
	}
}
