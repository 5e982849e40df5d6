/* SPDX-License-Identifier: Apache-2.0 */
/* libsolv, loaded when it is needed: its own package is all that it takes. */
#include "repair/solver.h"

#include <dlfcn.h>
#include <solv/evr.h>
#include <solv/pool.h>
#include <solv/repo.h>
#include <solv/solver.h>
#include <solv/transaction.h>

#include "repair/repair.h"

/* clang-format off */
#define FUNCTIONS(X) \
	X(pool_create) X(pool_free) X(pool_setdisttype) X(pool_str2id) X(pool_rel2id) X(pool_createwhatprovides) \
	X(pool_set_installed) X(pool_evrcmp) X(repo_create) X(repo_add_solvable) X(repo_addid_dep) \
	X(repo_internalize) X(solver_create) X(solver_free) X(solver_set_flag) X(solver_solve) \
	X(solver_problem_count) X(solver_problem2str) X(solver_create_transaction) X(transaction_free)
/* clang-format on */

#define MEMBER(name) __typeof__ (&(name))(name);
static struct {
	FUNCTIONS(MEMBER)
} solv;
#undef MEMBER

hm_err repair_solve_load(struct hm_cx *cx)
{
	static const char *const names[] = { "libsolv.so.1", "libsolv.so.2" };
	void *library = NULL, *symbol;
	for (size_t i = 0; i < HM_LEN(names) && !library; i++)
		library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
	if (!library)
		return hm_fail(cx, HM_ABSENT,
			       "no libsolv, which resolves dependencies of packages "
			       "(Debian, Ubuntu: apt install libsolv1)");
#define LOAD(name)                                   \
	symbol = dlsym(library, #name);              \
	memcpy(&solv.name, &symbol, sizeof(symbol)); \
	if (!solv.name)                              \
		return hm_fail(cx, HM_ABSENT, "this libsolv has no %s()", #name);
	FUNCTIONS(LOAD)
#undef LOAD
	return NULL;
}

/* ------------------------------------------------------------------ names */

struct hm_str repair_solve_name(struct hm_cx *cx, const struct solve_options *o, struct hm_str name,
				struct hm_str arch)
{
	if (!arch.n || hm_eq(arch, o->native) || hm_eqz(arch, "all"))
		return name;
	return hm_fmt(cx, "%.*s:%.*s", HM_FMT(name), HM_FMT(arch));
}

static bool is_usable(const struct solve_options *o, const struct solve_package *p)
{
	return p->installed || hm_eqz(p->arch, "all") || hm_eq(p->arch, o->native) ||
	       hm_strs_has(&o->foreign, p->arch);
}

/* ------------------------------------------------------------------ what could play a part */

struct group { /* packages that provide one name */
	HM_VEC(uint32_t) of;
};

static void provide(struct hm_cx *cx, struct hm_map *by_name, struct hm_str name, size_t i)
{
	void **slot = hm_map_slot(cx, by_name, name);
	if (!*slot)
		*slot = hm_new(cx, struct group, 1);
	struct group *g = *slot;
	*hm_push(cx, &g->of) = (uint32_t)i;
}

static void want(struct hm_cx *cx, const struct hm_map *by_name, struct hm_strs *todo,
		 struct hm_map *seen, struct hm_str relations)
{
	struct solve_relation r;
	bool bad;
	while (repair_relation_next(&relations, &r, &bad)) {
		if (hm_map_has(seen, r.name))
			continue;
		hm_map_put(cx, seen, r.name, seen);
		if (hm_map_has(by_name, r.name))
			*hm_push(cx, todo) = r.name;
	}
}

void repair_solve_mark(struct hm_cx *cx, struct solve_packages *all, const struct solve_options *o)
{
	struct hm_map by_name = { 0 }, seen = { 0 };
	struct hm_strs todo = { 0 };
	struct solve_relation r;
	bool bad;
	for (size_t i = 0; i < all->n; i++) {
		struct solve_package *p = &all->p[i];
		if (!is_usable(o, p))
			continue;
		provide(cx, &by_name, p->name, i);
		for (struct hm_str text = p->provides; repair_relation_next(&text, &r, &bad);)
			provide(cx, &by_name, r.name, i);
		if (p->installed && !hm_map_has(&seen, p->name)) {
			hm_map_put(cx, &seen, p->name, &seen);
			*hm_push(cx, &todo) = p->name;
		}
	}
	while (todo.n) {
		struct group *g = hm_map_get(&by_name, todo.p[--todo.n]);
		for (size_t i = 0; g && i < g->of.n; i++) {
			struct solve_package *p = &all->p[g->of.p[i]];
			if (p->in_play)
				continue;
			p->in_play = true;
			want(cx, &by_name, &todo, &seen, p->pre_depends);
			want(cx, &by_name, &todo, &seen, p->depends);
		}
	}
}

/* ------------------------------------------------------------------ to libsolv */

struct solving {
	struct hm_cx *cx;
	const struct solve_options *o;
	Pool *pool;
	Solver *solver;
	Transaction *transaction;
	Repo *installed, *available;
	const struct solve_package **by_id;
	Id by_id_n;
};

static void solving_done(struct solving *s)
{
	if (s->transaction)
		solv.transaction_free(s->transaction);
	if (s->solver)
		solv.solver_free(s->solver);
	if (s->pool)
		solv.pool_free(s->pool);
}

static Id id_of(const struct solving *s, struct hm_str text)
{
	return solv.pool_str2id(s->pool, hm_dupz(s->cx, text), 1);
}

static int flags_of(const char *op)
{
	static const struct {
		const char *op;
		int flags;
	} rows[] = { { "<<", REL_LT },
		     { "<=", REL_LT | REL_EQ },
		     { "=", REL_EQ },
		     { ">=", REL_GT | REL_EQ },
		     { ">>", REL_GT } };
	for (size_t i = 0; i < HM_LEN(rows); i++)
		if (strcmp(rows[i].op, op) == 0)
			return rows[i].flags;
	return 0;
}

/* A relation of a package of this architecture ("python3:any", "libc6:amd64", "libc6"). */
static Id relation_id(const struct solving *s, const struct solve_relation *r, struct hm_str arch)
{
	struct hm_str name = hm_eqz(r->arch, "any") ? hm_fmt(s->cx, "%.*s:any", HM_FMT(r->name))
						    : repair_solve_name(s->cx, s->o, r->name,
									r->arch.n ? r->arch : arch);
	Id id = id_of(s, name);
	return r->op ? solv.pool_rel2id(s->pool, id, id_of(s, r->version), flags_of(r->op), 1) : id;
}

static hm_err add_requires(const struct solving *s, const struct solve_package *p, Repo *repo,
			   struct hm_str text, Offset *to)
{
	struct solve_relation r;
	bool bad;
	HM_VEC(Id) group = { 0 };
	while (repair_relation_next(&text, &r, &bad)) {
		*hm_push(s->cx, &group) = relation_id(s, &r, p->arch);
		if (r.more)
			continue;
		Id id = group.p[group.n - 1];
		for (size_t i = group.n - 1; i-- > 0;)
			id = solv.pool_rel2id(s->pool, group.p[i], id, REL_OR, 1);
		*to = solv.repo_addid_dep(repo, *to, id, 0);
		group.n = 0;
	}
	return bad ? hm_fail(s->cx, HM_INPUT, "package \"%.*s\": its dependencies cannot be read",
			     HM_FMT(p->name))
		   : NULL;
}

static hm_err add_conflicts(const struct solving *s, const struct solve_package *p, Repo *repo,
			    struct hm_str text, Offset *to)
{
	struct solve_relation r;
	bool bad;
	while (repair_relation_next(&text, &r, &bad))
		*to = solv.repo_addid_dep(repo, *to, relation_id(s, &r, p->arch), 0);
	return bad ? hm_fail(s->cx, HM_INPUT, "package \"%.*s\": its conflicts cannot be read",
			     HM_FMT(p->name))
		   : NULL;
}

/* Itself, what it says it provides, and who of another architecture may use it. */
static hm_err add_provides(const struct solving *s, const struct solve_package *p, Repo *repo,
			   Id name, Id version, Offset *to)
{
	struct solve_relation r;
	bool bad;
	*to = solv.repo_addid_dep(repo, *to, solv.pool_rel2id(s->pool, name, version, REL_EQ, 1),
				  0);
	for (struct hm_str text = p->provides; repair_relation_next(&text, &r, &bad);)
		*to = solv.repo_addid_dep(repo, *to, relation_id(s, &r, p->arch), 0);
	if (hm_eqz(p->multi_arch, "allowed")) {
		Id any = id_of(s, hm_fmt(s->cx, "%.*s:any", HM_FMT(p->name)));
		*to = solv.repo_addid_dep(repo, *to,
					  solv.pool_rel2id(s->pool, any, version, REL_EQ, 1), 0);
	}
	if (!hm_eqz(p->multi_arch, "foreign") && !hm_eqz(p->arch, "all"))
		return NULL;
	for (size_t i = 0; i < s->o->foreign.n && hm_eqz(p->multi_arch, "foreign"); i++) {
		Id other = id_of(s, repair_solve_name(s->cx, s->o, p->name, s->o->foreign.p[i]));
		*to = solv.repo_addid_dep(repo, *to,
					  solv.pool_rel2id(s->pool, other, version, REL_EQ, 1), 0);
	}
	return NULL;
}

static hm_err add_package(struct solving *s, struct solve_package *p)
{
	Repo *repo = p->installed ? s->installed : s->available;
	Id name = id_of(s, repair_solve_name(s->cx, s->o, p->name, p->arch));
	Id version = id_of(s, p->version), arch = id_of(s, p->arch);
	Offset provides = 0, requires = 0, conflicts = 0;
	Id id = solv.repo_add_solvable(repo);
	HM_TRY(add_provides(s, p, repo, name, version, &provides));
	HM_TRY(add_requires(s, p, repo, p->pre_depends, &requires));
	HM_TRY(add_requires(s, p, repo, p->depends, &requires));
	HM_TRY(add_conflicts(s, p, repo, p->conflicts, &conflicts));
	HM_TRY(add_conflicts(s, p, repo, p->breaks, &conflicts));
	Solvable *x = s->pool->solvables + id;
	x->name = name;
	x->evr = version;
	x->arch = arch;
	x->provides = provides;
	x->requires = requires;
	x->conflicts = conflicts;
	p->id = id;
	return NULL;
}

static hm_err fill_pool(struct solving *s, struct solve_packages *all)
{
	s->pool = solv.pool_create();
	if (solv.pool_setdisttype(s->pool, DISTTYPE_DEB) < 0)
		return hm_fail(s->cx, HM_ABSENT, "this libsolv does not know Debian's versions");
	s->installed = solv.repo_create(s->pool, "installed");
	s->available = solv.repo_create(s->pool, "available");
	for (size_t i = 0; i < all->n; i++)
		if (all->p[i].in_play && is_usable(s->o, &all->p[i]))
			HM_TRY(add_package(s, &all->p[i]));
	solv.pool_set_installed(s->pool, s->installed);
	solv.pool_createwhatprovides(s->pool);
	s->by_id_n = s->pool->nsolvables;
	s->by_id = hm_new(s->cx, const struct solve_package *, (size_t)s->by_id_n);
	for (size_t i = 0; i < all->n; i++)
		if (all->p[i].id)
			s->by_id[all->p[i].id] = &all->p[i];
	return NULL;
}

/* ------------------------------------------------------------------ and back */

struct ids {
	Id *p;
	size_t n, cap;
};

static void add_job(struct solving *s, struct ids *job, Id how, Id what)
{
	*hm_push(s->cx, job) = how;
	*hm_push(s->cx, job) = what;
}

static void make_jobs(struct solving *s, const struct solve_packages *all, struct ids *job)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->p[i].held && all->p[i].id)
			add_job(s, job, SOLVER_LOCK | SOLVER_SOLVABLE, all->p[i].id);
	if (s->o->all)
		add_job(s, job, SOLVER_UPDATE | SOLVER_SOLVABLE_ALL, 0);
	for (size_t i = 0; !s->o->all && i < s->o->wanted.n; i++)
		add_job(s, job, SOLVER_UPDATE | SOLVER_SOLVABLE_NAME, id_of(s, s->o->wanted.p[i]));
}

