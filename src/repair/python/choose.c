/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which version replaces which: the least that has the most of the fixes that are asked for, and
 * that all that is installed beside it allows. Distributions that are replaced together are looked
 * at again until nothing changes; the versions of one are those that the others are held against.
 */
#include "advisory/advisory.h"
#include "codec/stanza.h"
#include "repair/python/python.h"

enum { ROUNDS = 8 };
enum fit { FIT_NO, FIT_YES, FIT_PENDING };

/* A distribution that a finding names. */
struct target {
	size_t dist;
	bool has_page, is_pending;
	struct python_files files;
	const struct python_file *chosen; /* or NULL */
};
struct choosing {
	struct hm_cx *cx;
	const struct python_question *q;
	struct python_answer *out;
	/* Of each distribution, as it would be now. */
	struct hm_str *version;
	struct hm_strs *requires;
	HM_VEC(struct target) targets;
};

/* ------------------------------------------------------------------ what is installed */

static void read_requires(struct hm_cx *cx, const struct stanza *s, struct hm_strs *out)
{
	for (size_t i = 0; i < s->n; i++)
		if (hm_cmp_nocase(s->p[i].name, HM_STR("Requires-Dist")) == 0)
			*hm_push(cx, out) = hm_trim(s->p[i].value);
}

static void read_dist(struct hm_cx *cx, struct python_dist *d)
{
	struct stanza s = { 0 };
	struct hm_str text = d->metadata;
	stanza_next(cx, &text, &s);
	d->name = stanza_get(&s, "Name");
	d->version = stanza_get(&s, "Version");
	d->key = repair_python_key(cx, d->name);
	read_requires(cx, &s, &d->requires);
	struct stanza w = { 0 };
	text = d->wheel;
	stanza_next(cx, &text, &w);
	for (size_t i = 0; i < w.n; i++)
		if (hm_cmp_nocase(w.p[i].name, HM_STR("Tag")) == 0)
			*hm_push(cx, &d->tags) = hm_trim(w.p[i].value);
}

/* Reports name a file of its metadata, or the folder of packages. */
static bool is_at(const struct python_dist *d, const struct hm_strs *paths)
{
	for (size_t i = 0; i < paths->n; i++)
		if (hm_eq(hm_dirname(paths->p[i]), d->folder) ||
		    hm_eq(paths->p[i], hm_dirname(d->folder)))
			return true;
	return !paths->n;
}

static bool is_of(struct choosing *s, const struct python_want *w, const struct python_dist *d)
{
	return d->key.n && hm_eq(repair_python_key(s->cx, w->name), d->key) &&
	       is_at(d, &w->paths) && (!w->version.n || hm_eq(w->version, d->version));
}

/* ------------------------------------------------------------------ requirements */

static bool is_beside(const struct python_dist *a, const struct python_dist *b)
{
	return hm_eq(a->group, b->group);
}

/* Extras of a distribution that others ask for. */
static struct hm_strs extras_of(struct choosing *s, size_t dist)
{
	struct hm_strs all = { 0 };
	const struct python_dist *d = &s->q->dists.p[dist];
	*hm_push(s->cx, &all) = HM_STR("");
	for (size_t i = 0; i < s->q->dists.n; i++) {
		if (!is_beside(&s->q->dists.p[i], d))
			continue;
		for (size_t k = 0; k < s->requires[i].n; k++) {
			struct python_requirement r;
			if (!repair_python_requirement(s->requires[i].p[k], &r) || !r.extras.n ||
			    !hm_eq(repair_python_key(s->cx, r.name), d->key))
				continue;
			for (struct hm_str rest = r.extras; rest.n;)
				*hm_push(s->cx, &all) = hm_trim(hm_cut(&rest, ','));
		}
	}
	return all;
}

