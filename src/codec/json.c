/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json.h"

#include <stdlib.h>
#include <yyjson.h>

/* --- memory of the tree: the arena's, charged before it is taken --- */

struct pool {
	struct hm_cx *cx;
	bool spent;
};

static void *pool_alloc(void *ctx, size_t size)
{
	struct pool *p = ctx;
	if (size > p->cx->budget) {
		p->spent = true;
		return NULL;
	}
	p->cx->budget -= size;
	return hm_room(p->cx, size, _Alignof(max_align_t));
}

static void *pool_realloc(void *ctx, void *old, size_t old_size, size_t size)
{
	void *grown = pool_alloc(ctx, size);
	return grown ? memcpy(grown, old, old_size < size ? old_size : size) : NULL;
}

static void pool_free(void *ctx, void *ptr)
{
	(void)ctx, (void)ptr; /* with the arena */
}

/* Where the string ends that begins at `at`: behind the first quote that is not escaped. */
static size_t skip_string(struct hm_str text, size_t at)
{
	for (;;) {
		const char *quote = memchr(text.p + at + 1, '"', text.n - at - 1);
		if (!quote)
			return text.n;
		at = (size_t)(quote - text.p);
		size_t escapes = 0;
		while (text.p[at - 1 - escapes] == '\\') /* at the latest at the first quote */
			escapes++;
		if (escapes % 2 == 0)
			return at + 1;
	}
}

/* Depth is bounded before the tree is made: everything that walks a tree later may rely on it. */
static bool too_deep(struct hm_str text)
{
	uint64_t depth = 0;
	for (size_t i = 0; i < text.n;) {
		char c = text.p[i];
		if (c == '"') {
			i = skip_string(text, i);
			continue;
		}
		if ((c == '{' || c == '[') && ++depth > HM_MAX_JSON_DEPTH)
			return true;
		if (c == '}' || c == ']')
			depth -= depth > 0;
		i++;
	}
	return false;
}

static const yyjson_val *value_of(struct json v)
{
	return v.v;
}

/* yyjson's readers take a pointer to non-const but do not write. */
static yyjson_val *mutable_of(struct json v)
{
	return (yyjson_val *)(uintptr_t)v.v;
}

static int compare_keys(const void *a, const void *b)
{
	return hm_cmp(*(const struct hm_str *)a, *(const struct hm_str *)b);
}

static hm_err fail_duplicate(struct hm_cx *cx, struct hm_str key)
{
	return hm_fail(cx, HM_INPUT, "JSON: the key \"%.*s\" appears twice in an object",
		       HM_FMT(key));
}

/* Most objects have few keys, which are sooner compared than sorted. */
enum { FEW_KEYS = 12 };

static hm_err refuse_duplicates_of_few(struct hm_cx *cx, struct json object)
{
	struct hm_str keys[FEW_KEYS];
	size_t n = 0;
	for (struct json_iter it = json_iter(object); json_next(&it) && n < FEW_KEYS; n++) {
		for (size_t i = 0; i < n; i++)
			if (hm_eq(keys[i], it.key))
				return fail_duplicate(cx, it.key);
		keys[n] = it.key;
	}
	return NULL;
}

static hm_err refuse_duplicates_in(struct hm_cx *cx, struct json object)
{
	size_t n = json_size(object), i = 0;
	if (n <= FEW_KEYS)
		return refuse_duplicates_of_few(cx, object);
	struct hm_mark mark = hm_mark(cx);
	struct hm_str *keys = hm_new(cx, struct hm_str, n);
	for (struct json_iter it = json_iter(object); json_next(&it) && i < n;)
		keys[i++] = it.key;
	qsort(keys, n, sizeof(*keys), compare_keys);
	for (i = 1; i < n; i++)
		if (hm_eq(keys[i - 1], keys[i]))
			return fail_duplicate(cx, keys[i]);
	hm_release(cx, mark);
	return NULL;
}

