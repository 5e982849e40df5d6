/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/apt/apt.h"

#include <errno.h>
#include <unistd.h>

#include "advisory/advisory.h"
#include "base/worker.h"
#include "codec/stream.h"
#include "repair/ahead.h"
#include "repair/apt/dpkg.h"
#include "repair/records.h"
#include "repair/solver.h"

/* One index of packages, verified. */
struct fetched {
	const struct apt_source *source;
	int fd;
};
struct planning {
	struct repair_run *run;
	struct apt_sources sources;
	struct solve_options options;
	struct {
		struct fetched *p;
		size_t n, cap;
	} fetched;
	struct dpkg dpkg;
	struct hm_worker solver;
	bool solver_wants; /* to be fed */
};

static void planning_done(struct planning *p)
{
	hm_worker_done(&p->solver);
	for (size_t i = 0; i < p->fetched.n; i++)
		hm_close_fd(&p->fetched.p[i].fd);
}

bool repair_apt_is_there(const struct repair_root *root)
{
	return repair_root_at(root, HM_STR("var/lib/dpkg/status")) != NULL ||
	       repair_status_d_is_there(root);
}

/* ------------------------------------------------------------------ architectures */

static void set_architectures(struct hm_cx *cx, struct planning *p)
{
	static const struct {
		const char *oci, *deb;
	} rows[] = { { "386", "i386" },
		     { "arm", "armhf" },
		     { "ppc64le", "ppc64el" },
		     { "mips64le", "mips64el" },
		     { "mipsle", "mipsel" } };
	struct repair_run *run = p->run;
	for (size_t i = 0; i < HM_LEN(rows); i++)
		if (hm_eqz(run->architecture, rows[i].oci))
			run->architecture = hm_cstr(rows[i].deb);
	/* dpkg's own package knows best. */
	for (size_t i = 0; i < p->dpkg.packages.n; i++)
		if (hm_eqz(p->dpkg.packages.p[i].name, "dpkg"))
			run->architecture = p->dpkg.packages.p[i].arch;
	p->options.native = run->architecture;
	for (size_t i = 0; i < p->dpkg.packages.n; i++) {
		struct hm_str arch = p->dpkg.packages.p[i].arch;
		if (!hm_eqz(arch, "all") && !hm_eq(arch, run->architecture) &&
		    !hm_strs_has(&p->options.foreign, arch))
			*hm_push(cx, &p->options.foreign) = arch;
	}
}

/* ------------------------------------------------------------------ the solver */

static hm_err feed_solver(struct hm_cx *cx, struct planning *p, struct hm_str bytes)
{
	return p->solver_wants ? hm_worker_feed(cx, &p->solver, bytes, &p->solver_wants) : NULL;
}

static hm_err feed_frame(struct hm_cx *cx, struct planning *p, char kind, uint64_t n)
{
	HM_AUTO_BUF head = HM_BUF(16);
	hm_buf_char(&head, kind);
	hm_buf_le(&head, n, 8);
	return feed_solver(cx, p, hm_buf_str(&head));
}

static hm_err feed_index(struct hm_cx *cx, struct planning *p, int fd)
{
	enum { STEP = 256 * 1024 };
	struct hm_mark mark = hm_mark(cx);
	char *room = hm_new(cx, char, STEP);
	size_t n = 1;
	off_t size = lseek(fd, 0, SEEK_END);
	if (size < 0 || lseek(fd, 0, SEEK_SET) < 0)
		return hm_fail_os(cx, "could not read a temporary file");
	HM_TRY(feed_frame(cx, p, SOLVE_INDEX, (uint64_t)size));
	while (p->solver_wants && n) {
		HM_TRY(stream_read_fd(cx, &fd, room, STEP, &n));
		if (n)
			HM_TRY(feed_solver(cx, p, hm_bytes(room, n)));
	}
	hm_release(cx, mark);
	return NULL;
}

