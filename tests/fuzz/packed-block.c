/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of a packed table: what is read of a block, damaged or not, is packed and read again. */
#include <stdlib.h>

#include "store/packed/block.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { COLUMNS = 3, ROWS = 5000 };

static void note_nothing(void *arg, size_t column, int64_t value)
{
	(void)arg;
	(void)column;
	(void)value;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	HM_AUTO_BUF b = HM_BUF(64 * HM_MIB);
	struct store_packed_block block, again;
	if (!store_packed_read(hm_bytes(data, size), COLUMNS, &block) || block.rows > ROWS)
		return 0;
	int64_t *rows = hm_new(&cx, int64_t, block.rows * COLUMNS);
	for (size_t i = 0; i < block.rows * COLUMNS; i++) {
		int64_t v = store_packed_get(&block, i % COLUMNS, i / COLUMNS);
		(void)store_packed_find(&block, i % COLUMNS, v, i / COLUMNS);
		rows[i] = v % ((int64_t)1 << 55); /* as a table takes them */
	}
	store_packed_write(&cx, &(struct store_packed_rows){ rows, block.rows, COLUMNS }, &b,
			   note_nothing, NULL);
	if (!store_packed_read(hm_buf_str(&b), COLUMNS, &again) || again.rows != block.rows)
		abort();
	for (size_t i = 0; i < block.rows * COLUMNS; i++)
		if (store_packed_get(&again, i % COLUMNS, i / COLUMNS) != rows[i] ||
		    store_packed_find(&again, i % COLUMNS, rows[i], i / COLUMNS) != i / COLUMNS)
			abort();
	return 0;
}
