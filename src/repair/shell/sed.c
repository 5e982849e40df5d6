/* SPDX-License-Identifier: Apache-2.0 */
/* sed(1), as far as scripts of packages make names of names with it. */
#include <regex.h>

#include "repair/shell/shell.h"

/* "s/RE/TO/" and "s/RE/TO/g". */
struct sed {
	struct hm_str pattern, to;
	bool all, extended;
};

/* Up to the next delimiter; behind a backslash it is a character. */
static struct hm_str sed_part(struct hm_cx *cx, struct hm_str *rest, char delimiter)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_SCRIPT);
	size_t i = 0;
	for (; i < rest->n && rest->p[i] != delimiter; i++) {
		bool is_escaped = rest->p[i] == '\\' && i + 1 < rest->n;
		if (is_escaped && rest->p[i + 1] != delimiter)
			hm_buf_char(&b, '\\');
		i += is_escaped;
		hm_buf_char(&b, rest->p[i]);
	}
	bool is_ended = i < rest->n;
	*rest = is_ended ? hm_from(*rest, i + 1) : (struct hm_str){ 0 };
	return is_ended ? hm_dup(cx, hm_buf_str(&b)) : (struct hm_str){ 0 };
}

/* A backslash before one of these letters, or before any: sed's own, which regcomp(3) lacks. */
static bool has_escape(struct hm_str s, const char *letters)
{
	for (size_t i = 0; i + 1 < s.n; i++)
		if (s.p[i] == '\\') {
			char c = s.p[++i];
			if (letters ? hm_is_one_of(c, letters) : hm_is_alpha(c))
				return true;
		}
	return false;
}

/* The script: the last word, behind -e and -E. Empty: something else is asked for. */
static struct hm_str read_options(const struct shell_args *a, struct sed *out)
{
	size_t i = 1;
	for (; i + 1 < a->n; i++) {
		struct hm_str word = repair_shell_arg(a, i);
		if (hm_eqz(word, "-E") || hm_eqz(word, "-r"))
			out->extended = true;
		else if (!hm_eqz(word, "-e"))
			return HM_STR("");
	}
	return repair_shell_all_known(a) ? repair_shell_arg(a, i) : HM_STR("");
}

static bool is_substitution(struct hm_str script)
{
	return script.n >= 4 && script.p[0] == 's' && !hm_is_alpha(script.p[1]) &&
	       !hm_is_one_of(script.p[1], "\\ .*[]^$\n");
}

static bool read_sed(struct shell *sh, const struct shell_args *a, struct sed *out)
{
	*out = (struct sed){ 0 };
	struct hm_str script = read_options(a, out);
	if (!is_substitution(script))
		return false;
	char delimiter = script.p[1];
	script = hm_from(script, 2);
	out->pattern = sed_part(sh->cx, &script, delimiter);
	out->to = sed_part(sh->cx, &script, delimiter);
	out->all = hm_eqz(script, "g");
	return out->pattern.n && out->pattern.n <= 200 && out->to.p && (!script.n || out->all) &&
	       !has_escape(out->pattern, "acdfnotvx") && !has_escape(out->to, NULL) &&
	       hm_find_char(out->to, '\n') == SIZE_MAX;
}

/* What stands for a match: "&" and "\1" are parts of it. */
static void put_replacement(struct hm_buf *b, struct hm_str to, const char *line,
			    const regmatch_t *m)
{
	for (size_t i = 0; i < to.n; i++) {
		bool is_escaped = to.p[i] == '\\' && i + 1 < to.n;
		char c = to.p[i += is_escaped];
		size_t part = is_escaped && hm_is_digit(c) ? (size_t)(c - '0') : 0;
		if (is_escaped ? !hm_is_digit(c) : c != '&')
			hm_buf_char(b, c);
		else if (m[part].rm_so >= 0)
			hm_buf_add(b, hm_bytes(line + m[part].rm_so,
					       (size_t)(m[part].rm_eo - m[part].rm_so)));
	}
}

/* False: it matches nothing at all, which is not counted here. */
static bool put_line(struct hm_buf *b, const struct sed *s, const regex_t *re, const char *line)
{
	regmatch_t m[10];
	for (int flags = 0; (!flags || s->all) && regexec(re, line, 10, m, flags) == 0;
	     flags = REG_NOTBOL) {
		if (m[0].rm_eo == m[0].rm_so)
			return false;
		hm_buf_add(b, hm_bytes(line, (size_t)m[0].rm_so));
		put_replacement(b, s->to, line, m);
		line += m[0].rm_eo;
	}
	hm_buf_addz(b, line);
	hm_buf_char(b, '\n');
	return true;
}

/* Of what is known, one substitution; all else is a filter. */
static hm_err run_sed(struct shell *sh, const struct shell_args *a)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_SCRIPT);
	struct sed s;
	regex_t re;
	if (!sh->in || sh->in->know || !read_sed(sh, a, &s) ||
	    regcomp(&re, hm_dupz(sh->cx, s.pattern), s.extended ? REG_EXTENDED : 0))
		return repair_shell_filter(sh, a);
	bool is_known = true;
	for (struct hm_str text = sh->in->s; text.n && is_known;)
		is_known = put_line(&b, &s, &re, hm_dupz(sh->cx, hm_line(&text)));
	regfree(&re);
	struct hm_str out;
	if (!is_known)
		return repair_shell_filter(sh, a);
	HM_TRY(hm_buf_end(sh->cx, &b, "what sed prints", &out));
	repair_shell_print(sh, (struct shell_text){ hm_dup(sh->cx, out), SHELL_KNOWN });
	return NULL;
}

const struct shell_command repair_shell_seds[] = {
	{ "sed", run_sed, NULL },
	{ 0 },
};
