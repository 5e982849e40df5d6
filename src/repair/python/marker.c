/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Environment markers (PEP 508): comparisons under "and", "or" and brackets, evaluated with two
 * stacks. What is not known of an image (its kernel) makes a comparison unknown.
 */
#include "advisory/advisory.h"
#include "repair/python/python.h"

enum { DEPTH = 64 };
enum token { T_END, T_BAD, T_OPEN, T_CLOSE, T_AND, T_OR, T_OPERATOR, T_VALUE };

struct value {
	struct hm_str text;
	bool is_known, is_extra;
};
struct reading {
	const struct python_environment *e;
	struct hm_str rest;
	struct hm_str verb; /* of T_OPERATOR */
	struct value value; /* of T_VALUE */
};
struct stacks {
	enum python_truth values[DEPTH];
	enum token operators[DEPTH];
	size_t values_n, operators_n;
};

static struct value variable(const struct python_environment *e, struct hm_str name)
{
	static const struct {
		const char *name;
		struct hm_str value;
	} rows[] = {
		{ "os_name", HM_STR_INIT("posix") },
		{ "os.name", HM_STR_INIT("posix") },
		{ "sys_platform", HM_STR_INIT("linux") },
		{ "sys.platform", HM_STR_INIT("linux") },
		{ "platform_system", HM_STR_INIT("Linux") },
		{ "platform_python_implementation", HM_STR_INIT("CPython") },
		{ "platform.python_implementation", HM_STR_INIT("CPython") },
		{ "python_implementation", HM_STR_INIT("CPython") },
		{ "implementation_name", HM_STR_INIT("cpython") },
	};
	if (hm_eqz(name, "extra"))
		return (struct value){ e->extra, true, true };
	if (hm_eqz(name, "python_version"))
		return (struct value){ e->version, e->version.n > 0, false };
	if (hm_eqz(name, "python_full_version") || hm_eqz(name, "implementation_version"))
		return (struct value){ e->full, e->full.n > 0, false };
	if (hm_eqz(name, "platform_machine") || hm_eqz(name, "platform.machine"))
		return (struct value){ e->machine, e->machine.n > 0, false };
	for (size_t i = 0; i < HM_LEN(rows); i++)
		if (hm_eqz(name, rows[i].name))
			return (struct value){ rows[i].value, true, false };
	return (struct value){ 0 };
}

static enum token cut_quoted(struct reading *r)
{
	char quote = *r->rest.p;
	struct hm_str body = hm_from(r->rest, 1);
	size_t end = hm_find_char(body, quote);
	if (end == SIZE_MAX)
		return T_BAD;
	r->value = (struct value){ hm_sub(body, 0, end), true, false };
	r->rest = hm_from(body, end + 1);
	return T_VALUE;
}

static enum token cut_operator(struct reading *r)
{
	static const char *const operators[] = { "===", "~=", "==", "!=", "<=", ">=", "<", ">" };
	for (size_t i = 0; i < HM_LEN(operators); i++)
		if (hm_starts(r->rest, hm_cstr(operators[i]))) {
			r->verb = hm_cstr(operators[i]);
			r->rest = hm_from(r->rest, r->verb.n);
			return T_OPERATOR;
		}
	return T_BAD;
}

static struct hm_str cut_word(struct hm_str *s)
{
	size_t n = 0;
	while (n < s->n && (hm_is_alpha(s->p[n]) || s->p[n] == '_' || s->p[n] == '.'))
		n++;
	struct hm_str word = hm_sub(*s, 0, n);
	*s = hm_from(*s, n);
	return word;
}

static enum token next_token(struct reading *r)
{
	r->rest = hm_trim(r->rest);
	if (!r->rest.n)
		return T_END;
	char c = *r->rest.p;
	if (c == '(' || c == ')') {
		r->rest = hm_from(r->rest, 1);
		return c == '(' ? T_OPEN : T_CLOSE;
	}
	if (c == '"' || c == '\'')
		return cut_quoted(r);
	struct hm_str word = cut_word(&r->rest);
	if (!word.n)
		return cut_operator(r);
	if (hm_eqz(word, "and") || hm_eqz(word, "or"))
		return hm_eqz(word, "and") ? T_AND : T_OR;
	if (hm_eqz(word, "not")) {
		r->rest = hm_trim(r->rest);
		r->verb = HM_STR("not in");
		return hm_eqz(cut_word(&r->rest), "in") ? T_OPERATOR : T_BAD;
	}
	if (hm_eqz(word, "in")) {
		r->verb = HM_STR("in");
		return T_OPERATOR;
	}
	r->value = variable(r->e, word);
	return T_VALUE;
}

static bool same_extra(struct hm_str a, struct hm_str b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++) {
		char x = hm_lower_char(a.p[i]), y = hm_lower_char(b.p[i]);
		x = x == '_' || x == '.' ? '-' : x;
		y = y == '_' || y == '.' ? '-' : y;
		if (x != y)
			return false;
	}
	return true;
}

