/* SPDX-License-Identifier: Apache-2.0 */
/* --explain: why an id matches, or does not, for each component that it could concern. */
#include "advisory/assess.h"
#include "advisory/candidate.h"
#include "advisory/range.h"
#include "base/map.h"

enum { NAMED_MAX = 12 };

/* One entry of the database that belongs to the id. */
struct named {
	uint32_t entry, record;
	struct hm_str ecosystem, name;
};

struct explain {
	struct hm_cx *cx;
	const struct advisory_db *db;
	const struct inventory *inv;
	struct advisory_assess assess;
	struct hm_str id;
	struct hm_map records; /* ids of the records; the value is not NULL */
	struct hm_strs ids;
	HM_VEC(struct named) named;
	struct hm_buf *out;
	size_t concerned;
};

static hm_err find_records(struct explain *e, struct hm_str id)
{
	struct advisory_rows rows = advisory_db_id(e->db, id);
	for (uint32_t i = 0; i < rows.n; i++) {
		struct advisory_record r;
		HM_TRY(advisory_db_record(e->cx, e->db, advisory_db_posting(e->db, rows.first + i),
					  &r));
		hm_map_put(e->cx, &e->records, r.id, e);
		*hm_push(e->cx, &e->ids) = r.id;
	}
	hm_strs_sort_unique(&e->ids);
	return NULL;
}

/* The index leads from packages to records: so all packages are looked at. */
static hm_err find_entries(struct explain *e)
{
	struct advisory_package_row row;
	for (size_t i = 0; e->ids.n && advisory_db_package_at(e->db, i, &row); i++) {
		HM_TRY(hm_alive(e->cx));
		for (uint32_t k = 0; k < row.entries.n; k++) {
			struct hm_mark mark = hm_mark(e->cx);
			struct advisory_affected a;
			struct advisory_record r;
			uint32_t number, at = row.entries.first + k;
			HM_TRY(advisory_db_entry(e->cx, e->db, at, &a, &number));
			HM_TRY(advisory_db_record(e->cx, e->db, number, &r));
			hm_release(e->cx, mark);
			if (hm_map_has(&e->records, r.id))
				*hm_push(e->cx, &e->named) =
					(struct named){ at, number, row.ecosystem, row.name };
		}
	}
	return NULL;
}

static void say_records(struct explain *e, struct hm_str id)
{
	struct hm_strs packages = { 0 };
	if (!e->ids.n) {
		hm_buf_fmt(e->out, "no advisory in the database mentions \"%.*s\"\n", HM_FMT(id));
		return;
	}
	hm_buf_fmt(e->out, "%.*s is mentioned by", HM_FMT(id));
	for (size_t i = 0; i < e->ids.n; i++)
		hm_buf_fmt(e->out, "%s %.*s", i ? "," : "", HM_FMT(e->ids.p[i]));
	for (size_t i = 0; i < e->named.n; i++)
		if (!advisory_is_binary(e->named.p[i].name))
			*hm_push(e->cx, &packages) =
				hm_fmt(e->cx, "%.*s \"%.*s\"", HM_FMT(e->named.p[i].ecosystem),
				       HM_FMT(e->named.p[i].name));
	hm_strs_sort_unique(&packages);
	hm_buf_fmt(e->out, "\nwhich concern");
	for (size_t i = 0; i < packages.n && i < NAMED_MAX; i++)
		hm_buf_fmt(e->out, "%s %.*s", i ? "," : "", HM_FMT(packages.p[i]));
	if (packages.n > NAMED_MAX)
		hm_buf_fmt(e->out, ", and %zu more", packages.n - NAMED_MAX);
	hm_buf_fmt(e->out, "%s\n", packages.n ? "" : " no package");
}

/* Does an entry speak of a package of this component's name, in whatever release? */
static bool is_concerned(struct explain *e, const struct named *n,
			 const struct inventory_component *c, const struct advisory_candidate *can)
{
	if (can->name.n)
		return advisory_candidate_is(can, n->name) ||
		       (can->distribution &&
			(hm_eq(n->name, c->name) || hm_eq(n->name, c->source_name)));
	struct hm_str full = inventory_component_name(e->cx, c);
	full = inventory_type_key(e->cx, inventory_type_of_ecosystem(n->ecosystem), full);
	return hm_eq(n->name, full) || hm_eq(n->name, c->source_name);
}

