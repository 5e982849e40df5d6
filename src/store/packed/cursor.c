/* SPDX-License-Identifier: Apache-2.0 */
/* Rows are found and read. */
#include "store/packed/cursor.h"

#include "store/packed/writer.h"

enum { FILTERS = STORE_PACKED_COLUMNS };

struct cursor {
	sqlite3_vtab_cursor base; /* first: SQLite's */
	enum store_packed_way way;
	sqlite3_stmt *blocks;
	struct {
		int column;
		int64_t value;
	} filters[FILTERS];
	size_t filters_n;
	int64_t low, high; /* keys */
	struct store_packed_block block;
	int64_t number;
	uint64_t changes; /* of the table, when the block was read */
	bool has_block, ends;
	size_t row;
};

static struct store_packed_table *table_of(const struct cursor *c)
{
	return (struct store_packed_table *)c->base.pVtab;
}

/* ------------------------------------------------------------------ a plan */

/*
 * The plan is a text: how blocks are found, as a letter ('k', 'v' and the column, 'a', 'b'), then
 * what each parameter is: a sign ('=', '<', '>': the latter with what is equal) and a column.
 */
struct plan {
	char text[3 * STORE_PACKED_COLUMNS + 8];
	size_t n;
	int equal[STORE_PACKED_COLUMNS]; /* a constraint, or -1 */
	int above, below;                /* the same, of the key */
	int parameters;
};

static void take_constraint(sqlite3_index_info *info, int i, const struct store_packed_table *t,
			    struct plan *p)
{
	int column = info->aConstraint[i].iColumn;
	if (!info->aConstraint[i].usable || column < 0 || column >= STORE_PACKED_COLUMNS)
		return;
	switch (info->aConstraint[i].op) {
	case SQLITE_INDEX_CONSTRAINT_EQ:
		/* a list would be a walk each where nothing is looked up */
		if (column == 0 || t->indexed[column] || !sqlite3_vtab_in(info, i, -1))
			p->equal[column] = i;
		break;
	case SQLITE_INDEX_CONSTRAINT_GT:
	case SQLITE_INDEX_CONSTRAINT_GE:
		p->above = column == 0 ? i : p->above;
		break;
	case SQLITE_INDEX_CONSTRAINT_LT:
	case SQLITE_INDEX_CONSTRAINT_LE:
		p->below = column == 0 ? i : p->below;
		break;
	default:
		break;
	}
}

static void add_parameter(sqlite3_index_info *info, struct plan *p, char sign, int column, int at)
{
	if (at < 0)
		return;
	info->aConstraintUsage[at].argvIndex = ++p->parameters;
	p->text[p->n++] = sign;
	p->text[p->n++] = (char)('0' + column);
}

/* The column whose blocks are read: of one that is grouped there are the fewest. */
static int choose_column(const struct store_packed_table *t, const struct plan *p)
{
	int best = STORE_PACKED_NO_COLUMN;
	for (int i = (int)t->columns_n - 1; i > 0; i--)
		if (t->indexed[i] && p->equal[i] >= 0 &&
		    (best == STORE_PACKED_NO_COLUMN || best != t->grouped))
			best = i;
	return best;
}

/* A block takes as long as some dozens of rows. */
static void estimate(sqlite3_index_info *info, const struct store_packed_table *t,
		     const struct plan *p, int column)
{
	double rows = 1e6, blocks = 1000;
	if (p->text[0] == 'k') {
		rows = 1;
		blocks = 1;
	} else if (p->text[0] == 'v') {
		rows = column == t->grouped ? 500 : 50;
		blocks = column == t->grouped ? 1.5 : 20;
	}
	for (size_t i = 1; i < t->columns_n; i++)
		if (p->equal[i] >= 0 && (int)i != column)
			rows /= 8;
	info->estimatedRows = rows < 1 ? 1 : (sqlite3_int64)rows;
	info->estimatedCost = 8 * blocks + rows / 4;
}

static void choose_way(sqlite3_index_info *info, const struct store_packed_table *t, struct plan *p)
{
	int column = choose_column(t, p);
	bool has_order = info->nOrderBy == 1 && info->aOrderBy[0].iColumn == 0;
	bool falls = has_order && info->aOrderBy[0].desc;
	if (p->equal[0] >= 0) {
		p->text[p->n++] = 'k';
	} else if (column != STORE_PACKED_NO_COLUMN) {
		p->text[p->n++] = 'v';
		p->text[p->n++] = (char)('0' + column);
	} else {
		p->text[p->n++] = falls && p->above < 0 && p->below < 0 ? 'b' : 'a';
	}
	info->orderByConsumed = has_order && falls == (p->text[0] == 'b');
	estimate(info, t, p, column);
}

