/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/remedy.h"

#include "cli/parse.h"

/* clang-format off */
/* A row is for a command, or for all that begin with its word; the first that fits counts. */
static const struct {
	const char *name;
	unsigned needs;
} commands[] = {
	{ "admit",      REMEDY_REGISTRY | REMEDY_CONFIG },
	{ "attach",     REMEDY_REGISTRY },
	{ "attest",     REMEDY_REGISTRY | REMEDY_CONFIG },
	{ "blob",       REMEDY_CONFIG },
	{ "cert",       REMEDY_CONFIG },
	{ "completion", 0 },
	{ "copy",       REMEDY_REGISTRY },
	{ "db import",  0 },
	{ "db status",  0 },
	{ "db update",  REMEDY_REGISTRY },
	{ "discover",   REMEDY_REGISTRY },
	{ "graph",      REMEDY_REGISTRY },
	{ "inspect",    REMEDY_REGISTRY },
	{ "key",        REMEDY_CONFIG },
	{ "list",       REMEDY_REGISTRY },
	{ "login",      REMEDY_REGISTRY },
	{ "logout",     REMEDY_CREDENTIALS },
	{ "manifest",   REMEDY_REGISTRY },
	{ "manual",     0 },
	{ "patch",      REMEDY_REGISTRY },
	{ "plugin",     REMEDY_CONFIG },
	{ "policy",     REMEDY_CONFIG },
	{ "pull",       REMEDY_REGISTRY },
	{ "push",       REMEDY_REGISTRY },
	{ "release",    REMEDY_REGISTRY | REMEDY_CONFIG },
	{ "repair",     REMEDY_REGISTRY | REMEDY_CONFIG },
	{ "repo",       REMEDY_REGISTRY },
	{ "resolve",    REMEDY_REGISTRY },
	{ "sbom",       REMEDY_REGISTRY },
	{ "scan",       REMEDY_REGISTRY | REMEDY_CONFIG },
	{ "serve",      REMEDY_REGISTRY | REMEDY_CONFIG },
	{ "sign-bundle", REMEDY_CONFIG },
	{ "sign",       REMEDY_REGISTRY | REMEDY_CONFIG },
	{ "tag",        REMEDY_REGISTRY },
	{ "trust-root", REMEDY_CONFIG },
	{ "verify",     REMEDY_REGISTRY | REMEDY_CONFIG },
	{ "verify-bundle", 0 },
	{ "version",    0 },
	{ "vex merge",  0 },
	{ "vex",        REMEDY_REGISTRY | REMEDY_CONFIG },
};

/* Flags that go on to the next command: those that hold everywhere by what they are about, those of
 * a command to whichever has them, too. */
static const struct {
	const char *name;
	unsigned about;
} carried[] = {
	{ "ca-file",    REMEDY_REGISTRY },
	{ "cert-file",  REMEDY_REGISTRY },
	{ "config-dir", REMEDY_CONFIG },
	{ "data-dir",   0 },
	{ "database",   0 },
	{ "db",         0 },
	{ "insecure",   REMEDY_REGISTRY },
	{ "insecure-registry", REMEDY_REGISTRY },
	{ "key-file",   REMEDY_REGISTRY },
	{ "plain-http", REMEDY_REGISTRY },
	{ "registry-config", REMEDY_CREDENTIALS },
	{ "resolve",    REMEDY_REGISTRY },
	{ "server",     0 },
	{ "token-file", 0 },
};
/* clang-format on */

bool cli_remedy_needs(const struct cli_command *c, unsigned *out)
{
	for (size_t i = 0; i < HM_LEN(commands); i++) {
		struct hm_str name = hm_cstr(c->name), row = hm_cstr(commands[i].name);
		if (!hm_starts(name, row) || (name.n > row.n && name.p[row.n] != ' '))
			continue;
		/* credentials are for registries */
		*out = commands[i].needs & REMEDY_REGISTRY ? commands[i].needs | REMEDY_CREDENTIALS
							   : commands[i].needs;
		return true;
	}
	return false;
}

/* A command that is told to run: `args` stand behind its name. */
struct told {
	const struct cli_command *c;
	const struct cli_opt *opts; /* its options */
	unsigned needs;
	struct hm_str args;
};

static bool has_option(const struct told *t, const char *name)
{
	for (const struct cli_opt *o = t->opts; o->name; o++)
		if (strcmp(o->name, name) == 0)
			return true;
	return false;
}