/* Before there are indexes: it reads the first while the second's signature is verified. */
static hm_err start_solver(struct hm_cx *cx, struct planning *p)
{
	HM_AUTO_BUF args = HM_BUF(HM_MAX_JSON);
	struct hm_str status;
	p->options.sparse = p->dpkg.has_folder;
	repair_solve_options_put(&args, &p->options);
	HM_TRY(repair_dpkg_text(cx, &p->dpkg, &status));
	HM_TRY(hm_worker_start(cx, REPAIR_SOLVE_JOB, hm_buf_str(&args), 0, &p->solver));
	p->solver_wants = true;
	HM_TRY(feed_frame(cx, p, SOLVE_INSTALLED, status.n));
	return feed_solver(cx, p, status);
}

static hm_err hear_solver(struct hm_cx *cx, struct planning *p, struct solve_answer *out)
{
	struct hm_str answer;
	HM_TRY(hm_worker_answer(cx, &p->solver, &answer));
	return repair_solve_answer_read(cx, answer, out);
}

/* ------------------------------------------------------------------ repositories */

static hm_err fetch_index(struct hm_cx *cx, struct planning *p, const struct apt_source *s,
			  const struct apt_index *x)
{
	struct repair_from from = { p->run->o->http, s->uri };
	bool there = false;
	int fd = -1;
	for (size_t i = 0; i < APT_FORMS && !there; i++) {
		const struct apt_form *f = &x->forms[i];
		struct repair_file by_hash = { f->by_hash, f->file.sha256, f->file.size };
		if (!f->file.path.n)
			continue;
		if (f->by_hash.n)
			HM_TRY(repair_fetch_file(cx, &from, &by_hash, &fd, &there));
		if (!there)
			HM_TRY(repair_fetch_file(cx, &from, &f->file, &fd, &there));
	}
	if (!there)
		return hm_fail(cx, HM_ABSENT,
			       "\"%.*s\" lacks the packages of \"%.*s\" for %.*s, which its signed "
			       "index names",
			       HM_FMT(s->uri), HM_FMT(x->component), HM_FMT(x->arch));
	*hm_push(cx, &p->fetched) = (struct fetched){ s, fd };
	return feed_index(cx, p, fd);
}

static hm_err fetch_source(struct hm_cx *cx, struct planning *p, const struct apt_source *s)
{
	struct repair_result *r = p->run->result;
	struct hm_strs archs = { 0 };
	struct apt_release release;
	bool there;
	if (s->why_not.n) {
		*hm_push(cx, &r->notes) =
			hm_fmt(cx, "repository %.*s %.*s was not used: %.*s", HM_FMT(s->uri),
			       HM_FMT(s->suite), HM_FMT(s->why_not));
		return NULL;
	}
	*hm_push(cx, &archs) = HM_STR("all");
	*hm_push(cx, &archs) = p->options.native;
	for (size_t i = 0; i < p->options.foreign.n; i++)
		*hm_push(cx, &archs) = p->options.foreign.p[i];
	HM_TRY(repair_apt_release(cx, p->run, s, &archs, &release, &there));
	if (!there && s->is_named)
		*hm_push(cx, &r->notes) = hm_fmt(
			cx,
			"\"%.*s\" has no suite \"%.*s\", which the image names: what is fixed "
			"there alone is not fixed here",
			HM_FMT(s->uri), HM_FMT(s->suite));
	if (!there)
		return NULL;
	*hm_push(cx, &r->repositories) =
		hm_fmt(cx, "%.*s %.*s (signed by %.*s, %.*s)", HM_FMT(s->uri), HM_FMT(s->suite),
		       HM_FMT(release.signer), HM_FMT(hm_rfc3339(cx, release.date)));
	if (release.not_automatic) {
		*hm_push(cx, &r->notes) =
			hm_fmt(cx,
			       "repository %.*s %.*s was not used: nothing comes from it by itself "
			       "(NotAutomatic)",
			       HM_FMT(s->uri), HM_FMT(s->suite));
		return NULL;
	}
	if (!release.indexes_n)
		*hm_push(cx, &r->notes) =
			hm_fmt(cx,
			       "repository %.*s %.*s has no packages for this image: none of its "
			       "components and architectures, or no SHA-256 of them",
			       HM_FMT(s->uri), HM_FMT(s->suite));
	for (size_t i = 0; i < release.indexes_n; i++)
		HM_TRY(fetch_index(cx, p, s, &release.indexes[i]));
	return NULL;
}

