/* SPDX-License-Identifier: Apache-2.0 */
#include "advisory/advisory.h"
#include "base/worker.h"
#include "inventory/inventory.h"
#include "repair/rpm/rpm.h"
#include "repair/solver.h"

struct planning {
	struct repair_run *run;
	struct rpm_planned *out;
	struct rpm_database *db;
	struct rpm_repositories *repositories;
	struct solve_options options;
};

/* rpm's name of the machine, as its platform files have it. */
static hm_err set_architecture(struct hm_cx *cx, struct planning *p)
{
	static const struct {
		const char *oci, *rpm;
	} rows[] = { { "amd64", "x86_64" },    { "386", "i686" },           { "arm64", "aarch64" },
		     { "arm", "armv7hl" },     { "ppc64le", "ppc64le" },    { "s390x", "s390x" },
		     { "riscv64", "riscv64" }, { "loong64", "loongarch64" } };
	struct repair_run *run = p->run;
	for (size_t i = 0; i < HM_LEN(rows); i++)
		if (hm_eqz(run->architecture, rows[i].oci)) {
			run->architecture = p->options.native = hm_cstr(rows[i].rpm);
			return NULL;
		}
	return hm_fail(cx, HM_INPUT,
		       "the architecture \"%.*s\" is not one that rpm is known to have",
		       HM_FMT(run->architecture));
}

/* ------------------------------------------------------------------ the solver */

static hm_err feed(struct hm_cx *cx, struct hm_worker *w, char kind, struct hm_str bytes,
		   bool *wants)
{
	HM_AUTO_BUF head = HM_BUF(16);
	hm_buf_char(&head, kind);
	hm_buf_le(&head, bytes.n, 8);
	if (*wants)
		HM_TRY(hm_worker_feed(cx, w, hm_buf_str(&head), wants));
	return *wants && bytes.n ? hm_worker_feed(cx, w, bytes, wants) : NULL;
}

static hm_err feed_repository(struct hm_cx *cx, struct hm_worker *w, const struct rpm_repository *r,
			      bool *wants)
{
	HM_AUTO_BUF b = HM_BUF(HM_KIB * 256);
	struct hm_str bytes;
	hm_buf_le(&b, r->priority, 4);
	for (size_t i = 0; i < r->exclude.n; i++)
		hm_buf_counted(&b, r->exclude.p[i]);
	HM_TRY(hm_buf_end(cx, &b, "the patterns of a repository", &bytes));
	HM_TRY(feed(cx, w, RPM_FRAME_REPOSITORY, bytes, wants));
	HM_TRY(feed(cx, w, RPM_FRAME_PRIMARY, r->primary, wants));
	return r->filelists.n ? feed(cx, w, RPM_FRAME_FILELISTS, r->filelists, wants) : NULL;
}

static hm_err ask_solver(struct hm_cx *cx, struct planning *p, struct rpm_answer *out)
{
	HM_AUTO_WORKER w = { .in = -1, .out = -1 };
	HM_AUTO_BUF options = HM_BUF(HM_KIB * 128), args = HM_BUF(HM_KIB * 256);
	struct hm_str answer, text;
	bool wants = true;
	repair_solve_options_put(&options, &p->options);
	hm_buf_counted(&args, hm_buf_str(&options));
	for (size_t i = 0; i < p->repositories->held.n; i++)
		hm_buf_counted(&args, p->repositories->held.p[i]);
	HM_TRY(hm_buf_end(cx, &args, "what is asked of the solver", &text));
	HM_TRY(hm_worker_start(cx, REPAIR_RPM_SOLVE_JOB, text, 0, &w));
	HM_TRY(feed(cx, &w, RPM_FRAME_DATABASE, p->db->bytes, &wants));
	HM_TRY(feed(cx, &w, RPM_FRAME_WAL, p->db->wal, &wants));
	for (size_t i = 0; i < p->repositories->n; i++)
		HM_TRY(feed_repository(cx, &w, &p->repositories->p[i], &wants));
	HM_TRY(hm_worker_answer(cx, &w, &answer));
	return repair_rpm_answer_read(cx, answer, out);
}

/* ------------------------------------------------------------------ what that comes to */

