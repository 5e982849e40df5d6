/* SPDX-License-Identifier: Apache-2.0 */
/* The grammar (POSIX.1-2017, Shell Command Language, 2.10). */
#include "repair/shell/syntax.h"

static hm_err parse_list(struct shell_reader *r, struct shell_node **out);
static hm_err parse_command(struct shell_reader *r, struct shell_node **out);

static struct shell_node *make_node(struct shell_reader *r, enum shell_type type)
{
	struct shell_node *n = hm_new(r->cx, struct shell_node, 1);
	n->type = type;
	n->line = r->token.line;
	return n;
}

static bool is_operator(const struct shell_reader *r, const char *text)
{
	return r->token.type == SHELL_OPERATOR && hm_eqz(r->token.text, text);
}

static bool is_word(const struct shell_reader *r, const char *text)
{
	return r->token.type == SHELL_WORD && hm_eqz(r->token.text, text);
}

static hm_err skip_newlines(struct shell_reader *r)
{
	while (r->token.type == SHELL_NEWLINE)
		HM_TRY(repair_shell_next(r));
	return NULL;
}

static hm_err fault_at(struct shell_reader *r, const char *wanted)
{
	return hm_fail(r->cx, HM_INPUT, "line %u: \"%.*s\" where %s should be", r->token.line,
		       HM_FMT(r->token.type == SHELL_END ? HM_STR("the end") : r->token.text),
		       wanted);
}

static hm_err expect_word(struct shell_reader *r, const char *text)
{
	if (!is_word(r, text))
		return fault_at(r, text);
	return repair_shell_next(r);
}

static hm_err expect_operator(struct shell_reader *r, const char *text)
{
	if (!is_operator(r, text))
		return fault_at(r, text);
	return repair_shell_next(r);
}

static bool is_name(struct hm_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!hm_is_alpha(s.p[i]) && s.p[i] != '_' && (!i || !hm_is_digit(s.p[i])))
			return false;
	return s.n > 0;
}

/* Words that end a list of commands. */
static bool is_end(const struct shell_reader *r)
{
	static const char *const words[] = {
		"then", "else", "elif", "fi", "do", "done", "esac", "}"
	};
	if (r->token.type == SHELL_END || is_operator(r, ")") || is_operator(r, ";;"))
		return true;
	for (size_t i = 0; i < HM_LEN(words); i++)
		if (is_word(r, words[i]))
			return true;
	return false;
}

/* ------------------------------------------------------------------ redirections */

static const struct {
	const char *text;
	enum shell_redirect_type type;
	int fd;
} redirects[] = {
	{ "<", SHELL_FROM, 0 },    { ">", SHELL_TO, 1 },    { ">|", SHELL_TO, 1 },
	{ ">>", SHELL_APPEND, 1 }, { "<>", SHELL_BOTH, 0 }, { "<&", SHELL_DUP_FROM, 0 },
	{ ">&", SHELL_DUP_TO, 1 }, { "<<", SHELL_HERE, 0 }, { "<<-", SHELL_HERE, 0 },
};

static hm_err add_here(struct shell_reader *r, struct shell_node *n, bool strip)
{
	struct shell_redirect *last = &n->redirects.p[n->redirects.n - 1];
	struct shell_here *h = &r->heres[r->heres_n];
	if (r->heres_n == HM_LEN(r->heres))
		return hm_fail(r->cx, HM_LIMIT, "line %u: more than %zu here-documents",
			       r->token.line, HM_LEN(r->heres));
	h->node = n;
	h->index = n->redirects.n - 1;
	h->strip = strip;
	h->end = repair_shell_unquote(r->cx, last->word, &last->is_literal);
	last->word = HM_STR("");
	r->heres_n++;
	return NULL;
}

