/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>

static bool is_known(struct hm_str format, const char *const *known)
{
	for (; *known; known++)
		if (hm_eqz(format, *known))
			return true;
	return false;
}

static struct hm_str list(struct hm_cx *cx, const char *const *known)
{
	struct hm_str all = { "", 0 };
	for (; *known; known++)
		all = hm_fmt(cx, "%.*s%s%s", HM_FMT(all), all.n ? ", " : "", *known);
	return all;
}

hm_err cli_no_template(struct hm_cx *cx)
{
	return hm_hint(cx, hm_fail(cx, HM_USAGE, "Go templates are not supported"),
		       "-o json, and jq for what is wanted of it");
}

/* The second would replace the first. */
static hm_err check_distinct(struct hm_cx *cx, const struct cli_output *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < i; k++)
			if (rows[i].file && rows[k].file &&
			    hm_is_same_output(cx, rows[i].file, rows[k].file))
				return hm_fail(
					cx, HM_USAGE,
					"two outputs go to one file: -o %.*s=%s and -o %.*s=%s",
					HM_FMT(rows[k].format), rows[k].file,
					HM_FMT(rows[i].format), rows[i].file);
	return NULL;
}

hm_err cli_check_outputs(struct hm_cx *cx, const struct cli_output *rows, size_t n,
			 const char *other, const char *what)
{
	for (size_t i = 0; i < n; i++)
		if (other && rows[i].file && hm_is_same_output(cx, rows[i].file, other))
			return hm_fail(cx, HM_USAGE, "-o %.*s=%s would replace %s \"%s\"",
				       HM_FMT(rows[i].format), rows[i].file, what, other);
	return NULL;
}

hm_err cli_outputs(struct hm_cx *cx, const struct hm_strs *given, const char *const *known,
		   const char *standard, struct cli_output **out, size_t *out_n)
{
	size_t n = given->n ? given->n : 1, to_stdout = 0;
	struct cli_output *rows = hm_new(cx, struct cli_output, n);
	rows[0].format = hm_cstr(standard);
	for (size_t i = 0; i < given->n; i++) {
		struct hm_str file = given->p[i];
		bool has_file = hm_find_char(file, '=') != SIZE_MAX;
		rows[i].format = hm_cut(&file, '=');
		if (has_file && file.n == 0)
			return hm_fail(cx, HM_USAGE, "-o %.*s= wants a file name",
				       HM_FMT(rows[i].format));
		rows[i].file = has_file ? hm_dupz(cx, file) : NULL;
		to_stdout += !has_file;
		if (hm_eqz(rows[i].format, "go-template"))
			return cli_no_template(cx);
		if (!is_known(rows[i].format, known))
			return hm_fail(cx, HM_USAGE, "unknown format \"%.*s\"; there are: %.*s",
				       HM_FMT(rows[i].format), HM_FMT(list(cx, known)));
	}
	if (to_stdout > 1)
		return hm_fail(
			cx, HM_USAGE,
			"only one -o may go to standard output; give the others a file: -o FORMAT=FILE");
	HM_TRY(check_distinct(cx, rows, n));
	*out = rows;
	*out_n = n;
	return NULL;
}

hm_err cli_print(struct hm_cx *cx, struct hm_str bytes)
{
	if (bytes.n && fwrite(bytes.p, 1, bytes.n, stdout) != bytes.n)
		return hm_fail_os(cx, "could not write to standard output");
	return NULL;
}

hm_err cli_output_write(struct hm_cx *cx, const struct cli_output *o, struct hm_str bytes)
{
	return o->file ? hm_output_write(cx, o->file, bytes, 0644) : cli_print(cx, bytes);
}

hm_err cli_output_end(struct hm_cx *cx, const struct cli_output *o, const struct hm_buf *result)
{
	struct hm_str bytes;
	HM_TRY(hm_buf_end(cx, result, "the result", &bytes));
	return cli_output_write(cx, o, bytes);
}
