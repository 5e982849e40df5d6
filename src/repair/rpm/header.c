/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/rpm/header.h"

hm_err repair_rpm_header(struct hm_cx *cx, struct hm_str blob, struct rpm_header *out)
{
	struct hm_cur c = hm_cur(blob);
	uint64_t entries = hm_be(&c, 4), size = hm_be(&c, 4);
	if (c.bad || entries > c.n / RPM_ENTRY || size > c.n - entries * RPM_ENTRY)
		return hm_fail(cx, HM_INPUT, "the header of a package is cut short");
	out->index = hm_take_str(&c, entries * RPM_ENTRY);
	out->data = hm_take_str(&c, size);
	return NULL;
}

/* Bytes of one value; 0: of a string, which ends by itself. */
static uint32_t width_of(uint32_t type)
{
	static const uint32_t widths[] = {
		[RPM_CHAR] = 1,  [RPM_INT8] = 1, [RPM_INT16] = 2, [RPM_INT32] = 4,
		[RPM_INT64] = 8, [RPM_BIN] = 1,  [RPM_I18N] = 0
	};
	return type < HM_LEN(widths) ? widths[type] : 0;
}

static bool is_string(uint32_t type)
{
	return type == RPM_STRING || type == RPM_STRINGS || type == RPM_I18N;
}

static bool find(const struct rpm_header *h, uint32_t tag, struct rpm_values *out)
{
	for (struct hm_cur c = hm_cur(h->index); c.n;) {
		uint32_t t = (uint32_t)hm_be(&c, 4), type = (uint32_t)hm_be(&c, 4);
		uint64_t offset = hm_be(&c, 4), count = hm_be(&c, 4);
		if (t != tag)
			continue;
		if (offset > h->data.n || !count || (!is_string(type) && !width_of(type)))
			return false;
		*out = (struct rpm_values){ hm_cur(hm_from(h->data, offset)), (uint32_t)count,
					    type };
		return true;
	}
	return false;
}

struct rpm_values repair_rpm_strings(const struct rpm_header *h, uint32_t tag)
{
	struct rpm_values v;
	return find(h, tag, &v) && is_string(v.type) ? v : (struct rpm_values){ 0 };
}

struct rpm_values repair_rpm_numbers(const struct rpm_header *h, uint32_t tag)
{
	struct rpm_values v;
	return find(h, tag, &v) && width_of(v.type) ? v : (struct rpm_values){ 0 };
}

bool repair_rpm_next_string(struct rpm_values *v, struct hm_str *out)
{
	const uint8_t *end = v->left && v->at.n ? memchr(v->at.p, '\0', v->at.n) : NULL;
	*out = HM_STR("");
	if (!end)
		return false;
	*out = hm_take_str(&v->at, (size_t)(end - v->at.p));
	hm_take(&v->at, 1);
	v->left--;
	return true;
}

bool repair_rpm_next_number(struct rpm_values *v, uint64_t *out)
{
	uint32_t width = width_of(v->type);
	*out = 0;
	if (!v->left || v->at.n < width)
		return false;
	*out = hm_be(&v->at, width);
	v->left--;
	return true;
}

struct hm_str repair_rpm_string(const struct rpm_header *h, uint32_t tag)
{
	struct rpm_values v = repair_rpm_strings(h, tag);
	struct hm_str s;
	repair_rpm_next_string(&v, &s);
	return s;
}

uint64_t repair_rpm_number(const struct rpm_header *h, uint32_t tag)
{
	struct rpm_values v = repair_rpm_numbers(h, tag);
	uint64_t n;
	repair_rpm_next_number(&v, &n);
	return n;
}

bool repair_rpm_raw(const struct rpm_header *h, uint32_t tag, uint32_t *out_type,
		    uint32_t *out_count, struct hm_str *out)
{
	struct rpm_values v;
	struct hm_str s;
	if (!find(h, tag, &v))
		return false;
	*out_type = v.type;
	*out_count = v.left;
	const uint8_t *from = v.at.p;
	if (is_string(v.type)) {
		while (v.left && repair_rpm_next_string(&v, &s))
			;
		*out = hm_bytes(from, (size_t)(v.at.p - from));
		return !v.left;
	}
	uint64_t n = (uint64_t)v.left * width_of(v.type);
	*out = hm_take_str(&v.at, n);
	return !v.at.bad;
}