static hm_err parse_redirect(struct shell_reader *r, struct shell_node *n, bool *out_did)
{
	uint64_t number = 0;
	int fd = -1;
	*out_did = false;
	if (r->token.type == SHELL_NUMBER) {
		if (hm_u64(r->token.text, 999, &number))
			fd = (int)number;
		HM_TRY(repair_shell_next(r));
	}
	for (size_t i = 0; i < HM_LEN(redirects); i++) {
		if (!is_operator(r, redirects[i].text))
			continue;
		HM_TRY(repair_shell_next(r));
		if (r->token.type != SHELL_WORD && r->token.type != SHELL_NUMBER)
			return fault_at(r, "a file");
		*hm_push(r->cx, &n->redirects) =
			(struct shell_redirect){ redirects[i].type, fd < 0 ? redirects[i].fd : fd,
						 r->token.text, false };
		if (redirects[i].type == SHELL_HERE)
			HM_TRY(add_here(r, n, strcmp(redirects[i].text, "<<-") == 0));
		*out_did = true;
		return repair_shell_next(r);
	}
	return NULL;
}

static hm_err parse_redirects(struct shell_reader *r, struct shell_node *n)
{
	bool more = true;
	while (more)
		HM_TRY(parse_redirect(r, n, &more));
	return NULL;
}

/* ------------------------------------------------------------------ compound commands */

static hm_err parse_do(struct shell_reader *r, struct shell_node **out)
{
	HM_TRY(expect_word(r, "do"));
	HM_TRY(parse_list(r, out));
	return *out ? expect_word(r, "done") : fault_at(r, "a command");
}

static hm_err parse_then(struct shell_reader *r, struct shell_node *n)
{
	HM_TRY(parse_list(r, &n->a));
	HM_TRY(expect_word(r, "then"));
	HM_TRY(parse_list(r, &n->b));
	return n->a && n->b ? NULL : fault_at(r, "a command");
}

static hm_err parse_if(struct shell_reader *r, struct shell_node *n)
{
	n->type = SHELL_IF;
	HM_TRY(parse_then(r, n));
	while (is_word(r, "elif")) {
		n->c = make_node(r, SHELL_IF);
		n = n->c;
		HM_TRY(repair_shell_next(r));
		HM_TRY(parse_then(r, n));
	}
	if (is_word(r, "else")) {
		HM_TRY(repair_shell_next(r));
		HM_TRY(parse_list(r, &n->c));
		if (!n->c)
			return fault_at(r, "a command");
	}
	return expect_word(r, "fi");
}

static hm_err parse_while(struct shell_reader *r, struct shell_node *n)
{
	n->type = SHELL_WHILE;
	HM_TRY(parse_list(r, &n->a));
	return n->a ? parse_do(r, &n->b) : fault_at(r, "a command");
}

static hm_err parse_until(struct shell_reader *r, struct shell_node *n)
{
	HM_TRY(parse_while(r, n));
	n->type = SHELL_UNTIL;
	return NULL;
}

static hm_err parse_for(struct shell_reader *r, struct shell_node *n)
{
	n->type = SHELL_FOR;
	if (r->token.type != SHELL_WORD || !is_name(r->token.text))
		return fault_at(r, "a name");
	n->name = r->token.text;
	HM_TRY(repair_shell_next(r));
	if (is_operator(r, ";"))
		HM_TRY(repair_shell_next(r));
	HM_TRY(skip_newlines(r));
	if (is_word(r, "in")) {
		n->has_words = true;
		HM_TRY(repair_shell_next(r));
		while (r->token.type == SHELL_WORD || r->token.type == SHELL_NUMBER) {
			*hm_push(r->cx, &n->words) = r->token.text;
			HM_TRY(repair_shell_next(r));
		}
		if (is_operator(r, ";"))
			HM_TRY(repair_shell_next(r));
		else if (r->token.type != SHELL_NEWLINE)
			return fault_at(r, "a word");
		HM_TRY(skip_newlines(r));
	}
	return parse_do(r, &n->a);
}

