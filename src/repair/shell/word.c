/* SPDX-License-Identifier: Apache-2.0 */
/* Words, expanded (POSIX.1-2017, Shell Command Language, 2.6). A text that is being made is a
 * pattern: what was quoted in it has a backslash before it. */
#include <fnmatch.h>

#include "repair/shell/shell.h"

struct making {
	struct shell *sh;
	struct hm_buf text;
	enum shell_know know;
	bool any, active, split; /* a field has begun; it has a pattern; fields are wanted */
	struct shell_args *out;
};

static void making_done(struct making *m)
{
	hm_buf_done(&m->text);
}

static void put_quoted(struct making *m, struct hm_str s)
{
	m->any = true;
	for (size_t i = 0; i < s.n; i++) {
		if (hm_is_one_of(s.p[i], "*?[]\\"))
			hm_buf_char(&m->text, '\\');
		hm_buf_char(&m->text, s.p[i]);
	}
}

static struct hm_str without_backslashes(struct hm_cx *cx, struct hm_str s)
{
	char *to = hm_new(cx, char, s.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\' && i + 1 < s.n)
			i++;
		to[n++] = s.p[i];
	}
	return hm_bytes(to, n);
}

bool repair_shell_matches(struct shell *sh, struct hm_str pattern, struct hm_str text)
{
	return fnmatch(hm_dupz(sh->cx, pattern), hm_dupz(sh->cx, text), 0) == 0;
}

/* ------------------------------------------------------------------ names of files */

static int compare_texts(const void *a, const void *b)
{
	const struct shell_text *x = a, *y = b;
	return hm_cmp(x->s, y->s);
}

/* Where a pattern's folders, up to its first special character, lead: a pattern from there. */
static bool place_pattern(struct shell *sh, struct hm_str pattern, size_t *out_head,
			  struct hm_str *out)
{
	struct hm_str at, head;
	size_t i = 0, n = 0;
	for (; i < pattern.n && !hm_is_one_of(pattern.p[i], "*?[\\"); i++)
		if (pattern.p[i] == '/')
			n = i + 1;
	head = repair_shell_path(sh, hm_sub(pattern, 0, n));
	hm_err err = repair_root_target(sh->cx, sh->root, head, &at);
	*out_head = n;
	if (err)
		return false;
	*out = hm_fmt(sh->cx, "%.*s%s", HM_FMT(at), at.n ? "/" : "");
	return true;
}

/* Most paths do not, which must be seen without looking for their nodes. */
static bool may_match(struct hm_str path, struct hm_str dir, struct hm_str plain, bool is_name)
{
	if (path.n <= dir.n || !hm_starts(path, dir))
		return false;
	struct hm_str rest = hm_from(path, dir.n);
	return hm_starts(rest, plain) && !(is_name && hm_find_char(rest, '/') != SIZE_MAX);
}

static bool add_paths(struct making *m, struct hm_str pattern)
{
	struct shell *sh = m->sh;
	size_t before = m->out->n, head;
	struct hm_str dir;
	if (!place_pattern(sh, pattern, &head, &dir))
		return false;
	char *p = hm_dupz(sh->cx, hm_from(pattern, head));
	struct hm_str plain = hm_bytes(p, strcspn(p, "*?[\\"));
	bool is_name = !strchr(p, '/');
	sh->steps += 100;
	for (size_t i = 0; i < sh->root->nodes.n; i++) {
		struct hm_str path = sh->root->nodes.entries[i].key;
		if (!may_match(path, dir, plain, is_name))
			continue;
		const struct repair_node *n = sh->root->nodes.entries[i].value;
		if (n->is_gone)
			continue;
		struct hm_mark mark = hm_mark(sh->cx);
		const char *rest = hm_dupz(sh->cx, hm_from(n->path, dir.n));
		bool is = fnmatch(p, rest, FNM_PATHNAME | FNM_PERIOD) == 0;
		hm_release(sh->cx, mark);
		if (is)
			*hm_push(sh->cx, m->out) =
				(struct shell_text){ hm_fmt(sh->cx, "%.*s%.*s",
							    HM_FMT(hm_sub(pattern, 0, head)),
							    HM_FMT(hm_from(n->path, dir.n))),
						     SHELL_KNOWN };
	}
	if (m->out->n > before)
		qsort(m->out->p + before, m->out->n - before, sizeof(*m->out->p), compare_texts);
	return m->out->n > before;
}

