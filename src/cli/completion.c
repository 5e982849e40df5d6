/* SPDX-License-Identifier: Apache-2.0 */
/* Shell completion, written from the command table. */
#include "cli/parse.h"

#include <stdio.h>

static void words_of(struct hm_buf *b, const struct cli_opt *opts)
{
	for (const struct cli_opt *o = opts; o && o->name; o++)
		hm_buf_fmt(b, " --%s", o->name);
}

/* The formats of a command, with a blank before each. */
static void add_formats(struct hm_buf *b, unsigned formats)
{
	for (const struct cli_format *f = cli_formats; f->name; f++)
		if (formats & f->bit)
			hm_buf_fmt(b, " %s%s", f->name, f->value ? "=" : "");
}

/* For bash: behind which options they stand, and what they are. */
static void add_format_words(struct hm_buf *b, const struct cli_command *c)
{
	hm_buf_addz(b, " before=\"");
	for (const struct cli_opt *o = c->opts; o && o->name; o++) {
		if (o->kind != CLI_FORMATS)
			continue;
		hm_buf_fmt(b, " --%s ", o->name);
		if (o->letter)
			hm_buf_fmt(b, " -%c ", o->letter);
	}
	hm_buf_addz(b, "\" formats=\"");
	add_formats(b, c->formats);
	hm_buf_addz(b, "\"");
}

static void fish_opts(struct hm_buf *b, const char *when, const struct cli_opt *opts,
		      unsigned formats)
{
	for (const struct cli_opt *o = opts; o && o->name; o++) {
		hm_buf_fmt(b, "complete -c hullmark -n '%s' -l %s", when, o->name);
		if (o->letter)
			hm_buf_fmt(b, " -s %c", o->letter);
		/* what takes a value may take a file */
		hm_buf_addz(b, o->kind == CLI_FLAG ? "" : " -r -F");
		if (o->kind == CLI_FORMATS) {
			hm_buf_addz(b, " -a '");
			add_formats(b, formats);
			hm_buf_char(b, '\'');
		}
		hm_buf_addz(b, " -d '");
		for (const char *c = o->help; *c; c++)
			hm_buf_fmt(b, *c == '\'' || *c == '\\' ? "\\%c" : "%c", *c);
		hm_buf_addz(b, "'\n");
	}
}

static void first_words(struct hm_buf *b)
{
	struct hm_str last = { "", 0 };
	for (const struct cli_command *const *c = cli_commands; *c; c++) {
		struct hm_str rest = hm_cstr((*c)->name), word = hm_cut(&rest, ' ');
		if (!hm_eq(word, last))
			hm_buf_fmt(b, " %.*s", HM_FMT(word));
		last = word;
	}
}

/* A case for each command: its flags. */
static void write_bash_commands(struct hm_cx *cx, struct hm_buf *b, bool two)
{
	for (const struct cli_command *const *c = cli_commands; *c; c++) {
		if ((strchr((*c)->name, ' ') != NULL) != two)
			continue;
		hm_buf_fmt(b, "\t\t\"%s\"%s", (*c)->name, two ? "*" : "\\ *");
		if ((*c)->alias)
			hm_buf_fmt(b, " | \"%s\"%s", (*c)->alias, two ? "*" : "\\ *");
		hm_buf_addz(b, ") words=\"");
		words_of(b, cli_opts(cx, *c));
		words_of(b, cli_global_opts);
		hm_buf_char(b, '"');
		if ((*c)->formats)
			add_format_words(b, *c);
		hm_buf_addz(b, " ;;\n");
	}
}

/* A case for each first word that has second ones. */
static void write_bash_second_words(struct hm_buf *b)
{
	struct hm_str open = { "", 0 };
	for (const struct cli_command *const *c = cli_commands; *c; c++) {
		struct hm_str sub = hm_cstr((*c)->name), word = hm_cut(&sub, ' ');
		if (open.n && !hm_eq(open, word))
			hm_buf_addz(b, "\" ;;\n");
		if (sub.n && !hm_eq(open, word))
			hm_buf_fmt(b, "\t\t%.*s) words+=\"", HM_FMT(word));
		open = sub.n ? word : (struct hm_str){ "", 0 };
		if (sub.n)
			hm_buf_fmt(b, " %.*s", HM_FMT(sub));
	}
	if (open.n)
		hm_buf_addz(b, "\" ;;\n");
}