/* Does it need what was given under this name? */
static bool is_needed(const struct told *t, const char *name)
{
	for (size_t i = 0; i < HM_LEN(carried); i++)
		if (strcmp(carried[i].name, name) == 0)
			return carried[i].about ? (carried[i].about & t->needs) != 0
						: has_option(t, name);
	return false;
}

/* Is it about the same registry as argument `i` of this command? */
static bool is_about(const struct told *t, const struct cli *cli, size_t i)
{
	struct hm_str args = t->args, word = hm_cut(&args, ' '), mine;
	struct hm_str host = hm_cut(&word, '/');
	if (i >= cli->args.n)
		return false;
	mine = cli->args.p[i];
	return hm_eq(hm_cut(&mine, '/'), host);
}

/* The flag's name there; NULL: it is not needed. What copy says about one of its ends is said about
 * a registry that another command has alone. */
static const char *name_there(const struct told *t, const struct cli *cli, const char *name)
{
	static const char *const ends[] = { "from-", "to-" };
	for (size_t i = 0; i < HM_LEN(ends); i++)
		if (hm_starts(hm_cstr(name), hm_cstr(ends[i])) && !has_option(t, name))
			return is_about(t, cli, i) && is_needed(t, name + strlen(ends[i]))
				       ? name + strlen(ends[i])
				       : NULL;
	return is_needed(t, name) ? name : NULL;
}

/* Where the command ends that `s` begins with; quotes are hm_shell_word()'s. */
static size_t end_of(struct hm_str s)
{
	static const char *const ends[] = { ", ", "; ", " (", ")", "\"" };
	bool quoted = false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\' && !quoted) { /* "\'", between two quoted parts */
			i++;
			continue;
		}
		quoted = quoted != (s.p[i] == '\'');
		for (size_t k = 0; k < HM_LEN(ends) && !quoted; k++)
			if (hm_starts(hm_from(s, i), hm_cstr(ends[k])))
				return i;
	}
	return s.n;
}

static bool read_command(struct hm_cx *cx, struct hm_str text, struct told *out)
{
	char *words[CLI_NAME_WORDS] = { NULL };
	size_t n = 0, used = 0;
	for (struct hm_str rest = text; rest.n && n < HM_LEN(words);)
		words[n++] = hm_dupz(cx, hm_cut(&rest, ' '));
	out->c = cli_find((struct cli_words){ words, n }, &used);
	out->opts = out->c ? cli_opts(cx, out->c) : NULL;
	out->args = text;
	for (size_t i = 0; i < used; i++)
		hm_cut(&out->args, ' ');
	return out->c && !hm_starts(out->args, HM_STR("--help")) &&
	       cli_remedy_needs(out->c, &out->needs);
}

static void add_flags(struct hm_cx *cx, const struct cli *cli, struct hm_str text, struct hm_buf *b)
{
	struct told told;
	if (!read_command(cx, text, &told))
		return;
	for (size_t i = 0; i < cli->given.n; i++) {
		const struct cli_given *g = &cli->given.p[i];
		const char *name = name_there(&told, cli, g->opt->name);
		if (!name)
			continue;
		hm_buf_fmt(b, " --%s", name);
		if (g->opt->kind == CLI_FLAG)
			continue;
		hm_buf_char(b, ' ');
		hm_buf_add(b, hm_shell_word(cx, hm_cstr(g->value)));
	}
}

struct hm_str cli_remedy(struct hm_cx *cx, const struct cli *cli, struct hm_str sentence)
{
	static const struct hm_str program = HM_STR_INIT("hullmark ");
	HM_AUTO_BUF b = HM_BUF(4 * HM_MIB);
	while (sentence.n) {
		size_t at = hm_find(sentence, program);
		if (at == SIZE_MAX)
			break;
		at += program.n;
		hm_buf_add(&b, hm_sub(sentence, 0, at));
		sentence = hm_from(sentence, at);
		size_t end = end_of(sentence);
		hm_buf_add(&b, hm_sub(sentence, 0, end));
		add_flags(cx, cli, hm_sub(sentence, 0, end), &b);
		sentence = hm_from(sentence, end);
	}
	hm_buf_add(&b, sentence);
	return hm_dup(cx, hm_buf_str(&b));
}
