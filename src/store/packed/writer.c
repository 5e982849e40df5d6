/* SPDX-License-Identifier: Apache-2.0 */
/* Rows become blocks, and an index says where their values are. */
#include "store/packed/writer.h"

enum {
	ROWS = 4096,  /* of a block, which may have more of one key */
	GROUP = 1024, /* after as many it ends with a group */
	VALUES = 256 * 1024,
	COLUMN_BITS = 3, /* of an item's `what`; above is the block, counted from the first */
};
/* What there is room for: the difference of any two has 56 bits. */
#define LARGEST ((int64_t)1 << 55)

/* ------------------------------------------------------------------ memory */

/* What was there is copied; the old place goes with all that is pending. */
static void *grow(struct store_packed_table *t, const void *p, size_t n, size_t *cap, size_t size)
{
	size_t wanted = *cap ? *cap * 2 : 8192;
	char *room = hm_alloc(&t->pending, wanted, size, 8);
	if (n)
		memcpy(room, p, n * size);
	*cap = wanted;
	return room;
}

void store_packed_forget(struct store_packed_table *t)
{
	hm_cx_done(&t->pending);
	t->pending = HM_CX(SIZE_MAX);
	t->rows = NULL;
	t->values = NULL;
	t->rows_n = t->rows_cap = t->values_n = t->values_cap = 0;
	t->last_is_known = false;
	t->changes++;
}

/* ------------------------------------------------------------------ the index */

static int run(sqlite3_stmt *s)
{
	int status = sqlite3_step(s);
	int reset = sqlite3_reset(s);
	return status == SQLITE_DONE ? SQLITE_OK : reset ? reset : SQLITE_ERROR;
}

static int add_value(struct store_packed_table *t, uint64_t key, uint64_t block, int64_t columns)
{
	sqlite3_bind_int64(t->add_value, 1, (int64_t)key + t->least);
	sqlite3_bind_int64(t->add_value, 2, (int64_t)block + t->first_block);
	sqlite3_bind_int64(t->add_value, 3, columns);
	return run(t->add_value);
}

/* In the order of the index, so that each of its pages is changed once. */
static int flush_values(struct store_packed_table *t)
{
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct store_packed_item *p = t->values;
	size_t n = t->values_n;
	int status = store_packed_prepare(
		t, "INSERT INTO %_value (value, block, columns) VALUES (?1, ?2, ?3)",
		&t->add_value);
	if (!n || status != SQLITE_OK)
		return status;
	uint64_t most = (uint64_t)t->most - (uint64_t)t->least;
	for (size_t i = 0; i < n; i++)
		p[i].key -= (uint64_t)t->least;
	store_packed_sort(p, hm_new(&cx, struct store_packed_item, n), n, store_packed_width(most));
	for (size_t i = 0, end; i < n && status == SQLITE_OK; i = end) {
		uint64_t block = p[i].what >> COLUMN_BITS;
		int64_t columns = 0;
		for (end = i;
		     end < n && p[end].key == p[i].key && p[end].what >> COLUMN_BITS == block;
		     end++)
			columns |= (int64_t)1 << (p[end].what & ((1 << COLUMN_BITS) - 1));
		status = add_value(t, p[i].key, block, columns);
	}
	t->values_n = 0;
	return status;
}

struct noting {
	struct store_packed_table *t;
	int64_t block;
};

static void note_value(void *arg, size_t column, int64_t value)
{
	const struct noting *n = arg;
	struct store_packed_table *t = n->t;
	if (!t->indexed[column])
		return;
	if (!t->values_n) {
		t->first_block = n->block;
		t->least = t->most = value;
	}
	t->least = value < t->least ? value : t->least;
	t->most = value > t->most ? value : t->most;
	if (t->values_n == t->values_cap)
		t->values = grow(t, t->values, t->values_n, &t->values_cap, sizeof(*t->values));
	t->values[t->values_n++] = (struct store_packed_item){
		(uint64_t)value, (uint64_t)(n->block - t->first_block) << COLUMN_BITS | column
	};
}

/* ------------------------------------------------------------------ blocks */

/* The number that it will have. */
static int next_block_number(struct store_packed_table *t, int64_t *out)
{
	sqlite3_stmt *s;
	int status = store_packed_take(t, STORE_PACKED_BACKWARDS, &s);
	if (status != SQLITE_OK)
		return status;
	status = sqlite3_step(s);
	*out = status == SQLITE_ROW ? sqlite3_column_int64(s, 0) + 1 : 1;
	store_packed_give(t, STORE_PACKED_BACKWARDS, s);
	return status == SQLITE_ROW || status == SQLITE_DONE ? SQLITE_OK : status;
}