static hm_err parse_item(struct shell_reader *r, struct shell_node *n)
{
	struct shell_case *c = hm_push(r->cx, &n->cases);
	if (is_operator(r, "("))
		HM_TRY(repair_shell_next(r));
	for (bool more = true; more;) {
		if (r->token.type != SHELL_WORD)
			return fault_at(r, "a pattern");
		*hm_push(r->cx, &c->patterns) = r->token.text;
		HM_TRY(repair_shell_next(r));
		more = is_operator(r, "|");
		if (more)
			HM_TRY(repair_shell_next(r));
	}
	HM_TRY(expect_operator(r, ")"));
	HM_TRY(parse_list(r, &c->body));
	if (is_operator(r, ";;"))
		HM_TRY(repair_shell_next(r));
	else if (!is_word(r, "esac"))
		return fault_at(r, ";;");
	return skip_newlines(r);
}

static hm_err parse_case(struct shell_reader *r, struct shell_node *n)
{
	n->type = SHELL_CASE;
	if (r->token.type != SHELL_WORD)
		return fault_at(r, "a word");
	*hm_push(r->cx, &n->words) = r->token.text;
	HM_TRY(repair_shell_next(r));
	HM_TRY(skip_newlines(r));
	HM_TRY(expect_word(r, "in"));
	HM_TRY(skip_newlines(r));
	while (!is_word(r, "esac"))
		HM_TRY(parse_item(r, n));
	return repair_shell_next(r);
}

static hm_err parse_group(struct shell_reader *r, struct shell_node *n)
{
	n->type = SHELL_GROUP;
	HM_TRY(parse_list(r, &n->a));
	return n->a ? expect_word(r, "}") : fault_at(r, "a command");
}

static const struct {
	const char *word;
	hm_err (*parse)(struct shell_reader *r, struct shell_node *n);
} compounds[] = {
	{ "if", parse_if },   { "while", parse_while }, { "until", parse_until },
	{ "for", parse_for }, { "case", parse_case },   { "{", parse_group },
};

/* ------------------------------------------------------------------ simple commands */

static hm_err parse_function(struct shell_reader *r, struct shell_node *n)
{
	n->type = SHELL_FUNCTION;
	n->name = n->words.p[0];
	if (!is_name(n->name))
		return repair_shell_fault(r, "a function has a name that cannot be one");
	HM_TRY(repair_shell_next(r));
	HM_TRY(expect_operator(r, ")"));
	HM_TRY(skip_newlines(r));
	return parse_command(r, &n->a);
}

static bool is_assignment(struct hm_str word)
{
	size_t at = hm_find_char(word, '=');
	return at != SIZE_MAX && is_name(hm_sub(word, 0, at));
}

static hm_err parse_simple(struct shell_reader *r, struct shell_node *n)
{
	for (;;) {
		bool did;
		HM_TRY(parse_redirect(r, n, &did));
		if (did)
			continue;
		if (r->token.type != SHELL_WORD && r->token.type != SHELL_NUMBER)
			break;
		if (!n->words.n && is_assignment(r->token.text))
			*hm_push(r->cx, &n->assigns) = r->token.text;
		else
			*hm_push(r->cx, &n->words) = r->token.text;
		HM_TRY(repair_shell_next(r));
		if (is_operator(r, "(") && n->words.n == 1 && !n->assigns.n && !n->redirects.n)
			return parse_function(r, n);
	}
	return n->words.n || n->assigns.n || n->redirects.n ? NULL : fault_at(r, "a command");
}

static hm_err parse_compound(struct shell_reader *r, struct shell_node *n, bool *out_is)
{
	*out_is = true;
	if (is_operator(r, "(")) {
		n->type = SHELL_SUBSHELL;
		HM_TRY(repair_shell_next(r));
		HM_TRY(parse_list(r, &n->a));
		HM_TRY(n->a ? expect_operator(r, ")") : fault_at(r, "a command"));
		return parse_redirects(r, n);
	}
	for (size_t i = 0; i < HM_LEN(compounds); i++)
		if (is_word(r, compounds[i].word)) {
			HM_TRY(repair_shell_next(r));
			HM_TRY(compounds[i].parse(r, n));
			return parse_redirects(r, n);
		}
	*out_is = false;
	return NULL;
}

