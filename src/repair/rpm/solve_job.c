/* SPDX-License-Identifier: Apache-2.0 */
/* In the worker: metadata and installed packages become what the solver reads, and its answer. */
#include <fnmatch.h>

#include "base/worker.h"
#include "codec/stream.h"
#include "inventory/inventory.h"
#include "repair/repair.h"
#include "repair/rpm/rpm.h"
#include "repair/rpm/solv.h"
#include "repair/rpm/solving.h"

static void solving_done(struct rpm_solving *s)
{
	if (s->transaction)
		s->solv->transaction_free(s->transaction);
	if (s->solver)
		s->solv->solver_free(s->solver);
	if (s->pool)
		s->solv->pool_free(s->pool);
	hm_cx_done(&s->kept);
}

/* ------------------------------------------------------------------ metadata */

/* A file of the C library that is inflated while it is read. */
struct inflating {
	struct hm_cx *cx;
	struct stream s;
	hm_err err;
	FILE *file;
};

static ssize_t read_inflated(void *arg, char *room, size_t n)
{
	struct inflating *i = arg;
	size_t got = 0;
	if (!i->err)
		i->err = stream_read(i->cx, &i->s, room, n, &got);
	if (!i->err && i->s.total > HM_MAX_REPAIR_INDEX)
		i->err = hm_fail(i->cx, HM_LIMIT, "an index inflates to more than %llu bytes",
				 (unsigned long long)HM_MAX_REPAIR_INDEX);
	return i->err ? -1 : (ssize_t)got;
}

static void inflating_done(struct inflating *i)
{
	if (i->file)
		fclose(i->file);
	stream_close(&i->s);
}

static hm_err add_metadata(struct rpm_solving *s, struct hm_str packed, const char *language,
			   int flags)
{
	HM_CLEANUP(inflating_done) struct inflating i = { .cx = s->cx };
	cookie_io_functions_t io = { .read = read_inflated };
	HM_TRY(stream_open_package(s->cx, (struct stream_source){ stream_read_str, &packed },
				   &i.s));
	i.file = fopencookie(&i, "r", io);
	if (!i.file)
		return hm_fail_os(s->cx, "could not read an index");
	Repo *repo = s->repositories.p[s->repositories.n - 1].repo;
	int bad = s->solv->repo_add_rpmmd(repo, i.file, language, flags);
	if (i.err)
		return i.err;
	return bad ? hm_fail(s->cx, HM_INPUT, "%s", s->solv->pool_errstr(s->pool)) : NULL;
}

/* ------------------------------------------------------------------ what does not count */

static bool matches(struct hm_cx *cx, const struct hm_strs *patterns, struct hm_str text)
{
	const char *z = hm_dupz(cx, text);
	for (size_t i = 0; i < patterns->n; i++)
		if (fnmatch(hm_dupz(cx, patterns->p[i]), z, 0) == 0)
			return true;
	return false;
}

/* By any of the names that dnf knows it by. */
static bool is_named(struct rpm_solving *s, const struct hm_strs *patterns, const Solvable *x)
{
	if (!patterns->n)
		return false;
	struct hm_mark mark = hm_mark(s->cx);
	struct hm_str name = repair_rpm_solving_text(s, x->name),
		      evr = repair_rpm_solving_text(s, x->evr);
	struct hm_str arch = repair_rpm_solving_text(s, x->arch), vr = evr;
	if (hm_find_char(vr, ':') != SIZE_MAX)
		hm_cut(&vr, ':');
	struct hm_str rest = vr;
	struct hm_str version = hm_cut(&rest, '-');
	const struct hm_str forms[] = {
		name,
		hm_fmt(s->cx, "%.*s.%.*s", HM_FMT(name), HM_FMT(arch)),
		hm_fmt(s->cx, "%.*s-%.*s", HM_FMT(name), HM_FMT(version)),
		hm_fmt(s->cx, "%.*s-%.*s", HM_FMT(name), HM_FMT(vr)),
		hm_fmt(s->cx, "%.*s-%.*s", HM_FMT(name), HM_FMT(evr)),
		hm_fmt(s->cx, "%.*s-%.*s.%.*s", HM_FMT(name), HM_FMT(vr), HM_FMT(arch)),
		hm_fmt(s->cx, "%.*s-%.*s.%.*s", HM_FMT(name), HM_FMT(evr), HM_FMT(arch)),
		hm_fmt(s->cx, "%.*s-0:%.*s.%.*s", HM_FMT(name), HM_FMT(vr), HM_FMT(arch)),
	};
	bool is = false;
	for (size_t i = 0; i < HM_LEN(forms) && !is; i++)
		is = matches(s->cx, patterns, forms[i]);
	hm_release(s->cx, mark);
	return is;
}

