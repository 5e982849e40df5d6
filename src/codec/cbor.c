/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/cbor.h"

#include <cbor.h>
#include <stdlib.h>

/* What libcbor says of one head, through its callbacks. */
struct head {
	struct cbor_item item;
	uint64_t number; /* of an integer; of members to come */
	bool negative, indefinite, is_break;
};

static void on_uint8(void *h, uint8_t v)
{
	((struct head *)h)->number = v;
}

static void on_uint16(void *h, uint16_t v)
{
	((struct head *)h)->number = v;
}

static void on_uint32(void *h, uint32_t v)
{
	((struct head *)h)->number = v;
}

static void on_uint64(void *h, uint64_t v)
{
	((struct head *)h)->number = v;
}

static void set_negative(struct head *h, uint64_t v)
{
	h->number = v;
	h->negative = true;
}

static void on_negative8(void *h, uint8_t v)
{
	set_negative(h, v);
}

static void on_negative16(void *h, uint16_t v)
{
	set_negative(h, v);
}

static void on_negative32(void *h, uint32_t v)
{
	set_negative(h, v);
}

static void on_negative64(void *h, uint64_t v)
{
	set_negative(h, v);
}

static void on_indefinite(void *h)
{
	((struct head *)h)->indefinite = true;
}

static void on_break(void *h)
{
	((struct head *)h)->is_break = true;
}

static void on_bytes(void *h, cbor_data p, size_t n)
{
	struct head *head = h;
	head->item.kind = CBOR_BYTES;
	head->item.bytes = hm_bytes(p, n);
}

static void on_text(void *h, cbor_data p, size_t n)
{
	struct head *head = h;
	head->item.kind = CBOR_TEXT;
	head->item.bytes = hm_bytes(p, n);
}

static void on_array(void *h, size_t n)
{
	struct head *head = h;
	head->item.kind = CBOR_ARRAY;
	head->item.size = head->number = n;
}

static void on_map(void *h, size_t n)
{
	struct head *head = h;
	head->item.kind = CBOR_MAP;
	head->item.size = head->number = n;
}

static void on_tag(void *h, uint64_t tag)
{
	struct head *head = h;
	head->item.kind = CBOR_TAGGED;
	head->item.tag = tag;
	head->item.size = head->number = 1;
}

static void on_float(void *h, float v)
{
	struct head *head = h;
	head->item.kind = CBOR_REAL;
	head->item.real = (double)v;
}

static void on_double(void *h, double v)
{
	struct head *head = h;
	head->item.kind = CBOR_REAL;
	head->item.real = v;
}

static void on_undefined(void *h)
{
	((struct head *)h)->item.kind = CBOR_UNDEFINED;
}

static void on_null(void *h)
{
	((struct head *)h)->item.kind = CBOR_NULL;
}

static void on_bool(void *h, bool v)
{
	((struct head *)h)->item.kind = v ? CBOR_TRUE : CBOR_FALSE;
}

static const struct cbor_callbacks callbacks = {
	.uint8 = on_uint8,
	.uint16 = on_uint16,
	.uint32 = on_uint32,
	.uint64 = on_uint64,
	.negint64 = on_negative64,
	.negint32 = on_negative32,
	.negint16 = on_negative16,
	.negint8 = on_negative8,
	.byte_string_start = on_indefinite,
	.byte_string = on_bytes,
	.string = on_text,
	.string_start = on_indefinite,
	.indef_array_start = on_indefinite,
	.array_start = on_array,
	.indef_map_start = on_indefinite,
	.map_start = on_map,
	.tag = on_tag,
	.float2 = on_float,
	.float4 = on_float,
	.float8 = on_double,
	.undefined = on_undefined,
	.null = on_null,
	.boolean = on_bool,
	.indef_break = on_break,
};

/* A container whose members are still to come. */
struct level {
	struct cbor_item *item;
	const struct cbor_item **link; /* where the next one is hung */
	uint64_t left;
};

struct reader {
	struct hm_cx *cx;
	struct hm_str rest;
	size_t at, items, depth;
	enum cbor_flags flags;
	struct level levels[32];
};

static hm_err fail_at(const struct reader *r, const char *what)
{
	return hm_fail(r->cx, HM_INPUT, "CBOR: byte %zu: %s", r->at, what);
}

/* RFC 8949, 3.4: what the tags of times and big numbers are of. */
static bool suits_tag(uint64_t tag, const struct cbor_item *of)
{
	if (tag == 0)
		return of->kind == CBOR_TEXT;
	if (tag == 1)
		return of->kind == CBOR_INTEGER || of->kind == CBOR_REAL;
	return tag > 3 || of->kind == CBOR_BYTES;
}

static int by_key(const void *a, const void *b)
{
	const struct cbor_item *x = *(const struct cbor_item *const *)a;
	const struct cbor_item *y = *(const struct cbor_item *const *)b;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->kind == CBOR_TEXT)
		return hm_cmp(x->bytes, y->bytes);
	return (x->number > y->number) - (x->number < y->number);
}

/* Keys that are integers or texts, none of them twice. */
static hm_err check_keys(struct reader *r, const struct cbor_item *map)
{
	size_t n = 0;
	HM_TRY(hm_charge(r->cx, map->size * sizeof(map)));
	const struct cbor_item **keys = hm_new(r->cx, const struct cbor_item *, map->size);
	for (const struct cbor_item *k = map->first; k; k = k->next->next) {
		if (k->kind != CBOR_INTEGER && k->kind != CBOR_TEXT)
			return fail_at(r, "a map has a key that is neither a number nor a text");
		keys[n++] = k;
	}
	qsort(keys, n, sizeof(*keys), by_key);
	for (size_t i = 1; i < n; i++)
		if (by_key(&keys[i - 1], &keys[i]) == 0)
			return fail_at(r, "a map has a key twice");
	return NULL;
}

