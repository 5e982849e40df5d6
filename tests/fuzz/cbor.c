/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "codec/cbor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is read can be told as JSON, which is read again. */
static void check_json(struct hm_cx *cx, const struct cbor_item *item)
{
	HM_AUTO_BUF b = HM_BUF(16 << 20);
	struct json_out o = json_out(&b, false);
	struct hm_str text;
	struct json again;
	cbor_put_json(&o, item);
	if (hm_buf_end(cx, &b, "json", &text))
		return;
	hm_err err = json_parse(cx, text, JSON_PLAIN, &again);
	if (err && err->code != HM_LIMIT)
		abort();
}

/* Every pair of a map is found by its key. */
static void check_keys(const struct cbor_item *map)
{
	for (const struct cbor_item *k = map->first; k; k = k->next->next)
		if ((k->kind == CBOR_TEXT ? cbor_find_text(map, k->bytes)
					  : cbor_find_number(map, k->number)) != k->next)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(16 << 20);
	const struct cbor_item *item;
	if (cbor_parse(&cx, hm_bytes(data, size), CBOR_PLAIN, &item))
		return 0;
	if (item->kind == CBOR_MAP && item->size < 100)
		check_keys(item);
	check_json(&cx, item);
	return 0;
}
