/* SPDX-License-Identifier: Apache-2.0 */
#include "advisory/record.h"

/* Times are kept unsigned: seconds since the year 1, when documents without a date claim to be. */
#define YEAR_1 INT64_C(62135596800)

void advisory_put_str(struct advisory_enc *e, struct hm_str s)
{
	if (e->string)
		hm_buf_uvarint(e->to, e->string(e->arg, s));
	else
		hm_buf_counted(e->to, s);
}

static void put_strs(struct advisory_enc *e, const struct hm_strs *v)
{
	hm_buf_uvarint(e->to, v->n);
	for (size_t i = 0; i < v->n; i++)
		advisory_put_str(e, v->p[i]);
}

void advisory_put_head(struct advisory_enc *e, const struct advisory_record *r)
{
	advisory_put_str(e, r->id);
	hm_buf_uvarint(e->to, r->modified < -YEAR_1 ? 0 : (uint64_t)(r->modified + YEAR_1));
	hm_buf_char(e->to, (char)r->severity);
	advisory_put_str(e, r->cvss);
	advisory_put_str(e, r->summary);
	put_strs(e, &r->aliases);
	put_strs(e, &r->upstream);
	put_strs(e, &r->related);
	put_strs(e, &r->references);
}

void advisory_put_affected(struct advisory_enc *e, const struct advisory_affected *a)
{
	hm_buf_char(e->to, (char)a->severity);
	advisory_put_str(e, a->cvss);
	advisory_put_str(e, a->module);
	hm_buf_uvarint(e->to, a->ranges_n);
	for (size_t i = 0; i < a->ranges_n; i++) {
		hm_buf_uvarint(e->to, a->ranges[i].n);
		for (size_t k = 0; k < a->ranges[i].n; k++) {
			hm_buf_char(e->to, (char)a->ranges[i].events[k].kind);
			advisory_put_str(e, a->ranges[i].events[k].version);
		}
	}
	put_strs(e, &a->versions);
	hm_buf_uvarint(e->to, a->binaries_n);
	for (size_t i = 0; i < a->binaries_n; i++) {
		advisory_put_str(e, a->binaries[i].name);
		advisory_put_str(e, a->binaries[i].version);
	}
}

void advisory_put_record(struct advisory_enc *e, const struct advisory_record *r)
{
	advisory_put_head(e, r);
	hm_buf_uvarint(e->to, r->affected_n);
	for (size_t i = 0; i < r->affected_n; i++) {
		advisory_put_str(e, r->affected[i].ecosystem);
		advisory_put_str(e, r->affected[i].name);
		advisory_put_affected(e, &r->affected[i]);
	}
}

struct hm_str advisory_get_str(struct advisory_dec *d)
{
	uint64_t n = hm_uvarint(&d->cur);
	if (!d->string)
		return n > d->cur.n ? hm_take_str(&d->cur, SIZE_MAX)
				    : hm_take_str(&d->cur, (size_t)n);
	bool bad = false;
	struct hm_str s = d->string(d->arg, n, &bad);
	if (bad)
		hm_take(&d->cur, SIZE_MAX); /* spoils the cursor */
	return s;
}

/* A count of things that take a byte each at least: more than there are bytes is nonsense. */
static size_t read_count(struct advisory_dec *d)
{
	uint64_t n = hm_uvarint(&d->cur);
	if (n > d->cur.n) {
		hm_take(&d->cur, SIZE_MAX);
		return 0;
	}
	return (size_t)n;
}

static hm_err get_strs(struct hm_cx *cx, struct advisory_dec *d, struct hm_strs *out)
{
	size_t n = read_count(d);
	HM_TRY(hm_charge(cx, n * sizeof(*out->p)));
	*out = (struct hm_strs){ .p = hm_new(cx, struct hm_str, n), .n = n, .cap = n };
	for (size_t i = 0; i < n; i++)
		out->p[i] = advisory_get_str(d);
	return NULL;
}

static enum advisory_severity get_severity(struct advisory_dec *d)
{
	uint64_t v = hm_le(&d->cur, 1);
	if (v >= ADVISORY_SEVERITIES)
		hm_take(&d->cur, SIZE_MAX);
	return v < ADVISORY_SEVERITIES ? (enum advisory_severity)v : ADVISORY_UNKNOWN;
}