static void end_field(struct making *m)
{
	struct hm_str s = hm_dup(m->sh->cx, hm_buf_str(&m->text));
	if (m->any && !(m->active && m->know == SHELL_KNOWN && add_paths(m, s)))
		*hm_push(m->sh->cx, m->out) =
			(struct shell_text){ without_backslashes(m->sh->cx, s), m->know };
	hm_buf_clear(&m->text);
	m->any = m->active = false;
	m->know = SHELL_KNOWN;
}

/* ------------------------------------------------------------------ values */

static struct hm_str separators(const struct making *m)
{
	const struct shell_variable *v = repair_shell_get(m->sh, HM_STR("IFS"));
	return v && v->value.know == SHELL_KNOWN ? v->value.s : HM_STR(" \t\n");
}

static void put_value(struct making *m, struct shell_text v, bool quoted)
{
	struct hm_str ifs = separators(m);
	if (v.know > m->know)
		m->know = v.know;
	if (v.know || quoted) {
		m->any = true;
		put_quoted(m, v.know ? HM_STR("") : v.s);
		return;
	}
	for (size_t i = 0; i < v.s.n; i++) {
		char c = v.s.p[i];
		if (m->split && hm_find_char(ifs, c) != SIZE_MAX) {
			end_field(m);
			continue;
		}
		m->any = true;
		if (c == '\\')
			hm_buf_char(&m->text, c);
		m->active = m->active || hm_is_one_of(c, "*?[");
		hm_buf_char(&m->text, c);
	}
}

/* "$@" and "$*". */
static void put_all(struct making *m, bool each, bool quoted)
{
	const struct shell_args *a = &m->sh->args;
	for (size_t i = 1; i < a->n; i++) {
		put_value(m, a->p[i], quoted);
		if (i + 1 == a->n)
			break;
		if (m->split && (each || !quoted))
			end_field(m);
		else
			put_value(m, (struct shell_text){ HM_STR(" "), SHELL_KNOWN }, true);
	}
}

static struct shell_text number_text(struct shell *sh, int n)
{
	if (n < 0)
		return (struct shell_text){ HM_STR(""), SHELL_UNKNOWN };
	return (struct shell_text){ hm_fmt(sh->cx, "%d", n), SHELL_KNOWN };
}

/* False: it is not set. */
static bool get_parameter(struct shell *sh, struct hm_str name, struct shell_text *out)
{
	uint64_t i;
	*out = (struct shell_text){ HM_STR(""), SHELL_KNOWN };
	if (hm_u64(name, 9999, &i)) {
		if (i < sh->args.n)
			*out = sh->args.p[i];
		return i < sh->args.n;
	}
	if (hm_eqz(name, "#"))
		*out = number_text(sh, (int)sh->args.n - 1);
	else if (hm_eqz(name, "?"))
		*out = number_text(sh, sh->status);
	else if (hm_eqz(name, "-"))
		*out = sh->modes.nounset || sh->modes.noclobber
			       ? (struct shell_text){ HM_STR(""), SHELL_UNKNOWN }
			       : (struct shell_text){ hm_cstr(sh->modes.errexit ? "e" : ""),
						      SHELL_KNOWN };
	else if (hm_eqz(name, "$") || hm_eqz(name, "!"))
		out->know = SHELL_UNKNOWN;
	else {
		const struct shell_variable *v = repair_shell_get(sh, name);
		if (v)
			*out = v->value;
		return v != NULL;
	}
	return true;
}

