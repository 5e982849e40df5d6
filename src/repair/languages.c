/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/language.h"

#include "repair/java/java.h"
#include "repair/npm/npm.h"
#include "repair/python/python.h"

const struct repair_language repair_languages[] = {
	{ "maven", "Java", repair_java_is_there, repair_java_plan, repair_java_apply },
	{ "npm", "npm", repair_npm_is_there, repair_npm_plan, repair_npm_apply },
	{ "pypi", "Python", repair_python_is_there, repair_python_plan, repair_python_apply },
	{ 0 },
};

/* "pypi=/srv/wheels": the row's, without what stands before '='. */
static bool is_of(const struct repair_language *row, struct hm_str repository, struct hm_str *out)
{
	struct hm_str rest = repository, type = hm_cut(&rest, '=');
	*out = rest;
	return hm_eqz(type, row->type) && type.n < repository.n;
}

static hm_err split_repositories(struct hm_cx *cx, struct repair_options *o,
				 struct repair_language_run *rows, size_t n)
{
	struct hm_strs others = { 0 };
	struct hm_str rest = HM_STR("");
	for (size_t i = 0; i < o->repositories.n; i++) {
		size_t k = 0;
		while (k < n && !is_of(rows[k].row, o->repositories.p[i], &rest))
			k++;
		if (k == n) {
			*hm_push(cx, &others) = o->repositories.p[i];
			continue;
		}
		HM_TRY(repair_base_check(cx, rest));
		*hm_push(cx, &rows[k].repositories) = rest;
	}
	o->repositories = others;
	return NULL;
}

hm_err repair_languages_open(struct hm_cx *cx, struct repair_run *run, struct repair_options *o,
			     struct repair_language_runs *out)
{
	size_t n = 0;
	while (repair_languages[n].type)
		n++;
	struct repair_language_run *rows = hm_new(cx, struct repair_language_run, n);
	struct repair_language_runs all = { .p = rows };
	for (size_t i = 0; i < n; i++)
		rows[i] = (struct repair_language_run){ .row = &repair_languages[i], .run = run };
	HM_TRY(split_repositories(cx, o, rows, n));
	for (size_t i = 0; i < n; i++)
		if (rows[i].row->is_there(&run->root))
			rows[all.n++] = rows[i];
	*out = all;
	return NULL;
}

static void say_left_out(struct repair_result *r)
{
	for (size_t i = 0; i < r->findings_n; i++)
		if (r->findings[i].wanted.is_other)
			r->findings[i].why =
				HM_STR("packages of languages were left out (--pkg-types)");
}

/* Is one of its packages to be replaced? */
static bool is_wanted(const struct repair_language_run *l)
{
	const struct repair_options *o = l->run->o;
	for (size_t i = 0; i < o->wanted_n; i++)
		if (repair_language_wants(l, &o->wanted[i]))
			return true;
	return false;
}

hm_err repair_languages_plan(struct hm_cx *cx, struct repair_language_runs *all)
{
	for (size_t i = 0; i < all->n; i++) {
		struct repair_language_run *l = &all->p[i];
		if (l->run->o->no_library)
			say_left_out(l->run->result);
		else if (is_wanted(l))
			HM_TRY_IN(cx, l->row->plan(cx, l), "packages of %s", l->row->name);
	}
	return NULL;
}

bool repair_languages_any(const struct repair_language_runs *all)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->p[i].changes.n)
			return true;
	return false;
}

hm_err repair_languages_apply(struct hm_cx *cx, struct repair_language_runs *all,
			      struct repair_layer *layer)
{
	for (size_t i = 0; i < all->n; i++) {
		struct repair_language_run *l = &all->p[i];
		if (!l->changes.n)
			continue;
		HM_TRY_IN(cx, l->row->apply(cx, l, layer), "packages of %s", l->row->name);
		for (size_t k = 0; k < l->changes.n; k++)
			*hm_push(cx, &l->run->result->changes) = l->changes.p[k];
	}
	return NULL;
}
