/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "codec/json.h"

struct member {
	struct hm_str key;
	struct json value;
};

/* A container that is being written. */
struct open {
	struct member *members;
	size_t n, i;
	bool is_object;
};

static int compare_members(const void *a, const void *b)
{
	return hm_cmp(((const struct member *)a)->key, ((const struct member *)b)->key);
}

static void write_text(struct hm_buf *to, struct hm_str s)
{
	hm_buf_char(to, '"');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\')
			hm_buf_char(to, '\\');
		hm_buf_char(to, s.p[i]);
	}
	hm_buf_char(to, '"');
}

static hm_err write_scalar(struct hm_cx *cx, struct hm_buf *to, struct json v)
{
	int64_t n;
	if (json_is_string(v))
		write_text(to, json_str(v));
	else if (json_is_bool(v))
		hm_buf_addz(to, json_bool(v) ? "true" : "false");
	else if (json_int(v, &n))
		hm_buf_fmt(to, "%lld", (long long)n);
	else if (json_is_null(v))
		hm_buf_addz(to, "null");
	else
		return hm_fail(cx, HM_INPUT,
			       "only integers have a canonical form; this number is not one");
	return NULL;
}

/* By code points, which is the order of UTF-8's bytes. */
static hm_err open_container(struct hm_cx *cx, struct json v, struct open *out)
{
	size_t n = json_size(v), i = 0;
	HM_TRY(hm_charge(cx, (n + 1) * sizeof(struct member)));
	*out = (struct open){ hm_new(cx, struct member, n + 1), n, 0, json_is_object(v) };
	for (struct json_iter it = json_iter(v); json_next(&it) && i < n;)
		out->members[i++] = (struct member){ it.key, it.value };
	if (out->is_object)
		qsort(out->members, n, sizeof(*out->members), compare_members);
	return NULL;
}

static void write_before(struct hm_buf *to, const struct open *o)
{
	if (o->i)
		hm_buf_char(to, ',');
	if (o->is_object) {
		write_text(to, o->members[o->i].key);
		hm_buf_char(to, ':');
	}
}

static hm_err write_tree(struct hm_cx *cx, struct json v, struct hm_buf *to)
{
	struct open *open = hm_new(cx, struct open, HM_MAX_JSON_DEPTH + 1);
	size_t depth = 0;
	for (;;) {
		if (json_is_object(v) || json_is_array(v)) {
			if (depth > HM_MAX_JSON_DEPTH)
				return hm_fail(cx, HM_LIMIT, "it is nested too deeply");
			hm_buf_char(to, json_is_object(v) ? '{' : '[');
			HM_TRY(open_container(cx, v, &open[depth++]));
		} else {
			HM_TRY(write_scalar(cx, to, v));
		}
		while (depth && open[depth - 1].i == open[depth - 1].n)
			hm_buf_char(to, open[--depth].is_object ? '}' : ']');
		if (!depth)
			return NULL;
		struct open *o = &open[depth - 1];
		write_before(to, o);
		v = o->members[o->i++].value;
	}
}

hm_err json_canonical(struct hm_cx *cx, struct json v, struct hm_str *out)
{
	HM_AUTO_BUF to = HM_BUF(HM_MAX_JSON);
	struct hm_str bytes;
	HM_TRY(write_tree(cx, v, &to));
	HM_TRY(hm_buf_end(cx, &to, "the canonical form", &bytes));
	HM_TRY(hm_charge(cx, bytes.n));
	*out = hm_dup(cx, bytes);
	return NULL;
}
