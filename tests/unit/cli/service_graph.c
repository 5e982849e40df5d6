/* SPDX-License-Identifier: Apache-2.0 */
/* The graph's service: its table of routes, its schemas and the files of the page are walked. */
#include "cli/service_graph.h"
#include "cli/graph_question.h"

#include "codec/json.h"

#include "unit.h"

static bool has_schema(struct hm_str name)
{
	for (const struct api_schema *s = cli_graph_schemas; s->name; s++)
		if (hm_eqz(name, s->name))
			return true;
	return false;
}

/* Each "{name}" of the path is a parameter that is needed. */
static void check_path(struct hm_cx *cx, const struct api_row *row)
{
	struct hm_str rest = hm_cstr(row->path);
	while (rest.n) {
		struct hm_str part = hm_cut(&rest, '/');
		bool found = part.p[0] != '{';
		for (const struct api_parameter *p = row->parameters; p->name && !found; p++)
			found = p->is_needed && hm_eq(part, hm_fmt(cx, "{%s}", p->name));
		if (!found)
			fail_msg("%s: no parameter %s", row->path, hm_dupz(cx, part));
	}
}

static void routes_are_whole_and_distinct(void **state)
{
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	(void)state;
	for (const struct api_row *row = cli_graph_api; row->method; row++) {
		size_t n = 0;
		assert_true(row->path[0] && row->name[0] && row->help[0] && row->run);
		assert_int_equal(row->body != NULL, strcmp(row->method, "POST") == 0);
		assert_true(!row->schema || has_schema(hm_cstr(row->schema)));
		check_path(&cx, row);
		for (const struct api_parameter *p = row->parameters; p->name; p++, n++)
			assert_true(p->help[0]);
		assert_true(n <= API_PARAMETERS);
		for (const struct api_row *other = cli_graph_api; other < row; other++) {
			assert_string_not_equal(row->name, other->name);
			assert_false(strcmp(row->path, other->path) == 0 &&
				     strcmp(row->method, other->method) == 0);
		}
	}
}

static bool has_parameter(const struct api_row *row, const char *name)
{
	for (const struct api_parameter *p = row->parameters; p->name; p++)
		if (strcmp(p->name, name) == 0)
			return true;
	return false;
}

/* Is it an option of the commands, and of the same kind? */
static bool is_option(const struct api_parameter *p)
{
	for (const struct cli_opt *o = cli_graph_parameters; o->name; o++)
		if (strcmp(o->name, p->name) == 0)
			return (o->kind == CLI_FLAG) == (p->kind == API_SWITCH) &&
			       (o->kind == CLI_NUMBER) == (p->kind == API_COUNT);
	return false;
}

/* The command of a question has the options that its path has as parameters, and no more but those
 * that say where the graph and its advisories are, and how the answer is written. */
static void check_command(const struct api_row *row)
{
	static const char *const own[] = { "data-dir", "database", "db",        "issuer",
					   "output",   "server",   "token-file" };
	const struct cli_command *const *c = cli_commands;
	while (*c &&
	       (strncmp((*c)->name, "graph ", 6) != 0 || strcmp((*c)->name + 6, row->path) != 0))
		c++;
	if (!*c)
		fail_msg("%s: there is no command", row->path);
	assert_int_equal((*c)->opts_size, sizeof(struct cli_graph_question));
	for (const struct cli_opt *o = (*c)->opts; o->name; o++) {
		bool is_own = false;
		for (size_t i = 0; i < HM_LEN(own); i++)
			is_own = is_own || strcmp(own[i], o->name) == 0;
		if (!is_own && !has_parameter(row, o->name))
			fail_msg("%s: --%s is no parameter", row->path, o->name);
	}
	for (const struct cli_opt *p = cli_graph_parameters; p->name; p++) {
		bool is_there = false;
		for (const struct cli_opt *o = (*c)->opts; o->name; o++)
			is_there = is_there || (o->at == p->at && strcmp(o->name, p->name) == 0);
		if (has_parameter(row, p->name) != is_there)
			fail_msg("%s: --%s and the parameter differ", row->path, p->name);
	}
}

