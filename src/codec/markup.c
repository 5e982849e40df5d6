/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/markup.h"

/* Comments and the like, at a '<'. */
static bool pass_over(struct hm_str at, struct hm_str *rest)
{
	static const struct {
		struct hm_str head, tail;
	} passed_over[] = {
		{ HM_STR_INIT("<!--"), HM_STR_INIT("-->") },
		{ HM_STR_INIT("<![CDATA["), HM_STR_INIT("]]>") },
		{ HM_STR_INIT("<?"), HM_STR_INIT("?>") },
		{ HM_STR_INIT("<!"), HM_STR_INIT(">") },
	};
	for (size_t i = 0; i < HM_LEN(passed_over); i++)
		if (hm_starts(at, passed_over[i].head)) {
			hm_cut_str(&at, passed_over[i].tail);
			*rest = at;
			return true;
		}
	return false;
}

static struct hm_str name_of(struct hm_str tag)
{
	size_t n = 0;
	while (n < tag.n && !hm_is_space(tag.p[n]) && tag.p[n] != '/')
		n++;
	return hm_sub(tag, 0, n);
}

bool markup_next(struct markup *m)
{
	m->depth -= m->closes;
	m->closes = false;
	while (m->rest.n) {
		struct hm_str before = hm_trim(hm_cut(&m->rest, '<'));
		if (!m->rest.n)
			return false;
		if (pass_over((struct hm_str){ m->rest.p - 1, m->rest.n + 1 }, &m->rest))
			continue;
		struct hm_str tag = hm_cut(&m->rest, '>');
		m->is_end = hm_starts(tag, HM_STR("/"));
		if (m->is_end && m->depth) {
			m->value = before;
			m->closes = true;
			return true;
		}
		if (m->is_end || hm_ends(tag, HM_STR("/")))
			continue;
		if (m->depth == MARKUP_DEPTH)
			return false;
		m->names[m->depth++] = name_of(tag);
		return true;
	}
	return false;
}

bool markup_is(const struct markup *m, const char *path)
{
	struct hm_str rest = hm_cstr(path);
	for (size_t i = 0; i < m->depth; i++)
		if (!rest.n || !hm_eq(hm_cut(&rest, '/'), m->names[i]))
			return false;
	return !rest.n;
}
