/* SPDX-License-Identifier: Apache-2.0 */
/* VEX documents that are written: each format says to its own reader what the draft says; and what
 * must not be written. */
#include "unit.h"

#include "advisory/vex/vex.h"

#define IMAGE "pkg:oci/web@sha256%3Aaa?repository_url=example.com/shop/web"
#define OTHER "pkg:oci/web@sha256%3Abb?repository_url=example.com/shop/web"
#define SSL   "pkg:deb/debian/libssl3@3.0.11-1?arch=amd64"
#define ZLIB  "pkg:deb/debian/zlib1g@1.2-1?arch=amd64"

static struct advisory_vex_claim claim(struct hm_cx *cx, const char *id, const char *product,
				       const char *part, enum advisory_vex_status status)
{
	struct advisory_vex_claim c = { .id = hm_cstr(id), .status = status };
	*hm_push(cx, &c.products) = hm_cstr(product);
	if (part)
		*hm_push(cx, &c.parts) = hm_cstr(part);
	if (status == ADVISORY_VEX_AFFECTED)
		c.action = HM_STR("Update it.");
	if (status == ADVISORY_VEX_NOT_AFFECTED)
		c.justification = HM_STR("vulnerable_code_not_present");
	return c;
}

/* "CVE-1 fixed IMAGE PART", of each in the order of ids. */
static struct hm_str told_text(struct hm_cx *cx, const struct advisory_told *told)
{
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct hm_strs lines = { 0 };
	for (size_t i = 0; i < told->vex->n; i++) {
		const struct vex_statement *s = &told->vex->statements[i];
		for (size_t k = 0; k < s->products_n; k++) {
			const struct vex_product *p = &s->products[k];
			assert_null(p->unnamed);
			*hm_push(cx, &lines) =
				hm_fmt(cx, "%.*s %s %.*s %.*s%s%.*s\n", HM_FMT(s->ids.p[0]),
				       advisory_vex_status_names[s->status],
				       HM_FMT(p->whole.texts.p[0]),
				       HM_FMT(p->has_part ? p->part.texts.p[0] : HM_STR("-")),
				       s->reason.n ? " " : "", HM_FMT(s->reason));
		}
	}
	hm_strs_sort(&lines);
	for (size_t i = 0; i < lines.n; i++)
		hm_buf_add(&b, lines.p[i]);
	return hm_dup(cx, hm_buf_str(&b));
}

static void a_draft(struct hm_cx *cx, struct advisory_vex_draft *out)
{
	struct advisory_vex_claim all[] = {
		claim(cx, "CVE-2024-2000", IMAGE, ZLIB, ADVISORY_VEX_AFFECTED),
		claim(cx, "CVE-2024-1000", IMAGE, SSL, ADVISORY_VEX_FIXED),
		claim(cx, "CVE-2024-1000", IMAGE, ZLIB, ADVISORY_VEX_NOT_AFFECTED),
		claim(cx, "GHSA-1-2-3", IMAGE, NULL, ADVISORY_VEX_UNDER_INVESTIGATION),
		claim(cx, "CVE-2024-1000", OTHER, SSL, ADVISORY_VEX_AFFECTED),
	};
	*out = (struct advisory_vex_draft){ .author = HM_STR("me"), .when = 1767225600 };
	for (size_t i = 0; i < HM_LEN(all); i++)
		advisory_vex_claim_add(cx, out, &all[i]);
}

