/* SPDX-License-Identifier: Apache-2.0 */
/* A pipeline becomes steps. Parentheses are a stack of pipelines that are not at their end. */
#include "codec/template_parts.h"

/* A command: a function and its arguments, or one operand. */
struct command {
	const struct fn *fn;
	bool there; /* it has begun */
	bool piped; /* it gets the value of the one before */
	uint32_t args;
	size_t at, decided; /* of and/or: the last jump to its end, + 1 */
};

struct pipeline {
	struct command now;
	size_t at;
};

struct pipelines {
	struct pipeline *p;
	size_t n, cap;
};

struct step *template_parse_step(struct parser *p, enum op op, size_t at)
{
	struct step *s = hm_push(p->cx, &p->t->steps);
	*s = (struct step){ .op = op, .at = (uint32_t)at };
	return s;
}

/* An argument of and/or ends it where its truth decides. The jumps are a chain through .to. */
static void add_decision(struct parser *p, struct command *c)
{
	struct step *s = template_parse_step(p, OP_DECIDE, c->at);
	s->n = c->fn->until;
	s->to = (uint32_t)c->decided;
	c->decided = p->t->steps.n;
}

/* The chain leads to `to` from now on. */
static void patch_decided(struct parser *p, size_t chain, size_t to)
{
	while (chain) {
		struct step *s = &p->t->steps.p[chain - 1];
		chain = s->to;
		s->to = (uint32_t)to;
	}
}

/* The value of the pipe, below all others, is the last argument: what decides before drops it. */
static void end_lazy(struct parser *p, struct command *c)
{
	if (!c->args)
		return;
	add_decision(p, c);
	if (!c->piped) {
		patch_decided(p, c->decided, p->t->steps.n);
		return;
	}
	template_parse_step(p, OP_POP, c->at);
	size_t jump = p->t->steps.n;
	template_parse_step(p, OP_JUMP, c->at);
	patch_decided(p, c->decided, p->t->steps.n);
	template_parse_step(p, OP_DROP, c->at);
	p->t->steps.p[jump].to = (uint32_t)p->t->steps.n;
}

static hm_err add_call(struct parser *p, const struct fn *fn, uint32_t args, bool piped, size_t at)
{
	uint32_t n = args + piped;
	if (n < fn->least || n > fn->most)
		return template_parse_fail(p, at, "\"%s\" wants %s%u argument%s, and has %u",
					   fn->name,
					   fn->least == fn->most ? ""
					   : n < fn->least       ? "at least "
								 : "at most ",
					   n < fn->least ? fn->least : fn->most,
					   (n < fn->least ? fn->least : fn->most) == 1 ? "" : "s",
					   n);
	if (fn->lazy)
		return NULL;
	struct step *s = template_parse_step(p, OP_CALL, at);
	s->fn = fn;
	s->n = n;
	s->piped = piped;
	return NULL;
}

static hm_err end_command(struct parser *p, const struct pipeline *pl, size_t at, const char *what)
{
	struct command c = pl->now;
	if (!c.there)
		return template_parse_fail(p, at, "a value is missing in %s", what);
	if (c.fn) {
		HM_TRY(add_call(p, c.fn, c.args, c.piped, c.at));
		if (c.fn->lazy)
			end_lazy(p, &c);
	}
	template_parse_step(p, OP_SETTLE, c.at);
	return NULL;
}

/* Before an operand: is one allowed here? */
static hm_err begin_operand(struct parser *p, struct command *c, const struct token *t)
{
	if (c->there && !t->spaced)
		return template_parse_fail(p, t->at, "there is no space before the next argument");
	if (c->there && !c->fn)
		return template_parse_fail(p, t->at, "only a function can have an argument");
	if (c->there && c->fn->lazy && c->args) {
		add_decision(p, c);
		template_parse_step(p, OP_POP, t->at);
	}
	if (!c->there)
		c->at = t->at;
	return NULL;
}

/* What is no name of a function: a command of its own, or an argument. */
static hm_err count_operand(struct parser *p, struct command *c, const struct token *t)
{
	c->args += c->there;
	if (!c->there && c->piped)
		return template_parse_fail(p, t->at,
					   "what stands behind a \"|\" is not a function");
	c->there = true;
	return NULL;
}