static int end_block(struct store_packed_table *t)
{
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	HM_AUTO_BUF b = HM_BUF(HM_GIB);
	struct noting noting = { .t = t };
	if (!t->rows_n)
		return SQLITE_OK;
	int status =
		store_packed_prepare(t, "INSERT INTO %_block (n, low, rows) VALUES (?1, ?2, ?3)",
				     &t->add_block);
	if (status == SQLITE_OK)
		status = next_block_number(t, &noting.block);
	if (status != SQLITE_OK)
		return status;
	store_packed_write(&cx, &(struct store_packed_rows){ t->rows, t->rows_n, t->columns_n }, &b,
			   note_value, &noting);
	if (b.over)
		return SQLITE_TOOBIG;
	sqlite3_bind_int64(t->add_block, 1, noting.block);
	sqlite3_bind_int64(t->add_block, 2, t->rows[0]);
	sqlite3_bind_blob64(t->add_block, 3, b.p, b.n, SQLITE_STATIC);
	status = run(t->add_block);
	sqlite3_clear_bindings(t->add_block);
	t->rows_n = 0;
	return status == SQLITE_OK && t->values_n >= VALUES ? flush_values(t) : status;
}

int store_packed_flush(struct store_packed_table *t)
{
	if (!t->rows_n && !t->values_n)
		return SQLITE_OK;
	int status = end_block(t);
	if (status == SQLITE_OK)
		status = flush_values(t);
	t->changes++;
	return status;
}

/* ------------------------------------------------------------------ rows */

/* The last key that there is. */
static int find_last(struct store_packed_table *t)
{
	struct store_packed_block block;
	sqlite3_stmt *s;
	int64_t number;
	if (t->last_is_known)
		return SQLITE_OK;
	int status = store_packed_take(t, STORE_PACKED_BACKWARDS, &s);
	if (status != SQLITE_OK)
		return status;
	status = sqlite3_step(s);
	t->last = INT64_MIN;
	if (status == SQLITE_ROW) {
		status = store_packed_open(t, s, &number, &block);
		if (status == SQLITE_OK)
			t->last = store_packed_get(&block, 0, block.rows - 1);
	}
	store_packed_give(t, STORE_PACKED_BACKWARDS, s);
	t->last_is_known = status == SQLITE_OK || status == SQLITE_DONE;
	return t->last_is_known ? SQLITE_OK : status;
}

static bool ends_here(const struct store_packed_table *t, const int64_t *row)
{
	size_t at = t->grouped == STORE_PACKED_NO_COLUMN ? 0 : (size_t)t->grouped;
	const int64_t *before = t->rows + (t->rows_n - 1) * t->columns_n;
	if (row[0] == before[0])
		return false;
	return t->rows_n >= ROWS || (at && t->rows_n >= GROUP && row[at] != before[at]);
}

static int read_values(const struct store_packed_table *t, sqlite3_value **values, int64_t *row)
{
	for (size_t i = 0; i < t->columns_n; i++) {
		row[i] = sqlite3_value_int64(values[i]);
		if (sqlite3_value_type(values[i]) != SQLITE_INTEGER || row[i] >= LARGEST ||
		    row[i] < -LARGEST)
			return SQLITE_MISMATCH;
	}
	return SQLITE_OK;
}

static int add_row(struct store_packed_table *t, const int64_t *row)
{
	int status = find_last(t);
	if (status != SQLITE_OK)
		return status;
	/* behind a block that has ended, the same key would be in two */
	if (row[0] < t->last || (row[0] == t->last && !t->rows_n))
		return SQLITE_CONSTRAINT;
	if (t->rows_n && ends_here(t, row))
		status = end_block(t);
	if (status == SQLITE_OK && t->rows_n == STORE_PACKED_ROWS - 1)
		status = SQLITE_TOOBIG;
	if (status != SQLITE_OK)
		return status;
	if ((t->rows_n + 1) * t->columns_n > t->rows_cap)
		t->rows =
			grow(t, t->rows, t->rows_n * t->columns_n, &t->rows_cap, sizeof(*t->rows));
	memcpy(t->rows + t->rows_n++ * t->columns_n, row, t->columns_n * sizeof(*row));
	t->last = row[0];
	return SQLITE_OK;
}

/* ------------------------------------------------------------------ a row is changed */

static void note_nothing(void *arg, size_t column, int64_t value)
{
	(void)arg;
	(void)column;
	(void)value;
}

static int write_changed(struct store_packed_table *t, int64_t number,
			 const struct store_packed_rows *rows)
{
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	HM_AUTO_BUF b = HM_BUF(HM_GIB);
	int status = store_packed_prepare(t, "UPDATE %_block SET rows = ?2 WHERE n = ?1",
					  &t->change_block);
	if (status != SQLITE_OK)
		return status;
	store_packed_write(&cx, rows, &b, note_nothing, NULL);
	sqlite3_bind_int64(t->change_block, 1, number);
	sqlite3_bind_blob64(t->change_block, 2, b.p, b.n, SQLITE_STATIC);
	status = run(t->change_block);
	sqlite3_clear_bindings(t->change_block);
	t->changes++;
	return status;
}

