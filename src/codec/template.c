/* SPDX-License-Identifier: Apache-2.0 */
/* Where in a template a fault is. */
#include "codec/template.h"

#include <stdarg.h>

#include "codec/template_parts.h"

hm_err template_fail(struct hm_cx *cx, struct hm_str text, size_t at, hm_err err)
{
	size_t line = 1, start = 0;
	for (size_t i = 0; i < at && i < text.n; i++)
		if (text.p[i] == '\n') {
			line++;
			start = i + 1;
		}
	return hm_wrap(cx, err, "template: line %zu, column %zu", line, at - start + 1);
}

hm_err template_parse_fail(const struct parser *p, size_t at, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	struct hm_str why = hm_vfmt(p->cx, fmt, ap);
	va_end(ap);
	return template_fail(p->cx, p->t->text, at, hm_fail(p->cx, HM_USAGE, "%.*s", HM_FMT(why)));
}

hm_err template_parse_depth(const struct parser *p, size_t at, size_t depth)
{
	if (depth < HM_MAX_TEMPLATE_DEPTH)
		return NULL;
	hm_err err = hm_fail(p->cx, HM_LIMIT, "nested deeper than %llu",
			     (unsigned long long)HM_MAX_TEMPLATE_DEPTH);
	return template_fail(p->cx, p->t->text, at, err);
}