/* Of one that is not set "set -u" makes a failure. */
static void need_parameter(struct shell *sh, struct hm_str name, struct shell_text *out)
{
	if (!get_parameter(sh, name, out) && sh->modes.nounset)
		repair_shell_give_up(sh, "\"$%.*s\" is not set, and \"set -u\" ends it",
				     HM_FMT(name));
}

/* ------------------------------------------------------------------ ${...} */

static hm_err expand(struct making *m, struct hm_str word, bool quoted);

static struct hm_str cut_match(struct shell *sh, struct hm_str s, struct hm_str pattern,
			       const char *op)
{
	bool longest = op[1] == op[0], tail = op[0] == '%';
	for (size_t i = 0; i <= s.n; i++) {
		size_t n = longest ? s.n - i : i;
		struct hm_mark mark = hm_mark(sh->cx);
		struct hm_str part = tail ? hm_from(s, s.n - n) : hm_sub(s, 0, n);
		bool is = repair_shell_matches(sh, pattern, part);
		hm_release(sh->cx, mark);
		if (is)
			return tail ? hm_sub(s, 0, s.n - n) : hm_from(s, n);
	}
	return s;
}

static hm_err put_cut(struct making *m, struct shell_text v, const char *op, struct hm_str word,
		      bool quoted)
{
	struct shell_text pattern;
	HM_TRY(repair_shell_pattern(m->sh, word, &pattern));
	if (v.know == SHELL_KNOWN && pattern.know == SHELL_KNOWN)
		v.s = cut_match(m->sh, v.s, pattern.s, op);
	else
		v.know = SHELL_UNKNOWN;
	put_value(m, v, quoted);
	return NULL;
}

static hm_err put_default(struct making *m, struct hm_str name, const char *op, struct hm_str word,
			  bool quoted)
{
	struct shell_text v;
	bool set = get_parameter(m->sh, name, &v), colon = op[0] == ':';
	char kind = op[colon ? 1 : 0];
	if (set && v.know) { /* it may be either */
		put_value(m, (struct shell_text){ HM_STR(""), SHELL_UNKNOWN }, quoted);
		return NULL;
	}
	bool has = set && (!colon || v.s.n);
	if (kind == '+')
		return has ? expand(m, word, quoted) : NULL;
	if (has) {
		put_value(m, v, quoted);
		return NULL;
	}
	if (kind == '?')
		repair_shell_give_up(m->sh, "${%.*s?} ends it", HM_FMT(name));
	if (kind == '=') {
		HM_TRY(repair_shell_one(m->sh, word, &v));
		repair_shell_set(m->sh, name, v);
	}
	return expand(m, word, quoted);
}

static size_t name_size(struct hm_str s)
{
	size_t n = 0;
	if (s.n && hm_is_one_of(s.p[0], "@*#?-$!"))
		return 1;
	if (s.n && hm_is_digit(s.p[0])) {
		while (n < s.n && hm_is_digit(s.p[n]))
			n++;
		return n;
	}
	while (n < s.n && (hm_is_alpha(s.p[n]) || s.p[n] == '_' || hm_is_digit(s.p[n])))
		n++;
	return n;
}

static void put_parameter(struct making *m, struct hm_str name, bool quoted)
{
	struct shell_text v;
	if (hm_eqz(name, "@") || hm_eqz(name, "*")) {
		put_all(m, name.p[0] == '@', quoted);
		return;
	}
	need_parameter(m->sh, name, &v);
	put_value(m, v, quoted);
}