/* Some versions of libcbor know only those tags of one byte that RFC 7049 assigned. */
static struct cbor_decoder_result decode_head(struct hm_str bytes, struct head *out)
{
	enum { TAG = 6, LAST_SHORT = 23 };
	struct cbor_decoder_result got = { .status = CBOR_DECODER_NEDATA };
	unsigned char first = bytes.n ? (unsigned char)bytes.p[0] : 0;
	if (first >> 5 == TAG && (first & 0x1f) <= LAST_SHORT) {
		on_tag(out, first & 0x1f);
		return (struct cbor_decoder_result){ .status = CBOR_DECODER_FINISHED, .read = 1 };
	}
	if (bytes.n)
		got = cbor_stream_decode((cbor_data)bytes.p, bytes.n, &callbacks, out);
	return got;
}

static hm_err read_head(struct reader *r, struct head *out)
{
	*out = (struct head){ 0 };
	struct cbor_decoder_result got = decode_head(r->rest, out);
	if (got.status == CBOR_DECODER_NEDATA)
		return fail_at(r, "it ends too early");
	if (got.status != CBOR_DECODER_FINISHED || out->is_break)
		return fail_at(r, "there is no value");
	if (out->indefinite)
		return fail_at(r, "a length is not given");
	if (out->item.kind == CBOR_INTEGER) {
		if (out->number > INT64_MAX)
			return fail_at(r, "a number is too large");
		out->item.number = out->negative ? -1 - (int64_t)out->number : (int64_t)out->number;
	}
	if (out->item.kind == CBOR_TEXT && !hm_is_utf8(out->item.bytes))
		return fail_at(r, "a text is not UTF-8");
	if (out->item.kind == CBOR_TAGGED && r->flags & CBOR_NO_TAGS)
		return fail_at(r, "there is a tag");
	r->rest = hm_from(r->rest, got.read);
	r->at += got.read;
	return NULL;
}

/* A container that is not empty waits for its members; each takes a byte at least. */
static hm_err open_level(struct reader *r, struct cbor_item *item)
{
	if (item->kind != CBOR_ARRAY && item->kind != CBOR_MAP && item->kind != CBOR_TAGGED)
		return NULL;
	if (item->size > r->rest.n)
		return fail_at(r, "it ends too early");
	if (r->depth >= HM_MAX_CBOR_DEPTH || r->depth == HM_LEN(r->levels))
		return hm_fail(r->cx, HM_LIMIT, "CBOR: byte %zu: it is nested too deeply", r->at);
	r->levels[r->depth++] =
		(struct level){ item, &item->first,
				item->kind == CBOR_MAP ? 2 * item->size : item->size };
	return NULL;
}

/* Those that have all their members. */
static hm_err close_levels(struct reader *r)
{
	while (r->depth && !r->levels[r->depth - 1].left) {
		const struct cbor_item *item = r->levels[--r->depth].item;
		if (item->kind == CBOR_MAP)
			HM_TRY(check_keys(r, item));
		if (item->kind == CBOR_TAGGED && !suits_tag(item->tag, item->first))
			return fail_at(r, "a tag is not for what it is on");
	}
	return NULL;
}

static hm_err read_item(struct reader *r, const struct cbor_item **out)
{
	struct head head;
	if (++r->items > HM_MAX_CBOR_ITEMS)
		return hm_fail(r->cx, HM_LIMIT, "CBOR: there are too many items");
	HM_TRY(read_head(r, &head));
	HM_TRY(hm_charge(r->cx, sizeof(struct cbor_item)));
	struct cbor_item *item = hm_new(r->cx, struct cbor_item, 1);
	*item = head.item;
	if (r->depth) {
		struct level *top = &r->levels[r->depth - 1];
		*top->link = item;
		top->link = &item->next;
		top->left--;
	} else {
		*out = item;
	}
	HM_TRY(open_level(r, item));
	return close_levels(r);
}

hm_err cbor_parse(struct hm_cx *cx, struct hm_str bytes, enum cbor_flags flags,
		  const struct cbor_item **out)
{
	struct reader r = { .cx = cx, .rest = bytes, .flags = flags };
	do
		HM_TRY(read_item(&r, out));
	while (r.depth);
	return r.rest.n ? fail_at(&r, "there is something behind it") : NULL;
}

static const struct cbor_item *find_value(const struct cbor_item *map,
					  const struct cbor_item *wanted)
{
	if (!map || map->kind != CBOR_MAP)
		return NULL;
	for (const struct cbor_item *k = map->first; k; k = k->next->next)
		if (by_key(&k, &wanted) == 0)
			return k->next;
	return NULL;
}

const struct cbor_item *cbor_find_text(const struct cbor_item *map, struct hm_str key)
{
	return find_value(map, &(struct cbor_item){ .kind = CBOR_TEXT, .bytes = key });
}

const struct cbor_item *cbor_find_number(const struct cbor_item *map, int64_t key)
{
	return find_value(map, &(struct cbor_item){ .kind = CBOR_INTEGER, .number = key });
}
