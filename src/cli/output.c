/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include "codec/template.h"

#include <stdio.h>
#include <stdlib.h>

/* NULL: it is none of `formats`. */
static const struct cli_format *find_format(struct hm_str name, unsigned formats)
{
	for (const struct cli_format *f = cli_formats; f->name; f++)
		if ((f->bit & formats) && hm_eqz(name, f->name))
			return f;
	return NULL;
}

static const struct cli_format *first_format(unsigned formats)
{
	const struct cli_format *f = cli_formats;
	while (f->name && !(f->bit & formats))
		f++;
	return f;
}

hm_err cli_no_template(struct hm_cx *cx)
{
	return hm_hint(cx, hm_fail(cx, HM_USAGE, "this command does not support Go templates"),
		       "use -o json, and jq to select from it");
}

hm_err cli_with_template(struct hm_cx *cx, const struct hm_strs *given, const char *text,
			 struct hm_strs *out)
{
	bool used = false;
	struct hm_strs all = { 0 };
	for (size_t i = 0; i < given->n; i++) {
		bool wants = hm_eqz(given->p[i], "go-template");
		if ((wants && !text) || hm_eqz(given->p[i], "go-template="))
			return hm_hint(cx, hm_fail(cx, HM_USAGE, "go-template needs a template"),
				       "--format go-template=TEMPLATE, or --template TEMPLATE");
		*hm_push(cx, &all) = wants ? hm_fmt(cx, "go-template=%s", text) : given->p[i];
		used |= wants;
	}
	if (text && !used)
		return hm_fail(cx, HM_USAGE, "--template goes with --format go-template");
	*out = all;
	return NULL;
}

hm_err cli_output_template(struct hm_cx *cx, const struct template *t, const struct hm_buf *json)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_TEMPLATE_OUTPUT);
	struct hm_str text;
	struct json data;
	HM_TRY(hm_buf_end(cx, json, "the result", &text));
	HM_TRY(json_parse(cx, text, JSON_PLAIN, &data));
	HM_TRY(template_run(cx, t, data, &b));
	HM_TRY(hm_buf_end(cx, &b, "what the template prints", &text));
	return cli_print(cx, text);
}

static hm_err refuse_format(struct hm_cx *cx, struct hm_str name, unsigned formats)
{
	HM_AUTO_BUF known = HM_BUF(HM_KIB);
	if (hm_eqz(name, "go-template"))
		return cli_no_template(cx);
	cli_list_formats(formats, &known);
	return hm_fail(cx, HM_USAGE, "unknown format \"%.*s\"; supported: %.*s", HM_FMT(name),
		       HM_FMT(hm_buf_str(&known)));
}

/* FORMAT[=FILE], or go-template=TEMPLATE. */
static hm_err parse_row(struct hm_cx *cx, struct hm_str given, unsigned formats,
			struct cli_output *row)
{
	struct hm_str rest = given;
	bool has_rest = hm_find_char(given, '=') != SIZE_MAX;
	struct hm_str name = hm_cut(&rest, '=');
	row->format = find_format(name, formats);
	if (!row->format)
		return refuse_format(cx, name, formats);
	if (has_rest && rest.n == 0)
		return hm_fail(cx, HM_USAGE, "-o %s= needs a file name", row->format->name);
	if (row->format->bit == CLI_AS_TEMPLATE)
		return template_parse(cx, rest, &row->template);
	row->file = has_rest ? hm_dupz(cx, rest) : NULL;
	return NULL;
}

/* The second would replace the first. */
static hm_err check_distinct(struct hm_cx *cx, const struct cli_outputs *outputs)
{
	const struct cli_output *rows = outputs->p;
	for (size_t i = 0; i < outputs->n; i++)
		for (size_t k = 0; k < i; k++)
			if (rows[i].file && rows[k].file &&
			    hm_is_same_output(cx, rows[i].file, rows[k].file))
				return hm_fail(cx, HM_USAGE,
					       "two outputs go to one file: -o %s=%s and -o %s=%s",
					       rows[k].format->name, rows[k].file,
					       rows[i].format->name, rows[i].file);
	return NULL;
}

hm_err cli_check_outputs(struct hm_cx *cx, const struct cli_outputs *outputs, const char *other,
			 const char *what)
{
	for (size_t i = 0; i < outputs->n; i++) {
		const struct cli_output *o = &outputs->p[i];
		if (other && o->file && hm_is_same_output(cx, o->file, other))
			return hm_fail(cx, HM_USAGE, "-o %s=%s would replace %s \"%s\"",
				       o->format->name, o->file, what, other);
	}
	return NULL;
}

hm_err cli_read_outputs(struct hm_cx *cx, unsigned formats, const struct hm_strs *given,
			struct cli_outputs *out)
{
	size_t to_stdout = 0;
	struct cli_outputs all = { .n = given->n ? given->n : 1 };
	all.p = hm_new(cx, struct cli_output, all.n);
	all.p[0].format = first_format(formats);
	for (size_t i = 0; i < given->n; i++) {
		HM_TRY(parse_row(cx, given->p[i], formats, &all.p[i]));
		to_stdout += !all.p[i].file;
	}
	if (to_stdout > 1)
		return hm_fail(
			cx, HM_USAGE,
			"only one -o may go to standard output; give the others a file: -o FORMAT=FILE");
	HM_TRY(check_distinct(cx, &all));
	*out = all;
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