/* What stands between the braces. */
static hm_err put_braces(struct making *m, struct hm_str s, bool quoted)
{
	static const char *const ops[] = { ":-", ":=", ":?", ":+", "%%", "##",
					   "-",  "=",  "?",  "+",  "%",  "#" };
	struct shell_text v;
	if (s.n > 1 && s.p[0] == '#' && name_size(hm_from(s, 1)) == s.n - 1) {
		need_parameter(m->sh, hm_from(s, 1), &v);
		v.s = hm_fmt(m->sh->cx, "%zu", v.s.n);
		put_value(m, v, quoted);
		return NULL;
	}
	size_t n = name_size(s);
	struct hm_str name = hm_sub(s, 0, n), rest = hm_from(s, n);
	if (!rest.n && n) {
		put_parameter(m, name, quoted);
		return NULL;
	}
	for (size_t i = 0; n && i < HM_LEN(ops); i++) {
		if (!hm_starts(rest, hm_cstr(ops[i])))
			continue;
		struct hm_str word = hm_from(rest, strlen(ops[i]));
		if (hm_is_one_of(ops[i][0], "%#")) {
			need_parameter(m->sh, name, &v);
			return put_cut(m, v, ops[i], word, quoted);
		}
		return put_default(m, name, ops[i], word, quoted);
	}
	repair_shell_give_up(m->sh, "\"${%.*s}\" is not of the POSIX shell", HM_FMT(s));
	return NULL;
}

/* ------------------------------------------------------------------ $, `, quotes */

static hm_err put_command(struct making *m, struct hm_str command, bool quoted)
{
	struct shell_text v;
	HM_TRY(repair_shell_capture(m->sh, command, &v));
	put_value(m, v, quoted);
	return NULL;
}

/* A number, or the name of a variable that is one. */
static bool read_number(struct shell *sh, struct hm_str s, uint64_t *out)
{
	const struct shell_variable *v = repair_shell_get(sh, s);
	if (v && !v->value.know)
		s = hm_trim(v->value.s);
	/* A leading zero would make it octal. */
	return (s.n == 1 || !hm_starts(s, HM_STR("0"))) && (!v || !v->value.know) &&
	       hm_u64(s, INT32_MAX, out);
}

/* $((A + B)), and "-" where it does not become negative; all else is not known. */
static hm_err put_number(struct making *m, struct hm_str text, bool quoted)
{
	struct shell_text v = { HM_STR(""), SHELL_UNKNOWN }, word;
	uint64_t a, b;
	HM_TRY(repair_shell_here(m->sh, text, &word));
	size_t i = 0;
	while (i < word.s.n && !hm_is_one_of(word.s.p[i], "+-*/%"))
		i++;
	if (!word.know && i < word.s.n && read_number(m->sh, hm_trim(hm_sub(word.s, 0, i)), &a) &&
	    read_number(m->sh, hm_trim(hm_from(word.s, i + 1)), &b) &&
	    (word.s.p[i] == '+' || (word.s.p[i] == '-' && a >= b)))
		v = (struct shell_text){ hm_fmt(m->sh->cx, "%llu",
						(unsigned long long)(word.s.p[i] == '+' ? a + b
											: a - b)),
					 SHELL_KNOWN };
	put_value(m, v, quoted);
	return NULL;
}

/* Inside backquotes a backslash protects "$", "`" and itself. */
static struct hm_str unbackquote(struct hm_cx *cx, struct hm_str s, bool quoted)
{
	char *to = hm_new(cx, char, s.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\' && i + 1 < s.n &&
		    hm_is_one_of(s.p[i + 1], quoted ? "$`\\\"" : "$`\\"))
			i++;
		to[n++] = s.p[i];
	}
	return hm_bytes(to, n);
}

static hm_err put_dollar(struct making *m, struct hm_str word, size_t *at, bool quoted)
{
	size_t end, begin = *at;
	HM_TRY(repair_shell_skip(m->sh->cx, word, begin, &end));
	struct hm_str s = hm_sub(word, begin, end - begin);
	*at = end;
	if (s.p[0] == '`')
		return put_command(m, unbackquote(m->sh->cx, hm_sub(s, 1, s.n - 2), quoted),
				   quoted);
	if (hm_starts(s, HM_STR("${")))
		return put_braces(m, hm_sub(s, 2, s.n - 3), quoted);
	if (hm_starts(s, HM_STR("$((")) && hm_ends(s, HM_STR("))")))
		return put_number(m, hm_sub(s, 3, s.n - 5), quoted);
	if (hm_starts(s, HM_STR("$(")))
		return put_command(m, hm_sub(s, 2, s.n - 3), quoted);
	struct hm_str rest = hm_from(word, end);
	size_t n = rest.n && hm_is_digit(rest.p[0]) ? 1 : name_size(rest);
	if (!n)
		put_quoted(m, s);
	else
		put_parameter(m, hm_sub(rest, 0, n), quoted);
	*at = end + n;
	return NULL;
}

