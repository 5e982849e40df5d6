/* SPDX-License-Identifier: Apache-2.0 */
/* Text and blocks become steps. Blocks that are not at their end are a stack. */
#include "codec/template.h"

#include "codec/template_parts.h"

enum block_kind { BLOCK_IF, BLOCK_WITH, BLOCK_RANGE };

/* Jumps that lead to one place are a chain through .to, of step numbers + 1; 0 ends it. */
struct block {
	enum block_kind kind;
	bool has_else;
	size_t at;
	size_t vars, vars_inside; /* in scope before it, and at the head of its body */
	size_t otherwise;         /* the step that jumps to the else part */
	size_t body;
	size_t ends, nexts; /* chains: to the end; to the next round */
};

struct blocks {
	struct block *p;
	size_t n, cap;
};

static size_t next_step(const struct parser *p)
{
	return p->t->steps.n;
}

static void add_jump(struct parser *p, enum op op, size_t at, size_t *chain)
{
	template_parse_step(p, op, at)->to = (uint32_t)*chain;
	*chain = next_step(p);
}

static void patch_jumps(struct parser *p, size_t *chain)
{
	for (size_t at = *chain; at;) {
		struct step *s = &p->t->steps.p[at - 1];
		at = s->to;
		s->to = (uint32_t)next_step(p);
	}
	*chain = 0;
}

/* The head of a block, also of an "else if": its pipeline, and the step that begins it. */
static hm_err parse_head(struct parser *p, struct block *b, const char *word)
{
	static const enum op ops[] = {
		[BLOCK_IF] = OP_UNLESS, [BLOCK_WITH] = OP_WITH, [BLOCK_RANGE] = OP_RANGE
	};
	struct declared d;
	uint32_t slots[2] = { 0, 0 };
	HM_TRY(template_parse_pipeline(p, word, b->kind == BLOCK_RANGE, &d));
	HM_TRY(template_parse_declared(p, &d, slots));
	if (d.n && b->kind != BLOCK_RANGE)
		template_parse_step(p, OP_SET, b->at)->slots[0] = slots[0];
	struct step *s = template_parse_step(p, ops[b->kind], b->at);
	if (b->kind == BLOCK_RANGE) {
		s->n = (uint32_t)d.n;
		s->slots[0] = slots[0];
		s->slots[1] = slots[1];
	}
	b->otherwise = next_step(p) - 1;
	b->body = next_step(p);
	b->vars_inside = p->vars.n;
	return NULL;
}

static hm_err begin_block(struct parser *p, struct blocks *all, enum block_kind kind,
			  const struct token *t)
{
	HM_TRY(template_parse_depth(p, t->at, all->n));
	struct block *b = hm_push(p->cx, all);
	*b = (struct block){ .kind = kind, .at = t->at, .vars = p->vars.n };
	p->depth = all->n;
	return parse_head(p, b, kind == BLOCK_IF ? "if" : kind == BLOCK_WITH ? "with" : "range");
}

static hm_err expect_close(struct parser *p, const char *word)
{
	struct token t;
	HM_TRY(template_lex_token(p->cx, &p->lexer, &t));
	return t.kind == TOKEN_CLOSE
		       ? NULL
		       : template_parse_fail(p, t.at, "\"%s\" has something behind it", word);
}

/* What ends the body of a block, before its else part or its end. */
static void end_body(struct parser *p, struct block *b)
{
	if (b->kind == BLOCK_WITH)
		template_parse_step(p, OP_UNDOT, b->at);
	if (b->kind != BLOCK_RANGE)
		return;
	patch_jumps(p, &b->nexts);
	template_parse_step(p, OP_NEXT, b->at)->to = (uint32_t)b->body;
}

static hm_err parse_else(struct parser *p, struct blocks *all, const struct token *t)
{
	struct block *b = all->n ? &all->p[all->n - 1] : NULL;
	struct lexer before = p->lexer;
	struct token next;
	if (!b || b->has_else)
		return template_parse_fail(p, t->at, "\"else\" does not belong there");
	end_body(p, b);
	add_jump(p, OP_JUMP, t->at, &b->ends);
	p->t->steps.p[b->otherwise].to = (uint32_t)next_step(p);
	p->vars.n = b->vars_inside;
	HM_TRY(template_lex_token(p->cx, &p->lexer, &next));
	if (next.kind == TOKEN_WORD && ((b->kind == BLOCK_IF && hm_eqz(next.text, "if")) ||
					(b->kind == BLOCK_WITH && hm_eqz(next.text, "with"))))
		return parse_head(p, b, b->kind == BLOCK_IF ? "else if" : "else with");
	p->lexer = before;
	b->has_else = true;
	return expect_close(p, "else");
}