static void each_format_says_what_the_draft_says(void **state)
{
	(void)state;
	for (const struct advisory_vex_format *f = advisory_vex_formats; f->name; f++) {
		HM_AUTO_CX cx = HM_CX(16 * HM_MIB);
		HM_AUTO_BUF b = HM_BUF(HM_MIB);
		HM_AUTO_BUF again = HM_BUF(HM_MIB);
		struct advisory_vex_draft draft,
			gathered = { .author = HM_STR("me"), .when = 1767225600 };
		struct advisory_told told = { 0 };
		size_t superseded, nameless;
		a_draft(&cx, &draft);
		assert_ok(advisory_vex_complete(&cx, &draft));
		assert_ok(advisory_vex_write(&cx, f, &draft, &b));
		assert_ok(advisory_vex_read(&cx, HM_STR("a"), hm_buf_str(&b), &told));
		assert_string_equal(told.vex->documents[0].format, f->name);
		assert_strz(told_text(&cx, &told), "CVE-2024-1000 affected " OTHER " " SSL "\n"
						   "CVE-2024-1000 fixed " IMAGE " " SSL "\n"
						   "CVE-2024-1000 not_affected " IMAGE " " ZLIB
						   " vulnerable_code_not_present\n"
						   "CVE-2024-2000 affected " IMAGE " " ZLIB "\n"
						   "GHSA-1-2-3 under_investigation " IMAGE " -\n");
		advisory_vex_gather(&cx, &told, &gathered, &superseded, &nameless);
		assert_int_equal(superseded + nameless, 0);
		assert_ok(advisory_vex_complete(&cx, &gathered));
		assert_ok(advisory_vex_write(&cx, f, &gathered, &again));
		if (strcmp(f->key, "cyclonedx") != 0) /* the detail has the reason's word, too */
			assert_str(hm_buf_str(&again), hm_buf_str(&b));
	}
}

static void each_reason_is_a_word_of_csaf_and_openvex(void **state)
{
	(void)state;
	for (const struct advisory_vex_reason *r = advisory_vex_reasons; r->name; r++) {
		HM_AUTO_CX cx = HM_CX(HM_MIB);
		struct advisory_vex_draft draft = { .author = HM_STR("me") };
		struct advisory_vex_claim c =
			claim(&cx, "CVE-2024-1", IMAGE, NULL, ADVISORY_VEX_NOT_AFFECTED);
		c.justification = hm_cstr(r->name);
		advisory_vex_claim_add(&cx, &draft, &c);
		assert_ok(advisory_vex_complete(&cx, &draft));
		for (const struct advisory_vex_reason *other = advisory_vex_reasons; other < r;
		     other++)
			assert_string_not_equal(other->name, r->name);
	}
}

static void each_status_has_a_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < ADVISORY_VEX_STATUSES; i++)
		assert_true(advisory_vex_status_names[i] && advisory_vex_status_names[i][0]);
}

/* One claim, made wrong. */
static hm_err completed(struct hm_cx *cx, struct advisory_vex_claim c)
{
	struct advisory_vex_draft draft = { .author = HM_STR("me") };
	advisory_vex_claim_add(cx, &draft, &c);
	return advisory_vex_complete(cx, &draft);
}

static void what_lacks_something_is_refused(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct advisory_vex_draft empty = { .author = HM_STR("me") };
	struct advisory_vex_claim c = claim(&cx, "CVE-1", IMAGE, SSL, ADVISORY_VEX_FIXED);
	assert_fault(advisory_vex_complete(&cx, &empty), HM_INPUT, "says nothing");
	empty.author = HM_STR("");
	advisory_vex_claim_add(&cx, &empty, &c);
	assert_fault(advisory_vex_complete(&cx, &empty), HM_INPUT, "no author");
	assert_fault(completed(&cx, claim(&cx, "", IMAGE, SSL, ADVISORY_VEX_FIXED)), HM_INPUT,
		     "names no vulnerability");
	c.products.n = 0;
	assert_fault(completed(&cx, c), HM_INPUT, "names no product");
	c = claim(&cx, "CVE-1", IMAGE, SSL, ADVISORY_VEX_FIXED);
	c.justification = HM_STR("component_not_present");
	assert_fault(completed(&cx, c), HM_INPUT, "has a justification");
	c = claim(&cx, "CVE-1", IMAGE, SSL, ADVISORY_VEX_NOT_AFFECTED);
	c.justification = HM_STR("lucky");
	assert_fault(completed(&cx, c), HM_INPUT, "not one of OpenVEX");
	c.justification = HM_STR("");
	assert_fault(completed(&cx, c), HM_INPUT, "needs a justification");
	c = claim(&cx, "CVE-1", IMAGE, SSL, ADVISORY_VEX_AFFECTED);
	c.action = HM_STR("");
	assert_fault(completed(&cx, c), HM_INPUT, "needs an action");
}