/* Of which several versions stay beside each other; nothing in an image runs the newest. */
static bool is_install_only(struct hm_str name)
{
	static const char *const names[] = { "kernel",
					     "kernel-core",
					     "kernel-modules",
					     "kernel-modules-core",
					     "kernel-modules-extra",
					     "kernel-devel",
					     "kernel-default",
					     "kernel-PAE" };
	for (size_t i = 0; i < HM_LEN(names); i++)
		if (hm_eqz(name, names[i]))
			return true;
	return false;
}

/* Fedora's and its children's way to say so (the label is in no metadata that is read here). */
static bool is_modular(struct hm_str evr)
{
	return hm_find(evr, HM_STR(".module+")) != SIZE_MAX ||
	       hm_find(evr, HM_STR(".module_")) != SIZE_MAX;
}

static void drop_candidates(struct rpm_solving *s)
{
	const struct rpm_solving_repository *r = &s->repositories.p[s->repositories.n - 1];
	for (Id id = r->repo->start; id < r->repo->end; id++) {
		Solvable *x = s->pool->solvables + id;
		if (x->repo != r->repo)
			continue;
		struct hm_str name = repair_rpm_solving_text(s, x->name);
		bool modular = is_modular(repair_rpm_solving_text(s, x->evr));
		s->modular_left += modular;
		if (modular || is_install_only(name) || hm_map_has(&s->modular, name) ||
		    is_named(s, &r->exclude, x))
			s->solv->repo_free_solvable(r->repo, id, 0);
	}
}

/* ------------------------------------------------------------------ input */

static hm_err start_repository(struct rpm_solving *s, struct hm_str bytes)
{
	struct rpm_solving_repository *r = hm_push(s->cx, &s->repositories);
	struct hm_cur c = hm_cur(bytes);
	uint64_t priority = hm_le(&c, 4);
	while (c.n && !c.bad)
		*hm_push(s->cx, &r->exclude) = hm_take_str(&c, hm_uvarint(&c));
	r->repo = s->solv->repo_create(s->pool, "repository");
	r->repo->priority = -(int)(priority & 0xffff); /* there the larger is the better */
	return c.bad ? hm_fail(s->cx, HM_INPUT, "the input ends early") : NULL;
}

static hm_err on_frame(struct rpm_solving *s, char kind, struct hm_str bytes)
{
	switch (kind) {
	case RPM_FRAME_DATABASE:
		s->database = bytes;
		return NULL;
	case RPM_FRAME_WAL:
		if (s->o.sparse)
			return repair_rpm_solving_listed(s);
		HM_TRY(inventory_rpm_database(s->cx, s->database, bytes, &s->database));
		return repair_rpm_solving_installed(s);
	case RPM_FRAME_REPOSITORY:
		return start_repository(s, bytes);
	case RPM_FRAME_PRIMARY:
	case RPM_FRAME_FILELISTS:
		break;
	default:
		return hm_fail(s->cx, HM_INPUT, "a frame of no known kind");
	}
	if (!s->repositories.n)
		return hm_fail(s->cx, HM_INPUT, "an index of no repository");
	if (kind == RPM_FRAME_FILELISTS)
		return add_metadata(s, bytes, "FL", REPO_EXTEND_SOLVABLES);
	HM_TRY(add_metadata(s, bytes, NULL, 0));
	if (s->pool->nsolvables > (int)HM_MAX_REPAIR_PACKAGES)
		return hm_fail(s->cx, HM_LIMIT, "more than %llu packages",
			       (unsigned long long)HM_MAX_REPAIR_PACKAGES);
	return NULL;
}

static hm_err read_frames(struct rpm_solving *s, struct hm_str input)
{
	struct hm_cur c = hm_cur(input);
	bool open = false;
	while (c.n) {
		char kind = (char)hm_le(&c, 1);
		struct hm_str bytes = hm_take_str(&c, hm_le(&c, 8));
		if (c.bad)
			return hm_fail(s->cx, HM_INPUT, "the input ends early");
		if (kind == RPM_FRAME_REPOSITORY && open)
			drop_candidates(s);
		open = open || kind == RPM_FRAME_REPOSITORY;
		HM_TRY_IN(s->cx, on_frame(s, kind, bytes), "%s",
			  kind == RPM_FRAME_DATABASE || kind == RPM_FRAME_WAL
				  ? "installed packages"
				  : "an index of packages");
	}
	if (open)
		drop_candidates(s);
	return s->installed ? NULL : hm_fail(s->cx, HM_INPUT, "no database in the input");
}