static hm_err parse_end(struct parser *p, struct blocks *all, const struct token *t)
{
	if (!all->n)
		return template_parse_fail(p, t->at, "\"end\" does not belong there");
	struct block *b = &all->p[all->n - 1];
	if (!b->has_else) {
		end_body(p, b);
		p->t->steps.p[b->otherwise].to = (uint32_t)next_step(p);
	}
	patch_jumps(p, &b->ends);
	p->vars.n = b->vars;
	p->depth = --all->n;
	return expect_close(p, "end");
}

/* The innermost loop below `n`; 0: none. `body`: in whose body this is, not in its else part. */
static size_t find_loop(const struct blocks *all, size_t n, bool body)
{
	while (n && (all->p[n - 1].kind != BLOCK_RANGE || (body && all->p[n - 1].has_else)))
		n--;
	return n;
}

/* break and continue: of the loop whose body this is; but in Go a break in the else part of a loop
 * within that body ends no more than that part. */
static hm_err parse_leave(struct parser *p, struct blocks *all, const struct token *t)
{
	bool leaves = hm_eqz(t->text, "break");
	size_t i = find_loop(all, all->n, true), inner = find_loop(all, all->n, false);
	if (!i)
		return template_parse_fail(p, t->at, "\"%.*s\" is not in a \"range\"",
					   HM_FMT(t->text));
	if (leaves && inner != i) {
		for (size_t k = all->n; k > inner; k--)
			if (all->p[k - 1].kind == BLOCK_WITH && !all->p[k - 1].has_else)
				template_parse_step(p, OP_UNDOT, t->at);
		add_jump(p, OP_JUMP, t->at, &all->p[inner - 1].ends);
		return expect_close(p, "break");
	}
	struct block *b = &all->p[i - 1];
	add_jump(p, leaves ? OP_BREAK : OP_JUMP, t->at, leaves ? &b->ends : &b->nexts);
	return expect_close(p, leaves ? "break" : "continue");
}

/* A pipeline of its own: its value is printed, unless it goes into a variable. */
static hm_err parse_print(struct parser *p, size_t at)
{
	struct declared d;
	uint32_t slots[2] = { 0, 0 };
	HM_TRY(template_parse_pipeline(p, "the action", false, &d));
	HM_TRY(template_parse_declared(p, &d, slots));
	struct step *s = template_parse_step(p, d.n ? OP_SET : OP_PRINT, at);
	s->slots[0] = slots[0];
	s->n = 1;
	return NULL;
}

static hm_err parse_action(struct parser *p, struct blocks *all)
{
	struct lexer before = p->lexer;
	struct token t;
	HM_TRY(template_lex_token(p->cx, &p->lexer, &t));
	if (t.kind == TOKEN_WORD) {
		if (hm_eqz(t.text, "if"))
			return begin_block(p, all, BLOCK_IF, &t);
		if (hm_eqz(t.text, "with"))
			return begin_block(p, all, BLOCK_WITH, &t);
		if (hm_eqz(t.text, "range"))
			return begin_block(p, all, BLOCK_RANGE, &t);
		if (hm_eqz(t.text, "else"))
			return parse_else(p, all, &t);
		if (hm_eqz(t.text, "end"))
			return parse_end(p, all, &t);
		if (hm_eqz(t.text, "break") || hm_eqz(t.text, "continue"))
			return parse_leave(p, all, &t);
		if (hm_eqz(t.text, "define") || hm_eqz(t.text, "template") ||
		    hm_eqz(t.text, "block"))
			return template_parse_fail(p, t.at, "\"%.*s\" is not supported",
						   HM_FMT(t.text));
	}
	p->lexer = before;
	return parse_print(p, t.at);
}

hm_err template_parse(struct hm_cx *cx, struct hm_str text, const struct template **out)
{
	struct template *t = hm_new(cx, struct template, 1);
	struct parser p = { .cx = cx, .lexer = { text, 0 }, .t = t };
	struct blocks all = { 0 };
	if (text.n > HM_MAX_TEMPLATE)
		return hm_fail(cx, HM_LIMIT, "a template of more than %llu bytes",
			       (unsigned long long)HM_MAX_TEMPLATE);
	*t = (struct template){ .text = text, .slots = 1 };
	*hm_push(cx, &p.vars) = HM_STR("$");
	while (p.lexer.at < text.n) {
		struct hm_str piece;
		bool action;
		HM_TRY(template_lex_text(cx, &p.lexer, &piece, &action));
		if (piece.n)
			template_parse_step(&p, OP_TEXT, 0)->text = piece;
		if (action)
			HM_TRY(parse_action(&p, &all));
	}
	if (all.n)
		return template_parse_fail(&p, all.p[all.n - 1].at, "the block has no \"end\"");
	*out = t;
	return NULL;
}