static hm_err parse_command(struct shell_reader *r, struct shell_node **out)
{
	struct shell_node *n = make_node(r, SHELL_SIMPLE);
	bool is;
	if (++r->depth > HM_MAX_SCRIPT_DEPTH)
		return hm_fail(r->cx, HM_LIMIT, "line %u: more than %llu commands in each other",
			       r->line, (unsigned long long)HM_MAX_SCRIPT_DEPTH);
	if (is_end(r))
		return fault_at(r, "a command");
	HM_TRY(parse_compound(r, n, &is));
	if (!is)
		HM_TRY(parse_simple(r, n));
	r->depth--;
	*out = n;
	return NULL;
}

/* ------------------------------------------------------------------ lists */

static hm_err parse_pipe(struct shell_reader *r, struct shell_node **out)
{
	struct shell_node *n = make_node(r, SHELL_PIPE), *not = NULL, **to = &n->a;
	if (is_word(r, "!")) {
		not = make_node(r, SHELL_NOT);
		HM_TRY(repair_shell_next(r));
	}
	for (bool more = true; more;) {
		HM_TRY(parse_command(r, to));
		to = &(*to)->next;
		more = is_operator(r, "|");
		if (more) {
			HM_TRY(repair_shell_next(r));
			HM_TRY(skip_newlines(r));
		}
	}
	if (!n->a->next)
		n = n->a;
	if (not )
		not ->a = n;
	*out = not ? not : n;
	return NULL;
}

static hm_err parse_and_or(struct shell_reader *r, struct shell_node **out)
{
	struct shell_node *n;
	HM_TRY(parse_pipe(r, &n));
	while (is_operator(r, "&&") || is_operator(r, "||")) {
		struct shell_node *both = make_node(r, is_operator(r, "&&") ? SHELL_AND : SHELL_OR);
		both->a = n;
		both->line = n->line;
		HM_TRY(repair_shell_next(r));
		HM_TRY(skip_newlines(r));
		HM_TRY(parse_pipe(r, &both->b));
		n = both;
	}
	*out = n;
	return NULL;
}

static hm_err parse_list(struct shell_reader *r, struct shell_node **out)
{
	struct shell_node *list = make_node(r, SHELL_LIST), **to = &list->a;
	HM_TRY(skip_newlines(r));
	while (!is_end(r)) {
		HM_TRY(parse_and_or(r, to));
		if (is_operator(r, "&")) {
			struct shell_node *back = make_node(r, SHELL_BACK);
			back->a = *to;
			*to = back;
		}
		to = &(*to)->next;
		if (is_operator(r, ";") || is_operator(r, "&"))
			HM_TRY(repair_shell_next(r));
		else if (r->token.type != SHELL_NEWLINE && !is_end(r))
			return fault_at(r, "the end of a command");
		HM_TRY(skip_newlines(r));
	}
	*out = list->a ? list : NULL;
	return NULL;
}

hm_err repair_shell_inner(struct shell_reader *r)
{
	struct shell_node *list;
	HM_TRY(repair_shell_next(r));
	HM_TRY(parse_list(r, &list));
	return is_operator(r, ")") ? NULL : fault_at(r, ")");
}

hm_err repair_shell_parse(struct hm_cx *cx, struct hm_str text, struct shell_node **out)
{
	struct shell_reader r = { .cx = cx, .text = text, .line = 1 };
	if (text.n > HM_MAX_SCRIPT)
		return hm_fail(cx, HM_LIMIT, "a script of %zu bytes", text.n);
	HM_TRY(repair_shell_next(&r));
	HM_TRY(parse_list(&r, out));
	return r.token.type == SHELL_END ? NULL : fault_at(&r, "a command");
}
