/* SPDX-License-Identifier: Apache-2.0 */
#include "store/packed/block.h"

#include <endian.h>

enum { VERSION = 1, WIDEST = 56, PADDING = 8, DIGIT = 11 };

/* ------------------------------------------------------------------ numbers of some bits */

static inline uint64_t mask_of(unsigned width)
{
	return ((uint64_t)1 << width) - 1;
}

static inline uint64_t read_number(const uint8_t *p, unsigned width, size_t at)
{
	uint64_t v;
	size_t bit = at * width;
	memcpy(&v, p + bit / 8, sizeof(v));
	return le64toh(v) >> (bit % 8) & mask_of(width);
}

static size_t bytes_of(size_t n, unsigned width)
{
	return (n * width + 7) / 8;
}

unsigned store_packed_width(uint64_t most)
{
	return most ? 64 - (unsigned)__builtin_clzll(most) : 0;
}

static uint64_t zigzag(uint64_t v)
{
	return v << 1 ^ (uint64_t)((int64_t)v >> 63);
}

static uint64_t unzigzag(uint64_t v)
{
	return v >> 1 ^ (0 - (v & 1));
}

/* ------------------------------------------------------------------ reading */

static const uint8_t *take_numbers(struct hm_cur *c, size_t n, unsigned *out_width)
{
	const uint8_t *p = hm_take(c, 1);
	*out_width = p ? *p : 0;
	if (*out_width > WIDEST)
		c->bad = true;
	return c->bad ? NULL : hm_take(c, bytes_of(n, *out_width));
}

static void read_column(struct hm_cur *c, size_t rows, struct store_packed_column *out)
{
	const uint8_t *form = hm_take(c, 1);
	out->form = form ? (enum store_packed_form) * form : STORE_PACKED_STEPS;
	out->least = unzigzag(hm_uvarint(c));
	switch (out->form) {
	case STORE_PACKED_STEPS:
		out->step = unzigzag(hm_uvarint(c));
		return;
	case STORE_PACKED_LIST:
		out->distinct = (size_t)hm_uvarint(c);
		if (!out->distinct || out->distinct > rows)
			c->bad = true;
		else
			out->values.p = take_numbers(c, out->distinct, &out->values.width);
		break;
	case STORE_PACKED_BITS:
		break;
	default:
		c->bad = true;
	}
	out->numbers.p = take_numbers(c, rows, &out->numbers.width);
}

bool store_packed_read(struct hm_str bytes, size_t columns, struct store_packed_block *out)
{
	struct hm_cur c = hm_cur(bytes);
	const uint8_t *version = hm_take(&c, 1);
	*out = (struct store_packed_block){ .columns_n = columns };
	uint64_t rows = hm_uvarint(&c);
	if (!version || *version != VERSION || !rows || rows > STORE_PACKED_ROWS)
		return false;
	out->rows = (size_t)rows;
	for (size_t i = 0; i < columns && !c.bad; i++)
		read_column(&c, out->rows, &out->columns[i]);
	return !c.bad && c.n == PADDING;
}

static int64_t value_at(const struct store_packed_column *c, size_t at)
{
	return (int64_t)(c->least + read_number(c->values.p, c->values.width, at));
}

int64_t store_packed_get(const struct store_packed_block *b, size_t column, size_t row)
{
	const struct store_packed_column *c = &b->columns[column];
	if (c->form == STORE_PACKED_STEPS)
		return (int64_t)(c->least + row * c->step);
	uint64_t v = read_number(c->numbers.p, c->numbers.width, row);
	if (c->form == STORE_PACKED_BITS)
		return (int64_t)(c->least + v);
	return value_at(c, v < c->distinct ? (size_t)v : c->distinct - 1);
}

/* Several numbers at a time: as many as eight bytes have from any bit of the first byte on. */
struct fields {
	size_t n;
	unsigned width;
	uint64_t lowest; /* the lowest bit of each */
	uint64_t wanted; /* the number that is looked for, in each */
};

static struct fields repeat_number(uint64_t number, unsigned width)
{
	struct fields f = { .n = 57 / width, .width = width };
	for (size_t i = 0; i < f.n; i++)
		f.lowest |= UINT64_C(1) << i * width;
	f.wanted = f.lowest * number;
	return f;
}