/* Of the patch release that runs there nothing is known: the first and the last are asked. */
static bool applies(struct choosing *s, const struct python_dist *d, struct hm_str marker,
		    const struct hm_strs *extras)
{
	static const char *const patches[] = { "0", "99" };
	if (!marker.n)
		return true;
	for (size_t i = 0; i < HM_LEN(patches) * extras->n; i++) {
		struct python_environment e = { .version = d->python,
						.machine = s->q->machine,
						.extra = extras->p[i / HM_LEN(patches)] };
		if (d->python.n)
			e.full = hm_fmt(s->cx, "%.*s.%s", HM_FMT(d->python),
					patches[i % HM_LEN(patches)]);
		if (repair_python_marker(marker, &e) != PYTHON_FALSE)
			return true;
	}
	return false;
}

static bool runs_on(struct choosing *s, const struct python_dist *d, struct hm_str specifiers)
{
	if (!hm_trim(specifiers).n)
		return true;
	return d->python.n &&
	       advisory_pep440_satisfies(hm_fmt(s->cx, "%.*s.0", HM_FMT(d->python)), specifiers) &&
	       advisory_pep440_satisfies(hm_fmt(s->cx, "%.*s.99", HM_FMT(d->python)), specifiers);
}

/* Does what is installed beside it allow this version? */
static bool dependents_allow(struct choosing *s, size_t dist, struct hm_str version,
			     struct hm_str *out_why)
{
	const struct python_dist *d = &s->q->dists.p[dist];
	for (size_t i = 0; i < s->q->dists.n; i++) {
		const struct python_dist *other = &s->q->dists.p[i];
		if (i == dist || !is_beside(other, d))
			continue;
		for (size_t k = 0; k < s->requires[i].n; k++) {
			struct python_requirement r;
			struct hm_str text = s->requires[i].p[k];
			bool good = repair_python_requirement(text, &r);
			if (!hm_eq(repair_python_key(s->cx, r.name), d->key))
				continue;
			struct hm_strs extras = extras_of(s, i);
			if (good &&
			    (!applies(s, other, r.marker, &extras) ||
			     (!r.url.n && advisory_pep440_satisfies(version, r.specifiers))))
				continue;
			*out_why = hm_fmt(s->cx, "%.*s %.*s requires %.*s", HM_FMT(other->name),
					  HM_FMT(s->version[i]), HM_FMT(text));
			return false;
		}
	}
	return true;
}

static size_t find_beside(struct choosing *s, const struct python_dist *d, struct hm_str key)
{
	size_t found = SIZE_MAX;
	for (size_t i = 0; i < s->q->dists.n; i++) {
		const struct python_dist *o = &s->q->dists.p[i];
		if (!is_beside(o, d) || !hm_eq(o->key, key))
			continue;
		if (hm_eq(hm_dirname(o->folder), hm_dirname(d->folder)))
			return i;
		found = i;
	}
	return found;
}

/* Is all that this version needs installed? */
static bool has_needs(struct choosing *s, size_t dist, const struct hm_strs *requires,
		      struct hm_str *out_why)
{
	const struct python_dist *d = &s->q->dists.p[dist];
	struct hm_strs extras = extras_of(s, dist);
	for (size_t k = 0; k < requires->n; k++) {
		struct python_requirement r;
		if (repair_python_requirement(requires->p[k], &r)) {
			if (!applies(s, d, r.marker, &extras))
				continue;
			size_t i = find_beside(s, d, repair_python_key(s->cx, r.name));
			if (i != SIZE_MAX && !r.url.n &&
			    advisory_pep440_satisfies(s->version[i], r.specifiers))
				continue;
			*out_why =
				i == SIZE_MAX
					? hm_fmt(s->cx, "it requires %.*s, which is not installed",
						 HM_FMT(requires->p[k]))
					: hm_fmt(s->cx, "it requires %.*s, and %.*s is installed",
						 HM_FMT(requires->p[k]), HM_FMT(s->version[i]));
			return false;
		}
		*out_why = hm_fmt(s->cx, "its requirement \"%.*s\" cannot be read",
				  HM_FMT(requires->p[k]));
		return false;
	}
	return true;
}

