/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/answer.h"

#include "codec/yaml.h"

static void write_description(struct hm_cx *cx, const struct cli_answer *a, const void *data,
			      struct json_out o)
{
	json_open(&o, NULL, '{');
	json_putz(&o, "schema", a->schema);
	a->describe(cx, data, &o);
	json_close(&o, '}');
}

static hm_err apply_template(struct hm_cx *cx, const struct cli_answer *a, const void *data,
			     const struct template *t)
{
	HM_AUTO_BUF b = HM_BUF(a->max ? a->max : HM_MAX_JSON);
	struct json_out o = json_out(&b, false);
	json_open(&o, NULL, '{');
	HM_TRY(a->describe_plain(cx, data, &o));
	json_close(&o, '}');
	return cli_output_template(cx, t, &b);
}

/* A member as a cell: texts and numbers as they are, a boolean as a star. */
static struct hm_str read_cell(struct hm_cx *cx, struct json v)
{
	int64_t n;
	if (json_is_bool(v))
		return json_bool(v) ? HM_STR("*") : HM_STR("");
	if (json_int(v, &n))
		return hm_fmt(cx, "%lld", (long long)n);
	return json_str(v);
}

/* The elements of the list, read out of the description. */
static hm_err write_columns(struct hm_cx *cx, const struct cli_answer *a, const void *data,
			    struct hm_buf *out)
{
	HM_AUTO_BUF b = HM_BUF(a->max ? a->max : HM_MAX_JSON);
	const char *headings[8];
	struct cli_table t = { .columns = headings };
	struct hm_str text;
	struct json doc;
	write_description(cx, a, data, json_out(&b, false));
	HM_TRY(hm_buf_end(cx, &b, "the result", &text));
	HM_TRY(json_parse(cx, text, JSON_PLAIN, &doc));
	while (t.columns_n < HM_LEN(headings) && a->columns[t.columns_n].heading) {
		headings[t.columns_n] = a->columns[t.columns_n].heading;
		t.columns_n++;
	}
	for (struct json_iter it = json_iter(json_get(doc, a->list)); json_next(&it);)
		for (size_t i = 0; i < t.columns_n; i++)
			*hm_push(cx, &t.cells) =
				read_cell(cx, json_get(it.value, a->columns[i].key));
	cli_table_format(cx, &t, out);
	return NULL;
}

hm_err cli_answer_format(struct hm_cx *cx, const struct cli_answer *a, const void *data,
			 enum cli_format_bit format, struct hm_buf *out)
{
	if (format == CLI_AS_JSON)
		write_description(cx, a, data, json_out(out, true));
	else if (format == CLI_AS_YAML)
		write_description(cx, a, data, yaml_out(out));
	else if (format == CLI_AS_TABLE && a->columns)
		return write_columns(cx, a, data, out);
	else
		return a->write(cx, data, format, out);
	return NULL;
}

/* An answer with what is told of all commands that push. */
struct extended {
	const struct cli_answer *answer;
	const void *data;
	const struct cli_recorded *recorded;
};

static void describe_extended(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct extended *e = data;
	const struct cli_recorded *r = e->recorded;
	e->answer->describe(cx, e->data, o);
	json_open(o, "recorded", '{');
	json_putz(o, "graph", r->graph);
	json_put_int(o, "taken", (int64_t)r->taken);
	json_put_int(o, "known", (int64_t)r->known);
	json_put_int(o, "refused", (int64_t)r->refused);
	if (r->why)
		json_putz(o, "error", r->why);
	json_close(o, '}');
}

static hm_err format_one(struct hm_cx *cx, const struct cli_outputs *outputs,
			 const struct cli_answer *a, const void *data, enum cli_format_bit format,
			 struct hm_buf *out)
{
	struct extended e = { a, data, outputs->recorded };
	struct cli_answer with = { .schema = a->schema, .describe = describe_extended };
	bool is_described = format == CLI_AS_JSON || format == CLI_AS_YAML;
	return outputs->recorded && is_described ? cli_answer_format(cx, &with, &e, format, out)
						 : cli_answer_format(cx, a, data, format, out);
}

hm_err cli_answer_write(struct hm_cx *cx, const struct cli_outputs *outputs,
			const struct cli_answer *a, const void *data)
{
	for (size_t i = 0; i < outputs->n; i++) {
		const struct cli_output *o = &outputs->p[i];
		HM_AUTO_BUF b = HM_BUF(a->max ? a->max : HM_MAX_JSON);
		if (o->template) {
			HM_TRY(apply_template(cx, a, data, o->template));
			continue;
		}
		HM_TRY(format_one(cx, outputs, a, data, o->format->bit, &b));
		HM_TRY(cli_output_end(cx, o, &b));
	}
	return NULL;
}