static hm_err run_solver(struct solving *s, const struct ids *job, struct hm_strs *problems)
{
	Queue queue = { .elements = job->p, .count = (int)job->n };
	s->solver = solv.solver_create(s->pool);
	solv.solver_set_flag(s->solver, SOLVER_FLAG_IGNORE_RECOMMENDED, 1);
	solv.solver_set_flag(s->solver, SOLVER_FLAG_ALLOW_UNINSTALL, 0);
	solv.solver_set_flag(s->solver, SOLVER_FLAG_ALLOW_DOWNGRADE, 0);
	solv.solver_set_flag(s->solver, SOLVER_FLAG_ALLOW_ARCHCHANGE, 1);
	if (solv.solver_solve(s->solver, &queue) == 0)
		return NULL;
	Id n = (Id)solv.solver_problem_count(s->solver);
	for (Id i = 1; i <= n; i++)
		*hm_push(s->cx, problems) =
			hm_dup(s->cx, hm_cstr(solv.solver_problem2str(s->solver, i)));
	return NULL;
}

static bool is_same(const struct solve_package *a, const struct solve_package *b)
{
	return hm_eq(a->name, b->name) &&
	       (hm_eq(a->arch, b->arch) || hm_eqz(a->arch, "all") || hm_eqz(b->arch, "all"));
}

