/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/shell/parts.h"

/* ------------------------------------------------------------------ ways that are perhaps taken */

/* What ended this way, perhaps. Had the script failed, nobody would ask. */
static void leave_maybe(struct shell *sh)
{
	bool fails = sh->status > 0 && !sh->subshells;
	if (sh->is_unknown)
		return;
	if (sh->flow == SHELL_EXIT && !fails)
		sh->maybe_over = true;
	else if (sh->flow && sh->flow != SHELL_EXIT)
		sh->maybe_back = true;
	sh->flow = SHELL_ON;
}

void repair_shell_enter(struct shell *sh, struct shell_scope *s)
{
	repair_shell_save(sh, &s->before);
	s->maybe_back = sh->maybe_back;
	sh->maybe_back = false;
}

void repair_shell_leave(struct shell *sh, const struct shell_scope *s)
{
	if (sh->maybe_back) {
		repair_shell_merge(sh, &s->before);
		sh->status = SHELL_MAYBE;
	}
	sh->maybe_back = s->maybe_back;
}

static hm_err run_maybe(struct shell *sh, const struct shell_node *n)
{
	struct shell_variables before;
	if (!n)
		return NULL;
	repair_shell_save(sh, &before);
	sh->maybe++;
	HM_TRY(repair_shell_node(sh, n));
	sh->maybe--;
	leave_maybe(sh);
	repair_shell_merge(sh, &before);
	return NULL;
}

static hm_err run_both(struct shell *sh, const struct shell_node *a, const struct shell_node *b)
{
	struct shell_variables before, after;
	repair_shell_save(sh, &before);
	HM_TRY(run_maybe(sh, a));
	if (sh->flow)
		return NULL;
	repair_shell_save(sh, &after);
	sh->variables = before;
	HM_TRY(run_maybe(sh, b));
	repair_shell_merge(sh, &after);
	sh->status = SHELL_MAYBE;
	return NULL;
}

static hm_err run_tested(struct shell *sh, const struct shell_node *n)
{
	sh->tested++;
	HM_TRY(repair_shell_node(sh, n));
	sh->tested--;
	return NULL;
}

/* ------------------------------------------------------------------ compound commands */

hm_err repair_shell_and_or(struct shell *sh, const struct shell_node *n)
{
	int wanted = n->type == SHELL_AND;
	HM_TRY(run_tested(sh, n->a));
	if (sh->flow)
		return NULL;
	int first = sh->status;
	if (first != SHELL_MAYBE)
		return (first == 0) == wanted ? repair_shell_node(sh, n->b) : NULL;
	sh->tested++;
	HM_TRY(run_maybe(sh, n->b));
	sh->tested--;
	/* a || true succeeds; a && false does not. */
	if (sh->status == SHELL_MAYBE || (sh->status == 0) == wanted)
		sh->status = SHELL_MAYBE;
	return NULL;
}

hm_err repair_shell_if(struct shell *sh, const struct shell_node *n)
{
	HM_TRY(run_tested(sh, n->a));
	if (sh->flow)
		return NULL;
	if (sh->status == SHELL_MAYBE)
		return run_both(sh, n->b, n->c);
	const struct shell_node *way = sh->status == 0 ? n->b : n->c;
	sh->status = 0;
	return way ? repair_shell_node(sh, way) : NULL;
}

/* True: the loop is over. */
static bool end_round(struct shell *sh)
{
	bool over = sh->flow && sh->flow != SHELL_CONTINUE;
	if (sh->flow == SHELL_BREAK || sh->flow == SHELL_CONTINUE)
		sh->flow = SHELL_ON;
	return over;
}

/* What the first round changes is not known in the second, which stands for all the others. */
static hm_err run_rounds(struct shell *sh, const struct shell_node *n)
{
	for (int i = 0; i < 2 && !sh->flow; i++) {
		HM_TRY(run_maybe(sh, n->b));
		if (!sh->flow)
			HM_TRY(run_tested(sh, n->a));
	}
	sh->status = SHELL_MAYBE;
	return NULL;
}

