/* SPDX-License-Identifier: Apache-2.0 */
#include "store/packed/table.h"

static const char *const ways[STORE_PACKED_WAYS] = {
	[STORE_PACKED_BY_KEY] = "SELECT n, rows FROM %_block WHERE low <= ?1 "
				"ORDER BY low DESC LIMIT 1",
	[STORE_PACKED_BY_VALUE] =
		"SELECT b.n, b.rows FROM %_value AS v CROSS JOIN %_block AS b ON b.n = v.block "
		"WHERE v.value = ?1 AND v.columns & ?2 AND v.block >= COALESCE((SELECT n FROM "
		"%_block WHERE low <= ?3 ORDER BY low DESC LIMIT 1), 0) ORDER BY v.block",
	[STORE_PACKED_ALL] = "SELECT n, rows FROM %_block WHERE n >= COALESCE((SELECT n FROM "
			     "%_block WHERE low <= ?1 ORDER BY low DESC LIMIT 1), 0) ORDER BY n",
	[STORE_PACKED_BACKWARDS] = "SELECT n, rows FROM %_block ORDER BY n DESC",
};

struct hm_str store_packed_name(struct hm_cx *cx, const char *sql, const char *name)
{
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	for (struct hm_str rest = hm_cstr(sql); rest.n; rest = hm_from(rest, 1)) {
		if (rest.p[0] == '%')
			hm_buf_addz(&b, name);
		else
			hm_buf_char(&b, rest.p[0]);
	}
	return hm_dup(cx, hm_buf_str(&b));
}

int store_packed_prepare(struct store_packed_table *t, const char *sql, sqlite3_stmt **out)
{
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct hm_str text = store_packed_name(&cx, sql, t->name);
	if (*out)
		return SQLITE_OK;
	return sqlite3_prepare_v3(t->db, text.p, (int)text.n, SQLITE_PREPARE_PERSISTENT, out, NULL);
}

int store_packed_take(struct store_packed_table *t, enum store_packed_way way, sqlite3_stmt **out)
{
	for (size_t i = 0; i < STORE_PACKED_KEPT; i++) {
		*out = t->kept[way][i];
		t->kept[way][i] = NULL;
		if (*out)
			return SQLITE_OK;
	}
	return store_packed_prepare(t, ways[way], out);
}

void store_packed_give(struct store_packed_table *t, enum store_packed_way way, sqlite3_stmt *s)
{
	if (!s)
		return;
	sqlite3_reset(s);
	for (size_t i = 0; i < STORE_PACKED_KEPT; i++) {
		if (!t->kept[way][i]) {
			t->kept[way][i] = s;
			return;
		}
	}
	sqlite3_finalize(s);
}

int store_packed_open(struct store_packed_table *t, sqlite3_stmt *s, int64_t *out_number,
		      struct store_packed_block *out)
{
	const char *p = sqlite3_column_blob(s, 1);
	struct hm_str bytes = hm_bytes(p, p ? (size_t)sqlite3_column_bytes(s, 1) : 0);
	*out_number = sqlite3_column_int64(s, 0);
	return store_packed_read(bytes, t->columns_n, out) ? SQLITE_OK : SQLITE_CORRUPT_VTAB;
}
