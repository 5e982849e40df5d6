/* SPDX-License-Identifier: Apache-2.0 */
/* Verdicts as the cache and its tables store them. Provider, webhook and command each write their
 * own form. */
#include "gate/pipeline.h"

/* What signatures say of themselves is anybody's, and as long as they like: hundreds of them must
 * fit into one answer. */
enum { TEXT_BYTES = 1024, VERDICT_BYTES = 4 * 1024 * 1024 };
enum { IS_GOOD = 1, IS_UNKNOWN = 2 };
/* Of a report, beside IS_GOOD. */
enum { IS_SIGNATURE = 2, IS_KEY = 4, IS_IN_LOG = 8 };

static void put_cut(struct hm_buf *b, struct hm_str text)
{
	hm_buf_counted(b, hm_sub(text, 0, TEXT_BYTES));
}

static void put_finding(struct hm_buf *b, const struct gate_finding *f)
{
	hm_buf_char(b, (char)((f->good ? IS_GOOD : 0) | (f->unknown ? IS_UNKNOWN : 0)));
	hm_buf_counted(b, f->rule);
	hm_buf_counted(b, f->detail);
	hm_buf_counted(b, f->remedy);
}

static void put_report(struct hm_buf *b, const struct gate_report *r)
{
	hm_buf_char(b, (char)((r->good ? IS_GOOD : 0) | (r->is_signature ? IS_SIGNATURE : 0) |
			      (r->is_key ? IS_KEY : 0) | (r->in_log ? IS_IN_LOG : 0)));
	hm_buf_counted(b, r->type);
	hm_buf_counted(b, r->artifact_type);
	hm_buf_counted(b, r->digest);
	hm_buf_counted(b, r->subject);
	put_cut(b, r->message);
	put_cut(b, r->identity);
	put_cut(b, r->issuer);
	hm_buf_counted(b, r->created);
	hm_buf_counted(b, r->creation); /* JSON: whole, or nothing of it */
	hm_buf_counted(b, r->policy);
	put_cut(b, r->predicate);
	put_cut(b, r->builder);
	put_cut(b, r->level);
	hm_buf_uvarint(b, r->nested_n);
}

hm_err gate_verdict_pack(struct hm_cx *cx, const struct gate_verdict *v, struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(VERDICT_BYTES);
	struct hm_str bytes;
	hm_buf_char(&b, (char)((v->admitted ? IS_GOOD : 0) | (v->unknown ? IS_UNKNOWN : 0)));
	hm_buf_le(&b, (uint64_t)v->made, 8);
	hm_buf_le(&b, (uint64_t)v->valid_until, 8);
	hm_buf_counted(&b, v->request);
	hm_buf_counted(&b, v->image);
	hm_buf_counted(&b, v->digest);
	hm_buf_counted(&b, v->why);
	hm_buf_uvarint(&b, v->platforms);
	for (size_t i = 0; i < ADVISORY_SEVERITIES; i++)
		hm_buf_uvarint(&b, v->severities[i]);
	hm_buf_uvarint(&b, v->findings_n);
	for (size_t i = 0; i < v->findings_n; i++)
		put_finding(&b, &v->findings[i]);
	hm_buf_uvarint(&b, v->reports_n);
	for (size_t i = 0; i < v->reports_n; i++) {
		put_report(&b, &v->reports[i]);
		for (size_t k = 0; k < v->reports[i].nested_n; k++)
			put_report(&b, &v->reports[i].nested[k]);
	}
	HM_TRY(hm_buf_end(cx, &b, "the verdict", &bytes));
	*out = hm_dup(cx, bytes);
	return NULL;
}

static struct hm_str take_text(struct hm_cur *c)
{
	uint64_t n = hm_uvarint(c);
	return hm_take_str(c, n > c->n ? SIZE_MAX : (size_t)n);
}

/* How many things follow. Each takes a byte and more: a number that is larger than what is left is
 * none. */
