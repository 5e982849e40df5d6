/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/catalogers/rpm_header.h"

enum { ENTRY = 16, INT32 = 4, STRING = 6, STRING_ARRAY = 8, I18N_STRING = 9 };

hm_err inventory_rpm_header(struct hm_cx *cx, struct hm_str blob, struct rpm_header *out)
{
	struct hm_cur cur = hm_cur(blob);
	uint64_t entries = hm_be(&cur, 4), size = hm_be(&cur, 4);
	if (cur.bad || entries > cur.n / ENTRY || size > cur.n - entries * ENTRY)
		return hm_fail(cx, HM_INPUT, "the header of a package is cut short");
	out->index = hm_take_str(&cur, entries * ENTRY);
	out->data = hm_take_str(&cur, size);
	return NULL;
}

static struct rpm_values find_values(const struct rpm_header *h, enum rpm_tag tag, bool strings)
{
	struct hm_cur cur = hm_cur(h->index);
	while (cur.n) {
		uint64_t t = hm_be(&cur, 4), type = hm_be(&cur, 4);
		uint64_t offset = hm_be(&cur, 4), count = hm_be(&cur, 4);
		if (t != (uint64_t)tag)
			continue;
		bool is_string = type == STRING || type == STRING_ARRAY || type == I18N_STRING;
		if (is_string != strings || (!strings && type != INT32) || offset > h->data.n)
			break;
		return (struct rpm_values){ hm_cur(hm_from(h->data, offset)), (uint32_t)count };
	}
	return (struct rpm_values){ 0 };
}

struct rpm_values inventory_rpm_strings(const struct rpm_header *h, enum rpm_tag tag)
{
	return find_values(h, tag, true);
}

struct rpm_values inventory_rpm_numbers(const struct rpm_header *h, enum rpm_tag tag)
{
	return find_values(h, tag, false);
}

bool inventory_rpm_next_string(struct rpm_values *v, struct hm_str *out)
{
	const uint8_t *end = v->left && v->at.n ? memchr(v->at.p, '\0', v->at.n) : NULL;
	if (!end)
		return false;
	*out = hm_take_str(&v->at, (size_t)(end - v->at.p));
	hm_take(&v->at, 1);
	v->left--;
	return true;
}

bool inventory_rpm_next_number(struct rpm_values *v, uint32_t *out)
{
	if (!v->left || v->at.n < 4)
		return false;
	*out = (uint32_t)hm_be(&v->at, 4);
	v->left--;
	return true;
}

struct hm_str inventory_rpm_string(const struct rpm_header *h, enum rpm_tag tag)
{
	struct rpm_values v = inventory_rpm_strings(h, tag);
	struct hm_str s = { "", 0 };
	inventory_rpm_next_string(&v, &s);
	return s;
}
