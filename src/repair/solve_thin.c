/* SPDX-License-Identifier: Apache-2.0 */
/* In the worker: images whose makers left dependencies out, on purpose. */
#include "repair/solver.h"

struct thinning {
	struct hm_cx *cx;
	struct hm_map provided; /* by what is installed */
	struct hm_map lacking;  /* "PACKAGE NAME": it depends on it, and nothing provides it */
};

static void provide(struct thinning *t, const struct solve_package *p)
{
	struct solve_relation r;
	bool bad;
	hm_map_put(t->cx, &t->provided, p->name, t);
	for (struct hm_str text = p->provides; repair_relation_next(&text, &r, &bad);)
		hm_map_put(t->cx, &t->provided, r.name, t);
}

static struct hm_str key(struct thinning *t, struct hm_str package, struct hm_str name)
{
	return hm_fmt(t->cx, "%.*s %.*s", HM_FMT(package), HM_FMT(name));
}

/* The next group of alternatives, as it stands there; false: no more, or what is left cannot be
 * read. */
static bool next_group(struct thinning *t, struct hm_str *text, struct hm_str *out,
		       struct hm_strs *out_names)
{
	struct solve_relation r;
	bool bad;
	const char *from = text->p;
	out_names->n = 0;
	while (repair_relation_next(text, &r, &bad)) {
		*hm_push(t->cx, out_names) = r.name;
		if (r.more)
			continue;
		size_t n = (size_t)(text->p - from);
		*out = hm_trim(hm_bytes(from, n && from[n - 1] == ',' ? n - 1 : n));
		return true;
	}
	return false;
}

static bool is_provided(const struct thinning *t, const struct hm_strs *names)
{
	for (size_t i = 0; i < names->n; i++)
		if (hm_map_has(&t->provided, names->p[i]))
			return true;
	return false;
}

static void find_lacking(struct thinning *t, const struct solve_package *p, struct hm_str text)
{
	struct hm_strs names = { 0 };
	struct hm_str group;
	while (next_group(t, &text, &group, &names))
		for (size_t i = 0; !is_provided(t, &names) && i < names.n; i++)
			hm_map_put(t->cx, &t->lacking, key(t, p->name, names.p[i]), t);
}

static void thin(struct thinning *t, const struct solve_package *p, struct hm_str *relations)
{
	HM_AUTO_BUF b = HM_BUF(relations->n * 2 + 16);
	struct hm_strs names = { 0 };
	struct hm_str group, rest = *relations;
	while (next_group(t, &rest, &group, &names)) {
		bool lacks = false;
		for (size_t i = 0; i < names.n; i++)
			lacks = lacks || hm_map_has(&t->lacking, key(t, p->name, names.p[i]));
		if (!lacks || is_provided(t, &names))
			hm_buf_fmt(&b, "%s%.*s", b.n ? ", " : "", HM_FMT(group));
	}
	/* What cannot be read is left to who reads it next, and refuses it. */
	if (!hm_trim(rest).n)
		*relations = hm_dup(t->cx, hm_buf_str(&b));
}

void repair_solve_thin(struct hm_cx *cx, struct solve_packages *all)
{
	struct thinning t = { .cx = cx };
	struct hm_map installed = { 0 };
	for (size_t i = 0; i < all->n; i++)
		if (all->p[i].installed) {
			provide(&t, &all->p[i]);
			hm_map_put(cx, &installed, all->p[i].name, &t);
		}
	for (size_t i = 0; i < all->n; i++)
		if (all->p[i].installed) {
			find_lacking(&t, &all->p[i], all->p[i].pre_depends);
			find_lacking(&t, &all->p[i], all->p[i].depends);
		}
	for (size_t i = 0; t.lacking.n && i < all->n; i++)
		if (!all->p[i].installed && hm_map_has(&installed, all->p[i].name)) {
			thin(&t, &all->p[i], &all->p[i].pre_depends);
			thin(&t, &all->p[i], &all->p[i].depends);
		}
}