static size_t take_count(struct hm_cur *c)
{
	uint64_t n = hm_uvarint(c);
	if (n > c->n)
		c->bad = true;
	return c->bad ? 0 : (size_t)n;
}

static struct gate_finding take_finding(struct hm_cur *c)
{
	struct gate_finding f = { 0 };
	uint64_t flags = hm_le(c, 1);
	f.good = flags & IS_GOOD;
	f.unknown = flags & IS_UNKNOWN;
	f.rule = take_text(c);
	f.detail = take_text(c);
	f.remedy = take_text(c);
	return f;
}

static struct gate_report take_report(struct hm_cur *c)
{
	uint64_t flags = hm_le(c, 1);
	struct gate_report r = { .good = flags & IS_GOOD,
				 .is_signature = flags & IS_SIGNATURE,
				 .is_key = flags & IS_KEY,
				 .in_log = flags & IS_IN_LOG };
	r.type = take_text(c);
	r.artifact_type = take_text(c);
	r.digest = take_text(c);
	r.subject = take_text(c);
	r.message = take_text(c);
	r.identity = take_text(c);
	r.issuer = take_text(c);
	r.created = take_text(c);
	r.creation = take_text(c);
	r.policy = take_text(c);
	r.predicate = take_text(c);
	r.builder = take_text(c);
	r.level = take_text(c);
	r.nested_n = take_count(c);
	return r;
}

static hm_err take_nested(struct hm_cx *cx, struct hm_cur *c, struct gate_report *r)
{
	HM_TRY(hm_charge(cx, r->nested_n * sizeof(*r->nested)));
	r->nested = hm_new(cx, struct gate_report, r->nested_n);
	for (size_t i = 0; i < r->nested_n && !c->bad; i++) {
		r->nested[i] = take_report(c);
		/* two levels in all */
		c->bad = c->bad || r->nested[i].nested_n;
	}
	return NULL;
}

static hm_err take_lists(struct hm_cx *cx, struct hm_cur *c, struct gate_verdict *v)
{
	v->findings_n = take_count(c);
	HM_TRY(hm_charge(cx, v->findings_n * sizeof(*v->findings)));
	v->findings = hm_new(cx, struct gate_finding, v->findings_n);
	for (size_t i = 0; i < v->findings_n && !c->bad; i++)
		v->findings[i] = take_finding(c);
	v->reports_n = take_count(c);
	HM_TRY(hm_charge(cx, v->reports_n * sizeof(*v->reports)));
	v->reports = hm_new(cx, struct gate_report, v->reports_n);
	for (size_t i = 0; i < v->reports_n && !c->bad; i++) {
		v->reports[i] = take_report(c);
		HM_TRY(take_nested(cx, c, &v->reports[i]));
	}
	return NULL;
}

hm_err gate_verdict_unpack(struct hm_cx *cx, struct hm_str bytes, struct gate_verdict *out)
{
	struct hm_cur c = hm_cur(bytes);
	struct gate_verdict v = { 0 };
	if (bytes.n > VERDICT_BYTES)
		return hm_fail(cx, HM_LIMIT, "a verdict of %zu bytes", bytes.n);
	uint64_t flags = hm_le(&c, 1);
	v.admitted = flags & IS_GOOD;
	v.unknown = flags & IS_UNKNOWN;
	v.made = (int64_t)hm_le(&c, 8);
	v.valid_until = (int64_t)hm_le(&c, 8);
	v.request = take_text(&c);
	v.image = take_text(&c);
	v.digest = take_text(&c);
	v.why = take_text(&c);
	v.platforms = (size_t)hm_uvarint(&c);
	for (size_t i = 0; i < ADVISORY_SEVERITIES; i++)
		v.severities[i] = (size_t)hm_uvarint(&c);
	HM_TRY(take_lists(cx, &c, &v));
	if (c.bad || c.n)
		return hm_fail(cx, HM_INPUT, "the verdict is damaged");
	*out = v;
	return NULL;
}
