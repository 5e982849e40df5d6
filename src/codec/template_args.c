/* SPDX-License-Identifier: Apache-2.0 */
/* What the functions of templates get and give. */
#include "codec/template_parts.h"

hm_err template_fn_text(struct hm_cx *cx, const struct value *args, size_t i, struct hm_str *out)
{
	if (args[i].kind != VALUE_STR)
		return hm_fail(cx, HM_INPUT, "argument %zu is to be a string, not %s", i + 1,
			       template_value_type(&args[i]));
	*out = args[i].str;
	return NULL;
}

hm_err template_fn_made(struct hm_cx *cx, const struct hm_buf *b, struct value *out)
{
	struct hm_str s;
	HM_TRY(hm_buf_end(cx, b, "a text of a template", &s));
	HM_TRY(hm_charge(cx, s.n));
	*out = value_str(hm_dup(cx, s));
	return NULL;
}

void template_fn_as_text(struct hm_buf *b, const struct value *v)
{
	template_value_print(b, v);
}