static bool same_kind(const struct named *n, const struct advisory_candidate *can)
{
	if (can->distribution) {
		struct hm_str mine = hm_cstr(can->distribution), theirs = n->ecosystem;
		return hm_eq(hm_cut(&mine, ':'), hm_cut(&theirs, ':'));
	}
	for (size_t i = 0; i < can->ecosystems.n; i++) {
		struct hm_str mine = can->ecosystems.p[i], theirs = n->ecosystem;
		if (hm_eq(hm_cut(&mine, ':'), hm_cut(&theirs, ':')))
			return true;
	}
	return can->ecosystems.n == 0;
}

static hm_err say_entry(struct explain *e, const struct advisory_candidate *can, struct hm_str why,
			const struct named *n, bool *matches)
{
	struct advisory_affected a;
	struct advisory_record r;
	struct advisory_verdict v = { 0 };
	uint32_t number;
	if (can->also && hm_eq(n->name, can->also->name))
		can = can->also;
	HM_TRY(advisory_db_record(e->cx, e->db, n->record, &r));
	hm_buf_fmt(e->out, "  %.*s, %.*s \"%.*s\": ", HM_FMT(r.id), HM_FMT(n->ecosystem),
		   HM_FMT(can->binary.n ? can->binary : n->name));
	if (can->ecosystems.n && !hm_strs_has(&can->ecosystems, n->ecosystem)) {
		hm_buf_fmt(e->out, "another release than %.*s\n", HM_FMT(can->ecosystems.p[0]));
		return NULL;
	}
	if (why.n) {
		hm_buf_fmt(e->out, "%.*s\n", HM_FMT(why));
		return NULL;
	}
	if (!advisory_candidate_is(can, n->name)) {
		hm_buf_fmt(e->out, "its advisories name the %s, which is \"%.*s\"\n", can->what,
			   HM_FMT(can->name));
		return NULL;
	}
	HM_TRY(advisory_db_entry(e->cx, e->db, n->entry, &a, &number));
	advisory_judge(e->cx, can, &a, &v);
	*matches |= v.affected;
	hm_buf_fmt(e->out, "%.*s%s", HM_FMT(v.why),
		   can->artifact.n ? "; the group of the installed one is not certain" : "");
	for (size_t i = 0; i < v.fixed.n; i++)
		hm_buf_fmt(e->out, "%s %.*s", i ? "," : "; fixed in", HM_FMT(v.fixed.p[i]));
	hm_buf_char(e->out, '\n');
	return NULL;
}

static hm_err say_component(struct explain *e, const struct inventory_component *c)
{
	struct advisory_candidate can;
	struct hm_str why;
	HM_AUTO_BUF lines = HM_BUF(64 * HM_MIB);
	struct explain inner = *e;
	bool matches = false;
	inner.out = &lines;
	advisory_candidate_of(e->cx, e->db, e->inv, c, &can, &why);
	for (size_t i = 0; i < e->named.n; i++)
		if (is_concerned(e, &e->named.p[i], c, &can) && same_kind(&e->named.p[i], &can))
			HM_TRY(say_entry(&inner, &can, why, &e->named.p[i], &matches));
	if (!lines.n)
		return NULL;
	e->concerned++;
	struct advisory_match m = { .id = e->id, .component = (uint32_t)(c - e->inv->components) };
	if (matches)
		advisory_assess_match(e->cx, &e->assess, &m);
	struct hm_str left = m.assessment.justification;
	hm_buf_fmt(e->out, "\n%.*s: %s\n", HM_FMT(c->purl),
		   !matches ? "does not match"
		   : left.n ? "matches, and is suppressed"
			    : "matches");
	hm_buf_add(e->out, hm_buf_str(&lines));
	if (left.n)
		hm_buf_fmt(e->out, "  %.*s\n", HM_FMT(left));
	return NULL;
}

hm_err advisory_explain(struct hm_cx *cx, const struct advisory_db *db, const struct inventory *inv,
			struct hm_str id, struct hm_buf *out)
{
	struct explain e = { .cx = cx, .db = db, .inv = inv, .id = id, .out = out };
	advisory_assess_init(cx, db, inv, NULL, &e.assess);
	HM_TRY(find_records(&e, id));
	HM_TRY(find_entries(&e));
	say_records(&e, id);
	for (size_t i = 0; i < inv->n; i++) {
		HM_TRY(hm_alive(cx));
		HM_TRY(say_component(&e, &inv->components[i]));
	}
	if (e.ids.n && !e.concerned)
		hm_buf_addz(out, "\nno component has the name of one of these packages\n");
	return NULL;
}