/* The first of these numbers that is the wanted one; f->n: none is. */
static size_t find_field(const struct fields *f, const uint8_t *p, size_t at)
{
	uint64_t v, highest = f->lowest << (f->width - 1);
	size_t bit = at * f->width;
	memcpy(&v, p + bit / 8, sizeof(v));
	v = (le64toh(v) >> (bit % 8)) ^ f->wanted;
	/* what borrows has a field of zero below it, so that the first one is right (H. S. Warren,
	 * Hacker's Delight, 6-1) */
	v = (v - f->lowest) & ~v & highest;
	return v ? (size_t)__builtin_ctzll(v) / f->width : f->n;
}

static size_t find_number(const struct store_packed_column *c, uint64_t number, size_t from,
			  size_t rows)
{
	unsigned width = c->numbers.width;
	if (number > mask_of(width))
		return rows;
	if (!width)
		return from;
	struct fields f = repeat_number(number, width);
	for (; from + f.n <= rows; from += f.n) {
		size_t at = find_field(&f, c->numbers.p, from);
		if (at < f.n)
			return from + at;
	}
	while (from < rows && read_number(c->numbers.p, width, from) != number)
		from++;
	return from;
}

static size_t find_in_list(const struct store_packed_column *c, int64_t value)
{
	size_t from = 0, to = c->distinct;
	while (from < to) {
		size_t middle = from + (to - from) / 2;
		if (value_at(c, middle) < value)
			from = middle + 1;
		else
			to = middle;
	}
	return from < c->distinct && value_at(c, from) == value ? from : SIZE_MAX;
}

size_t store_packed_find(const struct store_packed_block *b, size_t column, int64_t value,
			 size_t from)
{
	const struct store_packed_column *c = &b->columns[column];
	size_t at;
	switch (c->form) {
	case STORE_PACKED_BITS:
		return find_number(c, (uint64_t)value - c->least, from, b->rows);
	case STORE_PACKED_LIST:
		at = find_in_list(c, value);
		return at == SIZE_MAX ? b->rows : find_number(c, at, from, b->rows);
	case STORE_PACKED_STEPS:
		break;
	}
	int64_t away = (int64_t)((uint64_t)value - c->least), step = (int64_t)c->step;
	if (!step)
		return away ? b->rows : from;
	if (away == INT64_MIN) /* of a damaged block alone; INT64_MIN / -1 ends the program */
		return b->rows;
	if (away % step || away / step < (int64_t)from || away / step >= (int64_t)b->rows)
		return b->rows;
	return (size_t)(away / step);
}

