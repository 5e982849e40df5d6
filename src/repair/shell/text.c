/* SPDX-License-Identifier: Apache-2.0 */
/* Commands that read texts. What they make of a text is not known, but where there was none. */
#include <regex.h>

#include "crypto/crypto.h"
#include "repair/shell/shell.h"

static const char bytecode[] = "__pycache__";

bool repair_shell_bytecode(const struct shell_args *a)
{
	for (size_t i = 1; i < a->n; i++)
		if (!a->p[i].know && hm_find(a->p[i].s, hm_cstr(bytecode)) != SIZE_MAX)
			return true;
	return false;
}

/* Files on the command line, behind the first `skip` words that are no options, or the input. */
static hm_err get_input(struct shell *sh, const struct shell_args *a, size_t skip,
			struct shell_text *out, bool *out_absent)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_SCRIPT);
	size_t files = 0;
	*out = sh->in ? *sh->in : (struct shell_text){ HM_STR(""), SHELL_UNKNOWN };
	*out_absent = false;
	for (size_t i = 1; i < a->n; i++) {
		const struct repair_node *n;
		bool sure;
		if (!a->p[i].know && a->p[i].s.n > 1 && a->p[i].s.p[0] == '-')
			continue;
		if (skip) {
			skip--;
			continue;
		}
		files++;
		HM_TRY(repair_shell_find(sh, a->p[i].know ? HM_STR("") : a->p[i].s, true, &n,
					 &sure));
		if (!sure || (n && (n->type != TAR_FILE || !n->is_kept))) {
			*out = (struct shell_text){ HM_STR(""), SHELL_UNKNOWN };
			return NULL;
		}
		*out_absent = *out_absent || !n;
		hm_buf_add(&b, n ? n->content : HM_STR(""));
	}
	if (!files)
		return NULL;
	out->know = SHELL_KNOWN;
	HM_TRY(hm_buf_end(sh->cx, &b, "files of the image", &out->s));
	out->s = hm_dup(sh->cx, out->s);
	return NULL;
}

static hm_err run_cat(struct shell *sh, const struct shell_args *a)
{
	struct shell_text in;
	bool absent;
	HM_TRY(get_input(sh, a, 0, &in, &absent));
	repair_shell_print(sh, in);
	sh->status = absent;
	return NULL;
}

/* sed, tr, cut, sort, ...: nothing becomes nothing, or what nobody here knows. */
hm_err repair_shell_filter(struct shell *sh, const struct shell_args *a)
{
	struct shell_text in;
	bool absent, none = hm_eqz(a->p[0].s, "tr") || hm_eqz(a->p[0].s, "sort") ||
			    hm_eqz(a->p[0].s, "uniq") || hm_eqz(a->p[0].s, "tac");
	for (size_t i = 1; i < a->n; i++)
		if (hm_starts(repair_shell_arg(a, i), HM_STR("-i"))) {
			repair_shell_give_up(sh, "\"%.*s -i\"", HM_FMT(a->p[0].s));
			return NULL;
		}
	if (none)
		in = sh->in ? *sh->in : (struct shell_text){ HM_STR(""), SHELL_UNKNOWN };
	else
		HM_TRY(get_input(sh, a, 1, &in, &absent));
	if (in.s.n || in.know)
		in = (struct shell_text){ HM_STR(""),
					  in.know == SHELL_BYTECODE || repair_shell_bytecode(a)
						  ? SHELL_BYTECODE
						  : SHELL_UNKNOWN };
	repair_shell_print(sh, in);
	sh->status = in.know ? SHELL_MAYBE : 0;
	return NULL;
}

/* "cut -f N -d C" of what is known. */
static hm_err run_cut(struct shell *sh, const struct shell_args *a)
{
	struct hm_str field = HM_STR(""), by = HM_STR("\t");
	uint64_t n;
	for (size_t i = 1; i < a->n; i++) {
		struct hm_str s = repair_shell_arg(a, i);
		struct hm_str value = s.n > 2 ? hm_from(s, 2) : repair_shell_arg(a, i + 1);
		if (hm_starts(s, HM_STR("-f")))
			field = value;
		else if (hm_starts(s, HM_STR("-d")))
			by = value;
		else
			continue;
		i += s.n == 2;
	}
	if (!sh->in || sh->in->know || !repair_shell_all_known(a) || by.n != 1 || a->n > 5 ||
	    !hm_u64(field, 1000, &n) || !n)
		return repair_shell_filter(sh, a);
	for (struct hm_str text = sh->in->s; text.n;) {
		struct hm_str line = hm_line(&text), part = line;
		for (uint64_t i = 0; i < n && hm_find_char(line, by.p[0]) != SIZE_MAX; i++)
			part = hm_cut(&line, by.p[0]);
		repair_shell_print(sh, (struct shell_text){ hm_fmt(sh->cx, "%.*s\n", HM_FMT(part)),
							    SHELL_KNOWN });
	}
	return NULL;
}

