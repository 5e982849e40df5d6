/* SPDX-License-Identifier: Apache-2.0 */
/*
 * FIRST's exploit prediction scores (EPSS), CSV or gzip of it. A row says score and percentile,
 * both in millionths.
 */
#include <stdlib.h>

#include "advisory/feeds/feeds.h"
#include "codec/stream.h"

enum { MILLION = 1000000, ROW_SIZE = 16 };

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

static hm_err inflate_scores(struct hm_cx *cx, struct hm_str bytes, struct hm_buf *out)
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
	return advisory_catalog_date(line, out);
}

static hm_err read_scores(struct hm_cx *cx, struct hm_str bytes, enum advisory_said *out_said,
			  struct hm_buf *out)
{
	HM_AUTO_BUF text = HM_BUF(HM_MAX_EPSS + 64 * HM_KIB);
	struct advisory_catalog_rows rows = { 0 };
	int64_t date;
	HM_TRY(inflate_scores(cx, bytes, &text));
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
		struct advisory_catalog_row r;
		if (!advisory_cve_key(cve, &r.cve) || !parse_millionths(score, &r.said[0]) ||
		    !parse_millionths(line, &r.said[1]))
			return hm_fail(cx, HM_INPUT,
				       "line %zu is not a CVE, a score and a percentile", number);
		*hm_push(cx, &rows) = r;
	}
	if (!rows.n)
		return hm_fail(cx, HM_INPUT, "it has no scores");
	advisory_catalog_write(&rows, ROW_SIZE, date, out);
	*out_said = ADVISORY_SAID_CATALOG;
	return NULL;
}

static void describe_score(struct hm_str said, struct advisory_exploitation *out)
{
	struct hm_cur c = hm_cur(said);
	if (out->has_epss)
		return;
	out->has_epss = true;
	out->score = (uint32_t)hm_le(&c, 4);
	out->percentile = (uint32_t)hm_le(&c, 4);
}

const struct advisory_feed advisory_feed_epss = {
	.name = "EPSS",
	.ending = ".csv",
	.read_file = read_scores,
	.tails = { ".csv", ".csv.gz" },
	.max = HM_MAX_EPSS,
	.row_size = ROW_SIZE,
	.kind = ADVISORY_EPSS,
	.describe = describe_score,
};
