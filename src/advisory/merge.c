/* SPDX-License-Identifier: Apache-2.0 */
#include "advisory/merge.h"

#include "advisory/range.h"
#include "base/map.h"

static void add_cve(struct hm_cx *cx, struct hm_str id, struct hm_strs *out)
{
	struct hm_str cve = advisory_cve_of(id);
	if (cve.n)
		*hm_push(cx, out) = cve;
}

static void add_cves(struct hm_cx *cx, const struct hm_strs *ids, struct hm_strs *out)
{
	for (size_t i = 0; i < ids->n; i++)
		add_cve(cx, ids->p[i], out);
}

/* The CVEs that other records know as names of the same thing: one step through their aliases. */
static void add_cves_of_others(struct hm_cx *cx, const struct advisory_db *db,
			       const struct advisory_record *r, struct hm_strs *out)
{
	for (size_t i = 0; i <= r->aliases.n; i++) {
		struct hm_str id = i ? r->aliases.p[i - 1] : r->id;
		struct advisory_rows rows = advisory_db_id(db, id);
		for (uint32_t k = 0; k < rows.n && k < 64; k++) {
			struct advisory_record other;
			if (advisory_db_record(cx, db, advisory_db_posting(db, rows.first + k),
					       &other))
				continue;
			if (hm_eq(other.id, id) || hm_strs_has(&other.aliases, id))
				add_cves(cx, &other.aliases, out);
		}
	}
}

void advisory_vulnerabilities(struct hm_cx *cx, const struct advisory_db *db,
			      const struct advisory_record *r, bool os, struct hm_strs *out,
			      bool *out_same)
{
	struct hm_strs ids = { 0 };
	*out_same = true;
	add_cve(cx, r->id, &ids);
	if (!ids.n)
		add_cves(cx, &r->aliases, &ids);
	if (!ids.n) {
		*out_same = false;
		add_cves(cx, &r->upstream, &ids);
	}
	if (!ids.n && os) /* errata of Red Hat's kin name what they fix as related */
		add_cves(cx, &r->related, &ids);
	if (!ids.n) {
		*out_same = true;
		add_cves_of_others(cx, db, r, &ids);
	}
	if (!ids.n)
		*hm_push(cx, &ids) = r->id;
	hm_strs_sort_unique(&ids);
	if (*out_same)
		ids.n = 1;
	*out = ids;
}

/* --- one vulnerability: what the hits say that share a name of it --- */

struct group {
	struct group *joined;  /* NULL: this one counts */
	struct hm_strs names;  /* of the vulnerability itself */
	struct hm_strs others; /* its aliases */
	HM_VEC(uint32_t) hits;
};

struct merge {
	struct hm_cx *cx;
	const struct advisory_db *db;
	const struct advisory_hit *hits;
	struct hm_map by_name; /* to struct group */
	HM_VEC(struct group *) groups;
};

static struct group *find_root(struct group *g)
{
	while (g->joined)
		g = g->joined;
	return g;
}

static void append_names(struct hm_cx *cx, struct hm_strs *to, const struct hm_strs *from)
{
	for (size_t i = 0; i < from->n; i++)
		*hm_push(cx, to) = from->p[i];
}

static struct group *join_groups(struct merge *m, struct group *a, struct group *b)
{
	if (a == b)
		return a;
	append_names(m->cx, &a->names, &b->names);
	append_names(m->cx, &a->others, &b->others);
	for (size_t i = 0; i < b->hits.n; i++)
		*hm_push(m->cx, &a->hits) = b->hits.p[i];
	b->joined = a;
	return a;
}

static struct group *name_group(struct merge *m, struct group *g, struct hm_str id)
{
	void **slot = hm_map_slot(m->cx, &m->by_name, id);
	if (*slot)
		g = join_groups(m, find_root(*slot), g);
	*slot = g;
	return g;
}

static struct group *new_group(struct merge *m, struct hm_str id, uint32_t hit)
{
	struct group *g = hm_new(m->cx, struct group, 1);
	*hm_push(m->cx, &m->groups) = g;
	*hm_push(m->cx, &g->hits) = hit;
	*hm_push(m->cx, &g->names) = id;
	return name_group(m, g, id);
}

static void add_hit(struct merge *m, uint32_t number)
{
	const struct advisory_record *r = &m->hits[number].record;
	struct hm_strs ids;
	bool same;
	advisory_vulnerabilities(m->cx, m->db, r, m->hits[number].os, &ids, &same);
	bool one = same || ids.n == 1;
	for (size_t i = 0; i < ids.n; i++) {
		struct group *g = new_group(m, ids.p[i], number);
		if (!one)
			continue;
		g = name_group(m, g, r->id);
		for (size_t k = 0; same && k < r->aliases.n; k++)
			g = name_group(m, g, r->aliases.p[k]);
		*hm_push(m->cx, &g->others) = r->id;
		append_names(m->cx, &g->others, &r->aliases);
		append_names(m->cx, &g->others, &r->upstream);
	}
}

/* --- severity --- */

/* `behind`: what is said behind the id. */
static void raise_severity(struct hm_cx *cx, struct advisory_match *match, enum advisory_severity s,
			   const char *before, struct hm_str id, const char *behind)
{
	if (s <= match->severity)
		return;
	match->severity = s;
	match->severity_source = hm_fmt(cx, "%s%.*s%s", before, HM_FMT(id), behind);
}