static hm_err check_whole(struct hm_cx *cx, const struct advisory_dec *d)
{
	return d->cur.bad ? hm_fail(cx, HM_INPUT, "damaged advisory record") : NULL;
}

hm_err advisory_get_head(struct hm_cx *cx, struct advisory_dec *d, struct advisory_record *out)
{
	struct advisory_record r = { 0 };
	r.id = advisory_get_str(d);
	uint64_t modified = hm_uvarint(&d->cur);
	r.modified = modified > INT64_MAX / 2 ? 0 : (int64_t)modified - YEAR_1;
	r.severity = get_severity(d);
	r.cvss = advisory_get_str(d);
	r.summary = advisory_get_str(d);
	HM_TRY(get_strs(cx, d, &r.aliases));
	HM_TRY(get_strs(cx, d, &r.upstream));
	HM_TRY(get_strs(cx, d, &r.related));
	HM_TRY(get_strs(cx, d, &r.references));
	HM_TRY(check_whole(cx, d));
	*out = r;
	return NULL;
}

static hm_err get_range(struct hm_cx *cx, struct advisory_dec *d, struct advisory_range *out)
{
	size_t n = read_count(d);
	HM_TRY(hm_charge(cx, n * sizeof(*out->events)));
	out->events = hm_new(cx, struct advisory_event, n);
	out->n = n;
	for (size_t i = 0; i < n; i++) {
		uint64_t kind = hm_le(&d->cur, 1);
		if (kind >= ADVISORY_EVENT_KINDS)
			hm_take(&d->cur, SIZE_MAX);
		else
			out->events[i].kind = (enum advisory_event_kind)kind;
		out->events[i].version = advisory_get_str(d);
	}
	return NULL;
}

hm_err advisory_get_affected(struct hm_cx *cx, struct advisory_dec *d,
			     struct advisory_affected *out)
{
	struct advisory_affected a = { .severity = get_severity(d) };
	a.cvss = advisory_get_str(d);
	a.module = advisory_get_str(d);
	size_t n = read_count(d);
	HM_TRY(hm_charge(cx, n * sizeof(*a.ranges)));
	a.ranges = hm_new(cx, struct advisory_range, n);
	a.ranges_n = n;
	for (size_t i = 0; i < n; i++)
		HM_TRY(get_range(cx, d, &a.ranges[i]));
	HM_TRY(get_strs(cx, d, &a.versions));
	n = read_count(d);
	HM_TRY(hm_charge(cx, n * sizeof(*a.binaries)));
	a.binaries = hm_new(cx, struct advisory_binary, n);
	a.binaries_n = n;
	for (size_t i = 0; i < n; i++) {
		a.binaries[i].name = advisory_get_str(d);
		a.binaries[i].version = advisory_get_str(d);
	}
	HM_TRY(check_whole(cx, d));
	*out = a;
	return NULL;
}

hm_err advisory_get_record(struct hm_cx *cx, struct advisory_dec *d, struct advisory_record *out)
{
	struct advisory_record r;
	HM_TRY(advisory_get_head(cx, d, &r));
	size_t n = read_count(d);
	HM_TRY(hm_charge(cx, n * sizeof(*r.affected)));
	r.affected = hm_new(cx, struct advisory_affected, n);
	r.affected_n = r.affected_cap = n;
	for (size_t i = 0; i < n; i++) {
		struct hm_str ecosystem = advisory_get_str(d), name = advisory_get_str(d);
		HM_TRY(advisory_get_affected(cx, d, &r.affected[i]));
		r.affected[i].ecosystem = ecosystem;
		r.affected[i].name = name;
	}
	HM_TRY(check_whole(cx, d));
	*out = r;
	return NULL;
}

struct hm_str advisory_cve_of(struct hm_str id)
{
	size_t at = hm_find(id, HM_STR("CVE-"));
	if (at == SIZE_MAX || (at > 0 && id.p[at - 1] != '-'))
		return (struct hm_str){ "", 0 };
	return hm_from(id, at);
}
