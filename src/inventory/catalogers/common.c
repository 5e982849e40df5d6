/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/catalogers/common.h"

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

bool inventory_is_field(struct hm_str line)
{
	size_t colon;
	return is_field(line, &colon);
}

bool inventory_stanza_next(struct hm_cx *cx, struct hm_str *text, struct inventory_stanza *s)
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
		*hm_push(cx, s) = (struct inventory_field){ hm_sub(line, 0, colon),
							    hm_from(line, colon + 1) };
	}
	return s->n > 0;
}

struct hm_str inventory_stanza_get(const struct inventory_stanza *s, const char *name)
{
	for (size_t i = 0; i < s->n; i++)
		if (hm_cmp_nocase(s->p[i].name, hm_cstr(name)) == 0)
			return hm_trim(s->p[i].value);
	return HM_STR("");
}

void inventory_list_add(struct hm_cx *cx, struct hm_strs *list, struct hm_str s)
{
	/* a list that is longer than any real one is not searched: that would be its length
	 * squared */
	if (s.n && (list->n > 4096 || !hm_strs_has(list, s)))
		*hm_push(cx, list) = s;
}

bool inventory_is_pypi(struct hm_str url)
{
	/* in the domain .org: of the files, and of the index */
	static const char *const names[] = { "pythonhosted", "pypi" };
	struct hm_str host = url, scheme = hm_cut_str(&host, HM_STR("://"));
	host = hm_cut(&host, '/');
	if (!hm_eqz(scheme, "https") || !hm_ends(host, HM_STR(".org")))
		return false;
	host.n -= strlen(".org");
	host = hm_from(host, hm_rfind_char(host, '.') + 1);
	return hm_eqz(host, names[0]) || hm_eqz(host, names[1]);
}

struct hm_str inventory_unquote(struct hm_cx *cx, struct hm_str value)
{
	value = hm_trim(value);
	if (!value.n ||
	    (value.p[0] != '"' && value.p[0] != '\'' && !memchr(value.p, '\\', value.n)))
		return value;
	char quote = value.p[0] == '"' || value.p[0] == '\'' ? value.p[0] : '\0';
	char *to = hm_new(cx, char, value.n + 1);
	size_t n = 0;
	for (size_t i = quote ? 1 : 0; i < value.n && (!quote || value.p[i] != quote); i++) {
		if (value.p[i] == '\\' && quote != '\'' && i + 1 < value.n)
			i++;
		to[n++] = value.p[i];
	}
	return hm_bytes(to, n);
}

void inventory_npm_name(struct inventory_component *c, struct hm_str name)
{
	size_t slash = hm_starts(name, HM_STR("@")) ? hm_find_char(name, '/') : SIZE_MAX;
	c->type = HM_STR("npm");
	c->name = slash == SIZE_MAX ? name : hm_from(name, slash + 1);
	c->namespace = slash == SIZE_MAX ? HM_STR("") : hm_sub(name, 0, slash);
}
