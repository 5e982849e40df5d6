/* SPDX-License-Identifier: Apache-2.0 */
/* One description, in every format. */
#include "cli/answer.h"

#include "unit.h"

#include <stdlib.h>
#include <unistd.h>

struct row {
	const char *name;
	bool is_default;
	int64_t size;
};

static const struct row rows[] = { { "first", true, 12 }, { "second: no\033[1m", false, -3 } };

static void describe(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct row *r = data;
	(void)cx;
	json_open(o, "rows", '[');
	for (size_t i = 0; i < HM_LEN(rows); i++) {
		json_open(o, NULL, '{');
		json_putz(o, "name", r[i].name);
		json_put_bool(o, "default", r[i].is_default);
		json_put_int(o, "size", r[i].size);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static hm_err write_tree(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			 struct hm_buf *out)
{
	(void)cx, (void)data;
	assert_int_equal(format, CLI_AS_TREE);
	hm_buf_addz(out, "a tree\n");
	return NULL;
}

static const struct cli_answer answer = {
	.schema = "hullmark.rows/1",
	.describe = describe,
	.write = write_tree,
	.list = "rows",
	.columns = (const struct cli_column[]){ { "NAME", "name" },
						{ "DEFAULT", "default" },
						{ "SIZE", "size" },
						{ "NONE", "absent" },
						{ 0 } },
};

static const struct answer_case {
	const char *label, *format, *want;
} cases[] = {
	{ "JSON", "json",
	  "{\n  \"schema\": \"hullmark.rows/1\",\n  \"rows\": [\n    {\n      \"name\": \"first\",\n"
	  "      \"default\": true,\n      \"size\": 12\n    },\n    {\n"
	  "      \"name\": \"second: no\\u001b[1m\",\n      \"default\": false,\n"
	  "      \"size\": -3\n    }\n  ]\n}\n" },
	{ "YAML", "yaml",
	  "schema: hullmark.rows/1\nrows:\n  - name: first\n    default: true\n    size: 12\n"
	  "  - name: \"second: no\\u001b[1m\"\n    default: false\n    size: -3\n" },
	{ "a table", "table",
	  "NAME            DEFAULT  SIZE  NONE\nfirst           *        12    \n"
	  "second: no?[1m           -3    \n" },
	{ "what the command writes itself", "tree", "a tree\n" },
};

static void writes(void **state)
{
	const struct answer_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct hm_strs given = { 0 };
	struct cli_outputs outputs;
	struct hm_str have;
	const char *file = hm_path(&cx, unit_temp_dir(), "out");
	*hm_push(&cx, &given) = hm_fmt(&cx, "%s=%s", t->format, file);
	assert_ok(cli_read_outputs(&cx, CLI_AS_ANSWER | CLI_AS_TREE, &given, &outputs));
	assert_ok(cli_answer_write(&cx, &outputs, &answer, rows));
	assert_ok(hm_read_file(&cx, file, HM_MIB, &have));
	assert_strz(have, t->want);
	assert_int_equal(unlink(file), 0);
}

/* All of it, or nothing. */
static void what_is_too_long_is_not_written(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct cli_answer small = answer;
	struct hm_str format = HM_STR("yaml");
	struct hm_strs given = { .p = &format, .n = 1, .cap = 1 };
	struct cli_outputs outputs;
	small.max = 20;
	assert_ok(cli_read_outputs(&cx, CLI_AS_ANSWER, &given, &outputs));
	assert_fault(cli_answer_write(&cx, &outputs, &small, rows), HM_LIMIT, "the result");
}

int main(void)
{
	UNIT_TABLE(writes, cases);
	UNIT(what_is_too_long_is_not_written);
	return unit_run("cli/answer");
}