static hm_err put_double(struct making *m, struct hm_str word, size_t *at, bool here)
{
	size_t i = *at;
	/* "$@" without arguments is no field at all, whatever the quotes say. */
	if (!hm_starts(hm_from(word, i), HM_STR("$@\"")))
		m->any = true;
	while (i < word.n && (here || word.p[i] != '"')) {
		char c = word.p[i];
		if (c == '$' || c == '`') {
			HM_TRY(put_dollar(m, word, &i, true));
			continue;
		}
		if (c == '\\' && i + 1 < word.n &&
		    hm_is_one_of(word.p[i + 1], here ? "$`\\\n" : "$`\\\"\n")) {
			if (word.p[i + 1] != '\n')
				put_quoted(m, hm_sub(word, i + 1, 1));
			i += 2;
			continue;
		}
		put_quoted(m, hm_sub(word, i, 1));
		i++;
	}
	*at = i + 1;
	return NULL;
}

static hm_err expand(struct making *m, struct hm_str word, bool quoted)
{
	size_t i = 0;
	if (quoted && hm_find_char(word, '"') == SIZE_MAX)
		return put_double(m, word, &i, true);
	while (i < word.n) {
		char c = word.p[i];
		if (c == '$' || c == '`') {
			HM_TRY(put_dollar(m, word, &i, quoted));
		} else if (c == '\'') {
			size_t n = hm_find_char(hm_from(word, i + 1), '\'');
			put_quoted(m, hm_sub(word, i + 1, n));
			i += n == SIZE_MAX ? word.n : n + 2;
		} else if (c == '"') {
			i++;
			HM_TRY(put_double(m, word, &i, false));
		} else if (c == '\\') {
			if (i + 1 < word.n && word.p[i + 1] != '\n')
				put_quoted(m, hm_sub(word, i + 1, 1));
			i += 2;
		} else {
			m->any = true;
			m->active = m->active || hm_is_one_of(c, "*?[");
			hm_buf_char(&m->text, c);
			i++;
		}
	}
	return NULL;
}

/* ------------------------------------------------------------------ the doors */

hm_err repair_shell_fields(struct shell *sh, struct hm_str word, struct shell_args *out)
{
	HM_CLEANUP(making_done)
	struct making m = { .sh = sh, .text = HM_BUF(HM_MAX_SCRIPT), .split = true, .out = out };
	HM_TRY(expand(&m, word, false));
	end_field(&m);
	return NULL;
}

static hm_err make_one(struct shell *sh, struct hm_str word, bool here, struct shell_text *out)
{
	HM_CLEANUP(making_done) struct making m = { .sh = sh, .text = HM_BUF(HM_MAX_SCRIPT) };
	size_t at = 0;
	HM_TRY(here ? put_double(&m, word, &at, true) : expand(&m, word, false));
	HM_TRY(hm_buf_end(sh->cx, &m.text, "a text of the script", &out->s));
	out->s = hm_dup(sh->cx, out->s);
	out->know = m.know;
	return NULL;
}

hm_err repair_shell_pattern(struct shell *sh, struct hm_str word, struct shell_text *out)
{
	return make_one(sh, word, false, out);
}

hm_err repair_shell_one(struct shell *sh, struct hm_str word, struct shell_text *out)
{
	HM_TRY(make_one(sh, word, false, out));
	out->s = without_backslashes(sh->cx, out->s);
	return NULL;
}

hm_err repair_shell_here(struct shell *sh, struct hm_str text, struct shell_text *out)
{
	HM_TRY(make_one(sh, text, true, out));
	out->s = without_backslashes(sh->cx, out->s);
	return NULL;
}
