/* SPDX-License-Identifier: Apache-2.0 */
/* In the worker: installed packages of which a list has names and versions alone. */
#include "repair/rpm/solving.h"

hm_err repair_rpm_solving_listed(struct rpm_solving *s)
{
	struct rpm_database db = { 0 };
	HM_TRY(repair_rpm_manifest(s->cx, s->database, &db));
	s->installed = s->solv->repo_create(s->pool, "installed");
	for (size_t i = 0; i < db.packages.n; i++) {
		const struct rpm_package *p = &db.packages.p[i].p;
		Id id = s->solv->repo_add_solvable(s->installed);
		Solvable *x = s->pool->solvables + id;
		x->name = repair_rpm_solving_id(s, p->name);
		x->evr = repair_rpm_solving_id(s, p->evr);
		x->arch = repair_rpm_solving_id(s, p->arch);
		x->provides = s->solv->repo_addid_dep(s->installed, 0,
						      s->solv->pool_rel2id(s->pool, x->name, x->evr,
									   REL_EQ, 1),
						      0);
	}
	return NULL;
}

Solvable *repair_rpm_solving_same(const struct rpm_solving *s, const Solvable *installed)
{
	for (Id id = 1; id < s->pool->nsolvables; id++) {
		Solvable *x = s->pool->solvables + id;
		if (x->repo && x->repo != s->installed && x->name == installed->name &&
		    x->evr == installed->evr && x->arch == installed->arch)
			return x;
	}
	return NULL;
}

static Id name_of(const struct rpm_solving *s, Id dep)
{
	const uint32_t relation = 0x80000000; /* pool.h, ISRELDEP() */
	uint32_t id = (uint32_t)dep;
	while (id & relation)
		id = (uint32_t)s->pool->rels[id ^ relation].name;
	return (Id)id;
}

static bool requires_name(const struct rpm_solving *s, const Solvable *x, Id name)
{
	for (const Id *d = x->requires ? x->repo->idarraydata + x->requires : NULL; d && *d; d++)
		if (name_of(s, *d) == name)
			return true;
	return false;
}

/* What the installed version did not ask for; nothing where that is not known. */
static void thin_requires(struct rpm_solving *s, Solvable *x, const Solvable *same)
{
	HM_VEC(Id) left = { 0 };
	for (const Id *d = x->requires ? x->repo->idarraydata + x->requires : NULL; same && d && *d;
	     d++)
		if (*d != SOLVABLE_PREREQMARKER && !requires_name(s, same, name_of(s, *d)))
			*hm_push(s->cx, &left) = *d;
	Offset to = 0;
	for (size_t i = 0; i < left.n; i++)
		to = s->solv->repo_addid_dep(x->repo, to, left.p[i], 0);
	x->requires = to;
}

static void copy_provides(struct rpm_solving *s, Solvable *to, const Solvable *from)
{
	HM_VEC(Id) all = { 0 };
	for (const Id *d = from->provides ? from->repo->idarraydata + from->provides : NULL;
	     d && *d; d++)
		if (*d != SOLVABLE_FILEMARKER)
			*hm_push(s->cx, &all) = *d;
	for (size_t i = 0; i < all.n; i++)
		to->provides = s->solv->repo_addid_dep(s->installed, to->provides, all.p[i], 0);
}

void repair_rpm_solving_thin(struct rpm_solving *s)
{
	for (Id at = s->installed->start; at < s->installed->end; at++) {
		const Solvable *same = repair_rpm_solving_same(s, s->pool->solvables + at);
		Id name = s->pool->solvables[at].name;
		for (Id id = 1; id < s->pool->nsolvables; id++) {
			Solvable *x = s->pool->solvables + id;
			if (x->repo && x->repo != s->installed && x->name == name && x != same)
				thin_requires(s, x, same);
		}
		if (same)
			copy_provides(s, s->pool->solvables + at, same);
	}
}
