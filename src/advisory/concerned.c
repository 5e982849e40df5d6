/* SPDX-License-Identifier: Apache-2.0 */
/* The other direction: from a vulnerability to the packages that advisories name. */
#include "advisory/db.h"

/* As databases write ids: in capitals, but for what stands behind "GHSA-". */
static struct hm_str spell_id(struct hm_cx *cx, struct hm_str id)
{
	char *p = hm_dupz(cx, id);
	bool is_ghsa = id.n > 5 && !hm_cmp_nocase(hm_sub(id, 0, 5), HM_STR("GHSA-"));
	for (size_t i = 0; i < id.n; i++) {
		if (is_ghsa && i >= 5)
			p[i] = hm_lower_char(p[i]);
		else if (p[i] >= 'a' && p[i] <= 'z')
			p[i] = (char)(p[i] - 'a' + 'A');
	}
	return hm_bytes(p, id.n);
}

static bool has_record(const struct advisory_db *db, struct advisory_rows rows, uint32_t record)
{
	for (uint32_t i = 0; i < rows.n; i++)
		if (advisory_db_posting(db, rows.first + i) == record)
			return true;
	return false;
}

static hm_err add_packages(struct hm_cx *cx, const struct advisory_db *db,
			   struct advisory_rows rows, struct advisory_concerned *out)
{
	struct advisory_package_row row;
	for (size_t i = 0; rows.n && advisory_db_package_at(db, i, &row); i++) {
		bool is_there = false;
		HM_TRY(hm_alive(cx));
		for (uint32_t k = 0; k < row.entries.n && !is_there; k++) {
			uint32_t record;
			HM_TRY(advisory_db_entry_record(cx, db, row.entries.first + k, &record));
			is_there = has_record(db, rows, record);
		}
		if (is_there)
			*hm_push(cx, out) = (struct advisory_named){
				.ecosystem = hm_dup(cx, row.ecosystem),
				.name = hm_dup(cx, advisory_is_binary(row.name)
							   ? hm_from(row.name, 1)
							   : row.name),
			};
	}
	return NULL;
}

hm_err advisory_concerned_by(struct hm_cx *cx, const struct advisory_db *db, struct hm_str id,
			     struct advisory_concerned *out)
{
	struct advisory_concerned all = { 0 };
	struct hm_str name = spell_id(cx, id);
	struct advisory_rows rows = advisory_db_id(db, name);
	if (!rows.n) {
		name = id;
		rows = advisory_db_id(db, id);
	}
	for (uint32_t i = 0; i < rows.n; i++) {
		struct advisory_record r;
		HM_TRY(advisory_db_record(cx, db, advisory_db_posting(db, rows.first + i), &r));
		*hm_push(cx, &all.ids) = hm_dup(cx, r.id);
		for (size_t k = 0; k < r.aliases.n; k++)
			*hm_push(cx, &all.ids) = hm_dup(cx, r.aliases.p[k]);
	}
	if (rows.n)
		*hm_push(cx, &all.ids) = hm_dup(cx, name);
	hm_strs_sort_unique(&all.ids);
	HM_TRY(add_packages(cx, db, rows, &all));
	*out = all;
	return NULL;
}
