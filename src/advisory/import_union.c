/* SPDX-License-Identifier: Apache-2.0 */
#include "advisory/import_union.h"

#include <stdlib.h>

#include "advisory/feeds/feeds.h"
#include "base/map.h"

struct record {
	struct hm_str id, bytes;
	int64_t modified;
	bool dropped; /* withdrawn, or no vulnerability: it wins, and is left out */
	const struct advisory_record *old; /* of the old database, in place of bytes */
};

struct all {
	HM_VEC(struct record) records;
	struct hm_map by_id; /* index + 1 */
	struct advisory_beside beside;
};

/* The newest wins, and a new one over the old database's of the same time; among equally new ones
 * the longer, then the one whose bytes come last: so that the order of the paths does not
 * matter. */
static bool is_newer(const struct record *a, const struct record *b)
{
	if (a->modified != b->modified)
		return a->modified > b->modified;
	if (!a->old != !b->old)
		return !a->old;
	if (a->dropped != b->dropped)
		return a->dropped;
	return a->bytes.n != b->bytes.n ? a->bytes.n > b->bytes.n : hm_cmp(a->bytes, b->bytes) > 0;
}

static void add_record(struct hm_cx *cx, struct all *all, struct record r)
{
	void **slot = hm_map_slot(cx, &all->by_id, r.id);
	if (!*slot) {
		*hm_push(cx, &all->records) = r;
		*slot = (void *)(uintptr_t)all->records.n;
	} else {
		struct record *other = &all->records.p[(uintptr_t)*slot - 1];
		if (is_newer(&r, other))
			*other = r;
	}
}

static hm_err add_document(struct hm_cx *cx, struct all *all, struct hm_str bytes, bool dropped)
{
	struct advisory_dec d = { .cur = hm_cur(bytes) };
	struct advisory_record head;
	struct hm_mark mark = hm_mark(cx);
	HM_TRY(advisory_get_head(cx, &d, &head));
	hm_release(cx, mark);
	add_record(cx, all,
		   (struct record){ .id = head.id,
				    .bytes = bytes,
				    .modified = head.modified,
				    .dropped = dropped });
	return NULL;
}

/* The newest catalog of a kind counts as a whole. */
static hm_err add_catalog(struct hm_cx *cx, struct all *all, struct hm_str bytes)
{
	struct advisory_catalog one, *had;
	unsigned kind = bytes.n ? (unsigned char)bytes.p[0] : ADVISORY_CATALOGS;
	if (kind >= ADVISORY_CATALOGS)
		return hm_fail(cx, HM_INPUT, "a worker gave an invalid answer");
	had = &all->beside.catalogs[kind];
	HM_TRY(advisory_catalog_read(
		cx, hm_from(bytes, 1),
		advisory_feed_of_catalog((enum advisory_catalog_kind)kind)->row_size, &one));
	if (one.date > had->date || (one.date == had->date && hm_cmp(one.rows, had->rows) > 0))
		*had = one;
	return NULL;
}

static hm_err add_said(struct hm_cx *cx, struct all *all, const struct advisory_unit *u,
		       enum advisory_said kind, struct hm_str bytes, struct hm_strs *warnings)
{
	switch (kind) {
	case ADVISORY_SAID_RECORD:
	case ADVISORY_SAID_DROPPED:
		return add_document(cx, all, bytes, kind == ADVISORY_SAID_DROPPED);
	case ADVISORY_SAID_CATALOG:
		return add_catalog(cx, all, bytes);
	case ADVISORY_SAID_BAD:
		*hm_push(cx, warnings) =
			u->file ? hm_fmt(cx, "\"%.*s\": %.*s", HM_FMT(u->name), HM_FMT(bytes))
				: hm_dup(cx, bytes);
		return NULL;
	case ADVISORY_SAID_NOTHING:
		break;
	}
	return hm_fail(cx, HM_INPUT, "a worker gave an invalid answer");
}