/* ------------------------------------------------------------------ what that comes to */

static void want_names(struct hm_cx *cx, struct planning *p)
{
	const struct repair_options *o = p->run->o;
	p->options.all = o->all;
	for (size_t i = 0; i < o->wanted_n; i++) {
		struct hm_str name =
			repair_solve_name(cx, &p->options, o->wanted[i].name, o->wanted[i].arch);
		if (o->wanted[i].fixed.n && !o->wanted[i].is_other &&
		    !hm_strs_has(&p->options.wanted, name))
			*hm_push(cx, &p->options.wanted) = name;
	}
}

static int by_name(const void *a, const void *b)
{
	const struct repair_change *x = a, *y = b;
	int order = hm_cmp(x->name, y->name);
	return order ? order : hm_cmp(x->arch, y->arch);
}

static hm_err add_changes(struct hm_cx *cx, struct planning *p, const struct solve_answer *a)
{
	struct repair_result *r = p->run->result;
	for (size_t i = 0; i < a->steps_n; i++) {
		const struct solve_step *s = &a->steps[i];
		struct repair_change c = { .name = s->name,
					   .arch = s->arch,
					   .from = s->from,
					   .to = s->to.version,
					   .source = s->to.source,
					   .source_version = s->to.source_version,
					   .sha256 = s->to.sha256,
					   .size = s->to.size };
		if (!c.to.n)
			return hm_fail(cx, HM_DENIED, "\"%.*s\" would have to be removed",
				       HM_FMT(s->name));
		if (s->to.index >= p->fetched.n)
			return hm_fail(cx, HM_INPUT,
				       "the solver's worker answered in no known form");
		c.repository = p->fetched.p[s->to.index].source->uri;
		c.path = s->to.path;
		if (hm_starts(c.path, HM_STR("./")))
			c.path = hm_from(c.path, 2);
		HM_TRY(repair_path_check(cx, c.path));
		*hm_push(cx, &r->changes) = c;
	}
	if (r->changes.n)
		qsort(r->changes.p, r->changes.n, sizeof(*r->changes.p), by_name);
	return NULL;
}

static const struct repair_change *change_of(const struct repair_result *r, struct hm_str name,
					     struct hm_str arch)
{
	for (size_t i = 0; i < r->changes.n; i++)
		if (hm_eq(r->changes.p[i].name, name) &&
		    (!arch.n || hm_eq(r->changes.p[i].arch, arch)))
			return &r->changes.p[i];
	return NULL;
}

static bool is_at_least(struct hm_str version, struct hm_str least)
{
	const struct advisory_scheme *deb = advisory_scheme_of(HM_STR("deb"));
	int order;
	return version.n && deb->compare(version, least, &order) && order >= 0;
}

/* The version that a finding is about, when all is done: that of the package, or of its source. */
static struct hm_str version_then(struct hm_cx *cx, const struct repair_wanted *w,
				  const struct repair_change *c,
				  const struct dpkg_package *installed)
{
	struct solve_package p;
	bool good;
	if (c)
		return w->is_source_version ? c->source_version : c->to;
	if (!installed)
		return HM_STR("");
	if (!w->is_source_version)
		return installed->version;
	if (repair_deb_package(cx, installed->text, true, &p, &good) || !good)
		return HM_STR("");
	return p.source_version;
}

