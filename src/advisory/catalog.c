/* SPDX-License-Identifier: Apache-2.0 */
#include "advisory/catalog.h"

#include <stdlib.h>

enum { CVE_SIZE = 8 };

bool advisory_cve_key(struct hm_str id, uint64_t *out)
{
	uint64_t year, number;
	if (!hm_starts(id, HM_STR("CVE-")))
		return false;
	struct hm_str rest = hm_from(id, 4), head = hm_cut(&rest, '-');
	if (head.n != 4 || rest.n < 4 || !hm_u64(head, 9999, &year) ||
	    !hm_u64(rest, UINT32_MAX, &number))
		return false;
	*out = year << 32 | number;
	return true;
}

bool advisory_catalog_date(struct hm_str text, int64_t *out)
{
	uint64_t year, month, day;
	struct hm_str date = hm_sub(text, 0, 10);
	if (date.n != 10 || date.p[4] != '-' || date.p[7] != '-' ||
	    !hm_u64(hm_sub(date, 0, 4), 9999, &year) || !hm_u64(hm_sub(date, 5, 2), 12, &month) ||
	    !hm_u64(hm_sub(date, 8, 2), 31, &day) || year < 1970 || month < 1 || day < 1)
		return false;
	*out = hm_utc((int)year, (int)month, (int)day, 0, 0, 0);
	return true;
}

static int by_cve(const void *a, const void *b)
{
	const struct advisory_catalog_row *x = a, *y = b;
	if (x->cve != y->cve)
		return x->cve < y->cve ? -1 : 1;
	for (size_t i = 0; i < HM_LEN(x->said); i++)
		if (x->said[i] != y->said[i])
			return x->said[i] < y->said[i] ? -1 : 1;
	return 0;
}

void advisory_catalog_write(struct advisory_catalog_rows *rows, size_t size, int64_t date,
			    struct hm_buf *out)
{
	if (rows->n)
		qsort(rows->p, rows->n, sizeof(*rows->p), by_cve);
	hm_buf_le(out, (uint64_t)date, 8);
	for (size_t i = 0; i < rows->n; i++) {
		if (i + 1 < rows->n && rows->p[i + 1].cve == rows->p[i].cve)
			continue;
		hm_buf_le(out, rows->p[i].cve, 8);
		for (size_t k = 0; CVE_SIZE + 4 * k < size; k++)
			hm_buf_le(out, rows->p[i].said[k], 4);
	}
}

static uint64_t cve_at(struct hm_str rows, size_t size, size_t index)
{
	struct hm_cur c = hm_cur(hm_sub(rows, index * size, CVE_SIZE));
	return hm_le(&c, 8);
}

hm_err advisory_catalog_read(struct hm_cx *cx, struct hm_str bytes, size_t size,
			     struct advisory_catalog *out)
{
	struct hm_cur c = hm_cur(bytes);
	uint64_t date = hm_le(&c, 8);
	struct hm_str rows = hm_bytes(c.p, c.n);
	bool good = !c.bad && date <= INT64_MAX && rows.n % size == 0;
	for (size_t i = 1; good && i < rows.n / size; i++)
		good = cve_at(rows, size, i - 1) < cve_at(rows, size, i);
	if (!good)
		return hm_fail(cx, HM_INPUT, "damaged catalog of known exploited vulnerabilities");
	*out = (struct advisory_catalog){ (int64_t)date, rows };
	return NULL;
}

struct hm_str advisory_catalog_find(struct hm_str rows, size_t size, uint64_t cve)
{
	size_t low = 0, high = rows.n / size;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		uint64_t at = cve_at(rows, size, middle);
		if (at == cve)
			return hm_sub(rows, middle * size + CVE_SIZE, size - CVE_SIZE);
		if (at < cve)
			low = middle + 1;
		else
			high = middle;
	}
	return (struct hm_str){ "", 0 };
}
