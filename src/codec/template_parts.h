/* SPDX-License-Identifier: Apache-2.0 */
/* template_parts.h - what the files template*.c share. */
#ifndef CODEC_TEMPLATE_PARTS_H
#define CODEC_TEMPLATE_PARTS_H

#include "codec/json.h"

/* --- values --- */

enum value_kind {
	VALUE_NONE, /* no value at all: a key that is not there */
	VALUE_NIL,  /* a null within something: a field of it is a mistake, one of no value is none
		     */
	VALUE_BOOL,
	VALUE_INT,
	VALUE_FLOAT,
	VALUE_STR,
	VALUE_LIST,
	VALUE_MAP
};

struct value {
	enum value_kind kind;
	bool strings; /* of a list: Go's []string */
	union {
		bool truth;
		int64_t whole;
		double real;
		struct hm_str str;
		struct {
			struct value *p;
			size_t n;
		} list;
		struct {
			struct member *p; /* sorted by key */
			size_t n;
		} map;
	};
};

struct member {
	struct hm_str key;
	struct value value;
	size_t order; /* in the document: of equal keys the last counts */
};

static inline struct value value_bool(bool b)
{
	return (struct value){ .kind = VALUE_BOOL, .truth = b };
}
static inline struct value value_int(int64_t i)
{
	return (struct value){ .kind = VALUE_INT, .whole = i };
}
static inline struct value value_str(struct hm_str s)
{
	return (struct value){ .kind = VALUE_STR, .str = s };
}
static inline bool value_is_nil(const struct value *v)
{
	return v->kind <= VALUE_NIL;
}

/* HM_LIMIT: the budget. */
HM_MUST hm_err template_value_of_json(struct hm_cx *cx, struct json doc, struct value *out);
/* What `if` goes by, and Sprig's `empty` by its opposite. */
bool template_value_is_true(const struct value *v);
/* Where it is not there: NULL. */
const struct value *template_value_member(const struct value *map, struct hm_str key);
/* As Go names it: "float64", "map[string]interface {}". */
const char *template_value_type(const struct value *v);
/* fmt's %v. */
void template_value_print(struct hm_buf *b, const struct value *v);
/* fmt.Sprint(): a space between two that are no texts. */
void template_value_print_all(struct hm_buf *b, const struct value *args, size_t n);
enum value_json { VALUE_JSON_PRETTY = 1, VALUE_JSON_RAW = 2 /* < > & as they are */ };
void template_value_json(struct hm_buf *b, const struct value *v, unsigned flags);
/* strconv.Quote(); is_print: unicode.IsPrint(), as far as we know. */
void template_quote(struct hm_buf *b, struct hm_str s);
bool template_is_print(uint32_t c);
/* The code point at the head of `s`, which is not empty; *out_n its bytes. U+FFFD and 1: no UTF-8.
 */
uint32_t template_rune(struct hm_str s, size_t *out_n);
/* The shortest digits that read back as `v`, which is finite and not negative: "d.ddd" without the
 * point, and the decimal exponent of the first. */
struct digits {
	char p[20];
	int n, exponent;
};
struct digits template_digits(double v);

/* --- functions --- */

struct fn {
	const char *name;
	unsigned least, most; /* arguments */
	hm_err (*call)(struct hm_cx *cx, const struct value *args, size_t n, struct value *out);
	bool lazy, until; /* and, or: made of jumps; `until`: the truth that ends it */
};
/* NULL: there is none of this name. */
const struct fn *template_fn_find(struct hm_str name);

#define FN(name) \
	hm_err name(struct hm_cx *cx, const struct value *args, size_t n, struct value *out)
FN(template_fn_contains);
FN(template_fn_eq);
FN(template_fn_ge);
FN(template_fn_gt);
FN(template_fn_has_prefix);
FN(template_fn_has_suffix);
FN(template_fn_html);
FN(template_fn_join);
FN(template_fn_js);
FN(template_fn_le);
FN(template_fn_lower);
FN(template_fn_lt);
FN(template_fn_ne);
FN(template_fn_not);
FN(template_fn_printf);
FN(template_fn_quote);
FN(template_fn_replace);
FN(template_fn_split_list);
FN(template_fn_squote);
FN(template_fn_trim);
FN(template_fn_trim_prefix);
FN(template_fn_trim_suffix);
FN(template_fn_upper);
FN(template_fn_urlquery);
/* The i-th argument, that is to be a text. HM_INPUT. */
HM_MUST hm_err template_fn_text(struct hm_cx *cx, const struct value *args, size_t i,
				struct hm_str *out);
