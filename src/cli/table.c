/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

/* Columns of a terminal that the text takes: code points, which is right for all but wide
 * scripts. */
static size_t width(struct hm_str s)
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
		for (size_t w = width(cells[i]); i + 1 < n && w < widths[i] + 2; w++)
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
		widths[i] = width(heads[i]);
		for (size_t r = 0; r < rows; r++) {
			size_t w = width(t->cells.p[r * n + i]);
			widths[i] = w > widths[i] ? w : widths[i];
		}
	}
	add_row(out, heads, widths, n);
	for (size_t r = 0; r < rows; r++)
		add_row(out, &t->cells.p[r * n], widths, n);
}

static void list_json(const struct cli_list *l, struct hm_buf *b)
{
	const struct cli_table *t = &l->table;
	struct json_out o = json_out(b, true);
	json_open(&o, NULL, '{');
	json_putz(&o, "schema", l->schema);
	json_open(&o, l->name, '[');
	for (size_t i = 0; i < t->cells.n; i++) {
		if (i % t->columns_n == 0)
			json_open(&o, NULL, '{');
		const char *key = l->keys[i % t->columns_n];
		if (key[0] == '?')
			json_put_bool(&o, key + 1, t->cells.p[i].n > 0);
		else
			json_put_str(&o, key, t->cells.p[i]);
		if (i % t->columns_n == t->columns_n - 1)
			json_close(&o, '}');
	}
	json_close(&o, ']');
	json_close(&o, '}');
}

static void list_lines(const struct cli_list *l, struct hm_buf *b)
{
	for (size_t i = 0; i < l->table.cells.n; i++) {
		hm_buf_safe(b, l->table.cells.p[i]);
		hm_buf_char(b, '\n');
	}
}

/* What a template is applied to. */
static void list_data(const struct cli_list *l, struct hm_buf *b)
{
	struct json_out o = json_out(b, false);
	json_open(&o, NULL, '{');
	json_put_strs(&o, l->name, &l->table.cells);
	json_close(&o, '}');
}

static const char *const *formats_of(const struct cli_list *list)
{
	static const char *const known[] = { "table", "json", "go-template", NULL };
	static const char *const plain[] = { "table", "json", NULL };
	return list->templates ? known : plain;
}

hm_err cli_list_check(struct hm_cx *cx, const struct hm_strs *given, const struct cli_list *list)
{
	struct cli_output *outputs;
	size_t n;
	return cli_outputs(cx, given, formats_of(list), "table", &outputs, &n);
}

hm_err cli_list_tell(struct hm_cx *cx, const struct hm_strs *given, const struct cli_list *list)
{
	struct cli_output *outputs;
	size_t n;
	HM_TRY(cli_outputs(cx, given, formats_of(list), "table", &outputs, &n));
	for (size_t i = 0; i < n; i++) {
		HM_AUTO_BUF b = HM_BUF(HM_MAX_JSON);
		if (outputs[i].template) {
			list_data(list, &b);
			HM_TRY(cli_output_template(cx, outputs[i].template, &b));
			continue;
		}
		if (hm_eqz(outputs[i].format, "json"))
			list_json(list, &b);
		else if (list->bare)
			list_lines(list, &b);
		else
			cli_table_format(cx, &list->table, &b);
		HM_TRY(cli_output_end(cx, &outputs[i], &b));
	}
	return NULL;
}