static void parameters_are_sorted(void **state)
{
	(void)state;
	for (const struct cli_opt *o = cli_graph_parameters; o->name; o++)
		assert_true(!o[1].name || strcmp(o->name, o[1].name) < 0);
}

/* A row asks its question by the names that the question has for its texts. */
static void questions_are_those_of_their_rows(void **state)
{
	(void)state;
	for (const struct api_row *row = cli_graph_api; row->method; row++) {
		const struct cli_graph_ask *q = row->question;
		size_t texts = 0, needed = 0;
		if (!q)
			continue;
		assert_string_equal(row->path, q->path);
		assert_true(row->run == cli_graph_api_question && q->ask && q->answer);
		for (const struct api_parameter *p = row->parameters; p->name; p++) {
			bool is_text = false;
			for (size_t i = 0; i < CLI_GRAPH_TEXTS && q->texts[i]; i++)
				is_text = is_text || strcmp(q->texts[i], p->name) == 0;
			texts += is_text;
			needed += p->is_needed;
			assert_true(is_text || !p->is_needed);
			assert_true(is_text || p->kind == API_FORMAT || is_option(p));
		}
		assert_int_equal(row->body != NULL, q->max_body != 0);
		assert_int_equal(q->read_body != NULL, q->max_body != 0);
		check_command(row);
		assert_true(needed <= texts && (!q->texts[0] || texts));
		for (const struct api_row *other = cli_graph_api; other < row; other++)
			assert_true(other->question != q);
	}
}

static void schemas_are_json_and_refer_to_each_other(void **state)
{
	static const char head[] = "#/components/schemas/";
	(void)state;
	for (const struct api_schema *s = cli_graph_schemas; s->name; s++) {
		HM_AUTO_CX cx = HM_CX(HM_MIB);
		struct json doc;
		struct hm_str rest = hm_cstr(s->json);
		assert_ok(json_parse(&cx, rest, JSON_STRICT, &doc));
		for (size_t at; (at = hm_find(rest, hm_cstr(head))) != SIZE_MAX;) {
			rest = hm_from(rest, at + strlen(head));
			assert_true(has_schema(hm_cut(&rest, '"')));
		}
	}
}

static void files_of_the_page_are_whole(void **state)
{
	(void)state;
	for (const struct graph_page_file *f = graph_page_files; f->path; f++) {
		assert_true(f->path[0] == '/' && f->type[0] && f->bytes);
		assert_true(f->etag[0] == '"' && f->etag[strlen(f->etag) - 1] == '"');
		for (const struct graph_page_file *g = graph_page_files; g < f; g++)
			assert_string_not_equal(f->path, g->path);
	}
}

/* As many as are allowed; another one waits, and is told to come again. */
static void turns_are_bounded(void **state)
{
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	HM_AUTO_CX late = HM_CX(HM_MIB);
	struct graph_turns t = { 0 };
	(void)state;
	cli_graph_turns_open(&t, 2, 1);
	assert_ok(cli_graph_turn_begin(&cx, &t));
	assert_ok(cli_graph_turn_begin(&cx, &t));
	late.deadline = hm_mono() + HM_SECOND / 20;
	assert_fault(cli_graph_turn_begin(&late, &t), HM_BUSY, "too many requests");
	t.waiting = 1; /* as many as may wait: nobody else does */
	assert_fault(cli_graph_turn_begin(&cx, &t), HM_BUSY, "too many requests");
	t.waiting = 0;
	cli_graph_turn_end(&t);
	assert_ok(cli_graph_turn_begin(&cx, &t));
	assert_int_equal(t.running, 2);
	cli_graph_turns_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(routes_are_whole_and_distinct),
		cmocka_unit_test(parameters_are_sorted),
		cmocka_unit_test(questions_are_those_of_their_rows),
		cmocka_unit_test(schemas_are_json_and_refer_to_each_other),
		cmocka_unit_test(files_of_the_page_are_whole),
		cmocka_unit_test(turns_are_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