/* .a.b behind an operand. */
static hm_err parse_fields(struct parser *p, bool allowed)
{
	for (;;) {
		struct lexer before = p->lexer;
		struct token t;
		HM_TRY(template_lex_token(p->cx, &p->lexer, &t));
		if (t.kind != TOKEN_FIELD || t.spaced) {
			p->lexer = before;
			return NULL;
		}
		if (!allowed)
			return template_parse_fail(p, t.at,
						   "what stands before the \".\" has no fields");
		template_parse_step(p, OP_FIELD, t.at)->text = t.text;
	}
}

static hm_err parse_variable(struct parser *p, const struct token *t)
{
	for (size_t i = p->vars.n; i > 0; i--) {
		if (!hm_eq(p->vars.p[i - 1], t->text))
			continue;
		template_parse_step(p, OP_VAR, t->at)->slots[0] = (uint32_t)(i - 1);
		return NULL;
	}
	return template_parse_fail(p, t->at, "the variable \"%.*s\" is not defined",
				   HM_FMT(t->text));
}

static bool is_constant(struct hm_str word, struct value *out)
{
	if (hm_eqz(word, "true") || hm_eqz(word, "false"))
		*out = value_bool(word.n == 4);
	else if (hm_eqz(word, "nil"))
		*out = (struct value){ .kind = VALUE_NIL };
	else
		return false;
	return true;
}

static bool is_keyword(struct hm_str word)
{
	static const char *const words[] = { "block", "break", "continue", "define",   "else",
					     "end",   "if",    "range",    "template", "with" };
	for (size_t i = 0; i < HM_LEN(words); i++)
		if (hm_eqz(word, words[i]))
			return true;
	return false;
}

/* The name of a function: at the head of a command it gets what follows; elsewhere, and with a
 * field behind it, nothing. */
static hm_err parse_function(struct parser *p, struct command *c, const struct token *t)
{
	const struct fn *fn = template_fn_find(t->text);
	struct lexer before = p->lexer;
	struct token next;
	if (!fn && is_keyword(t->text))
		return template_parse_fail(p, t->at, "\"%.*s\" does not belong there",
					   HM_FMT(t->text));
	if (!fn)
		return hm_hint(p->cx,
			       template_parse_fail(p, t->at,
						   "the function \"%.*s\" is not supported",
						   HM_FMT(t->text)),
			       "use -o json, and jq to select from it");
	HM_TRY(template_lex_token(p->cx, &p->lexer, &next));
	p->lexer = before;
	bool field = next.kind == TOKEN_FIELD && !next.spaced;
	if (!c->there && !field) {
		c->there = true;
		c->fn = fn;
		return NULL;
	}
	HM_TRY(count_operand(p, c, t));
	HM_TRY(add_call(p, fn, 0, false, t->at));
	return parse_fields(p, true);
}

static hm_err parse_operand(struct parser *p, struct command *c, const struct token *t)
{
	struct value v = t->value;
	bool head = !c->there, constant = t->kind == TOKEN_VALUE;
	HM_TRY(begin_operand(p, c, t));
	if (t->kind == TOKEN_WORD) {
		constant = is_constant(t->text, &v);
		if (!constant)
			return parse_function(p, c, t);
		if (head && v.kind == VALUE_NIL)
			return template_parse_fail(p, t->at, "nil is not a value of its own");
	}
	HM_TRY(count_operand(p, c, t));
	if (constant)
		template_parse_step(p, OP_PUSH, t->at)->value = v;
	else if (t->kind == TOKEN_VAR)
		HM_TRY(parse_variable(p, t));
	else
		template_parse_step(p, OP_DOT, t->at);
	if (t->kind == TOKEN_FIELD)
		template_parse_step(p, OP_FIELD, t->at)->text = t->text;
	return parse_fields(p, !constant && t->kind != TOKEN_DOT);
}