size_t store_packed_find_key(const struct store_packed_block *b, int64_t key)
{
	size_t from = 0, to = b->rows;
	while (from < to) {
		size_t middle = from + (to - from) / 2;
		if (store_packed_get(b, 0, middle) < key)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

/* ------------------------------------------------------------------ sorting */

static void sort_by_digit(const struct store_packed_item *p, struct store_packed_item *out,
			  size_t n, unsigned shift)
{
	size_t starts[(1 << DIGIT) + 1] = { 0 };
	for (size_t i = 0; i < n; i++)
		starts[(p[i].key >> shift & mask_of(DIGIT)) + 1]++;
	for (size_t i = 1; i < HM_LEN(starts); i++)
		starts[i] += starts[i - 1];
	for (size_t i = 0; i < n; i++)
		out[starts[p[i].key >> shift & mask_of(DIGIT)]++] = p[i];
}

void store_packed_sort(struct store_packed_item *p, struct store_packed_item *spare, size_t n,
		       unsigned bits)
{
	for (unsigned shift = 0; shift < bits; shift += DIGIT) {
		sort_by_digit(p, spare, n, shift);
		memcpy(p, spare, n * sizeof(*p));
	}
}

/* ------------------------------------------------------------------ writing */

struct packing {
	struct store_packed_item *items, *spare; /* key: above the least; what: the row */
	uint64_t *numbers;
	size_t n, distinct;
	uint64_t least, most; /* most: above the least */
};

static void write_numbers(struct hm_buf *out, const uint64_t *numbers, size_t n, unsigned width)
{
	uint64_t gathered = 0;
	unsigned bits = 0;
	hm_buf_char(out, (char)width);
	char *p = hm_buf_room(out, bytes_of(n, width));
	for (size_t i = 0; p && i < n; i++) {
		gathered |= numbers[i] << bits;
		for (bits += width; bits >= 8; bits -= 8) {
			*p++ = (char)gathered;
			gathered >>= 8;
		}
	}
	if (p && bits)
		*p = (char)gathered;
}

/* Numbers that are equal are of one value: which, by row, and what they are. */
static void write_list(struct packing *k, struct hm_buf *out)
{
	size_t at = 0;
	uint64_t *values = k->numbers + k->n;
	for (size_t i = 0; i < k->n; i++) {
		if (i && k->items[i].key != k->items[i - 1].key)
			at++;
		values[at] = k->items[i].key;
		k->numbers[k->items[i].what] = at;
	}
	hm_buf_uvarint(out, k->distinct);
	write_numbers(out, values, k->distinct, store_packed_width(k->most));
	write_numbers(out, k->numbers, k->n, store_packed_width(at));
}

static bool is_steps(const struct store_packed_rows *r, size_t column)
{
	const int64_t *p = r->p + column;
	uint64_t step = r->n > 1 ? (uint64_t)p[r->columns] - (uint64_t)p[0] : 0;
	for (size_t i = 1; i < r->n; i++)
		if ((uint64_t)p[i * r->columns] - (uint64_t)p[(i - 1) * r->columns] != step)
			return false;
	return true;
}

static void sort_column(const struct store_packed_rows *r, size_t column, struct packing *k)
{
	int64_t least = INT64_MAX, most = INT64_MIN;
	for (size_t i = 0; i < r->n; i++) {
		int64_t v = r->p[i * r->columns + column];
		least = v < least ? v : least;
		most = v > most ? v : most;
	}
	k->n = r->n;
	k->least = (uint64_t)least;
	k->most = (uint64_t)most - (uint64_t)least;
	for (size_t i = 0; i < r->n; i++)
		k->items[i] = (struct store_packed_item){
			(uint64_t)r->p[i * r->columns + column] - k->least, i
		};
	store_packed_sort(k->items, k->spare, r->n, store_packed_width(k->most));
	k->distinct = 1;
	for (size_t i = 1; i < r->n; i++)
		k->distinct += k->items[i].key != k->items[i - 1].key;
}

static void write_column(const struct store_packed_rows *r, size_t column, struct packing *k,
			 struct hm_buf *out)
{
	unsigned width = store_packed_width(k->most);
	unsigned which = store_packed_width(k->distinct - 1);
	size_t list = bytes_of(k->distinct, width) + bytes_of(r->n, which) + 4;
	if (is_steps(r, column)) {
		uint64_t first = (uint64_t)r->p[column];
		uint64_t next = r->n > 1 ? (uint64_t)r->p[r->columns + column] : first;
		hm_buf_char(out, STORE_PACKED_STEPS);
		hm_buf_uvarint(out, zigzag(first));
		hm_buf_uvarint(out, zigzag(next - first));
		return;
	}
	bool is_list = list < bytes_of(r->n, width);
	hm_buf_char(out, is_list ? STORE_PACKED_LIST : STORE_PACKED_BITS);
	hm_buf_uvarint(out, zigzag(k->least));
	if (is_list) {
		write_list(k, out);
		return;
	}
	for (size_t i = 0; i < r->n; i++)
		k->numbers[k->items[i].what] = k->items[i].key;
	write_numbers(out, k->numbers, r->n, width);
}

void store_packed_write(struct hm_cx *cx, const struct store_packed_rows *rows, struct hm_buf *out,
			void (*each)(void *arg, size_t column, int64_t value), void *arg)
{
	struct packing k = { .items = hm_new(cx, struct store_packed_item, rows->n),
			     .spare = hm_new(cx, struct store_packed_item, rows->n),
			     .numbers = hm_new(cx, uint64_t, 2 * rows->n) };
	hm_buf_char(out, VERSION);
	hm_buf_uvarint(out, rows->n);
	for (size_t column = 0; column < rows->columns; column++) {
		sort_column(rows, column, &k);
		write_column(rows, column, &k, out);
		for (size_t i = 0; i < rows->n; i++)
			if (!i || k.items[i].key != k.items[i - 1].key)
				each(arg, column, (int64_t)(k.least + k.items[i].key));
	}
	hm_buf_le(out, 0, PADDING);
}