/* ------------------------------------------------------------------ solving */

struct ids {
	Id *p;
	size_t n, cap;
};

static void add_job(struct rpm_solving *s, struct ids *job, Id how, Id what)
{
	*hm_push(s->cx, job) = how;
	*hm_push(s->cx, job) = what;
}

static void make_jobs(struct rpm_solving *s, struct ids *job)
{
	for (Id id = s->installed->start; id < s->installed->end; id++) {
		const Solvable *x = s->pool->solvables + id;
		if (x->repo != s->installed)
			continue;
		struct hm_str name = repair_rpm_solving_text(s, x->name);
		if (is_install_only(name) || hm_map_has(&s->modular, name) ||
		    is_named(s, &s->held, x))
			add_job(s, job, SOLVER_LOCK | SOLVER_SOLVABLE, id);
	}
	if (s->o.all)
		add_job(s, job, SOLVER_UPDATE | SOLVER_SOLVABLE_ALL, 0);
	for (size_t i = 0; !s->o.all && i < s->o.wanted.n; i++)
		add_job(s, job, SOLVER_UPDATE | SOLVER_SOLVABLE_NAME,
			repair_rpm_solving_id(s, s->o.wanted.p[i]));
}

static void run_solver(struct rpm_solving *s, const struct ids *job)
{
	static const struct {
		int flag, value;
	} flags[] = { { SOLVER_FLAG_IGNORE_RECOMMENDED, 1 }, { SOLVER_FLAG_ALLOW_UNINSTALL, 0 },
		      { SOLVER_FLAG_ALLOW_DOWNGRADE, 0 },    { SOLVER_FLAG_ALLOW_VENDORCHANGE, 1 },
		      { SOLVER_FLAG_ALLOW_ARCHCHANGE, 0 },   { SOLVER_FLAG_YUM_OBSOLETES, 1 } };
	Queue queue = { .elements = job->p, .count = (int)job->n };
	s->solver = s->solv->solver_create(s->pool);
	for (size_t i = 0; i < HM_LEN(flags); i++)
		s->solv->solver_set_flag(s->solver, flags[i].flag, flags[i].value);
	if (s->solv->solver_solve(s->solver, &queue) == 0)
		return;
	Id n = (Id)s->solv->solver_problem_count(s->solver);
	for (Id i = 1; i <= n; i++)
		*hm_push(s->cx, &s->answer.problems) =
			hm_dup(s->cx, hm_cstr(s->solv->solver_problem2str(s->solver, i)));
}

static bool replaces(const Solvable *new, const Solvable *old)
{
	return new->name == old->name &&
	       (new->arch == old->arch || new->arch == ARCH_NOARCH || old->arch == ARCH_NOARCH);
}

static const Solvable *installed_of(const struct rpm_solving *s, const Solvable *new)
{
	for (Id id = s->installed->start; id < s->installed->end; id++) {
		const Solvable *x = s->pool->solvables + id;
		if (x->repo == s->installed && replaces(new, x))
			return x;
	}
	return NULL;
}

static bool is_replaced(const struct rpm_solving *s, const Solvable *old)
{
	const Queue *q = &s->transaction->steps;
	for (int i = 0; i < q->count; i++) {
		const Solvable *x = s->pool->solvables + q->elements[i];
		if (x->repo != s->installed && replaces(x, old))
			return true;
	}
	return false;
}

static uint32_t number_of(const struct rpm_solving *s, const Repo *repo)
{
	uint32_t i = 0;
	while (i < s->repositories.n && s->repositories.p[i].repo != repo)
		i++;
	return i;
}

static struct hm_str copy(struct rpm_solving *s, const char *z)
{
	return hm_dup(s->cx, hm_cstr(z));
}

