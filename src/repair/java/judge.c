/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of each finding, and why. */
#include "repair/java/choosing.h"

struct verdict {
	enum repair_outcome outcome;
	struct hm_str version, why;
};

/* Of a jar that states no group nobody knows it. Where an earlier patch is replaced a path is that
 * of the other version; and Grype names the archive alone that a jar lies in. */
bool repair_java_is_of(const struct java_want *w, const struct java_target *t)
{
	struct hm_str artifact = w->name, group = hm_cut(&artifact, ':');
	bool at = !w->paths.n;
	for (size_t i = 0; i < w->paths.n; i++)
		at = at || hm_eq(w->paths.p[i], t->path) ||
		     (t->outer.n && hm_eq(w->paths.p[i], t->outer)) ||
		     (!w->version.n && hm_eq(hm_dirname(w->paths.p[i]), hm_dirname(t->path)));
	return at && hm_eq(artifact, t->artifact) && (t->is_guessed || hm_eq(group, t->group)) &&
	       (!w->version.n || hm_eq(w->version, t->version));
}

bool repair_java_has_fix(const struct java_want *w, const struct java_target *t,
			 struct hm_str version)
{
	return repair_language_has_fix(HM_STR("maven"), &w->fixes, t->version, version);
}

static void judge_target(struct java_choosing *s, const struct java_want *w,
			 const struct java_target *t, struct verdict *v)
{
	struct hm_str newest = HM_STR("");
	v->version = t->chosen ? t->chosen->version : t->version;
	v->outcome = REPAIR_BLOCKED;
	v->why = t->held;
	if (t->held.n)
		return;
	v->outcome = REPAIR_FIXED;
	if (t->chosen && repair_java_has_fix(w, t, t->chosen->version))
		return;
	for (size_t i = 0; i < t->offers.n; i++) {
		const struct java_offer *o = &t->offers.p[i];
		newest = o->version;
		if (!repair_java_has_fix(w, t, o->version))
			continue;
		v->outcome = REPAIR_BLOCKED;
		v->why = hm_fmt(s->cx, "%.*s is there, but %.*s", HM_FMT(o->version),
				HM_FMT(o->why.n ? o->why
						: HM_STR("other findings need another version")));
		return;
	}
	v->outcome = REPAIR_NOT_THERE;
	v->why =
		newest.n ? hm_fmt(s->cx, "the newest version in the repositories is %.*s",
				  HM_FMT(newest))
		: t->is_guessed
			? hm_fmt(s->cx,
				 "the repositories have no later version of \"%.*s\"; its group is "
				 "only a guess, as the jar states none",
				 HM_FMT(t->key))
			: HM_STR("the repositories have no later version");
}

/* ------------------------------------------------------------------ what is no jar of its own */

static bool has_part(const struct java_target *t, const struct java_want *w)
{
	for (struct json_iter it = json_iter(json_get(t->look, "parts")); json_next(&it);) {
		struct hm_str rest = json_str(it.value), group = hm_cut(&rest, ':');
		struct hm_str artifact = hm_cut(&rest, ':'), name = w->name;
		if (hm_eq(hm_cut(&name, ':'), group) && hm_eq(name, artifact) &&
		    (!w->version.n || hm_eq(rest, w->version)))
			return true;
	}
	return false;
}

/* A jar within `t` that is not in the list of jars: it could not be read, or its archive cannot be
 * written again. */
static struct hm_str find_inner(struct java_choosing *s, const struct java_target *t,
				const struct java_want *w)
{
	struct hm_str wanted = w->name, artifact, version;
	hm_cut(&wanted, ':');
	for (struct json_iter it = json_iter(json_get(t->look, "inner")); json_next(&it);) {
		struct hm_str entry = json_str(it.value);
		inventory_archive_name(entry, &artifact, &version);
		if (hm_eq(artifact, wanted) &&
		    (!w->version.n || !version.n || hm_eq(version, w->version)) &&
		    !hm_map_has(&s->paths,
				hm_fmt(s->cx, "%.*s!/%.*s", HM_FMT(t->path), HM_FMT(entry))))
			return entry;
	}
	return HM_STR("");
}

/* "app/app.jar!/BOOT-INF/lib/x.jar", or "app/app.jar/BOOT-INF/lib/x.jar" as Trivy writes it. */
static bool is_inside(const struct java_target *t, struct hm_str path, struct hm_str *out)
{
	if (!hm_starts(path, t->path))
		return false;
	struct hm_str rest = hm_from(path, t->path.n);
	if (hm_starts(rest, HM_STR("!")))
		rest = hm_from(rest, 1);
	*out = hm_from(rest, 1);
	return hm_starts(rest, HM_STR("/"));
}

/* The innermost one. */
static const struct java_target *find_around(const struct java_choosing *s, struct hm_str path,
					     struct hm_str *out_entry)
{
	const struct java_target *found = NULL;
	struct hm_str entry;
	for (size_t i = 0; i < s->jars.n; i++) {
		const struct java_target *t = &s->jars.p[i];
		if ((found && t->path.n <= found->path.n) || !is_inside(t, path, &entry))
			continue;
		found = t;
		*out_entry = entry;
	}
	return found;
}

