/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graphql.h - the language of GraphQL's requests, read into nodes under limits.
 *
 * Executable documents alone: operations and fragments. What a schema's language has beyond that is
 * refused. Nothing is known here of any schema.
 *
 * Source: GraphQL, October 2021, sections 2 and appendix B.
 */
#ifndef CODEC_GRAPHQL_H
#define CODEC_GRAPHQL_H

#include "base/base.h"

enum graphql_kind {
	GRAPHQL_NOTHING,
	GRAPHQL_QUERY, /* operations: .name is theirs, or empty */
	GRAPHQL_MUTATION,
	GRAPHQL_SUBSCRIPTION,
	GRAPHQL_FRAGMENT,            /* .name; .type: its condition */
	GRAPHQL_FIELD,               /* .name; .alias: the key of its answer */
	GRAPHQL_SPREAD,              /* .name: the fragment's */
	GRAPHQL_INLINE,              /* .type: its condition, or empty */
	GRAPHQL_VARIABLE_DEFINITION, /* .name; .type: "[ID!]!"; .value: default, or 0 */
	GRAPHQL_ARGUMENT,            /* .name, .value */
	GRAPHQL_DIRECTIVE,           /* .name, .arguments */
	/* values */
	GRAPHQL_VARIABLE, /* .name */
	GRAPHQL_INT,      /* .name: its digits, as they stand; likewise the next */
	GRAPHQL_FLOAT,
	GRAPHQL_STRING, /* .name: decoded */
	GRAPHQL_BOOLEAN,
	GRAPHQL_NULL,
	GRAPHQL_ENUM,
	GRAPHQL_LIST,   /* .children */
	GRAPHQL_OBJECT, /* .children: arguments */
	GRAPHQL_KINDS
};

/* Numbers of nodes are places in the document's list; 0: none. */
struct graphql_node {
	enum graphql_kind kind;
	uint32_t line, column; /* from 1 on */
	uint32_t next;         /* of the same list */
	uint32_t arguments, directives, variables;
	uint32_t children; /* of what has a selection: what it selects; elements; members */
	uint32_t value;
	struct hm_str name, alias, type;
};
struct graphql_document {
	struct graphql_node *p; /* the first is none */
	size_t n, cap;
	uint32_t first; /* its definitions: operations and fragments */
	uint32_t depth; /* the deepest selection: 1 for that of an operation */
};

/* Texts of the document are good as long as cx and `text`. HM_INPUT with line and column; HM_LIMIT:
 * HM_MAX_GRAPHQL, HM_MAX_GRAPHQL_TOKENS, HM_MAX_GRAPHQL_DEPTH. */
HM_MUST hm_err graphql_parse(struct hm_cx *cx, struct hm_str text, struct graphql_document *out);

/* The next token of a text; for graphql_parse() and its tests. */
enum graphql_token {
	GRAPHQL_T_END,
	GRAPHQL_T_MARK, /* .text: one of ! $ & ( ) ... : = @ [ ] { | } */
	GRAPHQL_T_NAME,
	GRAPHQL_T_INT,
	GRAPHQL_T_FLOAT,
	GRAPHQL_T_STRING, /* .text: decoded */
};
struct graphql_lexer {
	struct hm_str all;
	size_t at, line_at;
	uint32_t line, tokens;
	/* the token */
	enum graphql_token kind;
	struct hm_str text;
	uint32_t token_line, token_column;
};
HM_MUST hm_err graphql_next(struct hm_cx *cx, struct graphql_lexer *l);
/* HM_INPUT: "line 1, column 2: WHY". */
HM_MUST HM_NEVER_NULL hm_err graphql_fail(struct hm_cx *cx, const struct graphql_lexer *l,
					  const char *why);

#endif