static void contradictions_are_refused(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct advisory_vex_draft draft = { .author = HM_STR("me") };
	struct advisory_vex_claim a = claim(&cx, "CVE-1", IMAGE, SSL, ADVISORY_VEX_FIXED);
	struct advisory_vex_claim b = claim(&cx, "CVE-1", IMAGE, SSL, ADVISORY_VEX_AFFECTED);
	advisory_vex_claim_add(&cx, &draft, &a);
	advisory_vex_claim_add(&cx, &draft, &a);
	assert_int_equal(draft.n, 1);
	advisory_vex_claim_add(&cx, &draft, &b);
	assert_fault(advisory_vex_complete(&cx, &draft), HM_INPUT, "two things are said");
}

/* Of one thing the latest counts, and of several at the same time the worst. */
static void the_latest_counts(void **state)
{
	(void)state;
	static const struct {
		int64_t first, second;
		enum advisory_vex_status a, b, wins;
	} rows[] = {
		{ 1, 2, ADVISORY_VEX_FIXED, ADVISORY_VEX_AFFECTED, ADVISORY_VEX_AFFECTED },
		{ 2, 1, ADVISORY_VEX_FIXED, ADVISORY_VEX_AFFECTED, ADVISORY_VEX_FIXED },
		{ 1, 1, ADVISORY_VEX_FIXED, ADVISORY_VEX_AFFECTED, ADVISORY_VEX_AFFECTED },
		{ 1, 1, ADVISORY_VEX_AFFECTED, ADVISORY_VEX_FIXED, ADVISORY_VEX_AFFECTED },
	};
	for (size_t i = 0; i < HM_LEN(rows); i++) {
		HM_AUTO_CX cx = HM_CX(16 * HM_MIB);
		struct advisory_told told = { 0 };
		struct advisory_vex_draft gathered = { 0 };
		size_t superseded, nameless;
		for (size_t k = 0; k < 2; k++) {
			HM_AUTO_BUF b = HM_BUF(HM_MIB);
			struct advisory_vex_draft d = { .author = HM_STR("me"),
							.when = k ? rows[i].second
								  : rows[i].first };
			struct advisory_vex_claim c =
				claim(&cx, "CVE-1", IMAGE, SSL, k ? rows[i].b : rows[i].a);
			advisory_vex_claim_add(&cx, &d, &c);
			assert_ok(advisory_vex_complete(&cx, &d));
			assert_ok(advisory_vex_write(&cx, &advisory_vex_formats[0], &d, &b));
			assert_ok(advisory_vex_read(&cx, HM_STR("a"), hm_buf_str(&b), &told));
		}
		advisory_vex_gather(&cx, &told, &gathered, &superseded, &nameless);
		assert_int_equal(gathered.n, 1);
		assert_int_equal(gathered.p[0].status, rows[i].wins);
		assert_int_equal(superseded, 1);
	}
}