static int best_index(sqlite3_vtab *v, sqlite3_index_info *info)
{
	const struct store_packed_table *t = (const struct store_packed_table *)v;
	struct plan p = { .above = -1, .below = -1 };
	for (size_t i = 0; i < HM_LEN(p.equal); i++)
		p.equal[i] = -1;
	for (int i = 0; i < info->nConstraint; i++)
		take_constraint(info, i, t, &p);
	choose_way(info, t, &p);
	if (p.text[0] != 'b')
		for (size_t i = 0; i < t->columns_n; i++)
			add_parameter(info, &p, '=', (int)i, p.equal[i]);
	add_parameter(info, &p, '>', 0, p.above);
	add_parameter(info, &p, '<', 0, p.below);
	info->idxStr = sqlite3_mprintf("%s", p.text);
	info->needToFreeIdxStr = 1;
	return info->idxStr ? SQLITE_OK : SQLITE_NOMEM;
}

/* ------------------------------------------------------------------ rows of a block */

/* The next row, from c->row on, that all filters let through; the block's rows: there is none. */
static void find_row(struct cursor *c)
{
	const struct store_packed_block *b = &c->block;
	for (size_t agree = 0, i = 0; c->row < b->rows && agree < c->filters_n;) {
		size_t at = store_packed_find(b, (size_t)c->filters[i].column, c->filters[i].value,
					      c->row);
		agree = at == c->row ? agree + 1 : 1;
		c->row = at;
		i = (i + 1) % c->filters_n;
	}
}

static int next_block(struct cursor *c)
{
	struct store_packed_table *t = table_of(c);
	int status = sqlite3_step(c->blocks);
	c->has_block = false;
	if (status != SQLITE_ROW) {
		c->ends = true;
		return status == SQLITE_DONE ? SQLITE_OK : status;
	}
	c->changes = t->changes;
	status = store_packed_open(t, c->blocks, &c->number, &c->block);
	c->has_block = status == SQLITE_OK;
	c->row = 0;
	if (c->low != INT64_MIN && c->has_block)
		c->row = store_packed_find_key(&c->block, c->low);
	if (c->way == STORE_PACKED_BACKWARDS)
		c->row = c->block.rows - 1;
	return status;
}

static int64_t value_of(const struct cursor *c, int column)
{
	for (size_t i = 0; i < c->filters_n; i++)
		if (c->filters[i].column == column)
			return c->filters[i].value;
	return 0;
}

/* Keys are sorted, and equal ones in one block: behind them nothing need be looked at. */
static bool is_behind_key(const struct cursor *c)
{
	return c->way == STORE_PACKED_BY_KEY &&
	       (c->row >= c->block.rows ||
		store_packed_get(&c->block, 0, c->row) != value_of(c, 0));
}

/* From c->row on to a row that is wanted, in this block or in those behind it. */
static int settle(struct cursor *c)
{
	if (is_behind_key(c)) {
		c->ends = true;
		return SQLITE_OK;
	}
	find_row(c);
	while (!c->ends && c->row >= c->block.rows) {
		if (c->way == STORE_PACKED_BY_KEY) {
			c->ends = true;
			break;
		}
		int status = next_block(c);
		if (status != SQLITE_OK)
			return status;
		if (!c->ends)
			find_row(c);
	}
	if (!c->ends && c->high != INT64_MAX && store_packed_get(&c->block, 0, c->row) > c->high)
		c->ends = true;
	return SQLITE_OK;
}

/* ------------------------------------------------------------------ what SQLite calls */

static int open_cursor(sqlite3_vtab *v, sqlite3_vtab_cursor **out)
{
	struct cursor *c = sqlite3_malloc64(sizeof(*c));
	(void)v;
	if (!c)
		return SQLITE_NOMEM;
	*c = (struct cursor){ .way = STORE_PACKED_WAYS };
	*out = &c->base;
	return SQLITE_OK;
}

static int close_cursor(sqlite3_vtab_cursor *p)
{
	struct cursor *c = (struct cursor *)p;
	if (c->blocks)
		store_packed_give(table_of(c), c->way, c->blocks);
	sqlite3_free(c);
	return SQLITE_OK;
}