static void rate_by_records(struct merge *m, struct advisory_match *match, struct hm_str id,
			    bool one_only)
{
	struct advisory_rows rows = advisory_db_id(m->db, id);
	for (uint32_t i = 0; i < rows.n; i++) {
		struct advisory_record r;
		struct hm_mark mark = hm_mark(m->cx);
		if (advisory_db_record(m->cx, m->db, advisory_db_posting(m->db, rows.first + i),
				       &r))
			continue;
		size_t cves = r.upstream.n > r.related.n ? r.upstream.n : r.related.n;
		enum advisory_severity s = r.severity;
		struct hm_str from = r.id;
		if (s == ADVISORY_UNKNOWN)
			s = advisory_severity_of_cvss(r.cvss);
		hm_release(m->cx, mark);
		if (!one_only || cves <= 1)
			raise_severity(m->cx, match, s, "record ", from,
				       " of the same vulnerability");
	}
}

/* Records of one vulnerability first: the rating of an erratum is that of the worst it fixes. */
static void rate_by_other_records(struct merge *m, struct advisory_match *match)
{
	for (int one_only = 1; one_only >= 0 && match->severity == ADVISORY_UNKNOWN; one_only--) {
		rate_by_records(m, match, match->id, one_only);
		for (size_t i = 0; i < match->aliases.n; i++)
			rate_by_records(m, match, match->aliases.p[i], one_only);
	}
}

static void rate_match(struct merge *m, const struct group *g, struct advisory_match *match)
{
	for (size_t i = 0; i < g->hits.n; i++) {
		const struct advisory_hit *h = &m->hits[g->hits.p[i]];
		raise_severity(m->cx, match, h->severity, "advisory ", h->record.id, "");
		if (h->cvss.n && !match->cvss.n)
			match->cvss = h->cvss;
	}
	for (size_t i = 0; i < g->hits.n && match->severity_source.n == 0; i++) {
		const struct advisory_hit *h = &m->hits[g->hits.p[i]];
		raise_severity(m->cx, match, advisory_severity_of_cvss(h->cvss), "CVSS of ",
			       h->record.id, "");
	}
	rate_by_other_records(m, match);
}

/* CVEs first, then by bytes. */
static struct hm_str best_name(const struct hm_strs *names)
{
	struct hm_str best = names->p[0];
	for (size_t i = 1; i < names->n; i++) {
		bool cve = hm_starts(names->p[i], HM_STR("CVE-")),
		     had = hm_starts(best, HM_STR("CVE-"));
		if (cve != had ? cve : hm_cmp(names->p[i], best) < 0)
			best = names->p[i];
	}
	return best;
}

static struct hm_strs names_without(struct hm_strs all, struct hm_str id)
{
	size_t n = 0;
	hm_strs_sort_unique(&all);
	for (size_t i = 0; i < all.n; i++)
		if (!hm_eq(all.p[i], id))
			all.p[n++] = all.p[i];
	all.n = n;
	return all;
}

static void finish_match(struct merge *m, const struct group *g,
			 const struct advisory_scheme *scheme, struct advisory_match *match)
{
	struct hm_strs all = { 0 };
	match->id = best_name(&g->names);
	append_names(m->cx, &all, &g->names);
	append_names(m->cx, &all, &g->others);
	match->aliases = names_without(all, match->id);
	match->exploitation = advisory_db_exploitation(m->db, match->id, &match->aliases);
	for (size_t i = 0; i < g->hits.n; i++) {
		const struct advisory_hit *h = &m->hits[g->hits.p[i]];
		*hm_push(m->cx, &match->advisories) = h->record.id;
		append_names(m->cx, &match->reasons, &h->reasons);
		append_names(m->cx, &match->references, &h->record.references);
		if (!match->summary.n)
			match->summary = h->record.summary;
		for (size_t k = 0; k < h->fixed.n; k++)
			advisory_add_version(m->cx, scheme, &match->fixed, h->fixed.p[k]);
	}
	hm_strs_sort_unique(&match->advisories);
	hm_strs_sort_unique(&match->references);
	hm_strs_sort_unique(&match->reasons);
	rate_match(m, g, match);
}

hm_err advisory_merge(struct hm_cx *cx, const struct advisory_db *db, uint32_t component,
		      const struct advisory_scheme *scheme, const struct advisory_hits *hits,
		      struct advisory_matches *out)
{
	struct merge m = { .cx = cx, .db = db, .hits = hits->p };
	for (uint32_t i = 0; i < hits->n; i++)
		add_hit(&m, i);
	for (size_t i = 0; i < m.groups.n; i++) {
		if (m.groups.p[i]->joined)
			continue;
		struct advisory_match match = { .component = component };
		HM_TRY(hm_alive(cx));
		if (out->n >= HM_MAX_MATCHES) /* packages, advisories and what they fix multiply */
			return hm_fail(cx, HM_LIMIT, "more than %llu matches",
				       (unsigned long long)HM_MAX_MATCHES);
		finish_match(&m, m.groups.p[i], scheme, &match);
		*hm_push(cx, out) = match;
	}
	return NULL;
}