/* The installed version that a new package replaces; empty: none. */
static struct hm_str replaced_by(const struct solve_packages *all, const struct solve_package *p)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->p[i].installed && is_same(&all->p[i], p))
			return all->p[i].version;
	return HM_STR("");
}

static const struct solve_package *package_of(const struct solving *s, Id id)
{
	return id > 0 && id < s->by_id_n ? s->by_id[id] : NULL;
}

static bool is_replaced(const struct solving *s, const struct solve_package *p)
{
	const Queue *q = &s->transaction->steps;
	for (int i = 0; i < q->count; i++) {
		const struct solve_package *o = package_of(s, q->elements[i]);
		if (o && !o->installed && is_same(o, p))
			return true;
	}
	return false;
}

static void read_steps(struct solving *s, const struct solve_packages *all,
		       struct solve_answer *out)
{
	HM_VEC(struct solve_step) steps = { 0 };
	const Queue *q = &s->transaction->steps;
	for (int i = 0; i < q->count; i++) {
		const struct solve_package *p = package_of(s, q->elements[i]);
		if (!p || (p->installed && is_replaced(s, p)))
			continue;
		struct solve_step step = { .name = p->name, .arch = p->arch };
		step.from = p->installed ? p->version : replaced_by(all, p);
		if (!p->installed)
			step.to = *p;
		*hm_push(s->cx, &steps) = step;
	}
	out->steps = steps.p;
	out->steps_n = steps.n;
}

