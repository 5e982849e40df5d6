/* SPDX-License-Identifier: Apache-2.0 */
/* Commands in messages carry the flags that were given and that they need. */
#include "cli/remedy.h"

#include "cli/parse.h"
#include "unit.h"

static const struct remedy_case {
	const char *label;
	const char *words[9]; /* the command line that was wrong */
	const char *sentence, *wanted;
} cases[] = {
	{ "none given",
	  { "resolve", "h/r:1" },
	  "hullmark repo tags h/r",
	  "hullmark repo tags h/r" },
	{ "how the registry is reached",
	  { "resolve", "h/r:1", "--plain-http", "--ca-file=/a b" },
	  "hullmark repo tags h/r (lists what there is)",
	  "hullmark repo tags h/r --plain-http --ca-file '/a b' (lists what there is)" },
	{ "in front of the command, too",
	  { "--insecure", "resolve", "h/r:1" },
	  "run: hullmark login h",
	  "run: hullmark login h --insecure" },
	{ "where the configuration is, and not how a registry is reached",
	  { "sign", "h/r:1", "--config-dir", "it's", "--plain-http" },
	  "see \"hullmark key list\"; \"hullmark key add\" and more",
	  "see \"hullmark key list --config-dir 'it'\\''s'\"; "
	  "\"hullmark key add --config-dir 'it'\\''s'\" and more" },
	{ "not to whom it is nothing",
	  { "scan", "h/r:1", "--config-dir", "c", "--db", "d" },
	  "hullmark db update h/r:1, or hullmark db import PATH... (files)",
	  "hullmark db update h/r:1 --db d, or hullmark db import PATH... --db d (files)" },
	{ "no secret",
	  { "resolve", "h/r", "-u", "ann", "-p", "secret", "--plain-http" },
	  "run: hullmark login h",
	  "run: hullmark login h --plain-http" },
	{ "the last of two",
	  { "resolve", "h/r", "--ca-file", "a", "--ca-file", "b" },
	  "run: hullmark login h",
	  "run: hullmark login h --ca-file b" },
	{ "help needs nothing",
	  { "key", "list", "--config-dir", "c" },
	  "hullmark key list --help lists the options",
	  "hullmark key list --help lists the options" },
	{ "no command",
	  { "key", "list", "--config-dir", "c" },
	  "hullmark is it",
	  "hullmark is it" },
	{ "what is in quotes is one word",
	  { "scan", "x", "--db", "d" },
	  "hullmark db update 'oci:a, (b)', and",
	  "hullmark db update 'oci:a, (b)' --db d, and" },
	{ "with a quote in it, too",
	  { "scan", "x", "--db", "d" },
	  "hullmark db update 'it'\\''s (b), c' (now)",
	  "hullmark db update 'it'\\''s (b), c' --db d (now)" },
	{ "of two ends the source",
	  { "copy", "a:1/x", "b:2/y", "--from-plain-http" },
	  "run: hullmark login a:1",
	  "run: hullmark login a:1 --plain-http" },
	{ "and not the destination",
	  { "copy", "a:1/x", "b:2/y", "--from-plain-http" },
	  "run: hullmark login b:2",
	  "run: hullmark login b:2" },
	{ "which has its own",
	  { "copy", "a:1/x", "b:2/y", "--to-plain-http" },
	  "hullmark repo tags b:2/y (lists what there is)",
	  "hullmark repo tags b:2/y --plain-http (lists what there is)" },
};

static void remedies(void **state)
{
	const struct remedy_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct cli cli = { 0 };
	char *words[9];
	size_t n = 0, used = 0;
	for (size_t i = 0; i < HM_LEN(words) && t->words[i]; i++)
		words[n++] = hm_dupz(&cx, hm_cstr(t->words[i]));
	struct cli_words all = cli_command_first(&cx, (struct cli_words){ words, n });
	const struct cli_command *c = cli_find(all, &used);
	assert_non_null(c);
	void *opts = hm_alloc(&cx, 1, c->opts_size + 1, _Alignof(max_align_t));
	all.p += used;
	all.n -= used;
	assert_ok(cli_parse(&cx, &cli, c, all, opts, &cli.args));
	assert_strz(cli_remedy(&cx, &cli, hm_cstr(t->sentence)), t->wanted);
}

static void every_command_says_what_it_needs(void **state)
{
	(void)state;
	for (const struct cli_command *const *c = cli_commands; *c; c++) {
		unsigned needs;
		if (!cli_remedy_needs(*c, &needs))
			fail_msg("%s: no row says which flags go on to it", (*c)->name);
	}
}

int main(void)
{
	UNIT_TABLE(remedies, cases);
	UNIT(every_command_says_what_it_needs);
	return unit_run("cli/remedy");
}
