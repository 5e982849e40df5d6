/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "advisory/db.h"
#include "advisory/feeds/feeds.h"

static const struct cve_case {
	const char *label;
	uint64_t key; /* 0: it is none */
} cves[] = {
	{ "CVE-2021-44228", UINT64_C(2021) << 32 | 44228 },
	{ "CVE-1999-0001", UINT64_C(1999) << 32 | 1 },
	{ "CVE-2024-4294967295", UINT64_C(2024) << 32 | 4294967295 },
	{ "CVE-2024-4294967296", 0 },
	{ "CVE-2021-442", 0 },
	{ "CVE-202-44228", 0 },
	{ "CVE-2021-44228 ", 0 },
	{ "CVE-2021-44a28", 0 },
	{ "cve-2021-44228", 0 },
	{ "GHSA-2021-44228", 0 },
	{ "CVE-2021", 0 },
	{ "", 0 },
};

static void names_of_cves(void **state)
{
	const struct cve_case *t = *state;
	uint64_t key = 0;
	assert_int_equal(advisory_cve_key(hm_cstr(t->label), &key), t->key != 0);
	assert_int_equal(key, t->key);
}

#define KEV_OF(entries)                                                                                                                \
	"{\"title\":\"t\",\"catalogVersion\":\"2025.08.25\",\"dateReleased\":\"2025-08-25T17:00:23.5Z\",\"vulnerabilities\":[" entries \
	"]}"
#define ENTRY(id, more) "{\"cveID\":\"" id "\",\"dateAdded\":\"2021-12-10\"" more "}"

static const struct kev_case {
	const char *label, *text;
	bool is;
	size_t rows;
	const char *why; /* NULL: it is read */
} kevs[] = {
	{ "one", KEV_OF(ENTRY("CVE-2021-44228", "")), true, 1, NULL },
	{ "two out of order", KEV_OF(ENTRY("CVE-2021-44228", "") "," ENTRY("CVE-2020-10000", "")),
	  true, 2, NULL },
	{ "one twice", KEV_OF(ENTRY("CVE-2021-44228", "") "," ENTRY("CVE-2021-44228", "")), true, 1,
	  NULL },
	{ "an advisory", "{\"id\":\"X\"}", false, 0, NULL },
	{ "an advisory that speaks of it", "{\"id\":\"X\",\"details\":\"catalogVersion\"}", false,
	  0, NULL },
	{ "no list", "{\"catalogVersion\":\"1\",\"vulnerabilities\":{}}", false, 0, NULL },
	{ "an empty one", KEV_OF(""), false, 0, "the catalog is empty" },
	{ "no date", "{\"catalogVersion\":\"1\",\"vulnerabilities\":[]}", false, 0,
	  "\"dateReleased\" is not a date" },
	{ "an id of another kind", KEV_OF(ENTRY("GHSA-1", "")), false, 0,
	  "\"GHSA-1\" is not the name of a CVE" },
	{ "an entry without date", KEV_OF("{\"cveID\":\"CVE-2021-44228\"}"), false, 0,
	  "\"dateAdded\" is not a date" },
	{ "cut short", "{\"catalogVersion\":\"1\",\"vulner", false, 0, "line 1" },
};

static void catalogs_of_exploited_ones(void **state)
{
	const struct kev_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct advisory_catalog f;
	enum advisory_said said = ADVISORY_SAID_BAD;
	hm_err err = advisory_feed_kev.read_document(&cx, hm_cstr(t->text), &said, &b);
	if (t->why) {
		assert_fault(err, HM_INPUT, t->why);
		return;
	}
	assert_ok(err);
	assert_int_equal(said, t->is ? ADVISORY_SAID_CATALOG : ADVISORY_SAID_NOTHING);
	if (!t->is)
		return;
	assert_ok(advisory_catalog_read(&cx, hm_buf_str(&b), advisory_feed_kev.row_size, &f));
	assert_int_equal(f.rows.n / advisory_feed_kev.row_size, t->rows);
	assert_strz(hm_rfc3339(&cx, f.date), "2025-08-25T00:00:00Z");
}

#define HEAD "#model_version:v2025.03.14,score_date:2025-08-25T12:55:00Z\ncve,epss,percentile\n"

static const struct epss_case {
	const char *label, *text;
	uint32_t score; /* of CVE-2021-44228, in millionths */
	const char *why;
} scores[] = {
	{ "a score", HEAD "CVE-2021-44228,0.94358,0.99961\n", 943580, NULL },
	{ "the end of the last line is not needed", HEAD "CVE-2021-44228,0.94358,0.99961", 943580,
	  NULL },
	{ "lines of Windows",
	  "#score_date:2025-08-25T00:00:00+0000\r\ncve,epss,percentile\r\nCVE-2021-44228,1,1\r\n",
	  1000000, NULL },
	{ "a small one", HEAD "CVE-2021-44228,4e-05,0.1", 40, NULL },
	{ "out of order", HEAD "CVE-2021-44228,0.5,0.1\nCVE-2020-0001,0.4,0.1", 500000, NULL },
	{ "more than certain", HEAD "CVE-2021-44228,1.5,0.1", 0, "line 3 is not" },
	{ "less than nothing", HEAD "CVE-2021-44228,-0.5,0.1", 0, "line 3 is not" },
	{ "no number", HEAD "CVE-2020-0001,0.1,0.1\nCVE-2021-44228,nan,0.1", 0, "line 4 is not" },
	{ "a column too few", HEAD "CVE-2021-44228,0.5", 0, "line 3 is not" },
	{ "a column too many", HEAD "CVE-2021-44228,0.5,0.5,0.5", 0, "line 3 is not" },
	{ "no CVE", HEAD "GHSA-1,0.5,0.5", 0, "line 3 is not" },
	{ "no scores", HEAD, 0, "it has no scores" },
	{ "no date", "cve,epss,percentile\nCVE-2021-44228,0.5,0.5", 0, "line 1 does not give" },
	{ "other columns", "#score_date:2025-08-25T00:00:00Z\ncve,score\n", 0, "line 2 is not" },
	{ "nothing", "", 0, "line 1" },
};

