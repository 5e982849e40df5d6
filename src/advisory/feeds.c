/* SPDX-License-Identifier: Apache-2.0 */
#include "advisory/feeds.h"

#include <stdlib.h>

#include "codec/json.h"
#include "codec/stream.h"

enum { DAY = 24 * 60 * 60, MILLION = 1000000 };
static const uint32_t RANSOMWARE = UINT32_C(1) << 31;

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

/* --- rows, sorted --- */

struct row {
	uint64_t cve;
	uint32_t a, b;
};
struct rows {
	struct row *p;
	size_t n, cap;
};

static int by_cve(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	if (x->cve != y->cve)
		return x->cve < y->cve ? -1 : 1;
	if (x->a != y->a)
		return x->a < y->a ? -1 : 1;
	return (x->b > y->b) - (x->b < y->b);
}

/* Of two rows of one CVE the last stays. */
static void put_rows(struct rows *rows, size_t size, int64_t date, struct hm_buf *out)
{
	if (rows->n)
		qsort(rows->p, rows->n, sizeof(*rows->p), by_cve);
	hm_buf_le(out, (uint64_t)date, 8);
	for (size_t i = 0; i < rows->n; i++) {
		if (i + 1 < rows->n && rows->p[i + 1].cve == rows->p[i].cve)
			continue;
		hm_buf_le(out, rows->p[i].cve, 8);
		hm_buf_le(out, rows->p[i].a, 4);
		if (size == ADVISORY_EPSS_ROW)
			hm_buf_le(out, rows->p[i].b, 4);
	}
}

static uint64_t cve_at(struct hm_str rows, size_t row, size_t index)
{
	struct hm_cur c = hm_cur(hm_sub(rows, index * row, 8));
	return hm_le(&c, 8);
}

hm_err advisory_get_feed(struct hm_cx *cx, struct hm_str bytes, size_t row,
			 struct advisory_feed *out)
{
	struct hm_cur c = hm_cur(bytes);
	uint64_t date = hm_le(&c, 8);
	struct hm_str rows = hm_bytes(c.p, c.n);
	bool good = !c.bad && date <= INT64_MAX && rows.n % row == 0;
	for (size_t i = 1; good && i < rows.n / row; i++)
		good = cve_at(rows, row, i - 1) < cve_at(rows, row, i);
	if (!good)
		return hm_fail(cx, HM_INPUT, "damaged catalog of exploitation");
	*out = (struct advisory_feed){ (int64_t)date, rows };
	return NULL;
}

struct hm_str advisory_feed_row(struct hm_str rows, size_t row, uint64_t cve)
{
	size_t low = 0, high = rows.n / row;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		uint64_t at = cve_at(rows, row, middle);
		if (at == cve)
			return hm_sub(rows, middle * row, row);
		if (at < cve)
			low = middle + 1;
		else
			high = middle;
	}
	return (struct hm_str){ "", 0 };
}

/* --- KEV --- */

/* "2021-12-10", and whatever stands behind it. */
static bool parse_date(struct hm_str text, int64_t *out)
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

static hm_err parse_exploited(struct hm_cx *cx, struct json v, struct rows *rows)
{
	struct row r = { 0 };
	int64_t added;
	struct hm_str id = json_str(json_get(v, "cveID"));
	if (!advisory_cve_key(id, &r.cve))
		return hm_fail(cx, HM_INPUT, "\"cveID\" \"%.*s\" is not the name of a CVE",
			       HM_FMT(id));
	if (!parse_date(json_str(json_get(v, "dateAdded")), &added))
		return hm_fail(cx, HM_INPUT, "%.*s: \"dateAdded\" is not a date", HM_FMT(id));
	r.a = (uint32_t)(added / DAY);
	if (hm_eqz(json_str(json_get(v, "knownRansomwareCampaignUse")), "Known"))
		r.a |= RANSOMWARE;
	*hm_push(cx, rows) = r;
	return NULL;
}