static bool compare_texts(struct hm_str a, struct hm_str verb, struct hm_str b)
{
	int order = hm_cmp(a, b);
	if (hm_eqz(verb, "=="))
		return order == 0;
	if (hm_eqz(verb, "!="))
		return order != 0;
	if (hm_eqz(verb, "<="))
		return order <= 0;
	if (hm_eqz(verb, ">="))
		return order >= 0;
	return hm_eqz(verb, "<") ? order < 0 : order > 0;
}

/* Versions where both are, else texts. */
static enum python_truth compare(const struct value *a, struct hm_str verb, const struct value *b)
{
	char room[256];
	struct hm_str bound = b->text;
	if (!a->is_known || !b->is_known)
		return PYTHON_UNKNOWN;
	if (hm_eqz(verb, "in") || hm_eqz(verb, "not in"))
		return (hm_find(b->text, a->text) != SIZE_MAX) == hm_eqz(verb, "in");
	if (a->is_extra || b->is_extra)
		return same_extra(a->text, b->text) == hm_eqz(verb, "==");
	if (hm_ends(bound, HM_STR(".*")))
		bound.n -= 2;
	if (advisory_pep440_is_version(a->text) && advisory_pep440_is_version(bound)) {
		if (!hm_fmt_room(room, sizeof(room), "%.*s%.*s", HM_FMT(verb), HM_FMT(b->text)))
			return PYTHON_UNKNOWN;
		return advisory_pep440_satisfies(a->text, hm_cstr(room));
	}
	if (hm_eqz(verb, "===") || hm_eqz(verb, "~="))
		return PYTHON_UNKNOWN;
	return compare_texts(a->text, verb, b->text);
}

static enum python_truth both(enum python_truth a, enum python_truth b)
{
	if (a == PYTHON_FALSE || b == PYTHON_FALSE)
		return PYTHON_FALSE;
	return a == PYTHON_TRUE && b == PYTHON_TRUE ? PYTHON_TRUE : PYTHON_UNKNOWN;
}

static enum python_truth either(enum python_truth a, enum python_truth b)
{
	if (a == PYTHON_TRUE || b == PYTHON_TRUE)
		return PYTHON_TRUE;
	return a == PYTHON_FALSE && b == PYTHON_FALSE ? PYTHON_FALSE : PYTHON_UNKNOWN;
}

/* Those that bind at least as tightly as `until`: "and" before "or", up to a bracket. */
static bool reduce(struct stacks *s, enum token until)
{
	while (s->operators_n && s->operators[s->operators_n - 1] != T_OPEN &&
	       (until != T_AND || s->operators[s->operators_n - 1] == T_AND)) {
		enum token verb = s->operators[--s->operators_n];
		if (s->values_n < 2)
			return false;
		enum python_truth b = s->values[--s->values_n], a = s->values[s->values_n - 1];
		s->values[s->values_n - 1] = verb == T_AND ? both(a, b) : either(a, b);
	}
	return true;
}

static bool push_operator(struct stacks *s, enum token t)
{
	if (s->operators_n == DEPTH)
		return false;
	s->operators[s->operators_n++] = t;
	return true;
}

/* A comparison, whose first value is at hand. */
static bool push_comparison(struct reading *r, struct stacks *s)
{
	struct value a = r->value;
	if (next_token(r) != T_OPERATOR)
		return false;
	struct hm_str verb = r->verb;
	if (next_token(r) != T_VALUE || s->values_n == DEPTH)
		return false;
	s->values[s->values_n++] = compare(&a, verb, &r->value);
	return true;
}

static bool step(struct reading *r, struct stacks *s, enum token t)
{
	switch (t) {
	case T_VALUE:
		return push_comparison(r, s);
	case T_OPEN:
		return push_operator(s, t);
	case T_AND:
	case T_OR:
		return reduce(s, t) && push_operator(s, t);
	case T_CLOSE:
		if (!reduce(s, t) || !s->operators_n)
			return false;
		s->operators_n--;
		return true;
	case T_END:
	case T_BAD:
	case T_OPERATOR:
	default:
		return false;
	}
}

enum python_truth repair_python_marker(struct hm_str marker, const struct python_environment *e)
{
	struct reading r = { .e = e, .rest = marker };
	struct stacks s = { 0 };
	if (!hm_trim(marker).n)
		return PYTHON_TRUE;
	for (enum token t = next_token(&r); t != T_END; t = next_token(&r))
		if (!step(&r, &s, t))
			return PYTHON_UNKNOWN;
	if (!reduce(&s, T_END) || s.operators_n || s.values_n != 1)
		return PYTHON_UNKNOWN;
	return s.values[0];
}