/* A text that was made, charged to the budget. HM_LIMIT. */
HM_MUST hm_err template_fn_made(struct hm_cx *cx, const struct hm_buf *b, struct value *out);
/* Sprig's strval: a text as it is, all else as %v. */
void template_fn_as_text(struct hm_buf *b, const struct value *v);

/* --- steps --- */

enum op {
	OP_TEXT,   /* print .text */
	OP_PRINT,  /* pop, print */
	OP_PUSH,   /* .value */
	OP_DOT,    /* push dot */
	OP_VAR,    /* push variable .slots[0] */
	OP_SET,    /* variable .slots[0] = top; pop if .n */
	OP_FIELD,  /* top = its member .text */
	OP_CALL,   /* .fn with .n arguments; if .piped the lowest of them is the last */
	OP_SETTLE, /* top: nil becomes no value, at the end of each command */
	OP_POP,
	OP_DROP, /* what is below the top */
	OP_JUMP,
	OP_UNLESS, /* pop; jump if it is not true */
	OP_DECIDE, /* jump if the truth of the top is .n */
	OP_WITH,   /* pop; jump if it is not true, else it is dot */
	OP_UNDOT,
	OP_RANGE, /* pop; begin a loop over it with .n variables .slots; jump if it is empty */
	OP_NEXT,  /* the next round: jump; or the end of the loop */
	OP_BREAK, /* end the loop; jump */
	OPS
};

struct step {
	enum op op;
	bool piped;
	uint32_t at, to, n; /* where in the template; where a jump leads to */
	uint32_t slots[2];
	struct hm_str text;
	struct value value;
	const struct fn *fn;
};

struct template
{
	struct hm_str text;
	struct {
		struct step *p;
		size_t n, cap;
	} steps;
	size_t slots; /* variables; 0 is $ */
};

/* "template: line L, column C: " before the sentence. */
HM_MUST HM_NEVER_NULL hm_err template_fail(struct hm_cx *cx, struct hm_str text, size_t at,
					   hm_err err);

/* --- tokens --- */

enum token_kind {
	TOKEN_CLOSE, /* }} */
	TOKEN_LEFT,
	TOKEN_RIGHT,
	TOKEN_PIPE,
	TOKEN_COMMA,
	TOKEN_ASSIGN,
	TOKEN_DECLARE,
	TOKEN_DOT,
	TOKEN_FIELD, /* .text without the dot */
	TOKEN_VAR,   /* .text with its $ */
	TOKEN_WORD,
	TOKEN_VALUE /* a literal number or text */
};

struct token {
	enum token_kind kind;
	bool spaced; /* white space before it */
	size_t at;
	struct hm_str text;
	struct value value;
};

struct lexer {
	struct hm_str text;
	size_t at;
};

/* The text up to the next action, trimmed as the markers say; *out_action: there is one, and the
 * lexer stands in it. Comments are left out (and end a piece of text). */
HM_MUST hm_err template_lex_text(struct hm_cx *cx, struct lexer *l, struct hm_str *out,
				 bool *out_action);
/* The next token of an action; TOKEN_CLOSE takes the white space behind a "-}}" with it. */
HM_MUST hm_err template_lex_token(struct hm_cx *cx, struct lexer *l, struct token *out);

/* --- the parser --- */

struct parser {
	struct hm_cx *cx;
	struct lexer lexer;
	struct template *t;
	struct hm_strs vars; /* in scope; the place is the slot */
	size_t depth;        /* of blocks */
};

struct step *template_parse_step(struct parser *p, enum op op, size_t at);
HM_MUST HM_NEVER_NULL hm_err template_parse_fail(const struct parser *p, size_t at, const char *fmt,
						 ...) HM_PRINTF(3, 4);
HM_MUST hm_err template_parse_depth(const struct parser *p, size_t at, size_t depth);

/* "$x :=", "$i, $e :=", "$x =" */
struct declared {
	struct hm_str names[2];
	size_t n, at;
	bool assign;
};
/* A pipeline up to its "}}", which leaves its value on the stack; `what` it is for. More than one
 * variable only where `two`. The new variables are not in scope yet. */
HM_MUST hm_err template_parse_pipeline(struct parser *p, const char *what, bool two,
				       struct declared *out);
/* They are now; .slots: where. HM_USAGE: to be assigned, and not there. */
HM_MUST hm_err template_parse_declared(struct parser *p, const struct declared *d,
				       uint32_t *out_slots);

#endif
