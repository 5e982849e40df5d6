/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/stanza.h"

/* A line's field name: what stands before the first ':', where that is a name. */
static bool is_field(struct hm_str line, size_t *out_colon)
{
	size_t colon = hm_find_char(line, ':');
	if (colon == SIZE_MAX || colon == 0)
		return false;
	for (size_t i = 0; i < colon; i++)
		if (hm_is_space(line.p[i]))
			return false;
	*out_colon = colon;
	return true;
}

bool stanza_is_field(struct hm_str line)
{
	size_t colon;
	return is_field(line, &colon);
}

bool stanza_next(struct hm_cx *cx, struct hm_str *text, struct stanza *s)
{
	s->n = 0;
	while (text->n) {
		struct hm_str line = hm_line(text);
		size_t colon;
		if (line.n == 0 && s->n == 0)
			continue;
		if (line.n == 0)
			return true;
		if (line.p[0] == ' ' || line.p[0] == '\t') {
			if (s->n) /* the value goes on to the end of this line */
				s->p[s->n - 1].value.n =
					(size_t)(line.p + line.n - s->p[s->n - 1].value.p);
			continue;
		}
		if (!is_field(line, &colon))
			continue;
		*hm_push(cx, s) =
			(struct stanza_field){ hm_sub(line, 0, colon), hm_from(line, colon + 1) };
	}
	return s->n > 0;
}

struct hm_str stanza_get(const struct stanza *s, const char *name)
{
	struct hm_str want = hm_cstr(name);
	for (size_t i = 0; i < s->n; i++)
		if (s->p[i].name.n == want.n && hm_cmp_nocase(s->p[i].name, want) == 0)
			return hm_trim(s->p[i].value);
	return HM_STR("");
}