static void scores_of_prediction(void **state)
{
	const struct epss_case *t = *state;
	HM_AUTO_CX cx = HM_CX(4 * HM_MIB);
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	HM_AUTO_BUF file = HM_BUF(HM_MIB);
	struct advisory_beside beside = { 0 };
	struct advisory_db db;
	enum advisory_said said;
	hm_err err = advisory_feed_epss.read_file(&cx, hm_cstr(t->text), &said, &b);
	if (t->why) {
		assert_fault(err, HM_INPUT, t->why);
		return;
	}
	assert_ok(err);
	assert_ok(advisory_catalog_read(&cx, hm_buf_str(&b), advisory_feed_epss.row_size,
					&beside.catalogs[ADVISORY_EPSS]));
	assert_ok(advisory_db_build(&cx, NULL, 0, &beside, &file));
	assert_ok(advisory_db_of(&cx, hm_buf_str(&file), &db));
	struct hm_strs aliases = { 0 };
	struct advisory_exploitation e =
		advisory_db_exploitation(&db, HM_STR("CVE-2021-44228"), &aliases);
	assert_true(e.has_epss && !e.is_known);
	assert_int_equal(e.score, t->score);
	*hm_push(&cx, &aliases) = HM_STR("CVE-2021-44228");
	assert_true(advisory_db_exploitation(&db, HM_STR("GHSA-1"), &aliases).has_epss);
	aliases.n = 0;
	assert_false(advisory_db_exploitation(&db, HM_STR("CVE-2021-44229"), &aliases).has_epss);
}

static void damaged_catalogs(void **state)
{
	(void)state;
	static const char row[] = "\1\0\0\0\1\0\0\0\1\0\0\0";
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct advisory_catalog f;
	hm_buf_le(&b, 1, 8);
	assert_fault(advisory_catalog_read(&cx, HM_STR("short"), advisory_feed_kev.row_size, &f),
		     HM_INPUT, "damaged");
	hm_buf_add(&b, hm_bytes(row, advisory_feed_kev.row_size));
	assert_ok(advisory_catalog_read(&cx, hm_buf_str(&b), advisory_feed_kev.row_size, &f));
	hm_buf_add(&b, hm_bytes(row, advisory_feed_kev.row_size)); /* twice the same */
	assert_fault(advisory_catalog_read(&cx, hm_buf_str(&b), advisory_feed_kev.row_size, &f),
		     HM_INPUT, "damaged");
	hm_buf_char(&b, 0);
	assert_fault(advisory_catalog_read(&cx, hm_buf_str(&b), advisory_feed_kev.row_size, &f),
		     HM_INPUT, "damaged");
}

static void every_feed_is_complete(void **state)
{
	(void)state;
	unsigned catalogs = 0;
	for (const struct advisory_feed *const *f = advisory_feeds; *f; f++) {
		assert_true((*f)->read_document || (*f)->read_file);
		assert_true(!(*f)->read_file == !(*f)->tails[0]);
		assert_true(!(*f)->read_file == !(*f)->max);
		assert_true(!(*f)->row_size == !(*f)->describe);
		assert_true(!(*f)->row_size == ((*f)->base != NULL));
		assert_true(hm_starts(hm_cstr((*f)->ending), HM_STR(".")));
		for (size_t i = 0; i < HM_LEN((*f)->tails) && (*f)->tails[i]; i++)
			assert_ptr_equal(advisory_feed_of_file(hm_cstr((*f)->tails[i])), *f);
		if (!(*f)->row_size)
			continue;
		assert_ptr_equal(advisory_feed_of_catalog((*f)->kind), *f);
		assert_ptr_equal(advisory_feed_of_source(hm_cstr((*f)->name)), *f);
		catalogs++;
	}
	assert_int_equal(catalogs, ADVISORY_CATALOGS);
	assert_ptr_equal(advisory_feed_of_source(HM_STR("npm")), &advisory_feed_osv);
	assert_null(advisory_feed_of_file(HM_STR("a.json")));
}

int main(void)
{
	UNIT_TABLE(names_of_cves, cves);
	UNIT_TABLE(catalogs_of_exploited_ones, kevs);
	UNIT_TABLE(scores_of_prediction, scores);
	UNIT(damaged_catalogs);
	UNIT(every_feed_is_complete);
	return unit_run("advisory/feeds");
}