/* A value is in the index of this block (`sql` adds it), or not any more. */
static int change_index(struct store_packed_table *t, const char *sql, int64_t value, int64_t block,
			size_t column)
{
	sqlite3_stmt *s = NULL;
	int status = store_packed_prepare(t, sql, &s);
	if (status != SQLITE_OK)
		return status;
	sqlite3_bind_int64(s, 1, value);
	sqlite3_bind_int64(s, 2, block);
	sqlite3_bind_int64(s, 3, (sqlite3_int64)1 << column);
	status = run(s);
	sqlite3_finalize(s);
	return status;
}

static bool has_value(const struct store_packed_rows *rows, size_t column, int64_t value)
{
	for (size_t i = 0; i < rows->n; i++)
		if (rows->p[i * rows->columns + column] == value)
			return true;
	return false;
}

/* `rows`: as they are now. */
static int change_value(struct store_packed_table *t, int64_t block, size_t column, int64_t old,
			const struct store_packed_rows *rows, int64_t new)
{
	int status = change_index(t,
				  "INSERT INTO %_value (value, block, columns) VALUES (?1, ?2, ?3) "
				  "ON CONFLICT (value, block) DO UPDATE SET columns = columns | ?3",
				  new, block, column);
	if (status != SQLITE_OK || has_value(rows, column, old))
		return status;
	status = change_index(t,
			      "DELETE FROM %_value WHERE value = ?1 AND block = ?2 "
			      "AND columns = ?3",
			      old, block, column);
	return status != SQLITE_OK ? status
				   : change_index(t,
						  "UPDATE %_value SET columns = columns & ~?3 "
						  "WHERE value = ?1 AND block = ?2",
						  old, block, column);
}

/* The key and what is grouped stay as they are: they say where the row is. */
static int change_row(struct store_packed_table *t, const struct store_packed_block *b,
		      int64_t number, size_t at, const int64_t *row)
{
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	int64_t *rows = hm_new(&cx, int64_t, b->rows * t->columns_n);
	for (size_t i = 0; i < b->rows * t->columns_n; i++)
		rows[i] = store_packed_get(b, i % t->columns_n, i / t->columns_n);
	const struct store_packed_rows changed = { rows, b->rows, t->columns_n };
	int64_t old[STORE_PACKED_COLUMNS];
	memcpy(old, rows + at * t->columns_n, t->columns_n * sizeof(*old));
	for (size_t i = 0; i < t->columns_n; i++)
		if ((!i || t->grouped == (int)i) && old[i] != row[i])
			return SQLITE_READONLY;
	memcpy(rows + at * t->columns_n, row, t->columns_n * sizeof(*row));
	int status = write_changed(t, number, &changed);
	for (size_t i = 1; i < t->columns_n && status == SQLITE_OK; i++)
		if (t->indexed[i] && old[i] != row[i])
			status = change_value(t, number, i, old[i], &changed, row[i]);
	return status;
}

static int find_and_change(struct store_packed_table *t, int64_t place, const int64_t *row)
{
	int64_t number = place >> STORE_PACKED_ROW_BITS;
	size_t at = (size_t)(place & (STORE_PACKED_ROWS - 1));
	struct store_packed_block block = { 0 };
	sqlite3_stmt *s = NULL;
	int status = store_packed_flush(t);
	if (status == SQLITE_OK)
		status = store_packed_take(t, STORE_PACKED_BY_KEY, &s);
	if (status != SQLITE_OK)
		return status;
	sqlite3_bind_int64(s, 1, row[0]);
	status = sqlite3_step(s);
	if (status == SQLITE_ROW)
		status = store_packed_open(t, s, &number, &block);
	if (status == SQLITE_OK && (number != place >> STORE_PACKED_ROW_BITS || at >= block.rows))
		status = SQLITE_READONLY; /* another key */
	if (status == SQLITE_OK)
		status = change_row(t, &block, number, at, row);
	store_packed_give(t, STORE_PACKED_BY_KEY, s);
	return status == SQLITE_DONE ? SQLITE_READONLY : status;
}

int store_packed_update(sqlite3_vtab *v, int n, sqlite3_value **values, sqlite3_int64 *out_row)
{
	struct store_packed_table *t = (struct store_packed_table *)v;
	int64_t row[STORE_PACKED_COLUMNS] = { 0 };
	if (n == 1)
		return SQLITE_READONLY;
	int status = read_values(t, values + 2, row);
	if (status != SQLITE_OK)
		return status;
	*out_row = 0;
	if (sqlite3_value_type(values[0]) == SQLITE_NULL)
		return add_row(t, row);
	return find_and_change(t, sqlite3_value_int64(values[0]), row);
}