/* ------------------------------------------------------------------ candidates */

static int order_of(struct hm_str a, struct hm_str b)
{
	int order = 0;
	return advisory_scheme_of(HM_STR("pypi"))->compare(a, b, &order) ? order : 0;
}

static bool has_fix(const struct python_want *w, struct hm_str from, struct hm_str version)
{
	return repair_language_has_fix(HM_STR("pypi"), &w->fixes, from, version);
}

static size_t count_fixes(struct choosing *s, size_t dist, struct hm_str version)
{
	const struct python_dist *d = &s->q->dists.p[dist];
	size_t n = 0;
	for (size_t i = 0; i < s->q->wants.n; i++)
		n += is_of(s, &s->q->wants.p[i], d) &&
		     has_fix(&s->q->wants.p[i], d->version, version);
	return n;
}

static struct hm_str local_of(struct hm_str version)
{
	return hm_from(version, hm_find_char(version, '+'));
}

/* A later one, of the same build, and no early release in the place of a final one. */
static bool may_follow(const struct python_dist *d, struct hm_str version)
{
	return order_of(version, d->version) > 0 &&
	       hm_eq(local_of(version), local_of(d->version)) &&
	       (!advisory_pep440_is_early(version) || advisory_pep440_is_early(d->version));
}

static enum fit ask_metadata(struct choosing *s, size_t dist, const struct python_file *f,
			     struct hm_strs *out_requires, struct hm_str *out_why)
{
	const struct python_dist *d = &s->q->dists.p[dist];
	struct stanza m = { 0 };
	size_t i = 0;
	while (i < s->q->known.n && !hm_eq(s->q->known.p[i].url, f->url))
		i++;
	if (i == s->q->known.n) {
		*hm_push(s->cx, &s->out->files) = *f;
		return FIT_PENDING;
	}
	*out_why = s->q->known.p[i].why;
	if (out_why->n)
		return FIT_NO;
	struct hm_str text = s->q->known.p[i].metadata;
	stanza_next(s->cx, &text, &m);
	read_requires(s->cx, &m, out_requires);
	*out_why = HM_STR("its metadata is of another package or version");
	if (!hm_eq(repair_python_key(s->cx, stanza_get(&m, "Name")), d->key) ||
	    order_of(stanza_get(&m, "Version"), f->version) != 0)
		return FIT_NO;
	struct hm_str python = stanza_get(&m, "Requires-Python");
	*out_why = hm_fmt(s->cx, "it requires Python %.*s", HM_FMT(python));
	return runs_on(s, d, python) ? FIT_YES : FIT_NO;
}

static enum fit check(struct choosing *s, size_t dist, const struct python_file *f,
		      struct hm_strs *out_requires, struct hm_str *out_why)
{
	const struct python_dist *d = &s->q->dists.p[dist];
	*out_requires = (struct hm_strs){ 0 };
	if (!advisory_pep440_same_line(f->version, d->version, (unsigned)s->q->kept_parts)) {
		*out_why = hm_fmt(s->cx, "it is another %s version (--library-patch-level)",
				  s->q->kept_parts == 1 ? "major" : "minor");
		return FIT_NO;
	}
	if (!runs_on(s, d, f->requires_python)) {
		*out_why = hm_fmt(s->cx, "it requires Python %.*s", HM_FMT(f->requires_python));
		return FIT_NO;
	}
	if (!dependents_allow(s, dist, f->version, out_why))
		return FIT_NO;
	enum fit fit = ask_metadata(s, dist, f, out_requires, out_why);
	if (fit == FIT_YES && !has_needs(s, dist, out_requires, out_why))
		return FIT_NO;
	return fit;
}