/* The newest of each wanted name that the indexes have. */
static void read_best(struct solving *s, const struct solve_packages *all, struct solve_answer *out)
{
	out->best = hm_new(s->cx, struct solve_best, s->o->wanted.n);
	out->best_n = s->o->wanted.n;
	for (size_t i = 0; i < out->best_n; i++) {
		struct solve_best *b = &out->best[i];
		b->name = s->o->wanted.p[i];
		for (size_t j = 0; j < all->n; j++) {
			const struct solve_package *p = &all->p[j];
			if (p->installed || !p->id ||
			    !hm_eq(repair_solve_name(s->cx, s->o, p->name, p->arch), b->name))
				continue;
			if (b->version.n &&
			    solv.pool_evrcmp(s->pool, id_of(s, p->version), id_of(s, b->version),
					     EVRCMP_COMPARE) <= 0)
				continue;
			b->version = p->version;
			b->source_version = p->source_version;
		}
	}
}

hm_err repair_solve(struct hm_cx *cx, struct solve_packages *all, const struct solve_options *o,
		    struct solve_answer *out)
{
	HM_CLEANUP(solving_done) struct solving s = { .cx = cx, .o = o };
	struct ids job = { 0 };
	HM_TRY(fill_pool(&s, all));
	make_jobs(&s, all, &job);
	HM_TRY(run_solver(&s, &job, &out->problems));
	s.transaction = solv.solver_create_transaction(s.solver);
	if (!out->problems.n)
		read_steps(&s, all, out);
	read_best(&s, all, out);
	return NULL;
}