/* The values of a document lie in a row in memory, in the order of the text. */
static hm_err refuse_duplicates(struct hm_cx *cx, yyjson_doc *doc)
{
	yyjson_val *v = yyjson_doc_get_root(doc);
	for (size_t i = 0, n = yyjson_doc_get_val_count(doc); i < n; i++, v++)
		if (yyjson_is_obj(v))
			HM_TRY(refuse_duplicates_in(cx, (struct json){ v }));
	return NULL;
}

/* Every value of a tree, and every key, lies in the row behind its root. */
static hm_err refuse_nul(struct hm_cx *cx, yyjson_val *v, const yyjson_val *end)
{
	for (; v < end; v++)
		if (yyjson_is_str(v) && memchr(yyjson_get_str(v), '\0', yyjson_get_len(v)))
			return hm_fail(cx, HM_INPUT, "JSON: \"%.*s\" contains a NUL byte",
				       HM_FMT(json_str((struct json){ v })));
	return NULL;
}

hm_err json_refuse_nul(struct hm_cx *cx, struct json v)
{
	return v.v ? refuse_nul(cx, mutable_of(v), unsafe_yyjson_get_next(mutable_of(v))) : NULL;
}

hm_err json_parse(struct hm_cx *cx, struct hm_str text, enum json_flags flags, struct json *out)
{
	struct pool pool = { .cx = cx };
	yyjson_alc alc = { pool_alloc, pool_realloc, pool_free, &pool };
	yyjson_read_err error;
	if (too_deep(text))
		return hm_fail(cx, HM_LIMIT, "JSON is nested deeper than %d levels",
			       (int)HM_MAX_JSON_DEPTH);
	yyjson_read_flag how =
		flags & JSON_ANY_NUMBER ? YYJSON_READ_BIGNUM_AS_RAW : YYJSON_READ_NOFLAG;
	yyjson_doc *doc = yyjson_read_opts((char *)(uintptr_t)text.p, text.n, how, &alc, &error);
	if (!doc && pool.spent)
		return hm_fail(cx, HM_LIMIT, "JSON needs more memory than it may use");
	if (!doc) {
		size_t line = 1, column = 1;
		for (size_t i = 0; i < error.pos && i < text.n; i++, column++)
			if (text.p[i] == '\n') {
				line++;
				column = 0;
			}
		const char *why = error.msg ? error.msg : "not well-formed";
		return hm_fail(cx, HM_INPUT, "JSON: line %zu, column %zu: %s", line, column,
			       text.n ? why : "the text is empty");
	}
	if (flags & JSON_NO_DUPLICATES)
		HM_TRY(refuse_duplicates(cx, doc));
	if (flags & JSON_NO_NUL)
		HM_TRY(json_refuse_nul(cx, (struct json){ yyjson_doc_get_root(doc) }));
	out->v = yyjson_doc_get_root(doc);
	return NULL;
}

/* --- reading --- */

bool json_is_object(struct json v)
{
	return yyjson_is_obj(mutable_of(v));
}

bool json_is_array(struct json v)
{
	return yyjson_is_arr(mutable_of(v));
}

bool json_is_string(struct json v)
{
	return yyjson_is_str(mutable_of(v));
}

bool json_is_number(struct json v)
{
	return yyjson_is_num(mutable_of(v));
}

bool json_is_bool(struct json v)
{
	return yyjson_is_bool(mutable_of(v));
}

bool json_is_null(struct json v)
{
	return yyjson_is_null(mutable_of(v));
}

struct json json_get_str(struct json object, struct hm_str key)
{
	return (struct json){ yyjson_obj_getn(mutable_of(object), key.p, key.n) };
}

struct json json_get(struct json object, const char *key)
{
	return json_get_str(object, hm_cstr(key));
}

struct json json_get_last(struct json object, const char *key)
{
	struct json found = { NULL };
	for (struct json_iter it = json_iter(object); json_next(&it);)
		if (hm_eqz(it.key, key))
			found = it.value;
	return found;
}

