/* SPDX-License-Identifier: Apache-2.0 */
/* PEP 508: "name[extra,...] (>=1.0,<2) ; marker", "name @ URL ; marker". */
#include "repair/python/python.h"

struct hm_str repair_python_key(struct hm_cx *cx, struct hm_str name)
{
	return inventory_type_key(cx, inventory_type_of(HM_STR("pypi")), name);
}

static bool is_name_char(char c)
{
	return hm_is_alpha(c) || hm_is_digit(c) || c == '-' || c == '_' || c == '.';
}

static struct hm_str skip(struct hm_str s)
{
	while (s.n && hm_is_space(*s.p))
		s = hm_from(s, 1);
	return s;
}

static bool cut_name(struct hm_str *s, struct hm_str *out)
{
	size_t n = 0;
	while (n < s->n && is_name_char(s->p[n]))
		n++;
	*out = hm_sub(*s, 0, n);
	*s = skip(hm_from(*s, n));
	return n > 0;
}

/* What stands in brackets at the start of *s, if anything does. */
static bool cut_brackets(struct hm_str *s, char open, char close, struct hm_str *out)
{
	*out = hm_sub(*s, 0, 0);
	if (!s->n || *s->p != open)
		return true;
	size_t end = hm_find_char(*s, close);
	if (end == SIZE_MAX)
		return false;
	*out = hm_trim(hm_sub(*s, 1, end - 1));
	*s = skip(hm_from(*s, end + 1));
	return true;
}

bool repair_python_requirement(struct hm_str text, struct python_requirement *out)
{
	struct python_requirement r = { 0 };
	struct hm_str s = skip(text);
	*out = r;
	if (!cut_name(&s, &r.name))
		return false;
	*out = (struct python_requirement){ .name = r.name };
	if (!cut_brackets(&s, '[', ']', &r.extras))
		return false;
	if (s.n && *s.p == '@') {
		s = skip(hm_from(s, 1));
		r.url = s;
		/* a marker is set off by white space: a URL may have a ';' */
		for (size_t i = 0; i + 1 < s.n; i++)
			if (hm_is_space(s.p[i])) {
				r.url = hm_sub(s, 0, i);
				break;
			}
		s = skip(hm_from(s, r.url.n));
		if (!r.url.n)
			return false;
	} else if (s.n && *s.p == '(') {
		if (!cut_brackets(&s, '(', ')', &r.specifiers))
			return false;
	} else {
		r.specifiers = hm_trim(hm_sub(s, 0, hm_find_char(s, ';')));
		s = hm_from(s, hm_find_char(s, ';'));
	}
	s = skip(s);
	if (s.n && *s.p != ';')
		return false;
	r.marker = hm_trim(hm_from(s, 1));
	*out = r;
	return true;
}