static hm_err run_while_rounds(struct shell *sh, const struct shell_node *n)
{
	for (;;) {
		HM_TRY(repair_shell_step(sh));
		HM_TRY(run_tested(sh, n->a));
		if (sh->flow)
			return NULL;
		if (sh->status == SHELL_MAYBE)
			return run_rounds(sh, n);
		if ((sh->status == 0) != (n->type == SHELL_WHILE))
			break;
		HM_TRY(repair_shell_node(sh, n->b));
		if (end_round(sh))
			break;
	}
	if (!sh->flow)
		sh->status = 0;
	return NULL;
}

hm_err repair_shell_while(struct shell *sh, const struct shell_node *n)
{
	struct shell_scope scope;
	repair_shell_enter(sh, &scope);
	HM_TRY(run_while_rounds(sh, n));
	repair_shell_leave(sh, &scope);
	return NULL;
}

hm_err repair_shell_for(struct shell *sh, const struct shell_node *n)
{
	struct shell_args words = { 0 };
	for (size_t i = 0; i < n->words.n; i++)
		HM_TRY(repair_shell_fields(sh, n->words.p[i], &words));
	for (size_t i = 1; !n->has_words && i < sh->args.n; i++)
		*hm_push(sh->cx, &words) = sh->args.p[i];
	struct shell_scope scope;
	repair_shell_enter(sh, &scope);
	sh->status = 0;
	for (size_t i = 0; i < words.n && !sh->flow; i++) {
		HM_TRY(repair_shell_step(sh));
		repair_shell_set(sh, n->name, words.p[i]);
		if (words.p[i].know) { /* none, one or many */
			HM_TRY(run_maybe(sh, n->a));
			if (!sh->flow)
				HM_TRY(run_maybe(sh, n->a));
			continue;
		}
		HM_TRY(repair_shell_node(sh, n->a));
		if (end_round(sh))
			break;
	}
	repair_shell_leave(sh, &scope);
	return NULL;
}

static hm_err match_case(struct shell *sh, const struct shell_case *c, struct shell_text word,
			 int *out)
{
	*out = false;
	for (size_t i = 0; i < c->patterns.n && *out != true; i++) {
		struct shell_text p;
		HM_TRY(repair_shell_pattern(sh, c->patterns.p[i], &p));
		if (hm_eqz(p.s, "*") && !p.know)
			*out = true;
		else if (p.know || word.know)
			*out = SHELL_MAYBE;
		else if (repair_shell_matches(sh, p.s, word.s))
			*out = true;
	}
	return NULL;
}

hm_err repair_shell_case(struct shell *sh, const struct shell_node *n)
{
	struct shell_variables before, all = { 0 };
	struct shell_text word;
	bool maybe = false;
	HM_TRY(repair_shell_one(sh, n->words.p[0], &word));
	repair_shell_save(sh, &before);
	for (size_t i = 0; i < n->cases.n && !sh->flow; i++) {
		int is;
		HM_TRY(match_case(sh, &n->cases.p[i], word, &is));
		if (!is)
			continue;
		if (is == true && !maybe) {
			sh->status = 0;
			return n->cases.p[i].body ? repair_shell_node(sh, n->cases.p[i].body)
						  : NULL;
		}
		maybe = true;
		repair_shell_save(sh, &all);
		sh->variables = before;
		repair_shell_save(sh, &before);
		HM_TRY(run_maybe(sh, n->cases.p[i].body));
		repair_shell_merge(sh, &all);
		if (is == true)
			break;
	}
	sh->status = maybe ? SHELL_MAYBE : 0;
	return NULL;
}

hm_err repair_shell_not(struct shell *sh, const struct shell_node *n)
{
	HM_TRY(run_tested(sh, n->a));
	if (sh->status != SHELL_MAYBE)
		sh->status = !sh->status;
	return NULL;
}
