/* SPDX-License-Identifier: Apache-2.0 */
/*
 * syntax.h - inside repair/shell/: scripts of the POSIX shell, parsed.
 *
 * What dash accepts is accepted here, and nothing is run: shell.h says what a script would have
 * done. Words stay as they are written; they are taken apart when they are expanded (word.c).
 *
 * Source: POSIX.1-2017, "Shell Command Language", 2.3 and 2.10.
 */
#ifndef REPAIR_SHELL_SYNTAX_H
#define REPAIR_SHELL_SYNTAX_H

#include "base/base.h"

enum shell_type {
	SHELL_SIMPLE, /* assigns, words */
	SHELL_PIPE,   /* a, its ->next, ... */
	SHELL_NOT,    /* ! a */
	SHELL_AND,    /* a && b */
	SHELL_OR,     /* a || b */
	SHELL_LIST,   /* a, its ->next, ... */
	SHELL_BACK,   /* a & */
	SHELL_IF,     /* if a then b else c */
	SHELL_WHILE,  /* while a do b */
	SHELL_UNTIL,
	SHELL_FOR,      /* for name in words do a; has_words: without them "$@" */
	SHELL_CASE,     /* words[0] */
	SHELL_GROUP,    /* { a } */
	SHELL_SUBSHELL, /* ( a ) */
	SHELL_FUNCTION, /* name() a */
};

enum shell_redirect_type {
	SHELL_FROM,     /* < */
	SHELL_TO,       /* >, >| */
	SHELL_APPEND,   /* >> */
	SHELL_BOTH,     /* <> */
	SHELL_DUP_FROM, /* <& */
	SHELL_DUP_TO,   /* >& */
	SHELL_HERE,     /* <<, <<-: the word is the text */
};
struct shell_redirect {
	enum shell_redirect_type type;
	int fd;
	struct hm_str word;
	bool is_literal; /* a here-document whose end was quoted */
};
struct shell_case {
	struct hm_strs patterns;
	struct shell_node *body; /* or NULL */
};
struct shell_node {
	enum shell_type type;
	unsigned line;
	struct shell_node *a, *b, *c, *next;
	struct hm_str name;
	struct hm_strs assigns, words;
	bool has_words;
	struct {
		struct shell_redirect *p;
		size_t n, cap;
	} redirects;
	struct {
		struct shell_case *p;
		size_t n, cap;
	} cases;
};

/* NULL in *out: nothing but comments. HM_INPUT: dash would not run it either. HM_LIMIT. */
HM_MUST hm_err repair_shell_parse(struct hm_cx *cx, struct hm_str text, struct shell_node **out);
/* Where what begins at text[at], '$' or '`', ends. */
HM_MUST hm_err repair_shell_skip(struct hm_cx *cx, struct hm_str text, size_t at, size_t *out_end);

/* --- read.c and parse.c --- */

enum shell_token_type { SHELL_END, SHELL_NEWLINE, SHELL_WORD, SHELL_NUMBER, SHELL_OPERATOR };
struct shell_token {
	enum shell_token_type type;
	struct hm_str text;
	unsigned line;
};
struct shell_reader {
	struct hm_cx *cx;
	struct hm_str text;
	size_t at;
	unsigned line, depth;
	struct shell_token token; /* the one that comes next */
	/* Here-documents whose lines come behind this one. */
	struct shell_here {
		struct shell_redirect *r;
		struct shell_node *node;
		size_t index;
		struct hm_str end;
		bool strip;
	} heres[16];
	size_t heres_n;
};
HM_MUST hm_err repair_shell_next(struct shell_reader *r);
HM_MUST hm_err repair_shell_fault(struct shell_reader *r, const char *what);
/* Commands up to ")", which is r->token then. */
HM_MUST hm_err repair_shell_inner(struct shell_reader *r);
/* A word without its quotes; *out_quoted: it had some. */
struct hm_str repair_shell_unquote(struct hm_cx *cx, struct hm_str word, bool *out_quoted);

#endif