static hm_err run_md5sum(struct shell *sh, const struct shell_args *a)
{
	struct hm_str hex, name = repair_shell_arg(a, 1);
	struct shell_text in;
	bool absent;
	HM_TRY(get_input(sh, a, 0, &in, &absent));
	sh->status = absent;
	if (in.know || a->n != 2 || absent || !name.n) {
		repair_shell_print(sh, (struct shell_text){ HM_STR(""), SHELL_UNKNOWN });
		return NULL;
	}
	HM_TRY(crypto_md5_hex(sh->cx, in.s, &hex));
	repair_shell_print(sh, (struct shell_text){
				       hm_fmt(sh->cx, "%.*s  %.*s\n", HM_FMT(hex), HM_FMT(name)),
				       SHELL_KNOWN });
	return NULL;
}

/* ------------------------------------------------------------------ grep */

struct grep {
	bool quiet, invert, fixed, nocase, extended, whole, word,
		plain; /* plain: all options are known */
	struct hm_str pattern;
};

static bool is_of_word(char c)
{
	return hm_is_alpha(c) || hm_is_digit(c) || c == '_';
}

static bool has_word(struct hm_str line, struct hm_str word)
{
	for (size_t i = 0; i + word.n <= line.n; i++)
		if (hm_eq(hm_sub(line, i, word.n), word) && (!i || !is_of_word(line.p[i - 1])) &&
		    (i + word.n == line.n || !is_of_word(line.p[i + word.n])))
			return true;
	return false;
}

static void read_grep_letter(struct grep *g, char c)
{
	static const char letters[] = "qvFEixw";
	bool *const flags[] = { &g->quiet,  &g->invert, &g->fixed, &g->extended,
				&g->nocase, &g->whole,  &g->word };
	const char *at = strchr(letters, c);
	if (at)
		*flags[at - letters] = true;
	g->plain = g->plain && (at || c == 's');
}

/* A long option as its letter. */
static char grep_letter(struct hm_str option)
{
	static const struct {
		const char *name;
		char letter;
	} names[] = {
		{ "--quiet", 'q' },         { "--silent", 'q' },          { "--invert-match", 'v' },
		{ "--fixed-strings", 'F' }, { "--extended-regexp", 'E' }, { "--ignore-case", 'i' },
		{ "--line-regexp", 'x' },   { "--word-regexp", 'w' },     { "--no-messages", 's' },
	};
	for (size_t i = 0; i < HM_LEN(names); i++)
		if (hm_eqz(option, names[i].name))
			return names[i].letter;
	return '-'; /* of none */
}

static void read_grep_option(struct grep *g, struct hm_str option)
{
	if (option.p[1] == '-') {
		read_grep_letter(g, grep_letter(option));
		return;
	}
	for (size_t i = 1; i < option.n; i++)
		read_grep_letter(g, option.p[i]);
}

static void read_grep(const struct shell_args *a, struct grep *g)
{
	g->plain = true;
	g->fixed = hm_eqz(a->p[0].s, "fgrep");
	g->extended = hm_eqz(a->p[0].s, "egrep");
	size_t i = 1;
	for (; i < a->n && a->p[i].s.n > 1 && a->p[i].s.p[0] == '-'; i++) {
		if (hm_eqz(a->p[i].s, "--")) {
			i++;
			break;
		}
		read_grep_option(g, a->p[i].s);
	}
	g->pattern = repair_shell_arg(a, i);
	g->plain = g->plain && i < a->n && repair_shell_all_known(a) &&
		   !(g->word && (g->nocase || g->whole));
	/* Of words only a plain one is looked for here. */
	for (size_t j = 0; j < g->pattern.n && g->word; j++)
		g->plain = g->plain && is_of_word(g->pattern.p[j]);
}

static bool line_matches(struct shell *sh, const struct grep *g, const regex_t *re,
			 struct hm_str line)
{
	regmatch_t m = { 0 };
	if (g->word && !g->nocase)
		return has_word(line, g->pattern);
	if (g->fixed)
		return g->whole ? hm_eq(line, g->pattern) : hm_find(line, g->pattern) != SIZE_MAX;
	struct hm_mark mark = hm_mark(sh->cx);
	bool is = regexec(re, hm_dupz(sh->cx, line), 1, &m, 0) == 0 &&
		  (!g->whole || (m.rm_so == 0 && (size_t)m.rm_eo == line.n));
	hm_release(sh->cx, mark);
	return is;
}