/* Signs and values; a value that is no whole number is looked at by SQLite alone. */
static void read_parameters(struct cursor *c, const char *text, sqlite3_value **values)
{
	c->low = INT64_MIN;
	c->high = INT64_MAX;
	c->filters_n = 0;
	for (size_t i = 0; text[2 * i]; i++) {
		char sign = text[2 * i];
		int64_t v = sqlite3_value_int64(values[i]);
		if (sqlite3_value_type(values[i]) != SQLITE_INTEGER) {
			c->ends = c->ends || sign == '=';
			continue;
		}
		if (sign == '>')
			c->low = v;
		else if (sign == '<')
			c->high = v;
		else if (c->filters_n < FILTERS) {
			c->filters[c->filters_n].column = text[2 * i + 1] - '0';
			c->filters[c->filters_n++].value = v;
		}
	}
}

static void bind_way(struct cursor *c, unsigned column)
{
	sqlite3_reset(c->blocks);
	switch (c->way) {
	case STORE_PACKED_BY_KEY:
		sqlite3_bind_int64(c->blocks, 1, value_of(c, 0));
		break;
	case STORE_PACKED_BY_VALUE:
		sqlite3_bind_int64(c->blocks, 1, value_of(c, (int)column));
		sqlite3_bind_int(c->blocks, 2, 1 << column);
		sqlite3_bind_int64(c->blocks, 3, c->low);
		break;
	case STORE_PACKED_ALL:
		sqlite3_bind_int64(c->blocks, 1, c->low);
		break;
	case STORE_PACKED_BACKWARDS:
	case STORE_PACKED_WAYS:
		break;
	}
}

/* Keys that are asked for one after another are often in the block at hand. */
static bool is_at_hand(const struct cursor *c)
{
	int64_t key = value_of(c, 0);
	return c->has_block && c->way == STORE_PACKED_BY_KEY &&
	       c->changes == table_of(c)->changes && key >= store_packed_get(&c->block, 0, 0) &&
	       key <= store_packed_get(&c->block, 0, c->block.rows - 1);
}

static int start(sqlite3_vtab_cursor *p, int number, const char *text, int n,
		 sqlite3_value **values)
{
	struct cursor *c = (struct cursor *)p;
	struct store_packed_table *t = table_of(c);
	static const char letters[] = "kvab";
	enum store_packed_way way = (enum store_packed_way)hm_find_char(hm_cstr(letters), text[0]);
	unsigned column = text[0] == 'v' ? (unsigned)(text[1] - '0') : 0;
	int status = store_packed_flush(t);
	(void)number;
	(void)n;
	c->ends = false;
	if (status == SQLITE_OK && way != c->way) {
		if (c->blocks)
			store_packed_give(t, c->way, c->blocks);
		c->blocks = NULL;
		c->has_block = false;
		c->way = way;
		status = store_packed_take(t, way, &c->blocks);
	}
	if (status != SQLITE_OK)
		return status;
	read_parameters(c, text + (text[0] == 'v' ? 2 : 1), values);
	if (c->ends)
		return SQLITE_OK;
	if (!is_at_hand(c)) {
		bind_way(c, column);
		status = next_block(c);
	}
	if (status != SQLITE_OK || c->ends)
		return status;
	if (way == STORE_PACKED_BY_KEY)
		c->row = store_packed_find_key(&c->block, value_of(c, 0));
	return settle(c);
}

static int next(sqlite3_vtab_cursor *p)
{
	struct cursor *c = (struct cursor *)p;
	if (c->way != STORE_PACKED_BACKWARDS) {
		c->row++;
		return settle(c);
	}
	if (c->row--)
		return SQLITE_OK;
	return next_block(c);
}

static int is_at_end(sqlite3_vtab_cursor *p)
{
	return ((const struct cursor *)p)->ends;
}

static int give_column(sqlite3_vtab_cursor *p, sqlite3_context *to, int column)
{
	const struct cursor *c = (const struct cursor *)p;
	sqlite3_result_int64(to, store_packed_get(&c->block, (size_t)column, c->row));
	return SQLITE_OK;
}

static int give_row_number(sqlite3_vtab_cursor *p, sqlite3_int64 *out)
{
	const struct cursor *c = (const struct cursor *)p;
	*out = c->number << STORE_PACKED_ROW_BITS | (int64_t)c->row;
	return SQLITE_OK;
}

const struct sqlite3_module store_packed_reading = {
	.iVersion = 1,
	.xBestIndex = best_index,
	.xOpen = open_cursor,
	.xClose = close_cursor,
	.xFilter = start,
	.xNext = next,
	.xEof = is_at_end,
	.xColumn = give_column,
	.xRowid = give_row_number,
};
