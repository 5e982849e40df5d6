/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/parse.h"

#include <stdio.h>
#include <stdlib.h>

static const struct cli_opt *find_opt(const struct cli_opt *opts, struct hm_str name, char letter)
{
	for (const struct cli_opt *o = opts; o && o->name; o++)
		if (letter ? o->letter == letter : hm_eqz(name, o->name))
			return o;
	return NULL;
}

static int compare_names(const void *a, const void *b)
{
	const struct cli_opt *x = a, *y = b;
	return strcmp(x->name, y->name);
}

const struct cli_opt *cli_opts(struct hm_cx *cx, const struct cli_command *c)
{
	static const struct cli_opt none = { 0 };
	struct cli_opts all = { 0 };
	if (!c->add_opts)
		return c->opts ? c->opts : &none;
	for (const struct cli_opt *o = c->opts; o && o->name; o++)
		*hm_push(cx, &all) = *o;
	c->add_opts(cx, &all);
	qsort(all.p, all.n, sizeof(*all.p), compare_names);
	*hm_push(cx, &all) = none;
	return all.p;
}

struct hm_strs cli_given_of(struct hm_cx *cx, const struct cli *cli, const void *row,
			    const struct cli_opt **out)
{
	struct hm_strs words = { 0 };
	for (size_t i = 0; i < cli->given.n; i++) {
		const struct cli_given *g = &cli->given.p[i];
		if (g->opt->of != row)
			continue;
		*out = g->opt;
		*hm_push(cx, &words) = g->value ? hm_cstr(g->value) : HM_STR("true");
	}
	return words;
}

struct parse {
	struct hm_cx *cx;
	struct cli_words *words;
	const struct cli_command *command;
	const struct cli_opt *rows; /* its options */
	void *opts;
	struct cli *cli;
	struct hm_strs *args;
};

/* For the commands that messages name. */
static void note_given(struct parse *p, const struct cli_opt *o, const char *value)
{
	bool is_list = o->kind == CLI_LIST || o->kind == CLI_FORMATS;
	for (size_t i = 0; i < p->cli->given.n && !is_list; i++)
		if (p->cli->given.p[i].opt == o) {
			p->cli->given.p[i].value = value;
			return;
		}
	*hm_push(p->cx, &p->cli->given) = (struct cli_given){ o, value };
}

hm_err cli_set_opt(struct hm_cx *cx, const struct cli_opt *o, void *base, const char *value)
{
	void *at = (char *)base + o->at;
	switch (o->kind) {
	case CLI_FLAG:
		*(bool *)at = true;
		break;
	case CLI_TEXT:
		*(const char **)at = value;
		break;
	case CLI_LIST:
	case CLI_FORMATS: {
		struct hm_strs *list = at;
		*hm_push(cx, list) = hm_cstr(value);
		break;
	}
	case CLI_NUMBER:
		if (!hm_u64(hm_cstr(value), UINT64_MAX, (uint64_t *)at))
			return hm_fail(cx, HM_USAGE, "--%s needs a number, not \"%s\"", o->name,
				       value);
		break;
	}
	return NULL;
}

static hm_err take_opt(struct parse *p, const struct cli_opt *o, void *base, const char *value)
{
	note_given(p, o, o->kind == CLI_FLAG ? NULL : value);
	return o->of ? NULL : cli_set_opt(p->cx, o, base, value);
}

/* --flag=false, as notation and oras take it: as if it had not been given before. */
static hm_err unset_flag(struct parse *p, const struct cli_opt *o, void *base)
{
	size_t kept = 0;
	if (!o->of)
		*(bool *)((char *)base + o->at) = false;
	for (size_t i = 0; i < p->cli->given.n; i++)
		if (p->cli->given.p[i].opt != o)
			p->cli->given.p[kept++] = p->cli->given.p[i];
	p->cli->given.n = kept;
	return NULL;
}

static hm_err next_value(struct parse *p, const struct cli_opt *o, const char **out)
{
	if (p->words->n == 0)
		return hm_fail(p->cx, HM_USAGE, "--%s needs a value: %s", o->name, o->arg);
	*out = p->words->p[0];
	p->words->p++;
	p->words->n--;
	return NULL;
}