static hm_err add_unit(struct hm_cx *cx, struct all *all, const struct advisory_unit *u,
		       struct hm_strs *warnings)
{
	struct hm_str said;
	HM_TRY(hm_buf_end(cx, &u->said, "the advisories of one worker", &said));
	struct advisory_dec d = { .cur = hm_cur(said) };
	while (d.cur.n && !d.cur.bad) {
		uint64_t kind = hm_le(&d.cur, 1);
		struct hm_str bytes = advisory_get_str(&d);
		if (d.cur.bad)
			return hm_fail(cx, HM_INPUT, "a worker gave an invalid answer");
		HM_TRY(add_said(cx, all, u, (enum advisory_said)kind, bytes, warnings));
	}
	return NULL;
}

/* --- what the old database holds --- */

/* "Debian" of "Debian:12" */
static struct hm_str base_of(struct hm_str ecosystem)
{
	return hm_cut(&ecosystem, ':');
}

/* All that the record speaks of comes anew. */
static bool is_renewed(const struct advisory_record *r, const struct hm_strs *renew)
{
	for (size_t i = 0; i < r->affected_n; i++)
		if (!hm_strs_has(renew, r->affected[i].ecosystem) &&
		    !hm_strs_has(renew, base_of(r->affected[i].ecosystem)))
			return false;
	return r->affected_n > 0;
}

static void add_affected(struct hm_cx *cx, struct advisory_record *r, struct advisory_affected a)
{
	r->affected = hm_vec_grow(cx, r->affected, r->affected_n, &r->affected_cap, sizeof(a),
				  _Alignof(struct advisory_affected));
	r->affected[r->affected_n++] = a;
}

static hm_err read_old_packages(struct hm_cx *cx, const struct advisory_db *db,
				struct advisory_record *records, size_t n)
{
	struct advisory_package_row row;
	for (size_t i = 0; advisory_db_package_at(db, i, &row); i++)
		for (uint32_t k = 0; k < row.entries.n; k++) {
			struct advisory_affected a;
			uint32_t number;
			if (advisory_is_binary(row.name))
				continue;
			HM_TRY(advisory_db_entry(cx, db, row.entries.first + k, &a, &number));
			a.ecosystem = row.ecosystem;
			a.name = row.name;
			if (number >= n)
				return hm_fail(cx, HM_INPUT, "the advisory database is damaged");
			add_affected(cx, &records[number], a);
		}
	return NULL;
}

static hm_err add_old(struct hm_cx *cx, struct all *all, const struct advisory_db *db,
		      const struct advisory_import *what)
{
	size_t n = advisory_db_records(db);
	struct advisory_record *records = hm_new(cx, struct advisory_record, n);
	for (uint32_t i = 0; i < n; i++)
		HM_TRY(advisory_db_record(cx, db, i, &records[i]));
	HM_TRY(read_old_packages(cx, db, records, n));
	for (size_t i = 0; i < n; i++)
		if (!is_renewed(&records[i], &what->renew))
			add_record(cx, all,
				   (struct record){ .id = records[i].id,
						    .modified = records[i].modified,
						    .old = &records[i] });
	return advisory_db_beside(cx, db, &all->beside);
}

/* --- archives that come in the place of what is there --- */

static bool is_of(struct hm_str ecosystem, struct hm_str name)
{
	return hm_eq(ecosystem, name) || hm_eq(base_of(ecosystem), name);
}

static bool has_ecosystem(const struct advisory_db *db, struct hm_str name)
{
	for (size_t i = 0; db && i < advisory_db_ecosystems(db); i++) {
		uint32_t n;
		if (is_of(advisory_db_ecosystem(db, i, &n), name))
			return true;
	}
	return false;
}

/* Of which of these do new records speak? */
static hm_err find_new(struct hm_cx *cx, const struct all *all, const struct hm_strs *names,
		       bool *found)
{
	size_t left = names->n;
	for (size_t i = 0; i < all->records.n && left; i++) {
		const struct record *r = &all->records.p[i];
		struct advisory_dec d = { .cur = hm_cur(r->bytes) };
		struct advisory_record record;
		struct hm_mark mark = hm_mark(cx);
		if (r->dropped || r->old)
			continue;
		HM_TRY(advisory_get_record(cx, &d, &record));
		for (size_t k = 0; k < record.affected_n * names->n; k++) {
			size_t name = k % names->n;
			if (found[name] ||
			    !is_of(record.affected[k / names->n].ecosystem, names->p[name]))
				continue;
			found[name] = true;
			left--;
		}
		hm_release(cx, mark);
	}
	return NULL;
}

