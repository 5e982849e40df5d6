/* SPDX-License-Identifier: Apache-2.0 */
/* Documents of GraphQL (October 2021, 2.2 and after), without recursion: what is open lies on a
 * stack. */
#include "codec/graphql.h"

struct parser {
	struct hm_cx *cx;
	struct graphql_lexer l;
	struct graphql_document *d;
};

/* ------------------------------------------------------------------ tokens and nodes */

static bool is_mark(const struct parser *p, const char *mark)
{
	return p->l.kind == GRAPHQL_T_MARK && hm_eqz(p->l.text, mark);
}

static bool is_word(const struct parser *p, const char *word)
{
	return p->l.kind == GRAPHQL_T_NAME && hm_eqz(p->l.text, word);
}

static hm_err go_on(struct parser *p)
{
	return graphql_next(p->cx, &p->l);
}

static hm_err fail_at(struct parser *p, const char *wanted)
{
	const char *have = p->l.kind == GRAPHQL_T_END      ? "the end"
			   : p->l.kind == GRAPHQL_T_STRING ? "a string"
							   : hm_dupz(p->cx, p->l.text);
	return graphql_fail(p->cx, &p->l,
			    hm_fmt(p->cx, "%s is wanted there, not %s", wanted, have).p);
}

static hm_err take_mark(struct parser *p, const char *mark)
{
	if (!is_mark(p, mark))
		return fail_at(p, hm_fmt(p->cx, "\"%s\"", mark).p);
	return go_on(p);
}

static hm_err take_name(struct parser *p, struct hm_str *out)
{
	if (p->l.kind != GRAPHQL_T_NAME)
		return fail_at(p, "a name");
	*out = p->l.text;
	return go_on(p);
}

/* Where a list of siblings goes on: its first, and its last so far. */
struct list {
	uint32_t first, last;
};

static uint32_t add_node(struct parser *p, struct list *to, enum graphql_kind kind)
{
	uint32_t n = (uint32_t)p->d->n;
	*hm_push(p->cx, p->d) = (struct graphql_node){ .kind = kind,
						       .line = p->l.token_line,
						       .column = p->l.token_column };
	if (to && to->last)
		p->d->p[to->last].next = n;
	if (to && !to->first)
		to->first = n;
	if (to)
		to->last = n;
	return n;
}

static struct graphql_node *at(struct parser *p, uint32_t n)
{
	return &p->d->p[n];
}

static hm_err check_depth(struct parser *p, size_t depth)
{
	if (depth <= HM_MAX_GRAPHQL_DEPTH)
		return NULL;
	return hm_fail(p->cx, HM_LIMIT, "line %u: the query is nested more than %u levels deep",
		       p->l.token_line, (unsigned)HM_MAX_GRAPHQL_DEPTH);
}

/* ------------------------------------------------------------------ values (2.9) */

/* A value that is not a list or an object; `is_const`: no variable may stand in it. */
static hm_err read_plain(struct parser *p, struct list *to, bool is_const)
{
	static const enum graphql_kind kinds[] = { [GRAPHQL_T_INT] = GRAPHQL_INT,
						   [GRAPHQL_T_FLOAT] = GRAPHQL_FLOAT,
						   [GRAPHQL_T_STRING] = GRAPHQL_STRING,
						   [GRAPHQL_T_NAME] = GRAPHQL_ENUM };
	uint32_t n;
	if (is_mark(p, "$") && !is_const) {
		n = add_node(p, to, GRAPHQL_VARIABLE);
		HM_TRY(go_on(p));
		return take_name(p, &at(p, n)->name);
	}
	if (p->l.kind == GRAPHQL_T_END || p->l.kind == GRAPHQL_T_MARK)
		return fail_at(p, "a value");
	n = add_node(p, to, kinds[p->l.kind]);
	at(p, n)->name = p->l.text;
	if (is_word(p, "true") || is_word(p, "false"))
		at(p, n)->kind = GRAPHQL_BOOLEAN;
	else if (is_word(p, "null"))
		at(p, n)->kind = GRAPHQL_NULL;
	return go_on(p);
}

struct open_value {
	uint32_t node;
	struct list inside;
};

/* The next element or member of what is open; a list or an object in it is opened in turn. */
static hm_err read_element(struct parser *p, struct list *to, bool is_const, uint32_t *out_opened)
{
	bool is_list = is_mark(p, "[");
	*out_opened = 0;
	if (!is_list && !is_mark(p, "{"))
		return read_plain(p, to, is_const);
	*out_opened = add_node(p, to, is_list ? GRAPHQL_LIST : GRAPHQL_OBJECT);
	return go_on(p);
}

/* A member's name and ':'; its value goes to a list of its own, which *out is. */
static hm_err read_member(struct parser *p, struct list *to, uint32_t *out)
{
	struct hm_str name;
	uint32_t n = add_node(p, to, GRAPHQL_ARGUMENT);
	HM_TRY(take_name(p, &name));
	at(p, n)->name = name;
	*out = n;
	return take_mark(p, ":");
}

