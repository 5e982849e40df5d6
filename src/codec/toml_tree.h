/* SPDX-License-Identifier: Apache-2.0 */
/*
 * toml_tree.h - the tree that a TOML document makes while it is read. Private to toml.c.
 *
 * A TOML table may be added to from several places, so the tree is only turned into JSON at the
 * end.
 */
#ifndef CODEC_TOML_TREE_H
#define CODEC_TOML_TREE_H

#include "codec/json.h"

enum toml_kind {
	TOML_NOTHING,
	TOML_STRING,
	TOML_PLAIN /* as it stands is JSON */,
	TOML_ARRAY,
	TOML_TABLE,
};

/* By which way a key is walked: [a.b] may pass through what other headers made; a.b = 1 may not. */
enum toml_path { TOML_HEADER, TOML_DOTTED };

struct toml_node {
	enum toml_kind kind;
	struct hm_str key, text;
	struct toml_node *parent, *first, *last, *next;
	struct toml_node
		*opener;       /* the inline array or table, or the table, that it was opened in */
	struct hm_map members; /* of a table */
	unsigned depth;
	bool defined;   /* by a header of its own */
	bool dotted;    /* by a dotted key */
	bool is_static; /* an inline table or array: whole as it stands */
	bool of_tables; /* an array made by [[...]] */
	bool comma, closed;
};

/* A new member (or, with an array, element). HM_INPUT: the key is there already. */
HM_MUST hm_err toml_add(struct hm_cx *cx, struct toml_node *in, struct hm_str key,
			enum toml_kind kind, struct toml_node **out);
/* The table under `key`, made where it is absent; of an array of tables, the last. */
HM_MUST hm_err toml_step(struct hm_cx *cx, struct toml_node *in, struct hm_str key,
			 enum toml_path path, struct toml_node **out);
/* [key] and [[key]]: the table that the lines below go into. */
HM_MUST hm_err toml_define(struct hm_cx *cx, struct toml_node *in, struct hm_str key,
			   struct toml_node **out);
HM_MUST hm_err toml_append(struct hm_cx *cx, struct toml_node *in, struct hm_str key,
			   struct toml_node **out);

/* What an unquoted value is; TOML_NOTHING: none. Numbers are rewritten as JSON has them. */
enum toml_kind toml_bare_kind(struct hm_cx *cx, struct hm_str *text);

HM_MUST hm_err toml_tree_json(struct hm_cx *cx, const struct toml_node *root, struct json *out);

#endif
