/* SPDX-License-Identifier: Apache-2.0 */
#include "advisory/match.h"

#include "advisory/candidate.h"
#include "advisory/origin.h"
#include "advisory/range.h"

struct hits {
	struct advisory_hits all;
	uint32_t *place_of; /* of each record: where its hit may be */
};

/* An advisory may speak of one package several times: a range each, and one in each product. A
 * place that an earlier component left behind holds another record's hit, or none. */
static struct advisory_hit *hit_of(struct hm_cx *cx, struct hits *hits, uint32_t number)
{
	uint32_t *place = &hits->place_of[number];
	if (*place < hits->all.n && hits->all.p[*place].number == number)
		return &hits->all.p[*place];
	*place = (uint32_t)hits->all.n;
	struct advisory_hit *h = hm_push(cx, &hits->all);
	h->number = number;
	return h;
}

static enum advisory_severity severity_of(enum advisory_severity stated, struct hm_str cvss)
{
	return stated != ADVISORY_UNKNOWN ? stated : advisory_severity_of_cvss(cvss);
}

/* Of all that an advisory says of the package, the worst counts. */
static void rate_hit(struct advisory_hit *h, const struct advisory_affected *a)
{
	enum advisory_severity stated =
		a->severity != ADVISORY_UNKNOWN ? a->severity : h->record.severity;
	struct hm_str cvss = a->cvss.n ? a->cvss : h->record.cvss;
	enum advisory_severity now = severity_of(stated, cvss),
			       had = severity_of(h->severity, h->cvss);
	if (h->reasons.n && (now < had || (now == had && h->cvss.n)))
		return;
	h->severity = stated;
	h->cvss = cvss;
}

static hm_err try_entry(struct hm_cx *cx, const struct advisory_db *db,
			const struct advisory_candidate *c, const struct advisory_package_row *row,
			uint32_t at, struct hits *hits)
{
	struct advisory_affected a;
	struct advisory_verdict v;
	uint32_t number;
	struct hm_mark mark = hm_mark(cx);
	HM_TRY(advisory_db_entry(cx, db, at, &a, &number));
	advisory_judge(cx, c, &a, &v);
	if (!v.affected) {
		hm_release(cx, mark);
		return NULL;
	}
	struct advisory_hit *h = hit_of(cx, hits, number);
	if (!h->record.id.n)
		HM_TRY(advisory_db_record(cx, db, number, &h->record));
	h->os = c->distribution != NULL;
	rate_hit(h, &a);
	*hm_push(cx, &h->reasons) =
		hm_say(cx, "%.*s: %s \"%.*s\" in %.*s: %.*s%s", HM_FMT(h->record.id), c->what,
		       HM_FMT(c->binary.n ? c->binary : row->name), HM_FMT(row->ecosystem),
		       HM_FMT(v.why),
		       c->artifact.n ? "; the group of the installed one is not certain" : "");
	for (size_t i = 0; i < v.fixed.n; i++)
		advisory_add_version(cx, c->scheme, &h->fixed, v.fixed.p[i]);
	return NULL;
}

static hm_err try_package(struct hm_cx *cx, const struct advisory_db *db,
			  const struct advisory_candidate *c,
			  const struct advisory_package_row *row, struct hits *hits)
{
	for (uint32_t k = 0; k < row->entries.n; k++)
		HM_TRY(try_entry(cx, db, c, row, row->entries.first + k, hits));
	return NULL;
}

static hm_err try_name(struct hm_cx *cx, const struct advisory_db *db,
		       const struct advisory_candidate *c, struct hits *hits)
{
	for (size_t i = 0; i < c->ecosystems.n; i++) {
		struct hm_str ecosystem = c->ecosystems.p[i];
		struct advisory_package_row row = { ecosystem, c->name,
						    advisory_db_package(db, ecosystem, c->name) };
		HM_TRY(try_package(cx, db, c, &row, hits));
	}
	return NULL;
}

/* Of whatever group. */
static hm_err try_artifact(struct hm_cx *cx, const struct advisory_db *db,
			   const struct advisory_candidate *c, struct hits *hits)
{
	struct advisory_rows rows = advisory_db_artifact(db, c->artifact);
	struct advisory_package_row row;
	for (uint32_t k = 0; k < rows.n; k++)
		if (advisory_db_package_at(db, advisory_db_artifact_at(db, rows.first + k), &row))
			HM_TRY(try_package(cx, db, c, &row, hits));
	return NULL;
}

hm_err advisory_match_component(struct hm_cx *cx, const struct advisory_matching *matching,
				uint32_t at, struct advisory_matches *out, struct hm_strs *warnings)
{
	const struct advisory_db *db = matching->db;
	const struct inventory *inv = matching->inventory;
	const struct inventory_component *comp = &inv->components[at];
	struct advisory_candidate c;
	struct hm_str why;
	struct hits hits = { .place_of = matching->place_of };
	HM_TRY(hm_alive(cx));
	advisory_candidate_of(cx, db, inv, comp, &c, &why);
	if (!why.n && comp->origin.n)
		*hm_push(cx, warnings) = hm_say(cx, "%.*s: not matched: %.*s", HM_FMT(comp->purl),
						HM_FMT(advisory_origin_text(cx, comp)));
	if (why.n) {
		*hm_push(cx, warnings) =
			hm_say(cx, "%.*s: not matched: %.*s", HM_FMT(comp->purl), HM_FMT(why));
		return NULL;
	}
	if (c.artifact.n)
		HM_TRY(try_artifact(cx, db, &c, &hits));
	else
		HM_TRY(try_name(cx, db, &c, &hits));
	if (c.also)
		HM_TRY(try_name(cx, db, c.also, &hits));
	return advisory_merge(cx, db, at, c.scheme, &hits.all, out);
}
