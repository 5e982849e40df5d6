/* SPDX-License-Identifier: Apache-2.0 */
/* The table of output formats is walked: each is known, wanted by somebody, and told of. */
#include "cli/parse.h"
#include "inventory/inventory.h"

#include "unit.h"

static void formats_are_distinct_and_in_order(void **state)
{
	(void)state;
	unsigned seen = 0;
	for (const struct cli_format *f = cli_formats; f->name; f++) {
		assert_true(f->help && f->help[0] && f->help[strlen(f->help) - 1] != '.');
		assert_true(f->extension && f->extension[0] == '.');
		assert_int_equal(f->bit & (f->bit - 1), 0);
		if ((unsigned)f->bit <= seen)
			fail_msg("%s: not in the order of the bits", f->name);
		seen |= f->bit;
		for (const struct cli_format *g = cli_formats; g < f; g++)
			assert_string_not_equal(f->name, g->name);
	}
	for (const struct cli_command *const *c = cli_commands; *c; c++)
		if ((*c)->formats & ~seen)
			fail_msg("%s has a format that is in no row", (*c)->name);
}

/* What is attached is called as what is printed. */
static void documents_have_the_media_types_of_the_inventory(void **state)
{
	(void)state;
	for (const struct inventory_format *i = inventory_formats; i->name; i++) {
		const struct cli_format *f = cli_formats;
		while (f->name && strcmp(f->name, i->name) != 0)
			f++;
		assert_non_null(f->name);
		assert_string_equal(f->media_type, i->media_type);
	}
}

static bool has(const struct cli_command *c, enum cli_kind kind)
{
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	for (const struct cli_opt *o = cli_opts(&cx, c); o->name; o++)
		if (o->kind == kind)
			return true;
	return false;
}

static void each_format_is_had_and_told_of(void **state)
{
	(void)state;
	HM_AUTO_BUF manual = HM_BUF(HM_MIB);
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	cli_manual(&cx, NULL, &manual);
	for (const struct cli_format *f = cli_formats; f->name; f++) {
		size_t commands = 0;
		for (const struct cli_command *const *c = cli_commands; *c; c++) {
			HM_AUTO_BUF help = HM_BUF(HM_MIB);
			if (!((*c)->formats & f->bit))
				continue;
			commands++;
			cli_help(&cx, *c, &help);
			if (has(*c, CLI_FORMATS) &&
			    hm_find(hm_buf_str(&help), hm_cstr(f->name)) == SIZE_MAX)
				fail_msg("%s --help has no %s", (*c)->name, f->name);
		}
		if (!commands)
			fail_msg("no command has the format %s", f->name);
		if (f->media_type &&
		    hm_find(hm_buf_str(&manual), hm_cstr(f->extension)) == SIZE_MAX)
			fail_msg("the manual has no %s", f->name);
	}
}

/* A program that reads JSON, and one that reads YAML, are served by the same commands. */
static void whoever_has_json_has_yaml(void **state)
{
	(void)state;
	for (const struct cli_command *const *c = cli_commands; *c; c++) {
		bool json = (*c)->formats & CLI_AS_JSON, yaml = (*c)->formats & CLI_AS_YAML;
		if (json != yaml)
			fail_msg("%s has one of JSON and YAML", (*c)->name);
	}
}

int main(void)
{
	UNIT(formats_are_distinct_and_in_order);
	UNIT(documents_have_the_media_types_of_the_inventory);
	UNIT(each_format_is_had_and_told_of);
	UNIT(whoever_has_json_has_yaml);
	return unit_run("cli/formats");
}
