/* SPDX-License-Identifier: Apache-2.0 */
/* The functions of templates: those of Go's text/template, and of Sprig. */
#include "codec/template_parts.h"

#include <limits.h>

/* --- parts --- */

static hm_err index_number(struct hm_cx *cx, const struct value *at, size_t n, size_t *out)
{
	if (at->kind != VALUE_INT)
		return hm_fail(cx, HM_INPUT, "the place in a list or text is an int, not %s",
			       template_value_type(at));
	if (at->whole < 0 || (uint64_t)at->whole >= n)
		return hm_fail(cx, HM_INPUT, "%lld is out of range: there are %zu",
			       (long long)at->whole, n);
	*out = (size_t)at->whole;
	return NULL;
}

static hm_err index_once(struct hm_cx *cx, const struct value *of, const struct value *at,
			 struct value *out)
{
	size_t i;
	if (of->kind == VALUE_MAP) {
		if (at->kind != VALUE_STR)
			return hm_fail(cx, HM_INPUT, "the key of a map is a string, not %s",
				       template_value_type(at));
		const struct value *member = template_value_member(of, at->str);
		*out = member ? *member : (struct value){ .kind = VALUE_NIL };
		return NULL;
	}
	if (of->kind == VALUE_LIST) {
		HM_TRY(index_number(cx, at, of->list.n, &i));
		*out = of->list.p[i];
		return NULL;
	}
	if (of->kind != VALUE_STR)
		return hm_fail(cx, HM_INPUT, "a value of type %s has no parts",
			       template_value_type(of));
	HM_TRY(index_number(cx, at, of->str.n, &i));
	*out = value_int((unsigned char)of->str.p[i]);
	return NULL;
}

static FN(fn_index)
{
	struct value v = args[0];
	if (value_is_nil(&v))
		return hm_fail(cx, HM_INPUT, "there is no value that has parts");
	for (size_t i = 1; i < n; i++)
		HM_TRY(index_once(cx, &v, &args[i], &v));
	*out = v;
	return NULL;
}

static FN(fn_len)
{
	(void)n;
	if (args[0].kind < VALUE_STR)
		return hm_fail(cx, HM_INPUT, "a value of type %s has no length",
			       template_value_type(&args[0]));
	size_t size = args[0].kind == VALUE_STR    ? args[0].str.n
		      : args[0].kind == VALUE_LIST ? args[0].list.n
						   : args[0].map.n;
	*out = value_int((int64_t)size);
	return NULL;
}

static hm_err end_of_list(struct hm_cx *cx, const struct value *v, bool last, struct value *out)
{
	if (v->kind != VALUE_LIST)
		return hm_fail(cx, HM_INPUT, "a value of type %s is not a list",
			       template_value_type(v));
	*out = v->list.n ? v->list.p[last ? v->list.n - 1 : 0]
			 : (struct value){ .kind = VALUE_NIL };
	return NULL;
}

static FN(fn_first)
{
	(void)n;
	return end_of_list(cx, &args[0], false, out);
}

static FN(fn_last)
{
	(void)n;
	return end_of_list(cx, &args[0], true, out);
}

static FN(fn_has_key)
{
	struct hm_str key;
	(void)n;
	if (args[0].kind != VALUE_MAP && !value_is_nil(&args[0]))
		return hm_fail(cx, HM_INPUT, "a value of type %s is not a map",
			       template_value_type(&args[0]));
	HM_TRY(template_fn_text(cx, args, 1, &key));
	*out = value_bool(!value_is_nil(&args[0]) && template_value_member(&args[0], key));
	return NULL;
}

/* --- which value --- */

static FN(fn_default)
{
	(void)cx;
	*out = n < 2 || !template_value_is_true(&args[1]) ? args[0] : args[1];
	return NULL;
}

static FN(fn_empty)
{
	(void)cx;
	(void)n;
	*out = value_bool(!template_value_is_true(&args[0]));
	return NULL;
}

static FN(fn_coalesce)
{
	(void)cx;
	*out = (struct value){ .kind = VALUE_NIL };
	for (size_t i = 0; i < n; i++)
		if (template_value_is_true(&args[i])) {
			*out = args[i];
			break;
		}
	return NULL;
}

static FN(fn_ternary)
{
	(void)n;
	if (args[2].kind != VALUE_BOOL)
		return hm_fail(cx, HM_INPUT, "argument 3 is to be a bool, not %s",
			       template_value_type(&args[2]));
	*out = args[args[2].truth ? 0 : 1];
	return NULL;
}

/* --- numbers --- */

/* Sprig's int and int64; of what is no whole number in range it makes some number, we none. */
static FN(fn_int)
{
	const struct value *v = &args[0];
	uint64_t number;
	(void)n;
	if (v->kind == VALUE_INT)
		*out = *v;
	else if (v->kind == VALUE_BOOL)
		*out = value_int(v->truth);
	else if (value_is_nil(v))
		*out = value_int(0);
	else if (v->kind == VALUE_FLOAT && v->real > -9.2e18 && v->real < 9.2e18)
		*out = value_int((int64_t)v->real);
	else if (v->kind == VALUE_STR && (v->str.n < 2 || v->str.p[0] != '0') &&
		 hm_u64(v->str, INT64_MAX, &number))
		*out = value_int((int64_t)number);
	else
		return hm_fail(cx, HM_INPUT, "the %s is not a whole number",
			       template_value_type(v));
	return NULL;
}