static void judge_finding(struct hm_cx *cx, struct planning *p, const struct solve_answer *a,
			  struct repair_finding *f)
{
	const struct repair_wanted *w = &f->wanted;
	struct hm_str arch = w->arch.n ? w->arch : p->options.native;
	const struct dpkg_package *installed = repair_dpkg_find(&p->dpkg, w->name, arch);
	const struct repair_change *c = change_of(p->run->result, w->name, w->arch);
	struct hm_str have = version_then(cx, w, c, installed);
	f->version = c ? c->to : installed ? installed->version : HM_STR("");
	f->outcome = REPAIR_FIXED;
	if (w->is_other) {
		f->outcome = REPAIR_NOT_HANDLED;
		f->why = HM_STR("it is not a package of the distribution");
		return;
	}
	if (!w->fixed.n) {
		f->outcome = REPAIR_NO_FIX;
		f->why = HM_STR("no fix is known");
		return;
	}
	if (!installed && !c) {
		f->outcome = REPAIR_NOT_HANDLED;
		f->why = HM_STR("it is not an installed package of the distribution");
		return;
	}
	if (is_at_least(have, w->fixed))
		return;
	f->outcome = REPAIR_NOT_THERE;
	f->why = hm_fmt(cx, "the repositories do not have %.*s", HM_FMT(w->fixed));
	struct hm_str name = repair_solve_name(cx, &p->options, w->name, w->arch);
	for (size_t i = 0; i < a->best_n; i++) {
		const struct solve_best *b = &a->best[i];
		if (!hm_eq(b->name, name) || !b->version.n)
			continue;
		f->why = hm_fmt(cx, "the newest version in the repositories is %.*s",
				HM_FMT(b->version));
		if (!is_at_least(w->is_source_version ? b->source_version : b->version, w->fixed))
			continue;
		f->outcome = REPAIR_BLOCKED;
		f->why = hm_fmt(cx, "%.*s is there, but other packages stand in its way",
				HM_FMT(b->version));
	}
}

/* apt_preferences(5) choose versions, which nothing here reads. */
static hm_err check_pins(struct hm_cx *cx, const struct repair_run *run)
{
	const struct repair_node *n = repair_root_at(&run->root, HM_STR("etc/apt/preferences"));
	const struct repair_node *dir = repair_root_at(&run->root, HM_STR("etc/apt/preferences.d"));
	for (const struct repair_node *f = dir ? dir->first : NULL; !n && f; f = f->next)
		if (!f->is_gone && f->type == TAR_FILE && f->size)
			n = f;
	if (!n || run->o->ignore_pins)
		return NULL;
	return hm_hint(cx,
		       hm_fail(cx, HM_DENIED,
			       "the image pins versions of packages (/%.*s), and pins are "
			       "not read here",
			       HM_FMT(n->path)),
		       "--ignore-pins where they are about something else");
}

hm_err repair_apt_plan(struct hm_cx *cx, struct repair_run *run)
{
	struct planning *p = hm_new(cx, struct planning, 1);
	HM_CLEANUP(planning_done)
	struct planning own = { .run = run, .solver = { .in = -1, .out = -1 } };
	struct repair_result *r = run->result;
	struct solve_answer a;
	HM_TRY(check_pins(cx, run));
	HM_TRY(repair_dpkg_read(cx, &run->root, &own.dpkg));
	set_architectures(cx, &own);
	if (own.dpkg.has_folder)
		*hm_push(cx, &r->notes) =
			own.dpkg.has_status
				? HM_STR("the image keeps packages in dpkg's status and in status.d")
				: HM_STR("the image has no dpkg (status.d): dependencies that it did "
					 "without are not added");
	HM_TRY(repair_apt_sources(cx, run, &own.sources));
	want_names(cx, &own);
	HM_TRY(start_solver(cx, &own));
	for (size_t i = 0; i < own.sources.n; i++)
		HM_TRY(fetch_source(cx, &own, &own.sources.p[i]));
	if (!own.fetched.n)
		return hm_fail(cx, HM_ABSENT, "no repository has packages for this image");
	HM_TRY(hear_solver(cx, &own, &a));
	if (a.problems.n)
		return hm_fail(cx, HM_DENIED, "dependencies cannot be resolved: %.*s",
			       HM_FMT(a.problems.p[0]));
	HM_TRY(add_changes(cx, &own, &a));
	r->findings_n = run->o->wanted_n;
	r->findings = hm_new(cx, struct repair_finding, r->findings_n);
	for (size_t i = 0; i < r->findings_n; i++) {
		r->findings[i].wanted = run->o->wanted[i];
		judge_finding(cx, &own, &a, &r->findings[i]);
	}
	p->dpkg = own.dpkg;
	run->own = p;
	return NULL;
}

