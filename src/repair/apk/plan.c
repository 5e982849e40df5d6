/* SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "advisory/advisory.h"
#include "base/worker.h"
#include "repair/apk/apk.h"
#include "repair/solver.h"

struct planning {
	struct repair_run *run;
	struct apk_repositories repositories;
	struct solve_options options;
	struct hm_strs indexes; /* verified, as they are packed */
	struct hm_strs bases;   /* where each is from */
	struct apk_db db;
	struct hm_str installed; /* its text */
};

static const char *const folders[] = { "lib/apk/db", "usr/lib/apk/db" };

static const char *db_folder(const struct repair_root *root)
{
	for (size_t i = 0; i < HM_LEN(folders); i++) {
		char path[64];
		if (hm_fmt_room(path, sizeof(path), "%s/installed", folders[i]) &&
		    repair_root_at(root, hm_cstr(path)))
			return folders[i];
	}
	return NULL;
}

bool repair_apk_is_there(const struct repair_root *root)
{
	return db_folder(root) != NULL;
}

static hm_err set_architecture(struct hm_cx *cx, struct planning *p)
{
	static const struct {
		const char *oci, *apk;
	} rows[] = { { "amd64", "x86_64" },
		     { "386", "x86" },
		     { "arm64", "aarch64" },
		     { "arm", "armv7" },
		     { "loong64", "loongarch64" } };
	struct repair_run *run = p->run;
	struct hm_str text;
	bool there;
	for (size_t i = 0; i < HM_LEN(rows); i++)
		if (hm_eqz(run->architecture, rows[i].oci))
			run->architecture = hm_cstr(rows[i].apk);
	HM_TRY(repair_root_file(cx, &run->root, "etc/apk/arch", &text, &there));
	text = hm_trim(hm_line(&text));
	if (there && repair_apk_is_plain(text))
		run->architecture = text;
	p->options.native = run->architecture;
	return NULL;
}

/* ------------------------------------------------------------------ repositories */