struct hm_str repair_java_place(const struct java_choosing *s, struct hm_str path)
{
	const struct java_target *t = NULL;
	struct hm_str entry = HM_STR("");
	/* An archive within one within one is as deep as it goes here. */
	for (int level = 0; level < 2 && !hm_map_has(&s->paths, path); level++) {
		const struct java_target *around = find_around(s, path, &entry);
		if (!around || around == t)
			return path;
		t = around;
		path = hm_fmt(s->cx, "%.*s!/%.*s", HM_FMT(t->path), HM_FMT(entry));
	}
	return path;
}

static struct hm_str why_inside(struct hm_cx *cx, const struct java_target *t, struct hm_str entry)
{
	struct hm_str whole = json_str(json_get(t->look, "whyWhole"));
	struct hm_str why = json_str(json_get(t->look, "why"));
	const char *reason = "that entry cannot be read as an archive";
	if (t->outer.n)
		reason = "archives that lie deeper than one level are not written again";
	else if (json_bool(json_get(t->look, "isCut")))
		reason = "the archive has more jars than are looked at";
	return hm_fmt(cx, "it lies inside \"/%.*s\", as \"%.*s\": %s%.*s", HM_FMT(t->path),
		      HM_FMT(entry),
		      whole.n ? "the archive cannot be written again: "
		      : why.n ? "the archive cannot be read: "
			      : reason,
		      HM_FMT(whole.n ? whole : why));
}

static struct hm_str why_merged(struct hm_cx *cx, const struct java_target *t)
{
	return hm_fmt(cx, "it was merged into \"/%.*s\" (shaded)", HM_FMT(t->path));
}

static struct hm_str why_at(struct java_choosing *s, const struct java_want *w, struct hm_str path)
{
	struct hm_str entry = HM_STR("");
	uintptr_t at = (uintptr_t)hm_map_get(&s->paths, path);
	const struct java_target *t = at ? &s->jars.p[at - 1] : find_around(s, path, &entry);
	if (!t)
		return HM_STR("");
	if (!at)
		return why_inside(s->cx, t, entry);
	if (has_part(t, w))
		return why_merged(s->cx, t);
	entry = find_inner(s, t, w);
	if (entry.n)
		return why_inside(s->cx, t, entry);
	struct hm_str why = json_str(json_get(t->look, "why"));
	return why.n ? hm_fmt(s->cx, "the jar cannot be read: %.*s", HM_FMT(why)) : why;
}

/* Of a finding without path. */
static struct hm_str why_anywhere(struct java_choosing *s, const struct java_want *w)
{
	for (size_t i = 0; i < s->jars.n; i++) {
		const struct java_target *t = &s->jars.p[i];
		struct hm_str entry = find_inner(s, t, w);
		if (entry.n)
			return why_inside(s->cx, t, entry);
		if (has_part(t, w))
			return why_merged(s->cx, t);
	}
	return HM_STR("");
}

static bool is_at_target(const struct java_choosing *s, const struct java_want *w,
			 struct hm_str path)
{
	for (size_t i = 0; i < s->jars.n; i++)
		if (repair_java_is_of(w, &s->jars.p[i]) &&
		    (hm_eq(s->jars.p[i].path, path) || hm_eq(s->jars.p[i].outer, path) ||
		     !w->version.n))
			return true;
	return false;
}

static bool judge_others(struct java_choosing *s, const struct java_want *w, struct verdict *v)
{
	struct hm_str why = w->paths.n ? HM_STR("") : why_anywhere(s, w);
	bool left = why.n > 0;
	for (size_t i = 0; !left && i < w->paths.n; i++)
		if (!is_at_target(s, w, w->paths.p[i])) {
			why = why_at(s, w, w->paths.p[i]);
			left = true;
		}
	if (!left)
		return false;
	v->outcome = why.n ? REPAIR_BLOCKED : REPAIR_NOT_HANDLED;
	v->version = w->version;
	v->why = why.n ? why : HM_STR("there is no such jar in the image");
	return true;
}

static void judge(struct java_choosing *s, const struct java_want *w, struct verdict *v)
{
	bool any = false;
	*v = (struct verdict){ REPAIR_NO_FIX, w->version, HM_STR("no fix is known") };
	if (!w->fixes.n)
		return;
	*v = (struct verdict){ REPAIR_NOT_HANDLED, w->version,
			       HM_STR("there is no such jar in the image") };
	for (size_t i = 0; i < s->jars.n; i++) {
		if (!repair_java_is_of(w, &s->jars.p[i]))
			continue;
		any = true;
		judge_target(s, w, &s->jars.p[i], v);
		if (v->outcome != REPAIR_FIXED)
			return;
	}
	struct verdict others;
	if (judge_others(s, w, &others) && (any || others.outcome == REPAIR_BLOCKED))
		*v = others;
}

void repair_java_judge(struct java_choosing *s, struct json_out *o)
{
	json_open(o, "verdicts", '[');
	for (size_t i = 0; i < s->wants.n; i++) {
		struct verdict v;
		judge(s, &s->wants.p[i], &v);
		json_open(o, NULL, '{');
		json_put_int(o, "outcome", v.outcome);
		json_put_str(o, "version", v.version);
		json_put_str(o, "why", v.outcome == REPAIR_FIXED ? HM_STR("") : v.why);
		json_close(o, '}');
	}
	json_close(o, ']');
}