struct json json_at(struct json array, size_t i)
{
	return (struct json){ yyjson_arr_get(mutable_of(array), i) };
}

size_t json_size(struct json v)
{
	return yyjson_is_ctn(mutable_of(v)) ? unsafe_yyjson_get_len(mutable_of(v)) : 0;
}

struct hm_str json_str(struct json v)
{
	if (!json_is_string(v))
		return (struct hm_str){ "", 0 };
	return (struct hm_str){ yyjson_get_str(mutable_of(v)), yyjson_get_len(mutable_of(v)) };
}

bool json_bool(struct json v)
{
	return yyjson_is_true(mutable_of(v));
}

bool json_int(struct json v, int64_t *out)
{
	if (yyjson_is_sint(mutable_of(v))) {
		*out = yyjson_get_sint(mutable_of(v));
		return true;
	}
	if (!yyjson_is_uint(mutable_of(v)) || yyjson_get_uint(mutable_of(v)) > INT64_MAX)
		return false;
	*out = (int64_t)yyjson_get_uint(mutable_of(v));
	return true;
}

double json_real(struct json v)
{
	return yyjson_get_num(mutable_of(v));
}

struct json_iter json_iter(struct json v)
{
	struct json_iter it = { .of = v };
	if (json_size(v))
		it.at = unsafe_yyjson_get_first(mutable_of(v));
	return it;
}

bool json_next(struct json_iter *it)
{
	if (!it->at || it->i >= json_size(it->of))
		return false;
	yyjson_val *at = (yyjson_val *)(uintptr_t)it->at;
	if (json_is_object(it->of)) {
		it->key = (struct hm_str){ unsafe_yyjson_get_str(at), unsafe_yyjson_get_len(at) };
		at++; /* the value stands right behind its key */
	}
	it->value.v = at;
	it->at = unsafe_yyjson_get_next(at);
	it->i++;
	return true;
}

hm_err json_need(struct hm_cx *cx, struct json object, const char *key, struct json *out)
{
	struct json v = json_get(object, key);
	if (!v.v)
		return hm_fail(cx, HM_INPUT, "\"%s\" is missing", key);
	*out = v;
	return NULL;
}

hm_err json_need_str(struct hm_cx *cx, struct json object, const char *key, struct hm_str *out)
{
	struct json v;
	HM_TRY(json_need(cx, object, key, &v));
	if (!json_is_string(v))
		return hm_fail(cx, HM_INPUT, "\"%s\" is not a string", key);
	*out = json_str(v);
	return NULL;
}

hm_err json_need_int(struct hm_cx *cx, struct json object, const char *key, int64_t *out)
{
	struct json v;
	HM_TRY(json_need(cx, object, key, &v));
	if (!json_int(v, out))
		return hm_fail(cx, HM_INPUT, "\"%s\" is not an integer", key);
	return NULL;
}

hm_err json_only(struct hm_cx *cx, struct json object, const char *const *known)
{
	for (struct json_iter it = json_iter(object); json_next(&it);) {
		const char *const *k = known;
		while (*k && !hm_eqz(it.key, *k))
			k++;
		if (!*k)
			return hm_fail(cx, HM_INPUT, "unknown key \"%.*s\"", HM_FMT(it.key));
	}
	return NULL;
}

hm_err json_text(struct hm_cx *cx, struct json v, struct hm_str *out)
{
	struct pool pool = { .cx = cx };
	yyjson_alc alc = { pool_alloc, pool_realloc, pool_free, &pool };
	size_t n;
	char *text = yyjson_val_write_opts(value_of(v), YYJSON_WRITE_NOFLAG, &alc, &n, NULL);
	if (!text)
		return hm_fail(cx, HM_LIMIT, "JSON needs more memory than it may use");
	*out = (struct hm_str){ text, n };
	return NULL;
}
