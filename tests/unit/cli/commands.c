/* SPDX-License-Identifier: Apache-2.0 */
/* The table of commands is walked: complete, unique, sorted, documented. */
#include "cli/parse.h"

#include "unit.h"

static const char *const groups[] = { "Evidence", "Trust", "Shipping", "Serving",
				      "Graph",    "Data",  "Hullmark" };

static void commands_are_sorted_and_complete(void **state)
{
	(void)state;
	for (const struct cli_command *const *c = cli_commands; *c; c++) {
		bool known = false;
		assert_non_null((*c)->name);
		assert_non_null((*c)->run);
		assert_non_null((*c)->help);
		assert_true((*c)->help[0] != '\0' && (*c)->help[strlen((*c)->help) - 1] != '.');
		for (size_t i = 0; i < HM_LEN(groups); i++)
			known = known || strcmp(groups[i], (*c)->group) == 0;
		if (!known)
			fail_msg("%s: unknown group %s", (*c)->name, (*c)->group);
		assert_true((*c)->least <= (*c)->most);
		if ((*c)->most && !(*c)->args)
			fail_msg("%s takes arguments but does not name them", (*c)->name);
		if (c[1] && strcmp((*c)->name, c[1]->name) >= 0)
			fail_msg("%s stands before %s", (*c)->name, c[1]->name);
	}
}

static void options_are_sorted_unique_and_described(void **state)
{
	(void)state;
	for (const struct cli_command *const *c = cli_commands; *c; c++) {
		HM_AUTO_CX cx = HM_CX(HM_MIB);
		const struct cli_opt *opts = cli_opts(&cx, *c);
		for (const struct cli_opt *o = opts; o->name; o++) {
			if (o[1].name && strcmp(o->name, o[1].name) >= 0)
				fail_msg("%s: --%s stands before --%s", (*c)->name, o->name,
					 o[1].name);
			if (!o->help || !o->help[0] || (o->kind == CLI_FLAG) != (o->arg == NULL))
				fail_msg("%s: --%s lacks its help or the name of its value",
					 (*c)->name, o->name);
			if (o->help && strchr(o->help, '\n'))
				fail_msg("%s: the help of --%s is not one line", (*c)->name,
					 o->name);
			if (o->kind == CLI_FORMATS && !(*c)->formats)
				fail_msg("%s: --%s has no formats", (*c)->name, o->name);
			if (!o->of && o->at >= (*c)->opts_size)
				fail_msg("%s: --%s lies outside of its struct", (*c)->name,
					 o->name);
			for (const struct cli_opt *p = opts; p < o; p++)
				if (o->letter && p->letter == o->letter)
					fail_msg("%s: -%c stands twice", (*c)->name, o->letter);
		}
	}
}

/* Each command has them too: no option of a command may mean something else. */
static void global_options_are_sorted_described_and_nobody_elses(void **state)
{
	(void)state;
	for (const struct cli_opt *g = cli_global_opts; g->name; g++) {
		if (g[1].name && strcmp(g->name, g[1].name) >= 0)
			fail_msg("--%s stands before --%s", g->name, g[1].name);
		assert_true(g->help && g->help[0]);
		assert_int_equal(g->kind == CLI_FLAG, g->arg == NULL);
		for (const struct cli_command *const *c = cli_commands; *c; c++) {
			HM_AUTO_CX cx = HM_CX(HM_MIB);
			for (const struct cli_opt *o = cli_opts(&cx, *c); o->name; o++)
				if (strcmp(o->name, g->name) == 0 ||
				    (o->letter && o->letter == g->letter))
					fail_msg("%s: --%s is everybody's", (*c)->name, o->name);
		}
	}
}

/* Each has a manual page, and a name that no command has. */
static void topics_have_pages(void **state)
{
	(void)state;
	for (const struct cli_topic *t = cli_topics; t->name; t++) {
		HM_AUTO_BUF b = HM_BUF(HM_MIB);
		cli_manual_topic(t, &b);
		assert_non_null(strstr(hm_buf_str(&b).p, "\" 7 \""));
		assert_true(t->help[0] && strlen(t->text) > 100);
		for (const struct cli_command *const *c = cli_commands; *c; c++)
			assert_string_not_equal((*c)->name, t->name);
	}
}

int main(void)
{
	UNIT(commands_are_sorted_and_complete);
	UNIT(options_are_sorted_unique_and_described);
	UNIT(global_options_are_sorted_described_and_nobody_elses);
	UNIT(topics_have_pages);
	return unit_run("cli/commands");
}