static hm_err read_value(struct parser *p, bool is_const, uint32_t *out)
{
	HM_VEC(struct open_value) open = { 0 };
	struct list top = { 0 };
	uint32_t opened, member = 0;
	HM_TRY(read_element(p, &top, is_const, &opened));
	*out = top.first;
	while (opened || open.n) {
		if (opened) {
			HM_TRY(check_depth(p, open.n + 1));
			*hm_push(p->cx, &open) = (struct open_value){ .node = opened };
		}
		struct open_value *o = &open.p[open.n - 1];
		bool is_list = at(p, o->node)->kind == GRAPHQL_LIST;
		opened = 0;
		if (is_mark(p, is_list ? "]" : "}")) {
			at(p, o->node)->children = o->inside.first;
			open.n--;
			HM_TRY(go_on(p));
		} else if (is_list) {
			HM_TRY(read_element(p, &o->inside, is_const, &opened));
		} else {
			struct list value = { 0 };
			HM_TRY(read_member(p, &o->inside, &member));
			HM_TRY(read_element(p, &value, is_const, &opened));
			at(p, member)->value = value.first;
		}
	}
	return NULL;
}

/* ------------------------------------------------------------------ arguments, directives */

static hm_err read_arguments(struct parser *p, bool is_const, uint32_t *out)
{
	struct list all = { 0 };
	*out = 0;
	if (!is_mark(p, "("))
		return NULL;
	HM_TRY(go_on(p));
	do {
		uint32_t n, value;
		HM_TRY(read_member(p, &all, &n));
		HM_TRY(read_value(p, is_const, &value));
		at(p, n)->value = value;
	} while (!is_mark(p, ")"));
	*out = all.first;
	return go_on(p);
}

static hm_err read_directives(struct parser *p, bool is_const, uint32_t *out)
{
	struct list all = { 0 };
	while (is_mark(p, "@")) {
		struct hm_str name;
		uint32_t n = add_node(p, &all, GRAPHQL_DIRECTIVE), arguments;
		HM_TRY(go_on(p));
		HM_TRY(take_name(p, &name));
		HM_TRY(read_arguments(p, is_const, &arguments));
		at(p, n)->name = name;
		at(p, n)->arguments = arguments;
	}
	*out = all.first;
	return NULL;
}

/* A type (2.11) as text, without blanks. */
static hm_err read_type(struct parser *p, struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(HM_KIB);
	struct hm_str name = { 0 };
	size_t depth = 0;
	for (; is_mark(p, "["); depth++) {
		HM_TRY(check_depth(p, depth + 1));
		hm_buf_char(&b, '[');
		HM_TRY(go_on(p));
	}
	HM_TRY(take_name(p, &name));
	hm_buf_add(&b, name);
	for (;;) {
		if (is_mark(p, "!")) {
			hm_buf_char(&b, '!');
			HM_TRY(go_on(p));
		}
		if (!depth)
			break;
		HM_TRY(take_mark(p, "]"));
		hm_buf_char(&b, ']');
		depth--;
	}
	HM_TRY(hm_buf_end(p->cx, &b, "the name of a type", &name));
	*out = hm_dup(p->cx, name);
	return NULL;
}

static hm_err read_variables(struct parser *p, uint32_t *out)
{
	struct list all = { 0 };
	*out = 0;
	if (!is_mark(p, "("))
		return NULL;
	HM_TRY(go_on(p));
	do {
		struct graphql_node v = { 0 };
		uint32_t n = add_node(p, &all, GRAPHQL_VARIABLE_DEFINITION);
		HM_TRY(take_mark(p, "$"));
		HM_TRY(take_name(p, &v.name));
		HM_TRY(take_mark(p, ":"));
		HM_TRY(read_type(p, &v.type));
		if (is_mark(p, "=")) {
			HM_TRY(go_on(p));
			HM_TRY(read_value(p, true, &v.value));
		}
		HM_TRY(read_directives(p, true, &v.directives));
		at(p, n)->name = v.name;
		at(p, n)->type = v.type;
		at(p, n)->value = v.value;
		at(p, n)->directives = v.directives;
	} while (!is_mark(p, ")"));
	*out = all.first;
	return go_on(p);
}

/* ------------------------------------------------------------------ selections (2.4) */

static hm_err read_field(struct parser *p, struct list *to, uint32_t *out)
{
	struct hm_str name, alias;
	uint32_t n = add_node(p, to, GRAPHQL_FIELD), arguments, directives;
	HM_TRY(take_name(p, &name));
	alias = name;
	if (is_mark(p, ":")) {
		HM_TRY(go_on(p));
		HM_TRY(take_name(p, &name));
	}
	HM_TRY(read_arguments(p, false, &arguments));
	HM_TRY(read_directives(p, false, &directives));
	at(p, n)->name = name;
	at(p, n)->alias = alias;
	at(p, n)->arguments = arguments;
	at(p, n)->directives = directives;
	*out = n;
	return NULL;
}