static void fill_step(struct rpm_solving *s, Solvable *x, struct rpm_step *step)
{
	const struct rpm_solv *v = s->solv;
	const Solvable *old = installed_of(s, x);
	Id kind = 0;
	unsigned int medium;
	step->to = repair_rpm_solving_text(s, x->evr);
	step->from = old ? repair_rpm_solving_text(s, old->evr) : HM_STR("");
	step->path = copy(s, v->solvable_lookup_location(x, &medium));
	step->size = v->solvable_lookup_num(x, SOLVABLE_DOWNLOADSIZE, 0);
	struct hm_str sum = copy(s, v->solvable_lookup_checksum(x, SOLVABLE_CHECKSUM, &kind));
	step->sha256 = kind == REPOKEY_TYPE_SHA256 ? sum : HM_STR("");
	step->repository = number_of(s, x->repo);
	Solvable *same = old && s->o.sparse ? repair_rpm_solving_same(s, old) : NULL;
	if (!same)
		return;
	step->old_path = copy(s, v->solvable_lookup_location(same, &medium));
	step->old_size = v->solvable_lookup_num(same, SOLVABLE_DOWNLOADSIZE, 0);
	sum = copy(s, v->solvable_lookup_checksum(same, SOLVABLE_CHECKSUM, &kind));
	step->old_sha256 = kind == REPOKEY_TYPE_SHA256 ? sum : HM_STR("");
	step->old_repository = number_of(s, same->repo);
}

static void read_steps(struct rpm_solving *s)
{
	const Queue *q = &s->transaction->steps;
	for (int i = 0; i < q->count; i++) {
		Solvable *x = s->pool->solvables + q->elements[i];
		struct rpm_step step = { .name = repair_rpm_solving_text(s, x->name),
					 .arch = repair_rpm_solving_text(s, x->arch) };
		if (x->repo == s->installed && is_replaced(s, x))
			continue;
		if (x->repo == s->installed)
			step.from = repair_rpm_solving_text(s, x->evr);
		else
			fill_step(s, x, &step);
		*hm_push(s->cx, &s->answer.steps) = step;
	}
}

static void read_best(struct rpm_solving *s)
{
	struct rpm_answer *a = &s->answer;
	a->best_n = s->o.wanted.n;
	a->best = hm_new(s->cx, struct rpm_best, a->best_n);
	for (size_t i = 0; i < a->best_n; i++) {
		Id name = repair_rpm_solving_id(s, s->o.wanted.p[i]), best = 0;
		for (Id id = 1; id < s->pool->nsolvables; id++) {
			const Solvable *x = s->pool->solvables + id;
			if (x->repo && x->repo != s->installed && x->name == name &&
			    (!best ||
			     s->solv->pool_evrcmp(s->pool, x->evr, best, EVRCMP_COMPARE) > 0))
				best = x->evr;
		}
		a->best[i] =
			(struct rpm_best){ s->o.wanted.p[i],
					   best ? repair_rpm_solving_text(s, best) : HM_STR("") };
	}
}

static void add_notes(struct rpm_solving *s)
{
	for (size_t i = 0; i < s->modular.n; i++)
		*hm_push(s->cx, &s->answer.notes) =
			hm_fmt(s->cx,
			       "%.*s stays as it is: it is of a module, and streams of modules "
			       "are not followed",
			       HM_FMT(s->modular.entries[i].key));
}

hm_err repair_rpm_solve_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	HM_CLEANUP(solving_done)
	struct rpm_solving s = { .cx = cx, .kept = HM_CX(HM_MAX_JSON), .solv = &repair_rpm_solv };
	struct hm_cur c = hm_cur(args);
	struct ids job = { 0 };
	struct hm_str input;
	HM_TRY(repair_solve_options_read(cx, hm_take_str(&c, hm_uvarint(&c)), &s.o));
	while (c.n && !c.bad)
		*hm_push(cx, &s.held) = hm_take_str(&c, hm_uvarint(&c));
	HM_TRY(hm_read_fd(cx, in, "the indexes", HM_MAX_REPAIR_INDEX, &input));
	s.pool = s.solv->pool_create();
	if (s.solv->pool_setdisttype(s.pool, DISTTYPE_RPM) < 0)
		return hm_fail(cx, HM_ABSENT, "this libsolv does not know rpm's versions");
	s.solv->pool_setarch(s.pool, hm_dupz(cx, s.o.native));
	HM_TRY(read_frames(&s, input));
	if (s.o.sparse)
		repair_rpm_solving_thin(&s);
	s.solv->pool_set_installed(s.pool, s.installed);
	s.solv->pool_addfileprovides(s.pool);
	s.solv->pool_createwhatprovides(s.pool);
	make_jobs(&s, &job);
	run_solver(&s, &job);
	s.transaction = s.solv->solver_create_transaction(s.solver);
	if (!s.answer.problems.n)
		read_steps(&s);
	read_best(&s);
	add_notes(&s);
	repair_rpm_answer_put(out, &s.answer);
	return NULL;
}
