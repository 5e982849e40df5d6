/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json.h - JSON (RFC 8259) read into a tree under limits, and written as a stream.
 *
 * Reading stands on yyjson; the tree's memory is the arena's and is charged to the budget. A value
 * that is not there is a value too: every accessor takes it and answers "nothing", so that a path
 * into a document needs one check at its end. YAML is read into the same tree (yaml.h).
 */
#ifndef CODEC_JSON_H
#define CODEC_JSON_H

#include "base/base.h"

/* A value, by value; .v is NULL where there is none. */
struct json {
	const void *v;
};

enum json_flags {
	JSON_PLAIN = 0,
	JSON_NO_DUPLICATES =
		1, /* an object with the same key twice is HM_INPUT: for signed objects */
	/* A NUL in a string or key is HM_INPUT: for documents of names, paths and settings, which
	 * end at a C library that would read half of them. */
	JSON_NO_NUL = 2,
	JSON_ANY_NUMBER = 4, /* numbers of any size; those that do not fit are no numbers here */
	JSON_STRICT = JSON_NO_DUPLICATES | JSON_NO_NUL,
};

/*
 * Parse one whole document: UTF-8, no comments, no trailing comma, nothing behind it.
 * HM_INPUT with line and column; HM_LIMIT past HM_MAX_JSON_DEPTH, or the budget.
 * Strings of the tree stay good as long as cx; `text` may go.
 */
/* Bytes that a document takes for each of its text's, at the most, its parts while it grew with it:
 * a value of one digit and a comma is 16. */
enum { JSON_WEIGHT = 26 };
HM_MUST hm_err json_parse(struct hm_cx *cx, struct hm_str text, enum json_flags flags,
			  struct json *out);

/* JSON_NO_NUL for a tree that is there already (YAML's). */
HM_MUST hm_err json_refuse_nul(struct hm_cx *cx, struct json v);

/* The text as Node.js reads a file of JSON, before JSON.parse(): without byte order mark, U+FFFD
 * for what is no UTF-8 and for half a pair of surrogates. `text` itself where nothing is to be
 * changed. */
HM_MUST hm_err json_script_text(struct hm_cx *cx, struct hm_str text, struct hm_str *out);

bool json_is_object(struct json v);
bool json_is_array(struct json v);
bool json_is_string(struct json v);
bool json_is_number(struct json v);
bool json_is_bool(struct json v);
bool json_is_null(struct json v); /* an explicit null */
static inline bool json_is_there(struct json v)
{
	return v.v != NULL;
}

struct json json_get(struct json object, const char *key);
struct json json_get_str(struct json object, struct hm_str key);
/* Of several members of this name the last, which JSON.parse() takes; the others the first. */
struct json json_get_last(struct json object, const char *key);
struct json json_at(struct json array,
		    size_t i);              /* O(1) only in json_each order: prefer iterating */
size_t json_size(struct json v);            /* members or elements; 0 for all else */
struct hm_str json_str(struct json v);      /* empty where it is no string */
bool json_bool(struct json v);              /* false where it is no boolean */
bool json_int(struct json v, int64_t *out); /* integers only, in range */
double json_real(struct json v);            /* any number; 0 where it is none */

/* Walk an array (key stays empty) or an object:
 *     for (struct json_iter it = json_iter(v); json_next(&it);) use(it.key, it.value); */
struct json_iter {
	struct hm_str key;
	struct json value;
	struct json of;
	const void *at;
	size_t i;
};
struct json_iter json_iter(struct json v);
bool json_next(struct json_iter *it);

/* Members that must be there. HM_INPUT: "\"key\" is missing" or "is not a string". */
HM_MUST hm_err json_need_str(struct hm_cx *cx, struct json object, const char *key,
			     struct hm_str *out);