hm_err advisory_kev_parse(struct hm_cx *cx, struct hm_str text, bool *out_is, struct hm_buf *out)
{
	struct json doc, list;
	struct rows rows = { 0 };
	int64_t date;
	*out_is = false;
	if (hm_find(hm_sub(text, 0, 4096), HM_STR("\"catalogVersion\"")) == SIZE_MAX)
		return NULL;
	HM_TRY(json_parse(cx, text, JSON_PLAIN, &doc));
	list = json_get(doc, "vulnerabilities");
	if (!json_is_string(json_get(doc, "catalogVersion")) || !json_is_array(list))
		return NULL;
	if (!parse_date(json_str(json_get(doc, "dateReleased")), &date))
		return hm_fail(cx, HM_INPUT, "\"dateReleased\" is not a date");
	for (struct json_iter it = json_iter(list); json_next(&it);)
		HM_TRY(parse_exploited(cx, it.value, &rows));
	if (!rows.n)
		return hm_fail(cx, HM_INPUT, "the catalog is empty");
	put_rows(&rows, ADVISORY_KEV_ROW, date, out);
	*out_is = true;
	return NULL;
}

/* --- EPSS --- */

/* A probability, "0.00043" or "1e-05", in millionths. */
static bool parse_millionths(struct hm_str text, uint32_t *out)
{
	char copy[32], *end;
	if (text.n == 0 || text.n >= sizeof(copy) || !hm_is_digit(text.p[0]))
		return false;
	memcpy(copy, text.p, text.n);
	copy[text.n] = '\0';
	double v = strtod(copy, &end);
	if (end != copy + text.n || !(v >= 0 && v <= 1))
		return false;
	*out = (uint32_t)(v * MILLION + 0.5);
	return true;
}

static hm_err inflate(struct hm_cx *cx, struct hm_str bytes, struct hm_buf *out)
{
	STREAM_AUTO s = { 0 };
	HM_TRY(stream_open(cx, (struct stream_source){ stream_read_str, &bytes }, &s));
	for (size_t n = 1; n;) {
		char *room = hm_buf_room(out, 64 * HM_KIB);
		if (!room)
			return hm_fail(cx, HM_LIMIT, "larger than %llu bytes",
				       (unsigned long long)HM_MAX_EPSS);
		HM_TRY(stream_read(cx, &s, room, 64 * HM_KIB, &n));
		out->n -= 64 * HM_KIB - n;
	}
	return NULL;
}

/* "#model_version:v2025.03.14,score_date:2025-03-14T00:00:00+0000" */
static bool parse_score_date(struct hm_str line, int64_t *out)
{
	hm_cut_str(&line, HM_STR("score_date:"));
	return parse_date(line, out);
}

hm_err advisory_epss_parse(struct hm_cx *cx, struct hm_str bytes, struct hm_buf *out)
{
	HM_AUTO_BUF text = HM_BUF(HM_MAX_EPSS + 64 * HM_KIB);
	struct rows rows = { 0 };
	int64_t date;
	HM_TRY(inflate(cx, bytes, &text));
	struct hm_str rest = hm_buf_str(&text);
	if (!parse_score_date(hm_line(&rest), &date))
		return hm_hint(
			cx, hm_fail(cx, HM_INPUT, "line 1 does not give a \"score_date\""),
			"a file of EPSS scores begins with \"#model_version:...,score_date:...\"");
	if (!hm_eqz(hm_line(&rest), "cve,epss,percentile"))
		return hm_fail(cx, HM_INPUT, "line 2 is not \"cve,epss,percentile\"");
	for (size_t number = 3; rest.n; number++) {
		struct hm_str line = hm_line(&rest), cve = hm_cut(&line, ','),
			      score = hm_cut(&line, ',');
		struct row r;
		if (!advisory_cve_key(cve, &r.cve) || !parse_millionths(score, &r.a) ||
		    !parse_millionths(line, &r.b))
			return hm_fail(cx, HM_INPUT,
				       "line %zu is not a CVE, a score and a percentile", number);
		*hm_push(cx, &rows) = r;
	}
	if (!rows.n)
		return hm_fail(cx, HM_INPUT, "it has no scores");
	put_rows(&rows, ADVISORY_EPSS_ROW, date, out);
	return NULL;
}