/* True: its version is another than before. */
static bool choose(struct choosing *s, struct target *t)
{
	const struct python_dist *d = &s->q->dists.p[t->dist];
	const struct python_file *best = NULL;
	struct hm_strs requires, best_requires = d->requires;
	struct hm_str why, was = s->version[t->dist];
	size_t most = 0;
	t->is_pending = false;
	/* held against the others as they would be, and itself as it is */
	s->requires[t->dist] = d->requires;
	for (size_t i = 0; i < t->files.n && !t->is_pending; i++) {
		const struct python_file *f = &t->files.p[i];
		size_t n = may_follow(d, f->version) ? count_fixes(s, t->dist, f->version) : 0;
		if (n <= most)
			continue;
		enum fit fit = check(s, t->dist, f, &requires, &why);
		t->is_pending = fit == FIT_PENDING;
		if (fit != FIT_YES)
			continue;
		best = f;
		best_requires = requires;
		most = n;
	}
	t->chosen = best;
	s->version[t->dist] = best ? best->version : d->version;
	s->requires[t->dist] = best ? best_requires : d->requires;
	return !hm_eq(was, s->version[t->dist]);
}

/* ------------------------------------------------------------------ the whole */

static hm_err read_page(struct choosing *s, struct target *t)
{
	const struct python_dist *d = &s->q->dists.p[t->dist];
	struct python_fit fit = { d->python, &d->tags, s->q->glibc, s->q->musl };
	for (size_t i = 0; i < s->q->pages.n; i++) {
		const struct python_page *p = &s->q->pages.p[i];
		if (!hm_eq(p->key, d->key))
			continue;
		t->has_page = true;
		if (!p->text.n)
			continue;
		if (p->is_folder)
			HM_TRY(repair_python_folder(s->cx, d->key, p->text, &fit, &t->files));
		else
			HM_TRY_IN(s->cx,
				  repair_python_index(s->cx, d->key, p->base, p->text, &fit,
						      &t->files),
				  "\"%.*s\"", HM_FMT(p->base));
	}
	if (!t->has_page && !hm_strs_has(&s->out->pages, d->key))
		*hm_push(s->cx, &s->out->pages) = d->key;
	return NULL;
}

static bool is_wanted(struct choosing *s, const struct python_dist *d)
{
	for (size_t i = 0; i < s->q->wants.n; i++)
		if (s->q->wants.p[i].fixes.n && is_of(s, &s->q->wants.p[i], d))
			return true;
	return false;
}

static hm_err find_targets(struct choosing *s)
{
	for (size_t i = 0; i < s->q->dists.n; i++) {
		const struct python_dist *d = &s->q->dists.p[i];
		struct target t = { .dist = i };
		if (d->held.n || !is_wanted(s, d))
			continue;
		HM_TRY(read_page(s, &t));
		*hm_push(s->cx, &s->targets) = t;
	}
	return NULL;
}

static const struct target *target_of(const struct choosing *s, size_t dist)
{
	for (size_t i = 0; i < s->targets.n; i++)
		if (s->targets.p[i].dist == dist)
			return &s->targets.p[i];
	return NULL;
}

static void judge_missing(struct choosing *s, const struct target *t, struct python_verdict *v)
{
	struct hm_cx *cx = s->cx;
	v->outcome = REPAIR_NOT_THERE;
	if (!t->files.newest.n && !t->files.n)
		v->why = HM_STR("the repositories have no wheel of it");
	else if (t->files.has_unhashed)
		v->why = HM_STR("the index states no SHA-256 of its files");
	else if (t->files.has_others)
		v->why = hm_fmt(
			cx, "the repositories have no wheel with the fix that fits (newest: %.*s)",
			HM_FMT(t->files.newest));
	else
		v->why = hm_fmt(cx, "the newest version in the repositories is %.*s",
				HM_FMT(t->files.newest));
}

