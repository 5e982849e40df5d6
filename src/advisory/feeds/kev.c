/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CISA's catalog of known exploited vulnerabilities (KEV), a JSON document. A row says the day on
 * which the CVE was added, since 1970; the highest bit: it is used in ransomware campaigns.
 */
#include "advisory/feeds/feeds.h"
#include "codec/json.h"

enum { DAY = 24 * 60 * 60, ROW_SIZE = 12 };
static const uint32_t RANSOMWARE = UINT32_C(1) << 31;

static hm_err parse_exploited(struct hm_cx *cx, struct json v, struct advisory_catalog_rows *rows)
{
	struct advisory_catalog_row r = { 0 };
	int64_t added;
	struct hm_str id = json_str(json_get(v, "cveID"));
	if (!advisory_cve_key(id, &r.cve))
		return hm_fail(cx, HM_INPUT, "\"cveID\" \"%.*s\" is not the name of a CVE",
			       HM_FMT(id));
	if (!advisory_catalog_date(json_str(json_get(v, "dateAdded")), &added))
		return hm_fail(cx, HM_INPUT, "%.*s: \"dateAdded\" is not a date", HM_FMT(id));
	r.said[0] = (uint32_t)(added / DAY);
	if (hm_eqz(json_str(json_get(v, "knownRansomwareCampaignUse")), "Known"))
		r.said[0] |= RANSOMWARE;
	*hm_push(cx, rows) = r;
	return NULL;
}

static hm_err read_catalog(struct hm_cx *cx, struct hm_str text, enum advisory_said *out_said,
			   struct hm_buf *out)
{
	struct json doc, list;
	struct advisory_catalog_rows rows = { 0 };
	int64_t date;
	*out_said = ADVISORY_SAID_NOTHING;
	if (hm_find(hm_sub(text, 0, 4096), HM_STR("\"catalogVersion\"")) == SIZE_MAX)
		return NULL;
	HM_TRY(json_parse(cx, text, JSON_PLAIN, &doc));
	list = json_get(doc, "vulnerabilities");
	if (!json_is_string(json_get(doc, "catalogVersion")) || !json_is_array(list))
		return NULL;
	if (!advisory_catalog_date(json_str(json_get(doc, "dateReleased")), &date))
		return hm_fail(cx, HM_INPUT, "\"dateReleased\" is not a date");
	for (struct json_iter it = json_iter(list); json_next(&it);)
		HM_TRY(parse_exploited(cx, it.value, &rows));
	if (!rows.n)
		return hm_fail(cx, HM_INPUT, "the catalog is empty");
	advisory_catalog_write(&rows, ROW_SIZE, date, out);
	*out_said = ADVISORY_SAID_CATALOG;
	return NULL;
}

static void describe_exploited(struct hm_str said, struct advisory_exploitation *out)
{
	struct hm_cur c = hm_cur(said);
	uint32_t days = (uint32_t)hm_le(&c, 4);
	if (out->is_known)
		return;
	out->is_known = true;
	out->ransomware = days & RANSOMWARE;
	out->added = (int64_t)(days & ~RANSOMWARE) * DAY;
}

const struct advisory_feed advisory_feed_kev = {
	.name = "KEV",
	.ending = ".json",
	.read_document = read_catalog,
	.row_size = ROW_SIZE,
	.kind = ADVISORY_KEV,
	.describe = describe_exploited,
};