HM_MUST hm_err json_need_int(struct hm_cx *cx, struct json object, const char *key, int64_t *out);
HM_MUST hm_err json_need(struct hm_cx *cx, struct json object, const char *key, struct json *out);
/* HM_INPUT: a member of `object` is not among `known` (ended by NULL); names it. */
HM_MUST hm_err json_only(struct hm_cx *cx, struct json object, const char *const *known);

/* Back to compact text, members in their order. */
HM_MUST hm_err json_text(struct hm_cx *cx, struct json v, struct hm_str *out);
/* The canonical form of OLPC, which TUF and in-toto sign (securesystemslib's encode_canonical()):
 * members sorted by code points, no white space, in strings only \" and \\ escaped, integers alone.
 * HM_INPUT: another number. HM_LIMIT: HM_MAX_JSON. */
HM_MUST hm_err json_canonical(struct hm_cx *cx, struct json v, struct hm_str *out);

/*
 * Writing. Members come out in the order they are put in: deterministic output is the caller's
 * sorting. Strings that are not UTF-8 get U+FFFD for each bad byte. Two spaces of indent, or none.
 * What is said by these calls can be written as something else: yaml_out() (yaml.h) writes YAML.
 */
struct json_out {
	struct hm_buf *to;
	const struct json_form *form;
	struct json_again *again; /* NULL: none */
	bool pretty;
	bool comma; /* a value stands before at this level */
	bool keyed; /* a key waits for its value */
	bool dash;  /* YAML: the value goes on the line of its mark */
	unsigned depth;
};

/* A form in which the same calls are written. `depth`, `comma` and `keyed` are kept for it. */
struct json_form {
	void (*key)(struct json_out *o, struct hm_str key);
	void (*element)(
		struct json_out *o); /* of an array, or the whole document: its value follows */
	void (*open)(struct json_out *o, char bracket);
	void (*close)(struct json_out *o, char bracket); /* `depth` is that of what it was in */
	void (*text)(struct json_out *o, struct hm_str value);
	void (*word)(struct json_out *o,
		     struct hm_str value); /* number, true, false, null: JSON's */
};

struct json_out json_out(struct hm_buf *to, bool pretty);
/* key is NULL in an array and at the top. */
void json_open(struct json_out *o, const char *key, char bracket); /* '{' or '[' */
void json_close(struct json_out *o, char bracket);                 /* '}' or ']' */
void json_put_str(struct json_out *o, const char *key, struct hm_str value);
void json_putz(struct json_out *o, const char *key, const char *value);
void json_put_int(struct json_out *o, const char *key, int64_t value);
void json_put_real(struct json_out *o, const char *key,
		   double value); /* shortest, one digit at least */
void json_put_bool(struct json_out *o, const char *key, bool value);
void json_put_null(struct json_out *o, const char *key);
/* Only where it is not empty. */
void json_put_given(struct json_out *o, const char *key, struct hm_str value);
/* An array of strings. */
void json_put_strs(struct json_out *o, const char *key, const struct hm_strs *values);
void json_put_json(struct json_out *o, const char *key, struct json value);
/*
 * Values that come again and again, by numbers of the caller's, which are not 0: what was written
 * of one a short while ago is copied from where it stands in the buffer.
 *
 *     if (!json_put_again(o, "package", id)) {
 *             json_open(o, "package", '{');
 *             ...
 *             json_close(o, '}');
 *             json_remember(o, id);
 *     }
 *
 * It is an object that holds neither an object nor an array, and the same each time. Without a
 * struct json_again, which is of one buffer, and where lines are indented, nothing is copied.
 */
enum { JSON_AGAIN = 1024 };
struct json_again {
	struct {
		int64_t of;
		size_t at, n;
	} values[JSON_AGAIN];
	size_t at; /* of the object or array that was opened last */
};
bool json_put_again(struct json_out *o, const char *key, int64_t of);
void json_remember(struct json_out *o, int64_t of);
/* A key that is no literal. */
void json_key(struct json_out *o, struct hm_str key); /* the next value goes under it, key NULL */

#endif