/* Why the least version that has the fix was not taken. */
static void judge_left(struct choosing *s, const struct python_want *w, const struct target *t,
		       struct python_verdict *v)
{
	const struct python_dist *d = &s->q->dists.p[t->dist];
	struct hm_strs requires;
	struct hm_str why = HM_STR("");
	for (size_t i = 0; i < t->files.n; i++) {
		const struct python_file *f = &t->files.p[i];
		if (!may_follow(d, f->version) || !has_fix(w, d->version, f->version))
			continue;
		if (check(s, t->dist, f, &requires, &why) == FIT_YES)
			why = HM_STR("other findings need another version");
		v->outcome = REPAIR_BLOCKED;
		v->why = hm_fmt(s->cx, "%.*s is there, but %.*s", HM_FMT(f->version), HM_FMT(why));
		return;
	}
	judge_missing(s, t, v);
}

static bool judge(struct choosing *s, const struct python_want *w, size_t dist,
		  struct python_verdict *v)
{
	const struct python_dist *d = &s->q->dists.p[dist];
	const struct target *t = target_of(s, dist);
	v->version = s->version[dist];
	v->outcome = REPAIR_FIXED;
	v->why = HM_STR("");
	if (!w->fixes.n) {
		v->outcome = REPAIR_NO_FIX;
		v->why = HM_STR("no fix is known");
	} else if (d->held.n) {
		v->outcome = REPAIR_BLOCKED;
		v->why = d->held;
	} else if (t && (!t->chosen || !has_fix(w, d->version, t->chosen->version))) {
		judge_left(s, w, t, v);
	}
	return v->outcome == REPAIR_FIXED;
}

static void judge_all(struct choosing *s)
{
	for (size_t i = 0; i < s->q->wants.n; i++) {
		const struct python_want *w = &s->q->wants.p[i];
		struct python_verdict v = { .outcome = REPAIR_NOT_HANDLED,
					    .version = w->version,
					    .why = HM_STR("it is not installed with a list of its "
							  "files (dist-info, RECORD)") };
		bool good = true;
		if (!w->fixes.n) {
			v.outcome = REPAIR_NO_FIX;
			v.why = HM_STR("no fix is known");
		}
		for (size_t k = 0; good && k < s->q->dists.n; k++)
			if (is_of(s, w, &s->q->dists.p[k]))
				good = judge(s, w, k, &v);
		*hm_push(s->cx, &s->out->verdicts) = v;
	}
}

static void put_choices(struct choosing *s)
{
	for (size_t i = 0; i < s->targets.n; i++) {
		const struct target *t = &s->targets.p[i];
		const struct python_dist *d = &s->q->dists.p[t->dist];
		if (t->chosen)
			*hm_push(s->cx, &s->out->choices) =
				(struct python_choice){ t->dist, d->name, d->version, *t->chosen };
	}
}

hm_err repair_python_choose(struct hm_cx *cx, struct python_question *q, struct python_answer *out)
{
	struct choosing s = { .cx = cx, .q = q, .out = out };
	s.version = hm_new(cx, struct hm_str, q->dists.n + 1);
	s.requires = hm_new(cx, struct hm_strs, q->dists.n + 1);
	for (size_t i = 0; i < q->dists.n; i++) {
		read_dist(cx, &q->dists.p[i]);
		s.version[i] = q->dists.p[i].version;
		s.requires[i] = q->dists.p[i].requires;
	}
	HM_TRY(find_targets(&s));
	if (out->pages.n)
		return NULL;
	bool changed = true;
	for (int round = 0; changed && round < ROUNDS; round++) {
		changed = false;
		out->files.n = 0;
		for (size_t i = 0; i < s.targets.n; i++)
			changed |= choose(&s, &s.targets.p[i]);
		HM_TRY(hm_alive(cx));
	}
	if (changed)
		return hm_fail(cx, HM_LIMIT, "versions that fit together were not found");
	if (out->files.n)
		return NULL;
	judge_all(&s);
	put_choices(&s);
	return NULL;
}
