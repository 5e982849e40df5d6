/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/answer.h"

/* Columns of a terminal that the text takes: code points, which is right for all but wide
 * scripts. */
static size_t text_width(struct hm_str s)
{
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

static void add_row(struct hm_buf *out, const struct hm_str *cells, const size_t *widths, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		hm_buf_safe(out, cells[i]);
		for (size_t w = text_width(cells[i]); i + 1 < n && w < widths[i] + 2; w++)
			hm_buf_char(out, ' ');
	}
	hm_buf_char(out, '\n');
}

void cli_table_format(struct hm_cx *cx, const struct cli_table *t, struct hm_buf *out)
{
	size_t n = t->columns_n, rows = n ? t->cells.n / n : 0;
	size_t *widths = hm_new(cx, size_t, n);
	struct hm_str *heads = hm_new(cx, struct hm_str, n);
	for (size_t i = 0; i < n; i++) {
		heads[i] = hm_cstr(t->columns[i]);
		widths[i] = text_width(heads[i]);
		for (size_t r = 0; r < rows; r++) {
			size_t w = text_width(t->cells.p[r * n + i]);
			widths[i] = w > widths[i] ? w : widths[i];
		}
	}
	add_row(out, heads, widths, n);
	for (size_t r = 0; r < rows; r++)
		add_row(out, &t->cells.p[r * n], widths, n);
}