static hm_err open_parenthesis(struct parser *p, struct pipelines *all, const struct token *t)
{
	HM_TRY(template_parse_depth(p, t->at, p->depth + all->n));
	HM_TRY(begin_operand(p, &all->p[all->n - 1].now, t));
	HM_TRY(count_operand(p, &all->p[all->n - 1].now, t));
	*hm_push(p->cx, all) = (struct pipeline){ .at = t->at };
	return NULL;
}

static hm_err close_parenthesis(struct parser *p, struct pipelines *all, const struct token *t)
{
	if (all->n == 1)
		return template_parse_fail(p, t->at, "a \")\" without its \"(\"");
	HM_TRY(end_command(p, &all->p[all->n - 1], t->at, "the parentheses"));
	all->n--;
	return parse_fields(p, true);
}

/* The declarations at the head of a pipeline, if that is what it begins with. */
static hm_err parse_declarations(struct parser *p, bool two, struct declared *out)
{
	struct lexer start = p->lexer;
	struct token name, next;
	*out = (struct declared){ .n = 0 };
	for (;;) {
		HM_TRY(template_lex_token(p->cx, &p->lexer, &name));
		if (name.kind != TOKEN_VAR)
			break;
		HM_TRY(template_lex_token(p->cx, &p->lexer, &next));
		if (next.kind != TOKEN_COMMA && next.kind != TOKEN_ASSIGN &&
		    next.kind != TOKEN_DECLARE)
			break;
		if (out->n == 2 || (next.kind == TOKEN_COMMA && (!two || out->n)))
			return template_parse_fail(p, name.at, "too many variables are declared");
		out->at = name.at;
		out->names[out->n++] = name.text;
		out->assign = next.kind == TOKEN_ASSIGN;
		if (next.kind != TOKEN_COMMA)
			return NULL;
	}
	if (out->n)
		return template_parse_fail(p, name.at, "\"range\" can only declare variables");
	p->lexer = start;
	return NULL;
}

hm_err template_parse_pipeline(struct parser *p, const char *what, bool two, struct declared *out)
{
	struct pipelines all = { 0 };
	HM_TRY(parse_declarations(p, two, out));
	*hm_push(p->cx, &all) = (struct pipeline){ .at = p->lexer.at };
	for (;;) {
		struct token t;
		struct pipeline *top = &all.p[all.n - 1];
		HM_TRY(template_lex_token(p->cx, &p->lexer, &t));
		switch (t.kind) {
		case TOKEN_CLOSE:
			if (all.n > 1)
				return template_parse_fail(p, top->at, "a \"(\" without its \")\"");
			return end_command(p, top, t.at, what);
		case TOKEN_LEFT:
			HM_TRY(open_parenthesis(p, &all, &t));
			break;
		case TOKEN_RIGHT:
			HM_TRY(close_parenthesis(p, &all, &t));
			break;
		case TOKEN_PIPE:
			HM_TRY(end_command(p, top, t.at, what));
			top->now = (struct command){ .piped = true };
			break;
		case TOKEN_COMMA:
		case TOKEN_ASSIGN:
		case TOKEN_DECLARE:
			return template_parse_fail(p, t.at, "a sign that does not belong there");
		case TOKEN_DOT:
		case TOKEN_FIELD:
		case TOKEN_VAR:
		case TOKEN_WORD:
		case TOKEN_VALUE:
			HM_TRY(parse_operand(p, &top->now, &t));
		}
	}
}

hm_err template_parse_declared(struct parser *p, const struct declared *d, uint32_t *out_slots)
{
	for (size_t i = 0; i < d->n; i++) {
		size_t slot = p->vars.n;
		if (!d->assign) {
			*hm_push(p->cx, &p->vars) = d->names[i];
		} else {
			while (slot && !hm_eq(p->vars.p[slot - 1], d->names[i]))
				slot--;
			if (!slot)
				return template_parse_fail(p, d->at,
							   "the variable \"%.*s\" is not defined",
							   HM_FMT(d->names[i]));
			slot--;
		}
		out_slots[i] = (uint32_t)slot;
		if (slot >= p->t->slots)
			p->t->slots = slot + 1;
	}
	return NULL;
}
