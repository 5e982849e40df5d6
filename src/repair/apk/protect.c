/* SPDX-License-Identifier: Apache-2.0 */
/* apk-protected_paths(5): where what somebody changed is kept, and the new one put beside it. */
#include "repair/apk/apk.h"

static void add_rule(struct hm_cx *cx, struct apk_protected *p, struct hm_str line)
{
	line = hm_trim(line);
	while (line.n > 1 && hm_ends(line, HM_STR("/")))
		line.n--;
	if (line.n < 2 || !hm_is_one_of(line.p[0], "-+@!"))
		return;
	*hm_push(cx, &p->rules) = (struct apk_protect_rule){ line.p[0], hm_from(line, 1) };
}

hm_err repair_apk_protected(struct hm_cx *cx, const struct repair_root *root,
			    struct apk_protected *out)
{
	static const char *const own[] = { "+etc", "@etc/init.d", "!etc/apk" };
	struct apk_protected p = { 0 };
	const struct repair_node *d = repair_root_at(root, HM_STR("etc/apk/protected_paths.d"));
	for (size_t i = 0; i < HM_LEN(own); i++)
		add_rule(cx, &p, hm_cstr(own[i]));
	for (const struct repair_node *n = d ? d->first : NULL; n; n = n->next) {
		if (n->is_gone || !n->is_kept || !hm_ends(n->path, HM_STR(".list")))
			continue;
		for (struct hm_str text = n->content; text.n;)
			add_rule(cx, &p, hm_line(&text));
	}
	*out = p;
	return NULL;
}

char repair_apk_protect(const struct apk_protected *p, struct hm_str path)
{
	char kind = '-';
	size_t longest = 0;
	for (size_t i = 0; i < p->rules.n; i++) {
		struct hm_str at = p->rules.p[i].path;
		bool below = hm_starts(path, at) && (path.n == at.n || path.p[at.n] == '/');
		if (below && at.n >= longest) {
			kind = p->rules.p[i].kind;
			longest = at.n;
		}
	}
	return kind;
}