/* --- printing --- */

static FN(fn_print)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_TEMPLATE_OUTPUT);
	template_value_print_all(&b, args, n);
	return template_fn_made(cx, &b, out);
}

static FN(fn_println)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_TEMPLATE_OUTPUT);
	for (size_t i = 0; i < n; i++) {
		if (i)
			hm_buf_char(&b, ' ');
		template_value_print(&b, &args[i]);
	}
	hm_buf_char(&b, '\n');
	return template_fn_made(cx, &b, out);
}

static FN(fn_to_string)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_TEMPLATE_OUTPUT);
	(void)n;
	template_fn_as_text(&b, &args[0]);
	return template_fn_made(cx, &b, out);
}

static hm_err to_json(struct hm_cx *cx, const struct value *v, unsigned flags, struct value *out)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_TEMPLATE_OUTPUT);
	template_value_json(&b, v, flags);
	return template_fn_made(cx, &b, out);
}

static FN(fn_to_json)
{
	(void)n;
	return to_json(cx, &args[0], 0, out);
}

static FN(fn_to_pretty_json)
{
	(void)n;
	return to_json(cx, &args[0], VALUE_JSON_PRETTY, out);
}

static FN(fn_to_raw_json)
{
	(void)n;
	return to_json(cx, &args[0], VALUE_JSON_RAW, out);
}

/* --- the table --- */

/* Sorted by name. */
static const struct fn fns[] = {
	{ .name = "and", .least = 1, .most = UINT_MAX, .lazy = true, .until = false },
	{ "coalesce", 0, UINT_MAX, fn_coalesce, false, false },
	{ "contains", 2, 2, template_fn_contains, false, false },
	{ "default", 1, UINT_MAX, fn_default, false, false },
	{ "empty", 1, 1, fn_empty, false, false },
	{ "eq", 2, UINT_MAX, template_fn_eq, false, false },
	{ "first", 1, 1, fn_first, false, false },
	{ "ge", 2, 2, template_fn_ge, false, false },
	{ "gt", 2, 2, template_fn_gt, false, false },
	{ "hasKey", 2, 2, fn_has_key, false, false },
	{ "hasPrefix", 2, 2, template_fn_has_prefix, false, false },
	{ "hasSuffix", 2, 2, template_fn_has_suffix, false, false },
	{ "html", 0, UINT_MAX, template_fn_html, false, false },
	{ "index", 1, UINT_MAX, fn_index, false, false },
	{ "int", 1, 1, fn_int, false, false },
	{ "int64", 1, 1, fn_int, false, false },
	{ "join", 2, 2, template_fn_join, false, false },
	{ "js", 0, UINT_MAX, template_fn_js, false, false },
	{ "last", 1, 1, fn_last, false, false },
	{ "le", 2, 2, template_fn_le, false, false },
	{ "len", 1, 1, fn_len, false, false },
	{ "lower", 1, 1, template_fn_lower, false, false },
	{ "lt", 2, 2, template_fn_lt, false, false },
	{ "ne", 2, 2, template_fn_ne, false, false },
	{ "not", 1, 1, template_fn_not, false, false },
	{ .name = "or", .least = 1, .most = UINT_MAX, .lazy = true, .until = true },
	{ "print", 0, UINT_MAX, fn_print, false, false },
	{ "printf", 1, UINT_MAX, template_fn_printf, false, false },
	{ "println", 0, UINT_MAX, fn_println, false, false },
	{ "quote", 0, UINT_MAX, template_fn_quote, false, false },
	{ "replace", 3, 3, template_fn_replace, false, false },
	{ "splitList", 2, 2, template_fn_split_list, false, false },
	{ "squote", 0, UINT_MAX, template_fn_squote, false, false },
	{ "ternary", 3, 3, fn_ternary, false, false },
	{ "toJson", 1, 1, fn_to_json, false, false },
	{ "toPrettyJson", 1, 1, fn_to_pretty_json, false, false },
	{ "toRawJson", 1, 1, fn_to_raw_json, false, false },
	{ "toString", 1, 1, fn_to_string, false, false },
	{ "trim", 1, 1, template_fn_trim, false, false },
	{ "trimPrefix", 2, 2, template_fn_trim_prefix, false, false },
	{ "trimSuffix", 2, 2, template_fn_trim_suffix, false, false },
	{ "upper", 1, 1, template_fn_upper, false, false },
	{ "urlquery", 0, UINT_MAX, template_fn_urlquery, false, false },
};

const struct fn *template_fn_find(struct hm_str name)
{
	for (size_t i = 0; i < HM_LEN(fns); i++)
		if (hm_eqz(name, fns[i].name))
			return &fns[i];
	return NULL;
}