/* Behind "..." (2.8): a fragment's name, or a condition that a selection follows. */
static hm_err read_fragment_use(struct parser *p, struct list *to, uint32_t *out)
{
	uint32_t n = add_node(p, to, GRAPHQL_INLINE), directives;
	struct hm_str name = HM_STR("");
	HM_TRY(go_on(p));
	if (is_word(p, "on")) {
		HM_TRY(go_on(p));
		HM_TRY(take_name(p, &name));
		at(p, n)->type = name;
	} else if (p->l.kind == GRAPHQL_T_NAME) {
		HM_TRY(take_name(p, &name));
		at(p, n)->kind = GRAPHQL_SPREAD;
		at(p, n)->name = name;
	}
	HM_TRY(read_directives(p, false, &directives));
	at(p, n)->directives = directives;
	*out = n;
	if (at(p, n)->kind == GRAPHQL_INLINE && !is_mark(p, "{"))
		return fail_at(p, "a selection");
	return NULL;
}

/* What stands in braces, for `owner`. */
static hm_err read_selection(struct parser *p, uint32_t owner)
{
	HM_VEC(struct open_value) open = { 0 };
	uint32_t n = owner;
	HM_TRY(is_mark(p, "{") ? NULL : fail_at(p, "a selection"));
	do {
		if (n && is_mark(p, "{")) {
			HM_TRY(check_depth(p, open.n + 1));
			*hm_push(p->cx, &open) = (struct open_value){ .node = n };
			if (open.n > p->d->depth)
				p->d->depth = (uint32_t)open.n;
			HM_TRY(go_on(p));
			if (is_mark(p, "}"))
				return fail_at(p, "a field");
		}
		struct open_value *o = &open.p[open.n - 1];
		n = 0;
		if (is_mark(p, "}")) {
			at(p, o->node)->children = o->inside.first;
			open.n--;
			HM_TRY(go_on(p));
		} else if (is_mark(p, "...")) {
			HM_TRY(read_fragment_use(p, &o->inside, &n));
			if (at(p, n)->kind == GRAPHQL_SPREAD)
				n = 0;
		} else {
			HM_TRY(read_field(p, &o->inside, &n));
		}
	} while (open.n);
	return NULL;
}

/* ------------------------------------------------------------------ definitions (2.2, 2.3) */

static hm_err read_operation(struct parser *p, struct list *to)
{
	static const struct {
		const char *word;
		enum graphql_kind kind;
	} types[] = { { "query", GRAPHQL_QUERY },
		      { "mutation", GRAPHQL_MUTATION },
		      { "subscription", GRAPHQL_SUBSCRIPTION } };
	struct hm_str name;
	uint32_t variables, directives;
	for (size_t i = 0; i < HM_LEN(types); i++) {
		if (!is_word(p, types[i].word))
			continue;
		uint32_t n = add_node(p, to, types[i].kind);
		HM_TRY(go_on(p));
		if (p->l.kind == GRAPHQL_T_NAME) {
			HM_TRY(take_name(p, &name));
			at(p, n)->name = name;
		}
		HM_TRY(read_variables(p, &variables));
		HM_TRY(read_directives(p, false, &directives));
		at(p, n)->variables = variables;
		at(p, n)->directives = directives;
		return read_selection(p, n);
	}
	return fail_at(p, "a query or a fragment");
}

static hm_err read_fragment(struct parser *p, struct list *to)
{
	struct hm_str name, type;
	uint32_t n = add_node(p, to, GRAPHQL_FRAGMENT), directives;
	HM_TRY(go_on(p));
	if (is_word(p, "on"))
		return fail_at(p, "the name of a fragment");
	HM_TRY(take_name(p, &name));
	if (!is_word(p, "on"))
		return fail_at(p, "\"on\"");
	HM_TRY(go_on(p));
	HM_TRY(take_name(p, &type));
	HM_TRY(read_directives(p, false, &directives));
	at(p, n)->name = name;
	at(p, n)->type = type;
	at(p, n)->directives = directives;
	return read_selection(p, n);
}

hm_err graphql_parse(struct hm_cx *cx, struct hm_str text, struct graphql_document *out)
{
	struct graphql_document d = { 0 };
	struct parser p = { .cx = cx, .l = { .all = text }, .d = &d };
	struct list definitions = { 0 };
	if (text.n > HM_MAX_GRAPHQL)
		return hm_fail(cx, HM_LIMIT, "the query has more than %llu bytes",
			       (unsigned long long)HM_MAX_GRAPHQL);
	if (!hm_is_utf8(text))
		return hm_fail(cx, HM_INPUT, "the query is not UTF-8");
	add_node(&p, NULL, GRAPHQL_NOTHING);
	HM_TRY(go_on(&p));
	do {
		if (is_mark(&p, "{"))
			HM_TRY(read_selection(&p, add_node(&p, &definitions, GRAPHQL_QUERY)));
		else if (is_word(&p, "fragment"))
			HM_TRY(read_fragment(&p, &definitions));
		else
			HM_TRY(read_operation(&p, &definitions));
	} while (p.l.kind != GRAPHQL_T_END);
	d.first = definitions.first;
	*out = d;
	return NULL;
}