static void write_bash(struct hm_cx *cx, struct hm_buf *b)
{
	hm_buf_addz(
		b,
		"_hullmark() {\n"
		"\tlocal IFS=$' \\t\\n' cur=${COMP_WORDS[COMP_CWORD]} words= before= formats= cmd=\"${COMP_WORDS[1]} ${COMP_WORDS[2]}\"\n"
		"\tif ((COMP_CWORD == 1)); then\n\t\twords=\"");
	first_words(b);
	hm_buf_addz(b, "\"\n\telse\n\t\tcase $cmd in\n");
	write_bash_commands(cx, b, true); /* "cert add" before a pattern "cert *" */
	write_bash_commands(cx, b, false);
	hm_buf_addz(b, "\t\tesac\n\t\t((COMP_CWORD == 2)) && case ${COMP_WORDS[1]} in\n");
	write_bash_second_words(b);
	hm_buf_addz(
		b,
		"\t\tesac\n\tfi\n"
		"\tif [[ $before == *\" ${COMP_WORDS[COMP_CWORD-1]} \"* ]]; then\n"
		"\t\tCOMPREPLY=($(compgen -W \"$formats\" -- \"$cur\"))\n"
		"\telif [[ $cur == -* || $COMP_CWORD -eq 1 || $words != *--* || $COMP_CWORD -eq 2 ]]; then\n"
		"\t\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
		"\telse\n\t\tIFS=$'\\n'\n\t\tCOMPREPLY=($(compgen -f -- \"$cur\"))\n\tfi\n}\n"
		"complete -F _hullmark hullmark\n");
}

static void write_zsh(struct hm_cx *cx, struct hm_buf *b)
{
	hm_buf_addz(b, "#compdef hullmark\nautoload -U bashcompinit && bashcompinit\n");
	write_bash(cx, b);
	/* read as a function of fpath it was asked to complete already */
	hm_buf_addz(b, "[[ ${funcstack[1]} != _hullmark ]] || _bash_complete -F _hullmark\n");
}

/* The sub-commands of a group, with a blank before each. */
static void subs_of(struct hm_str group, struct hm_buf *b)
{
	for (const struct cli_command *const *c = cli_commands; *c; c++) {
		struct hm_str sub = hm_cstr((*c)->name), word = hm_cut(&sub, ' ');
		if (sub.n && hm_eq(word, group))
			hm_buf_fmt(b, " %.*s", HM_FMT(sub));
	}
}

static void fish_sub(struct hm_buf *b, const char *when, struct hm_str group, struct hm_str sub,
		     const char *help)
{
	hm_buf_fmt(b,
		   "complete -c hullmark -n __fish_use_subcommand -a %.*s\n"
		   "complete -c hullmark -f -n '%s; and not __fish_seen_subcommand_from",
		   HM_FMT(group), when);
	subs_of(group, b);
	hm_buf_fmt(b, "' -a '%.*s' -d '%s'\n", HM_FMT(sub), help);
}

static void write_fish(struct hm_cx *cx, struct hm_buf *b)
{
	HM_AUTO_BUF when = HM_BUF(HM_KIB);
	hm_buf_addz(b, "complete -c hullmark -n __fish_use_subcommand -f\n");
	for (const struct cli_command *const *c = cli_commands; *c; c++) {
		struct hm_str sub = hm_cstr((*c)->name), word = hm_cut(&sub, ' ');
		hm_buf_clear(&when);
		hm_buf_fmt(&when, "__fish_seen_subcommand_from %.*s", HM_FMT(word));
		if (sub.n) {
			fish_sub(b, when.p, word, sub, (*c)->help);
			/* "key ls" is known by its second word */
			hm_buf_fmt(&when, "; and __fish_seen_subcommand_from %.*s%s", HM_FMT(sub),
				   (*c)->alias ? strchr((*c)->alias, ' ') : "");
		} else {
			hm_buf_fmt(
				b,
				"complete -c hullmark -n __fish_use_subcommand -a %.*s -d '%s'\n",
				HM_FMT(word), (*c)->help);
			hm_buf_fmt(&when, "%s%s", (*c)->alias ? " " : "",
				   (*c)->alias ? (*c)->alias : "");
		}
		fish_opts(b, when.p, cli_opts(cx, *c), (*c)->formats);
	}
	fish_opts(b, "not __fish_use_subcommand", cli_global_opts, 0);
}

static hm_err completion_run(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
			     size_t args_n)
{
	static const struct {
		const char *name;
		void (*write)(struct hm_cx *cx, struct hm_buf *b);
	} shells[] = { { "bash", write_bash }, { "fish", write_fish }, { "zsh", write_zsh } };
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	(void)cli, (void)opts, (void)args_n;
	for (size_t i = 0; i < HM_LEN(shells); i++) {
		if (strcmp(args[0], shells[i].name) != 0)
			continue;
		shells[i].write(cx, &b);
		return cli_print(cx, hm_buf_str(&b));
	}
	return hm_fail(cx, HM_USAGE, "no completion for \"%s\"; there is bash, fish and zsh",
		       args[0]);
}

extern const struct cli_command cli_completion;
const struct cli_command cli_completion = {
	.name = "completion",
	.group = "Hullmark",
	.args = "bash|fish|zsh",
	.help = "print the completion script of a shell",
	.examples = "  $ source <(hullmark completion bash)",
	.least = 1,
	.most = 1,
	.run = completion_run,
};