/* ------------------------------------------------------------------ carried out */

static uint64_t package_size(void *arg, size_t i)
{
	const struct repair_run *run = arg;
	return run->result->changes.p[i].size;
}

static hm_err get_package(struct hm_cx *cx, void *arg, size_t i, int *out_fd)
{
	const struct repair_run *run = arg;
	const struct repair_change *c = &run->result->changes.p[i];
	struct repair_from from = { run->o->http, c->repository };
	struct repair_file f = { c->path, c->sha256, c->size };
	bool there;
	HM_TRY(repair_fetch_file(cx, &from, &f, out_fd, &there));
	if (!there)
		return hm_fail(cx, HM_ABSENT,
			       "the repository lacks \"%.*s\", which its index names",
			       HM_FMT(c->path));
	return NULL;
}

/* Who made an image without dpkg ran none of them, either. */
static void leave_scripts(struct hm_cx *cx, const struct repair_run *run, const struct deb *deb,
			  struct repair_change *c)
{
	for (size_t i = 0; i < deb->controls.n; i++)
		if (hm_eqz(deb->controls.p[i].name, "postinst")) {
			c->script = REPAIR_SCRIPT_DONE;
			*hm_push(cx, &c->script_why) =
				HM_STR("postinst: has no place in an image without dpkg");
			*hm_push(cx, &run->result->notes) =
				hm_fmt(cx,
				       "%.*s: what its postinst makes is as it was, for the image "
				       "has no dpkg",
				       HM_FMT(c->name));
		}
}

static hm_err apply_change(struct hm_cx *cx, const struct dpkg_at *at, struct repair_change *c,
			   struct repair_ahead *ahead, struct deb *deb)
{
	HM_TRY(repair_deb_unpack(cx, at, c, ahead, deb));
	const struct dpkg_package *old = repair_dpkg_find(at->d, c->name, c->arch);
	deb->leaves_scripts = !(old ? old->in_status : at->d->has_status);
	if (deb->leaves_scripts)
		leave_scripts(cx, at->run, deb, c);
	return repair_dpkg_replace(cx, at, c, deb);
}

hm_err repair_apt_apply(struct hm_cx *cx, struct repair_run *run, struct repair_layer *l)
{
	struct planning *p = run->own;
	struct repair_changes *changes = &run->result->changes;
	struct deb *debs = hm_new(cx, struct deb, changes->n);
	struct dpkg_at at = { run, &p->dpkg, l };
	struct repair_ahead_work work = { REPAIR_DEB_JOB, RECORD_DATA, changes->n,
					  package_size,   get_package, run };
	REPAIR_AUTO_AHEAD ahead = { 0 };
	HM_TRY(repair_ahead_start(cx, &work, &l->archive, &ahead));
	for (size_t i = 0; i < changes->n; i++)
		HM_TRY_IN(cx, apply_change(cx, &at, &changes->p[i], &ahead, &debs[i]),
			  "package \"%.*s\"", HM_FMT(changes->p[i].name));
	HM_TRY(repair_dpkg_settle(cx, &at));
	HM_TRY_IN(cx, repair_apt_scripts(cx, &at, changes, debs), "maintainer scripts");
	HM_TRY(repair_apt_bytecode(cx, &at));
	HM_TRY(repair_dpkg_libraries(cx, &at));
	return repair_dpkg_write(cx, &at);
}