/* Two entries of a scanner's report about one package: the worst counts, and the rest stays. */
static void what_is_said_twice_is_settled(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct advisory_vex_draft draft = { .author = HM_STR("me") };
	struct advisory_vex_claim fixed = claim(&cx, "CVE-1", IMAGE, SSL, ADVISORY_VEX_FIXED);
	struct advisory_vex_claim left = claim(&cx, "CVE-1", IMAGE, SSL, ADVISORY_VEX_AFFECTED);
	*hm_push(&cx, &fixed.parts) = HM_STR(ZLIB);
	advisory_vex_claim_add(&cx, &draft, &fixed);
	advisory_vex_claim_add(&cx, &draft, &left);
	advisory_vex_settle(&cx, &draft);
	assert_ok(advisory_vex_complete(&cx, &draft));
	assert_int_equal(draft.n, 2);
	assert_int_equal(draft.p[0].status, ADVISORY_VEX_AFFECTED);
	assert_strz(draft.p[0].parts.p[0], SSL);
	assert_int_equal(draft.p[1].parts.n, 1);
	assert_strz(draft.p[1].parts.p[0], ZLIB);
}

/* The findings of a report, by purl; one without purl only by what is said of the image. */
static void findings_are_assessed(void **state)
{
	(void)state;
	static const struct {
		const char *product, *part, *purl;
		enum advisory_status is;
	} rows[] = {
		{ IMAGE, SSL, SSL, ADVISORY_NOT_AFFECTED },
		{ IMAGE, SSL, ZLIB, ADVISORY_AFFECTED },
		{ OTHER, SSL, SSL, ADVISORY_AFFECTED },
		{ IMAGE, NULL, SSL, ADVISORY_NOT_AFFECTED },
		{ IMAGE, NULL, "", ADVISORY_NOT_AFFECTED },
		{ IMAGE, SSL, "", ADVISORY_AFFECTED },
		{ OTHER, NULL, "", ADVISORY_AFFECTED },
		{ SSL, NULL, SSL, ADVISORY_NOT_AFFECTED },
		{ SSL, NULL, "no purl", ADVISORY_AFFECTED },
	};
	for (size_t i = 0; i < HM_LEN(rows); i++) {
		HM_AUTO_CX cx = HM_CX(16 * HM_MIB);
		HM_AUTO_BUF b = HM_BUF(HM_MIB);
		struct advisory_vex_draft d = { .author = HM_STR("me"), .when = 1 };
		struct advisory_told told = { 0 };
		struct advisory_assessment out;
		struct advisory_finding f = { .id = HM_STR("GHSA-9"),
					      .purl = hm_cstr(rows[i].purl) };
		struct advisory_findings all = { &f, 1, 1 };
		struct advisory_subject subject = { .name = HM_STR(
							    "example.com/shop/web@sha256:aa"),
						    .digest = HM_STR("sha256:aa") };
		struct advisory_vex_claim c =
			claim(&cx, "CVE-1", rows[i].product, rows[i].part, ADVISORY_VEX_FIXED);
		*hm_push(&cx, &f.aliases) = HM_STR("CVE-1");
		advisory_vex_claim_add(&cx, &d, &c);
		assert_ok(advisory_vex_complete(&cx, &d));
		assert_ok(advisory_vex_write(&cx, &advisory_vex_formats[0], &d, &b));
		struct advisory_vex_source source = { HM_STR("a"), HM_STR("key:mine"), 7 };
		assert_ok(advisory_vex_read_from(&cx, &source, hm_buf_str(&b), &told));
		advisory_findings_assess(&cx, &all, &subject, &told, &out);
		if (out.status != rows[i].is)
			fail_msg("row %zu", i);
		if (out.status == ADVISORY_AFFECTED)
			continue;
		assert_strz(out.who, "me, signed by key:mine");
		assert_int_equal(out.until, 7);
	}
}

int main(void)
{
	UNIT(each_format_says_what_the_draft_says);
	UNIT(each_reason_is_a_word_of_csaf_and_openvex);
	UNIT(each_status_has_a_name);
	UNIT(what_lacks_something_is_refused);
	UNIT(contradictions_are_refused);
	UNIT(the_latest_counts);
	UNIT(what_is_said_twice_is_settled);
	UNIT(findings_are_assessed);
	return unit_run("advisory/vex");
}