static void want_names(struct hm_cx *cx, struct planning *p)
{
	const struct repair_options *o = p->run->o;
	p->options.all = o->all;
	p->options.sparse = p->db->kind == RPM_MANIFEST;
	for (size_t i = 0; i < o->wanted_n; i++) {
		const struct repair_wanted *w = &o->wanted[i];
		if (w->fixed.n && !w->is_other && !hm_strs_has(&p->options.wanted, w->name))
			*hm_push(cx, &p->options.wanted) = w->name;
	}
}

static bool is_at_least(struct hm_str version, struct hm_str least)
{
	const struct advisory_scheme *rpm = advisory_scheme_of(HM_STR("rpm"));
	int order;
	return version.n && rpm->compare(version, least, &order) && order >= 0;
}

size_t repair_rpm_installed(const struct rpm_database *db, const struct repair_change *c)
{
	for (size_t i = 0; i < db->packages.n; i++) {
		const struct rpm_package *p = &db->packages.p[i].p;
		if (hm_eq(p->name, c->name) && hm_eq(p->evr, c->from) &&
		    (hm_eq(p->arch, c->arch) || hm_eqz(p->arch, "noarch") ||
		     hm_eqz(c->arch, "noarch")))
			return i;
	}
	return SIZE_MAX;
}

/* A name or version that may become part of a text or a path. */
static bool is_plain(struct hm_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!hm_is_alpha(s.p[i]) && !hm_is_digit(s.p[i]) &&
		    !hm_is_one_of(s.p[i], "+-._~^:()@"))
			return false;
	return s.n > 0;
}

static hm_err add_change(struct hm_cx *cx, struct planning *p, const struct rpm_step *s)
{
	struct repair_change c = { .name = s->name,
				   .arch = s->arch,
				   .from = s->from,
				   .to = s->to,
				   .size = s->size,
				   .path = s->path,
				   .sha256 = s->sha256 };
	bool known = !s->from.n || repair_rpm_installed(p->db, &c) != SIZE_MAX;
	if (!known || (!s->from.n && !s->to.n) || !is_plain(s->name) || !is_plain(s->arch) ||
	    (s->to.n && (!is_plain(s->to) || s->repository >= p->repositories->n)))
		return hm_fail(cx, HM_INPUT, "the solver's worker answered in no known form");
	if (s->from.n && s->to.n && is_at_least(s->from, s->to))
		return hm_fail(cx, HM_DENIED, "\"%.*s\" would become older", HM_FMT(s->name));
	if (s->to.n) {
		c.repository = p->repositories->p[s->repository].url;
		HM_TRY(repair_path_check(cx, c.path));
		if (c.size > HM_MAX_REPAIR_PACKAGE)
			return hm_fail(cx, HM_LIMIT, "\"%.*s\" has %llu bytes", HM_FMT(c.path),
				       (unsigned long long)c.size);
	} else {
		*hm_push(cx, &p->run->result->notes) =
			hm_fmt(cx, "%.*s is removed: a package that comes obsoletes it",
			       HM_FMT(s->name));
	}
	*hm_push(cx, &p->run->result->changes) = c;
	*hm_push(cx, &p->out->from) = s->repository;
	*hm_push(cx, &p->out->old) = *s;
	return NULL;
}

static const struct repair_change *change_of(const struct repair_result *r,
					     const struct repair_wanted *w)
{
	for (size_t i = 0; i < r->changes.n; i++)
		if (hm_eq(r->changes.p[i].name, w->name) &&
		    (!w->arch.n || hm_eq(r->changes.p[i].arch, w->arch)))
			return &r->changes.p[i];
	return NULL;
}

static const struct rpm_package *installed_of(const struct rpm_database *db,
					      const struct repair_wanted *w)
{
	for (size_t i = 0; i < db->packages.n; i++) {
		const struct rpm_package *p = &db->packages.p[i].p;
		if (hm_eq(p->name, w->name) && (!w->arch.n || hm_eq(p->arch, w->arch)))
			return p;
	}
	return NULL;
}

