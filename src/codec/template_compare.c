/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of templates that compare. */
#include "codec/template_parts.h"

static hm_err fail_different(struct hm_cx *cx, const struct value *a, const struct value *b)
{
	hm_err err = hm_fail(cx, HM_INPUT, "%s and %s are not compared", template_value_type(a),
			     template_value_type(b));
	if ((a->kind == VALUE_INT && b->kind == VALUE_FLOAT) ||
	    (a->kind == VALUE_FLOAT && b->kind == VALUE_INT))
		return hm_hint(cx, err,
			       "numbers of JSON are float64: compare with 1.0, or (int .x)");
	return err;
}

static bool same_float(double a, double b)
{
	return a >= b && a <= b;
}

static hm_err compare_equal(struct hm_cx *cx, const struct value *a, const struct value *b,
			    bool *out)
{
	bool nil = value_is_nil(a) || value_is_nil(b);
	*out = false;
	if (nil) {
		*out = value_is_nil(a) && value_is_nil(b);
		return NULL;
	}
	if (a->kind != b->kind || a->kind >= VALUE_LIST)
		return fail_different(cx, a, b);
	if (a->kind == VALUE_STR)
		*out = hm_eq(a->str, b->str);
	else if (a->kind == VALUE_INT)
		*out = a->whole == b->whole;
	else if (a->kind == VALUE_FLOAT)
		*out = same_float(a->real, b->real);
	else
		*out = a->truth == b->truth;
	return NULL;
}

FN(template_fn_eq)
{
	bool same = false;
	for (size_t i = 1; i < n && !same; i++)
		HM_TRY(compare_equal(cx, &args[0], &args[i], &same));
	*out = value_bool(same);
	return NULL;
}

FN(template_fn_ne)
{
	HM_TRY(template_fn_eq(cx, args, n, out));
	out->truth = !out->truth;
	return NULL;
}

static hm_err compare_less(struct hm_cx *cx, const struct value *a, const struct value *b,
			   bool *out)
{
	if (a->kind != b->kind || a->kind >= VALUE_LIST || a->kind <= VALUE_BOOL)
		return fail_different(cx, a, b);
	if (a->kind == VALUE_STR)
		*out = hm_cmp(a->str, b->str) < 0;
	else if (a->kind == VALUE_INT)
		*out = a->whole < b->whole;
	else
		*out = a->real < b->real;
	return NULL;
}

/* `swapped`: b < a; `negated`: not. No value is no number's fault here: JSON has no NaN. */
static hm_err compare_values(struct hm_cx *cx, const struct value *args, bool swapped, bool negated,
			     struct value *out)
{
	bool is;
	HM_TRY(compare_less(cx, &args[swapped], &args[!swapped], &is));
	*out = value_bool(is != negated);
	return NULL;
}

FN(template_fn_lt)
{
	(void)n;
	return compare_values(cx, args, false, false, out);
}

FN(template_fn_le)
{
	(void)n;
	return compare_values(cx, args, true, true, out);
}

FN(template_fn_gt)
{
	(void)n;
	return compare_values(cx, args, true, false, out);
}

FN(template_fn_ge)
{
	(void)n;
	return compare_values(cx, args, false, true, out);
}

FN(template_fn_not)
{
	(void)cx;
	(void)n;
	*out = value_bool(!template_value_is_true(&args[0]));
	return NULL;
}
