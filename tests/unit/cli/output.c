/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include "unit.h"

enum { KNOWN = CLI_AS_TABLE | CLI_AS_JSON | CLI_AS_SARIF };

static const struct output_case {
	const char *label;
	const char *given[3];
	size_t n;
	const char *format, *file, *why;
} cases[] = {
	{ "none given", { NULL }, 1, "table", NULL, NULL },
	{ "one", { "json" }, 1, "json", NULL, NULL },
	{ "one into a file", { "json=a=b.json" }, 1, "json", "a=b.json", NULL },
	{ "several", { "sarif=x", "table" }, 2, "sarif", "x", NULL },
	{ "two to standard output", { "json", "table" }, 0, NULL, NULL, "only one -o" },
	{ "an unknown one",
	  { "xml" },
	  0,
	  NULL,
	  NULL,
	  "unknown format \"xml\"; supported: table, json or sarif" },
	{ "a Go template",
	  { "go-template={{.digest}}" },
	  0,
	  NULL,
	  NULL,
	  "this command does not support Go templates" },
	{ "no file name", { "json=" }, 0, NULL, NULL, "needs a file name" },
};

static void outputs(void **state)
{
	const struct output_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct hm_strs given = { 0 };
	struct cli_outputs rows;
	for (size_t i = 0; i < 3 && t->given[i]; i++)
		*hm_push(&cx, &given) = hm_cstr(t->given[i]);
	hm_err err = cli_read_outputs(&cx, KNOWN, &given, &rows);
	if (t->why) {
		assert_fault(err, HM_USAGE, t->why);
		return;
	}
	assert_ok(err);
	assert_int_equal(rows.n, t->n);
	assert_strz(hm_cstr(rows.p[0].format->name), t->format);
	assert_strz(hm_cstr(rows.p[0].file), t->file ? t->file : "");
}

static const struct template_case {
	const char *label;
	const char *given, *text, *why;
} template_cases[] = {
	{ "with its text", "go-template={{.x}}", NULL, NULL },
	{ "with equals signs", "go-template={{$x := 1}}a=b", NULL, NULL },
	{ "and its text apart", "go-template", "{{.x}}", NULL },
	{ "without a text", "go-template", NULL, "go-template needs a template" },
	{ "with an empty text", "go-template=", NULL, "go-template needs a template" },
	{ "with two", "go-template={{.x}}", "{{.x}}", "--template goes with" },
	{ "of another format", "json", "{{.x}}", "--template goes with --format go-template" },
	{ "that is none", "go-template={{", NULL, "template: line 1, column 3: the action has no" },
};

static void templates(void **state)
{
	const struct template_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct hm_strs given = { 0 }, all;
	struct cli_outputs rows = { 0 };
	*hm_push(&cx, &given) = hm_cstr(t->given);
	hm_err err = cli_with_template(&cx, &given, t->text, &all);
	if (!err)
		err = cli_read_outputs(&cx, CLI_AS_JSON | CLI_AS_TEMPLATE, &all, &rows);
	if (t->why) {
		assert_fault(err, HM_USAGE, t->why);
		return;
	}
	assert_ok(err);
	assert_int_equal(rows.n, 1);
	assert_non_null(rows.p[0].template);
	assert_null(rows.p[0].file);
}

static void tables_align_and_disarm(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	static const char *const columns[] = { "NAME", "VERSION" };
	struct cli_table t = { .columns = columns, .columns_n = 2 };
	*hm_push(&cx, &t.cells) = HM_STR("caf\xc3\xa9-long");
	*hm_push(&cx, &t.cells) = HM_STR("1");
	*hm_push(&cx, &t.cells) = HM_STR("\033[31m\xc2\x9b");
	*hm_push(&cx, &t.cells) = HM_STR("2\n3");
	cli_table_format(&cx, &t, &b);
	assert_strz(hm_buf_str(&b), "NAME       VERSION\ncaf\xc3\xa9-long  1\n?[31m?     2?3\n");
}

int main(void)
{
	UNIT_TABLE(outputs, cases);
	UNIT_TABLE(templates, template_cases);
	UNIT(tables_align_and_disarm);
	return unit_run("cli/output");
}