static void judge_wanted(struct hm_cx *cx, const struct rpm_answer *a, struct repair_finding *f)
{
	const struct repair_wanted *w = &f->wanted;
	f->outcome = REPAIR_NOT_THERE;
	f->why = hm_fmt(cx, "the repositories do not have %.*s", HM_FMT(w->fixed));
	for (size_t i = 0; i < a->best_n; i++) {
		const struct rpm_best *b = &a->best[i];
		if (!hm_eq(b->name, w->name) || !b->evr.n)
			continue;
		f->why = hm_fmt(cx, "the newest version in the repositories is %.*s",
				HM_FMT(b->evr));
		if (!is_at_least(b->evr, w->fixed))
			continue;
		f->outcome = REPAIR_BLOCKED;
		f->why = hm_fmt(cx,
				"%.*s is there, but it is held, or other packages stand in its "
				"way",
				HM_FMT(b->evr));
	}
}

static void judge_finding(struct hm_cx *cx, struct planning *p, const struct rpm_answer *a,
			  struct repair_finding *f)
{
	const struct repair_wanted *w = &f->wanted;
	const struct rpm_package *installed = installed_of(p->db, w);
	const struct repair_change *c = change_of(p->run->result, w);
	f->version = c ? c->to : installed ? installed->evr : HM_STR("");
	f->outcome = REPAIR_FIXED;
	if (w->is_other) {
		f->outcome = REPAIR_NOT_HANDLED;
		f->why = HM_STR("it is not a package of the distribution");
	} else if (!w->fixed.n) {
		f->outcome = REPAIR_NO_FIX;
		f->why = HM_STR("no fix is known");
	} else if (!installed && !c) {
		f->outcome = REPAIR_NOT_HANDLED;
		f->why = HM_STR("it is not an installed package of the distribution");
	} else if ((!c || c->to.n) && !is_at_least(f->version, w->fixed)) {
		judge_wanted(cx, a, f);
	}
}

/* All lists by name. */
static void sort_changes(struct repair_changes *c, uint32_t *from, struct rpm_step *old)
{
	for (size_t i = 1; i < c->n; i++)
		for (size_t k = i; k > 0; k--) {
			int order = hm_cmp(c->p[k].name, c->p[k - 1].name);
			if (order > 0 || (!order && hm_cmp(c->p[k].arch, c->p[k - 1].arch) >= 0))
				break;
			struct repair_change change = c->p[k];
			uint32_t f = from[k];
			struct rpm_step o = old[k];
			c->p[k] = c->p[k - 1];
			from[k] = from[k - 1];
			old[k] = old[k - 1];
			c->p[k - 1] = change;
			from[k - 1] = f;
			old[k - 1] = o;
		}
}

static hm_err judge(struct hm_cx *cx, struct planning *p, const struct rpm_answer *a)
{
	struct repair_result *r = p->run->result;
	for (size_t i = 0; i < a->notes.n; i++)
		*hm_push(cx, &r->notes) = a->notes.p[i];
	for (size_t i = 0; i < a->steps.n; i++)
		HM_TRY(add_change(cx, p, &a->steps.p[i]));
	sort_changes(&r->changes, p->out->from.p, p->out->old.p);
	r->findings_n = p->run->o->wanted_n;
	r->findings = hm_new(cx, struct repair_finding, r->findings_n);
	for (size_t i = 0; i < r->findings_n; i++) {
		r->findings[i].wanted = p->run->o->wanted[i];
		judge_finding(cx, p, a, &r->findings[i]);
	}
	return NULL;
}

hm_err repair_rpm_plan(struct hm_cx *cx, struct repair_run *run)
{
	struct rpm_planned *out = hm_new(cx, struct rpm_planned, 1);
	struct planning p = {
		.run = run, .out = out, .db = &out->db, .repositories = &out->repositories
	};
	struct rpm_answer a;
	HM_TRY(repair_rpm_database_read(cx, &run->root, p.db));
	HM_TRY(set_architecture(cx, &p));
	HM_TRY(repair_rpm_repositories(cx, run, p.db, p.repositories));
	for (size_t i = 0; i < p.repositories->n; i++)
		HM_TRY_IN(cx, repair_rpm_metadata(cx, run, &p.repositories->p[i]), "\"%.*s\"",
			  HM_FMT(p.repositories->p[i].url));
	want_names(cx, &p);
	HM_TRY(ask_solver(cx, &p, &a));
	if (a.problems.n)
		return hm_fail(cx, HM_DENIED, "dependencies cannot be resolved: %.*s",
			       HM_FMT(a.problems.p[0]));
	HM_TRY(judge(cx, &p, &a));
	run->own = out;
	return NULL;
}