static hm_err fetch_index(struct hm_cx *cx, struct planning *p, struct hm_str url)
{
	struct repair_from from = { p->run->o->http, url };
	struct hm_str path = hm_fmt(cx, "%.*s/APKINDEX.tar.gz", HM_FMT(p->options.native));
	struct hm_str bytes = HM_STR(""), signer = HM_STR("");
	HM_AUTO_FD fd = -1;
	bool there;
	HM_TRY(repair_fetch_unknown(cx, &from, path, HM_MAX_REPAIR_INDEX, &fd, &there));
	if (!there)
		return hm_fail(cx, HM_ABSENT, "it has no \"%.*s\"", HM_FMT(path));
	HM_TRY_IN(cx, repair_apk_verify_index(cx, &p->repositories, fd, &bytes, &signer), "%.*s",
		  HM_FMT(path));
	*hm_push(cx, &p->indexes) = bytes;
	*hm_push(cx, &p->bases) = url;
	*hm_push(cx, &p->run->result->repositories) =
		hm_fmt(cx, "%.*s (signed by %.*s)", HM_FMT(url), HM_FMT(signer));
	return NULL;
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

static hm_err read_answer(struct hm_cx *cx, struct planning *p, struct hm_str bytes,
			  struct hm_strs *out_index, struct solve_answer *out)
{
	struct hm_cur c = hm_cur(bytes);
	uint64_t n = hm_uvarint(&c);
	for (uint64_t i = 0; i < n && !c.bad; i++)
		*hm_push(cx, out_index) = hm_take_str(&c, hm_uvarint(&c));
	n = hm_uvarint(&c);
	for (uint64_t i = 0; i < n && !c.bad; i++)
		*hm_push(cx, &p->run->result->notes) = hm_take_str(&c, hm_uvarint(&c));
	if (c.bad)
		return hm_fail(cx, HM_INPUT, "the solver's worker answered in no known form");
	HM_TRY(repair_solve_answer_read(cx, hm_bytes(c.p, c.n), out));
	return out->steps_n == out_index->n
		       ? NULL
		       : hm_fail(cx, HM_INPUT, "the solver's worker answered in no known form");
}

static hm_err ask_solver(struct hm_cx *cx, struct planning *p, struct hm_strs *out_index,
			 struct solve_answer *out)
{
	HM_AUTO_WORKER w = { .in = -1, .out = -1 };
	HM_AUTO_BUF args = HM_BUF(HM_MAX_JSON);
	struct hm_str world, answer;
	bool wants = true, there;
	repair_solve_options_put(&args, &p->options);
	HM_TRY(repair_root_file(cx, &p->run->root, "etc/apk/world", &world, &there));
	HM_TRY(hm_worker_start(cx, REPAIR_APK_SOLVE_JOB, hm_buf_str(&args), 0, &w));
	HM_TRY(feed(cx, &w, APK_FRAME_INSTALLED, p->installed, &wants));
	HM_TRY(feed(cx, &w, APK_FRAME_WORLD, there ? world : HM_STR(""), &wants));
	for (size_t i = 0; i < p->indexes.n; i++)
		HM_TRY(feed(cx, &w, APK_FRAME_INDEX, p->indexes.p[i], &wants));
	HM_TRY(hm_worker_answer(cx, &w, &answer));
	return read_answer(cx, p, answer, out_index, out);
}

/* ------------------------------------------------------------------ what that comes to */

static void want_names(struct hm_cx *cx, struct planning *p)
{
	const struct repair_options *o = p->run->o;
	p->options.all = o->all;
	for (size_t i = 0; i < o->wanted_n; i++) {
		const struct repair_wanted *w = &o->wanted[i];
		if (w->fixed.n && !w->is_other && !hm_strs_has(&p->options.wanted, w->name))
			*hm_push(cx, &p->options.wanted) = w->name;
	}
}

static bool is_at_least(struct hm_str version, struct hm_str least)
{
	const struct advisory_scheme *apk = advisory_scheme_of(HM_STR("apk"));
	int order;
	return version.n && apk->compare(version, least, &order) && order >= 0;
}

/* The worker is not believed: what it says of a package is what the records and the index say. */
static hm_err add_change(struct hm_cx *cx, struct planning *p, const struct solve_step *s,
			 struct hm_str index)
{
	const struct apk_package *old = repair_apk_db_find(&p->db, s->name);
	struct repair_change c = { .name = repair_apk_field(index, 'P'),
				   .arch = p->options.native,
				   .from = old ? old->version : HM_STR(""),
				   .to = repair_apk_field(index, 'V'),
				   .source = s->to.source,
				   .source_version = repair_apk_field(index, 'V') };
	if (!index.n)
		return hm_fail(cx, HM_DENIED, "\"%.*s\" would have to be removed", HM_FMT(s->name));
	if (s->to.index >= p->bases.n || !hm_eq(c.name, s->name) || !repair_apk_is_plain(c.name) ||
	    !repair_apk_is_plain(c.to) ||
	    !hm_u64(repair_apk_field(index, 'S'), HM_MAX_REPAIR_PACKAGE, &c.size))
		return hm_fail(cx, HM_INPUT, "the solver's worker answered in no known form");
	if (old && is_at_least(old->version, c.to) && !hm_eq(old->version, c.to))
		return hm_fail(cx, HM_DENIED, "\"%.*s\" would become older", HM_FMT(s->name));
	c.repository = p->bases.p[s->to.index];
	c.path = hm_fmt(cx, "%.*s/%.*s-%.*s.apk", HM_FMT(p->options.native), HM_FMT(c.name),
			HM_FMT(c.to));
	HM_TRY(repair_path_check(cx, c.path));
	*hm_push(cx, &p->run->result->changes) = c;
	return NULL;
}

static const struct repair_change *change_of(const struct repair_result *r, struct hm_str name)
{
	for (size_t i = 0; i < r->changes.n; i++)
		if (hm_eq(r->changes.p[i].name, name))
			return &r->changes.p[i];
	return NULL;
}

static void judge_wanted(struct hm_cx *cx, const struct solve_answer *a, struct repair_finding *f)
{
	const struct repair_wanted *w = &f->wanted;
	f->outcome = REPAIR_NOT_THERE;
	f->why = hm_fmt(cx, "the repositories do not have %.*s", HM_FMT(w->fixed));
	for (size_t i = 0; i < a->best_n; i++) {
		const struct solve_best *b = &a->best[i];
		if (!hm_eq(b->name, w->name) || !b->version.n)
			continue;
		f->why = hm_fmt(cx, "the newest version in the repositories is %.*s",
				HM_FMT(b->version));
		if (!is_at_least(b->version, w->fixed))
			continue;
		f->outcome = REPAIR_BLOCKED;
		f->why = hm_fmt(cx, "%.*s is there, but other packages stand in its way",
				HM_FMT(b->version));
	}
}

static void judge_finding(struct hm_cx *cx, struct planning *p, const struct solve_answer *a,
			  struct repair_finding *f)
{
	const struct repair_wanted *w = &f->wanted;
	const struct apk_package *installed = repair_apk_db_find(&p->db, w->name);
	const struct repair_change *c = change_of(p->run->result, w->name);
	f->version = c ? c->to : installed ? installed->version : HM_STR("");
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
	} else if (!is_at_least(f->version, w->fixed)) {
		judge_wanted(cx, a, f);
	}
}

