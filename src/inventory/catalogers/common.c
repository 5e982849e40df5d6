/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/catalogers/common.h"

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
