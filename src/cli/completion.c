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

/* A name's first `n` words, and the one behind them; false: it has no more. */
static bool split_name(const char *name, size_t n, struct hm_str *out_lead, struct hm_str *out_next)
{
	struct hm_str whole = hm_cstr(name), rest = whole;
	for (size_t i = 0; i < n; i++)
		hm_cut(&rest, ' ');
	*out_lead = hm_sub(whole, 0, whole.n - rest.n);
	if (n && rest.n)
		out_lead->n--; /* the blank */
	*out_next = hm_cut(&rest, ' ');
	return out_next->n > 0;
}

static size_t count_words(const char *name)
{
	struct hm_str lead, next;
	size_t n = 0;
	while (split_name(name, n, &lead, &next))
		n++;
	return n;
}

/* A case for each command of so many words: its flags. */
static void write_bash_commands(struct hm_cx *cx, struct hm_buf *b, size_t words)
{
	const char *end = words == 1 ? "\\ *" : "*";
	for (const struct cli_command *const *c = cli_commands; *c; c++) {
		if (count_words((*c)->name) != words)
			continue;
		hm_buf_fmt(b, "\t\t\"%s\"%s", (*c)->name, end);
		if ((*c)->alias)
			hm_buf_fmt(b, " | \"%s\"%s", (*c)->alias, end);
		hm_buf_addz(b, ") words=\"");
		words_of(b, cli_opts(cx, *c));
		words_of(b, cli_global_opts);
		hm_buf_char(b, '"');
		if ((*c)->formats)
			add_format_words(b, *c);
		hm_buf_addz(b, " ;;\n");
	}
}

/* A case for each group of `n` words: the words that may follow. */
static void write_bash_next_words(struct hm_buf *b, size_t n)
{
	struct hm_str open = { "", 0 }, last = open, lead, next;
	for (const struct cli_command *const *c = cli_commands; *c; c++) {
		bool is_in = split_name((*c)->name, n, &lead, &next);
		if (open.n && (!is_in || !hm_eq(open, lead))) {
			hm_buf_addz(b, "\" ;;\n");
			open = last = (struct hm_str){ "", 0 };
		}
		if (!is_in)
			continue;
		if (!open.n)
			hm_buf_fmt(b, "\t\t\"%.*s\") words+=\"", HM_FMT(lead));
		if (!hm_eq(last, next))
			hm_buf_fmt(b, " %.*s", HM_FMT(next));
		open = lead;
		last = next;
	}
	if (open.n)
		hm_buf_addz(b, "\" ;;\n");
}

static void write_bash(struct hm_cx *cx, struct hm_buf *b)
{
	hm_buf_addz(
		b,
		"_hullmark() {\n"
		"\tlocal IFS=$' \\t\\n' cur=${COMP_WORDS[COMP_CWORD]} words= before= formats= cmd=\"${COMP_WORDS[*]:1:3}\"\n"
		"\tif ((COMP_CWORD == 1)); then\n\t\twords=\"");
	first_words(b);
	hm_buf_addz(b, "\"\n\telse\n\t\tcase \"$cmd \" in\n");
	for (size_t n = CLI_NAME_WORDS; n > 0; n--) /* "cert add" before a pattern "cert *" */
		write_bash_commands(cx, b, n);
	hm_buf_addz(b, "\t\tesac\n\t\tcase \"${COMP_WORDS[*]:1:$((COMP_CWORD - 1))}\" in\n");
	for (size_t n = 1; n < CLI_NAME_WORDS; n++)
		write_bash_next_words(b, n);
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

/* The words that may follow a group of `n`, with a blank before each. */
static void next_words(struct hm_str group, size_t n, struct hm_buf *b)
{
	struct hm_str last = { "", 0 }, lead, next;
	for (const struct cli_command *const *c = cli_commands; *c; c++) {
		if (!split_name((*c)->name, n, &lead, &next) || !hm_eq(lead, group))
			continue;
		if (!hm_eq(last, next))
			hm_buf_fmt(b, " %.*s", HM_FMT(next));
		last = next;
	}
}

/* That the line has these words. */
static void fish_has(struct hm_buf *b, struct hm_str words)
{
	const char *before = "";
	while (words.n) {
		struct hm_str word = hm_cut(&words, ' ');
		hm_buf_fmt(b, "%s__fish_seen_subcommand_from %.*s", before, HM_FMT(word));
		before = "; and ";
	}
}

/* Word by word, each where those before it are there. */
static void fish_words(struct hm_buf *b, const struct cli_command *c)
{
	struct hm_str lead, next;
	for (size_t n = 0; split_name(c->name, n, &lead, &next); n++) {
		hm_buf_addz(b, "complete -c hullmark -n ");
		if (n) {
			hm_buf_addz(b, "'");
			fish_has(b, lead);
			hm_buf_addz(b, "; and not __fish_seen_subcommand_from");
			next_words(lead, n, b);
			hm_buf_addz(b, "' -f");
		} else {
			hm_buf_addz(b, "__fish_use_subcommand");
		}
		hm_buf_fmt(b, " -a %.*s", HM_FMT(next));
		if (lead.n + (n > 0) + next.n == strlen(c->name))
			hm_buf_fmt(b, " -d '%s'", c->help);
		hm_buf_char(b, '\n');
	}
}

static void write_fish(struct hm_cx *cx, struct hm_buf *b)
{
	HM_AUTO_BUF when = HM_BUF(HM_KIB);
	hm_buf_addz(b, "complete -c hullmark -n __fish_use_subcommand -f\n");
	for (const struct cli_command *const *c = cli_commands; *c; c++) {
		fish_words(b, *c);
		hm_buf_clear(&when);
		fish_has(&when, hm_cstr((*c)->name));
		if ((*c)->alias) { /* "key ls" is known by its last word */
			struct hm_str alias = hm_cstr((*c)->alias);
			size_t blank = hm_rfind_char(alias, ' ');
			hm_buf_fmt(&when, " %.*s",
				   HM_FMT(hm_from(alias, blank == SIZE_MAX ? 0 : blank + 1)));
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
