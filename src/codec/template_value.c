/* SPDX-License-Identifier: Apache-2.0 */
/* JSON as Go's encoding/json decodes it into an interface. */
#include "codec/template_parts.h"

#include <stdlib.h>

/* A container that is being filled. */
struct filling {
	struct json_iter it;
	struct value *into;
	size_t n;
};

/* A JSON document is no deeper than that; HM_MAX_JSON_DEPTH is no constant expression. */
enum { DEPTH = 64 + 1 };

static int by_key(const void *a, const void *b)
{
	const struct member *x = a, *y = b;
	int order = hm_cmp(x->key, y->key);
	return order ? order : x->order < y->order ? -1 : x->order > y->order;
}

/* Sorted; of equal keys the last. */
static void end_map(struct value *v)
{
	struct member *p = v->map.p;
	size_t kept = 0;
	if (v->map.n)
		qsort(p, v->map.n, sizeof(*p), by_key);
	for (size_t i = 0; i < v->map.n; i++)
		if (i + 1 == v->map.n || !hm_eq(p[i].key, p[i + 1].key))
			p[kept++] = p[i];
	v->map.n = kept;
}

static struct value read_scalar(struct json v)
{
	if (json_is_string(v))
		return value_str(json_str(v));
	if (json_is_bool(v))
		return value_bool(json_bool(v));
	if (json_is_number(v))
		return (struct value){ .kind = VALUE_FLOAT, .real = json_real(v) };
	return (struct value){ .kind = json_is_null(v) ? VALUE_NIL : VALUE_NONE };
}

static hm_err begin_value(struct hm_cx *cx, struct json v, struct value *out, bool *out_open)
{
	size_t n = json_size(v);
	*out_open = json_is_array(v) || json_is_object(v);
	if (!*out_open) {
		*out = read_scalar(v);
		return NULL;
	}
	HM_TRY(hm_charge(cx, n * sizeof(struct member)));
	*out = (struct value){ .kind = json_is_array(v) ? VALUE_LIST : VALUE_MAP };
	if (out->kind == VALUE_LIST) {
		out->list.p = hm_new(cx, struct value, n);
		out->list.n = n;
	} else {
		out->map.p = hm_new(cx, struct member, n);
		out->map.n = n;
	}
	return NULL;
}

/* Where the next value of a container goes. */
static struct value *next_place(struct filling *f)
{
	size_t i = f->n++;
	if (f->into->kind == VALUE_LIST)
		return &f->into->list.p[i];
	f->into->map.p[i].key = f->it.key;
	f->into->map.p[i].order = i;
	return &f->into->map.p[i].value;
}

hm_err template_value_of_json(struct hm_cx *cx, struct json doc, struct value *out)
{
	struct filling open[DEPTH];
	size_t depth = 0;
	struct json v = doc;
	struct value *into = out;
	for (;;) {
		bool container;
		HM_TRY(begin_value(cx, v, into, &container));
		if (container) {
			if (depth == DEPTH)
				return hm_fail(cx, HM_LIMIT, "a document that is too deep");
			open[depth++] = (struct filling){ .it = json_iter(v), .into = into };
		}
		while (depth && !json_next(&open[depth - 1].it))
			if (open[--depth].into->kind == VALUE_MAP)
				end_map(open[depth].into);
		if (!depth)
			return NULL;
		v = open[depth - 1].it.value;
		into = next_place(&open[depth - 1]);
	}
}

bool template_value_is_true(const struct value *v)
{
	switch (v->kind) {
	case VALUE_BOOL:
		return v->truth;
	case VALUE_INT:
		return v->whole != 0;
	case VALUE_FLOAT:
		return v->real < 0 || v->real > 0;
	case VALUE_STR:
		return v->str.n > 0;
	case VALUE_LIST:
		return v->list.n > 0;
	case VALUE_MAP:
		return v->map.n > 0;
	case VALUE_NONE:
	case VALUE_NIL:
		break;
	}
	return false;
}

const struct value *template_value_member(const struct value *map, struct hm_str key)
{
	size_t low = 0, high = map->map.n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = hm_cmp(map->map.p[middle].key, key);
		if (order == 0)
			return &map->map.p[middle].value;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

const char *template_value_type(const struct value *v)
{
	static const char *const names[] = {
		[VALUE_NONE] = "nil",
		[VALUE_NIL] = "nil",
		[VALUE_BOOL] = "bool",
		[VALUE_INT] = "int",
		[VALUE_FLOAT] = "float64",
		[VALUE_STR] = "string",
		[VALUE_LIST] = "[]interface {}",
		[VALUE_MAP] = "map[string]interface {}",
	};
	return v->kind == VALUE_LIST && v->strings ? "[]string" : names[v->kind];
}