/* Both lists by name. */
static void sort_changes(struct repair_changes *c, struct hm_strs *index)
{
	for (size_t i = 1; i < c->n; i++)
		for (size_t k = i; k > 0 && hm_cmp(c->p[k].name, c->p[k - 1].name) < 0; k--) {
			struct repair_change change = c->p[k];
			struct hm_str text = index->p[k];
			c->p[k] = c->p[k - 1];
			index->p[k] = index->p[k - 1];
			c->p[k - 1] = change;
			index->p[k - 1] = text;
		}
}

hm_err repair_apk_plan(struct hm_cx *cx, struct repair_run *run)
{
	struct planning p = { .run = run };
	struct apk_planned *out = hm_new(cx, struct apk_planned, 1);
	struct repair_result *r = run->result;
	struct solve_answer a;
	bool there;
	HM_TRY(repair_apk_db_read(cx, &run->root, hm_cstr(db_folder(&run->root)), &p.db));
	HM_TRY(repair_root_file(cx, &run->root, hm_fmt(cx, "%.*s/installed", HM_FMT(p.db.folder)).p,
				&p.installed, &there));
	HM_TRY(set_architecture(cx, &p));
	HM_TRY(repair_apk_repositories(cx, run, &p.repositories));
	for (size_t i = 0; i < p.repositories.urls.n; i++)
		HM_TRY_IN(cx, fetch_index(cx, &p, p.repositories.urls.p[i]), "\"%.*s\"",
			  HM_FMT(p.repositories.urls.p[i]));
	want_names(cx, &p);
	HM_TRY(ask_solver(cx, &p, &out->index, &a));
	if (a.problems.n)
		return hm_fail(cx, HM_DENIED, "dependencies cannot be resolved: %.*s",
			       HM_FMT(a.problems.p[0]));
	for (size_t i = 0; i < a.steps_n; i++)
		HM_TRY(add_change(cx, &p, &a.steps[i], out->index.p[i]));
	sort_changes(&r->changes, &out->index);
	r->findings_n = run->o->wanted_n;
	r->findings = hm_new(cx, struct repair_finding, r->findings_n);
	for (size_t i = 0; i < r->findings_n; i++) {
		r->findings[i].wanted = run->o->wanted[i];
		judge_finding(cx, &p, &a, &r->findings[i]);
	}
	out->db = p.db;
	run->own = out;
	return NULL;
}
