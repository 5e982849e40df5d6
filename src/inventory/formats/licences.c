/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/formats/licences.h"

#include "inventory/formats/licence_ids.h"

enum { MAX_EXPRESSION = 4096, MAX_DEPTH = 64 };

static const char *find_in_list(const char *const *list, size_t n, struct hm_str s)
{
	size_t low = 0, high = n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int c = hm_cmp_nocase(hm_cstr(list[middle]), s);
		if (c == 0)
			return list[middle];
		if (c < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

const char *inventory_licence_id(struct hm_str s)
{
	return find_in_list(inventory_licence_ids, inventory_licence_ids_n, s);
}

/* "(", ")" or a word. */
static struct hm_str next_token(struct hm_str *rest)
{
	while (rest->n && hm_is_space(rest->p[0]))
		*rest = hm_from(*rest, 1);
	size_t n = 0;
	if (rest->n && (rest->p[0] == '(' || rest->p[0] == ')'))
		n = 1;
	else
		while (n < rest->n && !hm_is_space(rest->p[n]) && rest->p[n] != '(' &&
		       rest->p[n] != ')')
			n++;
	struct hm_str t = hm_sub(*rest, 0, n);
	*rest = hm_from(*rest, n);
	return t;
}

static bool is_operator(struct hm_str t, const char *upper, const char *lower)
{
	return hm_eqz(t, upper) || hm_eqz(t, lower);
}

/* An identifier, perhaps with '+' for "or later". */
static bool add_licence(struct hm_buf *b, struct hm_str t)
{
	const char *id = inventory_licence_id(t);
	bool later = !id && hm_ends(t, HM_STR("+"));
	if (later)
		id = inventory_licence_id(hm_sub(t, 0, t.n - 1));
	if (!id)
		return false;
	hm_buf_addz(b, id);
	if (later)
		hm_buf_char(b, '+');
	return true;
}

static bool add_exception(struct hm_buf *b, struct hm_str t)
{
	const char *id =
		find_in_list(inventory_licence_exceptions, inventory_licence_exceptions_n, t);
	if (!id)
		return false;
	hm_buf_addz(b, " WITH ");
	hm_buf_addz(b, id);
	return true;
}

struct checker {
	struct hm_buf b;
	struct hm_str rest;
	size_t depth;
	bool wants_operand, may_have_exception;
};

static void checker_done(struct checker *c)
{
	hm_buf_done(&c->b);
}

static bool read_operand(struct checker *c, struct hm_str t)
{
	bool opens = hm_eqz(t, "(");
	c->may_have_exception = !opens;
	c->wants_operand = opens;
	if (!opens)
		return add_licence(&c->b, t);
	hm_buf_char(&c->b, '(');
	return ++c->depth <= MAX_DEPTH;
}

static bool read_operation(struct checker *c, struct hm_str t)
{
	bool may_have_exception = c->may_have_exception;
	c->may_have_exception = false;
	if (hm_eqz(t, ")")) {
		hm_buf_char(&c->b, ')');
		return c->depth-- > 0;
	}
	if (is_operator(t, "WITH", "with"))
		return may_have_exception && add_exception(&c->b, next_token(&c->rest));
	bool is_and = is_operator(t, "AND", "and");
	hm_buf_addz(&c->b, is_and ? " AND " : " OR ");
	c->wants_operand = true;
	return is_and || is_operator(t, "OR", "or");
}

/* licence [WITH exception] joined by AND and OR, in parentheses or not: it is enough to know
 * whether an operand or an operator comes next, and how many parentheses are open. */
bool inventory_licence_expression(struct hm_cx *cx, struct hm_str stated, struct hm_str *out)
{
	HM_CLEANUP(checker_done)
	struct checker c = { HM_BUF(2 * MAX_EXPRESSION), stated, 0, true, false };
	if (stated.n > MAX_EXPRESSION)
		return false;
	for (struct hm_str t = next_token(&c.rest); t.n; t = next_token(&c.rest))
		if (!(c.wants_operand ? read_operand(&c, t) : read_operation(&c, t)))
			return false;
	if (c.wants_operand || c.depth || c.b.over)
		return false;
	*out = hm_dup(cx, hm_buf_str(&c.b));
	return true;
}