static void print_matches(struct shell *sh, const struct grep *g, const regex_t *re,
			  struct hm_str text)
{
	sh->status = 1;
	while (text.n) {
		struct hm_str line = hm_line(&text);
		if (line_matches(sh, g, re, line) == g->invert)
			continue;
		sh->status = 0;
		if (g->quiet)
			break;
		repair_shell_print(sh, (struct shell_text){ hm_fmt(sh->cx, "%.*s\n", HM_FMT(line)),
							    SHELL_KNOWN });
	}
}

static hm_err run_grep(struct shell *sh, const struct shell_args *a)
{
	struct grep g = { 0 };
	struct shell_text in;
	regex_t re;
	bool absent;
	read_grep(a, &g);
	HM_TRY(get_input(sh, a, 1, &in, &absent));
	sh->status = in.know || !g.plain ? SHELL_MAYBE : 1;
	if (in.know || (in.s.n && !g.plain)) {
		repair_shell_print(sh, (struct shell_text){ HM_STR(""),
							    in.know ? in.know : SHELL_UNKNOWN });
		return NULL;
	}
	if (!in.s.n)
		return NULL;
	int flags = (g.extended ? REG_EXTENDED : 0) | (g.nocase ? REG_ICASE : 0);
	if (!g.fixed && (g.pattern.n > 200 || regcomp(&re, hm_dupz(sh->cx, g.pattern), flags))) {
		sh->status = SHELL_MAYBE;
		return NULL;
	}
	print_matches(sh, &g, &re, in.s);
	if (!g.fixed)
		regfree(&re);
	return NULL;
}

/* ------------------------------------------------------------------ xargs, ls */

/* The command with one more argument, which is perhaps many. */
static hm_err run_xargs(struct shell *sh, const struct shell_args *a)
{
	struct shell_args own = { 0 };
	struct shell_text in = sh->in ? *sh->in : (struct shell_text){ HM_STR(""), SHELL_UNKNOWN };
	size_t i = 1;
	while (i < a->n && hm_starts(a->p[i].s, HM_STR("-"))) {
		if (hm_eqz(a->p[i].s, "--show-limits"))
			return NULL;
		i++;
	}
	if (!in.know && !hm_trim(in.s).n)
		return NULL;
	if (!in.know)
		in.know = SHELL_UNKNOWN;
	for (; i < a->n; i++)
		*hm_push(sh->cx, &own) = a->p[i];
	if (!own.n)
		*hm_push(sh->cx, &own) = (struct shell_text){ HM_STR("echo"), SHELL_KNOWN };
	in.s = HM_STR("");
	*hm_push(sh->cx, &own) = in;
	return repair_shell_call(sh, &own);
}

static hm_err run_ls(struct shell *sh, const struct shell_args *a)
{
	const struct repair_node *n;
	bool sure;
	sh->status = SHELL_MAYBE;
	HM_TRY(repair_shell_find(sh, repair_shell_arg(a, a->n - 1), true, &n, &sure));
	if (sure && a->n > 1 && !hm_starts(repair_shell_arg(a, a->n - 1), HM_STR("-")))
		sh->status = n ? 0 : 2;
	if (sh->status <= 0)
		repair_shell_print(sh, (struct shell_text){ HM_STR(""), SHELL_UNKNOWN });
	return NULL;
}

static hm_err run_cmp(struct shell *sh, const struct shell_args *a)
{
	struct shell_text texts[2];
	bool absent;
	sh->status = SHELL_MAYBE;
	for (size_t i = 0; i < 2; i++) {
		struct shell_args one = { 0 };
		*hm_push(sh->cx, &one) = a->p[0];
		if (a->n < 3)
			return NULL;
		*hm_push(sh->cx, &one) = a->p[a->n - 2 + i];
		HM_TRY(get_input(sh, &one, 0, &texts[i], &absent));
		if (absent)
			sh->status = 1;
	}
	if (sh->status == SHELL_MAYBE && !texts[0].know && !texts[1].know)
		sh->status = !hm_eq(texts[0].s, texts[1].s);
	return NULL;
}

const struct shell_command repair_shell_texts[] = {
	{ "cat", run_cat, NULL },
	{ "tr", repair_shell_filter, NULL },
	{ "cut", run_cut, NULL },
	{ "sort", repair_shell_filter, NULL },
	{ "uniq", repair_shell_filter, NULL },
	{ "tac", repair_shell_filter, NULL },
	{ "awk", repair_shell_filter, NULL },
	{ "mawk", repair_shell_filter, NULL },
	{ "head", repair_shell_filter, NULL },
	{ "tail", repair_shell_filter, NULL },
	{ "wc", repair_shell_filter, NULL },
	{ "grep", run_grep, NULL },
	{ "egrep", run_grep, NULL },
	{ "fgrep", run_grep, NULL },
	{ "xargs", run_xargs, NULL },
	{ "ls", run_ls, NULL },
	{ "cmp", run_cmp, NULL },
	{ "md5sum", run_md5sum, NULL },
	{ 0 },
};