/* An archive that has nothing of its ecosystem would leave the database without it. */
static hm_err check_renewed(struct hm_cx *cx, const struct all *all, const struct hm_strs *renew,
			    const struct advisory_db *old, struct hm_strs *out_warnings)
{
	bool *found = hm_new(cx, bool, renew->n);
	HM_TRY(find_new(cx, all, renew, found));
	for (size_t i = 0; i < renew->n; i++) {
		struct hm_str name = renew->p[i];
		if (!found[i] && has_ecosystem(old, name))
			return hm_fail(cx, HM_INPUT,
				       "the archive of \"%.*s\" has no advisories of it, and does "
				       "not replace those that the database has",
				       HM_FMT(name));
		if (!found[i])
			*hm_push(cx, out_warnings) =
				hm_say(cx, "the archive of \"%.*s\" has no advisories of it",
				       HM_FMT(name));
	}
	return NULL;
}

/* --- the sources --- */

static int by_name(const void *a, const void *b)
{
	return hm_cmp(((const struct advisory_source *)a)->name,
		      ((const struct advisory_source *)b)->name);
}

/* Those of the old database, and the new ones in their place. */
static void unite_sources(struct hm_cx *cx, struct advisory_beside *beside,
			  const struct advisory_import *what)
{
	HM_VEC(struct advisory_source) rows = { 0 };
	for (size_t i = 0; i < beside->sources_n; i++) {
		bool again = false;
		for (size_t k = 0; k < what->sources_n; k++)
			again |= hm_eq(beside->sources[i].name, what->sources[k].name);
		if (!again)
			*hm_push(cx, &rows) = beside->sources[i];
	}
	for (size_t i = 0; i < what->sources_n; i++)
		*hm_push(cx, &rows) = what->sources[i];
	if (rows.n)
		qsort(rows.p, rows.n, sizeof(*rows.p), by_name);
	beside->sources = rows.p;
	beside->sources_n = rows.n;
}

/* --- the whole --- */

static int by_id(const void *a, const void *b)
{
	return hm_cmp(((const struct record *)a)->id, ((const struct record *)b)->id);
}

static hm_err build_database(struct hm_cx *cx, struct all *all, struct hm_buf *out)
{
	size_t n = 0;
	struct advisory_record *records = hm_new(cx, struct advisory_record, all->records.n);
	if (all->records.n)
		qsort(all->records.p, all->records.n, sizeof(*all->records.p), by_id);
	for (size_t i = 0; i < all->records.n; i++) {
		const struct record *r = &all->records.p[i];
		struct advisory_dec d = { .cur = hm_cur(r->bytes) };
		if (r->dropped)
			continue;
		if (r->old)
			records[n++] = *r->old;
		else
			HM_TRY(advisory_get_record(cx, &d, &records[n++]));
	}
	return advisory_db_build(cx, records, n, &all->beside, out);
}

/* Is there anything that a database would be good for? */
static bool has_content(const struct all *all)
{
	for (size_t i = 0; i < all->records.n; i++)
		if (!all->records.p[i].dropped)
			return true;
	for (size_t i = 0; i < ADVISORY_CATALOGS; i++)
		if (all->beside.catalogs[i].rows.n)
			return true;
	return false;
}

hm_err advisory_unite(struct hm_cx *cx, const struct advisory_plan *plan,
		      const struct advisory_import *what, const struct advisory_db *old,
		      struct hm_strs *out_warnings, struct hm_buf *out)
{
	struct all all = { 0 };
	if (old)
		HM_TRY(add_old(cx, &all, old, what));
	for (size_t i = 0; i < plan->units.n; i++)
		HM_TRY(add_unit(cx, &all, &plan->units.p[i], out_warnings));
	if (!has_content(&all))
		return hm_hint(cx,
			       hm_fail(cx, HM_INPUT, "no advisories in what was given%s%.*s",
				       out_warnings->n ? ": " : "",
				       HM_FMT(out_warnings->n ? out_warnings->p[0] : HM_STR(""))),
			       "OSV documents: all.zip, .json files, or folders of both");
	HM_TRY(check_renewed(cx, &all, &what->renew, old, out_warnings));
	unite_sources(cx, &all.beside, what);
	return build_database(cx, &all, out);
}