/* The option in the command's table, else in the one that holds everywhere. */
static const struct cli_opt *look_up(struct parse *p, struct hm_str name, char letter,
				     void **out_base)
{
	const struct cli_opt *o = find_opt(p->rows, name, letter);
	*out_base = o ? p->opts : p->cli;
	return o ? o : find_opt(cli_global_opts, name, letter);
}

static hm_err refuse_option(struct parse *p, struct hm_str word)
{
	if (hm_eqz(word, "--template") || hm_starts(word, HM_STR("--template=")))
		return cli_no_template(p->cx);
	hm_err err = hm_fail(p->cx, HM_USAGE, "unknown option \"%.*s\"", HM_FMT(word));
	if (!p->command)
		return hm_hint(p->cx, err, "hullmark --help lists the commands");
	return hm_hint(p->cx, err, "hullmark %s --help lists the options", p->command->name);
}

static hm_err long_option(struct parse *p, const char *word)
{
	void *base;
	const char *value = NULL;
	struct hm_str rest = hm_from(hm_cstr(word), 2), name = hm_cut(&rest, '=');
	bool has_value = strchr(word, '=') != NULL;
	const struct cli_opt *o = look_up(p, name, 0, &base);
	if (!o)
		return refuse_option(p, hm_cstr(word));
	if (o->kind == CLI_FLAG && has_value && hm_eqz(rest, "false"))
		return unset_flag(p, o, base);
	if (o->kind == CLI_FLAG && has_value && !hm_eqz(rest, "true"))
		return hm_fail(p->cx, HM_USAGE, "--%s takes only true or false as its value",
			       o->name);
	if (o->kind != CLI_FLAG && has_value)
		value = rest.p;
	else if (o->kind != CLI_FLAG)
		HM_TRY(next_value(p, o, &value));
	return take_opt(p, o, base, value);
}

static hm_err short_options(struct parse *p, const char *word)
{
	for (const char *c = word + 1; *c; c++) {
		void *base;
		const char *value = NULL;
		const struct cli_opt *o = look_up(p, (struct hm_str){ 0 }, *c, &base);
		if (!o)
			return refuse_option(p, hm_fmt(p->cx, "-%c", *c));
		bool takes = o->kind != CLI_FLAG;
		if (takes && c[1])
			value = c + 1;
		else if (takes)
			HM_TRY(next_value(p, o, &value));
		HM_TRY(take_opt(p, o, base, value));
		if (takes)
			break;
	}
	return NULL;
}

hm_err cli_parse(struct hm_cx *cx, struct cli *cli, const struct cli_command *command,
		 struct cli_words words, void *opts, struct hm_strs *out_args)
{
	const struct cli_opt *rows = command ? cli_opts(cx, command) : NULL;
	struct parse p = { cx, &words, command, rows, opts, cli, out_args };
	bool only_args = false;
	while (words.n) {
		const char *word = words.p[0];
		words.p++;
		words.n--;
		if (only_args || word[0] != '-' || word[1] == '\0' || word[1] == ':') /* "-:TYPE" */
			*hm_push(cx, out_args) = hm_cstr(word);
		else if (strcmp(word, "--") == 0)
			only_args = true;
		else if (word[1] == '-')
			HM_TRY(long_option(&p, word));
		else
			HM_TRY(short_options(&p, word));
	}
	return NULL;
}

const char *cli_word(struct cli_words words, size_t i)
{
	if (i == 0 && strcmp(words.p[0], "certificate") == 0)
		return "cert";
	if (i == 1 && strcmp(words.p[0], "plugin") == 0 && strcmp(words.p[1], "rm") == 0)
		return "remove";
	return words.p[i];
}

/* Are the first `used` words that name? */
static bool is_called(const char *name, struct cli_words words, size_t used)
{
	struct hm_str rest = hm_cstr(name);
	for (size_t i = 0; i < used; i++)
		if (!rest.n || !hm_eqz(hm_cut(&rest, ' '), cli_word(words, i)))
			return false;
	return !rest.n;
}

const struct cli_command *cli_find(struct cli_words words, size_t *out_used)
{
	for (size_t used = words.n < CLI_NAME_WORDS ? words.n : CLI_NAME_WORDS; used > 0; used--)
		for (const struct cli_command *const *c = cli_commands; *c; c++) {
			const char *alias = (*c)->alias ? (*c)->alias : (*c)->name;
			if (!is_called((*c)->name, words, used) && !is_called(alias, words, used))
				continue;
			*out_used = used;
			return *c;
		}
	return NULL;
}
