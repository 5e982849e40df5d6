/* SPDX-License-Identifier: Apache-2.0 */
/*
 * block.h - inside packed/: rows of integers as bytes.
 *
 * A byte, the version (1); the number of rows as LEB128; then each column, which is a byte, its
 * form, and
 *
 *     STEPS   zigzag(first) zigzag(step)                             first, first + step, ...
 *     BITS    zigzag(least) width, numbers                           least + number
 *     LIST    zigzag(least) width, n, numbers; width, numbers        the n values that there are,
 *                                                                    sorted; then which of them
 *
 * and eight bytes of zero at the end. zigzag() is LEB128 of (v << 1 ^ v >> 63), width a byte, of 56
 * at the most; numbers have that many bits each, the first in the lowest bits of the first byte.
 * What is read may be damaged: then it is refused, or has other numbers, and nothing worse.
 */
#ifndef STORE_PACKED_BLOCK_H
#define STORE_PACKED_BLOCK_H

#include "base/base.h"
#include "base/buf.h"

enum { STORE_PACKED_COLUMNS = 8, STORE_PACKED_ROWS = 1 << 24 };

enum store_packed_form { STORE_PACKED_STEPS = 1, STORE_PACKED_BITS, STORE_PACKED_LIST };

struct store_packed_column {
	enum store_packed_form form;
	uint64_t least, step;
	struct {
		const uint8_t *p;
		unsigned width;
	} values, numbers;
	size_t distinct;
};
struct store_packed_block {
	size_t rows, columns_n;
	struct store_packed_column columns[STORE_PACKED_COLUMNS];
};

/* The bytes stay the caller's, and are needed for as long as the block is. false: damaged. */
bool store_packed_read(struct hm_str bytes, size_t columns, struct store_packed_block *out);
int64_t store_packed_get(const struct store_packed_block *b, size_t column, size_t row);
/* The first row from `from` on that has it; b->rows: none has. */
size_t store_packed_find(const struct store_packed_block *b, size_t column, int64_t value,
			 size_t from);
/* The first row whose key, of the first column, is `key` or more. */
size_t store_packed_find_key(const struct store_packed_block *b, int64_t key);

/* Rows that become a block: n of them behind each other, `columns` values each. */
struct store_packed_rows {
	const int64_t *p;
	size_t n, columns;
};
/* `each` gets the values of a column that are there, each once, in their order. */
void store_packed_write(struct hm_cx *cx, const struct store_packed_rows *rows, struct hm_buf *out,
			void (*each)(void *arg, size_t column, int64_t value), void *arg);

/* Sorting, by the lowest `bits` of the key; what is equal stays in its order. */
struct store_packed_item {
	uint64_t key, what;
};
void store_packed_sort(struct store_packed_item *p, struct store_packed_item *spare, size_t n,
		       unsigned bits);
unsigned store_packed_width(uint64_t most); /* bits that it needs */

#endif
